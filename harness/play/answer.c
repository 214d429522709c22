/* SPDX-License-Identifier: MIT */
#include "play/answer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/deliver.h"
#include "play/text.h"

static const char *const word_names[] = {"idle", "always", "sometimes", "never"};
static const char *const expected_names[] = {"unsaid", "always", "sometimes", "never", "idle"};

const char *ptv_word_name(enum ptv_word word)
{
	return word_names[word];
}

const char *ptv_expected_name(enum ptv_expected expected)
{
	return expected_names[expected];
}

enum ptv_word ptv_tally_word(const struct ptv_tally *tally)
{
	if (tally->violated == 0U)
		return tally->exercised ? PTV_WORD_ALWAYS : PTV_WORD_IDLE;
	return tally->violated < tally->exercised ? PTV_WORD_SOMETIMES : PTV_WORD_NEVER;
}

/* --- Counting --- */

static bool is_earlier(const struct ptv_instance *a, const struct ptv_instance *b)
{
	if (a->sighting.prefix != b->sighting.prefix)
		return a->sighting.prefix < b->sighting.prefix;
	if (a->sighting.deliveries != b->sighting.deliveries)
		return a->sighting.deliveries < b->sighting.deliveries;
	return a->assignment < b->assignment;
}

static void count(struct ptv_answer *answer, const struct ptv_run *run, uint64_t assignment)
{
	int check;

	for (check = 0; check < PTV_CHECKS; check++) {
		const struct ptv_verdict *verdict = &run->verdicts.check[check];
		struct ptv_tally *tally = &answer->tally[check];
		const struct ptv_instance here = {verdict->first, run->sighting[check], assignment};

		if (verdict->exercised || verdict->violated)
			tally->exercised++;
		if (verdict->violated == 0U)
			continue;
		if (tally->violated++ == 0U || is_earlier(&here, &tally->first))
			tally->first = here;
	}
}

/* Tells of a step of the file that made no sense, or of a delivery that did not take place: the
 * first of each. */
static void note_faults(struct ptv_answer *answer, struct ptv_play *play,
			const struct ptv_steps *steps, const struct ptv_run *run)
{
	if (run->meaningless) {
		const struct ptv_step *step = &steps->at[run->meaningless - 1U];

		(void)ptv_diag(&answer->meaningless, answer->scenario->file, step->entry->mark.line,
			       step->entry->mark.column, "%s makes no sense here under %s",
			       ptv_stimulus_rows()[step->stimulus.kind].name, answer->policy->name);
	}
	if (run->unplaced == 0U)
		answer->placed++;
	else if (answer->unplaced.text[0] == '\0' && !run->panic && !run->open_error &&
		 !run->meaningless)
		ptv_deliver_explain(play, steps, &answer->unplaced);
}

/* --- The runs --- */

struct family {
	struct ptv_confluent *confluent;
	const struct ptv_steps *steps;
	uint64_t assignment;
	unsigned int events;
};

static void settled(void *ctx, uint32_t index, const struct ptv_checks *checks)
{
	const struct family *family = ctx;
	const struct ptv_prefix prefix = {family->assignment, index + 1U,
					  ptv_steps_hash(family->steps, index + 1U)};

	ptv_confluent_take(family->confluent, checks, family->events, &prefix);
}

static void play_one(struct ptv_answer *answer, struct ptv_play *play, uint64_t assignment,
		     struct ptv_run *run)
{
	struct ptv_steps steps = {0};
	struct family family = {&answer->confluent, &steps, assignment, play->env.events};
	const struct ptv_onlooker onlooker = {&family, NULL, NULL, settled, NULL};
	struct ptv_alone_watch watch;

	ptv_choice_steps(answer->scenario, assignment, &steps);
	if (play->env.hw_alone) {
		ptv_alone_begin(&watch, &answer->alone, &steps, assignment);
		play->onlooker = &watch.onlooker;
		ptv_play_run(play, &steps, run);
		ptv_alone_end(&watch);
	} else {
		play->onlooker = &onlooker;
		ptv_play_run(play, &steps, run);
		answer->confluent.runs++;
		count(answer, run, assignment);
	}
	play->onlooker = NULL;
	answer->runs++;
	answer->panics += run->panic ? 1U : 0U;
	answer->never += run->never ? 1U : 0U;
	if (answer->never_step == 0U)
		answer->never_step = run->never;
	if (run->open_error)
		answer->open_error = run->open_error;
	note_faults(answer, play, &steps, run);
	ptv_steps_free(&steps);
}

/* The verdict of `confluent` is that of one family. */
static void count_confluent(struct ptv_answer *answer)
{
	int check;

	for (check = 0; check < PTV_CHECKS; check++) {
		if (ptv_check_rows()[check].kind != 'R')
			continue;
		answer->tally[check].exercised = answer->confluent.equal ? 1U : 0U;
		answer->tally[check].violated = answer->confluent.unequal ? 1U : 0U;
	}
}

/* --- Expectations --- */

static const struct ptv_expect_policy *find_expect(const struct ptv_scenario *scenario,
						   const struct ptv_policy *policy)
{
	size_t i;

	for (i = 0; i < scenario->expects && !policy->unjudged; i++) {
		if (ptv_policy_is(policy, scenario->expect[i].policy))
			return &scenario->expect[i];
	}
	return NULL;
}

static enum ptv_expected expected_of(enum ptv_word word)
{
	static const enum ptv_expected names[] = {PTV_EXPECTED_IDLE, PTV_EXPECTED_ALWAYS,
						  PTV_EXPECTED_SOMETIMES, PTV_EXPECTED_NEVER};

	return names[word];
}

/* Whether more runs could bring the expected verdict. */
static bool may_come(const struct ptv_tally *tally)
{
	switch (tally->want) {
	case PTV_EXPECTED_SOMETIMES:
		return true;
	case PTV_EXPECTED_ALWAYS:
		return tally->violated == 0U;
	case PTV_EXPECTED_NEVER:
		return tally->exercised == tally->violated;
	case PTV_EXPECTED_UNSAID:
	case PTV_EXPECTED_IDLE:
		break;
	}
	return false;
}

static void compare(struct ptv_answer *answer, const struct ptv_answer_options *options)
{
	const struct ptv_expect_policy *expect = answer->expect;
	int check;

	for (check = 0; check < PTV_CHECKS && expect; check++) {
		struct ptv_tally *tally = &answer->tally[check];
		const enum ptv_word word = ptv_tally_word(tally);
		const bool own = expect->check_mark[check].line != 0;
		bool good;

		if (options->no_confluent && ptv_check_rows()[check].kind == 'R')
			continue;
		tally->want = expect->check[check];
		tally->mark = own ? expect->check_mark[check] : expect->mark;
		if (!own && !expect->all_always)
			continue;
		if (!own)
			tally->want = PTV_EXPECTED_ALWAYS;
		good = tally->want == expected_of(word);
		/* `all: always` lets a check be idle, but not the one that the file asks about. */
		if (!own && word == PTV_WORD_IDLE && check != answer->scenario->asks_check)
			good = true;
		if (good)
			tally->match = PTV_MATCH_EXPECTED;
		else if (ptv_answer_bounded(answer) && may_come(tally))
			tally->match = PTV_MATCH_OPEN;
		else
			tally->match = PTV_MATCH_DIFFERS;
	}
}

void ptv_answer(struct ptv_answer *answer, const struct ptv_scenario *scenario,
		const struct ptv_policy *policy, const struct ptv_answer_options *options)
{
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct ptv_play play;
	uint64_t n, end;

	memset(answer, 0, sizeof(*answer));
	answer->scenario = scenario;
	answer->policy = policy;
	answer->expect = find_expect(scenario, policy);
	answer->choices = ptv_choice_count(scenario);
	ptv_play_init(&play, scenario, policy, &options->play);
	n = options->assignment ? *options->assignment : 0;
	end = options->assignment ? n + 1U : answer->choices;
	if (!options->assignment && options->limit && end > options->limit)
		end = options->limit;
	for (; n < end && !answer->open_error; n++)
		play_one(answer, &play, n, run);
	if (!play.env.hw_alone && !options->no_confluent && !answer->open_error)
		ptv_confluent_play(&answer->confluent, &play);
	count_confluent(answer);
	compare(answer, options);
	ptv_play_free(&play);
	free(run);
}

void ptv_answer_free(struct ptv_answer *answer)
{
	ptv_confluent_free(&answer->confluent);
	ptv_alone_free(&answer->alone);
	memset(answer, 0, sizeof(*answer));
}

unsigned int ptv_answer_differs(const struct ptv_answer *answer)
{
	unsigned int differs = (unsigned int)answer->alone.faults;
	int check;

	for (check = 0; check < PTV_CHECKS; check++)
		differs += answer->tally[check].match == PTV_MATCH_DIFFERS ? 1U : 0U;
	return differs;
}

bool ptv_answer_bounded(const struct ptv_answer *answer)
{
	return answer->runs < answer->choices && !answer->open_error;
}

/* --- Evidence --- */

struct gatherer {
	const struct ptv_instance *instance;
	struct ptv_recorder *recorder;
	uint32_t index; /* of the step that was last begun */
	bool past;	/* the violation has been seen */
};

static void gather(void *ctx, const struct ptv_obs *obs, enum ptv_copy copy)
{
	struct gatherer *g = ctx;
	const struct ptv_sighting *s = &g->instance->sighting;

	if (copy == PTV_COPY_NONE && obs->kind == PTV_OBS_STIMULUS && obs->c == 0U)
		g->index = (uint32_t)obs->a;
	if (g->past || (copy != PTV_COPY_NONE && (copy != s->copy || g->index != s->prefix)))
		return;
	if (ptv_check_concerns(&g->instance->violation, obs))
		ptv_recorder_add(g->recorder, obs, copy);
	if (copy == s->copy && g->index == s->prefix && obs->seq == g->instance->violation.obs.seq)
		g->past = true;
}

void ptv_answer_evidence(const struct ptv_answer *answer, const struct ptv_instance *instance,
			 const struct ptv_play_options *options, struct ptv_recorder *recorder)
{
	struct gatherer gatherer = {instance, recorder, 0, false};
	const struct ptv_onlooker onlooker = {&gatherer, gather, NULL, NULL, NULL};
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct ptv_steps steps = {0};
	struct ptv_play play;

	recorder->count = 0;
	ptv_choice_steps(answer->scenario, instance->assignment, &steps);
	ptv_play_init(&play, answer->scenario, answer->policy, options);
	play.onlooker = &onlooker;
	ptv_play_run(&play, &steps, run);
	ptv_play_free(&play);
	ptv_steps_free(&steps);
	free(run);
}
