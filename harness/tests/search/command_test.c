/* SPDX-License-Identifier: MIT */
/*
 * The commands fuzz, replay and known from outside. Method: the built program is run by the shell
 * with small budgets. What is planted must be found, or else the fuzzer is blind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/ptv_test.h"
#include "play/text.h"

#define PROGRAM PTV_BINARY_DIR "/bin/ptvmx"
#define PLANTED PTV_BINARY_DIR "/lib/planted.so"
#define SOUND	PTV_BINARY_DIR "/lib/reference.so"
#define SAID	65536U

struct command {
	char folder[64];
	char said[2][SAID]; /* of the last two commands, the last one first */
	int status;
};

static void setup(void *data)
{
	struct command *c = data;

	(void)snprintf(c->folder, sizeof(c->folder), "/tmp/ptv-fuzz-XXXXXX");
	PTV_ASSERT(mkdtemp(c->folder));
	if (access(PROGRAM, X_OK))
		PTV_SKIP("no " PROGRAM);
}

static void teardown(void *data)
{
	struct command *c = data;
	char line[128];

	(void)snprintf(line, sizeof(line), "rm -rf '%s'", c->folder);
	(void)!system(line);
}

static const struct ptv_fixture a_folder = {sizeof(struct command), setup, teardown};

/* Runs "ptvmx arguments", in the folder if that is asked for. */
static void run(struct command *c, bool in_folder, const char *arguments)
{
	struct ptv_string line = {0};
	FILE *out;
	size_t size;

	memcpy(c->said[1], c->said[0], SAID);
	ptv_string_add(&line, "cd '%s' && " PROGRAM " %s 2>&1", in_folder ? c->folder : ".",
		       arguments);
	out = popen(ptv_string(&line), "r");
	ptv_string_free(&line);
	PTV_ASSERT(out);
	size = fread(c->said[0], 1, SAID - 1U, out);
	c->said[0][size] = '\0';
	c->status = pclose(out);
	c->status = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
}

static void expect_said(const struct command *c, const char *text)
{
	if (!strstr(c->said[0], text))
		PTV_EXPECT_STREQ(c->said[0], text);
}

/* The rest of the first line that begins so; "" if there is none. */
static void rest_of(const struct command *c, const char *begin, char *text, size_t size)
{
	const char *at = strstr(c->said[0], begin);

	text[0] = '\0';
	if (at) {
		at += strlen(begin);
		(void)snprintf(text, size, "%.*s", (int)strcspn(at, "\n"), at);
	}
}

PTV_TEST_F(fuzz_command, the_same_seed_says_the_same_bytes_and_the_seed_first, a_folder)
{
	const char *arguments = "fuzz --seed 77 --timelines 600 --policy dont-die,handle-vmx";
	struct command *c = data;

	run(c, true, arguments);
	run(c, true, arguments);
	PTV_EXPECT_EQ(c->status, 1);
	PTV_EXPECT_EQ(strncmp(c->said[0], "seed 77\n", 8), 0);
	PTV_EXPECT_STREQ(c->said[0], c->said[1]);
	run(c, true, "fuzz --seed 78 --timelines 600 --policy dont-die,handle-vmx");
	PTV_EXPECT(strcmp(c->said[0] + 8, c->said[1] + 8) != 0);
}

PTV_TEST_F(fuzz_command, a_find_is_replayed_byte_for_byte_and_its_file_shows_it, a_folder)
{
	char token[400], file[400], line[1024];
	struct command *c = data;

	run(c, true, "fuzz --seed 3 --timelines 400 --policy dont-die");
	PTV_EXPECT_EQ(c->status, 1);
	rest_of(c, "  ptvmx replay ", token, sizeof(token));
	rest_of(c, "  finds/", file, sizeof(file));
	(void)snprintf(line, sizeof(line), "replay %s", token);
	run(c, true, line);
	PTV_EXPECT_EQ(c->status, 1);
	run(c, true, line);
	PTV_EXPECT_STREQ(c->said[0], c->said[1]);
	expect_said(c, "digest ");
	expect_said(c, "find: dont-die ");
	(void)snprintf(line, sizeof(line), "run 'finds/%s' --policy dont-die", file);
	run(c, true, line);
	PTV_EXPECT_EQ(c->status, 0);
	expect_said(c, "NEVER: violated in 1 of 1, as expected");
}

/* The defect: the transaction that VMXON cuts is not flagged. Nothing else is unsound, so that this
 * is the one thing found. */
PTV_TEST_F(fuzz_command, a_planted_rule_is_found, a_folder)
{
	struct command *c = data;

	run(c, true,
	    "fuzz --seed 1 --timelines 2000 --compare 0 --policy handle-vmx --set gap_mark=none");
	expect_said(c, "handle-vmx gap-announced GAP\n");
	PTV_EXPECT_EQ(c->status, 1);
}

/* The same driver with and without its defect, under the same budget. */
PTV_TEST_F(fuzz_command, a_planted_driver_is_found_and_the_sound_one_is_not, a_folder)
{
	struct command *c = data;

	if (access(PLANTED, R_OK) || access(SOUND, R_OK))
		PTV_SKIP("no " PLANTED);
	run(c, true, "fuzz --seed 1 --timelines 4000 --compare 0 --policy " PLANTED);
	PTV_EXPECT_EQ(c->status, 1);
	expect_said(c, "planted.so stopped-is-stopped STOPPED\n");
	run(c, true, "fuzz --seed 1 --timelines 4000 --compare 0 --policy " SOUND);
	expect_said(c, "reference.so belief-true BELIEF_ON\n");
	PTV_EXPECT(!strstr(c->said[0], "reference.so stopped-is-stopped"));
}

PTV_TEST_F(fuzz_command, what_is_known_is_no_find, a_folder)
{
	struct command *c = data;
	char path[128];
	FILE *file;

	run(c, true, "fuzz --seed 1 --timelines 300 --policy dont-die --compare 0");
	PTV_EXPECT_EQ(c->status, 1);
	expect_said(c, "dont-die no-splat SPLAT-vmx_fault");
	(void)snprintf(path, sizeof(path), "%s/known.txt", c->folder);
	file = fopen(path, "w");
	PTV_ASSERT(file);
	(void)fputs("# a comment\n\ndont-die no-splat SPLAT-vmx_fault\n", file);
	(void)fclose(file);
	run(c, true,
	    "fuzz --seed 1 --timelines 300 --policy dont-die --compare 0 --known known.txt");
	PTV_EXPECT(!strstr(c->said[0], "dont-die no-splat SPLAT-vmx_fault"));
}

PTV_TEST_F(fuzz_command, wrong_usage_is_one_line_and_status_2, a_folder)
{
	static const struct {
		const char *arguments, *said;
	} rows[] = {
		{"fuzz --timelines 0", "ptvmx: --timelines wants at least 1\n"},
		{"fuzz --seconds soon", "ptvmx: --seconds wants a number, not 'soon'\n"},
		{"fuzz --policy none",
		 "ptvmx: policy none has no kernel to fuzz (accepted: a driver)\n"},
		{"fuzz now", "ptvmx: fuzz takes no argument, not 'now' (see ptvmx fuzz --help)\n"},
		{"fuzz --known nowhere.txt", "ptvmx: nowhere.txt: No such file or directory\n"},
		{"replay", "ptvmx: replay wants TOKEN (see ptvmx replay --help)\n"},
		{"replay a b", "ptvmx: replay takes one token, not 2\n"},
	};
	struct command *c = data;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(rows); i++) {
		run(c, true, rows[i].arguments);
		PTV_EXPECT_EQ(c->status, 2);
		PTV_EXPECT_STREQ(c->said[0], rows[i].said);
	}
	run(c, true, "replay ptv1.00000000:handle-vmx:AAAA");
	PTV_EXPECT_EQ(c->status, 2);
	expect_said(c, "ptvmx: this token is of another version, ptv1.00000000; this program's");
}

/* A find that cannot be written is told all the same, and is status 2. */
PTV_TEST_F(fuzz_command, finds_that_cannot_be_written_are_status_2, a_folder)
{
	struct command *c = data;

	run(c, true,
	    "fuzz --seed 1 --timelines 300 --compare 0 --policy dont-die --finds no/where");
	expect_said(c, "find 1: dont-die ");
	expect_said(c, "ptvmx: cannot make no/where: No such file or directory\n");
	PTV_EXPECT_EQ(c->status, 2);
}

PTV_TEST_F(fuzz_command, a_full_disk_is_told, a_folder)
{
	struct command *c = data;

	run(c, true,
	    "fuzz --seed 1 --timelines 100 --compare 0 --policy handle-vmx 2>said >/dev/full; "
	    "status=$?; cat said; exit $status #");
	PTV_EXPECT_EQ(c->status, 2);
	PTV_EXPECT_EQ(strncmp(c->said[0], "ptvmx: cannot write standard output: ", 37), 0);
}

/* The campaign of every build: what the corpus does not show is not there either. */
static void campaign(const void *param)
{
	struct command *c = calloc(1, sizeof(*c));
	char line[256];

	PTV_ASSERT(c);
	setup(c);
	(void)snprintf(line, sizeof(line), "%s --finds '%s'", (const char *)param, c->folder);
	run(c, false, line);
	teardown(c);
	if (c->status != 0)
		PTV_FAIL_AT(__FILE__, __LINE__, "%s", c->said[0]);
	free(c);
}

PTV_TEST_GENERATOR(campaigns)
{
	ptv_test_register("fuzz/campaign", "seed-1", __FILE__, __LINE__, campaign,
			  "fuzz --seed 1 --timelines 20000");
}
