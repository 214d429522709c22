/* SPDX-License-Identifier: MIT */
#include "show/report/obs_json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "show/report/obs_fields.h"

struct line {
	char *at;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line->at + line->size, PTV_OBS_JSON_LINE - line->size, format, args);
	va_end(args);
	PTV_ASSERT(size >= 0 && (size_t)size < PTV_OBS_JSON_LINE - line->size);
	line->size += (size_t)size;
}

static void add_place(struct line *line, uint64_t place)
{
	if (place == PTV_PLACE_NONE)
		add(line, "null");
	else
		add(line, "{\"event\":%u,\"offset\":%" PRIu64 "}", ptv_place_event(place),
		    ptv_place_offset(place));
}

static void add_value(struct line *line, const struct ptv_obs_field *f)
{
	unsigned int i;

	switch (f->type) {
	case PTV_FIELD_NUMBER:
		add(line, "%" PRIu64, f->value);
		break;
	case PTV_FIELD_SIGNED:
		add(line, "%" PRId64, (int64_t)f->value);
		break;
	case PTV_FIELD_HEX:
		add(line, "\"0x%" PRIx64 "\"", f->value);
		break;
	case PTV_FIELD_BOOL:
		add(line, "%s", f->value ? "true" : "false");
		break;
	case PTV_FIELD_TEXT:
		add(line, "\"%s\"", f->text);
		break;
	case PTV_FIELD_BYTES:
		add(line, "\"");
		for (i = 0; i < f->value; i++)
			add(line, "%02x", f->bytes[i]);
		add(line, "\"");
		break;
	case PTV_FIELD_PLACE:
		add_place(line, f->value);
		break;
	case PTV_FIELD_NONE:
		add(line, "null");
		break;
	case PTV_FIELD_TYPES:
		break;
	}
}

size_t ptv_obs_json(const struct ptv_obs *obs, const char *copy, char line[PTV_OBS_JSON_LINE])
{
	struct ptv_obs_field field[PTV_OBS_FIELDS];
	const size_t count = ptv_obs_fields(obs, field);
	struct line out = {line, 0};
	size_t i;

	add(&out, "{\"cycle\":%" PRIu64 ",\"lp\":%u,\"seq\":%u,\"kind\":\"%s\",\"by\":\"%s\"",
	    obs->cycle, obs->lp, obs->seq, ptv_obs_name((enum ptv_obs_kind)obs->kind),
	    ptv_by_name((enum ptv_by)obs->by));
	if (copy)
		add(&out, ",\"copy\":\"%s\"", copy);
	for (i = 0; i < count; i++) {
		add(&out, ",\"%s\":", field[i].key);
		add_value(&out, &field[i]);
	}
	add(&out, "}\n");
	return out.size;
}

size_t ptv_obs_json_add(char line[PTV_OBS_JSON_LINE], size_t size, const char *key,
			const char *text)
{
	struct line out = {line, size - 2U}; /* without "}\n" */

	/* Each character may take two. */
	if (size + strlen(key) + 2U * strlen(text) + 8U > PTV_OBS_JSON_LINE)
		return size;
	add(&out, ",\"%s\":\"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			add(&out, "\\");
		if ((unsigned char)*text >= 0x20U)
			add(&out, "%c", *text);
	}
	add(&out, "\"}\n");
	return out.size;
}
