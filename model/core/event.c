/* SPDX-License-Identifier: MIT */
/*
 * What it is. The life of a perf event as its user drives it: open, enable, disable, close.
 *
 * State. struct ptv_kern_event: NONE -> OFF (opened, attr.disabled=1) <-> INACTIVE <-> ACTIVE.
 *
 * Rules. Enabling what is INACTIVE or ACTIVE does nothing: so a user cannot revive an event that
 * the driver let go silently (_perf_event_enable). Enable and disable run where the event's context
 * is: by IPI on a CPU event's CPU or the CPU that runs its task; a task event whose task does not
 * run only changes its state. Disabling sets INACTIVE, then OFF (event_sched_out, then
 * __perf_event_disable).
 *
 * Exclusion. PERF_PMU_CAP_EXCLUSIVE: CPU and task events of PT do not mix, and a CPU has one CPU
 * event; each task event here has a task of its own.
 *
 * Not modelled: groups, pinned events (ERROR), inheritance, rotation (the software context that PT
 * is in has none before 6.2), the re-scheduling of all events of a context that another event's
 * enable brings about.
 *
 * Sources: kernel/events/core.c: _perf_event_enable, __perf_event_enable, _perf_event_disable,
 * __perf_event_disable, exclusive_event_init (bed5b25ad9c8), perf_mmap_close and _free_event.
 */
#include "core.h"

#include <string.h>

void ptv_event_state(struct ptv_cpu *cpu, unsigned int event, enum ptv_event_state state)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	if (ev->state == (uint8_t)state)
		return;
	ev->state = (uint8_t)state;
	ptv_observe(cpu, PTV_OBS_EVENT_STATE, event, state, ev->hw.state);
}

static void ask(struct ptv_cpu *cpu, unsigned int event, enum ptv_ask what)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_USER);

	ptv_observe(cpu, PTV_OBS_ASK, event, what, 0);
	cpu->by = by;
}

static bool usable(struct ptv_cpu *cpu, unsigned int event)
{
	return !cpu->kern->dead && ptv_event(cpu, event)->state != PTV_EVENT_NONE;
}

/* exclusive_event_init and exclusive_event_installable. */
static bool excluded(const struct ptv_kern *kern, const struct ptv_event_cfg *cfg)
{
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		const struct ptv_kern_event *other = &kern->event[e];

		if (other->state == PTV_EVENT_NONE)
			continue;
		if (other->context != (uint8_t)cfg->context)
			return true;
		if (cfg->context == PTV_CONTEXT_CPU && other->cpu == cfg->lp)
			return true;
	}
	return false;
}

static void reset(struct ptv_kern_event *ev, const struct ptv_event_cfg *cfg)
{
	memset(ev, 0, sizeof(*ev));
	ev->hw.attr_config = cfg->attr_config;
	ev->hw.exclude_kernel = cfg->exclude_kernel;
	ev->hw.exclude_user = cfg->exclude_user;
	ev->context = (uint8_t)cfg->context;
	ev->cpu = cfg->context == PTV_CONTEXT_CPU ? cfg->lp : PTV_NO_LP;
	ev->task_lp = PTV_NO_LP;
	ev->oncpu = PTV_NO_LP;
	ev->state = PTV_EVENT_OFF;
}

static void observe_open(struct ptv_cpu *cpu, unsigned int event, const struct ptv_event_cfg *cfg)
{
	const struct ptv_kern_aux *aux = ptv_aux(cpu, event);

	ptv_observe(cpu, PTV_OBS_OPEN,
		    (uint64_t)event | ((uint64_t)cfg->context << 8) | ((uint64_t)cfg->mode << 16) |
			    ((uint64_t)cfg->lp << 24) | (aux->head << 32),
		    ptv_aux_bytes(aux), aux->watermark);
	ptv_observe(cpu, PTV_OBS_EVENT_STATE, event, PTV_EVENT_OFF, 0);
}

int ptv_kern_open(struct ptv_cpu *cpu, unsigned int event, const struct ptv_event_cfg *cfg)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);
	uint8_t by;
	int result;

	if (cpu->kern->dead || ev->state != PTV_EVENT_NONE || cfg->lp >= PTV_MAX_LPS)
		return -PTV_EINVAL;
	if (excluded(cpu->kern, cfg))
		return -PTV_EBUSY;
	by = ptv_run_as(cpu, PTV_BY_CORE);
	reset(ev, cfg);
	result = ptv_call_event_init(cpu, event);
	if (result == 0)
		result = ptv_aux_map(cpu, event, cfg);
	if (result == 0)
		observe_open(cpu, event, cfg);
	else
		ev->state = PTV_EVENT_NONE;
	cpu->by = by;
	return result;
}

/* __perf_event_enable. */
static void enable_here(struct ptv_cpu *cpu, uint64_t event)
{
	const unsigned int e = (unsigned int)event;
	struct ptv_kern_event *ev = ptv_event(cpu, e);
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);

	if (ev->state == PTV_EVENT_OFF) {
		ptv_event_update_time(cpu, e);
		ptv_event_state(cpu, e, PTV_EVENT_INACTIVE);
		if (ptv_event_context_lp(ev) == cpu->lp)
			(void)ptv_event_sched_in(cpu, e);
	}
	cpu->by = by;
}

void ptv_kern_enable(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	if (!usable(cpu, event))
		return;
	ask(cpu, event, PTV_ASK_ENABLE);
	if (ev->state == PTV_EVENT_INACTIVE || ev->state == PTV_EVENT_ACTIVE)
		return;
	if (ev->state == PTV_EVENT_ERROR)
		ptv_event_state(cpu, event, PTV_EVENT_OFF);
	ptv_event_function_call(cpu, event, enable_here);
}

void ptv_event_disable_here(struct ptv_cpu *cpu, uint64_t event)
{
	const unsigned int e = (unsigned int)event;
	struct ptv_kern_event *ev = ptv_event(cpu, e);
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);

	if (ev->state == PTV_EVENT_INACTIVE || ev->state == PTV_EVENT_ACTIVE) {
		ptv_event_update_time(cpu, e);
		ptv_event_sched_out(cpu, e);
		ptv_event_state(cpu, e, PTV_EVENT_OFF);
	}
	cpu->by = by;
}

void ptv_kern_disable(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);

	if (!usable(cpu, event))
		return;
	ask(cpu, event, PTV_ASK_DISABLE);
	if (ev->state == PTV_EVENT_INACTIVE || ev->state == PTV_EVENT_ACTIVE)
		ptv_event_function_call(cpu, event, ptv_event_disable_here);
}

/* The user unmaps the AUX area first, then closes: perf_mmap_close, then perf_release. */
void ptv_kern_close(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);
	const uint8_t by = cpu->by;
	unsigned int lp;

	if (!usable(cpu, event))
		return;
	ask(cpu, event, PTV_ASK_CLOSE);
	(void)ptv_run_as(cpu, PTV_BY_CORE);
	ptv_aux_unmap(cpu, event);
	if (ev->state == PTV_EVENT_INACTIVE || ev->state == PTV_EVENT_ACTIVE)
		ptv_event_function_call(cpu, event, ptv_event_disable_here);
	/* _free_event waits for the irq_work. */
	for (lp = 0; lp < PTV_MAX_LPS; lp++)
		cpu->kern->lp[lp].irq_work &= (uint8_t) ~(1U << event);
	ptv_event_state(cpu, event, PTV_EVENT_NONE);
	cpu->by = by;
}
