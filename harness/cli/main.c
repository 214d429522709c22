/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#ifndef PTV_VERSION
#define PTV_VERSION "0.1.0"
#endif

static const struct ptv_command commands[] = {
	{"run", "FILE|DIRECTORY...",
	 "Play scenarios under policies, judge, and compare with what the files expect.",
	 "pesDfoOVcnvgh", 1, ptv_cli_run},
	{"matrix", "FILE|DIRECTORY...", "The same as a table: scenarios by policies.", "pesDfocngh",
	 1, ptv_cli_matrix},
	{"show", "FILE|DIRECTORY...",
	 "A scenario's question, its timeline in words, and every policy's answer.", "pesDfongh", 1,
	 ptv_cli_show},
	{"list", "WHAT",
	 "What there is: policies, eras, machines, checks, stimuli, timing, switches, slots,\n"
	 "           observations; `list points FILE...`: where a timeline can be interrupted.",
	 "pesfoh", 1, ptv_cli_list},
	{"plot", "FILE",
	 "A picture (--output x.svg or x.png): what each policy makes of a timeline, on one axis.",
	 "pesDocwFTgh", 1, ptv_cli_plot},
	{"fuzz", "", "Random timelines, judged; what is new is shrunk, and written as a scenario.",
	 "SNtpesDCUkWh", 0, ptv_cli_fuzz},
	{"replay", "TOKEN", "Play again what a token of ptvmx fuzz stands for.", "DkWh", 1,
	 ptv_cli_replay},
	{"known", "FILE|DIRECTORY...",
	 "The violations that scenarios show, for ptvmx fuzz --known.", "pDoh", 1, ptv_cli_known},
};

enum ptv_exit ptv_cli_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fflush(stdout);
	(void)fputs("ptvmx: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	return PTV_EXIT_INPUT;
}

enum ptv_exit ptv_cli_fail_diag(const struct ptv_diag *diag)
{
	const char *colon = strchr(diag->text, ':');

	/* "file:12:3: what" is what editors look for at the start of a line. */
	if (colon && colon[1] >= '0' && colon[1] <= '9' &&
	    !memchr(diag->text, ' ', (size_t)(colon - diag->text))) {
		(void)fflush(stdout);
		(void)fprintf(stderr, "%s\n", diag->text);
		return PTV_EXIT_INPUT;
	}
	return ptv_cli_fail("%s", diag->text);
}

static void help(FILE *out)
{
	size_t i;

	(void)fprintf(out,
		      "usage: ptvmx COMMAND [OPTION...] ARGUMENT...\n"
		      "Intel PT, VMX and the kernel code that drives both, clock by clock.\n\n");
	for (i = 0; i < PTV_ARRAY_SIZE(commands); i++)
		(void)fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].meaning);
	(void)fprintf(
		out,
		"\nptvmx COMMAND --help says more. To begin with:\n"
		"  ptvmx matrix scenarios/thread\n"
		"  ptvmx run scenarios/thread/enable-virt_on-virt_off+cpu.yaml --policy "
		"dont-die\n\n"
		"Exit status: 0 as expected, 1 a verdict differs from its file, or something new\n"
		"was found, 2 input or usage wrong, 3 internal assertion, 4 stopped early "
		"(--choices).\n");
}

/* "run, matrix, show": the names of all commands. */
static void names_of_commands(char *text, size_t size)
{
	size_t i, used = 0;

	for (i = 0; i < PTV_ARRAY_SIZE(commands) && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
					 commands[i].name);
}

/* word: NULL if there is none. */
static enum ptv_exit unknown_command(const char *word)
{
	char known[256];

	names_of_commands(known, sizeof(known));
	if (!word)
		return ptv_cli_fail("no command (known: %s; see ptvmx --help)", known);
	if (word[0] == '-')
		return ptv_cli_fail("unknown option '%s' (see ptvmx --help)", word);
	return ptv_cli_fail("unknown command '%s' (known: %s; see ptvmx --help)", word, known);
}

/* Whether what was printed has arrived. */
static enum ptv_exit printed(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return PTV_EXIT_EXPECTED;
	return ptv_cli_fail("cannot write standard output: %s", strerror(errno ? errno : EIO));
}

static enum ptv_exit run_command(const struct ptv_command *command, int argc, char **argv)
{
	struct ptv_options options;
	struct ptv_diag diag = {{0}};
	bool wants_help = false;
	enum ptv_exit status;

	if (ptv_options_parse(&options, command, argc, argv, &wants_help, &diag))
		return ptv_cli_fail_diag(&diag);
	if (wants_help) {
		ptv_options_help(stdout, command);
		return printed();
	}
	status = command->run(&options);
	if (status == PTV_EXIT_INPUT || printed() == PTV_EXIT_EXPECTED)
		return status;
	return PTV_EXIT_INPUT;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2)
		return (int)unknown_command(NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help(stdout);
		return (int)printed();
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("ptvmx %s\n", PTV_VERSION);
		return (int)printed();
	}
	for (i = 0; i < PTV_ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, argv[1]) == 0)
			return (int)run_command(&commands[i], argc - 1, argv + 1);
	}
	return (int)unknown_command(argv[1]);
}
