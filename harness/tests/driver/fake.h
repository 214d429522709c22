/* SPDX-License-Identifier: MIT */
/*
 * A port and a kernel that only write down what a driver asks of them, one word or two a line of
 * `log`, so that a test reads as what the driver does:
 *
 *	begin 0 | w BASE 100000 | w PTRS 7f | w STATUS 0 | w CTL 250d
 *
 * Registers keep what is written to them and do nothing by themselves; a test puts there what
 * hardware would have. A PMI can be placed at any point by its label.
 */
#ifndef PTV_TESTS_DRIVER_FAKE_H
#define PTV_TESTS_DRIVER_FAKE_H

#include "driver/pt.h"
#include "ptv/driver.h"

#define FAKE_TABLE  UINT64_C(0x100000) /* first ToPA table page */
#define FAKE_AUX    UINT64_C(0x800000) /* first AUX page of event 0 */
#define FAKE_WORDS  128U
#define FAKE_EVENTS 2U

struct fake {
	struct ptv_cpu cpu;
	struct ptv_pt_caps caps;
	struct ptv_driver_row row; /* a copy: tests may vary it */
	const struct ptv_pmu_ops *ops;
	char log[4096];

	/* hardware */
	uint64_t base, ptrs, ctl, status;
	uint64_t mem[FAKE_WORDS][2]; /* address, value; 0 is free */
	unsigned int mem_words;	     /* how many of them exist */
	bool irqs_on;

	/* kernel */
	uint64_t cpu_words[PTV_DRIVER_CPU_WORDS];
	uint64_t buf_words[FAKE_EVENTS][PTV_DRIVER_BUF_WORDS];
	struct ptv_hw_event hw[FAKE_EVENTS];
	uint64_t region_size[PTV_MAX_AUX_PAGES]; /* of every event's buffer; 0 ends the list */
	bool snapshot;
	unsigned int tables, tables_max; /* table pages given out so far, and how many there are */
	unsigned int freed;
	bool no_room;		 /* aux_begin fails */
	unsigned int full_after; /* after so many more successes aux_begin fails; 0: never */
	uint64_t head;		 /* what aux_begin hands out */
	uint64_t size;
	uint64_t wakeup;

	/* a PMI at a point */
	const char *pmi_label;
	enum ptv_side pmi_side;
	bool pmi_done;
	bool order;	  /* log the points' labels and nothing else */
	const char *seen; /* log the points whose label begins so */
};

/* A fresh world for a row of drivers.def, its two events open and their AUX areas of the given
 * region sizes (pages, ends with 0) mapped. */
void drv_init(struct fake *fake, const char *driver, bool multiple_entries, const uint8_t *pages);
/* The same for operations from elsewhere. */
void drv_init_ops(struct fake *fake, const struct ptv_pmu_ops *ops, bool multiple_entries,
		  const uint8_t *pages);
/* What has been written down since the last time, "" if nothing. */
const char *drv_log(struct fake *fake);
/* Takes a PMI once, at that point. */
void drv_pmi_at(struct fake *fake, const char *label, enum ptv_side side);
/* The word of table memory at an address. */
uint64_t drv_mem(const struct fake *fake, uint64_t address);
struct ptv_pt *drv_pt(struct fake *fake);
struct ptv_pt_buffer *drv_buf(struct fake *fake);

/* Calls of the core, for event 0 unless said. */
int drv_add(struct fake *fake);
void drv_del(struct fake *fake);
void drv_notify(struct fake *fake, bool on);
void drv_pmi(struct fake *fake);

#endif /* PTV_TESTS_DRIVER_FAKE_H */
