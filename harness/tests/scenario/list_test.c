/* SPDX-License-Identifier: MIT */
/* Goal: which files a path stands for. Method: a tree of a few files in a folder of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gtest/ptv_test.h"
#include "scenario/scenario.h"

static const char *const folders[] = {"", "/b", "/bad", "/empty", "/.git"};
static const char *const names[] = {"/z.yaml",	   "/a.yaml",  "/b/c.yaml",   "/b/readme.md",
				    "/bad/x.yaml", "/.a.yaml", "/.git/d.yaml"};

struct tree {
	char root[64];
	struct ptv_diag diag;
	char **list;
};

static void path_of(const struct tree *tree, const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s%s", tree->root, name);
}

static void setup(void *data)
{
	struct tree *tree = data;
	char path[128];

	(void)snprintf(tree->root, sizeof(tree->root), "/tmp/ptv_list_XXXXXX");
	PTV_ASSERT(mkdtemp(tree->root) != NULL);
	for (size_t i = 1; i < PTV_ARRAY_SIZE(folders); i++) {
		path_of(tree, folders[i], path);
		PTV_ASSERT_EQ(mkdir(path, 0700), 0);
	}
	for (size_t i = 0; i < PTV_ARRAY_SIZE(names); i++) {
		FILE *file;

		path_of(tree, names[i], path);
		file = fopen(path, "w");
		PTV_ASSERT(file != NULL);
		PTV_ASSERT_EQ(fclose(file), 0);
	}
}

static void teardown(void *data)
{
	struct tree *tree = data;
	char path[128];

	ptv_scenario_list_free(tree->list);
	for (size_t i = 0; i < PTV_ARRAY_SIZE(names); i++) {
		path_of(tree, names[i], path);
		(void)unlink(path);
	}
	for (size_t i = PTV_ARRAY_SIZE(folders); i-- > 0;) {
		path_of(tree, folders[i], path);
		(void)rmdir(path);
	}
}

static const struct ptv_fixture tree_fixture = {sizeof(struct tree), setup, teardown};

static void expect_list(struct tree *tree, const char *name, const char *const *want)
{
	char path[128];
	size_t i = 0;

	path_of(tree, name, path);
	tree->list = ptv_scenario_list(path, &tree->diag);
	PTV_ASSERT(tree->list != NULL);
	for (; want[i] != NULL && tree->list[i] != NULL; i++) {
		path_of(tree, want[i], path);
		PTV_EXPECT_STREQ(tree->list[i], path);
	}
	PTV_EXPECT(want[i] == NULL);
	PTV_EXPECT(tree->list[i] == NULL);
}

PTV_TEST_F(scenario_list, a_folder_is_its_files_sorted_without_bad_and_hidden_ones, tree_fixture)
{
	expect_list(data, "", (const char *const[]){"/a.yaml", "/b/c.yaml", "/z.yaml", NULL});
}

PTV_TEST_F(scenario_list, a_slash_behind_a_folder_changes_nothing, tree_fixture)
{
	expect_list(data, "/b//", (const char *const[]){"/b/c.yaml", NULL});
}

PTV_TEST_F(scenario_list, bad_files_are_found_where_they_are_asked_for, tree_fixture)
{
	expect_list(data, "/bad", (const char *const[]){"/bad/x.yaml", NULL});
}

PTV_TEST_F(scenario_list, a_file_is_itself_whatever_its_name, tree_fixture)
{
	expect_list(data, "/b/readme.md", (const char *const[]){"/b/readme.md", NULL});
}

PTV_TEST_F(scenario_list, a_folder_without_scenarios_is_an_error, tree_fixture)
{
	struct tree *tree = data;
	char path[128];

	path_of(tree, "/empty", path);
	PTV_EXPECT(ptv_scenario_list(path, &tree->diag) == NULL);
	PTV_EXPECT(strstr(tree->diag.text, "/empty: no scenarios; accepted:") != NULL);
}

PTV_TEST_F(scenario_list, a_path_that_is_not_there_is_an_error, tree_fixture)
{
	struct tree *tree = data;
	char path[128];

	path_of(tree, "/nowhere", path);
	PTV_EXPECT(ptv_scenario_list(path, &tree->diag) == NULL);
	PTV_EXPECT(strstr(tree->diag.text, "/nowhere: No such file or directory") != NULL);
}

PTV_TEST_F(scenario_list, loading_a_folder_is_an_error, tree_fixture)
{
	struct tree *tree = data;

	PTV_EXPECT(ptv_scenario_load(tree->root, &tree->diag) == NULL);
	PTV_EXPECT(strstr(tree->diag.text, ": not a file; accepted:") != NULL);
}
