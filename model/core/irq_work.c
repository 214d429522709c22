/* SPDX-License-Identifier: MIT */
/*
 * What it is. perf's irq_work: what the AUX code cannot do in NMI context or with a context locked
 * it leaves to a self-IPI: disabling the event and waking the consumer.
 *
 * Rules. An event's work is queued once, on the LP that asked; its flag falls before it runs. The
 * work looks at pending_disable first, then at pending_wakeup. The disable goes through
 * event_function_local: it works for events whose context is on this LP or not in at all, and is a
 * WARN where the context is in elsewhere. In 6.1 the wake-up comes first, and the disable is done
 * on the CPU that has the event (for another CPU the work is queued there: here it is an IPI at
 * once), and not at all when none has it. In 6.12 the disable is another work, which the AUX code
 * never queues: a request waits for the event's next sched_out.
 *
 * Not modelled: WARN_ON_ONCE's "once" (each time is a splat).
 *
 * Sources: kernel/events/core.c, 4.5 to 4.14: perf_pending_event, event_function_local
 * (fae3fde65138); 6.1.192 and 6.12.117: perf_pending_irq, perf_pending_disable; kernel/irq_work.c.
 */
#include "core.h"

void ptv_irq_work_queue(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_lp *lp = ptv_lp_kern(cpu);
	const uint8_t bit = (uint8_t)(1U << event);
	unsigned int i;

	for (i = 0; i < PTV_MAX_LPS; i++) {
		if (cpu->kern->lp[i].irq_work & bit)
			return;
	}
	lp->irq_work |= bit;
	cpu->port->irq_work(cpu);
}

/* perf_event_disable_local. */
static void disable_local(struct ptv_cpu *cpu, unsigned int event)
{
	const unsigned int lp = ptv_event_context_lp(ptv_event(cpu, event));

	if (lp == cpu->lp || lp == PTV_NO_LP)
		ptv_event_disable_here(cpu, event);
	else
		ptv_warn(cpu, PTV_WARN_FUNCTION);
}

static void pending_disable(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	if (PTV_READ(cpu, "irq_work", "pending_disable", ev->pending_disable)) {
		ev->pending_disable = 0;
		disable_local(cpu, event);
	}
}

static void pending_wakeup(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	if (PTV_READ(cpu, "irq_work", "pending_wakeup", ev->pending_wakeup)) {
		ev->pending_wakeup = 0;
		ev->woken = 1;
		ptv_observe(cpu, PTV_OBS_WAKE, event, 0, 0);
	}
}

static void disable_there(struct ptv_cpu *cpu, uint64_t event)
{
	pending_disable(cpu, (unsigned int)event);
}

/* __perf_pending_irq of 6.1: where the event is, or nowhere. */
static void pending_irq(struct ptv_cpu *cpu, unsigned int event)
{
	const unsigned int oncpu =
		(unsigned int)PTV_READ(cpu, "irq_work", "oncpu", ptv_event(cpu, event)->oncpu);

	if (oncpu == PTV_NO_LP)
		return;
	if (oncpu == cpu->lp)
		pending_disable(cpu, event);
	else
		cpu->port->ipi(cpu, oncpu, disable_there, event);
}

/* perf_pending_event, perf_pending_irq. */
static void pending_event(struct ptv_cpu *cpu, unsigned int event)
{
	const unsigned int by = ptv_era(cpu)->disable_by;

	ptv_observe(cpu, PTV_OBS_CALL, PTV_FN_IRQ_WORK, event, 0);
	if (by == PTV_DISABLE_FIRST)
		pending_disable(cpu, event);
	pending_wakeup(cpu, event);
	if (by == PTV_DISABLE_LAST)
		pending_irq(cpu, event);
	ptv_observe(cpu, PTV_OBS_RET, PTV_FN_IRQ_WORK, event, 0);
}

void ptv_kern_irq_work(struct ptv_cpu *cpu)
{
	struct ptv_kern_lp *lp = ptv_lp_kern(cpu);
	const uint8_t queued = lp->irq_work;
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS && !cpu->kern->dead; e++) {
		if (!(queued & (1U << e)))
			continue;
		lp->irq_work &= (uint8_t) ~(1U << e);
		pending_event(cpu, e);
	}
	/* Work that an NMI queued meanwhile has raised an interrupt of its own. */
	if (lp->irq_work)
		cpu->port->irq_work(cpu);
	cpu->by = by;
}
