/* SPDX-License-Identifier: MIT */
#include "search/fuzz_judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/confluent.h"
#include "play/recorder.h"
#include "search/random.h"

static const char *const kind_names[PTV_FUZZ_KINDS] = {
	[PTV_FUZZ_VIOLATION] = "violation",   [PTV_FUZZ_LIVELOCK] = "livelock",
	[PTV_FUZZ_STEP] = "step-differs",     [PTV_FUZZ_STATE] = "state-differs",
	[PTV_FUZZ_AGAIN] = "again-differs",   [PTV_FUZZ_UNPLACED] = "unplaced",
	[PTV_FUZZ_NONSENSE] = "nonsense",     [PTV_FUZZ_ASSERTION] = "assertion",
	[PTV_FUZZ_CRASH] = "crash",	      [PTV_FUZZ_HANG] = "hang",
	[PTV_FUZZ_UNLIKE_RTL] = "unlike-rtl",
};

const char *ptv_fuzz_kind_name(enum ptv_fuzz_kind kind)
{
	return kind_names[kind];
}

/* --- Signs --- */

struct ptv_fuzz_sign ptv_fuzz_violation_sign(const struct ptv_violation *violation)
{
	struct ptv_fuzz_sign sign = {.kind = PTV_FUZZ_VIOLATION,
				     .check = (uint8_t)violation->check,
				     .way = (uint8_t)(violation->why & 0xffU)};

	if (violation->check == PTV_CHECK_NO_SPLAT) {
		sign.splat = (uint8_t)violation->obs.a;
		sign.where = violation->obs.a == PTV_SPLAT_WARN ? (uint32_t)violation->obs.b : 0U;
	}
	if (violation->check == PTV_CHECK_NO_SPLAT && violation->obs.a == PTV_SPLAT_LIVELOCK)
		sign.kind = PTV_FUZZ_LIVELOCK;
	return sign;
}

bool ptv_fuzz_sign_equal(const struct ptv_fuzz_sign *a, const struct ptv_fuzz_sign *b)
{
	return a->kind == b->kind && a->check == b->check && a->way == b->way &&
	       a->splat == b->splat && a->where == b->where;
}

void ptv_fuzz_sign_text(const struct ptv_fuzz_sign *sign, const char *policy,
			struct ptv_string *text)
{
	const struct ptv_obs splat = {.kind = PTV_OBS_SPLAT, .a = sign->splat};
	const struct ptv_violation violation = {.why = sign->way, .check = sign->check};

	if (sign->kind != PTV_FUZZ_VIOLATION) {
		ptv_string_add(text, "%s %s", policy, kind_names[sign->kind]);
		return;
	}
	ptv_string_add(text, "%s %s %s", policy, ptv_check_rows()[sign->check].id,
		       ptv_violation_way(&violation));
	if (sign->check != PTV_CHECK_NO_SPLAT)
		return;
	ptv_string_add(text, "-%s", ptv_obs_arg_text(&splat, 'a'));
	if (sign->splat == PTV_SPLAT_WARN)
		ptv_string_add(text, "-%" PRIx32, sign->where);
}

static void tell(struct ptv_fuzz_result *result, enum ptv_fuzz_kind kind)
{
	struct ptv_fuzz_told *told = &result->told[result->count++];

	PTV_ASSERT(result->count <= PTV_FUZZ_SIGNS);
	memset(told, 0, sizeof(*told));
	told->sign.kind = (uint8_t)kind;
}

static void tell_violation(struct ptv_fuzz_result *result, const struct ptv_violation *violation)
{
	tell(result, PTV_FUZZ_VIOLATION);
	result->told[result->count - 1U].violation = *violation;
	result->told[result->count - 1U].sign = ptv_fuzz_violation_sign(violation);
}

static void tell_violations(struct ptv_fuzz_result *result)
{
	int check;

	for (check = 0; check < PTV_CHECKS; check++) {
		if (result->run.verdicts.check[check].violated)
			tell_violation(result, &result->run.verdicts.check[check].first);
	}
}

/* --- Runs --- */

/* Of one run: all that was observed, as a number, and the clocks that passed. */
struct watch {
	uint64_t count, digest, clocks;
	uint64_t cycle[PTV_MAX_LPS]; /* of the last observation in the run itself */
	uint64_t copy_cycle;	     /* and in a copy; 0: none since that */
};

static void pass_time(struct watch *w, const struct ptv_obs *obs, enum ptv_copy copy)
{
	uint64_t *last = copy == PTV_COPY_NONE ? &w->cycle[obs->lp] : &w->copy_cycle;

	if (copy == PTV_COPY_NONE)
		w->copy_cycle = 0;
	else if (w->copy_cycle == 0U)
		w->copy_cycle = w->cycle[obs->lp];
	if (obs->cycle > *last)
		w->clocks += obs->cycle - *last;
	*last = obs->cycle;
}

static void watch(void *ctx, const struct ptv_obs *obs, enum ptv_copy copy)
{
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	struct watch *w = ctx;
	uint64_t h = w->digest;

	h = (h ^ obs->cycle) * k;
	h = ((h ^ h >> 29) ^ obs->a) * k;
	h = ((h ^ h >> 29) ^ obs->b) * k;
	h = ((h ^ h >> 29) ^ obs->c) * k;
	h = ((h ^ h >> 29) ^ ((uint64_t)obs->seq << 32 | (uint32_t)obs->kind << 24 |
			      (uint32_t)obs->lp << 16 | (uint32_t)obs->by << 8 | (uint32_t)copy)) *
	    k;
	w->digest = h ^ h >> 32;
	w->count++;
	pass_time(w, obs, copy);
}

static void play(struct ptv_fuzz_judge *judge, bool step_only, struct ptv_run *run,
		 struct watch *seen)
{
	const struct ptv_onlooker onlooker = {.ctx = seen, .observed = watch};
	struct ptv_play *p = &judge->play;

	memset(seen, 0, sizeof(*seen));
	p->env.step_only = step_only ? 1U : 0U;
	p->onlooker = &onlooker;
	ptv_play_run(p, &judge->c->steps, run);
	p->onlooker = NULL;
	p->env.step_only = 0;
}

/* Of the world after that run. */
static uint64_t state(const struct ptv_fuzz_judge *judge, const struct ptv_run *run)
{
	return run->open_error ? 0U : ptv_world_hash(judge->play.world, &judge->play.env);
}

/* Nothing may come of what a world was before. */
static void poison(struct ptv_play *p)
{
	memset(p->world, 0xa5, sizeof(*p->world));
	memset(p->copy_world, 0xa5, sizeof(*p->copy_world));
}

static void record(struct ptv_fuzz_judge *judge, bool step_only, struct ptv_recorder *recorder)
{
	const struct ptv_onlooker onlooker = {.ctx = recorder, .observed = ptv_recorder_observed};
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));

	judge->play.env.step_only = step_only ? 1U : 0U;
	judge->play.onlooker = &onlooker;
	ptv_play_run(&judge->play, &judge->c->steps, run);
	judge->play.onlooker = NULL;
	judge->play.env.step_only = 0;
	free(run);
}

static void find_difference(struct ptv_fuzz_judge *judge, struct ptv_fuzz_result *result)
{
	struct ptv_recorder seen[2] = {{0}, {0}};
	size_t i, n;

	record(judge, false, &seen[0]);
	record(judge, true, &seen[1]);
	for (i = 0; i < seen[0].count && i < seen[1].count; i++) {
		if (memcmp(&seen[0].at[i].obs, &seen[1].at[i].obs, sizeof(struct ptv_obs)) != 0)
			break;
	}
	for (n = 0; n < 2U; n++) {
		memset(&result->differs[n], 0, sizeof(result->differs[n]));
		result->differs[n].kind = PTV_OBS_KINDS;
		if (i < seen[n].count)
			result->differs[n] = seen[n].at[i].obs;
		ptv_recorder_free(&seen[n]);
	}
}

static void compare(struct ptv_fuzz_judge *judge, struct ptv_fuzz_result *result)
{
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct watch seen;

	result->compared = true;
	poison(&judge->play);
	play(judge, false, run, &seen);
	if (seen.digest != result->digest || seen.count != result->observations ||
	    state(judge, run) != result->state)
		tell(result, PTV_FUZZ_AGAIN);
	play(judge, true, run, &seen);
	if (seen.digest != result->digest || seen.count != result->observations) {
		tell(result, PTV_FUZZ_STEP);
		find_difference(judge, result);
	} else if (state(judge, run) != result->state) {
		tell(result, PTV_FUZZ_STATE);
	}
	free(run);
}

/* --- The family of varied runs --- */

struct family {
	struct ptv_confluent confluent;
	const struct ptv_steps *steps;
	unsigned int events;
};

static void settled(void *ctx, uint32_t index, const struct ptv_checks *checks)
{
	struct family *family = ctx;
	const struct ptv_prefix prefix = {0, index + 1U, ptv_steps_hash(family->steps, index + 1U)};

	ptv_confluent_take(&family->confluent, checks, family->events, &prefix);
}

static void vary(struct ptv_fuzz_judge *judge, struct ptv_fuzz_result *result)
{
	struct family family = {.steps = &judge->c->steps, .events = judge->play.env.events};
	const struct ptv_onlooker onlooker = {.ctx = &family, .settled = settled};
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct ptv_violation violation;

	judge->play.onlooker = &onlooker;
	ptv_play_run(&judge->play, &judge->c->steps, run);
	judge->play.onlooker = NULL;
	ptv_confluent_play(&family.confluent, &judge->play);
	if (family.confluent.unequal) {
		const struct ptv_seen *a = &family.confluent.seen[family.confluent.first[0]];
		const struct ptv_seen *b = &family.confluent.seen[family.confluent.first[1]];

		memset(&violation, 0, sizeof(violation));
		ptv_confluent_violation(&violation, a->event, &a->situation, &b->situation);
		tell_violation(result, &violation);
	}
	ptv_confluent_free(&family.confluent);
	free(run);
}

/* --- The judge --- */

void ptv_fuzz_judge_init(struct ptv_fuzz_judge *judge, struct ptv_fuzz_case *c)
{
	memset(judge, 0, sizeof(*judge));
	judge->c = c;
	judge->play.world = ptv_alloc(1, sizeof(*judge->play.world));
	judge->play.copy_world = ptv_alloc(1, sizeof(*judge->play.copy_world));
}

void ptv_fuzz_judge_free(struct ptv_fuzz_judge *judge)
{
	ptv_play_free(&judge->play);
}

static void take_up(struct ptv_fuzz_judge *judge, const struct ptv_plan *plan,
		    const struct ptv_policy *policy)
{
	struct ptv_play *p = &judge->play;

	ptv_fuzz_case_build(judge->c, plan);
	judge->policy = policy;
	p->scenario = &judge->c->scenario;
	p->policy = policy;
	ptv_play_env(&p->env, p->scenario, policy);
}

void ptv_fuzz_judge(struct ptv_fuzz_judge *judge, const struct ptv_plan *plan,
		    const struct ptv_policy *policy, const struct ptv_fuzz_how *how,
		    struct ptv_fuzz_result *result)
{
	const struct ptv_run *run = &result->run;
	struct watch seen;
	bool short_enough;

	take_up(judge, plan, policy);
	judge->play.before_step = ptv_fuzz_case_place;
	judge->play.before_ctx = judge->c;
	play(judge, false, &result->run, &seen);
	judge->play.before_step = NULL;
	result->state = how->compare ? state(judge, run) : 0U;
	result->count = 0;
	result->compared = false;
	result->observations = seen.count;
	result->digest = seen.digest;
	result->clocks = seen.clocks;
	short_enough = how->clocks == 0U || seen.clocks <= how->clocks;
	result->stimuli = run->open_error ? 0U : judge->c->steps.count;
	tell_violations(result);
	if (run->open_error)
		return;
	if (run->unplaced)
		tell(result, PTV_FUZZ_UNPLACED);
	if (run->meaningless)
		tell(result, PTV_FUZZ_NONSENSE);
	if (how->compare && short_enough)
		compare(judge, result);
	if (how->confluent && !run->meaningless)
		vary(judge, result);
	if (how->twin && short_enough && !how->twin(judge->c, policy))
		tell(result, PTV_FUZZ_UNLIKE_RTL);
}
