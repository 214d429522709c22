/* SPDX-License-Identifier: MIT */
/*
 * Goal: what processor and workload make together is a trace that libipt follows, branch by branch.
 * Method: the branches that retired while PacketEn was 1 are compared with those that libipt's
 * block decoder finds in the stored bytes; a stretch in which the two differ by one is a failure.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "tests/reader/rig.h"

#define CTL                                                                                 \
	(PTV_CTL_TRACE_EN | PTV_CTL_OS | PTV_CTL_USER | PTV_CTL_TSC_EN | PTV_CTL_DIS_RETC | \
	 PTV_CTL_BRANCH_EN)

/* A rig and what libipt says of its bytes. */
struct bench {
	struct rig rig;
	uint64_t branch[RIG_BRANCHES]; /* IPs of branches that libipt found */
	size_t branches;
	struct ptv_reader_blocks blocks;
	struct ptv_reader_packets packets;
	uint64_t psb[256]; /* offsets */
	size_t psbs;
	size_t tnt; /* offset of one in the middle */
	struct ptv_reader_step event[64];
	size_t events;
};

static const struct ptv_fixture bench = {sizeof(struct bench), NULL, NULL};

static void on_step(void *ctx, const struct ptv_reader_step *step)
{
	struct bench *b = ctx;

	if (step->kind == PTV_READER_BLOCK && step->branch != PTV_READER_BR_NONE) {
		PTV_ASSERT(b->branches < RIG_BRANCHES);
		b->branch[b->branches++] = step->end_ip;
	} else if (step->kind == PTV_READER_EVENT && !step->status &&
		   b->events < PTV_ARRAY_SIZE(b->event)) {
		b->event[b->events++] = *step;
	}
}

static void on_packet(void *ctx, const struct ptv_reader_packet_at *packet)
{
	struct bench *b = ctx;

	if (packet->kind == PTV_READER_PSB && b->psbs < PTV_ARRAY_SIZE(b->psb))
		b->psb[b->psbs++] = packet->offset;
	if (packet->kind == PTV_READER_TNT && packet->offset < b->rig.stored / 2U)
		b->tnt = packet->offset;
}

/* Has libipt read the stored bytes from an offset on. */
static void read_from(struct bench *b, size_t from)
{
	const struct ptv_reader_segment segment = {from, b->rig.stored - from, false};
	struct ptv_reader_trace trace = rig_bytes(&b->rig);
	struct ptv_diag diag = {""};

	trace.segments = &segment;
	trace.segment_count = 1;
	b->branches = 0;
	b->psbs = 0;
	b->events = 0;
	PTV_ASSERT_EQ(ptv_reader_packets(&trace, &b->packets, on_packet, b, &diag), 0);
	PTV_ASSERT_EQ(ptv_reader_blocks(&trace, &b->blocks, on_step, b, &diag), 0);
}

/* Every byte is good, and the way that they tell as well. */
static void decode(struct bench *b, size_t from)
{
	read_from(b, from);
	PTV_EXPECT_EQ(b->packets.errors, 0);
	PTV_EXPECT_EQ(b->packets.differ, 0);
	PTV_EXPECT_EQ(b->packets.cut, 0);
	PTV_EXPECT_EQ(b->packets.skipped, 0);
	PTV_EXPECT_EQ(b->packets.count[PTV_READER_OTHER], 0);
	PTV_EXPECT_EQ(b->blocks.errors, 0);
	if (b->blocks.errors)
		PTV_FAIL("libipt: %s at offset %zu, IP %llx", b->blocks.first.text,
			 b->blocks.first.offset, (unsigned long long)b->blocks.first.ip);
}

/* The branches that libipt found are the last ones that retired traced: all of them, or `from` on.
 */
static void expect_tail(const struct bench *b, size_t from)
{
	size_t i;

	PTV_ASSERT_EQ(b->branches, b->rig.branches - from);
	for (i = 0; i < b->branches; i++)
		PTV_ASSERT_EQ(b->branch[i], b->rig.branch[from + i]);
}

/* What libipt found is what retired traced, in its order, with holes. */
static void expect_with_holes(const struct bench *b)
{
	size_t i, at = 0;

	for (i = 0; i < b->branches; i++, at++) {
		while (at < b->rig.branches && b->rig.branch[at] != b->branch[i])
			at++;
		PTV_ASSERT_LT(at, b->rig.branches);
	}
}

/* Starts tracing in the workload, runs, stops. */
static void run(struct bench *b, uint64_t branches, uint64_t ctl)
{
	rig_work(&b->rig, 20);
	rig_trace(&b->rig, ctl);
	rig_work(&b->rig, branches);
	rig_trace(&b->rig, 0);
	rig_idle(&b->rig, 100);
}

PTV_TEST_F(trace, libipt_finds_each_branch_that_retired_under_pt_and_no_other, bench)
{
	struct bench *b = data;
	uint64_t seed;

	for (seed = 1; seed < 4U; seed++) {
		rig_init(&b->rig, true);
		b->rig.work_cfg.seed = seed;
		ptv_work_init(&b->rig.work_cfg, &b->rig.work, 0);
		rig_output(&b->rig);
		run(b, 10000, CTL);
		decode(b, 0);
		PTV_EXPECT_GT(b->branches, 10000);
		PTV_EXPECT_EQ(b->rig.dropped, 0);
		expect_tail(b, 0);
	}
}

PTV_TEST_F(trace, libipt_can_begin_at_every_psb, bench)
{
	struct bench *b = data;
	uint64_t psb[64];
	size_t count, i, before = RIG_BRANCHES;

	rig_init(&b->rig, true);
	rig_output(&b->rig);
	run(b, 10000, CTL);
	decode(b, 0);
	count = b->psbs;
	PTV_ASSERT_GT(count, 3);
	PTV_ASSERT_LE(count, PTV_ARRAY_SIZE(psb));
	memcpy(psb, b->psb, count * sizeof(psb[0]));
	for (i = 0; i < count; i++) {
		decode(b, (size_t)psb[i]);
		PTV_ASSERT_LT(b->branches, before);
		before = b->branches;
		expect_tail(b, b->rig.branches - b->branches);
	}
}

PTV_TEST_F(trace, default_workload_writes_about_a_tenth_of_a_byte_in_a_cycle, bench)
{
	struct bench *b = data;
	uint64_t cycles;
	double rate;

	rig_init(&b->rig, true);
	rig_output(&b->rig);
	rig_trace(&b->rig, CTL);
	cycles = b->rig.lp.timer.cycle;
	b->rig.stored = 0;
	rig_work(&b->rig, 20000);
	rate = (double)b->rig.stored / (double)(b->rig.lp.timer.cycle - cycles);
	PTV_RECORD("bytes_per_cycle", "%.4f", rate);
	PTV_EXPECT_EQ(b->rig.dropped, 0);
	PTV_EXPECT(rate > 0.07 && rate < 0.13);
}

PTV_TEST_F(trace, a_broadwell_is_followed_from_its_one_region, bench)
{
	struct bench *b = data;
	unsigned int i;

	rig_init_as(&b->rig, "broadwell", false);
	rig_output(&b->rig);
	for (i = 0; i < 12U; i++) {
		rig_trace(&b->rig, CTL & ~PTV_CTL_DIS_RETC);
		rig_work(&b->rig, 1000);
		rig_trace(&b->rig, 0);
	}
	decode(b, 0);
	expect_tail(b, 0);
	PTV_EXPECT_GT(b->branches, 12000);
	/* PSBs are not to be switched off there; a flush ends with PADs. */
	PTV_EXPECT_GE(b->packets.count[PTV_READER_PSB], 12);
	PTV_EXPECT_GT(b->packets.count[PTV_READER_PAD], 0);
}

PTV_TEST_F(trace, only_the_filtered_privilege_level_is_found, bench)
{
	static const uint64_t filter[] = {PTV_CTL_OS, PTV_CTL_USER};
	struct bench *b = data;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(filter); i++) {
		rig_init(&b->rig, true);
		rig_output(&b->rig);
		run(b, 5000, (CTL & ~(PTV_CTL_OS | PTV_CTL_USER)) | filter[i]);
		decode(b, 0);
		PTV_EXPECT_GT(b->branches, 1000);
		PTV_EXPECT_LT(b->branches, 4500);
		PTV_EXPECT_GT(b->blocks.events[PTV_READER_EV_DISABLED], 10);
		expect_tail(b, 0);
	}
}

PTV_TEST_F(trace, an_nmi_in_the_middle_is_an_asynchronous_branch_at_its_ip, bench)
{
	struct bench *b = data;
	uint64_t ip[20];
	unsigned int i, found = 0;

	rig_init(&b->rig, true);
	rig_output(&b->rig);
	rig_trace(&b->rig, CTL);
	for (i = 0; i < PTV_ARRAY_SIZE(ip); i++) {
		rig_work(&b->rig, 57);
		ip[i] = ptv_work_ip(&b->rig.work);
		rig_enter(&b->rig, PTV_INT_NMI);
		rig_goto(&b->rig, PTV_KCODE_VMCLEAR);
		rig_leave(&b->rig);
	}
	rig_trace(&b->rig, 0);
	decode(b, 0);
	expect_tail(b, 0);
	for (i = 0; i < b->events && found < PTV_ARRAY_SIZE(ip); i++) {
		if (b->event[i].event != PTV_READER_EV_ASYNC_BRANCH)
			continue;
		PTV_EXPECT_EQ(b->event[i].at, ip[found]);
		PTV_EXPECT_EQ(b->event[i].to, ptv_kcode(PTV_KCODE_NMI_ENTRY)->start);
		found++;
	}
	PTV_EXPECT_EQ(found, PTV_ARRAY_SIZE(ip));
}

PTV_TEST_F(trace, vmxon_ends_the_trace_behind_itself_and_a_write_after_vmxoff_takes_it_up, bench)
{
	struct bench *b = data;

	rig_init(&b->rig, false);
	rig_output(&b->rig);
	rig_trace(&b->rig, CTL);
	rig_work(&b->rig, 500);
	rig_enter(&b->rig, PTV_INT_IRQ);
	rig_goto(&b->rig, PTV_KCODE_VMXON);
	rig_op(&b->rig, PTV_KCODE_VMXON, PTV_OP_VMXON, 0, 0x2000);
	rig_leave(&b->rig);
	PTV_EXPECT(!ptv_lp_trigger_en(&b->rig.lp));
	rig_work(&b->rig, 500);
	rig_enter(&b->rig, PTV_INT_IRQ);
	rig_goto(&b->rig, PTV_KCODE_VMXOFF);
	rig_op(&b->rig, PTV_KCODE_VMXOFF, PTV_OP_VMXOFF, 0, 0);
	rig_ctl(&b->rig, CTL);
	rig_leave(&b->rig);
	rig_work(&b->rig, 500);
	rig_trace(&b->rig, 0);
	decode(b, 0);
	expect_tail(b, 0);
	PTV_EXPECT_EQ(b->blocks.events[PTV_READER_EV_ENABLED], 2);
	PTV_EXPECT_EQ(b->blocks.events[PTV_READER_EV_ASYNC_DISABLED], 2);
	PTV_EXPECT_LT(b->branches, 1100);
}

PTV_TEST_F(trace, a_guest_is_followed_from_vm_entry_to_vm_exit, bench)
{
	struct bench *b = data;
	unsigned int i;

	rig_init(&b->rig, true);
	rig_output(&b->rig);
	rig_trace(&b->rig, CTL);
	rig_enter(&b->rig, PTV_INT_IRQ);
	rig_goto(&b->rig, PTV_KCODE_VMXON);
	rig_op(&b->rig, PTV_KCODE_VMXON, PTV_OP_VMXON, 0, 0x2000);
	rig_goto(&b->rig, PTV_KCODE_VMPTRLD);
	rig_op(&b->rig, PTV_KCODE_VMPTRLD, PTV_OP_VMPTRLD, 0, 0x3000);
	for (i = 0; i < 10U; i++) {
		rig_enter_guest(&b->rig);
		rig_work(&b->rig, 300);
		rig_exit_guest(&b->rig);
	}
	rig_leave(&b->rig);
	rig_work(&b->rig, 300);
	rig_trace(&b->rig, 0);
	decode(b, 0);
	expect_tail(b, 0);
	PTV_EXPECT_GT(b->branches, 3300);
	PTV_EXPECT_EQ(b->blocks.events[PTV_READER_EV_VMCS] +
			      b->blocks.events[PTV_READER_EV_ASYNC_VMCS],
		      1);
	PTV_EXPECT_EQ(b->blocks.events[PTV_READER_EV_PAGING], 10);
	PTV_EXPECT_EQ(b->blocks.events[PTV_READER_EV_ASYNC_PAGING], 10);
}

PTV_TEST_F(trace, stops_and_starts_without_a_psb_between_them_are_followed, bench)
{
	struct bench *b = data;
	unsigned int i;

	rig_init(&b->rig, true);
	rig_output(&b->rig);
	for (i = 0; i < 40U; i++) {
		rig_trace(&b->rig, CTL);
		rig_work(&b->rig, 23);
		rig_trace(&b->rig, 0);
		rig_work(&b->rig, 17);
	}
	decode(b, 0);
	expect_tail(b, 0);
	PTV_EXPECT_EQ(b->blocks.events[PTV_READER_EV_ENABLED], 40);
	PTV_EXPECT_LT(b->packets.count[PTV_READER_PSB], 10);
}

PTV_TEST_F(trace, after_an_overflow_libipt_goes_on_and_invents_no_branch, bench)
{
	struct bench *b = data;
	rig_init(&b->rig, true);
	b->rig.cfg.timing.drain_cycles = 128;
	b->rig.cfg.timing.buf_bytes = 128;
	b->rig.cfg.timing.ovf_resolve_free = 64;
	b->rig.work_cfg.cycles_per_branch = 4;
	rig_output(&b->rig);
	run(b, 10000, CTL);
	decode(b, 0);
	PTV_EXPECT_GT(b->blocks.events[PTV_READER_EV_OVERFLOW], 10);
	PTV_EXPECT_GT(b->rig.dropped, 1000);
	expect_with_holes(b);
	PTV_EXPECT_GT(b->branches, 500);
}

/* A generator of its own, so that the test's choices do not move with the workload's. */
static unsigned int pick(uint64_t *state, unsigned int n)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)((*state >> 33) % n);
}

static void nmi(struct rig *rig)
{
	rig_enter(rig, PTV_INT_NMI);
	rig_leave(rig);
}

/* VMXON .. VMXOFF with guests in between, NMIs inside; tracing as it comes. */
static void vmx_session(struct rig *rig, uint64_t *state, uint64_t ctl)
{
	unsigned int i;

	rig_enter(rig, PTV_INT_IRQ);
	rig_goto(rig, PTV_KCODE_VMXON);
	rig_op(rig, PTV_KCODE_VMXON, PTV_OP_VMXON, 0, 0x2000);
	nmi(rig);
	rig_goto(rig, PTV_KCODE_VMPTRLD);
	rig_op(rig, PTV_KCODE_VMPTRLD, PTV_OP_VMPTRLD, 0, 0x3000);
	for (i = pick(state, 3); i > 0U; i--) {
		rig_enter_guest(rig);
		rig_work(rig, pick(state, 200));
		rig_exit_guest(rig);
		if (pick(state, 2))
			nmi(rig);
	}
	rig_leave(rig);
	rig_work(rig, pick(state, 100));
	rig_enter(rig, PTV_INT_IRQ);
	rig_goto(rig, PTV_KCODE_VMXOFF);
	rig_op(rig, PTV_KCODE_VMXOFF, PTV_OP_VMXOFF, 0, 0);
	nmi(rig);
	rig_ctl(rig, ctl);
	rig_leave(rig);
}

/* One thing that may happen to a workload under PT. */
static void happen(struct rig *rig, uint64_t *state, uint64_t *ctl)
{
	static const uint64_t filter[] = {PTV_CTL_OS, PTV_CTL_USER, PTV_CTL_OS | PTV_CTL_USER};

	switch (pick(state, 6)) {
	case 0:
		nmi(rig);
		break;
	case 1:
		vmx_session(rig, state, *ctl);
		break;
	case 2:
		rig_trace(rig, 0);
		rig_work(rig, pick(state, 60));
		*ctl = (CTL & ~(PTV_CTL_OS | PTV_CTL_USER)) | filter[pick(state, 3)];
		rig_trace(rig, *ctl);
		break;
	case 3:
		rig_idle(rig, pick(state, 300));
		break;
	default:
		rig_work(rig, pick(state, 400));
		break;
	}
}

PTV_TEST_F(trace, whatever_happens_in_between_libipt_finds_what_retired, bench)
{
	struct bench *b = data;
	uint64_t seed, total = 0;
	unsigned int i;

	for (seed = 1; seed <= 12U; seed++) {
		uint64_t state = seed, ctl = CTL;

		rig_init(&b->rig, seed % 2U == 0U);
		b->rig.work_cfg.seed = seed;
		ptv_work_init(&b->rig.work_cfg, &b->rig.work, 0);
		rig_output(&b->rig);
		rig_trace(&b->rig, ctl);
		for (i = 0; i < 60U; i++)
			happen(&b->rig, &state, &ctl);
		rig_trace(&b->rig, 0);
		PTV_EXPECT_EQ(b->rig.dropped, 0);
		decode(b, 0);
		expect_tail(b, 0);
		total += b->branches;
	}
	PTV_EXPECT_GT(total, 30000);
}

/* Tracing goes on with other address ranges, from one block's start to another's; STATUS is
 * cleared, or keeps its byte count. */
static void new_ranges(struct rig *rig, uint64_t *state, uint64_t *ctl)
{
	size_t count;
	const struct ptv_code_row *rows = ptv_code_rows(&count);
	const bool psb = pick(state, 2) == 0U;
	unsigned int n;

	rig_enter(rig, PTV_INT_IRQ);
	rig_ctl(rig, 0);
	*ctl = CTL;
	for (n = 0; n < 2U; n++) {
		const uint64_t a = rows[pick(state, (unsigned int)count)].address;
		const uint64_t b = rows[pick(state, (unsigned int)count)].address;

		rig_write(rig, PTV_MSR_RTIT_ADDR0_A + 2U * n, a < b ? a : b);
		rig_write(rig, PTV_MSR_RTIT_ADDR0_B + 2U * n, a < b ? b : a);
		*ctl |= (uint64_t)pick(state, 3) << (32U + 4U * n);
	}
	rig_write(rig, PTV_MSR_RTIT_STATUS, psb ? 0U : (uint64_t)rig->lp.packet.count << 32);
	rig_ctl(rig, *ctl);
	rig_leave(rig);
}

/* Readings that change the packets. vmxon_disable and bdm70 are left out: libipt follows the form
 * of LIKE_WRMSR only, and wants to be told of the erratum. */
static void other_readings(struct ptv_switches *sw, uint64_t *state)
{
	sw->psb_before_pge = (uint8_t)pick(state, 2);
	sw->vmxon_fup_ip = (uint8_t)pick(state, 2);
	sw->ovf_tracestop = (uint8_t)pick(state, 2);
	sw->psb_vmcs_needs_ctx = (uint8_t)pick(state, 2);
	sw->entry_pip_ctx_rise = (uint8_t)pick(state, 2);
	sw->entry_pgd_fup = (uint8_t)pick(state, 2);
	sw->status_after_disable = (uint8_t)pick(state, 2);
	sw->filteren_at_enable = (uint8_t)pick(state, 2);
	sw->lastip_on_enable = (uint8_t)pick(state, 2);
	sw->filter_needs_context = (uint8_t)pick(state, 2);
}

PTV_TEST_F(trace, whatever_the_ranges_and_readings_libipt_finds_what_retired, bench)
{
	struct bench *b = data;
	uint64_t seed, total = 0, stops = 0, disabled = 0;
	unsigned int i;

	for (seed = 1; seed <= 60U; seed++) {
		uint64_t state = seed, ctl = CTL;

		rig_init(&b->rig, seed % 2U == 0U);
		other_readings(&b->rig.cfg.sw, &state);
		b->rig.work_cfg.seed = seed;
		ptv_work_init(&b->rig.work_cfg, &b->rig.work, 0);
		rig_output(&b->rig);
		rig_trace(&b->rig, ctl);
		for (i = 0; i < 60U; i++) {
			if (pick(&state, 3) == 0U)
				new_ranges(&b->rig, &state, &ctl);
			else
				happen(&b->rig, &state, &ctl);
		}
		rig_trace(&b->rig, 0);
		PTV_EXPECT_EQ(b->rig.dropped, 0);
		decode(b, 0);
		if (b->blocks.errors || b->branches != b->rig.branches)
			PTV_FAIL("seed %llu", (unsigned long long)seed);
		expect_tail(b, 0);
		total += b->branches;
		stops += b->blocks.events[PTV_READER_EV_STOP];
		disabled += b->blocks.events[PTV_READER_EV_DISABLED];
	}
	PTV_EXPECT_GT(total, 50000);
	PTV_EXPECT_GT(stops, 50);
	PTV_EXPECT_GT(disabled, 500);
}

PTV_TEST_F(trace, whatever_an_overflow_swallows_libipt_goes_on_behind_it, bench)
{
	struct bench *b = data;
	uint64_t seed, overflows = 0;
	unsigned int i;

	for (seed = 1; seed <= 100U; seed++) {
		uint64_t state = seed, ctl = CTL;

		rig_init(&b->rig, seed % 2U == 0U);
		other_readings(&b->rig.cfg.sw, &state);
		b->rig.cfg.timing.drain_cycles = 16U << pick(&state, 5);
		b->rig.cfg.timing.buf_bytes = 48U << pick(&state, 3);
		b->rig.cfg.timing.ovf_resolve_free = 1U << pick(&state, 7);
		b->rig.work_cfg.cycles_per_branch = 4;
		b->rig.work_cfg.seed = seed;
		ptv_work_init(&b->rig.work_cfg, &b->rig.work, 0);
		rig_output(&b->rig);
		rig_trace(&b->rig, ctl);
		for (i = 0; i < 40U; i++) {
			if (pick(&state, 5) == 0U)
				new_ranges(&b->rig, &state, &ctl);
			else
				happen(&b->rig, &state, &ctl);
		}
		rig_trace(&b->rig, 0);
		decode(b, 0);
		expect_with_holes(b);
		overflows += b->blocks.events[PTV_READER_EV_OVERFLOW];
		if (b->blocks.errors)
			PTV_FAIL("seed %llu", (unsigned long long)seed);
	}
	PTV_EXPECT_GT(overflows, 400);
}

PTV_TEST_F(trace, libipt_misreads_an_ip_that_is_compressed_after_an_overflow, bench)
{
	/* Why lastip_on_ovf is FULL. The day on which this fails libipt keeps LastIP, too. */
	struct bench *b = data;

	rig_init(&b->rig, true);
	b->rig.cfg.sw.lastip_on_ovf = 1;
	b->rig.cfg.timing.drain_cycles = 128;
	b->rig.cfg.timing.buf_bytes = 128;
	b->rig.cfg.timing.ovf_resolve_free = 64;
	b->rig.work_cfg.cycles_per_branch = 4;
	rig_output(&b->rig);
	run(b, 10000, CTL);
	read_from(b, 0);
	PTV_EXPECT_EQ(b->packets.errors, 0);
	PTV_EXPECT_GT(b->blocks.errors, 0);
}

PTV_TEST_F(trace, a_wrong_bit_in_one_tnt_is_noticed, bench)
{
	/* Canary of the tests above. */
	struct bench *b = data;

	rig_init(&b->rig, true);
	rig_output(&b->rig);
	run(b, 2000, CTL);
	decode(b, 0);
	expect_tail(b, 0);
	/* Its youngest branch goes the other way. */
	b->rig.bytes[b->tnt] ^= 0x02U;
	read_from(b, 0);
	PTV_EXPECT_EQ(b->packets.errors, 0);
	PTV_EXPECT(b->blocks.errors > 0U || b->branches != b->rig.branches ||
		   memcmp(b->branch, b->rig.branch, b->branches * sizeof(b->branch[0])) != 0);
}
