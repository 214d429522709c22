/* SPDX-License-Identifier: MIT */
/*
 * Lanes: levels become spans, and layers are seen from above. Hand-typed cycles.
 */
#include "gtest/ptv_test.h"
#include "show/plot/lane.h"

#define LANES 4U

struct lanes {
	struct ptv_plot_lane at[LANES], out;
};

static void free_lanes(void *data)
{
	struct lanes *lanes = data;
	unsigned int i;

	for (i = 0; i < LANES; i++)
		ptv_lane_free(&lanes->at[i]);
	ptv_lane_free(&lanes->out);
}

static const struct ptv_fixture some_lanes = {sizeof(struct lanes), NULL, free_lanes};

static void expect_span(const struct ptv_plot_lane *lane, size_t n, uint64_t from, uint64_t to,
			uint64_t value)
{
	PTV_ASSERT_LT(n, lane->count);
	PTV_EXPECT_EQ(lane->at[n].from, from);
	PTV_EXPECT_EQ(lane->at[n].to, to);
	PTV_EXPECT_EQ(lane->at[n].value, value);
}

PTV_TEST_F(plot_lane, the_same_level_again_goes_on_and_another_one_begins_a_span, some_lanes)
{
	struct ptv_plot_lane *lane = &((struct lanes *)data)->at[0];

	ptv_lane_level(lane, 10, 1);
	ptv_lane_level(lane, 20, 1);
	ptv_lane_level(lane, 30, 2);
	ptv_lane_level(lane, 40, 0);
	PTV_ASSERT_EQ(lane->count, 2);
	expect_span(lane, 0, 10, 30, 1);
	expect_span(lane, 1, 30, 40, 2);
	PTV_EXPECT_EQ(ptv_lane_value(lane, 9), 0);
	PTV_EXPECT_EQ(ptv_lane_value(lane, 10), 1);
	PTV_EXPECT_EQ(ptv_lane_value(lane, 29), 1);
	PTV_EXPECT_EQ(ptv_lane_value(lane, 30), 2);
	PTV_EXPECT_EQ(ptv_lane_value(lane, 40), 0);
}

PTV_TEST_F(plot_lane, a_level_that_ends_where_it_began_leaves_no_span, some_lanes)
{
	struct ptv_plot_lane *lane = &((struct lanes *)data)->at[0];

	ptv_lane_level(lane, 10, 1);
	ptv_lane_level(lane, 10, 0);
	PTV_EXPECT_EQ(lane->count, 0);
	PTV_EXPECT(lane->seen);
}

/* Method: a long span below, two short ones above it, the upper of which lies over an edge. */
PTV_TEST_F(plot_lane, the_highest_layer_shows_and_the_one_below_shows_around_it, some_lanes)
{
	struct lanes *lanes = data;
	struct ptv_plot_lane *layers[] = {&lanes->at[0], &lanes->at[1], &lanes->at[2]};

	ptv_lane_span(&lanes->at[0], 0, 100, 1);
	ptv_lane_span(&lanes->at[1], 20, 30, 2);
	ptv_lane_span(&lanes->at[2], 25, 40, 3);
	ptv_lane_span(&lanes->at[2], 90, 120, 3);
	ptv_lane_flatten(layers, 3, 0, &lanes->out);
	PTV_ASSERT_EQ(lanes->out.count, 5);
	expect_span(&lanes->out, 0, 0, 20, 1);
	expect_span(&lanes->out, 1, 20, 25, 2);
	expect_span(&lanes->out, 2, 25, 40, 3);
	expect_span(&lanes->out, 3, 40, 90, 1);
	expect_span(&lanes->out, 4, 90, 120, 3);
}

PTV_TEST_F(plot_lane, a_hole_of_sliver_cycles_is_closed_and_one_more_is_not, some_lanes)
{
	struct lanes *lanes = data;
	struct ptv_plot_lane *layers[] = {&lanes->at[0]};

	ptv_lane_span(&lanes->at[0], 0, 10, 1);
	ptv_lane_span(&lanes->at[0], 15, 20, 1);
	ptv_lane_span(&lanes->at[0], 26, 30, 1);
	ptv_lane_flatten(layers, 1, 5, &lanes->out);
	PTV_ASSERT_EQ(lanes->out.count, 2);
	expect_span(&lanes->out, 0, 0, 20, 1);
	expect_span(&lanes->out, 1, 26, 30, 1);
}

PTV_TEST_F(plot_lane, lanes_differ_where_only_one_has_the_value, some_lanes)
{
	struct lanes *lanes = data;

	ptv_lane_span(&lanes->at[0], 10, 50, 1);
	ptv_lane_span(&lanes->at[1], 10, 47, 1);
	PTV_EXPECT_EQ(ptv_lane_differ(&lanes->at[0], &lanes->at[1], 100), 3);
	PTV_EXPECT_EQ(ptv_lane_differ(&lanes->at[0], &lanes->at[1], 48), 1);
	PTV_EXPECT_EQ(ptv_lane_differ(&lanes->at[0], &lanes->at[1], 47), 0);
	PTV_EXPECT_EQ(ptv_lane_differ(&lanes->at[0], &lanes->at[0], 100), 0);
}
