/* SPDX-License-Identifier: MIT */
/* A driver that breaks the contract of its border as soon as it runs, which an assertion meets. */
#include "ptv/pmu.h"

const struct ptv_pmu_ops *ptv_driver(void);

static void boot(struct ptv_cpu *cpu)
{
	cpu->kernel->table_free(cpu, 0);
}

static int try(struct ptv_cpu *cpu, unsigned int event)
{
	(void)cpu;
	(void)event;
	return 0;
}

static int add(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	(void)flags;
	return try(cpu, event);
}

static void change(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	(void)add(cpu, event, flags);
}

static void free_aux(struct ptv_cpu *cpu, unsigned int event)
{
	(void)try(cpu, event);
}

static void pmi(struct ptv_cpu *cpu)
{
	(void)try(cpu, 0);
}

const struct ptv_pmu_ops *ptv_driver(void)
{
	static const struct ptv_pmu_ops ops = {
		.abi = PTV_PMU_ABI,
		.name = "frees_what_it_has_not",
		.boot = boot,
		.event_init = try,
		.setup_aux = try,
		.free_aux = free_aux,
		.add = add,
		.del = change,
		.start = change,
		.stop = change,
		.pmi = pmi,
	};

	return &ops;
}
