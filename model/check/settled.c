/* SPDX-License-Identifier: MIT */
/*
 * resumes, stop-noticed, disable-effective: what must be so when nothing is left to be done.
 *
 * resumes is the thread's question: whoever can be traced and is to be traced is traced, whatever
 * happened before. Where room is not sure nothing is asked.
 *
 * stop-noticed is its complement for want of room: after a ToPA STOP or an operational error
 * hardware is silent for ever unless software notices. An event that is still counted running in
 * the very transaction in which it was stopped has been forgotten: nobody was told, and the bytes
 * that would tell are not published.
 *
 * disable-effective: a request, by the user or by the AUX code (in which an interrupt has to do the
 * work), has an effect.
 */
#include "feed.h"

#define STATE_BITS 3U /* enum ptv_event_state in a tag; then running, then the cause */

static unsigned int state_tag(const struct ptv_seen_event *ev, unsigned int cause)
{
	return ev->state | (unsigned int)ev->running << STATE_BITS | cause << (STATE_BITS + 1U);
}

static uint32_t later(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

void ptv_resumes_feed(const struct ptv_feed *f)
{
	unsigned int i;

	if (f->obs->kind != PTV_OBS_SETTLED)
		return;
	for (i = 0; i < f->checks->events; i++) {
		const struct ptv_seen_event *ev = &f->checks->event[i];
		const struct ptv_seen_lp *lp = &f->checks->lp[ev->lp];
		const bool never = lp->trigger_cause == PTV_CAUSES;
		struct ptv_blame blame = {.event = i, .lp = ev->lp};

		if (!ev->ready)
			continue;
		ptv_exercise(f, PTV_CHECK_RESUMES);
		if (lp->trigger_en)
			continue;
		blame.why = never ? PTV_WHY_RESUMES_NEVER : PTV_WHY_RESUMES;
		blame.since_seq = later(lp->trigger_seq, ev->asked_seq);
		blame.x = ptv_tagged(lp->trigger_since, state_tag(ev, lp->trigger_cause));
		blame.y = ptv_tagged(ev->ready_since, ev->ready_kind);
		ptv_violate(f, PTV_CHECK_RESUMES, &blame);
	}
}

/* --- stop-noticed --- */

static void stop_noticed_settled(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		const struct ptv_judge_noticed *j = &f->checks->noticed[i];
		const struct ptv_seen_event *ev = &f->checks->event[i];
		const struct ptv_blame blame = {.why = PTV_WHY_NOTICED,
						.event = i,
						.lp = j->lp,
						.since_seq = j->seq,
						.x = ptv_tagged(j->since, state_tag(ev, j->cause)),
						.y = ev->tx_since};

		if (!j->raised)
			continue;
		ptv_exercise(f, PTV_CHECK_STOP_NOTICED);
		if (j->stopped && ev->running)
			ptv_violate(f, PTV_CHECK_STOP_NOTICED, &blame);
	}
}

static void stop_noticed_trigger(const struct ptv_feed *f)
{
	const unsigned int owner = ptv_owner(f->lp);
	struct ptv_judge_noticed *j;

	if (owner == PTV_NO_EVENT)
		return;
	j = &f->checks->noticed[owner];
	j->stopped = 0;
	if (f->obs->a || (f->obs->b != PTV_CAUSE_STOP && f->obs->b != PTV_CAUSE_ERROR))
		return;
	j->raised = 1;
	j->stopped = 1;
	j->lp = f->obs->lp;
	j->cause = (uint8_t)f->obs->b;
	j->since = f->obs->cycle;
	j->seq = f->obs->seq;
}

void ptv_stop_noticed_feed(const struct ptv_feed *f)
{
	switch (f->obs->kind) {
	case PTV_OBS_TRIGGER_EN:
		stop_noticed_trigger(f);
		break;
	case PTV_OBS_AUX_END:
		if (f->ev)
			f->checks->noticed[f->event].stopped = 0;
		break;
	case PTV_OBS_SETTLED:
		stop_noticed_settled(f);
		break;
	}
}

/* --- disable-effective --- */

enum asked { ASKED_NOT, ASKED_BY_USER, ASKED_BY_AUX };

static void disable_settled(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		const struct ptv_judge_disable *j = &f->checks->disable[i];
		const struct ptv_seen_event *ev = &f->checks->event[i];
		struct ptv_blame blame = {.event = i,
					  .lp = ev->tx_lp,
					  .since_seq = j->seq,
					  .x = j->since,
					  .y = j->asked};

		if (j->asked == ASKED_NOT)
			continue;
		ptv_exercise(f, PTV_CHECK_DISABLE_EFFECTIVE);
		if (ev->state == PTV_EVENT_ACTIVE)
			blame.why = PTV_WHY_DISABLE_ACTIVE;
		else if (ev->tx && f->checks->lp[ev->tx_lp].trace_en)
			blame.why = PTV_WHY_DISABLE_TRACE;
		else
			continue;
		ptv_violate(f, PTV_CHECK_DISABLE_EFFECTIVE, &blame);
	}
}

static void disable_asked(const struct ptv_feed *f, enum asked asked)
{
	struct ptv_judge_disable *j = &f->checks->disable[f->event];

	j->asked = (uint8_t)asked;
	j->since = f->obs->cycle;
	j->seq = f->obs->seq;
}

void ptv_disable_effective_feed(const struct ptv_feed *f)
{
	const uint64_t what = f->obs->b;

	switch (f->obs->kind) {
	case PTV_OBS_ASK:
		if (f->ev && what == PTV_ASK_ENABLE)
			disable_asked(f, ASKED_NOT);
		else if (f->ev && (what == PTV_ASK_DISABLE || what == PTV_ASK_CLOSE))
			disable_asked(f, ASKED_BY_USER);
		break;
	case PTV_OBS_DISABLE_REQ:
		if (f->ev && f->checks->disable[f->event].asked == ASKED_NOT)
			disable_asked(f, ASKED_BY_AUX);
		break;
	case PTV_OBS_SETTLED:
		disable_settled(f);
		break;
	}
}
