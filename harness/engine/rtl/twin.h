/* SPDX-License-Identifier: MIT */
/*
 * The RTL twin of one logical processor, Verilated, as C sees it.
 *
 * A tick gives the twin the pins of a clock and lets it show that clock: its registers as they are
 * before it, its output pins as they are in it. So one compares, after a tick, with the C model's
 * `now` and `out` of the same clock.
 */
#ifndef PTV_HARNESS_ENGINE_RTL_TWIN_H
#define PTV_HARNESS_ENGINE_RTL_TWIN_H

#include "ptv/seam.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ptv_twin;

/* What happened to the LP between two clocks, from outside of its pins. */
#define PTV_TWIN_REBASE	  1U /* ptv_lp_rebase() */
#define PTV_TWIN_EXPEDITE 2U /* ptv_lp_nmi_expedite() */

/* What is written over the configuration bus while the twin is in reset: word n to address n.
 * Returns how many. */
#define PTV_TWIN_WORDS 256U
size_t ptv_twin_words(const struct ptv_cpu_cfg *cfg, uint32_t words[PTV_TWIN_WORDS]);

/* Whether the twin can hold this configuration; if it cannot, `why` names the limit. */
bool ptv_twin_fits(const struct ptv_cpu_cfg *cfg, char *why, size_t size);

/* Whether this build has Verilator, and so a twin. */
bool ptv_twin_is_built(void);

/* A twin in power-on state, or NULL in a build without Verilator. To be closed. */
struct ptv_twin *ptv_twin_open(const struct ptv_cpu_cfg *cfg);
void ptv_twin_close(struct ptv_twin *twin);

/* Power-on state again, with another configuration. */
void ptv_twin_reset(struct ptv_twin *twin, const struct ptv_cpu_cfg *cfg);

/* One clock; before says what happened before it (PTV_TWIN_*). */
void ptv_twin_tick(struct ptv_twin *twin, const struct ptv_pins_in *in, const struct ptv_seam *seam,
		   unsigned int before);

/* Whether the clock shown is that of the C model. */
bool ptv_twin_equal(const struct ptv_twin *twin, const struct ptv_lp *now,
		    const struct ptv_pins_out *out);

/*
 * The clock shown, as the C model would hold it. What the twin does not have is taken from `like`:
 * the packetizer but for its byte count, the number of the LP. Deadlines in the past are given as
 * this clock's cycle.
 */
void ptv_twin_read(const struct ptv_twin *twin, const struct ptv_lp *like, struct ptv_lp *now,
		   struct ptv_pins_out *out);

#ifdef __cplusplus
}
#endif

#endif /* PTV_HARNESS_ENGINE_RTL_TWIN_H */
