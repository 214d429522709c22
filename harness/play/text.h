/* SPDX-License-Identifier: MIT */
/*
 * Texts that grow, and memory that is there or ends the program (status 2: out of memory is the
 * user's to cure).
 */
#ifndef PTV_HARNESS_PLAY_TEXT_H
#define PTV_HARNESS_PLAY_TEXT_H

#include <stddef.h>

/* A text being put together. All zero: empty. */
struct ptv_string {
	char *at;
	size_t size, room;
};

/* Appends. */
__attribute__((format(printf, 2, 3))) void ptv_string_add(struct ptv_string *text,
							  const char *format, ...);
/* What is there so far; never NULL. Valid until the next change. */
const char *ptv_string(const struct ptv_string *text);
/* The text itself, now owned by the caller (free), never NULL; *text is empty again. */
char *ptv_string_take(struct ptv_string *text);
void ptv_string_free(struct ptv_string *text);
char *ptv_string_copy(const char *from);

/* calloc() that does not fail. */
void *ptv_alloc(size_t count, size_t size);
/* Makes room for one more of `count` elements of `size` bytes. */
void *ptv_grow(void *array, size_t count, size_t *room, size_t size);

/* How many characters have to be changed to make one word of the other: what is near is named
 * first. */
size_t ptv_string_distance(const char *a, const char *b);

#endif /* PTV_HARNESS_PLAY_TEXT_H */
