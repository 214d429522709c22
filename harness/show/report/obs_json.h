/* SPDX-License-Identifier: MIT */
/*
 * Observations as JSON, one object a line: docs/observations.md describes it,
 * docs/observations.schema.json checks it.
 */
#ifndef PTV_HARNESS_SHOW_REPORT_OBS_JSON_H
#define PTV_HARNESS_SHOW_REPORT_OBS_JSON_H

#include "ptv/obs.h"

/* Longest line, newline and NUL included. */
#define PTV_OBS_JSON_LINE 1024U

/*
 * Writes the line of an observation, newline included. copy: NULL for the run itself, "settled" or
 * "closed" for the copy of a prefix that is judged and thrown away. Returns its length.
 */
size_t ptv_obs_json(const struct ptv_obs *obs, const char *copy, char line[PTV_OBS_JSON_LINE]);

/* Puts one more text at the end of such a line; nothing if the line would become too long. Returns
 * its length. */
size_t ptv_obs_json_add(char line[PTV_OBS_JSON_LINE], size_t size, const char *key,
			const char *text);

#endif /* PTV_HARNESS_SHOW_REPORT_OBS_JSON_H */
