/* SPDX-License-Identifier: MIT */
/*
 * Goal: every access to the RTIT MSRs and every VMX operation comes out as the manual says, on each
 * processor, whatever came before. Method: a second register file, written from SDM Vol. 3, 36.2.7,
 * 23.8 and ch. 30 alone and with CPUID's numbers as literals, follows random sequences; fault,
 * result and all MSRs must agree after each operation. No packets are made.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define STEPS  10000U
#define REGION UINT64_C(0x6000) /* VMXON */
#define TE     UINT64_C(1)

/* What the dumps say of a processor, in numbers. */
struct part {
	const char *machine;
	uint64_t ctl_reserved; /* encodings apart */
	uint64_t unit;	       /* of OutputOffset */
	unsigned int mtc_map, cyc_map, psb_map, ranges, maxphyaddr, perfmon;
	bool wired, pt_in_vmx, load;
};

static const struct part parts[] = {
	{"broadwell", UINT64_C(0xffffffffffffd272), 8, 1, 1, 1, 0, 39, 3, true, false, false},
	{"broadwell+mentry", UINT64_C(0xffffffffffffd272), 8, 1, 1, 1, 0, 39, 3, true, false,
	 false},
	{"skylake", UINT64_C(0xffffff00f0841070), 16, 0x249, 0x3fff, 0x3f, 2, 39, 4, false, true,
	 false},
	{"icelake", UINT64_C(0xffffff00f0841070), 16, 0x249, 0x1fff, 0x3f, 2, 46, 5, false, true,
	 true},
};

struct file {
	const struct part *part;
	uint64_t ctl, base, ptrs, match, addr[8], count, gs;
	uint64_t vmcs; /* ~0: none */
	unsigned int vmx;
	bool error, stopped, ctx, flt;
};

static bool canon(uint64_t a)
{
	return (uint64_t)((int64_t)(a << 16) >> 16) == a;
}

static bool ctl_gp(const struct file *f, uint64_t v)
{
	const struct part *p = f->part;
	unsigned int n;

	if (f->vmx && !p->pt_in_vmx && (v & TE))
		return true; /* G15 */
	if (v & p->ctl_reserved)
		return true; /* G11 */
	if (!(p->mtc_map >> (v >> 14 & 15U) & 1U) || !(p->cyc_map >> (v >> 19 & 15U) & 1U) ||
	    !(p->psb_map >> (v >> 24 & 15U) & 1U))
		return true; /* G12 */
	for (n = 0; n < 4U; n++) {
		if ((v >> (32U + 4U * n) & 15U) > 2U)
			return true;
	}
	if (p->wired && (v & TE) && (v & 0x2100U) != 0x2100U)
		return true;				 /* G16 */
	return (f->ctl & TE) && (v & TE) && v != f->ctl; /* G8, G9 */
}

static bool write_gp(const struct file *f, uint32_t msr, uint64_t v)
{
	const struct part *p = f->part;

	if (msr == 0x570)
		return ctl_gp(f, v);
	if (msr >= 0x580 && msr <= 0x587 && (msr - 0x580U) / 2U >= p->ranges)
		return true; /* G6 */
	if (f->ctl & TE)
		return true; /* G7 */
	if (msr == 0x571)
		return (v & UINT64_C(0xfffe0000ffffffc8)) || (p->wired && v >> 32); /* G17 */
	if (msr == 0x560)
		return (v & 0x7fU) || v >> p->maxphyaddr; /* G19 */
	if (msr == 0x561)
		return strcmp(p->machine, "broadwell") == 0 && (v & 0xffffff80U); /* G21 */
	if (msr == 0x572)
		return v & 0x1fU;			/* G22 */
	return msr < 0x580 || msr > 0x587 || !canon(v); /* G23 */
}

/* E2, E4, E8; the table at BENCH_TABLE has one region and END, all other memory is 0. */
static bool output_errs(struct file *f)
{
	const uint64_t mask = f->ptrs & 0xffffffffU, off = f->ptrs >> 32;

	if (!(f->ctl & 0x100U))
		return (mask & (mask + 1U)) || (f->base & mask) || off > mask;
	if (f->base & 0xfffU)
		return true;
	if (f->base == BENCH_TABLE && mask == 0xffU) {
		f->ptrs = 0x7f; /* END: index 0, offset 0 */
		return false;
	}
	return off >= 4096U;
}

static bool in_a_range(const struct file *f, uint64_t kind, bool *any)
{
	unsigned int n;

	*any = false;
	for (n = 0; n < 4U; n++) {
		if ((f->ctl >> (32U + 4U * n) & 15U) != kind)
			continue;
		*any = true;
		if (f->addr[2U * n] <= BENCH_NLIP && BENCH_NLIP <= f->addr[2U * n + 1U])
			return true;
	}
	return false;
}

/* A new RTIT_CTL, or a transition: the enables, for code at BENCH_NLIP with CPL 0. */
static void set_ctl(struct file *f, uint64_t v, bool transition)
{
	const bool rises = (v & TE) && !(f->ctl & TE);
	bool any, hit;

	f->ctl = v;
	if (!(v & TE) || f->error || f->stopped || !(rises || transition))
		return;
	f->ctx = (v & 4U) && (!(v & 0x80U) || !((f->match ^ BENCH_CR3) >> 12));
	if (f->ctx && in_a_range(f, 2, &any)) {
		f->stopped = true; /* HW-053 */
		f->flt = false;
		return;
	}
	hit = in_a_range(f, 1, &any);
	if (!any || f->ctx)
		f->flt = !any || hit;
	if (rises)
		f->error = output_errs(f);
}

static void write_ok(struct file *f, uint32_t msr, uint64_t v)
{
	if (msr == 0x570) {
		set_ctl(f, v | (f->part->wired ? 0x2100U : 0U), false);
	} else if (msr == 0x571) {
		f->error = v >> 4 & 1U;
		f->stopped = v >> 5 & 1U;
		f->count = v >> 32 & ~(f->part->unit - 1U);
	} else if (msr == 0x560) {
		f->base = v;
	} else if (msr == 0x561) {
		f->ptrs = (v | 0x7fU) & ~((f->part->unit - 1U) << 32);
	} else if (msr == 0x572) {
		f->match = v;
	} else {
		f->addr[msr - 0x580U] = v;
	}
}

static uint64_t status_of(const struct file *f)
{
	const bool trig = (f->ctl & TE) && !f->error && !f->stopped;

	return (uint64_t)(f->flt && f->part->ranges) | (uint64_t)f->ctx << 1 | (uint64_t)trig << 2 |
	       (uint64_t)f->error << 4 | (uint64_t)f->stopped << 5 | f->count << 32;
}

static uint64_t roll_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static uint64_t random_ctl(uint64_t *roll)
{
	static const uint64_t whole[] = {0x210d, 0x210c, 0, 0x200d, 0x218d, 0x2009, 0x2109};
	uint64_t v = whole[roll_next(roll) % PTV_ARRAY_SIZE(whole)];

	if (roll_next(roll) % 3U == 0U)
		v |= roll_next(roll) % 4U << 32 | roll_next(roll) % 3U << 36;
	if (roll_next(roll) % 4U == 0U)
		v ^= PTV_BIT(roll_next(roll) % 64U);
	if (roll_next(roll) % 8U == 0U)
		v |= (roll_next(roll) % 16U) << (roll_next(roll) % 2U ? 14 : 24);
	return v;
}

static uint64_t random_value(uint64_t *roll, uint32_t msr)
{
	static const uint64_t base[] = {BENCH_TABLE, BENCH_TABLE | 0x80U, BENCH_REGION, 0x1040};
	static const uint64_t ptrs[] = {0x7f,	      0xff,	      0xfff,
					0x10ff,	      0xffffffff,     0x1000000000ff,
					0x100000007f, 0x100f0000007f, 0xff800000fff};
	static const uint64_t addr[] = {0,	    BENCH_NLIP,	   BENCH_NLIP - 1U, BENCH_NLIP + 1U,
					UINT64_MAX, 0x800000000000};
	static const uint64_t match[] = {BENCH_CR3, BENCH_CR3 + 0x1000U, BENCH_CR3 + 0xfe0U};
	const uint64_t flip = roll_next(roll) % 6U ? 0U : PTV_BIT(roll_next(roll) % 64U);
	const uint64_t pick = roll_next(roll);

	if (msr == 0x570)
		return random_ctl(roll);
	if (msr == 0x571)
		return ((pick % 4U < 2U ? 0U : pick >> 4 & 0x37U) |
			(pick % 4U == 3U ? (pick >> 16 & 0x1ffU) << 32 : 0U)) ^
		       flip;
	if (msr == 0x560)
		return base[pick % PTV_ARRAY_SIZE(base)] ^ flip;
	if (msr == 0x561)
		return ptrs[pick % PTV_ARRAY_SIZE(ptrs)];
	if (msr == 0x572)
		return match[pick % PTV_ARRAY_SIZE(match)] ^ flip;
	return addr[pick % PTV_ARRAY_SIZE(addr)];
}

static void access_step(struct bench *bench, struct file *f, uint64_t *roll)
{
	static const uint32_t msrs[] = {0x560, 0x561, 0x570, 0x570, 0x570, 0x571, 0x571, 0x572,
					0x573, 0x580, 0x581, 0x582, 0x583, 0x584, 0x588};
	struct ptv_pins_in in = {.op = PTV_OP_WRMSR, .ip = BENCH_CLIP, .target = BENCH_NLIP};
	bool gp;

	in.msr = msrs[roll_next(roll) % PTV_ARRAY_SIZE(msrs)];
	in.data = random_value(roll, in.msr);
	if (roll_next(roll) % 8U == 0U)
		in.data = in.msr == 0x570 ? f->ctl : in.data; /* G9 */
	in.cpl = roll_next(roll) % 16U ? 0U : 3U;
	gp = in.cpl || write_gp(f, in.msr, in.data); /* G1 */
	(void)bench_op(bench, &in);
	if (bench->out.fault != (gp ? PTV_FAULT_GP : PTV_FAULT_NONE))
		PTV_FAIL("%s: %#x := %#zx with CTL %#zx: fault %d", f->part->machine, in.msr,
			 (size_t)in.data, (size_t)f->ctl, bench->out.fault);
	if (!gp)
		write_ok(f, in.msr, in.data);
}

/* VMXON, VMXOFF, VMPTRLD, VMCLEAR: the result, and what follows from it. */
static enum ptv_vmx_result vmx_simple(struct file *f, enum ptv_op op, uint64_t data)
{
	const enum ptv_vmx_result fail = ~f->vmcs ? PTV_VMX_FAIL_VALID : PTV_VMX_FAIL_INVALID;

	if (op == PTV_OP_VMXON && f->vmx == 0U) {
		if (data & 0xfffU)
			return PTV_VMX_FAIL_INVALID;
		f->vmx = 1;
		f->vmcs = UINT64_MAX;
		if (!f->part->pt_in_vmx)
			set_ctl(f, f->ctl & ~TE, false); /* HW-116 */
		return PTV_VMX_SUCCEED;
	}
	if (f->vmx != 1U)
		return PTV_VMX_FAULT;
	if (op == PTV_OP_VMXON)
		return fail;
	if (op == PTV_OP_VMXOFF) {
		f->vmx = 0;
		return PTV_VMX_SUCCEED; /* HW-120 */
	}
	if ((data & 0xfffU) || data == REGION)
		return fail;
	if (op == PTV_OP_VMPTRLD)
		f->vmcs = data;
	else if (f->vmcs == data)
		f->vmcs = UINT64_MAX;
	return PTV_VMX_SUCCEED;
}

static enum ptv_vmx_result vmx_transit(struct file *f, enum ptv_op op, uint64_t controls,
				       uint64_t field)
{
	const bool load = controls & PTV_VMC_LOAD_RTIT, clear = controls & PTV_VMC_CLEAR_RTIT;
	struct file probe = *f;

	if (op == PTV_OP_VM_EXIT) {
		if (f->vmx != 2U)
			return PTV_VMX_FAULT;
		f->vmx = 1;
		set_ctl(f, clear && f->part->load ? 0U : f->ctl, true);
		return PTV_VMX_SUCCEED;
	}
	if (f->vmx != 1U)
		return PTV_VMX_FAULT;
	if (!~f->vmcs)
		return PTV_VMX_FAIL_INVALID;
	if ((controls & 7U && !f->part->pt_in_vmx) || ((load || clear) && !f->part->load) ||
	    (load && (f->ctl & TE)))
		return PTV_VMX_FAIL_VALID; /* HW-124, HW-125 */
	probe.ctl = 0;
	if (load && ctl_gp(&probe, field)) {
		set_ctl(f, clear ? 0U : f->ctl, false);
		return PTV_VMX_ENTRY_FAIL; /* HW-127, C-11 */
	}
	f->vmx = 2;
	set_ctl(f, load ? field : f->ctl, true);
	return PTV_VMX_SUCCEED;
}

static void vmx_step(struct bench *bench, struct file *f, uint64_t *roll)
{
	static const enum ptv_op ops[] = {PTV_OP_VMXON,	   PTV_OP_VMXON,    PTV_OP_VMXOFF,
					  PTV_OP_VMPTRLD,  PTV_OP_VMPTRLD,  PTV_OP_VMCLEAR,
					  PTV_OP_VM_ENTRY, PTV_OP_VM_ENTRY, PTV_OP_VM_EXIT,
					  PTV_OP_VM_EXIT};
	static const uint64_t pointer[] = {REGION, 0x7000, 0x7000, 0x8000, 0x7008};
	const enum ptv_op op = ops[roll_next(roll) % PTV_ARRAY_SIZE(ops)];
	const bool transit = op == PTV_OP_VM_ENTRY || op == PTV_OP_VM_EXIT;
	struct ptv_pins_in in = {.op = (uint8_t)op,
				 .ip = BENCH_CLIP,
				 .target = BENCH_NLIP,
				 .cr3 = BENCH_CR3,
				 .mode = PTV_EXEC_64};
	enum ptv_vmx_result want;

	in.data = op == PTV_OP_VMXON ? REGION | (roll_next(roll) % 4U ? 0U : 0x10U)
				     : pointer[roll_next(roll) % PTV_ARRAY_SIZE(pointer)];
	if (transit)
		in.data = roll_next(roll) % 2U ? 0U : roll_next(roll) % 32U;
	if (op == PTV_OP_VM_ENTRY)
		in.field = random_ctl(roll);
	want = transit ? vmx_transit(f, op, in.data, in.field) : vmx_simple(f, op, in.data);
	(void)bench_op(bench, &in);
	if (bench->out.vmx_result != want)
		PTV_FAIL("%s: operation %d with %#zx, field %#zx: result %d, not %d",
			 f->part->machine, (int)op, (size_t)in.data, (size_t)in.field,
			 bench->out.vmx_result, (int)want);
}

/* Whether all that can be read agrees. */
static bool agrees(struct bench *bench, const struct file *f, unsigned int step)
{
	const struct {
		uint32_t msr;
		uint64_t value;
	} want[] = {{0x570, f->ctl},	 {0x571, status_of(f)}, {0x560, f->base},
		    {0x561, f->ptrs},	 {0x572, f->match},	{0x580, f->addr[0]},
		    {0x581, f->addr[1]}, {0x582, f->addr[2]},	{0x583, f->addr[3]}};
	const size_t count = f->part->ranges ? PTV_ARRAY_SIZE(want) : 5U;
	bool same = bench->lp.vmx.mode == f->vmx;
	size_t i;

	PTV_EXPECT_EQ(bench->lp.vmx.mode, f->vmx);
	bench_run(bench, 40); /* errors are visible by then */
	for (i = 0; i < count; i++) {
		const uint64_t value = bench_rdmsr(bench, want[i].msr);

		if (value == want[i].value && !bench->out.fault)
			continue;
		same = false;
		PTV_FAIL("%s, step %u: %#x reads %#zx, not %#zx", f->part->machine, step,
			 want[i].msr, (size_t)value, (size_t)want[i].value);
	}
	return same;
}

/* A processor whose latencies are short: they decide nothing here. */
static struct bench *quick(const char *machine)
{
	struct bench *bench = bench_new(machine);
	struct ptv_timing *t = &bench->cfg.timing;

	bench->cfg.sw.mute_packets = 1;
	t->wrmsr = t->rdmsr = t->vmxon = t->vmxoff = t->vmptrld = t->vmentry = t->vmexit = 1;
	t->topa_fetch = t->err_visible = 1;
	t->flush_fix = 0;
	bench_table(bench, (const uint64_t[]){BENCH_REGION, BENCH_TABLE | PTV_TOPA_END}, 2);
	return bench;
}

/* How often what is to be judged came about. */
struct tally {
	unsigned int tracing, guest, error, stopped, fault, late;
};

static void count_states(const struct bench *bench, const struct file *f, struct tally *t)
{
	t->tracing += (status_of(f) & PTV_STATUS_TRIGGER_EN) != 0;
	t->guest += f->vmx == 2U;
	t->error += f->error;
	t->stopped += f->stopped;
	t->fault += bench->out.fault != PTV_FAULT_NONE;
	t->late += bench->out.vmx_result == PTV_VMX_ENTRY_FAIL;
}

static void play(const struct part *part, uint64_t *roll, struct tally *tally)
{
	struct bench *bench = quick(part->machine);
	struct file f = {
		.part = part, .ptrs = 0x7f, .vmcs = UINT64_MAX, .ctl = part->wired ? 0x2100U : 0U};
	unsigned int step;

	for (step = 0; step < STEPS; step++) {
		if (roll_next(roll) % 4U)
			access_step(bench, &f, roll);
		else
			vmx_step(bench, &f, roll);
		count_states(bench, &f, tally);
		if (!agrees(bench, &f, step))
			return;
	}
}

/* G1, G5-G23, HW-002..037, HW-116..128. */
PTV_TEST(rules_access, random_accesses_come_out_as_a_second_register_file_says)
{
	uint64_t roll = UINT64_C(0xacce55);
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(parts); i++) {
		struct tally tally = {0};

		play(&parts[i], &roll, &tally);
		PTV_EXPECT_GT(tally.tracing, STEPS / 50U);
		PTV_EXPECT_GT(tally.guest, STEPS / 20U);
		PTV_EXPECT_GT(tally.error, STEPS / 50U);
		PTV_EXPECT_GT(tally.fault, STEPS / 10U);
		PTV_EXPECT_GT(tally.stopped, STEPS / 50U);
		PTV_EXPECT_EQ(tally.late > 0U, parts[i].load);
	}
}
