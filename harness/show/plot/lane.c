/* SPDX-License-Identifier: MIT */
#include "show/plot/lane.h"

#include <stdlib.h>
#include <string.h>

struct ptv_plot_span *ptv_lane_span(struct ptv_plot_lane *lane, uint64_t from, uint64_t to,
				    uint64_t value)
{
	const struct ptv_plot_span span = {.from = from, .to = to, .value = value};

	PTV_ASSERT(to >= from);
	lane->at = ptv_grow(lane->at, lane->count, &lane->room, sizeof(*lane->at));
	lane->at[lane->count] = span;
	lane->seen = true;
	return &lane->at[lane->count++];
}

struct ptv_plot_span *ptv_lane_open(struct ptv_plot_lane *lane)
{
	struct ptv_plot_span *last = lane->count ? &lane->at[lane->count - 1U] : NULL;

	return last && last->to == PTV_NEVER ? last : NULL;
}

void ptv_lane_close(struct ptv_plot_lane *lane, uint64_t cycle)
{
	struct ptv_plot_span *open = ptv_lane_open(lane);

	if (!open)
		return;
	open->to = cycle > open->from ? cycle : open->from;
	if (open->to == open->from)
		lane->count--;
}

void ptv_lane_level(struct ptv_plot_lane *lane, uint64_t cycle, uint64_t value)
{
	const struct ptv_plot_span *open = ptv_lane_open(lane);

	lane->seen = true;
	if (open && open->value == value)
		return;
	ptv_lane_close(lane, cycle);
	if (value)
		ptv_lane_span(lane, cycle, PTV_NEVER, value);
}

uint64_t ptv_lane_value(const struct ptv_plot_lane *lane, uint64_t cycle)
{
	size_t i;

	for (i = lane->count; i-- > 0U;) {
		if (lane->at[i].from <= cycle)
			return cycle < lane->at[i].to ? lane->at[i].value : 0U;
	}
	return 0;
}

void ptv_lane_free(struct ptv_plot_lane *lane)
{
	free(lane->at);
	memset(lane, 0, sizeof(*lane));
}

/* Cycles at which a value may change. */
struct cuts {
	uint64_t *at;
	size_t count, room;
};

static int by_cycle(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void add_cut(struct cuts *cuts, uint64_t cycle)
{
	cuts->at = ptv_grow(cuts->at, cuts->count, &cuts->room, sizeof(*cuts->at));
	cuts->at[cuts->count++] = cycle;
}

static void add_cuts(struct cuts *cuts, const struct ptv_plot_lane *lane)
{
	size_t i;

	for (i = 0; i < lane->count; i++) {
		add_cut(cuts, lane->at[i].from);
		add_cut(cuts, lane->at[i].to);
	}
}

/* Value at a cycle that does not lie before the one asked for last. */
static uint64_t value_on(const struct ptv_plot_lane *lane, size_t *next, uint64_t cycle)
{
	while (*next < lane->count && lane->at[*next].to <= cycle)
		(*next)++;
	return *next < lane->count && lane->at[*next].from <= cycle ? lane->at[*next].value : 0U;
}

/* Appends to what has been flattened so far. */
static void append(struct ptv_plot_lane *out, uint64_t from, uint64_t to, uint64_t value,
		   uint64_t sliver)
{
	struct ptv_plot_span *last = out->count ? &out->at[out->count - 1U] : NULL;

	if (!value)
		return;
	if (last && from - last->to <= sliver)
		last->to = from;
	if (last && last->to == from && last->value == value)
		last->to = to;
	else
		ptv_lane_span(out, from, to, value);
}

#define MAX_LAYERS 8U

void ptv_lane_flatten(struct ptv_plot_lane *const *layer, size_t layers, uint64_t sliver,
		      struct ptv_plot_lane *out)
{
	size_t next[MAX_LAYERS] = {0};
	struct cuts cuts = {0};
	size_t i, l;

	PTV_ASSERT(layers <= MAX_LAYERS);
	for (l = 0; l < layers; l++) {
		add_cuts(&cuts, layer[l]);
		out->seen |= layer[l]->seen;
	}
	if (cuts.count)
		qsort(cuts.at, cuts.count, sizeof(*cuts.at), by_cycle);
	for (i = 1; i < cuts.count; i++) {
		const uint64_t from = cuts.at[i - 1U], to = cuts.at[i];
		uint64_t value = 0;

		if (from == to)
			continue;
		for (l = 0; l < layers; l++) {
			const uint64_t here = value_on(layer[l], &next[l], from);

			value = here ? here : value;
		}
		append(out, from, to, value, sliver);
	}
	free(cuts.at);
}

uint64_t ptv_lane_differ(const struct ptv_plot_lane *a, const struct ptv_plot_lane *b, uint64_t end)
{
	size_t next_a = 0, next_b = 0, i;
	struct cuts cuts = {0};
	uint64_t cycles = 0;

	add_cuts(&cuts, a);
	add_cuts(&cuts, b);
	add_cut(&cuts, end);
	qsort(cuts.at, cuts.count, sizeof(*cuts.at), by_cycle);
	for (i = 1; i < cuts.count && cuts.at[i] <= end; i++) {
		const uint64_t from = cuts.at[i - 1U];

		if (value_on(a, &next_a, from) != value_on(b, &next_b, from))
			cycles += cuts.at[i] - from;
	}
	free(cuts.at);
	return cycles;
}
