/* SPDX-License-Identifier: MIT */
/*
 * What it is. The internal buffer between packetizer and memory. It holds buf_bytes; a packet that
 * does not fit overflows (the packetizer's business); bytes leave in stores.
 *
 * State. fifo.level and fifo.rd; the bytes lie outside the hot block in a ring of PTV_FIFO_MAX. A
 * clock appends behind the bytes that `now` counts and never changes those, so that one array
 * serves `now` and `next`.
 *
 * Rules. A store leaves when drain_bytes are buffered, and in a flush or an overflow as soon as
 * anything is; at most one every drain_cycles; its length is min(drain_bytes, level, rest of the
 * region). A flush (TraceEn 1->0) ends when the buffer is empty and the pointers stand (HW-059);
 * where pointers have a granularity g, it first PADs the stream to a multiple of g (C-9), or a
 * later resume would overwrite bytes. A STOP or an error drops what is buffered (HW-075, HW-088).
 * Space that a store frees counts from the next clock on.
 *
 * Order within a cycle. The store is taken out first; then at most one packet (16 bytes) comes in.
 *
 * Not modelled. Look-alikes of real PAD placement (C-9: only what a flush needs). Weakly ordered
 * visibility to other LPs (HW-060): a store is in memory in its clock.
 *
 * Sources. SDM Vol. 3, 36.2.6, 36.3.3, 36.3.8; sizes and rates are ours (spec/latency.def).
 */
#include <string.h>

#include "fifo.h"

#define RING_MASK (PTV_FIFO_MAX - 1U)

void ptv_fifo_init(struct ptv_lp *lp)
{
	memset(&lp->fifo, 0, sizeof(lp->fifo));
}

/* Whether a store may leave as soon as drain_at has come. */
static bool drains(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	const struct ptv_lp_fifo *fifo = &lp->fifo;

	return fifo->level && lp->topa.valid &&
	       (fifo->level >= cfg->timing.drain_bytes || fifo->flush || lp->packet.ovf);
}

void ptv_fifo_window(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	uint32_t len = cfg->timing.drain_bytes;

	if (!drains(cfg, now) || now->fifo.drain_at > now->timer.cycle)
		return;
	if (len > PTV_PACKET_MAX)
		len = PTV_PACKET_MAX;
	if (len > now->fifo.level)
		len = now->fifo.level;
	if (len > w->room)
		len = w->room;
	w->store_len = (uint8_t)len;
}

/* PAD bytes that bring the write pointer to its granularity once the buffer is empty. */
static uint32_t padding(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	const uint32_t granularity = cfg->caps.ptr_granularity;

	if (granularity <= 1U || !lp->topa.valid)
		return 0;
	return (0U - (lp->topa.off + lp->fifo.level)) & (granularity - 1U);
}

static bool pads(const struct ptv_lp *lp)
{
	return lp->op.phase == PTV_PHASE_FLUSH && !lp->packet.todo && !lp->packet.ovf;
}

static bool flushed(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	return pads(lp) && lp->fifo.level == 0U && !lp->topa.req && lp->topa.err_at == PTV_NEVER &&
	       padding(cfg, lp) == 0U;
}

/* Why buffered bytes are lost. */
static enum ptv_drop_cause drop_cause(const struct ptv_wires *w)
{
	if (w->stop)
		return PTV_DROP_STOP;
	if (w->err)
		return PTV_DROP_ERROR;
	return w->reset ? PTV_DROP_RESET : PTV_DROP_VMXON;
}

void ptv_fifo_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		    const struct ptv_pins_in *in, struct ptv_wires *w)
{
	const uint32_t space = cfg->timing.buf_bytes - now->fifo.level;
	const bool flushing = pads(now);
	const uint32_t pad = flushing ? padding(cfg, now) : 0U;

	w->drop_len = w->lost;
	w->drop_cause = PTV_DROP_OVF;
	if (w->kill || w->drop_all || w->reset) {
		w->drop_len = (uint16_t)(now->fifo.level - w->store_len);
		w->drop_cause = drop_cause(w);
	} else if (pad && pad <= space) {
		memset(w->bytes, 0, sizeof(w->bytes));
		w->packet_kind = PTV_PKT_PAD;
		w->packet_len = (uint8_t)pad;
	} else if (in->emit && w->trig0 && !(w->ctl & PTV_CTL_FABRIC_EN) &&
		   now->op.op == PTV_OP_NONE && !now->packet.todo && !w->packet_len) {
		PTV_ASSERT(in->emit <= PTV_PACKET_MAX);
		memset(w->bytes, 0, sizeof(w->bytes));
		if (in->emit <= space) {
			w->packet_kind = PTV_PKT_PAD;
			w->packet_len = (uint8_t)in->emit;
		} else {
			w->drop_len = (uint16_t)(w->drop_len + in->emit);
		}
	}
	w->flush_end = flushing && !w->kill && flushed(cfg, now);
}

void ptv_fifo_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		   const struct ptv_wires *w, struct ptv_lp *next, uint8_t ring[PTV_FIFO_MAX])
{
	struct ptv_lp_fifo *fifo = &next->fifo;
	uint32_t i;

	for (i = 0; i < w->packet_len; i++)
		ring[(now->fifo.rd + now->fifo.level + i) & RING_MASK] = w->bytes[i];
	fifo->stored += w->store_len;
	fifo->dropped += w->drop_len;
	fifo->rd = (now->fifo.rd + w->store_len) & RING_MASK;
	fifo->level = (uint16_t)(now->fifo.level - w->store_len + w->packet_len);
	if (w->kill || w->drop_all || w->reset)
		fifo->level = 0;
	if (w->store_len)
		fifo->drain_at = now->timer.cycle + cfg->timing.drain_cycles;
	if (w->disable)
		fifo->flush = 1;
	if (w->flush_end || w->reset)
		fifo->flush = 0;
}

void ptv_fifo_read(const struct ptv_lp *now, const struct ptv_wires *w,
		   const uint8_t ring[PTV_FIFO_MAX], uint8_t data[PTV_PACKET_MAX])
{
	uint32_t i;

	for (i = 0; i < w->store_len; i++)
		data[i] = ring[(now->fifo.rd + i) & RING_MASK];
}

uint64_t ptv_fifo_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	if (pads(lp) && (padding(cfg, lp) || flushed(cfg, lp)))
		return lp->timer.cycle;
	return drains(cfg, lp) ? lp->fifo.drain_at : PTV_NEVER;
}
