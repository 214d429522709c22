/* SPDX-License-Identifier: MIT */
#ifndef PTV_HW_PACKET_H
#define PTV_HW_PACKET_H

#include "wires.h"

void ptv_packet_init(struct ptv_lp *lp);
/* Drives packet, packet_kind, packet_len, bytes, lost, psb_made, psb_lost. */
void ptv_packet_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w);
void ptv_packet_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		     const struct ptv_wires *w, struct ptv_lp *next);
/*
 * A branch that retires in a clock in which nothing else happens, the enables stay as they are, and
 * of which no packet comes: adds its bit to the TNT that is being collected, if it has one. False,
 * and nothing is done, if it is none of those.
 */
bool ptv_packet_plain(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp, enum ptv_retire_kind kind);
/* The next clock in which the unit does something by itself. */
uint64_t ptv_packet_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp);

/* Puts what the event of this clock asks for into p (packet_event.c). */
void ptv_packet_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w,
		      struct ptv_lp_packet *p);
#define PTV_TNT_BITS 6U /* of a short TNT */
/* A conditional branch is collected. */
static inline void ptv_packet_tnt(struct ptv_lp_packet *p, enum ptv_retire_kind kind)
{
	p->tnt_bits = (uint8_t)(p->tnt_bits << 1 | (kind == PTV_RETIRE_JCC_TAKEN));
	p->tnt_count++;
}
/* Puts PSB+ into p: at (PTV_TODO_PSB_*), and whether it carries FUP and MODE.Exec. */
void ptv_packet_ask_psb(const struct ptv_cpu_cfg *cfg, const struct ptv_wires *w,
			struct ptv_lp_packet *p, uint16_t at, bool place);

/* What encoders need besides the packetizer's own state. */
struct ptv_packet_source {
	uint64_t tsc;
	uint64_t vmcs;
};

/*
 * Encodes the lowest packet of p->todo, clears its bit and updates what the reader will know
 * (packet_encode.c). Returns its length; 0 if nothing is to do.
 */
uint8_t ptv_packet_next(const struct ptv_packet_source *source, struct ptv_lp_packet *p,
			enum ptv_packet *kind, uint8_t bytes[PTV_PACKET_MAX]);

#endif /* PTV_HW_PACKET_H */
