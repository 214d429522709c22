/* SPDX-License-Identifier: MIT */
/*
 * Goal: the packets of every event, in their order and with their bytes.
 * Method: one event at a time; the names of the packets that entered the buffer, and their bytes,
 * are typed in by hand. The bytes are those of a separate encoder (libipt's) for the same values.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL    PTV_MSR_RTIT_CTL
#define STATUS PTV_MSR_RTIT_STATUS
#define NO_PSB (UINT64_C(0x100) << 32) /* STATUS with a byte count: no PSB at enable */

/* A bench with a table; tracing is off. */
static struct bench *traced(const char *machine)
{
	struct bench *bench = bench_new(machine);

	bench_one_region(bench, 4, 0);
	return bench;
}

/* The packets made since bench_forget(). */
static void expect_story(struct bench *bench, const char *story)
{
	bench_settle(bench);
	PTV_EXPECT_STREQ(bench->story, story);
	bench_forget(bench);
}

static void expect_bytes(struct bench *bench, const char *hex)
{
	uint8_t bytes[256];
	size_t count = 0;

	bench_settle(bench);
	for (; *hex; hex += 3) {
		const char digit[2] = {hex[0], hex[1]};
		unsigned int i, value = 0;

		for (i = 0; i < 2U; i++)
			value = value * 16U + (unsigned int)(digit[i] <= '9' ? digit[i] - '0'
									     : digit[i] - 'a' + 10);
		bytes[count++] = (uint8_t)value;
		if (hex[2] == '\0')
			break;
	}
	PTV_EXPECT_EQ(bench->made, count);
	PTV_EXPECT_MEMEQ(bench->packets, bytes, count);
	bench_forget(bench);
}

PTV_TEST(packet, enable_makes_psb_then_status_then_pge)
{
	struct bench *bench = traced("skylake");

	bench_ctl(bench, BENCH_CTL_ON); /* HW-055, HW-057, HW-104 */
	expect_bytes(bench, "02 82 02 82 02 82 02 82 02 82 02 82 02 82 02 82 "
			    "02 43 00 06 26 1a 00 00 02 03 29 00 02 23 99 01 "
			    "71 02 01 00 81 ff ff");
}

PTV_TEST(packet, enable_with_a_byte_count_makes_no_psb)
{
	struct bench *bench = traced("skylake");

	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, NO_PSB), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_TSC_EN);
	expect_story(bench, "TSC CBR MODE.Exec TIP.PGE"); /* HW-056 */
	bench_ctl(bench, BENCH_CTL);
	expect_story(bench, "FUP TIP.PGD PAD");
	bench_ctl(bench, BENCH_CTL_ON);
	expect_bytes(bench, "02 03 29 00 71 02 01 00 81 ff ff"); /* C-8; the mode is known already
								  */
}

PTV_TEST(packet, every_enable_makes_psb_where_the_count_is_not_implemented)
{
	struct bench *bench = traced("broadwell");

	bench_ctl(bench, BENCH_CTL_ON);
	expect_story(bench, "PSB PIP CBR PSBEND MODE.Exec TIP.PGE");
	bench_ctl(bench, BENCH_CTL);
	expect_story(bench, "FUP TIP.PGD PAD");
	bench_ctl(bench, BENCH_CTL_ON);
	expect_story(bench, "PSB PIP CBR PSBEND MODE.Exec TIP.PGE");
}

PTV_TEST(packet, enable_outside_the_context_makes_status_packets_only)
{
	struct bench *bench = traced("skylake");

	bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_OS); /* CPL is 0 */
	expect_story(bench, "PSB CBR PSBEND");
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & 7U,
		      PTV_STATUS_TRIGGER_EN | PTV_STATUS_FILTER_EN); /* HW-051 */
	bench_place(bench, 0x401000, 3, BENCH_CR3);
	expect_bytes(bench, "99 01 51 00 10 40 00");
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & 7U, 7);
	bench_place(bench, BENCH_NLIP, 0, BENCH_CR3);
	expect_bytes(bench, "01"); /* 10c: ContextEn fell, no IP */
	bench_ctl(bench, BENCH_CTL & ~PTV_CTL_OS);
	expect_story(bench, "PAD"); /* HW-058: PacketEn=0, nothing but the flush */
}

PTV_TEST(packet, switches_order_psb_and_pge_and_fill_psb)
{
	struct bench *bench = traced("skylake");

	bench->cfg.sw.psb_before_pge = 0;
	bench_ctl(bench, BENCH_CTL_ON);
	expect_story(bench, "MODE.Exec TIP.PGE PSB MODE.Exec FUP PIP CBR PSBEND"); /* */
	bench = traced("skylake");
	bench->cfg.sw.bdm70 = 1;
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_TSC_EN);
	expect_story(bench, "PSB TSC MODE.Exec FUP PIP CBR PSBEND TIP.PGE");
}

PTV_TEST(packet, disable_makes_fup_of_its_own_ip_and_pgd_without_one)
{
	struct bench *bench = traced("skylake");

	bench_ctl(bench, BENCH_CTL_ON);
	bench_branch(bench, PTV_RETIRE_JCC_TAKEN, BENCH_NLIP, BENCH_NLIP + 16U);
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL); /* HW-058: TNT "T", FUP, PGD */
	expect_bytes(bench, "06 3d 00 01 01 00 00 00 00");
}

PTV_TEST(packet, tnt_collects_six_branches_oldest_first)
{
	static const char pattern[] = "TNTNTN";
	struct bench *bench = traced("skylake");
	unsigned int i;

	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	for (i = 0; i < 6U; i++) {
		PTV_EXPECT_EQ(bench->made, 0);
		bench_branch(bench, pattern[i] == 'T' ? PTV_RETIRE_JCC_TAKEN : PTV_RETIRE_JCC_NOT,
			     1, BENCH_NLIP);
	}
	expect_bytes(bench, "d4");
	for (i = 0; i < 6U; i++)
		bench_branch(bench, PTV_RETIRE_JCC_TAKEN, 1, BENCH_NLIP);
	expect_bytes(bench, "fe");
	for (i = 0; i < 3U; i++)
		bench_branch(bench, pattern[i] == 'T' ? PTV_RETIRE_JCC_TAKEN : PTV_RETIRE_JCC_NOT,
			     1, BENCH_NLIP);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP + 2U);
	expect_bytes(bench, "1a 2d 04 01"); /* a partial TNT before the TIP */
}

PTV_TEST(packet, ip_payload_is_the_shortest_that_is_legal)
{
	struct bench *bench = traced("skylake");

	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, UINT64_C(0xffffffff8100cdef));
	expect_bytes(bench, "2d ef cd");
	bench_branch(bench, PTV_RETIRE_CALL_IND, 1, UINT64_C(0xffffffff81abcdef));
	expect_bytes(bench, "4d ef cd ab 81");
	bench_branch(bench, PTV_RETIRE_RET, 1, UINT64_C(0x00007f0081abcdef));
	expect_bytes(bench, "6d ef cd ab 81 00 7f");
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, UINT64_C(0x123456789abcdef0));
	expect_bytes(bench, "cd f0 de bc 9a 78 56 34 12");
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, UINT64_C(0x1234ffff9abcdef0));
	expect_bytes(bench, "8d f0 de bc 9a ff ff");
}

PTV_TEST(packet, direct_branches_make_none)
{
	struct bench *bench = traced("skylake");

	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_JMP, 1, BENCH_NLIP);
	bench_branch(bench, PTV_RETIRE_CALL, 1, BENCH_NLIP);
	expect_story(bench, "");
}

PTV_TEST(packet, interrupt_makes_fup_of_the_next_instruction_and_tip)
{
	struct bench *bench = traced("skylake");

	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_INT, UINT64_C(0xffffffff81000122),
		     UINT64_C(0xffffffff82000000));
	expect_bytes(bench, "3d 22 01 4d 00 00 00 82"); /* 11e */
}

PTV_TEST(packet, cr3_writes_make_pip_whether_branches_are_traced_or_not)
{
	struct bench *bench = traced("skylake");
	struct ptv_pins_in in = {.retire = PTV_RETIRE_MOV_CR3,
				 .target = BENCH_NLIP,
				 .cr3 = 0x12345fe0,
				 .mode = PTV_EXEC_64};

	bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_BRANCH_EN);
	bench_forget(bench);
	bench_clock(bench, &in); /* HW-100; CR3[11:5] is sent as 0 */
	expect_bytes(bench, "02 43 00 45 23 01 00 00");
	in.cr3 = 0;
	bench_clock(bench, &in);
	expect_bytes(bench, "02 43 00 00 00 00 00 00");
	bench_ctl(bench, BENCH_CTL & ~PTV_CTL_BRANCH_EN);
	bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_OS);
	bench_forget(bench);
	in.cr3 = 0x5000;
	bench_clock(bench, &in);
	expect_story(bench, "");
}

PTV_TEST(packet, cr3_filter_turns_context_off_and_on)
{
	struct bench *bench = traced("skylake");
	struct ptv_pins_in in = {
		.retire = PTV_RETIRE_MOV_CR3, .target = BENCH_NLIP, .mode = PTV_EXEC_64};

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_CR3_MATCH, BENCH_CR3 | 0x20U),
		      PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_CR3_FILTER); /* HW-047: bits 63:12 match */
	PTV_EXPECT_EQ(bench->lp.rtit.context_en, 1);
	bench_forget(bench);
	in.cr3 = BENCH_CR3 ^ 0x1000U;
	bench_clock(bench, &in);
	expect_bytes(bench, "01"); /* 5c */
	in.cr3 = BENCH_CR3;
	bench_clock(bench, &in);
	expect_story(bench, "PIP TIP.PGE"); /* 5b */
}

PTV_TEST(packet, mode_change_precedes_the_tip)
{
	struct bench *bench = traced("skylake");
	struct ptv_pins_in in = {.retire = PTV_RETIRE_FAR,
				 .target = 0x1000,
				 .cr3 = BENCH_CR3,
				 .cpl = 3,
				 .mode = PTV_EXEC_32};

	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	bench_clock(bench, &in);
	expect_bytes(bench, "99 02 6d 00 10 00 00 00 00"); /* HW-103 */
	in.mode = PTV_EXEC_16;
	bench_clock(bench, &in);
	expect_bytes(bench, "99 00 2d 00 10");
}

/* Filter range 0 on [0x1000, 0x1fff], TraceStop range 1 on [0x1800, 0x18ff] when stop. */
static struct bench *filtered(bool stop)
{
	struct bench *bench = traced("skylake");
	const uint64_t range = UINT64_C(1) << 32 | (stop ? UINT64_C(2) << 36 : 0U);

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, 0x1000), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, 0x1fff), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR1_A, 0x1800), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR1_B, 0x18ff), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON | range);
	bench_forget(bench);
	return bench;
}

PTV_TEST(packet, ip_filter_includes_both_ends)
{
	static const struct {
		uint64_t target;
		uint8_t filter_en;
	} row[] = {{0x1000, 1}, {0xfff, 0}, {0x1fff, 1}, {0x2000, 0}};
	struct bench *bench = filtered(false);
	size_t i;

	PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 0); /* C-2: the next IP is outside */
	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		bench_branch(bench, PTV_RETIRE_JMP, 1, row[i].target); /* HW-050 */
		PTV_EXPECT_EQ(bench->lp.rtit.filter_en, row[i].filter_en);
	}
}

PTV_TEST(packet, leaving_the_filter_shows_the_target_except_for_a_conditional_branch)
{
	struct bench *bench = filtered(false);

	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, 0x1000);
	expect_bytes(bench, "99 01 31 00 10"); /* 9b; LastIP is 0 since the PSB */
	bench_branch(bench, PTV_RETIRE_JCC_NOT, 1, 0x3000);
	PTV_EXPECT_EQ(bench->lp.rtit.filter_en, 1); /* HW-049 */
	bench_branch(bench, PTV_RETIRE_JMP, 1, 0x3000);
	expect_bytes(bench, "04 21 00 30"); /* 6b */
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, 0x1000);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_JCC_TAKEN, 1, 0x3000);
	expect_bytes(bench, "01"); /* 7e: HW-097, HW-098 */
}

PTV_TEST(packet, tracestop_range_wins_and_sets_stopped)
{
	struct bench *bench = filtered(true);

	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, 0x1000);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, 0x1800); /* HW-052, HW-053 */
	expect_bytes(bench, "21 00 18 02 83");
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & 0x37U,
		      PTV_STATUS_STOPPED | PTV_STATUS_CONTEXT_EN);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL) & 1U, 1); /* HW-054 */
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, 0x1000);
	expect_story(bench, "");
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench->stored % 16U, 0); /* what was buffered is still flushed */
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0);
}

PTV_TEST(packet, psb_follows_when_the_period_has_passed)
{
	struct bench *bench = traced("skylake");
	uint64_t i;

	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	for (i = 0; !strstr(bench->story, "PSB"); i++) {
		PTV_ASSERT(i < 1000U);
		PTV_EXPECT_LT(bench->lp.packet.count, 2048);
		bench->story[0] = '\0';
		bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP + (i << 16));
		bench_run(bench, 20);
	}
	expect_story(bench, "TIP PSB MODE.Exec FUP PIP CBR PSBEND");   /* HW-105: after the TIP */
	PTV_EXPECT_EQ(bench->lp.packet.count, 16 + 2 + 7 + 8 + 4 + 2); /* C-4 */
}

PTV_TEST(packet, overflow_drops_until_there_is_room_and_says_so)
{
	struct bench *bench = traced("skylake");
	uint64_t dropped;
	unsigned int i;

	bench->cfg.timing.buf_bytes = 64;
	bench->cfg.timing.ovf_resolve_free = 32;
	bench->cfg.timing.drain_cycles = 128;
	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 2000);
	bench_forget(bench);
	for (i = 0; !bench->seen[PTV_OBS_DROP]; i++)
		bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP + ((uint64_t)i << 16));
	PTV_EXPECT_EQ(bench->lp.packet.ovf, 1);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_DROP][1], 5);
	PTV_EXPECT_EQ(bench->first[PTV_OBS_DROP][2], PTV_DROP_OVF);
	dropped = bench->lp.packet.count;
	bench_branch(bench, PTV_RETIRE_JCC_TAKEN, 1, BENCH_NLIP);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, UINT64_C(0xffffffff81000abc));
	PTV_EXPECT_EQ(bench->lp.packet.count, dropped); /* HW-113 */
	bench_forget(bench);
	bench_run(bench, 300);
	expect_bytes(bench, "02 f3 7d bc 0a 00 81 ff ff"); /* HW-111: OVF, FUP of the next IP */
	PTV_EXPECT_EQ(bench->lp.packet.ovf, 0);
}

PTV_TEST(packet, overflow_without_packet_en_ends_with_ovf_alone)
{
	struct bench *bench = traced("skylake");
	unsigned int i;

	bench->cfg.timing.buf_bytes = 64;
	bench->cfg.timing.drain_cycles = 128;
	bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_OS);
	bench_place(bench, 0x401000, 3, BENCH_CR3);
	for (i = 0; !bench->seen[PTV_OBS_DROP]; i++) {
		struct ptv_pins_in in = {.retire = PTV_RETIRE_JMP_IND,
					 .target = (uint64_t)i << 16,
					 .cpl = 3,
					 .mode = PTV_EXEC_64};

		bench_settle(bench);
		bench_clock(bench, &in);
	}
	bench_place(bench, BENCH_NLIP, 0, BENCH_CR3); /* ContextEn falls in the overflow */
	bench_forget(bench);
	bench_run(bench, 1000);
	expect_story(bench, "OVF"); /* HW-112 */
	bench_place(bench, 0x401000, 3, BENCH_CR3);
	expect_story(bench, "MODE.Exec TIP.PGE");
}

PTV_TEST(packet, disable_in_an_overflow_still_tells_of_it)
{
	struct bench *bench = traced("skylake");
	unsigned int i;

	bench->cfg.timing.buf_bytes = 64;
	bench->cfg.timing.drain_cycles = 128;
	bench_ctl(bench, BENCH_CTL_ON);
	for (i = 0; !bench->seen[PTV_OBS_DROP]; i++)
		bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP + ((uint64_t)i << 16));
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(strncmp(bench->story, "OVF", 3), 0);
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0);
}

PTV_TEST(packet, first_packet_enters_in_the_clock_of_its_branch_and_the_rest_stalls)
{
	struct bench *bench = traced("skylake");
	struct ptv_pins_in in = {.retire = PTV_RETIRE_INT,
				 .ip = BENCH_NLIP,
				 .target = UINT64_C(0xffffffff82000000),
				 .cr3 = BENCH_CR3,
				 .mode = PTV_EXEC_64};

	bench_ctl(bench, BENCH_CTL_ON);
	bench_run(bench, 100);
	PTV_EXPECT_EQ(bench->out.stall, 0);
	bench_clock(bench, &in);
	PTV_EXPECT_EQ(bench->out.packet_kind, PTV_PKT_FUP);
	PTV_EXPECT_EQ(bench->out.stall, 1);
	bench_clock(bench, &in); /* refused: the LP stalls */
	PTV_EXPECT_EQ(bench->out.packet_kind, PTV_PKT_TIP);
	PTV_EXPECT_EQ(bench->out.stall, 0);
	bench_clock(bench, NULL);
	PTV_EXPECT_EQ(bench->out.packet_len, 0);
}

PTV_TEST(packet, muted_packetizer_lets_only_given_bytes_through)
{
	struct bench *bench = traced("skylake");

	bench->cfg.sw.mute_packets = 1;
	bench_ctl(bench, BENCH_CTL_ON);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP);
	expect_story(bench, "");
	bench_emit(bench, 40);
	expect_story(bench, "PAD PAD PAD");
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_EQ(bench->lp.fifo.stored, 48);
	bench_emit(bench, 16); /* TriggerEn=0 */
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0);
}

PTV_TEST(packet, error_and_stopped_keep_everything_silent)
{
	static const uint64_t status[] = {PTV_STATUS_ERROR, PTV_STATUS_STOPPED};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(status); i++) {
		struct bench *bench = traced("skylake");

		PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, status[i]), PTV_FAULT_NONE);
		bench_ctl(bench, BENCH_CTL_ON); /* HW-045 */
		bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP);
		bench_run(bench, 1000);
		PTV_EXPECT_EQ(bench->made, 0);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_TOPA_FETCH], 0);
		PTV_EXPECT_EQ(bench_rdmsr(bench, CTL) & 1U, 1);
		PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_TRIGGER_EN, 0);
	}
}
