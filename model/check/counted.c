/* SPDX-License-Identifier: MIT */
/*
 * counted: time_running advances while, and only while, the event is wanted.
 *
 * Every observation of an event's LP closes an interval in which facts did not change; the interval
 * is held against running. Not held against anybody:
 *
 *   - time inside the kernel (calls, interrupt handlers, stimuli of kernel code): things are
 * changing there;
 *   - time between a change of what is wanted and the end of the core's next turn on that LP
 * (`grace`);
 *   - running while told off: the disabling is under way, disable-effective judges it;
 *   - resting while room is not sure: nothing could be written;
 *   - a pause: a paused event is still scheduled, and perf goes on counting it.
 *
 * And time_running, as the core tells it when a stay ends, has grown by the length of the stay: at
 * least since add returned, at most since it was called.
 *
 * Judged only for events that were wanted in VMX operation, which is what the argument was about.
 */
#include "feed.h"

enum wrong { MISSED = 1, EXTRA = 2, TIME = 4 };

static void pass(const struct ptv_feed *f, unsigned int event)
{
	struct ptv_judge_counted *j = &f->checks->counted[event];
	const struct ptv_seen_event *ev = &f->checks->event[event];
	const uint64_t cycles = f->obs->cycle > j->last ? f->obs->cycle - j->last : 0U;
	enum wrong wrong;
	bool wanted;

	if (cycles == 0U)
		return;
	wanted = ptv_wanted_but_for_pause(f->checks, event);
	j->last = f->obs->cycle;
	if (wanted && f->lp->vmx != PTV_VMX_OFF)
		j->vmx = 1;
	if (wanted == ev->running || ptv_inside(f->lp) || j->grace)
		return;
	if (wanted && ptv_room(ev) != PTV_ROOM_YES)
		return;
	if (!wanted && (ev->told || !ev->open))
		return;
	wrong = wanted ? MISSED : EXTRA;
	if (!j->wrong)
		j->seq = ev->asked_seq;
	j->wrong |= (uint8_t)wrong;
	if (wrong == MISSED)
		j->missed += cycles;
	else
		j->extra += cycles;
}

/* What time_running says of the stay that ends here. */
static void stay_ends(const struct ptv_feed *f, struct ptv_judge_counted *j)
{
	const uint64_t grew = f->obs->c - j->reported;
	const uint64_t least = f->obs->cycle - f->ev->running_since;
	const uint64_t most = f->obs->cycle - j->called;

	if (grew >= least && grew <= most)
		return;
	if (!j->wrong) {
		j->seq = f->obs->seq;
		j->grew = grew;
		j->stay = least;
	}
	j->wrong |= TIME;
}

static void stay(const struct ptv_feed *f)
{
	struct ptv_judge_counted *j = &f->checks->counted[f->event];

	if (f->obs->kind == PTV_OBS_CALL && f->obs->a == PTV_FN_ADD) {
		j->called = f->obs->cycle;
	} else if (f->obs->kind == PTV_OBS_RUNNING && !f->obs->b) {
		if (f->ev->running)
			stay_ends(f, j);
	} else if (f->obs->kind == PTV_OBS_RUNNING) {
		j->reported = f->obs->c;
	}
}

void ptv_counted_pass(const struct ptv_feed *f)
{
	unsigned int i;

	if (f->checks->dead)
		return;
	if (f->ev)
		stay(f);
	for (i = 0; i < f->checks->events; i++) {
		if (f->checks->event[i].open && f->checks->event[i].lp == f->obs->lp)
			pass(f, i);
	}
}

static void end_of_grace(const struct ptv_feed *f)
{
	const bool everywhere = f->obs->kind == PTV_OBS_SETTLED;
	unsigned int i;

	if (!everywhere && ptv_inside(f->lp))
		return;
	for (i = 0; i < f->checks->events; i++) {
		if (everywhere || f->checks->event[i].lp == f->obs->lp)
			f->checks->counted[i].grace = 0;
	}
}

/* The clock of a booting machine is set to 0 when the timeline begins. */
static void clock_set_back(const struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		if (f->checks->counted[i].last > f->obs->cycle)
			f->checks->counted[i].last = f->obs->cycle;
	}
}

static void judge(const struct ptv_feed *f, unsigned int event)
{
	const struct ptv_judge_counted *j = &f->checks->counted[event];
	const bool time = j->wrong == TIME;
	const struct ptv_blame blame = {.why = time		   ? PTV_WHY_COUNTED_TIME
					       : j->wrong & MISSED ? PTV_WHY_COUNTED_MISSED
								   : PTV_WHY_COUNTED_EXTRA,
					.event = event,
					.lp = f->checks->event[event].lp,
					.since_seq = j->seq,
					.x = time ? j->grew : j->missed,
					.y = time ? j->stay : j->extra};

	if (!j->vmx)
		return;
	ptv_exercise(f, PTV_CHECK_COUNTED);
	if (j->wrong)
		ptv_violate(f, PTV_CHECK_COUNTED, &blame);
}

void ptv_counted_feed(const struct ptv_feed *f)
{
	unsigned int i;

	switch (f->obs->kind) {
	case PTV_OBS_OPEN:
	case PTV_OBS_ASK:
	case PTV_OBS_SCHED:
		if (!f->ev)
			break;
		f->checks->counted[f->event].grace = 1;
		if (f->ev->lp == f->obs->lp && f->obs->kind != PTV_OBS_ASK)
			f->checks->counted[f->event].last = f->obs->cycle;
		break;
	case PTV_OBS_STIMULUS:
		clock_set_back(f);
		end_of_grace(f);
		break;
	case PTV_OBS_INT_EXIT:
	case PTV_OBS_SETTLED:
		end_of_grace(f);
		break;
	case PTV_OBS_CLOSED:
		for (i = 0; i < f->checks->events; i++)
			judge(f, i);
		break;
	}
}
