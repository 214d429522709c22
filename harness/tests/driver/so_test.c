/* SPDX-License-Identifier: MIT */
/*
 * Drivers from shared objects: what can be wrong with one is said in a line, and the example of the
 * documentation loads and behaves.
 */
#include "gtest/ptv_test.h"

#include <string.h>

#include "engine/so/so.h"
#include "fake.h"

#define LIB PTV_BINARY_DIR "/lib/"

static void expect_error(const char *path, const char *part)
{
	const struct ptv_pmu_ops *ops;
	struct ptv_diag diag = {{0}};
	void *handle;

	PTV_EXPECT_EQ(ptv_so_load(path, &ops, &handle, &diag), -1);
	PTV_EXPECT(!ops && !handle);
	if (!strstr(diag.text, path) || !strstr(diag.text, part) || strchr(diag.text, '\n'))
		PTV_FAIL("%s: \"%s\" should say \"%s\"", path, diag.text, part);
}

PTV_TEST(driver_so, says_what_is_wrong_with_a_file)
{
	expect_error(LIB "no_such_driver.so", "No such file");
	expect_error(PTV_BINARY_DIR, "not a file");
	expect_error(PTV_SOURCE_DIR "/LICENSE", "not a loadable shared object");
	expect_error(LIB "no_entry.so", "const struct ptv_pmu_ops *ptv_driver(void)");
	expect_error(LIB "other_abi.so", "built for ABI 8 of ptv/pmu.h, this program has 2");
	expect_error(LIB "no_boot.so", "leaves out 'boot'");
}

struct loaded {
	const struct ptv_pmu_ops *ops;
	void *handle;
	struct fake fake;
};

static void load(void *data)
{
	static const uint8_t regions[] = {4, 4, 0};
	struct loaded *loaded = data;
	struct ptv_diag diag = {{0}};

	if (ptv_so_load(LIB "reference.so", &loaded->ops, &loaded->handle, &diag))
		PTV_FAIL("%s", diag.text);
	PTV_ASSERT(loaded->ops);
	drv_init_ops(&loaded->fake, loaded->ops, false, regions);
}

static void unload(void *data)
{
	ptv_so_close(((struct loaded *)data)->handle);
}

static const struct ptv_fixture reference = {sizeof(struct loaded), load, unload};

PTV_TEST_F(driver_so, the_example_traces_region_after_region, reference)
{
	struct fake *fake = &((struct loaded *)data)->fake;

	PTV_EXPECT_STREQ(fake->ops->name, "reference");
	PTV_ASSERT_EQ(drv_add(fake), 0);
	PTV_EXPECT_STREQ(drv_log(fake), "begin 0 | w BASE 101000 | w PTRS 7f | w STATUS 0 | "
					"w CTL 210d | itrace_started");
	PTV_EXPECT_EQ(drv_mem(fake, 0x101000), FAKE_AUX | 0x94U);
	fake->ptrs = 0x7fU | UINT64_C(0x3e00) << 32;
	drv_pmi(fake);
	PTV_EXPECT_STREQ(drv_log(fake), "w CTL 210c | fence | r PTRS | pad 0 15872 512 | "
					"end 16384 | begin 0 | w BASE 101000 | w PTRS 7f | "
					"w STATUS 0 | w CTL 210d");
	PTV_EXPECT_EQ(drv_mem(fake, 0x101000), (FAKE_AUX + 0x4000U) | 0x94U);
	fake->ptrs = 0x7fU | UINT64_C(0x10) << 32;
	drv_del(fake);
	PTV_EXPECT_STREQ(drv_log(fake), "w CTL 210c | fence | r PTRS | end 16");
}

PTV_TEST_F(driver_so, the_example_does_not_write_ctl_in_vmx_and_flags_the_gap, reference)
{
	struct fake *fake = &((struct loaded *)data)->fake;

	PTV_ASSERT_EQ(drv_add(fake), 0);
	(void)drv_log(fake);
	drv_notify(fake, true);
	drv_pmi(fake);
	PTV_EXPECT_STREQ(drv_log(fake),
			 "w CTL 210c | belief 1 | fence | r PTRS | end 0 PARTIAL | begin 0 | "
			 "w BASE 101000 | w PTRS 7f | w STATUS 0");
	drv_notify(fake, false);
	PTV_EXPECT_STREQ(drv_log(fake), "belief 0 | w CTL 210d");
	drv_del(fake);
	PTV_EXPECT_STREQ(drv_log(fake), "w CTL 210c | fence | r PTRS | end 0 PARTIAL");
}

/* Goal: a PMI anywhere in notify(0) leaves TraceEn set exactly if a transaction is open. */
PTV_TEST_F(driver_so, the_example_survives_a_pmi_without_room_at_any_point_of_vmxoff, reference)
{
	static const char *const labels[] = {"notify.w.armed", "set_ctl.w.RTIT_CTL", "pass.w.armed",
					     "pass.r.missed"};
	struct fake *fake = &((struct loaded *)data)->fake;
	unsigned int i, side;

	for (i = 0; i < PTV_ARRAY_SIZE(labels); i++) {
		for (side = 0; side < 2U; side++) {
			fake->no_room = false;
			PTV_ASSERT_EQ(drv_add(fake), 0);
			drv_notify(fake, true);
			fake->no_room = true;
			drv_pmi_at(fake, labels[i], (enum ptv_side)side);
			drv_notify(fake, false);
			PTV_EXPECT(fake->pmi_done);
			PTV_EXPECT_EQ(fake->ctl & 1U, 0);
			PTV_EXPECT_EQ(fake->hw[0].state, PTV_HES_STOPPED);
			drv_del(fake);
		}
	}
}
