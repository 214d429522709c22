/* SPDX-License-Identifier: MIT */
/*
 * What it is. The packetizer: it makes the packets that events ask for, one a clock, and holds out
 * when the internal buffer is full.
 *
 * State. packet.*: packets still to be made (todo, psb) and their arguments; the TNT being
 * collected; LastIP; the bytes since PSB; the overflow in progress.
 *
 * Rules. The first packet of an event is made in the event's own clock; while any is left, nothing
 * retires. When an event is complete and the period of bytes has passed, PSB+ follows (HW-065,
 * HW-105, C-4). An event whose packets do not all fit (PSB+: a packet that does not) begins an
 * overflow: it and whatever comes is lost,
 * enables keep changing, the byte count stands still (HW-113). The overflow ends when
 * ovf_resolve_free bytes are free, and enough for both packets: OVF, and FUP of the next IP if
 * PacketEn=1 (HW-111, HW-112). The first IP after it is whole (lastip_on_ovf). Branches of a TNT
 * that was still being collected are lost with it. An overflow in progress when TraceEn falls ends
 * with OVF before the flush does. The bytes since PSB are counted with PSB+ itself (HW-064, C-4);
 * PADs of a flush and bytes of the pin emit are not. Where buffered bytes are lost, the mode and
 * the last IP may be among them: the next ones are sent whole, whatever the switches say.
 *
 * Order within a cycle. STOP and errors end everything; then the event; then the end of an
 * overflow; then one packet.
 *
 * Not modelled. Trace transport (no packets with FabricEn=1).
 *
 * Sources. SDM Vol. 3, 36.3.7, 36.3.8, 36.4.
 */
#include <string.h>

#include "packet.h"

#define PSB_PERIOD  2048U     /* bytes, at PSBFreq 0; also where the period is fixed */
#define OVF_BYTES   (2U + 9U) /* OVF and the longest FUP */
#define EVENT_BYTES 64U	      /* more than any event without PSB+ */

void ptv_packet_init(struct ptv_lp *lp)
{
	memset(&lp->packet, 0, sizeof(lp->packet));
	lp->packet.sent_mode = PTV_MODE_UNSENT;
}

static void drop_tnt(struct ptv_lp_packet *p)
{
	p->tnt_bits = 0;
	p->tnt_count = 0;
}

/* Bytes of the packets that p still asks for. */
static uint32_t bytes_asked(const struct ptv_packet_source *source, const struct ptv_lp_packet *p)
{
	struct ptv_lp_packet scratch = *p;
	uint8_t bytes[PTV_PACKET_MAX];
	enum ptv_packet kind = PTV_PKT_NONE;
	uint32_t total = 0;

	while (scratch.todo)
		total += ptv_packet_next(source, &scratch, &kind, bytes);
	return total;
}

/* The packets that p still asks for are lost. Returns their bytes. */
static uint16_t lose(const struct ptv_cpu_cfg *cfg, const struct ptv_packet_source *source,
		     struct ptv_lp_packet *p)
{
	const uint32_t total = bytes_asked(source, p);

	if ((p->todo & PTV_TODO_TRACESTOP) && cfg->sw.ovf_tracestop == PTV_TRACESTOP_DELAY)
		p->after_ovf = PTV_TODO_TRACESTOP; /* */
	p->todo = 0;
	p->psb = 0;
	p->sent_mode = PTV_MODE_UNSENT;
	drop_tnt(p);
	return (uint16_t)total;
}

/* Whether the buffer has room enough for an overflow to end. */
static bool resolves(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	const uint32_t size = cfg->timing.buf_bytes;
	const uint32_t want = cfg->timing.ovf_resolve_free < size ? cfg->timing.ovf_resolve_free
								  : size;
	const uint32_t space = size - lp->fifo.level;

	return lp->packet.ovf && space >= want && space >= OVF_BYTES;
}

static uint32_t psb_period(const struct ptv_cpu_cfg *cfg, uint64_t ctl)
{
	return cfg->caps.psbcyc ? PSB_PERIOD << ptv_bits(ctl, 27, 24) : PSB_PERIOD;
}

/* Whether all that is left of an event fits behind `used` more bytes. PSB+ stands for itself and
 * may be cut. */
static bool fits_whole(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		       const struct ptv_packet_source *source, const struct ptv_lp_packet *p,
		       uint32_t used)
{
	const uint32_t level = now->fifo.level + used;
	struct ptv_lp_packet event = *p;

	if (cfg->sw.ovf_compound != PTV_COMPOUND_WHOLE ||
	    (p->todo & (PTV_TODO_OVF | PTV_TODO_PSB_FIRST)) ||
	    level + EVENT_BYTES <= cfg->timing.buf_bytes)
		return true;
	event.todo &= (uint16_t)~PTV_TODO_PSB_LAST;
	return level + bytes_asked(source, &event) <= cfg->timing.buf_bytes;
}

static void overflow(const struct ptv_cpu_cfg *cfg, const struct ptv_packet_source *source,
		     struct ptv_wires *w, struct ptv_lp_packet *p)
{
	w->lost = lose(cfg, source, p);
	p->ovf = 1;
}

static void made(const struct ptv_cpu_cfg *cfg, struct ptv_wires *w, struct ptv_lp_packet *p,
		 enum ptv_packet kind, uint8_t len)
{
	if (kind == PTV_PKT_OVF) {
		p->ovf = 0;
		p->full_ip |= cfg->sw.lastip_on_ovf == PTV_LASTIP_FULL;
	}
	p->count = kind == PTV_PKT_PSB ? len : p->count + len;
	w->packet_kind = (uint8_t)kind;
	w->packet_len = len;
}

/* One packet, if it fits and all that is left of its event does: what has begun will end, since the
 * buffer fills by the event alone. A TNT before it is no part of it. */
static void make(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w,
		 struct ptv_lp_packet *p)
{
	const struct ptv_packet_source source = {now->timer.cycle, w->vmcs};
	const bool begins = !now->packet.todo;
	const bool all_fits = now->fifo.level + EVENT_BYTES + PTV_PACKET_MAX <=
			      cfg->timing.buf_bytes;
	struct ptv_lp_packet after;
	enum ptv_packet kind = PTV_PKT_NONE;
	uint8_t len;

	if (p->ovf && !(p->todo & PTV_TODO_OVF)) {
		w->lost = lose(cfg, &source, p);
		return;
	}
	if (all_fits) {
		len = ptv_packet_next(&source, p, &kind, w->bytes);
		made(cfg, w, p, kind, len);
		return;
	}
	after = *p;
	len = ptv_packet_next(&source, &after, &kind, w->bytes);
	if (now->fifo.level + len > cfg->timing.buf_bytes ||
	    (kind != PTV_PKT_TNT && !fits_whole(cfg, now, &source, p, 0))) {
		overflow(cfg, &source, w, p);
		return;
	}
	*p = after;
	made(cfg, w, p, kind, len);
	if (begins && kind == PTV_PKT_TNT && !fits_whole(cfg, now, &source, p, len))
		overflow(cfg, &source, w, p);
}

/* Packets to be made and bytes in the buffer are lost. */
static void forget(struct ptv_lp_packet *p)
{
	p->todo = 0;
	p->psb = 0;
	p->after_ovf = 0;
	p->ovf = 0;
	p->full_ip = 1;
	p->sent_mode = PTV_MODE_UNSENT;
	drop_tnt(p);
}

/* The overflow ends, whatever this clock's event asks for: that is lost with the rest. */
static void resolve(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w,
		    struct ptv_lp_packet *p)
{
	const struct ptv_packet_source source = {now->timer.cycle, w->vmcs};

	if (p->todo)
		w->lost = lose(cfg, &source, p);
	p->todo = (uint16_t)(PTV_TODO_OVF | p->after_ovf | (w->pkt1 ? (uint32_t)PTV_TODO_FUP : 0U));
	p->after_ovf = 0;
	p->fup_ip = w->ip;
}

static bool is_mute(const struct ptv_cpu_cfg *cfg, uint64_t ctl)
{
	return cfg->sw.mute_packets || (ctl & PTV_CTL_FABRIC_EN);
}

void ptv_packet_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	/* A write that clears TraceEn may clear FabricEn with it: what it makes goes to the fabric.
	 */
	const uint64_t ctl = w->disable ? now->rtit.ctl : w->ctl;
	const bool mute = is_mute(cfg, ctl);
	struct ptv_lp_packet *p = w->packet;
	bool due;

	if (w->kill || w->reset || w->drop_all)
		forget(p);
	if (w->event != PTV_EV_NONE && !mute && !w->kill)
		ptv_packet_event(cfg, now, w, p);
	if (p->ovf)
		drop_tnt(p);
	if (p->ovf && resolves(cfg, now))
		resolve(cfg, now, w, p);
	if (p->todo)
		make(cfg, now, w, p);
	due = p->count >= psb_period(cfg, w->ctl);
	w->psb_lost = due && !w->trig1 &&
		      (now->rtit.trigger_en || now->packet.count < psb_period(cfg, w->ctl));
	if (due && !p->todo && !p->ovf && w->trig1 && !mute && !w->reset) {
		ptv_packet_ask_psb(cfg, w, p, PTV_TODO_PSB_LAST, w->pkt1);
		if (p->tnt_count)
			p->todo |= PTV_TODO_TNT;
	}
}

/* What a branch that stays where it is adds to the trace. */
enum adds { ADDS_PACKETS, ADDS_NOTHING, ADDS_TNT_BIT, ADDS_A_TIP };

static const uint8_t adds[PTV_RETIRES] = {
	[PTV_RETIRE_JCC_TAKEN] = ADDS_TNT_BIT, [PTV_RETIRE_JCC_NOT] = ADDS_TNT_BIT,
	[PTV_RETIRE_JMP] = ADDS_NOTHING,       [PTV_RETIRE_CALL] = ADDS_NOTHING,
	[PTV_RETIRE_JMP_IND] = ADDS_A_TIP,     [PTV_RETIRE_CALL_IND] = ADDS_A_TIP,
	[PTV_RETIRE_RET] = ADDS_A_TIP,
};

bool ptv_packet_plain(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp, enum ptv_retire_kind kind)
{
	const uint64_t ctl = lp->rtit.ctl;
	const bool shown = lp->rtit.context_en && (ctl & PTV_CTL_BRANCH_EN);
	struct ptv_lp_packet *p = &lp->packet;

	if (adds[kind] == ADDS_PACKETS || p->todo || p->ovf || is_mute(cfg, ctl) ||
	    p->count >= psb_period(cfg, ctl))
		return false;
	if (!shown || adds[kind] == ADDS_NOTHING)
		return true;
	if (adds[kind] == ADDS_A_TIP || (ctl & PTV_CTL_DIS_TNT) ||
	    p->tnt_count + 1U >= PTV_TNT_BITS)
		return false;
	ptv_packet_tnt(p, kind);
	return true;
}

void ptv_packet_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		     const struct ptv_wires *w, struct ptv_lp *next)
{
	if (w->reset == 1U || (w->reset == 2U && !cfg->caps.ipfilt)) { /* HW-044 */
		ptv_packet_init(next);
		return;
	}
	if (w->wrmsr && now->op.msr == PTV_MSR_RTIT_STATUS)
		next->packet.count = (uint32_t)ptv_bits(now->op.data, 48, 32) &
				     ptv_unit_mask(&cfg->caps);
}

uint64_t ptv_packet_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	return lp->packet.todo || resolves(cfg, lp) ? lp->timer.cycle : PTV_NEVER;
}
