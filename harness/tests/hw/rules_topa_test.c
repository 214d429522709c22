/* SPDX-License-Identifier: MIT */
/*
 * Goal: rules of model/spec/requirements.md about the output unit that no other test names. Method:
 * the packetizer is muted, bytes are given at the pin emit: what is stored where is known
 * beforehand.
 */
#include "gtest/ptv_test.h"
#include "bench.h"

#define STATUS PTV_MSR_RTIT_STATUS
#define PAGE   4096U
#define SECOND (BENCH_REGION + 0x8000000U)
#define THIRD  (BENCH_REGION + 0x10000000U)
#define SELF   (BENCH_TABLE | PTV_TOPA_END)
#define STATES (PTV_STATUS_ERROR | PTV_STATUS_STOPPED | PTV_STATUS_TRIGGER_EN)

static struct bench *muted(const char *machine)
{
	struct bench *bench = bench_new(machine);

	bench->cfg.sw.mute_packets = 1;
	bench->cfg.timing.drain_cycles = 1;
	return bench;
}

static struct bench *started(const char *machine, const uint64_t *entry, size_t count,
			     uint32_t index, uint32_t offset)
{
	struct bench *bench = muted(machine);

	bench_table(bench, entry, count);
	bench_point(bench, BENCH_TABLE, index, offset);
	bench_ctl(bench, BENCH_CTL_ON);
	return bench;
}

static uint64_t states(struct bench *bench)
{
	bench_run(bench, 500);
	return bench_rdmsr(bench, STATUS) & STATES;
}

PTV_TEST(rules_topa, table_of_two_regions_needs_the_capability)
{
	const uint64_t entry[] = {BENCH_REGION, SECOND, SELF};
	struct bench *bench = started("broadwell", entry, 3, 0, PAGE - 16U);

	bench_emit(bench, 16);
	PTV_EXPECT_EQ(states(bench), PTV_STATUS_ERROR); /* HW-008, HW-087, E7 */
	bench = started("broadwell+mentry", entry, 3, 0, PAGE - 16U);
	bench_emit(bench, 16);
	PTV_EXPECT_EQ(states(bench), PTV_STATUS_TRIGGER_EN);
}

PTV_TEST(rules_topa, region_is_4_kib_shifted_by_its_size_code)
{
	unsigned int code;

	for (code = 0; code < 16U; code++) {
		const uint64_t entry[] = {bench_entry(BENCH_REGION, code, 0), SECOND, SELF};
		const uint32_t size = PAGE << code;
		struct bench *bench = started("skylake", entry, 3, 0, size - 32U);

		bench_emit(bench, 48);
		bench_run(bench, 500);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_REGION_END], 1); /* HW-071 */
		PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1], BENCH_REGION + size - 32U);
		PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], SECOND);
	}
}

PTV_TEST(rules_topa, output_does_not_wait_for_the_pmi)
{
	static const uint32_t latency[] = {0, 200, 5000};
	const uint64_t entry[] = {bench_entry(BENCH_REGION, 0, PTV_TOPA_INT),
				  bench_entry(SECOND, 1, 0), SELF};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(latency); i++) {
		struct bench *bench = started("skylake", entry, 3, 0, 0);

		bench->cfg.timing.pmi = latency[i];
		PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI),
			      PTV_FAULT_NONE);
		bench_emit(bench, PAGE + 1024U);
		bench_run(bench, 6000);
		PTV_EXPECT_EQ(bench->stored, PAGE + 1024U); /* HW-078: in the next region already */
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1);
		PTV_EXPECT_EQ(bench->out.nmi, 1);
	}
}

PTV_TEST(rules_topa, bad_region_errs_when_it_becomes_current_and_not_before)
{
	const uint64_t entry[] = {BENCH_REGION, SECOND, bench_entry(THIRD + PAGE, 1, 0), SELF};
	struct bench *bench = started("skylake", entry, 4, 0, 0);

	bench_emit(bench, 2U * PAGE - 16U);
	PTV_EXPECT_EQ(states(bench), PTV_STATUS_TRIGGER_EN); /* HW-083, E3 */
	bench_emit(bench, 32);
	PTV_EXPECT_EQ(states(bench), PTV_STATUS_ERROR);
	PTV_EXPECT_EQ(bench->stored, 2U * PAGE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_OUTPUT_MASK_PTRS), 2U << 7 | 0x7fU);
}

PTV_TEST(rules_topa, end_entry_with_int_or_stop_errs)
{
	static const uint64_t flags[] = {0, PTV_TOPA_INT, PTV_TOPA_STOP,
					 PTV_TOPA_INT | PTV_TOPA_STOP};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(flags); i++) {
		const uint64_t entry[] = {BENCH_REGION, SELF | flags[i]};
		struct bench *bench = started("skylake", entry, 2, 0, PAGE - 16U);

		bench_emit(bench, 16);
		PTV_EXPECT_EQ(states(bench),
			      flags[i] ? PTV_STATUS_ERROR : PTV_STATUS_TRIGGER_EN); /* HW-085, E5 */
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 0);
	}
}

PTV_TEST(rules_topa, every_reserved_bit_of_an_entry_errs)
{
	const uint64_t low = UINT64_C(0xc2a), high = ~BENCH_MASK(39);
	unsigned int bit, end;

	for (end = 0; end < 2U; end++) {
		for (bit = 0; bit < 64U; bit++) {
			const uint64_t wrong = (low | high) & PTV_BIT(bit);
			const uint64_t entry[] = {BENCH_REGION | (end ? 0U : wrong),
						  SELF | (end ? wrong : 0U)};
			struct bench *bench;

			if (!wrong)
				continue;
			bench = started("skylake", entry, 2, 0, PAGE - 16U);
			bench_emit(bench, 16);
			PTV_EXPECT_EQ(states(bench), PTV_STATUS_ERROR); /* HW-081, E1 */
			PTV_EXPECT_EQ(bench->stored, end ? 16 : 0);
		}
	}
}

PTV_TEST(rules_topa, table_base_and_first_entry_are_checked)
{
	const uint64_t entry[] = {BENCH_REGION, SELF};
	struct bench *bench;
	unsigned int bit;

	for (bit = 7; bit < 12U; bit++) {
		bench = muted("skylake");
		bench_table(bench, entry, 2);
		bench_point(bench, BENCH_TABLE | PTV_BIT(bit), 0, 0);
		PTV_EXPECT_EQ(states(bench), 0);
		bench_ctl(bench, BENCH_CTL_ON);
		PTV_EXPECT_EQ(states(bench), PTV_STATUS_ERROR); /* HW-082, E2 */
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_TOPA_FETCH], 0);
	}
	/* E6 after a change of tables: the other table begins with END. */
	bench = muted("skylake");
	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE, BENCH_REGION));
	PTV_ASSERT(
		ptv_mem_write(&bench->mem, BENCH_TABLE + 8U, (BENCH_TABLE + PAGE) | PTV_TOPA_END));
	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE + PAGE, SELF));
	bench_point(bench, BENCH_TABLE, 0, PAGE - 16U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	PTV_EXPECT_EQ(states(bench), PTV_STATUS_ERROR); /* HW-086, E6 */
	PTV_EXPECT_EQ(bench->stored, 16);
}

PTV_TEST(rules_topa, entries_are_read_when_they_become_current_and_forgotten_at_disable)
{
	const uint64_t entry[] = {BENCH_REGION, SECOND, SELF};
	struct bench *bench = started("skylake", entry, 3, 0, PAGE - 32U);

	bench_run(bench, 200);
	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE, THIRD));		/* current */
	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE + 8U, THIRD + PAGE)); /* next */
	bench_emit(bench, 32);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], BENCH_REGION + PAGE - 16U); /* HW-091 */
	bench_emit(bench, 16);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], THIRD + PAGE);
	bench_ctl(bench, BENCH_CTL);
	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE + 8U, SECOND));
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], SECOND + 16U);
}

PTV_TEST(rules_topa, offset_after_an_end_at_enable_follows_its_switch)
{
	const uint64_t entry[] = {BENCH_REGION, SELF};
	unsigned int resets;

	for (resets = 0; resets < 2U; resets++) {
		struct bench *bench = muted("skylake");

		bench->cfg.sw.end_resets_off = (uint8_t)resets;
		bench_table(bench, entry, 2);
		bench_point(bench, BENCH_TABLE, 1, 0x100);
		bench_ctl(bench, BENCH_CTL_ON);
		bench_emit(bench, 16);
		bench_run(bench, 200);
		PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1],
			      BENCH_REGION + (resets ? 0U : 0x100U));
	}
}

PTV_TEST(rules_topa, largest_index_is_25_bits)
{
	struct bench *bench = muted("skylake");

	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE, BENCH_REGION));
	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE + 0xffffff0U, SECOND));
	PTV_ASSERT(ptv_mem_write(&bench->mem, BENCH_TABLE + 0xffffff8U, THIRD));
	bench_point(bench, BENCH_TABLE, 0x1fffffe, PAGE - 16U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->lp.topa.idx, 0x1ffffff); /* not yet at the largest but one */
	bench_emit(bench, PAGE);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->lp.topa.idx, 0); /* HW-074, X-8 */
	PTV_EXPECT_EQ(bench->lp.topa.base, BENCH_TABLE);
}

PTV_TEST(rules_topa, single_range_errors_fault_nobody_and_store_nothing)
{
	static const struct {
		uint64_t base, mask;
		uint32_t offset;
		uint64_t states;
	} row[] = {
		{BENCH_REGION, 0xfff, 0, PTV_STATUS_TRIGGER_EN},
		{BENCH_REGION, 0xfff, 0xff0, PTV_STATUS_TRIGGER_EN},
		{BENCH_REGION, 0xfff, 0x1000, PTV_STATUS_ERROR}, /* HW-069, E8 */
		{BENCH_REGION, 0x10fff, 0, PTV_STATUS_ERROR},
		{BENCH_REGION + 0x800U, 0xfff, 0, PTV_STATUS_ERROR},
		{BENCH_REGION + 0x800U, 0x7ff, 0, PTV_STATUS_TRIGGER_EN},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		struct bench *bench = muted("skylake");

		PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_OUTPUT_BASE, row[i].base),
			      PTV_FAULT_NONE);
		PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_OUTPUT_MASK_PTRS,
					  (uint64_t)row[i].offset << 32 | row[i].mask),
			      PTV_FAULT_NONE);
		bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_TOPA);
		bench_emit(bench, 16);
		PTV_EXPECT_EQ(states(bench), row[i].states);
		PTV_EXPECT_EQ(bench->stored, row[i].states == PTV_STATUS_ERROR ? 0 : 16);
	}
}
