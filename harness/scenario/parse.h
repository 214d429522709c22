/* SPDX-License-Identifier: MIT */
/*
 * The parts of a scenario file, one function a key; `into` is a struct ptv_load. The keys of the
 * file itself, and in which order they are read, are in scenario.c.
 */
#ifndef PTV_HARNESS_SCENARIO_PARSE_H
#define PTV_HARNESS_SCENARIO_PARSE_H

#include "scenario/read.h"

#define PTV_TIMELINE_MAX 1024U			 /* entries of a timeline */
#define PTV_DELIVER_MAX	 64U			 /* interrupts placed inside one entry */
#define PTV_CYCLE_MAX	 UINT64_C(1000000000000) /* in a timeline */
#define PTV_BRANCHES_MAX UINT64_C(1000000000)	 /* of one entry */

/* A scenario in the making. */
struct ptv_load {
	struct ptv_scenario *scenario;
	struct ptv_event_cfg buffer; /* of each event that has none of its own */
	size_t setting_room, expect_room;
};

/* parse_machine.c */
ptv_read_fn ptv_parse_machine;
ptv_read_fn ptv_parse_lps;
ptv_read_fn ptv_parse_timing;
ptv_read_fn ptv_parse_switches;
ptv_read_fn ptv_parse_workload;
/* Latencies and readings by name, over what is there. */
int ptv_read_timing(struct ptv_reader *r, const struct ptv_yaml *map, struct ptv_timing *timing);
int ptv_read_switches(struct ptv_reader *r, const struct ptv_yaml *map, struct ptv_switches *sw);

/* parse_event.c */
ptv_read_fn ptv_parse_buffer;
ptv_read_fn ptv_parse_event;
ptv_read_fn ptv_parse_events;

/* parse_timeline.c; parse_hw.c has what only hardware alone knows */
ptv_read_fn ptv_parse_timeline;

/* `expect` of an entry: what it must come to. `into` is its struct ptv_entry, complete but for
 * that. */
ptv_read_fn ptv_parse_expect_hw;

/* parse_expect.c */
ptv_read_fn ptv_parse_expect;

/* The ids of the checks. */
extern const struct ptv_words ptv_check_words;

#endif /* PTV_HARNESS_SCENARIO_PARSE_H */
