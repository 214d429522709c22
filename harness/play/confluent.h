/* SPDX-License-Identifier: MIT */
/*
 * confluent: what is reported must be a function of the situation, not of the order in which it
 * came about.
 *
 * A family of runs is made from one file under one policy: all assignments of its choices; and from
 * the first assignment every swap of two adjacent stimuli and every insertion of a neutral pair
 * (sched_out;sched_in of a task's event, switch_task;switch_task on the CPU of a CPU event,
 * virt_on;virt_off of an LP) at every place. A swap
 * exchanges the stimuli and keeps the times of the places; an inserted pair begins when the
 * stimulus before it has ended. Variants in which a stimulus makes no sense are discarded, and
 * counted.
 *
 * At each settled prefix of each run the situation of each event is taken: E, what the outside
 * sees, and O, what came of it. Equal E at two distinct prefixes exercises the check; with unequal
 * O it violates it. Two prefixes are distinct if their stimuli are. Of all such pairs the one with
 * the shortest prefixes is reported.
 */
#ifndef PTV_HARNESS_PLAY_CONFLUENT_H
#define PTV_HARNESS_PLAY_CONFLUENT_H

#include "play/play.h"

/* A settled prefix of a run of the family. */
struct ptv_prefix {
	uint64_t variant; /* number of the run in the family */
	uint32_t steps;	  /* so many of its steps were applied */
	uint64_t hash;	  /* of these steps */
};

/* An outcome O that was seen in situation E, and the least prefix that led there. */
struct ptv_seen {
	unsigned int event;
	struct ptv_situation situation;
	struct ptv_prefix least;
	bool again; /* E was seen at another prefix too */
};

/* What was found in a family. All zero: nothing yet. */
struct ptv_confluent {
	struct ptv_seen *seen;
	size_t count, room;
	uint64_t runs, discarded; /* members of the family, and variants that made no sense */
	uint32_t equal;		  /* situations that were seen at two or more distinct prefixes */
	uint32_t unequal;	  /* of these, those with more than one outcome */
	size_t first[2];	  /* valid if unequal: the least pair, indices into seen */
};

/* The steps of a member of the family; false past the last. Members [0, choices) are the
 * assignments. */
bool ptv_confluent_steps(const struct ptv_scenario *scenario, uint64_t variant,
			 struct ptv_steps *steps);

/* Takes the situations of a settled prefix. */
void ptv_confluent_take(struct ptv_confluent *confluent, const struct ptv_checks *checks,
			unsigned int events, const struct ptv_prefix *prefix);

/* Plays the varied members (the assignments themselves are played by the caller) and sums up. */
void ptv_confluent_play(struct ptv_confluent *confluent, struct ptv_play *play);
void ptv_confluent_free(struct ptv_confluent *confluent);

/* Hash of the first `count` steps: what makes prefixes distinct. */
uint64_t ptv_steps_hash(const struct ptv_steps *steps, size_t count);

#endif /* PTV_HARNESS_PLAY_CONFLUENT_H */
