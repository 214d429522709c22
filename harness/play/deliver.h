/* SPDX-License-Identifier: MIT */
/*
 * The list strategy: interrupts go where the file places them.
 *
 * A delivery names an interrupt, a label and a side, and belongs to a step: the n-th time the label
 * is passed during this step, the interrupt is taken there if it has been raised. Until then, from
 * the start of the step, an interrupt of that kind is held; when no delivery of its kind lies ahead
 * in the step, it goes by the clock again. Copies that settle go by the clock.
 */
#ifndef PTV_HARNESS_PLAY_DELIVER_H
#define PTV_HARNESS_PLAY_DELIVER_H

#include "play/play.h"

/* A run begins: takes up the deliveries of the steps. */
void ptv_deliver_begin(struct ptv_play *play, const struct ptv_steps *steps);

/* Places one more interrupt in the step that is about to be played; it outlives the run. */
void ptv_deliver_add(struct ptv_play *play, const struct ptv_delivery *delivery);

/* A step begins: sets in play->env who decides. */
void ptv_deliver_step(struct ptv_play *play);

/*
 * After a run in which deliveries did not take place: says of the first why not, and which labels
 * its step passes, nearest first (by running again). Nothing if all took place.
 */
void ptv_deliver_explain(struct ptv_play *play, const struct ptv_steps *steps,
			 struct ptv_diag *diag);

#endif /* PTV_HARNESS_PLAY_DELIVER_H */
