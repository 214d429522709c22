/* SPDX-License-Identifier: MIT */
/*
 * The page: labels that do not cover each other, a script that is the same each time, and files
 * that are there whole or not at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gtest/ptv_test.h"
#include "show/plot/page.h"
#include "show/plot/svg.h"
#include "story.h"

struct drawn {
	struct plot_story story;
	struct ptv_plot plot;
	struct ptv_string script, again;
	char path[64];
	char *old_path; /* of the environment */
};

static void setup(void *data)
{
	struct drawn *drawn = data;
	struct ptv_plot_input input;

	plot_tell_dark(&drawn->story);
	plot_violate(&drawn->story, PTV_CHECK_RESUMES, 2900, 2, 0);
	input = plot_story_input(&drawn->story, true);
	drawn->plot.title = strdup("Is \"a < b\" true?");
	drawn->plot.subtitle = strdup("somewhere");
	drawn->plot.width = 900;
	ptv_plot_add(&drawn->plot, "dont-die", "does nothing", &input);
	ptv_plot_add(&drawn->plot, "naive", "", &input);
	(void)snprintf(drawn->path, sizeof(drawn->path), "/tmp/ptv-plot-%ld.svg", (long)getpid());
}

static void teardown(void *data)
{
	struct drawn *drawn = data;

	if (drawn->old_path) {
		setenv("PATH", drawn->old_path, 1);
		free(drawn->old_path);
	}
	ptv_plot_free(&drawn->plot);
	ptv_string_free(&drawn->script);
	ptv_string_free(&drawn->again);
	(void)unlink(drawn->path);
	plot_story_free(&drawn->story);
}

static const struct ptv_fixture a_plot = {sizeof(struct drawn), setup, teardown};

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		count++;
	return count;
}

static bool is_there(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0;
}

static bool has_gnuplot(void)
{
	return system("gnuplot --version >/dev/null 2>&1") == 0;
}

PTV_TEST(plot_labels, those_with_room_stand_in_one_row)
{
	struct ptv_label label[] = {{0, 3, 40, 0}, {100, 103, 140, 0}, {300, 303, 350, 0}};

	PTV_EXPECT_EQ(ptv_labels_stagger(label, 3, true), 1);
}

/* Goal: the text of a label lies above the lines that stand within its width, and on no text. */
PTV_TEST(plot_labels, those_without_are_staggered_to_the_left_and_up)
{
	struct ptv_label label[] = {{0, 3, 60, 0}, {20, 23, 80, 0}, {50, 53, 110, 0}};

	PTV_EXPECT_EQ(ptv_labels_stagger(label, 3, true), 3);
	PTV_EXPECT_EQ(label[2].row, 0);
	PTV_EXPECT_EQ(label[1].row, 1);
	PTV_EXPECT_EQ(label[0].row, 2);
}

PTV_TEST(plot_labels, without_lines_a_row_is_free_again_behind_its_text)
{
	struct ptv_label label[] = {{5, 0, 60, 0}, {45, 40, 90, 0}, {75, 70, 120, 0}};

	PTV_EXPECT_EQ(ptv_labels_stagger(label, 3, false), 2);
	PTV_EXPECT_EQ(label[2].row, 0);
	PTV_EXPECT_EQ(label[1].row, 1);
	PTV_EXPECT_EQ(label[0].row, 0);
}

PTV_TEST(plot_text, bytes_are_told_in_the_unit_that_fits)
{
	char text[32];

	ptv_bytes_text(0, text, sizeof(text));
	PTV_EXPECT_STREQ(text, "0 B");
	ptv_bytes_text(1023, text, sizeof(text));
	PTV_EXPECT_STREQ(text, "1023 B");
	ptv_bytes_text(32768, text, sizeof(text));
	PTV_EXPECT_STREQ(text, "32 KiB");
	ptv_bytes_text(2662, text, sizeof(text));
	PTV_EXPECT_STREQ(text, "2.6 KiB");
	ptv_bytes_text(3 << 20, text, sizeof(text));
	PTV_EXPECT_STREQ(text, "3.0 MiB");
}

PTV_TEST(plot_text, the_ending_says_what_kind_of_picture)
{
	enum ptv_plot_format format = PTV_PLOT_FORMATS;
	struct ptv_diag diag = {{0}};

	PTV_EXPECT_EQ(ptv_plot_format("a/b.png", &format, &diag), 0);
	PTV_EXPECT_EQ(format, PTV_PLOT_PNG);
	PTV_EXPECT_EQ(ptv_plot_format("c.svg", &format, &diag), 0);
	PTV_EXPECT_EQ(format, PTV_PLOT_SVG);
	PTV_EXPECT_EQ(ptv_plot_format("a.svg/c", &format, &diag), -1);
	PTV_EXPECT_STREQ(diag.text,
			 "a.svg/c: no kind of picture: the name has to end in .svg or .png");
	PTV_EXPECT_EQ(ptv_plot_format(".svg", &format, &diag), -1);
	PTV_EXPECT_EQ(ptv_plot_format("c.gif", &format, &diag), -1);
}

PTV_TEST_F(plot_page, the_script_is_the_same_each_time, a_plot)
{
	struct drawn *drawn = data;

	ptv_plot_script(&drawn->plot, PTV_PLOT_SVG, &drawn->script);
	ptv_plot_script(&drawn->plot, PTV_PLOT_SVG, &drawn->again);
	PTV_EXPECT_STREQ(ptv_string(&drawn->script), ptv_string(&drawn->again));
}

PTV_TEST_F(plot_page, stimuli_are_named_once_and_violations_in_every_group, a_plot)
{
	struct drawn *drawn = data;
	const char *script;

	ptv_plot_script(&drawn->plot, PTV_PLOT_SVG, &drawn->script);
	script = ptv_string(&drawn->script);
	PTV_EXPECT_EQ(count_of(script, "set label \"virt_on\""), 1);
	PTV_EXPECT_EQ(count_of(script, "set label \"end\""), 0);
	PTV_EXPECT_EQ(count_of(script, "set label \"resumes\""), 2);
	PTV_EXPECT_EQ(count_of(script, "set label \"Is \\\"a < b\\\" true?\""), 1);
}

/* Goal: a group whose stimuli begin elsewhere has names of its own. */
PTV_TEST_F(plot_page, a_group_with_other_times_names_its_stimuli_itself, a_plot)
{
	struct drawn *drawn = data;

	drawn->plot.group[1].stimulus[1].at += 1000;
	ptv_plot_script(&drawn->plot, PTV_PLOT_SVG, &drawn->script);
	PTV_EXPECT_EQ(count_of(ptv_string(&drawn->script), "set label \"virt_on\""), 2);
}

PTV_TEST_F(plot_page, a_group_that_ended_early_shares_the_names_of_those_that_did_not, a_plot)
{
	struct drawn *drawn = data;

	drawn->plot.group[0].stimuli = 1;
	ptv_plot_script(&drawn->plot, PTV_PLOT_SVG, &drawn->script);
	PTV_EXPECT_EQ(count_of(ptv_string(&drawn->script), "set label \"enable\""), 1);
	PTV_EXPECT_EQ(count_of(ptv_string(&drawn->script), "set label \"virt_on\""), 1);
}

/* Goal: nothing is drawn beside the axis when it shows a part of the timeline. Method: every box
 * of the script lies between the axis' ends. */
PTV_TEST_F(plot_page, a_part_of_the_timeline_keeps_to_the_axis, a_plot)
{
	struct drawn *drawn = data;
	const char *line;
	double x, y, left, right;
	unsigned int boxes = 0;

	drawn->plot.from = 1500;
	drawn->plot.to = 3000;
	ptv_plot_script(&drawn->plot, PTV_PLOT_SVG, &drawn->script);
	line = strstr(ptv_string(&drawn->script), "$box << EOD\n");
	PTV_ASSERT(line);
	for (line = strchr(line, '\n') + 1; strncmp(line, "EOD", 3) != 0;
	     line = strchr(line, '\n') + 1) {
		PTV_ASSERT_EQ(sscanf(line, "%lf %lf %lf %lf", &x, &y, &left, &right), 4);
		PTV_EXPECT(left > 50.0 && right <= 900.0 && right >= left);
		boxes++;
	}
	PTV_EXPECT_GT(boxes, 10);
	PTV_EXPECT_EQ(count_of(ptv_string(&drawn->script), "set label \"enable\""), 0);
}

PTV_TEST_F(plot_file, it_is_the_same_each_time_and_has_fonts_and_a_title, a_plot)
{
	struct drawn *drawn = data;
	struct ptv_diag diag = {{0}};
	char *text[2] = {0};
	unsigned int i;

	if (!has_gnuplot())
		PTV_SKIP("no gnuplot here");
	for (i = 0; i < 2; i++) {
		FILE *file;

		PTV_EXPECT_EQ(ptv_plot_write(&drawn->plot, drawn->path, &diag), 0);
		PTV_EXPECT_STREQ(diag.text, "");
		file = fopen(drawn->path, "r");
		PTV_ASSERT(file);
		text[i] = calloc(1, 1 << 18);
		PTV_ASSERT(text[i]);
		PTV_EXPECT_GT(fread(text[i], 1, (1 << 18) - 1, file), 1000);
		(void)fclose(file);
	}
	PTV_EXPECT_STREQ(text[0], text[1]);
	PTV_EXPECT_EQ(count_of(text[0], "<title>Is \"a &lt; b\" true?</title>"), 1);
	PTV_EXPECT_EQ(count_of(text[0], "Sans:Bold"), 0);
	PTV_EXPECT_EQ(count_of(text[0], "</svg>"), 1);
	free(text[0]);
	free(text[1]);
}

PTV_TEST_F(plot_file, without_gnuplot_there_is_one_line_and_no_file, a_plot)
{
	struct drawn *drawn = data;
	struct ptv_diag diag = {{0}};

	drawn->old_path = strdup(getenv("PATH") ? getenv("PATH") : "");
	setenv("PATH", "/nonexistent", 1);
	PTV_EXPECT_EQ(ptv_plot_write(&drawn->plot, drawn->path, &diag), -1);
	PTV_EXPECT_STREQ(diag.text, "no gnuplot found: plots need it (Debian: gnuplot-nox)");
	PTV_EXPECT(!is_there(drawn->path));
}

PTV_TEST_F(plot_file, a_folder_that_is_not_there_is_said, a_plot)
{
	struct drawn *drawn = data;
	struct ptv_diag diag = {{0}};

	PTV_EXPECT_EQ(ptv_plot_write(&drawn->plot, "/nonexistent/a.svg", &diag), -1);
	PTV_EXPECT_STREQ(diag.text, "cannot write /nonexistent/a.svg: No such file or directory");
}
