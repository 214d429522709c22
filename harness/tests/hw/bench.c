/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <string.h>

#include "gtest/ptv_test.h"

static struct bench the_bench;

struct bench *bench_new(const char *machine)
{
	const struct ptv_machine_row *row = ptv_machine_find(machine);
	struct bench *bench = &the_bench;

	PTV_ASSERT(row != NULL);
	memset(bench, 0, sizeof(*bench));
	bench->cfg.caps = row->caps;
	ptv_timing_default(&bench->cfg.timing);
	ptv_switches_default(&bench->cfg.sw);
	ptv_lp_init(&bench->cfg, &bench->lp, 0);
	bench->lp.cpu.cr3 = BENCH_CR3;
	return bench;
}

static void write_down(void *ctx, enum ptv_obs_kind kind, enum ptv_by by, uint64_t a, uint64_t b,
		       uint64_t c)
{
	struct bench *bench = ctx;
	const uint64_t is[4] = {bench->lp.timer.cycle, a, b, c};

	(void)by;
	if (bench->seen[kind]++ == 0U)
		memcpy(bench->first[kind], is, sizeof(is));
	memcpy(bench->last[kind], is, sizeof(is));
}

static void keep_bytes(struct bench *bench)
{
	const struct ptv_pins_out *out = &bench->out;
	const char *name = ptv_packet_name((enum ptv_packet)out->packet_kind);
	const size_t length = strlen(bench->story);

	if (bench->stored + out->store_len <= BENCH_STREAM)
		memcpy(bench->stream + bench->stored, out->store_data, out->store_len);
	bench->stored += out->store_len;
	if (!out->packet_len)
		return;
	if (bench->made + out->packet_len <= sizeof(bench->packets))
		memcpy(bench->packets + bench->made, out->packet, out->packet_len);
	bench->made += out->packet_len;
	if (length + strlen(name) + 2U > sizeof(bench->story))
		return;
	if (length)
		strcat(bench->story, " ");
	strcat(bench->story, name);
}

void bench_clock(struct bench *bench, const struct ptv_pins_in *in)
{
	const struct ptv_lp_run run = {&bench->cfg, &bench->mem, NULL, NULL};
	struct ptv_lp next;
	struct ptv_pins_in pins;
	const struct ptv_lp_clock clock = {&bench->lp, &next, &pins, &bench->out, PTV_BY_DRIVER};

	memset(&pins, 0, sizeof(pins));
	if (in)
		pins = *in;
	ptv_mem_answer(&run, &bench->lp, &pins);
	ptv_lp_step(&bench->cfg, &bench->lp, &pins, &next, &bench->out, bench->fifo);
	ptv_lp_observe(&clock, write_down, bench);
	keep_bytes(bench);
	bench->lp = next;
}

void bench_run_to(struct bench *bench, uint64_t cycle)
{
	while (bench->lp.timer.cycle < cycle)
		bench_clock(bench, NULL);
}

void bench_run(struct bench *bench, uint64_t clocks)
{
	bench_run_to(bench, bench->lp.timer.cycle + clocks);
}

void bench_settle(struct bench *bench)
{
	while (bench->out.stall)
		bench_clock(bench, NULL);
}

uint64_t bench_op(struct bench *bench, const struct ptv_pins_in *in)
{
	const uint64_t begin = bench->lp.timer.cycle;

	bench_clock(bench, in);
	while (!bench->out.done) {
		PTV_ASSERT(bench->lp.timer.cycle - begin < 1000000U);
		bench_clock(bench, NULL);
	}
	return bench->lp.timer.cycle - 1U - begin;
}

static struct ptv_pins_in op_pins(enum ptv_op op)
{
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	in.op = (uint8_t)op;
	in.ip = BENCH_CLIP;
	in.target = BENCH_NLIP;
	in.mode = PTV_EXEC_64;
	return in;
}

enum ptv_fault bench_wrmsr(struct bench *bench, uint32_t msr, uint64_t value)
{
	struct ptv_pins_in in = op_pins(PTV_OP_WRMSR);

	in.msr = msr;
	in.data = value;
	(void)bench_op(bench, &in);
	return (enum ptv_fault)bench->out.fault;
}

uint64_t bench_rdmsr(struct bench *bench, uint32_t msr)
{
	struct ptv_pins_in in = op_pins(PTV_OP_RDMSR);

	in.msr = msr;
	(void)bench_op(bench, &in);
	return bench->out.rdata;
}

enum ptv_vmx_result bench_vmx(struct bench *bench, enum ptv_op op, uint64_t data)
{
	struct ptv_pins_in in = op_pins(op);

	in.data = data;
	in.cr3 = bench->lp.cpu.cr3;
	(void)bench_op(bench, &in);
	return (enum ptv_vmx_result)bench->out.vmx_result;
}

static void retire(struct bench *bench, const struct ptv_pins_in *in)
{
	bench_settle(bench);
	bench_clock(bench, in);
}

void bench_branch(struct bench *bench, enum ptv_retire_kind kind, uint64_t ip, uint64_t target)
{
	struct ptv_pins_in in = op_pins(PTV_OP_NONE);

	in.retire = (uint8_t)kind;
	in.ip = ip;
	in.target = target;
	in.cr3 = bench->lp.cpu.cr3;
	retire(bench, &in);
}

void bench_take(struct bench *bench, enum ptv_int vector)
{
	struct ptv_pins_in in = op_pins(PTV_OP_NONE);

	in.retire = PTV_RETIRE_INT;
	in.vector = (uint8_t)vector;
	in.ip = bench->lp.cpu.ip;
	in.cr3 = bench->lp.cpu.cr3;
	retire(bench, &in);
}

void bench_place(struct bench *bench, uint64_t ip, unsigned int cpl, uint64_t cr3)
{
	struct ptv_pins_in in = op_pins(PTV_OP_NONE);

	in.retire = PTV_RETIRE_FAR;
	in.ip = bench->lp.cpu.ip;
	in.target = ip;
	in.cpl = (uint8_t)cpl;
	in.cr3 = cr3;
	retire(bench, &in);
}

void bench_emit(struct bench *bench, uint64_t count)
{
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	while (count) {
		const uint64_t part = count < 16U ? count : 16U;

		while (ptv_lp_buffered(&bench->lp) + part > bench->cfg.timing.buf_bytes) {
			const uint32_t level = ptv_lp_buffered(&bench->lp);

			bench_run(bench, 1000);
			if (ptv_lp_buffered(&bench->lp) == level)
				return;
		}
		in.emit = (uint16_t)part;
		bench_settle(bench);
		bench_clock(bench, &in);
		count -= part;
	}
}

uint64_t bench_entry(uint64_t address, unsigned int size_code, uint64_t flags)
{
	return address | (uint64_t)size_code << PTV_TOPA_SIZE_SHIFT | flags;
}

void bench_table(struct bench *bench, const uint64_t *entry, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE + 8U * i, entry[i]));
}

void bench_one_region(struct bench *bench, unsigned int size_code, uint64_t flags)
{
	const uint64_t entry[] = {bench_entry(BENCH_REGION, size_code, flags),
				  BENCH_TABLE | PTV_TOPA_END};

	bench_table(bench, entry, 2);
	bench_point(bench, BENCH_TABLE, 0, 0);
}

void bench_point(struct bench *bench, uint64_t base, uint32_t index, uint32_t offset)
{
	PTV_ASSERT(bench_wrmsr(bench, PTV_MSR_RTIT_OUTPUT_BASE, base) == PTV_FAULT_NONE);
	PTV_ASSERT(bench_wrmsr(bench, PTV_MSR_RTIT_OUTPUT_MASK_PTRS,
			       (uint64_t)offset << 32 | (uint64_t)index << 7 | 0x7fU) ==
		   PTV_FAULT_NONE);
}

void bench_ctl(struct bench *bench, uint64_t value)
{
	PTV_ASSERT(bench_wrmsr(bench, PTV_MSR_RTIT_CTL, value) == PTV_FAULT_NONE);
}

void bench_forget(struct bench *bench)
{
	bench_settle(bench);
	memset(bench->seen, 0, sizeof(bench->seen));
	bench->story[0] = '\0';
	bench->made = 0;
	bench->stored = 0;
}
