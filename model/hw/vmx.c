/* SPDX-License-Identifier: MIT */
/*
 * What it is. VMX operation as far as it meets Intel PT: VMXON, VMXOFF, VMPTRLD, VMCLEAR, VM entry
 * and exit, their failures, and what they do to RTIT_CTL.
 *
 * State. vmx.mode, the VMXON region, the current VMCS and the guest's conceal control.
 *
 * Rules. On a processor with VMX_MISC[14]=0 a VMXON that succeeds clears TraceEn and nothing else
 * (HW-116), so that no packet is made until software sets it again (HW-118); one that fails changes
 * nothing (HW-117); VMXOFF restores nothing (HW-120). Elsewhere both are transparent (HW-123). A VM
 * entry fails with VMfail 7 if a PT control is not supported (HW-124) or TraceEn is 1 with "load"
 * (HW-125); with exit reason 33 if the field to be loaded is not legal (HW-127, C-11). An entry
 * that fails makes no packet (C-12). "load" sets RTIT_CTL at entry, "clear" zeroes it at exit and
 * at a late failure (HW-134); the guest's value is saved at every exit (HW-128) and appears on
 * rdata.
 *
 * Order within a cycle. After rtit has judged the field. The caller is hardware too: an instruction
 * that would cause a VM exit in non-root operation does not arrive here, it comes as VM_EXIT; one
 * that does is refused with #UD. The controls of a VM_EXIT are those of the VMCS that was entered:
 * one that the processor lacks is not looked at.
 *
 * Not modelled. MSR lists of transitions (reason 34, abort 4), SMM and STM, guest-physical output,
 * launch state of a VMCS, revision identifiers, the CPL check of VMLAUNCH, NMI exiting and NMI
 * blocking across transitions, INIT and A20M.
 *
 * Sources. SDM Vol. 3, ch. 23.8, 24-27, 30 (2016); 36.2.8.2, 36.5.
 */
#include "vmx.h"

#define VMFAIL_VMCLEAR_ADDRESS 2U
#define VMFAIL_VMCLEAR_VMXON   3U
#define VMFAIL_ENTRY_CONTROLS  7U
#define VMFAIL_VMPTRLD_ADDRESS 9U
#define VMFAIL_VMPTRLD_VMXON   10U
#define VMFAIL_VMXON_IN_ROOT   15U
#define EXIT_REASON_GUEST      33U

#define CONCEAL (PTV_VMC_CONCEAL_EXEC | PTV_VMC_CONCEAL_EXIT | PTV_VMC_CONCEAL_ENTRY)

void ptv_vmx_init(struct ptv_lp *lp)
{
	lp->vmx.vmxon = PTV_VMCS_NONE;
	lp->vmx.vmcs = PTV_VMCS_NONE;
	lp->vmx.mode = PTV_VMX_OFF;
	lp->vmx.conceal = 0;
}

static void fault(struct ptv_wires *w, enum ptv_fault what)
{
	w->result = PTV_VMX_FAULT;
	w->fault = (uint8_t)what;
}

/* VMfail: with a number where there is a VMCS to hold it. */
static void vmfail(const struct ptv_lp *now, struct ptv_wires *w, uint32_t number)
{
	if (now->vmx.vmcs == PTV_VMCS_NONE) {
		w->result = PTV_VMX_FAIL_INVALID;
		return;
	}
	w->result = PTV_VMX_FAIL_VALID;
	w->reason = (uint16_t)number;
}

static bool bad_address(const struct ptv_cpu_cfg *cfg, uint64_t pointer)
{
	return (pointer & 0xfffU) || (pointer >> cfg->caps.maxphyaddr);
}

static void vmxon(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const struct ptv_lp_op *op = &now->op;

	if (op->field & PTV_VMXON_NO_VMXE) {
		fault(w, PTV_FAULT_UD);
	} else if (now->vmx.mode != PTV_VMX_OFF) {
		if (op->cpl)
			fault(w, PTV_FAULT_GP);
		else
			vmfail(now, w, VMFAIL_VMXON_IN_ROOT);
	} else if (op->cpl || (op->field & PTV_VMXON_LOCKED)) {
		fault(w, PTV_FAULT_GP);
	} else if (bad_address(cfg, op->data)) {
		w->result = PTV_VMX_FAIL_INVALID;
	} else {
		w->vmxon = op->data;
		w->vmcs = PTV_VMCS_NONE;
		w->vmx_mode = PTV_VMX_ROOT;
		if (!cfg->caps.vmx_misc_pt)
			w->ctl &= ~PTV_CTL_TRACE_EN; /* HW-116 */
	}
}

static void vmptrld(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	if (bad_address(cfg, now->op.data))
		vmfail(now, w, VMFAIL_VMPTRLD_ADDRESS);
	else if (now->op.data == now->vmx.vmxon)
		vmfail(now, w, VMFAIL_VMPTRLD_VMXON);
	else
		w->vmcs = now->op.data;
}

static void vmclear(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	if (bad_address(cfg, now->op.data))
		vmfail(now, w, VMFAIL_VMCLEAR_ADDRESS);
	else if (now->op.data == now->vmx.vmxon)
		vmfail(now, w, VMFAIL_VMCLEAR_VMXON);
	else if (now->op.data == now->vmx.vmcs)
		w->vmcs = PTV_VMCS_NONE;
}

static bool controls_unsupported(const struct ptv_caps *caps, uint64_t controls)
{
	return ((controls & CONCEAL) && !caps->vmx_conceal) ||
	       ((controls & (PTV_VMC_LOAD_RTIT | PTV_VMC_CLEAR_RTIT)) && !caps->vmx_load_clear);
}

static void vm_entry(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const uint64_t controls = now->op.data;
	const bool load = (controls & PTV_VMC_LOAD_RTIT) != 0;

	if (now->vmx.vmcs == PTV_VMCS_NONE) {
		w->result = PTV_VMX_FAIL_INVALID;
	} else if (controls_unsupported(&cfg->caps, controls) ||
		   (load && (w->ctl & PTV_CTL_TRACE_EN))) {
		vmfail(now, w, VMFAIL_ENTRY_CONTROLS);
	} else if (load && w->field_bad) {
		w->result = PTV_VMX_ENTRY_FAIL;
		w->reason = EXIT_REASON_GUEST;
		if (controls & PTV_VMC_CLEAR_RTIT)
			w->ctl = 0;
	} else {
		w->vmx_mode = PTV_VMX_NON_ROOT;
		w->conceal = (controls & PTV_VMC_CONCEAL_EXEC) != 0;
		if (load)
			w->ctl = now->op.field;
	}
}

/* The Guest IA32_RTIT_CTL field and the control "clear" exist together (HW-128). */
static void vm_exit(const struct ptv_caps *caps, const struct ptv_lp *now, struct ptv_wires *w)
{
	w->vmx_mode = PTV_VMX_ROOT;
	w->conceal = 0;
	if (!caps->vmx_load_clear)
		return;
	w->rdata = now->rtit.ctl;
	if (now->op.data & PTV_VMC_CLEAR_RTIT)
		w->ctl = 0;
}

/* Outside VMX operation everything but VMXON is undefined; so is, here, what only a guest or only a
 * host can do. */
static bool undefined(const struct ptv_lp *now, enum ptv_op op)
{
	if (op == PTV_OP_VMXON)
		return now->vmx.mode == PTV_VMX_NON_ROOT;
	if (op == PTV_OP_VM_EXIT)
		return now->vmx.mode != PTV_VMX_NON_ROOT;
	return now->vmx.mode != PTV_VMX_ROOT;
}

void ptv_vmx_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const enum ptv_op op = (enum ptv_op)w->effect;

	w->vmx_mode = now->vmx.mode;
	w->conceal = now->vmx.conceal;
	w->vmxon = now->vmx.vmxon;
	w->vmcs = now->vmx.vmcs;
	if (op < PTV_OP_VMXON || op > PTV_OP_VM_EXIT)
		return;
	w->result = PTV_VMX_SUCCEED;
	if (undefined(now, op)) {
		fault(w, PTV_FAULT_UD);
		return;
	}
	if (op != PTV_OP_VMXON && op != PTV_OP_VM_ENTRY && op != PTV_OP_VM_EXIT && now->op.cpl) {
		fault(w, PTV_FAULT_GP);
		return;
	}
	if (op == PTV_OP_VMXON) {
		vmxon(cfg, now, w);
	} else if (op == PTV_OP_VMXOFF) {
		w->vmx_mode = PTV_VMX_OFF;
		w->vmxon = PTV_VMCS_NONE;
		w->vmcs = PTV_VMCS_NONE;
	} else if (op == PTV_OP_VMPTRLD) {
		vmptrld(cfg, now, w);
	} else if (op == PTV_OP_VMCLEAR) {
		vmclear(cfg, now, w);
	} else if (op == PTV_OP_VM_ENTRY) {
		vm_entry(cfg, now, w);
	} else {
		vm_exit(&cfg->caps, now, w);
	}
}

void ptv_vmx_step(const struct ptv_wires *w, struct ptv_lp *next)
{
	if (w->reset) {
		ptv_vmx_init(next);
		return;
	}
	next->vmx.vmxon = w->vmxon;
	next->vmx.vmcs = w->vmcs;
	next->vmx.mode = w->vmx_mode;
	next->vmx.conceal = w->conceal;
}
