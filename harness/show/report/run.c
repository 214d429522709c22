/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "play/finding.h"
#include "show/report/evidence.h"
#include "show/report/report.h"
#include "show/report/words.h"

static const char *match_text(const struct ptv_tally *tally, char text[64])
{
	switch (tally->match) {
	case PTV_MATCH_UNSAID:
		return "";
	case PTV_MATCH_EXPECTED:
		return ", as expected";
	case PTV_MATCH_OPEN:
		(void)snprintf(text, 64, ", open: line %d expects %s of all choices",
			       tally->mark.line, ptv_expected_name(tally->want));
		return text;
	case PTV_MATCH_DIFFERS:
		break;
	}
	(void)snprintf(text, 64, ", DIFFERS: line %d expects %s", tally->mark.line,
		       ptv_expected_name(tally->want));
	return text;
}

static void write_verdict(FILE *out, const struct ptv_tally *tally, const char *id)
{
	const enum ptv_word word = ptv_tally_word(tally);
	char text[64];

	(void)fprintf(out, "  %-18s ", id);
	if (word == PTV_WORD_IDLE)
		(void)fprintf(out, "idle: never exercised");
	else if (word == PTV_WORD_ALWAYS)
		(void)fprintf(out, "always: held in %" PRIu64 " of %" PRIu64, tally->exercised,
			      tally->exercised);
	else
		(void)fprintf(out, "%s: violated in %" PRIu64 " of %" PRIu64,
			      word == PTV_WORD_NEVER ? "NEVER" : "SOMETIMES", tally->violated,
			      tally->exercised);
	(void)fprintf(out, "%s\n", match_text(tally, text));
}

static const char *when_seen(enum ptv_copy copy)
{
	switch (copy) {
	case PTV_COPY_NONE:
		return "";
	case PTV_COPY_SETTLED:
		return ", once settled";
	case PTV_COPY_CLOSED:
		return ", at the closed end";
	}
	return "";
}

static void write_instance(FILE *out, const struct ptv_answer *answer,
			   const struct ptv_tally *tally, const struct ptv_report_options *options)
{
	const struct ptv_instance *first = &tally->first;
	const struct ptv_violation *v = &first->violation;
	struct ptv_recorder recorder = {0};
	struct ptv_string choices = {0};
	struct ptv_steps steps = {0};
	char text[512];

	ptv_choice_steps(answer->scenario, first->assignment, &steps);
	ptv_finding_text(answer->policy, v, text, sizeof(text));
	ptv_words_choices(&choices, answer->scenario, first->assignment);
	(void)fprintf(out, "      cycle %" PRIu64 ", LP %u", v->obs.cycle, v->obs.lp);
	if (first->sighting.prefix < steps.count)
		(void)fprintf(
			out, ", stimulus %u (%s)", first->sighting.prefix + 1U,
			ptv_stimulus_rows()[steps.at[first->sighting.prefix].stimulus.kind].name);
	(void)fprintf(out, "%s%s%s\n      %s\n", when_seen(first->sighting.copy),
		      choices.size ? "; " : "", ptv_string(&choices), text);
	if (options->evidence) {
		ptv_answer_evidence(answer, first, &options->play, &recorder);
		ptv_evidence_write(out, "      ", &recorder, options->evidence);
	}
	ptv_recorder_free(&recorder);
	ptv_string_free(&choices);
	ptv_steps_free(&steps);
}

/* Two timelines that lead to one situation and two outcomes. */
static void write_confluent(FILE *out, const struct ptv_answer *answer)
{
	const struct ptv_confluent *c = &answer->confluent;
	unsigned int i;

	for (i = 0; i < 2U; i++) {
		const struct ptv_seen *seen = &c->seen[c->first[i]];
		struct ptv_string words = {0};
		struct ptv_steps steps = {0};
		char text[256];
		char *arrow;

		ptv_situation_text(&seen->situation, text, sizeof(text));
		arrow = strstr(text, " -> ");
		if (arrow)
			*arrow = '\0';
		if (i == 0U)
			(void)fprintf(out, "      %s%s\n",
				      c->unequal > 1U ? "for one of several situations: " : "",
				      text);
		(void)ptv_confluent_steps(answer->scenario, seen->least.variant, &steps);
		ptv_words_steps(&words, &steps, seen->least.steps);
		(void)fprintf(out, "      %s %s\n        by %s\n", i ? "or" : "is",
			      arrow ? arrow + 4 : "?", ptv_string(&words));
		ptv_string_free(&words);
		ptv_steps_free(&steps);
	}
}

static void write_list(FILE *out, const struct ptv_answer *answer, const char *label,
		       enum ptv_word word)
{
	bool any = false;
	int check;

	for (check = 0; check < PTV_CHECKS; check++) {
		const struct ptv_tally *tally = &answer->tally[check];

		if (ptv_tally_word(tally) != word || tally->match == PTV_MATCH_DIFFERS ||
		    check == answer->scenario->asks_check)
			continue;
		(void)fprintf(out, "%s%s", any ? ", " : label, ptv_check_rows()[check].id);
		any = true;
	}
	if (any)
		(void)fputc('\n', out);
}

static void write_notes(FILE *out, const struct ptv_answer *answer)
{
	if (answer->policy->unjudged)
		(void)fprintf(out, "  expectations skipped: %s\n", answer->policy->unjudged);
	if (answer->panics)
		(void)fprintf(out, "  the machine dies in %" PRIu64 " of %" PRIu64 " runs\n",
			      answer->panics, answer->runs);
	if (answer->never)
		(void)fprintf(out,
			      "  stimulus %u (progress) waits in vain in %" PRIu64 " of %" PRIu64
			      " runs\n",
			      answer->never_step, answer->never, answer->runs);
	if (answer->open_error)
		(void)fprintf(out, "  the event is refused: error %d (%s)\n", answer->open_error,
			      strerror(-answer->open_error));
	if (answer->unplaced.text[0])
		(void)fprintf(out, "  not placed in %" PRIu64 " of %" PRIu64 " runs: %s\n",
			      answer->runs - answer->placed, answer->runs, answer->unplaced.text);
	if (answer->meaningless.text[0])
		(void)fprintf(out, "  %s\n", answer->meaningless.text);
	if (ptv_answer_bounded(answer))
		(void)fprintf(out, "  bounded: %" PRIu64 " of %" PRIu64 " choices were played\n",
			      answer->runs, answer->choices);
}

static void write_policy(FILE *out, const struct ptv_answer *answer,
			 const struct ptv_report_options *options)
{
	const struct ptv_policy *policy = answer->policy;
	char name[64];
	int check;

	ptv_report_policy(policy, name, sizeof(name));
	(void)fprintf(out, "\n%s (era %s): %" PRIu64 " %s\n", name, policy->era->name, answer->runs,
		      answer->runs == 1U ? "run" : "runs");
	write_notes(out, answer);
	for (check = 0; check < PTV_CHECKS; check++) {
		const struct ptv_tally *tally = &answer->tally[check];

		if (tally->violated == 0U && tally->match != PTV_MATCH_DIFFERS &&
		    check != answer->scenario->asks_check)
			continue;
		write_verdict(out, tally, ptv_check_rows()[check].id);
		if (tally->violated && ptv_check_rows()[check].kind == 'R')
			write_confluent(out, answer);
		else if (tally->violated)
			write_instance(out, answer, tally, options);
	}
	write_list(out, answer, "  always: ", PTV_WORD_ALWAYS);
	write_list(out, answer, "  idle: ", PTV_WORD_IDLE);
}

static void write_alone(FILE *out, const struct ptv_answer *answer)
{
	const struct ptv_alone *alone = &answer->alone;
	size_t i;

	(void)fprintf(out,
		      "\nhardware alone: %" PRIu64 " %s, %" PRIu64
		      " expectations compared, %zu differ\n",
		      answer->runs, answer->runs == 1U ? "run" : "runs", alone->compared,
		      alone->faults);
	write_notes(out, answer);
	for (i = 0; i < alone->faults; i++) {
		const struct ptv_alone_fault *fault = &alone->fault[i];
		struct ptv_string choices = {0};

		ptv_words_choices(&choices, answer->scenario, fault->assignment);
		(void)fprintf(out, "  %s:%d: %s: %s is %s, expected %s (%s)%s%s\n",
			      answer->scenario->file, fault->entry->expect.mark.line,
			      ptv_stimulus_rows()[fault->entry->stimulus.kind].name, fault->field,
			      fault->got, fault->want,
			      fault->entry->expect.because ? fault->entry->expect.because : "",
			      choices.size ? "; " : "", ptv_string(&choices));
		ptv_string_free(&choices);
	}
}

void ptv_report_skipped(FILE *out, const struct ptv_report_options *options)
{
	size_t i;

	for (i = 0; i < options->skips; i++)
		(void)fprintf(out, "%s%s skipped: %s\n", i ? "" : "\n", options->skipped[i].policy,
			      options->skipped[i].reason);
}

void ptv_report_run(FILE *out, const struct ptv_report_file *file,
		    const struct ptv_report_options *options)
{
	const struct ptv_scenario *scenario = file->scenario;
	size_t i;

	(void)fprintf(out, "%s\n%s\n", scenario->file,
		      scenario->question ? scenario->question : "");
	if (scenario->asks_check >= 0)
		(void)fprintf(out, "asks %s on %s\n", ptv_check_rows()[scenario->asks_check].id,
			      scenario->machine->name);
	for (i = 0; i < file->answers; i++) {
		if (file->answer[i].policy->none || scenario->hw_alone)
			write_alone(out, &file->answer[i]);
		else
			write_policy(out, &file->answer[i], options);
	}
}
