/* SPDX-License-Identifier: MIT */
/*
 * Goal: what was lost is not taken for granted afterwards: after an overflow, a STOP or a VMXON
 * that drops the buffer, the stream goes on in a way that a reader who lacks the lost bytes can
 * follow. Method: bytes lost on purpose; the packets that follow, by name and byte.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define STATUS PTV_MSR_RTIT_STATUS
#define FAR_IP UINT64_C(0xffffffff82000000)

static struct bench *traced(const char *machine)
{
	struct bench *bench = bench_new(machine);

	bench_one_region(bench, 4, 0);
	return bench;
}

/* In an overflow; the last IP that was sent is about BENCH_NLIP. */
static struct bench *overflowing(void)
{
	struct bench *bench = traced("skylake");
	uint64_t i;

	bench->cfg.timing.buf_bytes = 64;
	bench->cfg.timing.ovf_resolve_free = 32;
	bench->cfg.timing.drain_cycles = 128;
	bench_ctl(bench, BENCH_CTL_ON);
	for (i = 0; !bench->lp.packet.ovf; i++)
		bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP + (i << 16));
	bench_forget(bench);
	return bench;
}

static void expect(struct bench *bench, const char *bytes, size_t count)
{
	bench_settle(bench);
	PTV_EXPECT_EQ(bench->made, count);
	PTV_EXPECT_MEMEQ(bench->packets, bytes, count);
	bench_forget(bench);
}

PTV_TEST(packet_loss, first_ip_after_an_overflow_is_whole_or_compressed)
{
	struct bench *bench = overflowing();

	PTV_EXPECT_EQ(bench->cfg.sw.lastip_on_ovf, 0); /* FULL */
	bench_run(bench, 300);
	PTV_EXPECT_EQ(bench->made, 9);
	PTV_EXPECT_MEMEQ(bench->packets, "\x02\xf3\x7d", 3); /* FUP with six bytes */
	bench_forget(bench);
	/* The one after it is compressed again. */
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP);
	bench_settle(bench);
	PTV_EXPECT_EQ(bench->packets[2] >> 5, 2); /* MODE.Exec, TIP with four */
	bench = overflowing();
	bench->cfg.sw.lastip_on_ovf = 1; /* KEEP: against the last IP that was sent */
	bench_run(bench, 300);
	PTV_EXPECT_MEMEQ(bench->packets, "\x02\xf3\x5d", 3);
}

PTV_TEST(packet_loss, whole_ip_is_that_of_the_pge_where_the_overflow_ends_without_a_fup)
{
	struct bench *bench = overflowing();

	bench_ctl(bench, BENCH_CTL);
	bench_forget(bench);
	bench->cfg.sw.lastip_on_enable = 1; /* KEEP: what follows is the overflow's doing */
	PTV_EXPECT_EQ(bench->lp.packet.full_ip, 1);
	bench_ctl(bench, BENCH_CTL_ON);
	expect(bench, "\x02\x03\x29\x00\x99\x01\x71\x02\x01\x00\x81\xff\xff", 13);
}

PTV_TEST(packet_loss, overflow_does_not_end_before_its_fup_has_room_too)
{
	struct bench *bench = overflowing();

	/* Two bytes are free at once: enough for OVF, not for what must follow it (HW-111). */
	bench->cfg.timing.ovf_resolve_free = 1;
	while (!bench->made)
		bench_clock(bench, NULL);
	bench_run(bench, 3);
	PTV_EXPECT_STREQ(bench->story, "OVF FUP");
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_DROP], 0);
}

PTV_TEST(packet_loss, mode_and_ip_that_a_stop_dropped_are_sent_again)
{
	struct bench *bench = bench_new("skylake");

	bench->cfg.sw.lastip_on_enable = 1; /* KEEP */
	bench->cfg.timing.drain_cycles = 64;
	bench_one_region(bench, 0, PTV_TOPA_STOP);
	bench_point(bench, BENCH_TABLE, 0, 4096U - 32U);
	bench_ctl(bench, BENCH_CTL_ON); /* 32 of 39 bytes: PSB+, MODE.Exec */
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, FAR_IP);
	bench_run(bench, 1000);
	PTV_EXPECT_EQ(bench->lp.rtit.stopped, 1);
	PTV_EXPECT_GT(bench->seen[PTV_OBS_DROP], 0);
	bench_ctl(bench, BENCH_CTL);
	bench_point(bench, BENCH_TABLE, 0, 0);
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, UINT64_C(0x100) << 32), PTV_FAULT_NONE);
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON); /* no PSB */
	expect(bench, "\x02\x03\x29\x00\x99\x01\x71\x02\x01\x00\x81\xff\xff", 13);
}

PTV_TEST(packet_loss, mode_and_ip_that_vmxon_dropped_are_sent_again)
{
	struct bench *bench = traced("skylake");

	bench->cfg.caps.vmx_misc_pt = 0;
	bench->cfg.sw.lastip_on_enable = 1; /* KEEP */
	bench->cfg.sw.vmxon_disable = 2;    /* DROP */
	bench->cfg.timing.drain_cycles = 10000;
	bench_ctl(bench, BENCH_CTL_ON);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, FAR_IP);
	bench_settle(bench);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_DROP][2], PTV_DROP_VMXON);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXOFF, 0), PTV_VMX_SUCCEED);
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON);
	expect(bench, "\x02\x03\x29\x00\x99\x01\x71\x02\x01\x00\x81\xff\xff", 13);
}

PTV_TEST(packet_loss, tracestop_at_enable_is_stored_by_the_scheme_that_the_enable_chose)
{
	struct bench *bench = traced("skylake");

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, BENCH_NLIP), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, BENCH_NLIP), PTV_FAULT_NONE);
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON | UINT64_C(2) << 32);
	PTV_EXPECT_EQ(bench->lp.rtit.stopped, 1);
	bench_ctl(bench, 0); /* clears ToPA with TraceEn: legal (HW-014) */
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0);
	PTV_EXPECT_EQ(bench->stored, 32); /* PSB PIP CBR PSBEND TraceStop */
	PTV_EXPECT_EQ(bench->first[PTV_OBS_STORE][1], BENCH_REGION);
}

PTV_TEST(packet_loss, bytes_given_while_output_goes_to_the_fabric_touch_no_memory)
{
	struct bench *bench = traced("skylake");
	const struct ptv_pins_in in = {.emit = 16};

	bench->cfg.caps.fabric = 1;
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_FABRIC_EN);
	bench_clock(bench, &in);
	PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0);
	bench_ctl(bench, 0);
	PTV_EXPECT_EQ(bench->stored, 0);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_TOPA_FETCH], 0);
}

/* An interrupt (FUP and TIP of 7 bytes each) with so many bytes free, behind so many branches. */
static const char *interrupted(unsigned int branches, uint32_t bytes_free, unsigned int split)
{
	struct bench *bench = traced("skylake");

	bench->cfg.sw.ovf_compound = (uint8_t)split;
	bench->cfg.timing.drain_cycles = 100000;
	bench_ctl(bench, BENCH_CTL_ON);
	while (branches-- > 0U)
		bench_branch(bench, PTV_RETIRE_JCC_TAKEN, 1, BENCH_NLIP);
	bench_forget(bench);
	bench->cfg.timing.buf_bytes = ptv_lp_buffered(&bench->lp) + bytes_free;
	bench_branch(bench, PTV_RETIRE_INT, 0x401000, FAR_IP);
	bench_settle(bench);
	PTV_EXPECT_EQ(bench->lp.packet.ovf, bytes_free < (bench->story[0] == 'T' ? 15U : 14U));
	return bench->story;
}

PTV_TEST(packet_loss, event_that_does_not_fit_is_lost_whole_or_in_part)
{
	PTV_EXPECT_STREQ(interrupted(0, 14, 0), "FUP TIP");
	PTV_EXPECT_STREQ(interrupted(0, 13, 0), "");
	PTV_EXPECT_STREQ(interrupted(0, 14, 1), "FUP TIP");
	PTV_EXPECT_STREQ(interrupted(0, 13, 1), "FUP");
	PTV_EXPECT_STREQ(interrupted(0, 6, 1), "");
	/* The branches before it are told if there is room for them. */
	PTV_EXPECT_STREQ(interrupted(3, 15, 0), "TNT FUP TIP");
	PTV_EXPECT_STREQ(interrupted(3, 14, 0), "TNT");
	PTV_EXPECT_STREQ(interrupted(3, 14, 1), "TNT FUP");
	PTV_EXPECT_STREQ(interrupted(3, 0, 0), "");
}

/* An enable with a buffer of so many bytes: PSB+ of 32 bytes, MODE.Exec of 2, TIP.PGE of 7. */
static const char *enabled(uint32_t bytes, unsigned int split, bool psb_first)
{
	struct bench *bench = traced("skylake");

	bench->cfg.sw.ovf_compound = (uint8_t)split;
	bench->cfg.timing.drain_cycles = 100000;
	bench->cfg.timing.buf_bytes = bytes;
	bench->cfg.sw.psb_before_pge = psb_first ? 1U : 0U;
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench->lp.packet.ovf, bytes < 39U);
	return bench->story;
}

/* A reader binds MODE.Exec to the TIP.PGE behind it; PSB+ stands for itself and can be cut. */
PTV_TEST(packet_loss, mode_of_an_enable_is_not_sent_without_its_pge)
{
	PTV_EXPECT_STREQ(enabled(39, 0, true), "PSB PIP CBR PSBEND MODE.Exec TIP.PGE");
	PTV_EXPECT_STREQ(enabled(38, 0, true), "PSB PIP CBR PSBEND");
	PTV_EXPECT_STREQ(enabled(38, 1, true), "PSB PIP CBR PSBEND MODE.Exec");
	PTV_EXPECT_STREQ(enabled(29, 0, true), "PSB PIP CBR");
	/* The other order: PSB+ behind them is cut, and they are whole or not there. */
	PTV_EXPECT_STREQ(enabled(9 + 16, 0, false), "MODE.Exec TIP.PGE PSB");
	PTV_EXPECT_STREQ(enabled(9, 0, false), "MODE.Exec TIP.PGE");
	PTV_EXPECT_STREQ(enabled(8, 0, false), "");
	PTV_EXPECT_STREQ(enabled(8, 1, false), "MODE.Exec");
}

/* An event that falls into the clock in which a PSB+ is due goes out whole too; the PSB+ is cut. */
PTV_TEST(packet_loss, event_before_a_due_psb_is_whole)
{
	unsigned int split;

	for (split = 0; split < 2U; split++) {
		struct bench *bench = traced("skylake");

		bench->cfg.sw.ovf_compound = (uint8_t)split;
		bench_ctl(bench, BENCH_CTL_ON);
		bench_settle(bench);
		bench_forget(bench);
		bench->cfg.timing.drain_cycles = 100000;
		bench->lp.packet.count = 2048U - 1U;
		bench->cfg.timing.buf_bytes = ptv_lp_buffered(&bench->lp) + 13U;
		bench_branch(bench, PTV_RETIRE_INT, 0x401000, FAR_IP);
		PTV_EXPECT_STREQ(bench->story, split ? "FUP" : "");
	}
}

PTV_TEST(packet_loss, reset_is_named_as_the_cause_of_what_it_drops)
{
	const struct ptv_pins_in in = {.op = PTV_OP_RESET};
	struct bench *bench = traced("skylake");

	bench->cfg.timing.drain_cycles = 100000;
	bench_ctl(bench, BENCH_CTL_ON);
	(void)bench_op(bench, &in);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_DROP][2], PTV_DROP_RESET);
	PTV_EXPECT_GT(bench->last[PTV_OBS_DROP][1], 0);
}

PTV_TEST(packet_loss, overflow_ends_though_every_clock_has_a_branch)
{
	struct bench *bench = overflowing();
	struct ptv_pins_in in = {.retire = PTV_RETIRE_JMP_IND, .mode = PTV_EXEC_64};
	uint64_t ip = BENCH_NLIP, at = 0;

	while (bench->lp.packet.ovf && at++ < 5000U) {
		in.ip = ip;
		in.target = ip += UINT64_C(1) << 16;
		in.cr3 = BENCH_CR3;
		bench_clock(bench, &in);
	}
	/* It is room that ends it, and FUP names where the last of these branches went. */
	PTV_EXPECT_LT(at, 1000);
	PTV_EXPECT_EQ(bench->lp.packet.ovf, 0);
	bench_clock(bench, NULL);
	PTV_EXPECT_STREQ(bench->story, "OVF FUP");
	PTV_EXPECT_EQ(bench->packets[3] | bench->packets[4] << 8 | bench->packets[5] << 16,
		      ip & 0xffffffU);
}
