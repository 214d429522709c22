/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptv/base.h"

#define SECONDS	    5.0
#define SECONDS_MAX 3600.0

static const struct ptv_bench_command commands[] = {
	{"replay",
	 "a short timeline played and judged over and over; the processor stepped and leapt",
	 ptv_bench_replay},
	{"driver", "stop and start in a driver (--policy, default linux-6.12) beyond those in ours",
	 ptv_bench_driver},
	{"fuzz", "random timelines played and judged, as ptvmx fuzz --compare 0 does",
	 ptv_bench_fuzz},
	{"rtl", "the processor in C and in RTL: each alone, and in lock-step", ptv_bench_rtl},
};

static int fail(const struct ptv_diag *diag)
{
	(void)fprintf(stderr, "ptvmx-bench: %s\n", diag->text);
	return 2;
}

static void usage(FILE *out)
{
	size_t i;

	(void)fprintf(out, "usage: ptvmx-bench COMMAND [--seconds S] [--policy P] [FILE]\n\n");
	for (i = 0; i < PTV_ARRAY_SIZE(commands); i++)
		(void)fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].meaning);
	(void)fprintf(out,
		      "\n  --seconds S  processor time to take, all in all (default: %g)\n"
		      "  --policy P   whom to play\n"
		      "  FILE         what to play\n",
		      SECONDS);
}

static int parse_seconds(const char *text, double *seconds, struct ptv_diag *diag)
{
	char *end = NULL;

	*seconds = text ? strtod(text, &end) : 0.0;
	if (!text || end == text || *end || !(*seconds > 0.0) || *seconds > SECONDS_MAX)
		return ptv_diag(diag, NULL, 0, 0,
				"--seconds wants a number above 0 up to %g, not '%s'", SECONDS_MAX,
				text ? text : "");
	return 0;
}

static int parse(struct ptv_bench_options *options, int argc, char **argv, struct ptv_diag *diag)
{
	int i;

	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--seconds") == 0) {
			if (parse_seconds(argv[++i], &options->seconds, diag))
				return -1;
		} else if (strcmp(argv[i], "--policy") == 0) {
			options->policy = argv[++i];
			if (!options->policy)
				return ptv_diag(diag, NULL, 0, 0, "--policy wants a policy");
		} else if (argv[i][0] == '-') {
			return ptv_diag(diag, NULL, 0, 0,
					"unknown option '%s' (accepted: --seconds, --policy)",
					argv[i]);
		} else if (options->file) {
			return ptv_diag(diag, NULL, 0, 0, "one FILE at most, not '%s' too",
					argv[i]);
		} else {
			options->file = argv[i];
		}
	}
	return 0;
}

static const struct ptv_bench_command *find(const char *name, struct ptv_diag *diag)
{
	char known[256] = "";
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(commands); i++) {
		if (name && strcmp(commands[i].name, name) == 0)
			return &commands[i];
		(void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			       i ? ", " : "", commands[i].name);
	}
	(void)ptv_diag(diag, NULL, 0, 0, "%s%s%s (accepted: %s)",
		       name ? "unknown command '" : "a command is wanted", name ? name : "",
		       name ? "'" : "", known);
	return NULL;
}

int main(int argc, char **argv)
{
	struct ptv_bench_options options = {.seconds = SECONDS};
	struct ptv_diag diag = {""};
	const struct ptv_bench_command *command;
	cJSON *json;
	char *text;
	int failed;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		usage(stdout);
		return 0;
	}
	command = find(argv[1], &diag);
	if (!command || parse(&options, argc, argv, &diag))
		return fail(&diag);
	json = cJSON_CreateObject();
	(void)cJSON_AddStringToObject(json, "benchmark", command->name);
	failed = command->run(&options, json, &diag);
	if (!failed) {
		text = cJSON_Print(json);
		(void)printf("%s\n", text);
		cJSON_free(text);
	}
	cJSON_Delete(json);
	errno = 0;
	if (!failed && (fflush(stdout) != 0 || ferror(stdout)))
		failed = ptv_diag(&diag, NULL, 0, 0, "cannot write standard output: %s",
				  strerror(errno ? errno : EIO));
	return failed ? fail(&diag) : 0;
}
