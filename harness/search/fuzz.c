/* SPDX-License-Identifier: MIT */
#include "search/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "search/fuzz_guard.h"
#include "search/fuzz_shrink.h"

#define BATCH 256U /* timelines */
#define SLOTS 4096U
#define RAW   1024U

/* One in so many of the timelines that are compared is also varied: that takes tens of runs. */
#define FAMILY 4U

/* A sign under a policy, as it was seen first. */
struct slot {
	struct ptv_fuzz_sign sign;
	uint16_t policy; /* 1 + its number; 0: the slot is free */
	bool known;
};

/* What parent and child both see. */
struct shared {
	uint64_t next; /* timeline that is being played */
	struct ptv_fuzz_totals totals;
	struct slot slot[SLOTS];
	struct {
		struct ptv_fuzz_sign sign;
		uint64_t timeline;
	} raw[RAW]; /* new ones */
	uint32_t raws, slots;
};

struct campaign {
	const struct ptv_fuzz_options *options;
	struct shared *shared;
	uint64_t end;	  /* of the batch */
	uint32_t handled; /* raws that were shrunk and told */
	struct timespec begin;
};

bool ptv_fuzz_is_new(const struct ptv_fuzz_sign *sign, const struct ptv_policy *policy,
		     const struct ptv_known *known)
{
	struct ptv_string text = {0};
	bool new;

	if (sign->kind != PTV_FUZZ_VIOLATION)
		return true;
	ptv_fuzz_sign_text(sign, policy->name, &text);
	new = !known || !ptv_known_has(known, ptv_string(&text));
	ptv_string_free(&text);
	return new;
}

/* --- In the child --- */

/* The sign's slot; *first says whether it was not there yet. */
static struct slot *slot_of(struct shared *shared, const struct ptv_fuzz_sign *sign,
			    uint16_t policy, bool *first)
{
	uint32_t n = (policy * 2654435761U) ^ (sign->kind * 97U) ^ (sign->check * 1543U) ^
		     (sign->way * 6151U) ^ (sign->splat * 24593U) ^ sign->where;

	for (;; n++) {
		struct slot *slot = &shared->slot[n % SLOTS];

		if (slot->policy == policy + 1U && ptv_fuzz_sign_equal(&slot->sign, sign)) {
			*first = false;
			return slot;
		}
		if (slot->policy != 0U)
			continue;
		PTV_ASSERT(++shared->slots < SLOTS);
		slot->policy = (uint16_t)(policy + 1U);
		slot->sign = *sign;
		*first = true;
		return slot;
	}
}

static void take_sign(struct campaign *campaign, const struct ptv_fuzz_sign *sign, uint64_t n)
{
	const struct ptv_policies *policies = campaign->options->policies;
	struct shared *shared = campaign->shared;
	const uint16_t policy = (uint16_t)(n % policies->count);
	bool first;
	struct slot *slot = slot_of(shared, sign, policy, &first);

	if (first)
		slot->known =
			!ptv_fuzz_is_new(sign, &policies->at[policy], campaign->options->known);
	shared->totals.known += slot->known ? 1U : 0U;
	if (!first || slot->known || shared->raws == RAW)
		return;
	shared->raw[shared->raws].sign = *sign;
	shared->raw[shared->raws].timeline = n;
	shared->raws++;
}

static void count(struct campaign *campaign, const struct ptv_fuzz_result *result, uint64_t n)
{
	struct ptv_fuzz_totals *totals = &campaign->shared->totals;
	size_t i;

	totals->timelines++;
	totals->stimuli += result->stimuli;
	totals->observations += result->observations;
	totals->refused += result->run.open_error ? 1U : 0U;
	totals->deliveries += result->run.deliveries;
	totals->panics += result->run.panic ? 1U : 0U;
	totals->compared += result->compared ? 1U : 0U;
	for (i = 0; i < result->count; i++)
		take_sign(campaign, &result->told[i].sign, n);
}

static void plan_of(const struct campaign *campaign, uint64_t n, struct ptv_plan *plan)
{
	uint8_t bytes[PTV_PLAN_BYTES];

	ptv_plan_decode(bytes,
			ptv_plan_draw(campaign->options->seed, n, campaign->options->full, bytes),
			plan);
}

static struct ptv_fuzz_how how_of(const struct campaign *campaign, uint64_t n)
{
	const uint64_t each = campaign->options->compare;
	const uint64_t turn = n / campaign->options->policies->count;
	const bool compare = each != 0U && turn % each == 0U;
	const bool confluent = compare && turn / each % FAMILY == 0U;
	const struct ptv_fuzz_how how = {.compare = compare,
					 .confluent = confluent,
					 .twin = compare ? campaign->options->twin : NULL};

	return how;
}

static void play_batch(void *ctx)
{
	struct campaign *campaign = ctx;
	const struct ptv_policies *policies = campaign->options->policies;
	struct ptv_fuzz_result *result = ptv_alloc(1, sizeof(*result));
	struct ptv_fuzz_case *c = ptv_alloc(1, sizeof(*c));
	struct shared *shared = campaign->shared;
	struct ptv_fuzz_judge judge;
	struct ptv_plan plan;

	ptv_fuzz_judge_init(&judge, c);
	for (; shared->next < campaign->end; shared->next++) {
		const uint64_t n = shared->next;
		const struct ptv_fuzz_how how = how_of(campaign, n);

		ptv_guard_alive();
		plan_of(campaign, n, &plan);
		ptv_fuzz_judge(&judge, &plan, &policies->at[n % policies->count], &how, result);
		count(campaign, result, n);
	}
	ptv_fuzz_judge_free(&judge);
	ptv_fuzz_case_free(c);
	free(c);
	free(result);
}

/* --- In the parent --- */

static void tell(struct campaign *campaign, const struct ptv_fuzz_sign *sign, uint64_t n,
		 const char *text)
{
	const struct ptv_policies *policies = campaign->options->policies;
	struct ptv_fuzz_find find = {.policy = &policies->at[n % policies->count],
				     .sign = *sign,
				     .timeline = n,
				     .text = text};
	struct ptv_shrink shrink = {find.policy, how_of(campaign, n), *sign, 0};
	const bool family = sign->kind == PTV_FUZZ_VIOLATION && sign->check == PTV_CHECK_CONFLUENT;
	const bool dies = sign->kind == PTV_FUZZ_ASSERTION || sign->kind == PTV_FUZZ_CRASH ||
			  sign->kind == PTV_FUZZ_HANG;

	/* Only what shows it is done: trying is many times faster then. */
	shrink.how.confluent = shrink.how.confluent && (family || dies);
	shrink.how.compare = shrink.how.compare && sign->kind != PTV_FUZZ_VIOLATION;
	if (!shrink.how.compare)
		shrink.how.twin = NULL;
	plan_of(campaign, n, &find.plan);
	/* It was seen, so it shows again, or else the program contradicts itself in yet another
	 * way: then the plan is told as it is. */
	if (ptv_shrink_shows(&shrink, &find.plan) && !campaign->options->no_shrink)
		ptv_shrink(&shrink, &find.plan);
	find.tried = shrink.tried;
	campaign->shared->totals.finds++;
	campaign->options->found(campaign->options->ctx, &find);
}

static void tell_new(struct campaign *campaign)
{
	const struct shared *shared = campaign->shared;

	for (; campaign->handled < shared->raws; campaign->handled++)
		tell(campaign, &shared->raw[campaign->handled].sign,
		     shared->raw[campaign->handled].timeline, "");
}

/* The child died while it played shared->next. */
static void tell_death(struct campaign *campaign, const struct ptv_guarded *guarded)
{
	static const enum ptv_fuzz_kind kinds[] = {
		[PTV_GUARD_ASSERTION] = PTV_FUZZ_ASSERTION,
		[PTV_GUARD_CRASH] = PTV_FUZZ_CRASH,
		[PTV_GUARD_HANG] = PTV_FUZZ_HANG,
	};
	struct shared *shared = campaign->shared;
	const uint64_t n = shared->next++;
	const struct ptv_fuzz_sign sign = {.kind = (uint8_t)kinds[guarded->how]};
	bool first;

	shared->totals.timelines++;
	(void)slot_of(shared, &sign, (uint16_t)(n % campaign->options->policies->count), &first);
	if (first)
		tell(campaign, &sign, n, guarded->text);
}

static bool is_over(const struct campaign *campaign)
{
	const struct ptv_fuzz_options *options = campaign->options;
	struct timespec now;

	if (options->timelines && campaign->shared->next >= options->timelines)
		return true;
	if (options->seconds <= 0.0)
		return false;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - campaign->begin.tv_sec) +
		       (double)(now.tv_nsec - campaign->begin.tv_nsec) * 1e-9 >=
	       options->seconds;
}

void ptv_fuzz(const struct ptv_fuzz_options *options, struct ptv_fuzz_totals *totals)
{
	struct campaign campaign = {.options = options,
				    .shared = ptv_guard_share(sizeof(*campaign.shared))};
	struct shared *shared = campaign.shared;

	(void)clock_gettime(CLOCK_MONOTONIC, &campaign.begin);
	while (!is_over(&campaign)) {
		struct ptv_guarded guarded;

		campaign.end = (shared->next / BATCH + 1U) * BATCH;
		if (options->timelines && campaign.end > options->timelines)
			campaign.end = options->timelines;
		ptv_guard_run(play_batch, &campaign, &guarded);
		tell_new(&campaign);
		if (guarded.how != PTV_GUARD_DONE)
			tell_death(&campaign, &guarded);
		if (options->progress)
			options->progress(options->ctx, &shared->totals);
	}
	*totals = shared->totals;
	ptv_guard_unshare(shared, sizeof(*shared));
}
