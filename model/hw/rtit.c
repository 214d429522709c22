/* SPDX-License-Identifier: MIT */
/*
 * What it is. The enables: from RTIT_CTL, STATUS and the code that runs, whether packets are made.
 *
 * State. rtit.*: RTIT_CTL, STATUS (its byte count is the packetizer's), CR3_MATCH, the address
 *ranges. The output pointers' MSRs are the output unit's state; rtit_msr.c knows how all of them
 *are read and written.
 *
 *	TriggerEn = TraceEn & !Stopped & !Error
 *	ContextEn = OS/User allow the CPL, and the CR3 filter lets CR3 through
 *	FilterEn  = no filter range, or the target of the branch lies in one
 *	PacketEn  = TriggerEn & ContextEn & FilterEn & BranchEn
 *
 * Rules. HW-045..054. ContextEn and FilterEn are evaluated only while TriggerEn=1 (HW-048),
 *FilterEn only at branch and event targets with ContextEn=1 (HW-049, C-2). A TraceStop range wins
 *over a filter range (HW-052); reaching it with TriggerEn=1 before and ContextEn=1 after sets
 *Stopped (HW-053). A STOP region or an error clears TriggerEn and leaves TraceEn (HW-054).
 *
 * Order within a cycle. STOP and errors come first: in their clock no packet is made. Then the
 *event of the clock.
 *
 * Not modelled. Enclaves, PAE paging, pause and trigger tracing.
 *
 * Sources. SDM Vol. 3, 36.2.4, 36.2.5, 36.2.7.
 */
#include <string.h>

#include "rtit.h"

#define RANGE_FILTER 1U
#define RANGE_STOP   2U

void ptv_rtit_init(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp)
{
	memset(&lp->rtit, 0, sizeof(lp->rtit));
	if (cfg->caps.ctl_wired_2100)
		lp->rtit.ctl = PTV_CTL_TOPA | PTV_CTL_BRANCH_EN; /* HW-006 */
}

static bool context_en(const struct ptv_lp *now, uint64_t ctl, unsigned int cpl, uint64_t cr3)
{
	if (!(ctl & (cpl == 0U ? PTV_CTL_OS : PTV_CTL_USER)))
		return false;
	return !(ctl & PTV_CTL_CR3_FILTER) || !((cr3 ^ now->rtit.cr3_match) >> 12); /* HW-047 */
}

static uint64_t range_cfg(uint64_t ctl, unsigned int n)
{
	return ptv_bits(ctl, 35U + 4U * n, 32U + 4U * n);
}

/* Whether any of them has a use: mostly not. */
static bool has_range(uint64_t ctl)
{
	return ptv_bits(ctl, 47, 32) != 0U;
}

/* Whether ip lies in a range of this kind (HW-050). */
static bool in_range(const struct ptv_lp *now, uint64_t ctl, uint64_t ip, uint64_t kind)
{
	unsigned int n;

	for (n = 0; n < 4U && has_range(ctl); n++) {
		if (range_cfg(ctl, n) == kind && now->rtit.addr[2U * n] <= ip &&
		    ip <= now->rtit.addr[2U * n + 1U])
			return true;
	}
	return false;
}

static bool has_filter(uint64_t ctl)
{
	unsigned int n;

	for (n = 0; n < 4U && has_range(ctl); n++) {
		if (range_cfg(ctl, n) == RANGE_FILTER)
			return true;
	}
	return false;
}

static enum ptv_event event_of(const struct ptv_lp *now, const struct ptv_wires *w)
{
	if (w->retire)
		return PTV_EV_RETIRE;
	if (w->effect == PTV_OP_VM_ENTRY && w->vmx_mode != now->vmx.mode)
		return PTV_EV_ENTRY;
	if (w->effect == PTV_OP_VM_EXIT && w->vmx_mode != now->vmx.mode)
		return PTV_EV_EXIT;
	if (w->effect == PTV_OP_VMPTRLD && w->result == PTV_VMX_SUCCEED && !w->fault)
		return PTV_EV_PTRLD;
	if (w->enable)
		return PTV_EV_ENABLE;
	return w->disable ? PTV_EV_DISABLE : PTV_EV_NONE;
}

/* Whether the event goes somewhere: where the address comparators look. */
static bool has_target(const struct ptv_wires *w)
{
	if (w->event == PTV_EV_RETIRE)
		return w->retire != PTV_RETIRE_JCC_NOT;
	return w->event == PTV_EV_ENABLE || w->event == PTV_EV_ENTRY || w->event == PTV_EV_EXIT;
}

static bool filter_en(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		      const struct ptv_wires *w)
{
	const bool held = now->rtit.filter_en;

	if (!has_filter(w->ctl))
		return true; /* HW-051 */
	if (!has_target(w))
		return held;
	if (!w->ctx1 && (!w->enable || cfg->sw.filter_needs_context))
		return held;
	if (w->enable && cfg->sw.filteren_at_enable == PTV_FILTEREN_LATER)
		return false;
	return in_range(now, w->ctl, w->ip, RANGE_FILTER);
}

static void repend(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	if (!w->enable || !cfg->caps.psbpmi || !(w->ctl & PTV_CTL_INJECT) || !now->rtit.pend_pmi)
		return;
	if (w->trig1 || !cfg->sw.repend_needs_trigger) {
		w->pmi = 3;
		w->pmi_byte = PTV_NEVER;
	}
}

void ptv_rtit_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const struct ptv_lp_rtit *rtit = &now->rtit;
	const bool te0 = (rtit->ctl & PTV_CTL_TRACE_EN) != 0;
	const bool te1 = (w->ctl & PTV_CTL_TRACE_EN) != 0;

	if (w->effect && cfg->caps.ctl_wired_2100) /* HW-006, whoever writes the register */
		w->ctl |= PTV_CTL_TOPA | PTV_CTL_BRANCH_EN;
	if (w->retire || w->effect) {
		w->enable = !te0 && te1;
		w->disable = te0 && !te1 && !w->reset;
		w->event = (uint8_t)event_of(now, w);
	}
	w->trig0 = rtit->trigger_en && !w->kill;
	w->pkt0 = w->trig0 && rtit->context_en && rtit->filter_en &&
		  (rtit->ctl & PTV_CTL_BRANCH_EN);
	w->trig_pre = te1 && !rtit->error && !rtit->stopped && !w->kill;
	w->ctx1 = rtit->context_en;
	w->flt1 = rtit->filter_en;
	if (w->trig_pre && w->event != PTV_EV_NONE) {
		w->ctx1 = context_en(now, w->ctl, w->cpl, w->cr3);
		w->tracestop = w->ctx1 && has_target(w) && (w->trig0 || w->enable) &&
			       in_range(now, w->ctl, w->ip, RANGE_STOP);
		w->flt1 = !w->tracestop && filter_en(cfg, now, w);
	}
	w->trig1 = w->trig_pre && !w->tracestop;
	w->pkt1 = w->trig1 && w->ctx1 && w->flt1 && (w->ctl & PTV_CTL_BRANCH_EN);
	if (!w->effect)
		return;
	w->topa_start = w->enable && w->trig1 && !(w->ctl & PTV_CTL_FABRIC_EN); /* HW-019 */
	w->drop_all = w->disable && w->effect == PTV_OP_VMXON &&
		      cfg->sw.vmxon_disable == PTV_VMXON_DROP;
	repend(cfg, now, w);
}

bool ptv_rtit_steady(const struct ptv_lp *lp, unsigned int cpl)
{
	const struct ptv_lp_rtit *rtit = &lp->rtit;

	return rtit->trigger_en && rtit->filter_en && !has_range(rtit->ctl) &&
	       rtit->context_en == context_en(lp, rtit->ctl, cpl, lp->cpu.cr3);
}

static void write_msr(const struct ptv_lp *now, struct ptv_lp_rtit *rtit)
{
	const uint64_t value = now->op.data;
	const uint32_t msr = now->op.msr;

	if (msr == PTV_MSR_RTIT_STATUS) {
		rtit->error = (value & PTV_STATUS_ERROR) != 0;
		rtit->stopped = (value & PTV_STATUS_STOPPED) != 0;
		rtit->pend_psb = (value & PTV_STATUS_PEND_PSB) != 0;
		rtit->pend_pmi = (value & PTV_STATUS_PEND_PMI) != 0;
	} else if (msr == PTV_MSR_RTIT_CR3_MATCH) {
		rtit->cr3_match = value;
	} else if (msr >= PTV_MSR_RTIT_ADDR0_A && msr <= PTV_MSR_RTIT_ADDR3_B) {
		rtit->addr[msr - PTV_MSR_RTIT_ADDR0_A] = value;
	}
}

static void reset(const struct ptv_cpu_cfg *cfg, const struct ptv_wires *w, struct ptv_lp *next)
{
	if (w->reset == 1U || !cfg->caps.ipfilt) {
		ptv_rtit_init(cfg, next);
		return;
	}
	next->rtit.ctl &= ~PTV_CTL_TRACE_EN; /* HW-044 */
	next->rtit.trigger_en = 0;
}

void ptv_rtit_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		   const struct ptv_wires *w, struct ptv_lp *next)
{
	struct ptv_lp_rtit *rtit = &next->rtit;
	const bool inject = cfg->caps.psbpmi && (w->ctl & PTV_CTL_INJECT); /* HW-067 */

	if (w->reset) {
		reset(cfg, w, next);
		return;
	}
	if (w->wrmsr)
		write_msr(now, rtit);
	rtit->ctl = w->ctl;
	rtit->trigger_en = w->trig1;
	rtit->context_en = w->ctx1;
	rtit->filter_en = w->flt1;
	if (w->disable && cfg->sw.status_after_disable == PTV_STATUS_CLEAR)
		rtit->context_en = rtit->filter_en = 0;
	rtit->stopped |= w->stop || w->tracestop;
	rtit->error |= w->err;
	if (inject && w->psb_lost)
		rtit->pend_psb = 1; /* HW-066 */
	if (inject && w->psb_made)
		rtit->pend_psb = 0;
	if (inject && (w->pmi == 1U || w->pmi == 2U))
		rtit->pend_pmi = 1; /* HW-080 */
	if (w->pmi == 3U && cfg->sw.repend_clears_pend)
		rtit->pend_pmi = 0;
}
