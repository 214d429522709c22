/* SPDX-License-Identifier: MIT */
/*
 * Goal: a check is asked only about the kinds of observations that it looks at, and that makes no
 * difference.
 * Method: random observations, plausible and not, go to checks that are asked as usual and to
 * checks that are asked about everything; state and findings are compared after each. Whatever kind
 * is left out of a check's list shows up as a difference, if the observations are rich enough: most
 * checks have to be exercised and violated.
 */
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/check.h"
#include "ptv/stimulus.h"

#define SEED   UINT64_C(0x5ee5a11c4ec45)
#define RUNS   400U
#define LENGTH 600U
#define SIZE   0x8000U /* AUX bytes */

struct sides {
	struct ptv_checks usual, all;
	struct ptv_verdicts usual_found, all_found;
	uint64_t random;
	struct ptv_obs obs;
};

static const struct ptv_fixture sides = {sizeof(struct sides), NULL, NULL};

/* 0 .. below-1 */
static uint64_t draw(struct sides *s, uint64_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (s->random * UINT64_C(0x2545f4914f6cdd1d) >> 20) % below;
}

static uint64_t place(struct sides *s)
{
	return draw(s, 8) ? ptv_place((unsigned int)draw(s, 2), draw(s, SIZE / 16U) * 16U)
			  : PTV_PLACE_NONE;
}

/* Arguments that mean something more often than not. */
static void fill(struct sides *s, struct ptv_obs *o)
{
	o->a = draw(s, 3);
	o->b = draw(s, 4);
	o->c = draw(s, 2);
	if (o->kind == PTV_OBS_STORE || o->kind == PTV_OBS_SW_STORE) {
		o->b = 16;
		o->c = place(s);
	} else if (o->kind == PTV_OBS_PMI_RAISED) {
		o->c = place(s);
	} else if (o->kind == PTV_OBS_CALL || o->kind == PTV_OBS_RET) {
		o->a = draw(s, PTV_FNS);
		o->b = draw(s, 3);
		o->c = draw(s, 4) ? draw(s, 2) : (uint64_t)-1;
	} else if (o->kind == PTV_OBS_RECORD) {
		o->a = ptv_record_pack((enum ptv_record)draw(s, 3), (unsigned int)draw(s, 2),
				       (uint32_t)draw(s, 16));
		o->b = draw(s, 64) * 512U;
		o->c = draw(s, 8) * 512U;
	} else if (o->kind == PTV_OBS_HEAD || o->kind == PTV_OBS_CONSUME ||
		   o->kind == PTV_OBS_AUX_BEGIN || o->kind == PTV_OBS_AUX_END) {
		o->b = draw(s, 64) * 512U;
		o->c = draw(s, 64) * 512U;
	} else if (o->kind == PTV_OBS_RETIRE) {
		o->b = ptv_retire_pack((enum ptv_scope)draw(s, PTV_SCOPES), draw(s, 3) == 0U,
				       draw(s, 4) != 0U);
		o->c = o->cycle;
	} else if (o->kind == PTV_OBS_TRIGGER_EN || o->kind == PTV_OBS_TRACE_EN) {
		o->a = draw(s, 2);
		o->b = draw(s, PTV_CAUSES);
	} else if (o->kind == PTV_OBS_PACKET && draw(s, 2)) {
		o->b = 0xf302; /* OVF */
	} else if (o->kind == PTV_OBS_STIMULUS) {
		o->b = draw(s, PTV_STIMULI);
	} else if (o->kind == PTV_OBS_VMX_OP) {
		o->b = draw(s, PTV_VMX_RESULTS);
		o->c = 6U + draw(s, 3);
	} else if (o->kind == PTV_OBS_SPLAT && draw(s, 64)) {
		o->a = PTV_SPLAT_WARN; /* a panic ends nearly everything */
	} else if (o->kind == PTV_OBS_EVENT_STATE) {
		o->b = draw(s, 8) ? PTV_EVENT_ACTIVE : draw(s, PTV_EVENT_STATES);
	}
}

static void give(struct sides *s)
{
	ptv_checks_feed(&s->usual, &s->obs, &s->usual_found);
	ptv_checks_feed_all(&s->all, &s->obs, &s->all_found);
	s->obs.seq++;
}

static void begin(struct sides *s)
{
	unsigned int event;

	ptv_checks_init(&s->usual);
	ptv_checks_init(&s->all);
	memset(&s->obs, 0, sizeof(s->obs));
	for (event = 0; event < 2U; event++) {
		s->obs.kind = PTV_OBS_OPEN;
		s->obs.a = event | (uint64_t)PTV_CONTEXT_CPU << 8 | (uint64_t)event << 24;
		s->obs.b = SIZE;
		s->obs.c = SIZE / 2U;
		give(s);
		s->obs.kind = PTV_OBS_PAGE;
		s->obs.a = event;
		s->obs.b = SIZE;
		s->obs.c = 0;
		give(s);
	}
}

static bool same(const struct sides *s)
{
	return memcmp(&s->usual, &s->all, sizeof(s->usual)) == 0 &&
	       memcmp(&s->usual_found, &s->all_found, sizeof(s->usual_found)) == 0;
}

PTV_TEST_F(sees, checks_that_are_asked_about_everything_find_the_same, sides)
{
	struct sides *s = data;
	unsigned int run, i, exercised = 0, violated = 0;

	printf("seed %llx\n", (unsigned long long)SEED);
	s->random = SEED;
	for (run = 0; run < RUNS; run++) {
		begin(s);
		for (i = 0; i < LENGTH; i++) {
			s->obs.kind = (uint8_t)draw(s, PTV_OBS_KINDS);
			s->obs.lp = (uint8_t)draw(s, 2);
			s->obs.by = (uint8_t)draw(s, PTV_BY_COUNT);
			s->obs.cycle += draw(s, 100);
			fill(s, &s->obs);
			if (s->obs.kind == PTV_OBS_CLOSED && draw(s, 50))
				continue;
			give(s);
			if (same(s))
				continue;
			PTV_FAIL("run %u: a check takes part in %s and does not say so", run,
				 ptv_obs_name((enum ptv_obs_kind)s->obs.kind));
			return;
		}
	}
	for (i = 0; i < PTV_CHECKS; i++) {
		exercised += s->usual_found.check[i].exercised != 0U;
		violated += s->usual_found.check[i].violated != 0U;
	}
	PTV_EXPECT_EQ(exercised, PTV_CHECKS - 1U); /* confluent is of runs */
	PTV_EXPECT_GE(violated, PTV_CHECKS - 2U);
}
