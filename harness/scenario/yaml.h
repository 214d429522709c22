/* SPDX-License-Identifier: MIT */
/*
 * A YAML file as a tree of nodes that know where they stand.
 *
 * The tree is made from libfyaml's events: what a scenario has no use for (anchors, aliases, tags,
 *several documents, keys that are not words) is refused where it stands, and so are duplicate keys.
 *A node is one of three kinds:
 *
 *	scalar	text, as written; `plain` tells 12 from "12"
 *	list	its elements are child, child->next, ...
 *	map	its values are child, child->next, ...; value->key is the key's node
 *
 * The parser has no numbers or truth values: who reads a scalar says what it must be.
 */
#ifndef PTV_HARNESS_SCENARIO_YAML_H
#define PTV_HARNESS_SCENARIO_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"

#define PTV_YAML_BYTES (1U << 20) /* size of a scenario file */
#define PTV_YAML_DEPTH 16U	  /* lists and maps within each other */

enum ptv_yaml_kind { PTV_YAML_SCALAR, PTV_YAML_LIST, PTV_YAML_MAP };

struct ptv_yaml {
	enum ptv_yaml_kind kind;
	struct ptv_mark mark;
	bool plain;		/* scalar: not quoted, not a block */
	char *text;		/* scalar: NUL-terminated, without NUL inside; else NULL */
	struct ptv_yaml *key;	/* value in a map: its key; else NULL */
	struct ptv_yaml *child; /* list, map: the first element or value */
	struct ptv_yaml *last;	/* list, map: the last one */
	struct ptv_yaml *next;	/* the next one of the same list or map */
	size_t children;
};

/* The root of a file of at most so many bytes, or NULL with *diag set; empty is an error, too. */
struct ptv_yaml *ptv_yaml_load(const char *path, uint32_t most, struct ptv_diag *diag);
void ptv_yaml_free(struct ptv_yaml *node);

/* The value of a key in a map, or NULL. */
const struct ptv_yaml *ptv_yaml_get(const struct ptv_yaml *map, const char *key);

/* "scalar", "list", "map" with an article, for diagnostics; a plain scalar without text is
 * "nothing". */
const char *ptv_yaml_kind_name(const struct ptv_yaml *node);

#endif /* PTV_HARNESS_SCENARIO_YAML_H */
