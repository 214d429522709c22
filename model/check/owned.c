/* SPDX-License-Identifier: MIT */
/*
 * trace-owned, unread-safe: hardware writes only where and while the AUX code lets it.
 *
 * trace-owned is about the reservation: tracing without a transaction, and output outside the
 * buffer of the open one. unread-safe is about the bytes: what the consumer has not read, and pages
 * that have been given back. A store that no buffer owns is told by unread-safe once pages have
 * been freed in this world, since then it most likely hits one.
 */
#include "feed.h"

static bool pages_freed(const struct ptv_checks *checks)
{
	unsigned int i;

	for (i = 0; i < checks->events; i++) {
		if (checks->event[i].freed)
			return true;
	}
	return false;
}

static void owned_violated(const struct ptv_feed *f, enum ptv_why why, unsigned int event,
			   uint64_t x, uint64_t y)
{
	const struct ptv_blame blame = {.why = why,
					.event = event,
					.lp = f->obs->lp,
					.since_seq = f->lp->trace_seq,
					.x = x,
					.y = y};

	ptv_violate(f, PTV_CHECK_TRACE_OWNED, &blame);
}

static void owned_tracing(const struct ptv_feed *f)
{
	const uint8_t bit = (uint8_t)(1U << f->obs->lp);
	const bool ended = f->obs->kind == PTV_OBS_AUX_END;

	if (!f->lp->trace_en) {
		f->checks->unowned &= (uint8_t)~bit;
		return;
	}
	if (f->obs->kind == PTV_OBS_TRACE_EN)
		ptv_exercise(f, PTV_CHECK_TRACE_OWNED);
	if (f->lp->owner || (f->checks->unowned & bit))
		return;
	f->checks->unowned |= bit;
	owned_violated(f, ended ? PTV_WHY_OWNED_ENDED : PTV_WHY_OWNED_NONE, f->event,
		       f->lp->trace_since, 0);
}

static void owned_store(const struct ptv_feed *f)
{
	const unsigned int owner = ptv_owner(f->lp);

	if (f->obs->c == PTV_PLACE_NONE) {
		if (!pages_freed(f->checks))
			owned_violated(f, PTV_WHY_OWNED_OUTSIDE, owner, f->obs->a, f->obs->b);
		return;
	}
	if (f->freed || f->event == owner)
		return;
	if (owner == PTV_NO_EVENT)
		owned_violated(f, PTV_WHY_OWNED_LATE, f->event, f->lp->trace_since, f->obs->b);
	else
		owned_violated(f, PTV_WHY_OWNED_OTHER, f->event, owner, f->obs->b);
}

void ptv_trace_owned_feed(const struct ptv_feed *f)
{
	if (!f->checks->opened)
		return;
	switch (f->obs->kind) {
	case PTV_OBS_TRACE_EN:
	case PTV_OBS_AUX_END:
		owned_tracing(f);
		break;
	case PTV_OBS_STORE:
		owned_store(f);
		break;
	}
}

void ptv_unread_safe_feed(const struct ptv_feed *f)
{
	const struct ptv_obs *obs = f->obs;
	struct ptv_blame blame = {
		.event = f->event, .lp = obs->lp, .since_seq = obs->seq, .y = obs->b};

	if (!f->checks->opened || (obs->kind != PTV_OBS_STORE && obs->kind != PTV_OBS_SW_STORE))
		return;
	ptv_exercise(f, PTV_CHECK_UNREAD_SAFE);
	if (f->freed || (obs->c == PTV_PLACE_NONE && pages_freed(f->checks))) {
		blame.why = PTV_WHY_FREED;
		blame.x = f->ev ? ptv_place_offset(obs->c) : obs->a;
		ptv_violate(f, PTV_CHECK_UNREAD_SAFE, &blame);
	} else if (f->unread) {
		blame.why = PTV_WHY_UNREAD;
		blame.since_seq = f->ev->tx_seq <= obs->seq ? f->ev->tx_seq : obs->seq;
		blame.x = ptv_place_offset(obs->c);
		blame.y = f->ev->base + f->ev->tail;
		ptv_violate(f, PTV_CHECK_UNREAD_SAFE, &blame);
	}
}
