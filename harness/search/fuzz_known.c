/* SPDX-License-Identifier: MIT */
#include "search/fuzz_known.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/confluent.h"

#define LINE 512

/* Where a line is or would be. */
static size_t place_of(const struct ptv_known *known, const char *line)
{
	size_t low = 0, high = known->count;

	while (low < high) {
		const size_t middle = (low + high) / 2U;

		if (strcmp(known->line[middle], line) < 0)
			low = middle + 1U;
		else
			high = middle;
	}
	return low;
}

bool ptv_known_has(const struct ptv_known *known, const char *line)
{
	const size_t at = place_of(known, line);

	return at < known->count && strcmp(known->line[at], line) == 0;
}

void ptv_known_add(struct ptv_known *known, const char *line)
{
	const size_t at = place_of(known, line);

	if (at < known->count && strcmp(known->line[at], line) == 0)
		return;
	known->line = ptv_grow(known->line, known->count, &known->room, sizeof(*known->line));
	memmove(&known->line[at + 1U], &known->line[at],
		(known->count - at) * sizeof(*known->line));
	known->line[at] = ptv_string_copy(line);
	known->count++;
}

void ptv_known_free(struct ptv_known *known)
{
	size_t i;

	for (i = 0; i < known->count; i++)
		free(known->line[i]);
	free(known->line);
	memset(known, 0, sizeof(*known));
}

static int read_line(struct ptv_known *known, char *line, const char *path, int number,
		     struct ptv_diag *diag)
{
	char copy[LINE], *rest = NULL, *word, *check = NULL;
	int words = 0;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[strspn(line, " \t")] == '\0' || line[0] == '#')
		return 0;
	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (++words == 2)
			check = word;
	}
	if (words != 3)
		return ptv_diag(diag, path, number, 1,
				"%d words; accepted: POLICY CHECK WAY, as ptvmx known prints them",
				words);
	if (ptv_check_find(check) < 0)
		return ptv_diag(diag, path, number, (int)(check - copy) + 1,
				"unknown check '%s' (see ptvmx list checks)", check);
	ptv_known_add(known, line);
	return 0;
}

int ptv_known_read(struct ptv_known *known, const char *path, struct ptv_diag *diag)
{
	FILE *file = fopen(path, "r");
	char line[LINE];
	int number, result = 0;

	if (!file)
		return ptv_diag(diag, path, 0, 0, "%s", strerror(errno));
	for (number = 1; !result && fgets(line, sizeof(line), file); number++)
		result = read_line(known, line, path, number, diag);
	if (!result && ferror(file))
		result = ptv_diag(diag, path, 0, 0, "%s", strerror(errno));
	(void)fclose(file);
	return result;
}

/* --- What a scenario shows --- */

static void add_violation(struct ptv_known *known, const struct ptv_policy *policy,
			  const struct ptv_violation *violation)
{
	const struct ptv_fuzz_sign sign = ptv_fuzz_violation_sign(violation);
	struct ptv_string text = {0};

	if (sign.kind != PTV_FUZZ_VIOLATION)
		return;
	ptv_fuzz_sign_text(&sign, policy->name, &text);
	ptv_known_add(known, ptv_string(&text));
	ptv_string_free(&text);
}

static void add_run(struct ptv_known *known, const struct ptv_policy *policy,
		    const struct ptv_run *run)
{
	int check;

	for (check = 0; check < PTV_CHECKS; check++) {
		if (run->verdicts.check[check].violated)
			add_violation(known, policy, &run->verdicts.check[check].first);
	}
}

struct family {
	struct ptv_confluent confluent;
	const struct ptv_steps *steps;
	uint64_t assignment;
	unsigned int events;
};

static void settled(void *ctx, uint32_t index, const struct ptv_checks *checks)
{
	struct family *family = ctx;
	const struct ptv_prefix prefix = {family->assignment, index + 1U,
					  ptv_steps_hash(family->steps, index + 1U)};

	ptv_confluent_take(&family->confluent, checks, family->events, &prefix);
}

void ptv_known_play(struct ptv_known *known, const struct ptv_scenario *scenario,
		    const struct ptv_policy *policy)
{
	const uint64_t choices = ptv_choice_count(scenario);
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct ptv_steps steps = {0};
	struct family family = {.steps = &steps, .events = scenario->events};
	const struct ptv_onlooker onlooker = {.ctx = &family, .settled = settled};
	struct ptv_violation violation;
	struct ptv_play play;

	ptv_play_init(&play, scenario, policy, NULL);
	play.onlooker = &onlooker;
	for (; family.assignment < choices; family.assignment++) {
		ptv_choice_steps(scenario, family.assignment, &steps);
		ptv_play_run(&play, &steps, run);
		add_run(known, policy, run);
		if (run->open_error)
			break;
	}
	play.onlooker = NULL;
	if (!run->open_error)
		ptv_confluent_play(&family.confluent, &play);
	if (family.confluent.unequal) {
		const struct ptv_seen *seen = family.confluent.seen;
		const size_t *first = family.confluent.first;

		memset(&violation, 0, sizeof(violation));
		ptv_confluent_violation(&violation, seen[first[0]].event, &seen[first[0]].situation,
					&seen[first[1]].situation);
		add_violation(known, policy, &violation);
	}
	ptv_confluent_free(&family.confluent);
	ptv_play_free(&play);
	ptv_steps_free(&steps);
	free(run);
}
