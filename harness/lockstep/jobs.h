/* SPDX-License-Identifier: MIT */
/*
 * What `ptvmx-lockstep` replays: every LP of every file under every policy that the command line
 * names, clock by clock. The side of the program that knows scenarios, apart from the SystemC side.
 */
#ifndef PTV_HARNESS_LOCKSTEP_JOBS_H
#define PTV_HARNESS_LOCKSTEP_JOBS_H

#include <stdbool.h>

#include "ptv/hw.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ptv_jobs;

/* Reads the command line. NULL: *status is what to exit with, and why has been said. */
struct ptv_jobs *ptv_jobs_load(int argc, char **argv, int *status);
void ptv_jobs_free(struct ptv_jobs *jobs);

/* For how long to go on; 0: everything once. */
double ptv_jobs_seconds(const struct ptv_jobs *jobs);

/* Where waves go: FILE.vcd or FILE.fst; NULL: nowhere. */
const char *ptv_jobs_trace(const struct ptv_jobs *jobs);

/* Plays the next run, or takes the next LP of the last one; false when there is none. */
bool ptv_jobs_next(struct ptv_jobs *jobs, struct ptv_cpu_cfg *cfg);
/* The next clock's pins and what happens before it (PTV_TWIN_*); NULL at the end. */
const struct ptv_pins_in *ptv_jobs_clock(struct ptv_jobs *jobs, unsigned int *before);

/* "scenarios/x.yaml under dont-die, LP 0" of the job. */
const char *ptv_jobs_name(const struct ptv_jobs *jobs);
/* "scenarios/x.yaml:12" of the last clock: the line whose stimulus was being played. */
const char *ptv_jobs_place(struct ptv_jobs *jobs);

#ifdef __cplusplus
}
#endif

#endif /* PTV_HARNESS_LOCKSTEP_JOBS_H */
