/* SPDX-License-Identifier: MIT */
/*
 * Goal: every scenario file is a test of its own, under each engine. A file whose verdicts differ
 * from what it expects fails with its own line.
 * Method: the generator lists the files; each test loads its file, plays every policy, and
 * compares. Under the engine that steps each clock, the first assignment of a file's choices is
 * also compared with leaping, observation by observation.
 */
#include <stdlib.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "play/answer.h"
#include "play/policy.h"
#include "play/recorder.h"
#include "tests/scenario/each.h"
#include "show/report/obs_json.h"

static void compare_alone(const struct ptv_answer *answer)
{
	size_t i;

	PTV_EXPECT_GT(answer->alone.compared, 0U);
	for (i = 0; i < answer->alone.faults; i++) {
		const struct ptv_alone_fault *fault = &answer->alone.fault[i];

		PTV_FAIL_AT(answer->scenario->file, fault->entry->expect.mark.line,
			    "%s is %s, expected %s", fault->field, fault->got, fault->want);
	}
}

/* A file loaded, with the policies that play it. */
struct play_file {
	struct ptv_scenario *scenario;
	struct ptv_policies policies;
};

static void open_file(struct play_file *file, const char *path)
{
	struct ptv_diag diag = {""};

	file->scenario = ptv_scenario_load(path, &diag);
	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT(file->scenario);
	PTV_ASSERT(ptv_policies_parse(&file->policies, file->scenario->hw_alone ? "none" : NULL,
				      NULL, &diag) == 0);
}

static void close_file(struct play_file *file)
{
	ptv_policies_free(&file->policies);
	ptv_scenario_free(file->scenario);
}

static void answer_one(const struct ptv_scenario *scenario, const struct ptv_policy *policy,
		       const struct ptv_answer_options *options)
{
	struct ptv_answer answer;

	ptv_answer(&answer, scenario, policy, options);
	PTV_EXPECT_GT(answer.runs, 0U);
	if (scenario->hw_alone)
		compare_alone(&answer);
	else
		expect_verdicts(&answer);
	ptv_answer_free(&answer);
}

static void leaping(const void *path)
{
	const struct ptv_answer_options options = {0};
	struct play_file file;
	size_t i;

	open_file(&file, path);
	for (i = 0; i < file.policies.count; i++)
		answer_one(file.scenario, &file.policies.at[i], &options);
	close_file(&file);
}

/* Everything that is seen in a run under an engine. */
static void record(struct ptv_recorder *recorder, const struct ptv_scenario *scenario,
		   const struct ptv_policy *policy, bool step_only)
{
	const struct ptv_play_options options = {.step_only = step_only};
	const struct ptv_onlooker onlooker = {.ctx = recorder, .observed = ptv_recorder_observed};
	struct ptv_steps steps = {0};
	struct ptv_play play;
	struct ptv_run run;

	ptv_play_init(&play, scenario, policy, &options);
	ptv_choice_steps(scenario, 0, &steps);
	play.onlooker = &onlooker;
	ptv_play_run(&play, &steps, &run);
	ptv_steps_free(&steps);
	ptv_play_free(&play);
}

static void compare_engines(const struct ptv_scenario *scenario, const struct ptv_policy *policy)
{
	struct ptv_recorder leapt = {0}, stepped = {0};
	char line[2][PTV_OBS_JSON_LINE];
	size_t i, count;

	record(&leapt, scenario, policy, false);
	record(&stepped, scenario, policy, true);
	PTV_EXPECT_GT(leapt.count, 0U);
	count = leapt.count < stepped.count ? leapt.count : stepped.count;
	for (i = 0; i < count; i++) {
		if (memcmp(&leapt.at[i].obs, &stepped.at[i].obs, sizeof(leapt.at[i].obs)) == 0 &&
		    leapt.at[i].copy == stepped.at[i].copy)
			continue;
		(void)ptv_obs_json(&leapt.at[i].obs, "", line[0]);
		(void)ptv_obs_json(&stepped.at[i].obs, "", line[1]);
		PTV_FAIL_AT(scenario->file, 1, "%s: observation %zu\n  leapt   %s\n  stepped %s",
			    policy->name, i, line[0], line[1]);
		break;
	}
	if (i == count)
		PTV_EXPECT_EQ(leapt.count, stepped.count);
	ptv_recorder_free(&leapt);
	ptv_recorder_free(&stepped);
}

static void stepping(const void *path)
{
	const struct ptv_answer_options options = {.play = {.step_only = true},
						   .no_confluent = true};
	struct play_file file;
	size_t i;

	open_file(&file, path);
	for (i = 0; i < file.policies.count; i++) {
		answer_one(file.scenario, &file.policies.at[i], &options);
		compare_engines(file.scenario, &file.policies.at[i]);
	}
	close_file(&file);
}

PTV_TEST_GENERATOR(scenarios)
{
	each_scenario("scenarios", "scenario/leap", leaping);
	each_scenario("scenarios", "scenario/step", stepping);
}
