/* SPDX-License-Identifier: MIT */
/* Goal: a diagnostic is one line of text, whatever the user's file holds. */
#include <string.h>

#include "diag.h"
#include "gtest/ptv_test.h"

PTV_TEST(diag, says_where_and_what)
{
	struct ptv_diag diag = {{0}};

	PTV_EXPECT_EQ(ptv_diag(&diag, "a.yaml", 3, 7, "no %s", "way"), -1);
	PTV_EXPECT_STREQ(diag.text, "a.yaml:3:7: no way");
}

PTV_TEST(diag, leaves_out_what_is_not_known)
{
	struct ptv_diag diag[3] = {{{0}}, {{0}}, {{0}}};

	(void)ptv_diag(&diag[0], "a.yaml", 3, 0, "x");
	(void)ptv_diag(&diag[1], "a.yaml", 0, 7, "x");
	(void)ptv_diag(&diag[2], NULL, 0, 0, "x");
	PTV_EXPECT_STREQ(diag[0].text, "a.yaml:3: x");
	PTV_EXPECT_STREQ(diag[1].text, "a.yaml: x");
	PTV_EXPECT_STREQ(diag[2].text, "x");
}

PTV_TEST(diag, the_first_fault_wins)
{
	struct ptv_diag diag = {{0}};

	(void)ptv_diag(&diag, NULL, 0, 0, "first");
	(void)ptv_diag(&diag, NULL, 0, 0, "second");
	PTV_EXPECT_STREQ(diag.text, "first");
	PTV_EXPECT_EQ(ptv_diag(NULL, NULL, 0, 0, "nobody listens"), -1);
}

PTV_TEST(diag, is_one_line_that_no_terminal_obeys)
{
	struct ptv_diag diag = {{0}};

	(void)ptv_diag(&diag, NULL, 0, 0, "a\nb\x1b[2Jc\x7f");
	PTV_EXPECT_STREQ(diag.text, "a b [2Jc ");
}

PTV_TEST(diag, is_cut_between_characters_and_says_so)
{
	struct ptv_diag diag[2] = {{{0}}, {{0}}};
	char text[2 * PTV_DIAG_TEXT + 2];

	/* Two bytes a character: one of the two texts would be cut in the middle of one. */
	for (size_t i = 0; i < PTV_DIAG_TEXT; i++)
		memcpy(text + 2 * i, "\xc3\xa4", 3);
	(void)ptv_diag(&diag[0], NULL, 0, 0, "%s", text);
	(void)ptv_diag(&diag[1], NULL, 0, 0, "x%s", text);
	for (size_t i = 0; i < 2; i++) {
		const size_t size = strlen(diag[i].text);

		PTV_ASSERT_GE(size, PTV_DIAG_TEXT - 3U);
		PTV_EXPECT_STREQ(diag[i].text + size - 5, "\xc3\xa4...");
	}
}
