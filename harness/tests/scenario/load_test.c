/* SPDX-License-Identifier: MIT */
/* Goal: what a file says is what the loader returns. Method: small files, every field compared. */
#include <stdio.h>
#include <string.h>

#include "ptv/msr.h"
#include "written.h"

#define TAIL "timeline: [{do: enable}]\n"
#define HEAD                                        \
	"asks: {check: resumes, question: What?}\n" \
	"source: made up\n"                         \
	"machine: broadwell\n"
#define EVENT                  \
	"buffer: {pages: 8}\n" \
	"event: {context: cpu, mode: full}\n"
#define ALONE                       \
	"asks: {question: What?}\n" \
	"source: made up\n"         \
	"policy: none\n"            \
	"machine: skylake\n"        \
	"timeline:\n"

PTV_TEST_F(scenario_load, the_question_and_what_it_is_asked_of, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(data, HEAD "confirms: it does\n" EVENT TAIL);

	PTV_EXPECT_STREQ(s->question, "What?");
	PTV_EXPECT_STREQ(s->source, "made up");
	PTV_EXPECT_STREQ(s->confirms, "it does");
	PTV_EXPECT_EQ(s->asks_check, PTV_CHECK_RESUMES);
	PTV_EXPECT_STREQ(s->machine->name, "broadwell");
	PTV_EXPECT(!s->hw_alone);
	PTV_EXPECT(strncmp(s->name, "ptv_scenario_", 13) == 0);
}

PTV_TEST_F(scenario_load, what_is_not_said_has_its_default, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(data, HEAD EVENT TAIL);
	struct ptv_timing timing;
	struct ptv_switches switches;
	struct ptv_work_cfg work;

	ptv_timing_default(&timing);
	ptv_switches_default(&switches);
	ptv_work_default(&work);
	PTV_EXPECT_EQ(s->lps, 1);
	PTV_EXPECT_EQ(s->consumer, PTV_CONSUMER_WAKE);
	PTV_EXPECT_EQ(s->choice_limit, PTV_CHOICE_LIMIT);
	PTV_EXPECT_EQ(s->choices, 1);
	PTV_EXPECT_EQ(s->expects, 0);
	PTV_EXPECT(s->confirms == NULL);
	PTV_EXPECT_MEMEQ(&s->timing, &timing, sizeof(timing));
	PTV_EXPECT_MEMEQ(&s->switches, &switches, sizeof(switches));
	PTV_EXPECT_EQ(s->work.cycles_per_branch, work.cycles_per_branch);
	PTV_EXPECT_EQ(s->work.seed, work.seed);
	PTV_EXPECT(!s->timeline[0].has_at);
	PTV_EXPECT_EQ(s->timeline[0].stimulus.at, PTV_AT_NEXT);
}

PTV_TEST_F(scenario_load, events_with_the_buffer_of_the_file_and_with_their_own,
	   ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(
		data, HEAD
		"lps: 2\n"
		"buffer: {pages: 8, watermark: 4096, fragmented: [4, 2, 1, 1]}\n"
		"events:\n"
		"  - {context: cpu, mode: full, lp: 1, exclude: kernel, config: [DisRETC]}\n"
		"  - {context: task, mode: snapshot, exclude: user, buffer: {pages: 64}}\n" TAIL);
	static const uint8_t regions[] = {4, 2, 1, 1};

	PTV_ASSERT_EQ(s->events, 2);
	PTV_EXPECT_EQ(s->event[0].context, PTV_CONTEXT_CPU);
	PTV_EXPECT_EQ(s->event[0].mode, PTV_AUX_FULL);
	PTV_EXPECT_EQ(s->event[0].lp, 1);
	PTV_EXPECT_EQ(s->event[0].exclude_kernel, 1);
	PTV_EXPECT_EQ(s->event[0].exclude_user, 0);
	PTV_EXPECT_EQ(s->event[0].attr_config, PTV_CTL_DIS_RETC);
	PTV_EXPECT_EQ(s->event[0].aux_pages, 8);
	PTV_EXPECT_EQ(s->event[0].watermark, 4096);
	PTV_ASSERT_EQ(s->event[0].region_pages_count, 4);
	PTV_EXPECT_MEMEQ(s->event[0].region_pages, regions, sizeof(regions));
	PTV_EXPECT_EQ(s->event[1].context, PTV_CONTEXT_TASK);
	PTV_EXPECT_EQ(s->event[1].mode, PTV_AUX_SNAPSHOT);
	PTV_EXPECT_EQ(s->event[1].exclude_user, 1);
	PTV_EXPECT_EQ(s->event[1].aux_pages, 64);
	PTV_EXPECT_EQ(s->event[1].watermark, 0);
	PTV_EXPECT_EQ(s->event[1].region_pages_count, 0);
}

PTV_TEST_F(scenario_load, settings_are_applied_and_kept, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(
		data, HEAD EVENT "timing: {wrmsr: 200, pmi: 0x10}\n"
				 "switches: {vmxon_disable: DROP}\n"
				 "consumer: manual\n"
				 "workload: {cycles_per_branch: 7, kernel_percent: 0, "
				 "indirect_percent: 100, seed: 0xffffffffffffffff}\n" TAIL);

	PTV_EXPECT_EQ(s->timing.wrmsr, 200);
	PTV_EXPECT_EQ(s->timing.pmi, 16);
	PTV_EXPECT_EQ(s->switches.vmxon_disable, 2);
	PTV_EXPECT_EQ(s->consumer, PTV_CONSUMER_MANUAL);
	PTV_EXPECT_EQ(s->work.cycles_per_branch, 7);
	PTV_EXPECT_EQ(s->work.kernel_percent, 0);
	PTV_EXPECT_EQ(s->work.indirect_percent, 100);
	PTV_EXPECT_EQ(s->work.seed, UINT64_MAX);
	PTV_ASSERT_EQ(s->setting_count, 3);
	PTV_EXPECT_STREQ(s->settings[1].name, "pmi");
	PTV_EXPECT_STREQ(s->settings[1].value, "0x10");
	PTV_EXPECT_STREQ(s->settings[2].name, "vmxon_disable");
	PTV_EXPECT_STREQ(s->settings[2].value, "DROP");
}

PTV_TEST_F(scenario_load, times_and_arguments_are_numbers_or_ranges, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(
		data, HEAD EVENT "timeline:\n"
				 "  - {at: 0, do: enable}\n"
				 "  - {at: 9000..9400, do: virt_on}\n"
				 "  - {at: {from: 9000, to: 9400, step: 150}, do: virt_off}\n"
				 "  - {do: progress, branches: 1..2}\n"
				 "  - {do: progress, to: past_int}\n"
				 "  - {do: end}\n");
	const struct ptv_entry *t = s->timeline;

	PTV_ASSERT_EQ(s->entries, 6);
	PTV_EXPECT(t[0].has_at);
	PTV_EXPECT_EQ(t[1].stimulus.kind, PTV_STIM_VIRT_ON);
	PTV_EXPECT_EQ(t[1].at.from, 9000);
	PTV_EXPECT_EQ(t[1].at.to, 9400);
	PTV_EXPECT_EQ(t[1].at.step, 1);
	PTV_EXPECT_EQ(t[2].at.step, 150);
	PTV_EXPECT_EQ(t[3].arg[0].from, 1);
	PTV_EXPECT_EQ(t[3].arg[0].to, 2);
	PTV_EXPECT_EQ(t[3].arg[1].from, PTV_PROGRESS_BRANCHES);
	PTV_EXPECT_EQ(t[4].arg[1].from, PTV_PROGRESS_PAST_INT);
	PTV_EXPECT_EQ(t[4].mark.line, 11);
	PTV_EXPECT_EQ(s->choices, 401 * 3 * 2);
}

PTV_TEST_F(scenario_load, choices_up_to_the_limit_and_not_one_more, ptv_written_fixture)
{
	struct ptv_written *w = data;
	static const char full[] = HEAD EVENT "timeline: [{at: 1..4096, do: enable}]\n";
	static const char over[] = HEAD EVENT "timeline: [{at: 0..4096, do: enable}]\n";
	static const char raised[] = "choices: 4097\n" HEAD EVENT
				     "timeline: [{at: 0..4096, do: enable}]\n";

	PTV_EXPECT_EQ(ptv_written_good(w, full)->choices, 4096);
	PTV_EXPECT(ptv_written_load(w, over, strlen(over)) == NULL);
	PTV_EXPECT(strstr(w->diag.text, ":6:11: timeline: 4097 choices;") != NULL);
	PTV_EXPECT_EQ(ptv_written_good(w, raised)->choices, 4097);
}

PTV_TEST_F(scenario_load, interrupts_are_placed_at_labels, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(
		data, HEAD EVENT "timeline:\n"
				 "  - do: virt_on\n"
				 "    deliver:\n"
				 "      - {nmi: {after: notify.w.vmx_on}}\n"
				 "      - {ipi: {before: \"virt_on.op.VMXON#12\"}}\n");
	const struct ptv_entry *entry = &s->timeline[0];

	PTV_ASSERT_EQ(entry->deliveries, 2);
	PTV_EXPECT_EQ(entry->deliver[0].vector, PTV_INT_NMI);
	PTV_EXPECT_EQ(entry->deliver[0].side, PTV_AFTER);
	PTV_EXPECT_STREQ(entry->deliver[0].label, "notify.w.vmx_on");
	PTV_EXPECT_EQ(entry->deliver[0].occurrence, 1);
	PTV_EXPECT_EQ(entry->deliver[1].vector, PTV_INT_IPI);
	PTV_EXPECT_EQ(entry->deliver[1].side, PTV_BEFORE);
	PTV_EXPECT_STREQ(entry->deliver[1].label, "virt_on.op.VMXON");
	PTV_EXPECT_EQ(entry->deliver[1].occurrence, 12);
	PTV_EXPECT_EQ(entry->deliver[1].mark.line, 10);
}

PTV_TEST_F(scenario_load, a_key_of_expect_names_one_policy_or_several, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(
		data, HEAD EVENT TAIL
		"expect:\n"
		"  dont-die, fail-add@4.12: {resumes: never, no-gp: idle, because: one}\n"
		"  handle-vmx: {no-splat: sometimes, all: always, because: two}\n");
	const struct ptv_expect_policy *e = s->expect;

	PTV_ASSERT_EQ(s->expects, 3);
	PTV_EXPECT_STREQ(e[0].policy, "dont-die");
	PTV_EXPECT_STREQ(e[1].policy, "fail-add@4.12");
	PTV_EXPECT_STREQ(e[1].because, "one");
	PTV_EXPECT_EQ(e[1].mark.column, 13);
	PTV_EXPECT_EQ(e[1].check[PTV_CHECK_RESUMES], PTV_EXPECTED_NEVER);
	PTV_EXPECT_EQ(e[1].check[PTV_CHECK_NO_GP], PTV_EXPECTED_IDLE);
	PTV_EXPECT_EQ(e[1].check[PTV_CHECK_NO_SPLAT], PTV_EXPECTED_UNSAID);
	PTV_EXPECT(!e[1].all_always);
	PTV_EXPECT_STREQ(e[2].policy, "handle-vmx");
	PTV_EXPECT(e[2].all_always);
	PTV_EXPECT_EQ(e[2].check[PTV_CHECK_NO_GP], PTV_EXPECTED_ALWAYS);
	PTV_EXPECT_EQ(e[2].check_mark[PTV_CHECK_NO_GP].line, 0);
	PTV_EXPECT_EQ(e[2].check[PTV_CHECK_NO_SPLAT], PTV_EXPECTED_SOMETIMES);
	PTV_EXPECT_EQ(e[2].check_mark[PTV_CHECK_NO_SPLAT].line, 9);
}

PTV_TEST_F(scenario_load, registers_have_names_addresses_and_bits, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(
		data,
		ALONE "  - {do: wrmsr, msr: RTIT_CTL, value: [TraceEn, ToPA, PSBFreq=3]}\n"
		      "  - {do: wrmsr, msr: IA32_RTIT_STATUS, value: []}\n"
		      "  - {do: wrmsr, msr: LVTPC, value: \"0x400\"}\n"
		      "  - {do: rdmsr, msr: 0x570}\n"
		      "  - {do: vm_entry, controls: [conceal_exit, load_rtit], field: [OS]}\n");
	const struct ptv_entry *t = s->timeline;

	PTV_EXPECT(s->hw_alone);
	PTV_EXPECT_EQ(s->asks_check, -1);
	PTV_EXPECT_EQ(s->events, 0);
	PTV_EXPECT_EQ(t[0].arg[0].from, PTV_MSR_RTIT_CTL);
	PTV_EXPECT_EQ(t[0].arg[1].from, 0x03000101);
	PTV_EXPECT_EQ(t[0].arg[1].to, 0x03000101);
	PTV_EXPECT_EQ(t[1].arg[0].from, PTV_MSR_RTIT_STATUS);
	PTV_EXPECT_EQ(t[1].arg[1].from, 0);
	PTV_EXPECT_EQ(t[2].arg[0].from, 0x834);
	PTV_EXPECT_EQ(t[2].arg[1].from, 0x400);
	PTV_EXPECT_EQ(t[3].arg[0].from, PTV_MSR_RTIT_CTL);
	PTV_EXPECT_EQ(t[4].arg[0].from, PTV_VMC_CONCEAL_EXIT | PTV_VMC_LOAD_RTIT);
	PTV_EXPECT_EQ(t[4].arg[1].from, PTV_CTL_OS);
}

PTV_TEST_F(scenario_load, hardware_alone_is_expected_by_entry, ptv_written_fixture)
{
	struct ptv_scenario *s = ptv_written_good(
		data,
		ALONE "  - do: rdmsr\n"
		      "    msr: RTIT_STATUS\n"
		      "    expect: {value: [Error], mask: [Error, Stopped], fault: none,\n"
		      "             pmis: 1, stored: 32, where: 0x101f, packets: \"PSB  CBR \",\n"
		      "             because: made up}\n"
		      "  - {do: vmxon, expect: {vmx: fail_valid, reason: 7, packets: \"\",\n"
		      "                         because: made up}}\n");
	const struct ptv_expect_hw *e = &s->timeline[0].expect;

	PTV_EXPECT_EQ(e->has, PTV_EXPECT_VALUE | PTV_EXPECT_FAULT | PTV_EXPECT_PMIS |
				      PTV_EXPECT_STORED | PTV_EXPECT_WHERE | PTV_EXPECT_PACKETS);
	PTV_EXPECT_EQ(e->value, PTV_STATUS_ERROR);
	PTV_EXPECT_EQ(e->mask, PTV_STATUS_ERROR | PTV_STATUS_STOPPED);
	PTV_EXPECT_EQ(e->pmis, 1);
	PTV_EXPECT_EQ(e->stored, 32);
	PTV_EXPECT_EQ(e->where, 0x101f);
	PTV_EXPECT_STREQ(e->packets, "PSB CBR");
	PTV_EXPECT_STREQ(e->because, "made up");
	PTV_EXPECT_EQ(e->mark.line, 8);
	e = &s->timeline[1].expect;
	PTV_EXPECT_EQ(e->has, PTV_EXPECT_VMX | PTV_EXPECT_REASON | PTV_EXPECT_PACKETS);
	PTV_EXPECT_EQ(e->vmx, PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(e->reason, 7);
	PTV_EXPECT_STREQ(e->packets, "");
}

/* A row of the table whose arguments nobody can read would break an assertion here. */
PTV_TEST_F(scenario_load, every_stimulus_is_known_with_its_arguments, ptv_written_fixture)
{
	struct ptv_written *w = data;
	char text[512];

	for (int kind = 0; kind < PTV_STIMULI; kind++) {
		const struct ptv_stimulus_row *row = &ptv_stimulus_rows()[kind];
		const bool alone = row->layer == PTV_LAYER_HW;
		const bool needs = strcmp(row->args, "-") != 0 && strchr(row->args, '?') == NULL;

		PTV_EXPECT_EQ(ptv_stimulus_find(row->name), kind);
		(void)snprintf(text, sizeof(text),
			       alone ? ALONE "  - do: %s\n" : HEAD EVENT "timeline:\n  - do: %s\n",
			       row->name);
		if (ptv_written_load(w, text, strlen(text)) != NULL)
			PTV_EXPECT_EQ(w->scenario->timeline[0].stimulus.kind, kind);
		else
			PTV_EXPECT(strstr(w->diag.text, "lacks the key") != NULL ||
				   strstr(w->diag.text, "has no end") != NULL);
		if (needs)
			PTV_EXPECT(w->scenario == NULL);
	}
}
