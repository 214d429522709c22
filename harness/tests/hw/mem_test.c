/* SPDX-License-Identifier: MIT */
/*
 * Goal: the words of ToPA tables are what was last written, in whatever order they come and go.
 * Method: random writes, most of them to few addresses, beside an array that remembers them.
 */
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/hw.h"

#define SEED  UINT64_C(0x3e3e)
#define WORDS 200U /* more than there is room for */

static uint64_t random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return *state >> 33;
}

/* Words in use come first: a search ends behind them. */
static void expect_compact(const struct ptv_mem *mem, size_t used)
{
	size_t i;

	for (i = 0; i < PTV_MEM_WORDS; i++) {
		PTV_ASSERT_EQ(mem->address[i] != 0U, i < used);
		PTV_ASSERT_EQ(mem->value[i] != 0U, i < used);
	}
}

PTV_TEST(mem, a_word_is_what_was_last_written)
{
	uint64_t want[WORDS] = {0}, seed = SEED;
	struct ptv_mem mem;
	size_t used = 0, refused = 0, round, i;

	printf("seed %llu\n", (unsigned long long)SEED);
	memset(&mem, 0, sizeof(mem));
	for (round = 0; round < 20000U; round++) {
		const size_t n = random_next(&seed) % WORDS;
		/* Filling and emptying take turns. */
		const bool clears = random_next(&seed) % 8U < (round / 1000U % 2U ? 6U : 2U);
		const uint64_t value = clears ? 0U : 1U + random_next(&seed);

		if (ptv_mem_write(&mem, 0x1000U + 8U * n, value)) {
			used += value != 0U ? 1U : 0U;
			used -= want[n] != 0U ? 1U : 0U;
			want[n] = value;
		} else {
			PTV_ASSERT(value != 0U && want[n] == 0U && used == PTV_MEM_WORDS);
			refused++;
		}
		for (i = 0; i < WORDS; i++)
			PTV_ASSERT_EQ(ptv_mem_read(&mem, 0x1000U + 8U * i), want[i]);
		expect_compact(&mem, used);
	}
	PTV_EXPECT_GT(refused, 100U);
	PTV_EXPECT_EQ(ptv_mem_read(&mem, 0), 0U);
}
