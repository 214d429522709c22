/* SPDX-License-Identifier: MIT */
/*
 * Makes a plan smaller as long as it shows the same sign: fewest stimuli first, then fewest placed
 * interrupts, then the plainest machine, buffer and times. Greedy: no single step makes the result
 * smaller, but another one may exist.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_SHRINK_H
#define PTV_HARNESS_SEARCH_FUZZ_SHRINK_H

#include "search/fuzz_judge.h"

/* How a plan is tried: by a judge of this process, or in one of its own where it may die. */
struct ptv_shrink {
	const struct ptv_policy *policy;
	struct ptv_fuzz_how how;
	struct ptv_fuzz_sign sign;
	uint32_t tried; /* plans, so far */
};

/* Whether a plan shows the sign. *plan becomes the plan without interrupts that found no place. */
bool ptv_shrink_shows(struct ptv_shrink *shrink, struct ptv_plan *plan);

/* Shrinks *plan, which shows the sign. */
void ptv_shrink(struct ptv_shrink *shrink, struct ptv_plan *plan);

#endif /* PTV_HARNESS_SEARCH_FUZZ_SHRINK_H */
