/* SPDX-License-Identifier: MIT */
/*
 * What it is. The code that runs, as far as Intel PT looks at it: where it stands, CPL, CR3,
 * execution mode.
 *
 * State. cpu.*. cpu.ip is the target of the last branch: the code from there on is straight, so
 * that a reader who is told this IP (PSB+, OVF) follows it to the next branch.
 *
 * Rules. Branches tell where they go. CR3 changes with MOV CR3, far transfers, interrupts and VM
 * transitions. Of the other operations only one that changes TraceEn moves cpu.ip, to its next
 * instruction: TIP.PGE names it (HW-057).
 *
 * Order within a cycle. After the effects of operations, before the enables: ContextEn and FilterEn
 * are evaluated for the code after the branch.
 *
 * Not modelled. PAE paging (CR3 filtering by bits 63:5), enclaves, transactions.
 *
 * Sources. SDM Vol. 3, 36.2.5.
 */
#include "cpu.h"

void ptv_cpu_init(struct ptv_lp *lp)
{
	lp->cpu.ip = 0;
	lp->cpu.cr3 = 0;
	lp->cpu.cpl = 0;
	lp->cpu.mode = PTV_EXEC_64;
}

/* Whether a branch of this kind may load CR3. */
static bool loads_cr3(enum ptv_retire_kind kind)
{
	return kind == PTV_RETIRE_MOV_CR3 || kind == PTV_RETIRE_FAR || kind == PTV_RETIRE_INT ||
	       kind == PTV_RETIRE_IRET;
}

void ptv_cpu_wires(const struct ptv_lp *now, const struct ptv_pins_in *in, struct ptv_wires *w)
{
	const bool transition = (w->effect == PTV_OP_VM_ENTRY || w->effect == PTV_OP_VM_EXIT) &&
				w->vmx_mode != now->vmx.mode;

	w->ip = now->cpu.ip;
	w->cr3 = now->cpu.cr3;
	w->cpl = now->cpu.cpl;
	w->mode = now->cpu.mode;
	if (w->retire) {
		w->from = in->ip;
		w->ip = in->target;
		w->cpl = in->cpl;
		w->mode = in->mode;
		if (loads_cr3((enum ptv_retire_kind)w->retire))
			w->cr3 = in->cr3;
	} else if (transition) {
		w->ip = now->op.target;
		w->cpl = now->op.cpl;
		w->mode = now->op.mode;
		w->cr3 = now->op.cr3;
	} else if (w->effect && ((now->rtit.ctl ^ w->ctl) & PTV_CTL_TRACE_EN)) {
		w->ip = now->op.target;
	}
}

void ptv_cpu_branch(struct ptv_lp *lp, const struct ptv_pins_in *in)
{
	lp->cpu.ip = in->target;
	lp->cpu.cpl = in->cpl;
	lp->cpu.mode = in->mode;
	if (loads_cr3((enum ptv_retire_kind)in->retire))
		lp->cpu.cr3 = in->cr3;
}

void ptv_cpu_step(const struct ptv_wires *w, struct ptv_lp *next)
{
	if (w->reset) {
		ptv_cpu_init(next);
		return;
	}
	next->cpu.ip = w->ip;
	next->cpu.cr3 = w->cr3;
	next->cpu.cpl = w->cpl;
	next->cpu.mode = w->mode;
}
