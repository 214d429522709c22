/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_TIMER_H
#define PTV_HW_TIMER_H

#include "wires.h"

void ptv_timer_init(struct ptv_lp *lp, unsigned int index);
void ptv_timer_step(const struct ptv_lp *now, struct ptv_lp *next);
/* The clock becomes 0 and every deadline moves with it. */
void ptv_timer_rebase(struct ptv_lp *lp);

#endif /* PTV_HW_TIMER_H */
