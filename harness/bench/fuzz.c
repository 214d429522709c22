/* SPDX-License-Identifier: MIT */
/*
 * How fast random timelines are played and judged: without shrinking, and without stepping them
 * too.
 */
#include <stdlib.h>

#include "bench/bench.h"
#include "search/fuzz_judge.h"

#define TIMELINES 64U /* between two looks at the clock */

struct fuzz {
	struct ptv_fuzz_case c;
	struct ptv_fuzz_judge judge;
	struct ptv_fuzz_result result;
	struct ptv_policies policies;
	uint64_t next; /* timeline */
};

/* The next timeline; of those without PMIs only, if that is asked for. */
static uint64_t play(struct fuzz *fuzz, bool light)
{
	const struct ptv_policy *policy = &fuzz->policies.at[fuzz->next % fuzz->policies.count];
	const struct ptv_fuzz_how how = {.compare = false};
	uint8_t bytes[PTV_PLAN_BYTES];
	struct ptv_plan plan;

	do
		ptv_plan_decode(bytes, ptv_plan_draw(1, fuzz->next++, PTV_PLAN_FULL, bytes), &plan);
	while (light && plan.fills);
	ptv_fuzz_judge(&fuzz->judge, &plan, policy, &how, &fuzz->result);
	return fuzz->result.stimuli;
}

static void repeat(struct fuzz *fuzz, double seconds, bool light, struct ptv_bench_figure *stimuli)
{
	const double begin = ptv_bench_now();
	uint64_t applied = 0;
	double passed;

	fuzz->next = 0;
	do {
		unsigned int i;

		for (i = 0; i < TIMELINES; i++)
			applied += play(fuzz, light);
		passed = ptv_bench_now() - begin;
	} while (passed < seconds);
	ptv_bench_take(stimuli, (double)applied / passed);
}

int ptv_bench_fuzz(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag)
{
	struct ptv_bench_figure stimuli = {.count = 0}, light = {.count = 0};
	struct fuzz *fuzz;
	unsigned int i;

	if (options->file)
		return ptv_diag(diag, NULL, 0, 0, "fuzz takes no file");
	fuzz = calloc(1, sizeof(*fuzz));
	PTV_ASSERT(fuzz);
	if (ptv_policies_parse(&fuzz->policies, options->policy, NULL, diag)) {
		free(fuzz);
		return -1;
	}
	ptv_fuzz_judge_init(&fuzz->judge, &fuzz->c);
	for (i = 0; i < PTV_BENCH_REPETITIONS; i++) {
		const double seconds = options->seconds / (2.0 * PTV_BENCH_REPETITIONS);

		repeat(fuzz, seconds, false, &stimuli);
		repeat(fuzz, seconds, true, &light);
	}
	(void)cJSON_AddNumberToObject(json, "repetitions", PTV_BENCH_REPETITIONS);
	ptv_bench_add(json, "stimuli_per_s", &stimuli);
	ptv_bench_add(json, "light_stimuli_per_s", &light);
	ptv_policies_free(&fuzz->policies);
	ptv_fuzz_judge_free(&fuzz->judge);
	ptv_fuzz_case_free(&fuzz->c);
	free(fuzz);
	return 0;
}
