/* SPDX-License-Identifier: MIT */
/*
 * What it is. The path of a performance monitoring NMI, in the order that 4.x has.
 *
 * Rules, in order:
 *  1. perf's handler looks only if PMU events are open: PT events count by x86_add_exclusive.
 *  2. Parts with an early acknowledge unmask LVTPC here.
 *  3. status = GLOBAL_STATUS. As long as it is not 0: acknowledge all of it by OVF_CTRL, then
 *     intel_pt_interrupt() if bit 55 was in it (the bit is clear before the driver runs, so that
 *     what the driver's own flush raises is seen by the next read), then read again; up to 100
 *     times, then "irq loop stuck" and a reset, which acknowledges once more.
 *  4. Parts with a late acknowledge (big cores from Haswell on: every big core with PT) unmask
 *     LVTPC at the very end. A PMI raised between the last read and this finds it masked and is
 *     dropped; its bit stays set until the next PMI.
 *  5. An NMI that handled more than one cause makes the kernel expect that the next one, if it
 * comes back to back, was for one of these: that one is swallowed when nobody claims it. Otherwise
 * an NMI that nobody claims is an unknown NMI.
 *
 * Not modelled: counters (GLOBAL_CTRL is cleared and restored around the loop; it does not stop
 * PT), PEBS, LBR, other NMI sources; LVTPC is reached as an x2APIC MSR.
 *
 * Sources: arch/x86/events/intel/core.c: intel_pmu_handle_irq, intel_pmu_reset;
 * arch/x86/events/core.c: perf_event_nmi_handler, x86_add_exclusive (1b7b938f1817 counts them);
 * arch/x86/kernel/nmi.c: default_do_nmi; v4.5 to v4.12.
 */
#include "core.h"

#include "ptv/msr.h"

#define STATUS_LBR_FRZ	PTV_BIT(58)
#define STATUS_ASIF	PTV_BIT(60)
#define STATUS_PEBS	PTV_BIT(62)
#define STATUS_COND_CHG PTV_BIT(63)
#define LOOPS		100U

static bool active_events(const struct ptv_kern *kern)
{
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		if (kern->event[e].state != PTV_EVENT_NONE)
			return true;
	}
	return false;
}

static uint64_t read_status(struct ptv_cpu *cpu)
{
	return cpu->port->rdmsr(cpu, "nmi.r.GLOBAL_STATUS", PTV_MSR_PERF_GLOBAL_STATUS).value;
}

static void ack_status(struct ptv_cpu *cpu, uint64_t status)
{
	(void)cpu->port->wrmsr(cpu, "nmi.w.OVF_CTRL", PTV_MSR_PERF_GLOBAL_OVF_CTRL, status, false);
}

static void unmask_lvtpc(struct ptv_cpu *cpu)
{
	(void)cpu->port->wrmsr(cpu, "nmi.w.LVTPC", PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI, false);
}

/* One status as read and acknowledged; returns how many causes it had. */
static unsigned int handle_status(struct ptv_cpu *cpu, uint64_t status)
{
	unsigned int handled = 0;

	if (status & STATUS_PEBS) {
		handled++;
		status &= PTV_GS_TOPA_PMI;
	}
	if (status & PTV_GS_TOPA_PMI) {
		handled++;
		status &= ~PTV_GS_TOPA_PMI;
		ptv_call_pmi(cpu);
	}
	for (; status != 0U; status &= status - 1U)
		handled++;
	return handled;
}

/* intel_pmu_handle_irq. */
static unsigned int handle_irq(struct ptv_cpu *cpu)
{
	unsigned int handled = 0, loops = 0;
	uint64_t status;

	if (cpu->kern_cfg->early_ack)
		unmask_lvtpc(cpu);
	status = read_status(cpu);
	while (status != 0U) {
		ack_status(cpu, status);
		if (++loops > LOOPS) {
			ptv_observe(cpu, PTV_OBS_SPLAT, PTV_SPLAT_NMI_LOOP, loops, 0);
			ack_status(cpu, read_status(cpu));
			break;
		}
		status &= ~(STATUS_COND_CHG | STATUS_ASIF | STATUS_LBR_FRZ);
		if (status == 0U)
			break;
		handled += handle_status(cpu, status);
		status = read_status(cpu);
	}
	if (!cpu->kern_cfg->early_ack)
		unmask_lvtpc(cpu);
	return handled;
}

void ptv_kern_nmi(struct ptv_cpu *cpu)
{
	struct ptv_kern_lp *lp = ptv_lp_kern(cpu);
	unsigned int handled = 0;

	if (cpu->kern->dead)
		return;
	if (!cpu->nmi_again)
		lp->swallow_nmi = 0;
	if (active_events(cpu->kern))
		handled = handle_irq(cpu);
	if (cpu->kern->dead)
		return;
	if (handled > 1U)
		lp->swallow_nmi = 1;
	else if (handled == 0U && !lp->swallow_nmi)
		ptv_observe(cpu, PTV_OBS_SPLAT, PTV_SPLAT_UNKNOWN_NMI, 0, 0);
}
