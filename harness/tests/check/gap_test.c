/* SPDX-License-Identifier: MIT */
/*
 * Goal: gap-announced and no-false-gap tie each hole to the record that has to tell of it.
 * Method: dark and traced runs, transactions and flags in the orders that drivers and PMIs make of
 * them.
 */
#include "gtest/ptv_test.h"
#include "ptv/stimulus.h"
#include "stream.h"

#define PARTIAL	  PTV_AUX_FLAG_PARTIAL
#define TRUNCATED PTV_AUX_FLAG_TRUNCATED

#define RUN(first, last, scope, traced, covered) \
	PTV_AT(last, RETIRE, 10, PTV_RETIRE_B(PTV_SCOPE_##scope, traced, covered), first)
#define DARK(first, last)     RUN(first, last, USER, 0, 1)
#define TRACED(first, last)   RUN(first, last, USER, 1, 1)
#define BEGIN(cycle)	      PTV_AT(cycle, AUX_BEGIN, 0, 0, 32767)
#define RECORD(cycle, flags)  PTV_AT(cycle, RECORD, PTV_RECORD_A(PTV_RECORD_AUX, 0, flags))
#define END(cycle, flags)     PTV_AT(cycle, AUX_END, 0, 0, flags)
#define RUNNING(cycle, value) PTV_AT(cycle, RUNNING, 0, value)
#define CLOSED(cycle)	      PTV_AT(cycle, CLOSED, 0)
#define OVF		      PTV_AT(250, PACKET, 2U << 8, 0xf302)
#define PSB \
	PTV_AT(250, PACKET, 16U << 8, UINT64_C(0x8202820282028202), UINT64_C(0x8202820282028202))

static void expect_gap(struct ptv_stream *s, unsigned int exercised, uint64_t begin, uint64_t end)
{
	const struct ptv_verdict *v = &s->found.check[PTV_CHECK_GAP_ANNOUNCED];

	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, GAP_ANNOUNCED, exercised, begin ? 1 : 0);
	if (!begin || !v->violated)
		return;
	PTV_EXPECT_EQ(v->first.x & 0xffffffffU, begin);
	PTV_EXPECT_EQ(v->first.y & 0xffffffffU, end);
}

static void expect_false(struct ptv_stream *s, unsigned int exercised, unsigned int violated)
{
	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, NO_FALSE_GAP, exercised, violated);
}

PTV_TEST(check_gap, traced_or_out_of_filter_or_not_counted_is_no_gap)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, TRACED(200, 300), RUN(310, 400, GUEST, 0, 0), RUN(410, 500, DRIVER, 0, 1),
		RUNNING(510, 0), DARK(520, 600), END(610, 0), CLOSED(700));
	expect_gap(&s, 0, 0, 0);
}

PTV_TEST(check_gap, workload_kvm_and_guest_in_the_filter_are_one_gap)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RUN(310, 400, KVM, 0, 1), RUN(405, 408, USER, 1, 0),
		RUN(410, 500, GUEST, 0, 1), TRACED(510, 600), END(610, 0), CLOSED(700));
	expect_gap(&s, 1, 200, 500);
}

PTV_TEST(check_gap, record_may_come_before_or_after_the_end_and_long_after_the_gap)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), TRACED(310, 400), RECORD(410, PARTIAL), END(420, PARTIAL),
		CLOSED(700));
	expect_gap(&s, 1, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), TRACED(310, 400), END(420, TRUNCATED), RECORD(430, TRUNCATED),
		CLOSED(700));
	expect_gap(&s, 1, 0, 0);
}

PTV_TEST(check_gap, flag_without_a_delivered_record_tells_nobody)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), PTV_AT(300, AUX_FLAG, 0, PARTIAL), END(420, PARTIAL),
		CLOSED(700));
	expect_gap(&s, 1, 200, 300);
}

/* A PMI in VMX operation ends one transaction and begins another in the middle of a gap: either may
 * tell. */
PTV_TEST(check_gap, one_of_the_transactions_that_a_gap_overlaps_is_enough)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RECORD(310, PARTIAL), END(310, PARTIAL), BEGIN(311),
		DARK(320, 400), TRACED(410, 500), RECORD(510, 0), END(510, 0), CLOSED(700));
	expect_gap(&s, 1, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RECORD(310, 0), END(310, 0), BEGIN(311), DARK(320, 400),
		TRACED(410, 500), RECORD(510, PARTIAL), END(510, PARTIAL), CLOSED(700));
	expect_gap(&s, 1, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RECORD(310, 0), END(310, 0), BEGIN(311), DARK(320, 400),
		TRACED(410, 500), RECORD(510, 0), END(510, 0), CLOSED(700));
	expect_gap(&s, 1, 200, 400);
}

PTV_TEST(check_gap, transaction_within_the_gap_and_without_a_dark_branch_of_its_own_tells_too)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RECORD(310, 0), END(310, 0), BEGIN(311), RECORD(312, TRUNCATED),
		END(312, TRUNCATED), DARK(320, 400), RUNNING(410, 0), CLOSED(700));
	expect_gap(&s, 1, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RECORD(310, 0), END(310, 0), BEGIN(311), RECORD(312, PARTIAL),
		END(312, PARTIAL), BEGIN(313), TRACED(320, 400), RUNNING(410, 0), CLOSED(700));
	expect_gap(&s, 1, 200, 300);
}

PTV_TEST(check_gap, transaction_that_began_after_the_gap_tells_nothing_of_it)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RUNNING(305, 0), RECORD(310, 0), END(310, 0), BEGIN(400),
		RUNNING(400, 1), DARK(410, 500), RECORD(510, PARTIAL), END(510, PARTIAL),
		RUNNING(520, 0), CLOSED(700));
	expect_gap(&s, 2, 200, 300);
}

/* The driver skipped the start in VMX operation: counted running, and no transaction was ever open.
 */
PTV_TEST(check_gap, gap_without_a_transaction_cannot_be_announced)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, END(190, 0), DARK(200, 300), RUNNING(310, 0), CLOSED(700));
	expect_gap(&s, 1, 200, 300);
}

PTV_TEST(check_gap, told_off_event_may_be_dark_until_it_is_off)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, TRACED(150, 180), RECORD(190, TRUNCATED), END(190, TRUNCATED), DARK(200, 300),
		RUNNING(310, 0), CLOSED(700));
	expect_gap(&s, 1, 0, 0);
}

PTV_TEST(check_gap, marker_of_software_in_the_gap_announces_it)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), PTV_AT(310, SW_STORE, PTV_SW_MARKER, 32, PTV_PLACE(0, 0)),
		TRACED(320, 400), DARK(410, 500), END(510, 0), CLOSED(700));
	expect_gap(&s, 2, 410, 500);
}

PTV_TEST(check_gap, overflow_is_announced_by_ovf_before_the_next_packet)
{
	const struct ptv_step drop = PTV_AT(200, DROP, 5, PTV_DROP_OVF);
	const struct ptv_step cyc = PTV_AT(240, PACKET, 1U << 8, 0x2b);
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, drop, drop, cyc, OVF, PSB, END(510, 0), CLOSED(700));
	expect_gap(&s, 1, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, drop, PSB, OVF, END(510, 0), CLOSED(700));
	expect_gap(&s, 1, 200, 200);
	ptv_traced_stream(&s);
	PTV_ADD(&s, drop, RECORD(300, PARTIAL), END(310, PARTIAL), BEGIN(320), PSB, END(510, 0),
		CLOSED(700));
	expect_gap(&s, 1, 0, 0);
}

/* Both sides: a driver that closes its transaction while hardware goes on does not hide the OVF,
 * nor that there is none. */
PTV_TEST(check_gap, ovf_may_come_when_the_transaction_is_over)
{
	const struct ptv_step drop = PTV_AT(200, DROP, 5, PTV_DROP_OVF);
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, drop, END(240, 0), OVF, PSB, BEGIN(320), PSB, END(510, 0), CLOSED(700));
	expect_gap(&s, 1, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, drop, END(240, 0), PSB, OVF, BEGIN(320), END(510, 0), CLOSED(700));
	expect_gap(&s, 1, 200, 200);
}

PTV_TEST(check_gap, bytes_that_stop_drops_want_a_record)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, DROP, 5, PTV_DROP_STOP), RECORD(300, TRUNCATED),
		END(310, TRUNCATED), CLOSED(700));
	expect_gap(&s, 1, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, DROP, 5, PTV_DROP_STOP), RECORD(300, 0), END(310, 0), BEGIN(320),
		RECORD(330, PARTIAL), END(330, PARTIAL), CLOSED(700));
	expect_gap(&s, 1, 200, 200);
}

/* An era in which TRUNCATED disables nobody: what was told is over with the next traced branch. */
PTV_TEST(check_gap, truncated_record_excuses_no_gap_behind_traced_branches)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, RECORD(190, TRUNCATED), END(190, TRUNCATED), BEGIN(195), TRACED(200, 250),
		DARK(260, 300), RECORD(310, 0), END(310, 0), CLOSED(700));
	expect_gap(&s, 1, 260, 300);
	ptv_traced_stream(&s);
	PTV_ADD(&s, RECORD(190, TRUNCATED), END(190, TRUNCATED),
		PTV_AT(195, ASK, 0, PTV_ASK_ENABLE), DARK(260, 300), CLOSED(700));
	expect_gap(&s, 1, 260, 300);
}

PTV_TEST(check_gap, what_a_told_off_event_loses_is_known)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, RECORD(190, TRUNCATED), END(190, TRUNCATED), BEGIN(195),
		PTV_AT(200, DROP, 5, PTV_DROP_STOP), END(310, 0), CLOSED(700));
	expect_gap(&s, 0, 0, 0);
}

PTV_TEST(check_false_gap, one_dark_moment_outside_the_kernel_justifies)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, CALL, PTV_FN_VIRT, 0, 1),
		PTV_AT(210, TRIGGER_EN, 0, PTV_CAUSE_VMXON),
		PTV_AT(220, TRIGGER_EN, 1, PTV_CAUSE_WRMSR), PTV_AT(230, RET, PTV_FN_VIRT, 0),
		RECORD(300, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 1);
	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, CALL, PTV_FN_VIRT, 0, 1),
		PTV_AT(210, TRIGGER_EN, 0, PTV_CAUSE_VMXON), PTV_AT(220, RET, PTV_FN_VIRT, 0),
		PTV_AT(230, TRIGGER_EN, 1, PTV_CAUSE_WRMSR), RECORD(300, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 0);
}

PTV_TEST(check_false_gap, stimulus_of_kernel_code_is_kernel_to_its_end)
{
	const struct ptv_step begins = PTV_AT(200, STIMULUS, 3, PTV_STIM_VIRT_ON, 0);
	const struct ptv_step ends = PTV_AT(240, STIMULUS, 3, PTV_STIM_VIRT_ON, 1);
	const struct ptv_step off = PTV_AT(210, TRIGGER_EN, 0, PTV_CAUSE_VMXON);
	const struct ptv_step on = PTV_AT(220, TRIGGER_EN, 1, PTV_CAUSE_WRMSR);
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, begins, off, on, ends, RECORD(300, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 1);
	ptv_traced_stream(&s);
	PTV_ADD(&s, begins, off, ends, on, RECORD(300, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 0);
}

PTV_TEST(check_false_gap, dark_branch_of_kvm_inside_the_call_justifies)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, CALL, PTV_FN_VIRT, 0, 1),
		PTV_AT(210, TRIGGER_EN, 0, PTV_CAUSE_VMXON), RUN(211, 212, KVM, 0, 1),
		PTV_AT(220, TRIGGER_EN, 1, PTV_CAUSE_WRMSR), RECORD(300, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 0);
}

PTV_TEST(check_false_gap, justification_is_of_the_same_transaction)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, DARK(200, 300), RECORD(310, PARTIAL), END(310, PARTIAL), BEGIN(320),
		RECORD(410, PARTIAL), END(410, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_NO_FALSE_GAP].first.x & 0xffffffffU, 320);
}

PTV_TEST(check_false_gap, lost_bytes_justify)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, DROP, 5, PTV_DROP_OVF), OVF, RECORD(310, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 0);
}

PTV_TEST(check_false_gap, want_of_room_justifies_truncated_and_not_partial)
{
	const struct ptv_step fill = PTV_AT(200, STORE, 0x100000, 20000, PTV_PLACE(0, 0));
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, fill, RECORD(310, TRUNCATED), CLOSED(700));
	expect_false(&s, 1, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, fill, RECORD(310, PARTIAL), CLOSED(700));
	expect_false(&s, 1, 1);
	ptv_traced_stream(&s);
	PTV_ADD(&s, RECORD(310, TRUNCATED), CLOSED(700));
	expect_false(&s, 1, 1);
}
