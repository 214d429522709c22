/* SPDX-License-Identifier: MIT */
/*
 * The targets of coverage-guided fuzzing, fed without it. Method: seeded bytes, and the texts of
 * the corpus with some of their bytes changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/target.h"
#include "gtest/ptv_test.h"
#include "scenario/scenario.h"
#include "search/fuzz_plan.h"
#include "search/random.h"

#define TEXT 16384U

static void timelines(const void *param)
{
	uint8_t bytes[1 + PTV_PLAN_BYTES];
	uint64_t n;

	(void)param;
	for (n = 0; n < 400U; n++) {
		struct ptv_random random = ptv_random_stream(5, n);
		const size_t size = n % 2U ? 1U + ptv_plan_draw(5, n, PTV_PLAN_FULL, bytes + 1)
					   : ptv_random_below(&random, 40);
		size_t i;

		bytes[0] = (uint8_t)n;
		for (i = 0; n % 2U == 0U && i < size; i++)
			bytes[i] = (uint8_t)ptv_random_next(&random);
		PTV_EXPECT(ptv_target_timeline(bytes, size));
	}
}

static size_t read_text(const char *path, uint8_t text[TEXT])
{
	FILE *file = fopen(path, "r");
	size_t size;

	PTV_ASSERT(file);
	size = fread(text, 1, TEXT, file);
	(void)fclose(file);
	return size;
}

/* A byte becomes another one, a piece is left out, or a piece is said twice. */
static size_t mutate(struct ptv_random *random, uint8_t text[TEXT], size_t size)
{
	static const char signs[] = "{}[]:,-#\"'\n 0123456789.x&*!|>%@`\\\x80\xff";
	const size_t at = ptv_random_below(random, (uint32_t)size);
	size_t piece = ptv_random_below(random, 32);

	if (piece > size - at)
		piece = size - at;
	switch (ptv_random_below(random, 3)) {
	case 0:
		text[at] = (uint8_t)signs[ptv_random_below(random, sizeof(signs) - 1U)];
		return size;
	case 1:
		memmove(text + at, text + at + piece, size - at - piece);
		return size - piece;
	default:
		if (size + piece > TEXT)
			return size;
		memmove(text + at + piece, text + at, size - at);
		return size + piece;
	}
}

static void texts(const void *param)
{
	static uint8_t text[TEXT];
	struct ptv_diag diag = {""};
	char **list = ptv_scenario_list("scenarios", &diag);
	size_t i, files = 0;
	uint64_t n;

	(void)param;
	PTV_ASSERT(list);
	for (i = 0; list[i]; i++)
		files++;
	for (n = 0; n < 3000U; n++) {
		struct ptv_random random = ptv_random_stream(6, n);
		size_t size = read_text(list[n % files], text);
		uint32_t times = 1U + ptv_random_below(&random, 6);

		while (times-- > 0U && size > 1U)
			size = mutate(&random, text, size);
		PTV_EXPECT(ptv_target_yaml(text, size));
	}
	ptv_scenario_list_free(list);
}

PTV_TEST_GENERATOR(targets)
{
	ptv_test_register("fuzz/target", "timeline", __FILE__, __LINE__, timelines, NULL);
	ptv_test_register("fuzz/target", "yaml", __FILE__, __LINE__, texts, NULL);
}
