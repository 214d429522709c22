/* SPDX-License-Identifier: MIT */
/*
 * Goal: transactions do the arithmetic of perf_aux_output_begin and _end, era by era. Method: the
 * test plays the driver against a buffer of 8 pages and looks at handle and observations.
 */
#include "stub.h"
#include "gtest/ptv_test.h"

#define SIZE (8U * STUB_PAGE)
#define HALF (4U * STUB_PAGE)

static struct stub stub;

static void start(const char *era)
{
	stub_init(&stub, era);
	stub_open(&stub);
}

PTV_TEST(aux_output, room_of_an_empty_buffer_is_its_size_less_one)
{
	start("4.12");
	PTV_EXPECT(stub_begin(&stub));
	PTV_EXPECT_EQ(stub.handle.size, SIZE - 1U);
	PTV_EXPECT_EQ(stub.handle.head, 0U);
	PTV_EXPECT_EQ(stub.handle.wakeup, HALF);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_AUX_BEGIN)->c, SIZE - 1U);
}

PTV_TEST(aux_output, room_shrinks_by_what_the_consumer_has_not_read)
{
	start("4.12");
	(void)stub_begin(&stub);
	stub_end(&stub, 10000, 0);
	PTV_EXPECT(stub_begin(&stub));
	PTV_EXPECT_EQ(stub.handle.head, 10000U);
	PTV_EXPECT_EQ(stub.handle.size, SIZE - 1U - 10000U);
	stub_end(&stub, 0, 0);
	ptv_kern_consume(&stub.cpu, 0, 4000);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_CONSUME)->b, 10000U);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_CONSUME)->c, 4000U);
	PTV_EXPECT(stub_begin(&stub));
	PTV_EXPECT_EQ(stub.handle.size, SIZE - 1U - 6000U);
}

PTV_TEST(aux_output, a_full_buffer_refuses_asks_for_disable_and_wakes)
{
	start("4.5");
	(void)stub_begin(&stub);
	stub_end(&stub, SIZE - 1U, 0);
	stub_irq_work(&stub);
	stub_forget(&stub);
	PTV_EXPECT(!stub_begin(&stub));
	PTV_EXPECT_EQ(stub.handle.event, PTV_NO_EVENT);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_AUX_BEGIN)->a, PTV_BIT(8));
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_DISABLE_REQ), 1U);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_WAKE), 0U);
	stub_irq_work(&stub);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_WAKE), 1U);
	PTV_EXPECT(ptv_kern_wakeup_pending(&stub.kern, 0));
	/* Not a whole ring behind, one byte short of it, and quite full: all the same. */
	stub.kern.aux[0].head++;
	PTV_EXPECT(!stub_begin(&stub));
	ptv_kern_consume(&stub.cpu, 0, UINT64_MAX);
	PTV_EXPECT(!ptv_kern_wakeup_pending(&stub.kern, 0));
	PTV_EXPECT(stub_begin(&stub));
}

PTV_TEST(aux_output, a_refused_begin_leaves_no_reference)
{
	start("4.12");
	stub.kern.aux[0].head = SIZE - 1U;
	PTV_EXPECT(!stub_begin(&stub));
	PTV_EXPECT_EQ(stub.kern.aux[0].nest, 0);
	PTV_EXPECT_EQ(stub.kern.aux[0].refcount, 1);
	ptv_kern_audit(&stub.cpu);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), 0U);
}

PTV_TEST(aux_output, tail_may_move_between_its_load_and_the_transaction)
{
	/* The room is what the tail said; marks made by it do not move later. */
	start("4.12");
	(void)stub_begin(&stub);
	stub_end(&stub, 8192, 0);
	(void)stub_begin(&stub);
	ptv_kern_consume(&stub.cpu, 0, UINT64_MAX);
	PTV_EXPECT_EQ(stub.handle.size, SIZE - 1U - 8192U);
}

PTV_TEST(aux_output, a_record_comes_before_its_head)
{
	start("4.12");
	(void)stub_begin(&stub);
	stub_forget(&stub);
	stub_end(&stub, 100, PTV_AUX_FLAG_PARTIAL);
	PTV_EXPECT_EQ(ptv_record_flags(stub_last(&stub, PTV_OBS_RECORD)), PTV_AUX_FLAG_PARTIAL);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_RECORD)->b, 0U);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_RECORD)->c, 100U);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_HEAD)->b, 100U);
	PTV_EXPECT_LT(stub_place(&stub, PTV_OBS_RECORD, 0), stub_place(&stub, PTV_OBS_HEAD, 0));
	PTV_EXPECT_LT(stub_place(&stub, PTV_OBS_HEAD, 0), stub_place(&stub, PTV_OBS_AUX_END, 0));
	PTV_EXPECT_EQ(stub.handle.event, PTV_NO_EVENT);
}

PTV_TEST(aux_output, nothing_written_and_nothing_flagged_makes_no_record)
{
	start("4.12");
	(void)stub_begin(&stub);
	stub_end(&stub, 0, 0);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_RECORD), 0U);
	(void)stub_begin(&stub);
	stub_end(&stub, 0, PTV_AUX_FLAG_PARTIAL);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_RECORD), 1U);
}

PTV_TEST(aux_output, a_watermark_wakes_when_reached_and_not_one_byte_before)
{
	static const char *const era[] = {"4.5", "4.6", "4.12"};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(era); i++) {
		start(era[i]);
		(void)stub_begin(&stub);
		stub_end(&stub, HALF - 1U, 0);
		PTV_EXPECT(!stub.irq_work);
		(void)stub_begin(&stub);
		stub_end(&stub, 1, 0);
		PTV_EXPECT(stub.irq_work);
		PTV_EXPECT_EQ(stub.kern.aux[0].wakeup, HALF);
	}
}

PTV_TEST(aux_output, a_jump_over_two_watermarks_advances_by_one)
{
	start("4.12");
	stub.kern.aux[0].watermark = STUB_PAGE;
	(void)stub_begin(&stub);
	stub_end(&stub, 2U * STUB_PAGE, 0);
	PTV_EXPECT_EQ(stub.kern.aux[0].wakeup, STUB_PAGE);
}

/* A buffer as transactions of 1000 bytes leave it, each of them read. */
static struct ptv_kern_aux played(const char *era, uint64_t bytes)
{
	uint64_t left;

	start(era);
	for (left = bytes; left > 0U; left -= left < 1000U ? left : 1000U) {
		PTV_EXPECT(stub_begin(&stub));
		stub_end(&stub, left < 1000U ? left : 1000U, 0);
		stub_irq_work(&stub);
		ptv_kern_consume(&stub.cpu, 0, UINT64_MAX);
	}
	return stub.kern.aux[0];
}

/* A buffer with trace behind it is one whose trace was played. */
PTV_TEST(aux_output, what_earlier_transactions_left_is_what_they_leave)
{
	static const char *const era[] = {"4.5", "4.12", "6.1"};
	static const uint32_t bytes[] = {1, 1000, HALF - 1U, HALF, HALF + 4064U, SIZE - 1U};
	size_t i, n;

	for (i = 0; i < PTV_ARRAY_SIZE(era); i++) {
		for (n = 0; n < PTV_ARRAY_SIZE(bytes); n++) {
			const struct ptv_kern_aux want = played(era[i], bytes[n]);

			stub_init(&stub, era[i]);
			stub.event.earlier = bytes[n];
			PTV_ASSERT_EQ(ptv_kern_open(&stub.cpu, 0, &stub.event), 0);
			PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_OPEN)->a >> 32, bytes[n]);
			PTV_EXPECT_EQ(stub.kern.aux[0].head, want.head);
			PTV_EXPECT_EQ(stub.kern.aux[0].user_head, want.user_head);
			PTV_EXPECT_EQ(stub.kern.aux[0].user_tail, want.user_tail);
			PTV_EXPECT_EQ(stub.kern.aux[0].wakeup, want.wakeup);
			PTV_EXPECT(stub_begin(&stub));
			PTV_EXPECT_EQ(stub.handle.head, bytes[n]);
			PTV_EXPECT_EQ(stub.handle.size, SIZE - 1U);
		}
	}
}

/* Wakes and disables of a short record with these flags. */
static void expect_flagged(const char *era, uint32_t flags, bool wakes, bool disables)
{
	start(era);
	(void)stub_begin(&stub);
	stub_end(&stub, 100, flags);
	PTV_EXPECT_EQ(stub.irq_work, wakes);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_DISABLE_REQ), disables ? 1U : 0U);
}

PTV_TEST(aux_output, flags_wake_and_disable_by_the_era)
{
	expect_flagged("4.5", PTV_AUX_FLAG_TRUNCATED, false, false);
	expect_flagged("4.5", PTV_AUX_FLAG_PARTIAL, false, false);
	expect_flagged("4.6", PTV_AUX_FLAG_TRUNCATED, true, true);
	expect_flagged("4.6", PTV_AUX_FLAG_PARTIAL, false, false);
	expect_flagged("4.12", PTV_AUX_FLAG_TRUNCATED, true, true);
	expect_flagged("4.12", PTV_AUX_FLAG_PARTIAL, true, false);
}

PTV_TEST(aux_output, snapshot_has_no_tail_and_takes_its_head_from_the_driver)
{
	stub_init(&stub, "4.12");
	stub.event.mode = PTV_AUX_SNAPSHOT;
	stub_open(&stub);
	PTV_EXPECT(stub_begin(&stub));
	PTV_EXPECT_EQ(stub.handle.size, 0U);
	stub.handle.head = 5000;
	stub_end(&stub, 5000, 0);
	PTV_EXPECT_EQ(ptv_record_flags(stub_last(&stub, PTV_OBS_RECORD)), PTV_AUX_FLAG_OVERWRITE);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_RECORD)->b, 5000U);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_HEAD)->b, 5000U);
	PTV_EXPECT(stub.irq_work); /* the watermark is 0 */
	ptv_kern_consume(&stub.cpu, 0, UINT64_MAX);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_CONSUME)->c, 0U);
	PTV_EXPECT(stub_begin(&stub));
}

PTV_TEST(aux_output, a_second_begin_warns_and_the_handle_forgets_the_first)
{
	start("4.12");
	(void)stub_begin(&stub);
	PTV_EXPECT(!stub_begin(&stub));
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_WARN);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->b, PTV_WARN_AUX_NEST);
	PTV_EXPECT_EQ(stub.handle.event, PTV_NO_EVENT);
	/* The transaction is open for ever: nothing begins any more, and the end finds it. */
	PTV_EXPECT(!stub_begin(&stub));
	ptv_kern_audit(&stub.cpu);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_LEAK);
	/* An end without a transaction is a WARN too. */
	stub_end(&stub, 0, 0);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->b, PTV_WARN_AUX_END);
}

static void consume_all(struct stub *f)
{
	ptv_kern_consume(&f->cpu, 0, UINT64_MAX);
}

PTV_TEST(aux_output, a_consumer_that_reads_in_time_makes_room)
{
	/* Before begin loads the tail the read counts, after it not. */
	start("4.12");
	(void)stub_begin(&stub);
	stub_end(&stub, 8192, 0);
	stub.inject = consume_all;
	stub.inject_at = "aux_begin.r.aux_tail";
	stub.inject_side = PTV_BEFORE;
	(void)stub_begin(&stub);
	PTV_EXPECT_EQ(stub.handle.size, SIZE - 1U);
	stub_end(&stub, 8192, 0);
	stub.inject = consume_all;
	stub.inject_side = PTV_AFTER;
	(void)stub_begin(&stub);
	PTV_EXPECT_EQ(stub.handle.size, SIZE - 1U - 8192U);
}

/* A PMI whose handler closes the transaction that is just being closed, and opens none. */
static void end_nested(struct stub *f)
{
	struct ptv_cpu nmi = stub_nmi(f);

	if (f->handle.event != PTV_NO_EVENT)
		nmi.kernel->aux_end(&nmi, &f->handle, 10);
}

PTV_TEST(aux_output, an_end_inside_an_end_drops_the_reference_of_the_mapping)
{
	/* perf_aux_output_end does not defend itself: rb_free_aux is called twice, and the second
	 * one frees the pages under the mapping. The driver's handle_nmi keeps that from
	 * happening. */
	static const struct {
		const char *label;
		enum ptv_side side;
		bool twice;
	} row[] = {
		{"aux_end.w.aux_head", PTV_BEFORE, true},
		{"aux_end.w.aux_head", PTV_AFTER, true},
		{"aux_end.w.pending_disable", PTV_BEFORE, true},
		{"aux_end.w.pending_disable", PTV_AFTER, true},
		{"aux_end.w.handle.event", PTV_BEFORE, true},
		{"aux_end.w.handle.event", PTV_AFTER, false},
		{"aux_end.w.aux_nest", PTV_BEFORE, false},
		{"aux_end.w.aux_nest", PTV_AFTER, false},
	};
	static const char *const eras[] = {"4.5", "4.6", "4.12"};
	size_t i;

	for (i = 0; i < 3U * PTV_ARRAY_SIZE(row); i++) {
		const size_t n = i / 3U;
		const bool old = i % 3U == 0U; /* it neither disables nor stops at munmap */
		const bool twice = row[n].twice && !(old && n / 2U == 1U);

		start(eras[i % 3U]);
		PTV_EXPECT(stub_begin(&stub));
		stub.inject = end_nested;
		stub.inject_at = row[n].label;
		stub.inject_side = row[n].side;
		stub_end(&stub, 100, PTV_AUX_FLAG_TRUNCATED);
		PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_AUX_END), twice ? 2U : 1U);
		PTV_EXPECT_EQ(stub.kern.aux[0].refcount, twice ? 0U : 1U);
		PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_PAGE), twice ? 2U : 0U);
		stub.inject = NULL;
		/* Nothing begins on a buffer that is gone. */
		PTV_EXPECT_EQ(stub_begin(&stub), !twice);
		if (!twice)
			stub_end(&stub, 0, 0);
		stub_forget(&stub);
		ptv_kern_close(&stub.cpu, 0);
		PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_PAGE), twice ? 0U : 2U);
		PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), twice && !old ? 1U : 0U);
		if (twice && !old)
			PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->b, PTV_WARN_AUX_REFCOUNT);
	}
}
