/* SPDX-License-Identifier: MIT */
/*
 * Replay tokens: what is written is read, and nothing else is. Method: tokens of drawn plans,
 * whole, damaged at each place, and of other versions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "search/fuzz_token.h"

struct token {
	struct ptv_plan plan;
	struct ptv_policy policy, other;
	struct ptv_string text;
	struct ptv_diag diag;
};

static void setup(void *data)
{
	struct token *t = data;
	uint8_t bytes[PTV_PLAN_BYTES];

	ptv_plan_decode(bytes, ptv_plan_draw(3, 14, PTV_PLAN_FULL, bytes), &t->plan);
	PTV_ASSERT(ptv_policy_parse(&t->policy, "handle-vmx@4.6", NULL, &t->diag) == 0);
	ptv_token_write(&t->plan, &t->policy, NULL, &t->text);
}

static void teardown(void *data)
{
	struct token *t = data;

	ptv_policy_free(&t->policy);
	ptv_policy_free(&t->other);
	ptv_string_free(&t->text);
}

static const struct ptv_fixture a_token = {sizeof(struct token), setup, teardown};

PTV_TEST_F(fuzz_token, what_is_written_is_read, a_token)
{
	struct token *t = data;
	struct ptv_plan plan;

	PTV_ASSERT(ptv_token_read(ptv_string(&t->text), &plan, &t->other, &t->diag) == 0);
	PTV_EXPECT_EQ(memcmp(&plan, &t->plan, sizeof(plan)), 0);
	PTV_EXPECT_STREQ(t->other.name, "handle-vmx@4.6");
}

PTV_TEST_F(fuzz_token, rules_of_a_varied_driver_go_with_it, a_token)
{
	static const char *const set[] = {"gap_mark=none", "notify_off=nothing"};
	const struct ptv_variation variation = {NULL, set, 2, NULL};
	struct ptv_string text = {0};
	struct token *t = data;
	struct ptv_policy varied;
	struct ptv_plan plan;

	PTV_ASSERT(ptv_policy_parse(&varied, "handle-vmx", &variation, &t->diag) == 0);
	ptv_token_write(&t->plan, &varied, &variation, &text);
	PTV_EXPECT(ptv_token_read(ptv_string(&text), &plan, &t->other, &t->diag) == 0);
	PTV_EXPECT_STREQ(t->diag.text, "");
	PTV_EXPECT(t->other.varied);
	PTV_EXPECT_EQ(memcmp(t->other.row.rule, varied.row.rule, sizeof(varied.row.rule)), 0);
	PTV_EXPECT_STREQ(t->other.given, varied.given);
	ptv_policy_free(&varied);
	ptv_string_free(&text);
}

PTV_TEST_F(fuzz_token, one_changed_character_is_noticed, a_token)
{
	struct token *t = data;
	char *text = ptv_string_copy(ptv_string(&t->text));
	const size_t size = strlen(text);
	struct ptv_plan plan;
	size_t i, read = 0;

	for (i = 0; i < size; i++) {
		const char before = text[i];

		/* The last character has bits that stand for nothing. */
		text[i] = before == 'A' ? 'Q' : 'A';
		memset(&t->diag, 0, sizeof(t->diag));
		read += ptv_token_read(text, &plan, &t->other, &t->diag) == 0;
		ptv_policy_free(&t->other);
		text[i] = before;
	}
	free(text);
	PTV_EXPECT_EQ(read, 0U);
}

static void expect_refused(struct token *t, const char *token, const char *said)
{
	struct ptv_plan plan;

	memset(&t->diag, 0, sizeof(t->diag));
	PTV_EXPECT(ptv_token_read(token, &plan, &t->other, &t->diag) == -1);
	if (!strstr(t->diag.text, said))
		PTV_EXPECT_STREQ(t->diag.text, said);
}

PTV_TEST_F(fuzz_token, a_token_of_another_version_says_so, a_token)
{
	struct token *t = data;
	char text[512], said[512];
	int i;

	for (i = -1; i <= 1; i += 2) {
		(void)snprintf(text, sizeof(text), "ptv%d%s", (int)PTV_PLAN_FORMAT + i,
			       strchr(ptv_string(&t->text), '.'));
		(void)snprintf(said, sizeof(said), "this token is of another version, ptv%d.",
			       (int)PTV_PLAN_FORMAT + i);
		expect_refused(t, text, said);
	}
	(void)snprintf(text, sizeof(text), "ptv%u.00000000%s", PTV_PLAN_FORMAT,
		       strchr(ptv_string(&t->text), ':'));
	(void)snprintf(said, sizeof(said), "this token is of another version, ptv%u.00000000;",
		       PTV_PLAN_FORMAT);
	expect_refused(t, text, said);
}

PTV_TEST_F(fuzz_token, what_is_no_token_says_what_one_is, a_token)
{
	struct token *t = data;
	char text[512];

	(void)snprintf(text, sizeof(text), "'' is not a replay token (accepted: ptv%u.",
		       PTV_PLAN_FORMAT);
	expect_refused(t, "", text);
	expect_refused(t, "scenarios/thread", "'scenarios/thread' is not a replay token");
	(void)snprintf(text, sizeof(text), "%.*s", (int)t->text.size - 4, ptv_string(&t->text));
	expect_refused(t, text, "this token is damaged");
	(void)snprintf(text, sizeof(text), "%sAAAA", ptv_string(&t->text));
	expect_refused(t, text, "this token is damaged");
}
