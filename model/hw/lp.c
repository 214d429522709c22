/* SPDX-License-Identifier: MIT */
/*
 * What it is. One logical processor: its units wired together, clock by clock, and the leap over
 * clocks in which nothing happens.
 *
 * State. struct ptv_lp, a part for each unit.
 *
 * Rules. A clock drives every wire from `now` and the pins, then lets each unit write its own part
 * of `next` (ptv_lp_step_in_order() takes the units in any order: the result is the same). A clock
 * without input before ptv_lp_next_event() changes only timer.cycle; ptv_lp_leap() rests on that.
 * A branch that retires before it with TraceEn=0 moves only the code and the NMI's blocking.
 *
 * Order within a cycle. Combinational: op -> store -> region end, STOP, error -> outcome of an
 * operation -> code -> enables -> packet -> buffer -> end of the operation.
 *
 * Not modelled. SMI, RSM, INIT, XSAVES and XRSTORS, trace transport, MTC and CYC.
 *
 * Sources. SDM Vol. 3, ch. 36; each unit names its own.
 */
#include <string.h>

#include "cpu.h"
#include "fifo.h"
#include "lp.h"
#include "op.h"
#include "packet.h"
#include "pmi.h"
#include "rtit.h"
#include "timer.h"
#include "topa.h"
#include "vmx.h"

PTV_STATIC_ASSERT(sizeof(struct ptv_lp) <= 512U, "the hot block is copied each clock");

void ptv_lp_init(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp, unsigned int index)
{
	memset(lp, 0, sizeof(*lp));
	ptv_timer_init(lp, index);
	ptv_cpu_init(lp);
	ptv_op_init(lp);
	ptv_rtit_init(cfg, lp);
	ptv_packet_init(lp);
	ptv_fifo_init(lp);
	ptv_topa_init(lp);
	ptv_vmx_init(lp);
	ptv_pmi_init(lp);
}

static inline void clear_16(uint8_t *p)
{
	static const uint8_t zero[16];

	memcpy(p, zero, sizeof(zero));
}

/*
 * Zeroes what is zeroed each clock. Four stores a turn: of one, compilers make a memset() with a
 * string instruction, which takes longer than all the rest of a clock in which little happens.
 */
static inline void clear(void *at, size_t size)
{
	uint8_t *p = at;
	uint8_t *const end = p + size;

	for (; end - p >= 64; p += 64) {
		clear_16(p);
		clear_16(p + 16);
		clear_16(p + 32);
		clear_16(p + 48);
	}
	if (end - p >= 32) {
		clear_16(p);
		clear_16(p + 16);
		p += 32;
	}
	if (end - p >= 16) {
		clear_16(p);
		p += 16;
	}
	if (end - p >= 8)
		memset(p, 0, 8);
}

PTV_STATIC_ASSERT(sizeof(struct ptv_wires) % 8U == 0U, "cleared in chunks of 8 bytes");
PTV_STATIC_ASSERT(sizeof(struct ptv_pins_out) % 8U == 0U, "cleared in chunks of 8 bytes");

PTV_STATIC_ASSERT(sizeof(struct ptv_lp) % 16U == 0U, "copied in chunks of 16 bytes");

void ptv_lp_copy(struct ptv_lp *to, const struct ptv_lp *from)
{
	size_t i = 0;

	for (; i + 128U <= sizeof(*to); i += 128U)
		memcpy((uint8_t *)to + i, (const uint8_t *)from + i, 128U);
	for (; i < sizeof(*to); i += 16U)
		memcpy((uint8_t *)to + i, (const uint8_t *)from + i, 16U);
}

/* Outcome of the operation that takes effect: the unit that owns it says. */
static void effect_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
			 struct ptv_wires *w)
{
	ptv_rtit_access(cfg, now, w);
	ptv_pmi_wires(cfg, now, w);
	ptv_vmx_wires(cfg, now, w);
	w->wrmsr = w->effect == PTV_OP_WRMSR && !w->fault;
	if (w->effect == PTV_OP_RESET)
		w->reset = now->op.data ? 2U : 1U;
}

void ptv_lp_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		  const struct ptv_pins_in *in, struct ptv_lp *next, struct ptv_wires *w)
{
	clear(w, sizeof(*w));
	w->packet = &next->packet;
	ptv_op_wires(now, in, w);
	ptv_topa_window(now, w);
	ptv_fifo_window(cfg, now, w);
	ptv_topa_wires(cfg, now, w);
	effect_wires(cfg, now, w);
	ptv_cpu_wires(now, in, w);
	ptv_rtit_wires(cfg, now, w);
	ptv_packet_wires(cfg, now, w);
	ptv_fifo_wires(cfg, now, in, w);
	ptv_op_finish(cfg, now, w);
}

/* What a unit's second half gets; the pointers are the same for all of them. */
struct clock {
	const struct ptv_cpu_cfg *cfg;
	const struct ptv_lp *now;
	const struct ptv_pins_in *in;
	const struct ptv_wires *w;
	struct ptv_lp *next;
	uint8_t *ring;
};

static inline void step_unit(const struct clock *c, enum ptv_lp_unit unit)
{
	switch (unit) {
	case PTV_UNIT_TIMER:
		ptv_timer_step(c->now, c->next);
		break;
	case PTV_UNIT_CPU:
		ptv_cpu_step(c->w, c->next);
		break;
	case PTV_UNIT_OP:
		ptv_op_step(c->cfg, c->now, c->in, c->w, c->next);
		break;
	case PTV_UNIT_RTIT:
		ptv_rtit_step(c->cfg, c->now, c->w, c->next);
		break;
	case PTV_UNIT_PACKET:
		ptv_packet_step(c->cfg, c->now, c->w, c->next);
		break;
	case PTV_UNIT_FIFO:
		ptv_fifo_step(c->cfg, c->now, c->w, c->next, c->ring);
		break;
	case PTV_UNIT_TOPA:
		ptv_topa_step(c->cfg, c->now, c->in, c->w, c->next);
		break;
	case PTV_UNIT_VMX:
		ptv_vmx_step(c->w, c->next);
		break;
	case PTV_UNIT_PMI:
		ptv_pmi_step(c->cfg, c->now, c->in, c->w, c->next);
		break;
	case PTV_LP_UNITS:
		break;
	}
}

/* Pins that stand whether or not anything happens. */
static void drive_levels(const struct ptv_lp *now, const struct ptv_lp *next,
			 struct ptv_pins_out *out)
{
	out->busy = next->op.op != PTV_OP_NONE;
	out->stall = next->packet.todo != 0 || out->busy;
	out->nmi = next->pmi.nmi && !next->pmi.blocked && !out->busy;
	out->irq = next->pmi.irq && !out->busy;
	out->mem_req = now->topa.req;
	out->mem_addr = now->topa.req ? now->topa.base + 8U * (uint64_t)now->topa.idx : 0U;
}

static void drive_outputs(const struct clock *c, struct ptv_pins_out *out)
{
	const struct ptv_wires *w = c->w;
	const bool effect = w->effect != PTV_OP_NONE;

	out->done = w->done;
	if (w->done) {
		out->rdata = effect ? w->rdata : c->now->op.rdata;
		out->fault = effect ? w->fault : c->now->op.fault;
		out->vmx_result = effect ? w->result : c->now->op.result;
		out->reason = effect ? w->reason : c->now->op.reason;
		if (out->fault)
			out->rdata = 0;
	}
	out->store_len = w->store_len;
	out->store_addr = w->store_len ? w->store_addr : 0U;
	if (w->store_len)
		ptv_fifo_read(c->now, w, c->ring, out->store_data);
	out->region_end = w->region_end;
	out->pmi = w->pmi;
	out->packet_len = w->packet_len;
	out->packet_kind = w->packet_kind;
	if (w->packet_len)
		memcpy(out->packet, w->bytes, PTV_PACKET_MAX);
	out->drop_len = w->drop_len;
	out->drop_cause = w->drop_len ? w->drop_cause : 0U;
}

static inline bool quiet(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
			 const struct ptv_pins_in *in)
{
	return !in->op && !in->retire && !in->emit && !in->mem_ack &&
	       ptv_lp_next_event(cfg, now) > now->timer.cycle;
}

bool ptv_lp_is_quiet(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		     const struct ptv_pins_in *in)
{
	return quiet(cfg, now, in);
}

/* Whether a branch retires in this clock and nothing else happens. */
static inline bool calm(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
			const struct ptv_pins_in *in)
{
	return in->retire && now->op.op == PTV_OP_NONE && !in->op && !in->emit && !in->mem_ack &&
	       ptv_lp_next_event(cfg, now) > now->timer.cycle;
}

/* Whether nothing traces a branch. */
static inline bool dark(const struct ptv_lp *now)
{
	return !(now->rtit.ctl & PTV_CTL_TRACE_EN) && !now->rtit.trigger_en;
}

bool ptv_lp_retire_plain(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp,
			 const struct ptv_pins_in *in)
{
	const enum ptv_retire_kind kind = (enum ptv_retire_kind)in->retire;

	PTV_ASSERT(lp->op.op == PTV_OP_NONE);
	if (dark(lp) ? kind == PTV_RETIRE_INT || kind == PTV_RETIRE_IRET
		     : !ptv_rtit_steady(lp, in->cpl) || !ptv_packet_plain(cfg, lp, kind))
		return false;
	ptv_cpu_branch(lp, in);
	lp->timer.cycle++;
	return true;
}

/* A dark branch moves the code, and may take an interrupt or return from one; no other unit has
 * anything to do, and nothing is observed. */
static inline void step_dark(const struct clock *c, struct ptv_wires *w, struct ptv_pins_out *out)
{
	clear(out, sizeof(*out));
	clear(w, sizeof(*w));
	w->retire = c->in->retire;
	ptv_cpu_wires(c->now, c->in, w);
	step_unit(c, PTV_UNIT_CPU);
	step_unit(c, PTV_UNIT_PMI);
	step_unit(c, PTV_UNIT_TIMER);
	drive_levels(c->now, c->next, out);
}

/* A branch in a calm clock makes packets: operations, output and VMX have nothing to do. next is a
 * copy of now. */
static inline void step_calm(const struct clock *c, struct ptv_wires *w, struct ptv_pins_out *out)
{
	clear(out, sizeof(*out));
	clear(w, sizeof(*w));
	w->retire = c->in->retire;
	w->ctl = c->now->rtit.ctl;
	w->packet = &c->next->packet;
	ptv_vmx_wires(c->cfg, c->now, w);
	ptv_cpu_wires(c->now, c->in, w);
	ptv_rtit_wires(c->cfg, c->now, w);
	ptv_packet_wires(c->cfg, c->now, w);
	ptv_fifo_wires(c->cfg, c->now, c->in, w);
	step_unit(c, PTV_UNIT_TIMER);
	step_unit(c, PTV_UNIT_CPU);
	step_unit(c, PTV_UNIT_RTIT);
	step_unit(c, PTV_UNIT_PACKET);
	step_unit(c, PTV_UNIT_FIFO);
	step_unit(c, PTV_UNIT_PMI);
	drive_outputs(c, out);
	drive_levels(c->now, c->next, out);
}

/* A clock in which something happens; next is a copy of now. Without an order the units are taken
 * as they stand. */
static inline void step_busy(const struct clock *c, struct ptv_wires *w, struct ptv_pins_out *out,
			     const enum ptv_lp_unit *order)
{
	size_t i;

	clear(out, sizeof(*out));
	ptv_lp_wires(c->cfg, c->now, c->in, c->next, w);
	if (order) {
		for (i = 0; i < PTV_LP_UNITS; i++)
			step_unit(c, order[i]);
	} else {
		step_unit(c, PTV_UNIT_TIMER);
		step_unit(c, PTV_UNIT_CPU);
		step_unit(c, PTV_UNIT_OP);
		step_unit(c, PTV_UNIT_RTIT);
		step_unit(c, PTV_UNIT_PACKET);
		step_unit(c, PTV_UNIT_FIFO);
		step_unit(c, PTV_UNIT_TOPA);
		step_unit(c, PTV_UNIT_VMX);
		step_unit(c, PTV_UNIT_PMI);
	}
	drive_outputs(c, out);
	drive_levels(c->now, c->next, out);
}

void ptv_lp_step_in_order(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
			  const struct ptv_pins_in *in, struct ptv_lp *next,
			  struct ptv_pins_out *out, uint8_t fifo[PTV_FIFO_MAX],
			  const enum ptv_lp_unit order[PTV_LP_UNITS])
{
	struct ptv_wires w;
	const struct clock c = {cfg, now, in, &w, next, fifo};

	PTV_ASSERT(now != next);
	ptv_lp_copy(next, now);
	step_busy(&c, &w, out, order);
}

void ptv_lp_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		 const struct ptv_pins_in *in, struct ptv_lp *next, struct ptv_pins_out *out,
		 uint8_t fifo[PTV_FIFO_MAX])
{
	struct ptv_wires w;
	const struct clock c = {cfg, now, in, &w, next, fifo};

	PTV_ASSERT(now != next);
	ptv_lp_copy(next, now);
	if (calm(cfg, now, in)) {
		if (dark(now))
			step_dark(&c, &w, out);
		else
			step_calm(&c, &w, out);
		return;
	}
	if (!quiet(cfg, now, in)) {
		step_busy(&c, &w, out, NULL);
		return;
	}
	clear(out, sizeof(*out));
	next->timer.cycle++;
	drive_levels(now, next, out);
}

void ptv_lp_step_observed(const struct ptv_lp_run *run, struct ptv_lp *lp,
			  const struct ptv_pins_in *in, enum ptv_by by, struct ptv_pins_out *out,
			  uint8_t fifo[PTV_FIFO_MAX])
{
	struct ptv_lp was;
	struct ptv_wires w;
	const struct clock c = {run->cfg, &was, in, &w, lp, fifo};
	const struct ptv_lp_clock clock = {&was, lp, in, out, by};
	const bool is_calm = calm(run->cfg, lp, in);

	if (is_calm && dark(lp)) {
		const struct clock here = {run->cfg, lp, in, &w, lp, fifo};

		step_dark(&here, &w, out);
		return;
	}
	if (!is_calm && quiet(run->cfg, lp, in)) {
		clear(out, sizeof(*out));
		drive_levels(lp, lp, out);
		lp->timer.cycle++;
		return;
	}
	ptv_lp_copy(&was, lp);
	if (is_calm)
		step_calm(&c, &w, out);
	else
		step_busy(&c, &w, out, NULL);
	if (!run->observe)
		return;
	lp->timer.cycle = was.timer.cycle;
	ptv_lp_observe(&clock, run->observe, run->ctx);
	lp->timer.cycle = was.timer.cycle + 1U;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t ptv_lp_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp)
{
	const uint64_t cycle = lp->timer.cycle;
	uint64_t at = lp->op.at;

	at = earlier(at, ptv_packet_next_event(cfg, lp));
	at = earlier(at, ptv_topa_next_event(lp));
	at = earlier(at, ptv_fifo_next_event(cfg, lp));
	at = earlier(at, ptv_pmi_next_event(cfg, lp));
	return at > cycle ? at : cycle;
}

bool ptv_lp_trigger_en(const struct ptv_lp *lp)
{
	return lp->rtit.trigger_en;
}

bool ptv_lp_packet_en(const struct ptv_lp *lp)
{
	return lp->rtit.trigger_en && lp->rtit.context_en && lp->rtit.filter_en &&
	       (lp->rtit.ctl & PTV_CTL_BRANCH_EN);
}

uint32_t ptv_lp_buffered(const struct ptv_lp *lp)
{
	return lp->fifo.level;
}

bool ptv_lp_nmi_raised(const struct ptv_lp *lp)
{
	return ptv_pmi_nmi_raised(lp);
}

bool ptv_lp_nmi_blocked(const struct ptv_lp *lp)
{
	return lp->pmi.blocked;
}

void ptv_lp_nmi_expedite(struct ptv_lp *lp)
{
	ptv_pmi_expedite(lp);
}

void ptv_lp_rebase(struct ptv_lp *lp)
{
	ptv_timer_rebase(lp);
}

uint64_t ptv_mem_answer_at(const struct ptv_lp_run *run, const struct ptv_lp *lp)
{
	uint64_t at;

	if (!lp->topa.req)
		return PTV_NEVER;
	at = lp->topa.req_at + run->cfg->timing.topa_fetch;
	return at > lp->timer.cycle ? at : lp->timer.cycle;
}

void ptv_mem_answer(const struct ptv_lp_run *run, const struct ptv_lp *lp, struct ptv_pins_in *in)
{
	if (ptv_mem_answer_at(run, lp) != lp->timer.cycle)
		return;
	in->mem_ack = 1;
	in->mem_rdata = ptv_mem_read(run->mem, lp->topa.base + 8U * (uint64_t)lp->topa.idx);
}

void ptv_lp_leap(const struct ptv_lp_run *run, struct ptv_lp *lp, uint8_t fifo[PTV_FIFO_MAX],
		 uint64_t n)
{
	const uint64_t end = lp->timer.cycle + n;
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	memset(&in, 0, sizeof(in));
	while (lp->timer.cycle < end) {
		const uint64_t at =
			earlier(ptv_lp_next_event(run->cfg, lp), ptv_mem_answer_at(run, lp));

		if (at >= end) {
			lp->timer.cycle = end;
			return;
		}
		lp->timer.cycle = at;
		in.mem_ack = 0;
		ptv_mem_answer(run, lp, &in);
		ptv_lp_step_observed(run, lp, &in, PTV_BY_HW, &out, fifo);
	}
}
