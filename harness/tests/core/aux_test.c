/* SPDX-License-Identifier: MIT */
/*
 * Goal: AUX pages come in the regions that the era's rb_alloc_aux makes, each known by its address,
 * and go when they should. Method: open and close events, look at regions and PAGE observations.
 */
#include "stub.h"
#include "gtest/ptv_test.h"

static struct stub stub;

static struct ptv_aux_region region(uint32_t n)
{
	struct ptv_aux_region r = {0, 0, 0};

	(void)stub.cpu.kernel->aux_region(&stub.cpu, 0, n, &r);
	return r;
}

static uint32_t regions(void)
{
	struct ptv_aux_region r;
	uint32_t n = 0;

	while (stub.cpu.kernel->aux_region(&stub.cpu, 0, n, &r))
		n++;
	return n;
}

static int try_open(uint32_t pages, enum ptv_aux_mode mode, bool multiple_entries)
{
	stub_init(&stub, "4.12");
	stub.caps.topa_multiple_entries = multiple_entries;
	stub.event.aux_pages = pages;
	stub.event.mode = mode;
	return ptv_kern_open(&stub.cpu, 0, &stub.event);
}

PTV_TEST(aux, eight_pages_in_full_mode_are_two_regions_of_four)
{
	PTV_EXPECT_EQ(try_open(8, PTV_AUX_FULL, false), 0);
	PTV_EXPECT_EQ(regions(), 2U);
	PTV_EXPECT_EQ(region(0).size, 4U * STUB_PAGE);
	PTV_EXPECT_EQ(region(1).size, 4U * STUB_PAGE);
	PTV_EXPECT_EQ(region(1).ring_offset, 4U * STUB_PAGE);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_PAGE), 2U);
	PTV_EXPECT_EQ(stub.kern.aux[0].watermark, 4U * STUB_PAGE);
}

PTV_TEST(aux, in_snapshot_mode_the_buffer_is_one_region)
{
	PTV_EXPECT_EQ(try_open(8, PTV_AUX_SNAPSHOT, false), 0);
	PTV_EXPECT_EQ(regions(), 1U);
	PTV_EXPECT_EQ(region(0).size, 8U * STUB_PAGE);
	PTV_EXPECT_EQ(stub.kern.aux[0].watermark, 0U);
}

PTV_TEST(aux, one_page_cannot_be_double_buffered)
{
	PTV_EXPECT_EQ(try_open(1, PTV_AUX_FULL, false), -PTV_EINVAL);
	PTV_EXPECT_EQ(stub.kern.event[0].state, PTV_EVENT_NONE);
	PTV_EXPECT_EQ(try_open(2, PTV_AUX_FULL, false), 0);
	PTV_EXPECT_EQ(regions(), 2U);
	PTV_EXPECT_EQ(try_open(1, PTV_AUX_SNAPSHOT, false), 0);
	PTV_EXPECT_EQ(try_open(1, PTV_AUX_FULL, true), 0);
}

PTV_TEST(aux, with_multiple_entries_regions_are_single_pages)
{
	PTV_EXPECT_EQ(try_open(8, PTV_AUX_FULL, true), 0);
	PTV_EXPECT_EQ(regions(), 8U);
	PTV_EXPECT_EQ(region(7).size, STUB_PAGE);
}

PTV_TEST(aux, sizes_that_are_no_power_of_two_or_too_large_are_refused)
{
	PTV_EXPECT_EQ(try_open(0, PTV_AUX_FULL, true), -PTV_EINVAL);
	PTV_EXPECT_EQ(try_open(6, PTV_AUX_FULL, true), -PTV_EINVAL);
	PTV_EXPECT_EQ(try_open(128, PTV_AUX_FULL, true), -PTV_EINVAL);
	PTV_EXPECT_EQ(try_open(64, PTV_AUX_FULL, true), 0);
}

static int try_given(const uint8_t *pages, uint8_t count)
{
	uint8_t i;

	stub_init(&stub, "4.12");
	stub.event.region_pages_count = count;
	for (i = 0; i < count; i++)
		stub.event.region_pages[i] = pages[i];
	return ptv_kern_open(&stub.cpu, 0, &stub.event);
}

PTV_TEST(aux, given_regions_override_the_rule_within_the_largest_order)
{
	static const uint8_t good[] = {1, 4, 2, 1}, large[] = {8}, odd[] = {3, 4, 1}, less[] = {4};

	PTV_EXPECT_EQ(try_given(good, 4), 0);
	PTV_EXPECT_EQ(regions(), 4U);
	PTV_EXPECT_EQ(region(1).ring_offset, STUB_PAGE);
	PTV_EXPECT_EQ(region(2).ring_offset, 5U * STUB_PAGE);
	PTV_EXPECT_EQ(try_given(large, 1), -PTV_EINVAL);
	PTV_EXPECT_EQ(try_given(odd, 3), -PTV_EINVAL);
	PTV_EXPECT_EQ(try_given(less, 1), -PTV_EINVAL);
}

PTV_TEST(aux, regions_are_aligned_apart_and_found_by_address)
{
	static const uint8_t pages[] = {1, 4, 2, 1};
	uint64_t behind = 0;
	uint32_t n;

	PTV_ASSERT_EQ(try_given(pages, 4), 0);
	for (n = 0; n < 4U; n++) {
		const struct ptv_aux_region r = region(n);

		PTV_EXPECT_EQ(r.address % r.size, 0U);
		PTV_EXPECT_GT(r.address, behind);
		behind = r.address + r.size;
		PTV_EXPECT_EQ(ptv_kern_place(&stub.kern, r.address), ptv_place(0, r.ring_offset));
		PTV_EXPECT_EQ(ptv_kern_place(&stub.kern, behind - 1U),
			      ptv_place(0, r.ring_offset + r.size - 1U));
		PTV_EXPECT_EQ(ptv_kern_place(&stub.kern, behind), PTV_PLACE_NONE);
	}
	PTV_EXPECT_EQ(ptv_kern_place(&stub.kern, 0), PTV_PLACE_NONE);
	PTV_EXPECT_EQ(ptv_kern_place(&stub.kern, UINT64_MAX), PTV_PLACE_NONE);
}

PTV_TEST(aux, a_driver_that_finds_no_memory_leaves_nothing)
{
	stub_init(&stub, "4.12");
	stub.setup_result = -PTV_ENOMEM;
	PTV_EXPECT_EQ(ptv_kern_open(&stub.cpu, 0, &stub.event), -PTV_ENOMEM);
	PTV_EXPECT_EQ(regions(), 0U);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_OPEN), 0U);
	stub.setup_result = 0;
	PTV_EXPECT_EQ(ptv_kern_open(&stub.cpu, 0, &stub.event), 0);
}

PTV_TEST(aux, munmap_stops_the_event_and_frees_its_pages)
{
	stub_init(&stub, "4.6");
	stub_open(&stub);
	ptv_kern_enable(&stub.cpu, 0);
	stub_forget(&stub);
	ptv_kern_close(&stub.cpu, 0);
	PTV_EXPECT_STREQ(stub_story(&stub), "ipi 0; stop 0 4; free_aux 0; ipi 0; del 0");
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_PAGE), 2U);
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), 0U);
	PTV_EXPECT_EQ(stub.kern.event[0].state, PTV_EVENT_NONE);
	PTV_EXPECT_EQ(regions(), 0U);
	PTV_EXPECT_EQ(ptv_kern_place(&stub.kern, UINT64_C(0x40000000)), PTV_PLACE_NONE);
}

PTV_TEST(aux, munmap_warns_of_a_transaction_that_stop_leaves_open)
{
	stub_init(&stub, "4.6");
	stub.begin_in_add = true;
	stub_open(&stub);
	ptv_kern_enable(&stub.cpu, 0);
	ptv_kern_close(&stub.cpu, 0);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->b, PTV_WARN_AUX_REFCOUNT);
}

PTV_TEST(aux, in_4_5_pages_stay_until_the_transaction_ends)
{
	stub_init(&stub, "4.5");
	stub.begin_in_add = true;
	stub_open(&stub);
	ptv_kern_enable(&stub.cpu, 0);
	stub_forget(&stub);
	ptv_kern_close(&stub.cpu, 0);
	PTV_EXPECT_STREQ(stub_story(&stub), "ipi 0; del 0; free_aux 0");
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_SPLAT), 0U);
}

PTV_TEST(aux, nothing_begins_in_an_unmapped_area)
{
	stub_init(&stub, "4.12");
	stub_open(&stub);
	stub.kern.aux[0].mmap_count = 0;
	PTV_EXPECT(!stub_begin(&stub));
	PTV_EXPECT_EQ(stub_count(&stub, PTV_OBS_DISABLE_REQ), 0U);
	stub.cfg.era = ptv_era_find("4.5");
	PTV_EXPECT(stub_begin(&stub));
}

PTV_TEST(aux, table_pages_are_handed_out_once_each)
{
	uint64_t first, page;
	unsigned int n;

	stub_init(&stub, "4.12");
	first = stub.cpu.kernel->table_alloc(&stub.cpu);
	for (n = 1; n < 64U; n++) {
		page = stub.cpu.kernel->table_alloc(&stub.cpu);
		PTV_EXPECT_EQ(page, first + n * STUB_PAGE);
	}
	PTV_EXPECT_EQ(stub.cpu.kernel->table_alloc(&stub.cpu), 0U);
	stub.cpu.kernel->table_free(&stub.cpu, first);
	PTV_EXPECT_EQ(stub.cpu.kernel->table_alloc(&stub.cpu), first);
}
