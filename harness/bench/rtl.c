/* SPDX-License-Identifier: MIT */
/*
 * ptvmx-bench rtl: how fast the two descriptions of the processor run, alone and in lock-step.
 *
 * The pins of one timeline are recorded once; then every clock of them is replayed, over and over:
 * by the C model, by the Verilated twin (with the packets that the C model handed over in the first
 * pass), by both in lock-step, and by both in SystemC (the program ptvmx-lockstep, which reports
 * its own processor time).
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "engine/rtl/lockstep.h"
#include "engine/rtl/tape.h"
#include "play/text.h"

#define FILE_NAME "scenarios/bench/sched_in-virt_on-sched_out-sched_in-virt_off+twelve.yaml"
#define POLICY	  "handle-vmx"

enum { C_STEP, RTL, LOCKSTEP, RATES };

struct rtl_bench {
	struct ptv_scenario *scenario;
	struct ptv_policy policy;
	const char *file;
	struct ptv_tape tape;
	struct ptv_lockstep *lockstep;
	struct ptv_seam *seam; /* of each clock */
	double seconds;	       /* of one rate in one repetition */
	struct ptv_bench_figure rate[RATES], systemc, c_to_rtl, lockstep_to_rtl;
};

/* The first pass: both sides agree, and what the packetizer hands over is kept. */
static int prepare(struct rtl_bench *b, const struct ptv_bench_options *options,
		   struct ptv_diag *diag)
{
	struct ptv_tape_cursor cursor = {.lane = &b->tape.lane[0]};
	const struct ptv_tape_item *item;
	unsigned int before;
	size_t n = 0;

	b->file = options->file ? options->file : FILE_NAME;
	b->scenario = ptv_scenario_load(b->file, diag);
	if (!b->scenario)
		return -1;
	if (ptv_policy_parse(&b->policy,
			     b->scenario->hw_alone ? "none"
						   : (options->policy ? options->policy : POLICY),
			     NULL, diag))
		return -1;
	ptv_tape_record(&b->tape, b->scenario, &b->policy, 0);
	b->lockstep = ptv_lockstep_open(&b->tape.cfg);
	if (!b->lockstep)
		return ptv_diag(diag, NULL, 0, 0, "this build has no RTL twin (no Verilator)");
	b->seam = ptv_alloc(b->tape.lane[0].clocks + 1U, sizeof(*b->seam));
	while ((item = ptv_tape_next(&cursor, &before)) != NULL) {
		if (!ptv_lockstep_step(b->lockstep, &item->in, before))
			return ptv_diag(diag, b->file, 0, 0,
					"C and RTL differ: see ptvmx-lockstep");
		b->seam[n++] = b->lockstep->seam;
	}
	b->seconds = options->seconds / (PTV_BENCH_REPETITIONS * (RATES + 1U));
	return 0;
}

/* The whole tape once. */
static void play_c(struct rtl_bench *b)
{
	struct ptv_tape_cursor cursor = {.lane = &b->tape.lane[0]};
	const struct ptv_tape_item *item;
	uint8_t fifo[PTV_FIFO_MAX] = {0};
	struct ptv_pins_out out;
	struct ptv_lp lp[2];
	unsigned int before, now = 0;

	ptv_lp_init(&b->tape.cfg, &lp[0], 0);
	while ((item = ptv_tape_next(&cursor, &before)) != NULL) {
		if (before & PTV_TWIN_REBASE)
			ptv_lp_rebase(&lp[now]);
		if (before & PTV_TWIN_EXPEDITE)
			ptv_lp_nmi_expedite(&lp[now]);
		ptv_lp_step(&b->tape.cfg, &lp[now], &item->in, &lp[!now], &out, fifo);
		now = !now;
	}
}

static void play_rtl(struct rtl_bench *b)
{
	struct ptv_tape_cursor cursor = {.lane = &b->tape.lane[0]};
	const struct ptv_tape_item *item;
	unsigned int before;
	size_t n = 0;

	ptv_twin_reset(b->lockstep->twin, &b->tape.cfg);
	while ((item = ptv_tape_next(&cursor, &before)) != NULL)
		ptv_twin_tick(b->lockstep->twin, &item->in, &b->seam[n++], before);
}

static void play_lockstep(struct rtl_bench *b)
{
	struct ptv_tape_cursor cursor = {.lane = &b->tape.lane[0]};
	const struct ptv_tape_item *item;
	unsigned int before;

	ptv_lockstep_reset(b->lockstep, &b->tape.cfg);
	while ((item = ptv_tape_next(&cursor, &before)) != NULL)
		PTV_ASSERT(ptv_lockstep_step(b->lockstep, &item->in, before));
}

/* One repetition. The rates take turns, a tape each, so that what a neighbour takes away it takes
 * from all of them. */
static void measure(struct rtl_bench *b)
{
	static void (*const play[RATES])(struct rtl_bench *) = {play_c, play_rtl, play_lockstep};
	const double clocks = (double)b->tape.lane[0].clocks;
	double seconds[RATES] = {0.0}, begin;
	uint64_t tapes = 0;
	unsigned int i;

	do {
		for (i = 0; i < RATES; i++) {
			begin = ptv_bench_now();
			play[i](b);
			seconds[i] += ptv_bench_now() - begin;
		}
		tapes++;
	} while (seconds[C_STEP] + seconds[RTL] + seconds[LOCKSTEP] < RATES * b->seconds);
	for (i = 0; i < RATES; i++)
		ptv_bench_take(&b->rate[i], (double)tapes * clocks / seconds[i]);
	ptv_bench_take(&b->c_to_rtl, seconds[RTL] / seconds[C_STEP]);
	ptv_bench_take(&b->lockstep_to_rtl, seconds[RTL] / seconds[LOCKSTEP]);
}

/* ptvmx-lockstep beside this program, on the same timeline. False: there is none. */
static bool measure_systemc(struct rtl_bench *b)
{
	char self[4096], line[256], *command = NULL;
	double rate = 0.0;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1U);
	FILE *pipe;

	if (n < 0)
		return false;
	self[n] = '\0';
	if (asprintf(&command, "'%s/ptvmx-lockstep' --seconds %g --policy '%s' '%s' 2>/dev/null",
		     dirname(self), b->seconds, b->policy.name, b->file) < 0)
		return false;
	pipe = popen(command, "r");
	while (pipe && fgets(line, sizeof(line), pipe))
		(void)sscanf(line, "%lf clocks a second", &rate);
	if (pipe)
		(void)pclose(pipe);
	free(command);
	if (rate <= 0.0)
		return false;
	ptv_bench_take(&b->systemc, rate);
	return true;
}

static void report(struct rtl_bench *b, cJSON *json)
{
	static const char *const name[RATES] = {"c_step_cycles_per_s", "rtl_cycles_per_s",
						"lockstep_cycles_per_s"};
	unsigned int i;

	for (i = 0; i < RATES; i++)
		ptv_bench_add(json, name[i], &b->rate[i]);
	if (b->systemc.count)
		ptv_bench_add(json, "systemc_lockstep_cycles_per_s", &b->systemc);
	ptv_bench_add(json, "c_step_to_rtl_ratio", &b->c_to_rtl);
	ptv_bench_add(json, "lockstep_to_rtl_ratio", &b->lockstep_to_rtl);
}

int ptv_bench_rtl(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag)
{
	struct rtl_bench b = {0};
	const int status = prepare(&b, options, diag);
	unsigned int i;

	for (i = 0; !status && i < PTV_BENCH_REPETITIONS; i++) {
		measure(&b);
		(void)measure_systemc(&b);
	}
	if (!status)
		report(&b, json);
	ptv_lockstep_close(b.lockstep);
	ptv_tape_free(&b.tape);
	ptv_scenario_free(b.scenario);
	free(b.seam);
	return status;
}
