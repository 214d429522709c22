/* SPDX-License-Identifier: MIT */
/*
 * ptvmx list: what there is to choose from, and the points of a timeline.
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/linux/linux.h"
#include "play/text.h"
#include "ptv/cfg.h"
#include "show/output.h"
#include "show/report/obs_schema.h"

static void list_policies(FILE *out)
{
	const struct ptv_linux_row *real;
	const struct ptv_driver_row *rows;
	size_t count, i;

	rows = ptv_driver_rows(&count);
	for (i = 0; i < count; i++) {
		(void)fprintf(out, "%s%s\n  era %s; %s\n  source: %s\n", rows[i].name,
			      rows[i].reconstructed ? "*" : "", rows[i].era, rows[i].meaning,
			      rows[i].source);
	}
	(void)fprintf(out, "* reconstructed: its source text is not public\n");
	real = ptv_linux_rows(&count);
	for (i = 0; i < count; i++)
		(void)fprintf(out,
			      "%s\n  era %s; the kernel's own driver, unmodified%s\n"
			      "  source: linux-source-%s\n",
			      real[i].name, real[i].era,
			      ptv_linux_built(&real[i]) ? "" : " (not built here)",
			      real[i].version);
}

static void list_eras(FILE *out)
{
	const struct ptv_era_row *rows;
	size_t count, i;

	rows = ptv_era_rows(&count);
	for (i = 0; i < count; i++)
		(void)fprintf(out, "%s\n  %s\n  source: %s\n", rows[i].name, rows[i].meaning,
			      rows[i].source);
}

static void list_machines(FILE *out)
{
	const struct ptv_machine_row *rows;
	size_t count, i;

	rows = ptv_machine_rows(&count);
	for (i = 0; i < count; i++) {
		(void)fprintf(out,
			      "%s%s%s%s\n  PT in VMX %u, ToPA entries %s, "
			      "single range %u, pointers of %u %s\n",
			      rows[i].name, rows[i].remark[0] ? " (" : "", rows[i].remark,
			      rows[i].remark[0] ? ")" : "", rows[i].caps.vmx_misc_pt,
			      rows[i].caps.mentry ? "many" : "one", rows[i].caps.snglrng,
			      rows[i].caps.ptr_granularity,
			      rows[i].caps.ptr_granularity == 1U ? "byte" : "bytes");
	}
}

static void list_checks(FILE *out)
{
	const struct ptv_check_row *rows = ptv_check_rows();
	int i;

	for (i = 0; i < PTV_CHECKS; i++)
		(void)fprintf(out,
			      "%s (%c)\n  exercised by: %s\n  violated iff: %s\n  source: %s\n",
			      rows[i].id, rows[i].kind, rows[i].exercised, rows[i].violated,
			      rows[i].source);
	(void)fprintf(out, "Judged: C on every observation, S on each settled prefix, "
			   "Z at the closed end, R over "
			   "several runs.\n");
}

static void list_stimuli(FILE *out)
{
	static const char *const layers[] = {"", "kernel", "hardware alone", "both"};
	const struct ptv_stimulus_row *rows = ptv_stimulus_rows();
	int i;

	for (i = 0; i < PTV_STIMULI; i++)
		(void)fprintf(out, "%s%s%s (%s)\n  %s\n", rows[i].name,
			      strcmp(rows[i].args, "-") ? " " : "",
			      strcmp(rows[i].args, "-") ? rows[i].args : "", layers[rows[i].layer],
			      rows[i].meaning);
}

static void list_timing(FILE *out)
{
	const struct ptv_param_row *rows;
	size_t count, i;

	rows = ptv_timing_rows(&count);
	for (i = 0; i < count; i++)
		(void)fprintf(out, "%s = %u (%u..%u) %s\n  %s\n  source: %s\n", rows[i].name,
			      rows[i].dflt, rows[i].min, rows[i].max, rows[i].unit, rows[i].meaning,
			      rows[i].source);
}

static void list_switches(FILE *out)
{
	const struct ptv_param_row *rows;
	size_t count, i;

	rows = ptv_switch_rows(&count);
	for (i = 0; i < count; i++)
		(void)fprintf(out, "%s: %s (default: choice %u)\n  %s\n  source: %s\n",
			      rows[i].name, rows[i].choices, rows[i].dflt + 1U, rows[i].meaning,
			      rows[i].source);
}

static void list_slots(FILE *out)
{
	const struct ptv_slot_row *rows = ptv_slot_rows();
	int i;

	for (i = 0; i < (int)PTV_SLOTS; i++)
		(void)fprintf(out, "%s: %s\n  %s\n", rows[i].name, rows[i].rules, rows[i].meaning);
}

/* --- Points of a timeline --- */

struct points {
	FILE *out;
	const struct ptv_steps *steps;
	struct ptv_point {
		char *label;
		uint32_t index, times;
	} * at;
	size_t count, room;
};

static void passed(void *ctx, uint32_t index, const char *label, enum ptv_side side)
{
	struct points *points = ctx;
	size_t i;

	if (side != PTV_AFTER || strcmp(label, "work") == 0)
		return;
	for (i = points->count; i > 0U && points->at[i - 1U].index == index; i--) {
		if (strcmp(points->at[i - 1U].label, label) == 0) {
			points->at[i - 1U].times++;
			return;
		}
	}
	points->at = ptv_grow(points->at, points->count, &points->room, sizeof(*points->at));
	points->at[points->count].label = ptv_string_copy(label);
	points->at[points->count].index = index;
	points->at[points->count++].times = 1;
}

static void write_points(struct points *points)
{
	uint32_t last = UINT32_MAX;
	size_t i;

	for (i = 0; i < points->count; i++) {
		const struct ptv_point *point = &points->at[i];

		if (point->index != last)
			(void)fprintf(
				points->out, "  %u %s\n", point->index + 1U,
				ptv_stimulus_rows()[points->steps->at[point->index].stimulus.kind]
					.name);
		last = point->index;
		(void)fprintf(points->out, "      %s", point->label);
		if (point->times > 1U)
			(void)fprintf(points->out, " (%u times)", point->times);
		(void)fputc('\n', points->out);
		free(point->label);
	}
	free(points->at);
}

static void list_points_of(FILE *out, const struct ptv_scenario *scenario,
			   const struct ptv_policy *policy)
{
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct ptv_steps steps = {0};
	struct points points = {out, &steps, NULL, 0, 0};
	const struct ptv_onlooker onlooker = {&points, NULL, NULL, NULL, passed};
	struct ptv_play play;

	(void)fprintf(out, "%s, %s: points passed, by the stimulus during which they are\n",
		      scenario->file, policy->name);
	ptv_choice_steps(scenario, 0, &steps);
	ptv_play_init(&play, scenario, policy, NULL);
	play.onlooker = &onlooker;
	ptv_play_run(&play, &steps, run);
	ptv_play_free(&play);
	write_points(&points);
	ptv_steps_free(&steps);
	free(run);
}

static int list_points(FILE *out, const struct ptv_options *options, struct ptv_diag *diag)
{
	struct ptv_options files = *options;
	struct ptv_answers answers;
	size_t i, n;
	int result;

	files.words++;
	files.word_count--;
	if (files.word_count == 0U)
		return ptv_diag(diag, NULL, 0, 0, "list points wants FILE...");
	result = ptv_answers_load(&answers, &files, diag);
	for (i = 0; i < answers.files && !result; i++) {
		for (n = 0; n < answers.policies.count && !answers.scenario[i]->hw_alone; n++)
			list_points_of(out, answers.scenario[i], &answers.policies.at[n]);
	}
	ptv_answers_free(&answers);
	return result;
}

static const struct {
	const char *name;
	void (*list)(FILE *out);
} lists[] = {
	{"policies", list_policies}, {"eras", list_eras},	{"machines", list_machines},
	{"checks", list_checks},     {"stimuli", list_stimuli}, {"timing", list_timing},
	{"switches", list_switches}, {"slots", list_slots},	{"observations", ptv_obs_list},
};

static int check_list(const struct ptv_options *options, size_t i, struct ptv_diag *diag)
{
	const char *what = options->words[0];

	if (i == PTV_ARRAY_SIZE(lists) && strcmp(what, "points") != 0)
		return ptv_diag(diag, NULL, 0, 0,
				"nothing called '%s' to list (known: policies, eras, machines, "
				"checks, stimuli, timing, switches, slots, observations, points)",
				what);
	if (i < PTV_ARRAY_SIZE(lists) && options->word_count > 1U)
		return ptv_diag(diag, NULL, 0, 0, "list %s wants nothing more, not '%s'", what,
				options->words[1]);
	if (options->format == PTV_FORMAT_JSON && strcmp(what, "observations") != 0)
		return ptv_diag(diag, NULL, 0, 0,
				"list %s prints text only: --format json is for observations",
				what);
	return 0;
}

enum ptv_exit ptv_cli_list(const struct ptv_options *options)
{
	const char *what = options->words[0];
	struct ptv_output output = {0};
	struct ptv_diag diag = {{0}};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(lists) && strcmp(lists[i].name, what) != 0; i++)
		;
	if (check_list(options, i, &diag) || ptv_output_open(&output, options->output, &diag))
		return ptv_cli_fail_diag(&diag);
	if (options->format == PTV_FORMAT_JSON) {
		ptv_obs_schema(output.file);
	} else if (i < PTV_ARRAY_SIZE(lists)) {
		lists[i].list(output.file);
	} else if (list_points(output.file, options, &diag)) {
		ptv_output_discard(&output);
		return ptv_cli_fail_diag(&diag);
	}
	if (ptv_output_close(&output, &diag))
		return ptv_cli_fail_diag(&diag);
	return PTV_EXIT_EXPECTED;
}
