/* SPDX-License-Identifier: MIT */
/*
 * Tables, positions and markers: what the driver writes into memory, and what it makes of the
 * registers.
 */
#include "gtest/ptv_test.h"

#include "fake.h"

static const uint8_t two_regions[] = {4, 4, 0};
static const uint8_t eight_pages[] = {1, 1, 1, 1, 1, 1, 1, 1, 0};

#define PAGE UINT64_C(0x1000)

/* Words of event 0's table for 8 one-page regions; its page is the second of the pool. */
static uint64_t entry(const struct fake *fake, unsigned int index)
{
	return drv_mem(fake, FAKE_TABLE + PAGE + index * 8U);
}

PTV_TEST(driver_topa, single_entry_tables_hold_one_region_with_int_and_stop_and_end_at_themselves)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", false, two_regions);
	/* 16 KiB: size 2 << 6; INT and STOP: 14h */
	PTV_EXPECT_EQ(drv_mem(&fake, FAKE_TABLE + PAGE), FAKE_AUX | 0x80U | 0x14U);
	PTV_EXPECT_EQ(drv_mem(&fake, FAKE_TABLE + PAGE + 8U), (FAKE_TABLE + PAGE) | 1U);
	PTV_EXPECT_EQ(drv_mem(&fake, FAKE_TABLE), (FAKE_AUX + 4U * PAGE) | 0x80U | 0x14U);
	PTV_EXPECT_EQ(drv_mem(&fake, FAKE_TABLE + 8U), FAKE_TABLE | 1U);
	PTV_EXPECT_EQ(fake.tables, 4); /* two for each event */
}

PTV_TEST(driver_topa, multi_entry_table_lists_all_regions_and_ends_at_itself)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, two_regions);
	PTV_EXPECT_EQ(entry(&fake, 0), FAKE_AUX | 0x80U);
	PTV_EXPECT_EQ(entry(&fake, 1), (FAKE_AUX + 4U * PAGE) | 0x80U);
	PTV_EXPECT_EQ(entry(&fake, 2), (FAKE_TABLE + PAGE) | 1U);
	PTV_EXPECT_EQ(entry(&fake, 3), 0);
	PTV_EXPECT_EQ(fake.tables, 2);
}

PTV_TEST(driver_topa, single_entry_snapshot_has_neither_int_nor_stop)
{
	struct fake fake;
	uint64_t *words;

	drv_init(&fake, "handle-vmx", false, two_regions);
	fake.ops->free_aux(&fake.cpu, 0);
	words = fake.buf_words[0];
	for (unsigned int i = 0; i < PTV_DRIVER_BUF_WORDS; i++)
		words[i] = 0;
	fake.snapshot = true;
	PTV_ASSERT_EQ(fake.ops->setup_aux(&fake.cpu, 0), 0);
	PTV_EXPECT_EQ(drv_mem(&fake, drv_buf(&fake)->table), FAKE_AUX | 0x80U);
}

PTV_TEST(driver_topa, freeing_gives_back_every_page_and_every_word)
{
	struct fake fake;
	unsigned int i, used = 0;

	drv_init(&fake, "handle-vmx", false, two_regions);
	fake.ops->free_aux(&fake.cpu, 0);
	fake.ops->free_aux(&fake.cpu, 1);
	PTV_EXPECT_EQ(fake.freed, fake.tables);
	for (i = 0; i < FAKE_WORDS; i++)
		used += fake.mem[i][1] != 0U ? 1U : 0U;
	PTV_EXPECT_EQ(used, 0);
}

/* Goal: no memory, no tables, and nothing left behind. Method: too few words, then too few pages.
 */
PTV_TEST(driver_topa, setup_fails_with_enomem_when_words_or_pages_run_out)
{
	struct fake fake;
	unsigned int i, multi;

	for (multi = 0; multi < 2U; multi++) {
		drv_init(&fake, "handle-vmx", multi != 0U, two_regions);
		for (i = 0; i < FAKE_EVENTS; i++)
			fake.ops->free_aux(&fake.cpu, i);
		fake.mem_words = 2;
		PTV_EXPECT_EQ(fake.ops->setup_aux(&fake.cpu, 0), -PTV_ENOMEM);
		PTV_EXPECT_EQ(fake.freed, fake.tables);
		PTV_EXPECT_EQ(fake.mem[0][1] | fake.mem[1][1], 0);
		fake.mem_words = FAKE_WORDS;
		fake.tables_max = fake.tables + (multi ? 0U : 1U);
		PTV_EXPECT_EQ(fake.ops->setup_aux(&fake.cpu, 0), -PTV_ENOMEM);
		PTV_EXPECT_EQ(fake.freed, fake.tables);
	}
}

PTV_TEST(driver_topa, largest_buffer_of_smallest_regions_fits_once)
{
	struct fake fake;
	unsigned int i;

	drv_init(&fake, "handle-vmx", false, two_regions);
	for (i = 0; i < FAKE_EVENTS; i++)
		fake.ops->free_aux(&fake.cpu, i);
	for (i = 0; i < PTV_MAX_AUX_PAGES; i++)
		fake.region_size[i] = PAGE;
	PTV_EXPECT_EQ(fake.ops->setup_aux(&fake.cpu, 0), 0);
	PTV_EXPECT_EQ(drv_buf(&fake)->nr_regions, PTV_MAX_AUX_PAGES);
	PTV_EXPECT_EQ(fake.ops->setup_aux(&fake.cpu, 1), -PTV_ENOMEM);
}

/* Where a transaction that begins at `head` makes the driver point the hardware. */
static void expect_place(bool multi, uint64_t head, uint64_t table, unsigned int index,
			 uint64_t offset)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", multi, two_regions);
	fake.head = head;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_EQ(fake.base, table);
	PTV_EXPECT_EQ(fake.ptrs, 0x7fU | (uint64_t)index << 7 | offset << 32);
}

PTV_TEST(driver_topa, begin_points_at_the_region_and_offset_of_the_head)
{
	expect_place(false, 0, FAKE_TABLE + PAGE, 0, 0);
	expect_place(false, 0x3fff, FAKE_TABLE + PAGE, 0, 0x3fff);
	expect_place(false, 0x4000, FAKE_TABLE, 0, 0);
	expect_place(false, 0x7123, FAKE_TABLE, 0, 0x3123);
	expect_place(false, 0x18123, FAKE_TABLE + PAGE, 0, 0x123); /* third lap */
	expect_place(true, 0x3fff, FAKE_TABLE + PAGE, 0, 0x3fff);
	expect_place(true, 0x7123, FAKE_TABLE + PAGE, 1, 0x3123);
}

/* Goal: size of what was written between two positions. Method: begin at `head`, hardware at the
 * given place when the event is deleted. */
static void expect_size(uint64_t head, unsigned int index, uint64_t offset, uint64_t size)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, two_regions);
	fake.head = head;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	fake.ptrs = 0x7fU | (uint64_t)index << 7 | offset << 32;
	drv_del(&fake);
	PTV_EXPECT_EQ(fake.head, head + size);
}

PTV_TEST(driver_topa, size_is_the_distance_in_the_ring)
{
	expect_size(0, 0, 0x10, 0x10);
	expect_size(0x20, 1, 0, 0x3fe0);
	expect_size(0x7000, 0, 0x800, 0x1800); /* wraps */
	expect_size(0xf000, 0, 0x800, 0x1800); /* second lap wraps */
}

/* 5b590160d2cf (v6.13) fixes it: a buffer that fills exactly once looks empty. */
PTV_TEST(driver_topa, a_whole_lap_counts_as_nothing)
{
	expect_size(0x7000, 1, 0x3000, 0);
}

PTV_TEST(driver_topa, registers_of_somebody_else_change_no_position)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, two_regions);
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	fake.ptrs = 0x7fU | 5U << 7; /* no such entry */
	drv_del(&fake);
	PTV_EXPECT_EQ(fake.head, 0);
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	fake.base = 0;
	fake.ptrs = UINT64_C(0x100) << 32;
	drv_del(&fake);
	PTV_EXPECT_EQ(fake.head, 0);
}

/* --- RTIT_STATUS and the margin --- */

/* Runs one PMI with hardware at `offset` of region 0; *fake is left as it is afterwards. */
static const char *pmi_at_offset(struct fake *fake, bool multi, uint64_t offset, uint64_t status)
{
	drv_init(fake, "handle-vmx", multi, two_regions);
	PTV_ASSERT_EQ(drv_add(fake), 0);
	fake->ptrs = 0x7fU | offset << 32;
	fake->status = status;
	(void)drv_log(fake);
	drv_pmi(fake);
	return drv_log(fake);
}

PTV_TEST(driver_topa, single_entry_pads_the_last_512_bytes_and_steps_to_the_next_table)
{
	struct fake fake;

	PTV_EXPECT_STREQ(pmi_at_offset(&fake, false, 0x3e00, 0x4),
			 "w CTL 210c | fence | r BASE | r PTRS | r STATUS | pad 0 15872 512 | "
			 "w STATUS 4 | end 16384 | begin 0 | w BASE 100000 | w PTRS 7f | "
			 "w CTL 210d");
	PTV_EXPECT_STREQ(pmi_at_offset(&fake, false, 0x3dff, 0x4),
			 "w CTL 210c | fence | r BASE | r PTRS | r STATUS | "
			 "w STATUS 4 | end 15871 | begin 0 | w BASE 101000 | "
			 "w PTRS 3dff0000007f | w CTL 210d");
}

PTV_TEST(driver_topa, single_entry_that_met_stop_has_lost_data)
{
	struct fake fake;

	PTV_EXPECT_STREQ(pmi_at_offset(&fake, false, 0x4000, 0x20),
			 "w CTL 210c | fence | r BASE | r PTRS | r STATUS | w STATUS 0 | "
			 "end 16384 TRUNCATED | begin 0 | w BASE 100000 | w PTRS 7f | w CTL 210d");
}

PTV_TEST(driver_topa, multi_entry_has_lost_data_only_at_the_end_of_its_region)
{
	struct fake fake;

	PTV_EXPECT_STREQ(pmi_at_offset(&fake, true, 0x4000, 0x20),
			 "w CTL 210c | fence | r BASE | r PTRS | r STATUS | w STATUS 0 | "
			 "end 16384 TRUNCATED | begin 0 | w BASE 101000 | w PTRS ff | w CTL 210d");
	PTV_EXPECT_STREQ(pmi_at_offset(&fake, true, 0x3ff0, 0x20),
			 "w CTL 210c | fence | r BASE | r PTRS | r STATUS | w STATUS 0 | "
			 "end 16368 | begin 0 | w BASE 101000 | w PTRS 3ff00000007f | w CTL 210d");
}

PTV_TEST(driver_topa, an_error_is_cleared_and_nothing_else_done)
{
	struct fake fake;

	PTV_EXPECT_STREQ(pmi_at_offset(&fake, true, 0x10, 0x11),
			 "w CTL 210c | fence | r BASE | r PTRS | r STATUS | w STATUS 1 | end 16 | "
			 "begin 0 | w BASE 101000 | w PTRS 100000007f | w CTL 210d");
}

/* --- markers --- */

/* Bits INT (4) and STOP (10h) of the eight entries, one hex digit each: 1 STOP, 4 INT, 5 both. */
static uint64_t marks(const struct fake *fake)
{
	uint64_t all = 0;
	unsigned int i;

	for (i = 0; i < 8U; i++) {
		const uint64_t bits = entry(fake, i);

		all = all << 4 | ((bits & 0x10U) ? 1U : 0U) | (bits & 4U);
	}
	return all;
}

static uint64_t marks_of(const char *driver, uint64_t head, uint64_t size, uint64_t wakeup)
{
	struct fake fake;

	drv_init(&fake, driver, true, eight_pages);
	fake.head = head;
	fake.size = size;
	fake.wakeup = wakeup;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	return marks(&fake);
}

/* 8 pages, all free: room for 7fffh bytes, so that STOP may sit on the page before the head's. */
PTV_TEST(driver_markers, stop_is_the_last_page_that_may_be_filled_completely)
{
	PTV_EXPECT_EQ(marks_of("dont-die", 0, 0x7fff, 0x4000), UINT64_C(0x00040001));
	PTV_EXPECT_EQ(marks_of("dont-die", 0x2000, 0x7fff, 0x6000), UINT64_C(0x01000400));
	/* from inside a page: the formula stops a page earlier than it would have to */
	PTV_EXPECT_EQ(marks_of("dont-die", 0x2800, 0x7fff, 0x6000), UINT64_C(0x10000400));
	/* tail at 5000h: 2fffh bytes free, pages 2 to 4 */
	PTV_EXPECT_EQ(marks_of("dont-die", 0x2000, 0x2fff, 0x9000), UINT64_C(0x00041000));
	/* tail at 5010h: page 5 is not to be touched either */
	PTV_EXPECT_EQ(marks_of("dont-die", 0x2000, 0x300f, 0x9000), UINT64_C(0x00041000));
}

PTV_TEST(driver_markers, int_is_where_the_consumer_wants_to_be_woken_but_before_stop)
{
	PTV_EXPECT_EQ(marks_of("dont-die", 0, 0x7fff, 0x1000), UINT64_C(0x40000001));
	PTV_EXPECT_EQ(marks_of("dont-die", 0, 0x7fff, 0x6000), UINT64_C(0x00000401));
	PTV_EXPECT_EQ(marks_of("dont-die", 0, 0x7fff, 0x7000), UINT64_C(0x00000041));
	PTV_EXPECT_EQ(marks_of("dont-die", 0, 0x7fff, 0x8000), UINT64_C(0x00000041));
}

/* ab92b232ae05: without INT on STOP a wake-up on the head's own page is behind the head, and
 * hardware stops without a word. */
PTV_TEST(driver_markers, int_on_the_heads_own_page_is_behind_it_and_only_stop_can_interrupt)
{
	PTV_EXPECT_EQ(marks_of("dont-die", 0x2000, 0x7fff, 0x2800), UINT64_C(0x05000000));
	PTV_EXPECT_EQ(marks_of("dont-die", 0x2000, 0x2fff, 0x2800), UINT64_C(0x04001000));
	PTV_EXPECT_EQ(marks_of("handle-vmx", 0x2000, 0x2fff, 0x2800), UINT64_C(0x04005000));
}

PTV_TEST(driver_markers, the_next_transaction_takes_the_old_marks_away)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", true, eight_pages);
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_EQ(marks(&fake), UINT64_C(0x00040005));
	fake.ptrs = 0x7fU | 1U << 7;
	drv_del(&fake);
	PTV_EXPECT_EQ(marks(&fake), UINT64_C(0x00040005));
	fake.size = 0x3fff;
	fake.wakeup = 0x2000;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_EQ(marks(&fake), UINT64_C(0x04005000));
}

PTV_TEST(driver_markers, single_entry_tables_are_never_touched_again)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", false, two_regions);
	fake.head = 0x4000;
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_EQ(drv_mem(&fake, FAKE_TABLE), (FAKE_AUX + 4U * PAGE) | 0x80U | 0x14U);
}

PTV_TEST(driver_markers, room_that_ends_inside_the_current_region_is_no_room)
{
	struct fake fake;

	drv_init(&fake, "handle-vmx", false, two_regions);
	fake.head = 0x100;
	fake.size = 0x3efe; /* one byte short of the region's end */
	PTV_EXPECT_EQ(drv_add(&fake), -PTV_EINVAL);
	PTV_EXPECT_STREQ(drv_log(&fake), "begin 0 | end 0 TRUNCATED");
	PTV_EXPECT_EQ(fake.hw[0].state, PTV_HES_STOPPED);
	fake.size = 0x3eff;
	PTV_EXPECT_EQ(drv_add(&fake), 0);
}
