/* SPDX-License-Identifier: MIT */
/*
 * Goal: rules of model/spec/requirements.md about packets that no other test names, with both
 * readings where there are two. Method: bytes and names typed in by hand; a monitor over random
 * traces for what must hold everywhere.
 */
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL	 PTV_MSR_RTIT_CTL
#define STATUS	 PTV_MSR_RTIT_STATUS
#define COUNT(n) ((uint64_t)(n) << 32) /* PacketByteCnt */
#define SEED	 UINT64_C(0x9ac4e7)
#define VMCS	 UINT64_C(0x3db4bc000)

static uint64_t random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static struct bench *traced(const char *machine)
{
	struct bench *bench = bench_new(machine);

	bench->cfg.timing.drain_cycles = 1;
	bench_one_region(bench, 4, 0);
	return bench;
}

static void status(struct bench *bench, uint64_t value)
{
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, value), PTV_FAULT_NONE);
	bench_forget(bench);
}

static void story(struct bench *bench, const char *expected)
{
	bench_settle(bench);
	PTV_EXPECT_STREQ(bench->story, expected);
	bench_forget(bench);
}

static void bytes(struct bench *bench, const char *expected, size_t count)
{
	bench_settle(bench);
	PTV_EXPECT_EQ(bench->made, count);
	PTV_EXPECT_MEMEQ(bench->packets, expected, count);
	bench_forget(bench);
}

PTV_TEST(rules_packet, bytes_of_each_packet)
{
	struct bench *bench = traced("icelake");
	uint64_t at;

	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
	bench->lp.timer.cycle = UINT64_C(0x1122334455660000);
	bench->lp.fifo.drain_at = 0;
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_TSC_EN);
	at = bench->first[PTV_OBS_PACKET][0];
	story(bench, "PSB TSC PIP VMCS CBR PSBEND MODE.Exec TIP.PGE");
	at += 1U; /* the TSC packet is made in the clock after the PSB's */
	PTV_EXPECT_EQ(at >> 16, UINT64_C(0x112233445566));
	PTV_EXPECT_MEMEQ(bench->packets,
			 "\x02\x82\x02\x82\x02\x82\x02\x82\x02\x82\x02\x82\x02\x82\x02\x82\x19",
			 17); /* HW-094 */
	PTV_EXPECT_EQ(bench->packets[17] | bench->packets[18] << 8, at & 0xffffU);
	PTV_EXPECT_MEMEQ(bench->packets + 19, "\x66\x55\x44\x33\x22", 5);
	PTV_EXPECT_MEMEQ(bench->packets + 24,
			 "\x02\x43\x00\x06\x26\x1a\x00\x00\x02\xc8\xbc\xb4\x3d\x00\x00"
			 "\x02\x03\x29\x00\x02\x23\x99\x01\x71\x02\x01\x00\x81\xff\xff",
			 30);
	bench_branch(bench, PTV_RETIRE_JCC_TAKEN, 1, BENCH_NLIP);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 1, UINT64_C(0xffffffff8100cdef));
	bytes(bench, "\x06\x2d\xef\xcd", 4);
	bench_branch(bench, PTV_RETIRE_INT, 0x1000, UINT64_C(0xffffffff82000000));
	bytes(bench, "\x7d\x00\x10\x00\x00\x00\x00\x6d\x00\x00\x00\x82\xff\xff", 14);
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_MEMEQ(bench->packets, "\x5d\x00\x01\x00\x81\x01\x00", 7); /* FUP, PGD, PAD */
}

PTV_TEST(rules_packet, ip_after_a_psb_decodes_from_zero)
{
	struct bench *bench = traced("skylake");

	bench_ctl(bench, BENCH_CTL_ON);
	bench_place(bench, 0x401000, 3, BENCH_CR3);
	bench_forget(bench);
	bench->lp.packet.count = 2046; /* the next TIP passes the period */
	bench_branch(bench, PTV_RETIRE_JMP_IND, 0x401000, 0x401234);
	bench_settle(bench);
	PTV_EXPECT_MEMEQ(bench->packets, "\x2d\x34\x12\x02\x82", 5);
	PTV_EXPECT_MEMEQ(bench->packets + 3 + 16, "\x99\x01\x5d\x34\x12\x40\x00", 7); /* HW-096 */
	bench_forget(bench);
	bench_place(bench, 0xffffffff81000000, 0, BENCH_CR3); /* LastIP 0xffffffff81000000 */
	bench_ctl(bench, BENCH_CTL);
	bench->cfg.sw.lastip_on_enable = 1; /* C-8: KEEP */
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON);
	/* FUP named CLIP, PGD nothing: 16 bits differ from it. */
	bytes(bench, "\x02\x03\x29\x00\x31\x02\x01", 7);
	bench_ctl(bench, BENCH_CTL);
	bench->cfg.sw.lastip_on_enable = 0; /* C-8: FULL; C-7: the shortest otherwise */
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL_ON);
	bytes(bench, "\x02\x03\x29\x00\x71\x02\x01\x00\x81\xff\xff", 11);
}

PTV_TEST(rules_packet, fup_names_the_instruction_of_its_event)
{
	struct bench *bench = traced("skylake");
	const struct ptv_pins_in leave = {.op = PTV_OP_VM_EXIT,
					  .ip = UINT64_C(0xffffffff81004444),
					  .target = UINT64_C(0xffffffff81005555),
					  .cr3 = BENCH_CR3,
					  .mode = PTV_EXEC_64};

	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_INT, UINT64_C(0xffffffff81002222),
		     UINT64_C(0xffffffff81003333));
	bytes(bench, "\x3d\x22\x22\x2d\x33\x33", 6); /* HW-099: interrupt, NLIP */
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_ENTRY, 0), PTV_VMX_SUCCEED);
	bench_forget(bench);
	(void)bench_op(bench, &leave);
	bytes(bench, "\x3d\x44\x44\x02\x43\x00\x06\x26\x1a\x00\x00\x2d\x55\x55", 14); /* guest RIP
										       */
	bench_ctl(bench, BENCH_CTL);
	PTV_EXPECT_MEMEQ(bench->packets, "\x3d\x00\x01\x01", 4); /* WRMSR, CLIP */
}

PTV_TEST(rules_packet, pgd_carries_the_target_of_a_tracestop_and_none_without_context)
{
	struct bench *bench = traced("skylake");

	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, 0x1000), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, 0x1fff), PTV_FAULT_NONE);
	bench_ctl(bench, (BENCH_CTL_ON & ~PTV_CTL_USER) | UINT64_C(2) << 32);
	bench_forget(bench);
	bench_place(bench, 0x401000, 3, BENCH_CR3);
	bytes(bench, "\x01", 1); /* HW-097: ContextEn fell */
	bench_place(bench, 0x800, 0, BENCH_CR3);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_JCC_TAKEN, 0x800, 0x810);
	bench_branch(bench, PTV_RETIRE_JMP_IND, 0x810, 0x1000);
	bytes(bench, "\x06\x21\x00\x10\x02\x83", 6); /* HW-098: in place of the TIP */
}

/* PSB+ at every combination of what its contents depend on. */
struct content {
	bool tsc, os, branch, conceal;
	unsigned int vmx; /* 0 off, 1 root, 2 non-root */
};

static void expect_content(const struct content *c)
{
	struct bench *bench = traced("icelake");
	const bool vmcs = c->vmx && c->os && !(c->vmx == 2U && c->conceal);
	const bool place = c->os && c->branch;
	char expected[128];

	bench->cfg.caps.ptr_granularity = 1; /* 2047 is no whole unit of a Skylake (HW-030) */
	status(bench, COUNT(2047));
	if (c->vmx) {
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
	}
	if (c->vmx == 2U)
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_ENTRY,
					c->conceal ? PTV_VMC_CONCEAL_EXEC : 0U),
			      PTV_VMX_SUCCEED);
	bench_forget(bench);
	bench_ctl(bench, PTV_CTL_TRACE_EN | PTV_CTL_TOPA | PTV_CTL_USER |
				 (c->os ? PTV_CTL_OS : 0U) | (c->branch ? PTV_CTL_BRANCH_EN : 0U) |
				 (c->tsc ? PTV_CTL_TSC_EN : 0U));
	(void)snprintf(expected, sizeof(expected), "%sCBR%s PSB%s%s%s%s CBR PSBEND",
		       c->tsc ? "TSC " : "", place ? " MODE.Exec TIP.PGE" : "",
		       c->tsc ? " TSC" : "", place ? " MODE.Exec FUP" : "", c->os ? " PIP" : "",
		       vmcs ? " VMCS" : "");
	story(bench, expected); /* HW-104, HW-102, C-3 */
}

PTV_TEST(rules_packet, psb_contains_what_the_enables_allow)
{
	unsigned int i;

	for (i = 0; i < 48U; i++) {
		const struct content c = {.tsc = i & 1U,
					  .os = i & 2U,
					  .branch = i & 4U,
					  .conceal = i & 8U,
					  .vmx = i / 16U};

		expect_content(&c);
	}
}

PTV_TEST(rules_packet, vmcs_in_psb_needs_context_or_not)
{
	unsigned int needs;

	for (needs = 0; needs < 2U; needs++) {
		struct bench *bench = traced("skylake");

		bench->cfg.sw.psb_vmcs_needs_ctx = (uint8_t)needs; /* */
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
		bench_forget(bench);
		bench_ctl(bench, BENCH_CTL_ON & ~PTV_CTL_OS);
		story(bench, needs ? "PSB CBR PSBEND" : "PSB VMCS CBR PSBEND");
	}
}

/* A small buffer that overflows; TraceStop on [0x1000, 0x1fff]. */
static struct bench *overflowing(void)
{
	struct bench *bench = traced("skylake");
	uint64_t i;

	bench->cfg.timing.buf_bytes = 64;
	bench->cfg.timing.ovf_resolve_free = 32;
	bench->cfg.timing.drain_cycles = 128;
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_A, 0x1000), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B, 0x1fff), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON | UINT64_C(2) << 32);
	for (i = 0; !bench->lp.packet.ovf; i++)
		bench_branch(bench, PTV_RETIRE_JMP_IND, 1, BENCH_NLIP + (i << 16));
	return bench;
}

PTV_TEST(rules_packet, tracestop_in_an_overflow_stops_at_once)
{
	unsigned int delay;

	for (delay = 0; delay < 2U; delay++) {
		struct bench *bench = overflowing();

		bench->cfg.sw.ovf_tracestop = (uint8_t)delay; /* */
		bench_branch(bench, PTV_RETIRE_JMP, 1, 0x1000);
		PTV_EXPECT_EQ(bench->lp.rtit.stopped, 1); /* HW-113 */
		bench_forget(bench);
		bench_run(bench, 2000);
		story(bench, delay ? "OVF TraceStop" : "OVF");
		PTV_EXPECT_EQ(bench->lp.packet.ovf, 0);
	}
}

PTV_TEST(rules_packet, overflow_ends_with_ovf_then_the_fup_at_once)
{
	struct bench *bench = overflowing();

	bench_branch(bench, PTV_RETIRE_JMP, 1, UINT64_C(0xffffffff81000abc));
	bench_forget(bench);
	while (!bench->made)
		bench_clock(bench, NULL);
	PTV_EXPECT_STREQ(bench->story, "OVF");
	bench_clock(bench, NULL); /* HW-111: nothing comes between */
	PTV_EXPECT_STREQ(bench->story, "OVF FUP");
	bench = overflowing();
	bench_forget(bench);
	bench_ctl(bench, BENCH_CTL); /* HW-112: PacketEn is 0 when it ends */
	PTV_EXPECT_EQ(strncmp(bench->story, "OVF", 3), 0);
	PTV_EXPECT(strstr(bench->story, "FUP") == NULL);
}

/* What a random trace has shown. */
struct watched {
	uint64_t psbs, psb_at, nearest, farthest, packets;
	unsigned int before, after; /* enables: 1 Trigger, 2 Context, 4 Filter, 8 Branch */
	bool started;
};

static unsigned int enables_of(const struct bench *bench)
{
	const struct ptv_lp_rtit *rtit = &bench->lp.rtit;

	return (unsigned int)rtit->trigger_en | rtit->context_en * 2U | rtit->filter_en * 4U |
	       (rtit->ctl & PTV_CTL_BRANCH_EN ? 8U : 0U);
}

/* The enables without which the packet cannot be (HW-115). */
static unsigned int needs(enum ptv_packet kind)
{
	switch (kind) {
	case PTV_PKT_TNT:
	case PTV_PKT_TIP:
	case PTV_PKT_TIP_PGE:
	case PTV_PKT_TIP_PGD:
	case PTV_PKT_MODE_EXEC:
	case PTV_PKT_FUP:
		return 15;
	case PTV_PKT_PIP:
	case PTV_PKT_VMCS:
	case PTV_PKT_TRACESTOP:
		return 3;
	case PTV_PKT_PSB:
	case PTV_PKT_PSBEND:
	case PTV_PKT_CBR:
	case PTV_PKT_TSC:
	case PTV_PKT_OVF:
		return 1;
	case PTV_PKT_PAD:
	case PTV_PKT_NONE:
	case PTV_PKTS:
		break;
	}
	return 0;
}

static void watch(struct bench *bench, struct watched *seen)
{
	const enum ptv_packet kind = (enum ptv_packet)bench->out.packet_kind;

	if (!bench->out.packet_len)
		return;
	seen->packets++;
	seen->after = enables_of(bench);
	/* The event that makes a packet may itself change the enables. */
	if ((needs(kind) & ~seen->before) && (needs(kind) & ~seen->after))
		PTV_FAIL("%s with enables %u and %u", ptv_packet_name(kind), seen->before,
			 seen->after);
	if (kind != PTV_PKT_PSB)
		return;
	if (seen->started) {
		const uint64_t distance = bench->made - 16U - seen->psb_at;

		seen->nearest = distance < seen->nearest ? distance : seen->nearest;
		seen->farthest = distance > seen->farthest ? distance : seen->farthest;
	}
	seen->started = true;
	seen->psb_at = bench->made - 16U;
	seen->psbs++;
}

/* One branch, and the clocks until nothing stalls. */
static void retire(struct bench *bench, const struct ptv_pins_in *in, struct watched *seen)
{
	seen->before = enables_of(bench);
	bench_clock(bench, in);
	watch(bench, seen);
	while (bench->out.stall) {
		bench_clock(bench, NULL);
		watch(bench, seen);
	}
	bench->story[0] = '\0';
}

/* Payloads that look like packets, above all like PSB. */
static struct ptv_pins_in nasty(uint64_t *seed, unsigned int cpls)
{
	static const enum ptv_retire_kind kind[] = {PTV_RETIRE_JCC_TAKEN, PTV_RETIRE_JCC_NOT,
						    PTV_RETIRE_JMP_IND,	  PTV_RETIRE_RET,
						    PTV_RETIRE_FAR,	  PTV_RETIRE_INT,
						    PTV_RETIRE_JMP,	  PTV_RETIRE_MOV_CR3};
	static const uint64_t payload[] = {
		UINT64_C(0x8202820282028202), UINT64_C(0x0282028202820282),
		UINT64_C(0x0000028202820282), UINT64_C(0xffff820282028202),
		UINT64_C(0xffffffff82028202), UINT64_C(0x0000000082028202)};
	struct ptv_pins_in in = {.mode = PTV_EXEC_64};

	in.retire = (uint8_t)kind[random_next(seed) % PTV_ARRAY_SIZE(kind)];
	in.ip = payload[random_next(seed) % PTV_ARRAY_SIZE(payload)];
	in.target = payload[random_next(seed) % PTV_ARRAY_SIZE(payload)];
	in.cr3 = payload[random_next(seed) % PTV_ARRAY_SIZE(payload)] & UINT64_C(0xffffffffff000);
	in.cpl = random_next(seed) % 8U < cpls ? 3U : 0U;
	return in;
}

/*
 * Runs of the pattern. A payload before a PSB may end in its bytes: readers take the last 16 bytes
 * of a run.
 */
static uint64_t patterns(const struct bench *bench)
{
	static const uint8_t pattern[] = {0x02, 0x82};
	uint64_t count = 0, length = 0;
	size_t i = 0;

	while (i + 2U <= bench->stored && i + 2U <= BENCH_STREAM) {
		const bool more = memcmp(bench->stream + i, pattern, 2) == 0;

		if (!more)
			count += length >= 8U;
		length = more ? length + 1U : 0U;
		i += more ? 2U : 1U;
	}
	return count;
}

PTV_TEST(rules_packet, psb_pattern_comes_from_psb_alone_and_at_its_period)
{
	unsigned int freq;

	for (freq = 0; freq < 3U; freq++) {
		struct bench *bench = traced("skylake");
		struct watched seen = {.nearest = UINT64_MAX};
		uint64_t seed = SEED + freq, period = UINT64_C(2048) << freq;

		printf("seed %#llx\n", (unsigned long long)seed);
		bench_ctl(bench, BENCH_CTL_ON | (uint64_t)freq << 24);
		bench_settle(bench);
		while (bench->made < 600000U) {
			const struct ptv_pins_in in = nasty(&seed, 1);

			retire(bench, &in, &seen);
			bench_run(bench, 4);
		}
		bench_ctl(bench, BENCH_CTL);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_DROP], 0);
		PTV_EXPECT_EQ(patterns(bench), seen.psbs + 1U); /* HW-095; and that of the enable */
		PTV_EXPECT_GE(seen.nearest, period);		/* HW-065 */
		PTV_EXPECT_LT(seen.farthest, period + 64U);
		PTV_EXPECT_GE(seen.psbs, 600000U / (period + 64U));
	}
}

PTV_TEST(rules_packet, each_packet_has_the_enables_that_it_needs)
{
	uint64_t seed = SEED, round;
	struct watched seen = {.nearest = UINT64_MAX};
	struct bench *bench = NULL;

	printf("seed %#llx\n", (unsigned long long)seed);
	for (round = 0; round < 60000U; round++) {
		struct ptv_pins_in in;

		if (round % 500U == 0U) {
			const uint64_t roll = random_next(&seed);

			bench = traced("skylake");
			PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_ADDR0_B,
						  UINT64_C(0x82028202)),
				      PTV_FAULT_NONE);
			bench_ctl(bench, PTV_CTL_TRACE_EN | PTV_CTL_TOPA |
						 (roll & 1U ? PTV_CTL_OS : 0U) |
						 (roll & 2U ? PTV_CTL_USER : 0U) |
						 (roll & 4U ? PTV_CTL_BRANCH_EN : 0U) |
						 (roll & 8U ? PTV_CTL_TSC_EN : 0U) |
						 (roll >> 4) % 2U << 32);
			bench->cfg.timing.drain_cycles = roll & 32U ? 1U : 40U;
			bench_settle(bench);
		}
		in = nasty(&seed, 4); /* HW-115 */
		retire(bench, &in, &seen);
		bench_run(bench, random_next(&seed) % 8U);
	}
	PTV_EXPECT_GE(seen.packets, 10000);
}

PTV_TEST(rules_packet, entry_that_fails_makes_no_packet)
{
	struct bench *bench = traced("icelake");
	const struct ptv_pins_in enter = {.op = PTV_OP_VM_ENTRY,
					  .data = PTV_VMC_LOAD_RTIT,
					  .field = PTV_BIT(18),
					  .ip = BENCH_CLIP,
					  .target = 0x1000,
					  .mode = PTV_EXEC_64};

	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
	bench_forget(bench);
	(void)bench_op(bench, &enter); /* C-12, HW-134: late, exit reason 33 */
	PTV_EXPECT_EQ(bench->out.vmx_result, PTV_VMX_ENTRY_FAIL);
	PTV_EXPECT_EQ(bench->made, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_forget(bench);
	(void)bench_op(bench, &enter); /* C-12: early, VMfail 7 */
	PTV_EXPECT_EQ(bench->out.vmx_result, PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(bench->made, 0);
	PTV_EXPECT_EQ(bench->lp.rtit.trigger_en, 1);
}

PTV_TEST(rules_packet, illegal_encoding_in_the_field_fails_the_entry_or_not)
{
	unsigned int reserved_only;

	for (reserved_only = 0; reserved_only < 2U; reserved_only++) {
		struct bench *bench = traced("icelake");
		struct ptv_pins_in enter = {.op = PTV_OP_VM_ENTRY,
					    .data = PTV_VMC_LOAD_RTIT,
					    .field = UINT64_C(1) << 14, /* MTCFreq 1 */
					    .mode = PTV_EXEC_64};

		bench->cfg.sw.entry_field_check = (uint8_t)reserved_only; /* C-11 */
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, 0x5000), PTV_VMX_SUCCEED);
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
		(void)bench_op(bench, &enter);
		PTV_EXPECT_EQ(bench->out.vmx_result,
			      reserved_only ? PTV_VMX_SUCCEED : PTV_VMX_ENTRY_FAIL);
	}
}
