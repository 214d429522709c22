/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_RTIT_H
#define PTV_HW_RTIT_H

#include "wires.h"

void ptv_rtit_init(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp);
/* Drives, for the effect of an operation: fault, rdata, ctl, field_bad (rtit_msr.c). */
void ptv_rtit_access(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
/* Drives the event and the enables before and after it; pmi if one is pended again. */
void ptv_rtit_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
void ptv_rtit_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		   const struct ptv_wires *w, struct ptv_lp *next);

/* Whether the enables stay as they are while the code that runs stays at a CPL and in its address
 * space. */
bool ptv_rtit_steady(const struct ptv_lp *lp, unsigned int cpl);

/* The MSRs, as data (rtit_msr.c): the value read; whether a write of `value` faults. */
bool ptv_rtit_read(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp, uint32_t msr,
		   uint64_t *value);
bool ptv_rtit_write_faults(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp, uint32_t msr,
			   uint64_t value);

#endif /* PTV_HW_RTIT_H */
