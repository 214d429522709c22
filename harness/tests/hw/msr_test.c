/* SPDX-License-Identifier: MIT */
/*
 * Goal: every access to an RTIT MSR faults when the documents say so (G1-G27), and only then;
 * writes have the effect that they are to have. Method: one-bit writes against masks that were read
 * from real parts; a table of hand-typed accesses; values read back.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL    PTV_MSR_RTIT_CTL
#define STATUS PTV_MSR_RTIT_STATUS
#define BASE   PTV_MSR_RTIT_OUTPUT_BASE
#define PTRS   PTV_MSR_RTIT_OUTPUT_MASK_PTRS
#define MATCH  PTV_MSR_RTIT_CR3_MATCH
#define ADDR0  PTV_MSR_RTIT_ADDR0_A

/* The bits whose change alone faults, each tried on an LP that has just been powered on. */
static uint64_t probe(struct bench *bench, uint32_t msr)
{
	uint64_t mask = 0;
	unsigned int bit;

	for (bit = 0; bit < 64U; bit++) {
		uint64_t value;

		ptv_lp_init(&bench->cfg, &bench->lp, 0);
		value = bench_rdmsr(bench, msr);
		if (bench_wrmsr(bench, msr, value ^ PTV_BIT(bit)) == PTV_FAULT_GP) {
			mask |= PTV_BIT(bit);
			PTV_EXPECT_EQ(bench_rdmsr(bench, msr), value);
		}
	}
	return mask;
}

/* The bits that a write of ones leaves as they were. */
static uint64_t ignored(struct bench *bench, uint32_t msr, uint64_t writable)
{
	ptv_lp_init(&bench->cfg, &bench->lp, 0);
	PTV_ASSERT_EQ(bench_wrmsr(bench, msr, writable), PTV_FAULT_NONE);
	return writable & ~bench_rdmsr(bench, msr);
}

PTV_TEST(rtit, one_bit_writes_fault_as_on_a_real_skylake)
{
	struct bench *bench = bench_new("skylake");

	PTV_EXPECT_EQ(probe(bench, CTL), UINT64_C(0xffffffccf887d070)); /* HW-005 */
	PTV_EXPECT_EQ(probe(bench, STATUS), UINT64_C(0xfffe0000ffffffc8));
	PTV_EXPECT_EQ(probe(bench, BASE), UINT64_C(0xffffff800000007f));
	PTV_EXPECT_EQ(probe(bench, PTRS), 0);
	PTV_EXPECT_EQ(ignored(bench, STATUS, UINT64_C(0x1ffff00000037)), UINT64_C(0xf00000007));
	PTV_EXPECT_EQ(ignored(bench, PTRS, UINT64_MAX), UINT64_C(0xf00000000)); /* HW-030 */
	bench->cfg.sw.cr3_match_rsvd = 1;
	PTV_EXPECT_EQ(probe(bench, MATCH), 0xfff); /* */
}

PTV_TEST(rtit, one_bit_writes_fault_as_on_a_real_broadwell)
{
	struct bench *bench = bench_new("broadwell");

	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), 0x2100);
	PTV_EXPECT_EQ(probe(bench, CTL), UINT64_C(0xffffffffffffd272)); /* HW-006 */
	PTV_EXPECT_EQ(ignored(bench, CTL, 0), 0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), 0x2100);
	PTV_EXPECT_EQ(probe(bench, STATUS), UINT64_C(0xffffffffffffffc8));
	PTV_EXPECT_EQ(probe(bench, BASE), UINT64_C(0xffffff800000007f));
	PTV_EXPECT_EQ(probe(bench, PTRS), UINT64_C(0xffffff80)); /* HW-031 */
	PTV_EXPECT_EQ(ignored(bench, PTRS, UINT64_C(0xffffffff0000007f)), UINT64_C(0x700000000));
	PTV_EXPECT_EQ(probe(bench, MATCH), 0x1f);
	bench->cfg.sw.cr3_match_rsvd = 2;
	PTV_EXPECT_EQ(probe(bench, MATCH), UINT64_C(0xffff00000000001f));
}

PTV_TEST(rtit, every_capability_gates_its_bits_of_ctl)
{
	static const struct {
		size_t cap;
		uint64_t bits;
	} gate[] = {
		{offsetof(struct ptv_caps, cr3filt), PTV_BIT(7)},
		{offsetof(struct ptv_caps, psbcyc), PTV_BIT(1) | UINT64_C(0x0f780000)},
		{offsetof(struct ptv_caps, mtc), PTV_BIT(9) | UINT64_C(0x3c000)},
		{offsetof(struct ptv_caps, ptw), PTV_BIT(5) | PTV_BIT(12)},
		{offsetof(struct ptv_caps, pwrevt), PTV_BIT(4)},
		{offsetof(struct ptv_caps, psbpmi), PTV_BIT(56)},
		{offsetof(struct ptv_caps, evt), PTV_BIT(31)},
		{offsetof(struct ptv_caps, distnt), PTV_BIT(55)},
		{offsetof(struct ptv_caps, topa), PTV_BIT(8)},
		{offsetof(struct ptv_caps, fabric), PTV_BIT(6)},
	};
	struct bench *bench = bench_new("skylake");
	struct ptv_caps *caps = &bench->cfg.caps;
	size_t i;

	memset(caps, 1, offsetof(struct ptv_caps, lip));
	caps->mtc_freqs = caps->cyc_thresholds = caps->psb_freqs = 0xffff;
	caps->ranges = 4;
	PTV_EXPECT_EQ(probe(bench, CTL), UINT64_C(0xfe7fcccc70840000)); /* HW-002 */
	for (i = 0; i < PTV_ARRAY_SIZE(gate); i++) {
		uint8_t *cap = (uint8_t *)caps + gate[i].cap;

		*cap = 0;
		PTV_EXPECT_EQ(probe(bench, CTL) & gate[i].bits, gate[i].bits);
		*cap = 1;
	}
}

PTV_TEST(rtit, encodings_are_legal_as_cpuid_lists_them)
{
	struct bench *bench = bench_new("skylake");
	unsigned int code, n;

	for (code = 0; code < 16U; code++) {
		const bool mtc = (0x0249U >> code & 1U) != 0, cyc = (0x3fffU >> code & 1U) != 0;
		const bool psb = (0x003fU >> code & 1U) != 0;

		PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, (uint64_t)code << 14),
			      mtc ? 0 : PTV_FAULT_GP); /* HW-003, HW-021 */
		PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, (uint64_t)code << 19),
			      cyc ? 0 : PTV_FAULT_GP);
		PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, (uint64_t)code << 24),
			      psb ? 0 : PTV_FAULT_GP);
		for (n = 0; n < 2U; n++)
			PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, (uint64_t)code << (32U + 4U * n)),
				      code <= 2U ? 0 : PTV_FAULT_GP); /* HW-022 */
	}
}

/* One access and what comes of it. */
struct access {
	const char *row; /* of the table of faulting accesses */
	const char *machine;
	uint64_t ctl; /* written first; 0: tracing stays off */
	uint32_t msr;
	uint64_t value;
	enum ptv_fault fault;
};

#define OK PTV_FAULT_NONE
#define GP PTV_FAULT_GP

static const struct access accesses[] = {
	{"G6", "skylake", 0, ADDR0 + 3U, 0, OK},
	{"G6", "skylake", 0, ADDR0 + 4U, 0, GP},
	{"G6", "broadwell", 0, ADDR0, 0, GP},
	{"G7", "skylake", BENCH_CTL_ON, BASE, BENCH_TABLE, GP},
	{"G7", "skylake", BENCH_CTL_ON, PTRS, 0x7f, GP},
	{"G7", "skylake", BENCH_CTL_ON, STATUS, 0, GP},
	{"G7", "skylake", BENCH_CTL_ON, MATCH, 0, GP},
	{"G7", "skylake", BENCH_CTL_ON, ADDR0, 0, GP},
	{"G8", "skylake", BENCH_CTL_ON, CTL, BENCH_CTL_ON | PTV_CTL_TSC_EN, GP},
	{"G8", "skylake", BENCH_CTL_ON, CTL, BENCH_CTL_ON & ~PTV_CTL_OS, GP},
	{"G9", "skylake", BENCH_CTL_ON, CTL, BENCH_CTL_ON, OK},
	{"G10", "skylake", BENCH_CTL_ON, CTL, PTV_CTL_USER | PTV_CTL_TSC_EN, OK},
	{"G11", "skylake", 0, CTL, PTV_BIT(18), GP},
	{"G12", "skylake", 0, CTL, UINT64_C(1) << 14, GP},
	{"G14", "skylake", 0, CTL, PTV_CTL_TRACE_EN, OK},
	{"G14", "broadwell+mentry", 0, CTL, PTV_CTL_TRACE_EN | PTV_CTL_BRANCH_EN, GP},
	{"G16", "broadwell", 0, CTL, PTV_CTL_TRACE_EN | PTV_CTL_TOPA, GP},
	{"G16", "broadwell", 0, CTL, PTV_CTL_OS, OK},
	{"G17", "skylake", 0, STATUS, PTV_BIT(3), GP},
	{"G17", "skylake", 0, STATUS, PTV_STATUS_PEND_PSB, GP},
	{"G17", "broadwell", 0, STATUS, PTV_BIT(40), GP},
	{"G18", "skylake", 0, STATUS, 7, OK},
	{"G19", "skylake", 0, BASE, 0x40, GP},
	{"G19", "skylake", 0, BASE, PTV_BIT(39), GP},
	{"G19", "skylake", 0, BASE, 0x80, OK},
	{"G20", "skylake", 0, PTRS, 0, OK},
	{"G21", "broadwell", 0, PTRS, 0x80, GP},
	{"G21", "broadwell+mentry", 0, PTRS, 0x80, OK},
	{"G22", "skylake", 0, MATCH, 0x10, GP},
	{"G22", "skylake", 0, MATCH, 0x20, OK},
	{"G23", "skylake", 0, ADDR0, UINT64_C(0x0000800000000000), GP},
	{"G23", "skylake", 0, ADDR0, UINT64_C(0xffff7fffffffffff), GP},
	{"G23", "skylake", 0, ADDR0, UINT64_C(0xffff800000000000), OK},
	{"G26", "skylake", 0, PTV_MSR_PERF_GLOBAL_STATUS, 0, GP},
	{"G27", "skylake", 0, PTV_MSR_PERF_GLOBAL_OVF_CTRL, PTV_GS_TOPA_PMI, OK},
	{"391H", "broadwell", 0, PTV_MSR_PERF_GLOBAL_STATUS_SET, PTV_GS_TOPA_PMI, GP},
	{"391H", "skylake", 0, PTV_MSR_PERF_GLOBAL_STATUS_SET, PTV_GS_TOPA_PMI, OK},
	{"485H", "skylake", 0, PTV_MSR_VMX_MISC, 0, GP},
};

PTV_TEST(rtit, writes_fault_row_by_row_of_the_table)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(accesses); i++) {
		const struct access *row = &accesses[i];
		struct bench *bench = bench_new(row->machine);
		uint64_t before;

		bench_one_region(bench, 0, 0);
		if (row->ctl)
			bench_ctl(bench, row->ctl);
		before = bench_rdmsr(bench, CTL);
		if (bench_wrmsr(bench, row->msr, row->value) != row->fault)
			PTV_FAIL("%s: %s, write of %#llx to %#x", row->row, row->machine,
				 (unsigned long long)row->value, (unsigned int)row->msr);
		if (row->fault == GP)
			PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), before); /* HW-016 */
	}
}

PTV_TEST(rtit, reads_of_existing_registers_never_fault)
{
	static const uint32_t msr[] = {BASE,  PTRS,  CTL,	 STATUS,
				       MATCH, ADDR0, ADDR0 + 3U, PTV_MSR_VMX_MISC};
	struct bench *bench = bench_new("skylake");
	unsigned int pass;
	size_t i;

	bench_one_region(bench, 0, 0);
	for (pass = 0; pass < 3U; pass++) {
		for (i = 0; i < PTV_ARRAY_SIZE(msr); i++) {
			(void)bench_rdmsr(bench, msr[i]);
			PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_NONE); /* HW-034 */
		}
		if (pass == 0U)
			bench_ctl(bench, BENCH_CTL_ON);
		else
			PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, pass == 1U ? 0x5000U : 0U),
				      pass == 1U ? PTV_VMX_SUCCEED : PTV_VMX_FAIL_INVALID);
	}
}

PTV_TEST(rtit, access_from_user_code_faults)
{
	struct bench *bench = bench_new("skylake");
	struct ptv_pins_in in = {.op = PTV_OP_RDMSR, .msr = CTL, .cpl = 3};

	(void)bench_op(bench, &in);
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_GP); /* G1 */
	in.op = PTV_OP_WRMSR;
	(void)bench_op(bench, &in);
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_GP);
	in.cpl = 0;
	(void)bench_op(bench, &in);
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_NONE);
}

PTV_TEST(rtit, same_value_with_tracing_on_has_no_effect_at_all)
{
	struct bench *bench = bench_new("skylake");
	uint64_t status;

	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	status = bench_rdmsr(bench, STATUS);
	bench_forget(bench);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL_ON), PTV_FAULT_NONE); /* HW-012 */
	PTV_EXPECT_EQ(bench->made, 0);
	PTV_EXPECT_EQ(bench->lp.fifo.flush, 0);
	PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS), status);
}

PTV_TEST(rtit, clearing_write_may_change_other_bits_unless_the_switch_forbids)
{
	struct bench *bench = bench_new("skylake");

	bench->cfg.sw.ctl_clear_may_change = 0;
	bench_one_region(bench, 0, 0);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL & ~PTV_CTL_OS), PTV_FAULT_GP); /* */
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL), PTV_FAULT_NONE);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL);
}

PTV_TEST(rtit, effect_comes_exactly_after_the_latency_of_wrmsr)
{
	struct bench *bench = bench_new("skylake");
	struct ptv_pins_in in = {.op = PTV_OP_WRMSR, .msr = MATCH, .data = 0x1000};

	bench_clock(bench, &in);
	PTV_EXPECT_EQ(bench->out.busy, 1);
	bench_run_to(bench, 150);
	PTV_EXPECT_EQ(bench->lp.rtit.cr3_match, 0);
	PTV_EXPECT_EQ(bench->out.done, 0);
	bench_clock(bench, NULL); /* the clock of cycle 150 */
	PTV_EXPECT_EQ(bench->lp.rtit.cr3_match, 0x1000);
	PTV_EXPECT_EQ(bench->out.done, 1);
	PTV_EXPECT_EQ(bench->out.busy, 0);
}

PTV_TEST(rtit, nothing_is_accepted_while_an_operation_is_in_progress)
{
	struct bench *bench = bench_new("skylake");
	struct ptv_pins_in in = {.op = PTV_OP_WRMSR, .msr = MATCH, .data = 0x1000};

	bench_clock(bench, &in);
	in.data = 0x2000;
	bench_clock(bench, &in);
	bench_run(bench, 1000);
	PTV_EXPECT_EQ(bench->lp.rtit.cr3_match, 0x1000);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_MSR], 1);
}

PTV_TEST(rtit, resets_clear_what_they_are_to_clear)
{
	static const struct {
		const char *machine;
		uint64_t warm; /* data of the reset */
		uint64_t ctl, match;
	} row[] = {
		{"skylake", 0, 0, 0},
		{"skylake", 1, BENCH_CTL, 0x1000},
		{"broadwell", 0, 0x2100, 0},
		{"broadwell", 1, 0x2100, 0},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		struct bench *bench = bench_new(row[i].machine);
		struct ptv_pins_in in = {.op = PTV_OP_RESET, .data = row[i].warm};

		PTV_EXPECT_EQ(bench_wrmsr(bench, MATCH, 0x1000), PTV_FAULT_NONE);
		bench_one_region(bench, 0, 0);
		bench_ctl(bench, BENCH_CTL_ON);
		(void)bench_op(bench, &in); /* HW-044 */
		PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), row[i].ctl);
		PTV_EXPECT_EQ(bench_rdmsr(bench, MATCH), row[i].match);
		PTV_EXPECT_EQ(bench_rdmsr(bench, STATUS) & PTV_STATUS_TRIGGER_EN, 0);
		PTV_EXPECT_EQ(ptv_lp_buffered(&bench->lp), 0);
	}
}
