/* SPDX-License-Identifier: MIT */
#include "yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "play/text.h"

/* A tree in the making: the lists and maps that are open, innermost last. */
struct builder {
	const char *file;
	struct ptv_diag *diag;
	struct fy_diag *messages; /* libfyaml's */
	struct ptv_yaml *root;
	struct ptv_yaml *open[PTV_YAML_DEPTH];
	struct ptv_yaml *key; /* read, its value not yet; of the innermost map */
	size_t depth;
	int documents;
};

static int fault(struct builder *b, struct ptv_mark mark, const char *what)
{
	return ptv_diag(b->diag, b->file, mark.line, mark.column, "%s", what);
}

/* --- The file --- */

/* Length of the UTF-8 sequence at text, 0 if it is none or a control character that YAML does not
 * allow. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char first = text[0];
	const size_t length = first < 0x80U ? 1U : first < 0xe0U ? 2U : first < 0xf0U ? 3U : 4U;
	uint32_t point;

	if (length == 1U)
		return (first >= 0x20U && first != 0x7fU) || first == '\t' || first == '\n' ||
		       first == '\r';
	if (first < 0xc2U || first > 0xf4U || length > left)
		return 0;
	point = first & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0U) != 0x80U)
			return 0;
		point = (point << 6) | (text[i] & 0x3fU);
	}
	if (point < least[length] || point > 0x10ffffU || (point >= 0xd800U && point <= 0xdfffU))
		return 0;
	/* C1 controls, the byte order mark and the non-characters of the first plane. */
	return (point < 0xa0U || point == 0xfeffU || point >= 0xfffeU) && point < 0x10000U ? 0
											   : length;
}

static int check_text(const char *file, const char *text, size_t size, struct ptv_diag *diag)
{
	struct ptv_mark mark = {1, 1};

	for (size_t i = 0; i < size;) {
		const size_t length = utf8_length((const unsigned char *)text + i, size - i);

		if (length == 0)
			return ptv_diag(
				diag, file, mark.line, mark.column,
				"byte 0x%02x is not text; accepted: UTF-8, no control characters",
				(unsigned int)(unsigned char)text[i]);
		mark.column++;
		if (text[i] == '\n')
			mark = (struct ptv_mark){mark.line + 1, 1};
		i += length;
	}
	return 0;
}

/* The whole file, NUL-terminated, or NULL with *diag set. */
static char *read_file(const char *path, uint32_t most, size_t *size, struct ptv_diag *diag)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	char *text = NULL;

	if (file == NULL || fstat(fileno(file), &status) != 0)
		(void)ptv_diag(diag, path, 0, 0, "%s", strerror(errno));
	else if (!S_ISREG(status.st_mode))
		(void)ptv_diag(diag, path, 0, 0, "not a file; accepted: a scenario in YAML");
	else if ((uint64_t)status.st_size > most)
		(void)ptv_diag(diag, path, 0, 0, "%lld bytes; accepted: at most %" PRIu32,
			       (long long)status.st_size, most);
	else
		text = ptv_alloc((size_t)status.st_size + 1U, 1);
	if (text != NULL) {
		*size = fread(text, 1, (size_t)status.st_size, file);
		text[*size] = '\0';
		if (check_text(path, text, *size, diag) != 0) {
			free(text);
			text = NULL;
		}
	}
	if (file != NULL)
		(void)fclose(file);
	return text;
}

/* --- Events to nodes --- */

static struct ptv_mark event_mark(const struct builder *b, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);

	if (mark != NULL)
		return (struct ptv_mark){mark->line + 1, mark->column + 1};
	if (b->key != NULL) /* a value that is not there stands at its key */
		return b->key->mark;
	return b->depth > 0 ? b->open[b->depth - 1U]->mark : (struct ptv_mark){1, 1};
}

static struct ptv_yaml *new_node(enum ptv_yaml_kind kind, struct ptv_mark mark)
{
	struct ptv_yaml *node = ptv_alloc(1, sizeof(*node));

	node->kind = kind;
	node->mark = mark;
	return node;
}

static int duplicate_key(struct builder *b, const struct ptv_yaml *map, const struct ptv_yaml *key)
{
	const struct ptv_yaml *before = ptv_yaml_get(map, key->text);

	if (before == NULL)
		return 0;
	return ptv_diag(b->diag, b->file, key->mark.line, key->mark.column,
			"key \"%s\" was given before, in line %d; accepted: each key once",
			key->text, before->key->mark.line);
}

/* Puts a node where it belongs; the tree owns it also after an error. */
static int attach(struct builder *b, struct ptv_yaml *node)
{
	struct ptv_yaml *parent = b->depth > 0 ? b->open[b->depth - 1U] : NULL;

	if (parent == NULL) {
		PTV_ASSERT(b->root == NULL);
		b->root = node;
		return 0;
	}
	if (parent->kind == PTV_YAML_MAP && b->key == NULL) {
		b->key = node;
		if (node->kind != PTV_YAML_SCALAR || node->text[0] == '\0')
			return fault(b, node->mark, "this key is not a word; accepted: key: value");
		return duplicate_key(b, parent, node);
	}
	node->key = b->key;
	b->key = NULL;
	if (parent->child == NULL)
		parent->child = node;
	else
		parent->last->next = node;
	parent->last = node;
	parent->children++;
	return 0;
}

static int refuse_tag(struct builder *b, struct ptv_mark mark, const struct fy_token *anchor,
		      const struct fy_token *tag)
{
	if (anchor != NULL)
		return fault(b, mark, "an anchor; accepted: the value itself");
	if (tag != NULL)
		return fault(b, mark, "a tag; accepted: the value without it");
	return 0;
}

static int take_scalar(struct builder *b, struct fy_event *event)
{
	struct ptv_yaml *node = new_node(PTV_YAML_SCALAR, event_mark(b, event));
	size_t length = 0;
	const char *text = fy_token_get_text(event->scalar.value, &length);

	node->plain = fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
	node->text = strndup(text != NULL ? text : "", length);
	PTV_ASSERT(node->text != NULL);
	if (attach(b, node) != 0)
		return -1;
	/* "\0" is a way to write a text that would be cut short here. */
	if (text != NULL && strlen(node->text) != length)
		return fault(b, node->mark, "a NUL character; accepted: text without it");
	return refuse_tag(b, node->mark, event->scalar.anchor, event->scalar.tag);
}

static int take_container(struct builder *b, struct fy_event *event, enum ptv_yaml_kind kind)
{
	struct ptv_yaml *node = new_node(kind, event_mark(b, event));

	if (attach(b, node) != 0)
		return -1;
	if (b->depth == PTV_YAML_DEPTH)
		return ptv_diag(b->diag, b->file, node->mark.line, node->mark.column,
				"lists and maps nested more than %u deep (PTV_YAML_DEPTH)",
				PTV_YAML_DEPTH);
	b->open[b->depth++] = node;
	if (kind == PTV_YAML_LIST)
		return refuse_tag(b, node->mark, event->sequence_start.anchor,
				  event->sequence_start.tag);
	return refuse_tag(b, node->mark, event->mapping_start.anchor, event->mapping_start.tag);
}

static int close_container(struct builder *b)
{
	PTV_ASSERT(b->depth > 0 && b->key == NULL);
	b->depth--;
	return 0;
}

static int take_event(struct builder *b, struct fy_event *event)
{
	struct ptv_mark mark;

	switch ((int)event->type) {
	case FYET_DOCUMENT_START:
		if (++b->documents > 1)
			return fault(b, event_mark(b, event),
				     "a second document; accepted: one per file");
		return 0;
	case FYET_SCALAR:
		return take_scalar(b, event);
	case FYET_SEQUENCE_START:
		return take_container(b, event, PTV_YAML_LIST);
	case FYET_MAPPING_START:
		return take_container(b, event, PTV_YAML_MAP);
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		return close_container(b);
	case FYET_ALIAS:
		mark = event_mark(b, event);
		mark.column--; /* to the asterisk */
		return fault(b, mark, "an alias; accepted: the value itself");
	default: /* begin and end of the stream, end of the document */
		return 0;
	}
}

/* --- libfyaml --- */

static void discard(struct fy_diag *messages, void *user, const char *text, size_t length)
{
	(void)messages;
	(void)user;
	(void)text;
	(void)length;
}

static struct fy_diag *new_messages(void)
{
	struct fy_diag_cfg cfg;
	struct fy_diag *messages;

	fy_diag_cfg_default(&cfg);
	cfg.fp = NULL;
	cfg.output_fn = discard;
	cfg.level = FYET_ERROR;
	messages = fy_diag_create(&cfg);
	PTV_ASSERT(messages != NULL);
	fy_diag_set_collect_errors(messages, true);
	return messages;
}

/* What libfyaml had to say, as our diagnostic. */
static int yaml_fault(struct builder *b)
{
	void *at = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(b->messages, &at);

	if (error == NULL)
		return ptv_diag(b->diag, b->file, 0, 0, "not YAML");
	return ptv_diag(b->diag, b->file, error->line, error->column, "not YAML: %s", error->msg);
}

static int parse(struct builder *b, const char *text, size_t size)
{
	const struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG,
					 .diag = b->messages};
	struct fy_parser *parser = fy_parser_create(&cfg);
	struct fy_event *event;
	int result = 0;

	PTV_ASSERT(parser != NULL);
	if (fy_parser_set_string(parser, text, size) != 0)
		result = yaml_fault(b);
	while (result == 0 && (event = fy_parser_parse(parser)) != NULL) {
		result = take_event(b, event);
		fy_parser_event_free(parser, event);
	}
	if (result == 0 && fy_parser_get_stream_error(parser))
		result = yaml_fault(b);
	fy_parser_destroy(parser);
	return result;
}

struct ptv_yaml *ptv_yaml_load(const char *path, uint32_t most, struct ptv_diag *diag)
{
	struct builder b = {.file = path, .diag = diag};
	size_t size = 0;
	char *text = read_file(path, most, &size, diag);
	int result = -1;

	if (text == NULL)
		return NULL;
	b.messages = new_messages();
	result = parse(&b, text, size);
	if (result == 0 && b.root == NULL)
		result = ptv_diag(diag, path, 1, 1,
				  "the file is empty; accepted: a scenario (scenarios/FORMAT.md)");
	fy_diag_destroy(b.messages);
	free(text);
	if (result == 0)
		return b.root;
	ptv_yaml_free(b.key);
	ptv_yaml_free(b.root);
	return NULL;
}

/* --- The tree --- */

void ptv_yaml_free(struct ptv_yaml *node)
{
	while (node != NULL) {
		struct ptv_yaml *next = node->next;

		ptv_yaml_free(node->key);
		ptv_yaml_free(node->child);
		free(node->text);
		free(node);
		node = next;
	}
}

const struct ptv_yaml *ptv_yaml_get(const struct ptv_yaml *map, const char *key)
{
	for (const struct ptv_yaml *value = map->child; value != NULL; value = value->next)
		if (strcmp(value->key->text, key) == 0)
			return value;
	return NULL;
}

const char *ptv_yaml_kind_name(const struct ptv_yaml *node)
{
	static const char *const names[] = {
		[PTV_YAML_SCALAR] = "a scalar",
		[PTV_YAML_LIST] = "a list",
		[PTV_YAML_MAP] = "a map",
	};

	if (node->kind == PTV_YAML_SCALAR && node->plain && node->text[0] == '\0')
		return "nothing";
	return names[node->kind];
}
