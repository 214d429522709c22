/* SPDX-License-Identifier: MIT */
/*
 * Goal: a leap equals as many steps, and the order of the units does not matter, whatever happens
 * meanwhile. Method: two processors get the same random input; between inputs one steps and the
 * other leaps. State, buffered bytes and observations are compared all along. The seed is printed
 * first; what happened is counted, and must be a lot.
 */
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define SEED	 UINT64_C(0x5eed5eed12345678)
#define REGIONS	 4U
#define VMXON	 0x5000U
#define VMCS	 0x7000U
#define LOG_SIZE 4096U

/* Observations of one side, in order. */
struct log {
	size_t count;
	uint64_t total[PTV_OBS_KINDS];
	uint64_t errors, stops;
	struct {
		uint64_t cycle, a, b, c;
		uint32_t kind, by;
	} item[LOG_SIZE];
};

struct side {
	struct ptv_lp lp;
	uint8_t fifo[PTV_FIFO_MAX];
	struct log log;
};

static struct side stepped, leapt;
static struct ptv_cpu_cfg cfg;
static struct ptv_mem mem;
static struct ptv_pins_out last_out;
/* Of the test of the units' order. */
static uint64_t dark_branches, dark_nmis, plain_dark, plain_traced, plain_bits;

static uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x * UINT64_C(0x2545f4914f6cdd1d) >> 16;
}

static void note(void *ctx, enum ptv_obs_kind kind, enum ptv_by by, uint64_t a, uint64_t b,
		 uint64_t c)
{
	struct side *side = ctx;
	struct log *log = &side->log;

	PTV_ASSERT(log->count < LOG_SIZE);
	memset(&log->item[log->count], 0, sizeof(log->item[0]));
	log->item[log->count].cycle = side->lp.timer.cycle;
	log->item[log->count].a = a;
	log->item[log->count].b = b;
	log->item[log->count].c = c;
	log->item[log->count].kind = kind;
	log->item[log->count].by = by;
	log->count++;
	log->total[kind]++;
	if (kind == PTV_OBS_TRIGGER_EN && b == PTV_CAUSE_ERROR)
		log->errors++;
	if (kind == PTV_OBS_TRIGGER_EN && (b == PTV_CAUSE_STOP || b == PTV_CAUSE_TRACESTOP))
		log->stops++;
}

/* One clock of one side. */
static void clock_side(struct side *side, const struct ptv_pins_in *given, struct ptv_pins_out *out)
{
	const struct ptv_lp_run run = {&cfg, &mem, NULL, NULL};
	struct ptv_pins_in in = *given;
	struct ptv_lp next;
	const struct ptv_lp_clock clock = {&side->lp, &next, &in, out, PTV_BY_HW};

	ptv_mem_answer(&run, &side->lp, &in);
	ptv_lp_step(&cfg, &side->lp, &in, &next, out, side->fifo);
	ptv_lp_observe(&clock, note, side);
	side->lp = next;
}

/* Both sides stand where they should: the same. */
static void compare(uint64_t round)
{
	const bool same_state = memcmp(&stepped.lp, &leapt.lp, sizeof(stepped.lp)) == 0;
	const bool same_log = stepped.log.count == leapt.log.count &&
			      memcmp(stepped.log.item, leapt.log.item,
				     stepped.log.count * sizeof(stepped.log.item[0])) == 0;
	uint32_t i;

	if (!same_state || !same_log)
		PTV_FAIL("round %llu, cycle %llu: state %s, observations %s",
			 (unsigned long long)round, (unsigned long long)stepped.lp.timer.cycle,
			 same_state ? "same" : "differs", same_log ? "same" : "differ");
	PTV_ASSERT(same_state && same_log);
	for (i = 0; i < stepped.lp.fifo.level; i++) {
		const uint32_t at = (stepped.lp.fifo.rd + i) % PTV_FIFO_MAX;

		PTV_ASSERT(stepped.fifo[at] == leapt.fifo[at]);
	}
	stepped.log.count = 0;
	leapt.log.count = 0;
}

static void run_both(uint64_t clocks)
{
	const struct ptv_lp_run run = {&cfg, &mem, note, &leapt};
	const struct ptv_pins_in none = {0};
	uint64_t i;

	for (i = 0; i < clocks; i++)
		clock_side(&stepped, &none, &last_out);
	ptv_lp_leap(&run, &leapt.lp, leapt.fifo, clocks);
}

static void input_both(const struct ptv_pins_in *in)
{
	struct ptv_pins_out out;

	clock_side(&stepped, in, &last_out);
	clock_side(&leapt, in, &out);
	PTV_ASSERT(memcmp(&out, &last_out, sizeof(out)) == 0);
}

static void operate(const struct ptv_pins_in *in)
{
	while (last_out.stall)
		run_both(1);
	input_both(in);
	while (!last_out.done)
		run_both(1);
}

static void wrmsr(uint32_t msr, uint64_t value)
{
	const struct ptv_pins_in in = {.op = PTV_OP_WRMSR,
				       .msr = msr,
				       .data = value,
				       .ip = BENCH_CLIP,
				       .target = BENCH_NLIP};

	operate(&in);
}

/* A machine, latencies and switches at random. */
static void configure(uint64_t *seed)
{
	size_t count, i;
	const struct ptv_machine_row *machines = ptv_machine_rows(&count);
	const struct ptv_param_row *row;
	const char *const fast[] = {"wrmsr",   "rdmsr",	 "vmxon",   "vmxoff",
				    "vmentry", "vmexit", "vmptrld", "flush_fix"};

	memset(&cfg, 0, sizeof(cfg));
	cfg.caps = machines[random_next(seed) % count].caps;
	ptv_switches_default(&cfg.sw);
	ptv_timing_default(&cfg.timing);
	row = ptv_timing_rows(&count);
	for (i = 0; i < count; i++) {
		const uint64_t span = (uint64_t)row[i].max - row[i].min + 1U;

		PTV_ASSERT(ptv_timing_set(&cfg.timing, row[i].name,
					  row[i].min + random_next(seed) % span) == 0);
	}
	for (i = 0; i < PTV_ARRAY_SIZE(fast); i++)
		PTV_ASSERT(ptv_timing_set(&cfg.timing, fast[i], 100U) == 0);
	if (random_next(seed) % 4U == 0U) {
		for (i = 0; i < count; i++) {
			if (strcmp(row[i].unit, "cycles") == 0)
				((uint32_t *)&cfg.timing)[i] = 0; /* exploration without time */
		}
	}
	cfg.timing.pmi %= 1000U;
	cfg.timing.drain_cycles %= 16U;
	row = ptv_switch_rows(&count);
	for (i = 0; i < count; i++) {
		if (random_next(seed) % 4U == 0U && strcmp(row[i].name, "mute_packets") != 0)
			((uint8_t *)&cfg.sw)[i] = (uint8_t)(random_next(seed) % 2U);
	}
}

/* A table of small regions; now and then a bad one. */
static void write_table(uint64_t *seed)
{
	const uint64_t regions = cfg.caps.mentry ? REGIONS : 1U;
	uint64_t i;

	for (i = 0; i < regions; i++) {
		uint64_t entry = bench_entry(BENCH_REGION + i * 0x10000U, 0, 0);

		entry |= random_next(seed) % 2U ? PTV_TOPA_INT : 0U;
		entry |= random_next(seed) % 8U == 0U ? PTV_TOPA_STOP : 0U;
		entry |= random_next(seed) % 16U == 0U ? PTV_BIT(1) : 0U;
		PTV_ASSERT(ptv_mem_write(&mem, BENCH_TABLE + 8U * i, entry));
	}
	PTV_ASSERT(ptv_mem_write(&mem, BENCH_TABLE + 8U * regions, BENCH_TABLE | PTV_TOPA_END));
}

static void restart(uint64_t *seed)
{
	const uint64_t keep = cfg.caps.psbcyc && random_next(seed) % 2U ? UINT64_C(0x100) << 32
									: 0U;
	const uint64_t range =
		cfg.caps.ipfilt && random_next(seed) % 4U == 0U ? UINT64_C(0x21) << 32 : 0U;
	const uint64_t ctl = BENCH_CTL_ON | (random_next(seed) % 2U ? PTV_CTL_TSC_EN : 0U);

	wrmsr(PTV_MSR_RTIT_CTL, BENCH_CTL);
	write_table(seed);
	wrmsr(PTV_MSR_RTIT_STATUS, keep);
	wrmsr(PTV_MSR_RTIT_OUTPUT_BASE, BENCH_TABLE);
	wrmsr(PTV_MSR_RTIT_OUTPUT_MASK_PTRS, (192U + random_next(seed) % 64U) << 36 | 0x7fU);
	wrmsr(PTV_MSR_RTIT_ADDR0_A, UINT64_C(0xffffffff80000000));
	wrmsr(PTV_MSR_RTIT_ADDR0_B, UINT64_C(0xfffffffff0000000));
	wrmsr(PTV_MSR_RTIT_ADDR1_A, UINT64_C(0xffffffff81000000));
	wrmsr(PTV_MSR_RTIT_ADDR1_B, UINT64_C(0xffffffff8100ffff));
	wrmsr(PTV_MSR_RTIT_CTL, ctl | range);
}

static void vmx(uint64_t *seed)
{
	static const enum ptv_op next[PTV_VMX_MODES][3] = {
		{PTV_OP_VMXON, PTV_OP_VMXON, PTV_OP_VMPTRLD},
		{PTV_OP_VMPTRLD, PTV_OP_VM_ENTRY, PTV_OP_VMXOFF},
		{PTV_OP_VM_EXIT, PTV_OP_VM_EXIT, PTV_OP_VM_EXIT}};
	const enum ptv_op op = next[stepped.lp.vmx.mode][random_next(seed) % 3U];
	struct ptv_pins_in in = {
		.op = (uint8_t)op, .ip = BENCH_CLIP, .target = BENCH_NLIP, .mode = PTV_EXEC_64};

	in.cr3 = random_next(seed) % 4U << 12;
	in.cpl = random_next(seed) % 2U && (op == PTV_OP_VM_ENTRY || op == PTV_OP_VM_EXIT) ? 3U
											   : 0U;
	in.field = op == PTV_OP_VM_ENTRY ? BENCH_CTL_ON : 0U;
	in.data = op == PTV_OP_VMXON	 ? VMXON
		  : op == PTV_OP_VMPTRLD ? VMCS
					 : random_next(seed) % 32U;
	operate(&in);
}

static void branch(uint64_t *seed)
{
	const uint64_t roll = random_next(seed);
	const unsigned int pick = (unsigned int)(roll % 64U);
	struct ptv_pins_in in = {.ip = BENCH_CLIP, .mode = PTV_EXEC_64, .cr3 = stepped.lp.cpu.cr3};

	in.retire = (uint8_t)(pick < 24U ? PTV_RETIRE_JCC_TAKEN + roll / 64U % 2U
			      : pick < 48U
				      ? PTV_RETIRE_JMP_IND
				      : PTV_RETIRE_JCC_TAKEN +
						roll / 64U % (PTV_RETIRES - PTV_RETIRE_JCC_TAKEN));
	in.target = UINT64_C(0xffffffff80000000) + (roll >> 20) % 0x2000000U;
	in.cpl = pick == 63U ? 3U : 0U;
	if (in.retire == PTV_RETIRE_MOV_CR3)
		in.cr3 = (roll >> 30) % 4U << 12;
	if (in.retire == PTV_RETIRE_INT)
		in.vector = last_out.nmi ? PTV_INT_NMI : PTV_INT_NONE;
	if (last_out.nmi) {
		in.retire = PTV_RETIRE_INT;
		in.vector = PTV_INT_NMI;
	}
	input_both(&in);
}

static void act(uint64_t *seed)
{
	const uint64_t roll = random_next(seed) % 1024U;

	if (roll < 4U)
		vmx(seed);
	else if (roll < 6U || (!stepped.lp.rtit.trigger_en && roll < 200U))
		restart(seed);
	else if (roll < 10U)
		wrmsr(PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI);
	else if (roll < 12U)
		wrmsr(PTV_MSR_PERF_GLOBAL_OVF_CTRL, PTV_GS_TOPA_PMI);
	else if (!last_out.stall)
		branch(seed);
}

static void start_world(uint64_t *seed)
{
	configure(seed);
	memset(&mem, 0, sizeof(mem));
	memset(stepped.fifo, 0, sizeof(stepped.fifo));
	memset(leapt.fifo, 0, sizeof(leapt.fifo));
	memset(&last_out, 0, sizeof(last_out));
	ptv_lp_init(&cfg, &stepped.lp, 0);
	ptv_lp_init(&cfg, &leapt.lp, 0);
	wrmsr(PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI);
	restart(seed);
}

PTV_TEST(leap, equals_steps_in_state_and_observations_on_busy_traces)
{
	const uint64_t *total = stepped.log.total;
	uint64_t seed = SEED, round;

	printf("seed %#llx\n", (unsigned long long)seed);
	memset(&stepped, 0, sizeof(stepped));
	memset(&leapt, 0, sizeof(leapt));
	for (round = 0; round < 200000U; round++) {
		if (round % 2000U == 0U)
			start_world(&seed);
		act(&seed);
		run_both(random_next(&seed) % 24U * (random_next(&seed) % 64U == 0U ? 100U : 1U));
		compare(round);
	}
	printf("%llu packets, %llu stores, %llu region ends, %llu PMIs, %llu deliveries, "
	       "%llu drops, %llu stops, "
	       "%llu errors, %llu VMX operations, %llu changes of VMX mode, %llu TraceEn changes\n",
	       (unsigned long long)total[PTV_OBS_PACKET], (unsigned long long)total[PTV_OBS_STORE],
	       (unsigned long long)total[PTV_OBS_REGION_END],
	       (unsigned long long)total[PTV_OBS_PMI_RAISED],
	       (unsigned long long)total[PTV_OBS_LVT], (unsigned long long)total[PTV_OBS_DROP],
	       (unsigned long long)stepped.log.stops, (unsigned long long)stepped.log.errors,
	       (unsigned long long)total[PTV_OBS_VMX_OP],
	       (unsigned long long)total[PTV_OBS_VMX_MODE],
	       (unsigned long long)total[PTV_OBS_TRACE_EN]);
	PTV_EXPECT_GE(total[PTV_OBS_PACKET], 10000);
	PTV_EXPECT_GE(total[PTV_OBS_REGION_END], 100);
	PTV_EXPECT_GE(total[PTV_OBS_PMI_RAISED], 100);
	PTV_EXPECT_GE(total[PTV_OBS_DROP], 100);
	PTV_EXPECT_GE(stepped.log.stops, 10);
	PTV_EXPECT_GE(stepped.log.errors, 5);
	PTV_EXPECT_GE(total[PTV_OBS_VMX_OP], 100);
	PTV_EXPECT_GE(total[PTV_OBS_VMX_MODE], 100);
}

PTV_TEST(leap, next_event_names_the_first_clock_in_which_anything_changes)
{
	uint64_t seed = SEED + 1U, round, quiet = 0;
	const struct ptv_pins_in none = {0};

	memset(&stepped, 0, sizeof(stepped));
	memset(&leapt, 0, sizeof(leapt));
	start_world(&seed);
	for (round = 0; round < 5000U; round++) {
		const struct ptv_lp_run run = {&cfg, &mem, NULL, NULL};
		const uint64_t event = ptv_lp_next_event(&cfg, &stepped.lp);
		const uint64_t answer = ptv_mem_answer_at(&run, &stepped.lp);
		const uint64_t at = event < answer ? event : answer;
		struct ptv_lp before;

		stepped.log.count = leapt.log.count = 0;
		if (at == PTV_NEVER || round % 4U == 0U) {
			act(&seed);
			continue;
		}
		while (stepped.lp.timer.cycle < at) {
			before = stepped.lp;
			clock_side(&stepped, &none, &last_out);
			before.timer.cycle++;
			PTV_ASSERT(memcmp(&before, &stepped.lp, sizeof(before)) == 0);
			quiet++;
		}
		PTV_ASSERT(stepped.log.count == 0U);
		before = stepped.lp;
		clock_side(&stepped, &none, &last_out);
		before.timer.cycle++;
		PTV_ASSERT(memcmp(&before, &stepped.lp, sizeof(before)) != 0);
		leapt.lp = stepped.lp;
		memcpy(leapt.fifo, stepped.fifo, sizeof(leapt.fifo));
	}
	PTV_EXPECT_GE(quiet, 1000);
}

static void shuffle(uint64_t *seed, enum ptv_lp_unit order[PTV_LP_UNITS])
{
	unsigned int i;

	for (i = 0; i < PTV_LP_UNITS; i++)
		order[i] = (enum ptv_lp_unit)i;
	for (i = PTV_LP_UNITS - 1U; i > 0U; i--) {
		const unsigned int j = (unsigned int)(random_next(seed) % (i + 1U));
		const enum ptv_lp_unit swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
}

/* The same clock as a leap over plain branches takes it, where the branch is one: pins other than
 * levels are not driven, those stay, and there is nothing to observe. */
static void leap_in_place(const struct ptv_pins_in *pins, const struct ptv_lp *want,
			  const struct ptv_pins_out *want_out)
{
	const bool dark = !(stepped.lp.rtit.ctl & PTV_CTL_TRACE_EN);
	struct ptv_lp lp = stepped.lp;

	if (!pins->retire || pins->op || pins->emit || pins->mem_ack ||
	    stepped.lp.op.op != PTV_OP_NONE ||
	    ptv_lp_next_event(&cfg, &stepped.lp) <= stepped.lp.timer.cycle)
		return;
	if (!ptv_lp_retire_plain(&cfg, &lp, pins)) {
		PTV_ASSERT(memcmp(&lp, &stepped.lp, sizeof(lp)) == 0);
		return;
	}
	PTV_ASSERT(memcmp(&lp, want, sizeof(lp)) == 0);
	PTV_ASSERT(!want_out->busy && !want_out->stall && !want_out->packet_len);
	PTV_ASSERT(want_out->nmi == (stepped.lp.pmi.nmi && !stepped.lp.pmi.blocked));
	PTV_ASSERT(want_out->irq == stepped.lp.pmi.irq);
	PTV_ASSERT(stepped.log.count == 0U);
	plain_dark += dark;
	plain_traced += !dark;
	plain_bits += stepped.lp.packet.tnt_count != lp.packet.tnt_count;
}

/* The same clock in place, and its observations. */
static void step_in_place(const struct ptv_pins_in *pins, const struct ptv_lp *want,
			  const struct ptv_pins_out *want_out)
{
	const struct ptv_lp_run run = {&cfg, &mem, note, &leapt};
	const struct ptv_lp_clock clock = {&stepped.lp, want, pins, want_out, PTV_BY_WORK};
	const uint64_t cycle = stepped.lp.timer.cycle;
	struct ptv_pins_out out;

	leapt.lp = stepped.lp;
	memcpy(leapt.fifo, stepped.fifo, sizeof(leapt.fifo));
	ptv_lp_step_observed(&run, &leapt.lp, pins, PTV_BY_WORK, &out, leapt.fifo);
	ptv_lp_observe(&clock, note, &stepped);
	PTV_ASSERT(memcmp(&leapt.lp, want, sizeof(*want)) == 0);
	PTV_ASSERT(memcmp(&out, want_out, sizeof(out)) == 0);
	PTV_ASSERT(stepped.log.count == leapt.log.count);
	PTV_ASSERT(memcmp(stepped.log.item, leapt.log.item,
			  stepped.log.count * sizeof(stepped.log.item[0])) == 0);
	PTV_ASSERT(stepped.log.count == 0U || leapt.log.item[0].cycle == cycle);
	leap_in_place(pins, want, want_out);
	if (pins->retire && !(stepped.lp.rtit.ctl & PTV_CTL_TRACE_EN)) {
		dark_branches++;
		dark_nmis += pins->retire == PTV_RETIRE_INT && stepped.lp.pmi.nmi;
	}
}

/* The clock that the last action begins, again with the units in another order, and in place. */
static void step_shuffled(uint64_t *seed, const struct ptv_pins_in *in)
{
	const struct ptv_lp_run run = {&cfg, &mem, NULL, NULL};
	enum ptv_lp_unit order[PTV_LP_UNITS];
	struct ptv_pins_in pins = *in;
	struct ptv_pins_out out_a, out_b;
	struct ptv_lp a, b;

	ptv_mem_answer(&run, &stepped.lp, &pins);
	memcpy(leapt.fifo, stepped.fifo, sizeof(leapt.fifo));
	shuffle(seed, order);
	ptv_lp_step(&cfg, &stepped.lp, &pins, &a, &out_a, stepped.fifo);
	ptv_lp_step_in_order(&cfg, &stepped.lp, &pins, &b, &out_b, leapt.fifo, order);
	PTV_ASSERT(memcmp(&a, &b, sizeof(a)) == 0);
	PTV_ASSERT(memcmp(&out_a, &out_b, sizeof(out_a)) == 0);
	PTV_ASSERT(memcmp(stepped.fifo, leapt.fifo, sizeof(leapt.fifo)) == 0);
	step_in_place(&pins, &a, &out_a);
	PTV_ASSERT(memcmp(stepped.fifo, leapt.fifo, sizeof(leapt.fifo)) == 0);
	stepped.lp = a;
	last_out = out_a;
}

PTV_TEST(leap, units_in_any_order_come_to_the_same)
{
	uint64_t seed = SEED + 2U, round;

	memset(&stepped, 0, sizeof(stepped));
	memset(&leapt, 0, sizeof(leapt));
	for (round = 0; round < 20000U; round++) {
		const struct ptv_pins_in none = {0};
		struct ptv_pins_in in = {.mode = PTV_EXEC_64,
					 .cr3 = random_next(&seed) % 4U << 12,
					 .target = BENCH_NLIP};

		if (round % 2000U == 0U)
			start_world(&seed);
		if (round % 100U == 0U && !last_out.stall)
			act(&seed);
		if (round % 10U == 0U)
			stepped.lp.pmi.nmi = 1; /* otherwise rare while nothing traces */
		leapt.lp = stepped.lp;
		stepped.log.count = leapt.log.count = 0;
		in.retire = (uint8_t)(random_next(&seed) % PTV_RETIRES);
		in.vector = (uint8_t)(random_next(&seed) % PTV_INTS);
		in.op = random_next(&seed) % 64U == 0U ? (uint8_t)(random_next(&seed) % PTV_OPS)
						       : 0U;
		in.msr = PTV_MSR_RTIT_CTL;
		in.data = random_next(&seed) % 2U ? BENCH_CTL_ON : BENCH_CTL;
		step_shuffled(&seed, random_next(&seed) % 4U == 0U ? &in : &none);
		leapt.lp = stepped.lp;
		memcpy(leapt.fifo, stepped.fifo, sizeof(leapt.fifo));
	}
	PTV_EXPECT_GT(dark_branches, 300);
	PTV_EXPECT_GT(dark_nmis, 10);
	PTV_EXPECT_GT(plain_dark, 200);
	PTV_EXPECT_GT(plain_traced, 200);
	PTV_EXPECT_GT(plain_bits, 50);
}
