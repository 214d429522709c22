/* SPDX-License-Identifier: MIT */
/*
 * Goal: ptvmx-bench prints the figures that it promises, and refuses in one line what it cannot do.
 * How fast the machine is that runs this test is nobody's business here.
 * Method: the built program is run by the shell with a tiny budget.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/ptv_test.h"

#define PROGRAM	 PTV_BINARY_DIR "/bin/ptvmx-bench"
#define ACCEPTED "ptvmx-bench: "

static char said[8192];

/* Runs the program; returns its exit status. */
static int bench(const char *arguments)
{
	char line[1024];
	size_t size;
	FILE *out;
	int status;

	(void)snprintf(line, sizeof(line), PROGRAM " %s 2>&1", arguments);
	out = popen(line, "r");
	PTV_ASSERT(out);
	size = fread(said, 1, sizeof(said) - 1U, out);
	said[size] = '\0';
	status = pclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static double number(const cJSON *json, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	if (!cJSON_IsNumber(item))
		PTV_FAIL("no number %s in %s", name, said);
	return cJSON_IsNumber(item) ? item->valuedouble : 0.0;
}

PTV_TEST(bench, driver_prints_what_a_driver_takes_beyond_ours)
{
	cJSON *json;

	if (access(PROGRAM, X_OK))
		PTV_SKIP("no " PROGRAM);
	/* Any driver will do: a row of ours, since the kernel's may not be there. */
	PTV_EXPECT_EQ(bench("driver --seconds 0.05 --policy dont-die"), 0);
	json = cJSON_Parse(said);
	PTV_ASSERT(json);
	PTV_EXPECT(number(json, "ours_stop_starts_per_s") > 0.0);
	PTV_EXPECT(number(json, "stop_starts_per_s") > 0.0);
	(void)number(json, "stop_start_beyond_ours_ns");
	cJSON_Delete(json);
	PTV_EXPECT_EQ(bench("driver --seconds 0.05 --policy none"), 2);
}

PTV_TEST(bench, replay_prints_every_figure)
{
	static const char *const rates[] = {"stimuli_per_s",	    "timelines_per_s",
					    "stepped_cycles_per_s", "leapt_cycles_per_s",
					    "leap_busy_ratio",	    "leap_idle_ratio"};
	const cJSON *median;
	cJSON *json;
	size_t i;

	if (access(PROGRAM, X_OK))
		PTV_SKIP("no " PROGRAM);
	PTV_EXPECT_EQ(bench("replay --seconds 0.05"), 0);
	json = cJSON_Parse(said);
	PTV_ASSERT(json);
	median = cJSON_GetObjectItemCaseSensitive(json, "median");
	for (i = 0; i < PTV_ARRAY_SIZE(rates); i++) {
		PTV_EXPECT(number(json, rates[i]) > 0.0);
		PTV_EXPECT(number(json, rates[i]) >= number(median, rates[i]));
	}
	PTV_EXPECT(number(json, "stimuli") == 12.0);
	PTV_EXPECT(number(json, "stimuli_per_s") > 11.9 * number(json, "timelines_per_s"));
	cJSON_Delete(json);
}

PTV_TEST(bench, the_state_is_as_small_as_it_has_to_be)
{
	cJSON *json;

	if (access(PROGRAM, X_OK))
		PTV_SKIP("no " PROGRAM);
	PTV_EXPECT_EQ(bench("replay --seconds 0.01"), 0);
	json = cJSON_Parse(said);
	PTV_ASSERT(json);
	PTV_EXPECT(number(json, "state_bytes_per_lp") > 0.0);
	PTV_EXPECT(number(json, "state_bytes_shared") > 0.0);
	PTV_EXPECT(number(json, "state_bytes_per_lp") <= 2048.0);
	PTV_EXPECT(number(json, "state_bytes_shared") <= 4096.0);
	cJSON_Delete(json);
}

PTV_TEST(bench, what_it_cannot_do_is_one_line_and_status_2)
{
	static const struct {
		const char *arguments, *says;
	} refused[] = {
		{"", "a command is wanted (accepted: replay"},
		{"relay", "unknown command 'relay' (accepted: replay"},
		{"replay --seconds 0", "--seconds wants a number above 0 up to 3600, not '0'"},
		{"replay --seconds nan", "--seconds wants a number above 0 up to 3600, not 'nan'"},
		{"replay --seconds", "--seconds wants a number above 0 up to 3600, not ''"},
		{"replay --fast", "unknown option '--fast' (accepted: --seconds, --policy)"},
		{"replay a.yaml b.yaml", "one FILE at most, not 'b.yaml' too"},
		{"replay --policy", "--policy wants a policy"},
		{"replay --policy nobody", "nobody"},
		{"replay nowhere.yaml", "nowhere.yaml"},
		{"replay --policy naive scenarios/thread/virt_on-sched_in+no-fault.yaml",
		 "scenarios/thread/virt_on-sched_in+no-fault.yaml: its timeline does not run to "
		 "its end under naive"},
	};
	size_t i;

	if (access(PROGRAM, X_OK))
		PTV_SKIP("no " PROGRAM);
	for (i = 0; i < PTV_ARRAY_SIZE(refused); i++) {
		PTV_EXPECT_EQ(bench(refused[i].arguments), 2);
		PTV_EXPECT_EQ(strncmp(said, ACCEPTED, strlen(ACCEPTED)), 0);
		if (!strstr(said, refused[i].says))
			PTV_FAIL("'%s': %s", refused[i].arguments, said);
		PTV_EXPECT_EQ(strchr(said, '\n') - said, (ptrdiff_t)strlen(said) - 1);
	}
}
