/* SPDX-License-Identifier: MIT */
/*
 * Goal: stopped-is-stopped tells stop from pause, and one event from another.
 * Method: a few calls on top of a traced event; TraceEn rises in each state.
 */
#include "gtest/ptv_test.h"
#include "stream.h"

#define RISE(cycle)	PTV_AT(cycle, TRACE_EN, 1, PTV_CAUSE_WRMSR)
#define FALL(cycle)	PTV_AT(cycle, TRACE_EN, 0, PTV_CAUSE_WRMSR)
#define CALL(cycle, fn) PTV_AT(cycle, CALL, PTV_FN_##fn, 0)
#define RET(cycle, fn)	PTV_AT(cycle, RET, PTV_FN_##fn, 0)

PTV_TEST(check_stopped, tracing_that_rises_between_stop_and_start_violates_once)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, FALL(200), RET(210, STOP), PTV_SAID("rise", 220, TRACE_EN, 1, PTV_CAUSE_WRMSR),
		FALL(230), RISE(240), CALL(250, START), RET(260, START));
	ptv_stream_play_until(&s, "rise");
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 1, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_STOPPED_IS_STOPPED].first.obs.cycle, 220);
}

PTV_TEST(check_stopped, tracing_after_start_is_right)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, FALL(200), RET(210, STOP), CALL(250, START), RISE(255), RET(260, START),
		FALL(300), RET(310, DEL), CALL(320, ADD), RISE(330), RET(340, ADD));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 2, 0);
}

PTV_TEST(check_stopped, failed_add_is_a_stop)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, FALL(200), RET(210, DEL), CALL(320, ADD),
		PTV_AT(330, RET, PTV_FN_ADD, 0, (uint64_t)-22), RISE(340));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 2, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_STOPPED_IS_STOPPED].first.obs.cycle, 340);
}

/* A driver whose notify(0) writes RTIT_CTL without a look at the pause is found so. */
PTV_TEST(check_stopped, pause_ends_with_resume_and_not_with_start)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, FALL(200), RET(210, PAUSE), CALL(220, START),
		PTV_SAID("start", 230, TRACE_EN, 1, PTV_CAUSE_WRMSR), FALL(235), CALL(240, RESUME),
		RISE(250));
	ptv_stream_play_until(&s, "start");
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 1, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 1, 1);
}

PTV_TEST(check_stopped, resume_does_not_end_a_stop)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, FALL(200), RET(210, STOP), CALL(240, RESUME), RISE(250));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 1, 1);
}

/* add of a second event fails with -EBUSY: the first one goes on tracing in its transaction. */
PTV_TEST(check_stopped, another_event_that_fails_to_start_stops_nobody)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, CALL, PTV_FN_ADD, 1),
		PTV_AT(210, RET, PTV_FN_ADD, 1, (uint64_t)-16), FALL(220), RISE(230), FALL(300),
		PTV_SAID("stop", 310, RET, PTV_FN_STOP, 0),
		PTV_SAID("rise", 320, TRACE_EN, 1, PTV_CAUSE_WRMSR));
	ptv_stream_play_until(&s, "rise");
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 2, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 2, 1);
}

PTV_TEST(check_stopped, pause_of_a_stopped_event_outlives_its_start)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, FALL(200), RET(210, STOP), RET(220, PAUSE), CALL(230, START), RISE(240));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 2, 1);
}

PTV_TEST(check_stopped, pause_that_returns_under_tracing_violates)
{
	struct ptv_stream s;
	char text[256];

	ptv_traced_stream(&s);
	PTV_ADD(&s, RET(210, PAUSE));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 1, 1);
	ptv_violation_text(&s.found.check[PTV_CHECK_STOPPED_IS_STOPPED].first, text, sizeof(text));
	PTV_EXPECT_STREQ(text,
			 "TraceEn=1 on LP 0 at cycle 210, though event 0 is paused since cycle 210 "
			 "and not resumed");
}
