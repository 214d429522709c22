/* SPDX-License-Identifier: MIT */
/*
 * What it is. The kernel's state as a whole: initialisation, boot, the exception handler of MSR
 * accesses, the table of functions that drivers may call, and what the machine may ask.
 *
 * Rules. A #GP in rdmsr() or wrmsr() kills the machine before 4.7 (die() in NMI context or with
 * interrupts off is a panic); from fbd704374d11 (4.7) on it is a warning: the write has not taken
 * place, a read yields 0. After a panic every entry point returns at once, and what is on the stack
 * runs out without effect on the machine.
 *
 * ToPA tables lie in an arena of 64 pages. A freed page is zeroed, so that it comes zeroed from the
 * allocator (get_zeroed_page).
 */
#include "core.h"

#include <string.h>

#include "ptv/msr.h"

PTV_STATIC_ASSERT(offsetof(struct ptv_kern, lp) <= 4096U, "shared state: at most 4 KiB");
PTV_STATIC_ASSERT(sizeof(struct ptv_kern_lp) <= 400U, "state per LP: at most 400 bytes");

void ptv_kern_init(struct ptv_kern *kern, const struct ptv_kern_cfg *cfg)
{
	unsigned int e;

	PTV_ASSERT(cfg->era && cfg->ops && cfg->ops->abi == PTV_PMU_ABI);
	memset(kern, 0, sizeof(*kern));
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		kern->event[e].cpu = PTV_NO_LP;
		kern->event[e].task_lp = PTV_NO_LP;
		kern->event[e].oncpu = PTV_NO_LP;
	}
}

void ptv_kern_boot(struct ptv_cpu *cpu)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);

	/* perf_events_lapic_init */
	(void)cpu->port->wrmsr(cpu, "boot.w.LVTPC", PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI, false);
	(void)ptv_run_as(cpu, PTV_BY_DRIVER);
	if (ptv_pmu(cpu)->boot)
		ptv_pmu(cpu)->boot(cpu);
	cpu->by = by;
}

void ptv_kern_fault(struct ptv_cpu *cpu, uint32_t msr, bool write)
{
	const bool panic = ptv_era(cpu)->gp_is_panic != 0U;

	if (cpu->kern->dead)
		return;
	ptv_observe(cpu, PTV_OBS_SPLAT, panic ? PTV_SPLAT_GP_PANIC : PTV_SPLAT_GP_WARN,
		    ptv_msr_pack(msr, write, false), 0);
	if (panic)
		cpu->kern->dead = 1;
}

void ptv_kern_audit(struct ptv_cpu *cpu)
{
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS && !cpu->kern->dead; e++) {
		const struct ptv_kern_event *ev = ptv_event(cpu, e);
		const struct ptv_kern_aux *aux = ptv_aux(cpu, e);

		if (ev->state != PTV_EVENT_ACTIVE && (aux->nest != 0U || aux->refcount > 1U))
			ptv_observe(cpu, PTV_OBS_SPLAT, PTV_SPLAT_LEAK, e, 0);
	}
}

/* --- what drivers may call --- */

static void itrace_started(struct ptv_cpu *cpu, unsigned int event)
{
	ptv_event(cpu, event)->hw.itrace_started = 1;
}

static struct ptv_hw_event *hw(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	return ev->state == PTV_EVENT_NONE ? NULL : &ev->hw;
}

static void *cpu_state(struct ptv_cpu *cpu)
{
	return ptv_lp_kern(cpu)->driver;
}

static void *buf_state(struct ptv_cpu *cpu, unsigned int event)
{
	return ptv_aux(cpu, event)->driver;
}

static uint32_t aux_pages(struct ptv_cpu *cpu, unsigned int event)
{
	return ptv_aux(cpu, event)->pages;
}

static bool aux_snapshot(struct ptv_cpu *cpu, unsigned int event)
{
	return ptv_aux(cpu, event)->snapshot != 0U;
}

static bool aux_region(struct ptv_cpu *cpu, unsigned int event, uint32_t n,
		       struct ptv_aux_region *region)
{
	return ptv_aux_region_at(ptv_aux(cpu, event), event, n, region);
}

static uint64_t table_alloc(struct ptv_cpu *cpu)
{
	unsigned int n;

	for (n = 0; n < PTV_TABLES; n++) {
		if (!(cpu->kern->tables & PTV_BIT(n))) {
			cpu->kern->tables |= PTV_BIT(n);
			return PTV_TABLE_BASE + (uint64_t)n * PTV_AUX_PAGE;
		}
	}
	return 0;
}

static void table_free(struct ptv_cpu *cpu, uint64_t address)
{
	const uint64_t n = (address - PTV_TABLE_BASE) / PTV_AUX_PAGE;
	uint64_t at;

	PTV_ASSERT(address >= PTV_TABLE_BASE && n < PTV_TABLES &&
		   (cpu->kern->tables & PTV_BIT(n)) != 0U);
	for (at = address; at < address + PTV_AUX_PAGE; at += 8U) {
		if (cpu->port->mem_read64(cpu, at) != 0U)
			(void)cpu->port->mem_write64(cpu, at, 0);
	}
	cpu->kern->tables &= ~PTV_BIT(n);
}

static void warn(struct ptv_cpu *cpu, uint32_t what)
{
	ptv_warn(cpu, what);
}

static void belief(struct ptv_cpu *cpu, bool vmx_on)
{
	ptv_observe(cpu, PTV_OBS_BELIEF, vmx_on ? 1U : 0U, 0, 0);
}

static void oops(struct ptv_cpu *cpu, enum ptv_oops what)
{
	if (cpu->kern->dead)
		return;
	ptv_observe(cpu, PTV_OBS_SPLAT, PTV_SPLAT_OOPS, what, 0);
	cpu->kern->dead = 1;
}

const struct ptv_kernel_ops *ptv_kern_ops(void)
{
	static const struct ptv_kernel_ops ops = {
		.aux_begin = ptv_aux_begin,
		.aux_end = ptv_aux_end,
		.aux_flag = ptv_aux_flag,
		.itrace_started = itrace_started,
		.hw = hw,
		.cpu_state = cpu_state,
		.buf_state = buf_state,
		.aux_pages = aux_pages,
		.aux_snapshot = aux_snapshot,
		.aux_region = aux_region,
		.table_alloc = table_alloc,
		.table_free = table_free,
		.warn = warn,
		.belief = belief,
		.oops = oops,
		.aux_get = ptv_aux_get,
		.aux_put = ptv_aux_set,
		.aux_news = ptv_aux_news,
	};

	return &ops;
}

/* --- questions of the machine --- */

bool ptv_kern_dead(const struct ptv_kern *kern)
{
	return kern->dead != 0U;
}

bool ptv_kern_irq_work_pending(const struct ptv_kern *kern, unsigned int lp)
{
	return kern->lp[lp].irq_work != 0U;
}

bool ptv_kern_event_scope(const struct ptv_kern *kern, unsigned int lp, unsigned int cpl)
{
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		const struct ptv_kern_event *ev = &kern->event[e];

		if (ev->running && ev->oncpu == lp &&
		    !(cpl == 0U ? ev->hw.exclude_kernel : ev->hw.exclude_user))
			return true;
	}
	return false;
}

uint64_t ptv_kern_place(const struct ptv_kern *kern, uint64_t address)
{
	const uint64_t event = (address - PTV_AUX_BASE) >> PTV_AUX_SHIFT;
	const uint64_t offset = address & (PTV_BIT(PTV_AUX_SHIFT) - 1U);
	const struct ptv_kern_aux *aux;
	uint64_t ring_offset = 0;
	uint32_t n;

	if (address < PTV_AUX_BASE || event >= PTV_MAX_EVENTS)
		return PTV_PLACE_NONE;
	aux = &kern->aux[event];
	for (n = 0; n < aux->regions; n++) {
		const uint64_t first = (uint64_t)aux->region_page[n] * PTV_AUX_PAGE;
		const uint64_t size = (uint64_t)PTV_AUX_PAGE << aux->region_order[n];

		if (offset >= first && offset - first < size)
			return ptv_place((unsigned int)event, ring_offset + (offset - first));
		ring_offset += size;
	}
	return PTV_PLACE_NONE;
}

bool ptv_kern_wakeup_pending(const struct ptv_kern *kern, unsigned int event)
{
	return kern->event[event].woken != 0U;
}
