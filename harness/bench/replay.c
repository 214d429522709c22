/* SPDX-License-Identifier: MIT */
/*
 * ptvmx-bench replay: how fast timelines are played and judged, and how fast the processor is
 * stepped and leapt.
 *
 * A timeline is played as `ptvmx run` plays it: every stimulus applied, then a copy settled and
 * judged by every check; the end closed and judged. Before anything is timed, a stepped and a leapt
 * processor have to come to the same state with as many observations.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/processor.h"
#include "play/play.h"

#define FILE_NAME    "scenarios/bench/sched_in-virt_on-sched_out-sched_in-virt_off+twelve.yaml"
#define POLICY	     "handle-vmx"
#define EQUAL_CLOCKS UINT64_C(100000)
#define CLOCKS	     UINT64_C(50000) /* between two looks at the clock */
#define LEAP_CLOCKS  UINT64_C(10000000)
#define STRIDE	     UINT64_C(1000) /* as settling leaps */

enum { STIMULI, TIMELINES, STEP_BUSY, LEAP_BUSY, STEP_IDLE, LEAP_IDLE, RATES };

struct replay {
	struct ptv_scenario *scenario;
	struct ptv_policy policy;
	struct ptv_play play;
	struct ptv_steps steps;
	struct ptv_run run;
	struct ptv_bench_processor processor;
	double seconds; /* of one rate in one repetition */
	struct ptv_bench_figure rate[RATES], busy, idle;
};

static int prepare(struct replay *r, const struct ptv_bench_options *options, struct ptv_diag *diag)
{
	r->scenario = ptv_scenario_load(options->file ? options->file : FILE_NAME, diag);
	if (!r->scenario)
		return -1;
	if (ptv_policy_parse(&r->policy,
			     r->scenario->hw_alone ? "none"
						   : (options->policy ? options->policy : POLICY),
			     NULL, diag))
		return -1;
	ptv_choice_steps(r->scenario, 0, &r->steps);
	ptv_play_init(&r->play, r->scenario, &r->policy, NULL);
	ptv_play_run(&r->play, &r->steps, &r->run);
	if (r->run.open_error || r->run.meaningless || r->run.panic || r->run.never)
		return ptv_diag(diag, r->scenario->file, 0, 0,
				"its timeline does not run to its end under %s", r->policy.name);
	r->seconds = options->seconds / (PTV_BENCH_REPETITIONS * (RATES - 1U));
	return 0;
}

static void forget(struct replay *r)
{
	if (r->play.world)
		ptv_play_free(&r->play);
	ptv_steps_free(&r->steps);
	ptv_policy_free(&r->policy);
	if (r->scenario)
		ptv_scenario_free(r->scenario);
	free(r);
}

static void timelines(struct replay *r)
{
	const double begin = ptv_bench_now();
	double passed;
	uint64_t runs = 0;

	do {
		ptv_play_run(&r->play, &r->steps, &r->run);
		runs++;
		passed = ptv_bench_now() - begin;
	} while (passed < r->seconds);
	ptv_bench_take(&r->rate[TIMELINES], (double)runs / passed);
	ptv_bench_take(&r->rate[STIMULI], (double)(runs * r->steps.count) / passed);
}

static double clocks_per_second(struct replay *r, unsigned int rate)
{
	const bool busy = rate == STEP_BUSY || rate == LEAP_BUSY;
	const bool leap = rate == LEAP_BUSY || rate == LEAP_IDLE;
	const uint64_t chunk = rate == LEAP_IDLE ? LEAP_CLOCKS : CLOCKS;
	uint64_t clocks = 0;
	double begin, passed;

	ptv_bench_processor_init(&r->processor);
	begin = ptv_bench_now();
	do {
		if (leap)
			ptv_bench_processor_leap(&r->processor, chunk, busy, STRIDE);
		else
			ptv_bench_processor_step(&r->processor, chunk, busy);
		clocks += chunk;
		passed = ptv_bench_now() - begin;
	} while (passed < r->seconds);
	ptv_bench_take(&r->rate[rate], (double)clocks / passed);
	return (double)clocks / passed;
}

static void repeat(struct replay *r)
{
	double step, leap;

	timelines(r);
	step = clocks_per_second(r, STEP_BUSY);
	leap = clocks_per_second(r, LEAP_BUSY);
	ptv_bench_take(&r->busy, leap / step);
	step = clocks_per_second(r, STEP_IDLE);
	leap = clocks_per_second(r, LEAP_IDLE);
	ptv_bench_take(&r->idle, leap / step);
}

/* What is timed has to do the same. */
static void compare(void)
{
	struct ptv_bench_processor *p = calloc(2, sizeof(*p));
	int busy;

	PTV_ASSERT(p);
	for (busy = 1; busy >= 0; busy--) {
		ptv_bench_processor_init(&p[0]);
		ptv_bench_processor_init(&p[1]);
		ptv_bench_processor_step(&p[0], EQUAL_CLOCKS, busy != 0);
		ptv_bench_processor_leap(&p[1], EQUAL_CLOCKS, busy != 0, STRIDE);
		PTV_ASSERT(ptv_bench_processor_equal(&p[0], &p[1]));
		PTV_ASSERT(!busy || p[0].seen > EQUAL_CLOCKS / 100U);
	}
	free(p);
}

static void add_figures(const struct replay *r, cJSON *json)
{
	(void)cJSON_AddStringToObject(json, "scenario", r->scenario->file);
	(void)cJSON_AddStringToObject(json, "policy", r->policy.name);
	(void)cJSON_AddNumberToObject(json, "stimuli", (double)r->steps.count);
	(void)cJSON_AddNumberToObject(json, "repetitions", PTV_BENCH_REPETITIONS);
	ptv_bench_add(json, "stimuli_per_s", &r->rate[STIMULI]);
	ptv_bench_add(json, "timelines_per_s", &r->rate[TIMELINES]);
	ptv_bench_add(json, "stepped_cycles_per_s", &r->rate[STEP_BUSY]);
	ptv_bench_add(json, "leapt_cycles_per_s", &r->rate[LEAP_BUSY]);
	ptv_bench_add(json, "leap_busy_ratio", &r->busy);
	ptv_bench_add(json, "leap_idle_ratio", &r->idle);
	(void)cJSON_AddNumberToObject(json, "state_bytes_per_lp", (double)ptv_world_lp_bytes());
	(void)cJSON_AddNumberToObject(json, "state_bytes_shared", (double)ptv_world_shared_bytes());
}

int ptv_bench_replay(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag)
{
	struct replay *r = calloc(1, sizeof(*r));
	const int failed = r ? prepare(r, options, diag)
			     : ptv_diag(diag, NULL, 0, 0, "out of memory");
	unsigned int n;

	if (!r)
		return failed;
	if (!failed) {
		compare();
		for (n = 0; n < PTV_BENCH_REPETITIONS; n++)
			repeat(r);
		add_figures(r, json);
	}
	forget(r);
	return failed;
}
