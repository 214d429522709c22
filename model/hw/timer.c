/* SPDX-License-Identifier: MIT */
/*
 * What it is. The clock of one logical processor. It is the time stamp counter too: TSC packets
 * carry it.
 *
 * State. timer.cycle, the number of clocks since power-on. All deadlines of other units (fields of
 * class REL) are absolute cycles, so that a clock in which nothing happens changes nothing but this
 * counter.
 *
 * Rules. One clock a step.
 *
 * Order within a cycle. A deadline d has come in the clock whose cycle is >= d.
 *
 * Not modelled. ART, MTC and CYC counters; offset and scaling of the guest's TSC (HW-137); clock
 * stops and frequency changes.
 *
 * Sources. SDM Vol. 3, 36.3.6, 36.4.2.11.
 */
#include "timer.h"

void ptv_timer_init(struct ptv_lp *lp, unsigned int index)
{
	lp->timer.cycle = 0;
	lp->timer.index = index;
}

void ptv_timer_step(const struct ptv_lp *now, struct ptv_lp *next)
{
	next->timer.cycle = now->timer.cycle + 1U;
}

static void move(uint64_t *deadline, uint64_t cycle)
{
	if (*deadline != PTV_NEVER)
		*deadline = *deadline > cycle ? *deadline - cycle : 0U;
}

void ptv_timer_rebase(struct ptv_lp *lp)
{
	const uint64_t cycle = lp->timer.cycle;

	move(&lp->op.at, cycle);
	move(&lp->fifo.drain_at, cycle);
	move(&lp->topa.req_at, cycle);
	move(&lp->topa.err_at, cycle);
	move(&lp->pmi.request_at, cycle);
	move(&lp->pmi.deliver_at, cycle);
	lp->timer.cycle = 0;
}
