/* SPDX-License-Identifier: MIT */
/*
 * A plan as a scenario that the player plays: the same that its file holds (fuzz_write.h).
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_CASE_H
#define PTV_HARNESS_SEARCH_FUZZ_CASE_H

#include "play/play.h"
#include "scenario/scenario.h"
#include "search/fuzz_plan.h"

/* A scenario without heap: what it points to lies beside it, so it must not be copied. */
struct ptv_fuzz_case {
	struct ptv_scenario scenario;
	struct ptv_entry entry[PTV_PLAN_STIMULI];
	struct ptv_delivery delivery[PTV_PLAN_STIMULI];
	struct ptv_plan plan;
	struct ptv_steps steps; /* owned */
};

#define PTV_FUZZ_WORD 64U

/* Cycles or bytes of a latency that is set; the text of the choice of a switch that is set. */
uint64_t ptv_fuzz_timing(const struct ptv_plan_setting *setting);
void ptv_fuzz_choice(const struct ptv_plan_setting *setting, char text[PTV_FUZZ_WORD]);

void ptv_fuzz_case_free(struct ptv_fuzz_case *c);

/* Builds the scenario of a plan; interrupts are not placed yet. *c is all zero or was built before.
 */
void ptv_fuzz_case_build(struct ptv_fuzz_case *c, const struct ptv_plan *plan);

/*
 * Of a step that is about to be played (struct ptv_play, before_step): finds where the plan's
 * interrupt goes in it, as a label, by playing the step on the player's copy. Places are counted
 * round if there are fewer; where there is none the interrupt is dropped from the plan: it happens
 * by the clock. ctx: struct ptv_fuzz_case.
 */
void ptv_fuzz_case_place(void *ctx, struct ptv_play *play);

#endif /* PTV_HARNESS_SEARCH_FUZZ_CASE_H */
