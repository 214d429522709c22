/* SPDX-License-Identifier: MIT */
/*
 * A file of waves that somebody else's code writes, by a name and without looking at errors: there
 * whole in the end, or not at all (show/output.h).
 *
 * It is written in a folder of its own beside the file that was named. Once it is open it has no
 * name any more, so that nothing is left behind whatever ends the program; in the end it is copied.
 */
#ifndef PTV_HARNESS_LOCKSTEP_WAVES_H
#define PTV_HARNESS_LOCKSTEP_WAVES_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ptv_waves;

/* Makes the place; signals wait until ptv_waves_opened(). NULL: that cannot be, and why has been
 * said. */
struct ptv_waves *ptv_waves_begin(const char *path);
/* The file to be written; it ends as path does. */
const char *ptv_waves_name(const struct ptv_waves *waves);
/* It has been opened by its writer: its name goes. */
void ptv_waves_opened(struct ptv_waves *waves);
/* It has been written: puts it in place and frees waves. False: nothing is in place, and why has
 * been said. */
bool ptv_waves_end(struct ptv_waves *waves);

#ifdef __cplusplus
}
#endif

#endif /* PTV_HARNESS_LOCKSTEP_WAVES_H */
