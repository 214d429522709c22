/* SPDX-License-Identifier: MIT */
/*
 * A PT driver outside the tree, in one file, against ptv/pmu.h alone (docs/drivers.md).
 *
 * Output goes to one region of the AUX buffer at a time: entry 0 of a table is that region, INT and
 * STOP, entry 1 ends the table. A transaction is open from start to stop; the PMI at the end of a
 * region closes it and opens the next. Before VMXON tracing is turned off; in VMX operation all of
 * this goes on but that RTIT_CTL is not written; what is open is flagged PARTIAL. VMXOFF writes it.
 *
 * The PMI is an NMI and can come between any two lines. `armed` is a lock that it respects: it only
 * leaves word in `missed`, and whoever holds the lock looks there when he lets go (pmi_pass).
 */
#include "ptv/pmu.h"

#define RTIT_OUTPUT_BASE      0x560U
#define RTIT_OUTPUT_MASK_PTRS 0x561U
#define RTIT_CTL	      0x570U
#define RTIT_STATUS	      0x571U
#define CTL_TRACE_EN	      UINT64_C(1)
#define CTL_TOPA_BRANCH_EN    UINT64_C(0x2100)
#define TOPA_INT_STOP	      0x14U
#define PMI_MARGIN	      512U /* where tables have one entry the PMI comes this early */

/* All state lies in words of the core, so that a snapshot of the world holds it. */
struct lp {
	struct ptv_aux_handle handle;	/* the open transaction */
	uint32_t armed, missed, vmx_on; /* vmx_on: RTIT_CTL must not be written */
} __attribute__((__may_alias__));

static struct lp *this_lp(struct ptv_cpu *cpu)
{
	return cpu->kernel->cpu_state(cpu);
}

/* Physical address of the event's table; in the words of its buffer. */
static uint64_t *table_of(struct ptv_cpu *cpu, unsigned int event)
{
	return cpu->kernel->buf_state(cpu, event);
}

static void boot(struct ptv_cpu *cpu)
{
	this_lp(cpu)->handle.event = PTV_NO_EVENT;
}

static int event_init(struct ptv_cpu *cpu, unsigned int event)
{
	return cpu->kernel->hw(cpu, event)->attr_config ? -PTV_EINVAL : 0;
}

static int setup_aux(struct ptv_cpu *cpu, unsigned int event)
{
	const uint64_t table = *table_of(cpu, event) = cpu->kernel->table_alloc(cpu);

	return table && cpu->port->mem_write64(cpu, table, TOPA_INT_STOP) &&
			       cpu->port->mem_write64(cpu, table + 8U, table | 1U)
		       ? 0
		       : -PTV_ENOMEM;
}

static void free_aux(struct ptv_cpu *cpu, unsigned int event)
{
	cpu->kernel->table_free(cpu, *table_of(cpu, event));
}

static void wrmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr, uint64_t value)
{
	(void)cpu->port->wrmsr(cpu, label, msr, value, false);
}

static void set_ctl(struct ptv_cpu *cpu, struct ptv_hw_event *hw, uint64_t ctl)
{
	hw->config = ctl;
	if (this_lp(cpu)->vmx_on)
		cpu->kernel->aux_flag(cpu, &this_lp(cpu)->handle, PTV_AUX_FLAG_PARTIAL);
	else
		wrmsr(cpu, "set_ctl.w.RTIT_CTL", RTIT_CTL, ctl);
}

/* The region that holds the transaction's first byte; *offset: where in it. */
static struct ptv_aux_region region_at(struct ptv_cpu *cpu, const struct ptv_aux_handle *handle,
				       uint64_t *offset)
{
	uint64_t size = (uint64_t)cpu->kernel->aux_pages(cpu, handle->event) * PTV_AUX_PAGE;
	struct ptv_aux_region region = {0, 0, 0};
	uint32_t n = 0;

	while (cpu->kernel->aux_region(cpu, handle->event, n++, &region) &&
	       handle->head % size >= region.ring_offset + region.size)
		;
	*offset = handle->head % size - region.ring_offset;
	return region;
}

/* Begins a transaction, points hardware at its region, turns on. False: there is no room. */
static bool open_output(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_aux_handle *handle = &this_lp(cpu)->handle;
	struct ptv_hw_event *hw = cpu->kernel->hw(cpu, event);
	const uint64_t table = *table_of(cpu, event);
	struct ptv_aux_region region;
	uint64_t offset, order;

	if (!cpu->kernel->aux_begin(cpu, handle, event))
		return false;
	region = region_at(cpu, handle, &offset);
	/* Hardware stops at the end of the region: nothing before it may be unread. */
	if (offset + handle->size + 1U < region.size) {
		cpu->kernel->aux_flag(cpu, handle, PTV_AUX_FLAG_TRUNCATED);
		cpu->kernel->aux_end(cpu, handle, 0);
		return false;
	}
	order = (uint64_t)__builtin_ctzll(region.size / PTV_AUX_PAGE);
	(void)cpu->port->mem_write64(cpu, table, region.address | order << 6 | TOPA_INT_STOP);
	wrmsr(cpu, "open.w.RTIT_OUTPUT_BASE", RTIT_OUTPUT_BASE, table);
	wrmsr(cpu, "open.w.RTIT_OUTPUT_MASK_PTRS", RTIT_OUTPUT_MASK_PTRS, 0x7fU | offset << 32);
	wrmsr(cpu, "open.w.RTIT_STATUS", RTIT_STATUS, 0); /* Stopped, too */
	set_ctl(cpu, hw,
		CTL_TRACE_EN | CTL_TOPA_BRANCH_EN | (hw->exclude_kernel ? 0U : 4U) |
			(hw->exclude_user ? 0U : 8U));
	return true;
}

/* Turns tracing off and reports what was written since open_output(). */
static void close_output(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_aux_handle *handle = &this_lp(cpu)->handle;
	struct ptv_hw_event *hw = cpu->kernel->hw(cpu, event);
	struct ptv_aux_region region;
	uint64_t begin, end;

	set_ctl(cpu, hw, hw->config & ~CTL_TRACE_EN);
	cpu->port->fence(cpu);
	end = cpu->port->rdmsr(cpu, "close.r.MASK_PTRS", RTIT_OUTPUT_MASK_PTRS).value >> 32;
	region = region_at(cpu, handle, &begin);
	if (end >= region.size) { /* STOP came before the PMI: a gap, though there is room */
		cpu->kernel->aux_flag(cpu, handle, PTV_AUX_FLAG_PARTIAL);
	} else if (region.size - end <= PMI_MARGIN) {
		cpu->port->mem_fill(cpu, event, region.ring_offset + end, region.size - end,
				    PTV_SW_PAD);
		end = region.size;
	}
	cpu->kernel->aux_end(cpu, handle, end - begin);
}

/* Lets go of the lock and handles the PMI that has come, now or meanwhile. */
static void pmi_pass(struct ptv_cpu *cpu, struct lp *lp)
{
	PTV_WRITE(cpu, "pass", "armed", lp->armed, 1);
	while (PTV_READ(cpu, "pass", "missed", lp->missed) && lp->armed) {
		const unsigned int event = lp->handle.event;

		PTV_WRITE(cpu, "pass", "armed", lp->armed, 0);
		lp->missed = 0;
		close_output(cpu, event);
		if (!open_output(cpu, event)) {
			cpu->kernel->hw(cpu, event)->state = PTV_HES_STOPPED;
			return;
		}
		PTV_WRITE(cpu, "pass", "armed", lp->armed, 1);
	}
}

static void pmi(struct ptv_cpu *cpu)
{
	this_lp(cpu)->missed = 1;
	if (this_lp(cpu)->armed)
		pmi_pass(cpu, this_lp(cpu));
}

static void start(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	(void)flags;
	this_lp(cpu)->missed = 0;
	cpu->kernel->hw(cpu, event)->state = open_output(cpu, event) ? 0U : PTV_HES_STOPPED;
	if (this_lp(cpu)->handle.event == event) {
		cpu->kernel->itrace_started(cpu, event);
		pmi_pass(cpu, this_lp(cpu));
	}
}

static void stop(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	(void)flags; /* the transaction ends with or without PTV_EF_UPDATE */
	PTV_WRITE(cpu, "stop", "armed", this_lp(cpu)->armed, 0);
	if (this_lp(cpu)->handle.event == event)
		close_output(cpu, event);
	cpu->kernel->hw(cpu, event)->state = PTV_HES_STOPPED;
}

static int add(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	start(cpu, event, flags);
	return cpu->kernel->hw(cpu, event)->state ? -PTV_EINVAL : 0;
}

static void notify(struct ptv_cpu *cpu, bool on)
{
	struct lp *lp = this_lp(cpu);
	struct ptv_hw_event *hw = NULL;
	bool irqs;

	if (cpu->caps->vmx) /* PT traces in VMX operation */
		return;
	irqs = cpu->port->irqs_set(cpu, false);
	PTV_WRITE(cpu, "notify", "armed", lp->armed, 0);
	if (lp->handle.event != PTV_NO_EVENT)
		hw = cpu->kernel->hw(cpu, lp->handle.event);
	if (on && hw) /* not left to VMXON: a PMI before it would find tracing still on */
		wrmsr(cpu, "notify.w.RTIT_CTL", RTIT_CTL, hw->config & ~CTL_TRACE_EN);
	PTV_WRITE(cpu, "notify", "vmx_on", lp->vmx_on, on);
	cpu->kernel->belief(cpu, on);
	if (hw) {
		cpu->kernel->aux_flag(cpu, &lp->handle, PTV_AUX_FLAG_PARTIAL);
		set_ctl(cpu, hw, hw->config);
		pmi_pass(cpu, lp);
	}
	(void)cpu->port->irqs_set(cpu, irqs);
}

const struct ptv_pmu_ops *ptv_driver(void);

const struct ptv_pmu_ops *ptv_driver(void)
{
	static const struct ptv_pmu_ops ops = {PTV_PMU_ABI, "reference", boot, event_init,
					       setup_aux,   free_aux,	 add,  stop /* del */,
					       start,	    stop,	 pmi,  notify,
					       NULL,	    NULL,	 NULL};

	return &ops;
}
