/* SPDX-License-Identifier: MIT */
/*
 * run, matrix and show: one way from files to a report.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "show/report/obs_json.h"

enum report { REPORT_RUN, REPORT_MATRIX, REPORT_SHOW };

static void write_observation(void *ctx, const struct ptv_obs *obs, enum ptv_copy copy)
{
	static const char *const copies[] = {NULL, "settled", "closed"};
	char line[PTV_OBS_JSON_LINE];
	const size_t size = ptv_obs_json(obs, copies[copy], line);

	(void)fwrite(line, 1, size, ctx);
}

/* Plays one run with a writer looking on. */
static int write_observations(const struct ptv_answers *answers, const struct ptv_options *options,
			      struct ptv_diag *diag)
{
	const struct ptv_play_options how = {options->step_only};
	struct ptv_run *run = calloc(1, sizeof(*run));
	const struct ptv_scenario *scenario = answers->scenario[0];
	struct ptv_onlooker onlooker = {NULL, write_observation, NULL, NULL, NULL};
	struct ptv_steps steps = {0};
	struct ptv_output output;
	struct ptv_play play;
	uint64_t assignment = 0;
	int result;

	PTV_ASSERT(run);
	result = ptv_choice_find(scenario, options->choice, options->choices, &assignment, diag);
	result = result ? result : ptv_output_open(&output, options->observations, diag);
	if (!result) {
		ptv_choice_steps(scenario, assignment, &steps);
		ptv_play_init(&play, scenario,
			      scenario->hw_alone ? &answers->none : &answers->policies.at[0], &how);
		onlooker.ctx = output.file;
		play.onlooker = &onlooker;
		ptv_play_run(&play, &steps, run);
		ptv_play_free(&play);
		ptv_steps_free(&steps);
		result = ptv_output_close(&output, diag);
	}
	free(run);
	return result;
}

static int check_observations(const struct ptv_answers *answers, const struct ptv_options *options,
			      struct ptv_diag *diag)
{
	if (!options->observations)
		return 0;
	if (answers->files != 1U)
		return ptv_diag(diag, NULL, 0, 0, "--observations wants one file, not %zu",
				answers->files);
	if (!answers->scenario[0]->hw_alone && answers->policies.count != 1U)
		return ptv_diag(diag, NULL, 0, 0, "--observations wants one policy: say --policy");
	return 0;
}

static void write_report(FILE *out, enum report report, const struct ptv_answers *answers,
			 const struct ptv_options *options)
{
	struct ptv_report_options how = {options->evidence, {options->step_only}};
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
	if (report == REPORT_RUN && how.evidence == 0U)
		(void)fprintf(out, "\nEvidence: ptvmx run FILE --policy POLICY\n");
}

static enum ptv_exit make_report(enum report report, const struct ptv_options *options)
{
	struct ptv_answers answers;
	struct ptv_output output = {0};
	struct ptv_diag diag = {{0}};
	enum ptv_exit result = PTV_EXIT_INPUT;

	if (ptv_answers_load(&answers, options, &diag) ||
	    check_observations(&answers, options, &diag))
		goto out;
	/* What cannot be written is said before the work is done. */
	if (ptv_output_open(&output, options->output, &diag))
		goto out;
	if ((options->observations && write_observations(&answers, options, &diag)) ||
	    ptv_answers_play(&answers, options, &diag)) {
		ptv_output_discard(&output);
		goto out;
	}
	write_report(output.file, report, &answers, options);
	if (ptv_output_close(&output, &diag))
		goto out;
	result = ptv_answers_differ(&answers) ? PTV_EXIT_DIFFERS : PTV_EXIT_EXPECTED;
out:
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
