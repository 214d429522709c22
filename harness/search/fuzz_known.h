/* SPDX-License-Identifier: MIT */
/*
 * Which violations are known: those that the corpus of scenarios shows. A line each, sorted:
 *
 *	POLICY CHECK WAY
 *
 * A violation is known if its policy violates that check in that way somewhere in the corpus.
 * Blank lines and those that begin with # are comments.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_KNOWN_H
#define PTV_HARNESS_SEARCH_FUZZ_KNOWN_H

#include "search/fuzz_judge.h"

/* All zero: nothing is known. */
struct ptv_known {
	char **line; /* sorted, each once */
	size_t count, room;
};

/* Reads a file. -1 with *diag set: it cannot be read, or a line has not three words of which the
 * second is a check. */
int ptv_known_read(struct ptv_known *known, const char *path, struct ptv_diag *diag);
void ptv_known_free(struct ptv_known *known);

void ptv_known_add(struct ptv_known *known, const char *line);
bool ptv_known_has(const struct ptv_known *known, const char *line);

/* Plays a scenario under a policy, all choices and varied runs, and adds what it violates. */
void ptv_known_play(struct ptv_known *known, const struct ptv_scenario *scenario,
		    const struct ptv_policy *policy);

#endif /* PTV_HARNESS_SEARCH_FUZZ_KNOWN_H */
