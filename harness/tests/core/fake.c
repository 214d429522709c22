/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/msr.h"

static struct fake *of(struct ptv_cpu *cpu)
{
	return cpu->world;
}

PTV_PRINTF(2, 3) static void note(struct ptv_cpu *cpu, const char *format, ...)
{
	struct fake *fake = of(cpu);
	va_list args;

	PTV_ASSERT(fake->log_count < FAKE_LOG);
	va_start(args, format);
	(void)vsnprintf(fake->log[fake->log_count++], sizeof(fake->log[0]), format, args);
	va_end(args);
}

/* --- port --- */

static void port_point(struct ptv_cpu *cpu, const char *label, enum ptv_side side)
{
	struct fake *fake = of(cpu);
	void (*inject)(struct fake *) = fake->inject;

	if (!inject || side != fake->inject_side || strcmp(label, fake->inject_at) != 0)
		return;
	fake->inject = NULL;
	inject(fake);
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
	struct fake *fake = of(cpu);

	PTV_ASSERT(fake->obs_count < FAKE_OBS);
	fake->obs[fake->obs_count] = (struct ptv_obs){.cycle = fake->now,
						      .a = a,
						      .b = b,
						      .c = c,
						      .seq = (uint32_t)fake->obs_count,
						      .kind = (uint8_t)kind,
						      .lp = cpu->lp,
						      .by = cpu->by};
	fake->obs_count++;
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
	struct fake *fake = of(cpu);

	PTV_EXPECT_EQ(flags, PTV_EF_START);
	PTV_EXPECT_EQ(cpu->by, PTV_BY_DRIVER);
	PTV_EXPECT(!fake->irqs_on);
	note(cpu, "add %u", event);
	fake->now += fake->add_cycles;
	if (fake->begin_in_add && !cpu->kernel->aux_begin(cpu, &fake->handle, event))
		return -PTV_EINVAL;
	if (fake->add_result == 0)
		cpu->kernel->itrace_started(cpu, event);
	return fake->add_result;
}

static void drv_del(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	struct fake *fake = of(cpu);

	(void)flags;
	PTV_EXPECT(!fake->irqs_on);
	note(cpu, "del %u", event);
	fake->now += fake->del_cycles;
	if (fake->begin_in_add && fake->handle.event != PTV_NO_EVENT)
		cpu->kernel->aux_end(cpu, &fake->handle, 0);
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
	.name = "fake",
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

void fake_init(struct fake *fake, const char *era)
{
	memset(fake, 0, sizeof(*fake));
	fake->cfg.era = ptv_era_find(era);
	PTV_ASSERT(fake->cfg.era);
	fake->cfg.ops = &driver;
	fake->cfg.kcall_cycles = 10;
	fake->irqs_on = true;
	fake->handle.event = PTV_NO_EVENT;
	fake->event.aux_pages = 8;
	fake->cpu.port = &port;
	fake->cpu.kernel = ptv_kern_ops();
	fake->cpu.caps = &fake->caps;
	fake->cpu.kern = &fake->kern;
	fake->cpu.kern_cfg = &fake->cfg;
	fake->cpu.world = fake;
	fake->cpu.by = PTV_BY_CORE;
	ptv_kern_init(&fake->kern, &fake->cfg);
}

struct ptv_cpu fake_nmi(struct fake *fake)
{
	struct ptv_cpu cpu = fake->cpu;

	cpu.in_nmi = 1;
	cpu.by = PTV_BY_NMI;
	return cpu;
}

struct ptv_cpu fake_lp(struct fake *fake, uint8_t lp)
{
	struct ptv_cpu cpu = fake->cpu;

	cpu.lp = lp;
	return cpu;
}

void fake_forget(struct fake *fake)
{
	fake->obs_count = 0;
	fake->log_count = 0;
}

void fake_open(struct fake *fake)
{
	PTV_ASSERT_EQ(ptv_kern_open(&fake->cpu, 0, &fake->event), 0);
	fake_forget(fake);
}

void fake_irq_work(struct fake *fake)
{
	struct ptv_cpu cpu = fake->cpu;

	if (!fake->irq_work)
		return;
	PTV_EXPECT(ptv_kern_irq_work_pending(&fake->kern, 0));
	fake->irq_work = false;
	cpu.in_irq = 1;
	fake->irqs_on = false;
	ptv_kern_irq_work(&cpu);
	fake->irqs_on = true;
}

size_t fake_count(const struct fake *fake, enum ptv_obs_kind kind)
{
	size_t count = 0, i;

	for (i = 0; i < fake->obs_count; i++)
		count += fake->obs[i].kind == (uint8_t)kind;
	return count;
}

size_t fake_place(const struct fake *fake, enum ptv_obs_kind kind, size_t nth)
{
	size_t i;

	for (i = 0; i < fake->obs_count; i++) {
		if (fake->obs[i].kind == (uint8_t)kind && nth-- == 0U)
			return i;
	}
	return SIZE_MAX;
}

const struct ptv_obs *fake_last(const struct fake *fake, enum ptv_obs_kind kind)
{
	size_t i;

	for (i = fake->obs_count; i > 0U; i--) {
		if (fake->obs[i - 1U].kind == (uint8_t)kind)
			return &fake->obs[i - 1U];
	}
	ptv_assert_failed(__FILE__, __LINE__, "the observation was made");
}

const char *fake_story(const struct fake *fake)
{
	static char story[FAKE_LOG * 66U];
	size_t i;

	story[0] = '\0';
	for (i = 0; i < fake->log_count; i++) {
		if (i > 0U)
			strcat(story, "; ");
		strcat(story, fake->log[i]);
	}
	return story;
}

bool fake_begin(struct fake *fake)
{
	return fake->cpu.kernel->aux_begin(&fake->cpu, &fake->handle, 0);
}

void fake_end(struct fake *fake, uint64_t size, uint32_t flags)
{
	if (flags)
		fake->cpu.kernel->aux_flag(&fake->cpu, &fake->handle, flags);
	fake->cpu.kernel->aux_end(&fake->cpu, &fake->handle, size);
}
