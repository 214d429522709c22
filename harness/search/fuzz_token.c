/* SPDX-License-Identifier: MIT */
#include "search/fuzz_token.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define SUM_BYTES 2U

/* CRC-16/CCITT over the text before the bytes and over the bytes. */
static unsigned int sum_of(unsigned int sum, const void *data, size_t size)
{
	const uint8_t *at = data;
	int bit;

	for (; size > 0U; size--) {
		sum ^= (unsigned int)*at++ << 8;
		for (bit = 0; bit < 8; bit++)
			sum = (sum << 1 ^ (sum & 0x8000U ? 0x1021U : 0U)) & 0xffffU;
	}
	return sum;
}

/* Inverted, so that a token with zeros behind it is not one too. */
static unsigned int last_of(unsigned int sum)
{
	return ~sum & 0xffffU;
}

static void add_base64(struct ptv_string *text, const uint8_t *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += 3U) {
		const unsigned int left = (unsigned int)(size - i < 3U ? size - i : 3U);
		const uint32_t word = (uint32_t)bytes[i] << 16 |
				      (left > 1U ? (uint32_t)bytes[i + 1U] << 8 : 0U) |
				      (left > 2U ? bytes[i + 2U] : 0U);
		unsigned int n;

		for (n = 0; n <= left; n++)
			ptv_string_add(text, "%c", digits[word >> (18U - 6U * n) & 63U]);
	}
}

/* Number of bytes; SIZE_MAX if the text is not base64url or too long. */
static size_t read_base64(const char *text, uint8_t *bytes, size_t room)
{
	const size_t length = strlen(text);
	uint32_t word = 0;
	size_t size = 0, i;

	if (length % 4U == 1U)
		return SIZE_MAX;
	for (i = 0; i < length; i++) {
		const char *digit = strchr(digits, text[i]);

		if (!digit)
			return SIZE_MAX;
		word = word << 6 | (uint32_t)(digit - digits);
		if (i % 4U == 0U)
			continue;
		if (size == room)
			return SIZE_MAX;
		bytes[size++] = (uint8_t)(word >> (4U - 2U * (i % 4U - 1U)));
	}
	return size;
}

/* "ptv2.89abcdef:" */
static void add_version(struct ptv_string *text)
{
	ptv_string_add(text, "ptv%u.%08" PRIx32 ":", PTV_PLAN_FORMAT, ptv_plan_tables());
}

void ptv_token_write(const struct ptv_plan *plan, const struct ptv_policy *policy,
		     const struct ptv_variation *variation, struct ptv_string *token)
{
	uint8_t bytes[PTV_PLAN_BYTES + SUM_BYTES];
	size_t size = ptv_plan_encode(plan, bytes), i;
	struct ptv_string head = {0};
	unsigned int sum;

	add_version(&head);
	ptv_string_add(&head, "%s", policy->name);
	for (i = 0; variation && i < variation->sets; i++)
		ptv_string_add(&head, "+%s", variation->set[i]);
	ptv_string_add(&head, ":");
	sum = sum_of(0xffff, ptv_string(&head), head.size);
	sum = last_of(sum_of(sum, bytes, size));
	bytes[size++] = (uint8_t)(sum >> 8);
	bytes[size++] = (uint8_t)sum;
	ptv_string_add(token, "%s", ptv_string(&head));
	add_base64(token, bytes, size);
	ptv_string_free(&head);
}

/* --- Reading --- */

static int check_version(const char *token, struct ptv_diag *diag)
{
	struct ptv_string version = {0};
	unsigned int format;
	uint32_t tables;
	int length = 0, result = 0;

	add_version(&version);
	if (sscanf(token, "ptv%u.%8" SCNx32 ":%n", &format, &tables, &length) != 2 || length == 0)
		result = ptv_diag(diag, NULL, 0, 0,
				  "'%.40s' is not a replay token (accepted: %sPOLICY:..., as ptvmx "
				  "fuzz prints them)",
				  token, ptv_string(&version));
	else if (strncmp(token, ptv_string(&version), version.size) != 0)
		result = ptv_diag(diag, NULL, 0, 0,
				  "this token is of another version, %.*s; this program's begin "
				  "with %.*s",
				  length - 1, token, (int)version.size - 1, ptv_string(&version));
	ptv_string_free(&version);
	return result;
}

/* "handle-vmx+gap_mark=none" */
static int read_policy(char *text, struct ptv_policy *policy, struct ptv_diag *diag)
{
	const char *set[64];
	struct ptv_variation variation = {NULL, set, 0, NULL};
	char *plus = strchr(text, '+');

	while (plus && variation.sets < PTV_ARRAY_SIZE(set)) {
		*plus++ = '\0';
		set[variation.sets++] = plus;
		plus = strchr(plus, '+');
	}
	return ptv_policy_parse(policy, text, &variation, diag);
}

int ptv_token_read(const char *token, struct ptv_plan *plan, struct ptv_policy *policy,
		   struct ptv_diag *diag)
{
	uint8_t bytes[PTV_PLAN_BYTES + SUM_BYTES];
	const char *last = strrchr(token, ':');
	unsigned int sum;
	size_t size;
	char *name;
	int result;

	if (check_version(token, diag))
		return -1;
	size = read_base64(last + 1, bytes, sizeof(bytes));
	sum = sum_of(0xffff, token, (size_t)(last + 1 - token));
	if (size == SIZE_MAX || size < SUM_BYTES ||
	    last_of(sum_of(sum, bytes, size - SUM_BYTES)) !=
		    ((unsigned int)bytes[size - 2U] << 8 | bytes[size - 1U]))
		return ptv_diag(diag, NULL, 0, 0,
				"this token is damaged: its check sum is wrong (copy it whole)");
	name = ptv_string_copy(strchr(token, ':') + 1);
	if (strlen(name) == strlen(last + 1)) {
		free(name);
		return ptv_diag(diag, NULL, 0, 0, "this token names no policy");
	}
	name[strlen(name) - strlen(last)] = '\0';
	ptv_plan_decode(bytes, size - SUM_BYTES, plan);
	result = read_policy(name, policy, diag);
	free(name);
	return result;
}
