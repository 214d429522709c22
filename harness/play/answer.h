/* SPDX-License-Identifier: MIT */
/*
 * The answer of one file and one policy: every assignment of its choices played, the checks counted
 * over these runs, and the counts compared with what the file expects.
 *
 * Per check: how many runs exercised it and how many of these violated it. Always: exercised,
 * violated never. Never: violated in every run that exercised it. Sometimes: anything between.
 * Idle: exercised by none, which is not green.
 *
 * The earliest violation over the runs has the fewest stimuli, then the fewest deliveries, then the
 * least choices.
 *
 * A file of policy none has no checks: its own expectations on each line are compared (alone.h).
 */
#ifndef PTV_HARNESS_PLAY_ANSWER_H
#define PTV_HARNESS_PLAY_ANSWER_H

#include "play/alone.h"
#include "play/confluent.h"
#include "play/play.h"
#include "play/recorder.h"

/* Values are those of enum ptv_expected, shifted by one: see ptv_verdict_expected(). */
enum ptv_word { PTV_WORD_IDLE, PTV_WORD_ALWAYS, PTV_WORD_SOMETIMES, PTV_WORD_NEVER };

/* OPEN: not all choices were played, and those that were not may yet bring what the file expects.
 */
enum ptv_match { PTV_MATCH_UNSAID, PTV_MATCH_EXPECTED, PTV_MATCH_DIFFERS, PTV_MATCH_OPEN };

/* Where a violation can be seen again. */
struct ptv_instance {
	struct ptv_violation violation;
	struct ptv_sighting sighting;
	uint64_t assignment;
};

/* One check over all runs. */
struct ptv_tally {
	uint64_t exercised, violated; /* runs */
	struct ptv_instance first; /* the earliest; valid if violated and the check is not of kind R
				    */
	enum ptv_match match;
	enum ptv_expected want; /* what the file says */
	struct ptv_mark mark;	/* and where */
};

struct ptv_answer {
	const struct ptv_scenario *scenario;
	const struct ptv_policy *policy;
	struct ptv_tally tally[PTV_CHECKS];
	struct ptv_confluent confluent;
	struct ptv_alone alone;			/* policy none */
	const struct ptv_expect_policy *expect; /* what the file says of this policy; NULL: nothing
						 */
	uint64_t runs, choices;			/* played, and in the file */
	uint64_t panics;			/* runs in which the machine died */
	uint64_t placed;	     /* runs in which every delivery of the file took place */
	uint64_t never;		     /* runs in which the goal of a progress did not come */
	uint32_t never_step;	     /* 1 + index of the step in the first of them; 0: none */
	int open_error;		     /* the driver refused the event: nothing was run */
	struct ptv_diag unplaced;    /* why a delivery did not take place in the first run that had
					none */
	struct ptv_diag meaningless; /* a step of the file made no sense */
};

struct ptv_answer_options {
	uint64_t limit;		    /* at most so many runs; 0: all */
	const uint64_t *assignment; /* only this one; NULL: all */
	struct ptv_play_options play;
	bool no_confluent; /* leave out the family of varied runs */
};

/* Plays and judges. *answer belongs to the caller: ptv_answer_free(). */
void ptv_answer(struct ptv_answer *answer, const struct ptv_scenario *scenario,
		const struct ptv_policy *policy, const struct ptv_answer_options *options);
void ptv_answer_free(struct ptv_answer *answer);

enum ptv_word ptv_tally_word(const struct ptv_tally *tally);
const char *ptv_word_name(enum ptv_word word); /* "always" */
const char *ptv_expected_name(enum ptv_expected expected);

/* Number of checks (or expectations of policy none) that differ from the file. */
unsigned int ptv_answer_differs(const struct ptv_answer *answer);
/* Fewer runs than the file has choices. */
bool ptv_answer_bounded(const struct ptv_answer *answer);

/*
 * The observations that belong to the story of a violation, in order: its run is played again.
 * *recorder is emptied first. Nothing for a check of kind R.
 */
void ptv_answer_evidence(const struct ptv_answer *answer, const struct ptv_instance *instance,
			 const struct ptv_play_options *options, struct ptv_recorder *recorder);

#endif /* PTV_HARNESS_PLAY_ANSWER_H */
