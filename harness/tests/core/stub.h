/* SPDX-License-Identifier: MIT */
/*
 * A machine and a driver that only keep a record: the border of the core, without what lies beyond.
 *
 * Everything the core observes is kept in `obs`; every port operation and driver call in `log`, one
 * line each ("wrmsr nmi.w.LVTPC 400", "add 0"). Time passes only by spend() and by the test. An
 * `inject` function is called at the point with the label `inject_at`, once.
 */
#ifndef PTV_HARNESS_TESTS_CORE_STUB_H
#define PTV_HARNESS_TESTS_CORE_STUB_H

#include "ptv/kern.h"

#define STUB_OBS  512U
#define STUB_LOG  512U
#define STUB_LPS  2U
#define STUB_PAGE UINT64_C(4096)

struct stub {
	struct ptv_kern kern;
	struct ptv_kern_cfg cfg;
	struct ptv_pt_caps caps;
	struct ptv_cpu cpu; /* LP 0, task context */
	struct ptv_event_cfg event;

	struct ptv_obs obs[STUB_OBS];
	size_t obs_count;
	char log[STUB_LOG][64];
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
	void (*inject)(struct stub *stub);
};

/* A kernel of that era, not multi-entry ToPA, kcall 10 cycles; an event of 8 pages on LP 0. */
void stub_init(struct stub *stub, const char *era);
/* The same CPU in another context. */
struct ptv_cpu stub_nmi(struct stub *stub);
struct ptv_cpu stub_lp(struct stub *stub, uint8_t lp);

/* Opens event 0, forgets what was kept. */
void stub_open(struct stub *stub);
void stub_forget(struct stub *stub);

/* Runs the self-IPI if one was asked for. */
void stub_irq_work(struct stub *stub);

/* How often a kind was observed; the last one (fails the test if there is none). */
size_t stub_count(const struct stub *stub, enum ptv_obs_kind kind);
const struct ptv_obs *stub_last(const struct stub *stub, enum ptv_obs_kind kind);
/* Place of the nth observation of a kind in the order of all, or SIZE_MAX. */
size_t stub_place(const struct stub *stub, enum ptv_obs_kind kind, size_t nth);
/* The log's lines joined by "; ". */
const char *stub_story(const struct stub *stub);

/* Shorthands for the driver's side of a transaction. */
bool stub_begin(struct stub *stub);
void stub_end(struct stub *stub, uint64_t size, uint32_t flags);

#endif /* PTV_HARNESS_TESTS_CORE_STUB_H */
