/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Private to the shim: what its files share.
 *
 * The kernel's objects (struct pt of a CPU, struct perf_event, struct pt_buffer, table pages) are
 * views. What a run depends on lies in the blocks of the state tree that the core gives every
 * driver: it is unpacked into the views when an operation begins and packed when it ends
 * (state.c), so that a world is still copied by assignment. What does not change while a buffer is
 * mapped (lists, tables as built) is kept here and built again by the driver itself when a world
 * with another geometry comes along.
 *
 * ops.c has the operations and guards them; state.c the views; memory.c physical memory; perf.c the
 * part of perf's core that drivers call; point.c labels and points.
 */
#ifndef PTV_LINUX_SHIM_H
#define PTV_LINUX_SHIM_H

#include "buffer.h"
#include "driver.h"
#include "ptv/pmu.h"

#define PTV_LINUX_TABLES 64U	 /* ToPA tables of one buffer */
#define PTV_LINUX_WORDS	 192U	 /* entries of all its tables */
#define PTV_LINUX_STEPS	 1000000 /* accesses to memory in one operation */

/* One event with its buffer. */
struct ptv_linux_slot {
	/* The kernel's objects; accesses to what lies before buf may be points. */
	struct perf_event event;
	struct perf_buffer rb; /* without data pages */
	struct perf_event_mmap_page user;
	struct pt_buffer *buf; /* NULL: no AUX area */
	uint64_t geometry;     /* hash of what buf was built from; 0: nothing is built */
	void *pages[PTV_MAX_AUX_PAGES];
	struct ptv_aux_region region[PTV_MAX_AUX_PAGES];
	unsigned int regions;
	uint64_t table[PTV_LINUX_TABLES]; /* physical addresses, in order of allocation */
	unsigned int tables;
	u64 *word[PTV_LINUX_WORDS];   /* the entries of the tables */
	u64 built[PTV_LINUX_WORDS];   /* as they were built */
	u64 flushed[PTV_LINUX_WORDS]; /* as hardware sees them */
	unsigned int words;
};

/* How an operation may end. */
enum ptv_linux_crash { PTV_LINUX_CRASH_BUG, PTV_LINUX_CRASH_FAULT, PTV_LINUX_CRASH_WEDGED };

/* One operation in progress; an NMI in it is another. */
struct ptv_linux_frame {
	void *jump[5]; /* __builtin_setjmp */
	struct ptv_linux_frame *outer;
	struct ptv_cpu *cpu;
	const struct pt *pt;							   /* this CPU's */
	void (*point)(struct ptv_cpu *cpu, const char *label, enum ptv_side side); /* the port's */
	const char *after;	/* label of an access whose AFTER point is still to come */
	const void *written;	/* where, if it is a write; else NULL */
	unsigned long end_size; /* argument of perf_aux_output_end() */
	int steps;		/* what ptv_linux.steps was before */
	enum ptv_linux_crash crash;
	int vmx_on; /* as observed last */
	bool quiet; /* accesses are no points */
};

struct ptv_linux_shim {
	struct ptv_linux_frame *frame; /* NULL: no operation runs */
	int steps;		       /* accesses to memory that the operation has left */
	struct ptv_linux_slot slot[PTV_MAX_EVENTS];
	struct ptv_pt_caps caps; /* those that pt_init() was called for */
	bool booted;
	bool broken; /* an operation was left by a crash: nothing here is to be believed */
	/* Table pages being allocated for a slot: from the core, or again those of a slot that is
	 * rebuilt. */
	struct ptv_linux_slot *building;
	bool again;
	unsigned int taken;
	bool no_words; /* the machine's table memory is full */
};

extern struct ptv_linux_shim ptv_linux;

static inline struct ptv_cpu *ptv_linux_cpu(void)
{
	return ptv_linux.frame->cpu;
}

static inline unsigned int ptv_linux_event_number(const struct perf_event *event)
{
	return (unsigned int)(container_of(event, struct ptv_linux_slot, event) - ptv_linux.slot);
}

static inline struct ptv_linux_slot *ptv_linux_slot_of(struct perf_event *event)
{
	return container_of(event, struct ptv_linux_slot, event);
}

/* ops.c */
void ptv_linux_crash(enum ptv_linux_crash what) __attribute__((__noreturn__));

/* state.c */
/* Makes the views those of the world that cpu belongs to; save() writes them back. */
void ptv_linux_load(struct ptv_cpu *cpu);
void ptv_linux_save(struct ptv_cpu *cpu);
int ptv_linux_build(struct ptv_cpu *cpu, unsigned int event);
void ptv_linux_drop(struct ptv_cpu *cpu, unsigned int event);
/* Lets hardware see what the driver has written into tables. */
void ptv_linux_flush(struct ptv_cpu *cpu);

/* memory.c */
bool ptv_linux_memory_init(void);
void ptv_linux_memory_reset(void);
bool ptv_linux_in_heap(const void *p);
phys_addr_t ptv_linux_virt_to_phys(const void *p);

/* perf.c: perf_aux_output_end() is about to let go of the handle's event; something was written. */
void ptv_linux_before_write(struct perf_output_handle *handle);
void ptv_linux_after_write(const void *p);

/* point.c */
void ptv_linux_point_init(void);
/* Whose accesses are points may be another from now on: the frame, its quiet, or this CPU. */
void ptv_linux_listen(void);
/* An event's buffer lies elsewhere: what is known of addresses goes. */
void ptv_linux_views_moved(void);
/* The AFTER point of the last access, if it is still to come. */
void ptv_linux_after(void);

#endif /* PTV_LINUX_SHIM_H */
