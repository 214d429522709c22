/* SPDX-License-Identifier: MIT */
#include "engine/rtl/tape.h"

#include <stdlib.h>
#include <string.h>

#include "engine/rtl/twin.h"
#include "play/text.h"

static void append(struct ptv_tape *tape, struct ptv_tape_lane *lane, const struct ptv_pins_in *in,
		   uint64_t times, unsigned int before)
{
	struct ptv_tape_item *item = lane->count ? &lane->item[lane->count - 1U] : NULL;

	lane->clocks += times;
	if (item && !before && item->step == tape->play->index &&
	    memcmp(&item->in, in, sizeof(*in)) == 0) {
		item->times += times;
		return;
	}
	lane->item = ptv_grow(lane->item, lane->count, &lane->room, sizeof(*lane->item));
	item = &lane->item[lane->count++];
	memset(item, 0, sizeof(*item));
	item->in = *in;
	item->times = times;
	item->step = tape->play->index;
	item->before = before;
}

/* Clocks in which nothing happens, up to a cycle. */
static void quiet(struct ptv_tape *tape, struct ptv_tape_lane *lane, uint64_t until)
{
	const struct ptv_pins_in none = {0};

	if (until <= lane->lp.timer.cycle)
		return;
	PTV_ASSERT(ptv_lp_next_event(&tape->cfg, &lane->lp) >= until);
	append(tape, lane, &none, until - lane->lp.timer.cycle, 0);
	lane->lp.timer.cycle = until;
}

static bool stands(const struct ptv_tape_lane *lane, const struct ptv_lp *now)
{
	return memcmp(&lane->lp, now, sizeof(*now)) == 0;
}

/* The world's clock begins anew: every deadline that is still to come passes before. Returns what
 * is to be said of the next clock. */
static unsigned int rebase(struct ptv_tape *tape, struct ptv_tape_lane *lane)
{
	quiet(tape, lane, lane->lp.fifo.drain_at);
	ptv_lp_rebase(&lane->lp);
	return PTV_TWIN_REBASE;
}

/*
 * Called by the world before each clock that it visits. What has happened to the LP since the last
 * one can only be time, a rebase, or an expedited NMI; the lane goes after it.
 */
static void tap(void *ctx, unsigned int lp, const struct ptv_lp *now, const struct ptv_pins_in *in)
{
	struct ptv_tape *tape = ctx;
	struct ptv_tape_lane *lane = &tape->lane[lp];
	struct ptv_pins_out out;
	struct ptv_lp next;
	const struct ptv_pins_in none = {0};
	unsigned int before = 0;

	if (tape->play->copy != PTV_COPY_NONE)
		return;
	lane->lp.timer.index = now->timer.index;
	if (now->timer.cycle < lane->lp.timer.cycle) {
		before |= rebase(tape, lane);
		if (now->timer.cycle > 0U) {
			append(tape, lane, &none, 1, before);
			lane->lp.timer.cycle++;
			before = 0;
		}
	}
	quiet(tape, lane, now->timer.cycle);
	if (!stands(lane, now)) {
		ptv_lp_nmi_expedite(&lane->lp);
		before |= PTV_TWIN_EXPEDITE;
	}
	PTV_ASSERT(stands(lane, now));
	append(tape, lane, in, 1, before);
	ptv_lp_step(&tape->cfg, &lane->lp, in, &next, &out, lane->fifo);
	lane->lp = next;
}

void ptv_tape_record(struct ptv_tape *tape, const struct ptv_scenario *scenario,
		     const struct ptv_policy *policy, uint64_t assignment)
{
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct ptv_play play;
	unsigned int i;

	memset(tape, 0, sizeof(*tape));
	ptv_play_init(&play, scenario, policy, NULL);
	ptv_choice_steps(scenario, assignment, &tape->steps);
	tape->cfg = play.env.cpu;
	tape->lanes = play.env.lps;
	tape->play = &play;
	for (i = 0; i < tape->lanes; i++)
		ptv_lp_init(&tape->cfg, &tape->lane[i].lp, i);
	play.env.clock = tap;
	play.env.clock_ctx = tape;
	ptv_play_run(&play, &tape->steps, run);
	tape->open_error = run->open_error;
	tape->play = NULL;
	ptv_play_free(&play);
	free(run);
}

void ptv_tape_free(struct ptv_tape *tape)
{
	unsigned int i;

	for (i = 0; i < PTV_MAX_LPS; i++)
		free(tape->lane[i].item);
	ptv_steps_free(&tape->steps);
	memset(tape, 0, sizeof(*tape));
}

const struct ptv_tape_item *ptv_tape_next(struct ptv_tape_cursor *cursor, unsigned int *before)
{
	const struct ptv_tape_item *item;

	if (cursor->item == cursor->lane->count)
		return NULL;
	item = &cursor->lane->item[cursor->item];
	*before = cursor->done ? 0U : item->before;
	if (++cursor->done == item->times) {
		cursor->item++;
		cursor->done = 0;
	}
	return item;
}

const struct ptv_tape_item *ptv_tape_replay(const struct ptv_tape *tape, unsigned int lp,
					    struct ptv_lockstep *lockstep)
{
	struct ptv_tape_cursor cursor = {.lane = &tape->lane[lp]};
	const struct ptv_tape_item *item;
	unsigned int before;

	ptv_lockstep_reset(lockstep, &tape->cfg);
	do
		item = ptv_tape_next(&cursor, &before);
	while (item && ptv_lockstep_step(lockstep, &item->in, before));
	return item;
}
