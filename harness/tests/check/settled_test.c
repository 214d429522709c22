/* SPDX-License-Identifier: MIT */
/*
 * Goal: resumes, stop-noticed and disable-effective ask only where they may, and then insist.
 * Method: a traced event loses TriggerEn; the situation around it is varied until nothing is asked.
 */
#include "gtest/ptv_test.h"
#include "stream.h"

#define LOSE(cycle, cause)                             \
	PTV_AT(cycle, TRACE_EN, 0, PTV_CAUSE_##cause), \
		PTV_SAID("lost", cycle, TRIGGER_EN, 0, PTV_CAUSE_##cause)
#define SETTLED(cycle) PTV_SAID("settled", cycle, SETTLED, 1)
#define SIZE	       32768U

/* The prefix of enabling exercises resumes once; what follows may once more. */
static void expect_resumes(struct ptv_stream *s, unsigned int exercised, unsigned int violated)
{
	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, RESUMES, 1U + exercised, violated);
}

PTV_TEST(check_resumes, silence_without_a_reason_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR), SETTLED(300));
	expect_resumes(&s, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_RESUMES].first.since_seq,
		      ptv_stream_find(&s, "lost"));
}

PTV_TEST(check_resumes, nothing_is_asked_in_vmx_operation)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, VMXON), PTV_AT(210, VMX_MODE, PTV_VMX_ROOT), SETTLED(300));
	expect_resumes(&s, 0, 0);
}

PTV_TEST(check_resumes, but_where_pt_works_in_vmx_operation)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, LP_INFO, 1, 1), LOSE(200, WRMSR),
		PTV_AT(210, VMX_MODE, PTV_VMX_ROOT), SETTLED(300));
	expect_resumes(&s, 1, 1);
}

PTV_TEST(check_resumes, nothing_is_asked_of_a_paused_disabled_or_told_off_event)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR), PTV_AT(210, ASK, 0, PTV_ASK_PAUSE), SETTLED(300));
	expect_resumes(&s, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR), PTV_AT(210, ASK, 0, PTV_ASK_DISABLE), SETTLED(300));
	expect_resumes(&s, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR),
		PTV_AT(210, RECORD, PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_TRUNCATED)),
		SETTLED(300));
	expect_resumes(&s, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR), PTV_AT(210, EVENT_STATE, 0, PTV_EVENT_ERROR), SETTLED(300));
	expect_resumes(&s, 0, 0);
}

PTV_TEST(check_resumes, resumed_event_is_wanted_again)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR), PTV_AT(210, ASK, 0, PTV_ASK_PAUSE),
		PTV_AT(220, ASK, 0, PTV_ASK_RESUME), SETTLED(300));
	expect_resumes(&s, 1, 1);
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 0, 0);
}

PTV_TEST(check_resumes, nothing_is_asked_of_an_lp_without_power)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, RESET), PTV_AT(210, POWER, 0), SETTLED(300), PTV_AT(310, POWER, 1),
		SETTLED(400));
	expect_resumes(&s, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_RESUMES].first.obs.cycle, 400);
}

/* TriggerEn is a function of TraceEn: an engine that shows only the latter has shown both. */
PTV_TEST(check_resumes, clearing_trace_en_clears_trigger_en)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, TRACE_EN, 0, PTV_CAUSE_VMXON), SETTLED(300));
	expect_resumes(&s, 1, 1);
}

PTV_TEST(check_resumes, enabling_again_forgives_what_was_told)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR), PTV_AT(210, EVENT_STATE, 0, PTV_EVENT_ERROR),
		PTV_SAID("ask", 220, ASK, 0, PTV_ASK_ENABLE), SETTLED(300));
	expect_resumes(&s, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_RESUMES].first.since_seq, ptv_stream_find(&s, "ask"));
}

PTV_TEST(check_resumes, task_event_is_wanted_only_while_its_task_runs)
{
	const struct ptv_edit of_a_task[] = {
		PTV_INSTEAD("open", "open", 0, PTV_OBS_OPEN,
			    PTV_OPEN_A(0, PTV_CONTEXT_TASK, PTV_AUX_FULL, 0), SIZE, 0, 0, 0)};
	struct ptv_stream s;

	ptv_traced_stream(&s);
	ptv_stream_edit(&s, of_a_task, PTV_ARRAY_SIZE(of_a_task));
	PTV_ADD(&s, LOSE(200, WRMSR), PTV_AT(210, SCHED, 0, 1), SETTLED(300),
		PTV_AT(310, SCHED, 0, 0), SETTLED(400));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, RESUMES, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_RESUMES].first.obs.cycle, 300);
}

PTV_TEST(check_resumes, rival_that_is_active_there_excuses)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(190, OPEN, PTV_OPEN_A(1, PTV_CONTEXT_CPU, PTV_AUX_FULL, 0), SIZE),
		LOSE(200, WRMSR), PTV_AT(210, EVENT_STATE, 1, PTV_EVENT_ACTIVE), SETTLED(300));
	expect_resumes(&s, 0, 0);
}

/* Regions 16 KiB + 16 KiB: room is yes as long as the rest and one more whole region are free. */
PTV_TEST(check_resumes, room_has_to_be_sure)
{
	struct ptv_stream s;
	char text[256];

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(190, STORE, 0x100000, 16383, PTV_PLACE(0, 0)), LOSE(200, WRMSR),
		SETTLED(300));
	expect_resumes(&s, 1, 1);
	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(190, STORE, 0x100000, 16384, PTV_PLACE(0, 0)), LOSE(200, WRMSR),
		SETTLED(300));
	expect_resumes(&s, 0, 0);
	PTV_ADD(&s, PTV_AT(310, CONSUME, 0, 16384, 16383), PTV_AT(320, SETTLED, 2));
	expect_resumes(&s, 0, 0);
	PTV_ADD(&s, PTV_AT(310, CONSUME, 0, 16384, 16384), PTV_AT(330, SETTLED, 3));
	expect_resumes(&s, 1, 1);
	ptv_violation_text(&s.found.check[PTV_CHECK_RESUMES].first, text, sizeof(text));
	PTV_EXPECT_STREQ(text,
			 "event 0 (ACTIVE, counted running) is wanted and can trace since the "
			 "consumer made room at "
			 "cycle 310, but TriggerEn=0 on LP 0 since cycle 200 (cleared by WRMSR)");
}

PTV_TEST(check_resumes, each_prefix_is_judged)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, LOSE(200, WRMSR), SETTLED(300), PTV_AT(400, SETTLED, 2));
	expect_resumes(&s, 2, 2);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_RESUMES].first.obs.cycle, 300);
}

PTV_TEST(check_noticed, stop_that_ended_its_transaction_or_resumed_was_noticed)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, TRIGGER_EN, 0, PTV_CAUSE_STOP), PTV_AT(210, AUX_END, 0, 0),
		SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOP_NOTICED, 1, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, TRIGGER_EN, 0, PTV_CAUSE_STOP),
		PTV_AT(210, TRIGGER_EN, 1, PTV_CAUSE_WRMSR), SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOP_NOTICED, 1, 0);
}

PTV_TEST(check_noticed, error_is_a_stop_too_and_tracestop_is_the_users)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, TRIGGER_EN, 0, PTV_CAUSE_ERROR), SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOP_NOTICED, 1, 1);
	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, TRIGGER_EN, 0, PTV_CAUSE_TRACESTOP), SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOP_NOTICED, 0, 0);
}

/* Switching TraceEn off does not make a stop noticed: the bytes are still in the dark. */
PTV_TEST(check_noticed, vmxon_after_the_stop_changes_nothing)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, TRIGGER_EN, 0, PTV_CAUSE_STOP),
		PTV_AT(210, TRACE_EN, 0, PTV_CAUSE_VMXON), PTV_AT(220, VMX_MODE, PTV_VMX_ROOT),
		SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOP_NOTICED, 1, 1);
}

PTV_TEST(check_disable, aux_request_that_nobody_carries_out_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_SAID("request", 200, DISABLE_REQ, 0), SETTLED(300));
	ptv_stream_play_until(&s, "settled");
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 0, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_DISABLE_EFFECTIVE].first.since_seq,
		      ptv_stream_find(&s, "request"));
}

PTV_TEST(check_disable, event_that_left_the_processor_is_enough_until_it_comes_back)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, DISABLE_REQ, 0), PTV_AT(210, TRACE_EN, 0, PTV_CAUSE_WRMSR),
		PTV_AT(210, AUX_END, 0), PTV_AT(210, EVENT_STATE, 0, PTV_EVENT_INACTIVE),
		SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 1, 0);
	PTV_ADD(&s, PTV_AT(310, EVENT_STATE, 0, PTV_EVENT_ACTIVE), PTV_AT(400, SETTLED, 2));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 2, 1);
}

PTV_TEST(check_disable, enabling_again_ends_the_request)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, DISABLE_REQ, 0), PTV_AT(210, ASK, 0, PTV_ASK_ENABLE), SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 0, 0);
}

PTV_TEST(check_disable, event_that_is_off_and_traced_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, ASK, 0, PTV_ASK_CLOSE), PTV_AT(210, EVENT_STATE, 0, PTV_EVENT_OFF),
		SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 1, 1);
}

PTV_TEST(check_disable, transaction_that_is_left_open_untraced_is_not_its_business)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, ASK, 0, PTV_ASK_DISABLE), LOSE(210, WRMSR),
		PTV_AT(210, EVENT_STATE, 0, PTV_EVENT_OFF), SETTLED(300));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, DISABLE_EFFECTIVE, 1, 0);
}
