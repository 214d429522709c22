/* SPDX-License-Identifier: MIT */
/*
 * Drivers as data: rows are complete, distinct and mean something; --set varies them within what
 * means something.
 */
#include "gtest/ptv_test.h"

#include <stdio.h>
#include <string.h>

#include "driver/rules.h"

/* The text of a slot's rule, "?" if the slot has no such rule. */
static const char *rule_text(enum ptv_driver_slot slot, unsigned int rule, char *text, size_t size)
{
	const char *at = ptv_slot_rows()[slot].rules;

	for (; rule > 1U && at; rule--) {
		at = strchr(at, '|');
		at = at ? at + 1 : NULL;
	}
	if (!at || rule == 0U)
		return "?";
	(void)snprintf(text, size, "%.*s", (int)strcspn(at, "|"), at);
	return text;
}

static struct ptv_driver_row row_of(const char *name)
{
	const struct ptv_driver_row *row = ptv_driver_find(name);

	PTV_ASSERT(row);
	return *row;
}

/* Every rule of a row in words, in the order of the slots. */
static const char *row_text(const char *name)
{
	static char text[256];
	const struct ptv_driver_row row = row_of(name);
	unsigned int slot;
	char word[32];

	text[0] = '\0';
	for (slot = 0; slot < PTV_SLOTS; slot++) {
		if (slot)
			strcat(text, " ");
		strcat(text,
		       rule_text((enum ptv_driver_slot)slot, row.rule[slot], word, sizeof(word)));
	}
	return text;
}

PTV_TEST(driver_rows, no_row_leaves_a_slot_unset)
{
	size_t count, i;
	const struct ptv_driver_row *rows = ptv_driver_rows(&count);
	unsigned int slot;
	char word[32];

	PTV_EXPECT_EQ(count, 11U);
	for (i = 0; i < count; i++) {
		for (slot = 0; slot < PTV_SLOTS; slot++) {
			if (rows[i].own_ops)
				PTV_EXPECT_EQ(rows[i].rule[slot], 0);
			else if (strcmp(rule_text((enum ptv_driver_slot)slot, rows[i].rule[slot],
						  word, sizeof(word)),
					"?") == 0)
				PTV_FAIL("%s: %s is unset", rows[i].name,
					 ptv_slot_rows()[slot].name);
		}
	}
}

PTV_TEST(driver_rows, names_are_found_and_no_two_rows_or_slots_are_the_same)
{
	const struct ptv_slot_row *slots = ptv_slot_rows();
	size_t count, i, j;
	const struct ptv_driver_row *rows = ptv_driver_rows(&count);

	for (i = 0; i < count; i++) {
		PTV_EXPECT(ptv_driver_find(rows[i].name) == &rows[i]);
		PTV_EXPECT_STREQ(ptv_driver_ops(&rows[i])->name, rows[i].name);
		PTV_EXPECT_EQ(ptv_driver_ops(&rows[i])->abi, PTV_PMU_ABI);
		PTV_EXPECT(rows[i].era[0] && rows[i].source[0] && rows[i].meaning[0]);
		for (j = 0; j < i; j++)
			PTV_EXPECT(memcmp(rows[i].rule, rows[j].rule, sizeof(rows[i].rule)) != 0);
	}
	PTV_EXPECT(!ptv_driver_find("pt"));
	for (i = 0; i < PTV_SLOTS; i++) {
		PTV_EXPECT(slots[i].meaning[0]);
		for (j = 0; j < i; j++)
			PTV_EXPECT(strcmp(slots[i].name, slots[j].name) != 0);
	}
}

/* Goal: enumerators and words of the rules stay in step. Method: each row, spelled out by hand. */
PTV_TEST(driver_rows, rows_say_in_words_what_their_sources_do)
{
	PTV_EXPECT_STREQ(row_text("dont-die"), "track forget skip write drop nothing never keep "
					       "none itrace_started without");
	PTV_EXPECT_STREQ(row_text("fail-add"), "track forget fail write drop nothing never keep "
					       "none itrace_started with");
	PTV_EXPECT_STREQ(row_text("pmi-pending"), "track keep start shadow latch write after keep "
						  "none itrace_started with");
	PTV_EXPECT_STREQ(row_text("pmi-pending-pmi-first"),
			 "track keep start shadow latch write before keep "
			 "none itrace_started with");
	PTV_EXPECT_STREQ(row_text("pmi-pending-stop-clears"),
			 "track keep start shadow latch write after clear "
			 "none itrace_started with");
	PTV_EXPECT_STREQ(row_text("pmi-pending-stop-freezes"),
			 "track keep start freeze latch write after keep "
			 "none itrace_started with");
	PTV_EXPECT_STREQ(row_text("half-pmi-write"),
			 "track keep start shadow half write never keep none itrace_started with");
	PTV_EXPECT_STREQ(row_text("half-pmi-restart"),
			 "track keep start shadow half restart never keep "
			 "none itrace_started with");
	PTV_EXPECT_STREQ(row_text("half-pmi-stop-start"),
			 "track keep start shadow half stop_start never keep "
			 "none itrace_started with");
	PTV_EXPECT_STREQ(row_text("handle-vmx"), "track keep start shadow full write never keep "
						 "partial config_zero with");
}

PTV_TEST(driver_rows, what_is_reconstructed_says_so)
{
	PTV_EXPECT(!row_of("naive").reconstructed);
	PTV_EXPECT(!row_of("dont-die").reconstructed);
	PTV_EXPECT(!row_of("handle-vmx").reconstructed);
	PTV_EXPECT(row_of("fail-add").reconstructed);
	PTV_EXPECT(row_of("pmi-pending").reconstructed);
	PTV_EXPECT(row_of("half-pmi-restart").reconstructed);
}

/* Goal: the constraint table accepts every row. Method: set each slot to the rule it has. */
PTV_TEST(driver_set, every_row_meets_the_needs_of_its_rules)
{
	size_t count, i;
	const struct ptv_driver_row *rows = ptv_driver_rows(&count);
	unsigned int slot;
	const char *why;
	char word[32];

	for (i = 0; i < count; i++) {
		struct ptv_driver_row row = rows[i];

		if (row.own_ops)
			continue;
		for (slot = 0; slot < PTV_SLOTS; slot++) {
			const char *rule = rule_text((enum ptv_driver_slot)slot, row.rule[slot],
						     word, sizeof(word));

			why = NULL;
			PTV_EXPECT_EQ(ptv_driver_set(&row, ptv_slot_rows()[slot].name, rule, &why),
				      0);
			PTV_EXPECT(why == NULL);
		}
		PTV_EXPECT_MEMEQ(&row, &rows[i], sizeof(row));
	}
}

PTV_TEST(driver_set, says_which_part_of_slot_and_rule_is_unknown)
{
	struct ptv_driver_row row = row_of("dont-die"), before = row;
	const char *why = NULL;

	PTV_EXPECT_EQ(ptv_driver_set(&row, "pmi_in_vm", "full", &why), -1);
	PTV_EXPECT_EQ(ptv_driver_set(&row, "pmi_in_vmx", "ful", &why), -2);
	PTV_EXPECT_EQ(ptv_driver_set(&row, "pmi_in_vmx", "full|drop", &why), -2);
	PTV_EXPECT_EQ(ptv_driver_set(&row, "pmi_in_vmx", "", &why), -2);
	PTV_EXPECT_MEMEQ(&row, &before, sizeof(row));
	PTV_EXPECT_EQ(ptv_driver_set(&row, "pmi_in_vmx", "full", &why), 0);
	PTV_EXPECT_EQ(row.rule[PTV_SLOT_PMI_IN_VMX], PTV_PMI_IN_VMX_FULL);
	row = row_of("naive");
	PTV_EXPECT_EQ(ptv_driver_set(&row, "pmi_in_vmx", "full", &why), -4);
}

static void expect_refused(const char *driver, const char *slot, const char *rule,
			   const char *part_of_why)
{
	struct ptv_driver_row row = row_of(driver), before = row;
	const char *why = NULL;

	PTV_EXPECT_EQ(ptv_driver_set(&row, slot, rule, &why), -3);
	if (!why || !strstr(why, part_of_why))
		PTV_FAIL("%s %s=%s: why is \"%s\"", driver, slot, rule, why ? why : "");
	PTV_EXPECT_MEMEQ(&row, &before, sizeof(row));
}

PTV_TEST(driver_set, refuses_what_means_nothing_and_says_what_it_needs)
{
	expect_refused("handle-vmx", "pending_pmi", "after", "pmi_in_vmx=latch");
	expect_refused("handle-vmx", "pending_pmi", "before", "pmi_in_vmx=latch");
	expect_refused("handle-vmx", "pending_on_stop", "clear", "pmi_in_vmx=latch");
	expect_refused("pmi-pending", "pmi_in_vmx", "full", "pmi_in_vmx=latch");
	expect_refused("handle-vmx", "notify_off", "restart", "pmi_in_vmx=half");
	expect_refused("half-pmi-restart", "pmi_in_vmx", "full", "pmi_in_vmx=half");
	expect_refused("dont-die", "vmx_track", "none", "notify_on=keep");
}

/* Goal: what separates two generations can be set one by one, in the order of the slots. */
PTV_TEST(driver_set, turns_dont_die_into_handle_vmx_and_into_a_driver_without_notion_of_vmx)
{
	static const char *const merged[][2] = {
		{"notify_on", "keep"},		{"start_in_vmx", "start"}, {"ctl_in_vmx", "shadow"},
		{"pmi_in_vmx", "full"},		{"notify_off", "write"},   {"gap_mark", "partial"},
		{"first_start", "config_zero"}, {"stop_int", "with"},
	};
	static const char *const blind[][2] = {
		{"notify_on", "keep"},	{"start_in_vmx", "start"}, {"ctl_in_vmx", "write"},
		{"pmi_in_vmx", "full"}, {"vmx_track", "none"},
	};
	struct ptv_driver_row row = row_of("dont-die");
	const char *why = NULL;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(merged); i++)
		PTV_EXPECT_EQ(ptv_driver_set(&row, merged[i][0], merged[i][1], &why), 0);
	PTV_EXPECT_MEMEQ(row.rule, row_of("handle-vmx").rule, sizeof(row.rule));

	row = row_of("dont-die");
	for (i = 0; i < PTV_ARRAY_SIZE(blind); i++)
		PTV_EXPECT_EQ(ptv_driver_set(&row, blind[i][0], blind[i][1], &why), 0);
	PTV_EXPECT_EQ(ptv_driver_set(&row, "pmi_in_vmx", "drop", &why), -3);
}
