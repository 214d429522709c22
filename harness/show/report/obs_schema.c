/* SPDX-License-Identifier: MIT */
#include "show/report/obs_schema.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "show/report/obs_fields.h"

#define WORDS 64U

/* A field of a kind, whatever the observation. */
struct row {
	char key[PTV_OBS_KEY];
	enum ptv_field_type type;
	bool may_be_none;
	const char *words[WORDS]; /* of an enumerator */
	size_t count;
};

/* How a value is to be read, where its name does not say it; by kind first, then by name alone. */
static const struct {
	int kind; /* -1: any */
	const char *key, *unit;
} units[] = {
	{PTV_OBS_PAGE, "offset", "bytes from the start of the ring"},
	{PTV_OBS_RECORD, "offset", "bytes of the event's stream before it"},
	{PTV_OBS_RECORD, "flags",
	 "PERF_AUX_FLAG_*: 1 truncated, 2 overwrite, 4 partial, 8 collision"},
	{PTV_OBS_AUX_FLAG, "flags", "PERF_AUX_FLAG_*, as in record"},
	{PTV_OBS_AUX_END, "flags", "PERF_AUX_FLAG_*, as in record"},
	{PTV_OBS_AUX_BEGIN, "head", "bytes since the event was opened"},
	{PTV_OBS_AUX_BEGIN, "size", "bytes that may be written"},
	{PTV_OBS_AUX_END, "size", "bytes reported as written"},
	{PTV_OBS_RECORD, "size", "bytes of the stream that it reports"},
	{PTV_OBS_HEAD, "aux_head", "bytes since the event was opened"},
	{PTV_OBS_CONSUME, "head_seen", "bytes since the event was opened"},
	{PTV_OBS_CONSUME, "tail", "bytes since the event was opened"},
	{PTV_OBS_OPEN, "aux_size", "bytes"},
	{PTV_OBS_OPEN, "watermark", "bytes; 0 in snapshot mode"},
	{PTV_OBS_OPEN, "earlier", "bytes that were traced, reported and read before"},
	{PTV_OBS_RUNNING, "time_running", "cycles so far"},
	{PTV_OBS_READ_TIME, "time_enabled", "cycles"},
	{PTV_OBS_READ_TIME, "time_running", "cycles"},
	{PTV_OBS_RETIRE, "first_cycle", "cycle of the run's first branch"},
	{PTV_OBS_RETIRE, "event_scope", "an open event's filter covers them"},
	{PTV_OBS_PACKET, "bytes", "hex digits, in stream order"},
	{PTV_OBS_PACKET, "len", "bytes"},
	{PTV_OBS_LVT, "value", "the register: bit 16 masked, 10:8 delivery mode (4: NMI)"},
	{PTV_OBS_TRACE_EN, "value", "1 on, 0 off"},
	{PTV_OBS_TRIGGER_EN, "value", "1 on, 0 off"},
	{PTV_OBS_RUNNING, "value", "1 began, 0 ceased"},
	{PTV_OBS_BELIEF, "vmx_on", "1 or 0"},
	{PTV_OBS_SCHED, "in", "1 in, 0 out"},
	{PTV_OBS_POWER, "on", "1 on-line, 0 off-line"},
	{PTV_OBS_LP_INFO, "pt_in_vmx", "1 or 0"},
	{PTV_OBS_CALL, "argument", "flags; of notify and virt 1 on, 0 off"},
	{PTV_OBS_GS55, "value", "1 set, 0 clear"},
	{PTV_OBS_RET, "result", "0 or a negative errno"},
	{PTV_OBS_STIMULUS, "index", "number in the timeline, from 0"},
	{PTV_OBS_SETTLED, "stimulus", "number in the timeline, from 0"},
	{PTV_OBS_VMX_OP, "reason", "VM-instruction error, or exit reason"},
	{-1, "address", "physical address"},
	{-1, "bytes", "number of bytes"},
};

static const char *unit_of(int kind, const char *key)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(units); i++) {
		if ((units[i].kind < 0 || units[i].kind == kind) && strcmp(units[i].key, key) == 0)
			return units[i].unit;
	}
	return NULL;
}

static void add_word(struct row *row, const char *word)
{
	size_t i;

	for (i = 0; i < row->count; i++) {
		if (strcmp(row->words[i], word) == 0)
			return;
	}
	row->words[row->count++] = word;
}

/*
 * The fields of a kind are found by showing the writer of lines observations whose every byte is
 * v, for each v: a field that comes out as a word is an enumerator, and v has that word.
 */
static size_t rows_of(enum ptv_obs_kind kind, struct row row[PTV_OBS_FIELDS])
{
	size_t count = 0, i;
	unsigned int v;

	memset(row, 0, PTV_OBS_FIELDS * sizeof(*row));
	for (v = 0; v < 256U; v++) {
		const uint64_t bytes = v * UINT64_C(0x0101010101010101);
		const bool small = v < WORDS;
		/* Whole arguments are enumerators too: then the upper bytes have to be 0. */
		const struct ptv_obs packed = {
			.kind = (uint8_t)kind, .a = bytes, .b = bytes, .c = bytes};
		const struct ptv_obs plain = {.kind = (uint8_t)kind, .a = v, .b = v, .c = v};
		struct ptv_obs_field field[PTV_OBS_FIELDS], whole[PTV_OBS_FIELDS];

		count = ptv_obs_fields(&packed, field);
		(void)ptv_obs_fields(&plain, whole);
		for (i = 0; i < count; i++) {
			const bool found = field[i].text || field[i].type == PTV_FIELD_NONE;
			const struct ptv_obs_field *f = found ? &field[i] : &whole[i];

			if (v == 0U) {
				memcpy(row[i].key, f->key, sizeof(row[i].key));
				row[i].type = f->type;
			}
			row[i].may_be_none = row[i].may_be_none || f->type == PTV_FIELD_NONE;
			if (small && f->type == PTV_FIELD_TEXT)
				add_word(&row[i], f->text);
		}
	}
	return count;
}

/* --- For people --- */

static const char *type_name(enum ptv_field_type type)
{
	static const char *const names[PTV_FIELD_TYPES] = {
		[PTV_FIELD_NUMBER] = "number", [PTV_FIELD_SIGNED] = "signed number",
		[PTV_FIELD_HEX] = "hex",       [PTV_FIELD_BOOL] = "true or false",
		[PTV_FIELD_BYTES] = "bytes",   [PTV_FIELD_PLACE] = "place or null",
		[PTV_FIELD_NONE] = "null",
	};

	return names[type];
}

static void list_row(FILE *out, enum ptv_obs_kind kind, const struct row *row)
{
	const char *unit = unit_of((int)kind, row->key);
	size_t i;

	(void)fprintf(out, "    %-14s ", row->key);
	if (row->type == PTV_FIELD_TEXT) {
		for (i = 0; i < row->count; i++)
			(void)fprintf(out, "%s%s", i ? "|" : "", row->words[i]);
	} else {
		(void)fputs(type_name(row->type), out);
	}
	(void)fprintf(out, "%s%s%s\n", row->may_be_none ? " or null" : "", unit ? ": " : "",
		      unit ? unit : "");
}

void ptv_obs_list(FILE *out)
{
	struct row row[PTV_OBS_FIELDS];
	int kind;

	for (kind = 0; kind < PTV_OBS_KINDS; kind++) {
		const size_t count = rows_of((enum ptv_obs_kind)kind, row);
		size_t i;

		(void)fprintf(out, "%s\n  %s\n", ptv_obs_name((enum ptv_obs_kind)kind),
			      ptv_obs_meaning((enum ptv_obs_kind)kind));
		for (i = 0; i < count; i++)
			list_row(out, (enum ptv_obs_kind)kind, &row[i]);
	}
	(void)fprintf(out,
		      "Each line also has cycle, lp, seq, kind, by, and copy where it is not the "
		      "run itself: docs/observations.md.\n");
}

/* --- For programs --- */

static cJSON *object_in(cJSON *parent, const char *key)
{
	cJSON *object = cJSON_AddObjectToObject(parent, key);

	PTV_ASSERT(object);
	return object;
}

static void add_enum(cJSON *schema, const char *const *words, size_t count)
{
	cJSON *array = cJSON_AddArrayToObject(schema, "enum");
	size_t i;

	for (i = 0; i < count; i++)
		(void)cJSON_AddItemToArray(array, cJSON_CreateString(words[i]));
}

static void add_ref(cJSON *schema, const char *to)
{
	(void)cJSON_AddStringToObject(schema, "$ref", to);
}

/* The definition that a type has. */
static const char *definition_of(enum ptv_field_type type)
{
	static const char *const to[PTV_FIELD_TYPES] = {
		[PTV_FIELD_NUMBER] = "#/definitions/number",
		[PTV_FIELD_SIGNED] = "#/definitions/signed",
		[PTV_FIELD_HEX] = "#/definitions/hex",
		[PTV_FIELD_BYTES] = "#/definitions/bytes",
		[PTV_FIELD_PLACE] = "#/definitions/place",
	};

	return to[type];
}

static void add_property(cJSON *properties, enum ptv_obs_kind kind, const struct row *row)
{
	cJSON *property = object_in(properties, row->key), *schema = property;
	const char *unit = unit_of((int)kind, row->key);
	cJSON *any;

	if (unit)
		(void)cJSON_AddStringToObject(property, "description", unit);
	if (row->may_be_none || unit) { /* a $ref stands alone */
		any = cJSON_AddArrayToObject(property, "anyOf");
		schema = cJSON_CreateObject();
		(void)cJSON_AddItemToArray(any, schema);
		if (row->may_be_none) {
			cJSON *none = cJSON_CreateObject();

			(void)cJSON_AddStringToObject(none, "type", "null");
			(void)cJSON_AddItemToArray(any, none);
		}
	}
	if (row->type == PTV_FIELD_TEXT)
		add_enum(schema, row->words, row->count);
	else if (row->type == PTV_FIELD_BOOL)
		(void)cJSON_AddStringToObject(schema, "type", "boolean");
	else
		add_ref(schema, definition_of(row->type));
}

/* What every line has. */
static void add_common(cJSON *properties, cJSON *required, enum ptv_obs_kind kind)
{
	static const char *const keys[] = {"cycle", "lp", "seq", "kind", "by"};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(keys); i++) {
		cJSON *property = object_in(properties, keys[i]);

		(void)cJSON_AddItemToArray(required, cJSON_CreateString(keys[i]));
		if (strcmp(keys[i], "kind") == 0)
			(void)cJSON_AddStringToObject(property, "const", ptv_obs_name(kind));
		else
			add_ref(property, i < 3U ? "#/definitions/number" : "#/definitions/by");
	}
	add_ref(object_in(properties, "copy"), "#/definitions/copy");
}

/* What only the driver that is played can say. */
static void add_warning(cJSON *properties)
{
	cJSON *property = object_in(properties, "warning");

	(void)cJSON_AddStringToObject(property, "description",
				      "of a WARN for which the driver has words: \"pt.c:1234 "
				      "(condition)\"; else left out");
	(void)cJSON_AddStringToObject(property, "type", "string");
}

static void add_kind(cJSON *definitions, enum ptv_obs_kind kind)
{
	struct row row[PTV_OBS_FIELDS];
	const size_t count = rows_of(kind, row);
	cJSON *schema = object_in(definitions, ptv_obs_name(kind));
	cJSON *properties, *required;
	size_t i;

	(void)cJSON_AddStringToObject(schema, "description", ptv_obs_meaning(kind));
	(void)cJSON_AddStringToObject(schema, "type", "object");
	properties = object_in(schema, "properties");
	required = cJSON_CreateArray();
	add_common(properties, required, kind);
	for (i = 0; i < count; i++) {
		add_property(properties, kind, &row[i]);
		(void)cJSON_AddItemToArray(required, cJSON_CreateString(row[i].key));
	}
	if (kind == PTV_OBS_SPLAT)
		add_warning(properties);
	(void)cJSON_AddItemToObject(schema, "required", required);
	(void)cJSON_AddFalseToObject(schema, "additionalProperties");
}

static void add_types(cJSON *definitions)
{
	const char *const copies[] = {"settled", "closed"};
	const char *bys[PTV_BY_COUNT];
	cJSON *schema, *properties;
	int by;

	for (by = 0; by < PTV_BY_COUNT; by++)
		bys[by] = ptv_by_name((enum ptv_by)by);
	add_enum(object_in(definitions, "by"), bys, PTV_BY_COUNT);
	add_enum(object_in(definitions, "copy"), copies, PTV_ARRAY_SIZE(copies));
	schema = object_in(definitions, "number");
	(void)cJSON_AddStringToObject(schema, "type", "integer");
	(void)cJSON_AddNumberToObject(schema, "minimum", 0);
	schema = object_in(definitions, "signed");
	(void)cJSON_AddStringToObject(schema, "type", "integer");
	schema = object_in(definitions, "hex");
	(void)cJSON_AddStringToObject(schema, "type", "string");
	(void)cJSON_AddStringToObject(schema, "pattern", "^0x[0-9a-f]{1,16}$");
	schema = object_in(definitions, "bytes");
	(void)cJSON_AddStringToObject(schema, "type", "string");
	(void)cJSON_AddStringToObject(schema, "pattern", "^([0-9a-f]{2}){0,16}$");
	schema = object_in(definitions, "place");
	(void)cJSON_AddStringToObject(schema, "description",
				      "a byte of an AUX buffer: whose, and its offset in the ring; "
				      "null: no buffer owns it");
	(void)cJSON_AddItemToObject(schema, "type",
				    cJSON_CreateStringArray((const char *[]){"object", "null"}, 2));
	properties = object_in(schema, "properties");
	add_ref(object_in(properties, "event"), "#/definitions/number");
	add_ref(object_in(properties, "offset"), "#/definitions/number");
	(void)cJSON_AddItemToObject(schema, "required",
				    cJSON_CreateStringArray((const char *[]){"event", "offset"},
							    2));
	(void)cJSON_AddFalseToObject(schema, "additionalProperties");
}

static void add_rule(cJSON *rules, const char *name)
{
	cJSON *rule = cJSON_CreateObject();
	cJSON *kind = object_in(object_in(object_in(rule, "if"), "properties"), "kind");
	char to[64];

	(void)cJSON_AddStringToObject(kind, "const", name);
	(void)snprintf(to, sizeof(to), "#/definitions/%s", name);
	add_ref(object_in(rule, "then"), to);
	(void)cJSON_AddItemToArray(rules, rule);
}

void ptv_obs_schema(FILE *out)
{
	cJSON *root = cJSON_CreateObject(), *definitions, *rules;
	const char *names[PTV_OBS_KINDS];
	char *text;
	int kind;

	for (kind = 0; kind < PTV_OBS_KINDS; kind++)
		names[kind] = ptv_obs_name((enum ptv_obs_kind)kind);
	(void)cJSON_AddStringToObject(root, "$schema", "http://json-schema.org/draft-07/schema#");
	(void)cJSON_AddStringToObject(root, "title", "ptvmx observation");
	(void)cJSON_AddStringToObject(
		root, "description",
		"A line of `ptvmx run FILE --policy POLICY --observations X`: "
		"docs/observations.md explains them. Written by `ptvmx list "
		"observations --format json`.");
	(void)cJSON_AddStringToObject(root, "type", "object");
	(void)cJSON_AddItemToObject(root, "required",
				    cJSON_CreateStringArray((const char *[]){"kind"}, 1));
	add_enum(object_in(object_in(root, "properties"), "kind"), names, PTV_OBS_KINDS);
	rules = cJSON_AddArrayToObject(root, "allOf");
	definitions = object_in(root, "definitions");
	add_types(definitions);
	for (kind = 0; kind < PTV_OBS_KINDS; kind++) {
		add_rule(rules, names[kind]);
		add_kind(definitions, (enum ptv_obs_kind)kind);
	}
	text = cJSON_Print(root);
	PTV_ASSERT(text);
	(void)fprintf(out, "%s\n", text);
	cJSON_free(text);
	cJSON_Delete(root);
}
