/* SPDX-License-Identifier: MIT */
/*
 * How fuzz and replay tell of one run and of what was found in it.
 */
#ifndef PTV_HARNESS_CLI_FIND_H
#define PTV_HARNESS_CLI_FIND_H

#include "cli/cli.h"
#include "search/fuzz.h"
#include "search/fuzz_guard.h"

/* A run, played and judged in a process of its own. */
struct ptv_found {
	const struct ptv_policy *policy;
	struct ptv_fuzz_case *c;	/* shared: what was played */
	struct ptv_fuzz_result *result; /* shared: valid if guarded.how is DONE */
	struct ptv_guarded guarded;
	struct ptv_string token;
};

/* Plays *plan. how: as of the judge; confluent varies it too. */
void ptv_found_play(struct ptv_found *found, const struct ptv_plan *plan,
		    const struct ptv_policy *policy, const struct ptv_variation *variation,
		    const struct ptv_fuzz_how *how);
void ptv_found_free(struct ptv_found *found);

/* What tells the sign in this run: with its numbers, if it has any. */
void ptv_found_told(const struct ptv_found *found, const struct ptv_fuzz_sign *sign,
		    struct ptv_fuzz_told *told);

/* One line: what was wrong. */
void ptv_found_text(const struct ptv_found *found, const struct ptv_fuzz_told *told,
		    struct ptv_string *text);

/* Writes the scenario into the directory, which is made if it is not there; *path becomes the
 * file's. -1 with *diag set. */
int ptv_found_write(const struct ptv_found *found, const struct ptv_fuzz_told *told,
		    const char *directory, struct ptv_string *path, struct ptv_diag *diag);

/* The violations that are known: --known, or results/known.txt. -1 with *diag set. */
int ptv_cli_read_known(struct ptv_known *known, const struct ptv_options *options,
		       struct ptv_diag *diag);

#endif /* PTV_HARNESS_CLI_FIND_H */
