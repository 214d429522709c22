/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_FIFO_H
#define PTV_HW_FIFO_H

#include "wires.h"

void ptv_fifo_init(struct ptv_lp *lp);
/* Drives store_len. */
void ptv_fifo_window(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
/* Drives drop_len, drop_cause, flush_end; adds what the pin emit and the flush's PAD bring. */
void ptv_fifo_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		    const struct ptv_pins_in *in, struct ptv_wires *w);
void ptv_fifo_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		   const struct ptv_wires *w, struct ptv_lp *next, uint8_t ring[PTV_FIFO_MAX]);
/* The bytes of this clock's store. */
void ptv_fifo_read(const struct ptv_lp *now, const struct ptv_wires *w,
		   const uint8_t ring[PTV_FIFO_MAX], uint8_t data[PTV_PACKET_MAX]);
/* The next clock in which the unit does something by itself. */
uint64_t ptv_fifo_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp);

#endif /* PTV_HW_FIFO_H */
