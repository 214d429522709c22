/* SPDX-License-Identifier: MIT */
/* Text into a buffer of fixed size: see text.h. */
#include "text.h"

#include <string.h>

void ptv_text_init(struct ptv_text *text, char *buffer, size_t size)
{
	PTV_ASSERT(size > 0U);
	text->next = buffer;
	text->end = buffer + size - 1U;
	*buffer = '\0';
}

void ptv_text_put(struct ptv_text *text, const char *string)
{
	const size_t room = (size_t)(text->end - text->next);
	size_t length = strlen(string);

	if (length > room)
		length = room;
	memcpy(text->next, string, length);
	text->next += length;
	*text->next = '\0';
}

void ptv_text_char(struct ptv_text *text, char c)
{
	const char string[2] = {c, '\0'};

	ptv_text_put(text, string);
}

static void put_digits(struct ptv_text *text, uint64_t number, unsigned int radix)
{
	char digits[21];
	size_t at = sizeof(digits) - 1U;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[number % radix];
		number /= radix;
	} while (number != 0U);
	ptv_text_put(text, &digits[at]);
}

void ptv_text_number(struct ptv_text *text, uint64_t number)
{
	put_digits(text, number, 10U);
}

void ptv_text_hex(struct ptv_text *text, uint64_t number)
{
	ptv_text_put(text, "0x");
	put_digits(text, number, 16U);
}
