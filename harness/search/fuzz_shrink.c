/* SPDX-License-Identifier: MIT */
#include "search/fuzz_shrink.h"

#include <stdlib.h>
#include <string.h>

#include "search/fuzz_guard.h"

/* --- Trying --- */

struct trial {
	struct ptv_shrink *shrink;
	const struct ptv_plan *plan;
	/* Shared with the child: */
	struct shared {
		struct ptv_plan placed;
		bool shows, done;
	} * shared;
};

static void try_it(void *ctx)
{
	struct trial *trial = ctx;
	struct ptv_fuzz_result *result = ptv_alloc(1, sizeof(*result));
	struct ptv_fuzz_case *c = ptv_alloc(1, sizeof(*c));
	struct ptv_fuzz_judge judge;
	size_t i;

	ptv_fuzz_judge_init(&judge, c);
	ptv_fuzz_judge(&judge, trial->plan, trial->shrink->policy, &trial->shrink->how, result);
	for (i = 0; i < result->count; i++)
		trial->shared->shows =
			trial->shared->shows ||
			ptv_fuzz_sign_equal(&result->told[i].sign, &trial->shrink->sign);
	trial->shared->placed = c->plan;
	ptv_fuzz_judge_free(&judge);
	ptv_fuzz_case_free(c);
	free(c);
	free(result);
}

static enum ptv_fuzz_kind kind_of(enum ptv_guard how)
{
	static const enum ptv_fuzz_kind kinds[] = {
		[PTV_GUARD_ASSERTION] = PTV_FUZZ_ASSERTION,
		[PTV_GUARD_CRASH] = PTV_FUZZ_CRASH,
		[PTV_GUARD_HANG] = PTV_FUZZ_HANG,
	};

	return kinds[how];
}

bool ptv_shrink_shows(struct ptv_shrink *shrink, struct ptv_plan *plan)
{
	struct trial trial = {shrink, plan, ptv_guard_share(sizeof(*trial.shared))};
	struct ptv_guarded guarded;
	bool shows;

	shrink->tried++;
	ptv_guard_run(try_it, &trial, &guarded);
	shows = guarded.how == PTV_GUARD_DONE ? trial.shared->shows
					      : shrink->sign.kind == (uint8_t)kind_of(guarded.how);
	if (shows && guarded.how == PTV_GUARD_DONE)
		*plan = trial.shared->placed;
	ptv_guard_unshare(trial.shared, sizeof(*trial.shared));
	return shows;
}

/* --- Smaller plans --- */

static void remove_stimulus(struct ptv_plan *plan, uint8_t n)
{
	plan->stimuli--;
	memmove(&plan->stimulus[n], &plan->stimulus[n + 1U],
		(size_t)(plan->stimuli - n) * sizeof(plan->stimulus[0]));
}

/* Without `count` stimuli from n on. */
static bool without(struct ptv_shrink *shrink, struct ptv_plan *plan, uint8_t n, uint8_t count)
{
	struct ptv_plan smaller = *plan;
	uint8_t i;

	for (i = 0; i < count; i++)
		remove_stimulus(&smaller, n);
	ptv_plan_mend(&smaller);
	if (!ptv_shrink_shows(shrink, &smaller))
		return false;
	*plan = smaller;
	return true;
}

/* Without two that belong together but stand apart: what one needs the other provides. */
static bool without_pair(struct ptv_shrink *shrink, struct ptv_plan *plan)
{
	uint8_t i, j;

	for (i = 0; i < plan->stimuli; i++) {
		for (j = (uint8_t)(i + 1U); j < plan->stimuli; j++) {
			struct ptv_plan smaller = *plan;

			remove_stimulus(&smaller, j);
			remove_stimulus(&smaller, i);
			ptv_plan_mend(&smaller);
			if (smaller.stimuli + 2U != plan->stimuli ||
			    !ptv_shrink_shows(shrink, &smaller))
				continue;
			*plan = smaller;
			return true;
		}
	}
	return false;
}

static bool fewer_stimuli(struct ptv_shrink *shrink, struct ptv_plan *plan)
{
	bool changed = false;
	uint8_t count, n;

	for (count = (uint8_t)(plan->stimuli / 2U); count > 0U; count = (uint8_t)(count / 2U)) {
		for (n = 0; n + count <= plan->stimuli;) {
			if (without(shrink, plan, n, count))
				changed = true;
			else
				n++;
		}
	}
	if (plan->stimuli <= 8U && without_pair(shrink, plan))
		changed = true;
	return changed;
}

static bool try_change(struct ptv_shrink *shrink, struct ptv_plan *plan,
		       const struct ptv_plan *smaller)
{
	struct ptv_plan candidate = *smaller;

	ptv_plan_mend(&candidate);
	if (memcmp(&candidate, plan, sizeof(candidate)) == 0 ||
	    candidate.stimuli != plan->stimuli || !ptv_shrink_shows(shrink, &candidate))
		return false;
	*plan = candidate;
	return true;
}

static bool fewer_deliveries(struct ptv_shrink *shrink, struct ptv_plan *plan)
{
	bool changed = false;
	uint8_t i;

	for (i = 0; i < plan->stimuli; i++) {
		struct ptv_plan smaller = *plan;

		if (!smaller.stimulus[i].deliver)
			continue;
		smaller.stimulus[i].deliver = 0;
		smaller.stimulus[i].irq = 0;
		smaller.stimulus[i].place = 0;
		changed = try_change(shrink, plan, &smaller) || changed;
	}
	return changed;
}

/* Everything about a plan that is a byte and has a plain value of 0. */
static bool plainer_bytes(struct ptv_shrink *shrink, struct ptv_plan *plan, size_t offset,
			  size_t size)
{
	bool changed = false;
	size_t i;

	for (i = offset; i < offset + size; i++) {
		struct ptv_plan smaller = *plan;

		if (((uint8_t *)&smaller)[i] == 0U)
			continue;
		((uint8_t *)&smaller)[i] = 0;
		changed = try_change(shrink, plan, &smaller) || changed;
	}
	return changed;
}

static bool plainer_header(struct ptv_shrink *shrink, struct ptv_plan *plan)
{
	struct ptv_plan smaller = *plan;
	bool changed = false;

	smaller.events = smaller.lps = 1;
	changed = try_change(shrink, plan, &smaller);
	smaller = *plan;
	smaller.lps = 1;
	changed = try_change(shrink, plan, &smaller) || changed;
	for (; plan->timings > 0U; changed = true) {
		smaller = *plan;
		smaller.timings--;
		memset(&smaller.timing[smaller.timings], 0, sizeof(smaller.timing[0]));
		if (!try_change(shrink, plan, &smaller))
			break;
	}
	for (; plan->switches > 0U; changed = true) {
		smaller = *plan;
		smaller.switches--;
		memset(&smaller.sw[smaller.switches], 0, sizeof(smaller.sw[0]));
		if (!try_change(shrink, plan, &smaller))
			break;
	}
	return plainer_bytes(shrink, plan, offsetof(struct ptv_plan, machine), 1) || changed;
}

static bool plainer(struct ptv_shrink *shrink, struct ptv_plan *plan)
{
	bool changed = plainer_header(shrink, plan);
	uint8_t i;

	changed = plainer_bytes(shrink, plan, offsetof(struct ptv_plan, task),
				offsetof(struct ptv_plan, timings) -
					offsetof(struct ptv_plan, task)) ||
		  changed;
	for (i = 0; i < plan->events; i++)
		changed =
			plainer_bytes(shrink, plan,
				      offsetof(struct ptv_plan, event) + i * sizeof(plan->event[0]),
				      sizeof(plan->event[0])) ||
			changed;
	for (i = 0; i < plan->stimuli; i++)
		changed = plainer_bytes(shrink, plan,
					offsetof(struct ptv_plan, stimulus) +
						i * sizeof(plan->stimulus[0]) +
						offsetof(struct ptv_plan_stimulus, lp),
					offsetof(struct ptv_plan_stimulus, deliver) -
						offsetof(struct ptv_plan_stimulus, lp)) ||
			  changed;
	return changed;
}

void ptv_shrink(struct ptv_shrink *shrink, struct ptv_plan *plan)
{
	bool changed = true;

	while (changed) {
		while (fewer_stimuli(shrink, plan))
			;
		changed = fewer_deliveries(shrink, plan);
		changed = plainer(shrink, plan) || changed;
	}
}
