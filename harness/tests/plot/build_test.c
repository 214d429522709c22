/* SPDX-License-Identifier: MIT */
/*
 * Observations into lanes: what a picture says must be what was observed. Hand-typed timelines.
 */
#include "gtest/ptv_test.h"
#include "ptv/stimulus.h"
#include "story.h"

static const struct ptv_fixture told = {sizeof(struct plot_story), NULL, plot_story_free};

static const struct ptv_plot_span *span(const struct plot_story *story, enum ptv_plot_kind kind,
					size_t n)
{
	PTV_ASSERT_LT(n, story->group.lane[kind].count);
	return &story->group.lane[kind].at[n];
}

static void expect_span(const struct plot_story *story, enum ptv_plot_kind kind, size_t n,
			uint64_t from, uint64_t to, uint64_t value)
{
	const struct ptv_plot_span *s = span(story, kind, n);

	PTV_EXPECT_EQ(s->from, from);
	PTV_EXPECT_EQ(s->to, to);
	PTV_EXPECT_EQ(s->value, value);
}

PTV_TEST_F(plot_build, levels_of_the_lp_run_to_the_end_of_the_timeline, told)
{
	struct plot_story *story = data;

	plot_tell_dark(story);
	plot_story_build(story, false);
	PTV_EXPECT_EQ(story->group.end, 5000);
	expect_span(story, PTV_PLOT_TRACE_EN, 0, 100, 1000, 1);
	PTV_EXPECT_EQ(story->group.lane[PTV_PLOT_TRACE_EN].count, 1);
	expect_span(story, PTV_PLOT_VMX, 0, 1000, 2000, PTV_VMX_ROOT);
	expect_span(story, PTV_PLOT_BELIEF, 0, 920, 2010, 1);
	expect_span(story, PTV_PLOT_EVENT, 0, 10, 110, PTV_PLOT_ACTIVE);
	expect_span(story, PTV_PLOT_EVENT, 1, 110, 5000, PTV_PLOT_COUNTED);
}

/* Goal: code of KVM around the driver's, branches around both; holes between them are closed. */
PTV_TEST_F(plot_build, the_driver_lies_over_kvm_and_kvm_over_branches, told)
{
	struct plot_story *story = data;

	plot_tell_dark(story);
	plot_story_build(story, false);
	expect_span(story, PTV_PLOT_RUNS, 0, 0, 120, PTV_PLOT_CORE);
	expect_span(story, PTV_PLOT_RUNS, 1, 120, 901, PTV_PLOT_USER);
	expect_span(story, PTV_PLOT_RUNS, 2, 901, 910, PTV_PLOT_KVM);
	expect_span(story, PTV_PLOT_RUNS, 3, 910, 930, PTV_PLOT_DRIVER);
	expect_span(story, PTV_PLOT_RUNS, 4, 930, 1060, PTV_PLOT_KVM);
	expect_span(story, PTV_PLOT_RUNS, 5, 1060, 1901, PTV_PLOT_KERNEL);
	expect_span(story, PTV_PLOT_RUNS, 6, 1901, 2060, PTV_PLOT_KVM);
	expect_span(story, PTV_PLOT_RUNS, 7, 2060, 4991, PTV_PLOT_USER);
}

PTV_TEST_F(plot_build, an_nmi_is_an_nmi_whatever_it_calls, told)
{
	struct plot_story *story = data;

	plot_tell(story, 50, PTV_OBS_PMI_RAISED, 0, 0, 0);
	plot_tell(story, 100, PTV_OBS_INT_ENTER, PTV_INT_NMI, 0, 0);
	plot_tell(story, 110, PTV_OBS_CALL, PTV_FN_PMI, 0, 0);
	plot_tell(story, 190, PTV_OBS_RET, PTV_FN_PMI, 0, 0);
	plot_tell(story, 200, PTV_OBS_INT_EXIT, PTV_INT_NMI, 0, 0);
	plot_tell(story, 300, PTV_OBS_INT_ENTER, PTV_INT_IRQ, 0, 0);
	plot_tell(story, 400, PTV_OBS_INT_EXIT, PTV_INT_IRQ, 0, 0);
	plot_story_build(story, false);
	expect_span(story, PTV_PLOT_RUNS, 0, 100, 300, PTV_PLOT_NMI);
	expect_span(story, PTV_PLOT_RUNS, 1, 300, 400, PTV_PLOT_CORE);
	expect_span(story, PTV_PLOT_PMI, 0, 50, 50, PTV_PLOT_PMI_RAISED);
	expect_span(story, PTV_PLOT_PMI, 1, 100, 100, PTV_PLOT_PMI_TAKEN);
	PTV_EXPECT_EQ(story->group.lane[PTV_PLOT_PMI].count, 2);
}

/* Goal: a gap is a maximal run of dark branches; where it ends, it ends at the last of them. */
PTV_TEST_F(plot_build, dark_branches_make_one_gap_over_vmx_and_after, told)
{
	struct plot_story *story = data;

	plot_tell_dark(story);
	plot_story_build(story, false);
	PTV_EXPECT_EQ(story->group.lane[PTV_PLOT_GAP].count, 1);
	expect_span(story, PTV_PLOT_GAP, 0, 1060, 4990, PTV_PLOT_GAP_SILENT);
}

PTV_TEST_F(plot_build, a_traced_branch_or_the_end_of_counting_ends_a_gap, told)
{
	struct plot_story *story = data;

	plot_tell(story, 0, PTV_OBS_RUNNING, 0, 1, 0);
	plot_tell_branches(story, 10, 20, PTV_SCOPE_USER, false);
	plot_tell_branches(story, 21, 30, PTV_SCOPE_DRIVER, true);
	plot_tell_branches(story, 31, 40, PTV_SCOPE_KVM, false);
	plot_tell_branches(story, 41, 50, PTV_SCOPE_USER, true);
	plot_tell_branches(story, 51, 60, PTV_SCOPE_USER, false);
	plot_tell(story, 60, PTV_OBS_RUNNING, 0, 0, 0);
	plot_tell_branches(story, 61, 70, PTV_SCOPE_USER, false);
	plot_tell(story, 70, PTV_OBS_RUNNING, 0, 1, 0);
	plot_tell_branches(story, 71, 80, PTV_SCOPE_USER, false);
	plot_story_build(story, false);
	PTV_ASSERT_EQ(story->group.lane[PTV_PLOT_GAP].count, 3);
	expect_span(story, PTV_PLOT_GAP, 0, 10, 40, PTV_PLOT_GAP_SILENT);
	expect_span(story, PTV_PLOT_GAP, 1, 51, 60, PTV_PLOT_GAP_SILENT);
	expect_span(story, PTV_PLOT_GAP, 2, 71, 80, PTV_PLOT_GAP_SILENT);
}

PTV_TEST_F(plot_build, a_flagged_record_that_was_open_in_it_announces_a_gap, told)
{
	struct plot_story *story = data;

	plot_tell_dark(story);
	plot_tell_closing(story, 5100, PTV_OBS_AUX_END, 0, 64, PTV_AUX_FLAG_PARTIAL);
	plot_story_build(story, false);
	expect_span(story, PTV_PLOT_RECORD, 0, 20, 5000, PTV_PLOT_TX_OPEN);
	PTV_EXPECT_EQ(span(story, PTV_PLOT_RECORD, 0)->size, 64);
	PTV_EXPECT_EQ(span(story, PTV_PLOT_RECORD, 0)->flags, PTV_AUX_FLAG_PARTIAL);
	expect_span(story, PTV_PLOT_GAP, 0, 1060, 4990, PTV_PLOT_GAP_ANNOUNCED);
}

PTV_TEST_F(plot_build, a_flagged_record_before_a_gap_does_not_announce_it, told)
{
	struct plot_story *story = data;

	plot_tell(story, 0, PTV_OBS_AUX_BEGIN, 0, 0, 4096);
	plot_tell(story, 5, PTV_OBS_RUNNING, 0, 1, 0);
	plot_tell(story, 9, PTV_OBS_AUX_END, 0, 16, PTV_AUX_FLAG_PARTIAL);
	plot_tell_branches(story, 10, 20, PTV_SCOPE_USER, false);
	plot_story_build(story, false);
	expect_span(story, PTV_PLOT_RECORD, 0, 0, 9, PTV_PLOT_TX_CLOSED);
	expect_span(story, PTV_PLOT_GAP, 0, 10, 20, PTV_PLOT_GAP_SILENT);
}

PTV_TEST_F(plot_build, the_verdict_is_the_judge_of_what_was_announced, told)
{
	struct plot_story *story = data;

	plot_tell_dark(story);
	story->verdicts.check[PTV_CHECK_GAP_ANNOUNCED].exercised = 1;
	plot_story_build(story, true);
	expect_span(story, PTV_PLOT_GAP, 0, 1060, 4990, PTV_PLOT_GAP_ANNOUNCED);
}

PTV_TEST_F(plot_build, a_transaction_that_nobody_ends_is_left, told)
{
	struct plot_story *story = data;

	plot_tell_dark(story);
	plot_tell(story, 5000, PTV_OBS_AUX_BEGIN, PTV_BIT(8), 0, 0);
	plot_story_build(story, false);
	PTV_ASSERT_EQ(story->group.lane[PTV_PLOT_RECORD].count, 2);
	expect_span(story, PTV_PLOT_RECORD, 1, 5000, 5000, PTV_PLOT_TX_FAILED);
}

PTV_TEST_F(plot_build, fill_is_what_was_stored_and_not_yet_taken, told)
{
	struct plot_story *story = data;

	plot_tell(story, 0, PTV_OBS_OPEN, 0, 8192, 4096);
	plot_tell(story, 10, PTV_OBS_AUX_BEGIN, 0, 0, 8192);
	plot_tell(story, 20, PTV_OBS_STORE, 0, 100, ptv_place(0, 0));
	plot_tell(story, 30, PTV_OBS_SW_STORE, PTV_SW_PAD, 28, ptv_place(0, 100));
	plot_tell(story, 35, PTV_OBS_STORE, 0, 100, ptv_place(1, 0));
	plot_tell(story, 36, PTV_OBS_STORE, 0, 100, PTV_PLACE_NONE);
	plot_tell(story, 40, PTV_OBS_CONSUME, 0, 128, 120);
	plot_tell(story, 50, PTV_OBS_CONSUME, 0, 128, 128);
	plot_story_build(story, false);
	PTV_EXPECT_EQ(story->group.lane[PTV_PLOT_FILL].full, 8192);
	expect_span(story, PTV_PLOT_FILL, 0, 20, 30, 100);
	expect_span(story, PTV_PLOT_FILL, 1, 30, 40, 128);
	expect_span(story, PTV_PLOT_FILL, 2, 40, 50, 8);
	PTV_EXPECT_EQ(story->group.lane[PTV_PLOT_FILL].count, 3);
}

PTV_TEST_F(plot_build, nothing_is_shown_after_a_panic, told)
{
	struct plot_story *story = data;

	plot_tell(story, 10, PTV_OBS_TRACE_EN, 1, PTV_CAUSE_WRMSR, 0);
	plot_tell(story, 50, PTV_OBS_SPLAT, PTV_SPLAT_GP_PANIC, 0, 0);
	plot_tell(story, 90, PTV_OBS_TRACE_EN, 0, PTV_CAUSE_WRMSR, 0);
	plot_story_build(story, false);
	PTV_EXPECT(story->group.died);
	PTV_EXPECT_EQ(story->group.end, 50);
	expect_span(story, PTV_PLOT_TRACE_EN, 0, 10, 50, 1);
}

PTV_TEST_F(plot_build, another_lp_and_another_event_are_somebody_elses, told)
{
	struct plot_story *story = data;
	size_t i;
	unsigned int kind;

	plot_tell_dark(story);
	for (i = 0; i < story->count; i++)
		story->obs[i].lp = 1;
	plot_story_build(story, false);
	for (kind = 0; kind < PTV_PLOT_LANES; kind++) {
		if (kind != PTV_PLOT_FILL && kind != PTV_PLOT_EVENT)
			PTV_EXPECT_EQ(story->group.lane[kind].count, 0);
	}
	PTV_EXPECT_EQ(story->group.stimuli, 4);
}

/* Goal: a settled prefix is shown where its stimulus ended, a gap where it began. */
PTV_TEST_F(plot_build, violations_are_shown_where_they_belong_in_order, told)
{
	struct plot_story *story = data;
	size_t i;

	plot_tell_dark(story);
	for (i = 0; story->obs[i].kind != PTV_OBS_RETIRE || story->obs[i].c != 1060; i++)
		;
	plot_violate(story, PTV_CHECK_RESUMES, 2900, 2, 0);
	plot_violate(story, PTV_CHECK_GAP_ANNOUNCED, 5400, 3, (uint32_t)i);
	plot_violate(story, PTV_CHECK_TRACE_OWNED, 950, 1, 0);
	plot_violate(story, PTV_CHECK_UNREAD_SAFE, 9999, 3, 0);
	plot_story_build(story, true);
	PTV_EXPECT(story->group.judged);
	PTV_EXPECT_EQ(story->group.exercised, 4);
	PTV_ASSERT_EQ(story->group.marks, 4);
	PTV_EXPECT_EQ(story->group.mark[0].at, 950);
	PTV_EXPECT_EQ(story->group.mark[0].check, PTV_CHECK_TRACE_OWNED);
	PTV_EXPECT_EQ(story->group.mark[1].at, 1060);
	PTV_EXPECT_EQ(story->group.mark[1].check, PTV_CHECK_GAP_ANNOUNCED);
	PTV_EXPECT_EQ(story->group.mark[2].at, 2050);
	PTV_EXPECT_EQ(story->group.mark[2].check, PTV_CHECK_RESUMES);
	PTV_EXPECT_EQ(story->group.mark[3].at, 5000);
}
