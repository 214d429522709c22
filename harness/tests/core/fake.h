/* SPDX-License-Identifier: MIT */
/*
 * A machine and a driver that only keep a record: the border of the core, without what lies beyond.
 *
 * Everything the core observes is kept in `obs`; every port operation and driver call in `log`, one
 * line each ("wrmsr nmi.w.LVTPC 400", "add 0"). Time passes only by spend() and by the test. An
 * `inject` function is called at the point with the label `inject_at`, once.
 */
#ifndef PTV_HARNESS_TESTS_CORE_FAKE_H
#define PTV_HARNESS_TESTS_CORE_FAKE_H

#include "ptv/kern.h"

#define FAKE_OBS  512U
#define FAKE_LOG  512U
#define FAKE_LPS  2U
#define FAKE_PAGE UINT64_C(4096)

struct fake {
	struct ptv_kern kern;
	struct ptv_kern_cfg cfg;
	struct ptv_pt_caps caps;
	struct ptv_cpu cpu; /* LP 0, task context */
	struct ptv_event_cfg event;

	struct ptv_obs obs[FAKE_OBS];
	size_t obs_count;
	char log[FAKE_LOG][64];
	size_t log_count;

	uint64_t now;
	bool irqs_on;
	bool irq_work; /* a self-IPI was asked for */

	/* What hardware answers. */
	uint64_t status;      /* 38EH; acknowledged bits are cleared */
	uint64_t status_next; /* becomes status when the driver's PMI handler returns */
	bool status_stuck;    /* an acknowledge clears nothing */
	enum ptv_vmx_result vmx_result[5];

	/* What the driver does. */
	int add_result;
	int setup_result;
	uint64_t add_cycles, del_cycles;
	bool begin_in_add;	      /* add opens a transaction and fails if it cannot */
	struct ptv_aux_handle handle; /* the driver's */

	const char *inject_at;
	enum ptv_side inject_side;
	void (*inject)(struct fake *fake);
};

/* A kernel of that era, not multi-entry ToPA, kcall 10 cycles; an event of 8 pages on LP 0. */
void fake_init(struct fake *fake, const char *era);
/* The same CPU in another context. */
struct ptv_cpu fake_nmi(struct fake *fake);
struct ptv_cpu fake_lp(struct fake *fake, uint8_t lp);

/* Opens event 0, forgets what was kept. */
void fake_open(struct fake *fake);
void fake_forget(struct fake *fake);

/* Runs the self-IPI if one was asked for. */
void fake_irq_work(struct fake *fake);

/* How often a kind was observed; the last one (fails the test if there is none). */
size_t fake_count(const struct fake *fake, enum ptv_obs_kind kind);
const struct ptv_obs *fake_last(const struct fake *fake, enum ptv_obs_kind kind);
/* Place of the nth observation of a kind in the order of all, or SIZE_MAX. */
size_t fake_place(const struct fake *fake, enum ptv_obs_kind kind, size_t nth);
/* The log's lines joined by "; ". */
const char *fake_story(const struct fake *fake);

/* Shorthands for the driver's side of a transaction. */
bool fake_begin(struct fake *fake);
void fake_end(struct fake *fake, uint64_t size, uint32_t flags);

#endif /* PTV_HARNESS_TESTS_CORE_FAKE_H */
