/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "ptv/base.h"

double ptv_bench_now(void)
{
	struct timespec ts;

	PTV_ASSERT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

void ptv_bench_take(struct ptv_bench_figure *figure, double value)
{
	PTV_ASSERT(figure->count < PTV_BENCH_REPETITIONS);
	figure->at[figure->count++] = value;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The n-th of the values in order, counted from the least. */
static double ranked(const struct ptv_bench_figure *figure, size_t n)
{
	struct ptv_bench_figure sorted = *figure;

	PTV_ASSERT(n < sorted.count);
	qsort(sorted.at, sorted.count, sizeof(sorted.at[0]), compare);
	return sorted.at[n];
}

double ptv_bench_best(const struct ptv_bench_figure *figure)
{
	return ranked(figure, figure->count - 1U);
}

double ptv_bench_median(const struct ptv_bench_figure *figure)
{
	return ranked(figure, figure->count / 2U);
}

/* More digits than a measurement has would only be noise. */
static double rounded(double value)
{
	return value >= 100.0 ? round(value) : round(value * 100.0) / 100.0;
}

void ptv_bench_add(cJSON *json, const char *name, const struct ptv_bench_figure *figure)
{
	cJSON *median = cJSON_DetachItemFromObjectCaseSensitive(json, "median");

	if (!median)
		median = cJSON_CreateObject();
	(void)cJSON_AddNumberToObject(json, name, rounded(ptv_bench_best(figure)));
	(void)cJSON_AddNumberToObject(median, name, rounded(ptv_bench_median(figure)));
	(void)cJSON_AddItemToObject(json, "median", median); /* stands last */
}
