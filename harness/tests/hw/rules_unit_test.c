/* SPDX-License-Identifier: MIT */
/*
 * Goal: corners of the MSRs and of operations in which a bit could be wrong without any trace that
 * shows it. Method: the bit is read, or what it decides is watched, on both sides of the rule.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL	 PTV_MSR_RTIT_CTL
#define STATUS	 PTV_MSR_RTIT_STATUS
#define PTRS	 PTV_MSR_RTIT_OUTPUT_MASK_PTRS
#define COUNT(n) ((uint64_t)(n) << 32)
#define PAGE	 4096U
#define VMCS	 UINT64_C(0x7000)

static struct bench *muted(const char *machine)
{
	struct bench *bench = bench_new(machine);

	bench->cfg.sw.mute_packets = 1;
	bench->cfg.timing.drain_cycles = 1;
	return bench;
}

/* What an enable makes after software has written the byte count. */
static const char *enabled_with_count(struct bench *bench, uint32_t count)
{
	bench_one_region(bench, 0, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, COUNT(count)), PTV_FAULT_NONE);
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON);
	return bench->story;
}

PTV_TEST(rules_unit, byte_count_takes_whole_units_only)
{
	static const char with[] = "PSB PIP CBR PSBEND MODE.Exec TIP.PGE",
			  without[] = "CBR MODE.Exec TIP.PGE";
	struct bench *bench;

	/* HW-030, HW-055: the low four bits of a Skylake's count do not exist: 15 is 0. */
	PTV_EXPECT_STREQ(enabled_with_count(bench_new("skylake"), 15), with);
	PTV_EXPECT_STREQ(enabled_with_count(bench_new("skylake"), 16), without);
	PTV_EXPECT_STREQ(enabled_with_count(bench_new("skylake"), 0x400), without);
	bench = bench_new("skylake");
	bench->cfg.caps.ptr_granularity = 1;
	PTV_EXPECT_STREQ(enabled_with_count(bench, 1), without);
	bench = bench_new("skylake");
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, COUNT(0x1ffff)), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), COUNT(0x1fff0));
}

PTV_TEST(rules_unit, pointers_read_whole_units_while_tracing_too)
{
	static const struct {
		const char *machine;
		uint64_t first, second;
	} row[] = {{"skylake", 0, 16}, {"broadwell", 8, 16}};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		struct bench *bench = muted(row[i].machine);

		bench->cfg.timing.drain_bytes = 8;
		bench_one_region(bench, 0, 0);
		bench_ctl(bench, BENCH_CTL_ON);
		bench_emit(bench, 8);
		bench_run(bench, 200);
		PTV_EXPECT_EQ(bench->stored, 8);
		PTV_EXPECT_EQ(bench_rdmsr(bench, PTRS) >> 32, row[i].first); /* HW-030 */
		bench_emit(bench, 8);
		bench_run(bench, 200);
		PTV_EXPECT_EQ(bench_rdmsr(bench, PTRS) >> 32, row[i].second);
	}
}

PTV_TEST(rules_unit, warm_reset_leaves_a_pointer_that_can_be_written_back)
{
	struct bench *bench = muted("skylake");

	bench->cfg.timing.drain_bytes = 8;
	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 24);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->stored, 24);
	(void)bench_vmx(bench, PTV_OP_RESET, 1);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTRS), COUNT(16) | 0x7f); /* HW-044, HW-030 */
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 8);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], BENCH_REGION + 16U);
}

PTV_TEST(rules_unit, warm_reset_clears_the_byte_count_where_it_clears_all)
{
	unsigned int ipfilt;

	for (ipfilt = 0; ipfilt < 2U; ipfilt++) {
		struct bench *bench = muted("skylake");

		bench->cfg.caps.ipfilt = (uint8_t)ipfilt;
		PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, COUNT(0x40)), PTV_FAULT_NONE);
		(void)bench_vmx(bench, PTV_OP_RESET, 1);
		PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), ipfilt ? COUNT(0x40) : 0U); /* HW-044 */
	}
}

PTV_TEST(rules_unit, bits_that_ignore_writes_are_no_change)
{
	struct bench *bench = muted("broadwell");

	/* X-2 as KVM reads it: a write that clears TraceEn changes nothing else. Bits 8 and 13 of a
	 * Broadwell (HW-006) cannot change. */
	bench->cfg.sw.ctl_clear_may_change = 0;
	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_OS), PTV_FAULT_GP);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_OS | PTV_CTL_USER), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL);
}

PTV_TEST(rules_unit, tracestop_at_enable_is_flushed_to_the_output_it_was_enabled_with)
{
	struct bench *bench = bench_new("skylake");

	/* HW-014, HW-053: the write that clears TraceEn clears ToPA too; the packets of the enable
	 * belong to the table. As a single range BENCH_TABLE would be written to. */
	bench_one_region(bench, 0, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, 0), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, UINT64_MAX), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON | UINT64_C(2) << 32);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_STOPPED, PTV_STATUS_STOPPED);
	bench_run(bench, 500);
	PTV_EXPECT_EQ(bench->stored, 0);
	bench_ctl(bench, 0);
	PTV_EXPECT_NE(bench->stored, 0);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1], BENCH_REGION);
}

PTV_TEST(rules_unit, tracestop_in_the_clock_of_a_region_end_is_told_as_a_tracestop)
{
	const uint64_t entry[] = {BENCH_REGION, bench_entry(BENCH_REGION + PAGE, 0, PTV_TOPA_STOP),
				  BENCH_TABLE | PTV_TOPA_END};
	struct bench *bench = muted("skylake");
	struct ptv_pins_in in;

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, 0x5000), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, 0x5fff), PTV_FAULT_NONE);
	bench_table(bench, entry, 3);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 16U);
	bench_ctl(bench, BENCH_CTL_ON | UINT64_C(2) << 32);
	bench_run(bench, 200);
	bench_emit(bench, 16); /* the store leaves in the next clock */
	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_JMP_IND;
	in.target = 0x5000;
	in.mode = PTV_EXEC_64;
	bench_clock(bench, &in);
	PTV_EXPECT_EQ(bench->out.region_end, 1);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRIGGER_EN][1], 0);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRIGGER_EN][2], PTV_CAUSE_TRACESTOP); /* HW-053 */
}

/* In non-root operation, tracing where the processor allows it. */
static struct bench *guest(const char *machine)
{
	struct bench *bench = muted(machine);

	bench_one_region(bench, 0, 0);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x6000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
	if (bench->cfg.caps.vmx_misc_pt)
		bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_ENTRY, 0), PTV_VMX_SUCCEED);
	return bench;
}

PTV_TEST(rules_unit, vmxon_of_a_guest_is_no_vmfail)
{
	struct bench *bench = guest("skylake");

	/* HW-117: it would exit; the exit is the caller's, so it is refused here. */
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x6000), PTV_VMX_FAULT);
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_UD);
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_NON_ROOT);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL_ON);
}

PTV_TEST(rules_unit, exit_saves_and_clears_ctl_only_where_the_controls_exist)
{
	struct bench *bench = guest("skylake");

	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_EXIT, PTV_VMC_CLEAR_RTIT), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->out.rdata, 0); /* HW-128: no Guest IA32_RTIT_CTL field */
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL_ON);
	bench = guest("icelake");
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_EXIT, PTV_VMC_CLEAR_RTIT), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->out.rdata, BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), 0);
}

/* --- bits that a wrong model could get wrong unseen --- */

PTV_TEST(rules_unit, warm_reset_keeps_error_and_stopped_with_ip_filters)
{
	const uint64_t kept = PTV_STATUS_ERROR | PTV_STATUS_STOPPED;
	struct bench *bench = muted("skylake");

	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, kept), PTV_FAULT_NONE);
	(void)bench_vmx(bench, PTV_OP_RESET, 1);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), kept); /* HW-044: TraceEn alone */
	(void)bench_vmx(bench, PTV_OP_RESET, 0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), 0);
}

PTV_TEST(rules_unit, pend_psb_stays_while_ctl_56_is_0_even_if_a_psb_is_made)
{
	struct bench *bench = bench_new("skylake");

	bench->cfg.caps.psbpmi = 1;
	bench_one_region(bench, 0, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, PTV_STATUS_PEND_PSB), PTV_FAULT_NONE);
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(strncmp(bench->story, "PSB ", 4), 0);
	/* HW-067 */
	PTV_EXPECT_NE(bench_rdmsr(bench, STATUS) & PTV_STATUS_PEND_PSB, 0);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, PTV_STATUS_PEND_PSB), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_INJECT);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_PEND_PSB, 0); /* HW-066 */
}

PTV_TEST(rules_unit, byte_count_reads_0_where_cpuid_does_not_list_it)
{
	struct bench *bench = bench_new("broadwell");

	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_NE(bench->lp.packet.count, 0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) >> 32, 0); /* HW-026 */
}

PTV_TEST(rules_unit, load_fails_a_tracing_entry_whatever_the_field_holds)
{
	struct bench *bench = muted("icelake");

	bench_one_region(bench, 0, 0);
	(void)bench_vmx(bench, PTV_OP_VMXON, 0x6000);
	(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_ENTRY, PTV_VMC_LOAD_RTIT), PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(bench->out.reason, 7); /* HW-125: with the field 0 too */
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL_ON);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_ENTRY, PTV_VMC_LOAD_RTIT), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), 0); /* HW-128 */
}

PTV_TEST(rules_unit, vmxon_of_user_code_faults_in_root_operation_too)
{
	struct bench *bench = muted("skylake");
	const struct ptv_pins_in in = {.op = PTV_OP_VMXON, .data = 0x6000, .cpl = 3};

	(void)bench_vmx(bench, PTV_OP_VMXON, 0x6000);
	(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
	(void)bench_op(bench, &in);
	PTV_EXPECT_EQ(bench->out.vmx_result, PTV_VMX_FAULT); /* HW-117 */
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_GP);
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_ROOT);
}

PTV_TEST(rules_unit, pmi_that_merges_does_not_postpone_the_request)
{
	const uint64_t entry[] = {bench_entry(BENCH_REGION, 0, PTV_TOPA_INT),
				  bench_entry(BENCH_REGION + PAGE, 0, PTV_TOPA_INT),
				  BENCH_TABLE | PTV_TOPA_END};
	struct bench *bench = muted("skylake");
	uint64_t raised;

	bench->cfg.timing.pmi = 5000;
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI), PTV_FAULT_NONE);
	bench_table(bench, entry, 3);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 16U);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 200);
	bench_emit(bench, PAGE + 16U);
	bench_run(bench, 100);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 2);
	raised = bench->first[PTV_OBS_PMI_RAISED][0];
	bench_run_to(bench, raised + 5000U);
	PTV_EXPECT_EQ(bench->lp.pmi.lvtpc, PTV_LVT_NMI);
	bench_run_to(bench, raised + 5001U); /* HW-079: when the first is due */
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_LVT_DROP], 0);
	PTV_EXPECT_EQ(bench->lp.pmi.lvtpc, PTV_LVT_NMI | PTV_LVT_MASKED);
}

PTV_TEST(rules_unit, lvtpc_does_not_hold_its_delivery_status)
{
	struct bench *bench = muted("skylake");

	/* HW-041: bit 12 is read-only; what is written there is not kept. */
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI | PTV_BIT(12)),
		      PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_X2APIC_LVTPC), PTV_LVT_NMI);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI | PTV_BIT(13)),
		      PTV_FAULT_GP);
}

PTV_TEST(rules_unit, iret_to_user_code_unblocks_nmis_too)
{
	struct bench *bench = muted("skylake");
	struct ptv_pins_in in;

	bench_place(bench, 0x1000, 3, BENCH_CR3);
	bench_take(bench, PTV_INT_NMI);
	PTV_EXPECT(ptv_lp_nmi_blocked(&bench->lp));
	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_IRET;
	in.target = 0x1000;
	in.cpl = 3;
	in.cr3 = BENCH_CR3;
	in.mode = PTV_EXEC_64;
	bench_settle(bench);
	bench_clock(bench, &in);
	PTV_EXPECT(!ptv_lp_nmi_blocked(&bench->lp));
}

PTV_TEST(rules_unit, single_range_is_as_large_as_its_mask)
{
	static const uint32_t mask[] = {0x7f, 0xfff, 0x1fffff, 0x7ffffff, 0xffffffff};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(mask); i++) {
		const uint64_t base = (uint64_t)mask[i] + 1U;
		const uint64_t half = mask[i] >> 1, off = half & ~UINT64_C(15);
		struct bench *bench = muted("skylake");

		PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_OUTPUT_BASE, base), PTV_FAULT_NONE);
		PTV_EXPECT_EQ(bench_wrmsr(bench, PTRS, COUNT(off) | mask[i]), PTV_FAULT_NONE);
		bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_TOPA);
		bench_emit(bench, 32); /* over the middle: no wrap there */
		bench_run(bench, 200);
		PTV_EXPECT_EQ(bench_rdmsr(bench, PTRS), COUNT(off + 32U) | mask[i]); /* HW-068 */
		PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], base + off + 16U);
		bench_ctl(bench, BENCH_CTL & ~PTV_CTL_TOPA);
		PTV_EXPECT_EQ(bench_wrmsr(bench, PTRS, COUNT(mask[i] & ~UINT64_C(15)) | mask[i]),
			      PTV_FAULT_NONE);
		bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_TOPA);
		bench_emit(bench, 32);
		bench_run(bench, 200);
		PTV_EXPECT_EQ(bench->last[PTV_OBS_STORE][1], base);
		PTV_EXPECT_EQ(bench_rdmsr(bench, PTRS), COUNT(16) | mask[i]);
	}
}
