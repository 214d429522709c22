/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_CPU_H
#define PTV_HW_CPU_H

#include "wires.h"

void ptv_cpu_init(struct ptv_lp *lp);
/* Drives ip, cr3, cpl, mode. */
void ptv_cpu_wires(const struct ptv_lp *now, const struct ptv_pins_in *in, struct ptv_wires *w);
/* A branch that retires and nothing else: wires and step of its clock at once. */
void ptv_cpu_branch(struct ptv_lp *lp, const struct ptv_pins_in *in);
void ptv_cpu_step(const struct ptv_wires *w, struct ptv_lp *next);

#endif /* PTV_HW_CPU_H */
