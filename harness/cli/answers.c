/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "engine/linux/linux.h"
#include "play/text.h"

static int load_path(struct ptv_answers *answers, const char *path, struct ptv_diag *diag)
{
	char **list = ptv_scenario_list(path, diag);
	size_t i;
	int result = list ? 0 : -1;

	for (i = 0; list && list[i] && !result; i++) {
		struct ptv_scenario *scenario = ptv_scenario_load(list[i], diag);

		if (!scenario) {
			result = -1;
			break;
		}
		answers->scenario = ptv_grow(answers->scenario, answers->files, &answers->room,
					     sizeof(*answers->scenario));
		answers->scenario[answers->files++] = scenario;
	}
	if (list)
		ptv_scenario_list_free(list);
	return result;
}

/* The real driver that a name stands for and that this build does not have; else NULL. */
static const struct ptv_linux_row *not_built(const char *name)
{
	struct ptv_string driver = {0};
	const struct ptv_linux_row *row;

	ptv_string_add(&driver, "%.*s", (int)strcspn(name, "@"), name);
	row = ptv_linux_find(ptv_string(&driver));
	ptv_string_free(&driver);
	return row && !ptv_linux_built(row) ? row : NULL;
}

static void skip(struct ptv_answers *answers, const char *name, const struct ptv_linux_row *row)
{
	struct ptv_report_skipped *skipped;
	size_t i;

	for (i = 0; i < answers->skips; i++) {
		if (strcmp(answers->skipped[i].policy, name) == 0)
			return;
	}
	answers->skipped = ptv_grow(answers->skipped, answers->skips, &answers->skip_room,
				    sizeof(*answers->skipped));
	skipped = &answers->skipped[answers->skips++];
	skipped->policy = ptv_string_copy(name);
	(void)ptv_linux_absence(row, skipped->reason, sizeof(skipped->reason));
}

/* Policies that a file expects something of and that are not in the default set: drivers in other
 * eras, and real ones where they are built. */
static int add_expected(struct ptv_answers *answers, const struct ptv_scenario *scenario,
			struct ptv_diag *diag)
{
	struct ptv_policies *policies = &answers->policies;
	const struct ptv_linux_row *absent;
	size_t i, n;

	for (i = 0; i < scenario->expects; i++) {
		const char *name = scenario->expect[i].policy;

		for (n = 0; n < policies->count && !ptv_policy_is(&policies->at[n], name); n++)
			;
		absent = not_built(name);
		if (absent)
			skip(answers, name, absent);
		if (n < policies->count || absent)
			continue;
		policies->at =
			realloc(policies->at, (policies->count + 1U) * sizeof(*policies->at));
		PTV_ASSERT(policies->at);
		if (ptv_policy_parse(&policies->at[policies->count], name, NULL, diag))
			return -1;
		policies->count++;
	}
	return 0;
}

int ptv_answers_load(struct ptv_answers *answers, const struct ptv_options *options,
		     struct ptv_diag *diag)
{
	const struct ptv_variation variation = {options->era, options->set, options->sets,
						options->driver_source};
	size_t i;

	memset(answers, 0, sizeof(*answers));
	if (ptv_policies_parse(&answers->policies, options->policy, &variation, diag) ||
	    ptv_policy_parse(&answers->none, "none", NULL, diag))
		return -1;
	for (i = 0; i < options->word_count; i++) {
		if (load_path(answers, options->words[i], diag))
			return -1;
	}
	for (i = 0; i < answers->files && answers->policies.all; i++) {
		if (!answers->scenario[i]->hw_alone &&
		    add_expected(answers, answers->scenario[i], diag))
			return -1;
	}
	return 0;
}

static bool has_deliveries(const struct ptv_scenario *scenario)
{
	size_t i;

	for (i = 0; i < scenario->entries; i++) {
		if (scenario->timeline[i].deliveries)
			return true;
	}
	return false;
}

/*
 * What only playing shows: a step that makes no sense is wrong under any policy; a placed interrupt
 * is wrong if it goes nowhere under every named policy (a driver without a notifier does not pass
 * its labels).
 */
static int check_file(const struct ptv_report_file *file, bool all, struct ptv_diag *diag)
{
	const struct ptv_scenario *scenario = file->scenario;
	const struct ptv_diag *unplaced = NULL;
	bool placed = !all || !has_deliveries(scenario);
	size_t i;

	for (i = 0; i < file->answers; i++) {
		const struct ptv_answer *answer = &file->answer[i];

		if (answer->meaningless.text[0])
			return ptv_diag(diag, NULL, 0, 0, "%s", answer->meaningless.text);
		if (answer->open_error == -PTV_ENOMEM)
			return ptv_diag(diag, scenario->file, 0, 0,
					"no room for the ToPA tables of %s; accepted: %u words "
					"(PTV_MEM_WORDS): fewer pages, or larger regions",
					answer->policy->name, PTV_MEM_WORDS);
		placed = placed || answer->placed;
		if (!unplaced && answer->unplaced.text[0])
			unplaced = &answer->unplaced;
	}
	if (!placed && unplaced)
		return ptv_diag(diag, NULL, 0, 0, "%s", unplaced->text);
	return 0;
}

static int play_file(struct ptv_answers *answers, size_t n, const struct ptv_options *options,
		     struct ptv_diag *diag)
{
	const struct ptv_scenario *scenario = answers->scenario[n];
	struct ptv_report_file *file = &answers->report[n];
	const size_t count = scenario->hw_alone ? 1U : answers->policies.count;
	struct ptv_answer_options how = {options->limit, NULL, {options->step_only}, false};
	struct ptv_answer *answer = ptv_alloc(count, sizeof(*answer));
	uint64_t assignment = 0;

	file->scenario = scenario;
	file->answer = answer;
	if (options->choices) {
		if (ptv_choice_find(scenario, options->choice, options->choices, &assignment, diag))
			return -1;
		how.assignment = &assignment;
	}
	for (; file->answers < count; file->answers++) {
		const struct ptv_policy *policy =
			scenario->hw_alone ? &answers->none : &answers->policies.at[file->answers];

		if (policy->none && !scenario->hw_alone)
			return ptv_diag(diag, scenario->file, 0, 0,
					"has a kernel: policy none is for hardware alone");
		ptv_answer(&answer[file->answers], scenario, policy, &how);
	}
	return check_file(file, answers->policies.all, diag);
}

int ptv_answers_play(struct ptv_answers *answers, const struct ptv_options *options,
		     struct ptv_diag *diag)
{
	size_t i;

	answers->report = ptv_alloc(answers->files, sizeof(*answers->report));
	for (i = 0; i < answers->files; i++) {
		if (play_file(answers, i, options, diag))
			return -1;
	}
	return 0;
}

unsigned int ptv_answers_differ(const struct ptv_answers *answers)
{
	unsigned int differs = 0;
	size_t i, n;

	for (i = 0; i < answers->files; i++) {
		for (n = 0; n < answers->report[i].answers; n++)
			differs += ptv_answer_differs(&answers->report[i].answer[n]);
	}
	return differs;
}

bool ptv_answers_bounded(const struct ptv_answers *answers)
{
	size_t i, n;

	for (i = 0; i < answers->files; i++) {
		for (n = 0; n < answers->report[i].answers; n++) {
			if (ptv_answer_bounded(&answers->report[i].answer[n]))
				return true;
		}
	}
	return false;
}

void ptv_answers_free(struct ptv_answers *answers)
{
	size_t i, n;

	for (i = 0; i < answers->files; i++) {
		struct ptv_answer *answer =
			answers->report ? (struct ptv_answer *)answers->report[i].answer : NULL;

		for (n = 0; answer && n < answers->report[i].answers; n++)
			ptv_answer_free(&answer[n]);
		free(answer);
		ptv_scenario_free(answers->scenario[i]);
	}
	for (i = 0; i < answers->skips; i++)
		free(answers->skipped[i].policy);
	free(answers->skipped);
	free(answers->report);
	free(answers->scenario);
	ptv_policies_free(&answers->policies);
	ptv_policy_free(&answers->none);
	memset(answers, 0, sizeof(*answers));
}
