/* SPDX-License-Identifier: MIT */
/*
 * ptvmx fuzz and ptvmx known. docs/fuzzing.md says what a find is.
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/find.h"
#include "search/fuzz_twin.h"
#include "search/fuzz_write.h"
#include "show/output.h"

#define TIMELINES 100000U
#define KNOWN	  "results/known.txt"
#define FINDS	  "finds"

struct fuzzing {
	const struct ptv_options *options;
	struct ptv_variation variation;
	const char *finds;
	struct timespec begin;
	uint64_t number;
	struct ptv_diag diag; /* the first thing that went wrong with a file */
};

int ptv_cli_read_known(struct ptv_known *known, const struct ptv_options *options,
		       struct ptv_diag *diag)
{
	memset(known, 0, sizeof(*known));
	if (options->known)
		return ptv_known_read(known, options->known, diag);
	return access(KNOWN, R_OK) ? 0 : ptv_known_read(known, KNOWN, diag);
}

static void found(void *ctx, const struct ptv_fuzz_find *find)
{
	const bool alone = find->sign.kind == PTV_FUZZ_VIOLATION &&
			   find->sign.check != PTV_CHECK_CONFLUENT;
	const struct ptv_fuzz_how how = {
		.compare = !alone, .confluent = !alone, .twin = alone ? NULL : ptv_fuzz_rtl()};
	struct ptv_string what = {0}, text = {0}, steps = {0}, path = {0};
	struct fuzzing *fuzzing = ctx;
	struct ptv_fuzz_told told;
	struct ptv_found again;

	ptv_found_play(&again, &find->plan, find->policy, &fuzzing->variation, &how);
	ptv_found_told(&again, &find->sign, &told);
	if (find->text[0])
		(void)snprintf(again.guarded.text, sizeof(again.guarded.text), "%s", find->text);
	ptv_fuzz_sign_text(&find->sign, find->policy->name, &what);
	ptv_found_text(&again, &told, &text);
	ptv_fuzz_write_stimuli(again.c, "; ", SIZE_MAX, &steps);
	(void)printf("find %" PRIu64 ": %s\n  %s\n  by %s\n  timeline %" PRIu64
		     ", shrunk in %" PRIu32 " plays\n",
		     ++fuzzing->number, ptv_string(&what), ptv_string(&text), ptv_string(&steps),
		     find->timeline, find->tried);
	if (ptv_found_write(&again, &told, fuzzing->finds, &path, &fuzzing->diag) == 0)
		(void)printf("  %s\n", ptv_string(&path));
	(void)printf("  ptvmx replay %s\n", ptv_string(&again.token));
	(void)fflush(stdout);
	ptv_string_free(&what);
	ptv_string_free(&text);
	ptv_string_free(&steps);
	ptv_string_free(&path);
	ptv_found_free(&again);
}

static double passed(const struct timespec *begin)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) * 1e-9;
}

static void progress(void *ctx, const struct ptv_fuzz_totals *totals)
{
	const struct fuzzing *fuzzing = ctx;
	const double seconds = passed(&fuzzing->begin);
	const uint64_t timelines = fuzzing->options->timelines;

	(void)fprintf(stderr, "\r%" PRIu64 " timelines, %.0f stimuli/s, %" PRIu64 " finds",
		      totals->timelines, (double)totals->stimuli / (seconds > 0 ? seconds : 1),
		      totals->finds);
	if (fuzzing->options->seconds)
		(void)fprintf(stderr, ", %.0f s left  ",
			      (double)fuzzing->options->seconds - seconds);
	else
		(void)fprintf(stderr, ", %" PRIu64 " left  ",
			      (timelines ? timelines : TIMELINES) - totals->timelines);
}

static void print_totals(const struct ptv_fuzz_totals *t, const struct ptv_known *known)
{
	(void)printf("%" PRIu64 " timelines, %" PRIu64 " stimuli, %" PRIu64
		     " interrupts placed, %" PRIu64 " observations\n",
		     t->timelines, t->stimuli, t->deliveries, t->observations);
	(void)printf("%" PRIu64 " not opened by their driver, %" PRIu64 " panics\n", t->refused,
		     t->panics);
	(void)printf("%" PRIu64 " also stepped, played again and varied\n", t->compared);
	(void)printf("%s\n", ptv_fuzz_rtl() ? "and replayed on the RTL twin"
					    : "C against RTL: skipped, no Verilator");
	(void)printf("%" PRIu64 " violations known (of %zu kinds), %" PRIu64 " finds\n", t->known,
		     known->count, t->finds);
}

static enum ptv_exit fuzz(struct fuzzing *fuzzing, const struct ptv_policies *policies,
			  const struct ptv_known *known)
{
	const struct ptv_options *options = fuzzing->options;
	const struct ptv_fuzz_options how = {
		.seed = options->seed,
		.timelines = options->timelines || options->seconds ? options->timelines
								    : TIMELINES,
		.seconds = (double)options->seconds,
		.compare = options->compare == UINT64_MAX ? PTV_FUZZ_COMPARE : options->compare,
		.full = options->full ? (uint32_t)options->full : PTV_PLAN_FULL,
		.policies = policies,
		.known = known,
		.twin = ptv_fuzz_rtl(),
		.ctx = fuzzing,
		.found = found,
		.progress = isatty(STDERR_FILENO) ? progress : NULL,
	};
	struct ptv_fuzz_totals totals;

	(void)printf("seed %" PRIu64 "\n", options->seed);
	(void)fflush(stdout);
	(void)clock_gettime(CLOCK_MONOTONIC, &fuzzing->begin);
	ptv_fuzz(&how, &totals);
	if (how.progress)
		(void)fprintf(stderr, "\r%60s\r", "");
	print_totals(&totals, known);
	if (fuzzing->diag.text[0])
		return ptv_cli_fail_diag(&fuzzing->diag);
	return totals.finds ? PTV_EXIT_DIFFERS : PTV_EXIT_EXPECTED;
}

static int check_policies(const struct ptv_policies *policies, struct ptv_diag *diag)
{
	size_t i;

	for (i = 0; i < policies->count; i++) {
		if (policies->at[i].none)
			return ptv_diag(diag, NULL, 0, 0,
					"policy none has no kernel to fuzz (accepted: a driver)");
	}
	return 0;
}

enum ptv_exit ptv_cli_fuzz(const struct ptv_options *options)
{
	struct fuzzing fuzzing = {.options = options,
				  .variation = {options->era, options->set, options->sets,
						options->driver_source},
				  .finds = options->finds ? options->finds : FINDS};
	struct ptv_policies policies = {0};
	struct ptv_known known = {0};
	struct ptv_diag diag = {{0}};
	enum ptv_exit status;

	if (options->word_count)
		return ptv_cli_fail("fuzz takes no argument, not '%s' (see ptvmx fuzz --help)",
				    options->words[0]);
	if (ptv_policies_parse(&policies, options->policy, &fuzzing.variation, &diag) ||
	    check_policies(&policies, &diag) || ptv_cli_read_known(&known, options, &diag))
		status = ptv_cli_fail_diag(&diag);
	else
		status = fuzz(&fuzzing, &policies, &known);
	ptv_known_free(&known);
	ptv_policies_free(&policies);
	return status;
}

/* --- known --- */

static void print_known(FILE *out, const struct ptv_known *known)
{
	size_t i;

	(void)fputs("# Violations that the scenarios show: POLICY CHECK WAY. ptvmx fuzz tells only "
		    "of others.\n",
		    out);
	for (i = 0; i < known->count; i++)
		(void)fprintf(out, "%s\n", known->line[i]);
}

enum ptv_exit ptv_cli_known(const struct ptv_options *options)
{
	struct ptv_known known = {0};
	struct ptv_answers answers;
	struct ptv_diag diag = {{0}};
	struct ptv_output output;
	size_t i, n, count;
	int result = ptv_answers_load(&answers, options, &diag);

	/* Not those that only some files name: what is known must not depend on which kernels'
	 * drivers could be built. */
	(void)ptv_driver_rows(&count);
	if (options->policy || options->driver_source || count > answers.policies.count)
		count = answers.policies.count;
	for (i = 0; !result && i < answers.files; i++) {
		for (n = 0; n < count && !answers.scenario[i]->hw_alone; n++)
			ptv_known_play(&known, answers.scenario[i], &answers.policies.at[n]);
	}
	result = result ? result : ptv_output_open(&output, options->output, &diag);
	if (!result) {
		print_known(output.file, &known);
		result = ptv_output_close(&output, &diag);
	}
	ptv_known_free(&known);
	ptv_answers_free(&answers);
	return result ? ptv_cli_fail_diag(&diag) : PTV_EXIT_EXPECTED;
}
