/* SPDX-License-Identifier: MIT */
/*
 * One processor that traces a workload into memory: what is stepped and leapt.
 */
#ifndef PTV_HARNESS_BENCH_PROCESSOR_H
#define PTV_HARNESS_BENCH_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "ptv/hw.h"
#include "ptv/work.h"

struct ptv_bench_processor {
	struct ptv_cpu_cfg cfg;
	struct ptv_mem mem;
	struct ptv_lp lp[2]; /* `now` and `next` take turns when stepping */
	unsigned int now;
	uint8_t fifo[PTV_FIFO_MAX];
	struct ptv_work_cfg work_cfg;
	struct ptv_work work;
	uint64_t seen; /* observations */
};

/* In reset, then set up by WRMSR: it traces user and kernel code into a ring of 4 MiB. */
void ptv_bench_processor_init(struct ptv_bench_processor *p);

/* So many clocks, every one stepped; a branch retires each 10 cycles on average if busy. */
void ptv_bench_processor_step(struct ptv_bench_processor *p, uint64_t clocks, bool busy);
/* The same, but ptv_lp_leap() goes from branch to branch (every `stride` clocks if not busy). */
void ptv_bench_processor_leap(struct ptv_bench_processor *p, uint64_t clocks, bool busy,
			      uint64_t stride);

/* Whether both came to the same state and saw as much. */
bool ptv_bench_processor_equal(const struct ptv_bench_processor *a,
			       const struct ptv_bench_processor *b);

#endif /* PTV_HARNESS_BENCH_PROCESSOR_H */
