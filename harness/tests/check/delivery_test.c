/* SPDX-License-Identifier: MIT */
/*
 * Goal: pmi-handled and consumer-woken know the byte and the watermark.
 * Method: a PMI or a head on top of a traced event, one byte to either side; with rounds of the
 * ring and readers.
 */
#include "gtest/ptv_test.h"
#include "stream.h"

#define STORE(cycle, bytes, offset) PTV_AT(cycle, STORE, 0x100000, bytes, PTV_PLACE(0, offset))
#define PMI(cycle, offset)	    PTV_SAID("pmi", cycle, PMI_RAISED, 0, 0, PTV_PLACE(0, offset))
#define HEAD(cycle, head)	    PTV_AT(cycle, HEAD, 0, head)
#define CONSUME(cycle, head, tail)  PTV_AT(cycle, CONSUME, 0, head, tail)
#define WAKE(cycle)		    PTV_AT(cycle, WAKE, 0)
#define SETTLED(cycle)		    PTV_AT(cycle, SETTLED, 1)
#define SIZE			    32768U
#define MARK			    16384U /* the watermark */

static void expect_pmi(struct ptv_stream *s, unsigned int exercised, unsigned int violated)
{
	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, PMI_HANDLED, exercised, violated);
}

static void expect_woken(struct ptv_stream *s, unsigned int exercised, unsigned int violated)
{
	ptv_stream_play(s);
	PTV_EXPECT_VERDICT(s, CONSUMER_WOKEN, exercised, violated);
}

PTV_TEST(check_pmi, byte_has_to_lie_below_the_published_head)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16400, 0), PMI(210, 16383), HEAD(220, 16383), SETTLED(300));
	expect_pmi(&s, 1, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_PMI_HANDLED].first.y, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_PMI_HANDLED].first.since_seq,
		      ptv_stream_find(&s, "pmi"));
	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16400, 0), PMI(210, 16383), HEAD(220, 16384), SETTLED(300));
	expect_pmi(&s, 1, 0);
}

PTV_TEST(check_pmi, store_of_the_same_clock_may_be_observed_later)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16376, 0), PMI(210, 16383), STORE(210, 8, 16376), HEAD(220, 16383),
		SETTLED(300));
	expect_pmi(&s, 1, 1);
}

PTV_TEST(check_pmi, position_counts_rounds_of_the_ring)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 30000, 0), HEAD(201, 30000), CONSUME(202, 30000, 30000),
		STORE(203, 2768, 30000), STORE(204, 16384, 0), HEAD(205, 32768),
		CONSUME(206, 32768, 32768), PMI(210, 16383), HEAD(211, 32768 + 16383), SETTLED(300),
		HEAD(310, 32768 + 16384), SETTLED(400));
	expect_pmi(&s, 2, 1);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_PMI_HANDLED].first.obs.cycle, 300);
}

PTV_TEST(check_pmi, status_bit_has_to_be_clear)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16384, 0), PMI(210, 16383), PTV_AT(210, GS55, 1), HEAD(220, 16384),
		SETTLED(300), PTV_AT(310, GS55, 0), SETTLED(400));
	expect_pmi(&s, 2, 1);
}

PTV_TEST(check_pmi, lvt_that_software_masks_is_not_left_masked)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16384, 0), PMI(210, 16383), HEAD(220, 16384),
		PTV_AT(230, LVT, PTV_NMI_MASKED, 0), SETTLED(300),
		PTV_AT(310, LVT, PTV_NMI_OPEN, 0), PTV_AT(320, LVT, PTV_NMI_MASKED, 1),
		PTV_AT(330, LVT, PTV_NMI_MASKED, 0), SETTLED(400));
	expect_pmi(&s, 2, 1);
}

PTV_TEST(check_pmi, pmi_outside_a_transaction_is_nobodys)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, STORE(200, 16384, 0), PTV_AT(205, AUX_END, 0, 16384), PMI(210, 16383),
		SETTLED(300));
	expect_pmi(&s, 0, 0);
}

PTV_TEST(check_woken, watermark_is_exact_and_counts_from_the_last_read)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, HEAD(200, MARK - 1U), SETTLED(300));
	expect_woken(&s, 0, 0);
	PTV_ADD(&s, HEAD(310, MARK), SETTLED(400));
	expect_woken(&s, 1, 1);
	ptv_traced_stream(&s);
	PTV_ADD(&s, HEAD(200, 100), CONSUME(210, 100, 0), HEAD(220, MARK), SETTLED(300));
	expect_woken(&s, 0, 0);
	PTV_ADD(&s, HEAD(310, MARK + 100U), SETTLED(400));
	expect_woken(&s, 1, 1);
}

PTV_TEST(check_woken, one_wake_up_since_the_last_read_is_enough)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, HEAD(200, MARK), WAKE(210), SETTLED(300), HEAD(310, MARK + 9000U),
		SETTLED(400));
	expect_woken(&s, 2, 0);
}

PTV_TEST(check_woken, wake_up_before_the_last_read_does_not_count)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, HEAD(200, MARK), WAKE(210), CONSUME(220, MARK, MARK), HEAD(230, 2U * MARK),
		SETTLED(300));
	expect_woken(&s, 1, 1);
}

/* The consumer looks by itself: there was something to be woken for, and it is settled. */
PTV_TEST(check_woken, consumer_that_reads_unasked_needs_no_wake_up)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, HEAD(200, MARK), CONSUME(220, MARK, MARK), SETTLED(300), SETTLED(400));
	expect_woken(&s, 1, 0);
}

PTV_TEST(check_woken, truncated_record_wakes)
{
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, RECORD, PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_PARTIAL)),
		SETTLED(250),
		PTV_AT(260, RECORD, PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_TRUNCATED)),
		SETTLED(300), WAKE(310), SETTLED(400));
	expect_woken(&s, 2, 1);
}
