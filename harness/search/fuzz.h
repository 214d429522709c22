/* SPDX-License-Identifier: MIT */
/*
 * The campaign: random timelines, one after the other, until one of them shows something new.
 *
 * Timeline n of a seed is drawn from (seed, n) alone and played under policy n modulo their number.
 * What it shows is known (struct ptv_known), was seen before in this campaign, or is a find: that
 * is shrunk and told. Every `compare`-th timeline of a policy is also stepped clock by clock and
 * played a second time; every fourth of these is varied (confluent).
 *
 * Timelines are played in child processes, a batch each, so that an assertion, a crash or a hang is
 * a find like any other. Nothing depends on the clock on the wall unless `seconds` limits the
 * campaign.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_H
#define PTV_HARNESS_SEARCH_FUZZ_H

#include "search/fuzz_known.h"

#define PTV_FUZZ_COMPARE 64U

/* What was done so far. */
struct ptv_fuzz_totals {
	uint64_t timelines, stimuli;
	uint64_t observations;
	uint64_t refused;    /* timelines whose events the driver did not open */
	uint64_t deliveries; /* interrupts placed */
	uint64_t panics;
	uint64_t compared; /* timelines that were also stepped, and played again */
	uint64_t known;	   /* violations that were known */
	uint64_t finds;
};

struct ptv_fuzz_find {
	const struct ptv_policy *policy;
	struct ptv_fuzz_sign sign;
	uint64_t timeline; /* where it was seen first */
	struct ptv_plan plan;
	uint32_t tried;	  /* plans, to shrink it */
	const char *text; /* ASSERTION, CRASH: what the program said */
};

struct ptv_fuzz_options {
	uint64_t seed;
	uint64_t timelines; /* 0: no limit */
	double seconds;	    /* on the wall; 0: no limit */
	uint64_t compare;   /* 0: never */
	uint32_t full;	    /* in one timeline of so many regions run full; at least 1 */
	const struct ptv_policies *policies;
	const struct ptv_known *known;
	bool no_shrink;
	ptv_fuzz_twin *twin; /* those that are compared are replayed on it; NULL: there is none */
	void *ctx;
	void (*found)(void *ctx, const struct ptv_fuzz_find *find);
	void (*progress)(void *ctx, const struct ptv_fuzz_totals *totals); /* may be NULL */
};

void ptv_fuzz(const struct ptv_fuzz_options *options, struct ptv_fuzz_totals *totals);

/* Whether a sign is a find, given what is known. */
bool ptv_fuzz_is_new(const struct ptv_fuzz_sign *sign, const struct ptv_policy *policy,
		     const struct ptv_known *known);

#endif /* PTV_HARNESS_SEARCH_FUZZ_H */
