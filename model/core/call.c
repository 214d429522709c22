/* SPDX-License-Identifier: MIT */
/*
 * What it is. The core's way into the driver: every call through struct ptv_pmu_ops is observed
 * (CALL, RET), costs kcall_cycles, and runs as the driver; in NMI context it stays the NMI's.
 *
 * Rules. add, del, start and stop run with interrupts off (the caller's business); notify in
 * whatever context KVM is in; pmi in NMI context.
 *
 * Sources: struct pmu in include/linux/perf_event.h; intel_pt_interrupt() is called from
 * arch/x86/events/intel/core.c, intel_pt_handle_vmx() from arch/x86/kvm/vmx.c (1c5ac21a0e9b).
 */
#include "core.h"

static uint8_t call(struct ptv_cpu *cpu, enum ptv_fn fn, unsigned int event, uint64_t argument)
{
	ptv_observe(cpu, PTV_OBS_CALL, fn, event, argument);
	cpu->port->spend(cpu, cpu->kern_cfg->kcall_cycles);
	return ptv_run_as(cpu, PTV_BY_DRIVER);
}

static void ret(struct ptv_cpu *cpu, uint8_t by, enum ptv_fn fn, unsigned int event, int result)
{
	cpu->by = by;
	ptv_observe(cpu, PTV_OBS_RET, fn, event, (uint64_t)(int64_t)result);
}

int ptv_call_add(struct ptv_cpu *cpu, unsigned int event)
{
	const uint8_t by = call(cpu, PTV_FN_ADD, event, PTV_EF_START);
	const int result = ptv_pmu(cpu)->add(cpu, event, PTV_EF_START);

	ret(cpu, by, PTV_FN_ADD, event, result);
	return result;
}

void ptv_call_del(struct ptv_cpu *cpu, unsigned int event)
{
	const uint8_t by = call(cpu, PTV_FN_DEL, event, 0);

	ptv_pmu(cpu)->del(cpu, event, 0);
	ret(cpu, by, PTV_FN_DEL, event, 0);
}

void ptv_call_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	const uint8_t by = call(cpu, PTV_FN_STOP, event, flags);

	ptv_pmu(cpu)->stop(cpu, event, flags);
	ret(cpu, by, PTV_FN_STOP, event, 0);
}

void ptv_call_pmi(struct ptv_cpu *cpu)
{
	const uint8_t by = call(cpu, PTV_FN_PMI, PTV_NO_EVENT, 0);

	ptv_pmu(cpu)->pmi(cpu);
	ret(cpu, by, PTV_FN_PMI, PTV_NO_EVENT, 0);
}

void ptv_call_notify(struct ptv_cpu *cpu, bool on)
{
	uint8_t by;

	if (!ptv_era(cpu)->notifier || !ptv_pmu(cpu)->notify)
		return;
	by = call(cpu, PTV_FN_NOTIFY, PTV_NO_EVENT, on ? 1U : 0U);
	ptv_pmu(cpu)->notify(cpu, on);
	ret(cpu, by, PTV_FN_NOTIFY, PTV_NO_EVENT, 0);
}

int ptv_call_event_init(struct ptv_cpu *cpu, unsigned int event)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_DRIVER);
	int result = 0;

	if (ptv_pmu(cpu)->event_init)
		result = ptv_pmu(cpu)->event_init(cpu, event);
	cpu->by = by;
	return result;
}

int ptv_call_setup_aux(struct ptv_cpu *cpu, unsigned int event)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_DRIVER);
	const int result = ptv_pmu(cpu)->setup_aux(cpu, event);

	cpu->by = by;
	return result;
}

void ptv_call_free_aux(struct ptv_cpu *cpu, unsigned int event)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_DRIVER);

	ptv_pmu(cpu)->free_aux(cpu, event);
	cpu->by = by;
}
