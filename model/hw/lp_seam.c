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

void ptv_lp_seam(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		 const struct ptv_pins_in *in, const struct ptv_lp *next,
		 const struct ptv_pins_out *out, struct ptv_seam *seam)
{
	const bool own = out->packet_len && out->packet_kind != PTV_PKT_PAD;

	seam->busy = next->packet.todo != 0;
	seam->ovf = next->packet.ovf;
	seam->len = own ? out->packet_len : 0U;
	seam->kind = own ? out->packet_kind : 0U;
	seam->lost = 0;
	seam->pad[0] = seam->pad[1] = 0;
	memcpy(seam->data, out->packet, sizeof(seam->data));
	if (out->drop_len && out->drop_cause == PTV_DROP_OVF) {
		struct ptv_lp again = *now;
		struct ptv_wires w;

		ptv_lp_wires(cfg, now, in, &again, &w);
		seam->lost = w.lost;
	}
}
