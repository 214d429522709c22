/* SPDX-License-Identifier: MIT */
/*
 * confluent: the outcome is a function of the situation, not of the way that led to it.
 *
 * What the outside sees of an event at a settled prefix is the situation E, and what has come of it
 * the outcome O. Two settled prefixes, of the same run or of different ones, with equal E and
 * unequal O are the thread's "inconsistencies in state depending on timing". The harness collects
 * the pairs; this file makes them.
 *
 *   E bit 0    asked                      O bit 2:0  enum ptv_event_state
 *     bit 1    context on an LP             bit 3    running
 *     bit 2    paused                       bit 4    TraceEn for it
 *     bit 3    can trace there              bit 5    transaction open
 *     bit 5:4  enum ptv_room                bit 6    running, unable to trace, and the open
 *     bit 6    told off                              transaction already flagged
 *
 * Nothing is compared where room is `between`: there it depends on the driver's choice of a stop
 * region.
 */
#include "feed.h"

bool ptv_checks_situation(const struct ptv_checks *checks, unsigned int event,
			  struct ptv_situation *situation)
{
	const uint32_t gap = PTV_AUX_FLAG_PARTIAL | PTV_AUX_FLAG_TRUNCATED;
	const struct ptv_seen_event *ev;
	const struct ptv_seen_lp *lp;
	enum ptv_room room;
	bool can_trace, trace_en, flagged;

	PTV_ASSERT(event < PTV_MAX_EVENTS);
	ev = &checks->event[event];
	lp = &checks->lp[ev->tx ? ev->tx_lp : ev->lp];
	room = ptv_room(ev);
	if (checks->dead || !ev->open || room == PTV_ROOM_BETWEEN)
		return false;
	can_trace = ev->sched && ptv_can_trace(&checks->lp[ev->lp]);
	trace_en = lp->trace_en && (ev->tx || (ev->sched && lp->owner == 0U));
	flagged = ev->running && !can_trace && ev->tx && (ev->tx_flags & gap) != 0U;
	situation->e = (uint32_t)ev->asked | (uint32_t)ev->sched << 1 | (uint32_t)ev->paused << 2 |
		       (uint32_t)can_trace << 3 | (uint32_t)room << 4 | (uint32_t)ev->told << 6;
	situation->o = (uint32_t)ev->state | (uint32_t)ev->running << 3 | (uint32_t)trace_en << 4 |
		       (uint32_t)ev->tx << 5 | (uint32_t)flagged << 6;
	return true;
}

void ptv_confluent_violation(struct ptv_violation *violation, unsigned int event,
			     const struct ptv_situation *here,
			     const struct ptv_situation *elsewhere)
{
	PTV_ASSERT(here->e == elsewhere->e && here->o != elsewhere->o);
	violation->why = PTV_WHY_CONFLUENT;
	violation->check = PTV_CHECK_CONFLUENT;
	violation->event = event;
	violation->x = (uint64_t)here->o << 32 | here->e;
	violation->y = (uint64_t)elsewhere->o << 32 | elsewhere->e;
}
