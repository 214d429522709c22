/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_TOPA_H
#define PTV_HW_TOPA_H

#include "wires.h"

void ptv_topa_init(struct ptv_lp *lp);
/* Drives err, room, store_addr: where a store of this clock would go. */
void ptv_topa_window(const struct ptv_lp *now, struct ptv_wires *w);
/* Drives region_end, stop, kill, pmi, pmi_byte: what the store leads to. */
void ptv_topa_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
void ptv_topa_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		   const struct ptv_pins_in *in, const struct ptv_wires *w, struct ptv_lp *next);
/* The next clock in which the unit does something by itself. */
uint64_t ptv_topa_next_event(const struct ptv_lp *lp);

#endif /* PTV_HW_TOPA_H */
