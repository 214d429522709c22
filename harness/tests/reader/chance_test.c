/* SPDX-License-Identifier: MIT */
/*
 * Goal: whatever happens in between (NMIs, VMX, filters, overflows, other readings of the manual),
 * the trace is one that libipt follows branch by branch. Method: random sequences, each from its
 * seed; comparisons as in trace_test.c.
 */
#include "tests/reader/reading.h"

static const struct ptv_fixture reading = {sizeof(struct reading), NULL, NULL};

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
		*ctl = (READING_CTL & ~(PTV_CTL_OS | PTV_CTL_USER)) | filter[pick(state, 3)];
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

PTV_TEST_F(trace_chance, whatever_happens_in_between_libipt_finds_what_retired, reading)
{
	struct reading *r = data;
	uint64_t seed, total = 0;
	unsigned int i;

	for (seed = 1; seed <= 12U; seed++) {
		uint64_t state = seed, ctl = READING_CTL;

		rig_init(&r->rig, seed % 2U == 0U);
		r->rig.work_cfg.seed = seed;
		ptv_work_init(&r->rig.work_cfg, &r->rig.work, 0);
		rig_output(&r->rig);
		rig_trace(&r->rig, ctl);
		for (i = 0; i < 60U; i++)
			happen(&r->rig, &state, &ctl);
		rig_trace(&r->rig, 0);
		PTV_EXPECT_EQ(r->rig.dropped, 0);
		reading_good(r, 0);
		reading_tail(r, 0);
		total += r->branches;
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
	*ctl = READING_CTL;
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

/* Readings that change the packets. vmxon_disable is left out: see the tests below. */
static void other_readings(struct ptv_switches *sw, uint64_t *state)
{
	sw->psb_before_pge = (uint8_t)pick(state, 2);
	sw->bdm70 = (uint8_t)pick(state, 2);
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

PTV_TEST_F(trace_chance, whatever_the_ranges_and_readings_libipt_finds_what_retired, reading)
{
	struct reading *r = data;
	uint64_t seed, total = 0, stops = 0, disabled = 0;
	unsigned int i;

	for (seed = 1; seed <= 60U; seed++) {
		uint64_t state = seed, ctl = READING_CTL;

		rig_init(&r->rig, seed % 2U == 0U);
		other_readings(&r->rig.cfg.sw, &state);
		r->rig.work_cfg.seed = seed;
		ptv_work_init(&r->rig.work_cfg, &r->rig.work, 0);
		rig_output(&r->rig);
		rig_trace(&r->rig, ctl);
		for (i = 0; i < 60U; i++) {
			if (pick(&state, 3) == 0U)
				new_ranges(&r->rig, &state, &ctl);
			else
				happen(&r->rig, &state, &ctl);
		}
		rig_trace(&r->rig, 0);
		PTV_EXPECT_EQ(r->rig.dropped, 0);
		reading_good(r, 0);
		if (r->blocks.errors || r->branches != r->rig.branches)
			PTV_FAIL("seed %llu", (unsigned long long)seed);
		reading_tail(r, 0);
		total += r->branches;
		stops += r->blocks.events[PTV_READER_EV_STOP];
		disabled += r->blocks.events[PTV_READER_EV_DISABLED];
	}
	PTV_EXPECT_GT(total, 50000);
	PTV_EXPECT_GT(stops, 50);
	PTV_EXPECT_GT(disabled, 500);
}

PTV_TEST_F(trace_chance, whatever_an_overflow_swallows_libipt_goes_on_behind_it, reading)
{
	struct reading *r = data;
	uint64_t seed, overflows = 0;
	unsigned int i;

	for (seed = 1; seed <= 100U; seed++) {
		uint64_t state = seed, ctl = READING_CTL;

		rig_init(&r->rig, seed % 2U == 0U);
		other_readings(&r->rig.cfg.sw, &state);
		r->rig.cfg.timing.drain_cycles = 16U << pick(&state, 5);
		r->rig.cfg.timing.buf_bytes = 48U << pick(&state, 3);
		r->rig.cfg.timing.ovf_resolve_free = 1U << pick(&state, 7);
		r->rig.work_cfg.cycles_per_branch = 4;
		r->rig.work_cfg.seed = seed;
		ptv_work_init(&r->rig.work_cfg, &r->rig.work, 0);
		rig_output(&r->rig);
		rig_trace(&r->rig, ctl);
		for (i = 0; i < 40U; i++) {
			if (pick(&state, 5) == 0U)
				new_ranges(&r->rig, &state, &ctl);
			else
				happen(&r->rig, &state, &ctl);
		}
		rig_trace(&r->rig, 0);
		reading_good(r, 0);
		reading_holes(r);
		overflows += r->blocks.events[PTV_READER_EV_OVERFLOW];
		if (r->blocks.errors)
			PTV_FAIL("seed %llu", (unsigned long long)seed);
	}
	PTV_EXPECT_GT(overflows, 400);
}
