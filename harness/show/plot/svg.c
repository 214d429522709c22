/* SPDX-License-Identifier: MIT */
#include "show/plot/svg.h"

#include <string.h>

#define FAMILIES "font-family=\"DejaVu Sans, Verdana, sans-serif\""

static void add_escaped(struct ptv_string *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			ptv_string_add(out, "&amp;");
			break;
		case '<':
			ptv_string_add(out, "&lt;");
			break;
		case '>':
			ptv_string_add(out, "&gt;");
			break;
		default:
			ptv_string_add(out, "%c", *text);
			break;
		}
	}
}

/* Replaces a known text at the start of svg; the rest of svg, or NULL if none is there. */
static const char *replace(const char *svg, const char *title, struct ptv_string *out)
{
	static const char *const from[] = {"font-family=\"DejaVu Sans:Bold\"",
					   "font-family=\"DejaVu Sans\""};
	static const char *const to[] = {FAMILIES " font-weight=\"bold\"", FAMILIES};
	static const char name[] = "<title>Gnuplot</title>";
	size_t i;

	if (!strncmp(svg, name, sizeof(name) - 1U)) {
		ptv_string_add(out, "<title>");
		add_escaped(out, title);
		ptv_string_add(out, "</title>");
		return svg + sizeof(name) - 1U;
	}
	for (i = 0; i < sizeof(from) / sizeof(*from); i++) {
		if (!strncmp(svg, from[i], strlen(from[i]))) {
			ptv_string_add(out, "%s", to[i]);
			return svg + strlen(from[i]);
		}
	}
	return NULL;
}

void ptv_svg_finish(const char *svg, const char *title, struct ptv_string *out)
{
	while (*svg) {
		const char *rest = replace(svg, title, out);
		const size_t plain = rest ? 0U : 1U + strcspn(svg + 1, "<f");

		if (!rest)
			ptv_string_add(out, "%.*s", (int)plain, svg);
		svg = rest ? rest : svg + plain;
	}
}
