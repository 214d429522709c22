/* SPDX-License-Identifier: MIT */
/*
 * Has gnuplot draw: the script is its standard input, the picture its standard output, what it
 * complains about its standard error. No name of a file goes through its quoting, and no start-up
 * file of the user is read.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "show/plot/plot.h"
#include "show/plot/svg.h"

int ptv_plot_format(const char *path, enum ptv_plot_format *format, struct ptv_diag *diag)
{
	static const char *const ending[PTV_PLOT_FORMATS] = {".svg", ".png"};
	const char *name = strrchr(path, '/');
	const char *dot;
	unsigned int i;

	name = name ? name + 1 : path;
	dot = strrchr(name, '.');
	for (i = 0; dot && dot != name && i < PTV_PLOT_FORMATS; i++) {
		if (!strcmp(dot, ending[i])) {
			*format = (enum ptv_plot_format)i;
			return 0;
		}
	}
	return ptv_diag(diag, path, 0, 0,
			"no kind of picture: the name has to end in .svg or .png");
}

/* Files of one drawing. */
struct drawing {
	char *beside; /* the temporary name */
	int picture;
	FILE *script, *said;
};

static int open_drawing(struct drawing *d, const char *path, const struct ptv_string *script,
			struct ptv_diag *diag)
{
	struct ptv_string beside = {0};

	ptv_string_add(&beside, "%s.XXXXXX", path);
	d->beside = ptv_string_take(&beside);
	d->picture = mkstemp(d->beside);
	if (d->picture < 0) {
		const int err = errno;

		free(d->beside);
		d->beside = NULL;
		return ptv_diag(diag, path, 0, 0, "cannot be written: %s", strerror(err));
	}
	d->script = tmpfile();
	d->said = tmpfile();
	if (!d->script || !d->said ||
	    fwrite(ptv_string(script), 1, script->size, d->script) != script->size ||
	    fflush(d->script) != 0)
		return ptv_diag(diag, NULL, 0, 0, "no temporary file for gnuplot: %s",
				strerror(errno));
	(void)lseek(fileno(d->script), 0, SEEK_SET);
	return 0;
}

static void close_drawing(struct drawing *d)
{
	if (d->picture >= 0)
		(void)close(d->picture);
	if (d->script)
		(void)fclose(d->script);
	if (d->said)
		(void)fclose(d->said);
	if (d->beside)
		(void)unlink(d->beside);
	free(d->beside);
}

/* Why gnuplot failed: its own first line that says something. */
static int failed(struct drawing *d, struct ptv_diag *diag)
{
	char line[256] = "";

	rewind(d->said);
	while (fgets(line, sizeof(line), d->said)) {
		const size_t size = strcspn(line, "\r\n");

		line[size] = '\0';
		if (size > strspn(line, " \t^"))
			break;
	}
	return ptv_diag(diag, NULL, 0, 0, "gnuplot failed: %s",
			*line ? line : "it does not say why");
}

static int run_gnuplot(struct drawing *d, struct ptv_diag *diag)
{
	char name[] = "gnuplot", defaults[] = "-d", from_stdin[] = "-";
	char *const argv[] = {name, defaults, from_stdin, NULL};
	posix_spawn_file_actions_t files;
	int err, status = 0;
	pid_t pid;

	if (posix_spawn_file_actions_init(&files))
		return ptv_diag(diag, NULL, 0, 0, "gnuplot cannot be started");
	posix_spawn_file_actions_adddup2(&files, fileno(d->script), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, d->picture, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, fileno(d->said), STDERR_FILENO);
	err = posix_spawnp(&pid, name, &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (err == ENOENT)
		return ptv_diag(diag, NULL, 0, 0,
				"no gnuplot found: plots need it (Debian: gnuplot-nox)");
	if (err)
		return ptv_diag(diag, NULL, 0, 0, "gnuplot cannot be started: %s", strerror(err));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return ptv_diag(diag, NULL, 0, 0,
				"no gnuplot found: plots need it (Debian: gnuplot-nox)");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : failed(d, diag);
}

/* The permissions that a file made by open() would have had. */
static void usual_mode(int fd)
{
	const mode_t mask = umask(0);

	(void)umask(mask);
	(void)fchmod(fd, 0666 & ~mask);
}

/* Reads the whole picture as a text. */
static char *read_picture(int fd, size_t size)
{
	char *text = ptv_alloc(size + 1U, 1);
	size_t have = 0;

	while (have < size) {
		const ssize_t got = pread(fd, text + have, size - have, (off_t)have);

		if (got <= 0)
			break;
		have += (size_t)got;
	}
	return text;
}

static int write_picture(int fd, const struct ptv_string *text)
{
	size_t done = 0;

	if (ftruncate(fd, 0))
		return -1;
	while (done < text->size) {
		const ssize_t put =
			pwrite(fd, ptv_string(text) + done, text->size - done, (off_t)done);

		if (put <= 0)
			return -1;
		done += (size_t)put;
	}
	return 0;
}

static int finish_svg(int fd, size_t size, const char *title)
{
	char *from = read_picture(fd, size);
	struct ptv_string to = {0};
	int result;

	ptv_svg_finish(from, title, &to);
	result = write_picture(fd, &to);
	ptv_string_free(&to);
	free(from);
	return result;
}

static int draw(struct drawing *d, const char *path, const char *title, struct ptv_diag *diag)
{
	struct stat about;

	if (run_gnuplot(d, diag))
		return -1;
	if (fstat(d->picture, &about) || about.st_size == 0)
		return failed(d, diag);
	if (title && finish_svg(d->picture, (size_t)about.st_size, title))
		return ptv_diag(diag, path, 0, 0, "cannot be written: %s", strerror(errno));
	usual_mode(d->picture);
	if (rename(d->beside, path))
		return ptv_diag(diag, path, 0, 0, "cannot be written: %s", strerror(errno));
	free(d->beside);
	d->beside = NULL;
	return 0;
}

int ptv_plot_write(const struct ptv_plot *plot, const char *path, struct ptv_diag *diag)
{
	struct drawing d = {.picture = -1};
	struct ptv_string script = {0};
	enum ptv_plot_format format = PTV_PLOT_SVG;
	int result;

	if (ptv_plot_format(path, &format, diag))
		return -1;
	ptv_plot_script(plot, format, &script);
	result = open_drawing(&d, path, &script, diag);
	if (!result)
		result = draw(&d, path, format == PTV_PLOT_SVG ? plot->title : NULL, diag);
	close_drawing(&d);
	ptv_string_free(&script);
	return result;
}
