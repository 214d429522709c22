/* SPDX-License-Identifier: MIT */
/*
 * Lock-step: the C model and the RTL twin get the same pins at every clock, and every register and
 * pin of the twinned units is compared. It stops at the first difference.
 *
 * Fields that may differ are rows of waivers.def; their differences are counted and do not stop.
 */
#ifndef PTV_HARNESS_ENGINE_RTL_LOCKSTEP_H
#define PTV_HARNESS_ENGINE_RTL_LOCKSTEP_H

#include <stdio.h>

#include "engine/rtl/twin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PTV_LOCKSTEP_HISTORY 32U /* clocks that a report looks back */

/* What happened, over all clocks compared. A clock is busy if the LP is given or gives something:
 * an input, a store, a packet, a loss, the end of an operation, a PMI. */
#define PTV_LOCKSTEP_COUNTS(X)                                   \
	X(clocks, "clocks")                                      \
	X(busy, "busy clocks")                                   \
	X(stores, "stores")                                      \
	X(packets, "packets")                                    \
	X(drops, "clocks with lost bytes")                       \
	X(entries, "ToPA entries read")                          \
	X(region_ends, "region ends")                            \
	X(pmis, "PMIs")                                          \
	X(repends, "PMIs pended again")                          \
	X(interrupts, "interrupts taken")                        \
	X(past_fixed, "NMIs expedited during a fixed interrupt") \
	X(stops, "STOPs and TraceStops")                         \
	X(last_bytes, "STOPs that leave the last byte's offset") \
	X(errors, "errors")                                      \
	X(faults, "faults")                                      \
	X(operations, "operations")                              \
	X(vmx_modes, "VMX transitions")                          \
	X(enables, "enables")                                    \
	X(lost_psbs, "PSBs due when TriggerEn fell")             \
	X(flushes, "flushes")                                    \
	X(resets, "resets")

struct ptv_lockstep_counts {
#define X(name, text) uint64_t name;
	PTV_LOCKSTEP_COUNTS(X)
#undef X
};

/* A row of waivers.def. */
struct ptv_waiver {
	const char *field; /* as a report names it: "cpu.ip"; NULL: no more rows */
	const char *reason;
};

/* A clock as the C model has it, or several in a row in which nothing happens but time. */
struct ptv_lockstep_clock {
	struct ptv_lp now; /* before the last of them */
	struct ptv_pins_in in;
	struct ptv_pins_out out;
	uint64_t times;
	uint32_t before; /* PTV_TWIN_* */
	uint32_t quiet;	 /* nothing happens in it: ptv_lp_is_quiet() */
};

struct ptv_lockstep {
	struct ptv_cpu_cfg cfg;
	struct ptv_twin *twin; /* NULL: somebody else has one (the SystemC bench) */
	struct ptv_lockstep_counts counts;
	const struct ptv_waiver *waivers; /* what may differ: waivers.def, or as a test wants it */
	uint64_t *waived;		  /* differences by row of it */
	uint64_t n;			  /* clocks since the reset */
	struct ptv_lockstep_clock *ring;  /* of PTV_LOCKSTEP_HISTORY + 1 */
	struct ptv_lockstep_clock *last;  /* the last clock, if n > 0 */
	struct ptv_lockstep_clock *next;  /* the one after it in the ring; `now` is valid */
	struct ptv_seam seam;		  /* of the last clock */
	uint8_t fifo[PTV_FIFO_MAX];
};

/* Both in power-on state. NULL in a build without Verilator. To be closed. */
struct ptv_lockstep *ptv_lockstep_open(const struct ptv_cpu_cfg *cfg);
/* The C side alone, for a bench that has a twin of its own. */
struct ptv_lockstep *ptv_lockstep_open_reference(const struct ptv_cpu_cfg *cfg);
void ptv_lockstep_close(struct ptv_lockstep *lockstep);
/* Power-on state again; counts stay. */
void ptv_lockstep_reset(struct ptv_lockstep *lockstep, const struct ptv_cpu_cfg *cfg);

/* The C model's state before the next clock. */
const struct ptv_lp *ptv_lockstep_now(const struct ptv_lockstep *lockstep);
/* The last clock; none before the first. */
const struct ptv_lockstep_clock *ptv_lockstep_last(const struct ptv_lockstep *lockstep);

/* One clock of the C model alone: afterwards `seam` and the last clock are what a twin is to get.
 */
void ptv_lockstep_reference(struct ptv_lockstep *lockstep, const struct ptv_pins_in *in,
			    unsigned int before);
/* One clock of both. False: they differ. */
bool ptv_lockstep_step(struct ptv_lockstep *lockstep, const struct ptv_pins_in *in,
		       unsigned int before);

/* Whether a twin that is read as (now, out) agrees with the last clock but for waived fields. */
bool ptv_lockstep_agrees(struct ptv_lockstep *lockstep, const struct ptv_lp *now,
			 const struct ptv_pins_out *out);

/* The difference of the last clock, in words: cycle, registers and both values, and what happened
 * in the clocks before it. (now, out) is the twin's side; NULL: read it. */
void ptv_lockstep_explain(const struct ptv_lockstep *lockstep, const struct ptv_lp *now,
			  const struct ptv_pins_out *out, FILE *to);

/* "12 region ends, ..." */
void ptv_lockstep_print_counts(const struct ptv_lockstep *lockstep, FILE *to);

#ifdef __cplusplus
}
#endif

#endif /* PTV_HARNESS_ENGINE_RTL_LOCKSTEP_H */
