/* SPDX-License-Identifier: MIT */
/*
 * Checks: small automata over observations. Each says held, violated or idle (never exercised) of
 * one run.
 *
 * A check judges what was seen and never what the driver believes. Its state is fixed-size and part
 * of the state tree: a snapshot of a world is taken together with the checks' state. What was
 * *found* lies outside (struct ptv_verdicts), so that a prefix can be settled and judged on a copy
 * while its findings stay.
 *
 * When checks judge (kind): C on every observation; S on PTV_OBS_SETTLED (each prefix, on a settled
 * copy); Z on PTV_OBS_CLOSED (the end, on a closed copy); R over several runs: the harness collects
 * ptv_checks_situation() at each settled prefix and compares.
 *
 * After a panic nothing that is left undone violates anything; what was found before stays.
 *
 * spec/checks.def is the one source of ids, kinds and definitions.
 */
#ifndef PTV_CHECK_H
#define PTV_CHECK_H

#include "ptv/base.h"
#include "ptv/obs.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ptv_check {
#define PTV_CHECK(NAME, id, kind, exercised, violated, source) PTV_CHECK_##NAME,
#include "spec/checks.def"
#undef PTV_CHECK
	PTV_CHECKS
};

struct ptv_check_row {
	const char *id;	       /* "no-gp" */
	char kind;	       /* 'C' 'S' 'Z' 'R' */
	const char *exercised; /* what exercises it */
	const char *violated;  /* violated iff */
	const char *source;    /* where the requirement comes from */
};

const struct ptv_check_row *ptv_check_rows(void); /* PTV_CHECKS rows, indexed by enum ptv_check */
int ptv_check_find(const char *id);		  /* enum ptv_check, or -1 */

/* The earliest violation of a check in a run. */
struct ptv_violation {
	struct ptv_obs obs; /* the observation at which it was judged */
	uint32_t stimulus;  /* index of the stimulus that was last begun */
	uint32_t since_seq; /* seq of the observation with which the trouble began (<= obs.seq) */
	uint64_t x, y;	/* numbers of the text: bits 55:0, above them a tag of the check's own */
	uint16_t why;	/* 7:0 which way of being violated; 15:8 the LP concerned */
	uint16_t check; /* enum ptv_check */
	uint32_t event; /* event concerned, or UINT32_MAX */
};

struct ptv_verdict {
	uint32_t exercised;	    /* how often; 0: idle */
	uint32_t violated;	    /* how often */
	struct ptv_violation first; /* valid if violated > 0 */
};

struct ptv_verdicts {
	struct ptv_verdict check[PTV_CHECKS];
	uint32_t violations; /* of all checks together */
};

/* State of all checks: struct ptv_checks of the list spec/state_check.def (facts and automata, each
 * <= 64 bytes). */
#define PTV_STATE_FILE "spec/state_check.def"
#include "ptv/state_decl.h"

void ptv_checks_init(struct ptv_checks *checks);

/* Takes the next observation. Findings are added to *found. */
void ptv_checks_feed(struct ptv_checks *checks, const struct ptv_obs *obs,
		     struct ptv_verdicts *found);

/* The same, but every check is asked, whatever kinds of observations it says that it looks at: for
 * comparison. */
void ptv_checks_feed_all(struct ptv_checks *checks, const struct ptv_obs *obs,
			 struct ptv_verdicts *found);

/* One line (<= size, NUL-terminated): what was wrong, with numbers in words: "TraceEn=1 since cycle
 * 4180 while …". */
void ptv_violation_text(const struct ptv_violation *violation, char *text, size_t size);

/* Which way of being violated, as a word that stays the same from run to run: "RESUMES_NEVER". */
const char *ptv_violation_way(const struct ptv_violation *violation);

/* Whether an observation belongs to the story of a violation (evidence lists show only these). */
bool ptv_check_concerns(const struct ptv_violation *violation, const struct ptv_obs *obs);

/*
 * confluent: the situation E that the outside sees and the outcome O, of one event, at a settled
 * prefix, each packed in bits (layout in model/check/confluent.c, text by ptv_situation_text()).
 * Equal E with unequal O violates. Returns false if there is nothing to compare (event closed, or
 * the machine is dead).
 */
struct ptv_situation {
	uint32_t e;
	uint32_t o;
};
bool ptv_checks_situation(const struct ptv_checks *checks, unsigned int event,
			  struct ptv_situation *situation);
/* What comparing found: fills a violation of confluent but for obs, stimulus and since_seq. */
void ptv_confluent_violation(struct ptv_violation *violation, unsigned int event,
			     const struct ptv_situation *here,
			     const struct ptv_situation *elsewhere);
void ptv_situation_text(const struct ptv_situation *situation, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* PTV_CHECK_H */
