/* SPDX-License-Identifier: MIT */
#include "show/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "play/text.h"
#include "ptv/base.h"

/*
 * The temporaries that must not outlive the program, for those who have no other way to know: a
 * handler of signals, and the end by PTV_ASSERT. A name is published before its file is made, and
 * withdrawn after it is gone.
 */
static _Atomic(const char *) unfinished[PTV_OUTPUTS];
static pid_t owner; /* a child that was forked has no part in them */

static void unlink_unfinished(void)
{
	size_t i;

	for (i = 0; getpid() == owner && i < PTV_OUTPUTS; i++) {
		const char *name = atomic_load(&unfinished[i]);

		if (name)
			(void)unlink(name);
	}
}

/* The signal's own action is the default again (SA_RESETHAND) and comes when the handler ends. */
static void end_by_signal(int signal)
{
	unlink_unfinished();
	(void)raise(signal);
}

/* Signals that end a program from outside; one that is ignored stays so. */
static void guard(void)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU, SIGXFSZ};
	struct sigaction action, old;
	size_t i;

	if (owner)
		return;
	owner = getpid();
	memset(&action, 0, sizeof(action));
	action.sa_handler = end_by_signal;
	action.sa_flags = (int)SA_RESETHAND;
	for (i = 0; i < PTV_ARRAY_SIZE(signals); i++) {
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			(void)sigaction(signals[i], &action, NULL);
	}
	(void)at_quick_exit(unlink_unfinished);
}

static void publish(const char *name)
{
	size_t i;

	guard();
	for (i = 0; i < PTV_OUTPUTS; i++) {
		if (!atomic_load(&unfinished[i])) {
			atomic_store(&unfinished[i], name);
			return;
		}
	}
	PTV_ASSERT(i < PTV_OUTPUTS);
}

static void withdraw(char *name)
{
	size_t i;

	for (i = 0; name && i < PTV_OUTPUTS; i++) {
		if (atomic_load(&unfinished[i]) == name)
			atomic_store(&unfinished[i], NULL);
	}
	free(name);
}

/*
 * A terminal, a pipe, /dev/null: no file may be put in its place. Nor in that of anything below
 * /dev and /proc: /dev/stdout may lead to a file, and is none.
 */
static bool is_device(const char *path)
{
	struct stat about;

	if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
		return true;
	return stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

int ptv_output_open(struct ptv_output *output, const char *path, struct ptv_diag *diag)
{
	struct ptv_string temporary = {0};
	int fd;

	memset(output, 0, sizeof(*output));
	if (!path) {
		output->file = stdout;
		return 0;
	}
	if (is_device(path)) {
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	} else {
		ptv_string_add(&temporary, "%s.tmp-%ld", path, (long)getpid());
		output->temporary = ptv_string_take(&temporary);
		publish(output->temporary);
		fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	output->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!output->file) {
		(void)ptv_diag(diag, NULL, 0, 0, "cannot write %s: %s", path, strerror(errno));
		withdraw(output->temporary);
		output->temporary = NULL;
		return -1;
	}
	output->path = path;
	return 0;
}

/* Takes the temporary away, if it is still there. */
static void forget(struct ptv_output *output, bool in_place)
{
	if (output->temporary && !in_place)
		(void)unlink(output->temporary);
	withdraw(output->temporary);
	memset(output, 0, sizeof(*output));
}

int ptv_output_close(struct ptv_output *output, struct ptv_diag *diag)
{
	const char *name = output->path ? output->path : "standard output";
	bool good;

	errno = 0;
	good = fflush(output->file) == 0 && !ferror(output->file);
	if (output->path) {
		good = fclose(output->file) == 0 && good;
		if (output->temporary)
			good = good && rename(output->temporary, output->path) == 0;
	}
	/* What an earlier write failed of is no longer known. */
	if (!good)
		(void)ptv_diag(diag, NULL, 0, 0, "cannot write %s: %s", name,
			       errno ? strerror(errno) : "not all of it was taken");
	forget(output, good);
	return good ? 0 : -1;
}

void ptv_output_discard(struct ptv_output *output)
{
	if (output->path)
		(void)fclose(output->file);
	forget(output, false);
}
