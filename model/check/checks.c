/* SPDX-License-Identifier: MIT */
/* The checks' front: the rows of spec/checks.def, and the way of one observation through facts and
 * automata. */
#include "feed.h"

#include <string.h>

static const struct ptv_check_row rows[PTV_CHECKS] = {
#define PTV_CHECK(NAME, id, kind, exercised, violated, source) \
	[PTV_CHECK_##NAME] = {id, kind, exercised, violated, source},
#include "spec/checks.def"
#undef PTV_CHECK
};

const struct ptv_check_row *ptv_check_rows(void)
{
	return rows;
}

int ptv_check_find(const char *id)
{
	int i;

	for (i = 0; i < (int)PTV_CHECKS; i++) {
		if (strcmp(rows[i].id, id) == 0)
			return i;
	}
	return -1;
}

void ptv_checks_init(struct ptv_checks *checks)
{
	ptv_facts_init(checks);
}

void ptv_exercise(const struct ptv_feed *f, enum ptv_check check)
{
	f->found->check[check].exercised++;
}

void ptv_violate(const struct ptv_feed *f, enum ptv_check check, const struct ptv_blame *blame)
{
	struct ptv_verdict *verdict = &f->found->check[check];
	struct ptv_violation *first = &verdict->first;

	PTV_ASSERT(blame->since_seq <= f->obs->seq);
	if (verdict->exercised == 0U)
		verdict->exercised = 1;
	verdict->violated++;
	f->found->violations++;
	if (verdict->violated > 1U)
		return;
	first->obs = *f->obs;
	first->stimulus = f->checks->stimulus;
	first->since_seq = blame->since_seq;
	first->x = blame->x;
	first->y = blame->y;
	first->why = (uint16_t)(blame->why | blame->lp << 8);
	first->check = (uint16_t)check;
	first->event = blame->event;
}

/*
 * Who looks at what: most observations concern few checks. A check that takes part in an
 * observation of another kind has to be found by ptv_checks_feed_all()'s test.
 */
#define SEES(kind) PTV_BIT(PTV_OBS_##kind)
#define ANY	   UINT64_MAX

PTV_STATIC_ASSERT(PTV_OBS_KINDS <= 64, "kinds of observations are bits of a word");

static const uint64_t sees[PTV_CHECKS] = {
	[PTV_CHECK_NO_GP] = SEES(MSR),
	[PTV_CHECK_NO_SPLAT] = SEES(STIMULUS) | SEES(SPLAT),
	[PTV_CHECK_VM_ENTRY_OK] = SEES(VMX_MODE) | SEES(VMX_OP),
	[PTV_CHECK_TRACE_OWNED] = SEES(TRACE_EN) | SEES(AUX_END) | SEES(STORE),
	[PTV_CHECK_UNREAD_SAFE] = SEES(STORE) | SEES(SW_STORE),
	[PTV_CHECK_STOPPED_IS_STOPPED] = SEES(CALL) | SEES(RET) | SEES(TRACE_EN),
	[PTV_CHECK_BELIEF_TRUE] = SEES(CALL) | SEES(RET) | SEES(VMX_MODE) | SEES(BELIEF) |
				  SEES(SETTLED) | SEES(CLOSED),
	[PTV_CHECK_RESUMES] = SEES(SETTLED),
	[PTV_CHECK_PMI_HANDLED] = SEES(PMI_RAISED) | SEES(HEAD) | SEES(CONSUME) | SEES(OPEN) |
				  SEES(SETTLED),
	[PTV_CHECK_STOP_NOTICED] = SEES(TRIGGER_EN) | SEES(AUX_END) | SEES(SETTLED),
	[PTV_CHECK_CONSUMER_WOKEN] = SEES(HEAD) | SEES(RECORD) | SEES(WAKE) | SEES(CONSUME) |
				     SEES(OPEN) | SEES(SETTLED),
	[PTV_CHECK_DISABLE_EFFECTIVE] = SEES(ASK) | SEES(DISABLE_REQ) | SEES(SETTLED),
	[PTV_CHECK_COUNTED] = SEES(OPEN) | SEES(ASK) | SEES(SCHED) | SEES(STIMULUS) |
			      SEES(INT_EXIT) | SEES(SETTLED) | SEES(CLOSED),
	[PTV_CHECK_GAP_ANNOUNCED] = SEES(RETIRE) | SEES(DROP) | SEES(PACKET) | SEES(CLOSED) |
				    SEES(RUNNING) | SEES(ASK) | SEES(AUX_BEGIN) | SEES(RECORD) |
				    SEES(SW_STORE),
	[PTV_CHECK_NO_FALSE_GAP] = ANY, /* each shows that the event runs untraced */
	[PTV_CHECK_BYTES_CONSERVED] = SEES(STORE) | SEES(SW_STORE) | SEES(AUX_BEGIN) |
				      SEES(AUX_END) | SEES(RECORD) | SEES(CALL) | SEES(CONSUME) |
				      SEES(OPEN) | SEES(CLOSED),
};

static void feed(const struct ptv_feed *f, uint64_t kind)
{
	if (sees[PTV_CHECK_NO_GP] & kind)
		ptv_no_gp_feed(f);
	if (sees[PTV_CHECK_NO_SPLAT] & kind)
		ptv_no_splat_feed(f);
	if (sees[PTV_CHECK_VM_ENTRY_OK] & kind)
		ptv_vm_entry_ok_feed(f);
}

/* Checks that need a living kernel: what is left undone after a panic is nobody's fault. */
static void feed_living(const struct ptv_feed *f, uint64_t kind)
{
	if (sees[PTV_CHECK_TRACE_OWNED] & kind)
		ptv_trace_owned_feed(f);
	if (sees[PTV_CHECK_UNREAD_SAFE] & kind)
		ptv_unread_safe_feed(f);
	if (sees[PTV_CHECK_STOPPED_IS_STOPPED] & kind)
		ptv_stopped_is_stopped_feed(f);
	if (sees[PTV_CHECK_BELIEF_TRUE] & kind)
		ptv_belief_true_feed(f);
	if (sees[PTV_CHECK_RESUMES] & kind)
		ptv_resumes_feed(f);
	if (sees[PTV_CHECK_PMI_HANDLED] & kind)
		ptv_pmi_handled_feed(f);
	if (sees[PTV_CHECK_STOP_NOTICED] & kind)
		ptv_stop_noticed_feed(f);
	if (sees[PTV_CHECK_CONSUMER_WOKEN] & kind)
		ptv_consumer_woken_feed(f);
	if (sees[PTV_CHECK_DISABLE_EFFECTIVE] & kind)
		ptv_disable_effective_feed(f);
	if (sees[PTV_CHECK_COUNTED] & kind)
		ptv_counted_feed(f);
	if (sees[PTV_CHECK_GAP_ANNOUNCED] & kind)
		ptv_gap_announced_feed(f);
	if (sees[PTV_CHECK_NO_FALSE_GAP] & kind)
		ptv_no_false_gap_feed(f);
	if (sees[PTV_CHECK_BYTES_CONSERVED] & kind)
		ptv_bytes_conserved_feed(f);
}

static void take(struct ptv_checks *checks, const struct ptv_obs *obs, struct ptv_verdicts *found,
		 uint64_t kind)
{
	struct ptv_feed f = {.checks = checks, .obs = obs, .found = found};

	ptv_facts_locate(&f);
	ptv_counted_pass(&f);
	ptv_facts_feed(&f);
	feed(&f, kind);
	if (!checks->dead)
		feed_living(&f, kind);
}

void ptv_checks_feed(struct ptv_checks *checks, const struct ptv_obs *obs,
		     struct ptv_verdicts *found)
{
	PTV_ASSERT(obs->kind < PTV_OBS_KINDS);
	take(checks, obs, found, PTV_BIT(obs->kind));
}

void ptv_checks_feed_all(struct ptv_checks *checks, const struct ptv_obs *obs,
			 struct ptv_verdicts *found)
{
	PTV_ASSERT(obs->kind < PTV_OBS_KINDS);
	take(checks, obs, found, ANY);
}
