/* SPDX-License-Identifier: MIT */
#include "play/deliver.h"

#include <stdlib.h>
#include <string.h>

#include "play/text.h"

#define NEAREST 6U

static bool is_here(const struct ptv_play *play, const struct ptv_placed *placed, const char *label,
		    enum ptv_side side)
{
	return placed->step == play->index && placed->delivery->side == side &&
	       strcmp(placed->delivery->label, label) == 0;
}

static void count_pass(struct ptv_play *play, const char *label, enum ptv_side side)
{
	size_t i;

	for (i = 0; i < play->placed_count; i++) {
		if (is_here(play, &play->placed[i], label, side))
			play->placed[i].passed++;
	}
}

static void pass(void *ctx, const char *label, enum ptv_side side, unsigned int lp)
{
	struct ptv_play *play = ctx;

	(void)lp;
	if (play->copy != PTV_COPY_NONE)
		return;
	play->has_pass = true;
	count_pass(play, label, side);
	if (play->onlooker && play->onlooker->passed)
		play->onlooker->passed(play->onlooker->ctx, play->index, label, side);
}

static uint32_t decide(void *ctx, const struct ptv_decision *decision)
{
	struct ptv_play *play = ctx;
	bool held = false;
	size_t i;

	if (play->copy != PTV_COPY_NONE || decision->kind != PTV_DECIDE_DELIVER)
		return decision->dflt;
	if (!play->has_pass)
		count_pass(play, decision->label, decision->side);
	for (i = 0; i < play->placed_count; i++) {
		struct ptv_placed *placed = &play->placed[i];

		if (placed->fired || placed->step != play->index ||
		    placed->delivery->vector != (enum ptv_int)decision->vector)
			continue;
		if (is_here(play, placed, decision->label, decision->side) &&
		    placed->passed == placed->delivery->occurrence) {
			placed->fired = true;
			play->run->deliveries++;
			return 1;
		}
		held = true;
	}
	return held ? 0U : decision->dflt;
}

static void add(struct ptv_play *play, const struct ptv_delivery *delivery, uint32_t step)
{
	struct ptv_placed *placed;

	play->placed =
		ptv_grow(play->placed, play->placed_count, &play->placed_room, sizeof(*placed));
	placed = &play->placed[play->placed_count++];
	memset(placed, 0, sizeof(*placed));
	placed->delivery = delivery;
	placed->step = step;
}

void ptv_deliver_begin(struct ptv_play *play, const struct ptv_steps *steps)
{
	size_t i, n;

	play->placed_count = 0;
	play->has_pass = false;
	for (i = 0; i < steps->count; i++) {
		const struct ptv_entry *entry = steps->at[i].entry;

		for (n = 0; entry && n < entry->deliveries; n++)
			add(play, &entry->deliver[n], (uint32_t)i);
	}
	memset(&play->env.player, 0, sizeof(play->env.player));
	play->env.player.ctx = play;
}

void ptv_deliver_add(struct ptv_play *play, const struct ptv_delivery *delivery)
{
	add(play, delivery, play->index);
}

void ptv_deliver_step(struct ptv_play *play)
{
	bool places = false;
	size_t i;

	for (i = 0; i < play->placed_count; i++)
		places = places || play->placed[i].step == play->index;
	play->env.player.decide = places ? decide : NULL;
	play->env.player.pass = places || (play->onlooker && play->onlooker->passed) ? pass : NULL;
}

/* Labels that a step passes. */
struct labels {
	char **at;
	size_t count, room;
	uint32_t step;
	enum ptv_side side;
};

static void collect(void *ctx, uint32_t index, const char *label, enum ptv_side side)
{
	struct labels *labels = ctx;
	size_t i;

	if (index != labels->step || side != labels->side)
		return;
	for (i = 0; i < labels->count; i++) {
		if (strcmp(labels->at[i], label) == 0)
			return;
	}
	labels->at = ptv_grow(labels->at, labels->count, &labels->room, sizeof(*labels->at));
	labels->at[labels->count++] = ptv_string_copy(label);
}

/* Writes the labels, nearest to the wanted one first, and frees them. */
static void write_nearest(struct labels *labels, const char *wanted, struct ptv_string *text)
{
	size_t i, n;

	for (n = 0; n < labels->count; n++) {
		size_t best = n;
		char *swap;

		for (i = n + 1U; i < labels->count; i++) {
			if (ptv_string_distance(labels->at[i], wanted) <
			    ptv_string_distance(labels->at[best], wanted))
				best = i;
		}
		swap = labels->at[n];
		labels->at[n] = labels->at[best];
		labels->at[best] = swap;
		if (n < NEAREST)
			ptv_string_add(text, "%s%s", n ? ", " : "", labels->at[n]);
		free(labels->at[n]);
	}
	if (labels->count > NEAREST)
		ptv_string_add(text, ", %zu more", labels->count - NEAREST);
	free(labels->at);
}

static void explain(struct ptv_play *play, const struct ptv_steps *steps,
		    const struct ptv_placed *placed, struct ptv_diag *diag)
{
	const struct ptv_delivery *d = placed->delivery;
	struct labels labels = {NULL, 0, 0, placed->step, d->side};
	const struct ptv_onlooker collector = {&labels, NULL, NULL, NULL, collect};
	const struct ptv_onlooker *onlooker = play->onlooker;
	const char *side = d->side == PTV_BEFORE ? "before" : "after";
	struct ptv_string near = {0};
	struct ptv_run *run;

	if (placed->passed >= d->occurrence) {
		(void)ptv_diag(diag, play->scenario->file, d->mark.line, d->mark.column,
			       "nothing to deliver %s %s under %s: "
			       "no such interrupt was raised and unblocked there",
			       side, d->label, play->policy->name);
		return;
	}
	run = ptv_alloc(1, sizeof(*run));
	play->onlooker = &collector;
	ptv_play_run(play, steps, run);
	play->onlooker = onlooker;
	free(run);
	write_nearest(&labels, d->label, &near);
	(void)ptv_diag(diag, play->scenario->file, d->mark.line, d->mark.column,
		       "label %s is passed %u times here under %s, not %u (passed: %s)", d->label,
		       placed->passed, play->policy->name, d->occurrence,
		       near.size ? ptv_string(&near) : "none");
	ptv_string_free(&near);
}

void ptv_deliver_explain(struct ptv_play *play, const struct ptv_steps *steps,
			 struct ptv_diag *diag)
{
	size_t i;

	for (i = 0; i < play->placed_count; i++) {
		if (!play->placed[i].fired) {
			const struct ptv_placed placed = play->placed[i];

			explain(play, steps, &placed, diag);
			return;
		}
	}
}
