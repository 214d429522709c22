/* SPDX-License-Identifier: MIT */
#include "engine/rtl/random.h"

#include <string.h>

#include "engine/rtl/twin.h"

#define TABLES	    3U
#define TABLE(n)    (UINT64_C(0x100000) + 0x1000U * (n))
#define REGION(n)   (UINT64_C(0x4000000) + 0x100000U * (n))
#define CODE	    UINT64_C(0xffffffff80000000)
#define CODE_SIZE   UINT64_C(0x40000)
#define VMXON_PAGE  UINT64_C(0x5000)
#define VMCS_PAGE   UINT64_C(0x7000)
#define CTL_USUAL   (PTV_CTL_OS | PTV_CTL_USER | PTV_CTL_TOPA | PTV_CTL_BRANCH_EN)
#define RANGE_FIRST UINT64_C(0xffffffff80008000)
#define WHOLE_RANGE UINT64_C(0x100000000) /* of 4 GiB */
#define LVT_FIXED   0xf0U
#define PSB_PERIOD  UINT64_C(2048) /* bytes, at PSBFreq 0 */
#define PSB_FREQ    24U		   /* of RTIT_CTL */
#define COUNT_MASK  0x1ffffU

uint64_t ptv_random_draw(struct ptv_random *random)
{
	uint64_t x = random->state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	random->state = x;
	return x * UINT64_C(0x2545f4914f6cdd1d) >> 16;
}

static uint64_t below(struct ptv_random *random, uint64_t n)
{
	return ptv_random_draw(random) % n;
}

static bool one_in(struct ptv_random *random, uint64_t n)
{
	return below(random, n) == 0U;
}

/* --- The world ------------------------------------------------------------------------------ */

/* Capabilities that no part has together. */
static void odd_caps(struct ptv_random *random, struct ptv_caps *caps)
{
	static const uint8_t granularity[] = {1, 1, 8, 16};
	static const uint8_t width[] = {36, 39, 46, 52};

	caps->cr3filt = (uint8_t)below(random, 2);
	caps->psbcyc = (uint8_t)below(random, 2);
	caps->ipfilt = (uint8_t)below(random, 2);
	caps->mtc = (uint8_t)below(random, 2);
	caps->ptw = (uint8_t)below(random, 2);
	caps->pwrevt = (uint8_t)below(random, 2);
	caps->psbpmi = !one_in(random, 4);
	caps->evt = (uint8_t)below(random, 2);
	caps->distnt = (uint8_t)below(random, 2);
	caps->topa = !one_in(random, 8);
	caps->mentry = (uint8_t)below(random, 2);
	caps->snglrng = (uint8_t)below(random, 2);
	caps->fabric = (uint8_t)below(random, 2);
	caps->ranges = (uint8_t)below(random, 5);
	caps->maxphyaddr = width[below(random, 4)];
	caps->mtc_freqs = (uint16_t)(ptv_random_draw(random) | 1U);
	caps->cyc_thresholds = (uint16_t)(ptv_random_draw(random) | 1U);
	caps->psb_freqs = (uint16_t)((ptv_random_draw(random) & 0x3fU) | 1U);
	caps->vmx_misc_pt = (uint8_t)below(random, 2);
	caps->vmx_conceal = (uint8_t)below(random, 2);
	caps->vmx_load_clear = (uint8_t)below(random, 2);
	caps->ptr_granularity = granularity[below(random, 4)];
	caps->ctl_wired_2100 = one_in(random, 4);
	caps->table_offset_gp = one_in(random, 4);
	caps->perfmon = (uint8_t)(3U + below(random, 3));
}

static void draw_timing(struct ptv_random *random, struct ptv_timing *timing)
{
	size_t count, i;
	const struct ptv_param_row *row = ptv_timing_rows(&count);

	ptv_timing_default(timing);
	for (i = 0; i < count; i++) {
		const uint64_t span = (uint64_t)row[i].max - row[i].min + 1U;
		const uint64_t value = below(random, 1U + (span >> below(random, 12)));

		if (strcmp(row[i].unit, "cycles") == 0) /* small, and without the lower bound */
			((uint32_t *)timing)[i] = (uint32_t)below(random, 1U + value % 64U);
		else
			((uint32_t *)timing)[i] = (uint32_t)(row[i].min + value % span);
	}
	timing->drain_cycles = (uint32_t)(1U + below(random, one_in(random, 4) ? 64 : 4));
}

static void draw_switches(struct ptv_random *random, struct ptv_switches *sw)
{
	size_t count, i;
	const struct ptv_param_row *row = ptv_switch_rows(&count);
	const char *text;

	ptv_switches_default(sw);
	for (i = 0; i < count; i++) {
		uint64_t choices = 1;

		for (text = row[i].choices; *text; text++)
			choices += *text == '|';
		if (one_in(random, 2))
			((uint8_t *)sw)[i] = (uint8_t)below(random, choices);
	}
}

/* Of a ToPA entry. */
static uint64_t wrong_bit(struct ptv_random *random)
{
	return PTV_BIT(below(random, one_in(random, 2) ? 12 : 64));
}

/* Small regions, INT and STOP here and there, an END to any table; now and then something bad. */
static void draw_tables(struct ptv_random *random)
{
	const uint64_t lone = !random->cfg.caps.mentry && !one_in(random, 4);
	uint64_t t, i;

	memset(&random->mem, 0, sizeof(random->mem));
	for (t = 0; t < TABLES; t++) {
		const uint64_t regions = lone ? 1U : 1U + below(random, 5);
		const uint64_t to = lone ? t : below(random, TABLES);

		for (i = 0; i < regions; i++) {
			const uint64_t size = one_in(random, 4);
			uint64_t entry = REGION(8U * t + i) | size << PTV_TOPA_SIZE_SHIFT;

			entry |= one_in(random, 2) ? PTV_TOPA_INT : 0U;
			entry |= one_in(random, 4) ? PTV_TOPA_STOP : 0U;
			entry ^= one_in(random, 8) ? wrong_bit(random) : 0U;
			entry ^= one_in(random, 24) ? PTV_BIT(12) : 0U; /* misaligned, if large */
			PTV_ASSERT(ptv_mem_write(&random->mem, TABLE(t) + 8U * i, entry));
		}
		PTV_ASSERT(ptv_mem_write(&random->mem, TABLE(t) + 8U * regions,
					 TABLE(to) | PTV_TOPA_END |
						 (one_in(random, 16) ? PTV_TOPA_INT : 0U)));
	}
}

void ptv_random_world(struct ptv_random *random)
{
	size_t count;
	const struct ptv_machine_row *machines = ptv_machine_rows(&count);

	memset(&random->cfg, 0, sizeof(random->cfg));
	random->cfg.caps = machines[below(random, count)].caps;
	if (one_in(random, 2))
		odd_caps(random, &random->cfg.caps);
	draw_timing(random, &random->cfg.timing);
	draw_switches(random, &random->cfg.sw);
	draw_tables(random);
	random->scripted = random->done = 0;
	random->asked = false;
}

/* --- Operations ----------------------------------------------------------------------------- */

static void script(struct ptv_random *random, enum ptv_op op, uint32_t msr, uint64_t data)
{
	struct ptv_pins_in *in;

	PTV_ASSERT(random->scripted < PTV_RANDOM_SCRIPT);
	in = &random->script[random->scripted++];
	memset(in, 0, sizeof(*in));
	in->op = (uint8_t)op;
	in->msr = msr;
	in->data = data;
	in->ip = CODE + below(random, CODE_SIZE);
	in->target = CODE + below(random, CODE_SIZE);
	in->mode = PTV_EXEC_64;
}

static void wrmsr(struct ptv_random *random, uint32_t msr, uint64_t data)
{
	script(random, PTV_OP_WRMSR, msr, data);
}

/* A value of RTIT_CTL that this machine takes, mostly. */
static uint64_t good_ctl(struct ptv_random *random)
{
	const struct ptv_caps *caps = &random->cfg.caps;
	uint64_t ctl = CTL_USUAL;

	if (caps->snglrng && one_in(random, 4))
		ctl &= ~PTV_CTL_TOPA;
	if (caps->mtc && one_in(random, 8))
		ctl &= ~PTV_CTL_BRANCH_EN;
	if (caps->fabric && one_in(random, 8))
		ctl |= PTV_CTL_FABRIC_EN;
	if (caps->psbcyc && one_in(random, 4) && (caps->psb_freqs & 2U))
		ctl |= UINT64_C(1) << PSB_FREQ;
	if (caps->cr3filt && one_in(random, 4))
		ctl |= PTV_CTL_CR3_FILTER;
	if (caps->psbpmi && one_in(random, 2))
		ctl |= PTV_CTL_INJECT;
	if (one_in(random, 4))
		ctl &= ~PTV_CTL_USER;
	if (one_in(random, 16))
		ctl &= ~PTV_CTL_OS;
	if (one_in(random, 4))
		ctl |= PTV_CTL_TSC_EN;
	if (caps->ipfilt && caps->ranges && one_in(random, 3))
		ctl |= (1U + below(random, 2)) << (32U + 4U * below(random, caps->ranges));
	return ctl;
}

/* A value of STATUS: pending bits, now and then STOPPED, and a byte count that is any, or about to
 * ask for PSB, or has just come to it. */
static uint64_t start_status(struct ptv_random *random, uint64_t ctl)
{
	const uint64_t period = PSB_PERIOD << (ctl >> PSB_FREQ & 0xfU);
	uint64_t status = one_in(random, 16) ? PTV_STATUS_STOPPED : 0U, count = 0;

	if (one_in(random, 2))
		count = one_in(random, 2) ? below(random, 0x1ffff)
					  : period - (one_in(random, 3) ? 0U : below(random, 24));
	if (random->cfg.caps.psbcyc)
		status |= (count & COUNT_MASK) << 32;
	if (random->cfg.caps.psbpmi && one_in(random, 2))
		status |= below(random, 4) << 6;
	return status;
}

static uint64_t start_pointers(struct ptv_random *random, uint64_t ctl)
{
	static const uint64_t masks[] = {0x7f, 0xff, 0xfff, 0x1fff, 0x17f};
	const uint64_t mask = masks[below(random, 5)];
	const uint64_t index = one_in(random, 16) ? 0x1ffffffU
						  : (one_in(random, 8) ? below(random, 6) : 0U);
	uint64_t off = one_in(random, 4) ? below(random, 0x2400) : 0xf00U + below(random, 240);

	if ((ctl & PTV_CTL_TOPA) || random->cfg.caps.ctl_wired_2100)
		return 0x7fU | index << 7 | off << 32;
	/* A single range: within it, its last byte, the first behind it. */
	off = one_in(random, 4) ? mask + below(random, 2) : below(random, mask + 1U);
	return mask | off << 32;
}

/* A table, or a single range: the largest one, too. */
static void script_output(struct ptv_random *random, uint64_t ctl)
{
	const bool whole = !(ctl & PTV_CTL_TOPA) && one_in(random, 4);

	wrmsr(random, PTV_MSR_RTIT_OUTPUT_BASE,
	      whole ? WHOLE_RANGE
		    : TABLE(below(random, TABLES)) | (one_in(random, 16) ? 0x80U : 0U));
	wrmsr(random, PTV_MSR_RTIT_OUTPUT_MASK_PTRS,
	      whole ? UINT32_MAX : start_pointers(random, ctl));
}

/* Stops tracing if need be, sets everything up and starts again. */
static void script_restart(struct ptv_random *random, const struct ptv_lp *now)
{
	const uint64_t ctl = good_ctl(random);
	uint64_t pair;

	if (now->rtit.ctl & PTV_CTL_TRACE_EN) {
		wrmsr(random, PTV_MSR_RTIT_CTL,
		      one_in(random, 4) ? ctl : now->rtit.ctl & ~PTV_CTL_TRACE_EN);
		if (one_in(random, 4))
			return;
	}
	wrmsr(random, PTV_MSR_RTIT_STATUS, start_status(random, ctl));
	if (one_in(random, 2))
		script_output(random, ctl);
	if (random->cfg.caps.ranges) {
		pair = below(random, random->cfg.caps.ranges);
		wrmsr(random, PTV_MSR_RTIT_ADDR0_A + 2U * (uint32_t)pair, RANGE_FIRST);
		wrmsr(random, PTV_MSR_RTIT_ADDR0_B + 2U * (uint32_t)pair,
		      RANGE_FIRST + below(random, CODE_SIZE));
	}
	if (random->cfg.caps.cr3filt)
		wrmsr(random, PTV_MSR_RTIT_CR3_MATCH, below(random, 3) << 12);
	wrmsr(random, PTV_MSR_X2APIC_LVTPC, one_in(random, 4) ? LVT_FIXED : PTV_LVT_NMI);
	wrmsr(random, PTV_MSR_RTIT_CTL, ctl | PTV_CTL_TRACE_EN);
	if (one_in(random, 3))
		wrmsr(random, PTV_MSR_RTIT_CTL, ctl);
}

static void script_vmx(struct ptv_random *random, const struct ptv_lp *now)
{
	static const enum ptv_op next[PTV_VMX_MODES][4] = {
		{PTV_OP_VMXON, PTV_OP_VMXON, PTV_OP_VMXON, PTV_OP_VMPTRLD},
		{PTV_OP_VMPTRLD, PTV_OP_VM_ENTRY, PTV_OP_VMXOFF, PTV_OP_VMCLEAR},
		{PTV_OP_VM_EXIT, PTV_OP_VM_EXIT, PTV_OP_VM_EXIT, PTV_OP_VM_EXIT}};
	const bool no_vmcs = now->vmx.mode == PTV_VMX_ROOT && now->vmx.vmcs == UINT64_MAX;
	const enum ptv_op op = no_vmcs && !one_in(random, 8) ? PTV_OP_VMPTRLD
			       : now->vmx.mode == PTV_VMX_ROOT && one_in(random, 2)
				       ? PTV_OP_VM_ENTRY
				       : next[now->vmx.mode][below(random, 4)];
	struct ptv_pins_in *in;
	uint64_t data = 0;

	if (op == PTV_OP_VMXON || op == PTV_OP_VMPTRLD || op == PTV_OP_VMCLEAR)
		data = one_in(random, 8)
			       ? ptv_random_draw(random)
			       : (one_in(random, 8) || op == PTV_OP_VMXON ? VMXON_PAGE : VMCS_PAGE);
	else if (op != PTV_OP_VMXOFF)
		data = one_in(random, 3) ? below(random, 32)
					 : (one_in(random, 2) ? PTV_BIT(below(random, 5)) : 0U);
	if (op == PTV_OP_VM_ENTRY && random->cfg.caps.vmx_load_clear && one_in(random, 2)) {
		/* RTIT_CTL can be loaded only while TraceEn is 0 (HW-125). */
		wrmsr(random, PTV_MSR_RTIT_CTL, now->rtit.ctl & ~PTV_CTL_TRACE_EN);
		data = PTV_VMC_LOAD_RTIT | below(random, 2) * PTV_VMC_CLEAR_RTIT;
	}
	script(random, op, 0, data);
	in = &random->script[random->scripted - 1U];
	in->cpl = one_in(random, 8) ? 3U : 0U;
	in->cr3 = below(random, 3) << 12;
	in->mode = (uint8_t)below(random, 3);
	if (op == PTV_OP_VM_ENTRY)
		in->field = (good_ctl(random) | below(random, 2)) ^
			    (one_in(random, 3) ? PTV_BIT(below(random, 64)) : 0U);
	else if (op == PTV_OP_VMXON)
		in->field = one_in(random, 8) ? below(random, 4) : 0U;
}

/* Any operation on any register with any value. */
static void script_wild(struct ptv_random *random, const struct ptv_lp *now)
{
	static const uint32_t msrs[] = {
#define PTV_MSR(NAME, address, text, meaning) address,
#include "spec/msr.def"
#undef PTV_MSR
		PTV_MSR_RTIT_CTL,
		PTV_MSR_RTIT_CTL,
		PTV_MSR_RTIT_CTL,
		PTV_MSR_RTIT_CTL,
		PTV_MSR_RTIT_STATUS,
		0x10,
		0x562,
		0x588,
		0x38f};
	const uint32_t msr = msrs[below(random, PTV_ARRAY_SIZE(msrs))];
	const enum ptv_op op = one_in(random, 8)
				       ? (enum ptv_op)(1U + below(random, PTV_OPS - 1U))
				       : (one_in(random, 3) ? PTV_OP_RDMSR : PTV_OP_WRMSR);
	uint64_t data = ptv_random_draw(random) << below(random, 64);

	if (one_in(random, 2))
		data = PTV_BIT(below(random, 64));
	if (msr == PTV_MSR_RTIT_CTL && !one_in(random, 4))
		data = (one_in(random, 2) ? now->rtit.ctl : good_ctl(random)) ^
		       (one_in(random, 4) ? 0U : PTV_BIT(below(random, 64))) ^ below(random, 2);
	else if (msr >= PTV_MSR_RTIT_ADDR0_A && one_in(random, 2))
		data = CODE + below(random, CODE_SIZE);
	if (op == PTV_OP_RESET)
		data = below(random, 2);
	script(random, op, msr, data);
	random->script[random->scripted - 1U].cpl = one_in(random, 16) ? 3U : 0U;
}

/* --- Clocks --------------------------------------------------------------------------------- */

static void draw_branch(struct ptv_random *random, const struct ptv_lp *now,
			const struct ptv_pins_out *last, struct ptv_pins_in *in)
{
	in->retire = (uint8_t)(one_in(random, 4) ? 1U + below(random, PTV_RETIRES - 1U)
						 : (uint64_t)PTV_RETIRE_JMP_IND);
	in->ip = CODE + below(random, CODE_SIZE);
	in->target = CODE + below(random, CODE_SIZE);
	if (one_in(random, 8)) /* the ends of ranges */
		in->target = now->rtit.addr[below(random, 4)] + below(random, 3) - 1U;
	in->cr3 = one_in(random, 4) ? below(random, 3) << 12 : now->cpu.cr3;
	in->cpl = one_in(random, 16) ? 3U : 0U;
	in->mode = one_in(random, 16) ? (uint8_t)below(random, 3) : (uint8_t)PTV_EXEC_64;
	if (last->nmi && one_in(random, 4)) {
		in->retire = PTV_RETIRE_INT;
		in->vector = PTV_INT_NMI;
	} else if (last->irq && one_in(random, 4)) {
		in->retire = PTV_RETIRE_INT;
		in->vector = PTV_INT_IRQ;
	} else if (in->retire == PTV_RETIRE_INT) {
		in->vector = (uint8_t)(one_in(random, 8) ? below(random, PTV_INTS) : 0U);
	}
}

static void draw_memory(struct ptv_random *random, const struct ptv_lp *now, struct ptv_pins_in *in)
{
	if (!now->topa.req) {
		random->asked = false;
		if (one_in(random, 512)) {
			in->mem_ack = 1; /* nobody asked: to be ignored */
			in->mem_rdata = ptv_random_draw(random);
		}
		return;
	}
	if (!random->asked)
		random->answer_in = (unsigned int)below(random, 8);
	random->asked = true;
	if (random->answer_in > 0U) {
		random->answer_in--;
		return;
	}
	in->mem_ack = 1;
	in->mem_rdata = ptv_mem_read(&random->mem, now->topa.base + 8U * (uint64_t)now->topa.idx);
	if (one_in(random, 64))
		in->mem_rdata ^= wrong_bit(random);
	random->asked = false;
}

/* Writes that a handler makes. */
static void script_handler(struct ptv_random *random)
{
	if (one_in(random, 2))
		wrmsr(random, PTV_MSR_PERF_GLOBAL_OVF_CTRL, PTV_GS_TOPA_PMI);
	wrmsr(random, PTV_MSR_X2APIC_LVTPC,
	      one_in(random, 8)	  ? below(random, 0x20000)
	      : one_in(random, 4) ? LVT_FIXED
				  : PTV_LVT_NMI);
}

static void write_script(struct ptv_random *random, const struct ptv_lp *now)
{
	const bool traces = (now->rtit.ctl & PTV_CTL_TRACE_EN) != 0;

	random->scripted = random->done = 0;
	if (!now->rtit.trigger_en && !one_in(random, 3))
		script_restart(random, now);
	else if (one_in(random, 4))
		script_vmx(random, now);
	else if (one_in(random, 2))
		script_handler(random);
	else if (one_in(random, 8) && traces)
		script_restart(random, now);
	else
		script_wild(random, now);
}

unsigned int ptv_random_pins(struct ptv_random *random, const struct ptv_lp *now,
			     const struct ptv_pins_out *last, struct ptv_pins_in *in)
{
	const bool pmi = now->pmi.request_at != PTV_NEVER || now->pmi.deliver_at != PTV_NEVER;
	unsigned int before = 0;

	memset(in, 0, sizeof(*in));
	if (one_in(random, 8192))
		before |= PTV_TWIN_REBASE;
	if (one_in(random, pmi ? 16U : 512U))
		before |= PTV_TWIN_EXPEDITE;
	if (random->done == random->scripted && one_in(random, now->rtit.trigger_en ? 256U : 8U))
		write_script(random, now);
	if (last->busy) {
		if (one_in(random, 256)) /* what comes during an operation is ignored */
			draw_branch(random, now, last, in);
	} else if (random->done < random->scripted && one_in(random, 2)) {
		*in = random->script[random->done++];
	} else if (!last->stall || one_in(random, 16)) {
		if (one_in(random, 2))
			draw_branch(random, now, last, in);
		if (one_in(random, 2))
			in->emit = (uint16_t)below(random, 17);
	}
	draw_memory(random, now, in);
	return before;
}
