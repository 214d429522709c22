/* SPDX-License-Identifier: MIT */
/*
 * Goal: rules of model/spec/requirements.md about MSR accesses that no other test names. Method:
 * one access, or one capability, at a time, on both sides of the rule.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL    PTV_MSR_RTIT_CTL
#define STATUS PTV_MSR_RTIT_STATUS
#define BASE   PTV_MSR_RTIT_OUTPUT_BASE
#define PTRS   PTV_MSR_RTIT_OUTPUT_MASK_PTRS
#define MATCH  PTV_MSR_RTIT_CR3_MATCH
#define ADDR0  PTV_MSR_RTIT_ADDR0_A
#define OK     PTV_FAULT_NONE
#define GP     PTV_FAULT_GP

static enum ptv_fault read_fault(struct bench *bench, uint32_t msr)
{
	(void)bench_rdmsr(bench, msr);
	return (enum ptv_fault)bench->out.fault;
}

PTV_TEST(rules_msr, address_ranges_are_as_many_as_cpuid_says)
{
	unsigned int ranges, n;

	for (ranges = 0; ranges <= 4U; ranges++) {
		struct bench *bench = bench_new("skylake");

		bench->cfg.caps.ranges = (uint8_t)ranges;
		for (n = 0; n < 8U; n++) { /* HW-004, G6 */
			const enum ptv_fault fault = n / 2U < ranges ? OK : GP;

			PTV_EXPECT_EQ(read_fault(bench, ADDR0 + n), fault);
			PTV_EXPECT_EQ(bench_wrmsr(bench, ADDR0 + n, 0x1000), fault);
		}
	}
}

PTV_TEST(rules_msr, registers_exist_with_their_capability)
{
	struct bench *bench = bench_new("skylake");
	struct ptv_caps *caps = &bench->cfg.caps;

	caps->cr3filt = 0;
	PTV_EXPECT_EQ(read_fault(bench, MATCH), GP); /* G5 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, MATCH, 0), GP);
	caps->topa = 0; /* single range alone is enough for the output registers */
	PTV_EXPECT_EQ(read_fault(bench, BASE), OK);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTRS, 0x7f), OK);
	caps->snglrng = 0;
	PTV_EXPECT_EQ(read_fault(bench, BASE), GP); /* G4 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, BASE, 0), GP);
	PTV_EXPECT_EQ(read_fault(bench, PTRS), GP);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTRS, 0x7f), GP);
	PTV_EXPECT_EQ(read_fault(bench, CTL), OK);
	PTV_EXPECT_EQ(read_fault(bench, STATUS), OK);
}

PTV_TEST(rules_msr, output_schemes_need_their_capability)
{
	struct bench *bench = bench_new("skylake");

	bench->cfg.caps.topa = 0;
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_TOPA), GP); /* HW-017, G13 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, 0), OK);
	bench->cfg.caps.topa = 1;
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_TOPA), OK);
	bench->cfg.caps.snglrng = 0;
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_OS | PTV_CTL_BRANCH_EN), OK);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_TRACE_EN | PTV_CTL_BRANCH_EN), GP); /* HW-018,
											     G14 */
}

PTV_TEST(rules_msr, topa_bit_does_not_matter_with_fabric_output)
{
	unsigned int topa;

	for (topa = 0; topa < 2U; topa++) {
		struct bench *bench = bench_new("skylake");
		const uint64_t bit = topa ? PTV_CTL_TOPA : 0U;

		bench->cfg.caps.fabric = 1;
		bench->cfg.caps.snglrng = 0;
		bench_point(bench, BENCH_TABLE + 0x80U, 0, 0); /* E2, were it ToPA */
		PTV_EXPECT_EQ(bench_wrmsr(bench, CTL,
					  PTV_CTL_TRACE_EN | PTV_CTL_OS | PTV_CTL_BRANCH_EN |
						  PTV_CTL_FABRIC_EN | bit),
			      OK); /* HW-019 */
		bench_run(bench, 1000);
		PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_ERROR, 0);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_TOPA_FETCH], 0);
		PTV_EXPECT_EQ(bench_rdmsr(bench, BASE), BENCH_TABLE + 0x80U);
	}
}

PTV_TEST(rules_msr, user_code_faults_whatever_the_value)
{
	static const uint32_t msr[] = {CTL, STATUS, BASE, PTRS, MATCH, ADDR0};
	struct bench *bench = bench_new("skylake");
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(msr); i++) {
		struct ptv_pins_in in = {.op = PTV_OP_WRMSR, .msr = msr[i], .cpl = 3};

		(void)bench_op(bench, &in); /* HW-009, G1 */
		PTV_EXPECT_EQ(bench->out.fault, GP);
		in.op = PTV_OP_RDMSR;
		(void)bench_op(bench, &in);
		PTV_EXPECT_EQ(bench->out.fault, GP);
	}
}

PTV_TEST(rules_msr, write_that_sets_trace_en_may_change_everything_else)
{
	struct bench *bench = bench_new("skylake");
	const uint64_t all = PTV_CTL_TRACE_EN | PTV_CTL_USER | PTV_CTL_TOPA | PTV_CTL_BRANCH_EN |
			     PTV_CTL_TSC_EN | PTV_CTL_DIS_RETC | UINT64_C(3) << 24;

	bench_one_region(bench, 0, 0);
	bench_ctl(bench, PTV_CTL_OS | PTV_CTL_CR3_FILTER);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, all), OK); /* HW-015 */
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), all);
	PTV_EXPECT_EQ(bench->lp.rtit.trigger_en, 1);
}

PTV_TEST(rules_msr, each_bit_that_changes_under_trace_en_faults)
{
	struct bench *bench = bench_new("skylake");
	unsigned int bit;

	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	for (bit = 1; bit < 57U; bit++) { /* HW-013, G8 */
		PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL_ON ^ PTV_BIT(bit)), GP);
		PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL_ON);
	}
}

PTV_TEST(rules_msr, byte_count_needs_its_capability)
{
	struct bench *bench = bench_new("broadwell");

	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, PTV_BIT(32)), GP); /* HW-026, G17 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, PTV_BIT(48)), GP);
	bench = bench_new("skylake");
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, UINT64_C(0x1fff0) << 32), OK);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), UINT64_C(0x1fff0) << 32);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, PTV_BIT(49)), GP);
}

PTV_TEST(rules_msr, cr3_match_and_address_bits_are_checked)
{
	struct bench *bench = bench_new("skylake");
	unsigned int bit;

	for (bit = 0; bit < 64U; bit++)
		PTV_EXPECT_EQ(bench_wrmsr(bench, MATCH, PTV_BIT(bit)),
			      bit < 5U ? GP : OK); /* HW-032,
						      G22
						    */
	for (bit = 0; bit < 64U; bit++) /* HW-033, G23: one bit from 47 on is not canonical */
		PTV_EXPECT_EQ(bench_wrmsr(bench, ADDR0, PTV_BIT(bit)), bit < 47U ? OK : GP);
	PTV_EXPECT_EQ(bench_wrmsr(bench, ADDR0, UINT64_C(0xffff800000000000)), OK);
	PTV_EXPECT_EQ(bench_wrmsr(bench, ADDR0, UINT64_C(0xffff7fffffffffff)), GP);
	PTV_EXPECT_EQ(bench_rdmsr(bench, ADDR0), UINT64_C(0xffff800000000000));
}

PTV_TEST(rules_msr, nothing_writes_status_while_tracing_is_off)
{
	const uint64_t status = PTV_STATUS_ERROR | PTV_STATUS_STOPPED | UINT64_C(0x120) << 32;
	struct bench *bench = bench_new("icelake");
	unsigned int i;

	bench_table(bench, (const uint64_t[]){PTV_BIT(1)}, 1); /* E1, were it read */
	bench_point(bench, BENCH_TABLE, 0, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, status), OK);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, 0x7000), PTV_VMX_SUCCEED);
	for (i = 0; i < 32U; i++) {
		bench_place(bench, 0x401000 + i, i % 2U ? 3U : 0U, (uint64_t)i << 12);
		bench_branch(bench, PTV_RETIRE_JCC_TAKEN, 1, 0x402000);
		bench_emit(bench, 16);
		(void)bench_vmx(bench, i % 2U ? PTV_OP_VM_EXIT : PTV_OP_VM_ENTRY, 0);
		PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, i % 4U ? BENCH_CTL : 0U), OK);
		PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), status); /* HW-027 */
	}
	PTV_EXPECT_EQ(bench->made, 0);
}

PTV_TEST(rules_msr, only_ctl_is_restricted_in_vmx_operation)
{
	static const struct {
		uint32_t msr;
		uint64_t value;
		enum ptv_fault fault;
	} row[] = {{CTL, PTV_CTL_TRACE_EN | 0x2100U, GP}, /* G15 */
		   {CTL, PTV_CTL_OS, OK},
		   {STATUS, PTV_STATUS_STOPPED, OK}, /* G25 and the rest */
		   {BASE, BENCH_TABLE, OK},
		   {PTRS, UINT64_C(0x80000007f), OK},
		   {MATCH, 0x1000, OK}};
	unsigned int guest;
	size_t i;

	for (guest = 0; guest < 2U; guest++) {
		struct bench *bench = bench_new("broadwell");

		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, 0x7000), PTV_VMX_SUCCEED);
		if (guest)
			PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_ENTRY, 0), PTV_VMX_SUCCEED);
		for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
			PTV_EXPECT_EQ(bench_wrmsr(bench, row[i].msr, row[i].value), row[i].fault);
			PTV_EXPECT_EQ(read_fault(bench, row[i].msr), OK); /* G24 */
		}
	}
}

PTV_TEST(rules_msr, pt_in_vmx_operation_is_the_difference_of_two_processors)
{
	static const char *const machine[] = {"broadwell", "skylake"};
	unsigned int i;

	for (i = 0; i < 2U; i++) {
		struct bench *bench = bench_new(machine[i]);

		bench_one_region(bench, 0, 0);
		PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_VMX_MISC) >> 14 & 1U, i); /* HW-007 */
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
		PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL_ON), i ? OK : GP);
		PTV_EXPECT_EQ(bench->lp.rtit.trigger_en, i);
	}
}
