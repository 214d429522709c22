/* SPDX-License-Identifier: MIT */
/*
 * What a timeline puts on the pins: one run of a scenario under a policy, written down clock by
 * clock, run-length coded, for each LP. Either side of the border can replay it alone.
 *
 * The run is the run itself: the copies in which its prefixes are judged are left out.
 */
#ifndef PTV_HARNESS_ENGINE_RTL_TAPE_H
#define PTV_HARNESS_ENGINE_RTL_TAPE_H

#include "engine/rtl/lockstep.h"
#include "play/play.h"

/* Equal clocks. */
struct ptv_tape_item {
	struct ptv_pins_in in;
	uint64_t times;
	uint32_t step;	     /* index of the step that was being played */
	unsigned int before; /* PTV_TWIN_*: what happens before the first of them */
};

/* One LP's. */
struct ptv_tape_lane {
	struct ptv_tape_item *item;
	size_t count, room;
	uint64_t clocks;
	struct ptv_lp lp; /* where the C model stands after them */
	uint8_t fifo[PTV_FIFO_MAX];
};

struct ptv_tape {
	struct ptv_cpu_cfg cfg;
	struct ptv_steps steps;
	struct ptv_tape_lane lane[PTV_MAX_LPS];
	unsigned int lanes;
	int open_error; /* as struct ptv_run has it; nothing but the boot was recorded then */
	/* while recording */
	const struct ptv_play *play;
};

/* Plays an assignment of the scenario's choices and records it. All zero before; to be freed. */
void ptv_tape_record(struct ptv_tape *tape, const struct ptv_scenario *scenario,
		     const struct ptv_policy *policy, uint64_t assignment);
void ptv_tape_free(struct ptv_tape *tape);

/* A place in a lane. All zero but for lane: its begin. */
struct ptv_tape_cursor {
	const struct ptv_tape_lane *lane;
	size_t item;
	uint64_t done; /* clocks of that item */
};

/* The next clock; NULL at the end. *before: PTV_TWIN_*. */
const struct ptv_tape_item *ptv_tape_next(struct ptv_tape_cursor *cursor, unsigned int *before);

/* Replays one LP's clocks in lock-step, from power-on state. NULL: both sides agree in all of them;
 * else the clock in which they do not. */
const struct ptv_tape_item *ptv_tape_replay(const struct ptv_tape *tape, unsigned int lp,
					    struct ptv_lockstep *lockstep);

#endif /* PTV_HARNESS_ENGINE_RTL_TAPE_H */
