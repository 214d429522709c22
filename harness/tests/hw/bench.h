/* SPDX-License-Identifier: MIT */
/*
 * A logical processor on the bench: pins driven by hand, everything that comes out written down.
 *
 * Each clock goes through bench_clock(), so that pins, observations and stored bytes are collected
 * in one place. Memory answers by itself.
 */
#ifndef PTV_HARNESS_TESTS_HW_BENCH_H
#define PTV_HARNESS_TESTS_HW_BENCH_H

#include "ptv/hw.h"

#define BENCH_STREAM  (1U << 20) /* bytes kept of what was stored */
#define BENCH_STORY   4096U
#define BENCH_TABLE   UINT64_C(0x10000) /* where bench_table() puts its entries */
#define BENCH_REGION  UINT64_C(0x40000000)
#define BENCH_CLIP    UINT64_C(0xffffffff81000100)
#define BENCH_NLIP    UINT64_C(0xffffffff81000102)
#define BENCH_CR3     UINT64_C(0x1a2606000)
#define BENCH_CTL     (PTV_CTL_OS | PTV_CTL_USER | PTV_CTL_TOPA | PTV_CTL_BRANCH_EN)
#define BENCH_CTL_ON  (BENCH_CTL | PTV_CTL_TRACE_EN)
#define BENCH_MASK(n) (PTV_BIT(n) - 1U)

struct bench {
	struct ptv_cpu_cfg cfg;
	struct ptv_lp lp;
	struct ptv_mem mem;
	struct ptv_pins_out out; /* of the last clock */
	uint8_t fifo[PTV_FIFO_MAX];
	uint64_t seen[PTV_OBS_KINDS];	  /* how often each observation came */
	uint64_t first[PTV_OBS_KINDS][4]; /* of the first of each: cycle, a, b, c */
	uint64_t last[PTV_OBS_KINDS][4];  /* of the last of each */
	size_t stored;			  /* bytes of the stream */
	size_t made;			  /* bytes that entered the buffer since bench_forget() */
	uint8_t stream[BENCH_STREAM];	  /* bytes stored, in order */
	uint8_t packets[BENCH_STORY];	  /* bytes that entered the buffer */
	char story[BENCH_STORY];	  /* names of packets: "PSB CBR PSBEND" */
};

/* It is large: one for all tests of a program, made new by this. */
struct bench *bench_new(const char *machine);

/* One clock; `in` may be NULL. */
void bench_clock(struct bench *bench, const struct ptv_pins_in *in);
/* Clocks without input until cycle. */
void bench_run_to(struct bench *bench, uint64_t cycle);
void bench_run(struct bench *bench, uint64_t clocks);
/* Clocks without input until nothing stalls. */
void bench_settle(struct bench *bench);

/* An operation from accept to done; returns the cycles between. Its outputs are in bench->out. */
uint64_t bench_op(struct bench *bench, const struct ptv_pins_in *in);
/* The operations with CLIP, NLIP and CPL 0. */
enum ptv_fault bench_wrmsr(struct bench *bench, uint32_t msr, uint64_t value);
uint64_t bench_rdmsr(struct bench *bench, uint32_t msr);
enum ptv_vmx_result bench_vmx(struct bench *bench, enum ptv_op op, uint64_t data);

/* A branch at CPL 0, 64-bit, CR3 unchanged; waits while the LP stalls. */
void bench_branch(struct bench *bench, enum ptv_retire_kind kind, uint64_t ip, uint64_t target);
/* An interrupt. */
void bench_take(struct bench *bench, enum ptv_int vector);
/* The code runs at this CPL with this CR3 (FAR branch to ip). */
void bench_place(struct bench *bench, uint64_t ip, unsigned int cpl, uint64_t cr3);
/* Bytes into the buffer, 16 a clock as they drain. */
void bench_emit(struct bench *bench, uint64_t count);

/* A ToPA entry. */
uint64_t bench_entry(uint64_t address, unsigned int size_code, uint64_t flags);
/* Writes a table: entries at BENCH_TABLE. */
void bench_table(struct bench *bench, const uint64_t *entry, size_t count);
/* Table of one region of that size code with these flags, END to itself; pointers to its start. */
void bench_one_region(struct bench *bench, unsigned int size_code, uint64_t flags);
/* Writes OUTPUT_BASE, MASK_PTRS. */
void bench_point(struct bench *bench, uint64_t base, uint32_t index, uint32_t offset);
/* Writes RTIT_CTL and expects no fault. */
void bench_ctl(struct bench *bench, uint64_t value);

/* Starts story, packets and counters afresh, when nothing stalls. */
void bench_forget(struct bench *bench);

#endif /* PTV_HARNESS_TESTS_HW_BENCH_H */
