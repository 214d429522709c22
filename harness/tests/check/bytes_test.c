/* SPDX-License-Identifier: MIT */
/*
 * Goal: bytes-conserved follows every byte from its store to its record.
 * Method: transactions on a 32 KiB ring, right and wrong in one number.
 */
#include "gtest/ptv_test.h"
#include "stream.h"

#define STORE(cycle, bytes, offset) PTV_AT(cycle, STORE, 0x100000, bytes, PTV_PLACE(0, offset))
#define SOFT(cycle, what, bytes, offset) \
	PTV_AT(cycle, SW_STORE, PTV_SW_##what, bytes, PTV_PLACE(0, offset))
#define BEGIN(cycle, head) PTV_AT(cycle, AUX_BEGIN, 0, head, 32767)
#define RECORD(cycle, offset, size) \
	PTV_AT(cycle, RECORD, PTV_RECORD_A(PTV_RECORD_AUX, 0, 0), offset, size)
#define HEAD(cycle, head) PTV_AT(cycle, HEAD, 0, head)
#define END(cycle, size)  PTV_AT(cycle, AUX_END, 0, size)
#define REPORT(cycle, offset, size) \
	RECORD(cycle, offset, size), HEAD(cycle, (offset) + (size)), END(cycle, size)
#define CONSUME(cycle, tail) PTV_AT(cycle, CONSUME, 0, tail, tail)
#define CLOSED(cycle)	     PTV_SAID("closed", cycle, CLOSED, 0)

/* x, y: the two numbers of the first fault; both 0: none. */
static void expect(struct ptv_stream *s, unsigned int exercised, uint64_t x, uint64_t y)
{
	const struct ptv_verdict *v = &s->found.check[PTV_CHECK_BYTES_CONSERVED];

	ptv_stream_play_until(s, "closed");
	PTV_EXPECT_VERDICT(s, BYTES_CONSERVED, 0, 0);
	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, BYTES_CONSERVED, exercised, x || y ? 1 : 0);
	PTV_EXPECT_EQ(v->first.x, x);
	PTV_EXPECT_EQ(v->first.y, y);
}

PTV_TEST(check_bytes, stream_of_hardware_and_software_bytes_is_tiled_round_after_round)
{
	struct ptv_stream s;
	uint64_t position = 0;
	unsigned int i;

	ptv_traced_stream(&s);
	for (i = 0; i < 9; i++) {
		if (i)
			PTV_ADD(&s, BEGIN(200 + i, position));
		PTV_ADD(&s, STORE(200 + i, 16000, position % 32768),
			SOFT(200 + i, PAD, 384, (position + 16000) % 32768),
			REPORT(200 + i, position, 16384), CONSUME(200 + i, position + 16384));
		position += 16384;
	}
	PTV_ADD(&s, CLOSED(300));
	expect(&s, 1, 0, 0);
}

PTV_TEST(check_bytes, nothing_stored_is_idle)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, REPORT(210, 0, 0), CLOSED(300));
	expect(&s, 0, 0, 0);
}

PTV_TEST(check_bytes, whole_buffer_reported_as_nothing_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 32768, 0), END(210, 0), CLOSED(300));
	expect(&s, 1, 32768, 0);
}

PTV_TEST(check_bytes, store_that_skips_or_repeats_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), STORE(201, 100, 108), REPORT(210, 0, 208), CLOSED(300));
	expect(&s, 1, 100, 108);
	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), STORE(201, 50, 40), REPORT(210, 0, 100), CLOSED(300));
	expect(&s, 1, 100, 40);
}

PTV_TEST(check_bytes, transaction_that_begins_elsewhere_violates)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), REPORT(210, 0, 100), BEGIN(220, 4096),
		STORE(230, 100, 4096), REPORT(240, 4096, 100), CLOSED(300));
	expect(&s, 1, 100, 4096);
}

PTV_TEST(check_bytes, record_that_begins_elsewhere_violates_unless_one_was_lost)
{
	const struct ptv_step lost = PTV_AT(225, RECORD, PTV_RECORD_A(PTV_RECORD_LOST, 0, 0), 0, 0);
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), END(210, 100), BEGIN(220, 100), STORE(230, 100, 100),
		REPORT(240, 100, 100), CLOSED(300));
	expect(&s, 1, 0, 100);
	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), END(210, 100), lost, BEGIN(220, 100), STORE(230, 100, 100),
		REPORT(240, 100, 100), CLOSED(300));
	expect(&s, 1, 0, 0);
}

PTV_TEST(check_bytes, transaction_that_never_ends_keeps_its_bytes)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), CLOSED(300));
	expect(&s, 1, 100, 0);
}

PTV_TEST(check_bytes, sampling_moves_pointers_and_is_not_judged)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), PTV_AT(210, CALL, PTV_FN_SNAPSHOT, 0), CLOSED(300));
	expect(&s, 0, 0, 0);
	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 100, 0), SOFT(210, SAMPLE, 64, 0), CLOSED(300));
	expect(&s, 0, 0, 0);
}

PTV_TEST(check_bytes, snapshot_mode_is_not_judged)
{
	const struct ptv_edit in_snapshot_mode[] = {
		PTV_INSTEAD("open", "open", 0, PTV_OBS_OPEN,
			    PTV_OPEN_A(0, PTV_CONTEXT_CPU, PTV_AUX_SNAPSHOT, 0), 32768, 0, 0, 0)};
	struct ptv_stream s;

	ptv_traced_stream(&s);
	ptv_stream_edit(&s, in_snapshot_mode, PTV_ARRAY_SIZE(in_snapshot_mode));
	PTV_ADD(&s, STORE(200, 100, 0), STORE(210, 100, 500), CLOSED(300));
	expect(&s, 0, 0, 0);
}
