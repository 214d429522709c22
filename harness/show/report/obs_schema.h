/* SPDX-License-Identifier: MIT */
/*
 * What a line of `ptvmx run --observations` can be: every kind with its fields, made from
 * spec/obs.def by the code that writes the lines, so that neither can go its own way.
 */
#ifndef PTV_HARNESS_SHOW_REPORT_OBS_SCHEMA_H
#define PTV_HARNESS_SHOW_REPORT_OBS_SCHEMA_H

#include <stdio.h>

/* For people: each kind, when it is seen, its fields with type and unit. */
void ptv_obs_list(FILE *out);
/* For programs: the JSON Schema of a line, which is docs/observations.schema.json. */
void ptv_obs_schema(FILE *out);

#endif /* PTV_HARNESS_SHOW_REPORT_OBS_SCHEMA_H */
