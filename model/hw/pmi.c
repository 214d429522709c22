/* SPDX-License-Identifier: MIT */
/*
 * What it is. The way of a ToPA PMI from the output unit to the handler:
 * IA32_PERF_GLOBAL_STATUS[55], the request to the local APIC, the LVT entry of the performance
 * counters, the NMI latch and its blocking.
 *
 * State. pmi.status and its MSRs 38EH, 390H, 391H; pmi.lvtpc; request_at: a request is on its way
 * to LVTPC; deliver_at: LVTPC has accepted it and the core will see it; nmi, irq: it can be taken;
 * blocked: an NMI handler runs.
 *
 * Rules. Bit 55 is set in the clock of the byte that raises the PMI (HW-061, HW-077) and cleared
 * only by software (HW-040, G27). The request meets LVTPC timing.pmi clocks later, and output does
 * not wait for it (HW-078); a second PMI before that merges with it (HW-079). A masked LVTPC drops
 * it and bit 55 stays (HW-041); else LVTPC masks itself, and timing.deliver clocks later the NMI
 * latch (or the fixed interrupt) is up. VMX operation changes none of this (HW-122). RETIRE_INT
 * takes the latch and blocks NMIs; IRET unblocks.
 *
 * Order within a cycle. Requests and deliveries that are due; then acknowledge and IRET; then
 * software's writes, which win over the mask; then bit 55 of a PMI raised in this clock, which wins
 * over software's clear.
 *
 * Not modelled. Counter overflows (bits 0-34), freezing on PMI, delivery modes other than NMI
 * and fixed (nothing is delivered then), the IRR of fixed vectors beyond one pending interrupt.
 *
 * Sources. SDM Vol. 3, 10.5.1, 18.2, 36.2.6.2, 6.7.1.
 */
#include "pmi.h"

#define LVT_WRITABLE  (PTV_LVT_MASKED | UINT64_C(0x7ff))
#define LVT_STATUS    PTV_BIT(12) /* delivery status: read-only, writes ignored */
#define DELIVER_NMI   4U
#define DELIVER_FIXED 0U

void ptv_pmi_init(struct ptv_lp *lp)
{
	struct ptv_lp_pmi zero = {0};

	lp->pmi = zero;
	lp->pmi.lvtpc = PTV_LVT_MASKED;
	lp->pmi.request_at = PTV_NEVER;
	lp->pmi.deliver_at = PTV_NEVER;
	lp->pmi.byte = PTV_NEVER;
}

void ptv_pmi_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const bool write = w->effect == PTV_OP_WRMSR;
	const uint64_t value = now->op.data;
	bool ok = false;

	if (!write && w->effect != PTV_OP_RDMSR)
		return;
	if (now->op.msr == PTV_MSR_PERF_GLOBAL_STATUS) {
		ok = !write; /* G26 */
		w->rdata = now->pmi.status;
	} else if (now->op.msr == PTV_MSR_PERF_GLOBAL_OVF_CTRL) {
		ok = true;
		w->rdata = 0;
	} else if (now->op.msr == PTV_MSR_PERF_GLOBAL_STATUS_SET) {
		ok = cfg->caps.perfmon >= 4U;
		w->rdata = 0;
	} else if (now->op.msr == PTV_MSR_X2APIC_LVTPC) {
		ok = !write || !(value & ~(LVT_WRITABLE | LVT_STATUS));
		w->rdata = now->pmi.lvtpc;
	} else {
		return;
	}
	if (write)
		w->rdata = 0;
	w->fault = ok && !now->op.cpl ? PTV_FAULT_NONE : PTV_FAULT_GP;
}

static bool keeps(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	return cfg->sw.pmi_while_masked == PTV_MASKED_KEEP && (lp->pmi.lvtpc & PTV_LVT_MASKED);
}

/* A request meets LVTPC. */
static void request(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_lp_pmi *pmi,
		    bool acknowledged)
{
	const uint64_t mode = PTV_LVT_MODE(now->pmi.lvtpc);
	const bool hurry = now->pmi.hurry;

	pmi->request_at = PTV_NEVER;
	pmi->hurry = 0;
	if (now->pmi.lvtpc & PTV_LVT_MASKED)
		return; /* HW-041 */
	if (mode != DELIVER_NMI && mode != DELIVER_FIXED)
		return;
	pmi->lvtpc |= PTV_LVT_MASKED;
	if (hurry && mode == DELIVER_NMI) {
		pmi->nmi = now->pmi.nmi || !acknowledged;
	} else if (pmi->deliver_at == PTV_NEVER) {
		pmi->deliver_nmi = mode == DELIVER_NMI;
		pmi->deliver_at = now->timer.cycle + cfg->timing.deliver;
	}
}

static void write_msr(const struct ptv_lp *now, struct ptv_lp_pmi *pmi)
{
	const uint64_t value = now->op.data;

	if (now->op.msr == PTV_MSR_PERF_GLOBAL_OVF_CTRL)
		pmi->status &= ~value;
	else if (now->op.msr == PTV_MSR_PERF_GLOBAL_STATUS_SET)
		pmi->status |= value & PTV_GS_TOPA_PMI;
	else if (now->op.msr == PTV_MSR_X2APIC_LVTPC)
		pmi->lvtpc = value & LVT_WRITABLE;
}

void ptv_pmi_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		  const struct ptv_pins_in *in, const struct ptv_wires *w, struct ptv_lp *next)
{
	const uint64_t cycle = now->timer.cycle;
	const bool taken = w->retire == PTV_RETIRE_INT && in->vector == PTV_INT_NMI;
	struct ptv_lp_pmi *pmi = &next->pmi;

	if (w->reset) {
		ptv_pmi_init(next);
		return;
	}
	if (taken)
		pmi->nmi = 0;
	if (w->retire == PTV_RETIRE_INT && in->vector == PTV_INT_IRQ)
		pmi->irq = 0;
	if (now->pmi.deliver_at <= cycle) {
		pmi->deliver_at = PTV_NEVER;
		pmi->nmi |= now->pmi.deliver_nmi;
		pmi->irq |= !now->pmi.deliver_nmi;
		pmi->deliver_nmi = 0;
	}
	if (now->pmi.request_at <= cycle && !keeps(cfg, now))
		request(cfg, now, pmi, taken && !now->pmi.nmi);
	if (taken)
		pmi->blocked = 1;
	else if (w->retire == PTV_RETIRE_IRET)
		pmi->blocked = 0;
	if (w->wrmsr)
		write_msr(now, pmi);
	if (!w->pmi)
		return;
	pmi->byte = w->pmi_byte;
	if (w->pmi != 3U || cfg->sw.repend_sets_gs55)
		pmi->status |= PTV_GS_TOPA_PMI;
	if (pmi->request_at == PTV_NEVER)
		pmi->request_at = cycle + cfg->timing.pmi;
}

uint64_t ptv_pmi_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	const uint64_t request_at = keeps(cfg, lp) ? PTV_NEVER : lp->pmi.request_at;

	return request_at < lp->pmi.deliver_at ? request_at : lp->pmi.deliver_at;
}

/* The request under way will become an NMI, as LVTPC stands. */
static bool request_is_nmi(const struct ptv_lp *lp)
{
	return lp->pmi.request_at != PTV_NEVER && !(lp->pmi.lvtpc & PTV_LVT_MASKED) &&
	       PTV_LVT_MODE(lp->pmi.lvtpc) == DELIVER_NMI;
}

bool ptv_pmi_nmi_raised(const struct ptv_lp *lp)
{
	return lp->pmi.nmi || (lp->pmi.deliver_at != PTV_NEVER && lp->pmi.deliver_nmi) ||
	       request_is_nmi(lp);
}

void ptv_pmi_expedite(struct ptv_lp *lp)
{
	if (lp->pmi.nmi)
		return;
	if (lp->pmi.deliver_at != PTV_NEVER && lp->pmi.deliver_nmi) {
		lp->pmi.deliver_at = PTV_NEVER;
		lp->pmi.deliver_nmi = 0;
		lp->pmi.nmi = 1;
	} else if (request_is_nmi(lp)) {
		lp->pmi.request_at = lp->timer.cycle;
		lp->pmi.hurry = 1;
	}
}
