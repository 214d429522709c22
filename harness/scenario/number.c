/* SPDX-License-Identifier: MIT */
/* Reading numbers and ranges of them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scenario/read.h"

#define DIGITS "0123456789"

/* "0..8 (PTV_MAX_LPS)" */
struct limits_text {
	char text[96];
};

static struct limits_text limits_text(struct ptv_limits limits)
{
	struct limits_text t;

	if (limits.max == UINT64_MAX && limits.name == NULL)
		(void)snprintf(t.text, sizeof(t.text), "%" PRIu64 "..2^64-1", limits.min);
	else if (limits.name == NULL)
		(void)snprintf(t.text, sizeof(t.text), "%" PRIu64 "..%" PRIu64, limits.min,
			       limits.max);
	else
		(void)snprintf(t.text, sizeof(t.text), "%" PRIu64 "..%" PRIu64 " (%s)", limits.min,
			       limits.max, limits.name);
	return t;
}

bool ptv_is_number(const char *text)
{
	if (text[0] == '0' && text[1] == 'x')
		return text[2] != '\0' && text[2 + strspn(text + 2, DIGITS "abcdefABCDEF")] == '\0';
	if (text[0] == '0')
		return text[1] == '\0';
	return text[0] != '\0' && text[strspn(text, DIGITS)] == '\0';
}

/* The value of a text that is a number; false if it needs more than 64 bits. */
static bool number_value(const char *text, uint64_t *number)
{
	const bool hex = text[0] == '0' && text[1] == 'x';
	const unsigned int base = hex ? 16U : 10U;
	uint64_t value = 0;

	for (text += hex ? 2 : 0; *text != '\0'; text++) {
		const unsigned int c = (unsigned char)*text;
		const unsigned int digit = c <= '9' ? c - '0' : (c | 0x20U) - 'a' + 10U;

		if (value > (UINT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	*number = value;
	return true;
}

static int check_number(struct ptv_reader *r, const struct ptv_yaml *node, const char *text,
			struct ptv_limits limits, uint64_t *number)
{
	const struct limits_text accepted = limits_text(limits);
	const struct ptv_shown found = ptv_show(text);

	if (!ptv_is_number(text)) {
		if (text[0] == '-' && ptv_is_number(text + 1))
			return ptv_read_fault(r, node, "%s is negative; accepted: %s", found.text,
					      accepted.text);
		return ptv_read_fault(r, node, "\"%s\" is not a number; accepted: %s", found.text,
				      accepted.text);
	}
	if (!number_value(text, number) || *number > limits.max)
		return ptv_read_fault(r, node, "%s is too large; accepted: %s", found.text,
				      accepted.text);
	if (*number < limits.min)
		return ptv_read_fault(r, node, "%s is too small; accepted: %s", found.text,
				      accepted.text);
	return 0;
}

int ptv_read_number(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		    uint64_t *number)
{
	if (ptv_read_is(r, node, PTV_YAML_SCALAR, limits_text(limits).text) != 0)
		return -1;
	return check_number(r, node, node->text, limits, number);
}

int ptv_read_u32(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		 uint32_t *number)
{
	uint64_t value = 0;

	PTV_ASSERT(limits.max <= UINT32_MAX);
	if (ptv_read_number(r, node, limits, &value) != 0)
		return -1;
	*number = (uint32_t)value;
	return 0;
}

int ptv_read_u8(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		uint8_t *number)
{
	uint64_t value = 0;

	PTV_ASSERT(limits.max <= UINT8_MAX);
	if (ptv_read_number(r, node, limits, &value) != 0)
		return -1;
	*number = (uint8_t)value;
	return 0;
}

/* --- Ranges --- */

/* A range as a map is read, and by which limits. */
struct range_map {
	struct ptv_limits limits;
	struct ptv_range *range;
};

static int read_from(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct range_map *m = into;

	return ptv_read_number(r, value, m->limits, &m->range->from);
}

static int read_to(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct range_map *m = into;

	return ptv_read_number(r, value, m->limits, &m->range->to);
}

static int read_step(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct range_map *m = into;
	const struct ptv_limits limits = {1, m->limits.max, NULL};

	return ptv_read_number(r, value, limits, &m->range->step);
}

static const struct ptv_key range_key[] = {
	{"from", true, read_from},
	{"to", true, read_to},
	{"step", false, read_step},
};
static const struct ptv_keys range_keys = {"a range", range_key, PTV_ARRAY_SIZE(range_key)};

/* "A..B" */
static int read_dots(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		     struct ptv_range *range)
{
	const char *dots = strstr(node->text, "..");
	char from[48];

	(void)snprintf(from, sizeof(from), "%.*s", (int)(dots - node->text), node->text);
	if (check_number(r, node, from, limits, &range->from) != 0)
		return -1;
	return check_number(r, node, dots + 2, limits, &range->to);
}

int ptv_read_range(struct ptv_reader *r, const struct ptv_yaml *node, struct ptv_limits limits,
		   struct ptv_range *range)
{
	struct range_map m = {limits, range};

	range->step = 1;
	if (node->kind == PTV_YAML_MAP) {
		if (ptv_read_map(r, node, &range_keys, &m) != 0)
			return -1;
	} else if (node->kind == PTV_YAML_SCALAR && strstr(node->text, "..") != NULL) {
		if (read_dots(r, node, limits, range) != 0)
			return -1;
	} else if (ptv_read_is(r, node, PTV_YAML_SCALAR,
			       "a number, from..to, or {from, to, step}") != 0 ||
		   ptv_read_number(r, node, limits, &range->from) != 0) {
		return -1;
	} else {
		range->to = range->from;
	}
	if (range->from > range->to)
		return ptv_read_fault(r, node,
				      "range %" PRIu64 "..%" PRIu64
				      " is reversed; accepted: %" PRIu64 "..%" PRIu64,
				      range->from, range->to, range->to, range->from);
	return 0;
}

uint64_t ptv_range_count(const struct ptv_range *range)
{
	const uint64_t steps = (range->to - range->from) / range->step;

	return steps == UINT64_MAX ? steps : steps + 1U;
}
