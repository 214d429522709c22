/* SPDX-License-Identifier: MIT */
/*
 * Goal: each check finds its defect, at the observation where it becomes true, and no other check
 * does. Method: the good timeline with the smallest edits that make one thing wrong; a row a check.
 */
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "stream.h"

#define S(name)		PTV_OBS_##name
#define NOTHING_FLAGGED PTV_RECORD_A(PTV_RECORD_AUX, 0, 0)
#define BOTH		(PTV_AUX_FLAG_PARTIAL | PTV_AUX_FLAG_TRUNCATED)

struct defect {
	enum ptv_check check;
	const char *what;
	const char *at;	   /* label of the observation at which it is found */
	const char *since; /* label of the one with which the trouble began */
	const char *text;
	struct ptv_edit edits[12];
};

static const struct defect defects[] = {
	{PTV_CHECK_NO_GP,
	 "the PMI handler reads RTIT_CTL where it faults",
	 "bad",
	 "bad",
	 "RDMSR of IA32_RTIT_CTL (value 0x0) raised #GP on LP 0, and VMX operation is not the "
	 "reason",
	 {PTV_AFTER("pmi.call", "bad", 0, S(MSR), 0x570, 0, PTV_FAULT_GP, PTV_BY_NMI, 0)}},
	{PTV_CHECK_NO_GP,
	 "the driver writes RTIT_CTL in VMX operation",
	 "bad",
	 "on.mode",
	 "WRMSR of IA32_RTIT_CTL (value 0x2100) raised #GP on LP 0: in VMX operation since cycle "
	 "2040, where PT cannot "
	 "be on",
	 {PTV_AFTER("dark.settled", "bad", 0, S(MSR), PTV_WRMSR_A(0x570), 0x2100, PTV_FAULT_GP,
		    PTV_BY_DRIVER, 0)}},
	{PTV_CHECK_NO_SPLAT,
	 "the AUX code warns of a nested begin",
	 "bad",
	 "bad",
	 "the kernel complained at cycle 1350 on LP 0: WARN",
	 {PTV_AFTER("pmi.trigger1", "bad", 0, S(SPLAT), PTV_SPLAT_WARN, 0, 0, PTV_BY_CORE, 0)}},
	{PTV_CHECK_VM_ENTRY_OK,
	 "a guest is entered with TraceEn=1 and load IA32_RTIT_CTL",
	 "bad",
	 "bad",
	 "VM entry failed with exit reason 33 at cycle 3510: invalid guest state or MSR list",
	 {PTV_BEFORE("run.entry", "bad", 3510, S(VMX_OP), 7, PTV_VMX_ENTRY_FAIL, 33, PTV_BY_KVM,
		     0)}},
	{PTV_CHECK_TRACE_OWNED,
	 "the PMI handler starts tracing before it opens the transaction",
	 "bad",
	 "bad",
	 "TraceEn=1 on LP 0 since cycle 1330, and no AUX transaction is open there",
	 {PTV_AFTER("pmi.aux_end", "bad", 0, S(TRACE_EN), 1, PTV_CAUSE_WRMSR, 0, 0, 0),
	  PTV_AFTER("bad", "bad.trigger", 0, S(TRIGGER_EN), 1, PTV_CAUSE_WRMSR, 0, 0, 0),
	  PTV_DROP("pmi.trace1"), PTV_DROP("pmi.trigger1")}},
	{PTV_CHECK_UNREAD_SAFE,
	 "hardware goes once round past an aux_tail that did not move",
	 "bad",
	 "pmi.begin",
	 "bytes at offset 0 of event 0's buffer were overwritten at cycle 5000; the consumer has "
	 "read only up to 0",
	 {PTV_INSTEAD("consume", "consume", 0, S(CONSUME), 0, 16484, 0, PTV_BY_USER, 0),
	  PTV_AFTER("more.store", "round", 0, S(STORE), 0x20045c, 15268, PTV_PLACE(0, 17500),
		    PTV_BY_HW, 0),
	  PTV_AFTER("round", "bad", 0, S(STORE), 0x100000, 50, PTV_PLACE(0, 0), PTV_BY_HW, 0),
	  PTV_INSTEAD("disable.record", "disable.record", 0, S(RECORD),
		      PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_PARTIAL), 16484, 16334, 0, 0),
	  PTV_INSTEAD("disable.head", "disable.head", 0, S(HEAD), 0, 32818, 0, 0, 0),
	  PTV_INSTEAD("disable.aux_end", "disable.aux_end", 0, S(AUX_END), 0, 16334,
		      PTV_AUX_FLAG_PARTIAL, 0, 0)}},
	{PTV_CHECK_STOPPED_IS_STOPPED,
	 "stop returns with TraceEn=1",
	 "bad",
	 "bad",
	 "TraceEn=1 on LP 0 at cycle 5000, though stop of event 0 returned at cycle 5000 and no "
	 "start followed",
	 {PTV_AFTER("more.settled", "stop", 0, S(CALL), PTV_FN_STOP, 0, 0, 0, 0),
	  PTV_AFTER("stop", "bad", 0, S(RET), PTV_FN_STOP, 0, 0, 0, 0),
	  PTV_AFTER("bad", "start", 0, S(CALL), PTV_FN_START, 0, 0, 0, 0),
	  PTV_AFTER("start", "started", 0, S(RET), PTV_FN_START, 0, 0, 0, 0)}},
	{PTV_CHECK_BELIEF_TRUE,
	 "vmx_on is set only after VMXON",
	 "on.mode",
	 "on.mode",
	 "vmx_on=0 while LP 0 is in VMX operation, since cycle 2040: a write of RTIT_CTL would "
	 "fault",
	 {PTV_BEFORE("enable", "boot.belief", 0, S(BELIEF), 0, 0, 0, PTV_BY_DRIVER, 0),
	  PTV_DROP("on.belief"),
	  PTV_AFTER("on.vmxon", "on.belief", 0, S(BELIEF), 1, 0, 0, PTV_BY_DRIVER, 0)}},
	{PTV_CHECK_RESUMES,
	 "nobody sets TraceEn again after VMXOFF",
	 "off.settled",
	 "on.trigger",
	 "event 0 (ACTIVE, counted running) is wanted and can trace since VMXOFF at cycle 4010, "
	 "but TriggerEn=0 on LP 0 "
	 "since cycle 2030 (cleared by VMXON)",
	 {PTV_DROP("off.trace"), PTV_DROP("off.trigger"), PTV_DROP("more.store"),
	  PTV_DROP("disable.trace"), PTV_DROP("disable.trigger"),
	  PTV_INSTEAD("more.retire", "more.retire", 0, S(RETIRE), 500,
		      PTV_RETIRE_B(PTV_SCOPE_USER, 0, 1), 4500, 0, 0),
	  PTV_INSTEAD("disable.record", "disable.record", 0, S(RECORD),
		      PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_PARTIAL), 16484, 16, 0, 0),
	  PTV_INSTEAD("disable.head", "disable.head", 0, S(HEAD), 0, 16500, 0, 0, 0),
	  PTV_INSTEAD("disable.aux_end", "disable.aux_end", 0, S(AUX_END), 0, 16,
		      PTV_AUX_FLAG_PARTIAL, 0, 0)}},
	{PTV_CHECK_PMI_HANDLED,
	 "the NMI handler leaves LVTPC masked",
	 "fill.settled",
	 "fill.pmi",
	 "after the PMI raised at cycle 1100 LVTPC was left masked on LP 0: no PMI will be "
	 "delivered",
	 {PTV_DROP("pmi.unmask")}},
	{PTV_CHECK_STOP_NOTICED,
	 "a STOP region without INT fills",
	 "more.settled",
	 "bad",
	 "hardware stopped at cycle 5000 (ToPA STOP), and event 0 is still counted running in "
	 "the same transaction "
	 "(cycle 1340)",
	 {PTV_AFTER("more.store", "full", 0, S(STORE), 0x20045c, 15268, PTV_PLACE(0, 17500),
		    PTV_BY_HW, 0),
	  PTV_AFTER("full", "bad", 0, S(TRIGGER_EN), 0, PTV_CAUSE_STOP, 0, PTV_BY_HW, 0),
	  PTV_DROP("disable.trigger"),
	  PTV_INSTEAD("disable.record", "disable.record", 0, S(RECORD),
		      PTV_RECORD_A(PTV_RECORD_AUX, 0, BOTH), 16484, 16284, 0, 0),
	  PTV_INSTEAD("disable.head", "disable.head", 0, S(HEAD), 0, 32768, 0, 0, 0),
	  PTV_AFTER("disable.head", "disable.wake", 0, S(WAKE), 0, 0, 0, 0, 0),
	  PTV_INSTEAD("disable.aux_end", "disable.aux_end", 0, S(AUX_END), 0, 16284, BOTH, 0, 0)}},
	{PTV_CHECK_CONSUMER_WOKEN,
	 "the AUX code forgets to wake the consumer",
	 "fill.settled",
	 "pmi.head",
	 "16484 bytes of event 0 are published and unread, the watermark is 16384, and nobody "
	 "woke the consumer",
	 {PTV_DROP("pmi.wake"), PTV_DROP("consume")}},
	{PTV_CHECK_DISABLE_EFFECTIVE,
	 "the event stays ACTIVE",
	 "disable.settled",
	 "disable.ask",
	 "event 0 was to be disabled at cycle 6000 (1: 1 by the user, 2 by the AUX code) and is "
	 "still ACTIVE",
	 {PTV_DROP("disable.off")}},
	{PTV_CHECK_COUNTED,
	 "in VMX operation the event is said not to run",
	 "closed",
	 "enable.ask",
	 "event 0 was wanted, with room, for 1940 cycles in which time_running rested (and ran "
	 "unwanted for 0)",
	 {PTV_AFTER("on.trigger", "on.running", 0, S(RUNNING), 0, 0, 1920, 0, 0),
	  PTV_AFTER("off.trigger", "off.running", 0, S(RUNNING), 0, 1, 1920, 0, 0),
	  PTV_DROP("on.flag"),
	  PTV_INSTEAD("disable.record", "disable.record", 0, S(RECORD), NOTHING_FLAGGED, 16484,
		      1016, 0, 0),
	  PTV_INSTEAD("disable.aux_end", "disable.aux_end", 0, S(AUX_END), 0, 1016, 0, 0, 0)}},
	{PTV_CHECK_COUNTED,
	 "time_running stands still in VMX operation, and nothing else shows",
	 "closed",
	 "disable.running",
	 "time_running of event 0 grew by 3960 in a stay of 5930 cycles",
	 {PTV_INSTEAD("disable.running", "disable.running", 0, S(RUNNING), 0, 0, 3960, 0, 0)}},
	{PTV_CHECK_GAP_ANNOUNCED,
	 "no record says that VMX operation was not traced",
	 "closed",
	 "dark.retire",
	 "branches of event 0 from cycle 2500 to 3000 were counted running, not traced, and no "
	 "record says so",
	 {PTV_DROP("on.flag"),
	  PTV_INSTEAD("disable.record", "disable.record", 0, S(RECORD), NOTHING_FLAGGED, 16484,
		      1016, 0, 0),
	  PTV_INSTEAD("disable.aux_end", "disable.aux_end", 0, S(AUX_END), 0, 1016, 0, 0, 0)}},
	{PTV_CHECK_NO_FALSE_GAP,
	 "a complete transaction is flagged PARTIAL",
	 "closed",
	 "enable.begin",
	 "a record of event 0 says PARTIAL, but in its transaction (since cycle 120) nothing was "
	 "lost or left untraced",
	 {PTV_INSTEAD("pmi.record", "pmi.record", 0, S(RECORD),
		      PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_PARTIAL), 0, 16484, 0, 0)}},
	{PTV_CHECK_BYTES_CONSERVED,
	 "the last bytes are not reported",
	 "closed",
	 "disable.aux_end",
	 "a transaction of event 0 stored 1016 bytes and reported 1000",
	 {PTV_INSTEAD("disable.record", "disable.record", 0, S(RECORD),
		      PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_PARTIAL), 16484, 1000, 0, 0),
	  PTV_INSTEAD("disable.head", "disable.head", 0, S(HEAD), 0, 17484, 0, 0, 0),
	  PTV_INSTEAD("disable.aux_end", "disable.aux_end", 0, S(AUX_END), 0, 1000,
		      PTV_AUX_FLAG_PARTIAL, 0, 0)}},
};

/* The good timeline violates nothing and exercises everything that it can: it has no stop, and
 * confluent needs two. */
PTV_TEST(check, good_timeline_holds_everywhere)
{
	struct ptv_stream stream;
	unsigned int i;

	ptv_good_stream(&stream);
	ptv_stream_play(&stream);
	for (i = 0; i < PTV_CHECKS; i++) {
		const bool idle = i == PTV_CHECK_STOP_NOTICED || i == PTV_CHECK_CONFLUENT;

		if (stream.found.check[i].violated) {
			char text[256];

			ptv_violation_text(&stream.found.check[i].first, text, sizeof(text));
			PTV_FAIL("%s: %s", ptv_check_rows()[i].id, text);
		}
		if ((stream.found.check[i].exercised == 0U) != idle)
			PTV_FAIL("%s was exercised %u times", ptv_check_rows()[i].id,
				 stream.found.check[i].exercised);
	}
}

/* Before anything happens every check is idle. */
PTV_TEST(check, nothing_seen_is_idle)
{
	struct ptv_stream stream;
	unsigned int i;

	ptv_good_stream(&stream);
	ptv_stream_play_until(&stream, "enable");
	for (i = 0; i < PTV_CHECKS; i++)
		PTV_EXPECT_EQ(stream.found.check[i].exercised, 0);
}

static void expect_only(const struct ptv_stream *stream, const struct defect *defect)
{
	char text[512];
	unsigned int i;

	for (i = 0; i < PTV_CHECKS; i++) {
		const struct ptv_verdict *verdict = &stream->found.check[i];

		if (verdict->violated == 0U || i == (unsigned int)defect->check)
			continue;
		ptv_violation_text(&verdict->first, text, sizeof(text));
		PTV_FAIL("%s is violated too: %s", ptv_check_rows()[i].id, text);
	}
}

static void run_defect(const void *param)
{
	const struct defect *defect = param;
	const struct ptv_verdict *verdict;
	struct ptv_stream stream;
	char text[512];

	ptv_good_stream(&stream);
	ptv_stream_edit(&stream, defect->edits, PTV_ARRAY_SIZE(defect->edits));
	ptv_stream_play_until(&stream, defect->at);
	PTV_EXPECT_EQ(stream.found.check[defect->check].violated, 0);
	ptv_stream_play(&stream);
	expect_only(&stream, defect);
	verdict = &stream.found.check[defect->check];
	PTV_ASSERT(verdict->violated > 0U);
	PTV_EXPECT_GE(verdict->exercised, 1);
	PTV_EXPECT_EQ(verdict->first.obs.seq, ptv_stream_find(&stream, defect->at));
	PTV_EXPECT_EQ(verdict->first.since_seq, ptv_stream_find(&stream, defect->since));
	PTV_EXPECT_EQ(verdict->first.check, defect->check);
	ptv_violation_text(&verdict->first, text, sizeof(text));
	PTV_EXPECT_STREQ(text, defect->text);
}

/*
 * The defect of confluent takes two runs, each of which is good by itself. In one the driver flags
 * the open transaction when it is told of VMXON; in the other it takes its time and flags it when
 * it is told of VMXOFF. Both records say PARTIAL in the end, but a user who looks in between sees
 * two accounts of one situation.
 */
static const struct ptv_edit flagged_late[] = {
	PTV_DROP("on.flag"),
	PTV_AFTER("off.belief", "off.flag", 0, S(AUX_FLAG), 0, PTV_AUX_FLAG_PARTIAL, 0, 0, 0),
};

static bool situation_before(const char *label, bool late, struct ptv_situation *situation)
{
	struct ptv_stream stream;

	ptv_good_stream(&stream);
	if (late)
		ptv_stream_edit(&stream, flagged_late, PTV_ARRAY_SIZE(flagged_late));
	ptv_stream_play_until(&stream, label);
	return ptv_checks_situation(&stream.checks, 0, situation);
}

PTV_TEST(check_planted, confluent_alone_tells_a_transaction_that_is_flagged_late)
{
	static const struct defect confluent = {.check = PTV_CHECK_CONFLUENT};
	static const char *const settled[] = {"enable.settled", "on.settled",  "dark.settled",
					      "run.settled",	"off.settled", "more.settled",
					      "closed"};
	struct ptv_situation soon, late;
	struct ptv_stream stream;
	unsigned int i;

	ptv_good_stream(&stream);
	ptv_stream_edit(&stream, flagged_late, PTV_ARRAY_SIZE(flagged_late));
	ptv_stream_play(&stream);
	expect_only(&stream, &confluent);
	for (i = 0; i < PTV_ARRAY_SIZE(settled); i++) {
		const bool apart = i >= 1U && i <= 3U; /* from VMXON to VMXOFF */

		PTV_ASSERT(situation_before(settled[i], false, &soon));
		PTV_ASSERT(situation_before(settled[i], true, &late));
		PTV_EXPECT_EQ(soon.e, late.e);
		if ((soon.o != late.o) != apart)
			PTV_FAIL("%s: outcomes %x and %x", settled[i], soon.o, late.o);
	}
}

/* Every check has a row, but for the one that judges several runs: it has the test above. */
PTV_TEST(check, every_check_has_a_planted_defect)
{
	unsigned int i;
	size_t row;

	for (i = 0; i < PTV_CHECKS; i++) {
		bool planted = i == PTV_CHECK_CONFLUENT;

		for (row = 0; row < PTV_ARRAY_SIZE(defects); row++)
			planted |= (unsigned int)defects[row].check == i;
		if (!planted)
			PTV_FAIL("%s has none", ptv_check_rows()[i].id);
	}
}

PTV_TEST_GENERATOR(each_defect)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(defects); i++) {
		char name[96];

		snprintf(name, sizeof(name), "%s-%zu", ptv_check_rows()[defects[i].check].id, i);
		ptv_test_register("check_planted", name, __FILE__, __LINE__, run_defect,
				  &defects[i]);
	}
}
