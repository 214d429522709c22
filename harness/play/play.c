/* SPDX-License-Identifier: MIT */
#include "play/play.h"

#include <stdlib.h>
#include <string.h>

#include "play/deliver.h"
#include "play/text.h"

void ptv_play_env(struct ptv_env *env, const struct ptv_scenario *scenario,
		  const struct ptv_policy *policy)
{
	const struct ptv_caps *caps = &scenario->machine->caps;

	ptv_env_default(env);
	env->cpu.caps = *caps;
	env->cpu.timing = scenario->timing;
	env->cpu.sw = scenario->switches;
	env->pt_caps.topa_multiple_entries = caps->mentry != 0U;
	env->pt_caps.single_range = caps->snglrng != 0U;
	env->pt_caps.psb_cyc = caps->psbcyc != 0U;
	env->pt_caps.mtc = caps->mtc != 0U;
	env->pt_caps.vmx = caps->vmx_misc_pt != 0U;
	env->work = scenario->work;
	env->lps = scenario->lps;
	env->consumer = (uint8_t)scenario->consumer;
	if (scenario->hw_alone || policy->none) {
		env->hw_alone = 1;
		env->events = 0;
		return;
	}
	env->kern.era = policy->era;
	env->kern.ops = policy->ops;
	env->kern.kcall_cycles = scenario->timing.kcall;
	env->driver_row = policy->has_row ? &policy->row : NULL;
	env->events = scenario->events;
	memcpy(env->event, scenario->event, sizeof(env->event));
}

void ptv_play_init(struct ptv_play *play, const struct ptv_scenario *scenario,
		   const struct ptv_policy *policy, const struct ptv_play_options *options)
{
	memset(play, 0, sizeof(*play));
	play->scenario = scenario;
	play->policy = policy;
	ptv_play_env(&play->env, scenario, policy);
	play->env.step_only = options && options->step_only ? 1U : 0U;
	play->world = ptv_alloc(1, sizeof(*play->world));
	play->copy_world = ptv_alloc(1, sizeof(*play->copy_world));
}

void ptv_play_free(struct ptv_play *play)
{
	free(play->world);
	free(play->copy_world);
	free(play->placed);
	memset(play, 0, sizeof(*play));
}

static void observe(void *ctx, const struct ptv_obs *obs)
{
	struct ptv_play *play = ctx;
	struct ptv_checks *checks = play->copy == PTV_COPY_NONE ? &play->checks
								: &play->copy_checks;

	ptv_checks_feed(checks, obs, &play->run->verdicts);
	if (obs->kind == PTV_OBS_SPLAT && ptv_splat_kills((enum ptv_splat)obs->a) &&
	    !play->run->panic)
		play->run->panic = play->index + 1U;
	if (play->onlooker && play->onlooker->observed)
		play->onlooker->observed(play->onlooker->ctx, obs, play->copy);
}

/* Violations found since the last call were found here. */
static void note_sightings(struct ptv_play *play, bool seen[PTV_CHECKS])
{
	int check;

	if (play->noted == play->run->verdicts.violations)
		return;
	play->noted = play->run->verdicts.violations;
	for (check = 0; check < PTV_CHECKS; check++) {
		if (seen[check] || play->run->verdicts.check[check].violated == 0U)
			continue;
		seen[check] = true;
		play->run->sighting[check].prefix = play->index;
		play->run->sighting[check].copy = play->copy;
		play->run->sighting[check].deliveries = play->run->deliveries;
	}
}

/* Judges the prefix that has been played, on a copy. */
static void judge(struct ptv_play *play, enum ptv_copy copy, bool seen[PTV_CHECKS])
{
	play->copy_checks = play->checks;
	play->copy = copy;
	if (copy == PTV_COPY_CLOSED ||
	    !ptv_world_settle_at_once(play->world, &play->env, play->index)) {
		ptv_world_copy(play->copy_world, play->world, &play->env);
		if (copy == PTV_COPY_SETTLED)
			(void)ptv_world_settle(play->copy_world, &play->env, play->index);
		else
			(void)ptv_world_close(play->copy_world, &play->env);
	}
	note_sightings(play, seen);
	if (copy == PTV_COPY_SETTLED && play->onlooker && play->onlooker->settled)
		play->onlooker->settled(play->onlooker->ctx, play->index, &play->copy_checks);
	play->copy = PTV_COPY_NONE;
}

/* Applies a step; false if the run ends here. */
static bool apply(struct ptv_play *play, const struct ptv_step *step)
{
	const struct ptv_apply_result result =
		ptv_world_apply(play->world, &play->env, &step->stimulus, play->index);

	if (play->onlooker && play->onlooker->applied)
		play->onlooker->applied(play->onlooker->ctx, play->index, &result);
	if (result.apply == PTV_APPLY_NEVER && !play->run->never)
		play->run->never = play->index + 1U;
	if (result.apply != PTV_APPLY_MEANINGLESS)
		return true;
	play->run->meaningless = play->index + 1U;
	return false;
}

static void count_unplaced(struct ptv_play *play)
{
	size_t i;

	for (i = 0; i < play->placed_count; i++)
		play->run->unplaced += play->placed[i].fired ? 0U : 1U;
}

void ptv_play_run(struct ptv_play *play, const struct ptv_steps *steps, struct ptv_run *run)
{
	const bool judged = !play->env.hw_alone;
	bool seen[PTV_CHECKS] = {false};
	size_t i;

	memset(run, 0, sizeof(*run));
	play->run = run;
	play->copy = PTV_COPY_NONE;
	play->noted = 0;
	play->index = 0;
	play->env.sink.emit = observe;
	play->env.sink.ctx = play;
	ptv_checks_init(&play->checks);
	ptv_deliver_begin(play, steps);
	run->open_error = ptv_world_init(play->world, &play->env);
	for (i = 0; i < steps->count && !run->open_error; i++) {
		play->index = (uint32_t)i;
		if (play->before_step)
			play->before_step(play->before_ctx, play);
		ptv_deliver_step(play);
		if (!apply(play, &steps->at[i]))
			break;
		note_sightings(play, seen);
		if (judged)
			judge(play, PTV_COPY_SETTLED, seen);
	}
	if (judged && !run->open_error && !run->meaningless)
		judge(play, PTV_COPY_CLOSED, seen);
	count_unplaced(play);
}
