/* SPDX-License-Identifier: MIT */
/*
 * Private to model/driver: the state of the Intel PT driver, and what its parts share.
 *
 * The names are those of Linux's arch/x86/events/intel/pt.c with ptv_ in front, so that both can be
 * read side by side. What is missing, because nothing here depends on it: address filters, sysfs,
 * power events, PTWRITE.
 */
#ifndef PTV_DRIVER_PT_H
#define PTV_DRIVER_PT_H

#include "ptv/msr.h"
#include "ptv/pmu.h"

#define PTV_TOPA_PMI_MARGIN 512U /* Linux's guess of how early a single-entry ToPA's PMI comes */

/* What the driver warns of (SPLAT.b). */
enum ptv_pt_warn {
	PTV_WARN_WRONG_EVENT = 1, /* stop of an event, and the transaction is another's */
	PTV_WARN_NO_BUFFER,	  /* the transaction in hand has been closed: a NULL pointer */
	PTV_PT_WARNS
};
PTV_STATIC_ASSERT(PTV_PT_WARNS <= PTV_WARN_CORE, "the driver's numbers lie below the core's");

/*
 * struct pt of pt.c: this LP's driver. NMIs touch every field of it.
 */
struct ptv_pt {
	struct ptv_aux_handle handle; /* the open AUX transaction */
	uint8_t handle_nmi;	      /* the PMI handler may touch the event */
	uint8_t vmx_on;		      /* KVM has announced VMXON and not yet said that it is over */
	uint8_t pmi_pending;	      /* pmi_in_vmx=latch: a PMI came in VMX */
	uint8_t half; /* pmi_in_vmx=half: 1 + the event whose PMI lacks its second half; 0: none */
	uint8_t pad[4];
} __attribute__((__may_alias__));

/*
 * struct pt_buffer of pt.c: one AUX buffer. A "region" is one output region (one ToPA entry);
 * regions are numbered in ring order. On hardware with single-entry ToPA there is a table for each
 * region, and the driver steps from one to the next; else one table holds all regions and an END
 * entry back to itself.
 */
struct ptv_pt_buffer {
	uint64_t table;	     /* physical address of the first table */
	uint64_t head;	     /* ring position of the last update, as pt.c keeps it */
	uint64_t data_size;  /* bytes since the transaction began; snapshot: position of the end */
	uint32_t output_off; /* offset in the current region */
	uint8_t cur;	     /* current table, from 0 */
	uint8_t cur_idx;     /* current entry of it */
	uint8_t nr_tables;
	uint8_t nr_regions;
	uint8_t nr_pages;
	uint8_t snapshot;
	uint8_t stop_pos; /* page whose *preceding* region carries STOP */
	uint8_t intr_pos; /* page whose preceding region carries INT */
	uint8_t pad[4];
	int16_t table_page[PTV_MAX_AUX_PAGES]; /* each table: pages away from the first one */
} __attribute__((__may_alias__));

PTV_STATIC_ASSERT(sizeof(struct ptv_pt) <= PTV_DRIVER_CPU_WORDS * sizeof(uint64_t),
		  "the driver's state of an LP fits its block");
PTV_STATIC_ASSERT(sizeof(struct ptv_pt_buffer) <= PTV_DRIVER_BUF_WORDS * sizeof(uint64_t),
		  "the driver's state of a buffer fits its block");
PTV_STATIC_ASSERT(sizeof(struct ptv_pt) == 40U && sizeof(struct ptv_pt_buffer) == 168U,
		  "no hidden padding");

/* this_cpu_ptr(&pt_ctx) */
static inline struct ptv_pt *ptv_pt_ctx(struct ptv_cpu *cpu)
{
	return cpu->kernel->cpu_state(cpu);
}

/* The event's buffer. */
static inline struct ptv_pt_buffer *ptv_pt_buffer(struct ptv_cpu *cpu, unsigned int event)
{
	return cpu->kernel->buf_state(cpu, event);
}

/* &event->hw */
static inline struct ptv_hw_event *ptv_pt_hw(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_hw_event *hw = cpu->kernel->hw(cpu, event);

	PTV_ASSERT(hw);
	return hw;
}

/* The buffer of the open transaction, NULL if none is open. */
static inline struct ptv_pt_buffer *ptv_perf_get_aux(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	return pt->handle.event == PTV_NO_EVENT ? NULL : ptv_pt_buffer(cpu, pt->handle.event);
}

/* --- pt_topa.c: tables, positions, markers --- */

/* Builds the tables of a newly mapped AUX area. 0, -PTV_EINVAL (nothing mapped), -PTV_ENOMEM. */
int ptv_pt_buffer_setup_aux(struct ptv_cpu *cpu, unsigned int event);
void ptv_pt_buffer_free_aux(struct ptv_cpu *cpu, unsigned int event);
/* Points OUTPUT_BASE and OUTPUT_MASK_PTRS at the buffer's current position. */
void ptv_pt_config_buffer(struct ptv_cpu *cpu, const struct ptv_pt_buffer *buf);
/* Takes the buffer's current position from the registers. */
void ptv_pt_read_offset(struct ptv_cpu *cpu, struct ptv_pt_buffer *buf);
/* Looks after RTIT_STATUS: steps on from a full region, flags what was lost, pads (single-entry
 * ToPA) the end of a region that is full enough. */
void ptv_pt_handle_status(struct ptv_cpu *cpu, struct ptv_pt *pt);
/* Adds to data_size what has been written since the last time. */
void ptv_pt_update_head(struct ptv_cpu *cpu, struct ptv_pt *pt);
/* Sets the current position to where a transaction of the event has just begun. */
void ptv_pt_buffer_reset_offsets(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event);
/* Places STOP and INT for the transaction (multi-entry ToPA). 0, or -PTV_EINVAL and the transaction
 * flagged TRUNCATED: the room ends inside the current region. */
int ptv_pt_buffer_reset_markers(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event,
				bool stop_int);

/* --- pt.c: the skeleton that reads its row --- */

void ptv_pt_boot(struct ptv_cpu *cpu);
int ptv_pt_event_init(struct ptv_cpu *cpu, unsigned int event);
int ptv_pt_event_add(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_pt_event_del(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_pt_event_start(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_pt_event_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_intel_pt_interrupt(struct ptv_cpu *cpu);
void ptv_intel_pt_handle_vmx(struct ptv_cpu *cpu, bool on);
void ptv_cpu_emergency_stop_pt(struct ptv_cpu *cpu);
/* RTIT_CTL as the event's attributes ask for it, TraceEn set. */
uint64_t ptv_pt_ctl(const struct ptv_hw_event *hw);

/* --- naive.c --- */

int ptv_naive_event_add(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_naive_event_del(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_naive_event_start(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_naive_event_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t mode);
void ptv_naive_interrupt(struct ptv_cpu *cpu);

#endif /* PTV_DRIVER_PT_H */
