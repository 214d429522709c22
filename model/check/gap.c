/* SPDX-License-Identifier: MIT */
/*
 * gap-announced: where the trace has a hole, a record says so.
 *
 * A dark branch is one of workload, KVM or guest in the event's filter (RETIRE's event_scope),
 * counted running, not traced. A gap is a maximal run of them: it ends with a traced branch of the
 * filter, or when the event ceases to be counted. Bytes that hardware dropped are a gap of no
 * length.
 *
 * A delivered record with PARTIAL or TRUNCATED announces every gap during which its transaction was
 * open. A gap may reach over several transactions and a transaction may see several gaps, so for
 * each event there are at most: the gap in progress, the earliest ended one that waits for the
 * record of the transaction that is open or was last open (WAIT), and the earliest for which no
 * record can come any more (bad). A record is delivered before or after AUX_END; its transaction is
 * over for good when the next one begins, or at the end.
 *
 * Also announced: a gap in which software wrote a marker; one that begins right behind a TRUNCATED
 * record, with no traced branch between and no enable (the event is about to be disabled); and one
 * under an overflow, by OVF. After an overflow the next packet (CYC aside) has to be OVF.
 *
 * Judged on the closed end. A guest that the event's filter does not cover is no gap: "you should
 * just get no data for the VM".
 */
#include "feed.h"

enum gap_flags {
	GAP_NOW = 1,	   /* a gap is in progress */
	GAP_ANNOUNCED = 2, /* it is announced */
	GAP_OVERLAPS = 4,  /* a dark branch fell into the open or last transaction */
	GAP_BETWEEN = 8,   /* a flagged record's transaction began after the last dark branch: it
			      counts if dark goes on */
	GAP_OVERFLOW = 16, /* the gap began with tracing on: an overflow */
	GAP_WAIT = 32,	   /* an ended gap waits for the record of the open or last transaction */
	GAP_MARKED = 64,   /* since the last traced branch: a marker, or a TRUNCATED record */
	GAP_OVF_DUE = 128, /* bytes were lost in an overflow, OVF has not come yet */
};

#define CYC_MASK 3U /* the low bits of a CYC packet's first byte are 11 */

static void set(struct ptv_judge_gap *j, unsigned int flags)
{
	j->flags |= (uint8_t)flags;
}

static void clear(struct ptv_judge_gap *j, unsigned int flags)
{
	j->flags &= (uint8_t)~flags;
}

static void gone_bad(struct ptv_judge_gap *j, uint64_t begin, uint32_t cycles, uint32_t seq,
		     unsigned int why)
{
	if (j->bad_why)
		return;
	j->bad_begin = begin;
	j->bad_cycles = cycles;
	j->bad_seq = seq;
	j->bad_why = (uint8_t)why;
}

static void wait(struct ptv_judge_gap *j, uint64_t begin, uint32_t cycles, uint32_t seq,
		 unsigned int why)
{
	if (j->flags & GAP_WAIT)
		return;
	set(j, GAP_WAIT);
	j->wait_begin = begin;
	j->wait_cycles = cycles;
	j->wait_seq = seq;
	j->wait_why = (uint8_t)why;
}

/* The open or last transaction will bring no more records. */
static void wait_no_more(struct ptv_judge_gap *j)
{
	if (j->flags & GAP_WAIT)
		gone_bad(j, j->wait_begin, j->wait_cycles, j->wait_seq, j->wait_why);
	clear(j, GAP_WAIT | GAP_OVERLAPS);
}

static void gap_ends(struct ptv_judge_gap *j)
{
	if (!(j->flags & GAP_NOW))
		return;
	if (!(j->flags & GAP_ANNOUNCED)) {
		if (j->flags & GAP_OVERLAPS)
			wait(j, j->begin, j->cycles, j->seq, PTV_WHY_GAP);
		else
			gone_bad(j, j->begin, j->cycles, j->seq, PTV_WHY_GAP);
	}
	clear(j, GAP_NOW | GAP_ANNOUNCED | GAP_OVERLAPS | GAP_BETWEEN | GAP_OVERFLOW);
}

static void count(struct ptv_judge_gap *j)
{
	if (j->gaps < UINT8_MAX)
		j->gaps++;
}

static void dark(const struct ptv_feed *f, struct ptv_judge_gap *j, const struct ptv_seen_event *ev)
{
	if (!(j->flags & GAP_NOW)) {
		set(j, GAP_NOW);
		count(j);
		j->begin = f->obs->c;
		j->seq = f->obs->seq;
		if (j->flags & GAP_MARKED)
			set(j, GAP_ANNOUNCED);
		if (f->lp->trigger_en)
			set(j, GAP_OVERFLOW);
	} else if (j->flags & GAP_BETWEEN) {
		set(j, GAP_ANNOUNCED);
	}
	clear(j, GAP_BETWEEN);
	if (ev->tx && ev->tx_lp == f->obs->lp)
		set(j, GAP_OVERLAPS);
	j->cycles = (uint32_t)(f->obs->cycle - j->begin);
}

static void retired(const struct ptv_feed *f)
{
	const uint64_t scope = f->obs->b & 0xffU;
	const bool traced = f->obs->b & PTV_BIT(8);
	unsigned int i;

	if (scope == PTV_SCOPE_DRIVER || !(f->obs->b & PTV_BIT(16)))
		return;
	for (i = 0; i < f->checks->events; i++) {
		const struct ptv_seen_event *ev = &f->checks->event[i];
		struct ptv_judge_gap *j = &f->checks->gap[i];

		if (!ev->running || ev->run_lp != f->obs->lp)
			continue;
		if (traced) {
			gap_ends(j);
			clear(j, GAP_MARKED);
		} else {
			dark(f, j, ev);
		}
	}
}

static void dropped(const struct ptv_feed *f)
{
	const unsigned int owner = ptv_owner(f->lp);
	struct ptv_judge_gap *j;

	if (owner == PTV_NO_EVENT || (f->checks->gap[owner].flags & GAP_MARKED))
		return;
	j = &f->checks->gap[owner];
	if (f->obs->b != PTV_DROP_OVF) {
		count(j);
		wait(j, ptv_tagged(f->obs->cycle, (unsigned int)f->obs->b), 0, f->obs->seq,
		     PTV_WHY_GAP_LOST);
	} else if (!(j->flags & GAP_OVF_DUE)) {
		count(j);
		set(j, GAP_OVF_DUE);
		j->lost_at = f->obs->cycle;
		j->lost_seq = f->obs->seq;
	}
}

static void packet_of(const struct ptv_feed *f, struct ptv_judge_gap *j)
{
	if (!(j->flags & GAP_OVF_DUE) || (f->obs->b & CYC_MASK) == CYC_MASK)
		return;
	clear(j, GAP_OVF_DUE);
	if ((f->obs->b & 0xffffU) != PTV_OVF_BYTES)
		gone_bad(j, j->lost_at, 0, j->lost_seq, PTV_WHY_GAP_OVF);
	else if (j->flags & GAP_OVERFLOW)
		set(j, GAP_ANNOUNCED);
}

/* A packet of nobody's transaction goes on from the last one on its LP: an overflow may end so. */
static void packet(const struct ptv_feed *f)
{
	const unsigned int owner = ptv_owner(f->lp);
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		if (owner == i ||
		    (owner == PTV_NO_EVENT && f->checks->event[i].tx_lp == f->obs->lp))
			packet_of(f, &f->checks->gap[i]);
	}
}

static void delivered(const struct ptv_feed *f, struct ptv_judge_gap *j)
{
	if (ptv_record_type(f->obs) != PTV_RECORD_AUX ||
	    !(ptv_record_flags(f->obs) & (PTV_AUX_FLAG_PARTIAL | PTV_AUX_FLAG_TRUNCATED)))
		return;
	clear(j, GAP_WAIT | GAP_OVF_DUE);
	if (ptv_record_flags(f->obs) & PTV_AUX_FLAG_TRUNCATED)
		set(j, GAP_MARKED);
	if (j->flags & GAP_NOW)
		set(j, j->flags & GAP_OVERLAPS ? GAP_ANNOUNCED : GAP_BETWEEN);
}

static void closed(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		struct ptv_judge_gap *j = &f->checks->gap[i];
		struct ptv_blame blame = {.event = i, .lp = f->checks->event[i].tx_lp};
		unsigned int gap;

		gap_ends(j);
		wait_no_more(j);
		for (gap = 0; gap < j->gaps; gap++)
			ptv_exercise(f, PTV_CHECK_GAP_ANNOUNCED);
		if (!j->bad_why)
			continue;
		blame.why = (enum ptv_why)j->bad_why;
		blame.since_seq = j->bad_seq;
		blame.x = j->bad_begin;
		blame.y = j->bad_begin + j->bad_cycles;
		ptv_violate(f, PTV_CHECK_GAP_ANNOUNCED, &blame);
	}
}

static void of_event(const struct ptv_feed *f, struct ptv_judge_gap *j)
{
	switch (f->obs->kind) {
	case PTV_OBS_RUNNING:
		if (!f->ev->running)
			gap_ends(j);
		break;
	case PTV_OBS_ASK:
		if (f->obs->b == PTV_ASK_ENABLE)
			clear(j, GAP_MARKED);
		break;
	case PTV_OBS_AUX_BEGIN:
		if (f->ev->tx && f->ev->tx_seq == f->obs->seq)
			wait_no_more(j);
		break;
	case PTV_OBS_RECORD:
		delivered(f, j);
		break;
	case PTV_OBS_SW_STORE:
		if (f->obs->a != PTV_SW_MARKER)
			break;
		set(j, GAP_MARKED);
		if (j->flags & GAP_NOW)
			set(j, GAP_ANNOUNCED);
		break;
	}
}

void ptv_gap_announced_feed(const struct ptv_feed *f)
{
	switch (f->obs->kind) {
	case PTV_OBS_RETIRE:
		retired(f);
		break;
	case PTV_OBS_DROP:
		dropped(f);
		break;
	case PTV_OBS_PACKET:
		packet(f);
		break;
	case PTV_OBS_CLOSED:
		closed(f);
		break;
	}
	if (f->ev)
		of_event(f, &f->checks->gap[f->event]);
}
