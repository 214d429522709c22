/* SPDX-License-Identifier: MIT */
/*
 * Private to model/core: what its files share.
 *
 * kern.c boots and answers questions; event.c has the life and the states of an event; aux.c the
 * AUX buffer's pages, aux_output.c its transactions, aux_news.c those that a driver brings along;
 * sched.c context switches and times; call.c the way into the driver, irq_work.c what is put off
 * from NMI context; nmi.c, kvm.c and era.c are what they are called.
 */
#ifndef PTV_CORE_CORE_H
#define PTV_CORE_CORE_H

#include "ptv/kern.h"

#define PTV_NO_LP 0xffU

/* Physical memory: a ToPA table arena of 64 pages, and 16 MiB for the AUX pages of each event. */
#define PTV_TABLE_BASE UINT64_C(0x20000000)
#define PTV_TABLES     64U
#define PTV_AUX_BASE   UINT64_C(0x40000000)
#define PTV_AUX_SHIFT  24U
#define PTV_VMCS_BASE  UINT64_C(0x30000000)

static inline const struct ptv_era_row *ptv_era(const struct ptv_cpu *cpu)
{
	return cpu->kern_cfg->era;
}

static inline const struct ptv_pmu_ops *ptv_pmu(const struct ptv_cpu *cpu)
{
	return cpu->kern_cfg->ops;
}

static inline struct ptv_kern_event *ptv_event(struct ptv_cpu *cpu, unsigned int event)
{
	PTV_ASSERT(event < PTV_MAX_EVENTS);
	return &cpu->kern->event[event];
}

static inline struct ptv_kern_aux *ptv_aux(struct ptv_cpu *cpu, unsigned int event)
{
	PTV_ASSERT(event < PTV_MAX_EVENTS);
	return &cpu->kern->aux[event];
}

static inline struct ptv_kern_lp *ptv_lp_kern(struct ptv_cpu *cpu)
{
	return &cpu->kern->lp[cpu->lp];
}

static inline uint64_t ptv_aux_bytes(const struct ptv_kern_aux *aux)
{
	return (uint64_t)aux->pages * PTV_AUX_PAGE;
}

/* Says who is running; in NMI context that stays the NMI. Returns who was. */
static inline uint8_t ptv_run_as(struct ptv_cpu *cpu, enum ptv_by by)
{
	const uint8_t before = cpu->by;

	if (!cpu->in_nmi)
		cpu->by = (uint8_t)by;
	return before;
}

static inline void ptv_observe(struct ptv_cpu *cpu, enum ptv_obs_kind kind, uint64_t a, uint64_t b,
			       uint64_t c)
{
	cpu->port->observe(cpu, kind, a, b, c);
}

static inline void ptv_warn(struct ptv_cpu *cpu, uint32_t what)
{
	ptv_observe(cpu, PTV_OBS_SPLAT, PTV_SPLAT_WARN, what, 0);
}

/* call.c: calls of the driver, each observed and paid for */
int ptv_call_add(struct ptv_cpu *cpu, unsigned int event);
void ptv_call_del(struct ptv_cpu *cpu, unsigned int event);
void ptv_call_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t flags);
void ptv_call_pmi(struct ptv_cpu *cpu);
void ptv_call_notify(struct ptv_cpu *cpu, bool on);
int ptv_call_event_init(struct ptv_cpu *cpu, unsigned int event);
int ptv_call_setup_aux(struct ptv_cpu *cpu, unsigned int event);
void ptv_call_free_aux(struct ptv_cpu *cpu, unsigned int event);

/* event.c */
void ptv_event_state(struct ptv_cpu *cpu, unsigned int event, enum ptv_event_state state);
/* __perf_event_disable: in interrupt-off context of the LP of the event's context, if that is in.
 */
void ptv_event_disable_here(struct ptv_cpu *cpu, uint64_t event);

/* sched.c */
/* The LP on which the event's context is scheduled in, PTV_NO_LP if it is not. */
unsigned int ptv_event_context_lp(const struct ptv_kern_event *ev);
/* Accounts time up to now. */
void ptv_event_update_time(struct ptv_cpu *cpu, unsigned int event);
/* Interrupts are off. sched_in: true if the driver took it. */
bool ptv_event_sched_in(struct ptv_cpu *cpu, unsigned int event);
void ptv_event_sched_out(struct ptv_cpu *cpu, unsigned int event);
/* event_function_call: fn runs with interrupts off where the event's context is. */
void ptv_event_function_call(struct ptv_cpu *cpu, unsigned int event,
			     void (*fn)(struct ptv_cpu *cpu, uint64_t event));

/* irq_work.c */
void ptv_irq_work_queue(struct ptv_cpu *cpu, unsigned int event);

/* aux.c: pages */
/* mmap: 0, -PTV_EINVAL or -PTV_ENOMEM; observes PAGE. */
int ptv_aux_map(struct ptv_cpu *cpu, unsigned int event, const struct ptv_event_cfg *cfg);
void ptv_aux_unmap(struct ptv_cpu *cpu, unsigned int event);
/* rb_free_aux: drops a reference. */
void ptv_aux_put(struct ptv_cpu *cpu, unsigned int event);
/* The last reference is gone: so are the regions. */
void ptv_aux_pages_gone(struct ptv_cpu *cpu, unsigned int event);
bool ptv_aux_region_at(const struct ptv_kern_aux *aux, unsigned int event, uint32_t n,
		       struct ptv_aux_region *region);

/* aux_output.c: transactions */
bool ptv_aux_begin(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, unsigned int event);
void ptv_aux_end(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint64_t size);
void ptv_aux_flag(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint32_t flags);

/* aux_news.c: transactions that a driver brings along */
void ptv_aux_get(struct ptv_cpu *cpu, unsigned int event, struct ptv_aux_buffer *buffer);
void ptv_aux_set(struct ptv_cpu *cpu, unsigned int event, const struct ptv_aux_buffer *buffer);
void ptv_aux_news(struct ptv_cpu *cpu, unsigned int event, enum ptv_aux_news what, uint64_t a,
		  uint64_t b, uint64_t c);

#endif /* PTV_CORE_CORE_H */
