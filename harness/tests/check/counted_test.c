/* SPDX-License-Identifier: MIT */
/*
 * Goal: counted holds the right cycles against time_running.
 * Method: VMX operation from cycle 1000 to 2000 around one disagreement between wanted and running.
 */
#include "gtest/ptv_test.h"
#include "ptv/stimulus.h"
#include "stream.h"

#define MODE(cycle, mode)	    PTV_AT(cycle, VMX_MODE, PTV_VMX_##mode)
#define BEGINS_TO_RUN(cycle, total) PTV_AT(cycle, RUNNING, 0, 1, total)
#define CEASES_TO_RUN(cycle, total) PTV_AT(cycle, RUNNING, 0, 0, total)
#define ASK(cycle, what)	    PTV_AT(cycle, ASK, 0, PTV_ASK_##what)
#define BEGINS(cycle, kind)	    PTV_AT(cycle, STIMULUS, 9, PTV_STIM_##kind, 0)
#define ENDS(cycle, kind)	    PTV_AT(cycle, STIMULUS, 9, PTV_STIM_##kind, 1)
#define CLOSED(cycle)		    PTV_AT(cycle, CLOSED, 0)

static void expect(struct ptv_stream *s, unsigned int exercised, uint64_t missed, uint64_t extra)
{
	const struct ptv_verdict *v = &s->found.check[PTV_CHECK_COUNTED];

	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, COUNTED, exercised, missed || extra ? 1 : 0);
	PTV_EXPECT_EQ(v->first.x, missed);
	PTV_EXPECT_EQ(v->first.y, extra);
}

PTV_TEST(check_counted, running_through_vmx_operation_is_what_is_wanted)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), MODE(2000, OFF), CLOSED(3000));
	expect(&s, 1, 0, 0);
}

PTV_TEST(check_counted, without_vmx_operation_it_is_idle)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, CEASES_TO_RUN(1000, 890), CLOSED(3000));
	expect(&s, 0, 0, 0);
}

PTV_TEST(check_counted, resting_while_wanted_is_missed)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), CEASES_TO_RUN(1100, 990), BEGINS_TO_RUN(1350, 990),
		MODE(2000, OFF), CLOSED(3000));
	expect(&s, 1, 250, 0);
}

PTV_TEST(check_counted, running_after_the_disable_is_extra)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), MODE(2000, OFF), BEGINS(2100, DISABLE), ASK(2100, DISABLE),
		ENDS(2200, DISABLE), CEASES_TO_RUN(2240, 2130), CLOSED(3000));
	expect(&s, 1, 0, 40);
}

/* Everything that happens between asking and having is the kernel's own time. */
PTV_TEST(check_counted, time_inside_core_code_is_not_counted)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), MODE(2000, OFF), BEGINS(2100, DISABLE), ASK(2100, DISABLE),
		PTV_AT(2150, CALL, PTV_FN_DEL, 0), PTV_AT(2180, RET, PTV_FN_DEL, 0),
		CEASES_TO_RUN(2190, 2080), ENDS(2200, DISABLE), BEGINS(2300, ENABLE),
		ASK(2300, ENABLE), BEGINS_TO_RUN(2350, 2080), ENDS(2400, ENABLE),
		ASK(2500, DISABLE), PTV_AT(2510, CALL, PTV_FN_DEL, 0),
		PTV_AT(2520, RET, PTV_FN_DEL, 0), CEASES_TO_RUN(2530, 2260), CLOSED(3000));
	expect(&s, 1, 0, 0);
}

/* A failed add while virtualisation is on: the core has had its turn, and the event is not counted.
 */
PTV_TEST(check_counted, refusing_to_schedule_is_missed_from_the_end_of_the_stimulus)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, BEGINS(500, DISABLE), ASK(500, DISABLE), CEASES_TO_RUN(510, 400),
		ENDS(520, DISABLE), MODE(1000, ROOT), BEGINS(1100, ENABLE), ASK(1100, ENABLE),
		PTV_AT(1110, CALL, PTV_FN_ADD, 0), PTV_AT(1120, RET, PTV_FN_ADD, 0, (uint64_t)-22),
		ENDS(1130, ENABLE), MODE(1630, OFF), ASK(1700, DISABLE), CLOSED(3000));
	expect(&s, 1, 570, 0);
}

PTV_TEST(check_counted, told_off_event_that_is_not_off_yet_is_excused)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), MODE(2000, OFF),
		PTV_AT(2100, RECORD, PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_TRUNCATED)),
		CEASES_TO_RUN(2400, 2290), CLOSED(3000));
	expect(&s, 1, 0, 0);
}

PTV_TEST(check_counted, want_of_room_excuses_resting)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), MODE(2000, OFF),
		PTV_AT(2100, STORE, 0x100000, 32768, PTV_PLACE(0, 0)), CEASES_TO_RUN(2100, 1990),
		PTV_AT(2500, CONSUME, 0, 32768, 32768), BEGINS_TO_RUN(2510, 1990), CLOSED(3000));
	expect(&s, 1, 10, 0);
}

PTV_TEST(check_counted, paused_event_goes_on_being_counted)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), ENDS(1001, PROGRESS), ASK(1100, PAUSE), ENDS(1100, PROGRESS),
		ASK(1500, RESUME), ENDS(1500, PROGRESS), MODE(2000, OFF), CLOSED(3000));
	expect(&s, 1, 0, 0);
}

/* Another LP's clock and kernel code do not account for this event's time. */
PTV_TEST(check_counted, only_the_events_own_lp_counts)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), CEASES_TO_RUN(1100, 990), MODE(1200, ROOT),
		BEGINS_TO_RUN(1300, 990), MODE(2000, OFF), CLOSED(3000));
	s.step[s.steps - 4U].lp = 1;
	expect(&s, 1, 200, 0);
}

/* A stay from 2350 to 2530, whose add was called at 2340. */
static void expect_growth(uint64_t grew, unsigned int violated)
{
	struct ptv_stream s;
	char text[128];

	ptv_traced_stream(&s);
	PTV_ADD(&s, MODE(1000, ROOT), MODE(2000, OFF), BEGINS(2100, DISABLE), ASK(2100, DISABLE),
		CEASES_TO_RUN(2110, 2000), ENDS(2200, DISABLE), BEGINS(2300, ENABLE),
		ASK(2300, ENABLE), PTV_AT(2340, CALL, PTV_FN_ADD, 0),
		PTV_AT(2350, RET, PTV_FN_ADD, 0), BEGINS_TO_RUN(2350, 2000), ENDS(2400, ENABLE),
		BEGINS(2500, DISABLE), ASK(2500, DISABLE), CEASES_TO_RUN(2530, 2000U + grew),
		ENDS(2540, DISABLE), CLOSED(3000));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, COUNTED, 1, violated);
	if (!violated)
		return;
	ptv_violation_text(&s.found.check[PTV_CHECK_COUNTED].first, text, sizeof(text));
	if (grew == 179U)
		PTV_EXPECT_STREQ(text,
				 "time_running of event 0 grew by 179 in a stay of 180 cycles");
}

PTV_TEST(check_counted, time_running_grows_by_the_stay_with_or_without_the_time_in_add)
{
	expect_growth(179, 1);
	expect_growth(180, 0);
	expect_growth(190, 0);
	expect_growth(191, 1);
}
