/* SPDX-License-Identifier: MIT */
/*
 * Random input for both sides of the pins border: machines, latencies, switches, tables, and clocks
 * in which much happens. Everything comes from one seed.
 */
#ifndef PTV_HARNESS_ENGINE_RTL_RANDOM_H
#define PTV_HARNESS_ENGINE_RTL_RANDOM_H

#include "ptv/hw.h"

#define PTV_RANDOM_SCRIPT 16U

struct ptv_random {
	uint64_t state;
	struct ptv_cpu_cfg cfg; /* of the world begun last */
	struct ptv_mem mem;
	struct ptv_pins_in script[PTV_RANDOM_SCRIPT]; /* operations to come */
	unsigned int scripted, done;
	unsigned int answer_in; /* clocks until the memory answers */
	bool asked;
};

/* Draws from the generator. */
uint64_t ptv_random_draw(struct ptv_random *random);

/* Draws machine, latencies, switches and tables; both sides are to be reset with random->cfg. */
void ptv_random_world(struct ptv_random *random);

/* Draws the pins of the next clock, given the state before it and the pins of the last one. Returns
 * what is to happen before it (PTV_TWIN_*). */
unsigned int ptv_random_pins(struct ptv_random *random, const struct ptv_lp *now,
			     const struct ptv_pins_out *last, struct ptv_pins_in *in);

#endif /* PTV_HARNESS_ENGINE_RTL_RANDOM_H */
