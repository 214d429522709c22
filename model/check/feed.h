/* SPDX-License-Identifier: MIT */
/*
 * Private to model/check: how one observation goes through the checks.
 *
 * ptv_checks_feed() first lets the checks that measure time account for what has passed since the
 * last observation (the facts still say what held meanwhile), then derives the facts (facts.c),
 * then gives every check its turn. A check reads the facts and writes its own automaton; it never
 * writes a fact and never reads another's automaton, so the order of the checks does not matter.
 */
#ifndef PTV_CHECK_FEED_H
#define PTV_CHECK_FEED_H

#include "ptv/check.h"

#define PTV_NO_EVENT UINT32_MAX
#define PTV_OVF_BYTES                                                              \
	0xf302U /* the packet OVF, 02 F3, in the low half of PACKET.b's first word \
		 */

/* Ways of being violated: why.def has the text of each. */
enum ptv_why {
	PTV_WHY_NONE,
#define PTV_WHY(NAME, text) PTV_WHY_##NAME,
#include "why.def"
#undef PTV_WHY
	PTV_WHYS
};

/* One observation on its way through the checks. */
struct ptv_feed {
	struct ptv_checks *checks;
	const struct ptv_obs *obs;
	struct ptv_verdicts *found;
	struct ptv_seen_lp *lp;	   /* facts of the observation's LP */
	struct ptv_seen_event *ev; /* facts of the event that it names; NULL if it names none */
	unsigned int event;	   /* number of that event, or PTV_NO_EVENT */

	/* What facts.c found out about STORE, SW_STORE, AUX_BEGIN, CONSUME and SPLAT before it
	 * updated the facts. */
	uint64_t expected; /* position at which the bytes or the transaction should have been */
	uint64_t shift; /* by how much the event's positions became smaller (a multiple of its size)
			 */
	bool misplaced; /* full mode: they are elsewhere */
	bool unread;	/* full mode: bytes that the consumer has not read were overwritten */
	bool freed;	/* a freed page was touched */
	bool excused;	/* SPLAT: an NMI that nobody claimed, and the timeline had injected one */
};

/* Where a violation lies; unset parts are 0. */
struct ptv_blame {
	enum ptv_why why;
	unsigned int event; /* or PTV_NO_EVENT */
	unsigned int lp;
	uint32_t since_seq;
	uint64_t x, y;
};

void ptv_exercise(const struct ptv_feed *f, enum ptv_check check);
void ptv_violate(const struct ptv_feed *f, enum ptv_check check, const struct ptv_blame *blame);

/* A cycle or count below 2^56 with a small number for the text ("%a" prints the former, "%k" the
 * latter). */
static inline uint64_t ptv_tagged(uint64_t number, unsigned int tag)
{
	return (number & (PTV_BIT(56) - 1U)) | ((uint64_t)tag << 56);
}

/* facts.c */
void ptv_facts_init(struct ptv_checks *checks);
uint64_t ptv_facts_event(const struct ptv_obs *obs); /* the event it names, >= PTV_MAX_EVENTS if
							none */
void ptv_facts_locate(struct ptv_feed *f);	     /* fills lp, ev, event */
void ptv_facts_feed(struct ptv_feed *f);
bool ptv_wanted(const struct ptv_checks *checks, unsigned int event);
bool ptv_wanted_but_for_pause(const struct ptv_checks *checks, unsigned int event);
bool ptv_can_trace(const struct ptv_seen_lp *lp);
enum ptv_room { PTV_ROOM_NONE, PTV_ROOM_BETWEEN, PTV_ROOM_YES };
enum ptv_room ptv_room(const struct ptv_seen_event *ev);

/* Code of core, driver or an interrupt handler is on the LP's stack. */
static inline bool ptv_inside(const struct ptv_seen_lp *lp)
{
	return lp->depth > 0U || lp->ints > 0U || lp->in_kernel;
}

/* The event whose transaction is open on an LP, or PTV_NO_EVENT. */
static inline unsigned int ptv_owner(const struct ptv_seen_lp *lp)
{
	return lp->owner ? lp->owner - 1U : PTV_NO_EVENT;
}

static inline bool ptv_full_mode(const struct ptv_seen_event *ev)
{
	return ev->mode == PTV_AUX_FULL && ev->size > 0U;
}

/* Time has passed up to the observation; facts are still those of before. */
void ptv_counted_pass(const struct ptv_feed *f);

void ptv_no_gp_feed(const struct ptv_feed *f);
void ptv_no_splat_feed(const struct ptv_feed *f);
void ptv_vm_entry_ok_feed(const struct ptv_feed *f);
void ptv_trace_owned_feed(const struct ptv_feed *f);
void ptv_unread_safe_feed(const struct ptv_feed *f);
void ptv_stopped_is_stopped_feed(const struct ptv_feed *f);
void ptv_belief_true_feed(const struct ptv_feed *f);
void ptv_resumes_feed(const struct ptv_feed *f);
void ptv_pmi_handled_feed(const struct ptv_feed *f);
void ptv_stop_noticed_feed(const struct ptv_feed *f);
void ptv_consumer_woken_feed(const struct ptv_feed *f);
void ptv_disable_effective_feed(const struct ptv_feed *f);
void ptv_counted_feed(const struct ptv_feed *f);
void ptv_gap_announced_feed(const struct ptv_feed *f);
void ptv_no_false_gap_feed(const struct ptv_feed *f);
void ptv_bytes_conserved_feed(const struct ptv_feed *f);

#endif /* PTV_CHECK_FEED_H */
