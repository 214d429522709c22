/* SPDX-License-Identifier: MIT */
/*
 * Reading nodes: what each scalar, list and map must be, and what is said if it is not.
 *
 * A map is read by a table: one row a key, with the function that reads its value. Values are read
 * in the order of the table and not of the file, so that a row may rely on those above it. All
 * functions that read return 0, or -1 with the diagnostic set.
 */
#ifndef PTV_HARNESS_SCENARIO_READ_H
#define PTV_HARNESS_SCENARIO_READ_H

#include <stdint.h>

#include "scenario/yaml.h"

/* The file that is being read, and where its fault goes. */
struct ptv_reader {
	const char *file;
	struct ptv_diag *diag;
};

/* Words that are accepted: at() yields the i-th, NULL past the last. */
struct ptv_words {
	const char *(*at)(const void *list, size_t i);
	const void *list;
};

/* The words of an array that ends in NULL. */
const char *ptv_words_array(const void *list, size_t i);

/* Index of a word, or -1. */
int ptv_words_find(struct ptv_words words, const char *word);

/* Reads a value into what the table is about. */
typedef int ptv_read_fn(struct ptv_reader *r, const struct ptv_yaml *value, void *into);

struct ptv_key {
	const char *name;
	bool required;
	ptv_read_fn *read;
};

struct ptv_keys {
	const char *what; /* the map's name in diagnostics */
	const struct ptv_key *key;
	size_t count;
};

/* What a number may be; `name` of the limit, or NULL. */
struct ptv_limits {
	uint64_t min, max;
	const char *name;
};

#define PTV_SHOWN_BYTES 40 /* of what was found */

/* A found text, short enough to be quoted; no sequence of UTF-8 is cut in two. */
struct ptv_shown {
	char text[PTV_SHOWN_BYTES + sizeof("...")];
};
struct ptv_shown ptv_show(const char *text);

/* Sets the diagnostic at a node: "key: what" for a value in a map, else "what". Returns -1. */
__attribute__((format(printf, 3, 4))) int
ptv_read_fault(struct ptv_reader *r, const struct ptv_yaml *node, const char *format, ...);

/*
 * Sets the diagnostic that a scalar is none of the words: "unknown `what` ...", the one that was
 * probably meant, and all that are accepted. Returns -1.
 */
int ptv_read_unknown(struct ptv_reader *r, const struct ptv_yaml *node, const char *what,
		     struct ptv_words words);

/* Sets the diagnostic that a node is not one of the words: "what; accepted: ...". Returns -1. */
int ptv_read_refuse(struct ptv_reader *r, const struct ptv_yaml *node, const char *what,
		    struct ptv_words words);

/* A map by its table. */
int ptv_read_map(struct ptv_reader *r, const struct ptv_yaml *map, const struct ptv_keys *keys,
		 void *into);
/* The keys of a map alone: each is in the table, and those that are required are there. */
int ptv_read_keys(struct ptv_reader *r, const struct ptv_yaml *map, const struct ptv_keys *keys);

/* Whether the node is a map, a list, a scalar with text; `accepted` says what should be there. */
int ptv_read_is(struct ptv_reader *r, const struct ptv_yaml *node, enum ptv_yaml_kind kind,
		const char *accepted);

/* Text that is not empty; *text must be NULL before and belongs to the caller. */
int ptv_read_text(struct ptv_reader *r, const struct ptv_yaml *node, char **text);

/* One of some words: its index. */
int ptv_read_word(struct ptv_reader *r, const struct ptv_yaml *node, const char *what,
		  struct ptv_words words, size_t *index);

/* A number, decimal or 0x..., plain or quoted. */
int ptv_read_number(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		    uint64_t *number);

/* The same into 32 or 8 bits, which the limits fit. */
int ptv_read_u32(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		 uint32_t *number);
int ptv_read_u8(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		uint8_t *number);

/* Whether a text is a number at all; it may be too large. */
bool ptv_is_number(const char *text);

/* A number, from..to, or {from, to, step}. */
int ptv_read_range(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		   struct ptv_range *range);

/* How many values a range has; saturates. */
uint64_t ptv_range_count(const struct ptv_range *range);

#endif /* PTV_HARNESS_SCENARIO_READ_H */
