/* SPDX-License-Identifier: MIT */
/*
 * The driver before VMX: its transactions span add to del, and it reads RTIT_CTL back.
 */
#include "gtest/ptv_test.h"

#include "fake.h"

static const uint8_t regions[] = {4, 4, 0};

static void run(struct fake *fake)
{
	drv_init(fake, "naive", true, regions);
	PTV_ASSERT_EQ(drv_add(fake), 0);
	fake->ptrs = 0x7fU | UINT64_C(0x10) << 32;
	(void)drv_log(fake);
}

PTV_TEST(naive, has_operations_of_its_own_and_hears_nothing_of_vmx)
{
	const struct ptv_driver_row *row = ptv_driver_find("naive");

	PTV_EXPECT(row->own_ops);
	PTV_EXPECT(!ptv_driver_ops(row)->notify);
	PTV_EXPECT(!ptv_driver_ops(row)->emergency_stop);
}

PTV_TEST(naive, add_begins_and_start_configures)
{
	struct fake fake;

	drv_init(&fake, "naive", true, regions);
	PTV_ASSERT_EQ(drv_add(&fake), 0);
	PTV_EXPECT_STREQ(drv_log(&fake),
			 "begin 0 | w BASE 101000 | w PTRS 7f | w STATUS 0 | w CTL 210d");
	PTV_EXPECT_EQ(fake.hw[0].config, 0); /* not yet a shadow */
	PTV_EXPECT_EQ(fake.ops->add(&fake.cpu, 1, PTV_EF_START), -PTV_EBUSY);
}

PTV_TEST(naive, stop_reads_ctl_back_and_leaves_the_transaction_to_del)
{
	struct fake fake;

	run(&fake);
	fake.ctl |= 0x400;
	fake.ops->stop(&fake.cpu, 0, PTV_EF_UPDATE);
	PTV_EXPECT_STREQ(drv_log(&fake), "r CTL | w CTL 250c | fence | "
					 "r BASE | r PTRS | r STATUS | w STATUS 0");
	fake.ops->start(&fake.cpu, 0, 0);
	PTV_EXPECT_STREQ(drv_log(&fake), "w BASE 101000 | w PTRS 100000007f | w CTL 210d");
	fake.ptrs = 0x7fU | UINT64_C(0x30) << 32;
	drv_del(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), "r CTL | w CTL 210c | fence | "
					 "r BASE | r PTRS | r STATUS | w STATUS 0 | end 48");
}

PTV_TEST(naive, pmi_after_stop_touches_nothing)
{
	struct fake fake;

	run(&fake);
	fake.ops->stop(&fake.cpu, 0, PTV_EF_UPDATE);
	(void)drv_log(&fake);
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
}

PTV_TEST(naive, pmi_writes_ctl_even_without_an_event)
{
	struct fake fake;

	run(&fake);
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake),
			 "r CTL | w CTL 210c | fence | r BASE | r PTRS | r STATUS | w STATUS 0 | "
			 "end 16 | begin 0 | w BASE 101000 | w PTRS 100000007f | w CTL 210d");
	fake.no_room = true;
	drv_pmi(&fake);
	(void)drv_log(&fake);
	PTV_EXPECT_EQ(fake.hw[0].state, PTV_HES_STOPPED);
	drv_pmi(&fake);
	PTV_EXPECT_STREQ(drv_log(&fake), "r CTL | w CTL 210c | fence");
}

PTV_TEST(naive, start_in_a_full_buffer_stops_the_event)
{
	struct fake fake;

	run(&fake);
	fake.ops->stop(&fake.cpu, 0, PTV_EF_UPDATE);
	(void)drv_log(&fake);
	drv_pt(&fake)->handle.size = 16;
	fake.ops->start(&fake.cpu, 0, 0);
	PTV_EXPECT_STREQ(drv_log(&fake), "");
	PTV_EXPECT_EQ(fake.hw[0].state, PTV_HES_STOPPED);
}

PTV_TEST(naive, add_without_room_or_with_too_little_fails)
{
	struct fake fake;

	drv_init(&fake, "naive", true, regions);
	fake.no_room = true;
	PTV_EXPECT_EQ(drv_add(&fake), -PTV_EINVAL);
	PTV_EXPECT_STREQ(drv_log(&fake), "begin fails");
	fake.no_room = false;
	fake.size = 0x3ffe;
	PTV_EXPECT_EQ(drv_add(&fake), -PTV_EINVAL);
	PTV_EXPECT_STREQ(drv_log(&fake), "begin 0 | end 0 TRUNCATED");
	PTV_EXPECT_EQ(fake.hw[0].state, PTV_HES_STOPPED);
}
