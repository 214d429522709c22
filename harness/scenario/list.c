/* SPDX-License-Identifier: MIT */
/* Scenario files below a path. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "play/text.h"
#include "scenario.h"

#define FOLDERS_DEEP                                                                 \
	16 /* folders within each other; links are followed, so there must be an end \
	    */

struct list {
	char **path;
	size_t count, room;
};

static void add(struct list *list, char *path)
{
	list->path = ptv_grow(list->path, list->count, &list->room, sizeof(*list->path));
	list->path[list->count++] = path;
}

static char *join(const char *folder, const char *name)
{
	struct ptv_string path = {0};
	size_t size = strlen(folder);

	while (size > 1U && folder[size - 1U] == '/')
		size--;
	ptv_string_add(&path, "%.*s%s%s", (int)size, folder, folder[size - 1U] == '/' ? "" : "/",
		       name);
	return ptv_string_take(&path);
}

static bool is_scenario(const char *name)
{
	const size_t size = strlen(name);

	return size > 5U && strcmp(name + size - 5U, ".yaml") == 0;
}

/* Files that are refused by design lie in bad/; who wants them names that folder. */
static bool is_left_out(const char *name)
{
	return name[0] == '.' || strcmp(name, "bad") == 0;
}

static int add_folder(struct list *list, const char *folder, int depth, struct ptv_diag *diag)
{
	DIR *dir = opendir(folder);
	struct dirent *item;
	int result = 0;

	if (dir == NULL)
		return ptv_diag(diag, folder, 0, 0, "%s", strerror(errno));
	while (result == 0 && (item = readdir(dir)) != NULL) {
		char *path;
		struct stat status;

		if (is_left_out(item->d_name))
			continue;
		path = join(folder, item->d_name);
		if (stat(path, &status) != 0 || (!S_ISDIR(status.st_mode) && !is_scenario(path))) {
			free(path);
		} else if (!S_ISDIR(status.st_mode)) {
			add(list, path);
		} else {
			if (depth < FOLDERS_DEEP)
				result = add_folder(list, path, depth + 1, diag);
			free(path);
		}
	}
	(void)closedir(dir);
	return result;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **ptv_scenario_list(const char *path, struct ptv_diag *diag)
{
	struct list list = {0};
	struct stat status;
	int result = 0;

	if (stat(path, &status) != 0)
		result = ptv_diag(diag, path, 0, 0, "%s", strerror(errno));
	else if (!S_ISDIR(status.st_mode))
		add(&list, ptv_string_copy(path));
	else if (add_folder(&list, path, 0, diag) != 0)
		result = -1;
	else if (list.count == 0)
		result = ptv_diag(diag, path, 0, 0, "no scenarios; accepted: a folder with *.yaml");
	if (list.count > 1)
		qsort(list.path, list.count, sizeof(*list.path), compare);
	add(&list, NULL);
	if (result == 0)
		return list.path;
	ptv_scenario_list_free(list.path);
	return NULL;
}

void ptv_scenario_list_free(char **list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; list[i] != NULL; i++)
		free(list[i]);
	free(list);
}
