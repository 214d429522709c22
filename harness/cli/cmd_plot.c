/* SPDX-License-Identifier: MIT */
/*
 * plot: one run of a file under each policy, recorded and drawn.
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/recorder.h"
#include "play/text.h"
#include "show/plot/plot.h"

/* One run, taken apart: the timeline itself, and how it was closed. */
struct recording {
	struct ptv_run run;
	struct ptv_recorder all;
	struct ptv_obs *own, *closing;
	size_t owns, closings;
};

static void take_apart(struct recording *r)
{
	size_t i;

	r->own = ptv_alloc(r->all.count, sizeof(*r->own));
	r->closing = ptv_alloc(r->all.count, sizeof(*r->closing));
	for (i = 0; i < r->all.count; i++) {
		if (r->all.at[i].copy == PTV_COPY_NONE)
			r->own[r->owns++] = r->all.at[i].obs;
		else if (r->all.at[i].copy == PTV_COPY_CLOSED)
			r->closing[r->closings++] = r->all.at[i].obs;
	}
}

static void free_recording(struct recording *r)
{
	ptv_recorder_free(&r->all);
	free(r->own);
	free(r->closing);
	free(r);
}

static int record(struct recording *r, const struct ptv_scenario *scenario,
		  const struct ptv_policy *policy, const struct ptv_options *options,
		  uint64_t assignment, struct ptv_diag *diag)
{
	const struct ptv_play_options how = {options->step_only};
	const struct ptv_onlooker onlooker = {.ctx = &r->all, .observed = ptv_recorder_observed};
	struct ptv_steps steps = {0};
	struct ptv_play play;
	int result = 0;

	ptv_choice_steps(scenario, assignment, &steps);
	ptv_play_init(&play, scenario, policy, &how);
	play.onlooker = &onlooker;
	ptv_play_run(&play, &steps, &r->run);
	take_apart(r);
	if (r->run.open_error)
		result = ptv_diag(diag, scenario->file, 0, 0, "%s refuses the event: error %d (%s)",
				  policy->name, r->run.open_error, strerror(-r->run.open_error));
	else if (r->run.meaningless) {
		const struct ptv_entry *entry = steps.at[r->run.meaningless - 1U].entry;

		result = ptv_diag(diag, scenario->file, entry->mark.line, entry->mark.column,
				  "%s makes no sense here under %s",
				  ptv_stimulus_rows()[entry->stimulus.kind].name, policy->name);
	}
	ptv_play_free(&play);
	ptv_steps_free(&steps);
	return result;
}

/* Whether an LP does anything but run its workload. */
static bool lp_matters(const struct recording *r, unsigned int lp)
{
	static const uint64_t telling = PTV_BIT(PTV_OBS_TRACE_EN) | PTV_BIT(PTV_OBS_VMX_MODE) |
					PTV_BIT(PTV_OBS_CALL) | PTV_BIT(PTV_OBS_INT_ENTER) |
					PTV_BIT(PTV_OBS_SCHED);
	size_t i;

	for (i = 0; i < r->owns; i++) {
		if (r->own[i].lp == lp && (telling >> r->own[i].kind) & 1U)
			return true;
	}
	return false;
}

/* Whether an event is ever on an LP. */
static bool event_matters(const struct recording *r, unsigned int lp, unsigned int event)
{
	size_t i;

	for (i = 0; i < r->owns; i++) {
		const struct ptv_obs *obs = &r->own[i];

		if (obs->lp == lp && obs->a == event &&
		    (obs->kind == PTV_OBS_SCHED || obs->kind == PTV_OBS_RUNNING))
			return true;
	}
	return event == 0U;
}

static void add_group(struct ptv_plot *plot, const struct recording *r,
		      const struct ptv_scenario *scenario, const struct ptv_policy *policy,
		      unsigned int lp, unsigned int event)
{
	const struct ptv_plot_input input = {.obs = r->own,
					     .count = r->owns,
					     .closing = r->closing,
					     .closings = r->closings,
					     .verdicts = policy->none ? NULL : &r->run.verdicts,
					     .lp = lp,
					     .event = event};
	struct ptv_string title = {0}, note = {0};

	ptv_string_add(&title, "%s", policy->none ? "hardware alone" : policy->name);
	if (scenario->lps > 1U)
		ptv_string_add(&title, ", LP %u", lp);
	if (scenario->events > 1U)
		ptv_string_add(&title, ", event %u", event);
	if (policy->has_row)
		ptv_string_add(&note, "%s%s", policy->row.reconstructed ? "reconstructed: " : "",
			       policy->row.meaning);
	ptv_plot_add(plot, ptv_string(&title), ptv_string(&note), &input);
	ptv_string_free(&title);
	ptv_string_free(&note);
}

static int add_policy(struct ptv_plot *plot, const struct ptv_scenario *scenario,
		      const struct ptv_policy *policy, const struct ptv_options *options,
		      uint64_t assignment, struct ptv_diag *diag)
{
	struct recording *r = ptv_alloc(1, sizeof(*r));
	const int result = record(r, scenario, policy, options, assignment, diag);
	unsigned int lp, event;

	for (lp = 0; lp < scenario->lps && !result; lp++) {
		if (lp > 0U && !lp_matters(r, lp))
			continue;
		for (event = 0; event < PTV_MAX_EVENTS; event++) {
			if (event_matters(r, lp, event))
				add_group(plot, r, scenario, policy, lp, event);
		}
	}
	free_recording(r);
	return result;
}

/* "FILE, on broadwell; virt_off at 9000" */
static char *describe(const struct ptv_scenario *scenario, uint64_t assignment)
{
	struct ptv_string text = {0};
	struct ptv_choice choice;
	size_t n, i;

	ptv_string_add(&text, "%s, on %s", scenario->file, scenario->machine->name);
	for (n = 0; ptv_choice_get(scenario, n, &choice); n++) {
		const struct ptv_stimulus_row *row =
			&ptv_stimulus_rows()[choice.entry->stimulus.kind];

		ptv_string_add(&text, "; %s", row->name);
		if (choice.arg < 0)
			ptv_string_add(&text, " at");
		ptv_string_add(&text, " %" PRIu64, ptv_choice_value(scenario, assignment, n));
	}
	for (i = 0; i < scenario->setting_count; i++)
		ptv_string_add(&text, "; %s %s", scenario->settings[i].name,
			       scenario->settings[i].value);
	return ptv_string_take(&text);
}

static int check_options(const struct ptv_options *options, struct ptv_diag *diag)
{
	enum ptv_plot_format format;

	if (!options->output)
		return ptv_diag(diag, NULL, 0, 0,
				"plot wants --output FILE.svg or FILE.png (see ptvmx plot --help)");
	if (ptv_plot_format(options->output, &format, diag))
		return -1;
	if (options->width &&
	    (options->width < PTV_PLOT_MIN_WIDTH || options->width > PTV_PLOT_MAX_WIDTH))
		return ptv_diag(diag, NULL, 0, 0, "--width wants %u..%u, not %" PRIu64,
				PTV_PLOT_MIN_WIDTH, PTV_PLOT_MAX_WIDTH, options->width);
	if (options->to && options->to <= options->from)
		return ptv_diag(diag, NULL, 0, 0, "--to %" PRIu64 " does not lie after --from",
				options->to);
	return 0;
}

static int draw(struct ptv_plot *plot, const struct ptv_answers *answers,
		const struct ptv_options *options, struct ptv_diag *diag)
{
	const struct ptv_scenario *scenario = answers->scenario[0];
	const size_t count = scenario->hw_alone ? 1U : answers->policies.count;
	uint64_t assignment = 0, end;
	size_t i;

	if (ptv_choice_find(scenario, options->choice, options->choices, &assignment, diag))
		return -1;
	plot->title = ptv_string_copy(scenario->question);
	plot->subtitle = describe(scenario, assignment);
	plot->width = options->width ? (unsigned int)options->width : PTV_PLOT_WIDTH;
	plot->from = options->from;
	plot->to = options->to;
	for (i = 0; i < count; i++) {
		const struct ptv_policy *policy = scenario->hw_alone ? &answers->none
								     : &answers->policies.at[i];

		if (policy->none && !scenario->hw_alone)
			return ptv_diag(diag, scenario->file, 0, 0,
					"has a kernel: policy none is for hardware alone");
		if (add_policy(plot, scenario, policy, options, assignment, diag))
			return -1;
	}
	for (i = 0, end = 0; i < plot->groups; i++)
		end = plot->group[i].end > end ? plot->group[i].end : end;
	if (plot->from >= end)
		return ptv_diag(diag, NULL, 0, 0,
				"--from %" PRIu64
				" lies behind the timeline, which ends at %" PRIu64,
				plot->from, end);
	return ptv_plot_write(plot, options->output, diag);
}

enum ptv_exit ptv_cli_plot(const struct ptv_options *options)
{
	struct ptv_plot plot = {0};
	struct ptv_answers answers;
	struct ptv_diag diag = {{0}};
	int result;

	if (check_options(options, &diag))
		return ptv_cli_fail_diag(&diag);
	result = ptv_answers_load(&answers, options, &diag);
	if (!result && answers.files != 1U)
		result = ptv_diag(&diag, NULL, 0, 0, "plot wants one file, not %zu", answers.files);
	if (!result)
		result = draw(&plot, &answers, options, &diag);
	ptv_plot_free(&plot);
	ptv_answers_free(&answers);
	return result ? ptv_cli_fail_diag(&diag) : PTV_EXIT_EXPECTED;
}
