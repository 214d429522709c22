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

#include "show/output.h"
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

/* Files of one drawing, none of which has a name. */
struct drawing {
	FILE *script, *picture, *said;
};

static int open_drawing(struct drawing *d, const struct ptv_string *script, struct ptv_diag *diag)
{
	d->script = tmpfile();
	d->picture = tmpfile();
	d->said = tmpfile();
	if (!d->script || !d->picture || !d->said ||
	    fwrite(ptv_string(script), 1, script->size, d->script) != script->size ||
	    fflush(d->script) != 0)
		return ptv_diag(diag, NULL, 0, 0, "no temporary file for gnuplot: %s",
				strerror(errno));
	(void)lseek(fileno(d->script), 0, SEEK_SET);
	return 0;
}

static void close_drawing(struct drawing *d)
{
	if (d->script)
		(void)fclose(d->script);
	if (d->picture)
		(void)fclose(d->picture);
	if (d->said)
		(void)fclose(d->said);
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
	posix_spawn_file_actions_adddup2(&files, fileno(d->picture), STDOUT_FILENO);
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

/* Reads the whole picture; its size is *size. */
static char *read_picture(FILE *picture, size_t *size)
{
	struct stat about;
	char *text;

	*size = fstat(fileno(picture), &about) ? 0U : (size_t)about.st_size;
	text = ptv_alloc(*size + 1U, 1);
	rewind(picture);
	*size = fread(text, 1, *size, picture);
	return text;
}

/* title: of an SVG, which lacks one; NULL: the picture is taken as it is. */
static int draw(struct drawing *d, FILE *into, const char *title, struct ptv_diag *diag)
{
	struct ptv_string finished = {0};
	char *picture;
	size_t size;

	if (run_gnuplot(d, diag))
		return -1;
	picture = read_picture(d->picture, &size);
	if (title && size > 0U) {
		ptv_svg_finish(picture, title, &finished);
		(void)fwrite(ptv_string(&finished), 1, finished.size, into);
		ptv_string_free(&finished);
	} else {
		(void)fwrite(picture, 1, size, into);
	}
	free(picture);
	return size > 0U ? 0 : failed(d, diag);
}

int ptv_plot_write(const struct ptv_plot *plot, const char *path, struct ptv_diag *diag)
{
	struct drawing d = {NULL, NULL, NULL};
	struct ptv_string script = {0};
	enum ptv_plot_format format = PTV_PLOT_SVG;
	struct ptv_output output;
	int result;

	if (ptv_plot_format(path, &format, diag) || ptv_output_open(&output, path, diag))
		return -1;
	ptv_plot_script(plot, format, &script);
	result = open_drawing(&d, &script, diag);
	if (!result)
		result = draw(&d, output.file, format == PTV_PLOT_SVG ? plot->title : NULL, diag);
	if (result)
		ptv_output_discard(&output);
	else
		result = ptv_output_close(&output, diag); /* tells of what could not be written */
	close_drawing(&d);
	ptv_string_free(&script);
	return result;
}
