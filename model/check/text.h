/* SPDX-License-Identifier: MIT */
/*
 * Private to model/check: text into a buffer of fixed size, without stdio (the model has none).
 * What does not fit is cut; the text always ends in NUL.
 */
#ifndef PTV_CHECK_TEXT_H
#define PTV_CHECK_TEXT_H

#include "ptv/base.h"

struct ptv_text {
	char *next; /* where the NUL is */
	char *end;  /* the last byte of the buffer */
};

void ptv_text_init(struct ptv_text *text, char *buffer, size_t size);
void ptv_text_put(struct ptv_text *text, const char *string);
void ptv_text_char(struct ptv_text *text, char c);
void ptv_text_number(struct ptv_text *text, uint64_t number);
void ptv_text_hex(struct ptv_text *text, uint64_t number); /* with 0x */

#endif /* PTV_CHECK_TEXT_H */
