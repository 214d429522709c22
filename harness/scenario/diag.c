/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where to cut a text at the latest, without cutting a sequence of UTF-8 in two. */
static size_t cut_at(const char *text, size_t latest)
{
	while (latest > 0 && ((unsigned char)text[latest] & 0xc0U) == 0x80U)
		latest--;
	return latest;
}

/* Appends to a text of PTV_DIAG_TEXT bytes; what does not fit is cut off and marked. */
static void append(char *text, const char *format, va_list args)
{
	static const char more[] = "...";
	const size_t used = strlen(text);
	const size_t room = PTV_DIAG_TEXT - used;
	const int size = vsnprintf(text + used, room, format, args);

	if (size < 0)
		text[used] = '\0';
	else if ((size_t)size >= room)
		memcpy(text + cut_at(text, PTV_DIAG_TEXT - sizeof(more)), more, sizeof(more));
}

__attribute__((format(printf, 2, 3))) static void append_format(char *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(text, format, args);
	va_end(args);
}

/* One line, and nothing in it that a terminal would obey; bytes of UTF-8 stay. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c < 0x20U || c == 0x7fU)
			*text = ' ';
	}
}

int ptv_diag(struct ptv_diag *diag, const char *file, int line, int column, const char *format, ...)
{
	va_list args;

	if (diag == NULL || diag->text[0] != '\0')
		return -1;
	if (file != NULL)
		append_format(diag->text, "%s:", file);
	if (line > 0)
		append_format(diag->text, "%d:", line);
	if (line > 0 && column > 0)
		append_format(diag->text, "%d:", column);
	if (diag->text[0] != '\0')
		append_format(diag->text, " ");
	va_start(args, format);
	append(diag->text, format, args);
	va_end(args);
	make_printable(diag->text);
	return -1;
}
