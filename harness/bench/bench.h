/* SPDX-License-Identifier: MIT */
/*
 * The program `ptvmx-bench`: figures of speed and size as JSON. One file a command, one row a
 * command in main.c.
 *
 * Time is processor time of this process, so that neighbours on the machine count as little as they
 * can. A figure is taken in several repetitions, in turn with all other figures of its command: the
 * best is what the machine can do, the median what it did.
 */
#ifndef PTV_HARNESS_BENCH_BENCH_H
#define PTV_HARNESS_BENCH_BENCH_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "diag.h"

#define PTV_BENCH_REPETITIONS 5U

/* What the command line says. */
struct ptv_bench_options {
	double seconds;	    /* processor time that all repetitions may take together */
	const char *policy; /* NULL: the command's own choice */
	const char *file;   /* NULL: the command's own choice */
};

/* A command: fills json (an empty object); -1 with *diag set. */
struct ptv_bench_command {
	const char *name;
	const char *meaning;
	int (*run)(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag);
};

/* Processor time of this process in seconds. */
double ptv_bench_now(void);

/* One figure, once a repetition. All zero: none yet. */
struct ptv_bench_figure {
	double at[PTV_BENCH_REPETITIONS];
	size_t count;
};
void ptv_bench_take(struct ptv_bench_figure *figure, double value);
double ptv_bench_best(const struct ptv_bench_figure *figure); /* the greatest */
double ptv_bench_median(const struct ptv_bench_figure *figure);
/* json[name]: the best, and json.median[name]; rounded to three digits or more. */
void ptv_bench_add(cJSON *json, const char *name, const struct ptv_bench_figure *figure);

/* The commands. */
int ptv_bench_driver(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag);
int ptv_bench_fuzz(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag);
int ptv_bench_replay(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag);
int ptv_bench_rtl(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag);

#endif /* PTV_HARNESS_BENCH_BENCH_H */
