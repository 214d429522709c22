/* SPDX-License-Identifier: MIT */
/*
 * Bytes and plans: the decode is total, and is undone by the encode. Method: random byte strings of
 * every length.
 */
#include <stdlib.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/stimulus.h"
#include "search/fuzz_plan.h"
#include "search/random.h"

#define STRINGS 20000U

static size_t random_bytes(uint64_t n, uint8_t bytes[PTV_PLAN_BYTES + 16U])
{
	struct ptv_random random = ptv_random_stream(20261126, n);
	const size_t size = ptv_random_below(&random, PTV_PLAN_BYTES + 16U);
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)ptv_random_next(&random);
	return size;
}

PTV_TEST(fuzz_plan, weights_of_the_kinds_make_64)
{
	size_t count, i, sum = 0;
	const struct ptv_plan_kind *rows = ptv_plan_kind_rows(&count);

	for (i = 0; i < count; i++)
		sum += rows[i].weight;
	PTV_EXPECT_EQ(sum, 64U);
}

PTV_TEST(fuzz_plan, every_byte_string_is_a_plan_that_encodes_to_itself)
{
	uint8_t bytes[PTV_PLAN_BYTES + 16U], again[PTV_PLAN_BYTES];
	struct ptv_plan plan, back;
	size_t seen = 0;
	uint64_t n;

	for (n = 0; n < STRINGS; n++) {
		const size_t size = random_bytes(n, bytes);

		ptv_plan_decode(bytes, size, &plan);
		PTV_ASSERT(plan.stimuli <= PTV_PLAN_STIMULI);
		ptv_plan_decode(again, ptv_plan_encode(&plan, again), &back);
		PTV_ASSERT_EQ(memcmp(&plan, &back, sizeof(plan)), 0);
		seen += plan.stimuli;
	}
	PTV_EXPECT_GT(seen, STRINGS);
}

PTV_TEST(fuzz_plan, nothing_is_the_plainest_plan)
{
	struct ptv_plan plan;

	ptv_plan_decode(NULL, 0, &plan);
	PTV_EXPECT_EQ(plan.stimuli, 0U);
	PTV_EXPECT_EQ(plan.lps, 1U);
	PTV_EXPECT_EQ(plan.events, 1U);
	PTV_EXPECT_EQ(plan.timings + plan.switches, 0U);
}

/* A plan that was decoded makes sense: mending changes nothing. One with a stimulus taken out may
 * not, and is mended to one that does. */
PTV_TEST(fuzz_plan, mending_leaves_out_what_makes_no_sense)
{
	uint8_t bytes[PTV_PLAN_BYTES + 16U];
	struct ptv_plan plan, mended;
	size_t left_out = 0;
	uint64_t n;

	for (n = 0; n < 2000U; n++) {
		ptv_plan_decode(bytes, random_bytes(n, bytes), &plan);
		mended = plan;
		ptv_plan_mend(&mended);
		PTV_ASSERT_EQ(memcmp(&plan, &mended, sizeof(plan)), 0);
		if (plan.stimuli == 0U)
			continue;
		memmove(&mended.stimulus[0], &mended.stimulus[1],
			(PTV_PLAN_STIMULI - 1U) * sizeof(mended.stimulus[0]));
		mended.stimuli--;
		ptv_plan_mend(&mended);
		left_out += (size_t)(plan.stimuli - 1U - mended.stimuli);
	}
	PTV_EXPECT_GT(left_out, 100U);
}

/* The same seed draws the same, another seed something else, on every machine. */
PTV_TEST(fuzz_plan, drawing_depends_on_seed_and_number_alone)
{
	uint8_t a[PTV_PLAN_BYTES], b[PTV_PLAN_BYTES];
	const size_t size = ptv_plan_draw(7, 1000, PTV_PLAN_FULL, a);

	(void)ptv_plan_draw(7, 999, PTV_PLAN_FULL, b);
	PTV_EXPECT_EQ(ptv_plan_draw(7, 1000, PTV_PLAN_FULL, b), size);
	PTV_EXPECT_EQ(memcmp(a, b, size), 0);
	PTV_EXPECT(ptv_plan_draw(8, 1000, PTV_PLAN_FULL, b) != size || memcmp(a, b, size) != 0);
}

/* Every kind of stimulus, every machine and every layout is drawn before long. */
PTV_TEST(fuzz_plan, drawing_leaves_nothing_out)
{
	size_t kinds, i, of_kind[64] = {0}, delivered = 0, two_lps = 0, two_events = 0, set = 0;
	uint8_t bytes[PTV_PLAN_BYTES];
	struct ptv_plan plan;
	uint64_t n;

	(void)ptv_plan_kind_rows(&kinds);
	for (n = 0; n < 5000U; n++) {
		ptv_plan_decode(bytes, ptv_plan_draw(1, n, PTV_PLAN_FULL, bytes), &plan);
		two_lps += plan.lps > 1U;
		two_events += plan.events > 1U;
		set += plan.timings + plan.switches > 0U;
		for (i = 0; i < plan.stimuli; i++) {
			of_kind[plan.stimulus[i].what]++;
			delivered += plan.stimulus[i].deliver;
		}
	}
	for (i = 0; i < kinds; i++)
		PTV_EXPECT_GT(of_kind[i], 10U);
	PTV_EXPECT_GT(delivered, 100U);
	PTV_EXPECT_GT(two_lps, 500U);
	PTV_EXPECT_GT(two_events, 500U);
	PTV_EXPECT_GT(set, 500U);
}
