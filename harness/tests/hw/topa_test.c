/* SPDX-License-Identifier: MIT */
/*
 * Goal: bytes go where table and pointers say, and what happens at the end of a region happens at
 * its last byte. Method: the packetizer is muted and bytes are given at the pin emit, so that every
 * byte and cycle is known beforehand.
 */
#include "gtest/ptv_test.h"
#include "bench.h"

#define STATUS PTV_MSR_RTIT_STATUS
#define BASE   PTV_MSR_RTIT_OUTPUT_BASE
#define PTRS   PTV_MSR_RTIT_OUTPUT_MASK_PTRS
#define SECOND (BENCH_REGION + 0x100000U)
#define PAGE   4096U

/* A bench whose only bytes are those of bench_emit(). */
static struct bench *muted(const char *machine)
{
	struct bench *bench = bench_new(machine);

	bench->cfg.sw.mute_packets = 1;
	bench->cfg.timing.drain_cycles = 1;
	return bench;
}

static void expect_pointers(struct bench *bench, uint64_t base, uint64_t index, uint64_t offset)
{
	PTV_EXPECT_EQ(bench_rdmsr(bench, BASE), base);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTRS), offset << 32 | index << 7 | 0x7fU);
}

static void expect_status(struct bench *bench, uint64_t bits)
{
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) &
			      (PTV_STATUS_ERROR | PTV_STATUS_STOPPED | PTV_STATUS_TRIGGER_EN),
		      bits);
}

PTV_TEST(topa, output_begins_where_the_pointers_say)
{
	struct bench *bench = muted("skylake");
	const uint64_t entry[] = {0, bench_entry(BENCH_REGION, 1, 0)};

	bench_table(bench, entry, 2);
	bench_point(bench, BENCH_TABLE, 1, 0x100);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	bench_run(bench, 100);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_TOPA_FETCH][1], BENCH_TABLE + 8U); /* HW-070 */
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1], BENCH_REGION + 0x100U);
	expect_pointers(bench, BENCH_TABLE, 1, 0x110);
}

PTV_TEST(topa, entry_is_read_when_the_memory_answers_and_not_before)
{
	struct bench *bench = muted("skylake");
	uint64_t enabled;

	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	enabled = bench->lp.timer.cycle - 1U; /* the clock in which TraceEn rose */
	bench_emit(bench, 16);
	bench_run_to(bench, enabled + 1U + 60U);
	PTV_EXPECT_EQ(bench->out.mem_req, 1);
	PTV_EXPECT_EQ(bench->lp.topa.valid, 0);
	bench_clock(bench, NULL);
	PTV_EXPECT_EQ(bench->lp.topa.valid, 1);
	PTV_EXPECT_EQ(bench->stored, 0);
	bench_clock(bench, NULL);
	PTV_EXPECT_EQ(bench->stored, 16);
	PTV_EXPECT_EQ(bench->out.mem_req, 0);
}

PTV_TEST(topa, region_end_moves_to_the_next_entry_and_end_to_the_next_table)
{
	struct bench *bench = muted("skylake");
	const uint64_t other = BENCH_TABLE + PAGE;
	const uint64_t entry[] = {bench_entry(BENCH_REGION, 0, 0), bench_entry(SECOND, 1, 0),
				  other | PTV_TOPA_END};

	bench_table(bench, entry, 3);
	PTV_ASSERT(ptv_mem_write(&bench->mem, other, bench_entry(SECOND + 0x100000U, 0, 0)));
	PTV_ASSERT(ptv_mem_write(&bench->mem, other + 8U, BENCH_TABLE | PTV_TOPA_END));
	bench_point(bench, BENCH_TABLE, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, PAGE);
	bench_run(bench, 500);
	expect_pointers(bench, BENCH_TABLE, 1, 0); /* C-5: eager; HW-072 */
	PTV_EXPECT_EQ(bench->last[PTV_OBS_REGION_END][1], BENCH_TABLE);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_REGION_END][2], 0);
	bench_emit(bench, 2U * PAGE);
	bench_run(bench, 500);
	expect_pointers(bench, other, 0, 0); /* HW-073 */
	bench_emit(bench, PAGE + 32U);
	bench_run(bench, 500);
	expect_pointers(bench, BENCH_TABLE, 0, 32);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_REGION_END], 3);
	PTV_EXPECT_EQ(bench->stored, 4U * PAGE + 32U);
	expect_status(bench, PTV_STATUS_TRIGGER_EN);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 0);
}

PTV_TEST(topa, store_is_cut_at_the_region_end)
{
	struct bench *bench = muted("skylake");
	const uint64_t entry[] = {bench_entry(BENCH_REGION, 0, 0), bench_entry(SECOND, 0, 0)};

	bench->cfg.caps.ptr_granularity = 1;
	bench_table(bench, entry, 2);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 5U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 32);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1], BENCH_REGION + PAGE - 5U);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][2], 5);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], SECOND);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][2], 16);
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 11);
}

PTV_TEST(topa, index_wraps_at_its_largest_value)
{
	struct bench *bench = muted("skylake");

	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE + 8U * UINT64_C(0x1ffffff),
				 bench_entry(SECOND, 0, 0)));
	bench_one_region(bench, 0, 0);
	bench_point(bench, BENCH_TABLE, 0x1ffffff, PAGE - 16U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	bench_run(bench, 300);
	expect_pointers(bench, BENCH_TABLE, 0, 0); /* HW-074 */
	expect_status(bench, PTV_STATUS_TRIGGER_EN);
}

PTV_TEST(topa, stop_entry_halts_output_exactly_at_the_region_end)
{
	struct bench *bench = muted("skylake");

	bench_one_region(bench, 0, PTV_TOPA_STOP);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, PAGE - 16U);
	bench_run(bench, 300);
	expect_status(bench, PTV_STATUS_TRIGGER_EN);
	bench_emit(bench, 16);
	bench_emit(bench, 16);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->stored, PAGE); /* HW-075 */
	expect_status(bench, PTV_STATUS_STOPPED);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_CTL) & 1U, 1);
	expect_pointers(bench, BENCH_TABLE, 0, PAGE);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, 0), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 300);
	expect_status(bench, PTV_STATUS_ERROR); /* E4: the offset is the size */
}

PTV_TEST(topa, stop_drops_what_is_still_buffered)
{
	struct bench *bench = muted("skylake");

	bench->cfg.timing.topa_fetch = 500;
	bench_one_region(bench, 0, PTV_TOPA_STOP | PTV_TOPA_INT);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 32U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 100);
	bench_run(bench, 600);
	PTV_EXPECT_EQ(bench->stored, 32);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_DROP][1], 68);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_DROP][2], PTV_DROP_STOP);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_TRIGGER_EN][1], 1);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRIGGER_EN][2], PTV_CAUSE_STOP);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRIGGER_EN][0],
		      bench->first[PTV_OBS_PMI_RAISED][0]); /* HW-076 */
}

PTV_TEST(topa, stop_offset_can_be_read_as_size_minus_one)
{
	struct bench *bench = muted("skylake");

	bench->cfg.caps.ptr_granularity = 1;
	bench->cfg.sw.stop_off = 1;
	bench_one_region(bench, 0, PTV_TOPA_STOP);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 16U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	bench_run(bench, 300);
	expect_pointers(bench, BENCH_TABLE, 0, PAGE - 1U); /* */
}

PTV_TEST(topa, int_entry_raises_the_pmi_with_its_last_byte)
{
	struct bench *bench = muted("skylake");

	bench_one_region(bench, 0, PTV_TOPA_INT);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, PAGE - 16U);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 0);
	bench_emit(bench, 16);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1); /* HW-077 */
	PTV_EXPECT_EQ(bench->first[PTV_OBS_PMI_RAISED][1], 0);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_PMI_RAISED][3], BENCH_REGION + PAGE - 1U);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_PMI_RAISED][0], bench->first[PTV_OBS_REGION_END][0]);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_PERF_GLOBAL_STATUS), PTV_GS_TOPA_PMI);
}

PTV_TEST(topa, single_entry_table_raises_the_pmi_early_and_once_a_pass)
{
	struct bench *bench = muted("broadwell");

	bench_one_region(bench, 0, PTV_TOPA_INT);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, PAGE - 512U - 16U);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 0);
	bench_emit(bench, 16);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1); /* HW-093, C-6 */
	PTV_EXPECT_EQ(bench->first[PTV_OBS_PMI_RAISED][1], 1);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_PMI_RAISED][3], BENCH_REGION + PAGE - 512U - 1U);
	bench_emit(bench, 512);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1); /* none when it is full */
	expect_pointers(bench, BENCH_TABLE, 0, 0);	   /* it wraps: STOP=0 */
	bench_emit(bench, PAGE - 512U);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 2);
}

PTV_TEST(topa, single_entry_table_with_stop_stops_after_the_margin)
{
	struct bench *bench = muted("broadwell");

	bench_one_region(bench, 0, PTV_TOPA_INT | PTV_TOPA_STOP);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, PAGE + 64U);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1);
	PTV_EXPECT_EQ(bench->stored, PAGE);
	expect_status(bench, PTV_STATUS_STOPPED);
	expect_pointers(bench, BENCH_TABLE, 0, PAGE);
}

PTV_TEST(topa, enable_inside_the_margin_raises_the_pmi_at_the_first_byte)
{
	unsigned int edge;

	for (edge = 0; edge < 2U; edge++) {
		struct bench *bench = muted("broadwell");

		bench->cfg.sw.early_pmi = (uint8_t)edge;
		bench_one_region(bench, 0, PTV_TOPA_INT);
		bench_point(bench, BENCH_TABLE, 0, PAGE - 256U);
		bench_ctl(bench, BENCH_CTL_ON);
		bench_emit(bench, 16);
		bench_run(bench, 300);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], edge ? 0 : 1);
		if (!edge)
			PTV_EXPECT_EQ(bench->first[PTV_OBS_PMI_RAISED][3],
				      BENCH_REGION + PAGE - 256U);
	}
}

/* A table, pointers, and what becomes of them after so many bytes. */
struct walk {
	const char *rule;
	const char *machine;
	uint64_t entry[3];
	uint64_t base;
	uint32_t index, offset;
	uint32_t bytes;
	uint64_t status;
	uint32_t stored;
};

#define TABLE	 BENCH_TABLE
#define INT	 PTV_TOPA_INT
#define STOP	 PTV_TOPA_STOP
#define FARTHER	 ((TABLE + PAGE) | PTV_TOPA_END)
#define LOPSIDED (SECOND + PAGE + (1U << 6))
#define GOOD	 (BENCH_REGION)
#define END_SELF (BENCH_TABLE | PTV_TOPA_END)
#define ON	 PTV_STATUS_TRIGGER_EN
#define ERROR	 PTV_STATUS_ERROR

static const struct walk walks[] = {
	{"good", "skylake", {GOOD, END_SELF}, TABLE, 0, 0, 64, ON, 64},
	{"E1 bit 1", "skylake", {GOOD | 2U, END_SELF}, TABLE, 0, 0, 64, ERROR, 0},
	{"E1 bit 3", "skylake", {GOOD | 8U, END_SELF}, TABLE, 0, 0, 64, ERROR, 0},
	{"E1 bit 5", "skylake", {GOOD | 32U, END_SELF}, TABLE, 0, 0, 64, ERROR, 0},
	{"E1 bit 10", "skylake", {GOOD | 1024U, END_SELF}, TABLE, 0, 0, 64, ERROR, 0},
	{"E1 bit 11", "skylake", {GOOD | 2048U, END_SELF}, TABLE, 0, 0, 64, ERROR, 0},
	{"E1 bit 39", "skylake", {GOOD | PTV_BIT(39), END_SELF}, TABLE, 0, 0, 64, ERROR, 0},
	{"E1 END", "skylake", {GOOD, END_SELF | 8U}, TABLE, 0, PAGE - 16U, 64, ERROR, 16},
	{"E2", "skylake", {GOOD, END_SELF}, TABLE + 0x80U, 0, 0, 64, ERROR, 0},
	{"E3", "skylake", {GOOD + PAGE + (1U << 6), END_SELF}, TABLE, 0, 0, 64, ERROR, 0},
	{"E3 later", "skylake", {GOOD, LOPSIDED}, TABLE, 0, 0, PAGE + 64U, ERROR, PAGE},
	{"E4 size", "skylake", {GOOD, END_SELF}, TABLE, 0, PAGE, 64, ERROR, 0},
	{"E4 size-16", "skylake", {GOOD, END_SELF}, TABLE, 0, PAGE - 16U, 16, ON, 16},
	{"E5 INT", "skylake", {GOOD, END_SELF | INT}, TABLE, 0, 0, PAGE, ERROR, PAGE},
	{"E5 STOP", "skylake", {GOOD, END_SELF | STOP}, TABLE, 0, 0, PAGE, ERROR, PAGE},
	{"E5 enable", "skylake", {GOOD, END_SELF | STOP}, TABLE, 1, 0, 64, ERROR, 0},
	{"E6", "skylake", {END_SELF, GOOD}, TABLE, 0, 0, 64, ERROR, 0},
	{"END at enable", "skylake", {GOOD, END_SELF}, TABLE, 1, 0x100, 64, ON, 64},
	{"E7 output", "broadwell", {GOOD, SECOND}, TABLE, 0, PAGE - 16U, 32, ERROR, 16},
	{"E7 table", "broadwell", {GOOD, FARTHER}, TABLE, 0, PAGE - 16U, 32, ERROR, 16},
	{"no E7", "broadwell+mentry", {GOOD, SECOND, END_SELF}, TABLE, 0, PAGE - 16U, 32, ON, 32},
	{"empty table", "skylake", {0}, TABLE, 0, 0, 64, ON, 64},
};

PTV_TEST(topa, tables_work_or_err_row_by_row)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(walks); i++) {
		const struct walk *walk = &walks[i];
		struct bench *bench = muted(walk->machine);
		uint64_t status;

		bench_table(bench, walk->entry, PTV_ARRAY_SIZE(walk->entry));
		bench_point(bench, walk->base, walk->index, walk->offset);
		bench_run(bench, 1000);
		status = bench_rdmsr(bench, STATUS);
		PTV_EXPECT_EQ(status & PTV_STATUS_ERROR, 0); /* HW-089: not before TraceEn */
		bench_ctl(bench, BENCH_CTL_ON);
		bench_emit(bench, walk->bytes);
		bench_run(bench, 1000);
		status = bench_rdmsr(bench, STATUS) & (ON | ERROR | PTV_STATUS_STOPPED);
		if (status != walk->status || bench->stored != walk->stored)
			PTV_FAIL("%s: status %#llx, %zu bytes", walk->rule,
				 (unsigned long long)status, bench->stored);
		PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_CTL) & 1U, 1); /* HW-088 */
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 0);
	}
}

PTV_TEST(topa, error_becomes_visible_exactly_after_its_delay)
{
	struct bench *bench = muted("skylake");
	uint64_t enabled, found;

	bench_one_region(bench, 0, PTV_BIT(1));
	bench_ctl(bench, BENCH_CTL_ON);
	enabled = bench->lp.timer.cycle - 1U;
	found = enabled + 1U + 60U; /* the clock of the memory's answer */
	bench_run_to(bench, found + 20U);
	PTV_EXPECT_EQ(bench->lp.rtit.error, 0);
	PTV_EXPECT_EQ(bench->lp.rtit.trigger_en, 1);
	bench_clock(bench, NULL);
	PTV_EXPECT_EQ(bench->lp.rtit.error, 1);
	PTV_EXPECT_EQ(bench->lp.rtit.trigger_en, 0);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRIGGER_EN][2], PTV_CAUSE_ERROR);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRIGGER_EN][0], found + 20U);
}

PTV_TEST(topa, flush_of_a_disable_waits_for_an_error_that_is_on_its_way)
{
	struct bench *bench = muted("skylake");

	bench->cfg.timing.topa_fetch = 500;
	bench_one_region(bench, 0, PTV_BIT(1));
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	bench_ctl(bench, BENCH_CTL);
	expect_status(bench, PTV_STATUS_ERROR);
	PTV_EXPECT_EQ(bench->stored, 0);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_DROP][1], 16);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_DROP][2], PTV_DROP_ERROR);
}

/* --- single range --- */

#define SINGLE_ON ((BENCH_CTL_ON) & ~PTV_CTL_TOPA)

static void single(struct bench *bench, uint64_t base, uint64_t mask, uint32_t offset)
{
	PTV_EXPECT_EQ(bench_wrmsr(bench, BASE, base), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTRS, (uint64_t)offset << 32 | mask), PTV_FAULT_NONE);
	bench_ctl(bench, SINGLE_ON);
}

PTV_TEST(topa, single_range_wraps_silently)
{
	struct bench *bench = muted("skylake");

	single(bench, BENCH_REGION + 0x80U, 0x7f, 0x70);
	bench_emit(bench, 144);
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->stored, 144); /* HW-068 */
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1], BENCH_REGION + 0xf0U);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], BENCH_REGION + 0xf0U);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTRS), 0x7f);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_REGION_END] + bench->seen[PTV_OBS_TOPA_FETCH], 0);
	expect_status(bench, PTV_STATUS_TRIGGER_EN);
}

PTV_TEST(topa, single_range_errs_on_a_bad_configuration)
{
	static const struct {
		uint64_t base, mask;
		uint32_t offset;
	} bad[] = {{BENCH_REGION, 0x17f, 0},
		   {BENCH_REGION + 0x80U, 0xfff, 0},
		   {BENCH_REGION, 0xfff, 0x1000}};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(bad); i++) {
		struct bench *bench = muted("skylake");

		single(bench, bad[i].base, bad[i].mask, bad[i].offset);
		bench_run(bench, 100);
		expect_status(bench, PTV_STATUS_ERROR); /* HW-069 */
	}
}

/* --- flush --- */

PTV_TEST(topa, flush_pads_to_the_pointer_granularity)
{
	static const struct {
		const char *machine;
		uint64_t stored;
	} row[] = {{"skylake", 48}, {"broadwell", 40}};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		struct bench *bench = muted(row[i].machine);

		bench_one_region(bench, 0, 0);
		bench_ctl(bench, BENCH_CTL_ON);
		bench_emit(bench, 37);
		bench_ctl(bench, BENCH_CTL);
		PTV_EXPECT_EQ(bench->stored, row[i].stored); /* HW-059, C-9 */
		expect_pointers(bench, BENCH_TABLE, 0, row[i].stored);
		bench_ctl(bench, BENCH_CTL_ON);
		bench_emit(bench, 16);
		bench_ctl(bench, BENCH_CTL);
		PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], BENCH_REGION + row[i].stored);
	}
}

PTV_TEST(topa, flush_that_fills_an_int_region_has_bit_55_set_when_it_ends)
{
	struct bench *bench = muted("skylake");

	bench_one_region(bench, 0, PTV_TOPA_INT);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 16U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 9);
	bench_run(bench, 1000);
	PTV_EXPECT_EQ(bench->stored, 0); /* too few for a store */
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench->lp.pmi.status, PTV_GS_TOPA_PMI); /* HW-061 */
	PTV_EXPECT_EQ(bench->stored, 16);
	expect_pointers(bench, BENCH_TABLE, 0, 0);
}

PTV_TEST(topa, flush_ends_flush_fix_clocks_after_the_last_store)
{
	struct bench *bench = muted("skylake");
	struct ptv_pins_in in = {.op = PTV_OP_WRMSR, .msr = PTV_MSR_RTIT_CTL, .data = BENCH_CTL};
	uint64_t took;

	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 200);
	bench_emit(bench, 8);
	took = bench_op(bench, &in);
	/* The first store leaves one clock after the effect; the end is seen one clock after the
	 * last. */
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][0],
		      bench->lp.timer.cycle - 1U - took + 150U + 1U);
	PTV_EXPECT_EQ(bench->lp.timer.cycle - 1U - bench->last[PTV_OBS_STORE][0], 50 + 1);
}

PTV_TEST(topa, stores_leave_at_the_rate_of_the_drain)
{
	struct bench *bench = muted("skylake");
	uint64_t first;

	bench->cfg.timing.drain_cycles = 16;
	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 200);
	bench_forget(bench);
	bench_emit(bench, 64);
	bench_run(bench, 200);
	first = bench->first[PTV_OBS_STORE][0];
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_STORE], 4);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][0], first + 48U);
}
