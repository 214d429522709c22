/* SPDX-License-Identifier: MIT */
/* What a file expects of policies. */
#include <stdlib.h>
#include <string.h>

#include "engine/linux/linux.h"
#include "play/text.h"
#include "ptv/check.h"
#include "ptv/driver.h"
#include "scenario/parse.h"

static const char *check_at(const void *list, size_t i)
{
	(void)list;
	return i < PTV_CHECKS ? ptv_check_rows()[i].id : NULL;
}

const struct ptv_words ptv_check_words = {check_at, NULL};

static const char *driver_at(const void *list, size_t i)
{
	size_t count, more;
	const struct ptv_driver_row *rows = ptv_driver_rows(&count);
	const struct ptv_linux_row *real = ptv_linux_rows(&more);

	(void)list;
	if (i < count)
		return rows[i].name;
	return i - count < more ? real[i - count].name : NULL;
}

static const char *era_at(const void *list, size_t i)
{
	size_t count;
	const struct ptv_era_row *rows = ptv_era_rows(&count);

	(void)list;
	return i < count ? rows[i].name : NULL;
}

/* --- The policy --- */

/* Driver and era of a policy's name, "driver" or "driver@era". */
struct policy {
	char driver[PTV_SHOWN_BYTES], era[PTV_SHOWN_BYTES];
};

/* The natural era of a driver, be it a row or a real one; NULL: there is no such driver. */
static const char *natural_era(const char *driver)
{
	const struct ptv_driver_row *row = ptv_driver_find(driver);
	const struct ptv_linux_row *real = ptv_linux_find(driver);

	if (row != NULL)
		return row->era;
	return real != NULL ? real->era : NULL;
}

static void split_policy(const char *name, struct policy *policy)
{
	const size_t size = strcspn(name, "@");
	const char *era;

	memset(policy, 0, sizeof(*policy));
	memcpy(policy->driver, name, size < PTV_SHOWN_BYTES ? size : PTV_SHOWN_BYTES - 1U);
	era = natural_era(policy->driver);
	if (name[size] == '@')
		memcpy(policy->era, name + size + 1,
		       strnlen(name + size + 1, PTV_SHOWN_BYTES - 1U));
	else if (era != NULL)
		memcpy(policy->era, era, strnlen(era, PTV_SHOWN_BYTES - 1U));
}

/* A driver that exists, in an era that exists. */
static int check_policy(struct ptv_reader *r, const struct ptv_yaml *name, struct policy *policy)
{
	static const struct ptv_words drivers = {driver_at, NULL}, eras = {era_at, NULL};
	struct ptv_yaml part = *name;

	split_policy(name->text, policy);
	part.text = policy->driver;
	if (natural_era(policy->driver) == NULL)
		return ptv_read_unknown(r, &part, "policy", drivers);
	part.text = policy->era;
	part.mark.column += (int)strlen(policy->driver) + 1;
	if (ptv_era_find(policy->era) == NULL)
		return ptv_read_unknown(r, &part, "era", eras);
	return 0;
}

/* Nothing is said twice, be it once with the natural era and once without. */
static int check_twice(struct ptv_reader *r, const struct ptv_yaml *name,
		       const struct ptv_scenario *s, const struct policy *policy)
{
	for (size_t i = 0; i < s->expects; i++) {
		const struct ptv_expect_policy *before = &s->expect[i];
		struct policy other;

		split_policy(before->policy, &other);
		if (strcmp(policy->driver, other.driver) == 0 &&
		    strcmp(policy->era, other.era) == 0)
			return ptv_read_fault(
				r, name,
				"policy \"%s\" is \"%s\" of line %d; accepted: each policy once",
				name->text, before->policy, before->mark.line);
	}
	return 0;
}

/* --- Its verdicts --- */

static int read_all(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_expect_policy *expect = into;

	if (value->kind != PTV_YAML_SCALAR || strcmp(value->text, "always") != 0)
		return ptv_read_fault(r, value, "%s; accepted: always",
				      value->kind == PTV_YAML_SCALAR ? ptv_show(value->text).text
								     : ptv_yaml_kind_name(value));
	expect->all_always = true;
	/* The marks stay empty: they tell which checks have a key of their own. */
	for (size_t i = 0; i < PTV_CHECKS; i++)
		expect->check[i] = PTV_EXPECTED_ALWAYS;
	return 0;
}

static int read_because(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_expect_policy *expect = into;

	return ptv_read_text(r, value, &expect->because);
}

static int read_check(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {"always", "sometimes", "never", "idle", NULL};
	static const enum ptv_expected expected[] = {PTV_EXPECTED_ALWAYS, PTV_EXPECTED_SOMETIMES,
						     PTV_EXPECTED_NEVER, PTV_EXPECTED_IDLE};
	struct ptv_expect_policy *expect = into;
	const int check = ptv_check_find(value->key->text);
	size_t found;

	if (ptv_read_word(r, value, "verdict", (struct ptv_words){ptv_words_array, words},
			  &found) != 0)
		return -1;
	expect->check[check] = expected[found];
	expect->check_mark[check] = value->mark;
	return 0;
}

static int read_policy(struct ptv_reader *r, const struct ptv_yaml *node,
		       struct ptv_expect_policy *expect)
{
	struct ptv_key key[PTV_CHECKS + 2] = {{"because", true, read_because},
					      {"all", false, read_all}};
	const struct ptv_keys keys = {"an expectation", key, PTV_ARRAY_SIZE(key)};

	for (size_t i = 0; i < PTV_CHECKS; i++)
		key[i + 2U] = (struct ptv_key){ptv_check_rows()[i].id, false, read_check};
	if (ptv_read_map(r, node, &keys, expect) != 0)
		return -1;
	if (node->children < 2U)
		return ptv_read_fault(r, node,
				      "nothing is expected; accepted: all: always, or a check "
				      "with always, sometimes, never, idle");
	return 0;
}

/* One policy of a key; `name` is a scalar of its own. */
static int add_policy(struct ptv_reader *r, const struct ptv_yaml *name,
		      const struct ptv_yaml *value, struct ptv_load *load)
{
	struct ptv_scenario *s = load->scenario;
	struct ptv_expect_policy *expect;
	struct policy policy;

	if (check_policy(r, name, &policy) != 0 || check_twice(r, name, s, &policy) != 0)
		return -1;
	s->expect = ptv_grow(s->expect, s->expects, &load->expect_room, sizeof(*s->expect));
	expect = &s->expect[s->expects++];
	memset(expect, 0, sizeof(*expect));
	expect->policy = ptv_string_copy(name->text);
	expect->mark = name->mark;
	return read_policy(r, value, expect);
}

/* A key names one policy, or several with commas between them. */
static int read_policies(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_load *load)
{
	const char *text = value->key->text;
	size_t at = 0;
	int result;

	do {
		struct ptv_yaml name = {.kind = PTV_YAML_SCALAR, .mark = value->key->mark};
		size_t size;

		at += strspn(text + at, " ");
		size = strcspn(text + at, ",");
		name.mark.column += (int)at + (value->key->plain ? 0 : 1);
		name.text = ptv_string_copy(text + at);
		name.text[size] = '\0';
		for (size_t end = size; end > 0 && name.text[end - 1U] == ' '; end--)
			name.text[end - 1U] = '\0';
		result = add_policy(r, &name, value, load);
		free(name.text);
		at += size;
	} while (result == 0 && text[at++] == ',');
	return result;
}

int ptv_parse_expect(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	if (ptv_read_is(r, value, PTV_YAML_MAP, "a map of policies") != 0)
		return -1;
	for (const struct ptv_yaml *v = value->child; v != NULL; v = v->next)
		if (read_policies(r, v, into) != 0)
			return -1;
	return 0;
}
