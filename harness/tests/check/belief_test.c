/* SPDX-License-Identifier: MIT */
/*
 * Goal: belief-true allows exactly the windows in which vmx_on and VMX operation may differ.
 * Method: orders of notify, VMXON, VMXOFF and BELIEF as eras of KVM have them, and orders that are
 * wrong.
 */
#include "gtest/ptv_test.h"
#include "stream.h"

#define INFO(in_vmx)		  PTV_AT(0, LP_INFO, in_vmx, 1)
#define BOOT			  PTV_AT(1, BELIEF, 0)
#define CALL(cycle, fn, argument) PTV_AT(cycle, CALL, PTV_FN_##fn, 0, argument)
#define RET(cycle, fn)		  PTV_AT(cycle, RET, PTV_FN_##fn, 0)
#define BELIEF(cycle, value)	  PTV_AT(cycle, BELIEF, value)
#define MODE(cycle, mode)	  PTV_AT(cycle, VMX_MODE, PTV_VMX_##mode)
#define VMXON_FAILS(cycle)	  PTV_AT(cycle, VMX_OP, 3, PTV_VMX_FAIL_INVALID)
#define SETTLED(cycle)		  PTV_AT(cycle, SETTLED, 0)
#define TURN_ON                                                                                 \
	CALL(10, VIRT, 1), CALL(11, NOTIFY, 1), BELIEF(12, 1), RET(13, NOTIFY), MODE(14, ROOT), \
		RET(15, VIRT)

/* Violated at cycle at, 0: not at all; since: the cycle of the observation with which the trouble
 * began. */
static void expect(struct ptv_stream *s, unsigned int exercised, uint64_t at, uint64_t since)
{
	const struct ptv_verdict *v = &s->found.check[PTV_CHECK_BELIEF_TRUE];

	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, BELIEF_TRUE, exercised, at ? 1 : 0);
	if (!at || !v->violated)
		return;
	PTV_EXPECT_EQ(v->first.obs.cycle, at);
	PTV_EXPECT_EQ(s->step[v->first.since_seq].cycle, since);
}

PTV_TEST(check_belief, notify_around_vmxon_and_vmxoff_holds)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, TURN_ON, SETTLED(20), CALL(30, VIRT, 0), MODE(31, OFF),
		CALL(32, NOTIFY, 0), BELIEF(33, 0), RET(34, NOTIFY), RET(35, VIRT), SETTLED(40));
	expect(&s, 3, 0, 0);
}

PTV_TEST(check_belief, failed_vmxon_that_is_taken_back_holds)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, CALL(10, VIRT, 1), CALL(11, NOTIFY, 1), BELIEF(12, 1),
		RET(13, NOTIFY), VMXON_FAILS(14), CALL(15, NOTIFY, 0), BELIEF(16, 0),
		RET(17, NOTIFY), RET(18, VIRT), SETTLED(20));
	expect(&s, 3, 0, 0);
}

PTV_TEST(check_belief, failed_vmxon_that_nobody_takes_back_violates_when_hardware_enable_returns)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, CALL(10, VIRT, 1), CALL(11, NOTIFY, 1), BELIEF(12, 1),
		RET(13, NOTIFY), VMXON_FAILS(14), RET(18, VIRT), SETTLED(20));
	expect(&s, 2, 18, 12);
}

PTV_TEST(check_belief, notify_off_that_leaves_vmx_on_violates_when_it_returns)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, TURN_ON, CALL(30, VIRT, 0), MODE(31, OFF), CALL(32, NOTIFY, 0),
		RET(33, NOTIFY), RET(35, VIRT));
	expect(&s, 2, 33, 31);
}

/* The window of a failed VMXON is closed by notify(0), not by what happens to come between. */
PTV_TEST(check_belief, notify_off_after_a_failed_vmxon_has_to_clear_vmx_on)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, CALL(10, VIRT, 1), CALL(11, NOTIFY, 1), BELIEF(12, 1),
		RET(13, NOTIFY), VMXON_FAILS(14), CALL(15, NOTIFY, 0), RET(17, NOTIFY),
		RET(18, VIRT), SETTLED(20));
	expect(&s, 2, 17, 12);
}

PTV_TEST(check_belief, emergency_vmxoff_violates_at_the_settled_prefix)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, TURN_ON, SETTLED(20), MODE(31, OFF), SETTLED(40), SETTLED(50));
	expect(&s, 2, 40, 31);
}

PTV_TEST(check_belief, notify_off_before_vmxoff_violates)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, TURN_ON, CALL(30, VIRT, 0), CALL(31, NOTIFY, 0), BELIEF(32, 0),
		RET(33, NOTIFY), MODE(34, OFF), RET(35, VIRT));
	expect(&s, 3, 32, 32);
}

PTV_TEST(check_belief, belief_that_first_appears_after_vmxon_was_late)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), CALL(10, VIRT, 1), MODE(14, ROOT), CALL(15, NOTIFY, 1), BELIEF(16, 1),
		RET(17, NOTIFY), RET(18, VIRT), SETTLED(20));
	expect(&s, 1, 16, 14);
}

PTV_TEST(check_belief, vm_entry_and_exit_change_nothing)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), BOOT, TURN_ON, MODE(20, NON_ROOT), MODE(30, ROOT), SETTLED(40));
	expect(&s, 2, 0, 0);
}

PTV_TEST(check_belief, driver_without_vmx_on_is_idle)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(0), CALL(10, VIRT, 1), CALL(11, NOTIFY, 1), RET(12, NOTIFY),
		MODE(14, ROOT), RET(15, VIRT), SETTLED(20));
	expect(&s, 0, 0, 0);
}

PTV_TEST(check_belief, processor_that_traces_in_vmx_is_idle)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, INFO(1), BOOT, MODE(14, ROOT), SETTLED(20));
	expect(&s, 0, 0, 0);
}
