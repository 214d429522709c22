/* SPDX-License-Identifier: MIT */
#include "story.h"

#include "gtest/ptv_test.h"
#include "ptv/stimulus.h"
#include "show/plot/lane.h"

#include <stdlib.h>

void plot_story_free(void *data)
{
	struct plot_story *story = data;
	unsigned int kind;

	for (kind = 0; kind < PTV_PLOT_LANES; kind++)
		ptv_lane_free(&story->group.lane[kind]);
	free(story->group.stimulus);
	free(story->group.mark);
}

static struct ptv_obs make(uint64_t cycle, size_t seq, enum ptv_obs_kind kind)
{
	const struct ptv_obs obs = {.cycle = cycle, .seq = (uint32_t)seq, .kind = (uint8_t)kind};

	return obs;
}

void plot_tell(struct plot_story *story, uint64_t cycle, enum ptv_obs_kind kind, uint64_t a,
	       uint64_t b, uint64_t c)
{
	struct ptv_obs *obs = &story->obs[story->count];

	PTV_ASSERT(story->count < PLOT_STORY);
	*obs = make(cycle, story->count++, kind);
	obs->a = a;
	obs->b = b;
	obs->c = c;
}

void plot_tell_closing(struct plot_story *story, uint64_t cycle, enum ptv_obs_kind kind, uint64_t a,
		       uint64_t b, uint64_t c)
{
	struct ptv_obs *obs = &story->closing[story->closings];

	PTV_ASSERT(story->closings < PLOT_STORY);
	*obs = make(cycle, story->count + story->closings++, kind);
	obs->a = a;
	obs->b = b;
	obs->c = c;
}

void plot_tell_branches(struct plot_story *story, uint64_t first, uint64_t last,
			enum ptv_scope scope, bool traced)
{
	plot_tell(story, last, PTV_OBS_RETIRE, last - first + 1U,
		  ptv_retire_pack(scope, traced, true), first);
}

void plot_violate(struct plot_story *story, enum ptv_check check, uint64_t cycle, uint32_t stimulus,
		  uint32_t since_seq)
{
	struct ptv_verdict *verdict = &story->verdicts.check[check];

	verdict->exercised = 1;
	verdict->violated = 1;
	verdict->first.obs = make(cycle, story->count, PTV_OBS_SETTLED);
	verdict->first.stimulus = stimulus;
	verdict->first.since_seq = since_seq;
	verdict->first.check = (uint16_t)check;
}

void plot_tell_dark(struct plot_story *story)
{
	plot_tell(story, 0, PTV_OBS_OPEN, 0, 8192, 4096);
	plot_tell(story, 0, PTV_OBS_STIMULUS, 0, PTV_STIM_ENABLE, 0);
	plot_tell(story, 10, PTV_OBS_EVENT_STATE, 0, PTV_EVENT_ACTIVE, 0);
	plot_tell(story, 20, PTV_OBS_AUX_BEGIN, 0, 0, 8192);
	plot_tell(story, 100, PTV_OBS_TRACE_EN, 1, PTV_CAUSE_WRMSR, 0);
	plot_tell(story, 100, PTV_OBS_TRIGGER_EN, 1, PTV_CAUSE_WRMSR, 0);
	plot_tell(story, 110, PTV_OBS_RUNNING, 0, 1, 0);
	plot_tell(story, 120, PTV_OBS_STIMULUS, 0, PTV_STIM_ENABLE, 1);
	plot_tell(story, 500, PTV_OBS_STORE, 0x1000, 64, ptv_place(0, 0));
	plot_tell_branches(story, 120, 900, PTV_SCOPE_USER, true);
	plot_tell(story, 900, PTV_OBS_STIMULUS, 1, PTV_STIM_VIRT_ON, 0);
	plot_tell(story, 910, PTV_OBS_CALL, PTV_FN_NOTIFY, 255, 1);
	plot_tell(story, 920, PTV_OBS_BELIEF, 1, 0, 0);
	plot_tell(story, 930, PTV_OBS_RET, PTV_FN_NOTIFY, 255, 0);
	plot_tell(story, 1000, PTV_OBS_TRACE_EN, 0, PTV_CAUSE_VMXON, 0);
	plot_tell(story, 1000, PTV_OBS_TRIGGER_EN, 0, PTV_CAUSE_VMXON, 0);
	plot_tell(story, 1000, PTV_OBS_VMX_MODE, PTV_VMX_ROOT, 0, 0);
	plot_tell(story, 1050, PTV_OBS_STIMULUS, 1, PTV_STIM_VIRT_ON, 1);
	plot_tell_branches(story, 1060, 1900, PTV_SCOPE_KERNEL, false);
	plot_tell(story, 1900, PTV_OBS_STIMULUS, 2, PTV_STIM_VIRT_OFF, 0);
	plot_tell(story, 2000, PTV_OBS_VMX_MODE, PTV_VMX_OFF, 0, 0);
	plot_tell(story, 2010, PTV_OBS_BELIEF, 0, 0, 0);
	plot_tell(story, 2050, PTV_OBS_STIMULUS, 2, PTV_STIM_VIRT_OFF, 1);
	plot_tell_branches(story, 2060, 4990, PTV_SCOPE_USER, false);
	plot_tell(story, 5000, PTV_OBS_STIMULUS, 3, PTV_STIM_END, 0);
	plot_tell(story, 5000, PTV_OBS_STIMULUS, 3, PTV_STIM_END, 1);
}

struct ptv_plot_input plot_story_input(const struct plot_story *story, bool judged)
{
	const struct ptv_plot_input input = {.obs = story->obs,
					     .count = story->count,
					     .closing = story->closing,
					     .closings = story->closings,
					     .verdicts = judged ? &story->verdicts : NULL};

	return input;
}

void plot_story_build(struct plot_story *story, bool judged)
{
	const struct ptv_plot_input input = plot_story_input(story, judged);

	ptv_plot_build(&story->group, &input);
}
