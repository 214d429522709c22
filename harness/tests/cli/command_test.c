/* SPDX-License-Identifier: MIT */
/*
 * The command `ptvmx` from outside: what it says of wrong input and usage, its exit status, and
 * what it leaves behind.
 * Method: each row of a table is a test. It writes the scenarios that it needs into an empty
 * folder, has the shell run the built program, and compares all that is printed. Behind a
 * refusal the folder holds what was written before and nothing else. {F} stands for the folder.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/ptv_test.h"
#include "play/text.h"
#include "ptv/driver.h"
#include "ptv/hw.h"

#define PROGRAM PTV_BINARY_DIR "/bin/ptvmx"
#define LIB	PTV_BINARY_DIR "/lib/"
#define X	"{F}/x.yaml"
#define ONES8	"1, 1, 1, 1, 1, 1, 1, 1, "
#define ONES	ONES8 ONES8 ONES8 ONES8 ONES8 ONES8 ONES8 "1, 1, 1, 1, 1, 1, 1, 1"

/* A scenario, a key a line. */
static const char *const kernel[] = {
	"asks: {check: resumes, question: \"Does it?\"}",
	"source: made up",
	"machine: broadwell",
	"buffer: {pages: 8}",
	"event: {context: cpu, mode: full}",
	"timeline:",
	"  - {at: 0, do: enable}",
	"  - {at: 4000, do: virt_on}",
	"  - {at: 9000..9001, do: virt_off}",
	"  - {at: 20000, do: end}",
	"expect:",
	"  handle-vmx: {all: always, because: \"made up\"}",
	NULL,
};

/* One test. */
struct row {
	const char *name;      /* a sentence */
	const char *arguments; /* of ptvmx */
	int status;
	const char *said; /* all of standard output and error; NULL: anything */
	/* x.yaml is the scenario with this line (from 1) put in the place of its own; 0: as it is.
	 */
	int line;
	const char *text;
};

#define ALIVE "run " X " --policy handle-vmx --evidence 0 "

/* Fields that are left out are 0. */
#define ROW(...)                    \
	{                           \
		.name = __VA_ARGS__ \
	}

static const struct row refused[] = {
	/* Files */
	ROW("a_missing_file", "run {F}/y.yaml", 2,
	    "ptvmx: {F}/y.yaml: No such file or directory\n"),
	ROW("a_directory_without_scenarios", "matrix " PTV_SOURCE_DIR "/docs", 2,
	    "ptvmx: " PTV_SOURCE_DIR "/docs: no scenarios; accepted: a folder with *.yaml\n"),
	ROW("an_error_of_yaml", "run " X, 2, X ":5:6: not YAML: missing comma in flow mapping\n", 4,
	    "buffer: {pages: 8"),
	ROW("an_unknown_key", "run " X, 2,
	    X ":2:1: unknown key of the scenario \"sauce\"; did you mean \"source\"? accepted: "
	      "asks, source, {*}\n",
	    2, "sauce: made up"),
	ROW("a_wrong_type", "run " X, 2,
	    X ":4:17: pages: \"many\" is not a number; accepted: 1..64 (PTV_MAX_AUX_PAGES)\n", 4,
	    "buffer: {pages: many}"),
	ROW("fixed_times_out_of_order", "run " X, 2,
	    X ":9:10: at: cycle 3000 is before cycle 4000 of line 8; accepted: times in order\n", 9,
	    "  - {at: 3000, do: virt_off}"),
	ROW("an_explosion_of_choices_with_count_limit_and_cure", "run " X, 2,
	    X ":7:3: timeline: 10001 choices; accepted: 1..4096, or choices: N in the file, or a "
	      "step in the ranges\n",
	    9, "  - {at: 9000..19000, do: virt_off}"),
	ROW("too_many_aux_pages", "run " X, 2,
	    X ":4:17: pages: 128 is too large; accepted: 1..64 (PTV_MAX_AUX_PAGES)\n", 4,
	    "buffer: {pages: 128}"),
	ROW("too_many_table_words_of_a_driver", "run " X " --policy handle-vmx", 2,
	    "ptvmx: " X ": no room for the ToPA tables of handle-vmx; accepted: 128 words "
	    "(PTV_MEM_WORDS): fewer pages, or larger regions\n",
	    5,
	    "lps: 2\nevents: [{context: cpu, mode: full, buffer: {pages: 64, "
	    "fragmented: [" ONES "]}}, {context: cpu, mode: full, lp: 1, buffer: {pages: 64, "
	    "fragmented: [" ONES "]}}]"),
	ROW("too_many_table_words_of_the_file",
	    "run " PTV_SOURCE_DIR "/scenarios/bad/"
	    "limit+table-words.yaml",
	    2,
	    PTV_SOURCE_DIR "/scenarios/bad/limit+table-words.yaml:138:30: "
			   "address: word 129 of table memory; accepted: 128 (PTV_MEM_WORDS)\n"),
	ROW("an_unknown_policy_in_the_file", "run " X, 2,
	    X ":12:3: unknown policy \"handel-vmx\"; did you mean \"handle-vmx\"? accepted: "
	      "naive, {*}\n",
	    12, "  handel-vmx: {all: always, because: \"made up\"}"),
	ROW("an_unknown_machine", "run " X, 2,
	    X ":3:10: unknown machine \"pentium\"; accepted: {machines}\n", 3, "machine: pentium"),
	ROW("an_unknown_check", "run " X, 2, NULL, 1,
	    "asks: {check: resume, question: \"Does it?\"}"),
	ROW("an_expectation_without_because", "run " X, 2,
	    X ":12:15: an expectation lacks the key \"because\"; required: because\n", 12,
	    "  handle-vmx: {all: always}"),
	/* Policies */
	ROW("an_unknown_policy", "run " X " --policy nobody", 2,
	    "ptvmx: unknown policy 'nobody' (known: naive, {*}, none, or a path to a .so)\n"),
	ROW("an_unknown_era", "run " X " --policy dont-die@9.9", 2,
	    "ptvmx: unknown era '9.9' (known: {eras})\n"),
	ROW("no_policy_at_all", "run " X " --policy ''", 2, "ptvmx: --policy wants a name\n"),
	ROW("a_policy_without_a_name_behind_a_comma", "run " X " --policy dont-die,", 2,
	    "ptvmx: --policy wants a name on each side of a comma\n"),
	ROW("a_policy_without_a_name_before_a_comma", "run " X " --policy ,dont-die", 2,
	    "ptvmx: --policy wants a name on each side of a comma\n"),
	ROW("the_policy_of_hardware_for_a_kernel", "run " X " --policy none", 2,
	    "ptvmx: " X ": has a kernel: policy none is for hardware alone\n"),
	ROW("a_driver_that_is_not_there", "run " X " --policy {F}/no.so", 2,
	    "ptvmx: driver {F}/no.so: No such file or directory\n"),
	ROW("a_driver_without_entry_point", "run " X " --policy " LIB "no_entry.so", 2,
	    "ptvmx: driver " LIB "no_entry.so: no entry point `const struct ptv_pmu_ops "
	    "*ptv_driver(void)`\n"),
	ROW("a_setting_without_a_rule", "run " X " --policy dont-die --set x", 2,
	    "ptvmx: --set wants slot=rule, not 'x'\n"),
	ROW("an_unknown_slot", "run " X " --policy dont-die --set x=y", 2,
	    "ptvmx: --set: unknown slot 'x' (known: {slots})\n"),
	ROW("a_driver_without_slots", "run " X " --policy naive --set x=y", 2,
	    "ptvmx: --set: driver naive has no slots (see ptvmx list slots)\n"),
	/* Usage */
	ROW("no_command", "", 2, "ptvmx: no command (known: run, {*}; see ptvmx --help)\n"),
	ROW("an_unknown_command", "walk", 2,
	    "ptvmx: unknown command 'walk' (known: run, {*}; see ptvmx "
	    "--help)\n"),
	ROW("an_unknown_option_before_the_command", "--walk", 2,
	    "ptvmx: unknown option '--walk' (see ptvmx --help)\n"),
	ROW("an_unknown_option", "run " X " --walk", 2,
	    "ptvmx: unknown option '--walk' (see ptvmx run --help)\n"),
	ROW("an_unknown_letter", "run " X " -x", 2,
	    "ptvmx: unknown option '-x' (see ptvmx run --help)\n"),
	ROW("an_option_of_another_command", "run " X " --width 9", 2,
	    "ptvmx: option --width is not one of ptvmx run (see ptvmx run --help)\n"),
	ROW("an_option_without_its_argument", "run " X " --policy", 2,
	    "ptvmx: option --policy wants P[,Q...]\n"),
	ROW("a_command_without_its_argument", "run", 2,
	    "ptvmx: run wants FILE|DIRECTORY... (see ptvmx run --help)\n"),
	ROW("a_kernel_tree_that_is_not_there", "run " X " --driver-source {F}/none", 2,
	    "ptvmx: --driver-source {F}/none: No such file or directory\n"),
	ROW("a_file_for_a_kernel_tree", "run " X " --driver-source " X, 2,
	    "ptvmx: --driver-source " X ": not a folder; wanted: a kernel tree\n"),
	ROW("a_folder_that_is_no_kernel_tree", "run " X " --driver-source {F}", 2,
	    "ptvmx: {F}/arch/x86/events/intel/pt.c: error: no such file: not a kernel tree with "
	    "PT\n"),
	ROW("an_unknown_format", ALIVE "--format xml", 2,
	    "ptvmx: --format wants text or json, not 'xml'\n"),
	ROW("an_unknown_engine", ALIVE "--engine jump", 2,
	    "ptvmx: --engine wants leap or step, not 'jump'\n"),
	ROW("a_number_that_is_none", ALIVE "--choices many", 2,
	    "ptvmx: --choices wants a number, not 'many'\n"),
	ROW("no_choices_at_all", ALIVE "--choices 0", 2, "ptvmx: --choices wants at least 1\n"),
	ROW("more_choices_than_the_file_has", ALIVE "--choice 9000,5", 2,
	    "ptvmx: " X ": 1 choices here, 2 given\n"),
	ROW("evidence_of_two_lines", "run " X " --evidence 2", 2,
	    "ptvmx: --evidence wants 0 or 4..100000, not '2'\n"),
	ROW("an_unknown_list", "list drivers", 2,
	    "ptvmx: nothing called 'drivers' to list (known: policies, "
	    "{*}points)\n"),
	ROW("a_list_of_nothing", "list", 2, "ptvmx: list wants WHAT (see ptvmx list --help)\n"),
	ROW("a_list_with_too_much", "list eras 4.6", 2,
	    "ptvmx: list eras wants nothing more, not '4.6'\n"),
	ROW("a_list_in_json_that_is_text", "list eras --format json", 2,
	    "ptvmx: list eras prints text only: --format json is for observations\n"),
	ROW("points_of_no_file", "list points", 2, "ptvmx: list points wants FILE...\n"),
	ROW("a_choice_without_a_number_behind_a_comma", ALIVE "--choice 9000,", 2,
	    "ptvmx: --choice wants a number, not ''\n"),
	/* Output */
	ROW("an_unwritable_output", ALIVE "--output {F}/no/x", 2,
	    "ptvmx: cannot write {F}/no/x: No such file or directory\n"),
	ROW("an_output_that_is_a_directory", ALIVE "--output {F}", 2,
	    "ptvmx: cannot write {F}: Is a directory\n"),
	ROW("unwritable_observations", ALIVE "--observations {F}/no/x", 2,
	    "ptvmx: cannot write {F}/no/x: No such file or directory\n"),
	ROW("observations_without_output_leave_nothing",
	    ALIVE "--observations {F}/o.jsonl --output {F}/no/x", 2,
	    "ptvmx: cannot write {F}/no/x: No such file or directory\n"),
	ROW("output_without_observations_leaves_nothing",
	    ALIVE "--observations {F}/no/o.jsonl --output {F}/x", 2,
	    "ptvmx: cannot write {F}/no/o.jsonl: No such file or directory\n"),
	ROW("one_file_for_both", ALIVE "--observations {F}/o --output {F}/o", 2,
	    "ptvmx: --output and --observations want different files, not both {F}/o\n"),
	ROW("observations_of_all_policies", "run " X " --observations {F}/o", 2,
	    "ptvmx: --observations wants one policy: say --policy\n"),
	ROW("observations_of_two_files", ALIVE X " --observations {F}/o", 2,
	    "ptvmx: --observations wants one file, not 2\n"),
	ROW("observations_of_a_timeline_that_is_none", ALIVE "--observations {F}/o --variant 999",
	    2, "ptvmx: " X ": has no timeline 999 in the family of confluent\n"),
	ROW("a_variant_without_observations", ALIVE "--variant 1", 2,
	    "ptvmx: --variant names the run of --observations FILE\n"),
	ROW("a_variant_and_a_choice", ALIVE "--observations {F}/o --variant 1 --choice 1", 2,
	    "ptvmx: --variant and --choice both name a run\n"),
	ROW("a_step_that_makes_no_sense_leaves_no_observations",
	    ALIVE "--observations {F}/o.jsonl --output {F}/x", 2,
	    X ":8:5: virt_off makes no sense here under handle-vmx\n", 8,
	    "  - {at: 4000, do: virt_off}"),
	ROW("a_full_disk_behind_standard_output", ALIVE ">/dev/full", 2,
	    "ptvmx: cannot write standard output: No space left on device\n"),
	ROW("a_full_disk_behind_output", ALIVE "--output /dev/full", 2,
	    "ptvmx: cannot write /dev/full: No space left on device\n"),
	ROW("a_full_disk_behind_observations",
	    ALIVE "--choice 9000 --observations /dev/full --output {F}/o", 2,
	    "ptvmx: cannot write /dev/full: No space left on device\n"),
	ROW("a_full_disk_behind_a_list", "list checks >/dev/full", 2,
	    "ptvmx: cannot write standard output: No space left on device\n"),
	ROW("a_full_disk_behind_help", "--help >/dev/full", 2,
	    "ptvmx: cannot write standard output: No space left on device\n"),
	/* The program contradicts itself: here because a driver breaks its contract. */
	ROW("an_assertion_with_status_3_and_leaves_nothing",
	    "run " X " --policy " LIB "frees_what_it_has_not.so --output {F}/o", 3,
	    "internal assertion: {*}\n"),
};

/* These succeed: what they print begins with `said`. */
static const struct row answered[] = {
	ROW("as_expected_is_0", ALIVE, 0, X "\nDoes it?\nasks resumes on broadwell\n\nhandle-vmx"),
	ROW("a_progress_that_waits_in_vain_is_said", ALIVE, 0,
	    X "\nDoes it?\nasks resumes on broadwell\n\nhandle-vmx (era 4.12): 1 run\n"
	      "  stimulus 3 (progress) waits in vain in 1 of 1 runs\n",
	    9, "  - {do: progress, to: int}"),
	ROW("a_verdict_that_differs_is_1", "run " X " --policy dont-die", 1, X "\n", 12,
	    "  dont-die: {resumes: always, because: \"made up\"}"),
	ROW("a_verdict_that_differs_is_1_in_a_matrix", "matrix {F} --policy dont-die", 1, "", 12,
	    "  dont-die: {resumes: always, because: \"made up\"}"),
	ROW("a_verdict_that_may_still_come_is_no_difference", ALIVE "--choices 1", 4, X "\n", 12,
	    "  handle-vmx: {resumes: sometimes, because: \"made up\"}"),
	ROW("stopped_early_is_4", ALIVE "--choices 1", 4, X "\n"),
	ROW("stopped_early_and_a_verdict_that_differs_is_1",
	    "run " X " --policy dont-die --choices 1 --evidence 0", 1, X "\n", 12,
	    "  dont-die: {resumes: always, because: \"made up\"}"),
	ROW("one_choice_of_several_is_0", ALIVE "--choice 9001", 0, X "\n"),
	ROW("as_many_choices_as_there_are_is_0", ALIVE "--choices 2", 0, X "\n"),
	ROW("a_directory", "run {F} --policy handle-vmx", 0, X "\n"),
	ROW("a_driver_from_a_file", "run " X " --evidence 0 --policy " LIB "reference.so", 0,
	    X "\n"),
	ROW("help", "--help", 0, "usage: ptvmx COMMAND [OPTION...] ARGUMENT...\n"),
	ROW("help_as_a_command", "help", 0, "usage: ptvmx COMMAND [OPTION...] ARGUMENT...\n"),
	ROW("version", "--version", 0, "ptvmx 0."),
	ROW("help_of_run", "run --help", 0, "usage: ptvmx run [OPTION...] FILE|DIRECTORY...\n"),
	ROW("help_of_matrix", "matrix --help", 0,
	    "usage: ptvmx matrix [OPTION...] FILE|DIRECTORY...\n"),
	ROW("help_of_show", "show --help", 0, "usage: ptvmx show [OPTION...] FILE|DIRECTORY...\n"),
	ROW("help_of_list", "list --help", 0, "usage: ptvmx list [OPTION...] WHAT\n"),
	ROW("help_of_plot", "plot --help", 0, "usage: ptvmx plot [OPTION...] FILE\n"),
	ROW("list_policies", "list policies", 0, "naive\n  era 4.5; "),
	ROW("list_eras", "list eras", 0, "4.5\n  "),
	ROW("list_machines", "list machines", 0, "broadwell\n  PT in VMX 0, "),
	ROW("list_checks", "list checks", 0, "no-gp (C)\n  exercised by: an MSR access"),
	ROW("list_stimuli", "list stimuli", 0, "enable (kernel)\n  "),
	ROW("list_timing", "list timing", 0, ""),
	ROW("list_switches", "list switches", 0, ""),
	ROW("list_slots", "list slots", 0, "vmx_track: "),
	ROW("list_observations", "list observations", 0,
	    "msr\n  an MSR access by software retired"),
	ROW("list_observations_as_schema", "list observations --format json", 0,
	    "{\n\t\"$schema\":"),
	ROW("list_points", "list points " X " --policy handle-vmx", 0,
	    X ", handle-vmx: points passed, by the stimulus during which they are\n"),
};

struct command {
	char folder[64];
	struct ptv_string line, want, said;
	int status;
};

static void setup(void *data)
{
	struct command *c = data;

	(void)snprintf(c->folder, sizeof(c->folder), "/tmp/ptv-command-XXXXXX");
	PTV_ASSERT(mkdtemp(c->folder));
	if (access(PROGRAM, X_OK))
		PTV_SKIP("no " PROGRAM);
}

static void teardown(struct command *c)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "rm -rf '%s'", c->folder);
	(void)!system(line);
	ptv_string_free(&c->line);
	ptv_string_free(&c->want);
	ptv_string_free(&c->said);
}

/* --- Words in braces --- */

#define ADD_ROWS(fn, rows)                                                               \
	static void fn(struct ptv_string *to)                                            \
	{                                                                                \
		size_t count = 0, i;                                                     \
                                                                                         \
		(void)rows(&count);                                                      \
		for (i = 0; i < count; i++)                                              \
			ptv_string_add(to, "%s%s", i ? ", " : "", rows(&count)[i].name); \
	}

ADD_ROWS(add_machines, ptv_machine_rows)
ADD_ROWS(add_eras, ptv_era_rows)

static void add_slots(struct ptv_string *to)
{
	int i;

	for (i = 0; i < (int)PTV_SLOTS; i++)
		ptv_string_add(to, "%s%s", i ? ", " : "", ptv_slot_rows()[i].name);
}

static const struct {
	const char *word;
	void (*add)(struct ptv_string *to);
} words[] = {{"{machines}", add_machines}, {"{eras}", add_eras}, {"{slots}", add_slots}};

/* Adds a text with folder and lists put in; {*} stays. */
static void add(struct ptv_string *to, const struct command *c, const char *text)
{
	while (*text != '\0') {
		size_t i = 0;

		while (i < PTV_ARRAY_SIZE(words) &&
		       strncmp(text, words[i].word, strlen(words[i].word)) != 0)
			i++;
		if (strncmp(text, "{F}", 3) == 0) {
			ptv_string_add(to, "%s", c->folder);
			text += 3;
		} else if (i < PTV_ARRAY_SIZE(words)) {
			words[i].add(to);
			text += strlen(words[i].word);
		} else {
			ptv_string_add(to, "%c", *text++);
		}
	}
}

/* Whether a text is what is wanted, with anything for {*}: the names of a list that grows. */
static bool is_like(const char *text, const char *want)
{
	const char *any = strstr(want, "{*}");
	const char *rest;

	if (!any)
		return strcmp(text, want) == 0;
	rest = strstr(text, any + 3);
	return strncmp(text, want, (size_t)(any - want)) == 0 && rest && strcmp(rest, any + 3) == 0;
}

/* --- The tests --- */

static void write_scenario(const struct command *c, const struct row *row)
{
	char path[128];
	FILE *file;
	int i;

	(void)snprintf(path, sizeof(path), "%s/x.yaml", c->folder);
	file = fopen(path, "w");
	PTV_ASSERT(file);
	for (i = 0; kernel[i]; i++)
		(void)fprintf(file, "%s\n", i + 1 == row->line ? row->text : kernel[i]);
	PTV_ASSERT(fclose(file) == 0);
}

static void run(struct command *c, const struct row *row)
{
	char part[4096];
	size_t size;
	FILE *out;

	write_scenario(c, row);
	ptv_string_add(&c->line, "exec 2>&1; " PROGRAM " ");
	add(&c->line, c, row->arguments);
	out = popen(ptv_string(&c->line), "r");
	PTV_ASSERT(out);
	while ((size = fread(part, 1, sizeof(part), out)) > 0U)
		ptv_string_add(&c->said, "%.*s", (int)size, part);
	c->status = pclose(out);
	c->status = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
	if (row->said)
		add(&c->want, c, row->said);
}

static void expect_only_the_scenario(const struct command *c)
{
	DIR *folder = opendir(c->folder);
	struct dirent *entry;

	PTV_ASSERT(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "x.yaml") != 0)
			PTV_FAIL("left behind: %s", entry->d_name);
	}
	(void)closedir(folder);
}

static void refuses(const void *param)
{
	const struct row *row = param;
	struct command c = {{0}, {0}, {0}, {0}, 0};

	setup(&c);
	run(&c, row);
	PTV_EXPECT_EQ(c.status, row->status);
	if (row->said && !is_like(ptv_string(&c.said), ptv_string(&c.want)))
		PTV_EXPECT_STREQ(ptv_string(&c.said), ptv_string(&c.want));
	/* One line, whatever it says. */
	PTV_EXPECT_EQ(strchr(ptv_string(&c.said), '\n') - ptv_string(&c.said) + 1,
		      (long)strlen(ptv_string(&c.said)));
	expect_only_the_scenario(&c);
	teardown(&c);
}

static void answers(const void *param)
{
	const struct row *row = param;
	struct command c = {{0}, {0}, {0}, {0}, 0};

	setup(&c);
	run(&c, row);
	PTV_EXPECT_EQ(c.status, row->status);
	if (strncmp(ptv_string(&c.said), ptv_string(&c.want), strlen(ptv_string(&c.want))) != 0)
		PTV_EXPECT_STREQ(ptv_string(&c.said), ptv_string(&c.want));
	PTV_EXPECT_GT(strlen(ptv_string(&c.said)), 10U);
	expect_only_the_scenario(&c);
	teardown(&c);
}

PTV_TEST_GENERATOR(each_command_line)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(refused); i++)
		ptv_test_register("command_refuses", refused[i].name, __FILE__, __LINE__, refuses,
				  &refused[i]);
	for (i = 0; i < PTV_ARRAY_SIZE(answered); i++)
		ptv_test_register("command_answers", answered[i].name, __FILE__, __LINE__, answers,
				  &answered[i]);
}

/* A device is written to, and not replaced by a file. (By a link, so that a failure hurts none.) */
PTV_TEST(command, writes_to_a_device_and_leaves_it_there)
{
	static const struct row row =
		ROW("", ALIVE "--output {F}/null --observations /dev/stdout", 0, NULL);
	struct command c = {{0}, {0}, {0}, {0}, 0};
	char path[128];
	struct stat about;

	setup(&c);
	(void)snprintf(path, sizeof(path), "%s/null", c.folder);
	PTV_ASSERT(symlink("/dev/null", path) == 0);
	run(&c, &row);
	PTV_EXPECT_EQ(c.status, 0);
	PTV_EXPECT(strncmp(ptv_string(&c.said), "{\"cycle\":0,", 11) == 0);
	PTV_EXPECT(lstat(path, &about) == 0 && S_ISLNK(about.st_mode));
	PTV_EXPECT(stat("/dev/null", &about) == 0 && S_ISCHR(about.st_mode));
	teardown(&c);
}

/* /dev/stdout that leads to a file. (By a link below /dev/fd, which no rename can replace.) */
PTV_TEST(command, writes_to_standard_output_by_its_name_though_it_is_a_file)
{
	static const struct row row = ROW(
		"", ALIVE "--output /dev/null --observations /dev/fd/1 >{F}/o; head -c 11 {F}/o", 0,
		NULL);
	struct command c = {{0}, {0}, {0}, {0}, 0};

	setup(&c);
	run(&c, &row);
	PTV_EXPECT_EQ(c.status, 0);
	PTV_EXPECT_STREQ(ptv_string(&c.said), "{\"cycle\":0,");
	teardown(&c);
}

/*
 * Goal: a signal that ends the program leaves no half-written file, and is what it ended by.
 * Method: the report is open already when the program waits for a reader of the pipe that its
 * observations go to; nobody comes but the signal.
 */
static void is_ended_by(int signal)
{
	struct command c = {{0}, {0}, {0}, {0}, 0};
	const struct row scenario = ROW("", "", 0, NULL);
	const struct sigaction dfl = {.sa_handler = SIG_DFL};
	char file[96], output[96], pipe[96], temporary[128];
	struct stat about;
	int status = 0, tries;
	pid_t pid;

	setup(&c);
	write_scenario(&c, &scenario);
	(void)snprintf(file, sizeof(file), "%s/x.yaml", c.folder);
	(void)snprintf(output, sizeof(output), "%s/o", c.folder);
	(void)snprintf(pipe, sizeof(pipe), "%s/pipe", c.folder);
	PTV_ASSERT(mkfifo(pipe, 0600) == 0);
	pid = fork();
	if (pid == 0) {
		(void)sigaction(signal, &dfl, NULL); /* a job in the background ignores SIGINT */
		(void)execl(PROGRAM, "ptvmx", "run", file, "--policy", "handle-vmx", "--choice",
			    "9000", "--output", output, "--observations", pipe, (char *)NULL);
		_exit(127);
	}
	(void)snprintf(temporary, sizeof(temporary), "%s.tmp-%ld", output, (long)pid);
	for (tries = 0; tries < 1000 && stat(temporary, &about) != 0; tries++)
		(void)usleep(10000);
	PTV_EXPECT(stat(temporary, &about) == 0);
	PTV_ASSERT(kill(pid, signal) == 0 && waitpid(pid, &status, 0) == pid);
	PTV_EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == signal);
	PTV_ASSERT(unlink(pipe) == 0);
	expect_only_the_scenario(&c);
	teardown(&c);
}

PTV_TEST(command, interrupted_leaves_no_half_written_file)
{
	is_ended_by(SIGINT);
}

PTV_TEST(command, terminated_leaves_no_half_written_file)
{
	is_ended_by(SIGTERM);
}
