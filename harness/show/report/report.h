/* SPDX-License-Identifier: MIT */
/*
 * What was found, for people (text) and programs (JSON). Same answers, same bytes.
 *
 *	run	per policy every check that is not held quietly, and of each violation what, when,
 *where and the evidence matrix	scenarios by policies: one word a cell show	the question, the
 *timeline in words, and every policy's answer on one line JSON	all of it: docs/verdicts.schema.json
 */
#ifndef PTV_HARNESS_SHOW_REPORT_REPORT_H
#define PTV_HARNESS_SHOW_REPORT_REPORT_H

#include <stdio.h>

#include "play/answer.h"

/* One file and its answers, one a policy. */
struct ptv_report_file {
	const struct ptv_scenario *scenario;
	const struct ptv_answer *answer;
	size_t answers;
};

/* A policy that files expect something of and that was not played. */
struct ptv_report_skipped {
	char *policy;
	char reason[160];
};

struct ptv_report_options {
	size_t evidence; /* at most so many lines a violation; 0: none */
	const struct ptv_report_skipped *skipped;
	size_t skips;
	struct ptv_play_options play; /* how the answers were made: runs are played again */
};

void ptv_report_run(FILE *out, const struct ptv_report_file *file,
		    const struct ptv_report_options *options);
/* Every file has an answer for each of the same policies, in the same order; files of policy none
 * are left out. */
void ptv_report_matrix(FILE *out, const struct ptv_report_file *files, size_t count);
void ptv_report_show(FILE *out, const struct ptv_report_file *file);
/* A line for each that was skipped. */
void ptv_report_skipped(FILE *out, const struct ptv_report_options *options);
/* One JSON document for all files. */
void ptv_report_json(FILE *out, const struct ptv_report_file *files, size_t count,
		     const struct ptv_report_options *options);

/* What a cell says of the check that the file asks about: "ok" "NEVER" "3/41" "idle" "panic"
 * "refused". */
void ptv_report_cell(const struct ptv_answer *answer, int check, char cell[24]);
/* "dont-die", "fail-add*": a reconstructed one is marked, and one that is not compared ("?"). */
void ptv_report_policy(const struct ptv_policy *policy, char *name, size_t size);

#endif /* PTV_HARNESS_SHOW_REPORT_REPORT_H */
