/* SPDX-License-Identifier: MIT */
/*
 * The choices of a file: every range in its timeline is one, in the order in which they are written
 * (a line's `at`, then its arguments). An assignment gives each a value; assignments are numbered
 * like the readings of an odometer, the last choice turning fastest, so that the smaller number is
 * the lesser list of choices.
 */
#ifndef PTV_HARNESS_PLAY_CHOICES_H
#define PTV_HARNESS_PLAY_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "scenario/scenario.h"

/* One line of a timeline with its values. */
struct ptv_step {
	struct ptv_stimulus stimulus;
	const struct ptv_entry *entry; /* where it comes from; NULL: not from the file */
};

struct ptv_steps {
	struct ptv_step *at;
	size_t count, room;
};

void ptv_steps_add(struct ptv_steps *steps, const struct ptv_stimulus *stimulus,
		   const struct ptv_entry *entry);
void ptv_steps_free(struct ptv_steps *steps);

/* A choice of the file. */
struct ptv_choice {
	const struct ptv_entry *entry;
	int arg; /* index into arg[]; -1: the entry's at */
	struct ptv_range range;
	uint64_t values; /* how many */
};

/* The n-th choice; false if there are fewer. */
bool ptv_choice_get(const struct ptv_scenario *scenario, size_t n, struct ptv_choice *choice);
/* Number of assignments: at least 1. */
uint64_t ptv_choice_count(const struct ptv_scenario *scenario);
/* The timeline under an assignment. */
void ptv_choice_steps(const struct ptv_scenario *scenario, uint64_t assignment,
		      struct ptv_steps *steps);
/* Value of the n-th choice under an assignment. */
uint64_t ptv_choice_value(const struct ptv_scenario *scenario, uint64_t assignment, size_t n);
/*
 * The assignment that gives the choices these values, in order; those not given take their first.
 * -1 with *diag set if there are fewer choices than values, or a value is none of its choice.
 */
int ptv_choice_find(const struct ptv_scenario *scenario, const uint64_t *values, size_t count,
		    uint64_t *assignment, struct ptv_diag *diag);

#endif /* PTV_HARNESS_PLAY_CHOICES_H */
