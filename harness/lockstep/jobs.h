/* SPDX-License-Identifier: MIT */
/*
 * What `ptvmx-lockstep` replays: every LP of every file under every policy that the command line
 * names and every assignment of its choices, or a file of pins (engine/rtl/pins.h), clock by clock.
 * The side of the program that knows scenarios, apart from the SystemC side.
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

/* From which clock on, counted from 1, the RTL is to be given a branch that C is not; 0: never. */
uint64_t ptv_jobs_canary(const struct ptv_jobs *jobs);

/* Where waves go: FILE.vcd or FILE.fst; NULL: nowhere. */
const char *ptv_jobs_trace(const struct ptv_jobs *jobs);

/* How many runs have been played, and how many there are without --choices. */
void ptv_jobs_count(const struct ptv_jobs *jobs, uint64_t *ran, uint64_t *all);

/* Plays the next run, or takes the next LP of the last one; false when there is none. */
bool ptv_jobs_next(struct ptv_jobs *jobs, struct ptv_cpu_cfg *cfg);
/* The next clock's pins and what happens before it (PTV_TWIN_*); NULL at the end. */
const struct ptv_pins_in *ptv_jobs_clock(struct ptv_jobs *jobs, unsigned int *before);

/* "scenarios/x.yaml under dont-die, choice 9000, LP 0" of the job. Valid until the next call. */
const char *ptv_jobs_name(struct ptv_jobs *jobs);
/* The same with the line of the stimulus that was being played in the last clock:
 * "scenarios/x.yaml:12 under dont-die, LP 0". */
const char *ptv_jobs_place(struct ptv_jobs *jobs);

/* Writes --save-pins, if it was asked for: the last job's pins. False: that cannot be, and why has
 * been said. */
bool ptv_jobs_save(struct ptv_jobs *jobs);

#ifdef __cplusplus
}
#endif

#endif /* PTV_HARNESS_LOCKSTEP_JOBS_H */
