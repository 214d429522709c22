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

/* Checks that need a living kernel: what is left undone after a panic is nobody's fault. */
static void feed_living(const struct ptv_feed *f)
{
	ptv_trace_owned_feed(f);
	ptv_unread_safe_feed(f);
	ptv_stopped_is_stopped_feed(f);
	ptv_belief_true_feed(f);
	ptv_resumes_feed(f);
	ptv_pmi_handled_feed(f);
	ptv_stop_noticed_feed(f);
	ptv_consumer_woken_feed(f);
	ptv_disable_effective_feed(f);
	ptv_counted_feed(f);
	ptv_gap_announced_feed(f);
	ptv_no_false_gap_feed(f);
	ptv_bytes_conserved_feed(f);
}

void ptv_checks_feed(struct ptv_checks *checks, const struct ptv_obs *obs,
		     struct ptv_verdicts *found)
{
	struct ptv_feed f = {.checks = checks, .obs = obs, .found = found};

	PTV_ASSERT(obs->kind < PTV_OBS_KINDS);
	ptv_facts_locate(&f);
	ptv_counted_pass(&f);
	ptv_facts_feed(&f);
	ptv_no_gp_feed(&f);
	ptv_no_splat_feed(&f);
	ptv_vm_entry_ok_feed(&f);
	if (!checks->dead)
		feed_living(&f);
}
