/* SPDX-License-Identifier: MIT */
#include "show/plot/gap.h"

#include <stdlib.h>

#include "show/plot/lane.h"

#define OVF_BYTES 0xf302U /* the packet OVF, 02 F3, in PACKET.b */

void ptv_gap_retired(struct ptv_gap_finder *finder, const struct ptv_obs *retire, bool counted)
{
	const bool traced = retire->b & PTV_BIT(8), in_filter = retire->b & PTV_BIT(16);
	struct ptv_plot_span *last;

	finder->lane->seen = true;
	if ((retire->b & 0xffU) == PTV_SCOPE_DRIVER || !in_filter || !counted)
		return;
	last = finder->within ? &finder->lane->at[finder->lane->count - 1U] : NULL;
	if (traced) {
		if (last)
			last->size = retire->c;
		finder->within = false;
	} else if (last) {
		last->to = retire->cycle;
	} else {
		last = ptv_lane_span(finder->lane, retire->c, retire->cycle, PTV_PLOT_GAP_SILENT);
		last->size = PTV_NEVER;
		finder->within = true;
	}
}

void ptv_gap_packet(struct ptv_gap_finder *finder, const struct ptv_obs *packet)
{
	if ((packet->b & 0xffffU) == OVF_BYTES)
		ptv_lane_span(&finder->told, packet->cycle, packet->cycle, 1);
}

void ptv_gap_marker(struct ptv_gap_finder *finder, uint64_t cycle)
{
	ptv_lane_span(&finder->told, cycle, cycle, 1);
}

void ptv_gap_over(struct ptv_gap_finder *finder)
{
	finder->within = false;
}

/* Whether a span of a lane meets a gap; for records only the flagged ones count. */
static bool told_by(const struct ptv_plot_lane *lane, const struct ptv_plot_span *gap,
		    uint64_t until, uint32_t flags)
{
	size_t i;

	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *span = &lane->at[i];

		if (span->from <= until && span->to >= gap->from &&
		    (flags == 0U || (span->flags & flags)))
			return true;
	}
	return false;
}

void ptv_gap_judge(struct ptv_gap_finder *finder, const struct ptv_plot_lane *record,
		   const struct ptv_verdicts *verdicts)
{
	const bool all = verdicts && verdicts->check[PTV_CHECK_GAP_ANNOUNCED].exercised &&
			 !verdicts->check[PTV_CHECK_GAP_ANNOUNCED].violated;
	size_t i;

	for (i = 0; i < finder->lane->count; i++) {
		struct ptv_plot_span *gap = &finder->lane->at[i];

		if (all ||
		    told_by(record, gap, gap->to, PTV_AUX_FLAG_PARTIAL | PTV_AUX_FLAG_TRUNCATED) ||
		    told_by(&finder->told, gap, gap->size, 0))
			gap->value = PTV_PLOT_GAP_ANNOUNCED;
	}
	ptv_lane_free(&finder->told);
}

/*
 * The cycle at which a violation is shown. One of a settled prefix: the end of the stimulus after
 * which it was judged, since the settled copy's own time is nobody's. Others: where the trouble
 * began, if that is known, which for checks of each observation is where it was seen.
 */
static uint64_t shown_at(const struct ptv_plot_group *group, const struct ptv_plot_input *input,
			 const struct ptv_violation *violation, char kind)
{
	size_t i;

	if (kind == 'S') {
		for (i = 0; i < group->stimuli; i++) {
			if (group->stimulus[i].index == violation->stimulus &&
			    group->stimulus[i].ended != PTV_NEVER)
				return group->stimulus[i].ended;
		}
	}
	for (i = 0; kind == 'Z' && violation->since_seq && i < input->count; i++) {
		const struct ptv_obs *obs = &input->obs[i];

		if (obs->seq == violation->since_seq)
			return obs->kind == PTV_OBS_RETIRE ? obs->c : obs->cycle;
	}
	return violation->obs.cycle < group->end ? violation->obs.cycle : group->end;
}

static int earlier(const void *a, const void *b)
{
	const struct ptv_plot_mark *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (int)x->check - (int)y->check;
}

void ptv_plot_mark(struct ptv_plot_group *group, const struct ptv_plot_input *input)
{
	unsigned int check;

	if (!input->verdicts)
		return;
	group->judged = true;
	for (check = 0; check < PTV_CHECKS; check++) {
		const struct ptv_verdict *verdict = &input->verdicts->check[check];
		struct ptv_plot_mark mark = {.check = (enum ptv_check)check};

		group->exercised += verdict->exercised > 0U;
		if (!verdict->violated)
			continue;
		mark.at = shown_at(group, input, &verdict->first, ptv_check_rows()[check].kind);
		group->mark = ptv_grow(group->mark, group->marks, &group->mark_room,
				       sizeof(*group->mark));
		group->mark[group->marks++] = mark;
	}
	if (group->marks)
		qsort(group->mark, group->marks, sizeof(*group->mark), earlier);
}
