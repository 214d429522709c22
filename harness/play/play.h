/* SPDX-License-Identifier: MIT */
/*
 * The player: runs one timeline of a scenario under one policy, and has every prefix of it judged.
 *
 * What a run is. One assignment of all choices of the file makes a list of steps (choices.h). The
 * player applies them one after the other to a world. After each, it copies world and checks, lets
 * the copy settle, shows the copied checks what happens there, and throws the copy away: every
 * prefix of a timeline is a timeline. After the last one a copy is closed. Findings of copies stay,
 * because verdicts lie outside of the checks' state. Observations in a copy go on with the numbers
 * (seq) of the prefix that they follow.
 *
 * Who decides. The clock, unless the file places interrupts (`deliver`): then the list strategy of
 * deliver.h.
 *
 * Rules. A run is deterministic in (scenario, policy, steps).
 */
#ifndef PTV_HARNESS_PLAY_PLAY_H
#define PTV_HARNESS_PLAY_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "play/choices.h"
#include "play/policy.h"
#include "ptv/check.h"
#include "ptv/world.h"
#include "scenario/scenario.h"

/* Whose observation: the run's own, or a copy's that is thrown away. */
enum ptv_copy { PTV_COPY_NONE, PTV_COPY_SETTLED, PTV_COPY_CLOSED };

/* Who looks on during a run; every function may be NULL. */
struct ptv_onlooker {
	void *ctx;
	void (*observed)(void *ctx, const struct ptv_obs *obs, enum ptv_copy copy);
	/* A step was applied (in the run itself). */
	void (*applied)(void *ctx, uint32_t index, const struct ptv_apply_result *result);
	/* A prefix has settled and was judged; checks are the copy's. */
	void (*settled)(void *ctx, uint32_t index, const struct ptv_checks *checks);
	/* A point was passed in the run itself. */
	void (*passed)(void *ctx, uint32_t index, const char *label, enum ptv_side side);
};

/* How and where a check's first violation of a run was seen. */
struct ptv_sighting {
	uint32_t prefix; /* index of the last step applied */
	enum ptv_copy copy;
	uint32_t deliveries; /* interrupts that had been placed until then */
};

/* What one run came to. */
struct ptv_run {
	struct ptv_verdicts verdicts;
	struct ptv_sighting sighting[PTV_CHECKS]; /* valid where violated */
	int open_error; /* not 0: the driver refused the event (negative errno); nothing was run */
	uint32_t meaningless; /* 1 + index of the step that made no sense; 0 if none. The run ended
				 there. */
	uint32_t never; /* 1 + index of the first `progress` whose goal did not come; 0 if none */
	uint32_t panic; /* 1 + index of the step in which (or in whose settling) the machine died; 0
			   if it lives */
	uint32_t deliveries; /* interrupts placed */
	uint32_t unplaced;   /* deliveries of the file that did not take place */
};

/* A delivery of the file as the player keeps it. */
struct ptv_placed {
	const struct ptv_delivery *delivery;
	uint32_t step;	 /* index of its step */
	uint32_t passed; /* how often its label was passed on its side, in its step */
	bool fired;
};

struct ptv_play_options {
	bool step_only; /* every clock is stepped, none leapt over */
};

struct ptv_play {
	const struct ptv_scenario *scenario;
	const struct ptv_policy *policy;
	struct ptv_env env;
	const struct ptv_onlooker *onlooker; /* NULL: nobody */
	/* A step (number index) is about to be played: more interrupts may be placed in it
	 * (ptv_deliver_add()), and copy_world may be used. NULL: nobody does. */
	void (*before_step)(void *ctx, struct ptv_play *play);
	void *before_ctx;
	/* The rest belongs to the player. */
	struct ptv_world *world, *copy_world;
	struct ptv_checks checks, copy_checks;
	struct ptv_run *run;
	enum ptv_copy copy;
	uint32_t index; /* step that runs */
	uint32_t noted; /* violations of the run whose place has been noted */
	struct ptv_placed *placed;
	size_t placed_count, placed_room;
	bool has_pass; /* the world tells of points */
};

/* Environment of a scenario under a policy: machine, workload, events, era and driver. Decisions
 * and sink are left out. */
void ptv_play_env(struct ptv_env *env, const struct ptv_scenario *scenario,
		  const struct ptv_policy *policy);

/* A player; both arguments must outlive it. */
void ptv_play_init(struct ptv_play *play, const struct ptv_scenario *scenario,
		   const struct ptv_policy *policy, const struct ptv_play_options *options);
void ptv_play_free(struct ptv_play *play);

/* Plays the steps from the start. */
void ptv_play_run(struct ptv_play *play, const struct ptv_steps *steps, struct ptv_run *run);

#endif /* PTV_HARNESS_PLAY_PLAY_H */
