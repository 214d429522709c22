/* SPDX-License-Identifier: MIT */
#include "tests/scenario/each.h"

#include <stdlib.h>
#include <string.h>

#include "gtest/ptv_test.h"

#define TOP "scenarios/"

void each_scenario(const char *folder, const char *suite, void (*fn)(const void *path))
{
	struct ptv_diag diag = {""};
	char **list = ptv_scenario_list(folder, &diag);
	size_t i;

	PTV_ASSERT(list);
	for (i = 0; list[i]; i++) {
		const bool below = strncmp(list[i], TOP, strlen(TOP)) == 0;

		ptv_test_register(suite, below ? list[i] + strlen(TOP) : list[i], list[i], 1, fn,
				  list[i]);
	}
	free(list); /* not the names */
}

void expect_verdicts(const struct ptv_answer *answer)
{
	int check;

	for (check = 0; check < PTV_CHECKS; check++) {
		const struct ptv_tally *tally = &answer->tally[check];

		if (tally->match == PTV_MATCH_DIFFERS)
			PTV_FAIL_AT(answer->scenario->file, tally->mark.line,
				    "%s: %s is %s, expected %s", answer->policy->name,
				    ptv_check_rows()[check].id,
				    ptv_word_name(ptv_tally_word(tally)),
				    ptv_expected_name(tally->want));
	}
}
