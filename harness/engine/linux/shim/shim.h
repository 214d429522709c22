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

#define PTV_LINUX_TABLES 64U	/* ToPA tables of one buffer */
#define PTV_LINUX_WORDS	 192U	/* entries of all its tables */
#define PTV_LINUX_STEPS	 100000 /* blocks of code in loops (x86-64) in one operation */

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
	u64 *word[PTV_LINUX_WORDS];	       /* the entries of the tables */
	u64 built[PTV_LINUX_WORDS];	       /* as they were built */
	u64 flushed[PTV_LINUX_WORDS];	       /* as hardware sees them */
	uint64_t dirty[PTV_LINUX_WORDS / 64U]; /* which of these are not as built */
	unsigned int words;
};

/* How an operation may end. */
enum ptv_linux_crash { PTV_LINUX_CRASH_BUG, PTV_LINUX_CRASH_FAULT, PTV_LINUX_CRASH_WEDGED };

/* What points look at, of the operation in progress (site.inc, too). */
struct ptv_linux_now {
	struct ptv_cpu *cpu;
	/* The port's, unless something else is to be done first. */
	void (*between)(struct ptv_cpu *cpu, const char *after, const char *before);
	const char *after; /* label of an access whose AFTER point is still to come; or NULL */
	/* The CPU's calm points, or points enough while no access is one. When the last one was
	 * calm, so is the AFTER point that is still to come. */
	int32_t *calm;
	const void *written;	/* where the core is to be told of, when that point comes */
	unsigned long end_size; /* argument of perf_aux_output_end() */
	int vmx_on;		/* of this CPU, as observed last */
	bool quiet;		/* accesses are no points */
};

/* One operation in progress; an NMI in it is another. */
struct ptv_linux_frame {
	void *jump[5]; /* __builtin_setjmp */
	struct ptv_linux_frame *outer;
	struct ptv_linux_now now; /* the outer operation's */
	int steps;		  /* what it had left */
	enum ptv_linux_crash crash;
};

struct ptv_linux_shim {
	struct ptv_linux_frame *frame; /* NULL: no operation runs */
	struct ptv_linux_slot slot[PTV_MAX_EVENTS];
	struct ptv_pt_caps caps; /* those that pt_init() was called for */
	bool booted;
	bool broken; /* an operation was left by a crash: nothing here is to be believed */
	/* Table pages being allocated for a slot: from the core, or again those of a slot that is
	 * rebuilt. */
	struct ptv_linux_slot *building;
	bool again;
	unsigned int taken;
	bool no_words;	     /* the machine's table memory is full */
	bool tables_written; /* the driver has written to a table, and hardware has not seen it */
};

extern struct ptv_linux_shim ptv_linux;
extern struct ptv_linux_now ptv_linux_now; /* valid with ptv_linux.frame */
PTV_STATIC_ASSERT(offsetof(struct ptv_linux_now, cpu) == 0U, "as in site.inc");
PTV_STATIC_ASSERT(offsetof(struct ptv_linux_now, between) == 8U, "as in site.inc");
PTV_STATIC_ASSERT(offsetof(struct ptv_linux_now, after) == 16U, "as in site.inc");
PTV_STATIC_ASSERT(offsetof(struct ptv_linux_now, calm) == 24U, "as in site.inc");

static inline struct ptv_cpu *ptv_linux_cpu(void)
{
	return ptv_linux_now.cpu;
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
/* The views of a machine that has booted: nothing is open, nothing is built. */
void ptv_linux_state_reset(void);
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
/* Where physical address 0 is seen. */
extern char *ptv_linux_ram;
#define PTV_LINUX_RAM_SIZE 0x100000000UL

static inline phys_addr_t ptv_linux_pa(const void *p)
{
	return (phys_addr_t)((const char *)p - ptv_linux_ram);
}

static inline void *ptv_linux_va(phys_addr_t address)
{
	return ptv_linux_ram + address;
}

/* Whether it is memory of the machine: a table, or AUX. */
bool ptv_linux_in_ram(const void *p);

/* perf.c: perf_aux_output_end() is about to let go of the handle's event; something was written. */
void ptv_linux_before_write(struct perf_output_handle *handle);
void ptv_linux_after_write(const void *p);

/* label.c */
void ptv_linux_label_init(void);
/* The name of the variable at p if it is one that is a point, else NULL. */
const char *ptv_linux_variable_at(const void *p);
/* The function that an address of the driver's code belongs to. */
const char *ptv_linux_function_at(const void *pc);
/* The label of an access ('r', 'w'), the same address every time. */
const char *ptv_linux_label(const char *function, char kind, const char *variable);
const char *ptv_linux_msr_label(const char *function, char kind, u32 msr);

/* point.c */
/* A place in the driver's text from which memory is accessed. The build makes these (site.inc). */
struct ptv_linux_site {
	const void *p;	      /* the address last accessed; NULL: nothing is known */
	const char *label;    /* of an access to it; NULL: no point. Valid with p */
	const void *pc;	      /* where it lies */
	const char *function; /* what it is part of; NULL: not found out yet */
};
PTV_STATIC_ASSERT(sizeof(struct ptv_linux_site) == 32U, "as in site.inc");

/* What the operation has left before it counts as wedged. */
extern int ptv_linux_steps;
void ptv_linux_wedged(void) __attribute__((__noreturn__));
/* An access that its site knows nothing of. */
void ptv_linux_touch_r(const void *p, struct ptv_linux_site *site);
void ptv_linux_touch_w(const void *p, struct ptv_linux_site *site);

/* From now on accesses of the operation are points, or none is. */
void ptv_linux_listen(struct ptv_cpu *cpu);
void ptv_linux_quiet(void);
/* An event's buffer lies elsewhere: what is known of addresses goes. */
void ptv_linux_views_moved(void);
/* The AFTER point of the last access, if it is still to come. */
void ptv_linux_pending_after(void);
static inline void ptv_linux_after(void)
{
	if (ptv_linux_now.after)
		ptv_linux_pending_after();
}

#endif /* PTV_LINUX_SHIM_H */
