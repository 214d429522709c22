/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Between the kernel's ring_buffer.c and the model's core: what the one calls, and what the other
 * is told (aux_news). The driver's calls of perf_aux_output_*() come through here (driver.h), so
 * that their outcome is told.
 */
#include "shim.h"

static void tell(const struct perf_event *event, enum ptv_aux_news what, uint64_t a, uint64_t b,
		 uint64_t c)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	cpu->kernel->aux_news(cpu, ptv_linux_event_number(event), what, a, b, c);
}

void *ptv_linux_aux_begin(struct perf_output_handle *handle, struct perf_event *event)
{
	void *buf = perf_aux_output_begin(handle, event);

	ptv_linux_after();
	tell(event, PTV_AUX_NEWS_BEGIN, buf ? 0U : 1U, ptv_linux_slot_of(event)->rb.aux_head,
	     buf ? handle->size : 0U);
	return buf;
}

void ptv_linux_aux_end(struct perf_output_handle *handle, unsigned long size)
{
	ptv_linux_now.end_size = size;
	perf_aux_output_end(handle, size);
}

void ptv_linux_aux_flag(struct perf_output_handle *handle, u64 flags)
{
	perf_aux_output_flag(handle, flags);
	ptv_linux_after();
	if (handle->event)
		tell(handle->event, PTV_AUX_NEWS_FLAG, flags, 0, 0);
}

/* --- what a write to memory tells (point.c) --- */

void ptv_linux_before_write(struct perf_output_handle *handle)
{
	/* perf_aux_output_end() lets go of the event: the transaction is closed. */
	if (handle->event)
		tell(handle->event, PTV_AUX_NEWS_END, ptv_linux_now.end_size, handle->aux_flags, 0);
}

static void tell_belief(struct ptv_cpu *cpu, int vmx_on)
{
	if (vmx_on == ptv_linux_now.vmx_on)
		return;
	ptv_linux_now.vmx_on = vmx_on;
	cpu->kernel->belief(cpu, vmx_on != 0);
}

void ptv_linux_after_write(const void *p)
{
	unsigned int e;

	if (p == &ptv_linux_pt->vmx_on)
		tell_belief(ptv_linux_cpu(), ptv_linux_pt->vmx_on);
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		const struct ptv_linux_slot *slot = &ptv_linux.slot[e];

		if (p == &slot->user.aux_head)
			tell(&slot->event, PTV_AUX_NEWS_HEAD, slot->user.aux_head, 0, 0);
		else if (p == &slot->event.pending_disable)
			tell(&slot->event, PTV_AUX_NEWS_DISABLE,
			     (uint64_t)slot->event.pending_disable, 0, 0);
	}
}

/* --- what ring_buffer.c calls --- */

struct perf_buffer *ring_buffer_get(struct perf_event *event)
{
	struct ptv_linux_slot *slot = ptv_linux_slot_of(event);

	return slot->buf ? &slot->rb : NULL;
}

/* The data buffer lives as long as the event. */
void ring_buffer_put(struct perf_buffer *rb)
{
	(void)rb;
}

void perf_event_aux_event(struct perf_event *event, unsigned long head, unsigned long size,
			  u64 flags)
{
	ptv_linux_after();
	tell(event, PTV_AUX_NEWS_RECORD, flags, head, size);
}

void ptv_linux_irq_work(struct irq_work *work)
{
	ptv_linux_after();
	tell(container_of(work, struct perf_event, pending_irq), PTV_AUX_NEWS_WAKEUP, 0, 0, 0);
}

/* --- what the driver calls besides --- */

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

/* Stands for what writes records into the data buffer (cmake/linux.sh): nobody here does. */
void ptv_linux_no_record(void);
void ptv_linux_no_record(void)
{
	ptv_linux_crash(PTV_LINUX_CRASH_BUG);
}
