/* SPDX-License-Identifier: MIT */
/*
 * What it is. Contexts: where an event may run now, how it gets onto a CPU and off it, and how its
 * time is counted.
 *
 * State. A CPU event's context is always in, on its CPU. A task event's is in while its task runs
 * (task_lp).
 *
 * Rules. event_sched_in: oncpu, ACTIVE, PERF_RECORD_ITRACE_START unless the event has been started
 * before, then add(START); when that fails the event is INACTIVE again and has not run.
 * event_sched_out: del, oncpu, INACTIVE; then, if a disable is pending, OFF at once (28a967c3a2f9
 * looks at pending_disable after del, since a PMI may set it before).
 *
 * Times. enabled advances while state >= INACTIVE and the context is in; running while add has
 * succeeded and del has not been called. Both take their time stamp before the driver is called:
 * running includes the time inside add and excludes that inside del.
 *
 * Order of a context switch: perf_event_task_sched_out(prev), KVM's sched_out notifier, the switch,
 * perf_event_task_sched_in(next) with interrupts off, then interrupts on. The stimuli sched_out and
 * sched_in are the two perf parts.
 *
 * A switch to a task that has software events, PT's context among them, re-schedules the CPU's
 * events of that context up to 4.10: they are flexible, and make room for what the task may have
 * pinned. From fe45bafb5fa7 (4.11) on they stay, unless the task has pinned events (there are none
 * here).
 *
 * Not modelled: KVM's preempt notifiers (vmm_exclusive=0 switches VMX there), context swaps between
 * clones, an ITRACE_START that does not fit in the data buffer.
 *
 * Sources: kernel/events/core.c up to 4.14: event_sched_in, event_sched_out, update_event_times,
 * perf_event_context_sched_in, perf_log_itrace_start, event_function_call (fae3fde65138);
 * kernel/sched/core.c: context_switch.
 */
#include "core.h"

unsigned int ptv_event_context_lp(const struct ptv_kern_event *ev)
{
	return ev->context == PTV_CONTEXT_CPU ? ev->cpu : ev->task_lp;
}

void ptv_event_update_time(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);
	const uint64_t now = cpu->port->now(cpu);
	const uint64_t delta = now > ev->tstamp ? now - ev->tstamp : 0U;

	if (ev->state >= PTV_EVENT_INACTIVE && ptv_event_context_lp(ev) != PTV_NO_LP)
		ev->time_enabled += delta;
	if (ev->running)
		ev->time_running += delta;
	ev->tstamp = now;
}

static void observe_running(struct ptv_cpu *cpu, unsigned int event, bool running)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	ev->running = running ? 1U : 0U;
	ptv_observe(cpu, PTV_OBS_RUNNING, event, ev->running, ev->time_running);
}

static void log_itrace_start(struct ptv_cpu *cpu, unsigned int event)
{
	if (!ptv_event(cpu, event)->hw.itrace_started)
		ptv_observe(cpu, PTV_OBS_RECORD, ptv_record_pack(PTV_RECORD_ITRACE_START, event, 0),
			    0, 0);
}

bool ptv_event_sched_in(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	if (ev->state != PTV_EVENT_INACTIVE)
		return false;
	ptv_event_update_time(cpu, event);
	ev->oncpu = cpu->lp;
	ptv_event_state(cpu, event, PTV_EVENT_ACTIVE);
	log_itrace_start(cpu, event);
	if (ptv_call_add(cpu, event) != 0) {
		ptv_event_state(cpu, event, PTV_EVENT_INACTIVE);
		ev->oncpu = PTV_NO_LP;
		return false;
	}
	observe_running(cpu, event, true);
	return true;
}

void ptv_event_sched_out(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	if (ev->state != PTV_EVENT_ACTIVE)
		return;
	ptv_event_update_time(cpu, event);
	observe_running(cpu, event, false);
	ptv_call_del(cpu, event);
	ev->oncpu = PTV_NO_LP;
	ptv_event_state(cpu, event, PTV_EVENT_INACTIVE);
	if (PTV_READ(cpu, "sched_out", "pending_disable", ev->pending_disable)) {
		ev->pending_disable = 0;
		ptv_event_state(cpu, event, PTV_EVENT_OFF);
	}
}

void ptv_event_function_call(struct ptv_cpu *cpu, unsigned int event,
			     void (*fn)(struct ptv_cpu *cpu, uint64_t event))
{
	const unsigned int lp = ptv_event_context_lp(ptv_event(cpu, event));
	bool irqs;

	if (lp != PTV_NO_LP) {
		cpu->port->ipi(cpu, lp, fn, event);
		return;
	}
	irqs = cpu->port->irqs_set(cpu, false);
	fn(cpu, event);
	(void)cpu->port->irqs_set(cpu, irqs);
}

/* Another event's task runs on the LP. */
static bool occupied(const struct ptv_kern *kern, unsigned int lp)
{
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		const struct ptv_kern_event *ev = &kern->event[e];

		if (ev->state != PTV_EVENT_NONE && ev->context == PTV_CONTEXT_TASK &&
		    ev->task_lp == lp)
			return true;
	}
	return false;
}

bool ptv_kern_sched_in(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);
	uint8_t by;
	bool irqs;

	if (cpu->kern->dead || ev->state == PTV_EVENT_NONE || ev->context != PTV_CONTEXT_TASK ||
	    ev->task_lp != PTV_NO_LP || occupied(cpu->kern, cpu->lp))
		return false;
	by = ptv_run_as(cpu, PTV_BY_CORE);
	irqs = cpu->port->irqs_set(cpu, false);
	ptv_event_update_time(cpu, event);
	ev->task_lp = cpu->lp;
	ptv_observe(cpu, PTV_OBS_SCHED, event, 1, 0);
	(void)ptv_event_sched_in(cpu, event);
	(void)cpu->port->irqs_set(cpu, irqs);
	cpu->by = by;
	return true;
}

bool ptv_kern_sched_out(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);
	uint8_t by;
	bool irqs;

	if (cpu->kern->dead || ev->state == PTV_EVENT_NONE || ev->context != PTV_CONTEXT_TASK ||
	    ev->task_lp != cpu->lp)
		return false;
	by = ptv_run_as(cpu, PTV_BY_CORE);
	irqs = cpu->port->irqs_set(cpu, false);
	ptv_event_update_time(cpu, event);
	ptv_event_sched_out(cpu, event);
	ev->task_lp = PTV_NO_LP;
	ptv_observe(cpu, PTV_OBS_SCHED, event, 0, 0);
	(void)cpu->port->irqs_set(cpu, irqs);
	cpu->by = by;
	return true;
}

/* cpu_ctx_sched_out(EVENT_FLEXIBLE), then perf_event_sched_in. */
static void flip(struct ptv_cpu *cpu)
{
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS && !cpu->kern->dead; e++) {
		const struct ptv_kern_event *ev = ptv_event(cpu, e);

		if (ev->state < PTV_EVENT_INACTIVE || ptv_event_context_lp(ev) != cpu->lp)
			continue;
		ptv_event_update_time(cpu, e);
		ptv_event_sched_out(cpu, e);
		if (!cpu->kern->dead)
			(void)ptv_event_sched_in(cpu, e);
	}
}

bool ptv_kern_switch_task(struct ptv_cpu *cpu)
{
	uint8_t by;
	bool irqs;

	if (cpu->kern->dead || occupied(cpu->kern, cpu->lp))
		return false;
	by = ptv_run_as(cpu, PTV_BY_CORE);
	irqs = cpu->port->irqs_set(cpu, false);
	if (ptv_era(cpu)->switch_flips)
		flip(cpu);
	(void)cpu->port->irqs_set(cpu, irqs);
	cpu->by = by;
	return true;
}

static void read_here(struct ptv_cpu *cpu, uint64_t event)
{
	ptv_event_update_time(cpu, (unsigned int)event);
}

/* perf_event_read: by IPI where the event is. */
void ptv_kern_read_time(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);
	const unsigned int lp = ptv_event_context_lp(ev);

	if (cpu->kern->dead || ev->state == PTV_EVENT_NONE)
		return;
	if (lp == PTV_NO_LP || lp == cpu->lp)
		read_here(cpu, event);
	else
		cpu->port->ipi(cpu, lp, read_here, event);
	ptv_observe(cpu, PTV_OBS_READ_TIME, event, ev->time_enabled, ev->time_running);
}
