/* SPDX-License-Identifier: MIT */
/*
 * The command `ptvmx plot` from outside: exit status, the one line of an error, and what is left
 * behind. Method: the built program is run by the shell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/ptv_test.h"

#define PROGRAM PTV_BINARY_DIR "/bin/ptvmx"
#define MAIN	"scenarios/thread/enable-virt_on-virt_off+cpu.yaml"

struct command {
	char folder[64], said[4096];
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

static void teardown(void *data)
{
	struct command *c = data;
	char line[128];

	(void)snprintf(line, sizeof(line), "rm -rf '%s'", c->folder);
	(void)!system(line);
}

static const struct ptv_fixture a_folder = {sizeof(struct command), setup, teardown};

/* Runs "ptvmx plot arguments"; %s of the arguments is the folder. */
static void plot(struct command *c, const char *environment, const char *arguments)
{
	const char *folder = strstr(arguments, "%s");
	const int before = folder ? (int)(folder - arguments) : (int)strlen(arguments);
	char line[1024];
	FILE *out;
	size_t size;

	(void)snprintf(line, sizeof(line), "%s " PROGRAM " plot %.*s%s%s 2>&1", environment, before,
		       arguments, folder ? c->folder : "", folder ? folder + 2 : "");
	out = popen(line, "r");
	PTV_ASSERT(out);
	size = fread(c->said, 1, sizeof(c->said) - 1U, out);
	c->said[size] = '\0';
	c->status = pclose(out);
	c->status = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
}

static void expect_refused(struct command *c, const char *said)
{
	PTV_EXPECT_EQ(c->status, 2);
	PTV_EXPECT_STREQ(c->said, said);
	PTV_EXPECT_EQ(rmdir(c->folder), 0);
}

PTV_TEST_F(plot_command, a_picture_is_there_and_nothing_beside_it, a_folder)
{
	struct command *c = data;
	char path[128];
	struct stat about;

	plot(c, "", MAIN " --policy dont-die,handle-vmx -o %s/a.png");
	if (strstr(c->said, "no gnuplot"))
		PTV_SKIP("no gnuplot here");
	PTV_EXPECT_EQ(c->status, 0);
	PTV_EXPECT_STREQ(c->said, "");
	(void)snprintf(path, sizeof(path), "%s/a.png", c->folder);
	PTV_EXPECT_EQ(stat(path, &about), 0);
	PTV_EXPECT_GT(about.st_size, 10000);
	PTV_EXPECT_EQ(unlink(path), 0);
	PTV_EXPECT_EQ(rmdir(c->folder), 0);
}

PTV_TEST_F(plot_command, without_gnuplot_it_says_so, a_folder)
{
	plot(data, "PATH=/nonexistent", MAIN " --policy naive -o %s/a.svg");
	expect_refused(data, "ptvmx: no gnuplot found: plots need it (Debian: gnuplot-nox)\n");
}

PTV_TEST_F(plot_command, without_an_output_it_says_what_it_wants, a_folder)
{
	plot(data, "", MAIN);
	expect_refused(data, "ptvmx: plot wants --output FILE.svg or FILE.png (see ptvmx plot "
			     "--help)\n");
}

PTV_TEST_F(plot_command, more_than_one_file_is_refused, a_folder)
{
	plot(data, "", MAIN " " MAIN " -o %s/a.svg");
	expect_refused(data, "ptvmx: plot wants one file, not 2\n");
}

PTV_TEST_F(plot_command, an_axis_without_cycles_is_refused, a_folder)
{
	plot(data, "", MAIN " --policy naive --from 90000 -o %s/a.svg");
	expect_refused(data, "ptvmx: --from 90000 lies behind the timeline, which ends at 30000\n");
}

PTV_TEST_F(plot_command, an_axis_from_right_to_left_is_refused, a_folder)
{
	plot(data, "", MAIN " --policy naive --from 9 --to 8 -o %s/a.svg");
	expect_refused(data, "ptvmx: --to 8 does not lie after --from\n");
}
