/* SPDX-License-Identifier: MIT */
/*
 * pmi-handled, consumer-woken: what hardware has produced reaches the consumer.
 *
 * pmi-handled: a PMI announces that a certain byte was stored. It is handled when aux_head is
 * published beyond that byte, the status bit is clear and LVTPC can deliver again. How the driver
 * gets there (in the handler, at VMXOFF, in stop) is its own business, as long as it has happened
 * when nothing is left to be done.
 *
 * consumer-woken: whoever sleeps until a watermark of bytes is there, or until the trace ends in a
 * TRUNCATED record, is woken. One wake-up since the last read of aux_head is enough: it will read
 * everything.
 */
#include "feed.h"

#define STORE_BYTES 16U /* one store of the output unit */

/* The position of the byte at a ring offset: the last one stored there, or one of the store of this
 * very clock. */
static uint64_t position_of(const struct ptv_seen_event *ev, uint64_t offset)
{
	const uint64_t ahead = (offset + ev->size - ev->pos % ev->size) % ev->size;
	const uint64_t behind = ev->size - ahead;

	if (ahead < STORE_BYTES)
		return ev->pos + ahead;
	return ev->pos > behind ? ev->pos - behind : 0U;
}

static void pmi_raised(const struct ptv_feed *f)
{
	struct ptv_judge_pmi *j;
	uint64_t upto;

	if (!f->ev || !f->ev->tx || f->ev->tx_lp != f->obs->lp || !ptv_full_mode(f->ev))
		return;
	j = &f->checks->pmi[f->event];
	upto = position_of(f->ev, ptv_place_offset(f->obs->c)) + 1U;
	if (upto > j->upto)
		j->upto = upto;
	j->raised = 1;
	j->lp = f->obs->lp;
	j->since = f->obs->cycle;
	j->seq = f->obs->seq;
}

static void pmi_settled(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		const struct ptv_judge_pmi *j = &f->checks->pmi[i];
		const struct ptv_seen_event *ev = &f->checks->event[i];
		const struct ptv_seen_lp *lp = &f->checks->lp[j->lp];
		struct ptv_blame blame = {
			.event = i, .lp = j->lp, .since_seq = j->seq, .x = j->since};

		if (!j->raised || !ev->open)
			continue;
		ptv_exercise(f, PTV_CHECK_PMI_HANDLED);
		if (ev->head < j->upto) {
			blame.why = PTV_WHY_PMI_BYTES;
			blame.y = j->upto - ev->head;
		} else if (lp->gs55) {
			blame.why = PTV_WHY_PMI_STATUS;
		} else if (lp->lvt_left) {
			blame.why = PTV_WHY_PMI_MASKED;
		} else {
			continue;
		}
		ptv_violate(f, PTV_CHECK_PMI_HANDLED, &blame);
	}
}

void ptv_pmi_handled_feed(const struct ptv_feed *f)
{
	struct ptv_judge_pmi *j = f->ev ? &f->checks->pmi[f->event] : NULL;

	switch (f->obs->kind) {
	case PTV_OBS_PMI_RAISED:
		pmi_raised(f);
		break;
	case PTV_OBS_HEAD:
		if (j && f->ev->head >= j->upto)
			j->upto = 0; /* for good: heads only grow */
		break;
	case PTV_OBS_CONSUME:
		if (j)
			j->upto = j->upto > f->shift ? j->upto - f->shift : 0U;
		break;
	case PTV_OBS_OPEN:
		if (j) {
			j->upto = 0;
			j->raised = 0;
		}
		break;
	case PTV_OBS_SETTLED:
		pmi_settled(f);
		break;
	}
}

/* --- consumer-woken --- */

static bool watermark_crossed(const struct ptv_seen_event *ev)
{
	return ptv_full_mode(ev) && ev->head > ev->seen && ev->head - ev->seen >= ev->watermark;
}

static void wake_due(const struct ptv_feed *f, struct ptv_judge_woken *j)
{
	j->due = 1;
	if (!j->truncated && !j->crossed)
		j->seq = f->obs->seq;
}

static void woken_settled(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		struct ptv_judge_woken *j = &f->checks->woken[i];
		const struct ptv_seen_event *ev = &f->checks->event[i];
		struct ptv_blame blame = {.event = i, .lp = ev->lp, .since_seq = j->seq};

		if (j->due)
			ptv_exercise(f, PTV_CHECK_CONSUMER_WOKEN);
		j->due = j->crossed || j->truncated;
		if (!j->due || j->woken || !ev->open)
			continue;
		blame.why = j->crossed ? PTV_WHY_WOKEN_WATERMARK : PTV_WHY_WOKEN_TRUNCATED;
		blame.x = ev->head - ev->seen;
		blame.y = ev->watermark;
		ptv_violate(f, PTV_CHECK_CONSUMER_WOKEN, &blame);
	}
}

static void woken_by_event(const struct ptv_feed *f, struct ptv_judge_woken *j)
{
	switch (f->obs->kind) {
	case PTV_OBS_HEAD:
		if (!watermark_crossed(f->ev))
			break;
		wake_due(f, j);
		j->crossed = 1;
		break;
	case PTV_OBS_RECORD:
		if (ptv_record_type(f->obs) != PTV_RECORD_AUX ||
		    !(ptv_record_flags(f->obs) & PTV_AUX_FLAG_TRUNCATED))
			break;
		wake_due(f, j);
		j->truncated = 1;
		break;
	case PTV_OBS_WAKE:
		j->woken = 1;
		break;
	case PTV_OBS_CONSUME:
		j->woken = 0;
		j->truncated = 0;
		j->crossed = watermark_crossed(f->ev);
		break;
	case PTV_OBS_OPEN:
		j->woken = 0;
		j->truncated = 0;
		j->crossed = 0;
		break;
	}
}

void ptv_consumer_woken_feed(const struct ptv_feed *f)
{
	if (f->obs->kind == PTV_OBS_SETTLED)
		woken_settled(f);
	else if (f->ev)
		woken_by_event(f, &f->checks->woken[f->event]);
}
