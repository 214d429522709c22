/* SPDX-License-Identifier: MIT */
#include "stub.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/msr.h"

static struct stub *of(struct ptv_cpu *cpu)
{
	return cpu->world;
}

PTV_PRINTF(2, 3) static void note(struct ptv_cpu *cpu, const char *format, ...)
{
	struct stub *stub = of(cpu);
	va_list args;

	PTV_ASSERT(stub->log_count < STUB_LOG);
	va_start(args, format);
	(void)vsnprintf(stub->log[stub->log_count++], sizeof(stub->log[0]), format, args);
	va_end(args);
}

/* --- port --- */

static void port_point(struct ptv_cpu *cpu, const char *label, enum ptv_side side)
{
	struct stub *stub = of(cpu);
	void (*inject)(struct stub *) = stub->inject;

	if (!inject || side != stub->inject_side || strcmp(label, stub->inject_at) != 0)
		return;
	stub->inject = NULL;
	inject(stub);
}

static struct ptv_msr_result port_rdmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr)
{
	struct ptv_msr_result result = {0, PTV_FAULT_NONE};

	port_point(cpu, label, PTV_BEFORE);
	note(cpu, "rdmsr %s", label);
	if (msr == PTV_MSR_PERF_GLOBAL_STATUS)
		result.value = of(cpu)->status;
	port_point(cpu, label, PTV_AFTER);
	return result;
}

static enum ptv_fault port_wrmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr,
				 uint64_t value, bool safe)
{
	(void)safe;
	port_point(cpu, label, PTV_BEFORE);
	note(cpu, "wrmsr %s %llx", label, (unsigned long long)value);
	if (msr == PTV_MSR_PERF_GLOBAL_OVF_CTRL && !of(cpu)->status_stuck)
		of(cpu)->status &= ~value;
	port_point(cpu, label, PTV_AFTER);
	return PTV_FAULT_NONE;
}

static struct ptv_vmx_outcome port_vmx(struct ptv_cpu *cpu, const char *label, enum ptv_vmx_op op,
				       uint64_t operand)
{
	const struct ptv_vmx_outcome outcome = {of(cpu)->vmx_result[op], 0};

	port_point(cpu, label, PTV_BEFORE);
	note(cpu, "vmx %s %llx%s", label, (unsigned long long)operand,
	     of(cpu)->irqs_on ? " irqs" : "");
	port_point(cpu, label, PTV_AFTER);
	return outcome;
}

static bool port_irqs_set(struct ptv_cpu *cpu, bool enabled)
{
	const bool before = of(cpu)->irqs_on;

	of(cpu)->irqs_on = enabled;
	return before;
}

static bool port_preempt_set(struct ptv_cpu *cpu, bool enabled)
{
	(void)cpu;
	(void)enabled;
	return true;
}

static uint64_t port_mem_read64(struct ptv_cpu *cpu, uint64_t address)
{
	(void)cpu;
	(void)address;
	return 0;
}

static bool port_mem_write64(struct ptv_cpu *cpu, uint64_t address, uint64_t value)
{
	(void)cpu;
	(void)address;
	(void)value;
	return true;
}

static void port_mem_fill(struct ptv_cpu *cpu, unsigned int event, uint64_t ring_offset,
			  uint64_t size, enum ptv_sw_store what)
{
	(void)cpu;
	(void)event;
	(void)ring_offset;
	(void)size;
	(void)what;
}

static void port_fence(struct ptv_cpu *cpu)
{
	(void)cpu;
}

static uint64_t port_now(struct ptv_cpu *cpu)
{
	return of(cpu)->now;
}

static void port_spend(struct ptv_cpu *cpu, uint32_t cycles)
{
	of(cpu)->now += cycles;
}

static void port_observe(struct ptv_cpu *cpu, enum ptv_obs_kind kind, uint64_t a, uint64_t b,
			 uint64_t c)
{
	struct stub *stub = of(cpu);

	PTV_ASSERT(stub->obs_count < STUB_OBS);
	stub->obs[stub->obs_count] = (struct ptv_obs){.cycle = stub->now,
						      .a = a,
						      .b = b,
						      .c = c,
						      .seq = (uint32_t)stub->obs_count,
						      .kind = (uint8_t)kind,
						      .lp = cpu->lp,
						      .by = cpu->by};
	stub->obs_count++;
}

static void port_ipi(struct ptv_cpu *cpu, unsigned int lp,
		     void (*fn)(struct ptv_cpu *cpu, uint64_t arg), uint64_t arg)
{
	struct ptv_cpu there = *cpu;
	const bool irqs = port_irqs_set(cpu, false);

	note(cpu, "ipi %u", lp);
	there.lp = (uint8_t)lp;
	there.in_irq = 1;
	fn(&there, arg);
	(void)port_irqs_set(cpu, irqs);
}

static void port_irq_work(struct ptv_cpu *cpu)
{
	of(cpu)->irq_work = true;
}

static const struct ptv_port_ops port = {
	.rdmsr = port_rdmsr,
	.wrmsr = port_wrmsr,
	.vmx = port_vmx,
	.irqs_set = port_irqs_set,
	.preempt_set = port_preempt_set,
	.mem_read64 = port_mem_read64,
	.mem_write64 = port_mem_write64,
	.mem_fill = port_mem_fill,
	.fence = port_fence,
	.now = port_now,
	.point = port_point,
	.spend = port_spend,
	.observe = port_observe,
	.ipi = port_ipi,
	.irq_work = port_irq_work,
};

/* --- driver --- */

static void drv_boot(struct ptv_cpu *cpu)
{
	note(cpu, "boot %u", cpu->lp);
}

static int drv_event_init(struct ptv_cpu *cpu, unsigned int event)
{
	PTV_EXPECT(cpu->kernel->hw(cpu, event) != NULL);
	return 0;
}

static int drv_setup_aux(struct ptv_cpu *cpu, unsigned int event)
{
	note(cpu, "setup_aux %u", cpu->kernel->aux_pages(cpu, event));
	return of(cpu)->setup_result;
}

static void drv_free_aux(struct ptv_cpu *cpu, unsigned int event)
{
	note(cpu, "free_aux %u", event);
}

static int drv_add(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	struct stub *stub = of(cpu);

	PTV_EXPECT_EQ(flags, PTV_EF_START);
	PTV_EXPECT_EQ(cpu->by, PTV_BY_DRIVER);
	PTV_EXPECT(!stub->irqs_on);
	note(cpu, "add %u", event);
	stub->now += stub->add_cycles;
	if (stub->begin_in_add && !cpu->kernel->aux_begin(cpu, &stub->handle, event))
		return -PTV_EINVAL;
	if (stub->add_result == 0)
		cpu->kernel->itrace_started(cpu, event);
	return stub->add_result;
}

static void drv_del(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	struct stub *stub = of(cpu);

	(void)flags;
	PTV_EXPECT(!stub->irqs_on);
	note(cpu, "del %u", event);
	stub->now += stub->del_cycles;
	if (stub->begin_in_add && stub->handle.event != PTV_NO_EVENT)
		cpu->kernel->aux_end(cpu, &stub->handle, 0);
}

static void drv_start(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	note(cpu, "start %u %x", event, flags);
}

static void drv_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	note(cpu, "stop %u %x", event, flags);
}

static void drv_pmi(struct ptv_cpu *cpu)
{
	PTV_EXPECT_EQ(cpu->by, PTV_BY_NMI);
	note(cpu, "pmi");
	of(cpu)->status |= of(cpu)->status_next;
	of(cpu)->status_next = 0;
}

static void drv_notify(struct ptv_cpu *cpu, bool on)
{
	note(cpu, "notify %d%s", on ? 1 : 0, of(cpu)->irqs_on ? " irqs" : "");
}

static const struct ptv_pmu_ops driver = {
	.abi = PTV_PMU_ABI,
	.name = "stub",
	.boot = drv_boot,
	.event_init = drv_event_init,
	.setup_aux = drv_setup_aux,
	.free_aux = drv_free_aux,
	.add = drv_add,
	.del = drv_del,
	.start = drv_start,
	.stop = drv_stop,
	.pmi = drv_pmi,
	.notify = drv_notify,
};

/* --- the test's side --- */

void stub_init(struct stub *stub, const char *era)
{
	memset(stub, 0, sizeof(*stub));
	stub->cfg.era = ptv_era_find(era);
	PTV_ASSERT(stub->cfg.era);
	stub->cfg.ops = &driver;
	stub->cfg.kcall_cycles = 10;
	stub->irqs_on = true;
	stub->handle.event = PTV_NO_EVENT;
	stub->event.aux_pages = 8;
	stub->cpu.port = &port;
	stub->cpu.kernel = ptv_kern_ops();
	stub->cpu.caps = &stub->caps;
	stub->cpu.kern = &stub->kern;
	stub->cpu.kern_cfg = &stub->cfg;
	stub->cpu.world = stub;
	stub->cpu.by = PTV_BY_CORE;
	ptv_kern_init(&stub->kern, &stub->cfg);
}

struct ptv_cpu stub_nmi(struct stub *stub)
{
	struct ptv_cpu cpu = stub->cpu;

	cpu.in_nmi = 1;
	cpu.by = PTV_BY_NMI;
	return cpu;
}

struct ptv_cpu stub_lp(struct stub *stub, uint8_t lp)
{
	struct ptv_cpu cpu = stub->cpu;

	cpu.lp = lp;
	return cpu;
}

void stub_forget(struct stub *stub)
{
	stub->obs_count = 0;
	stub->log_count = 0;
}

void stub_open(struct stub *stub)
{
	PTV_ASSERT_EQ(ptv_kern_open(&stub->cpu, 0, &stub->event), 0);
	stub_forget(stub);
}

void stub_irq_work(struct stub *stub)
{
	struct ptv_cpu cpu = stub->cpu;

	if (!stub->irq_work)
		return;
	PTV_EXPECT(ptv_kern_irq_work_pending(&stub->kern, 0));
	stub->irq_work = false;
	cpu.in_irq = 1;
	stub->irqs_on = false;
	ptv_kern_irq_work(&cpu);
	stub->irqs_on = true;
}

size_t stub_count(const struct stub *stub, enum ptv_obs_kind kind)
{
	size_t count = 0, i;

	for (i = 0; i < stub->obs_count; i++)
		count += stub->obs[i].kind == (uint8_t)kind;
	return count;
}

size_t stub_place(const struct stub *stub, enum ptv_obs_kind kind, size_t nth)
{
	size_t i;

	for (i = 0; i < stub->obs_count; i++) {
		if (stub->obs[i].kind == (uint8_t)kind && nth-- == 0U)
			return i;
	}
	return SIZE_MAX;
}

const struct ptv_obs *stub_last(const struct stub *stub, enum ptv_obs_kind kind)
{
	size_t i;

	for (i = stub->obs_count; i > 0U; i--) {
		if (stub->obs[i - 1U].kind == (uint8_t)kind)
			return &stub->obs[i - 1U];
	}
	ptv_assert_failed(__FILE__, __LINE__, "the observation was made");
}

const char *stub_story(const struct stub *stub)
{
	static char story[STUB_LOG * 66U];
	size_t i;

	story[0] = '\0';
	for (i = 0; i < stub->log_count; i++) {
		if (i > 0U)
			strcat(story, "; ");
		strcat(story, stub->log[i]);
	}
	return story;
}

bool stub_begin(struct stub *stub)
{
	return stub->cpu.kernel->aux_begin(&stub->cpu, &stub->handle, 0);
}

void stub_end(struct stub *stub, uint64_t size, uint32_t flags)
{
	if (flags)
		stub->cpu.kernel->aux_flag(&stub->cpu, &stub->handle, flags);
	stub->cpu.kernel->aux_end(&stub->cpu, &stub->handle, size);
}
