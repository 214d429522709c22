/* SPDX-License-Identifier: MIT */
/*
 * Goal: a PMI that cannot come any more is not waited for, and one that still can is.
 * Method: worlds of one CPU event; the branches that `progress to int` let retire are counted.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/world.h"

#define LAST 100U /* branches that retire on an LP that can come to no PMI */

struct room {
	struct ptv_world world;
	struct ptv_env env;
};

static const struct ptv_fixture room = {sizeof(struct room), NULL, NULL};

static struct ptv_apply_result apply(struct room *r, enum ptv_stimulus_kind kind, uint64_t arg,
				     enum ptv_progress to)
{
	struct ptv_stimulus stimulus;

	memset(&stimulus, 0, sizeof(stimulus));
	stimulus.at = PTV_AT_NEXT;
	stimulus.kind = (uint8_t)kind;
	stimulus.arg[0] = arg;
	stimulus.arg[1] = to;
	return ptv_world_apply(&r->world, &r->env, &stimulus, 0);
}

static void open_room(struct room *r, const char *driver)
{
	const struct ptv_driver_row *policy = ptv_driver_find(driver);

	PTV_ASSERT(policy);
	ptv_env_default(&r->env);
	r->env.kern.era = ptv_era_find(policy->era);
	r->env.kern.ops = ptv_driver_ops(policy);
	r->env.kern.kcall_cycles = r->env.cpu.timing.kcall;
	r->env.driver_row = policy;
	r->env.events = 1;
	r->env.event[0].aux_pages = 4;
	PTV_ASSERT(ptv_world_init(&r->world, &r->env) == 0);
}

static uint64_t branches_to_int(struct room *r, enum ptv_progress to, enum ptv_apply want)
{
	const uint64_t before = r->world.lp[0].branches;

	PTV_EXPECT_EQ(apply(r, PTV_STIM_PROGRESS, 0, to).apply, want);
	return r->world.lp[0].branches - before;
}

PTV_TEST_F(progress, while_tracing_the_pmi_is_waited_for, room)
{
	struct room *r = data;

	open_room(r, "dont-die");
	(void)apply(r, PTV_STIM_ENABLE, 0, PTV_PROGRESS_BRANCHES);
	PTV_EXPECT_GT(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_OK), LAST);
	PTV_EXPECT_EQ(r->world.lp[0].pmis, 1);
}

PTV_TEST_F(progress, what_vmxon_has_switched_off_for_good_is_not_waited_for, room)
{
	struct room *r = data;

	open_room(r, "dont-die");
	(void)apply(r, PTV_STIM_ENABLE, 0, PTV_PROGRESS_BRANCHES);
	(void)apply(r, PTV_STIM_PROGRESS, 100, PTV_PROGRESS_BRANCHES);
	(void)apply(r, PTV_STIM_VIRT_ON, 0, PTV_PROGRESS_BRANCHES);
	PTV_EXPECT_EQ(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_NEVER), LAST);
	PTV_EXPECT_EQ(branches_to_int(r, PTV_PROGRESS_PAST_INT, PTV_APPLY_NEVER), LAST);
}

PTV_TEST_F(progress, what_never_traced_is_not_waited_for, room)
{
	struct room *r = data;

	open_room(r, "handle-vmx");
	PTV_EXPECT_EQ(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_NEVER), LAST);
}

/* VMXON has cleared TraceEn while the PMI was on its way: its handler may do anything. */
PTV_TEST_F(progress, an_interrupt_under_way_is_waited_for, room)
{
	struct room *r = data;

	open_room(r, "pmi-pending");
	r->env.cpu.timing.pmi = 50000; /* some 5000 branches */
	(void)apply(r, PTV_STIM_ENABLE, 0, PTV_PROGRESS_BRANCHES);
	PTV_EXPECT_GT(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_OK), LAST);
	(void)apply(r, PTV_STIM_VIRT_ON, 0, PTV_PROGRESS_BRANCHES);
	PTV_ASSERT(ptv_lp_nmi_raised(&r->world.lp[0].hw));
	PTV_ASSERT(!ptv_lp_trigger_en(&r->world.lp[0].hw));
	PTV_EXPECT_GT(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_NEVER), 3U * LAST);
	PTV_EXPECT(!ptv_lp_nmi_raised(&r->world.lp[0].hw));
}

/* A consumer that will read switches nothing on. Both sides: until it reads, and after. */
PTV_TEST_F(progress, a_consumer_is_not_waited_for, room)
{
	struct room *r = data;

	open_room(r, "handle-vmx");
	r->env.consumer = PTV_CONSUMER_WAKE;
	r->env.cpu.timing.consume = 1000000;
	(void)apply(r, PTV_STIM_ENABLE, 0, PTV_PROGRESS_BRANCHES);
	(void)apply(r, PTV_STIM_PROGRESS, 0, PTV_PROGRESS_PAST_INT);
	(void)apply(r, PTV_STIM_PROGRESS, 500, PTV_PROGRESS_BRANCHES);
	(void)apply(r, PTV_STIM_DISABLE, 0, PTV_PROGRESS_BRANCHES);
	PTV_ASSERT(r->world.consume_at[0] != PTV_NEVER);
	PTV_EXPECT_EQ(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_NEVER), LAST);
	PTV_EXPECT(r->world.consume_at[0] != PTV_NEVER);
	(void)apply(r, PTV_STIM_PROGRESS, 200000, PTV_PROGRESS_BRANCHES);
	PTV_EXPECT(r->world.consume_at[0] == PTV_NEVER);
	PTV_EXPECT_EQ(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_NEVER), LAST);
}

/* A machine that has panicked runs nothing any more: a WRMSR of RTIT_CTL in VMX operation. */
PTV_TEST_F(progress, nothing_runs_after_a_panic, room)
{
	struct room *r = data;
	uint64_t branches;

	open_room(r, "naive");
	(void)apply(r, PTV_STIM_VIRT_ON, 0, PTV_PROGRESS_BRANCHES);
	PTV_EXPECT_EQ(branches_to_int(r, PTV_PROGRESS_TO_INT, PTV_APPLY_NEVER), LAST);
	(void)apply(r, PTV_STIM_ENABLE, 0, PTV_PROGRESS_BRANCHES);
	PTV_ASSERT(ptv_kern_dead(&r->world.kern));
	branches = r->world.lp[0].branches;
	ptv_world_advance(&r->world, &r->env, ptv_world_now(&r->world, 0) + 10000U);
	PTV_EXPECT_EQ(r->world.lp[0].branches, branches);
}

/* A processor alone: its tracing is set up by nobody. */
PTV_TEST_F(progress, a_processor_that_does_not_trace_is_not_waited_for, room)
{
	struct room *r = data;

	ptv_env_default(&r->env);
	r->env.hw_alone = 1;
	PTV_ASSERT(ptv_world_init(&r->world, &r->env) == 0);
	PTV_EXPECT_EQ(apply(r, PTV_STIM_RETIRE, 0, PTV_PROGRESS_TO_INT).apply, PTV_APPLY_NEVER);
	PTV_EXPECT_EQ(r->world.lp[0].branches, LAST);
}
