/* SPDX-License-Identifier: MIT */
#include "read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "play/text.h"

struct ptv_shown ptv_show(const char *text)
{
	struct ptv_shown shown;
	size_t size = strlen(text);

	if (size > PTV_SHOWN_BYTES) {
		size = PTV_SHOWN_BYTES;
		while (size > 0 && ((unsigned char)text[size] & 0xc0U) == 0x80U)
			size--;
		memcpy(shown.text + size, "...", sizeof("..."));
	} else {
		shown.text[size] = '\0';
	}
	memcpy(shown.text, text, size);
	return shown;
}

int ptv_read_fault(struct ptv_reader *r, const struct ptv_yaml *node, const char *format, ...)
{
	char what[PTV_DIAG_TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (node->key == NULL)
		return ptv_diag(r->diag, r->file, node->mark.line, node->mark.column, "%s", what);
	return ptv_diag(r->diag, r->file, node->mark.line, node->mark.column, "%s: %s",
			ptv_show(node->key->text).text, what);
}

/* --- Words --- */

const char *ptv_words_array(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

int ptv_words_find(struct ptv_words words, const char *word)
{
	const char *other;

	for (size_t i = 0; (other = words.at(words.list, i)) != NULL; i++)
		if (strcmp(other, word) == 0)
			return (int)i;
	return -1;
}

/* The word that is nearest to a misspelt one, if it is near at all. */
static const char *nearest(const char *word, struct ptv_words words)
{
	size_t best = 2U + strlen(word) / 4U;
	const char *found = NULL, *other;

	if (strlen(word) > PTV_SHOWN_BYTES)
		return NULL;
	for (size_t i = 0; (other = words.at(words.list, i)) != NULL; i++) {
		const size_t distance = ptv_string_distance(word, other);

		/* A word of which no letter is right was not meant. */
		if (distance < best && distance < strlen(other)) {
			best = distance;
			found = other;
		}
	}
	return found;
}

static void add_words(struct ptv_string *text, struct ptv_words words)
{
	const char *word;

	ptv_string_add(text, "accepted:");
	for (size_t i = 0; (word = words.at(words.list, i)) != NULL; i++)
		ptv_string_add(text, "%s %s", i > 0 ? "," : "", word);
}

int ptv_read_refuse(struct ptv_reader *r, const struct ptv_yaml *node, const char *what,
		    struct ptv_words words)
{
	struct ptv_string text = {0};

	add_words(&text, words);
	(void)ptv_read_fault(r, node, "%s; %s", what, ptv_string(&text));
	ptv_string_free(&text);
	return -1;
}

int ptv_read_unknown(struct ptv_reader *r, const struct ptv_yaml *node, const char *what,
		     struct ptv_words words)
{
	const char *meant = nearest(node->text, words);
	struct ptv_string text = {0};

	ptv_string_add(&text, "unknown %s \"%s\"; ", what, ptv_show(node->text).text);
	if (meant != NULL)
		ptv_string_add(&text, "did you mean \"%s\"? ", meant);
	add_words(&text, words);
	(void)ptv_diag(r->diag, r->file, node->mark.line, node->mark.column, "%s",
		       ptv_string(&text));
	ptv_string_free(&text);
	return -1;
}

/* --- Maps --- */

static const char *key_at(const void *list, size_t i)
{
	const struct ptv_keys *keys = list;

	return i < keys->count ? keys->key[i].name : NULL;
}

static int unknown_key(struct ptv_reader *r, const struct ptv_yaml *key,
		       const struct ptv_keys *keys)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "key of %s", keys->what);
	return ptv_read_unknown(r, key, what, (struct ptv_words){key_at, keys});
}

static int missing_key(struct ptv_reader *r, const struct ptv_yaml *map,
		       const struct ptv_keys *keys, const char *name)
{
	struct ptv_string text = {0};
	const char *comma = "";

	for (size_t i = 0; i < keys->count; i++) {
		if (keys->key[i].required) {
			ptv_string_add(&text, "%s %s", comma, keys->key[i].name);
			comma = ",";
		}
	}
	(void)ptv_diag(r->diag, r->file, map->mark.line, map->mark.column,
		       "%s lacks the key \"%s\"; required:%s", keys->what, name, ptv_string(&text));
	ptv_string_free(&text);
	return -1;
}

int ptv_read_keys(struct ptv_reader *r, const struct ptv_yaml *map, const struct ptv_keys *keys)
{
	if (map->kind != PTV_YAML_MAP)
		return ptv_diag(r->diag, r->file, map->mark.line, map->mark.column,
				"%s is %s; accepted: a map of keys", keys->what,
				ptv_yaml_kind_name(map));
	for (const struct ptv_yaml *value = map->child; value != NULL; value = value->next)
		if (ptv_words_find((struct ptv_words){key_at, keys}, value->key->text) < 0)
			return unknown_key(r, value->key, keys);
	for (size_t i = 0; i < keys->count; i++)
		if (keys->key[i].required && ptv_yaml_get(map, keys->key[i].name) == NULL)
			return missing_key(r, map, keys, keys->key[i].name);
	return 0;
}

int ptv_read_map(struct ptv_reader *r, const struct ptv_yaml *map, const struct ptv_keys *keys,
		 void *into)
{
	if (ptv_read_keys(r, map, keys) != 0)
		return -1;
	for (size_t i = 0; i < keys->count; i++) {
		const struct ptv_yaml *value = ptv_yaml_get(map, keys->key[i].name);

		if (value != NULL && keys->key[i].read(r, value, into) != 0)
			return -1;
	}
	return 0;
}

/* --- Scalars --- */

int ptv_read_is(struct ptv_reader *r, const struct ptv_yaml *node, enum ptv_yaml_kind kind,
		const char *accepted)
{
	if (node->kind == kind && (kind != PTV_YAML_SCALAR || node->text[0] != '\0'))
		return 0;
	return ptv_read_fault(r, node, "%s; accepted: %s", ptv_yaml_kind_name(node), accepted);
}

int ptv_read_text(struct ptv_reader *r, const struct ptv_yaml *node, char **text)
{
	PTV_ASSERT(*text == NULL);
	if (ptv_read_is(r, node, PTV_YAML_SCALAR, "text") != 0)
		return -1;
	*text = ptv_string_copy(node->text);
	return 0;
}

int ptv_read_word(struct ptv_reader *r, const struct ptv_yaml *node, const char *what,
		  struct ptv_words words, size_t *index)
{
	int found;

	if (node->kind != PTV_YAML_SCALAR || (node->plain && node->text[0] == '\0'))
		return ptv_read_refuse(r, node, ptv_yaml_kind_name(node), words);
	found = ptv_words_find(words, node->text);
	if (found < 0)
		return ptv_read_unknown(r, node, what, words);
	*index = (size_t)found;
	return 0;
}
