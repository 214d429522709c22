/* SPDX-License-Identifier: MIT */
#include "bench/processor.h"

#include <string.h>

#include "ptv/msr.h"

#define TABLE	  UINT64_C(0x10000000)
#define REGION	  UINT64_C(0x40000000)
#define SIZE_4MIB 10U /* ToPA entry: 4 KiB << 10 */
#define END	  1U

static void look_on(void *ctx, enum ptv_obs_kind kind, enum ptv_by by, uint64_t a, uint64_t b,
		    uint64_t c)
{
	struct ptv_bench_processor *p = ctx;

	(void)kind;
	(void)by;
	(void)a;
	(void)b;
	(void)c;
	p->seen++;
}

static void clock_once(struct ptv_bench_processor *p, struct ptv_pins_in *in,
		       struct ptv_pins_out *out)
{
	const struct ptv_lp_run run = {&p->cfg, &p->mem, NULL, NULL};
	struct ptv_lp *now = &p->lp[p->now], *next = &p->lp[!p->now];
	const struct ptv_lp_clock clock = {now, next, in, out, PTV_BY_WORK};

	ptv_mem_answer(&run, now, in);
	ptv_lp_step(&p->cfg, now, in, next, out, p->fifo);
	ptv_lp_observe(&clock, look_on, p);
	p->now = !p->now;
}

static void wrmsr(struct ptv_bench_processor *p, uint32_t msr, uint64_t value)
{
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	memset(&in, 0, sizeof(in));
	in.op = PTV_OP_WRMSR;
	in.msr = msr;
	in.data = value;
	in.mode = PTV_EXEC_64;
	do {
		clock_once(p, &in, &out);
		memset(&in, 0, sizeof(in));
	} while (!out.done);
	PTV_ASSERT(out.fault == PTV_FAULT_NONE);
}

void ptv_bench_processor_init(struct ptv_bench_processor *p)
{
	struct ptv_work_cfg *work = &p->work_cfg;
	size_t count;

	memset(p, 0, sizeof(*p));
	p->cfg.caps = ptv_machine_rows(&count)[0].caps;
	ptv_timing_default(&p->cfg.timing);
	ptv_switches_default(&p->cfg.sw);
	ptv_lp_init(&p->cfg, &p->lp[0], 0);
	(void)ptv_mem_write(&p->mem, TABLE, REGION | SIZE_4MIB << 6);
	(void)ptv_mem_write(&p->mem, TABLE + 8U, TABLE | END);
	wrmsr(p, PTV_MSR_RTIT_OUTPUT_BASE, TABLE);
	wrmsr(p, PTV_MSR_RTIT_OUTPUT_MASK_PTRS, 0x7f);
	wrmsr(p, PTV_MSR_RTIT_CTL,
	      PTV_CTL_TRACE_EN | PTV_CTL_OS | PTV_CTL_USER | PTV_CTL_TOPA | PTV_CTL_BRANCH_EN);
	ptv_work_default(work);
	ptv_work_init(work, &p->work, p->lp[p->now].timer.cycle);
}

/* The pins of a clock in which a branch of the workload retires. */
static void retire(struct ptv_bench_processor *p, struct ptv_pins_in *in)
{
	memset(in, 0, sizeof(*in));
	(void)ptv_work_retire(&p->work_cfg, &p->work, p->lp[p->now].timer.cycle, in);
}

void ptv_bench_processor_step(struct ptv_bench_processor *p, uint64_t clocks, bool busy)
{
	const uint64_t end = p->lp[p->now].timer.cycle + clocks;
	struct ptv_pins_in in;
	struct ptv_pins_out out;
	bool stall = false;

	while (p->lp[p->now].timer.cycle < end) {
		if (busy && !stall && ptv_work_next(&p->work) <= p->lp[p->now].timer.cycle)
			retire(p, &in);
		else
			memset(&in, 0, sizeof(in));
		clock_once(p, &in, &out);
		stall = out.stall != 0U;
	}
}

/* A branch retires, and clocks pass until the next one may. */
static void retire_in_place(const struct ptv_lp_run *run, struct ptv_bench_processor *p)
{
	struct ptv_lp *lp = &p->lp[p->now];
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	retire(p, &in);
	do {
		ptv_mem_answer(run, lp, &in);
		ptv_lp_step_observed(run, lp, &in, PTV_BY_WORK, &out, p->fifo);
		if (out.stall)
			memset(&in, 0, sizeof(in));
	} while (out.stall);
}

void ptv_bench_processor_leap(struct ptv_bench_processor *p, uint64_t clocks, bool busy,
			      uint64_t stride)
{
	const struct ptv_lp_run run = {&p->cfg, &p->mem, look_on, p};
	const uint64_t end = p->lp[p->now].timer.cycle + clocks;

	while (p->lp[p->now].timer.cycle < end) {
		const uint64_t cycle = p->lp[p->now].timer.cycle;
		uint64_t to = busy ? ptv_work_next(&p->work) : cycle + stride;

		if (to > end)
			to = end;
		if (to > cycle)
			ptv_lp_leap(&run, &p->lp[p->now], p->fifo, to - cycle);
		else
			retire_in_place(&run, p);
	}
}

bool ptv_bench_processor_equal(const struct ptv_bench_processor *a,
			       const struct ptv_bench_processor *b)
{
	return memcmp(&a->lp[a->now], &b->lp[b->now], sizeof(a->lp[0])) == 0 && a->seen == b->seen;
}
