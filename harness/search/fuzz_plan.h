/* SPDX-License-Identifier: MIT */
/*
 * A plan: one timeline with everything around it, as the fuzzer thinks of it. Bytes and plans are
 * two forms of the same thing:
 *
 *	decode	total: every byte string is a plan that makes sense (no sched_out of what is out, no
 *		time that goes back, no event that excludes another); missing bytes are 0, and 0 is
 *		the plain choice
 *	encode	decode(encode(plan)) is the plan, so that a plan that was shrunk has bytes too
 *
 * Random timelines, replay tokens and coverage-guided fuzzing go through this one decode.
 *
 * Layout: 4 bytes of header, 3 for each event, 2 for each latency and switch that is set, then 3
 * for each stimulus and a fourth where an interrupt is placed in it. What stands in a byte is in
 * fuzz_plan.c.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_PLAN_H
#define PTV_HARNESS_SEARCH_FUZZ_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PTV_PLAN_FORMAT	  2U /* counts up with every change of the layout */
#define PTV_PLAN_LPS	  2U
#define PTV_PLAN_EVENTS	  2U
#define PTV_PLAN_SETTINGS 3U
#define PTV_PLAN_STIMULI  24U
#define PTV_PLAN_BYTES	  118U /* the longest plan */

/* An event: each field is the number of a choice of fuzz_case.c's tables; 0 the plain one. */
struct ptv_plan_event {
	uint8_t pages, mode, exclude, regions, watermark, config;
	uint8_t before, end; /* full mode: its trace begins so far before the end of that page */
};

/* A latency or switch that is not at its default: row of its table, and a level of its range (0 the
 * least, 255 the greatest) or the number of a choice. */
struct ptv_plan_setting {
	uint8_t row, value;
};

/* What happens. */
struct ptv_plan_stimulus {
	uint8_t what; /* row of ptv_plan_kind_rows() */
	uint8_t lp, event;
	uint8_t has_at;	 /* begins so long after the last time that was given; else when the one
			    before has ended */
	uint8_t gap;	 /* 0..127, logarithmic: ptv_plan_gap_cycles() */
	uint8_t amount;	 /* 0..127, logarithmic: branches, bytes or cycles */
	uint8_t deliver; /* 1: an interrupt is placed in it */
	uint8_t irq;	 /* and is the IRQ, not the NMI; */
	uint8_t place;	 /* 0..31: it is held back until so many places where it could come have
			    passed, counted round */
};

struct ptv_plan {
	uint8_t machine; /* row of spec/machine.def */
	uint8_t lps, events;
	uint8_t task;	/* the events belong to tasks, not CPUs */
	uint8_t manual; /* the consumer reads by stimulus only */
	uint8_t fills;	/* the workload may be made to run until a region is full */
	uint8_t cycles, kernel, indirect; /* choices of fuzz_case.c's tables */
	uint8_t work_seed;		  /* 0: the default */
	uint8_t timings, switches;
	struct ptv_plan_event event[PTV_PLAN_EVENTS];
	struct ptv_plan_setting timing[PTV_PLAN_SETTINGS], sw[PTV_PLAN_SETTINGS];
	uint8_t stimuli;
	struct ptv_plan_stimulus stimulus[PTV_PLAN_STIMULI];
};

/* A kind of stimulus as the fuzzer draws it. */
struct ptv_plan_kind {
	uint8_t weight;	  /* of 64 */
	uint8_t stimulus; /* enum ptv_stimulus_kind */
	uint8_t to;	  /* PROGRESS: enum ptv_progress */
};
const struct ptv_plan_kind *ptv_plan_kind_rows(size_t *count);

/* Choices that the layout knows; fuzz_case.c has what they mean. */
#define PTV_PLAN_PAGES	    6U
#define PTV_PLAN_EXCLUDES   3U
#define PTV_PLAN_REGIONS    4U
#define PTV_PLAN_WATERMARKS 8U
#define PTV_PLAN_CONFIGS    4U
#define PTV_PLAN_BEFORES    16U
#define PTV_PLAN_ENDS	    4U
#define PTV_PLAN_CYCLES	    8U
#define PTV_PLAN_KERNELS    4U
#define PTV_PLAN_INDIRECTS  4U

void ptv_plan_decode(const uint8_t *bytes, size_t size, struct ptv_plan *plan);
/* Returns the size: at most PTV_PLAN_BYTES. */
size_t ptv_plan_encode(const struct ptv_plan *plan, uint8_t bytes[PTV_PLAN_BYTES]);

/* Brings a plan that was changed by hand back to one that makes sense: stimuli that do not are left
 * out. */
void ptv_plan_mend(struct ptv_plan *plan);

/* In one timeline of so many regions run full, unless said otherwise: these take most of the time.
 */
#define PTV_PLAN_FULL 16U

/* The n-th timeline of a seed, as bytes; returns their number, at most PTV_PLAN_BYTES. In one of
 * full_each (at least 1) regions run full, so that there are PMIs. */
size_t ptv_plan_draw(uint64_t seed, uint64_t n, uint32_t full_each, uint8_t bytes[PTV_PLAN_BYTES]);

uint64_t ptv_plan_gap_cycles(uint8_t gap);
uint64_t ptv_plan_amount(uint8_t amount);

/* A number that changes when a table changes whose rows the bytes count: stimuli, machines,
 * latencies, switches. */
uint32_t ptv_plan_tables(void);

#endif /* PTV_HARNESS_SEARCH_FUZZ_PLAN_H */
