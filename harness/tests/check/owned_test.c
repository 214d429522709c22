/* SPDX-License-Identifier: MIT */
/*
 * Goal: trace-owned and unread-safe draw their lines at the right byte.
 * Method: stores at, before and behind the border, on top of a traced event with a 32 KiB buffer.
 */
#include "gtest/ptv_test.h"
#include "stream.h"

#define STORE(cycle, bytes, place) PTV_AT(cycle, STORE, 0x100000, bytes, place)
#define CONSUME(cycle, head, tail) PTV_AT(cycle, CONSUME, 0, head, tail)
#define SIZE			   32768U

static const struct ptv_edit in_snapshot_mode[] = {
	PTV_INSTEAD("open", "open", 0, PTV_OBS_OPEN,
		    PTV_OPEN_A(0, PTV_CONTEXT_CPU, PTV_AUX_SNAPSHOT, 0), SIZE, 0, 0, 0)};

PTV_TEST(check_owned, output_to_memory_of_nobody_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16, PTV_PLACE_NONE));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 1, 1);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 1, 0);
}

PTV_TEST(check_owned, output_to_another_events_buffer_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16, PTV_PLACE(1, 0)));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 1, 1);
}

PTV_TEST(check_owned, output_after_the_end_of_the_transaction_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, TRACE_EN, 0, PTV_CAUSE_WRMSR), PTV_AT(210, AUX_END, 0, 0),
		STORE(220, 16, PTV_PLACE(0, 0)));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 1, 1);
}

PTV_TEST(check_owned, transaction_that_ends_under_tracing_violates_once)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_SAID("end", 210, AUX_END, 0, 0), PTV_AT(211, AUX_BEGIN, 0, 0, 100),
		PTV_AT(212, AUX_END, 0, 0));
	ptv_stream_play_until(&s, "end");
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 1, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 1, 1);
}

/* policy none: no event was ever opened, tracing belongs to the timeline. */
PTV_TEST(check_owned, hardware_alone_is_idle)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, PTV_AT(0, LP_INFO, 0, 1), PTV_AT(10, TRACE_EN, 1, PTV_CAUSE_WRMSR),
		STORE(20, 16, PTV_PLACE_NONE));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 0, 0);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 0, 0);
}

PTV_TEST(check_unread, buffer_may_become_full_and_not_one_byte_more)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, SIZE - 16U, PTV_PLACE(0, 0)),
		STORE(210, 16, PTV_PLACE(0, SIZE - 16U)),
		PTV_SAID("more", 220, STORE, 0x100000, 1, PTV_PLACE(0, 0)));
	ptv_stream_play_until(&s, "more");
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 2, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 3, 1);
}

PTV_TEST(check_unread, what_the_consumer_has_read_may_be_overwritten_round_after_round)
{
	struct ptv_stream s;
	uint64_t position = 0;
	unsigned int i;

	ptv_traced_stream(&s);
	for (i = 0; i < 12; i++) {
		PTV_ADD(&s, STORE(200 + i, 8192, PTV_PLACE(0, position % SIZE)));
		position += 8192;
		PTV_ADD(&s, PTV_AT(200 + i, HEAD, 0, position),
			CONSUME(200 + i, position, position));
	}
	PTV_ADD(&s, STORE(300, SIZE, PTV_PLACE(0, position % SIZE)),
		PTV_SAID("more", 301, STORE, 0x100000, 1, PTV_PLACE(0, position % SIZE)));
	ptv_stream_play_until(&s, "more");
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 13, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 14, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_UNREAD_SAFE].first.y, position);
}

PTV_TEST(check_unread, store_that_reaches_into_unread_bytes_from_free_room_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 20000, PTV_PLACE(0, 0)), CONSUME(210, 20000, 10000),
		STORE(220, 12768, PTV_PLACE(0, 20000)), STORE(230, 10000, PTV_PLACE(0, 0)),
		STORE(240, 1, PTV_PLACE(0, 10000)));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 4, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_UNREAD_SAFE].first.obs.cycle, 240);
}

PTV_TEST(check_unread, software_counts_and_a_sample_does_not)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, SIZE, PTV_PLACE(0, 0)),
		PTV_AT(210, SW_STORE, PTV_SW_SAMPLE, 64, PTV_PLACE(0, 0)),
		PTV_AT(220, SW_STORE, PTV_SW_PAD, 64, PTV_PLACE(0, 0)));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 3, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_UNREAD_SAFE].first.obs.cycle, 220);
}

PTV_TEST(check_unread, snapshot_mode_overwrites_for_a_living)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	ptv_stream_edit(&s, in_snapshot_mode, PTV_ARRAY_SIZE(in_snapshot_mode));
	PTV_ADD(&s, STORE(200, SIZE, PTV_PLACE(0, 0)), STORE(210, SIZE, PTV_PLACE(0, 0)));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 2, 0);
}

PTV_TEST(check_unread, freed_page_is_not_written_in_any_mode)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	ptv_stream_edit(&s, in_snapshot_mode, PTV_ARRAY_SIZE(in_snapshot_mode));
	PTV_ADD(&s, STORE(200, 16, PTV_PLACE(0, 16384)),
		PTV_AT(210, PAGE, PTV_BIT(8), PTV_PAGE_B(16384, 16384), 0x200000),
		STORE(220, 16, PTV_PLACE(0, 16383 - 16)),
		PTV_SAID("bad", 230, STORE, 0x200000, 16, PTV_PLACE_NONE),
		STORE(240, 16, PTV_PLACE(0, 16384)));
	ptv_stream_play_until(&s, "bad");
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 2, 0);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, UNREAD_SAFE, 4, 2);
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 1, 0);
}
