/* SPDX-License-Identifier: MIT */
/*
 * Goal: what surrounds the automata: panic, earliest violation, situations, texts, stories, and
 * junk. Method: the good timeline, cut and edited.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/state.h"
#include "ptv/stimulus.h"
#include "stream.h"

PTV_TEST(check_verdict, rows_are_found_by_id)
{
	unsigned int i;

	for (i = 0; i < PTV_CHECKS; i++) {
		const struct ptv_check_row *row = &ptv_check_rows()[i];

		PTV_EXPECT_EQ(ptv_check_find(row->id), i);
		PTV_EXPECT(strchr("CSZR", row->kind) != NULL);
		PTV_EXPECT(row->exercised[0] && row->violated[0] && row->source[0]);
	}
	PTV_EXPECT_EQ(ptv_check_find("no-such-check"), -1);
}

/* After a panic nobody has to do anything any more; what was found before the panic stays. */
PTV_TEST(check_verdict, panic_makes_open_obligations_idle)
{
	const struct ptv_edit edits[] = {
		PTV_DROP("pmi.unmask"),
		PTV_BEFORE("fill.store3", "stray", 1150, PTV_OBS_STORE, 0x900000, 16,
			   PTV_PLACE_NONE, 0, 0),
		PTV_AFTER("pmi.call", "gp", 0, PTV_OBS_MSR, 0x570, 0, PTV_FAULT_GP, PTV_BY_NMI, 0),
		PTV_AFTER("gp", "panic", 0, PTV_OBS_SPLAT, PTV_SPLAT_GP_PANIC, 0, 0, PTV_BY_CORE,
			  0),
	};
	struct ptv_stream s;
	unsigned int i;

	ptv_good_stream(&s);
	ptv_stream_edit(&s, edits, PTV_ARRAY_SIZE(edits));
	ptv_stream_play(&s);
	for (i = 0; i < PTV_CHECKS; i++) {
		const bool red = i == PTV_CHECK_NO_GP || i == PTV_CHECK_TRACE_OWNED;

		PTV_EXPECT_EQ(s.found.check[i].violated, red ? 1 : 0);
	}
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_PMI_HANDLED].exercised, 0);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_BYTES_CONSERVED].exercised, 0);
}

PTV_TEST(check_verdict, injected_nmi_excuses_one_that_nobody_claims)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, PTV_AT(10, STIMULUS, 0, PTV_STIM_SPURIOUS_NMI, 0),
		PTV_AT(20, SPLAT, PTV_SPLAT_UNKNOWN_NMI));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, NO_SPLAT, 1, 0);
	PTV_ADD(&s, PTV_AT(30, SPLAT, PTV_SPLAT_UNKNOWN_NMI));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, NO_SPLAT, 1, 1);
}

PTV_TEST(check_verdict, msr_access_that_is_safe_or_of_a_hardware_timeline_may_fault)
{
	const struct ptv_step step = {"x", 10,		 PTV_OBS_MSR, PTV_WRMSR_A(0x570),
				      1,   PTV_FAULT_GP, PTV_BY_WORK, 0};
	struct ptv_stream s;

	ptv_stream_init(&s);
	ptv_stream_add(&s, &step, 1);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, NO_GP, 0, 0);
	s.step[0].by = PTV_BY_DRIVER;
	s.step[0].a |= PTV_BIT(33);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, NO_GP, 1, 0);
}

/* Where a processor traces in VMX operation, that is not why an MSR faults. Both sides. */
PTV_TEST(check_verdict, a_fault_in_vmx_operation_is_laid_to_it_only_where_pt_cannot_be_on)
{
	struct ptv_step step[] = {
		PTV_AT(0, LP_INFO, 0, 1),
		PTV_AT(10, VMX_MODE, PTV_VMX_ROOT),
		{"x", 20, PTV_OBS_MSR, PTV_WRMSR_A(0x561), 0xff, PTV_FAULT_GP, PTV_BY_DRIVER, 0},
	};
	const struct ptv_violation *first;
	struct ptv_stream s;
	unsigned int may;

	for (may = 0; may < 2U; may++) {
		step[0].a = may;
		ptv_stream_init(&s);
		ptv_stream_add(&s, step, PTV_ARRAY_SIZE(step));
		ptv_stream_play(&s);
		first = &s.found.check[PTV_CHECK_NO_GP].first;
		PTV_EXPECT_VERDICT(&s, NO_GP, 1, 1);
		PTV_EXPECT_STREQ(ptv_violation_way(first), may ? "GP" : "GP_IN_VMX");
		PTV_EXPECT_EQ(first->since_seq, may ? 2U : 1U);
	}
}

PTV_TEST(check_verdict, earliest_violation_is_kept_with_its_stimulus)
{
	const struct ptv_edit edits[] = {
		PTV_AFTER("dark.retire", "first", 0, PTV_OBS_SPLAT, PTV_SPLAT_WARN, 0, 0, 0, 0),
		PTV_AFTER("more.retire", "second", 0, PTV_OBS_SPLAT, PTV_SPLAT_LEAK, 0, 0, 0, 0),
	};
	const struct ptv_verdict *v;
	struct ptv_stream s;

	ptv_good_stream(&s);
	ptv_stream_edit(&s, edits, PTV_ARRAY_SIZE(edits));
	ptv_stream_play(&s);
	v = &s.found.check[PTV_CHECK_NO_SPLAT];
	PTV_EXPECT_EQ(v->violated, 2);
	PTV_EXPECT_EQ(v->first.obs.seq, ptv_stream_find(&s, "first"));
	PTV_EXPECT_EQ(v->first.stimulus, 3);
}

PTV_TEST(check_verdict, vm_entry_fails_by_its_controls_or_its_state_alone)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, PTV_AT(10, VMX_OP, 7, PTV_VMX_FAIL_INVALID),
		PTV_AT(20, VMX_OP, 7, PTV_VMX_FAIL_VALID, 4));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, VM_ENTRY_OK, 0, 0);
	PTV_ADD(&s, PTV_AT(30, VMX_OP, 7, PTV_VMX_FAIL_VALID, 7),
		PTV_AT(40, VMX_OP, 7, PTV_VMX_ENTRY_FAIL, 34));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, VM_ENTRY_OK, 2, 2);
}

PTV_TEST(check_verdict, what_is_violated_was_exercised)
{
	struct ptv_stream s;

	ptv_stream_init(&s);
	PTV_ADD(&s, PTV_AT(10, SPLAT, PTV_SPLAT_WARN));
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, NO_SPLAT, 1, 1);
}

/* Counts of the good timeline that nothing else pins down. */
PTV_TEST(check_verdict, good_timeline_is_counted_exactly)
{
	struct ptv_stream s;

	ptv_good_stream(&s);
	ptv_stream_play(&s);
	PTV_EXPECT_VERDICT(&s, NO_SPLAT, 8, 0);
	PTV_EXPECT_VERDICT(&s, VM_ENTRY_OK, 1, 0);
	PTV_EXPECT_VERDICT(&s, TRACE_OWNED, 3, 0);
	PTV_EXPECT_VERDICT(&s, RESUMES, 4, 0);
	PTV_EXPECT_VERDICT(&s, PMI_HANDLED, 7, 0);
	PTV_EXPECT_VERDICT(&s, GAP_ANNOUNCED, 1, 0);
	PTV_EXPECT_VERDICT(&s, NO_FALSE_GAP, 1, 0);
	PTV_EXPECT_VERDICT(&s, STOPPED_IS_STOPPED, 1, 0);
}

/* --- state --- */

static uint64_t hash_after_rounds(unsigned int rounds)
{
	const struct ptv_step begin = PTV_AT(300, AUX_BEGIN, 0, 0, 32767);
	struct ptv_stream s;
	unsigned int i;

	ptv_traced_stream(&s);
	for (i = 0; i < rounds; i++) {
		const uint64_t at = (uint64_t)i * 16384U;
		struct ptv_step again = begin;

		again.a = 0;
		again.b = at + 16384U;
		PTV_ADD(&s, PTV_AT(300 + i, STORE, 0x100000, 16384, PTV_PLACE(0, at % 32768U)),
			PTV_AT(300 + i, PMI_RAISED, 0, 0, PTV_PLACE(0, at % 32768U + 16383U)),
			PTV_AT(300 + i, RECORD, PTV_RECORD_A(PTV_RECORD_AUX, 0, 0), at, 16384),
			PTV_AT(300 + i, HEAD, 0, at + 16384U), PTV_AT(300 + i, WAKE, 0),
			PTV_AT(300 + i, AUX_END, 0, 16384), again,
			PTV_AT(300 + i, CONSUME, 0, at + 16384U, at + 16384U),
			PTV_AT(300 + i, SETTLED, i));
	}
	ptv_stream_play(&s);
	PTV_EXPECT_EQ(s.found.check[PTV_CHECK_BYTES_CONSERVED].violated, 0);
	return ptv_state_hash("checks", &s.checks, 0);
}

/* How often the ring went round is no state: exploration comes back to where it was. */
PTV_TEST(check_state, is_the_same_after_another_round_of_the_ring)
{
	PTV_EXPECT_EQ(hash_after_rounds(2), hash_after_rounds(6));
	PTV_EXPECT_EQ(hash_after_rounds(3), hash_after_rounds(9));
	PTV_EXPECT_NE(hash_after_rounds(2), hash_after_rounds(3));
}

/* --- situations --- */

static void expect_situation(const char *before, const char *expected)
{
	struct ptv_situation situation = {0, 0};
	struct ptv_stream s;
	char text[256] = "nothing to compare";

	ptv_good_stream(&s);
	ptv_stream_play_until(&s, before);
	if (ptv_checks_situation(&s.checks, 0, &situation))
		ptv_situation_text(&situation, text, sizeof(text));
	PTV_EXPECT_STREQ(text, expected);
}

PTV_TEST(check_confluent, situation_follows_the_timeline)
{
	expect_situation("open", "nothing to compare");
	expect_situation("enable.settled",
			 "asked=1 on_lp=1 paused=0 can_trace=1 room=yes told=0 -> state=ACTIVE "
			 "running=1 trace_en=1 "
			 "transaction=1 flagged=0");
	expect_situation("consume", "nothing to compare");
	expect_situation("dark.settled",
			 "asked=1 on_lp=1 paused=0 can_trace=0 room=yes told=0 -> state=ACTIVE "
			 "running=1 trace_en=0 "
			 "transaction=1 flagged=1");
	expect_situation("more.settled",
			 "asked=1 on_lp=1 paused=0 can_trace=1 room=yes told=0 -> state=ACTIVE "
			 "running=1 trace_en=1 "
			 "transaction=1 flagged=0");
	expect_situation(
		"closed",
		"asked=0 on_lp=1 paused=0 can_trace=1 room=yes told=0 -> state=OFF running=0 "
		"trace_en=0 "
		"transaction=0 flagged=0");
}

/* TraceEn belongs to the event whose transaction is open on the LP; to whoever is scheduled if none
 * is. */
PTV_TEST(check_confluent, trace_en_is_the_owners)
{
	const uint32_t bit = 1U << 4;
	struct ptv_situation situation;
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, AUX_END, 0, 0));
	ptv_stream_play(&s);
	PTV_ASSERT(ptv_checks_situation(&s.checks, 0, &situation));
	PTV_EXPECT_EQ(situation.o & bit, bit);
	PTV_ADD(&s, PTV_AT(210, AUX_BEGIN, 1, 0, 100));
	ptv_stream_play(&s);
	PTV_ASSERT(ptv_checks_situation(&s.checks, 0, &situation));
	PTV_EXPECT_EQ(situation.o & bit, 0);
}

PTV_TEST(check_confluent, dead_machine_has_no_situation)
{
	struct ptv_situation situation;
	struct ptv_stream s;

	ptv_traced_stream(&s);
	PTV_ADD(&s, PTV_AT(200, SPLAT, PTV_SPLAT_GP_PANIC));
	ptv_stream_play(&s);
	PTV_EXPECT(!ptv_checks_situation(&s.checks, 0, &situation));
}

/* The two accounts of one situation: virtualisation on before or after the event was enabled. */
PTV_TEST(check_confluent, order_of_vmxon_and_enable_shows_as_unequal_outcomes)
{
	const struct ptv_edit refused[] = {
		PTV_INSTEAD("enable.begin", "enable.mode", 0, PTV_OBS_VMX_MODE, PTV_VMX_ROOT, 0, 0,
			    0, 0),
		PTV_DROP("enable.trace"),
		PTV_DROP("enable.trigger"),
		PTV_BEFORE("enable.end", "enable.rest", 0, PTV_OBS_RUNNING, 0, 0, 0, 0, 0),
		PTV_AFTER("enable.rest", "enable.inactive", 0, PTV_OBS_EVENT_STATE, 0,
			  PTV_EVENT_INACTIVE, 0, 0, 0),
	};
	struct ptv_situation here, there;
	struct ptv_violation violation;
	struct ptv_stream s;
	char text[512];

	ptv_good_stream(&s);
	ptv_stream_play_until(&s, "on.settled");
	PTV_ASSERT(ptv_checks_situation(&s.checks, 0, &here));
	ptv_traced_stream(&s);
	ptv_stream_edit(&s, refused, PTV_ARRAY_SIZE(refused));
	ptv_stream_play(&s);
	PTV_ASSERT(ptv_checks_situation(&s.checks, 0, &there));
	PTV_EXPECT_EQ(here.e, there.e);
	PTV_EXPECT_NE(here.o, there.o);
	memset(&violation, 0, sizeof(violation));
	ptv_confluent_violation(&violation, 0, &here, &there);
	ptv_violation_text(&violation, text, sizeof(text));
	PTV_EXPECT_STREQ(
		text, "equal situations, unequal outcomes of event 0: in asked=1 on_lp=1 paused=0 "
		      "can_trace=0 "
		      "room=yes told=0 it is state=ACTIVE running=1 trace_en=0 transaction=1 "
		      "flagged=1 here and "
		      "state=INACTIVE running=0 trace_en=0 transaction=0 flagged=0 elsewhere");
}

/* --- texts and stories --- */

static void violated_resumes(struct ptv_stream *s)
{
	const struct ptv_edit edits[] = {PTV_DROP("off.trace"), PTV_DROP("off.trigger")};

	ptv_good_stream(s);
	ptv_stream_edit(s, edits, PTV_ARRAY_SIZE(edits));
	ptv_stream_play(s);
	PTV_ASSERT(s->found.check[PTV_CHECK_RESUMES].violated > 0U);
}

PTV_TEST(check_text, what_does_not_fit_is_cut)
{
	struct ptv_stream s;
	char text[16];

	violated_resumes(&s);
	memset(text, 'x', sizeof(text));
	ptv_violation_text(&s.found.check[PTV_CHECK_RESUMES].first, text, 10);
	PTV_EXPECT_STREQ(text, "event 0 (");
	PTV_EXPECT_EQ(text[10], 'x');
	ptv_violation_text(&s.found.check[PTV_CHECK_RESUMES].first, text, 1);
	PTV_EXPECT_STREQ(text, "");
}

/* From the beginning the frame; from VMXON on what the check looks at; nothing after the judgement.
 */
PTV_TEST(check_story, holds_what_explains_and_no_more)
{
	const char *const told[] = {"open",	  "enable.ask", "fill", "on",
				    "on.trigger", "on.mode",	"dark", "off.mode",
				    "off.belief", "off.settled"};
	const char *const left_out[] = {"enable.begin", "fill.store",	"pmi.call",
					"pmi.record",	"fill.settled", "on.store",
					"more.settled", "disable.ask"};
	const struct ptv_violation *v;
	struct ptv_stream s;
	size_t i;

	violated_resumes(&s);
	v = &s.found.check[PTV_CHECK_RESUMES].first;
	for (i = 0; i < PTV_ARRAY_SIZE(told) + PTV_ARRAY_SIZE(left_out); i++) {
		const bool wanted = i < PTV_ARRAY_SIZE(told);
		const char *label = wanted ? told[i] : left_out[i - PTV_ARRAY_SIZE(told)];
		const struct ptv_obs obs = ptv_stream_obs(&s, ptv_stream_find(&s, label));

		if (ptv_check_concerns(v, &obs) != wanted)
			PTV_FAIL("%s %s the story", label,
				 wanted ? "is missing from" : "does not belong to");
	}
}

/* --- junk --- */

/*
 * Any stream of observations is accepted: engines that are not ours may say anything. Method:
 * 200000 random ones, small numbers so that they interact; whatever is violated has a text and
 * happened in order.
 */
PTV_TEST(check_junk, random_observations_break_no_assertion)
{
	static struct ptv_checks checks;
	static struct ptv_verdicts found;
	uint64_t state = 20170215;
	uint32_t seq;
	unsigned int i;

	ptv_checks_init(&checks);
	memset(&found, 0, sizeof(found));
	for (seq = 0; seq < 200000; seq++) {
		struct ptv_situation situation;
		struct ptv_obs obs = {.cycle = seq * 10U, .seq = seq};
		uint64_t r[8];

		for (i = 0; i < 8; i++) {
			state = state * UINT64_C(6364136223846793005) +
				UINT64_C(1442695040888963407);
			r[i] = state >> 33;
		}
		obs.kind = (uint8_t)(r[0] % PTV_OBS_KINDS);
		obs.lp = (uint8_t)(r[1] % PTV_MAX_LPS);
		obs.by = (uint8_t)(r[1] / 8U % PTV_BY_COUNT);
		obs.a = r[2] % 4U | (r[3] % 8U == 0U ? r[3] << 8 : 0U);
		obs.b = r[4] % 8U ? r[4] % 12U : r[4];
		obs.c = r[5] % 4U ? r[5] % 8U : r[6] << 28;
		if (obs.kind == PTV_OBS_SPLAT && obs.a == PTV_SPLAT_GP_PANIC)
			obs.a = PTV_SPLAT_GP_WARN;
		ptv_checks_feed(&checks, &obs, &found);
		(void)ptv_checks_situation(&checks, (unsigned int)(r[7] % PTV_MAX_EVENTS),
					   &situation);
	}
	for (i = 0; i < PTV_CHECKS; i++) {
		const struct ptv_violation *v = &found.check[i].first;
		char text[512];

		if (!found.check[i].violated)
			continue;
		ptv_violation_text(v, text, sizeof(text));
		PTV_EXPECT(text[0] && !strchr(text, '%'));
		PTV_EXPECT_LE(v->since_seq, v->obs.seq);
		PTV_EXPECT(ptv_check_concerns(v, &v->obs));
	}
}
