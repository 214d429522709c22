/* SPDX-License-Identifier: MIT */
/*
 * Lanes while they are being built: spans appended in order, the last one possibly still open.
 */
#ifndef PTV_HARNESS_SHOW_PLOT_LANE_H
#define PTV_HARNESS_SHOW_PLOT_LANE_H

#include "show/plot/plot.h"

/* From this cycle on the lane has this value; 0 ends the span that is open. */
void ptv_lane_level(struct ptv_plot_lane *lane, uint64_t cycle, uint64_t value);
/* Appends a span; to == from is a mark. */
struct ptv_plot_span *ptv_lane_span(struct ptv_plot_lane *lane, uint64_t from, uint64_t to,
				    uint64_t value);
/* The last span if it is open, else NULL. */
struct ptv_plot_span *ptv_lane_open(struct ptv_plot_lane *lane);
/* Ends the span that is open. */
void ptv_lane_close(struct ptv_plot_lane *lane, uint64_t cycle);
/* Value at a cycle. */
uint64_t ptv_lane_value(const struct ptv_plot_lane *lane, uint64_t cycle);
void ptv_lane_free(struct ptv_plot_lane *lane);

/*
 * Layers seen from above: at each cycle the value of the last layer that has one there. Neighbours
 * of equal value become one span. Holes of at most `sliver` cycles are given to the span before
 * them. Every layer is closed; *out is empty before.
 */
void ptv_lane_flatten(struct ptv_plot_lane *const *layer, size_t layers, uint64_t sliver,
		      struct ptv_plot_lane *out);

/* Cycles before `end` in which two lanes have different values. */
uint64_t ptv_lane_differ(const struct ptv_plot_lane *a, const struct ptv_plot_lane *b,
			 uint64_t end);

#endif /* PTV_HARNESS_SHOW_PLOT_LANE_H */
