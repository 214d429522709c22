/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The part of perf's core that the driver calls, on the core of the model.
 *
 * struct perf_output_handle is the driver's; the model's core has a handle of its own kind. While
 * the core works on one, an NMI may find the driver in the middle: its handle is then brought up to
 * date first, and what the NMI made of it is given to the core afterwards (ops.c).
 */
#include "shim.h"

void ptv_linux_pull(struct ptv_linux_borrowed *borrowed)
{
	struct perf_output_handle *handle = borrowed->handle;
	const struct ptv_aux_handle *core = &borrowed->core;

	handle->event = NULL;
	if (core->event < PTV_MAX_EVENTS)
		handle->event = &ptv_linux.slot[core->event].event;
	handle->head = core->head;
	handle->size = core->size;
	handle->wakeup = core->wakeup;
	handle->aux_flags = core->flags;
}

void ptv_linux_push(struct ptv_linux_borrowed *borrowed)
{
	const struct perf_output_handle *handle = borrowed->handle;
	struct ptv_aux_handle *core = &borrowed->core;

	core->event = PTV_NO_EVENT;
	if (handle->event)
		core->event = (uint8_t)ptv_linux_event_number(handle->event);
	core->head = handle->head;
	core->size = handle->size;
	core->wakeup = handle->wakeup;
	core->flags = (uint32_t)handle->aux_flags;
}

static void borrow(struct ptv_linux_borrowed *borrowed, struct perf_output_handle *handle)
{
	ptv_linux_after();
	borrowed->handle = handle;
	borrowed->outer = ptv_linux.borrowed;
	ptv_linux_push(borrowed);
	ptv_linux.borrowed = borrowed;
}

static void give_back(struct ptv_linux_borrowed *borrowed)
{
	ptv_linux_pull(borrowed);
	ptv_linux.borrowed = borrowed->outer;
}

void *perf_aux_output_begin(struct perf_output_handle *handle, struct perf_event *event)
{
	const unsigned int e = ptv_linux_event_number(event);
	struct ptv_cpu *cpu = ptv_linux_cpu();
	struct ptv_linux_borrowed borrowed;
	bool open;

	borrow(&borrowed, handle);
	open = cpu->kernel->aux_begin(cpu, &borrowed.core, e);
	give_back(&borrowed);
	return open ? ptv_linux.slot[e].buf : NULL;
}

void perf_aux_output_end(struct perf_output_handle *handle, unsigned long size)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();
	struct ptv_linux_borrowed borrowed;

	borrow(&borrowed, handle);
	cpu->kernel->aux_end(cpu, &borrowed.core, size);
	give_back(&borrowed);
}

void perf_aux_output_flag(struct perf_output_handle *handle, u64 flags)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();
	struct ptv_linux_borrowed borrowed;

	borrow(&borrowed, handle);
	cpu->port->point(cpu, "aux_flag.w.aux_flags", PTV_BEFORE);
	cpu->kernel->aux_flag(cpu, &borrowed.core, (uint32_t)flags);
	cpu->port->point(cpu, "aux_flag.w.aux_flags", PTV_AFTER);
	give_back(&borrowed);
}

void *perf_get_aux(struct perf_output_handle *handle)
{
	if (!handle->event)
		return NULL;
	return ptv_linux.slot[ptv_linux_event_number(handle->event)].buf;
}

/* AUX sampling: the core does not ask for it. */
long perf_output_copy_aux(struct perf_output_handle *aux_handle, struct perf_output_handle *handle,
			  unsigned long from, unsigned long to)
{
	(void)aux_handle;
	(void)handle;
	(void)from;
	(void)to;
	ptv_linux_crash(PTV_LINUX_CRASH_BUG);
}

void perf_event_itrace_started(struct perf_event *event)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	ptv_linux_after();
	cpu->kernel->itrace_started(cpu, ptv_linux_event_number(event));
}

/* No event has address filters. */
void perf_event_addr_filters_sync(struct perf_event *event)
{
	(void)event;
}

int perf_pmu_register(struct pmu *pmu, const char *name, int type)
{
	(void)name;
	pmu->type = type;
	return 0;
}
