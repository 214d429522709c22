/* SPDX-License-Identifier: MIT */
/*
 * What it is. The observations of one clock, told from the states before and after it and from its
 * pins: any engine that has them (the RTL twin too) is observed by this code.
 *
 * State. None.
 *
 * Rules. spec/obs.def says what each observation means. Interrupt entry and exit, retirement and
 * power are told by whoever drives the pins.
 *
 * Order within a cycle. ToPA read; store, end of its region; TraceEn, TriggerEn; PMI (HW-076: after
 * STOP), bit 55; packet, loss; LVTPC; VMX operation; end of the operation.
 *
 * Not modelled. -
 *
 * Sources. spec/obs.def.
 */
#include "ptv/hw.h"

struct watch {
	const struct ptv_lp_clock *c;
	ptv_observe_fn *observe;
	void *ctx;
};

static void emit(const struct watch *o, enum ptv_obs_kind kind, enum ptv_by by, uint64_t a,
		 uint64_t b, uint64_t c)
{
	o->observe(o->ctx, kind, by, a, b, c);
}

static uint64_t little_endian(const uint8_t *bytes, unsigned int count)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		value |= (uint64_t)bytes[i] << (8U * i);
	return value;
}

/* Why TraceEn changed: only operations change it. */
static enum ptv_trace_cause op_cause(const struct ptv_lp *now)
{
	switch ((enum ptv_op)now->op.op) {
	case PTV_OP_VMXON:
		return PTV_CAUSE_VMXON;
	case PTV_OP_VM_ENTRY:
		return PTV_CAUSE_VM_ENTRY;
	case PTV_OP_VM_EXIT:
		return PTV_CAUSE_VM_EXIT;
	case PTV_OP_RESET:
		return PTV_CAUSE_RESET;
	case PTV_OP_NONE:
	case PTV_OP_RDMSR:
	case PTV_OP_WRMSR:
	case PTV_OP_VMXOFF:
	case PTV_OP_VMPTRLD:
	case PTV_OP_VMCLEAR:
	case PTV_OPS:
		break;
	}
	return PTV_CAUSE_WRMSR;
}

/* The region that has just been filled has STOP. */
static bool stopped_by_region(const struct watch *o)
{
	return o->c->out->region_end && (o->c->now->topa.entry & PTV_TOPA_STOP);
}

static void enables(const struct watch *o)
{
	const struct ptv_lp *now = o->c->now, *next = o->c->next;
	const bool te0 = (now->rtit.ctl & PTV_CTL_TRACE_EN) != 0;
	const bool te1 = (next->rtit.ctl & PTV_CTL_TRACE_EN) != 0;
	enum ptv_trace_cause cause = op_cause(now);
	enum ptv_by by = o->c->by;

	if (te0 != te1)
		emit(o, PTV_OBS_TRACE_EN, by, te1, cause, 0);
	if (now->rtit.trigger_en == next->rtit.trigger_en)
		return;
	if (next->rtit.error && !now->rtit.error) {
		cause = PTV_CAUSE_ERROR;
		by = PTV_BY_HW;
	} else if (next->rtit.stopped && !now->rtit.stopped) {
		cause = stopped_by_region(o) ? PTV_CAUSE_STOP : PTV_CAUSE_TRACESTOP;
		by = stopped_by_region(o) ? PTV_BY_HW : by;
	}
	emit(o, PTV_OBS_TRIGGER_EN, by, next->rtit.trigger_en, cause, 0);
}

static void output_unit(const struct watch *o)
{
	const struct ptv_lp *now = o->c->now;
	const struct ptv_pins_out *out = o->c->out;

	if (o->c->in->mem_ack && now->topa.req)
		emit(o, PTV_OBS_TOPA_FETCH, PTV_BY_HW, out->mem_addr, o->c->in->mem_rdata, 0);
	if (out->store_len)
		emit(o, PTV_OBS_STORE, PTV_BY_HW, out->store_addr, out->store_len, out->store_addr);
	if (out->region_end)
		emit(o, PTV_OBS_REGION_END, PTV_BY_HW, now->topa.base, now->topa.idx,
		     now->topa.entry);
}

static void drop(const struct watch *o)
{
	if (o->c->out->drop_len)
		emit(o, PTV_OBS_DROP, PTV_BY_HW, o->c->out->drop_len, o->c->out->drop_cause, 0);
}

/* What is lost in the clock in which an overflow ends was lost before its OVF (HW-111). */
static void bytes(const struct watch *o)
{
	const struct ptv_pins_out *out = o->c->out;
	const unsigned int len = out->packet_len;
	const bool ends = len && out->packet_kind == PTV_PKT_OVF && out->drop_cause == PTV_DROP_OVF;

	if (ends)
		drop(o);
	if (len)
		emit(o, PTV_OBS_PACKET, PTV_BY_HW, (uint64_t)out->packet_kind | (uint64_t)len << 8,
		     little_endian(out->packet, len < 8U ? len : 8U),
		     len > 8U ? little_endian(out->packet + 8, len - 8U) : 0U);
	if (!ends)
		drop(o);
}

/* Whether the operation that is done wrote this MSR. */
static bool wrote(const struct watch *o, uint32_t msr)
{
	return o->c->out->done && o->c->now->op.op == PTV_OP_WRMSR && o->c->now->op.msr == msr;
}

static void interrupts(const struct watch *o)
{
	const struct ptv_lp_pmi *now = &o->c->now->pmi, *next = &o->c->next->pmi;
	const uint64_t before = now->status & PTV_GS_TOPA_PMI,
		       after = next->status & PTV_GS_TOPA_PMI;
	const bool met = now->request_at <= o->c->now->timer.cycle &&
			 next->request_at != now->request_at;

	if (o->c->out->pmi)
		emit(o, PTV_OBS_PMI_RAISED, PTV_BY_HW, o->c->out->pmi - 1U, 0, next->byte);
	if (before != after)
		emit(o, PTV_OBS_GS55,
		     after && !wrote(o, PTV_MSR_PERF_GLOBAL_STATUS_SET) ? PTV_BY_HW : o->c->by,
		     after != 0U, 0, 0);
	bytes(o);
	if (met && (now->lvtpc & PTV_LVT_MASKED))
		emit(o, PTV_OBS_LVT_DROP, PTV_BY_HW, 0, 0, 0);
	if (now->lvtpc == next->lvtpc)
		return;
	if (wrote(o, PTV_MSR_X2APIC_LVTPC))
		emit(o, PTV_OBS_LVT, o->c->by, next->lvtpc, 0, 0);
	else
		emit(o, PTV_OBS_LVT, PTV_BY_HW, next->lvtpc, 1, 0);
}

static void operation(const struct watch *o)
{
	const struct ptv_lp *now = o->c->now;
	const struct ptv_pins_out *out = o->c->out;
	const enum ptv_op op = (enum ptv_op)now->op.op;

	if (now->vmx.mode != o->c->next->vmx.mode)
		emit(o, PTV_OBS_VMX_MODE, o->c->by, o->c->next->vmx.mode, 0, 0);
	if (!out->done)
		return;
	if (op == PTV_OP_RDMSR || op == PTV_OP_WRMSR)
		emit(o, PTV_OBS_MSR, o->c->by, ptv_msr_pack(now->op.msr, op == PTV_OP_WRMSR, false),
		     op == PTV_OP_WRMSR ? now->op.data : out->rdata, out->fault);
	else if (op == PTV_OP_RESET)
		emit(o, PTV_OBS_RESET, o->c->by, now->op.data, 0, 0);
	else
		emit(o, PTV_OBS_VMX_OP, o->c->by, op, out->vmx_result, out->reason);
}

/* Whether there is nothing to observe: so it is in most clocks. */
static bool nothing(const struct ptv_lp_clock *c)
{
	const struct ptv_lp *now = c->now, *next = c->next;
	const struct ptv_pins_out *out = c->out;

	return !(out->store_len | out->region_end | out->packet_len | out->drop_len | out->done |
		 out->pmi | c->in->mem_ack) &&
	       now->rtit.ctl == next->rtit.ctl && now->rtit.trigger_en == next->rtit.trigger_en &&
	       now->pmi.status == next->pmi.status && now->pmi.lvtpc == next->pmi.lvtpc &&
	       now->pmi.request_at == next->pmi.request_at && now->vmx.mode == next->vmx.mode;
}

void ptv_lp_observe(const struct ptv_lp_clock *clock, ptv_observe_fn *observe, void *ctx)
{
	const struct watch o = {clock, observe, ctx};

	if (nothing(clock))
		return;
	output_unit(&o);
	enables(&o);
	interrupts(&o);
	operation(&o);
}
