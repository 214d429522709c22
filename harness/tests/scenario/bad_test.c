/* SPDX-License-Identifier: MIT */
/*
 * Goal: what must be refused is refused, and the diagnostic is exactly the one that its file names.
 * Method: each file of scenarios/bad has a line "# expect: line:column: text"; {checks} and the
 * like stand for the lists that the tables give.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/linux/linux.h"
#include "gtest/ptv_test.h"
#include "play/text.h"
#include "ptv/check.h"
#include "ptv/driver.h"
#include "ptv/hw.h"
#include "ptv/stimulus.h"
#include "scenario/scenario.h"

#define BAD PTV_SOURCE_DIR "/scenarios/bad"

/* --- The lists behind the words in braces --- */

static void add(struct ptv_string *text, const char *name)
{
	ptv_string_add(text, "%s%s", text->size > 0 ? ", " : "", name);
}

#define ADD_ROWS(fn, rows)                               \
	static void fn(struct ptv_string *text)          \
	{                                                \
		size_t count = 0;                        \
                                                         \
		(void)rows(&count);                      \
		for (size_t i = 0; i < count; i++)       \
			add(text, rows(&count)[i].name); \
	}

ADD_ROWS(machines, ptv_machine_rows)
ADD_ROWS(rows_of_rules, ptv_driver_rows)
ADD_ROWS(real_drivers, ptv_linux_rows)
ADD_ROWS(eras, ptv_era_rows)
ADD_ROWS(latencies, ptv_timing_rows)
ADD_ROWS(switches, ptv_switch_rows)

static void policies(struct ptv_string *text)
{
	rows_of_rules(text);
	real_drivers(text);
}

static void checks(struct ptv_string *text)
{
	for (size_t i = 0; i < PTV_CHECKS; i++)
		add(text, ptv_check_rows()[i].id);
}

static void stimuli(struct ptv_string *text, unsigned int layer)
{
	for (size_t i = 0; i < PTV_STIMULI; i++)
		if (((unsigned int)ptv_stimulus_rows()[i].layer & layer) != 0)
			add(text, ptv_stimulus_rows()[i].name);
}

static void kernel_stimuli(struct ptv_string *text)
{
	stimuli(text, PTV_LAYER_KERNEL);
}

static void hardware_stimuli(struct ptv_string *text)
{
	stimuli(text, PTV_LAYER_HW);
}

static void packets(struct ptv_string *text)
{
	for (unsigned int i = 1; i < PTV_PKTS; i++)
		add(text, ptv_packet_name((enum ptv_packet)i));
}

static void msrs(struct ptv_string *text)
{
#define PTV_MSR(NAME, address, text_, meaning) add(text, #NAME);
#include "spec/msr.def"
#undef PTV_MSR
	add(text, "LVTPC");
}

static const struct list {
	const char *word;
	void (*add)(struct ptv_string *text);
} lists[] = {
	{"{machines}", machines}, {"{policies}", policies},
	{"{eras}", eras},	  {"{latencies}", latencies},
	{"{switches}", switches}, {"{checks}", checks},
	{"{packets}", packets},	  {"{kernel stimuli}", kernel_stimuli},
	{"{MSRs}", msrs},	  {"{hardware stimuli}", hardware_stimuli},
};

/* Adds the text with the lists in it. */
static void add_expanded(struct ptv_string *to, const char *text)
{
	while (*text != '\0') {
		size_t i = 0;

		while (i < PTV_ARRAY_SIZE(lists) &&
		       strncmp(text, lists[i].word, strlen(lists[i].word)) != 0)
			i++;
		if (i == PTV_ARRAY_SIZE(lists)) {
			ptv_string_add(to, "%c", *text++);
			continue;
		}
		struct ptv_string list = {0};

		lists[i].add(&list);
		ptv_string_add(to, "%s", ptv_string(&list));
		ptv_string_free(&list);
		text += strlen(lists[i].word);
	}
}

/* --- The tests --- */

/* The rest of the line "# expect: " of a file, in `line`; false if there is none. */
static bool read_expected(const char *path, char *line, int size)
{
	static const char head[] = "# expect: ";
	FILE *file = fopen(path, "r");
	bool found = false;

	PTV_ASSERT(file != NULL);
	while (!found && fgets(line, size, file) != NULL)
		found = strncmp(line, head, sizeof(head) - 1U) == 0;
	(void)fclose(file);
	if (found) {
		line[strcspn(line, "\n")] = '\0';
		memmove(line, line + sizeof(head) - 1U, strlen(line) - sizeof(head) + 2U);
	}
	return found;
}

static void refuse(const void *param)
{
	const char *path = param;
	struct ptv_diag diag = {{0}}, want = {{0}};
	struct ptv_string text = {0};
	char line[PTV_DIAG_TEXT];

	PTV_ASSERT(read_expected(path, line, sizeof(line)));
	ptv_string_add(&text, "%s:", path);
	add_expanded(&text, line);
	/* Through the same mill: what is too long for one is cut in both. */
	(void)ptv_diag(&want, NULL, 0, 0, "%s", ptv_string(&text));
	ptv_string_free(&text);
	PTV_EXPECT(ptv_scenario_load(path, &diag) == NULL);
	PTV_EXPECT_STREQ(diag.text, want.text);
}

PTV_TEST_GENERATOR(each_bad_scenario)
{
	struct ptv_diag diag = {{0}};
	char **list = ptv_scenario_list(BAD, &diag);

	for (char **path = list; path != NULL && *path != NULL; path++)
		ptv_test_register("scenario_bad", strrchr(*path, '/') + 1, *path, 2, refuse, *path);
	free(list); /* the paths are the tests' parameters and stay */
}

/* The generator finds them: an empty folder would pass otherwise. */
PTV_TEST(scenario_load, there_are_files_to_refuse)
{
	struct ptv_diag diag = {{0}};
	char **list = ptv_scenario_list(BAD, &diag);
	size_t count = 0;

	PTV_ASSERT(list != NULL);
	while (list[count] != NULL)
		count++;
	ptv_scenario_list_free(list);
	PTV_EXPECT_GE(count, 100);
}
