/* SPDX-License-Identifier: MIT */
/*
 * Real drivers: what is said when they are not there, that they keep nothing of one world for the
 * next, that a defect in one is a finding and not the end of the program; and every scenario under
 * every real driver (suite engine/linux).
 *
 * Without the kernel's sources these tests are skipped, and say so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/linux/linux.h"
#include "engine/so/so.h"
#include "gtest/ptv_test.h"
#include "play/answer.h"
#include "play/choices.h"
#include "play/finding.h"
#include "play/text.h"
#include "tests/scenario/each.h"

#define TREE	  PTV_SOURCE_DIR "/build/linux-source-6.12"
#define FILE_MAIN "scenarios/thread/enable-virt_on-virt_off+cpu.yaml"
#define FILE_FULL "scenarios/thread/to_int-past_int-to_int-virt_on-virt_off+full.yaml"

static const struct ptv_answer_options every_run = {0};

static void need(const char *name)
{
	const struct ptv_linux_row *row = ptv_linux_find(name);

	PTV_ASSERT(row);
	if (!ptv_linux_built(row))
		PTV_SKIP("%s was not built: no package linux-source-%s", name, row->version);
}

/* What is expected of a text holds for that text. */
static void need_known(const struct ptv_linux_row *row)
{
	need(row->name);
	if (!ptv_linux_known(row))
		PTV_SKIP("%s: new driver text that MANIFEST does not know", row->name);
}

PTV_TEST(linux_driver, an_unbuilt_one_is_one_line)
{
	const struct ptv_linux_row row = {"linux-0.99", "4.5", "0.99"};
	const struct ptv_pmu_ops *ops;
	struct ptv_diag diag = {""};
	void *handle;

	PTV_EXPECT_EQ(ptv_linux_load(&row, &ops, &handle, &diag), -1);
	PTV_EXPECT(strstr(diag.text, "linux-0.99: its library has not been built"));
	PTV_EXPECT(!strchr(diag.text, '\n'));
	PTV_EXPECT(ptv_linux_find("linux-0.99") == NULL);
}

/* --- two worlds at once --- */

struct run {
	struct ptv_policy policy;
	struct ptv_scenario *scenario;
	struct ptv_steps steps;
	struct ptv_env env;
	struct ptv_world world;
	uint64_t hash; /* of the observations */
};

static void mix(void *ctx, const struct ptv_obs *obs)
{
	struct run *run = ctx;
	const uint64_t words[] = {obs->cycle, obs->a, obs->b, obs->c,
				  (uint64_t)obs->kind << 8 | obs->by};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(words); i++)
		run->hash = (run->hash ^ words[i]) * UINT64_C(0x100000001b3);
}

static void begin(struct run *run, const char *policy, const char *file)
{
	struct ptv_diag diag = {""};

	PTV_ASSERT(ptv_policy_parse(&run->policy, policy, NULL, &diag) == 0);
	run->scenario = ptv_scenario_load(file, &diag);
	PTV_ASSERT(run->scenario);
	ptv_choice_steps(run->scenario, 0, &run->steps);
	ptv_play_env(&run->env, run->scenario, &run->policy);
	run->env.sink.emit = mix;
	run->env.sink.ctx = run;
	run->hash = 0;
	PTV_ASSERT(ptv_world_init(&run->world, &run->env) == 0);
}

static bool go(struct run *run, size_t step)
{
	if (step >= run->steps.count)
		return false;
	(void)ptv_world_apply(&run->world, &run->env, &run->steps.at[step].stimulus,
			      (uint32_t)step);
	return true;
}

static void finish(struct run *run)
{
	ptv_steps_free(&run->steps);
	memset(&run->steps, 0, sizeof(run->steps));
	if (run->scenario)
		ptv_scenario_free(run->scenario);
	run->scenario = NULL;
	ptv_policy_free(&run->policy);
}

struct pair {
	struct run a, b;
	struct ptv_world kept;
};

static void finish_pair(void *data)
{
	struct pair *pair = data;

	finish(&pair->a);
	finish(&pair->b);
}

static const struct ptv_fixture pair_fixture = {sizeof(struct pair), NULL, finish_pair};

static void run_alone(struct run *run)
{
	size_t step;

	for (step = 0; go(run, step); step++)
		;
}

PTV_TEST_F(linux_driver, worlds_that_take_turns_do_not_meet, pair_fixture)
{
	/* Other machine, other geometry: tables are built again at each turn. */
	struct pair *pair = data;
	uint64_t alone_a, alone_b;
	size_t step;
	bool more;

	need("linux-6.12");
	begin(&pair->a, "linux-6.12", FILE_FULL);
	run_alone(&pair->a);
	alone_a = pair->a.hash;
	finish(&pair->a);
	begin(&pair->b, "linux-6.12", FILE_MAIN);
	run_alone(&pair->b);
	alone_b = pair->b.hash;
	finish(&pair->b);

	begin(&pair->a, "linux-6.12", FILE_FULL);
	begin(&pair->b, "linux-6.12", FILE_MAIN);
	for (step = 0, more = true; more; step++) {
		more = go(&pair->a, step);
		more = go(&pair->b, step) || more;
	}
	PTV_EXPECT_EQ(pair->a.hash, alone_a);
	PTV_EXPECT_EQ(pair->b.hash, alone_b);
	PTV_EXPECT_NE(alone_a, alone_b);
}

PTV_TEST_F(linux_driver, worlds_that_differ_only_in_time_do_not_meet, pair_fixture)
{
	/* The same geometry, so that nothing is built again: one is some steps behind the other. */
	struct pair *pair = data;
	size_t behind, step;
	uint64_t alone;

	need("linux-6.12");
	begin(&pair->a, "linux-6.12", FILE_FULL);
	run_alone(&pair->a);
	alone = pair->a.hash;
	finish(&pair->a);
	for (behind = 1; behind < 4U; behind++) {
		bool more = true;

		begin(&pair->a, "linux-6.12", FILE_FULL);
		begin(&pair->b, "linux-6.12", FILE_FULL);
		for (step = 0; more; step++) {
			more = go(&pair->a, step);
			more = (step < behind || go(&pair->b, step - behind)) || more;
		}
		PTV_EXPECT_GT(step, pair->a.steps.count);
		PTV_EXPECT_EQ(pair->a.hash, alone);
		PTV_EXPECT_EQ(pair->b.hash, alone);
		finish(&pair->a);
		finish(&pair->b);
	}
}

PTV_TEST_F(linux_driver, a_copied_world_goes_on_as_the_first_did, pair_fixture)
{
	struct pair *pair = data;
	size_t step, at;

	need("linux-6.1");
	begin(&pair->a, "linux-6.1", FILE_FULL);
	begin(&pair->b, "linux-6.1", FILE_FULL);
	for (at = 0; at < pair->a.steps.count; at++) {
		uint64_t before, hash;

		before = pair->a.hash;
		ptv_world_copy(&pair->kept, &pair->a.world, &pair->a.env);
		for (step = at; go(&pair->a, step); step++)
			;
		hash = pair->a.hash;
		/* What comes after must leave no trace in the views. */
		pair->a.hash = before;
		ptv_world_copy(&pair->a.world, &pair->kept, &pair->a.env);
		for (step = at; go(&pair->a, step); step++)
			;
		PTV_EXPECT_EQ(pair->a.hash, hash);
		pair->a.hash = before;
		ptv_world_copy(&pair->a.world, &pair->kept, &pair->a.env);
		PTV_ASSERT(go(&pair->a, at));
	}
}

PTV_TEST_F(linux_driver, sites_are_the_points_that_calls_are, pair_fixture)
{
	/* The build puts comparisons where the compiler calls (site.inc): left out, nothing
	 * changes. */
	struct pair *pair = data;
	struct ptv_diag diag = {""};
	int result;

	need("linux-6.12");
	begin(&pair->a, "linux-6.12", FILE_FULL);
	begin(&pair->b, "linux-6.12", FILE_FULL);
	ptv_so_close(pair->b.policy.library);
	(void)setenv("PTV_LINUX_SITES", "no", 1);
	result = ptv_linux_load_tree(TREE, &pair->b.policy.ops, &pair->b.policy.library, &diag);
	(void)unsetenv("PTV_LINUX_SITES");
	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT(result == 0);
	pair->b.env.kern.ops = pair->b.policy.ops;
	pair->b.hash = 0;
	PTV_ASSERT(ptv_world_init(&pair->b.world, &pair->b.env) == 0);
	run_alone(&pair->a);
	run_alone(&pair->b);
	PTV_EXPECT_EQ(pair->a.hash, pair->b.hash);
}

/* --- planted defects --- */

struct planted {
	char folder[64];
	struct ptv_policy policy;
	struct ptv_scenario *scenario;
	struct ptv_answer answer;
	struct ptv_diag diag;
};

static void clean(void *data)
{
	struct planted *planted = data;
	char command[128];

	ptv_answer_free(&planted->answer);
	ptv_policy_free(&planted->policy);
	if (planted->scenario)
		ptv_scenario_free(planted->scenario);
	if (planted->folder[0]) {
		(void)snprintf(command, sizeof(command), "rm -rf %s", planted->folder);
		(void)!system(command);
	}
}

static const struct ptv_fixture planted_fixture = {sizeof(struct planted), NULL, clean};

/* A copy of the tree in which a line is put before the PMI handler's pt_read_offset(buf). */
static void plant(struct planted *planted, const char *line)
{
	char command[1024];

	need_known(ptv_linux_find("linux-6.12"));
	(void)snprintf(planted->folder, sizeof(planted->folder), "/tmp/ptvmx-test-XXXXXX");
	PTV_ASSERT(mkdtemp(planted->folder));
	(void)snprintf(command, sizeof(command),
		       "cp -r %s/. %s && sed -i '/^void intel_pt_interrupt/,/^}/"
		       "s/\\tpt_read_offset(buf);/%s\\n&/' %s/arch/x86/events/intel/pt.c",
		       TREE, planted->folder, line, planted->folder);
	PTV_ASSERT(system(command) == 0);
	if (ptv_linux_load_tree(planted->folder, &planted->policy.ops, &planted->policy.library,
				&planted->diag))
		return;
	planted->policy.name = ptv_string_copy("planted");
	planted->policy.era = ptv_era_find("6.12");
	planted->scenario = ptv_scenario_load(
		"scenarios/thread/to_int-virt_on-virt_off+restart.yaml", &planted->diag);
	PTV_ASSERT(planted->scenario && planted->policy.era);
	ptv_answer(&planted->answer, planted->scenario, &planted->policy, &every_run);
}

static void expect_oops(const struct planted *planted)
{
	PTV_EXPECT_STREQ(planted->diag.text, "");
	PTV_EXPECT_GT(planted->answer.panics, 0U);
	PTV_EXPECT_EQ(planted->answer.panics, planted->answer.runs);
	PTV_EXPECT_EQ(ptv_tally_word(&planted->answer.tally[PTV_CHECK_NO_SPLAT]), PTV_WORD_NEVER);
}

PTV_TEST_F(linux_driver, a_wild_pointer_is_a_finding, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "*(volatile int *)16 = 1;");
	expect_oops(planted);
}

PTV_TEST_F(linux_driver, a_bug_on_is_a_finding, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "BUG_ON(buf);");
	expect_oops(planted);
}

PTV_TEST_F(linux_driver, a_loop_without_end_is_a_finding, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "while (READ_ONCE(buf->nr_pages)) ;");
	expect_oops(planted);
}

PTV_TEST_F(linux_driver, a_loop_that_touches_nothing_is_a_finding, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "for (;;) ;");
	expect_oops(planted);
}

PTV_TEST_F(linux_driver, a_loop_through_the_port_is_a_finding, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "for (;;) wrmsrl(MSR_IA32_RTIT_STATUS, 0);");
	expect_oops(planted);
}

PTV_TEST_F(linux_driver, a_function_that_calls_itself_without_end_is_a_finding, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "intel_pt_interrupt();");
	expect_oops(planted);
}

PTV_TEST_F(linux_driver, a_warning_does_not_kill_and_has_words, planted_fixture)
{
	struct planted *planted = data;
	char text[256];

	plant(planted, "WARN_ON_ONCE(buf);");
	PTV_EXPECT_STREQ(planted->diag.text, "");
	PTV_EXPECT_EQ(planted->answer.panics, 0U);
	PTV_EXPECT_EQ(ptv_tally_word(&planted->answer.tally[PTV_CHECK_NO_SPLAT]), PTV_WORD_NEVER);
	ptv_finding_text(&planted->policy,
			 &planted->answer.tally[PTV_CHECK_NO_SPLAT].first.violation, text,
			 sizeof(text));
	PTV_EXPECT(strstr(text, ": WARN pt.c:1532 (buf)"));
}

PTV_TEST_F(linux_driver, a_tree_that_does_not_compile_names_file_and_line, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "int x = ;");
	PTV_EXPECT(strstr(planted->diag.text, "/arch/x86/events/intel/pt.c:"));
	PTV_EXPECT(strstr(planted->diag.text, "error: expected expression"));
	PTV_EXPECT(!strchr(planted->diag.text, '\n'));
}

PTV_TEST_F(linux_driver, a_function_that_is_not_there_is_named_with_file_and_line, planted_fixture)
{
	struct planted *planted = data;

	plant(planted, "smp_store_mb(buf, 1);");
	PTV_EXPECT(strstr(planted->diag.text, "/arch/x86/events/intel/pt.c:"));
	PTV_EXPECT(strstr(planted->diag.text, "undefined reference to `smp_store_mb'"));
	PTV_EXPECT(!strchr(planted->diag.text, '\n'));
}

/* --- a build that has not got all --- */

/* The program beside libraries of its own: 6.12's, of another text, and none of 6.1. */
struct elsewhere {
	char folder[64];
	char said[65536];
	int status;
};

static void leave(void *data)
{
	const struct elsewhere *elsewhere = data;
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", elsewhere->folder);
	if (elsewhere->folder[0])
		(void)!system(command);
}

static const struct ptv_fixture elsewhere_fixture = {sizeof(struct elsewhere), NULL, leave};

static void run_elsewhere(struct elsewhere *elsewhere, const char *arguments)
{
	char command[1024];
	FILE *said;
	size_t size;

	need("linux-6.12");
	(void)snprintf(elsewhere->folder, sizeof(elsewhere->folder), "/tmp/ptvmx-test-XXXXXX");
	PTV_ASSERT(mkdtemp(elsewhere->folder));
	(void)snprintf(command, sizeof(command),
		       "cd %s && mkdir bin lib && cp %s/bin/ptvmx bin && "
		       "ln -s %s/lib/linux-6.12.so lib && : >lib/linux-6.12.so.unknown",
		       elsewhere->folder, PTV_BINARY_DIR, PTV_BINARY_DIR);
	PTV_ASSERT(system(command) == 0);
	(void)snprintf(command, sizeof(command), "%s/bin/ptvmx %s 2>&1", elsewhere->folder,
		       arguments);
	said = popen(command, "r");
	PTV_ASSERT(said);
	size = fread(elsewhere->said, 1, sizeof(elsewhere->said) - 1U, said);
	elsewhere->said[size] = '\0';
	elsewhere->status = pclose(said);
}

PTV_TEST_F(linux_driver, what_is_not_built_or_not_known_is_skipped_and_no_difference,
	   elsewhere_fixture)
{
	struct elsewhere *elsewhere = data;

	run_elsewhere(elsewhere, "run scenarios/linux/enable-to_stop+overrun-cpu1.yaml");
	PTV_EXPECT_EQ(elsewhere->status, 0);
	PTV_EXPECT(strstr(elsewhere->said, "linux-6.12? (era 6.12)"));
	PTV_EXPECT(strstr(elsewhere->said, "  expectations skipped: new driver text"));
	PTV_EXPECT(strstr(elsewhere->said, "\nlinux-6.1 skipped: its library has not been built"));
}

PTV_TEST_F(linux_driver, a_matrix_says_what_it_has_skipped, elsewhere_fixture)
{
	struct elsewhere *elsewhere = data;

	run_elsewhere(elsewhere, "matrix scenarios/linux/enable-to_stop+overrun-cpu1.yaml");
	PTV_EXPECT_EQ(elsewhere->status, 0);
	PTV_EXPECT(strstr(elsewhere->said, " linux-6.12?"));
	PTV_EXPECT(strstr(elsewhere->said, "\n ? expectations skipped: new driver text"));
	PTV_EXPECT(strstr(elsewhere->said, "\nlinux-6.1 skipped: its library has not been built"));
}

PTV_TEST_F(linux_driver, json_says_what_was_skipped, elsewhere_fixture)
{
	struct elsewhere *elsewhere = data;

	run_elsewhere(elsewhere,
		      "run --format json scenarios/linux/enable-to_stop+overrun-cpu1.yaml | "
		      "grep -A4 -e skipped -e not_compared");
	PTV_EXPECT_EQ(elsewhere->status, 0);
	PTV_EXPECT(strstr(elsewhere->said, "\"not_compared\":\t\"new driver text"));
	PTV_EXPECT(strstr(elsewhere->said, "\"policy\":\t\"linux-6.1\""));
}

/* --- every scenario --- */

static void play_policy(const struct ptv_scenario *scenario, const char *name)
{
	struct ptv_diag diag = {""};
	struct ptv_policy policy;
	struct ptv_answer answer;

	PTV_ASSERT(ptv_policy_parse(&policy, name, NULL, &diag) == 0);
	ptv_answer(&answer, scenario, &policy, &every_run);
	PTV_EXPECT_GT(answer.runs, 0U);
	/* A crash that the file does not expect would be the shim's. */
	if (policy.real && answer.tally[PTV_CHECK_NO_SPLAT].want != PTV_EXPECTED_NEVER)
		PTV_EXPECT_EQ(answer.panics, 0U);
	expect_verdicts(&answer);
	ptv_answer_free(&answer);
	ptv_policy_free(&policy);
}

/* A real driver, and the rows in its era that the file expects something of. One is played without
 * the other. */
static void play(const char *path, const char *driver)
{
	const struct ptv_linux_row *row = ptv_linux_find(driver);
	struct ptv_diag diag = {""};
	struct ptv_scenario *scenario;
	size_t i;

	PTV_ASSERT(row);
	need_known(row);
	scenario = ptv_scenario_load(path, &diag);
	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT(scenario);
	for (i = 0; i < scenario->expects && !scenario->hw_alone; i++) {
		const char *name = scenario->expect[i].policy;
		const char *era = strchr(name, '@');

		if (era && strcmp(era + 1, row->era) == 0 && strncmp(name, "linux-", 6) != 0)
			play_policy(scenario, name);
	}
	if (!scenario->hw_alone)
		play_policy(scenario, driver);
	ptv_scenario_free(scenario);
}

static void play_6_1(const void *path)
{
	play(path, "linux-6.1");
}

static void play_6_12(const void *path)
{
	play(path, "linux-6.12");
}

PTV_TEST_GENERATOR(linux_scenarios)
{
	size_t count;

	(void)ptv_linux_rows(&count);
	PTV_ASSERT(count == 2U);
	each_scenario("scenarios/thread", "engine/linux-6.1", play_6_1);
	each_scenario("scenarios/linux", "engine/linux-6.1", play_6_1);
	each_scenario("scenarios/thread", "engine/linux-6.12", play_6_12);
	each_scenario("scenarios/linux", "engine/linux-6.12", play_6_12);
}
