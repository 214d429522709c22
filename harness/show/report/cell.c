/* SPDX-License-Identifier: MIT */
/*
 * Words that several reports share.
 */
#include <inttypes.h>

#include "show/report/report.h"

static const char *mark_of(const struct ptv_policy *policy)
{
	if (policy->unjudged)
		return "?";
	if (!policy->has_row)
		return "";
	if (policy->varied)
		return "+";
	return policy->row.reconstructed ? "*" : "";
}

void ptv_report_policy(const struct ptv_policy *policy, char *name, size_t size)
{
	(void)snprintf(name, size, "%s%s", policy->name, mark_of(policy));
}

void ptv_report_cell(const struct ptv_answer *answer, int check, char cell[24])
{
	const struct ptv_tally *tally = &answer->tally[check];
	const char *word = "";

	switch (ptv_tally_word(tally)) {
	case PTV_WORD_IDLE:
		word = "idle";
		break;
	case PTV_WORD_ALWAYS:
		word = "ok";
		break;
	case PTV_WORD_SOMETIMES:
		(void)snprintf(cell, 24, "%" PRIu64 "/%" PRIu64, tally->violated, tally->exercised);
		return;
	case PTV_WORD_NEVER:
		word = "NEVER";
		break;
	}
	if (answer->open_error)
		word = "refused";
	else if (tally->violated == 0U && answer->panics)
		word = "panic";
	(void)snprintf(cell, 24, "%s", word);
}
