/* SPDX-License-Identifier: MIT */
/*
 * no-false-gap: a record says PARTIAL or TRUNCATED only if something is missing.
 *
 * What justifies a flag, in the transaction of the record: bytes were dropped; or the event was
 * counted running with TriggerEn=0 at some moment at which no kernel code was on the LP's stack
 * (the workload could have gone on), or a branch retired dark; for TRUNCATED alone: room was not
 * sure when the transaction began, was flagged or ended.
 *
 * The justification may come after the flag, but not after the end of the transaction. Judged on
 * the closed end.
 */
#include "feed.h"

#define GAP_FLAGS (PTV_AUX_FLAG_PARTIAL | PTV_AUX_FLAG_TRUNCATED)

static void look_for_room(const struct ptv_feed *f, struct ptv_judge_false *j)
{
	if (ptv_room(f->ev) != PTV_ROOM_YES)
		j->no_room = 1;
}

static void delivered(const struct ptv_feed *f, struct ptv_judge_false *j)
{
	const uint32_t flags = ptv_record_flags(f->obs) & GAP_FLAGS;

	if (ptv_record_type(f->obs) != PTV_RECORD_AUX || flags == 0U)
		return;
	if (j->flagged < UINT8_MAX)
		j->flagged++;
	look_for_room(f, j);
	if (j->dark || j->lost || j->bad || ((flags & PTV_AUX_FLAG_TRUNCATED) && j->no_room))
		return;
	j->bad = (uint8_t)flags;
	j->begin = f->ev->tx_since;
	j->seq = f->ev->flag_seq;
}

static void of_event(const struct ptv_feed *f, struct ptv_judge_false *j)
{
	switch (f->obs->kind) {
	case PTV_OBS_AUX_BEGIN:
		if (!f->ev->tx || f->ev->tx_seq != f->obs->seq)
			break;
		j->dark = 0;
		j->lost = 0;
		j->no_room = 0;
		look_for_room(f, j);
		break;
	case PTV_OBS_AUX_FLAG:
	case PTV_OBS_AUX_END:
		look_for_room(f, j);
		break;
	case PTV_OBS_RECORD:
		delivered(f, j);
		break;
	}
}

/* Running with tracing off, and nobody in the kernel who is about to change that. */
static void look_for_dark(const struct ptv_feed *f, unsigned int owner)
{
	const struct ptv_seen_event *ev = &f->checks->event[owner];
	struct ptv_judge_false *j = &f->checks->false_gap[owner];
	const bool retired = f->obs->kind == PTV_OBS_RETIRE && !(f->obs->b & PTV_BIT(8)) &&
			     (f->obs->b & PTV_BIT(16)) && (f->obs->b & 0xffU) != PTV_SCOPE_DRIVER;

	if (!ev->running || ev->run_lp != f->obs->lp)
		return;
	if (retired || (!f->lp->trigger_en && !ptv_inside(f->lp)))
		j->dark = 1;
}

static void closed(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		const struct ptv_judge_false *j = &f->checks->false_gap[i];
		const struct ptv_blame blame = {.why = PTV_WHY_FALSE_GAP,
						.event = i,
						.lp = f->checks->event[i].tx_lp,
						.since_seq = j->seq,
						.x = ptv_tagged(j->begin, j->bad)};

		if (j->flagged)
			ptv_exercise(f, PTV_CHECK_NO_FALSE_GAP);
		if (j->bad)
			ptv_violate(f, PTV_CHECK_NO_FALSE_GAP, &blame);
	}
}

void ptv_no_false_gap_feed(const struct ptv_feed *f)
{
	const unsigned int owner = ptv_owner(f->lp);

	if (f->ev)
		of_event(f, &f->checks->false_gap[f->event]);
	if (f->obs->kind == PTV_OBS_CLOSED)
		closed(f);
	if (owner == PTV_NO_EVENT)
		return;
	if (f->obs->kind == PTV_OBS_DROP)
		f->checks->false_gap[owner].lost = 1;
	look_for_dark(f, owner);
}
