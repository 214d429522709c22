/* SPDX-License-Identifier: MIT */
/*
 * Goal: rules of model/spec/requirements.md about the enables and STATUS, with both readings where
 * there are two. Method: truth tables written as the rule's formula; one event at a time.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL	 PTV_MSR_RTIT_CTL
#define STATUS	 PTV_MSR_RTIT_STATUS
#define COUNT(n) ((uint64_t)(n) << 32) /* PacketByteCnt */
#define USER_IP	 UINT64_C(0x401000)

static struct bench *traced(const char *machine)
{
	struct bench *bench = bench_new(machine);

	bench_one_region(bench, 4, 0);
	return bench;
}

static uint64_t enables(struct bench *bench)
{
	return bench_rdmsr(bench, STATUS) & 7U;
}

static void status(struct bench *bench, uint64_t value)
{
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, value), PTV_FAULT_NONE);
}

static void story(struct bench *bench, const char *expected)
{
	bench_settle(bench);
	PTV_EXPECT_STREQ(bench->story, expected);
	bench_forget(bench);
}

PTV_TEST(rules_enable, context_en_is_its_formula)
{
	unsigned int i;

	for (i = 0; i < 32U; i++) {
		const bool os = i & 1U, user = i & 2U, filter = i & 4U, match = i & 8U;
		const unsigned int cpl = i & 16U ? 3U : 0U;
		const bool context = (cpl ? user : os) && (!filter || match);
		struct bench *bench = traced("skylake");

		PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_CR3_MATCH, 0x5000), PTV_FAULT_NONE);
		bench_ctl(bench, PTV_CTL_TRACE_EN | PTV_CTL_TOPA | PTV_CTL_BRANCH_EN |
					 (os ? PTV_CTL_OS : 0U) | (user ? PTV_CTL_USER : 0U) |
					 (filter ? PTV_CTL_CR3_FILTER : 0U));
		bench_place(bench, USER_IP, cpl, match ? 0x5000 : 0x6000);
		bench_settle(bench);
		PTV_EXPECT_EQ(enables(bench), /* HW-046, HW-051 */
			      PTV_STATUS_TRIGGER_EN | PTV_STATUS_FILTER_EN |
				      (context ? PTV_STATUS_CONTEXT_EN : 0U));
		PTV_EXPECT_EQ(ptv_lp_packet_en(&bench->lp), context);
	}
}

PTV_TEST(rules_enable, cr3_is_compared_in_bits_63_to_12)
{
	unsigned int bit;

	for (bit = 0; bit < 64U; bit++) {
		struct bench *bench = traced("skylake");

		PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_CR3_MATCH, 0x5000), PTV_FAULT_NONE);
		bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_CR3_FILTER);
		bench_place(bench, USER_IP, 3, 0x5000U ^ PTV_BIT(bit));
		bench_settle(bench);
		PTV_EXPECT_EQ(bench->lp.rtit.context_en, bit < 12U); /* HW-047 */
	}
}

PTV_TEST(rules_enable, context_and_filter_are_held_while_trigger_en_is_0)
{
	struct bench *bench = traced("skylake");

	status(bench, PTV_STATUS_STOPPED);
	bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_OS);
	bench_place(bench, USER_IP, 3, BENCH_CR3);
	PTV_EXPECT_EQ(enables(bench), 0); /* HW-048, HW-045 */
	bench_ctl(bench, BENCH_CTL);
	status(bench, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(enables(bench), 7);
	bench_ctl(bench, BENCH_CTL & ~PTV_CTL_USER);
	bench_place(bench, USER_IP, 3, BENCH_CR3);
	PTV_EXPECT_EQ(enables(bench), PTV_STATUS_FILTER_EN | PTV_STATUS_CONTEXT_EN);
}

PTV_TEST(rules_enable, enables_are_held_or_cleared_at_disable)
{
	unsigned int clear;

	for (clear = 0; clear < 2U; clear++) {
		struct bench *bench = traced("skylake");

		bench->cfg.sw.status_after_disable = (uint8_t)clear; /* C-1 */
		bench_ctl(bench, BENCH_CTL_ON);
		PTV_EXPECT_EQ(enables(bench), 7);
		bench_ctl(bench, BENCH_CTL);
		PTV_EXPECT_EQ(enables(bench),
			      clear ? 0U : PTV_STATUS_FILTER_EN | PTV_STATUS_CONTEXT_EN);
	}
}

PTV_TEST(rules_enable, error_and_stopped_survive_a_run_until_software_clears_them)
{
	struct bench *bench = traced("skylake");

	status(bench, PTV_STATUS_ERROR | PTV_STATUS_STOPPED);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 1000);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & 0x30U, 0x30); /* HW-025 */
	status(bench, 0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & 0x30U, 0);
}

/* --- address ranges --- */

/* Range 0 is [0x1000, 0x1fff] of this kind. */
static struct bench *ranged(uint64_t kind)
{
	struct bench *bench = traced("skylake");

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, 0x1000), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, 0x1fff), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL | kind << 32);
	return bench;
}

/* WRMSR(RTIT_CTL) whose next instruction is at ip. */
static void enable_at(struct bench *bench, uint64_t ctl, uint64_t ip)
{
	const struct ptv_pins_in in = {.op = PTV_OP_WRMSR,
				       .msr = CTL,
				       .data = ctl,
				       .ip = ip - 2U,
				       .target = ip,
				       .mode = PTV_EXEC_64};

	bench_forget(bench);
	(void)bench_op(bench, &in);
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_NONE);
}

PTV_TEST(rules_enable, filter_at_enable_looks_at_the_next_ip_or_waits)
{
	unsigned int later;

	for (later = 0; later < 2U; later++) {
		struct bench *bench = ranged(1);

		bench->cfg.sw.filteren_at_enable = (uint8_t)later; /* C-2 */
		enable_at(bench, BENCH_CTL_ON | UINT64_C(1) << 32, 0x1800);
		PTV_EXPECT_EQ(bench->lp.rtit.filter_en, !later);
		story(bench, later ? "PSB PIP CBR PSBEND" : "PSB PIP CBR PSBEND MODE.Exec TIP.PGE");
		bench_branch(bench, PTV_RETIRE_JMP, 0x1800, 0x1900);
		PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 1);
		story(bench, later ? "MODE.Exec TIP.PGE" : "");
	}
}

PTV_TEST(rules_enable, filter_without_context_is_held_or_evaluated)
{
	unsigned int needs;

	for (needs = 0; needs < 2U; needs++) {
		struct bench *bench = ranged(1);

		bench->cfg.sw.filter_needs_context = (uint8_t)needs;
		enable_at(bench, (BENCH_CTL_ON & ~PTV_CTL_OS) | UINT64_C(1) << 32, 0x1800);
		PTV_EXPECT_EQ(bench->lp.rtit.context_en, 0);
		PTV_EXPECT_EQ(bench->lp.rtit.filter_en, !needs);
	}
}

PTV_TEST(rules_enable, filter_en_without_ip_filters_reads_as_the_switch_says)
{
	unsigned int one;

	for (one = 0; one < 2U; one++) {
		struct bench *bench = traced("broadwell");

		bench->cfg.sw.filteren_no_ipfilt = (uint8_t)one;
		bench_ctl(bench, BENCH_CTL_ON);
		PTV_EXPECT_EQ(enables(bench), PTV_STATUS_TRIGGER_EN | PTV_STATUS_CONTEXT_EN | one);
		PTV_EXPECT(ptv_lp_packet_en(&bench->lp));
	}
}

PTV_TEST(rules_enable, falling_through_the_end_of_a_range_changes_nothing)
{
	struct bench *bench = ranged(1);

	enable_at(bench, BENCH_CTL_ON | UINT64_C(1) << 32, 0x1ffe);
	bench_branch(bench, PTV_RETIRE_JCC_NOT, 0x1ffe, 0x2000); /* HW-049 */
	PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 1);
	bench_branch(bench, PTV_RETIRE_JMP, 0x2000, 0x2010);
	PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 0);
}

PTV_TEST(rules_enable, empty_range_lets_nothing_in)
{
	struct bench *bench = ranged(0);

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, 0xfff), PTV_FAULT_NONE);
	enable_at(bench, BENCH_CTL_ON | UINT64_C(1) << 32, 0x1000);
	PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 0); /* HW-050: both ends, in their order */
}

PTV_TEST(rules_enable, tracestop_is_met_by_branch_cr3_write_and_enable)
{
	static const struct {
		enum ptv_retire_kind kind; /* NONE: the enable itself */
		unsigned int cpl;	   /* after it */
		bool stops;
		const char *packets;
	} row[] = {
		{PTV_RETIRE_JMP, 0, true, "TIP.PGD TraceStop"},
		{PTV_RETIRE_JCC_TAKEN, 0, true, "TIP.PGD TraceStop"},
		{PTV_RETIRE_JCC_NOT, 0, false, ""},
		{PTV_RETIRE_MOV_CR3, 0, true, "PIP TIP.PGD TraceStop"},
		{PTV_RETIRE_FAR, 3, false, "TIP.PGD"}, /* the context is lost: no TraceStop */
		{PTV_RETIRE_NONE, 0, true, "PSB PIP CBR PSBEND TraceStop"},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		const uint64_t on = (BENCH_CTL_ON & ~PTV_CTL_USER) | UINT64_C(2) << 32;
		struct bench *bench = ranged(2);
		const struct ptv_pins_in in = {.retire = (uint8_t)row[i].kind,
					       .ip = 0x900,
					       .target = 0x1800,
					       .cr3 = row[i].kind == PTV_RETIRE_MOV_CR3 ? 0x6000
											: BENCH_CR3,
					       .cpl = (uint8_t)row[i].cpl,
					       .mode = PTV_EXEC_64};

		enable_at(bench, on, row[i].kind == PTV_RETIRE_NONE ? 0x1800 : 0x800);
		if (row[i].kind != PTV_RETIRE_NONE) {
			bench_forget(bench);
			bench_clock(bench, &in);
		}
		PTV_EXPECT_EQ(bench->lp.rtit.stopped, row[i].stops); /* HW-053 */
		PTV_EXPECT_EQ(bench->lp.rtit.trigger_en, !row[i].stops);
		PTV_EXPECT_EQ(bench_rdmsr(bench, CTL) & PTV_CTL_TRACE_EN, 1); /* HW-054 */
		if (row[i].stops)
			PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 0);
		story(bench, row[i].packets);
	}
}

PTV_TEST(rules_enable, tracestop_wins_over_a_filter_range_that_overlaps)
{
	struct bench *bench = ranged(1);

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR1_A, 0x1fff), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR1_B, 0x2fff), PTV_FAULT_NONE);
	enable_at(bench, BENCH_CTL_ON | UINT64_C(0x21) << 32, 0x1800);
	bench_branch(bench, PTV_RETIRE_JMP, 0x1800, 0x1ffe);
	PTV_EXPECT_EQ(bench->lp.rtit.stopped, 0);
	bench_branch(bench, PTV_RETIRE_JMP, 0x1ffe, 0x1fff); /* HW-052 */
	PTV_EXPECT_EQ(bench->lp.rtit.stopped, 1);
	PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 0);
}

/* --- byte count, pended events --- */

PTV_TEST(rules_enable, byte_count_is_the_bytes_since_the_psb)
{
	struct bench *bench = traced("skylake");
	uint64_t count;
	unsigned int i;

	bench->cfg.caps.ptr_granularity = 1;
	bench_ctl(bench, BENCH_CTL_ON);
	for (i = 0; i < 40U; i++) {
		bench_settle(bench);
		PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) >> 32, bench->made); /* HW-064, C-4 */
		bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP + ((uint64_t)i << 20));
	}
	bench_ctl(bench, BENCH_CTL);
	count = bench_rdmsr(bench, STATUS) >> 32;
	PTV_EXPECT_EQ(count, bench->made);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP);
	bench_run(bench, 1000);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) >> 32, count);
	bench_ctl(bench, BENCH_CTL_ON); /* it goes on from there: no PSB */
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) >> 32, bench->made);
}

/* A disable whose TIP.PGD makes the 2048th byte since the PSB. */
static struct bench *psb_lost(uint64_t inject)
{
	struct bench *bench = traced("skylake");

	bench->cfg.caps.psbpmi = 1;
	bench->cfg.caps.ptr_granularity = 1; /* 2031 is no whole unit of a Skylake (HW-030) */
	status(bench, COUNT(2031));
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON | inject);
	story(bench, "CBR MODE.Exec TIP.PGE"); /* 4 + 2 + 7 bytes */
	bench_ctl(bench, BENCH_CTL | inject);
	PTV_EXPECT_EQ(strncmp(bench->story, "FUP TIP.PGD", 11), 0); /* 3 + 1 bytes */
	PTV_EXPECT_EQ(bench->lp.packet.count, 2048);
	bench_forget(bench);
	return bench;
}

PTV_TEST(rules_enable, psb_that_a_disable_loses_is_made_good_at_the_next_enable)
{
	struct bench *bench = psb_lost(PTV_CTL_INJECT);

	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_PEND_PSB,
		      PTV_STATUS_PEND_PSB); /* HW-066
					     */
	status(bench, PTV_STATUS_PEND_PSB | COUNT(16));
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_INJECT);
	story(bench, "PSB PIP CBR PSBEND MODE.Exec TIP.PGE");
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_PEND_PSB, 0);
	bench = psb_lost(0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_PEND_PSB, 0);
}

PTV_TEST(rules_enable, pended_bits_have_no_effect_while_ctl_56_is_0)
{
	const uint64_t pended = PTV_STATUS_PEND_PSB | PTV_STATUS_PEND_PMI;
	struct bench *bench = traced("skylake");

	bench->cfg.caps.psbpmi = 1;
	status(bench, pended | COUNT(16));
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON);
	story(bench, "CBR MODE.Exec TIP.PGE");
	PTV_EXPECT_EQ(bench->lp.pmi.status, 0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & pended, pended); /* HW-067 */
}

PTV_TEST(rules_enable, pmi_that_is_pended_again_follows_its_switches)
{
	unsigned int i;

	for (i = 0; i < 8U; i++) {
		struct bench *bench = traced("skylake");
		const bool needs = i & 1U, sets = i & 2U, clears = i & 4U;

		bench->cfg.caps.psbpmi = 1;
		bench->cfg.sw.repend_needs_trigger = needs;
		bench->cfg.sw.repend_sets_gs55 = sets;
		bench->cfg.sw.repend_clears_pend = clears;
		status(bench, PTV_STATUS_PEND_PMI | PTV_STATUS_STOPPED);
		bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_INJECT);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], needs ? 0 : 1);
		PTV_EXPECT_EQ(bench->lp.pmi.status, !needs && sets ? PTV_GS_TOPA_PMI : 0U);
		PTV_EXPECT_EQ(bench->lp.rtit.pend_pmi, needs || !clears);
	}
}
