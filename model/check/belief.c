/* SPDX-License-Identifier: MIT */
/*
 * belief-true: the driver's vmx_on says what the processor is in.
 *
 * They cannot change at once, so they may differ while the change is made. That is a window:
 *
 *   CALL notify(1): ENTERING. VMXON: closed, and they must agree. If it fails, CALL notify(0):
 * CLOSING. VMXOFF: LEFT. CALL notify(0): CLOSING. RET notify(0): closed.
 *
 * Every window also ends when the core's VIRT call around it returns, and at a settled prefix: then
 * nobody is left who could close it (an emergency VMXOFF never calls notify). VMXON without
 * notify(1), or notify(0) before VMXOFF, opens no window: from there on a write of RTIT_CTL would
 * fault.
 *
 * A driver whose vmx_on was never seen has none. If it appears only after VMXON it was late, and
 * that is a violation too.
 */
#include "feed.h"

enum window { WINDOW_CLOSED, WINDOW_ENTERING, WINDOW_LEFT, WINDOW_CLOSING };
enum apart { AGREE, APART, TOLD };

static bool in_vmx(const struct ptv_seen_lp *lp)
{
	return lp->vmx != PTV_VMX_OFF;
}

static void window_of_call(const struct ptv_feed *f, struct ptv_judge_belief *j)
{
	const bool call = f->obs->kind == PTV_OBS_CALL;

	if (f->obs->a == PTV_FN_NOTIFY && call && f->obs->c)
		j->window = in_vmx(f->lp) ? WINDOW_CLOSED : WINDOW_ENTERING;
	else if (f->obs->a == PTV_FN_NOTIFY && call && j->window != WINDOW_CLOSED)
		j->window = WINDOW_CLOSING;
	else if (f->obs->a == PTV_FN_NOTIFY && !call && j->window == WINDOW_CLOSING)
		j->window = WINDOW_CLOSED;
	else if (f->obs->a == PTV_FN_VIRT && !call)
		j->window = WINDOW_CLOSED;
}

static void window_of_mode(const struct ptv_feed *f, struct ptv_judge_belief *j)
{
	if (f->lp->vmx_seq != f->obs->seq)
		return; /* VM entry or exit */
	j->early = in_vmx(f->lp) && !j->held && j->window == WINDOW_CLOSED;
	j->window = in_vmx(f->lp) ? WINDOW_CLOSED : WINDOW_LEFT;
}

static void judge(const struct ptv_feed *f, unsigned int lp)
{
	struct ptv_judge_belief *j = &f->checks->belief[lp];
	const struct ptv_seen_lp *seen = &f->checks->lp[lp];
	struct ptv_blame blame = {.lp = lp, .event = PTV_NO_EVENT};

	if (seen->pt_in_vmx || (seen->belief == in_vmx(seen) && !j->early)) {
		j->apart = AGREE;
		return;
	}
	if (j->apart == AGREE || j->early) {
		j->apart = APART;
		j->seq = j->early ? seen->vmx_seq : f->obs->seq;
		j->since = j->early ? seen->vmx_since : f->obs->cycle;
	}
	if (!j->held || j->apart == TOLD || j->window != WINDOW_CLOSED)
		return;
	blame.why = in_vmx(seen) ? PTV_WHY_BELIEF_OFF : PTV_WHY_BELIEF_ON;
	blame.since_seq = j->seq;
	blame.x = j->since;
	j->apart = TOLD;
	j->early = 0;
	ptv_violate(f, PTV_CHECK_BELIEF_TRUE, &blame);
}

static void settled(const struct ptv_feed *f)
{
	unsigned int lp;

	for (lp = 0; lp < PTV_MAX_LPS; lp++) {
		f->checks->belief[lp].window = WINDOW_CLOSED;
		judge(f, lp);
	}
}

void ptv_belief_true_feed(const struct ptv_feed *f)
{
	struct ptv_judge_belief *j = &f->checks->belief[f->obs->lp];

	switch (f->obs->kind) {
	case PTV_OBS_CALL:
	case PTV_OBS_RET:
		window_of_call(f, j);
		judge(f, f->obs->lp);
		break;
	case PTV_OBS_VMX_MODE:
		window_of_mode(f, j);
		judge(f, f->obs->lp);
		break;
	case PTV_OBS_BELIEF:
		j->held = 1;
		if (!f->lp->pt_in_vmx)
			ptv_exercise(f, PTV_CHECK_BELIEF_TRUE);
		judge(f, f->obs->lp);
		break;
	case PTV_OBS_SETTLED:
	case PTV_OBS_CLOSED:
		settled(f);
		break;
	}
}
