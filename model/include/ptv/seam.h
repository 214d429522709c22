/* SPDX-License-Identifier: MIT */
/*
 * seam: what the packetizer hands to the internal buffer in one clock.
 *
 * The RTL twin has no packetizer of its own yet; it takes what the C packetizer hands over. This is
 * that interface and nothing more, so that a twinned packetizer can take its place.
 */
#ifndef PTV_SEAM_H
#define PTV_SEAM_H

#include "ptv/hw.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ptv_seam {
	uint8_t data[16]; /* the packet that enters the buffer; valid with len > 0 */
	uint16_t lost;	  /* bytes of packets that did not fit */
	uint8_t len;	  /* 0..16 */
	uint8_t kind;	  /* enum ptv_packet, valid with len > 0 */
	uint8_t busy;	  /* packets of the current event are left after this clock */
	uint8_t ovf;	  /* an overflow is in progress after this clock */
	uint8_t pad[2];	  /* 0 */
};

/* The seam of a clock that ptv_lp_step() has taken from `now` to `next` with these pins. */
void ptv_lp_seam(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		 const struct ptv_pins_in *in, const struct ptv_lp *next,
		 const struct ptv_pins_out *out, struct ptv_seam *seam);

#ifdef __cplusplus
}
#endif

#endif /* PTV_SEAM_H */
