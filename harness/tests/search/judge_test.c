/* SPDX-License-Identifier: MIT */
/*
 * A plan, its scenario file and its run. Method: plans as the fuzzer draws them, under every policy
 * in turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gtest/ptv_test.h"
#include "play/recorder.h"
#include "search/fuzz_judge.h"
#include "search/fuzz_write.h"

struct rig {
	struct ptv_fuzz_case c;
	struct ptv_fuzz_judge judge;
	struct ptv_fuzz_result result;
	struct ptv_policies policies;
	struct ptv_recorder seen[2];
	struct ptv_scenario *scenario;
	char path[64];
};

static void setup(void *data)
{
	struct rig *r = data;
	struct ptv_diag diag = {""};
	int fd;

	ptv_fuzz_judge_init(&r->judge, &r->c);
	PTV_ASSERT(ptv_policies_parse(&r->policies, NULL, NULL, &diag) == 0);
	(void)snprintf(r->path, sizeof(r->path), "/tmp/ptv-judge-XXXXXX");
	fd = mkstemp(r->path);
	PTV_ASSERT(fd >= 0);
	(void)close(fd);
}

static void teardown(void *data)
{
	struct rig *r = data;

	ptv_fuzz_judge_free(&r->judge);
	ptv_fuzz_case_free(&r->c);
	ptv_policies_free(&r->policies);
	ptv_recorder_free(&r->seen[0]);
	ptv_recorder_free(&r->seen[1]);
	ptv_scenario_free(r->scenario);
	(void)unlink(r->path);
}

static const struct ptv_fixture a_rig = {sizeof(struct rig), setup, teardown};

static const struct ptv_policy *judge(struct rig *r, uint64_t n, bool compare)
{
	const struct ptv_policy *policy = &r->policies.at[n % r->policies.count];
	const struct ptv_fuzz_how how = {.compare = compare};
	uint8_t bytes[PTV_PLAN_BYTES];
	struct ptv_plan plan;

	ptv_plan_decode(bytes, ptv_plan_draw(99, n, PTV_PLAN_FULL, bytes), &plan);
	ptv_fuzz_judge(&r->judge, &plan, policy, &how, &r->result);
	return policy;
}

static void record(const struct ptv_scenario *scenario, const struct ptv_policy *policy,
		   struct ptv_recorder *recorder)
{
	const struct ptv_onlooker onlooker = {.ctx = recorder, .observed = ptv_recorder_observed};
	struct ptv_steps steps = {0};
	struct ptv_play play;
	struct ptv_run run;

	recorder->count = 0;
	ptv_play_init(&play, scenario, policy, NULL);
	ptv_choice_steps(scenario, 0, &steps);
	play.onlooker = &onlooker;
	ptv_play_run(&play, &steps, &run);
	PTV_EXPECT_EQ(run.unplaced, 0U);
	ptv_steps_free(&steps);
	ptv_play_free(&play);
}

/* The written file, loaded. */
static void load(struct rig *r, const struct ptv_policy *policy)
{
	const struct ptv_fuzz_told told = {.sign = {.kind = PTV_FUZZ_VIOLATION}};
	struct ptv_string text = {0};
	struct ptv_diag diag = {""};
	FILE *file = fopen(r->path, "w");

	PTV_ASSERT(file);
	ptv_fuzz_write(&r->c, policy, &told, "token", &text);
	(void)fputs(ptv_string(&text), file);
	(void)fclose(file);
	ptv_string_free(&text);
	ptv_scenario_free(r->scenario);
	r->scenario = ptv_scenario_load(r->path, &diag);
	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT(r->scenario);
}

PTV_TEST_F(fuzz_judge, a_written_file_is_observed_as_its_plan, a_rig)
{
	struct rig *r = data;
	size_t placed = 0, observations = 0, i;
	uint64_t n;

	for (n = 0; n < 700U; n++) {
		const struct ptv_policy *policy = judge(r, n, false);

		if (r->c.plan.stimuli == 0U)
			continue;
		load(r, policy);
		record(&r->c.scenario, policy, &r->seen[0]);
		record(r->scenario, policy, &r->seen[1]);
		PTV_ASSERT_EQ(r->seen[0].count, r->seen[1].count);
		for (i = 0; i < r->seen[0].count; i++)
			PTV_ASSERT_EQ(memcmp(&r->seen[0].at[i].obs, &r->seen[1].at[i].obs,
					     sizeof(struct ptv_obs)),
				      0);
		observations += r->seen[0].count;
		placed += r->result.run.deliveries;
	}
	PTV_EXPECT_GT(placed, 0U);
	PTV_EXPECT_GT(observations, 10000U);
	ptv_test_record("placed", "%zu", placed);
}

/* What the plan thinks makes sense, the kernel does; and every interrupt that was given a label
 * takes place there. */
PTV_TEST_F(fuzz_judge, what_makes_sense_is_done, a_rig)
{
	struct rig *r = data;
	uint64_t n, stimuli = 0;

	for (n = 0; n < 3000U; n++) {
		(void)judge(r, n, false);
		PTV_ASSERT_EQ(r->result.run.meaningless, 0U);
		PTV_ASSERT_EQ(r->result.run.unplaced, 0U);
		stimuli += r->result.stimuli;
	}
	PTV_EXPECT_GT(stimuli, 10000U);
}

PTV_TEST_F(fuzz_judge, comparing_finds_nothing_in_these, a_rig)
{
	struct rig *r = data;
	uint64_t n;
	size_t i;

	for (n = 0; n < 200U; n++) {
		(void)judge(r, n, true);
		PTV_EXPECT(r->result.compared || r->result.run.open_error);
		for (i = 0; i < r->result.count; i++)
			PTV_EXPECT_EQ(r->result.told[i].sign.kind, PTV_FUZZ_VIOLATION);
	}
}

static bool is_alike(const struct ptv_fuzz_case *c, const struct ptv_policy *policy)
{
	return c->scenario.lps >= 1U && policy;
}

static bool is_unlike(const struct ptv_fuzz_case *c, const struct ptv_policy *policy)
{
	return !is_alike(c, policy);
}

/* Both sides: what a twin answers is told, and only that. */
PTV_TEST_F(fuzz_judge, a_twin_that_differs_is_a_find_and_one_that_does_not_is_none, a_rig)
{
	const struct ptv_fuzz_how like = {.twin = is_alike}, unlike = {.twin = is_unlike};
	const uint8_t bytes[] = {0, 0, 0x80, 0, 0, 0, 0, 8, 0, 0, 51, 0};
	struct rig *r = data;
	struct ptv_plan plan;
	size_t count;

	ptv_plan_decode(bytes, sizeof(bytes), &plan);
	ptv_fuzz_judge(&r->judge, &plan, &r->policies.at[0], &like, &r->result);
	count = r->result.count;
	ptv_fuzz_judge(&r->judge, &plan, &r->policies.at[0], &unlike, &r->result);
	PTV_ASSERT_EQ(r->result.count, count + 1U);
	PTV_EXPECT_EQ(r->result.told[count].sign.kind, PTV_FUZZ_UNLIKE_RTL);
}

/* An interrupt that was placed is held back and delivered there: the PMI of a full region, just
 * before VMXON. Both sides: one place earlier it comes one point earlier. */
PTV_TEST_F(fuzz_judge, an_interrupt_comes_at_the_place_that_was_counted, a_rig)
{
	/* enable; to_int; virt_on with the NMI after n places */
	uint8_t bytes[] = {0, 0, 0x80, 0, 0, 0, 0, 8, 0, 0, 51, 0, 0, 0x80 | 32, 0, 0, 2 << 1};
	const struct ptv_fuzz_how how = {.compare = false};
	struct ptv_string third = {0}, second = {0};
	struct rig *r = data;
	struct ptv_policy policy;
	struct ptv_diag diag = {""};
	struct ptv_plan plan;

	PTV_ASSERT(ptv_policy_parse(&policy, "handle-vmx", NULL, &diag) == 0);
	ptv_plan_decode(bytes, sizeof(bytes), &plan);
	ptv_fuzz_judge(&r->judge, &plan, &policy, &how, &r->result);
	ptv_fuzz_write_stimuli(&r->c, "; ", SIZE_MAX, &third);
	plan.stimulus[2].place--;
	ptv_fuzz_judge(&r->judge, &plan, &policy, &how, &r->result);
	ptv_fuzz_write_stimuli(&r->c, "; ", SIZE_MAX, &second);
	ptv_policy_free(&policy);
	PTV_EXPECT_EQ(r->result.run.deliveries, 1U);
	PTV_EXPECT_STREQ(ptv_string(&second),
			 "enable; to_int; virt_on (nmi after notify.w.vmx_on#1)");
	PTV_EXPECT_STREQ(ptv_string(&third),
			 "enable; to_int; virt_on (nmi before notify.r.handle.event#1)");
	ptv_string_free(&second);
	ptv_string_free(&third);
}

/* An NMI that is held back for kernel code which never runs is not waited for until `progress`
 * gives up after 300000 branches. Both sides: while the workload runs past an INT no kernel code
 * comes, the NMI goes by the clock after some branches, and the next region is soon full; on the
 * way to VMXON some comes. */
PTV_TEST_F(fuzz_judge, a_place_that_does_not_come_is_given_up, a_rig)
{
	/* enable; to_int; past_int or virt_on, with the NMI after 2 places */
	uint8_t bytes[] = {0, 0, 0x80, 0, 0, 0, 0, 8, 0, 0, 51, 0, 0, 0x80 | 54, 0, 0, 2 << 1};
	const struct ptv_policy *policy;
	struct rig *r = data;
	struct ptv_plan plan;
	uint64_t from;

	policy = &r->policies.at[r->policies.count - 1U];
	ptv_plan_decode(bytes, sizeof(bytes), &plan);
	ptv_fuzz_case_build(&r->c, &plan);
	ptv_play_env(&r->judge.play.env, &r->c.scenario, policy);
	PTV_ASSERT_EQ(ptv_world_init(r->judge.play.world, &r->judge.play.env), 0);
	for (r->judge.play.index = 0; r->judge.play.index < 2U; r->judge.play.index++)
		(void)ptv_world_apply(r->judge.play.world, &r->judge.play.env,
				      &r->c.steps.at[r->judge.play.index].stimulus,
				      r->judge.play.index);
	from = r->judge.play.world->lp[0].branches;
	ptv_fuzz_case_place(&r->c, &r->judge.play);
	PTV_EXPECT_EQ(r->c.plan.stimulus[2].deliver, 0);
	PTV_EXPECT_GT(r->judge.play.copy_world->lp[0].branches, from + 512U);
	PTV_EXPECT_LT(r->judge.play.copy_world->lp[0].branches, from + 8192U);

	plan.stimulus[2].what = 5; /* virt_on */
	ptv_fuzz_case_build(&r->c, &plan);
	ptv_fuzz_case_place(&r->c, &r->judge.play);
	PTV_EXPECT_EQ(r->c.plan.stimulus[2].deliver, 1);
	PTV_EXPECT_LT(r->judge.play.copy_world->lp[0].branches, from + 512U);
}

/* Both sides of the bound: what takes longer is judged, and not compared with anything. */
PTV_TEST_F(fuzz_judge, a_long_timeline_is_neither_stepped_nor_replayed_if_that_is_not_wanted, a_rig)
{
	/* enable; branches: 240 */
	const uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 127 << 1};
	struct ptv_fuzz_how how = {.compare = true, .twin = is_unlike};
	struct rig *r = data;
	struct ptv_plan plan;
	uint64_t clocks;

	ptv_plan_decode(bytes, sizeof(bytes), &plan);
	ptv_fuzz_judge(&r->judge, &plan, &r->policies.at[0], &how, &r->result);
	clocks = r->result.clocks;
	PTV_EXPECT_GT(clocks, 2400U); /* of the branches alone */
	PTV_EXPECT_LT(clocks, 24000U);
	for (how.clocks = clocks - 1U; how.clocks <= clocks; how.clocks++) {
		ptv_fuzz_judge(&r->judge, &plan, &r->policies.at[0], &how, &r->result);
		PTV_EXPECT_EQ(r->result.compared, how.clocks == clocks);
		PTV_EXPECT_EQ(r->result.count > 0U &&
				      r->result.told[r->result.count - 1U].sign.kind ==
					      PTV_FUZZ_UNLIKE_RTL,
			      how.clocks == clocks);
	}
}
