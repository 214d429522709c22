/* SPDX-License-Identifier: MIT */
/*
 * Pins as a file: what a timeline puts on the pins of one LP from power-on on, run-length coded. It
 * replays either side of the border, or somebody else's RTL, without the timeline and its kernel.
 *
 *	pins: 1
 *	of: scenarios/x.yaml under handle-vmx, LP 0
 *	caps: {cr3filt: 1, ...}
 *	timing: {wrmsr: 150, ...}
 *	switches: {vmx_ctl_gp: SETS_TRACEEN, ...}
 *	clocks:
 *	- {times: 30}
 *	- {op: WRMSR, msr: 0x570, data: 0x2101, ip: 0xffffffff81c00000, mode: 1}
 *
 * `caps`, `timing` and `switches` are those of struct ptv_caps, spec/latency.def and
 * spec/switch.def; what is left out is 0 in caps, else the default. A row of `clocks` is as many
 * equal clocks as `times` says (1), with the members of struct ptv_pins_in that are not 0;
 * `rebase: 1` and `expedite: 1` are PTV_TWIN_* before the first of them.
 */
#ifndef PTV_HARNESS_ENGINE_RTL_PINS_H
#define PTV_HARNESS_ENGINE_RTL_PINS_H

#include <stdio.h>

#include "engine/rtl/tape.h"

#define PTV_PINS_BYTES (64U << 20) /* of a file that is read */

/* Writes one LP's lane; of: what it is, for whoever reads the file. Errors are the stream's. */
void ptv_pins_write(const struct ptv_tape *tape, unsigned int lp, const char *of, FILE *to);

/*
 * Reads a file as a tape of one lane, to be freed; the step of an item is the line that it stands
 * in. Where the C model stands behind the last clock is not known. -1 with *diag set, and nothing
 * to free.
 */
int ptv_pins_read(struct ptv_tape *tape, const char *path, struct ptv_diag *diag);

#endif /* PTV_HARNESS_ENGINE_RTL_PINS_H */
