/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_LP_H
#define PTV_HW_LP_H

#include "wires.h"

/* lp.c: every wire of one clock. next is a copy of now; the packetizer goes on in it. */
void ptv_lp_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		  const struct ptv_pins_in *in, struct ptv_lp *next, struct ptv_wires *w);

#endif /* PTV_HW_LP_H */
