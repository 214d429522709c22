/* SPDX-License-Identifier: MIT */
#include "play/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE_MAX 96U

static void *must(void *p)
{
	if (!p) {
		(void)fputs("ptvmx: out of memory\n", stderr);
		exit(2);
	}
	return p;
}

void *ptv_alloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1U, size));
}

void *ptv_grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? *room * 2U : 64U;
	return must(realloc(array, *room * size));
}

void ptv_string_add(struct ptv_string *text, const char *format, ...)
{
	va_list args, again;
	int size;

	va_start(args, format);
	va_copy(again, args);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size > 0) {
		const size_t want = text->size + (size_t)size + 1U;

		if (want > text->room) {
			text->room = want * 2U;
			text->at = must(realloc(text->at, text->room));
		}
		(void)vsnprintf(text->at + text->size, (size_t)size + 1U, format, again);
		text->size += (size_t)size;
	}
	va_end(again);
}

const char *ptv_string(const struct ptv_string *text)
{
	return text->at ? text->at : "";
}

char *ptv_string_take(struct ptv_string *text)
{
	char *at = text->at ? text->at : ptv_string_copy("");

	memset(text, 0, sizeof(*text));
	return at;
}

void ptv_string_free(struct ptv_string *text)
{
	free(text->at);
	memset(text, 0, sizeof(*text));
}

char *ptv_string_copy(const char *from)
{
	return must(strdup(from));
}

size_t ptv_string_distance(const char *a, const char *b)
{
	size_t row[DISTANCE_MAX + 1U];
	size_t i, j, size = strlen(b);

	if (size > DISTANCE_MAX)
		size = DISTANCE_MAX;
	for (j = 0; j <= size; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1U;
		for (j = 1; j <= size; j++) {
			const size_t above = row[j];
			size_t best = diagonal + (a[i] == b[j - 1U] ? 0U : 1U);

			if (above + 1U < best)
				best = above + 1U;
			if (row[j - 1U] + 1U < best)
				best = row[j - 1U] + 1U;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[size];
}
