/* SPDX-License-Identifier: MIT */
#include "engine/so/so.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/linux/linux.h"

typedef const struct ptv_pmu_ops *entry_fn(void);

/* dlopen says everything in one long line; what can be said plainly is found out before. */
static int check_file(const char *path, struct ptv_diag *diag)
{
	struct stat st;

	if (stat(path, &st))
		return ptv_diag(diag, NULL, 0, 0, "driver %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ptv_diag(diag, NULL, 0, 0, "driver %s: not a file", path);
	return 0;
}

static void *open_library(const char *path, struct ptv_diag *diag)
{
	/* Without a slash dlopen would search the system's folders. */
	const char *folder = strchr(path, '/') ? "" : "./";
	char place[PATH_MAX];
	const char *why;
	void *handle;

	if (snprintf(place, sizeof(place), "%s%s", folder, path) >= (int)sizeof(place)) {
		(void)ptv_diag(diag, NULL, 0, 0, "driver %s: name too long", path);
		return NULL;
	}
	handle = dlopen(place, RTLD_NOW | RTLD_LOCAL);
	if (handle)
		return handle;
	why = dlerror();
	/* "place: what" */
	if (why && strncmp(why, place, strlen(place)) == 0 && why[strlen(place)] == ':')
		why += strlen(place) + 2U;
	(void)ptv_diag(diag, NULL, 0, 0, "driver %s: not a loadable shared object (%s)", path,
		       why ? why : "unknown reason");
	return NULL;
}

/* The operation that is missing, NULL if none is. */
static const char *missing_op(const struct ptv_pmu_ops *ops)
{
	const struct {
		bool there;
		const char *name;
	} needed[] = {
		{ops->name && ops->name[0], "name"},
		{ops->boot, "boot"},
		{ops->event_init, "event_init"},
		{ops->setup_aux, "setup_aux"},
		{ops->free_aux, "free_aux"},
		{ops->add, "add"},
		{ops->del, "del"},
		{ops->start, "start"},
		{ops->stop, "stop"},
		{ops->pmi, "pmi"},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(needed); i++) {
		if (!needed[i].there)
			return needed[i].name;
	}
	return NULL;
}

static int find_ops(const char *path, void *handle, const struct ptv_pmu_ops **ops,
		    struct ptv_diag *diag)
{
	void *symbol = dlsym(handle, PTV_DRIVER_ENTRY);
	const char *missing;
	entry_fn *entry;

	if (!symbol)
		return ptv_diag(diag, NULL, 0, 0,
				"driver %s: no entry point `const struct ptv_pmu_ops *%s(void)`",
				path, PTV_DRIVER_ENTRY);
	memcpy(&entry, &symbol, sizeof(entry)); /* POSIX: a function's address fits */
	*ops = entry();
	if (!*ops)
		return ptv_diag(diag, NULL, 0, 0, "driver %s: %s() returned NULL", path,
				PTV_DRIVER_ENTRY);
	if ((*ops)->abi != PTV_PMU_ABI)
		return ptv_diag(diag, NULL, 0, 0,
				"driver %s: built for ABI %u of ptv/pmu.h, this program has %u",
				path, (*ops)->abi, PTV_PMU_ABI);
	missing = missing_op(*ops);
	if (missing)
		return ptv_diag(diag, NULL, 0, 0,
				"driver %s: its struct ptv_pmu_ops leaves out '%s'", path, missing);
	return 0;
}

int ptv_so_load(const char *path, const struct ptv_pmu_ops **ops, void **handle,
		struct ptv_diag *diag)
{
	*ops = NULL;
	*handle = NULL;
	if (check_file(path, diag))
		return -1;
	*handle = open_library(path, diag);
	if (!*handle)
		return -1;
	if (find_ops(path, *handle, ops, diag) == 0) {
		ptv_linux_guard(*handle);
		return 0;
	}
	ptv_so_close(*handle);
	*ops = NULL;
	*handle = NULL;
	return -1;
}

void ptv_so_close(void *handle)
{
	if (handle)
		(void)dlclose(handle);
}
