/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_OP_H
#define PTV_HW_OP_H

#include "wires.h"

void ptv_op_init(struct ptv_lp *lp);
/* Drives accept, effect, retire. */
void ptv_op_wires(const struct ptv_lp *now, const struct ptv_pins_in *in, struct ptv_wires *w);
/* Drives phase and done, from what packets and flush have come to. */
void ptv_op_finish(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
void ptv_op_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		 const struct ptv_pins_in *in, const struct ptv_wires *w, struct ptv_lp *next);

#endif /* PTV_HW_OP_H */
