/* SPDX-License-Identifier: MIT */
/*
 * The skeleton: what it does in which order, and what each row makes of VMX. Every test compares
 * the driver's own log with one that was written from the source.
 */
#include "gtest/ptv_test.h"

#include "fake.h"

static const uint8_t regions[] = {4, 4, 0};

#define START	       "begin 0 | w BASE 101000 | w PTRS 7f | "
#define PMI_HALF(size) "w CTL 210c | fence | r BASE | r PTRS | r STATUS | w STATUS 0 | end " #size
#define PMI_REST       " | begin 0 | w BASE 101000 | w PTRS 100000007f"

/* An event of the row is running, 16 bytes have been written; the log is empty. */
static void run(struct fake *fake, const char *driver)
{
	drv_init(fake, driver, true, regions);
	PTV_ASSERT_EQ(drv_add(fake), 0);
	fake->ptrs = 0x7fU | UINT64_C(0x10) << 32;
	(void)drv_log(fake);
}

/* The same, and KVM has announced VMXON, which clears TraceEn. */
static void run_in_vmx(struct fake *fake, const char *driver)
{
	run(fake, driver);
	drv_notify(fake, true);
	fake->ctl &= ~UINT64_C(1);
	(void)drv_log(fake);
}

/* --- without VMX --- */

PTV_TEST(driver_start, writes_base_pointers_status_and_last_ctl)
{
	struct fake fake;

	drv_init(&fake, "dont-die", true, regions);
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake), START "w STATUS 0 | w CTL 210d");
	PTV_EXPECT_EQ(fake.hw[0].config, 0x210d);
	PTV_EXPECT_EQ(fake.hw[0].state, 0);
	PTV_EXPECT_EQ(fake.hw[0].itrace_started, 1);
	PTV_EXPECT_EQ(drv_pt(&fake)->handle_nmi, 1);
	PTV_EXPECT_EQ(fake.ops->add(&fake.cpu, 1, PTV_EF_START), -PTV_EBUSY);
}

PTV_TEST(driver_start, clears_status_only_the_first_time)
{
	static const char *const drivers[] = {"dont-die", "handle-vmx"};
	struct fake fake;
	unsigned int i;

	for (i = 0; i < 2U; i++) {
		run(&fake, drivers[i]);
		drv_del(&fake);
		(void)drv_log(&fake);
		PTV_ASSERT_EQ(drv_add(&fake), 0);
		PTV_EXPECT_STREQ(drv_log(&fake), "begin 0 | w BASE 101000 | "
						 "w PTRS 100000007f | w CTL 210d");
	}
}

/* ee368428aac9 looks at hw.config instead of at the mark. */
PTV_TEST(driver_start, knows_the_first_time_by_mark_or_by_config)
{
	struct fake fake;

	drv_init(&fake, "dont-die", true, regions);
	fake.hw[0].itrace_started = 1;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake), START "w CTL 210d");
	drv_init(&fake, "handle-vmx", true, regions);
	fake.hw[0].itrace_started = 1;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake), START "itrace_started | w STATUS 0 | w CTL 210d");
}

PTV_TEST(driver_start, asks_for_what_the_attributes_say)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, regions);
	fake.hw[0].exclude_kernel = 1;
	fake.hw[0].attr_config = 0x400; /* TSCEn */
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_EQ(fake.ctl, 0x2509);
	drv_init(&fake, "handle-vmx", true, regions);
	fake.hw[0].exclude_user = 1;
	fake.hw[0].attr_config = 1; /* BranchEn is the user's, and he does not want it */
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_EQ(fake.ctl, 0x0105);
}

PTV_TEST(driver_start, event_init_refuses_what_the_processor_cannot_do)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, regions);
	fake.hw[0].attr_config = 0x200; /* MTCEn */
	PTV_EXPECT_EQ(fake.ops->event_init(&fake.cpu, 0), -PTV_EINVAL);
	fake.caps.mtc = true;
	PTV_EXPECT_EQ(fake.ops->event_init(&fake.cpu, 0), 0);
	fake.hw[0].attr_config = 0x2; /* CYCEn */
	PTV_EXPECT_EQ(fake.ops->event_init(&fake.cpu, 0), -PTV_EINVAL);
	fake.caps.psb_cyc = true;
	PTV_EXPECT_EQ(fake.ops->event_init(&fake.cpu, 0), 0);
	fake.hw[0].attr_config = 0x4; /* OS is not the user's to set */
	PTV_EXPECT_EQ(fake.ops->event_init(&fake.cpu, 0), -PTV_EINVAL);
	fake.hw[0].attr_config = 0x2000; /* BranchEn without saying so */
	PTV_EXPECT_EQ(fake.ops->event_init(&fake.cpu, 0), -PTV_EINVAL);
}

PTV_TEST(driver_start, without_room_the_event_is_stopped)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, regions);
	fake.no_room = true;
	PTV_EXPECT_EQ(drv_add(&fake), -PTV_EINVAL);
	PTV_EXPECT_STREQ(drv_log(&fake), "begin fails");
	PTV_EXPECT_EQ(fake.hw[0].state, PTV_HES_STOPPED);
}

PTV_TEST(driver_stop, disarms_turns_off_fences_then_reports)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	drv_del(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), PMI_HALF(16));
	PTV_EXPECT_EQ(fake.hw[0].config, 0x210c);
	PTV_EXPECT_EQ(drv_pt(&fake)->handle_nmi, 0);
	drv_del(&fake); /* already stopped */
	PTV_EXPECT_STREQ(drv_log(&fake), "");
}

PTV_TEST(driver_stop, without_update_leaves_the_transaction_open)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.ops->stop(&fake.cpu, 0, 0);
	PTV_EXPECT_STREQ(drv_log(&fake), "w CTL 210c | fence");
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.event, 0);
}

PTV_TEST(driver_stop, of_an_event_without_the_transaction_warns)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.ops->stop(&fake.cpu, 1, PTV_EF_UPDATE);
	PTV_EXPECT_STREQ(drv_log(&fake), "WARN 1");
}

PTV_TEST(driver_stop, snapshot_reports_the_position_and_a_whole_buffer)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	drv_del(&fake);
	fake.snapshot = true;
	drv_buf(&fake)->snapshot = 1;
	fake.size = 0;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	fake.ptrs = 0x7fU | 1U << 7 | UINT64_C(0x20) << 32;
	(void)drv_log(&fake);
	drv_del(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), PMI_HALF(32768));
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.head, 0x4020);
}

PTV_TEST(driver_stop, emergency_stops_whatever_runs)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.ops->emergency_stop(&fake.cpu);
	PTV_EXPECT_STREQ(drv_log(&fake), PMI_HALF(16));
	fake.ops->emergency_stop(&fake.cpu);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
}

PTV_TEST(driver_pmi, ends_one_transaction_and_begins_the_next)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), PMI_HALF(16) PMI_REST " | w CTL 210d");
}

PTV_TEST(driver_pmi, without_room_stops_the_event)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.no_room = true;
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), PMI_HALF(16) " | begin fails");
	PTV_EXPECT_EQ(fake.hw[0].state, PTV_HES_STOPPED);
}

PTV_TEST(driver_pmi, after_stop_touches_nothing)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.ops->stop(&fake.cpu, 0, 0);
	(void)drv_log(&fake);
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
}

/* Goal: an NMI between handle_nmi=1 and state=0 of a second start ends the transaction, since the
 * state still says stopped, and start goes on without one: true of pt.c up to v4.12 and later. */
PTV_TEST(driver_pmi, between_arming_and_state_leaves_start_without_transaction)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	drv_del(&fake);
	(void)drv_log(&fake);
	drv_pmi_at(&fake, "start.w.handle_nmi", PTV_AFTER);
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake),
			 "begin 0 | {pmi | r BASE | r PTRS | r STATUS | w STATUS 0 | end 0 | } | "
			 "w BASE 101000 | w PTRS 100000007f | w CTL 210d");
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.event, PTV_NO_EVENT);
}

/* --- notify --- */

PTV_TEST(driver_notify, does_nothing_where_pt_traces_in_vmx)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.caps.vmx = true;
	drv_notify(&fake, true);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
	PTV_EXPECT_EQ(drv_pt(&fake)->vmx_on, 0);
}

PTV_TEST(driver_notify, belief_changes_between_the_points_of_vmx_on)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.seen = "notify.w.vmx_on";
	drv_notify(&fake, true);
	PTV_EXPECT_STREQ(drv_log(&fake),
			 "before notify.w.vmx_on | belief 1 | after notify.w.vmx_on");
	PTV_EXPECT(fake.irqs_on);
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.flags, PTV_AUX_FLAG_PARTIAL);
}

PTV_TEST(driver_notify, of_a_driver_without_notion_of_vmx_does_nothing)
{
	struct fake fake;

	run(&fake, "handle-vmx");
	fake.row.rule[PTV_SLOT_VMX_TRACK] = 1;
	drv_notify(&fake, true);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
}

/* --- dont-die --- */

PTV_TEST(dont_die, vmxon_forgets_the_config_so_that_stop_does_not_write)
{
	struct fake fake;

	run_in_vmx(&fake, "dont-die");
	PTV_EXPECT_EQ(fake.hw[0].config, 0);
	drv_del(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), "r BASE | r PTRS | r STATUS | w STATUS 0 | end 16");
}

PTV_TEST(dont_die, ignores_a_pmi_in_vmx_and_restores_nothing)
{
	struct fake fake;

	run_in_vmx(&fake, "dont-die");
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0");
	PTV_EXPECT_EQ(fake.ctl, 0x210c);
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.event, 0);
}

PTV_TEST(dont_die, start_in_vmx_succeeds_for_a_fresh_event_and_fails_for_one_that_was_stopped)
{
	struct fake fake;

	drv_init(&fake, "dont-die", true, regions);
	drv_notify(&fake, true);
	(void)drv_log(&fake);
	PTV_EXPECT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
	drv_del(&fake);
	PTV_EXPECT_EQ(fake.hw[0].state, PTV_HES_STOPPED);
	PTV_EXPECT_EQ(drv_add(&fake), -PTV_EINVAL);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
}

/* --- fail-add --- */

PTV_TEST(fail_add, start_in_vmx_always_fails)
{
	struct fake fake;

	drv_init(&fake, "fail-add", true, regions);
	drv_notify(&fake, true);
	(void)drv_log(&fake);
	PTV_EXPECT_EQ(drv_add(&fake), -PTV_EINVAL);
	PTV_EXPECT_EQ(drv_add(&fake), -PTV_EINVAL);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
	drv_notify(&fake, false);
	PTV_EXPECT_EQ(drv_add(&fake), 0);
}

PTV_TEST(fail_add, treats_a_running_event_as_dont_die_does)
{
	struct fake fake;

	run_in_vmx(&fake, "fail-add");
	PTV_EXPECT_EQ(fake.hw[0].config, 0);
	drv_pmi(&fake);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0");
}

/* --- pmi-pending --- */

PTV_TEST(pmi_pending, starts_in_vmx_without_writing_ctl_and_vmxoff_writes_it)
{
	struct fake fake;

	drv_init(&fake, "pmi-pending", true, regions);
	drv_notify(&fake, true);
	(void)drv_log(&fake);
	PTV_EXPECT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake), "begin 0 | w BASE 101000 | w PTRS 7f | w STATUS 0");
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | w CTL 210d");
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.flags, 0);
}

PTV_TEST(pmi_pending, handles_a_pmi_of_vmx_after_ctl)
{
	struct fake fake;

	run_in_vmx(&fake, "pmi-pending");
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
	PTV_EXPECT_EQ(drv_pt(&fake)->pmi_pending, 1);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake),
			 "belief 0 | w CTL 210d | " PMI_HALF(16) PMI_REST " | w CTL 210d");
	PTV_EXPECT_EQ(drv_pt(&fake)->pmi_pending, 0);
}

PTV_TEST(pmi_pending, pmi_first_handles_it_before_ctl)
{
	struct fake fake;

	run_in_vmx(&fake, "pmi-pending-pmi-first");
	drv_pmi(&fake);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake),
			 "belief 0 | " PMI_HALF(16) PMI_REST " | w CTL 210d | w CTL 210d");
}

PTV_TEST(pmi_pending, outlives_the_stop_of_its_event_unless_stop_clears_it)
{
	struct fake fake;

	run_in_vmx(&fake, "pmi-pending");
	drv_pmi(&fake);
	drv_del(&fake);
	PTV_EXPECT_EQ(drv_pt(&fake)->pmi_pending, 1);
	run_in_vmx(&fake, "pmi-pending-stop-clears");
	drv_pmi(&fake);
	drv_del(&fake);
	PTV_EXPECT_EQ(drv_pt(&fake)->pmi_pending, 0);
}

/* Goal: what separates shadow from freeze. Method: stop without update in VMX, then VMXOFF. */
PTV_TEST(pmi_pending, frozen_config_turns_a_stopped_event_on_again)
{
	struct fake fake;

	run_in_vmx(&fake, "pmi-pending");
	fake.ops->stop(&fake.cpu, 0, 0);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "fence | belief 0 | w CTL 210c");
	run_in_vmx(&fake, "pmi-pending-stop-freezes");
	fake.ops->stop(&fake.cpu, 0, 0);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | w CTL 210d");
}

/* Goal: the remembered PMI is handled in a task, where a real one may come between. Method: one
 * just after the second transaction has begun, and no room for a third. */
PTV_TEST(pmi_pending, a_real_pmi_inside_the_remembered_one_takes_its_transaction_away)
{
	struct fake fake;

	run_in_vmx(&fake, "pmi-pending-pmi-first");
	drv_pmi(&fake);
	fake.full_after = 1;
	drv_pmi_at(&fake, "config_buffer.w.RTIT_OUTPUT_BASE", PTV_BEFORE);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(
		drv_log(&fake),
		"belief 0 | " PMI_HALF(16) " | begin 0 | {pmi | r BASE | r PTRS | "
					   "r STATUS | w STATUS 0 | end 0 | begin fails | } | "
					   "w BASE 101000 | w PTRS 100000007f | w CTL 210d");
}

PTV_TEST(pmi_pending, a_real_pmi_before_its_status_is_looked_at_leaves_it_without_buffer)
{
	struct fake fake;

	run_in_vmx(&fake, "pmi-pending-pmi-first");
	drv_pmi(&fake);
	fake.no_room = true;
	drv_pmi_at(&fake, "read_offset.r.RTIT_OUTPUT_MASK_PTRS", PTV_AFTER);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(
		drv_log(&fake),
		"belief 0 | w CTL 210c | fence | r BASE | r PTRS | {pmi | r BASE | r PTRS | "
		"r STATUS | w STATUS 0 | end 16 | begin fails | } | WARN 2 | WARN 2 | "
		"end 0");
}

/* --- half-pmi --- */

/* In VMX: hw.config loses TraceEn, RTIT_CTL is not written, the transaction ends. */
#define HALF_IN_VMX "fence | r BASE | r PTRS | r STATUS | w STATUS 0 | end 16"

PTV_TEST(half_pmi, write_restarts_nothing_after_a_pmi_in_vmx)
{
	struct fake fake;

	run_in_vmx(&fake, "half-pmi-write");
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), HALF_IN_VMX);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0");
	PTV_EXPECT_EQ(fake.hw[0].state, 0); /* running, for whoever asks */
}

PTV_TEST(half_pmi, restart_makes_up_for_the_second_half)
{
	struct fake fake;

	run_in_vmx(&fake, "half-pmi-restart");
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), HALF_IN_VMX);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0" PMI_REST " | w CTL 210d");
	PTV_EXPECT_EQ(drv_pt(&fake)->half, 0);
}

PTV_TEST(half_pmi, stop_start_starts_the_event_anew)
{
	struct fake fake;

	run_in_vmx(&fake, "half-pmi-stop-start");
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), HALF_IN_VMX);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0" PMI_REST " | w CTL 210d");
	PTV_EXPECT_EQ(fake.hw[0].state, 0);
}

/* Without a PMI in VMX the transaction is open when VMXOFF comes. */
PTV_TEST(half_pmi, without_pmi_writes_ctl_or_stops_and_starts)
{
	struct fake fake;

	run_in_vmx(&fake, "half-pmi-write");
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | w CTL 210d");
	run_in_vmx(&fake, "half-pmi-restart");
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | w CTL 210d");
	run_in_vmx(&fake, "half-pmi-stop-start");
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | " PMI_HALF(16) PMI_REST " | w CTL 210d");
}

PTV_TEST(half_pmi, an_event_that_left_meanwhile_is_not_restarted)
{
	static const char *const drivers[] = {"half-pmi-restart", "half-pmi-stop-start"};
	struct fake fake;
	unsigned int i;

	for (i = 0; i < 2U; i++) {
		run_in_vmx(&fake, drivers[i]);
		drv_pmi(&fake);
		drv_del(&fake);
		PTV_EXPECT_EQ(drv_pt(&fake)->half, 0);
		(void)drv_log(&fake);
		drv_notify(&fake, false);
		PTV_EXPECT_STREQ(drv_log(&fake), "belief 0");
	}
}

/* --- handle-vmx --- */

PTV_TEST(handle_vmx, flags_what_is_open_at_vmxon_and_writes_ctl_after_vmxoff)
{
	struct fake fake;

	run_in_vmx(&fake, "handle-vmx");
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.flags, PTV_AUX_FLAG_PARTIAL);
	PTV_EXPECT_EQ(fake.hw[0].config, 0x210d);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | w CTL 210d");
}

PTV_TEST(handle_vmx, stop_in_vmx_does_not_write_ctl)
{
	struct fake fake;

	run_in_vmx(&fake, "handle-vmx");
	drv_del(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), HALF_IN_VMX " PARTIAL");
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0");
}

PTV_TEST(handle_vmx, handles_the_whole_pmi_in_vmx_and_flags_the_next_transaction)
{
	struct fake fake;

	run_in_vmx(&fake, "handle-vmx");
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), HALF_IN_VMX " PARTIAL" PMI_REST);
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.flags, PTV_AUX_FLAG_PARTIAL);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | w CTL 210d");
}

PTV_TEST(handle_vmx, starts_in_vmx_with_a_flagged_transaction)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, regions);
	drv_notify(&fake, true);
	(void)drv_log(&fake);
	PTV_EXPECT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake), "begin 0 | w BASE 101000 | w PTRS 7f | "
					 "itrace_started | w STATUS 0");
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.flags, PTV_AUX_FLAG_PARTIAL);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | w CTL 210d");
}

/* Goal: notify(0) writes what it read before an NMI changed it. Method: a PMI without room for a
 * next transaction, between the two. */
PTV_TEST(handle_vmx, a_pmi_between_reading_config_and_writing_ctl_turns_on_without_transaction)
{
	struct fake fake;

	run_in_vmx(&fake, "handle-vmx");
	fake.no_room = true;
	drv_pmi_at(&fake, "notify.w.RTIT_CTL", PTV_BEFORE);
	drv_notify(&fake, false);
	PTV_EXPECT_STREQ(drv_log(&fake), "belief 0 | {pmi | w CTL 210c | " HALF_IN_VMX
					 " PARTIAL | begin fails | } | w CTL 210d");
	PTV_EXPECT_EQ(drv_pt(&fake)->handle.event, PTV_NO_EVENT);
}
