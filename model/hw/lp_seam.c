/* SPDX-License-Identifier: MIT */
/*
 * What it is. The seam between packetizer and internal buffer, told from a clock's states and pins.
 *
 * State. None.
 *
 * Rules. A packet on the pins is the packetizer's unless it is a PAD, which the buffer makes itself
 * (for a flush, or from the pin emit). Bytes on drop_len are the packetizer's only in part; which,
 * the clock's wires say. They are computed again then, which is seldom.
 *
 * Order within a cycle. After the clock.
 *
 * Not modelled. -
 *
 * Sources. Ours: HW-140.
 */
#include <string.h>

#include "lp.h"
#include "ptv/seam.h"

/* Bytes of the packetizer's on drop_len. */
__attribute__((noinline)) static uint16_t
lost(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, const struct ptv_pins_in *in)
{
	struct ptv_lp again = *now;
	struct ptv_wires w;

	ptv_lp_wires(cfg, now, in, &again, &w);
	return w.lost;
}

void ptv_lp_seam(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		 const struct ptv_pins_in *in, const struct ptv_lp *next,
		 const struct ptv_pins_out *out, struct ptv_seam *seam)
{
	memset(seam, 0, sizeof(*seam));
	seam->busy = next->packet.todo != 0;
	seam->ovf = next->packet.ovf;
	if (out->packet_len && out->packet_kind != PTV_PKT_PAD) {
		seam->len = out->packet_len;
		seam->kind = out->packet_kind;
		memcpy(seam->data, out->packet, sizeof(seam->data));
	}
	if (out->drop_len && out->drop_cause == PTV_DROP_OVF)
		seam->lost = lost(cfg, now, in);
}
