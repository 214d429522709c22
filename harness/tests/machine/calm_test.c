/* SPDX-License-Identifier: MIT */
/*
 * Goal: points that are calm (port.h) take the time that they would have taken, and whoever counts
 * points finds none of them calm.
 * Method: the same timeline with and without somebody who counts; every observation is compared.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/world.h"

struct watched {
	uint64_t hash; /* of the observations */
	uint64_t last; /* cycle of the last one */
	uint32_t points;
	struct ptv_world world;
	struct ptv_env env;
};

struct room {
	struct watched alone, counted;
};

static const struct ptv_fixture room = {sizeof(struct room), NULL, NULL};

static void emit(void *ctx, const struct ptv_obs *obs)
{
	struct watched *w = ctx;
	const uint64_t words[] = {obs->cycle, obs->a, obs->b, obs->c, obs->kind};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(words); i++)
		w->hash = (w->hash ^ words[i]) * UINT64_C(0x100000001b3);
	w->last = obs->cycle;
}

static void pass(void *ctx, const char *label, enum ptv_side side, unsigned int lp)
{
	struct watched *w = ctx;

	(void)label;
	(void)side;
	(void)lp;
	w->points++;
}

static void apply(struct watched *w, enum ptv_stimulus_kind kind, uint64_t arg)
{
	struct ptv_stimulus stimulus;

	memset(&stimulus, 0, sizeof(stimulus));
	stimulus.at = PTV_AT_NEXT;
	stimulus.kind = (uint8_t)kind;
	stimulus.arg[0] = arg;
	(void)ptv_world_apply(&w->world, &w->env, &stimulus, 0);
}

static void play(struct watched *w, bool count, uint32_t kpoint)
{
	const struct ptv_driver_row *policy = ptv_driver_find("handle-vmx");

	PTV_ASSERT(policy);
	memset(w, 0, sizeof(*w));
	ptv_env_default(&w->env);
	w->env.kern.era = ptv_era_find(policy->era);
	w->env.kern.ops = ptv_driver_ops(policy);
	w->env.kern.kcall_cycles = w->env.cpu.timing.kcall;
	w->env.driver_row = policy;
	w->env.events = 1;
	w->env.event[0].aux_pages = 4;
	w->env.cpu.timing.kpoint = kpoint;
	w->env.sink.emit = emit;
	w->env.sink.ctx = w;
	w->env.player.pass = count ? pass : NULL;
	w->env.player.ctx = w;
	PTV_ASSERT(ptv_world_init(&w->world, &w->env) == 0);
	apply(w, PTV_STIM_ENABLE, 0);
	apply(w, PTV_STIM_PROGRESS, 100);
	apply(w, PTV_STIM_VIRT_ON, 0);
	apply(w, PTV_STIM_PROGRESS, 100);
	apply(w, PTV_STIM_VIRT_OFF, 0);
	apply(w, PTV_STIM_PROGRESS, 3000); /* with a PMI */
	apply(w, PTV_STIM_DISABLE, 0);
}

PTV_TEST_F(calm, points_take_the_same_time_whether_anybody_counts_or_not, room)
{
	struct room *r = data;

	play(&r->alone, false, 4);
	play(&r->counted, true, 4);
	PTV_EXPECT_EQ(r->alone.hash, r->counted.hash);
	PTV_EXPECT_EQ(r->alone.points, 0U);
	PTV_EXPECT_GT(r->counted.points, 50U);
}

PTV_TEST_F(calm, points_take_the_time_that_the_scenario_says, room)
{
	struct room *r = data;

	play(&r->alone, false, 0);
	play(&r->counted, false, 5);
	PTV_EXPECT_GT(r->counted.last, r->alone.last);
	play(&r->alone, false, 0);
	play(&r->counted, true, 0);
	PTV_EXPECT_EQ(r->alone.hash, r->counted.hash);
}
