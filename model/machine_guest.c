/* SPDX-License-Identifier: MIT */
/*
 * The machine while a guest runs: VM entry, its branches, VM exit.
 */
#include "machine.h"

#include <string.h>

static struct ptv_vmx_outcome enter_guest(struct ptv_host *host, struct ptv_cpu *cpu)
{
	struct ptv_world_lp *wl = &host->w->lp[cpu->lp];
	struct ptv_vmx_outcome outcome;
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	ptv_machine_goto(host, cpu->lp, PTV_KCODE_VMLAUNCH, PTV_BY_KVM);
	memset(&in, 0, sizeof(in));
	in.op = PTV_OP_VM_ENTRY;
	in.ip = ptv_kcode(PTV_KCODE_VMLAUNCH)->insn;
	ptv_work_enter_guest(&host->env->work, &wl->work);
	in.target = ptv_work_ip(&wl->work);
	in.cpl = (uint8_t)ptv_work_cpl(&wl->work);
	in.cr3 = host->env->work.guest_cr3;
	in.mode = PTV_EXEC_64;
	ptv_machine_op(host, cpu->lp, &in, PTV_BY_KVM, &out);
	outcome.result = (enum ptv_vmx_result)out.vmx_result;
	outcome.reason = out.reason;
	if (outcome.result == PTV_VMX_SUCCEED) {
		ptv_machine_flush_run(host, cpu->lp);
		wl->guest = 1;
	} else {
		ptv_work_leave_guest(&host->env->work, &wl->work);
		/* A late failure loads the host's state, like an exit (SDM Vol. 3, 26.7). */
		if (outcome.result == PTV_VMX_ENTRY_FAIL)
			wl->kcode_ip = ptv_kcode(PTV_KCODE_VMEXIT)->jump;
	}
	return outcome;
}

static void exit_guest(struct ptv_host *host, struct ptv_cpu *cpu)
{
	struct ptv_world_lp *wl = &host->w->lp[cpu->lp];
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	ptv_machine_flush_run(host, cpu->lp);
	memset(&in, 0, sizeof(in));
	in.op = PTV_OP_VM_EXIT;
	in.ip = ptv_work_ip(&wl->work);
	in.target = ptv_kcode(PTV_KCODE_VMEXIT)->start;
	in.cr3 = host->env->work.cr3;
	in.mode = PTV_EXEC_64;
	wl->guest = 0;
	ptv_work_leave_guest(&host->env->work, &wl->work);
	ptv_machine_op(host, cpu->lp, &in, PTV_BY_KVM, &out);
	wl->kcode_ip = ptv_kcode(PTV_KCODE_VMEXIT)->jump;
	ptv_machine_sync(host, cpu->lp);
}

/*
 * The guest retires so many branches. An NMI exits to the host (NMI exiting is on), which handles
 * it and enters again.
 */
struct ptv_vmx_outcome ptv_machine_guest(struct ptv_cpu *cpu, uint64_t branches)
{
	struct ptv_host *host = cpu->world;
	struct ptv_world_lp *wl = &host->w->lp[cpu->lp];
	struct ptv_run_goal goal = {
		.until = PTV_NEVER, .branches = wl->branches + branches, .pmis = PTV_NEVER};
	struct ptv_vmx_outcome outcome;
	uint8_t halted;

	do {
		outcome = enter_guest(host, cpu);
		if (outcome.result != PTV_VMX_SUCCEED)
			return outcome;
		halted = wl->halted;
		wl->halted = 0;
		ptv_machine_run(host, cpu->lp, &goal);
		wl->halted = halted;
		exit_guest(host, cpu);
		cpu->port->point(cpu, "vcpu_run.op.VMEXIT", PTV_AFTER);
		host->nmi_held = wl->nmi != 0U;
	} while (wl->branches < goal.branches && !ptv_kern_dead(&host->w->kern));
	host->nmi_held = false;
	return outcome;
}
