/* SPDX-License-Identifier: MIT */
#include "engine/linux/linux.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/so/so.h"

/* A driver's way out of a fault: returns if it was not running. */
typedef void fault_fn(void);

#define LIBRARIES 16U

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};

static const struct ptv_linux_row rows[] = {
#define PTV_LINUX(name, era, version) {name, era, version},
#include "spec/linux.def"
#undef PTV_LINUX
};

const struct ptv_linux_row *ptv_linux_rows(size_t *count)
{
	*count = PTV_ARRAY_SIZE(rows);
	return rows;
}

const struct ptv_linux_row *ptv_linux_find(const char *name)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

/* --- faults --- */

/* A handler has no context: what it may use is a list of its own. */
static struct {
	fault_fn *fault[LIBRARIES];
	struct sigaction before[PTV_ARRAY_SIZE(signals)];
	bool installed;
} guarded;

static void handle(int signal)
{
	size_t i;

	for (i = 0; i < LIBRARIES; i++) {
		if (guarded.fault[i])
			guarded.fault[i]();
	}
	/* Not a driver's: as it would have been without us, when the instruction is tried again. */
	for (i = 0; i < PTV_ARRAY_SIZE(signals); i++) {
		if (signals[i] == signal)
			(void)sigaction(signal, &guarded.before[i], NULL);
	}
}

/* A driver that calls itself without end has no stack left for a handler. */
static void stand_aside(void)
{
	static char aside[65536];
	const stack_t stack = {.ss_sp = aside, .ss_size = sizeof(aside)};
	stack_t before;

	if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE))
		(void)sigaltstack(&stack, NULL);
}

static void install(void)
{
	struct sigaction action;
	size_t i;

	if (guarded.installed)
		return;
	guarded.installed = true;
	stand_aside();
	memset(&action, 0, sizeof(action));
	action.sa_handler = handle;
	/* The way out is a long jump: the signal must not stay blocked. */
	action.sa_flags = SA_NODEFER | SA_ONSTACK;
	for (i = 0; i < PTV_ARRAY_SIZE(signals); i++)
		(void)sigaction(signals[i], &action, &guarded.before[i]);
}

void ptv_linux_guard(void *library)
{
	void *symbol = dlsym(library, "ptv_linux_fault");
	fault_fn *fault;
	size_t i;

	if (!symbol)
		return;
	memcpy(&fault, &symbol, sizeof(fault));
	for (i = 0; i < LIBRARIES; i++) {
		if (guarded.fault[i] == fault)
			return;
	}
	/* The handler calls what is listed: such a library stays loaded. */
	for (i = 0; i < LIBRARIES; i++) {
		Dl_info info;

		if (guarded.fault[i] || !dladdr(symbol, &info) ||
		    !dlopen(info.dli_fname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
			continue;
		guarded.fault[i] = fault;
		install();
		return;
	}
}

/* --- libraries --- */

static void library_path(const struct ptv_linux_row *row, char *path, size_t size)
{
	char program[PATH_MAX];
	const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1U);
	char *slash;

	program[length > 0 ? length : 0] = '\0';
	slash = strrchr(program, '/');
	if (slash)
		*slash = '\0';
	(void)snprintf(path, size, "%s/../lib/%s.so", program, row->name);
}

bool ptv_linux_built(const struct ptv_linux_row *row)
{
	char path[2 * PATH_MAX];

	library_path(row, path, sizeof(path));
	return access(path, R_OK) == 0;
}

bool ptv_linux_known(const struct ptv_linux_row *row)
{
	char path[2 * PATH_MAX];
	size_t length;

	library_path(row, path, sizeof(path));
	length = strlen(path);
	(void)snprintf(path + length, sizeof(path) - length, ".unknown");
	return access(path, F_OK) != 0;
}

const char *ptv_linux_absence(const struct ptv_linux_row *row, char *text, size_t size)
{
	(void)snprintf(text, size,
		       "its library has not been built: the build found no package linux-source-%s",
		       row->version);
	return text;
}

int ptv_linux_load(const struct ptv_linux_row *row, const struct ptv_pmu_ops **ops, void **library,
		   struct ptv_diag *diag)
{
	char path[2 * PATH_MAX];

	if (!ptv_linux_built(row))
		return ptv_diag(diag, NULL, 0, 0, "policy %s: %s", row->name,
				ptv_linux_absence(row, path, sizeof(path)));
	library_path(row, path, sizeof(path));
	return ptv_so_load(path, ops, library, diag);
}

/* Runs the build script; what it says (its last line) goes to line. Its exit status, or -1. */
static int run_script(const char *tree, const char *out, char *line, size_t size)
{
	const char *script = PTV_LINUX_SCRIPT;
	int pipes[2], status = -1;
	FILE *said;
	pid_t child;

	line[0] = '\0';
	if (pipe(pipes))
		return -1;
	child = fork();
	if (child == 0) {
		(void)dup2(pipes[1], STDERR_FILENO);
		(void)close(pipes[0]);
		(void)execl(script, script, "build", "driver-source", tree, out, (char *)NULL);
		(void)fprintf(stderr, "%s: %s\n", script, strerror(errno));
		_exit(127);
	}
	(void)close(pipes[1]);
	said = fdopen(pipes[0], "r");
	while (said && fgets(line, (int)size, said))
		;
	if (said)
		(void)fclose(said);
	line[strcspn(line, "\n")] = '\0';
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

int ptv_linux_load_tree(const char *tree, const struct ptv_pmu_ops **ops, void **library,
			struct ptv_diag *diag)
{
	char folder[] = "/tmp/ptvmx-driver-XXXXXX";
	char out[sizeof(folder) + 16U], line[1024];
	struct stat st;
	int result;

	if (stat(tree, &st))
		return ptv_diag(diag, NULL, 0, 0, "--driver-source %s: %s", tree, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return ptv_diag(diag, NULL, 0, 0,
				"--driver-source %s: not a folder; wanted: a kernel tree", tree);
	if (!mkdtemp(folder))
		return ptv_diag(diag, NULL, 0, 0, "--driver-source: %s: %s", folder,
				strerror(errno));
	(void)snprintf(out, sizeof(out), "%s/driver.so", folder);
	if (run_script(tree, out, line, sizeof(line)) == 0)
		result = ptv_so_load(out, ops, library, diag);
	else
		result = ptv_diag(diag, NULL, 0, 0, "%s",
				  line[0] ? line : "--driver-source: the build script failed");
	(void)unlink(out); /* loaded or not */
	(void)snprintf(out, sizeof(out), "%s/driver.so.work", folder);
	(void)rmdir(out);
	(void)rmdir(folder);
	return result;
}
