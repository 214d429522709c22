/* SPDX-License-Identifier: MIT */
/*
 * Goal: a ToPA PMI reaches the handler once, when it is due, unless software has masked it.
 * Method: the packetizer is muted; one INT region is filled by hand and the clocks are counted.
 */
#include "gtest/ptv_test.h"
#include "bench.h"

#define GLOBAL PTV_MSR_PERF_GLOBAL_STATUS
#define RESET  PTV_MSR_PERF_GLOBAL_OVF_CTRL
#define LVTPC  PTV_MSR_X2APIC_LVTPC
#define PAGE   4096U

/* Sixteen bytes before the end of a region with INT; LVTPC as given. */
static struct bench *ready(uint64_t lvtpc)
{
	struct bench *bench = bench_new("skylake");

	bench->cfg.sw.mute_packets = 1;
	bench->cfg.timing.drain_cycles = 1;
	bench_one_region(bench, 0, PTV_TOPA_INT);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 16U);
	PTV_ASSERT(bench_wrmsr(bench, LVTPC, lvtpc) == PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 100);
	return bench;
}

/* Fills the region; returns the cycle of the store. */
static uint64_t fill(struct bench *bench)
{
	const uint64_t before = bench->seen[PTV_OBS_PMI_RAISED];

	bench_emit(bench, 16);
	while (bench->seen[PTV_OBS_PMI_RAISED] == before)
		bench_clock(bench, NULL);
	return bench->lp.timer.cycle - 1U;
}

PTV_TEST(pmi, request_meets_lvtpc_and_the_nmi_is_up_exactly_when_due)
{
	struct bench *bench = ready(PTV_LVT_NMI);
	const uint64_t raised = fill(bench);

	PTV_EXPECT_EQ(bench->lp.pmi.status, PTV_GS_TOPA_PMI);
	bench_run_to(bench, raised + 200U);
	PTV_EXPECT_EQ(bench->lp.pmi.lvtpc & PTV_LVT_MASKED, 0);
	bench_clock(bench, NULL);
	PTV_EXPECT_EQ(bench->lp.pmi.lvtpc, PTV_LVT_MASKED | PTV_LVT_NMI); /* HW-041 */
	bench_run_to(bench, raised + 500U);
	PTV_EXPECT_EQ(bench->out.nmi, 0);
	bench_clock(bench, NULL);
	PTV_EXPECT_EQ(bench->out.nmi, 1);
	PTV_EXPECT_EQ(bench->out.irq, 0);
}

PTV_TEST(pmi, masked_lvtpc_drops_the_request_and_bit_55_stays)
{
	struct bench *bench = ready(PTV_LVT_MASKED | PTV_LVT_NMI);

	(void)fill(bench);
	bench_run(bench, 2000);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_LVT_DROP], 1);
	PTV_EXPECT_EQ(bench->out.nmi, 0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, GLOBAL), PTV_GS_TOPA_PMI);
	PTV_EXPECT_EQ(bench_wrmsr(bench, LVTPC, PTV_LVT_NMI), PTV_FAULT_NONE);
	bench_run(bench, 2000);
	PTV_EXPECT_EQ(bench->out.nmi, 0); /* it is not remembered */
}

PTV_TEST(pmi, masked_lvtpc_can_be_read_as_keeping_the_request)
{
	struct bench *bench = ready(PTV_LVT_MASKED | PTV_LVT_NMI);

	bench->cfg.sw.pmi_while_masked = 1;
	(void)fill(bench);
	bench_run(bench, 2000);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_LVT_DROP], 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, LVTPC, PTV_LVT_NMI), PTV_FAULT_NONE);
	bench_run(bench, 2000);
	PTV_EXPECT_EQ(bench->out.nmi, 1);
}

PTV_TEST(pmi, two_fills_before_the_request_are_one_interrupt)
{
	struct bench *bench = ready(PTV_LVT_NMI);

	bench->cfg.timing.pmi = 5000;
	(void)fill(bench);
	bench_run(bench, 100);
	bench_emit(bench, PAGE);
	bench_run(bench, 6000);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 2);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_LVT], 2); /* software's write, one delivery */
	bench_take(bench, PTV_INT_NMI);
	bench_run(bench, 6000);
	PTV_EXPECT_EQ(bench->lp.pmi.nmi, 0); /* HW-079 */
}

PTV_TEST(pmi, nmi_is_blocked_until_iret)
{
	struct bench *bench = ready(PTV_LVT_NMI);

	(void)fill(bench);
	bench_run(bench, 1000);
	PTV_EXPECT_EQ(bench->out.nmi, 1);
	PTV_EXPECT(ptv_lp_nmi_raised(&bench->lp));
	bench_take(bench, PTV_INT_NMI);
	PTV_EXPECT_EQ(bench->out.nmi, 0);
	PTV_EXPECT(ptv_lp_nmi_blocked(&bench->lp));
	PTV_EXPECT_EQ(bench_wrmsr(bench, LVTPC, PTV_LVT_NMI), PTV_FAULT_NONE);
	bench_emit(bench, PAGE);
	bench_run(bench, 2000);
	PTV_EXPECT_EQ(bench->lp.pmi.nmi, 1); /* latched */
	PTV_EXPECT_EQ(bench->out.nmi, 0);    /* and blocked */
	bench_branch(bench, PTV_RETIRE_IRET, BENCH_CLIP, BENCH_NLIP);
	PTV_EXPECT_EQ(bench->out.nmi, 1);
	PTV_EXPECT(!ptv_lp_nmi_blocked(&bench->lp));
}

PTV_TEST(pmi, fixed_mode_raises_an_interrupt)
{
	struct bench *bench = ready(0xf0);

	(void)fill(bench);
	bench_run(bench, 1000);
	PTV_EXPECT_EQ(bench->out.irq, 1);
	PTV_EXPECT_EQ(bench->out.nmi, 0);
	bench_take(bench, PTV_INT_IRQ);
	PTV_EXPECT_EQ(bench->out.irq, 0);
}

PTV_TEST(pmi, bit_55_is_cleared_and_set_by_software)
{
	struct bench *bench = ready(PTV_LVT_MASKED);

	(void)fill(bench);
	PTV_EXPECT_EQ(bench_wrmsr(bench, RESET, ~PTV_GS_TOPA_PMI), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, GLOBAL), PTV_GS_TOPA_PMI); /* HW-040 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, RESET, PTV_GS_TOPA_PMI), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, GLOBAL), 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_PERF_GLOBAL_STATUS_SET, UINT64_MAX),
		      PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, GLOBAL), PTV_GS_TOPA_PMI);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1); /* 391H raises none */
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_GS55], 3);
}

PTV_TEST(pmi, nmi_is_not_recognised_in_an_operation)
{
	struct bench *bench = ready(PTV_LVT_NMI);
	struct ptv_pins_in in = {.op = PTV_OP_RDMSR, .msr = GLOBAL};

	bench->cfg.timing.rdmsr = 1000;
	(void)fill(bench);
	bench_clock(bench, &in);
	bench_run(bench, 900);
	PTV_EXPECT_EQ(bench->lp.pmi.nmi, 1);
	PTV_EXPECT_EQ(bench->out.nmi, 0);
	while (!bench->out.done)
		bench_clock(bench, NULL);
	PTV_EXPECT_EQ(bench->out.nmi, 1);
}

PTV_TEST(pmi, expedited_nmi_is_taken_at_once_and_once)
{
	unsigned int wait;

	/* While the request is under way, and while the delivery is. */
	for (wait = 10; wait <= 310U; wait += 300U) {
		struct bench *bench = ready(PTV_LVT_NMI);

		(void)fill(bench);
		bench_run(bench, wait);
		PTV_EXPECT(ptv_lp_nmi_raised(&bench->lp));
		ptv_lp_nmi_expedite(&bench->lp);
		bench_take(bench, PTV_INT_NMI);
		PTV_EXPECT_EQ(bench->lp.pmi.lvtpc, PTV_LVT_MASKED | PTV_LVT_NMI);
		bench_branch(bench, PTV_RETIRE_IRET, BENCH_CLIP, BENCH_NLIP);
		bench_run(bench, 2000);
		PTV_EXPECT_EQ(bench->lp.pmi.nmi, 0);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_LVT], 2);
		PTV_EXPECT(!ptv_lp_nmi_raised(&bench->lp));
	}
}

PTV_TEST(pmi, another_nmi_does_not_swallow_the_one_under_way)
{
	struct bench *bench = ready(PTV_LVT_NMI);

	(void)fill(bench);
	bench_run(bench, 10);
	bench_take(bench, PTV_INT_NMI); /* from elsewhere */
	bench_run(bench, 1000);
	PTV_EXPECT_EQ(bench->lp.pmi.nmi, 1);
	PTV_EXPECT_EQ(bench->out.nmi, 0);
	bench_branch(bench, PTV_RETIRE_IRET, BENCH_CLIP, BENCH_NLIP);
	PTV_EXPECT_EQ(bench->out.nmi, 1);
}

PTV_TEST(pmi, pending_pmi_is_pended_again_at_enable)
{
	struct bench *bench = bench_new("skylake");
	const uint64_t on = BENCH_CTL_ON | PTV_CTL_INJECT;

	bench->cfg.caps.psbpmi = 1;
	bench->cfg.sw.mute_packets = 1;
	bench_one_region(bench, 0, PTV_TOPA_INT);
	bench_point(bench, BENCH_TABLE, 0, PAGE - 16U);
	bench_ctl(bench, on);
	(void)fill(bench);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_STATUS) & PTV_STATUS_PEND_PMI,
		      PTV_STATUS_PEND_PMI); /* HW-080 */
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench_wrmsr(bench, RESET, PTV_GS_TOPA_PMI), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON); /* CTL[56]=0: no effect, HW-067 */
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1);
	bench_ctl(bench, BENCH_CTL);
	bench_ctl(bench, on);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 2);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_PMI_RAISED][1], 2);
	PTV_EXPECT_EQ(bench_rdmsr(bench, GLOBAL), PTV_GS_TOPA_PMI);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_STATUS) & PTV_STATUS_PEND_PMI,
		      PTV_STATUS_PEND_PMI);
}
