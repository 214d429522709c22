/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "play/text.h"

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
		fd = open(ptv_string(&temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	output->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!output->file) {
		(void)ptv_diag(diag, NULL, 0, 0, "cannot write %s: %s", path, strerror(errno));
		ptv_string_free(&temporary);
		return -1;
	}
	output->path = path;
	output->temporary = temporary.size ? ptv_string_take(&temporary) : NULL;
	return 0;
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
	if (!good) {
		(void)ptv_diag(diag, NULL, 0, 0, "cannot write %s: %s", name,
			       strerror(errno ? errno : EIO));
		if (output->temporary)
			(void)unlink(output->temporary);
	}
	free(output->temporary);
	memset(output, 0, sizeof(*output));
	return good ? 0 : -1;
}

void ptv_output_discard(struct ptv_output *output)
{
	if (output->path) {
		(void)fclose(output->file);
		if (output->temporary)
			(void)unlink(output->temporary);
	}
	free(output->temporary);
	memset(output, 0, sizeof(*output));
}
