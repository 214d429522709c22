/* SPDX-License-Identifier: MIT */
/*
 * What it is. The sequencer of operations: MSR accesses, VMX instructions, VM transitions, reset.
 *
 * State. op.*: the operands latched at accept, the phase, and what the effect came to.
 *
 *	accept --WAIT--> effect --PACKETS--> --FLUSH--> --FIX--> done
 *
 * Rules. An operation is accepted in a clock in which none is in progress. It takes effect
 *`latency` clocks later (at least one), but not while packets of an earlier branch are still being
 *made. The phases that it does not need are skipped: an RDMSR is done in the clock of its effect; a
 *WRMSR that sets TraceEn, in the clock in which its last packet enters the buffer; one that clears
 *TraceEn, flush_fix clocks after its flush has ended (HW-059). Nothing retires from the clock of
 * accept to the one of done.
 *
 * Order within a cycle. accept and effect are known first, phase and done last.
 *
 * Not modelled. SMI, RSM, INIT, XSAVES, XRSTORS, MSR lists of VM transitions: each would be an
 *operation of this kind.
 *
 * Sources. SDM Vol. 3, 36.2.7; latencies are ours (spec/latency.def).
 */
#include <string.h>

#include "op.h"

void ptv_op_init(struct ptv_lp *lp)
{
	memset(&lp->op, 0, sizeof(lp->op));
	lp->op.at = PTV_NEVER;
}

void ptv_op_wires(const struct ptv_lp *now, const struct ptv_pins_in *in, struct ptv_wires *w)
{
	const bool idle = now->op.op == PTV_OP_NONE;

	w->accept = idle && in->op != PTV_OP_NONE;
	if (idle && !w->accept && !now->packet.todo)
		w->retire = in->retire;
	if (now->op.phase == PTV_PHASE_WAIT && now->op.at <= now->timer.cycle && !now->packet.todo)
		w->effect = now->op.op;
}

static uint32_t latency(const struct ptv_timing *timing, enum ptv_op op)
{
	switch (op) {
	case PTV_OP_RDMSR:
		return timing->rdmsr;
	case PTV_OP_WRMSR:
		return timing->wrmsr;
	case PTV_OP_VMXON:
		return timing->vmxon;
	case PTV_OP_VMXOFF:
		return timing->vmxoff;
	case PTV_OP_VMPTRLD:
	case PTV_OP_VMCLEAR:
		return timing->vmptrld;
	case PTV_OP_VM_ENTRY:
		return timing->vmentry;
	case PTV_OP_VM_EXIT:
		return timing->vmexit;
	case PTV_OP_RESET:
	case PTV_OP_NONE:
	case PTV_OPS:
		break;
	}
	return 0;
}

void ptv_op_finish(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const bool flush = w->effect ? w->disable : now->op.flush;

	w->phase = now->op.phase;
	if (w->effect)
		w->phase = PTV_PHASE_PACKETS;
	if (w->phase == PTV_PHASE_PACKETS && !w->packet->todo && !(flush && w->packet->ovf)) {
		w->phase = flush ? PTV_PHASE_FLUSH : PTV_PHASE_IDLE;
	} else if (w->phase == PTV_PHASE_FLUSH && w->flush_end) {
		w->phase = cfg->timing.flush_fix ? PTV_PHASE_FIX : PTV_PHASE_IDLE;
	} else if (w->phase == PTV_PHASE_FIX && now->op.at <= now->timer.cycle) {
		w->phase = PTV_PHASE_IDLE;
	}
	w->done = now->op.op != PTV_OP_NONE && w->phase == PTV_PHASE_IDLE;
}

void ptv_op_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		 const struct ptv_pins_in *in, const struct ptv_wires *w, struct ptv_lp *next)
{
	struct ptv_lp_op *op = &next->op;

	if (w->accept) {
		op->at = now->timer.cycle + latency(&cfg->timing, (enum ptv_op)in->op);
		op->data = in->data;
		op->field = in->field;
		op->ip = in->ip;
		op->target = in->target;
		op->cr3 = in->cr3;
		op->msr = in->msr;
		op->op = in->op;
		op->cpl = in->cpl;
		op->mode = in->mode;
		op->phase = PTV_PHASE_WAIT;
		return;
	}
	if (w->done) {
		ptv_op_init(next);
		return;
	}
	if (w->effect) {
		op->fault = w->fault;
		op->result = w->result;
		op->reason = w->reason;
		op->rdata = w->rdata;
		op->flush = w->disable;
		op->at = PTV_NEVER;
	}
	if (w->phase == PTV_PHASE_FIX && now->op.phase != PTV_PHASE_FIX)
		op->at = now->timer.cycle + cfg->timing.flush_fix;
	op->phase = w->phase;
}
