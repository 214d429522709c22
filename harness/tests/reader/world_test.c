/* SPDX-License-Identifier: MIT */
/*
 * Goal: a whole world (kernel, driver, KVM, NMIs) leaves bytes that libipt follows, and in them
 * every branch that was observed as traced.
 * Method: stored bytes and RETIRE observations of a run; libipt's branches are counted by the
 * program in which they lie. Bytes that were lost end a segment.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/world.h"
#include "show/reader/reader.h"
#include "tests/reader/take.h"

#define WORLD_BYTES    (512U * 1024U)
#define WORLD_SEGMENTS 64U

struct room {
	struct ptv_world world;
	struct ptv_env env;
	uint8_t bytes[WORLD_BYTES];
	size_t stored;
	struct ptv_reader_segment segment[WORLD_SEGMENTS];
	size_t segments;
	bool lost; /* bytes were, since the last store */
	uint64_t traced[PTV_SCOPES];
	uint64_t dark; /* branches of workload and guest that were not traced */
	uint64_t found[PTV_PARTS];
	uint64_t nmis, splats;
	struct ptv_reader_blocks blocks;
	struct ptv_reader_packets packets;
};

static const struct ptv_fixture room = {sizeof(struct room), NULL, NULL};

static void on_store(void *ctx, unsigned int lp, uint64_t place, uint64_t address,
		     const uint8_t *bytes, size_t size)
{
	struct room *r = ctx;

	(void)lp;
	(void)place;
	(void)address;
	if (!bytes)
		return; /* software's */
	if (r->segments == 0U || r->lost) {
		PTV_ASSERT(r->segments < WORLD_SEGMENTS);
		r->segment[r->segments].offset = r->stored;
		r->segment[r->segments].size = 0;
		r->segment[r->segments].mid_packet = false;
		r->segments++;
		r->lost = false;
	}
	PTV_ASSERT(size <= WORLD_BYTES - r->stored);
	memcpy(r->bytes + r->stored, bytes, size);
	r->stored += size;
	r->segment[r->segments - 1U].size += size;
}

static void on_obs(void *ctx, const struct ptv_obs *obs)
{
	struct room *r = ctx;

	if (obs->kind == PTV_OBS_RETIRE) {
		const unsigned int scope = (unsigned int)(obs->b & 0xffU);

		if (obs->b & PTV_BIT(8))
			r->traced[scope] += obs->a;
		else
			r->dark += obs->a;
	} else if (obs->kind == PTV_OBS_DROP && obs->b != PTV_DROP_OVF) {
		r->lost = true;
	} else if (obs->kind == PTV_OBS_INT_ENTER && obs->a == PTV_INT_NMI) {
		r->nmis++;
	} else if (obs->kind == PTV_OBS_SPLAT) {
		r->splats += obs->a != PTV_SPLAT_UNKNOWN_NMI; /* a spurious one makes it */
	}
}

static void on_step(void *ctx, const struct ptv_reader_step *step)
{
	struct room *r = ctx;

	if (step->kind == PTV_READER_BLOCK && step->branch != PTV_READER_BR_NONE) {
		const enum ptv_code_part part = take_part_at(step->end_ip);

		PTV_ASSERT(part != PTV_PARTS);
		r->found[part]++;
	}
}

/* A world of one LP with one CPU event, opened. */
static void open_room(struct room *r, const char *machine, const char *driver, uint32_t pages)
{
	const struct ptv_machine_row *row = ptv_machine_find(machine);
	const struct ptv_driver_row *policy = ptv_driver_find(driver);

	PTV_ASSERT(row && policy);
	ptv_env_default(&r->env);
	r->env.cpu.caps = row->caps;
	r->env.pt_caps.topa_multiple_entries = row->caps.mentry;
	r->env.pt_caps.single_range = row->caps.snglrng;
	r->env.pt_caps.psb_cyc = row->caps.psbcyc;
	r->env.pt_caps.mtc = row->caps.mtc;
	r->env.pt_caps.vmx = row->caps.vmx_misc_pt;
	r->env.kern.era = ptv_era_find(policy->era);
	r->env.kern.ops = ptv_driver_ops(policy);
	r->env.kern.kcall_cycles = r->env.cpu.timing.kcall;
	r->env.driver_row = policy;
	r->env.events = 1;
	r->env.event[0].aux_pages = pages;
	r->env.want_bytes = 1;
	r->env.store = on_store;
	r->env.store_ctx = r;
	r->env.sink.emit = on_obs;
	r->env.sink.ctx = r;
	PTV_ASSERT_EQ(ptv_world_init(&r->world, &r->env), 0);
}

static void apply(struct room *r, enum ptv_stimulus_kind kind, uint64_t arg)
{
	struct ptv_stimulus stimulus;
	enum ptv_apply result;

	memset(&stimulus, 0, sizeof(stimulus));
	stimulus.at = PTV_AT_NEXT;
	stimulus.kind = (uint8_t)kind;
	stimulus.arg[0] = arg;
	result = ptv_world_apply(&r->world, &r->env, &stimulus, 0).apply;
	if (result != PTV_APPLY_OK && result != PTV_APPLY_DEAD)
		PTV_FAIL("%s came to %d", ptv_stimulus_rows()[kind].name, (int)result);
}

/* Closes the world and has libipt read what was stored. */
static void read_room(struct room *r)
{
	struct ptv_reader_trace trace = {r->bytes, 0, r->segment, 0, false};
	struct ptv_diag diag = {""};

	PTV_EXPECT(ptv_world_close(&r->world, &r->env));
	trace.size = r->stored;
	trace.segment_count = r->segments;
	PTV_EXPECT_EQ(ptv_reader_packets(&trace, &r->packets, NULL, NULL, &diag), 0);
	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT_EQ(ptv_reader_blocks(&trace, &r->blocks, on_step, r, &diag), 0);
	PTV_EXPECT_EQ(r->packets.errors, 0);
	PTV_EXPECT_EQ(r->packets.differ, 0);
	PTV_EXPECT_EQ(r->blocks.errors, 0);
	if (r->blocks.errors)
		PTV_FAIL("libipt: %s at offset %zu, IP %llx", r->blocks.first.text,
			 r->blocks.first.offset, (unsigned long long)r->blocks.first.ip);
}

static void expect_all_found(const struct room *r)
{
	PTV_EXPECT_EQ(r->splats, 0);
	PTV_EXPECT_EQ(r->packets.cut, 0);
	PTV_EXPECT_EQ(r->found[PTV_PART_USER], r->traced[PTV_SCOPE_USER]);
	PTV_EXPECT_EQ(r->found[PTV_PART_KERNEL], r->traced[PTV_SCOPE_KERNEL]);
	PTV_EXPECT_EQ(r->found[PTV_PART_GUEST], r->traced[PTV_SCOPE_GUEST]);
	PTV_EXPECT_GE(r->found[PTV_PART_UTIL], r->traced[PTV_SCOPE_KVM]);
}

PTV_TEST_F(world_trace, virtualisation_on_and_off_leaves_what_was_traced_before_and_after, room)
{
	struct room *r = data;

	open_room(r, "broadwell", "handle-vmx", 64);
	apply(r, PTV_STIM_ENABLE, 0);
	apply(r, PTV_STIM_PROGRESS, 3000);
	apply(r, PTV_STIM_VIRT_ON, 0);
	apply(r, PTV_STIM_VCPU_RUN, 200);
	apply(r, PTV_STIM_PROGRESS, 1000);
	apply(r, PTV_STIM_VIRT_OFF, 0);
	apply(r, PTV_STIM_PROGRESS, 3000);
	read_room(r);
	expect_all_found(r);
	PTV_EXPECT_GT(r->dark, 1000);
	PTV_EXPECT_GT(r->found[PTV_PART_USER] + r->found[PTV_PART_KERNEL], 5000);
	PTV_EXPECT_EQ(r->found[PTV_PART_GUEST], 0);
}

PTV_TEST_F(world_trace, a_processor_that_traces_in_vmx_operation_shows_the_guest_too, room)
{
	struct room *r = data;

	open_room(r, "skylake", "handle-vmx", 64);
	apply(r, PTV_STIM_ENABLE, 0);
	apply(r, PTV_STIM_PROGRESS, 1000);
	apply(r, PTV_STIM_VIRT_ON, 0);
	apply(r, PTV_STIM_VCPU_RUN, 500);
	apply(r, PTV_STIM_SPURIOUS_NMI, 0);
	apply(r, PTV_STIM_VCPU_RUN, 500);
	apply(r, PTV_STIM_PROGRESS, 1000);
	apply(r, PTV_STIM_VIRT_OFF, 0);
	apply(r, PTV_STIM_PROGRESS, 1000);
	read_room(r);
	expect_all_found(r);
	PTV_EXPECT_EQ(r->found[PTV_PART_GUEST], 1000);
}

PTV_TEST_F(world_trace, pmis_and_restarts_lose_no_branch_that_was_traced, room)
{
	struct room *r = data;

	open_room(r, "broadwell", "handle-vmx", 4);
	apply(r, PTV_STIM_ENABLE, 0);
	apply(r, PTV_STIM_PROGRESS, 60000);
	read_room(r);
	expect_all_found(r);
	PTV_EXPECT_GT(r->nmis, 5);
	PTV_EXPECT_GT(r->found[PTV_PART_USER] + r->found[PTV_PART_KERNEL], 50000);
}

PTV_TEST_F(world_trace, under_every_driver_the_bytes_that_were_stored_can_be_followed, room)
{
	struct room *r = data;
	size_t count, i;
	const struct ptv_driver_row *rows = ptv_driver_rows(&count);

	for (i = 0; i < count; i++) {
		memset(r, 0, sizeof(*r));
		open_room(r, "broadwell", rows[i].name, 4);
		apply(r, PTV_STIM_ENABLE, 0);
		apply(r, PTV_STIM_PROGRESS, 5000);
		apply(r, PTV_STIM_VIRT_ON, 0);
		apply(r, PTV_STIM_PROGRESS, 500);
		apply(r, PTV_STIM_VIRT_OFF, 0);
		apply(r, PTV_STIM_PROGRESS, 5000);
		read_room(r);
		PTV_EXPECT_EQ(r->packets.cut, 0);
		PTV_EXPECT_EQ(r->found[PTV_PART_USER] + r->found[PTV_PART_KERNEL],
			      r->traced[PTV_SCOPE_USER] + r->traced[PTV_SCOPE_KERNEL]);
		PTV_EXPECT_GE(r->found[PTV_PART_USER] + r->found[PTV_PART_KERNEL], 5000);
	}
}

PTV_TEST_F(world_trace, nothing_of_the_workload_is_seen_before_the_timeline_begins, room)
{
	/* Opening an event on LP 1 takes time there; its walk begins with the timeline. */
	struct room *r = data;

	open_room(r, "broadwell", "handle-vmx", 8);
	PTV_EXPECT_EQ(r->dark, 0);
	r->env.lps = 2;
	r->env.event[0].lp = 1;
	PTV_ASSERT_EQ(ptv_world_init(&r->world, &r->env), 0);
	PTV_EXPECT_EQ(r->dark, 0);
	PTV_EXPECT_EQ(r->traced[PTV_SCOPE_USER] + r->traced[PTV_SCOPE_KERNEL], 0);
}
