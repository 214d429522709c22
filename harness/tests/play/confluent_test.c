/* SPDX-License-Identifier: MIT */
/*
 * Goal: the family over which confluent is judged is all choices, each swap of neighbours, and each
 * neutral pair at each place, and no more. Method: the kinds of stimuli of each member, as words.
 */
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "play/choices.h"
#include "play/confluent.h"

struct family {
	struct ptv_scenario *scenario;
	struct ptv_steps steps;
	char text[512];
};

static void close_family(void *data)
{
	struct family *f = data;

	ptv_steps_free(&f->steps);
	ptv_scenario_free(f->scenario);
}

static const struct ptv_fixture family = {sizeof(struct family), NULL, close_family};

static void open_family(struct family *f, const char *path)
{
	struct ptv_diag diag = {""};

	f->scenario = ptv_scenario_load(path, &diag);
	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT(f->scenario);
}

/* "enable@0 virt_on@4000 ...": a time that is given, "+" behind the one before. */
static const char *member(struct family *f, uint64_t variant)
{
	size_t i, used = 0;

	f->text[0] = '\0';
	if (!ptv_confluent_steps(f->scenario, variant, &f->steps))
		return "no more";
	for (i = 0; i < f->steps.count; i++) {
		const struct ptv_stimulus *s = &f->steps.at[i].stimulus;
		const char *name = ptv_stimulus_rows()[s->kind].name;

		if (s->at == PTV_AT_NEXT)
			used += (size_t)snprintf(f->text + used, sizeof(f->text) - used, "%s%s+",
						 i ? " " : "", name);
		else
			used += (size_t)snprintf(f->text + used, sizeof(f->text) - used,
						 "%s%s@%llu", i ? " " : "", name,
						 (unsigned long long)s->at);
	}
	return f->text;
}

PTV_TEST_F(confluent_family, choices_then_swaps_then_pairs_of_a_cpu_event, family)
{
	struct family *f = data;

	open_family(f, "scenarios/thread/enable-virt_on-virt_off+cpu.yaml");
	PTV_EXPECT_STREQ(member(f, 0),
			 "enable@0 virt_on@4000 virt_off@9000 progress@20000 end@30000");
	PTV_EXPECT_STREQ(member(f, 4),
			 "enable@0 virt_on@4000 virt_off@9400 progress@20000 end@30000");
	PTV_EXPECT_STREQ(member(f, 5),
			 "virt_on@0 enable@4000 virt_off@9000 progress@20000 end@30000");
	PTV_EXPECT_STREQ(member(f, 7),
			 "enable@0 virt_on@4000 progress@9000 virt_off@20000 end@30000");
	PTV_EXPECT_STREQ(member(f, 8), "virt_on+ virt_off+ enable@0 virt_on@4000 virt_off@9000 "
				       "progress@20000 end@30000");
	PTV_EXPECT_STREQ(member(f, 13), "enable@0 virt_on@4000 switch_task+ switch_task+ "
					"virt_off@9000 progress@20000 end@30000");
	PTV_EXPECT_STREQ(member(f, 17), "enable@0 virt_on@4000 virt_off@9000 progress@20000 "
					"switch_task+ switch_task+ end@30000");
	PTV_EXPECT_STREQ(member(f, 18), "no more");
}

PTV_TEST_F(confluent_family, a_task_goes_and_comes_where_it_last_ran, family)
{
	struct family *f = data;

	open_family(f, "scenarios/thread/virt_on-sched_in-virt_off+or-before.yaml");
	PTV_EXPECT_STREQ(member(f, 0),
			 "enable@0 virt_on@1000 sched_in@4000 virt_off@8000 end@12000");
	PTV_EXPECT_STREQ(member(f, 2),
			 "enable@0 sched_in@1000 virt_on@4000 virt_off@8000 end@12000");
	PTV_EXPECT_STREQ(member(f, 11), "enable@0 virt_on@1000 sched_in@4000 sched_out+ sched_in+ "
					"virt_off@8000 end@12000");
	PTV_EXPECT_STREQ(member(f, 13), "enable@0 virt_on@1000 sched_in@4000 virt_off@8000 "
					"sched_out+ sched_in+ end@12000");
	PTV_EXPECT_STREQ(member(f, 14), "no more");
}
