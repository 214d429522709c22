/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_VMX_H
#define PTV_HW_VMX_H

#include "wires.h"

void ptv_vmx_init(struct ptv_lp *lp);
/* Drives, for the effect of a VMX operation: result, fault, reason, rdata, ctl, vmx_mode, conceal,
 * vmxon, vmcs. */
void ptv_vmx_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
void ptv_vmx_step(const struct ptv_wires *w, struct ptv_lp *next);

#endif /* PTV_HW_VMX_H */
