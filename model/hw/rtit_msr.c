/* SPDX-License-Identifier: MIT */
/*
 * What it is. Reads and writes of the RTIT MSRs (560H, 561H, 570H-572H, 580H-587H) and of
 * IA32_VMX_MISC: which of them exist, what they read, and every write that faults.
 *
 * State. None of its own: functions of the LP's state and capabilities.
 *
 * Rules. G1, G4-G25 of the table of faulting accesses; HW-002..007, HW-009, HW-011..037, HW-121. A
 * write that faults changes nothing. With TraceEn=1 every MSR but RTIT_CTL is read-only (G7), and
 * RTIT_CTL takes its own value (G9) or one that clears TraceEn (G10).
 *
 * Order within a cycle. The wires of an access are driven in the clock in which it takes effect.
 *
 * Not modelled. MSR bitmaps (G2, HW-010: the exit is the caller's), LBR exclusion (HW-043), trigger
 * tracing (STATUS[8] is reserved). CYCEn, MTCEn, PTWEn, PwrEvtEn, EventEn are accepted by their
 * capabilities, but their packets are not made.
 *
 * Sources. SDM Vol. 3, 36.2.7, tables 36-6, 36-7, 36-11; one-bit MSR probes of an i7-5600U and an
 * i7-6700K.
 */
#include "rtit.h"

#define BITS(hi, lo)	  ((PTV_BIT((hi) - (lo) + 1) - 1U) << (lo))
#define CTL_NEVER	  (PTV_BIT(18) | PTV_BIT(23) | BITS(30, 28) | BITS(54, 48) | BITS(63, 57))
#define CTL_MTC_FREQ	  BITS(17, 14)
#define CTL_CYC_THRESHOLD BITS(22, 19)
#define CTL_PSB_FREQ	  BITS(27, 24)
#define CTL_ADDR_CFG(n)	  (UINT64_C(0xf) << (32U + 4U * (n)))
#define CTL_WIRED	  UINT64_C(0x2100)
#define STATUS_NEVER	  (PTV_BIT(3) | BITS(31, 8) | BITS(63, 49))
#define STATUS_COUNT	  BITS(48, 32)
#define STATUS_PEND	  (PTV_STATUS_PEND_PSB | PTV_STATUS_PEND_PMI)
#define ADDR_FIRST	  PTV_MSR_RTIT_ADDR0_A
#define ADDR_LAST	  PTV_MSR_RTIT_ADDR3_B
#define LINEAR_BITS	  48U

/* Bits of RTIT_CTL that this processor reserves (G11). */
static uint64_t ctl_reserved(const struct ptv_caps *caps)
{
	const struct {
		uint8_t have;
		uint64_t bits;
	} gate[] = {
		{caps->cr3filt, PTV_CTL_CR3_FILTER},
		{caps->psbcyc, PTV_CTL_CYC_EN | CTL_CYC_THRESHOLD | CTL_PSB_FREQ},
		{caps->mtc, PTV_CTL_MTC_EN | CTL_MTC_FREQ},
		{caps->ptw, PTV_CTL_PTW_EN | PTV_CTL_FUP_ON_PTW},
		{caps->pwrevt, PTV_CTL_PWR_EVT_EN},
		{caps->psbpmi, PTV_CTL_INJECT},
		{caps->evt, PTV_CTL_EVENT_EN},
		{caps->distnt, PTV_CTL_DIS_TNT},
		{caps->topa, PTV_CTL_TOPA},
		{caps->fabric, PTV_CTL_FABRIC_EN},
		{caps->ipfilt && caps->ranges > 0U, CTL_ADDR_CFG(0U)},
		{caps->ipfilt && caps->ranges > 1U, CTL_ADDR_CFG(1U)},
		{caps->ipfilt && caps->ranges > 2U, CTL_ADDR_CFG(2U)},
		{caps->ipfilt && caps->ranges > 3U, CTL_ADDR_CFG(3U)},
	};
	uint64_t reserved = CTL_NEVER;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(gate); i++) {
		if (!gate[i].have)
			reserved |= gate[i].bits;
	}
	return reserved;
}

/* An encoding that CPUID does not list (G12); it counts even if the feature is not switched on
 * (HW-021). */
static bool ctl_encoding_bad(const struct ptv_caps *caps, uint64_t value)
{
	unsigned int n;

	if (caps->mtc && !((uint32_t)caps->mtc_freqs >> ptv_bits(value, 17, 14) & 1U))
		return true;
	if (caps->psbcyc && !((uint32_t)caps->cyc_thresholds >> ptv_bits(value, 22, 19) & 1U))
		return true;
	if (caps->psbcyc && !((uint32_t)caps->psb_freqs >> ptv_bits(value, 27, 24) & 1U))
		return true;
	for (n = 0; n < 4U; n++) {
		if (ptv_bits(value, 35U + 4U * n, 32U + 4U * n) > 2U)
			return true; /* HW-022 */
	}
	return false;
}

/* Combinations that are not legal with TraceEn=1. */
static bool ctl_enable_bad(const struct ptv_caps *caps, uint64_t value)
{
	if (!(value & PTV_CTL_TRACE_EN))
		return false;
	if (!(value & (PTV_CTL_TOPA | PTV_CTL_FABRIC_EN)) && !caps->snglrng)
		return true; /* G14 */
	if (!(value & PTV_CTL_BRANCH_EN) && !caps->mtc)
		return true;						 /* HW-020 */
	return caps->ctl_wired_2100 && (value & CTL_WIRED) != CTL_WIRED; /* G16 */
}

/* RTIT_CTL after a write of value: bits 8 and 13 of a Broadwell ignore it (HW-006). */
static uint64_t ctl_written(const struct ptv_caps *caps, uint64_t value)
{
	return value | (caps->ctl_wired_2100 ? CTL_WIRED : 0U);
}

static bool ctl_faults(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp, uint64_t value)
{
	const bool in_vmx = lp->vmx.mode != PTV_VMX_OFF && !cfg->caps.vmx_misc_pt;
	const uint64_t old = lp->rtit.ctl;

	if (in_vmx && (cfg->sw.vmx_ctl_gp == PTV_VMX_CTL_GP_ANY || (value & PTV_CTL_TRACE_EN)))
		return true; /* G15, X-1 */
	if ((value & ctl_reserved(&cfg->caps)) || ctl_encoding_bad(&cfg->caps, value) ||
	    ctl_enable_bad(&cfg->caps, value))
		return true;
	if (!(old & PTV_CTL_TRACE_EN))
		return false;
	if (value & PTV_CTL_TRACE_EN)
		return value != old; /* G8, G9 */
	return !cfg->sw.ctl_clear_may_change &&
	       (ctl_written(&cfg->caps, value) ^ old) != PTV_CTL_TRACE_EN; /* G10, X-2 */
}

static bool status_faults(const struct ptv_caps *caps, uint64_t value)
{
	return (value & STATUS_NEVER) || (!caps->psbpmi && (value & STATUS_PEND)) ||
	       (!caps->psbcyc && (value & STATUS_COUNT)); /* G17 */
}

/* G22, X-3 */
static uint64_t cr3_reserved(const struct ptv_cpu_cfg *cfg)
{
	if (cfg->sw.cr3_match_rsvd == PTV_CR3_MATCH_SKYLAKE)
		return BITS(11, 0);
	if (cfg->sw.cr3_match_rsvd == PTV_CR3_MATCH_BROADWELL)
		return BITS(4, 0) | BITS(63, 48);
	return BITS(4, 0);
}

static bool canonical(uint64_t address)
{
	const uint64_t top = address >> (LINEAR_BITS - 1U);

	return top == 0U || top == UINT64_MAX >> (LINEAR_BITS - 1U);
}

static bool exists(const struct ptv_caps *caps, uint32_t msr)
{
	if (msr == PTV_MSR_RTIT_OUTPUT_BASE || msr == PTV_MSR_RTIT_OUTPUT_MASK_PTRS)
		return caps->topa || caps->snglrng; /* G4 */
	if (msr == PTV_MSR_RTIT_CR3_MATCH)
		return caps->cr3filt; /* G5 */
	if (msr >= ADDR_FIRST && msr <= ADDR_LAST)
		return caps->ipfilt && (msr - ADDR_FIRST) / 2U < caps->ranges; /* G6 */
	return msr == PTV_MSR_RTIT_CTL || msr == PTV_MSR_RTIT_STATUS;
}

bool ptv_rtit_write_faults(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp, uint32_t msr,
			   uint64_t value)
{
	if (!exists(&cfg->caps, msr))
		return true;
	if (msr == PTV_MSR_RTIT_CTL)
		return ctl_faults(cfg, lp, value);
	if (lp->rtit.ctl & PTV_CTL_TRACE_EN)
		return true; /* G7 */
	if (msr == PTV_MSR_RTIT_STATUS)
		return status_faults(&cfg->caps, value);
	if (msr == PTV_MSR_RTIT_OUTPUT_BASE)
		return (value & BITS(6, 0)) || (value >> cfg->caps.maxphyaddr); /* G19 */
	if (msr == PTV_MSR_RTIT_OUTPUT_MASK_PTRS)
		return cfg->caps.table_offset_gp && (value & BITS(31, 7)); /* G20, G21 */
	if (msr == PTV_MSR_RTIT_CR3_MATCH)
		return (value & cr3_reserved(cfg)) != 0;
	return !canonical(value); /* G23 */
}

static uint64_t status(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	const struct ptv_lp_rtit *rtit = &lp->rtit;
	const uint32_t count = lp->packet.count & ptv_unit_mask(&cfg->caps); /* HW-030 */
	uint64_t value = 0;

	if (cfg->caps.ipfilt || cfg->sw.filteren_no_ipfilt)
		value |= rtit->filter_en ? PTV_STATUS_FILTER_EN : 0U;
	value |= rtit->context_en ? PTV_STATUS_CONTEXT_EN : 0U;
	value |= rtit->trigger_en ? PTV_STATUS_TRIGGER_EN : 0U;
	value |= rtit->error ? PTV_STATUS_ERROR : 0U;
	value |= rtit->stopped ? PTV_STATUS_STOPPED : 0U;
	value |= rtit->pend_psb ? PTV_STATUS_PEND_PSB : 0U;
	value |= rtit->pend_pmi ? PTV_STATUS_PEND_PMI : 0U;
	if (cfg->caps.psbcyc)
		value |= ((uint64_t)count << 32) & STATUS_COUNT;
	return value;
}

bool ptv_rtit_read(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp, uint32_t msr,
		   uint64_t *value)
{
	*value = 0;
	if (!exists(&cfg->caps, msr))
		return false;
	if (msr == PTV_MSR_RTIT_CTL)
		*value = lp->rtit.ctl;
	else if (msr == PTV_MSR_RTIT_STATUS)
		*value = status(cfg, lp);
	else if (msr == PTV_MSR_RTIT_OUTPUT_BASE)
		*value = lp->topa.base;
	else if (msr == PTV_MSR_RTIT_OUTPUT_MASK_PTRS)
		*value = ((uint64_t)(lp->topa.off & ptv_unit_mask(&cfg->caps)) << 32) |
			 ((uint64_t)lp->topa.idx << 7) | 0x7fU;
	else if (msr == PTV_MSR_RTIT_CR3_MATCH)
		*value = lp->rtit.cr3_match;
	else
		*value = lp->rtit.addr[msr - ADDR_FIRST];
	return true;
}

/* C-11: whether the Guest IA32_RTIT_CTL field may not be loaded. */
static bool field_bad(const struct ptv_cpu_cfg *cfg, uint64_t field)
{
	if (field & ctl_reserved(&cfg->caps))
		return true;
	return cfg->sw.entry_field_check == PTV_FIELD_FAIL &&
	       (ctl_encoding_bad(&cfg->caps, field) || ctl_enable_bad(&cfg->caps, field));
}

void ptv_rtit_access(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const uint32_t msr = now->op.msr;
	bool ok;

	w->ctl = now->rtit.ctl;
	if (w->effect == PTV_OP_VM_ENTRY && (now->op.data & PTV_VMC_LOAD_RTIT))
		w->field_bad = field_bad(cfg, now->op.field);
	if (w->effect == PTV_OP_RDMSR) {
		ok = ptv_rtit_read(cfg, now, msr, &w->rdata); /* G24 */
		if (msr == PTV_MSR_VMX_MISC) {
			w->rdata = cfg->caps.vmx_misc_pt ? UINT64_C(0x7004c1e7)
							 : UINT64_C(0x300481e5);
			ok = true;
		}
	} else if (w->effect == PTV_OP_WRMSR) {
		ok = !ptv_rtit_write_faults(cfg, now, msr, now->op.data);
	} else {
		return;
	}
	ok = ok && now->op.cpl == 0U; /* G1 */
	w->fault = ok ? PTV_FAULT_NONE : PTV_FAULT_GP;
	if (ok && w->effect == PTV_OP_WRMSR && msr == PTV_MSR_RTIT_CTL)
		w->ctl = ctl_written(&cfg->caps, now->op.data);
}
