/* SPDX-License-Identifier: MIT */
/*
 * The core's state: perf events, AUX buffers, scheduling, KVM, the NMI path. Generated from
 * spec/state_kern.def.
 *
 * The functions are the entry points by which the machine (model/machine.c) makes the kernel do
 * things; each runs to its end on the given CPU.
 */
#ifndef PTV_KERN_H
#define PTV_KERN_H

#include "ptv/driver.h"
#include "ptv/obs.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PTV_STATE_FILE "spec/state_kern.def"
#include "ptv/state_decl.h"

/* An event as the scenario describes it (CFG). */
struct ptv_event_cfg {
	enum ptv_context context;
	enum ptv_aux_mode mode;
	uint32_t aux_pages;   /* power of two, 1..PTV_MAX_AUX_PAGES */
	uint64_t watermark;   /* bytes; 0: half of the buffer */
	uint32_t earlier;     /* full mode: bytes that were traced, reported and read before the
				 timeline begins; less than the buffer */
	uint64_t attr_config; /* RTIT_CTL bits the user asks for besides the defaults */
	uint8_t lp;	      /* CPU event: its CPU */
	uint8_t exclude_kernel, exclude_user;
	uint8_t region_pages_count; /* fragmented: explicit region sizes; 0: by the era's rule */
	uint8_t region_pages[PTV_MAX_AUX_PAGES]; /* powers of two that add up to aux_pages */
};

/* What the kernel is configured as (CFG). */
struct ptv_kern_cfg {
	const struct ptv_era_row *era;
	const struct ptv_pmu_ops *ops;
	uint32_t kcall_cycles; /* latency.def */
	uint8_t early_ack; /* 1: LVTPC is unmasked where the NMI handler begins (Atom); 0: where it
			      ends (big cores from Haswell on) */
};

/* Argument of SPLAT for PTV_SPLAT_WARN: which WARN_ON. Below PTV_WARN_CORE: the driver's own. */
enum ptv_warn {
	PTV_WARN_AUX_NEST = PTV_WARN_CORE, /* aux_begin while a transaction is open */
	PTV_WARN_AUX_END,		   /* aux_end without a transaction */
	PTV_WARN_AUX_REFCOUNT, /* munmap finds a transaction open, or its own reference gone */
	PTV_WARN_FUNCTION      /* event_function_local: the event's context is not here */
};

void ptv_kern_init(struct ptv_kern *kern, const struct ptv_kern_cfg *cfg);
/* Boot on each LP: driver's boot, PT PMI unmasked. */
void ptv_kern_boot(struct ptv_cpu *cpu);

/*
 * perf_event_open, disabled, and mmap of data and AUX area. Observes OPEN, PAGE, EVENT_STATE. 0, or
 * -PTV_EINVAL, -PTV_EBUSY (a PT event that excludes it is open), -PTV_ENOMEM.
 */
int ptv_kern_open(struct ptv_cpu *cpu, unsigned int event, const struct ptv_event_cfg *cfg);
/* What the user asks of an open event; each observes ASK. */
void ptv_kern_close(struct ptv_cpu *cpu, unsigned int event);
void ptv_kern_enable(struct ptv_cpu *cpu, unsigned int event);
void ptv_kern_disable(struct ptv_cpu *cpu, unsigned int event);
/* The event's task comes onto or leaves this CPU. False if it cannot (already in, not in, not a
 * task event). */
bool ptv_kern_sched_in(struct ptv_cpu *cpu, unsigned int event);
bool ptv_kern_sched_out(struct ptv_cpu *cpu, unsigned int event);
/* This CPU switches to a task that has software events, none of them PT's. False if the task of a
 * PT event runs here. */
bool ptv_kern_switch_task(struct ptv_cpu *cpu);
/* KVM on this CPU. False if it makes no sense now (already on, not on). */
bool ptv_kern_virt_on(struct ptv_cpu *cpu, bool bad_region);
/* The part of it before VMXON, in whose place the thread is preempted; nothing in eras without a
 * thread. What comes meanwhile is other tasks'. */
bool ptv_kern_virt_begin(struct ptv_cpu *cpu);
bool ptv_kern_virt_off(struct ptv_cpu *cpu);
bool ptv_kern_vcpu_run(struct ptv_cpu *cpu, uint64_t branches);
/* The consumer (it runs elsewhere; cpu is only the clock): reads aux_head, stores aux_tail up to
 * `bytes` further. */
void ptv_kern_consume(struct ptv_cpu *cpu, unsigned int event, uint64_t bytes);
void ptv_kern_read_time(struct ptv_cpu *cpu, unsigned int event);

/* The closed end: a SPLAT_LEAK for each event whose AUX transaction is open though it is not
 * active. */
void ptv_kern_audit(struct ptv_cpu *cpu);

/* Interrupts and exceptions. */
void ptv_kern_nmi(struct ptv_cpu *cpu);				    /* NMI handler body */
void ptv_kern_irq_work(struct ptv_cpu *cpu);			    /* perf's self-IPI */
void ptv_kern_fault(struct ptv_cpu *cpu, uint32_t msr, bool write); /* #GP of an MSR access that is
								       not _safe */

/* What a driver may ask (pmu.h). */
const struct ptv_kernel_ops *ptv_kern_ops(void);

/* Questions of the machine. */
bool ptv_kern_dead(const struct ptv_kern *kern);
/* An irq_work is queued on lp. */
bool ptv_kern_irq_work_pending(const struct ptv_kern *kern, unsigned int lp);
/* An event is counted running on lp now whose filter covers CPL 0 / CPL 3 code of the task that
 * runs there. */
bool ptv_kern_event_scope(const struct ptv_kern *kern, unsigned int lp, unsigned int cpl);
/* Who owns the AUX page at a physical address: PTV_PLACE_NONE if nobody. */
uint64_t ptv_kern_place(const struct ptv_kern *kern, uint64_t address);
/* A wake-up of the event's consumer is waiting for it to run. */
bool ptv_kern_wakeup_pending(const struct ptv_kern *kern, unsigned int event);

#ifdef __cplusplus
}
#endif

#endif /* PTV_KERN_H */
