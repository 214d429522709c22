/* SPDX-License-Identifier: MIT */
/*
 * Observations typed by hand for the tests of plots.
 */
#ifndef PTV_HARNESS_TESTS_PLOT_STORY_H
#define PTV_HARNESS_TESTS_PLOT_STORY_H

#include "show/plot/plot.h"

#define PLOT_STORY 128U

struct plot_story {
	struct ptv_obs obs[PLOT_STORY], closing[PLOT_STORY];
	size_t count, closings;
	struct ptv_verdicts verdicts;
	struct ptv_plot_group group;
};

/* Setup and teardown of a struct ptv_fixture. */
void plot_story_free(void *story);

/* Observations of LP 0; seq is their number. */
void plot_tell(struct plot_story *story, uint64_t cycle, enum ptv_obs_kind kind, uint64_t a,
	       uint64_t b, uint64_t c);
/* The same on the copy that is closed after the timeline. */
void plot_tell_closing(struct plot_story *story, uint64_t cycle, enum ptv_obs_kind kind, uint64_t a,
		       uint64_t b, uint64_t c);
/* Branches from first to last, in the event's filter. */
void plot_tell_branches(struct plot_story *story, uint64_t first, uint64_t last,
			enum ptv_scope scope, bool traced);
void plot_violate(struct plot_story *story, enum ptv_check check, uint64_t cycle, uint32_t stimulus,
		  uint32_t since_seq);

/* Event 0 traced from 100, VMXON at 1000, VMXOFF at 2000, end at 5000; dark from VMXON on. */
void plot_tell_dark(struct plot_story *story);

/* Builds the group of LP 0 and event 0. */
void plot_story_build(struct plot_story *story, bool judged);
/* What it is built from. */
struct ptv_plot_input plot_story_input(const struct plot_story *story, bool judged);

#endif /* PTV_HARNESS_TESTS_PLOT_STORY_H */
