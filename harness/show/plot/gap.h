/* SPDX-License-Identifier: MIT */
/*
 * Gaps of the trace and whether they were announced; violations and where they are shown.
 *
 * A gap is a maximal run of dark branches: in the event's filter, counted running, not traced. The
 * verdict of gap-announced is the judge. Where it was violated, this tells which of several gaps
 * may be meant: one without a flagged record over it, a marker that software wrote in it, or OVF.
 */
#ifndef PTV_HARNESS_SHOW_PLOT_GAP_H
#define PTV_HARNESS_SHOW_PLOT_GAP_H

#include "show/plot/plot.h"

/* All zero but for the lane: nothing seen yet. */
struct ptv_gap_finder {
	struct ptv_plot_lane *lane;
	struct ptv_plot_lane told; /* marks: OVF packets and software's markers */
	bool within;		   /* the last span of the lane goes on */
};

void ptv_gap_retired(struct ptv_gap_finder *finder, const struct ptv_obs *retire, bool counted);
void ptv_gap_packet(struct ptv_gap_finder *finder, const struct ptv_obs *packet);
void ptv_gap_marker(struct ptv_gap_finder *finder, uint64_t cycle);
/* The event ceased to be counted. */
void ptv_gap_over(struct ptv_gap_finder *finder);
/* Says of each gap whether it was announced, and frees the finder. */
void ptv_gap_judge(struct ptv_gap_finder *finder, const struct ptv_plot_lane *record,
		   const struct ptv_verdicts *verdicts);

/* Fills marks, judged and exercised of a group whose lanes are built. */
void ptv_plot_mark(struct ptv_plot_group *group, const struct ptv_plot_input *input);

#endif /* PTV_HARNESS_SHOW_PLOT_GAP_H */
