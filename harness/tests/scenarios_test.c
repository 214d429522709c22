/* SPDX-License-Identifier: MIT */
/*
 * Goal: every scenario file is a test of its own. A file whose verdicts differ from what it expects
 * fails with its own line.
 * Method: the generator lists the files; each test loads its file, plays every policy, and
 * compares.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "play/answer.h"
#include "play/policy.h"

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

static void compare_checks(const struct ptv_answer *answer)
{
	int check;

	for (check = 0; check < PTV_CHECKS; check++) {
		const struct ptv_tally *tally = &answer->tally[check];

		if (tally->match == PTV_MATCH_DIFFERS)
			PTV_FAIL_AT(answer->scenario->file, tally->mark.line,
				    "%s: %s is %s, expected %s", answer->policy->name,
				    ptv_check_rows()[check].id,
				    ptv_word_name(ptv_tally_word(tally)),
				    ptv_expected_name(tally->want));
	}
}

static void answer_file(const char *path, bool step_only)
{
	struct ptv_answer_options options = {.play = {.step_only = step_only},
					     .no_confluent = step_only};
	struct ptv_policies policies;
	struct ptv_diag diag = {""};
	struct ptv_scenario *scenario = ptv_scenario_load(path, &diag);
	size_t i;

	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT(scenario);
	PTV_ASSERT(ptv_policies_parse(&policies, scenario->hw_alone ? "none" : NULL, NULL, &diag) ==
		   0);
	for (i = 0; i < policies.count; i++) {
		struct ptv_answer answer;

		ptv_answer(&answer, scenario, &policies.at[i], &options);
		PTV_EXPECT_GT(answer.runs, 0U);
		if (scenario->hw_alone)
			compare_alone(&answer);
		else
			compare_checks(&answer);
		ptv_answer_free(&answer);
	}
	ptv_policies_free(&policies);
	ptv_scenario_free(scenario);
}

static void leaping(const void *path)
{
	answer_file(path, false);
}

PTV_TEST_GENERATOR(scenarios)
{
	struct ptv_diag diag = {""};
	char **list = ptv_scenario_list("scenarios", &diag);
	size_t i;

	PTV_ASSERT(list);
	for (i = 0; list[i]; i++) {
		/* Lives as long as the process: it is the tests' parameter. */
		const char *name = strncmp(list[i], "scenarios/", 10) ? list[i] : list[i] + 10;

		ptv_test_register("scenario/leap", name, list[i], 1, leaping, list[i]);
	}
}
