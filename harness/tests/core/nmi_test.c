/* SPDX-License-Identifier: MIT */
/*
 * Goal: the NMI path keeps the order of intel_pmu_handle_irq and default_do_nmi; a #GP is a panic
 * or a warning by the era. Method: the log of MSR accesses and driver calls is compared as text.
 */
#include "stub.h"
#include "gtest/ptv_test.h"
#include "ptv/msr.h"

static struct stub stub;

static void nmi(bool again)
{
	struct ptv_cpu cpu = stub_nmi(&stub);

	cpu.nmi_again = again ? 1U : 0U;
	stub_forget(&stub);
	ptv_kern_nmi(&cpu);
}

static void start(void)
{
	stub_init(&stub, "4.12");
	stub_open(&stub);
}

PTV_TEST(nmi, acknowledges_calls_the_driver_reads_again_and_unmasks_last)
{
	start();
	stub.status = PTV_GS_TOPA_PMI;
	nmi(false);
	PTV_EXPECT_STREQ(stub_story(&stub),
			 "rdmsr nmi.r.GLOBAL_STATUS; wrmsr nmi.w.OVF_CTRL 80000000000000; pmi; "
			 "rdmsr nmi.r.GLOBAL_STATUS; wrmsr nmi.w.LVTPC 400");
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), 0U);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_CALL)->by, PTV_BY_NMI);
}

PTV_TEST(nmi, handles_what_the_driver_raises_in_the_same_loop)
{
	start();
	stub.status = PTV_GS_TOPA_PMI;
	stub.status_next = PTV_GS_TOPA_PMI;
	nmi(false);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_CALL), 2U);
	PTV_EXPECT_EQ(stub.status, 0U);
}

PTV_TEST(nmi, early_acknowledge_unmasks_first)
{
	start();
	stub.cfg.early_ack = 1;
	nmi(false);
	PTV_EXPECT_STREQ(stub_story(&stub), "wrmsr nmi.w.LVTPC 400; rdmsr nmi.r.GLOBAL_STATUS");
}

PTV_TEST(nmi, unmasks_lvtpc_even_if_nothing_was_pending)
{
	start();
	nmi(false);
	PTV_EXPECT_STREQ(stub_story(&stub), "rdmsr nmi.r.GLOBAL_STATUS; wrmsr nmi.w.LVTPC 400");
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_UNKNOWN_NMI);
}

PTV_TEST(nmi, bits_that_tell_of_no_overflow_are_acknowledged_and_ignored)
{
	start();
	stub.status = PTV_BIT(63) | PTV_BIT(58);
	nmi(false);
	PTV_EXPECT_EQ(stub.status, 0U);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_CALL), 0U);
}

PTV_TEST(nmi, a_status_that_does_not_clear_is_given_up_after_100_loops)
{
	start();
	stub.status = PTV_GS_TOPA_PMI;
	stub.status_stuck = true;
	nmi(false);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_CALL), 100U);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_NMI_LOOP);
	PTV_EXPECT_STREQ(stub.log[stub.log_count - 1U], "wrmsr nmi.w.LVTPC 400");
}

PTV_TEST(nmi, without_events_nobody_looks)
{
	stub_init(&stub, "4.12");
	stub.status = PTV_GS_TOPA_PMI;
	nmi(false);
	PTV_EXPECT_STREQ(stub_story(&stub), "");
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_UNKNOWN_NMI);
}

PTV_TEST(nmi, after_two_causes_one_back_to_back_nmi_is_swallowed)
{
	start();
	stub.status = PTV_GS_TOPA_PMI;
	stub.status_next = PTV_GS_TOPA_PMI;
	nmi(false);
	nmi(true);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), 0U);
	/* Not if something was executed in between ... */
	nmi(false);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), 1U);
	/* ... nor if the first had one cause only. */
	stub.status = PTV_GS_TOPA_PMI;
	nmi(false);
	nmi(true);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), 1U);
}

PTV_TEST(fault, is_a_panic_before_4_7)
{
	static const char *const era[] = {"4.5", "4.6"};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(era); i++) {
		stub_init(&stub, era[i]);
		stub_open(&stub);
		ptv_kern_fault(&stub.cpu, PTV_MSR_RTIT_CTL, true);
		PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_GP_PANIC);
		PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->b,
			      ptv_msr_pack(PTV_MSR_RTIT_CTL, true, false));
		PTV_EXPECT(ptv_kern_dead(&stub.kern));
		stub_forget(&stub);
		ptv_kern_enable(&stub.cpu, 0);
		ptv_kern_disable(&stub.cpu, 0);
		ptv_kern_consume(&stub.cpu, 0, 1);
		ptv_kern_read_time(&stub.cpu, 0);
		ptv_kern_irq_work(&stub.cpu);
		ptv_kern_close(&stub.cpu, 0);
		ptv_kern_audit(&stub.cpu);
		ptv_kern_fault(&stub.cpu, PTV_MSR_RTIT_CTL, true);
		PTV_EXPECT(!ptv_kern_virt_on(&stub.cpu, false));
		PTV_EXPECT(!ptv_kern_sched_in(&stub.cpu, 0));
		nmi(false);
		PTV_EXPECT_EQ(stub.obs_count, 0U);
		PTV_EXPECT_STREQ(stub_story(&stub), "");
	}
}

PTV_TEST(fault, is_a_warning_later)
{
	static const char *const era[] = {"4.10", "4.12"};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(era); i++) {
		stub_init(&stub, era[i]);
		stub_open(&stub);
		ptv_kern_fault(&stub.cpu, PTV_MSR_RTIT_STATUS, false);
		PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_GP_WARN);
		PTV_EXPECT(!ptv_kern_dead(&stub.kern));
	}
}

PTV_TEST(boot, unmasks_the_pmi_before_the_driver_boots)
{
	stub_init(&stub, "4.12");
	ptv_kern_boot(&stub.cpu);
	PTV_EXPECT_STREQ(stub_story(&stub), "wrmsr boot.w.LVTPC 400; boot 0");
	PTV_EXPECT_EQ(stub.cpu.by, PTV_BY_CORE);
}
