/* SPDX-License-Identifier: MIT */
/*
 * Goal: fuzzing finds an RTL twin that is wrong, and finds nothing where it is right.
 * Method: campaigns of one seed whose twin is the RTL itself, or the RTL with one constant planted
 * wrong: it believes that the early PMI of single-entry tables comes 16 bytes earlier than it does.
 */
#include <stdio.h>

#include "engine/rtl/tape.h"
#include "gtest/ptv_test.h"
#include "search/fuzz.h"

#define SEED	  2U
#define TIMELINES 20U

struct campaign {
	struct ptv_policies policies;
	struct ptv_known known;
	unsigned int unlike, others; /* finds */
	struct ptv_plan least;	     /* what the last UNLIKE_RTL was shrunk to */
};

static void setup(void *data)
{
	struct campaign *c = data;
	struct ptv_diag diag = {""};

	PTV_ASSERT(ptv_policies_parse(&c->policies, "handle-vmx", NULL, &diag) == 0);
	PTV_ASSERT(ptv_known_read(&c->known, "results/known.txt", &diag) == 0);
}

static void teardown(void *data)
{
	struct campaign *c = data;

	ptv_policies_free(&c->policies);
	ptv_known_free(&c->known);
}

static const struct ptv_fixture a_campaign = {sizeof(struct campaign), setup, teardown};

/* Replays a run; planted: the twin is another processor. */
static bool replay(const struct ptv_fuzz_case *c, const struct ptv_policy *policy, bool plant)
{
	struct ptv_lockstep *lockstep;
	struct ptv_cpu_cfg cfg;
	struct ptv_tape tape;
	bool alike = true;
	unsigned int lp;

	ptv_tape_record(&tape, &c->scenario, policy, 0);
	cfg = tape.cfg;
	if (plant)
		cfg.timing.pmi_margin += 16U;
	lockstep = ptv_lockstep_open(&tape.cfg);
	PTV_ASSERT(lockstep);
	for (lp = 0; lp < tape.lanes && alike; lp++) {
		struct ptv_tape_cursor cursor = {.lane = &tape.lane[lp]};
		const struct ptv_tape_item *item;
		unsigned int before;

		ptv_lockstep_reset(lockstep, &tape.cfg);
		ptv_twin_reset(lockstep->twin, &cfg);
		while (alike && (item = ptv_tape_next(&cursor, &before)) != NULL)
			alike = ptv_lockstep_step(lockstep, &item->in, before);
	}
	ptv_lockstep_close(lockstep);
	ptv_tape_free(&tape);
	return alike;
}

static bool sound(const struct ptv_fuzz_case *c, const struct ptv_policy *policy)
{
	return replay(c, policy, false);
}

static bool planted(const struct ptv_fuzz_case *c, const struct ptv_policy *policy)
{
	return replay(c, policy, true);
}

static void found(void *ctx, const struct ptv_fuzz_find *find)
{
	struct campaign *c = ctx;

	if (find->sign.kind == PTV_FUZZ_UNLIKE_RTL) {
		c->unlike++;
		c->least = find->plan;
	} else {
		c->others++;
	}
}

static void fuzz(struct campaign *c, ptv_fuzz_twin *twin, struct ptv_fuzz_totals *totals)
{
	const struct ptv_fuzz_options options = {
		.seed = SEED,
		.timelines = TIMELINES,
		.compare = 1,
		.full = 2,
		.policies = &c->policies,
		.known = &c->known,
		.twin = twin,
		.ctx = c,
		.found = found,
	};

	printf("seed %u\n", SEED);
	ptv_fuzz(&options, totals);
}

PTV_TEST_F(fuzz_twin, a_planted_rtl_is_found_and_shrunk, a_campaign)
{
	struct campaign *c = data;
	struct ptv_fuzz_totals totals;

	if (!ptv_twin_is_built())
		PTV_SKIP("no Verilator");
	fuzz(c, planted, &totals);
	PTV_EXPECT_EQ(c->unlike, 1); /* of a policy and sign only the first is told */
	PTV_EXPECT_EQ(c->others, 0);
	/* Something has to be traced, and to run until a region is nearly full. */
	PTV_EXPECT_GE(c->least.stimuli, 2);
	PTV_EXPECT_LE(c->least.stimuli, 4);
}

PTV_TEST_F(fuzz_twin, the_rtl_as_it_is_agrees, a_campaign)
{
	struct campaign *c = data;
	struct ptv_fuzz_totals totals;

	if (!ptv_twin_is_built())
		PTV_SKIP("no Verilator");
	fuzz(c, sound, &totals);
	PTV_EXPECT_EQ(totals.compared, TIMELINES);
	PTV_EXPECT_EQ(c->unlike, 0);
	PTV_EXPECT_EQ(c->others, 0);
}
