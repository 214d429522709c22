/* SPDX-License-Identifier: MIT */
/*
 * Goal: what the RTL twin found wrong in the processor stays right (results/rtl_findings.md).
 * Method: one test a finding, with the pins that showed it.
 */
#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL	 PTV_MSR_RTIT_CTL
#define STATUS	 PTV_MSR_RTIT_STATUS
#define COUNT(n) ((uint64_t)(n) << 32) /* PacketByteCnt */

static void reset(struct bench *bench, bool warm)
{
	const struct ptv_pins_in in = {.op = PTV_OP_RESET, .data = warm};

	(void)bench_op(bench, &in);
}

PTV_TEST(found, wrmsr_drives_nothing_on_rdata)
{
	static const uint32_t msrs[] = {PTV_MSR_X2APIC_LVTPC, PTV_MSR_PERF_GLOBAL_OVF_CTRL, CTL};
	struct bench *bench = bench_new("skylake");
	size_t i;

	PTV_EXPECT_NE(bench_rdmsr(bench, PTV_MSR_X2APIC_LVTPC), 0U);
	for (i = 0; i < PTV_ARRAY_SIZE(msrs); i++) {
		PTV_EXPECT_EQ(bench_wrmsr(bench, msrs[i], 0), PTV_FAULT_NONE);
		PTV_EXPECT_EQ(bench->out.rdata, 0U);
	}
}

PTV_TEST(found, a_warm_reset_clears_the_byte_count_iff_there_are_no_ip_filters)
{
	unsigned int ipfilt;

	for (ipfilt = 0; ipfilt < 2U; ipfilt++) {
		struct bench *bench = bench_new("skylake");

		bench->cfg.caps.ipfilt = (uint8_t)ipfilt;
		PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, COUNT(0x100)), PTV_FAULT_NONE);
		reset(bench, true);
		PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), ipfilt ? COUNT(0x100) : 0U); /* HW-044 */
	}
}

PTV_TEST(found, a_warm_reset_makes_no_psb_even_if_one_is_due)
{
	const struct ptv_pins_in warm = {.op = PTV_OP_RESET, .data = 1};
	const struct ptv_pins_in emit = {.emit = 16}, half = {.emit = 8};
	struct bench *bench = bench_new("skylake");
	uint64_t clocks;
	unsigned int i;

	/* Nothing drains, and the period passes with a packet that leaves no room for PSB. */
	bench_one_region(bench, 4, 0);
	bench->cfg.timing.topa_fetch = 500;
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, COUNT(2032)), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_settle(bench);
	for (i = 0; i < 14U; i++)
		bench_clock(bench, &emit);
	bench_clock(bench, &half);
	bench_branch(bench, PTV_RETIRE_JMP_IND, BENCH_CLIP, BENCH_CLIP + 0x100U);
	bench_settle(bench);
	PTV_EXPECT_EQ(bench->lp.packet.ovf, 1U);
	PTV_EXPECT_GE(bench->lp.packet.count, 2048U);
	bench_forget(bench);
	clocks = bench_op(bench, &warm);
	PTV_EXPECT_LE(clocks, 1U);
	PTV_EXPECT_EQ(bench->lp.packet.todo, 0U);
	bench_run(bench, 64);
	PTV_EXPECT_STREQ(bench->story, "");
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0U);
}

PTV_TEST(found, written_byte_counts_lose_the_bits_that_are_not_held)
{
	struct bench *bench = bench_new("skylake");

	/* Fifteen is held as 0, and 0 asks for PSB+ at the enable (HW-055); sixteen is held. */
	bench_one_region(bench, 4, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, COUNT(15)), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_settle(bench);
	PTV_EXPECT_STREQ(bench->story, "PSB PIP CBR PSBEND MODE.Exec TIP.PGE");

	bench = bench_new("skylake");
	bench_one_region(bench, 4, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, COUNT(16)), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_settle(bench);
	PTV_EXPECT_STREQ(bench->story, "CBR MODE.Exec TIP.PGE");
}

PTV_TEST(found, wired_bits_stay_whoever_writes_rtit_ctl)
{
	const struct ptv_pins_in entry = {.op = PTV_OP_VM_ENTRY};
	const struct ptv_pins_in leave = {.op = PTV_OP_VM_EXIT, .data = PTV_VMC_CLEAR_RTIT};
	struct bench *bench = bench_new("broadwell");

	bench->cfg.caps.vmx_load_clear = 1; /* no such part */
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, 0x7000), PTV_VMX_SUCCEED);
	(void)bench_op(bench, &entry);
	(void)bench_op(bench, &leave);
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_ROOT);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), 0x2100U); /* HW-006 */
}

PTV_TEST(found, an_ignored_bit_is_no_change_of_rtit_ctl)
{
	struct bench *bench = bench_new("broadwell");

	bench->cfg.sw.ctl_clear_may_change = 0; /* X-2, as KVM has it */
	bench_one_region(bench, 4, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_OS), PTV_FAULT_GP); /* changes User */
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, PTV_CTL_OS | PTV_CTL_USER), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL);
}

/* TraceStop at the enable: its bytes have no pointers until the flush loads them. */
PTV_TEST(found, a_flush_goes_by_the_output_scheme_of_the_enable)
{
	const uint64_t stop_range = UINT64_C(2) << 32;
	struct bench *bench = bench_new("skylake");

	bench_one_region(bench, 4, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, BENCH_NLIP), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, BENCH_NLIP), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON | stop_range);
	bench_settle(bench);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_STOPPED, PTV_STATUS_STOPPED);
	PTV_EXPECT_EQ(bench->stored, 0U);
	/* Single-range output begins with the next enable, not with this flush. */
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL & ~PTV_CTL_TOPA), PTV_FAULT_NONE);
	PTV_EXPECT_GT(bench->stored, 0U);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1], BENCH_REGION);
}

PTV_TEST(found, bytes_for_the_trace_transport_do_not_enter_the_buffer)
{
	const struct ptv_pins_in emit = {.emit = 16};
	struct bench *bench = bench_new("skylake");

	bench->cfg.caps.fabric = 1; /* no known part */
	bench_one_region(bench, 4, 0);
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_FABRIC_EN);
	bench_clock(bench, &emit);
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0U);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench->stored, 0U);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_TOPA_FETCH], 0U); /* HW-019 */
	/* Elsewhere they do. */
	bench_ctl(bench, BENCH_CTL_ON);
	bench_settle(bench);
	bench_forget(bench);
	bench_clock(bench, &emit);
	PTV_EXPECT_STREQ(bench->story, "PAD");
}
