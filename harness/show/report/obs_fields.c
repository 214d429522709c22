/* SPDX-License-Identifier: MIT */
#include "show/report/obs_fields.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One part of an argument as spec/obs.def writes it: "kind[7:0]". */
struct part {
	char name[24];
	unsigned int high, low;
	bool packed;
};

/* Enumerators of higher parts; whole arguments and lowest parts have theirs by ptv_obs_arg_text().
 */
static const char *const contexts[] = {"cpu", "task"};
static const char *const modes[] = {"full", "snapshot"};

static const struct {
	enum ptv_obs_kind kind;
	const char *name;
	const char *const *names;
	size_t count;
} enumerators[] = {
	{PTV_OBS_OPEN, "context", contexts, PTV_ARRAY_SIZE(contexts)},
	{PTV_OBS_OPEN, "mode", modes, PTV_ARRAY_SIZE(modes)},
};

/* CALL, RET: the event of a function that concerns none (PTV_NO_EVENT of ptv/pmu.h). */
#define PTV_NONE 0xffU

/* Arguments that are bit patterns. */
static const char *const hex_names[] = {"address", "entry", "table", "flags", "hw_state"};

/* Takes the next part of the list; returns what follows it, or NULL. */
static const char *next_part(const char *list, struct part *part)
{
	size_t size = 0;

	memset(part, 0, sizeof(*part));
	part->high = 63;
	for (; *list && *list != ',' && *list != '['; list++) {
		if (size + 1U < sizeof(part->name))
			part->name[size++] = *list == ' ' ? '_' : *list;
	}
	if (*list == '[') {
		char *end;

		part->packed = true;
		part->high = (unsigned int)strtoul(list + 1, &end, 10);
		part->low = *end == ':' ? (unsigned int)strtoul(end + 1, &end, 10) : part->high;
		list = *end ? end + 1 : end;
	}
	return *list == ',' ? list + 1 : NULL;
}

static void set_key(struct ptv_obs_field *field, enum ptv_obs_kind kind, const char *name)
{
	const bool taken = strcmp(name, "kind") == 0 || strcmp(name, "lp") == 0;

	(void)snprintf(field->key, sizeof(field->key), "%s%s%s", taken ? ptv_obs_name(kind) : "",
		       taken ? "_" : "", name);
}

static const char *part_text(enum ptv_obs_kind kind, const char *name, uint64_t value)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(enumerators); i++) {
		if (enumerators[i].kind == kind && strcmp(enumerators[i].name, name) == 0 &&
		    value < enumerators[i].count)
			return enumerators[i].names[value];
	}
	return NULL;
}

static bool is_hex(enum ptv_obs_kind kind, const char *name)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(hex_names); i++) {
		if (strcmp(hex_names[i], name) == 0)
			return true;
	}
	return kind == PTV_OBS_MSR && (strcmp(name, "value") == 0 || strcmp(name, "msr") == 0);
}

static void set_type(struct ptv_obs_field *field, const struct ptv_obs *obs,
		     const struct part *part, char which)
{
	const enum ptv_obs_kind kind = (enum ptv_obs_kind)obs->kind;

	if (!part->packed || part->low == 0U)
		field->text = ptv_obs_arg_text(obs, which);
	if (part->packed && part_text(kind, part->name, field->value))
		field->text = part_text(kind, part->name, field->value);
	if (field->text)
		field->type = PTV_FIELD_TEXT;
	else if (strcmp(part->name, "place") == 0)
		field->type = PTV_FIELD_PLACE;
	else if (strcmp(part->name, "event") == 0 && field->value == PTV_NONE)
		field->type = PTV_FIELD_NONE;
	else if (part->packed && part->high == part->low)
		field->type = PTV_FIELD_BOOL;
	else if (kind == PTV_OBS_RET && strcmp(part->name, "result") == 0)
		field->type = PTV_FIELD_SIGNED;
	else
		field->type = is_hex(kind, part->name) ? PTV_FIELD_HEX : PTV_FIELD_NUMBER;
}

static void set_packet_bytes(struct ptv_obs_field *field, const struct ptv_obs *obs)
{
	const uint64_t len = (obs->a >> 8) & 0xffU;
	unsigned int i;

	memcpy(field->key, "bytes", sizeof("bytes"));
	field->type = PTV_FIELD_BYTES;
	field->value = len < sizeof(field->bytes) ? len : sizeof(field->bytes);
	for (i = 0; i < sizeof(field->bytes); i++)
		field->bytes[i] = (uint8_t)((i < 8U ? obs->b : obs->c) >> (8U * (i % 8U)));
}

size_t ptv_obs_fields(const struct ptv_obs *obs, struct ptv_obs_field field[PTV_OBS_FIELDS])
{
	const enum ptv_obs_kind kind = (enum ptv_obs_kind)obs->kind;
	const uint64_t args[] = {obs->a, obs->b, obs->c};
	size_t count = 0;
	unsigned int i;

	memset(field, 0, PTV_OBS_FIELDS * sizeof(*field));
	for (i = 0; i < PTV_ARRAY_SIZE(args); i++) {
		const char which = (char)('a' + (int)i);
		const char *list = ptv_obs_arg_name(kind, which);

		if (kind == PTV_OBS_PACKET && i > 0U) {
			set_packet_bytes(&field[count++], obs);
			break;
		}
		while (list && strcmp(list, "-") != 0 && count < PTV_OBS_FIELDS) {
			struct ptv_obs_field *f = &field[count++];
			struct part part;

			list = next_part(list, &part);
			set_key(f, kind, part.name);
			f->value = ptv_bits(args[i], part.high, part.low);
			set_type(f, obs, &part, which);
		}
	}
	return count;
}

static int field_text(const struct ptv_obs_field *f, char *text, size_t size)
{
	unsigned int i;
	int used;

	switch (f->type) {
	case PTV_FIELD_NUMBER:
		return snprintf(text, size, "%s=%" PRIu64, f->key, f->value);
	case PTV_FIELD_SIGNED:
		return snprintf(text, size, "%s=%" PRId64, f->key, (int64_t)f->value);
	case PTV_FIELD_HEX:
		return snprintf(text, size, "%s=0x%" PRIx64, f->key, f->value);
	case PTV_FIELD_BOOL:
		return snprintf(text, size, f->value ? "%s" : "no_%s", f->key);
	case PTV_FIELD_TEXT:
		return snprintf(text, size, "%s=%s", f->key, f->text);
	case PTV_FIELD_BYTES:
		used = snprintf(text, size, "%s=", f->key);
		for (i = 0; i < f->value && used >= 0 && (size_t)used < size; i++)
			used += snprintf(text + used, size - (size_t)used, "%02x", f->bytes[i]);
		return used;
	case PTV_FIELD_PLACE:
		if (f->value == PTV_PLACE_NONE)
			return snprintf(text, size, "%s=none", f->key);
		return snprintf(text, size, "%s=%u+%" PRIu64, f->key, ptv_place_event(f->value),
				ptv_place_offset(f->value));
	case PTV_FIELD_NONE:
		return snprintf(text, size, "%s=none", f->key);
	case PTV_FIELD_TYPES:
		break;
	}
	return 0;
}

void ptv_obs_fields_text(const struct ptv_obs *obs, char *text, size_t size)
{
	struct ptv_obs_field field[PTV_OBS_FIELDS];
	const size_t count = ptv_obs_fields(obs, field);
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < count && used + 2U < size; i++) {
		int written;

		if (i > 0U)
			text[used++] = ' ';
		written = field_text(&field[i], text + used, size - used);
		used += written > 0 ? (size_t)written : 0U;
	}
}
