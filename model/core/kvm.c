/* SPDX-License-Identifier: MIT */
/*
 * What it is. KVM's host side on one CPU: switching virtualisation on and off, and running a guest.
 *
 * State. struct ptv_kern_lp: virt (off, on, wedged), vmxe (CR4.VMXE), vmcs (one is loaded).
 *
 * Rules. On: CR4.VMXE; notify(1) from 4.6 on (1c5ac21a0e9b); VMXON. Off: VMCLEAR of what is loaded;
 * VMXOFF; notify(0); CR4.VMXE. Both run on each CPU by on_each_cpu with interrupts off, and since
 * that cannot hold off an NMI, a PMI may come between any two of these steps. (Columns of the era
 * have the order of 6.1, notify before CR4, and the interrupts of 6.12: on, in a hotplug thread. It
 * may be preempted, and is, on request, between notify and VMXON: virt_begin.)
 *
 * A VMXON that fails. kvm_cpu_vmxon() of 4.x looks at no result and undoes nothing; what faults is
 * the INVEPT that follows (ept_sync_global): #UD, kvm_spurious_fault(), BUG(). So the driver was
 * told of a VMX operation that never began, the task that did it is gone, and KVM's lock with it:
 * VMX stays off, and this CPU's KVM is wedged. Our reading: BUG() in a task kills the task, not the
 * machine (in an IPI it would be a panic). A VMXOFF that faults is the same. 6.1 catches a VMXON
 * that faults, takes notify(1) back and fails; a VMXON that VMfails it does not see either, and
 * the INVEPT is still there. 6.12 has none: KVM goes on until VMPTRLD or VMXOFF faults.
 *
 * A guest. VMPTRLD when none is loaded; interrupts off; VM entry, so many branches, VM exit;
 * interrupts on. An NMI in the guest is an exit: the machine delivers it to the host.
 *
 * Not modelled: vmm_exclusive=0 (VMXON at each vcpu_load), CPU hotplug, suspend, reboot and kexec,
 * VMCSs of several guests on one LP, MSR load lists.
 *
 * Sources: arch/x86/kvm/vmx.c, v4.5 to v4.12: hardware_enable, kvm_cpu_vmxon, hardware_disable,
 * kvm_cpu_vmxoff, vmx_vcpu_load, vmx_vcpu_run; virt/kvm/kvm_main.c: hardware_enable_all; 6.1.192,
 * 6.12.117: vmx_hardware_enable, vmx_enable_virtualization_cpu, kvm_online_cpu.
 */
#include "core.h"

enum virt { VIRT_OFF, VIRT_ON, VIRT_WEDGED, VIRT_BEGUN };

#define EFAULT 14

static void observe_virt(struct ptv_cpu *cpu, enum ptv_obs_kind kind, uint64_t value)
{
	ptv_observe(cpu, kind, PTV_FN_VIRT, PTV_NO_EVENT, value);
}

static void wedge(struct ptv_cpu *cpu, enum ptv_vmx_result result)
{
	ptv_observe(cpu, PTV_OBS_SPLAT, PTV_SPLAT_VMX_FAULT, result, 0);
	ptv_lp_kern(cpu)->virt = VIRT_WEDGED;
}

/* What comes before VMXON. */
static void announce(struct ptv_cpu *cpu)
{
	struct ptv_kern_lp *lp = ptv_lp_kern(cpu);

	if (!ptv_era(cpu)->cr4_after_notify)
		lp->vmxe = 1;
	ptv_call_notify(cpu, true);
	lp->vmxe = 1;
}

static bool hardware_enable(struct ptv_cpu *cpu, bool bad_region)
{
	struct ptv_kern_lp *lp = ptv_lp_kern(cpu);
	struct ptv_vmx_outcome outcome;

	if (lp->virt != VIRT_BEGUN)
		announce(cpu);
	lp->virt = VIRT_OFF;
	outcome = cpu->port->vmx(cpu, "virt_on.op.VMXON", PTV_VMX_OP_ON, bad_region ? 1U : 0U);
	/* kvm_cpu_vmxon() looks at no flags: 6.12 finds a VMfail when a VMCS is loaded. */
	if (outcome.result == PTV_VMX_SUCCEED ||
	    (outcome.result != PTV_VMX_FAULT && ptv_era(cpu)->vmxon_failure == PTV_VMXON_UNSEEN)) {
		lp->virt = VIRT_ON;
		return true;
	}
	if (outcome.result == PTV_VMX_FAULT && ptv_era(cpu)->vmxon_failure != PTV_VMXON_BUG) {
		ptv_observe(cpu, PTV_OBS_SPLAT, PTV_SPLAT_VMX_FAULT, outcome.result, 0);
		lp->vmxe = 0;
		ptv_call_notify(cpu, false);
		return false;
	}
	wedge(cpu, outcome.result);
	return false;
}

/* On each CPU with interrupts off; or in a thread of CPU hotplug, with interrupts on. */
static bool irqs_off(struct ptv_cpu *cpu)
{
	return ptv_era(cpu)->virt_irqs_on ? false : cpu->port->irqs_set(cpu, false);
}

static void irqs_back(struct ptv_cpu *cpu, bool irqs)
{
	if (!ptv_era(cpu)->virt_irqs_on)
		(void)cpu->port->irqs_set(cpu, irqs);
}

/* Off, or on the way. */
static bool is_off(struct ptv_cpu *cpu)
{
	const uint8_t virt = ptv_lp_kern(cpu)->virt;

	return !cpu->kern->dead && (virt == VIRT_OFF || virt == VIRT_BEGUN);
}

bool ptv_kern_virt_begin(struct ptv_cpu *cpu)
{
	uint8_t by;

	if (!is_off(cpu) || ptv_lp_kern(cpu)->virt == VIRT_BEGUN)
		return false;
	if (!ptv_era(cpu)->virt_irqs_on)
		return true;
	by = ptv_run_as(cpu, PTV_BY_KVM);
	observe_virt(cpu, PTV_OBS_CALL, 1);
	announce(cpu);
	ptv_lp_kern(cpu)->virt = VIRT_BEGUN;
	cpu->by = by;
	return true;
}

bool ptv_kern_virt_on(struct ptv_cpu *cpu, bool bad_region)
{
	uint8_t by;
	bool irqs, on;

	if (!is_off(cpu))
		return false;
	by = ptv_run_as(cpu, PTV_BY_KVM);
	irqs = irqs_off(cpu);
	if (ptv_lp_kern(cpu)->virt == VIRT_OFF)
		observe_virt(cpu, PTV_OBS_CALL, 1);
	on = hardware_enable(cpu, bad_region);
	observe_virt(cpu, PTV_OBS_RET, on ? 0U : (uint64_t)-EFAULT);
	irqs_back(cpu, irqs);
	cpu->by = by;
	return true;
}

static bool hardware_disable(struct ptv_cpu *cpu)
{
	struct ptv_kern_lp *lp = ptv_lp_kern(cpu);
	struct ptv_vmx_outcome outcome;

	if (lp->vmcs)
		(void)cpu->port->vmx(cpu, "virt_off.op.VMCLEAR", PTV_VMX_OP_CLEAR,
				     PTV_VMCS_BASE + (uint64_t)cpu->lp * PTV_AUX_PAGE);
	lp->vmcs = 0;
	outcome = cpu->port->vmx(cpu, "virt_off.op.VMXOFF", PTV_VMX_OP_OFF, 0);
	if (outcome.result != PTV_VMX_SUCCEED) {
		wedge(cpu, outcome.result);
		return false;
	}
	ptv_call_notify(cpu, false);
	lp->vmxe = 0;
	lp->virt = VIRT_OFF;
	return true;
}

bool ptv_kern_virt_off(struct ptv_cpu *cpu)
{
	uint8_t by;
	bool irqs, off;

	if (cpu->kern->dead || ptv_lp_kern(cpu)->virt != VIRT_ON)
		return false;
	by = ptv_run_as(cpu, PTV_BY_KVM);
	irqs = irqs_off(cpu);
	observe_virt(cpu, PTV_OBS_CALL, 0);
	off = hardware_disable(cpu);
	observe_virt(cpu, PTV_OBS_RET, off ? 0U : (uint64_t)-EFAULT);
	irqs_back(cpu, irqs);
	cpu->by = by;
	return true;
}

/* vmx_vcpu_load: the VMCS becomes current. */
static bool vcpu_load(struct ptv_cpu *cpu)
{
	struct ptv_kern_lp *lp = ptv_lp_kern(cpu);
	struct ptv_vmx_outcome outcome;

	if (lp->vmcs)
		return true;
	outcome = cpu->port->vmx(cpu, "vcpu_run.op.VMPTRLD", PTV_VMX_OP_PTRLD,
				 PTV_VMCS_BASE + (uint64_t)cpu->lp * PTV_AUX_PAGE);
	if (outcome.result != PTV_VMX_SUCCEED) {
		wedge(cpu, outcome.result);
		return false;
	}
	lp->vmcs = 1;
	return true;
}

bool ptv_kern_vcpu_run(struct ptv_cpu *cpu, uint64_t branches)
{
	uint8_t by;
	bool preempt, irqs;

	if (cpu->kern->dead || ptv_lp_kern(cpu)->virt != VIRT_ON)
		return false;
	by = ptv_run_as(cpu, PTV_BY_KVM);
	preempt = cpu->port->preempt_set(cpu, false);
	if (vcpu_load(cpu)) {
		irqs = cpu->port->irqs_set(cpu, false);
		/* A failed entry is the user's business (KVM_EXIT_FAIL_ENTRY): no splat. */
		(void)cpu->port->vmx(cpu, "vcpu_run.op.VMLAUNCH", PTV_VMX_OP_LAUNCH, branches);
		(void)cpu->port->irqs_set(cpu, irqs);
	}
	(void)cpu->port->preempt_set(cpu, preempt);
	cpu->by = by;
	return true;
}
