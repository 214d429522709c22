/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_PMI_H
#define PTV_HW_PMI_H

#include "wires.h"

void ptv_pmi_init(struct ptv_lp *lp);
/* Drives fault and rdata of an access to the unit's MSRs. */
void ptv_pmi_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
void ptv_pmi_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		  const struct ptv_pins_in *in, const struct ptv_wires *w, struct ptv_lp *next);
/* The next clock in which the unit does something by itself. */
uint64_t ptv_pmi_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp);
/* Whether an NMI is latched, or a request is under way that becomes one. */
bool ptv_pmi_nmi_raised(const struct ptv_lp *lp);
/* Takes what is left of its latencies away. */
void ptv_pmi_expedite(struct ptv_lp *lp);

#endif /* PTV_HW_PMI_H */
