/* SPDX-License-Identifier: MIT */
/*
 * pmu: the border between the core of the kernel and the PT driver. Our drivers, out-of-tree
 * drivers in a .so and the real Linux driver stand behind it.
 *
 * Core -> driver is struct ptv_pmu_ops, modelled on struct pmu (include/linux/perf_event.h) plus
 * the two entry points that x86 gives pt.c: intel_pt_interrupt (pmi) and intel_pt_handle_vmx
 * (notify). Driver -> core is struct ptv_kernel_ops. Driver -> machine is ptv/port.h. Only fixed C
 * types cross.
 */
#ifndef PTV_PMU_H
#define PTV_PMU_H

#include "ptv/port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PTV_PMU_ABI 2U

/* flags of add, start, stop: PERF_EF_* of Linux */
#define PTV_EF_START  0x01U
#define PTV_EF_RELOAD 0x02U
#define PTV_EF_UPDATE 0x04U
#define PTV_EF_PAUSE  0x08U
#define PTV_EF_RESUME 0x10U

/* hw.state: PERF_HES_* of Linux */
#define PTV_HES_STOPPED	 0x01U
#define PTV_HES_UPTODATE 0x02U

/* Negative results, as errno values of Linux. */
#define PTV_EINVAL 22
#define PTV_EBUSY  16
#define PTV_ENOMEM 12
#define PTV_EAGAIN 11

#define PTV_DRIVER_CPU_WORDS 24U /* 64-bit words of driver state per LP */
#define PTV_DRIVER_BUF_WORDS 24U /* and per AUX buffer */

#define PTV_AUX_PAGE	  4096U
#define PTV_MAX_AUX_PAGES 64U /* pages of one AUX buffer */

/* What the driver shares with the core in an event: event->hw and the attributes PT looks at. */
struct ptv_hw_event {
	uint64_t config;      /* event->hw.config / hw.aux_config: last intended RTIT_CTL */
	uint64_t attr_config; /* user's RTIT_CTL bits */
	uint32_t state;	      /* PTV_HES_* */
	uint8_t itrace_started;
	uint8_t exclude_kernel; /* attr: clears OS */
	uint8_t exclude_user;	/* attr: clears User */
	uint8_t aux_paused;
};

/* One AUX buffer as the driver sees it. */
struct ptv_aux_region {
	uint64_t address;     /* physical */
	uint64_t ring_offset; /* bytes */
	uint64_t size;	      /* bytes: 4096 << n, naturally aligned in physical memory */
};

/* struct perf_output_handle: valid between aux_begin and aux_end. */
struct ptv_aux_handle {
	uint64_t head;	 /* ring position at which the transaction began (rb->aux_head) */
	uint64_t size;	 /* room in bytes; 0 in snapshot mode */
	uint64_t wakeup; /* position at which the consumer wants to be woken */
	uint32_t flags;	 /* PTV_AUX_FLAG_* so far */
	uint8_t event;	 /* PTV_NO_EVENT: no transaction open ("handle->event == NULL") */
	uint8_t pad[3];
};
#define PTV_NO_EVENT 0xffU

/* The AUX buffer's bookkeeping, for a driver that brings the kernel's own transactions along. */
struct ptv_aux_buffer {
	uint64_t head;	    /* rb->aux_head */
	uint64_t wakeup;    /* rb->aux_wakeup */
	uint64_t watermark; /* bytes; read only, as all that follows but nest and refcount */
	uint64_t user_head; /* user_page->aux_head */
	uint64_t user_tail; /* user_page->aux_tail */
	uint32_t pages;
	uint8_t snapshot;
	uint8_t mmap_count;
	uint8_t nest;	  /* a transaction is open */
	uint8_t refcount; /* 1 for the mapping, 1 for a transaction */
};

/* What happens to a transaction that the core does not do itself; with aux_news's a, b, c. */
enum ptv_aux_news {
	PTV_AUX_NEWS_BEGIN,   /* failed (0, 1), head, size */
	PTV_AUX_NEWS_FLAG,    /* flags */
	PTV_AUX_NEWS_RECORD,  /* flags, offset, size: PERF_RECORD_AUX is written */
	PTV_AUX_NEWS_HEAD,    /* head: user_page->aux_head is stored */
	PTV_AUX_NEWS_DISABLE, /* value: pending_disable is stored */
	PTV_AUX_NEWS_WAKEUP,  /* perf_output_wakeup() queues irq_work */
	PTV_AUX_NEWS_END      /* size, flags: the handle lets go of the event */
};

/* How a driver may come to its end. */
enum ptv_oops {
	PTV_OOPS_BUG,	 /* BUG_ON() */
	PTV_OOPS_FAULT,	 /* it followed a pointer that leads nowhere */
	PTV_OOPS_WEDGED, /* it does not come back */
	PTV_OOPSES
};

/* WARN_ON() of a driver that has numbers: below this one. From here on they are the core's (enum
 * ptv_warn of kern.h). */
#define PTV_WARN_CORE 0x100U
/* WARN_ON() of a driver with a source of its own: PTV_WARN_LINE plus the line. */
#define PTV_WARN_LINE 0x10000U

/* What a driver may ask of the core. */
struct ptv_kernel_ops {
	/* perf_aux_output_begin: opens a transaction in *handle for event; false (and handle->event
	 * = PTV_NO_EVENT) if there is no room, no buffer, or one is open already (a WARN). */
	bool (*aux_begin)(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, unsigned int event);
	/* perf_aux_output_end(handle, size): handle->flags are what was flagged; handle->event
	 * becomes PTV_NO_EVENT. */
	void (*aux_end)(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint64_t size);
	/* perf_aux_output_flag */
	void (*aux_flag)(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint32_t flags);
	/* perf_event_itrace_started */
	void (*itrace_started)(struct ptv_cpu *cpu, unsigned int event);
	/* Event fields shared with the core; NULL if the event is not open. */
	struct ptv_hw_event *(*hw)(struct ptv_cpu *cpu, unsigned int event);
	/* The driver's blocks in the state tree: PTV_DRIVER_CPU_WORDS of this LP,
	 * PTV_DRIVER_BUF_WORDS of a buffer. */
	void *(*cpu_state)(struct ptv_cpu *cpu);
	void *(*buf_state)(struct ptv_cpu *cpu, unsigned int event);
	/* The AUX area: number of pages (0: not mapped), snapshot (overwrite) mode, regions in ring
	 * order. */
	uint32_t (*aux_pages)(struct ptv_cpu *cpu, unsigned int event);
	bool (*aux_snapshot)(struct ptv_cpu *cpu, unsigned int event);
	bool (*aux_region)(struct ptv_cpu *cpu, unsigned int event, uint32_t n,
			   struct ptv_aux_region *region);
	/* A 4 KiB page for a ToPA table (physical address), or 0 when allocation fails; and its
	 * release. */
	uint64_t (*table_alloc)(struct ptv_cpu *cpu);
	void (*table_free)(struct ptv_cpu *cpu, uint64_t address);
	/* WARN_ON(cond) happened. */
	void (*warn)(struct ptv_cpu *cpu, uint32_t what);
	/* The driver's vmx_on of this LP changed (observation BELIEF). */
	void (*belief)(struct ptv_cpu *cpu, bool vmx_on);
	/* For a driver with transactions of its own (then aux_begin, aux_end and aux_flag are not
	 * called): the buffer's bookkeeping, what became of it (head, wakeup, nest, refcount; at
	 * refcount 0 the driver has freed its tables, and the pages go), and what is to be known at
	 * once. */
	void (*aux_get)(struct ptv_cpu *cpu, unsigned int event, struct ptv_aux_buffer *buffer);
	void (*aux_put)(struct ptv_cpu *cpu, unsigned int event,
			const struct ptv_aux_buffer *buffer);
	void (*aux_news)(struct ptv_cpu *cpu, unsigned int event, enum ptv_aux_news what,
			 uint64_t a, uint64_t b, uint64_t c);
	/* The driver is at its end: it holds locks and has interrupts off, so the machine is dead.
	 */
	void (*oops)(struct ptv_cpu *cpu, enum ptv_oops what);
};

/*
 * The driver. Contract: functions run to their end on the calling CPU; add del start stop pause
 * resume run with interrupts off, pmi in NMI context, notify in any context that KVM calls it from.
 * All state lies in the blocks that cpu_state/buf_state return (zeroed at boot and at setup_aux),
 * so that a snapshot holds it.
 */
struct ptv_pmu_ops {
	uint32_t abi;	  /* PTV_PMU_ABI */
	const char *name; /* shown wherever the policy is printed */
	/* Once per LP at boot, before any event. */
	void (*boot)(struct ptv_cpu *cpu);
	int (*event_init)(struct ptv_cpu *cpu, unsigned int event);
	/* AUX area mapped / unmapped: build and release the ToPA tables. 0 or -PTV_ENOMEM,
	 * -PTV_EINVAL. */
	int (*setup_aux)(struct ptv_cpu *cpu, unsigned int event);
	void (*free_aux)(struct ptv_cpu *cpu, unsigned int event);
	int (*add)(struct ptv_cpu *cpu, unsigned int event, uint32_t flags);
	void (*del)(struct ptv_cpu *cpu, unsigned int event, uint32_t flags);
	void (*start)(struct ptv_cpu *cpu, unsigned int event, uint32_t flags);
	void (*stop)(struct ptv_cpu *cpu, unsigned int event, uint32_t flags);
	void (*pmi)(struct ptv_cpu *cpu);
	void (*notify)(struct ptv_cpu *cpu, bool on); /* NULL: the era's KVM calls nobody */
	void (*snapshot)(struct ptv_cpu *cpu, unsigned int event, uint64_t size); /* NULL: no AUX
										     sampling */
	void (*emergency_stop)(struct ptv_cpu *cpu);				  /* NULL: none */
	/* Words for a number that warn() was told of: "pt.c:1234 (!buf)". They last until the next
	 * call. NULL: it has none; so may the whole be. */
	const char *(*warning)(uint32_t what);
};

/* Entry point of an out-of-tree driver: `const struct ptv_pmu_ops *ptv_driver(void)`. */
#define PTV_DRIVER_ENTRY "ptv_driver"

#ifdef __cplusplus
}
#endif

#endif /* PTV_PMU_H */
