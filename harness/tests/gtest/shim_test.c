/* SPDX-License-Identifier: MIT */
/*
 * Goal: the shim compares by value, runs fixtures around tests, and registers tests at run time.
 * Method: checks that must hold; those that must not are in harness/gtest/canary.c.
 */
#include "gtest/ptv_test.h"

#include <string.h>

enum colour { RED, GREEN };

PTV_TEST(shim, integers_compare_by_value_whatever_their_type)
{
	const enum colour colour = GREEN;
	const unsigned char byte = 255;
	const signed char minus_one = -1;
	const bool yes = true;

	PTV_EXPECT_EQ(colour, 1);
	PTV_EXPECT_EQ(byte, 255);
	PTV_EXPECT_EQ(minus_one, -1L);
	PTV_EXPECT_EQ(yes, 1U);
	PTV_EXPECT_NE(minus_one, UINT64_MAX);
	PTV_EXPECT_LT(minus_one, UINT64_MAX);
	PTV_EXPECT_LT(INT64_MIN, minus_one);
	PTV_EXPECT_LE(0, 0U);
	PTV_EXPECT_GT(UINT64_MAX, INT64_MAX);
	PTV_EXPECT_GE(UINT64_MAX, UINT64_MAX);
}

PTV_TEST(shim, arguments_are_evaluated_once)
{
	int count = 0;

	PTV_EXPECT_EQ(++count, 1);
	PTV_EXPECT_EQ(count, 1);
}

PTV_TEST(shim, text_and_memory_compare_by_content)
{
	char text[] = "abc";

	PTV_EXPECT_STREQ(text, "abc");
	PTV_EXPECT_STREQ(NULL, NULL);
	PTV_EXPECT_MEMEQ(text, "abd", 2);
	PTV_RECORD("length", "%zu", strlen(text));
}

static void break_when_negative(void *arg)
{
	const int *value = arg;

	PTV_ASSERT(*value >= 0);
}

PTV_TEST(shim, broken_assertions_can_be_what_a_test_wants)
{
	int good = 1, bad = -1;

	PTV_EXPECT_ASSERTS(break_when_negative, &bad);
	PTV_EXPECT(!ptv_test_asserts(break_when_negative, &good));
}

struct counters {
	uint64_t zero;
	int setups;
};

static int teardowns;

static void count_setup(void *data)
{
	struct counters *counters = data;

	PTV_ASSERT_EQ(counters->zero, 0);
	counters->setups++;
	teardowns = 0;
}

static void count_teardown(void *data)
{
	struct counters *counters = data;

	PTV_EXPECT_EQ(counters->setups, 1);
	teardowns++;
}

static const struct ptv_fixture counting = {sizeof(struct counters), count_setup, count_teardown};

PTV_TEST_F(shim, fixture_surrounds_the_test, counting)
{
	const struct counters *counters = data;

	PTV_EXPECT_EQ(counters->setups, 1);
	PTV_EXPECT_EQ(teardowns, 0);
}

static void with_param(const void *param)
{
	PTV_EXPECT_STREQ(param, "param");
}

PTV_TEST_GENERATOR(shim_at_run_time)
{
	static const char param[] = "param";

	ptv_test_register("shim", "made-at-run.time/with+signs", __FILE__, __LINE__, with_param,
			  param);
}
