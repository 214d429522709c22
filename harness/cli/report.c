/* SPDX-License-Identifier: MIT */
/*
 * run, matrix and show: one way from files to a report.
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/finding.h"
#include "play/text.h"
#include "show/output.h"
#include "show/report/obs_json.h"

enum report { REPORT_RUN, REPORT_MATRIX, REPORT_SHOW };

/* Where observations go, and whose they are. */
struct observed {
	FILE *out;
	const struct ptv_policy *policy;
};

static void write_observation(void *ctx, const struct ptv_obs *obs, enum ptv_copy copy)
{
	static const char *const copies[] = {NULL, "settled", "closed"};
	const struct observed *observed = ctx;
	const char *warning = ptv_finding_warning(observed->policy, obs);
	char line[PTV_OBS_JSON_LINE];
	size_t size = ptv_obs_json(obs, copies[copy], line);

	if (warning)
		size = ptv_obs_json_add(line, size, "warning", warning);
	(void)fwrite(line, 1, size, observed->out);
}

/* The steps of the run that --choice or --variant names. */
static int find_steps(const struct ptv_scenario *scenario, const struct ptv_options *options,
		      struct ptv_steps *steps, struct ptv_diag *diag)
{
	uint64_t assignment = 0;

	if (options->variant != UINT64_MAX) {
		if (!ptv_confluent_steps(scenario, options->variant, steps))
			return ptv_diag(diag, scenario->file, 0, 0,
					"has no timeline %" PRIu64 " in the family of confluent",
					options->variant);
		return 0;
	}
	if (ptv_choice_find(scenario, options->choice, options->choices, &assignment, diag))
		return -1;
	ptv_choice_steps(scenario, assignment, steps);
	return 0;
}

/* Plays one run with a writer looking on. */
static int write_observations(FILE *out, const struct ptv_answers *answers,
			      const struct ptv_options *options, struct ptv_diag *diag)
{
	const struct ptv_play_options how = {options->step_only};
	const struct ptv_scenario *scenario = answers->scenario[0];
	struct observed observed = {out,
				    scenario->hw_alone ? &answers->none : &answers->policies.at[0]};
	const struct ptv_onlooker onlooker = {&observed, write_observation, NULL, NULL, NULL};
	struct ptv_steps steps = {0};
	struct ptv_run *run;
	struct ptv_play play;
	const int result = find_steps(scenario, options, &steps, diag);

	if (!result) {
		run = ptv_alloc(1, sizeof(*run));
		ptv_play_init(&play, scenario, observed.policy, &how);
		play.onlooker = &onlooker;
		ptv_play_run(&play, &steps, run);
		ptv_play_free(&play);
		free(run);
	}
	ptv_steps_free(&steps);
	return result;
}

static int check_observations(const struct ptv_answers *answers, const struct ptv_options *options,
			      struct ptv_diag *diag)
{
	if (!options->observations) {
		if (options->variant != UINT64_MAX)
			return ptv_diag(diag, NULL, 0, 0,
					"--variant names the run of --observations FILE");
		return 0;
	}
	if (options->variant != UINT64_MAX && options->choices)
		return ptv_diag(diag, NULL, 0, 0, "--variant and --choice both name a run");
	if (answers->files != 1U)
		return ptv_diag(diag, NULL, 0, 0, "--observations wants one file, not %zu",
				answers->files);
	if (!answers->scenario[0]->hw_alone && answers->policies.count != 1U)
		return ptv_diag(diag, NULL, 0, 0, "--observations wants one policy: say --policy");
	if (options->output && strcmp(options->output, options->observations) == 0)
		return ptv_diag(diag, NULL, 0, 0,
				"--output and --observations want different files, not both %s",
				options->output);
	return 0;
}

static void write_report(FILE *out, enum report report, const struct ptv_answers *answers,
			 const struct ptv_options *options)
{
	struct ptv_report_options how = {.evidence = options->evidence,
					 .skipped = answers->skipped,
					 .skips = answers->skips,
					 .play = {options->step_only}};
	size_t i;

	if (how.evidence == SIZE_MAX)
		how.evidence = answers->policies.count == 1U || options->format == PTV_FORMAT_JSON
				       ? PTV_EVIDENCE
				       : 0U;
	if (options->format == PTV_FORMAT_JSON) {
		ptv_report_json(out, answers->report, answers->files, &how);
		return;
	}
	if (report == REPORT_MATRIX) {
		ptv_report_matrix(out, answers->report, answers->files);
		ptv_report_skipped(out, &how);
		return;
	}
	for (i = 0; i < answers->files; i++) {
		if (i > 0U)
			(void)fputc('\n', out);
		if (report == REPORT_RUN)
			ptv_report_run(out, &answers->report[i], &how);
		else
			ptv_report_show(out, &answers->report[i]);
	}
	ptv_report_skipped(out, &how);
	if (report == REPORT_RUN && how.evidence == 0U)
		(void)fprintf(out, "\nEvidence: ptvmx run FILE --policy POLICY\n");
}

/* The two files that a report may go to. */
struct outputs {
	struct ptv_output report, observations;
};

/* What cannot be written is said before the work is done. */
static int open_outputs(struct outputs *outputs, const struct ptv_options *options,
			struct ptv_diag *diag)
{
	memset(outputs, 0, sizeof(*outputs));
	if (ptv_output_open(&outputs->report, options->output, diag))
		return -1;
	if (!options->observations ||
	    !ptv_output_open(&outputs->observations, options->observations, diag))
		return 0;
	ptv_output_discard(&outputs->report);
	return -1;
}

/* Puts both in place, or throws both away. */
static int close_outputs(struct outputs *outputs, bool good, struct ptv_diag *diag)
{
	const bool both = outputs->observations.file != NULL;

	if (good && both)
		good = ptv_output_close(&outputs->observations, diag) == 0;
	else if (both)
		ptv_output_discard(&outputs->observations);
	if (good)
		return ptv_output_close(&outputs->report, diag);
	ptv_output_discard(&outputs->report);
	return -1;
}

static int answer(const struct outputs *outputs, enum report report, struct ptv_answers *answers,
		  const struct ptv_options *options, struct ptv_diag *diag)
{
	if (outputs->observations.file &&
	    write_observations(outputs->observations.file, answers, options, diag))
		return -1;
	if (ptv_answers_play(answers, options, diag))
		return -1;
	write_report(outputs->report.file, report, answers, options);
	return 0;
}

static enum ptv_exit make_report(enum report report, const struct ptv_options *options)
{
	struct ptv_answers answers;
	struct outputs outputs;
	struct ptv_diag diag = {{0}};
	enum ptv_exit result = PTV_EXIT_INPUT;
	bool good;

	if (!ptv_answers_load(&answers, options, &diag) &&
	    !check_observations(&answers, options, &diag) &&
	    !open_outputs(&outputs, options, &diag)) {
		good = answer(&outputs, report, &answers, options, &diag) == 0;
		if (close_outputs(&outputs, good, &diag) == 0)
			result = PTV_EXIT_EXPECTED;
	}
	if (result == PTV_EXIT_EXPECTED && ptv_answers_differ(&answers))
		result = PTV_EXIT_DIFFERS;
	else if (result == PTV_EXIT_EXPECTED && options->limit && ptv_answers_bounded(&answers))
		result = PTV_EXIT_BOUNDED;
	ptv_answers_free(&answers);
	return result == PTV_EXIT_INPUT ? ptv_cli_fail_diag(&diag) : result;
}

enum ptv_exit ptv_cli_run(const struct ptv_options *options)
{
	return make_report(REPORT_RUN, options);
}

enum ptv_exit ptv_cli_matrix(const struct ptv_options *options)
{
	return make_report(REPORT_MATRIX, options);
}

enum ptv_exit ptv_cli_show(const struct ptv_options *options)
{
	return make_report(REPORT_SHOW, options);
}
