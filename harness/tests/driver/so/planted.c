/* SPDX-License-Identifier: MIT */
/*
 * A driver with a planted defect, for the fuzzer to find: the reference driver, but that once a PMI
 * has come in VMX operation, a stop outside of it leaves tracing on.
 */
#define ptv_driver reference_driver
#include "../../../../examples/driver/reference.c"
#undef ptv_driver

/* Behind the words that the reference driver has in use. */
struct planted {
	struct lp sound;
	uint64_t pmi_in_vmx;
} __attribute__((__may_alias__));

PTV_STATIC_ASSERT(sizeof(struct planted) <= PTV_DRIVER_CPU_WORDS * sizeof(uint64_t), "the block");

static void planted_pmi(struct ptv_cpu *cpu)
{
	struct planted *planted = cpu->kernel->cpu_state(cpu);

	if (planted->sound.vmx_on)
		planted->pmi_in_vmx = 1;
	reference_driver()->pmi(cpu);
}

static void planted_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	struct planted *planted = cpu->kernel->cpu_state(cpu);
	const uint64_t ctl = cpu->kernel->hw(cpu, event)->config | CTL_TRACE_EN;

	reference_driver()->stop(cpu, event, flags);
	if (planted->pmi_in_vmx && !planted->sound.vmx_on)
		wrmsr(cpu, "stop.w.RTIT_CTL", RTIT_CTL, ctl);
}

const struct ptv_pmu_ops *ptv_driver(void);

const struct ptv_pmu_ops *ptv_driver(void)
{
	static const struct ptv_pmu_ops ops = {PTV_PMU_ABI, "planted",	  boot,	       event_init,
					       setup_aux,   free_aux,	  add,	       planted_stop,
					       start,	    planted_stop, planted_pmi, notify,
					       NULL,	    NULL,	  NULL};

	return &ops;
}
