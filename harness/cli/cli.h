/* SPDX-License-Identifier: MIT */
/*
 * The command `ptvmx`: what its commands share.
 *
 * Exit status: 0 as expected; 1 a verdict differs from its file, or something new was found; 2
 * input or usage is wrong; 3 the program contradicts itself (PTV_ASSERT); 4 stopped early, as
 * --choices asks: what was established is printed and marked bounded. Errors of the user are one
 * line on standard error.
 */
#ifndef PTV_HARNESS_CLI_CLI_H
#define PTV_HARNESS_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "diag.h"
#include "play/answer.h"
#include "show/report/report.h"

enum ptv_exit {
	PTV_EXIT_EXPECTED = 0,
	PTV_EXIT_DIFFERS = 1,
	PTV_EXIT_INPUT = 2,
	PTV_EXIT_ASSERTION = 3,
	PTV_EXIT_BOUNDED = 4
};

enum ptv_format { PTV_FORMAT_TEXT, PTV_FORMAT_JSON };

#define PTV_CLI_SETS	64U
#define PTV_CLI_CHOICES 64U
#define PTV_EVIDENCE	30U /* lines of evidence a violation */

/* What the command line says. */
struct ptv_options {
	const char *policy; /* --policy; NULL: every named one */
	const char *era;
	const char *driver_source;
	const char *set[PTV_CLI_SETS];
	size_t sets;
	enum ptv_format format;
	const char *observations; /* FILE; NULL: none */
	const char *output;	  /* FILE; NULL: standard output */
	uint64_t choice[PTV_CLI_CHOICES];
	size_t choices;
	uint64_t limit;		     /* --choices; 0: all */
	uint64_t variant;	     /* --variant; UINT64_MAX: not said */
	size_t evidence;	     /* lines; SIZE_MAX: not said */
	bool step_only;		     /* --engine step */
	uint64_t seed;		     /* --seed */
	uint64_t timelines, seconds; /* --timelines, --seconds; 0: not said */
	uint64_t compare;	     /* --compare; UINT64_MAX: not said */
	uint64_t full;		     /* --full; 0: not said */
	const char *known;	     /* --known FILE; NULL: not said */
	const char *finds;	     /* --finds DIRECTORY; NULL: not said */
	uint64_t width;		     /* --width of a picture, pixels */
	uint64_t from, to;	     /* --from, --to: cycles shown; to == 0: up to the end */
	char **words;		     /* what is no option */
	size_t word_count;
};

/* A command: its options are letters of cli/options.c's table. */
struct ptv_command {
	const char *name;
	const char *arguments; /* "FILE..." */
	const char *meaning;
	const char *options;
	size_t words_min;
	enum ptv_exit (*run)(const struct ptv_options *options);
};

/* options.c */
int ptv_options_parse(struct ptv_options *options, const struct ptv_command *command, int argc,
		      char **argv, bool *help, struct ptv_diag *diag);
void ptv_options_help(FILE *out, const struct ptv_command *command);

/* Says "ptvmx: text" on standard error; returns PTV_EXIT_INPUT. */
__attribute__((format(printf, 1, 2))) enum ptv_exit ptv_cli_fail(const char *format, ...);
/* The same with a diagnostic; one that names a place in a file stands alone. */
enum ptv_exit ptv_cli_fail_diag(const struct ptv_diag *diag);

/* answers.c: files, policies and what comes of them. */
struct ptv_answers {
	struct ptv_scenario **scenario;
	size_t files, room;
	struct ptv_policies policies;
	struct ptv_policy none;
	struct ptv_report_file *report; /* one a file */
	struct ptv_report_skipped *skipped;
	size_t skips, skip_room;
};
/* Loads the files and policies that the command line names. -1 with *diag set. */
int ptv_answers_load(struct ptv_answers *answers, const struct ptv_options *options,
		     struct ptv_diag *diag);
/* Answers. -1 with *diag set for what is wrong with a file as only playing it shows. */
int ptv_answers_play(struct ptv_answers *answers, const struct ptv_options *options,
		     struct ptv_diag *diag);
unsigned int ptv_answers_differ(const struct ptv_answers *answers);
/* Some answer has played fewer runs than its file has choices. */
bool ptv_answers_bounded(const struct ptv_answers *answers);
void ptv_answers_free(struct ptv_answers *answers);

/* The commands. */
enum ptv_exit ptv_cli_run(const struct ptv_options *options);
enum ptv_exit ptv_cli_matrix(const struct ptv_options *options);
enum ptv_exit ptv_cli_show(const struct ptv_options *options);
enum ptv_exit ptv_cli_list(const struct ptv_options *options);
enum ptv_exit ptv_cli_plot(const struct ptv_options *options);
enum ptv_exit ptv_cli_fuzz(const struct ptv_options *options);
enum ptv_exit ptv_cli_replay(const struct ptv_options *options);
enum ptv_exit ptv_cli_known(const struct ptv_options *options);

#endif /* PTV_HARNESS_CLI_CLI_H */
