/* SPDX-License-Identifier: MIT */
/*
 * Goal: no rule of the documents depends on a latency or a size that we chose. Method: the same
 * short history under many draws of every latency from its range; what must come out is typed in
 * once. The seed is printed first.
 */
#include <stdio.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define SEED  UINT64_C(0x1a7e9c5)
#define DRAWS 150U
#define PAGE  4096U

static uint64_t random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* A bench with latencies drawn from their ranges. */
static struct bench *drawn(const char *machine, uint64_t *seed)
{
	struct bench *bench = bench_new(machine);
	const struct ptv_param_row *row;
	size_t count, i;

	row = ptv_timing_rows(&count);
	for (i = 0; i < count; i++) {
		const uint64_t span = (uint64_t)row[i].max - row[i].min + 1U;

		PTV_ASSERT(ptv_timing_set(&bench->cfg.timing, row[i].name,
					  row[i].min + random_next(seed) % span) == 0);
	}
	bench->cfg.sw.mute_packets = 1;
	return bench;
}

/* Output, region end, PMI, STOP, flush. HW-139. */
static void output_history(struct bench *bench)
{
	const uint64_t entry[] = {bench_entry(BENCH_REGION, 0, PTV_TOPA_INT),
				  bench_entry(BENCH_REGION + 0x10000U, 0, PTV_TOPA_STOP),
				  BENCH_TABLE | PTV_TOPA_END};

	bench_table(bench, entry, 3);
	bench_point(bench, BENCH_TABLE, 0, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 1000);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench->stored, 1008);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_OUTPUT_MASK_PTRS),
		      UINT64_C(1008) << 32 | 0x7fU);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 2U * PAGE);
	bench_run(bench, 200000);
	PTV_EXPECT_EQ(bench->stored, 2U * PAGE);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_PMI_RAISED][3], BENCH_REGION + PAGE - 1U);
	PTV_EXPECT_EQ(bench->out.nmi, 1);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_STATUS) & 0x34U, PTV_STATUS_STOPPED);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_CTL), BENCH_CTL_ON);
}

static void vmxon_history(struct bench *bench)
{
	bench_one_region(bench, 0, PTV_TOPA_INT | PTV_TOPA_STOP);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 100);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->stored, 104);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_CTL), BENCH_CTL);
	bench_emit(bench, 16);
	bench_run(bench, 5000);
	PTV_EXPECT_EQ(bench->stored, 104);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_CTL, BENCH_CTL_ON), PTV_FAULT_GP);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXOFF, 0), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_CTL), BENCH_CTL);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_CTL, BENCH_CTL_ON), PTV_FAULT_NONE);
}

PTV_TEST(rules_latency, no_rule_depends_on_a_latency)
{
	uint64_t seed = SEED;
	unsigned int i;

	printf("seed %#llx\n", (unsigned long long)seed);
	for (i = 0; i < DRAWS; i++) {
		output_history(drawn("skylake", &seed));
		vmxon_history(drawn("broadwell", &seed));
	}
}
