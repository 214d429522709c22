/* SPDX-License-Identifier: MIT */
/*
 * Goal: C model and RTL twin agree in every register and pin at every clock (HW-140).
 * Method: random machines, latencies, switches, tables and pins from a printed seed; what happened
 * is counted, printed, and must be a lot.
 */
#include <stdio.h>
#include <string.h>

#include "engine/rtl/lockstep.h"
#include "engine/rtl/random.h"
#include "gtest/ptv_test.h"

#define SEED	     UINT64_C(0x7711ab5eed000001)
#define BUSY_CLOCKS  UINT64_C(10000000)
#define WORLD_CLOCKS 10000U

struct data {
	struct ptv_lockstep *lockstep;
	struct ptv_random random;
};

static void setup(void *data)
{
	struct data *d = data;

	d->random.state = SEED;
	ptv_random_world(&d->random);
	d->lockstep = ptv_lockstep_open(&d->random.cfg);
}

static void teardown(void *data)
{
	struct data *d = data;

	ptv_lockstep_close(d->lockstep);
}

static const struct ptv_fixture lockstep_fixture = {sizeof(struct data), setup, teardown};

/* One world of random clocks. False: a difference, which has been told. */
static bool random_world(struct data *d)
{
	struct ptv_pins_out last = {0};
	struct ptv_pins_in in;
	unsigned int i, before;

	ptv_random_world(&d->random);
	ptv_lockstep_reset(d->lockstep, &d->random.cfg);
	for (i = 0; i < WORLD_CLOCKS; i++) {
		before = ptv_random_pins(&d->random, ptv_lockstep_now(d->lockstep), &last, &in);
		if (!ptv_lockstep_clock(d->lockstep, &in, before)) {
			ptv_lockstep_explain(d->lockstep, NULL, NULL, stdout);
			return false;
		}
		last = ptv_lockstep_last(d->lockstep)->out;
	}
	return true;
}

PTV_TEST_F(lockstep, c_and_rtl_agree_for_ten_million_busy_random_clocks, lockstep_fixture)
{
	struct data *d = data;
	const struct ptv_lockstep_counts *counts;

	if (!d->lockstep)
		PTV_SKIP("no Verilator");
	counts = &d->lockstep->counts;
	printf("seed %#llx\n", (unsigned long long)SEED);
	while (counts->busy < BUSY_CLOCKS)
		PTV_ASSERT(random_world(d));
	ptv_lockstep_print_counts(d->lockstep, stdout);
	PTV_EXPECT_GE(counts->busy * 2U, counts->clocks);
	PTV_EXPECT_GE(counts->stores, 100000);
	PTV_EXPECT_GE(counts->packets, 100000);
	PTV_EXPECT_GE(counts->region_ends, 1000);
	PTV_EXPECT_GE(counts->pmis, 1000);
	PTV_EXPECT_GE(counts->interrupts, 1000);
	PTV_EXPECT_GE(counts->stops, 1000);
	PTV_EXPECT_GE(counts->errors, 1000);
	PTV_EXPECT_GE(counts->faults, 1000);
	PTV_EXPECT_GE(counts->vmx_modes, 1000);
	PTV_EXPECT_GE(counts->enables, 1000);
	PTV_EXPECT_GE(counts->resets, 100);
}
