/* SPDX-License-Identifier: MIT */
#include "lockstep/waves.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "play/text.h"
#include "ptv/base.h"
#include "show/output.h"

struct ptv_waves {
	struct ptv_output output;
	char *folder, *name; /* NULL once it is open */
	int fd;		     /* the file, to be copied from; -1: none */
	sigset_t signals;    /* that were blocked before; valid with folder */
};

static void say(const struct ptv_diag *diag)
{
	(void)fprintf(stderr, "ptvmx-lockstep: %s\n", diag->text);
}

static void set_signals(struct ptv_waves *waves, bool blocked)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, blocked ? &all : &waves->signals,
			  blocked ? &waves->signals : NULL);
}

struct ptv_waves *ptv_waves_begin(const char *path)
{
	const char *const ending = strrchr(path, '.');
	struct ptv_waves *const waves = ptv_alloc(1, sizeof(*waves));
	struct ptv_string folder = {0}, name = {0};
	struct ptv_diag diag = {""};

	PTV_ASSERT(ending);
	if (ptv_output_open(&waves->output, path, &diag)) {
		say(&diag);
		free(waves);
		return NULL;
	}
	set_signals(waves, true);
	ptv_string_add(&folder, "%s.tmp-XXXXXX", path);
	waves->folder = ptv_string_take(&folder);
	if (!mkdtemp(waves->folder)) {
		(void)ptv_diag(&diag, NULL, 0, 0, "cannot write %s: %s", path, strerror(errno));
		say(&diag);
		set_signals(waves, false);
		ptv_output_discard(&waves->output);
		free(waves->folder);
		free(waves);
		return NULL;
	}
	ptv_string_add(&name, "%s/waves%s", waves->folder, ending);
	waves->name = ptv_string_take(&name);
	return waves;
}

const char *ptv_waves_name(const struct ptv_waves *waves)
{
	return waves->name;
}

/* Takes the folder away with all that writers have put there. */
static void remove_folder(const char *folder)
{
	DIR *const dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
	(void)rmdir(folder);
}

void ptv_waves_opened(struct ptv_waves *waves)
{
	waves->fd = open(waves->name, O_RDONLY | O_CLOEXEC);
	remove_folder(waves->folder);
	free(waves->folder);
	free(waves->name);
	waves->folder = waves->name = NULL;
	set_signals(waves, false);
}

/* -1 with *diag set if it could not be read. */
static int copy(const struct ptv_waves *waves, struct ptv_diag *diag)
{
	char buffer[65536];
	ssize_t n = -1;

	while (waves->fd >= 0 && (n = read(waves->fd, buffer, sizeof(buffer))) > 0)
		(void)fwrite(buffer, 1, (size_t)n, waves->output.file);
	return n < 0 ? ptv_diag(diag, NULL, 0, 0, "cannot write %s: %s", waves->output.path,
				strerror(errno))
		     : 0;
}

bool ptv_waves_end(struct ptv_waves *waves)
{
	struct ptv_diag diag = {""};

	PTV_ASSERT(!waves->folder);
	if (copy(waves, &diag))
		ptv_output_discard(&waves->output);
	else
		(void)ptv_output_close(&waves->output, &diag);
	if (waves->fd >= 0)
		(void)close(waves->fd);
	free(waves);
	if (diag.text[0])
		say(&diag);
	return !diag.text[0];
}
