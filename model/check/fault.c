/* SPDX-License-Identifier: MIT */
/*
 * no-gp, no-splat, vm-entry-ok: the machine or the kernel says itself that something is wrong.
 *
 * A #GP that the kernel was not prepared for is told by no-gp, whatever the era makes of it (a
 * panic or a warning); no-splat tells of every other complaint, so that one defect makes one check
 * red.
 *
 * An NMI that nobody claimed is a complaint unless the timeline injected one without a cause.
 *
 * VM entries are recognised by what they lead to: non-root mode, error 7 (invalid control fields),
 * or a late failure with exit reason 33 (guest state) or 34 (MSR list). SDM Vol. 3, 26.2-26.7
 * and 30.4.
 */
#include "feed.h"

#define ERROR_CONTROLS 7U

void ptv_no_gp_feed(const struct ptv_feed *f)
{
	const struct ptv_obs *obs = f->obs;
	const bool in_vmx = f->lp->vmx != PTV_VMX_OFF && !f->lp->pt_in_vmx;
	struct ptv_blame blame = {.why = in_vmx ? PTV_WHY_GP_IN_VMX : PTV_WHY_GP,
				  .event = PTV_NO_EVENT,
				  .lp = obs->lp,
				  .since_seq = in_vmx ? f->lp->vmx_seq : obs->seq,
				  .x = f->lp->vmx_since};

	if (obs->kind != PTV_OBS_MSR)
		return;
	if (obs->by != PTV_BY_CORE && obs->by != PTV_BY_DRIVER && obs->by != PTV_BY_NMI &&
	    obs->by != PTV_BY_KVM)
		return;
	ptv_exercise(f, PTV_CHECK_NO_GP);
	if (obs->c != PTV_FAULT_NONE && !(obs->a & PTV_BIT(33)))
		ptv_violate(f, PTV_CHECK_NO_GP, &blame);
}

void ptv_no_splat_feed(const struct ptv_feed *f)
{
	const struct ptv_obs *obs = f->obs;
	struct ptv_blame blame = {.why = PTV_WHY_SPLAT,
				  .event = PTV_NO_EVENT,
				  .lp = obs->lp,
				  .since_seq = obs->seq,
				  .x = obs->a};

	if (obs->kind == PTV_OBS_STIMULUS && obs->c == 0U)
		ptv_exercise(f, PTV_CHECK_NO_SPLAT);
	if (obs->kind != PTV_OBS_SPLAT || obs->a == PTV_SPLAT_GP_PANIC ||
	    obs->a == PTV_SPLAT_GP_WARN)
		return;
	if (!f->excused)
		ptv_violate(f, PTV_CHECK_NO_SPLAT, &blame);
}

void ptv_vm_entry_ok_feed(const struct ptv_feed *f)
{
	const struct ptv_obs *obs = f->obs;
	struct ptv_blame blame = {.event = PTV_NO_EVENT, .lp = obs->lp, .since_seq = obs->seq};

	if (obs->kind == PTV_OBS_VMX_MODE && obs->a == PTV_VMX_NON_ROOT)
		ptv_exercise(f, PTV_CHECK_VM_ENTRY_OK);
	if (obs->kind != PTV_OBS_VMX_OP)
		return;
	if (obs->b == PTV_VMX_ENTRY_FAIL)
		blame.why = PTV_WHY_VM_ENTRY_STATE;
	else if (obs->b == PTV_VMX_FAIL_VALID && obs->c == ERROR_CONTROLS)
		blame.why = PTV_WHY_VM_ENTRY_CONTROLS;
	else
		return;
	blame.x = obs->c;
	ptv_exercise(f, PTV_CHECK_VM_ENTRY_OK);
	ptv_violate(f, PTV_CHECK_VM_ENTRY_OK, &blame);
}
