/* SPDX-License-Identifier: MIT */
/*
 * stopped-is-stopped: when the core has stopped an event, nothing but the core starts it again.
 *
 *   started: RET of stop or del, RET of start or add with an error: halted. RET of pause: paused.
 *   halted: CALL of start or add: started.
 *   paused: CALL of resume: started.
 *
 * Halted and paused are apart: a start does not end a pause, and a resume does not end a stop.
 * TraceEn=1 in either violates, at the return itself or when it rises. One instance an LP; it
 * follows the event that was last started or stopped there, and looks away where the open
 * transaction is another's.
 */
#include "feed.h"

static struct ptv_judge_stopped *judge(const struct ptv_feed *f)
{
	return &f->checks->stopped[f->obs->lp];
}

static void test(const struct ptv_feed *f)
{
	struct ptv_judge_stopped *j = judge(f);
	const unsigned int owner = ptv_owner(f->lp);
	const struct ptv_blame blame = {
		.why = j->halted ? PTV_WHY_STOPPED : PTV_WHY_PAUSED,
		.event = j->event - 1U,
		.lp = f->obs->lp,
		.since_seq = j->seq,
		.x = ptv_tagged(j->since, j->halted ? j->halted - 1U : PTV_FN_PAUSE),
	};

	if (!f->lp->trace_en || j->reported || (!j->halted && !j->paused))
		return;
	if (owner != PTV_NO_EVENT && owner + 1U != j->event)
		return;
	j->reported = 1;
	ptv_violate(f, PTV_CHECK_STOPPED_IS_STOPPED, &blame);
}

static void called(const struct ptv_feed *f)
{
	struct ptv_judge_stopped *j = judge(f);

	if (f->obs->a == PTV_FN_RESUME) {
		if (j->event == f->event + 1U)
			j->paused = 0;
	} else if (f->obs->a == PTV_FN_START || f->obs->a == PTV_FN_ADD) {
		if (j->event != f->event + 1U)
			j->paused = f->ev->paused;
		j->event = (uint8_t)(f->event + 1U);
		j->halted = 0;
	} else {
		return;
	}
	j->reported = 0;
}

static void returned(const struct ptv_feed *f)
{
	struct ptv_judge_stopped *j = judge(f);
	const uint64_t fn = f->obs->a;
	const bool failed = (int64_t)f->obs->c < 0 && (fn == PTV_FN_START || fn == PTV_FN_ADD);
	const bool paused = fn == PTV_FN_PAUSE;

	if (fn != PTV_FN_STOP && fn != PTV_FN_DEL && !failed && !paused)
		return;
	ptv_exercise(f, PTV_CHECK_STOPPED_IS_STOPPED);
	if (paused && (j->halted || j->event != f->event + 1U)) {
		j->paused |= j->event == f->event + 1U;
		return;
	}
	if (paused)
		j->paused = 1;
	else
		j->halted = (uint8_t)(fn + 1U);
	j->event = (uint8_t)(f->event + 1U);
	j->since = f->obs->cycle;
	j->seq = f->obs->seq;
	j->reported = 0;
	test(f);
}

void ptv_stopped_is_stopped_feed(const struct ptv_feed *f)
{
	switch (f->obs->kind) {
	case PTV_OBS_CALL:
		if (f->ev)
			called(f);
		break;
	case PTV_OBS_RET:
		if (f->ev)
			returned(f);
		break;
	case PTV_OBS_TRACE_EN:
		test(f);
		break;
	}
}
