/* SPDX-License-Identifier: MIT */
/*
 * Goal: a file of pins replays what the timeline put on them, and says what is wrong with it.
 * Method: the tapes of scenarios of every kind are written, read and compared member by member, and
 * replayed in lock-step; wrong files, each with its exact diagnostic.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/rtl/pins.h"
#include "engine/rtl/twin.h"
#include "gtest/ptv_test.h"

struct data {
	char path[32];
	FILE *file; /* at that path, to be written to */
	struct ptv_scenario *scenario;
	struct ptv_tape tape, read;
	struct ptv_diag diag;
};

static void setup(void *data)
{
	struct data *d = data;
	int fd;

	strcpy(d->path, "/tmp/ptvmx-pins-XXXXXX");
	fd = mkstemp(d->path);
	PTV_ASSERT(fd >= 0);
	d->file = fdopen(fd, "w");
	PTV_ASSERT(d->file);
}

static void teardown(void *data)
{
	struct data *d = data;

	if (d->file)
		(void)fclose(d->file);
	(void)unlink(d->path);
	ptv_tape_free(&d->tape);
	ptv_tape_free(&d->read);
	ptv_scenario_free(d->scenario);
}

static const struct ptv_fixture pins_fixture = {sizeof(struct data), setup, teardown};

/* Plays a scenario, writes LP 0's pins and reads them. */
static void there_and_back(struct data *d, const char *file)
{
	struct ptv_policy policy = {0};

	d->scenario = ptv_scenario_load(file, &d->diag);
	PTV_ASSERT(d->scenario);
	PTV_ASSERT(ptv_policy_parse(&policy, d->scenario->hw_alone ? "none" : "half-pmi-write",
				    NULL, &d->diag) == 0);
	ptv_tape_record(&d->tape, d->scenario, &policy, 0);
	ptv_policy_free(&policy);
	ptv_pins_write(&d->tape, 0, file, d->file);
	PTV_ASSERT(fflush(d->file) == 0);
	PTV_EXPECT_EQ(ptv_pins_read(&d->read, d->path, &d->diag), 0);
	PTV_EXPECT_STREQ(d->diag.text, "");
}

static void expect_same(const struct data *d)
{
	const struct ptv_tape_lane *a = &d->tape.lane[0], *b = &d->read.lane[0];
	size_t i;

	PTV_EXPECT_EQ(memcmp(&d->tape.cfg, &d->read.cfg, sizeof(d->tape.cfg)), 0);
	PTV_EXPECT_EQ(d->read.lanes, 1);
	PTV_EXPECT_EQ(a->clocks, b->clocks);
	PTV_EXPECT_EQ(a->count, b->count);
	for (i = 0; i < a->count && i < b->count; i++) {
		PTV_EXPECT_EQ(memcmp(&a->item[i].in, &b->item[i].in, sizeof(a->item[i].in)), 0);
		PTV_EXPECT_EQ(a->item[i].times, b->item[i].times);
		PTV_EXPECT_EQ(a->item[i].before, b->item[i].before);
	}
}

PTV_TEST_F(pins, what_a_timeline_puts_on_them_is_read_as_it_was_written, pins_fixture)
{
	/* Regions and PMIs, VM entries, two LPs, the pin emit. */
	static const char *const file[] = {
		"scenarios/thread/to_int-virt_on-virt_off+nmi-in-virt_off.yaml",
		"scenarios/thread/virt_on-sched_in-vcpu_run+vms-always-skylake.yaml",
		"scenarios/regress/enable-enable+waits-for-ipi.yaml",
		"scenarios/hw/emit-vmxon-int_ack+pmi-crosses.yaml",
		"scenarios/hw/vm_entry-vm_exit+load-and-clear.yaml",
	};
	struct data *d = data;
	struct ptv_lockstep *lockstep;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(file); i++) {
		there_and_back(d, file[i]);
		expect_same(d);
		lockstep = ptv_lockstep_open(&d->read.cfg);
		if (lockstep)
			PTV_EXPECT(ptv_tape_replay(&d->read, 0, lockstep) == NULL);
		ptv_lockstep_close(lockstep);
		teardown(d);
		memset(d, 0, sizeof(*d));
		setup(d);
	}
}

#define HEAD "pins: 1\ncaps: {topa: 1, maxphyaddr: 46, ptr_granularity: 1}\n"

static const struct {
	const char *text, *said;
} wrong[] = {
	{"pins: 2\ncaps: {}\nclocks: []\n",
	 ":1:7: pins: 2 is too large; accepted: 1..1 (of this program)"},
	{"pins: 1\nclocks: []\n",
	 ":1:1: a file of pins lacks the key \"caps\"; required: pins, caps, clocks"},
	{"pins: 1\ncaps: {topaz: 1}\nclocks: []\n", ":2:8: unknown capability \"topaz\""},
	{"pins: 1\ncaps: {ranges: 5}\nclocks: []\n",
	 ":2:16: ranges: 5 is too large; accepted: 0..4 (address ranges)"},
	{"pins: 1\ncaps: {topa: 1}\nclocks: []\n", ":2:7: caps: maxphyaddr: 0; accepted: 32..52"},
	{"pins: 1\ncaps: {maxphyaddr: 46, ptr_granularity: 3}\nclocks: []\n",
	 ":2:7: caps: ptr_granularity: 3; accepted: 1, 8, 16"},
	{HEAD "timing: {wrmsrs: 1}\nclocks: []\n",
	 ":3:10: unknown latency \"wrmsrs\"; did you mean \"wrmsr\"?"},
	{HEAD "clocks:\n- {op: WRMSR, msr: 0x100000000}\n", ":4:20: msr: 0x100000000 is too large"},
	{HEAD "clocks:\n- {op: WRMS}\n", ":4:8: unknown op \"WRMS\"; did you mean \"WRMSR\"?"},
	{HEAD "clocks:\n- {}\n- {retired: far}\n",
	 ":5:4: unknown pin \"retired\"; did you mean \"retire\"?"},
	{HEAD "clocks:\n- {times: 0}\n", ":4:3: times: 0; accepted: 1 and more"},
	{HEAD "clocks: 3\n", ":3:9: clocks: a scalar; accepted: a list of {times, op, msr, ...}"},
};

PTV_TEST_F(pins, what_is_wrong_in_a_file_is_told_with_its_place, pins_fixture)
{
	struct data *d = data;
	char said[256];
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(wrong); i++) {
		PTV_ASSERT(ftruncate(fileno(d->file), 0) == 0);
		rewind(d->file);
		(void)fputs(wrong[i].text, d->file);
		PTV_ASSERT(fflush(d->file) == 0);
		memset(&d->diag, 0, sizeof(d->diag));
		PTV_EXPECT_EQ(ptv_pins_read(&d->read, d->path, &d->diag), -1);
		(void)snprintf(said, sizeof(said), "%.*s",
			       (int)(strlen(d->path) + strlen(wrong[i].said)), d->diag.text);
		PTV_EXPECT_STREQ(said + strlen(d->path), wrong[i].said);
	}
}
