/* SPDX-License-Identifier: MIT */
#include "show/plot/plot.h"

#include <stdlib.h>
#include <string.h>

#include "show/plot/lane.h"

struct ptv_plot_group *ptv_plot_add(struct ptv_plot *plot, const char *title, const char *note,
				    const struct ptv_plot_input *input)
{
	struct ptv_plot_group *group;

	plot->group = ptv_grow(plot->group, plot->groups, &plot->group_room, sizeof(*plot->group));
	group = &plot->group[plot->groups++];
	memset(group, 0, sizeof(*group));
	group->title = ptv_string_copy(title);
	group->note = ptv_string_copy(note);
	ptv_plot_build(group, input);
	return group;
}

static void free_group(struct ptv_plot_group *group)
{
	unsigned int kind;

	for (kind = 0; kind < PTV_PLOT_LANES; kind++)
		ptv_lane_free(&group->lane[kind]);
	free(group->stimulus);
	free(group->mark);
	free(group->title);
	free(group->note);
}

void ptv_plot_free(struct ptv_plot *plot)
{
	size_t i;

	for (i = 0; i < plot->groups; i++)
		free_group(&plot->group[i]);
	free(plot->group);
	free(plot->title);
	free(plot->subtitle);
	memset(plot, 0, sizeof(*plot));
}
