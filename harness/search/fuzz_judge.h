/* SPDX-License-Identifier: MIT */
/*
 * What one plan comes to under one policy: everything about it that could be a find.
 *
 * A sign says what kind of thing was seen, without its numbers, so that the same thing seen again
 * is known as the same: a check that was violated in some way, or one of the ways in which the
 * program can contradict itself.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_JUDGE_H
#define PTV_HARNESS_SEARCH_FUZZ_JUDGE_H

#include "play/policy.h"
#include "play/text.h"
#include "search/fuzz_case.h"

enum ptv_fuzz_kind {
	PTV_FUZZ_VIOLATION,  /* a check was violated */
	PTV_FUZZ_LIVELOCK,   /* a prefix did not settle */
	PTV_FUZZ_STEP,	     /* stepping each clock was observed otherwise than leaping */
	PTV_FUZZ_STATE,	     /* equal observations, unequal state */
	PTV_FUZZ_AGAIN,	     /* the same run came out otherwise the second time */
	PTV_FUZZ_UNPLACED,   /* an interrupt placed by its label did not take place */
	PTV_FUZZ_NONSENSE,   /* the kernel refused a stimulus that makes sense */
	PTV_FUZZ_ASSERTION,  /* PTV_ASSERT failed */
	PTV_FUZZ_CRASH,	     /* a signal, or an exit of its own accord */
	PTV_FUZZ_HANG,	     /* more processor time than any timeline needs */
	PTV_FUZZ_UNLIKE_RTL, /* C differs from the RTL twin */
	PTV_FUZZ_KINDS
};
/* "step-differs" */
const char *ptv_fuzz_kind_name(enum ptv_fuzz_kind kind);

/* VIOLATION and LIVELOCK: which check, and which way of it. Else 0. */
struct ptv_fuzz_sign {
	uint8_t kind;	/* enum ptv_fuzz_kind */
	uint8_t check;	/* enum ptv_check */
	uint8_t way;	/* low byte of ptv_violation.why */
	uint8_t splat;	/* no-splat: enum ptv_splat */
	uint32_t where; /* no-splat, WARN: which one */
};

#define PTV_FUZZ_SIGNS (PTV_CHECKS + 8U)

/* What a sign is told by: with the numbers of this run. */
struct ptv_fuzz_told {
	struct ptv_fuzz_sign sign;
	struct ptv_violation violation; /* VIOLATION, LIVELOCK: as ptv_violation_text() takes it */
};

struct ptv_fuzz_result {
	struct ptv_fuzz_told told[PTV_FUZZ_SIGNS];
	size_t count;
	struct ptv_run run;
	uint64_t observations, digest; /* of all that was observed, in order */
	uint64_t state;		       /* ptv_world_hash() at its end; 0 unless compared */
	uint64_t clocks;	       /* some: from observation to observation, of copies, too */
	uint64_t stimuli;	       /* applied, prefixes and comparisons not counted */
	bool compared;
	/* STEP: the first observation that differs, as leapt and as stepped; kind is PTV_OBS_KINDS
	 * where there is none. */
	struct ptv_obs differs[2];
};

/*
 * Contract: plays the case's timeline on the RTL twin too and says whether it is like C on each
 * register and pin. Never called where no twin was built.
 */
typedef bool ptv_fuzz_twin(const struct ptv_fuzz_case *c, const struct ptv_policy *policy);

/* How thoroughly. */
struct ptv_fuzz_how {
	bool compare;	     /* step against leap, again, state */
	bool confluent;	     /* the family of varied runs as well */
	ptv_fuzz_twin *twin; /* NULL: not compared */
	uint64_t clocks;     /* timelines that take more, copies of prefixes among them, are neither
				stepped nor compared with the twin; 0: all are */
};

/* A judge: worlds that are used again and again. */
struct ptv_fuzz_judge {
	struct ptv_fuzz_case *c;
	struct ptv_play play;
	const struct ptv_policy *policy;
};
/* *c outlives the judge; it holds what was judged last. */
void ptv_fuzz_judge_init(struct ptv_fuzz_judge *judge, struct ptv_fuzz_case *c);
void ptv_fuzz_judge_free(struct ptv_fuzz_judge *judge);

/* Plays and judges. judge->c->plan is afterwards the plan without interrupts that found no place.
 */
void ptv_fuzz_judge(struct ptv_fuzz_judge *judge, const struct ptv_plan *plan,
		    const struct ptv_policy *policy, const struct ptv_fuzz_how *how,
		    struct ptv_fuzz_result *result);

/* "handle-vmx resumes RESUMES_NEVER", "naive step-differs" */
void ptv_fuzz_sign_text(const struct ptv_fuzz_sign *sign, const char *policy,
			struct ptv_string *text);
bool ptv_fuzz_sign_equal(const struct ptv_fuzz_sign *a, const struct ptv_fuzz_sign *b);

/* The sign of a violation. */
struct ptv_fuzz_sign ptv_fuzz_violation_sign(const struct ptv_violation *violation);

#endif /* PTV_HARNESS_SEARCH_FUZZ_JUDGE_H */
