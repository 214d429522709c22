/* SPDX-License-Identifier: MIT */
/*
 * What it is. Which packets an event asks for: the tables of the SDM's scenarios as code, a
 * function a kind of event.
 *
 * State. None of its own: it fills todo and the packets' arguments in the packetizer's next state.
 *
 * Rules. Enable HW-055..057, X-5; disable HW-058, HW-119, X-6; branches HW-097..100, HW-103; VM
 * entry and exit HW-129..131, X-11, X-12; VMPTRLD HW-132; contents of PSB+ HW-102, HW-104. No
 * packet is asked for without the enables that it needs (HW-115). The order of packets is the order
 * of the bits of todo. A partial TNT goes out before any of them.
 *
 * TIP.PGD carries the target when FilterEn fell at it, with or without a TraceStop; it carries none
 * when TraceEn or ContextEn fell, or when a conditional branch left the filter.
 *
 * Order within a cycle. After the enables: the event is known with PacketEn before and after it.
 *
 * Not modelled. Deferred TIPs (legal only on single-entry ToPA parts, and never required).
 *
 * Sources. SDM Vol. 3, tables 36-23, 36-47, 36-48, 36-50; 36.3.7.
 */
#include "packet.h"

static void ask(struct ptv_lp_packet *p, uint32_t bits)
{
	p->todo = (uint16_t)(p->todo | bits);
}

static void ask_fup(struct ptv_lp_packet *p, uint64_t ip)
{
	p->fup_ip = ip;
	ask(p, PTV_TODO_FUP);
}

static void ask_pip(struct ptv_lp_packet *p, const struct ptv_wires *w, bool nr)
{
	p->cr3 = w->cr3;
	p->nr = nr;
	ask(p, PTV_TODO_PIP);
}

/* TIP or TIP.PGE, and MODE.Exec before it unless the reader knows the mode. */
static void ask_tip(struct ptv_lp_packet *p, const struct ptv_wires *w, enum ptv_packet kind)
{
	p->tip_kind = (uint8_t)kind;
	p->tip_ip = w->ip;
	p->tip_hidden = 0;
	p->mode = (uint8_t)w->mode;
	ask(p, PTV_TODO_MODE | PTV_TODO_TIP);
}

static void ask_pgd(struct ptv_lp_packet *p, const struct ptv_wires *w, bool hidden)
{
	p->tip_kind = PTV_PKT_TIP_PGD;
	p->tip_ip = w->ip;
	p->tip_hidden = hidden;
	ask(p, PTV_TODO_TIP);
}

/* A PIP of the code after this event has NR (HW-101). */
static bool non_root_shown(const struct ptv_wires *w)
{
	return w->vmx_mode == PTV_VMX_NON_ROOT && !w->conceal;
}

void ptv_packet_ask_psb(const struct ptv_cpu_cfg *cfg, const struct ptv_wires *w,
			struct ptv_lp_packet *p, uint16_t at, bool place)
{
	const bool vmcs = cfg->caps.vmx_misc_pt && w->vmx_mode != PTV_VMX_OFF &&
			  !(w->vmx_mode == PTV_VMX_NON_ROOT && w->conceal);
	uint32_t psb = PTV_PSB_PSB | PTV_PSB_CBR | PTV_PSB_END;

	if (w->ctl & PTV_CTL_TSC_EN)
		psb |= PTV_PSB_TSC;
	if (place)
		psb |= PTV_PSB_MODE | PTV_PSB_FUP;
	if (w->ctx1 && (w->ctl & PTV_CTL_OS))
		psb |= PTV_PSB_PIP;
	if (vmcs && (w->ctx1 || !cfg->sw.psb_vmcs_needs_ctx))
		psb |= PTV_PSB_VMCS;
	p->psb = (uint16_t)psb;
	p->psb_ip = w->ip;
	p->psb_nr = non_root_shown(w);
	p->cr3 = w->cr3;
	p->mode = (uint8_t)w->mode;
	ask(p, at);
}

static void on_enable(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w,
		      struct ptv_lp_packet *p)
{
	const bool pending = cfg->caps.psbpmi && (w->ctl & PTV_CTL_INJECT) && now->rtit.pend_psb;

	p->tnt_bits = 0;
	p->tnt_count = 0;
	if (!w->trig_pre)
		return;
	p->full_ip |= cfg->sw.lastip_on_enable == PTV_LASTIP_FULL;
	if (!cfg->caps.psbcyc || !p->count || pending) { /* HW-055 */
		const bool first = cfg->sw.psb_before_pge;

		ptv_packet_ask_psb(cfg, w, p, first ? PTV_TODO_PSB_FIRST : PTV_TODO_PSB_LAST,
				   w->pkt1 && (!first || cfg->sw.bdm70));
		w->psb_made = 1;
	} else {
		ask(p, PTV_TODO_CBR); /* HW-056 */
		if (w->ctl & PTV_CTL_TSC_EN)
			ask(p, PTV_TODO_TSC);
	}
	if (w->pkt1)
		ask_tip(p, w, PTV_PKT_TIP_PGE);
}

static void on_disable(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w,
		       struct ptv_lp_packet *p)
{
	const bool vmxon = w->effect == PTV_OP_VMXON;

	if (!w->pkt0)
		return;
	if (vmxon && cfg->sw.vmxon_disable != PTV_VMXON_LIKE_WRMSR) {
		p->tnt_bits = 0;
		p->tnt_count = 0;
		return;
	}
	ask_fup(p, vmxon && cfg->sw.vmxon_fup_ip == PTV_FUP_NEXT ? now->op.target : now->op.ip);
	ask_pgd(p, w, true); /* HW-058 */
}

static void on_tnt(const struct ptv_wires *w, struct ptv_lp_packet *p)
{
	if (w->ctl & PTV_CTL_DIS_TNT)
		return;
	ptv_packet_tnt(p, (enum ptv_retire_kind)w->retire);
	if (p->tnt_count == PTV_TNT_BITS)
		ask(p, PTV_TODO_TNT);
}

/* PacketEn was 1 and stays 1. */
static void on_traced(const struct ptv_wires *w, struct ptv_lp_packet *p)
{
	switch ((enum ptv_retire_kind)w->retire) {
	case PTV_RETIRE_JCC_TAKEN:
	case PTV_RETIRE_JCC_NOT:
		on_tnt(w, p);
		break;
	case PTV_RETIRE_JMP_IND:
	case PTV_RETIRE_CALL_IND:
	case PTV_RETIRE_RET:
	case PTV_RETIRE_FAR:
	case PTV_RETIRE_INT:
	case PTV_RETIRE_IRET:
		ask_tip(p, w, PTV_PKT_TIP);
		break;
	case PTV_RETIRE_JMP:
	case PTV_RETIRE_CALL:
	case PTV_RETIRE_MOV_CR3:
	case PTV_RETIRE_NONE:
	case PTV_RETIRES:
		break;
	}
}

static void on_retire(const struct ptv_lp *now, const struct ptv_wires *w, struct ptv_lp_packet *p)
{
	const enum ptv_retire_kind kind = (enum ptv_retire_kind)w->retire;
	const bool loaded = kind == PTV_RETIRE_MOV_CR3 || w->cr3 != now->cpu.cr3;

	if (loaded && w->trig_pre && w->ctx1 && (w->ctl & PTV_CTL_OS))
		ask_pip(p, w, non_root_shown(w)); /* HW-100 */
	if (w->pkt0 && kind == PTV_RETIRE_INT)
		ask_fup(p, w->from);
	if (w->pkt0 && w->pkt1)
		on_traced(w, p);
	else if (w->pkt0)
		ask_pgd(p, w,
			!w->ctx1 || kind == PTV_RETIRE_JCC_TAKEN || kind == PTV_RETIRE_JCC_NOT);
	else if (w->pkt1)
		ask_tip(p, w, PTV_PKT_TIP_PGE);
}

/* What VM entry and exit have in common: PacketEn before and after decide. */
static void on_transition(const struct ptv_wires *w, struct ptv_lp_packet *p)
{
	if (w->pkt0 && w->pkt1)
		ask_tip(p, w, PTV_PKT_TIP);
	else if (w->pkt0)
		ask_pgd(p, w, !w->trig_pre || !w->ctx1);
	else if (w->pkt1)
		ask_tip(p, w, PTV_PKT_TIP_PGE);
}

static void on_entry(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w,
		     struct ptv_lp_packet *p)
{
	const bool shown = w->trig_pre && w->ctx1 && (w->ctl & PTV_CTL_OS) &&
			   !(now->op.data & PTV_VMC_CONCEAL_ENTRY);
	const bool context_rises = !now->rtit.context_en && w->pkt1;

	if (w->enable) {
		on_enable(cfg, now, w, p);
		return;
	}
	if (shown && (!context_rises || cfg->sw.entry_pip_ctx_rise))
		ask_pip(p, w, true);
	if (w->pkt0 && !w->ctx1 && cfg->sw.entry_pgd_fup)
		ask_fup(p, now->op.ip); /* */
	on_transition(w, p);
}

static void on_exit(const struct ptv_lp *now, const struct ptv_wires *w, struct ptv_lp_packet *p)
{
	const bool shown = w->trig_pre && w->ctx1 && (w->ctl & PTV_CTL_OS) &&
			   !(now->op.data & PTV_VMC_CONCEAL_EXIT);

	if (w->pkt0)
		ask_fup(p, now->op.ip);
	if (shown)
		ask_pip(p, w, false);
	on_transition(w, p);
}

void ptv_packet_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w,
		      struct ptv_lp_packet *p)
{
	switch ((enum ptv_event)w->event) {
	case PTV_EV_RETIRE:
		on_retire(now, w, p);
		break;
	case PTV_EV_ENABLE:
		on_enable(cfg, now, w, p);
		break;
	case PTV_EV_DISABLE:
		on_disable(cfg, now, w, p);
		break;
	case PTV_EV_ENTRY:
		on_entry(cfg, now, w, p);
		break;
	case PTV_EV_EXIT:
		on_exit(now, w, p);
		break;
	case PTV_EV_PTRLD:
		if (cfg->caps.vmx_misc_pt && w->trig1 && w->ctx1)
			ask(p, PTV_TODO_VMCS); /* HW-132 */
		break;
	case PTV_EV_NONE:
		break;
	}
	if (w->tracestop)
		ask(p, PTV_TODO_TRACESTOP);
	if (p->todo && p->tnt_count)
		ask(p, PTV_TODO_TNT);
}
