/* SPDX-License-Identifier: MIT */
/*
 * Goal: a test that should fail does fail, with its place. Method: every test here fails in one of
 * the ways there are, and ctest wants it so.
 */
#include "gtest/ptv_test.h"

static void after_the_end(void)
{
	PTV_FAIL("went on after leaving the test");
}

PTV_TEST(canary, expect_eq)
{
	PTV_EXPECT_EQ(UINT64_C(4096), -1);
}

PTV_TEST(canary, assert_leaves)
{
	PTV_ASSERT_LT(1, 0);
	after_the_end();
}

PTV_TEST(canary, model_assertion)
{
	bool never = false;

	PTV_ASSERT(never);
	after_the_end();
}

PTV_TEST(canary, memory)
{
	static const unsigned char is[] = {1, 2, 3, 4}, want[] = {1, 2, 0, 4};

	PTV_EXPECT_MEMEQ(is, want, sizeof(is));
}

PTV_TEST(canary, text)
{
	PTV_EXPECT_STREQ("a", NULL);
}

PTV_TEST(canary, skipping)
{
	PTV_SKIP("for a reason");
	after_the_end();
}

static void failing_setup(void *data)
{
	(void)data;
	PTV_ASSERT_STREQ("setup", "");
}

static const struct ptv_fixture fixture = {.setup = failing_setup};

PTV_TEST_F(canary, setup_failure, fixture)
{
	PTV_EXPECT(!data);
	after_the_end();
}

static void made(const void *param)
{
	PTV_FAIL_AT("some/file.yaml", 7, "parameter %d", *(const int *)param);
}

PTV_TEST_GENERATOR(at_run_time)
{
	static const int param = 42;

	ptv_test_register("canary", "made-at_run.time", "some/file.yaml", 1, made, &param);
}
