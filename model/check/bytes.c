/* SPDX-License-Identifier: MIT */
/*
 * bytes-conserved: the AUX records of a full-mode event are its stream, the whole stream and
 * nothing but the stream.
 *
 *   - each store continues where the one before it ended (BYTES_PLACE);
 *   - a transaction begins at the end of what was stored (BYTES_BEGIN) and reports as much as was
 * stored in it (BYTES_SIZE): less is lost or written over by the next one, more is rubbish to a
 * reader;
 *   - a record begins where the one before it ended (BYTES_TILE), and the last one ends where the
 * stream ends (BYTES_END).
 *
 * Software's bytes (padding, markers) are bytes. Samples are no part of the stream, but taking one
 * moves pointers: nothing is judged then. A lost record that the user was told of (RECORD_LOST)
 * excuses one jump.
 *
 * The first fault is kept and judged on the closed end.
 */
#include "feed.h"

static void fault(const struct ptv_feed *f, enum ptv_why why, uint64_t x, uint64_t y)
{
	struct ptv_judge_bytes *j = &f->checks->bytes[f->event];

	if (j->bad)
		return;
	j->bad = (uint8_t)why;
	j->seq = f->obs->seq;
	j->x = x;
	j->y = y;
}

static void stored(const struct ptv_feed *f, struct ptv_judge_bytes *j)
{
	if (f->obs->kind == PTV_OBS_SW_STORE && f->obs->a == PTV_SW_SAMPLE) {
		j->sampled = 1;
		return;
	}
	j->stored = 1;
	if (f->misplaced)
		fault(f, PTV_WHY_BYTES_PLACE, f->expected % f->ev->size,
		      ptv_place_offset(f->obs->c));
}

static void recorded(const struct ptv_feed *f, struct ptv_judge_bytes *j)
{
	const uint64_t base = f->ev->base;
	const uint64_t offset = f->obs->b > base ? f->obs->b - base : 0U;

	if (ptv_record_type(f->obs) == PTV_RECORD_LOST)
		j->lost = 1;
	if (ptv_record_type(f->obs) != PTV_RECORD_AUX)
		return;
	if (offset != j->tiled && !j->lost)
		fault(f, PTV_WHY_BYTES_TILE, base + j->tiled, f->obs->b);
	j->tiled = offset + f->obs->c;
	j->lost = 0;
}

static void of_event(const struct ptv_feed *f, struct ptv_judge_bytes *j)
{
	const struct ptv_seen_event *ev = f->ev;

	switch (f->obs->kind) {
	case PTV_OBS_STORE:
	case PTV_OBS_SW_STORE:
		stored(f, j);
		break;
	case PTV_OBS_AUX_BEGIN:
		if (f->misplaced)
			fault(f, PTV_WHY_BYTES_BEGIN, ev->base + f->expected, f->obs->b);
		break;
	case PTV_OBS_AUX_END:
		if (ev->tx_head + f->obs->b != ev->pos)
			fault(f, PTV_WHY_BYTES_SIZE, ev->pos - ev->tx_head, f->obs->b);
		break;
	case PTV_OBS_RECORD:
		recorded(f, j);
		break;
	case PTV_OBS_CALL:
		if (f->obs->a == PTV_FN_SNAPSHOT)
			j->sampled = 1;
		break;
	case PTV_OBS_CONSUME:
		j->tiled = j->tiled > f->shift ? j->tiled - f->shift : 0U;
		break;
	case PTV_OBS_OPEN:
		j->tiled = ev->pos;
		break;
	}
}

static void closed(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		const struct ptv_judge_bytes *j = &f->checks->bytes[i];
		const struct ptv_seen_event *ev = &f->checks->event[i];
		struct ptv_blame blame = {.event = i, .lp = ev->tx_lp, .since_seq = j->seq};

		if (!j->stored || j->sampled)
			continue;
		ptv_exercise(f, PTV_CHECK_BYTES_CONSERVED);
		blame.why = (enum ptv_why)j->bad;
		blame.x = j->x;
		blame.y = j->y;
		if (!j->bad && j->tiled != ev->pos && !j->lost) {
			blame.why = PTV_WHY_BYTES_END;
			blame.since_seq = ev->tx_seq;
			blame.x = ev->base + ev->pos;
			blame.y = ev->base + j->tiled;
		}
		if (blame.why != PTV_WHY_NONE)
			ptv_violate(f, PTV_CHECK_BYTES_CONSERVED, &blame);
	}
}

void ptv_bytes_conserved_feed(const struct ptv_feed *f)
{
	if (f->obs->kind == PTV_OBS_CLOSED)
		closed(f);
	else if (f->ev && ptv_full_mode(f->ev))
		of_event(f, &f->checks->bytes[f->event]);
}
