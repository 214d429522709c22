/* SPDX-License-Identifier: MIT */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/finding.h"
#include "play/text.h"
#include "show/report/evidence.h"
#include "show/report/obs_json.h"
#include "show/report/report.h"
#include "show/report/words.h"

static const char *const copies[] = {NULL, "settled", "closed"};

static cJSON *object_in(cJSON *parent, const char *key)
{
	cJSON *object = cJSON_AddObjectToObject(parent, key);

	PTV_ASSERT(object);
	return object;
}

static cJSON *array_in(cJSON *parent, const char *key)
{
	cJSON *array = cJSON_AddArrayToObject(parent, key);

	PTV_ASSERT(array);
	return array;
}

static void add_text(cJSON *parent, const char *key, const char *text)
{
	if (text)
		(void)cJSON_AddStringToObject(parent, key, text);
}

static void add_number(cJSON *parent, const char *key, uint64_t number)
{
	(void)cJSON_AddNumberToObject(parent, key, (double)number);
}

static void add_choices(cJSON *parent, const struct ptv_scenario *scenario, uint64_t assignment)
{
	cJSON *array = array_in(parent, "choices");
	struct ptv_choice choice;
	size_t n;

	for (n = 0; ptv_choice_get(scenario, n, &choice); n++)
		(void)cJSON_AddItemToArray(array, cJSON_CreateNumber((double)ptv_choice_value(
							  scenario, assignment, n)));
}

/* The command that plays a run again; how: what it has to say besides file and policy. */
static void add_command(cJSON *parent, const struct ptv_answer *answer, const char *how)
{
	const struct ptv_policy *policy = answer->policy;
	struct ptv_string command = {0};

	ptv_string_add(&command, "ptvmx run %s%s%s%s", answer->scenario->file,
		       policy->none ? "" : " ", policy->none ? "" : policy->given, how);
	while (command.at[command.size - 1U] == ' ')
		command.at[--command.size] = '\0';
	add_text(parent, "command", ptv_string(&command));
	ptv_string_free(&command);
}

/* The run of an assignment. */
static void add_command_of(cJSON *parent, const struct ptv_answer *answer, uint64_t assignment)
{
	struct ptv_string how = {0};
	struct ptv_choice choice;
	size_t n;

	for (n = 0; ptv_choice_get(answer->scenario, n, &choice); n++)
		ptv_string_add(&how, "%s%" PRIu64, n ? "," : " --choice ",
			       ptv_choice_value(answer->scenario, assignment, n));
	add_command(parent, answer, ptv_string(&how));
	ptv_string_free(&how);
}

static void add_timeline(cJSON *parent, const struct ptv_steps *steps, size_t count)
{
	struct ptv_string words = {0};

	ptv_words_steps(&words, steps, count);
	add_text(parent, "timeline", ptv_string(&words));
	ptv_string_free(&words);
}

static void add_evidence(cJSON *parent, const struct ptv_answer *answer,
			 const struct ptv_instance *instance,
			 const struct ptv_report_options *options)
{
	cJSON *array = array_in(parent, "evidence");
	struct ptv_recorder recorder = {0};
	struct ptv_evidence *lines;
	size_t count, gap, left_out, i;

	if (options->evidence < 4U)
		return;
	lines = ptv_alloc(options->evidence, sizeof(*lines));
	ptv_answer_evidence(answer, instance, &options->play, &recorder);
	count = ptv_evidence_pick(&recorder, options->evidence, lines, &gap, &left_out);
	for (i = 0; i < count; i++) {
		const struct ptv_recorded *recorded = &recorder.at[lines[i].first];
		char line[PTV_OBS_JSON_LINE];

		line[ptv_obs_json(&recorded->obs, copies[recorded->copy], line) - 1U] = '\0';
		(void)cJSON_AddItemToArray(array, cJSON_CreateRaw(line));
	}
	add_number(parent, "evidence_left_out", left_out);
	free(lines);
	ptv_recorder_free(&recorder);
}

static void add_earliest(cJSON *parent, const struct ptv_answer *answer,
			 const struct ptv_tally *tally, const struct ptv_report_options *options)
{
	const struct ptv_instance *first = &tally->first;
	cJSON *earliest = object_in(parent, "earliest");
	struct ptv_steps steps = {0};
	char text[512];

	ptv_finding_text(answer->policy, &first->violation, text, sizeof(text));
	add_text(earliest, "text", text);
	add_number(earliest, "cycle", first->violation.obs.cycle);
	add_number(earliest, "lp", first->violation.obs.lp);
	add_number(earliest, "seq", first->violation.obs.seq);
	add_number(earliest, "since_seq", first->violation.since_seq);
	if (first->violation.event != UINT32_MAX)
		add_number(earliest, "event", first->violation.event);
	add_number(earliest, "stimulus", first->sighting.prefix);
	add_text(earliest, "copy", copies[first->sighting.copy]);
	add_number(earliest, "deliveries", first->sighting.deliveries);
	ptv_choice_steps(answer->scenario, first->assignment, &steps);
	add_timeline(earliest, &steps, first->sighting.prefix + 1U);
	ptv_steps_free(&steps);
	add_choices(earliest, answer->scenario, first->assignment);
	add_command_of(earliest, answer, first->assignment);
	add_evidence(earliest, answer, first, options);
}

static void add_confluent(cJSON *parent, const struct ptv_answer *answer)
{
	const struct ptv_confluent *c = &answer->confluent;
	cJSON *pair = array_in(parent, "pair");
	unsigned int i;

	for (i = 0; i < 2U; i++) {
		const struct ptv_seen *seen = &c->seen[c->first[i]];
		cJSON *side = cJSON_CreateObject();
		struct ptv_steps steps = {0};
		char text[256], how[40];

		ptv_situation_text(&seen->situation, text, sizeof(text));
		add_text(side, "situation", text);
		add_number(side, "event", seen->event);
		add_number(side, "variant", seen->least.variant);
		add_number(side, "stimulus", seen->least.steps - 1U);
		(void)snprintf(how, sizeof(how), " --variant %" PRIu64, seen->least.variant);
		add_command(side, answer, how);
		(void)ptv_confluent_steps(answer->scenario, seen->least.variant, &steps);
		add_timeline(side, &steps, seen->least.steps);
		ptv_steps_free(&steps);
		(void)cJSON_AddItemToArray(pair, side);
	}
}

static void add_check(cJSON *checks, const struct ptv_answer *answer, int check,
		      const struct ptv_report_options *options)
{
	static const char *const matches[] = {"unsaid", "expected", "differs", "open"};
	const struct ptv_tally *tally = &answer->tally[check];
	cJSON *object = cJSON_CreateObject();

	add_text(object, "check", ptv_check_rows()[check].id);
	add_text(object, "verdict", ptv_word_name(ptv_tally_word(tally)));
	add_number(object, "exercised", tally->exercised);
	add_number(object, "violated", tally->violated);
	add_text(object, "match", matches[tally->match]);
	if (tally->match != PTV_MATCH_UNSAID) {
		add_text(object, "expected", ptv_expected_name(tally->want));
		add_number(object, "line", (uint64_t)tally->mark.line);
	}
	if (tally->violated && ptv_check_rows()[check].kind == 'R')
		add_confluent(object, answer);
	else if (tally->violated)
		add_earliest(object, answer, tally, options);
	(void)cJSON_AddItemToArray(checks, object);
}

static void add_faults(cJSON *policy, const struct ptv_answer *answer)
{
	cJSON *array;
	size_t i;

	add_number(policy, "compared", answer->alone.compared);
	array = array_in(policy, "differences");
	for (i = 0; i < answer->alone.faults; i++) {
		const struct ptv_alone_fault *fault = &answer->alone.fault[i];
		cJSON *object = cJSON_CreateObject();

		add_number(object, "line", (uint64_t)fault->entry->expect.mark.line);
		add_text(object, "stimulus", ptv_stimulus_rows()[fault->entry->stimulus.kind].name);
		add_text(object, "field", fault->field);
		add_text(object, "expected", fault->want);
		add_text(object, "got", fault->got);
		add_number(object, "cycle", fault->cycle);
		add_choices(object, answer->scenario, fault->assignment);
		(void)cJSON_AddItemToArray(array, object);
	}
}

static void add_policy(cJSON *policies, const struct ptv_answer *answer,
		       const struct ptv_report_options *options)
{
	const struct ptv_policy *policy = answer->policy;
	cJSON *object = cJSON_CreateObject();
	cJSON *checks;
	int check;

	add_text(object, "policy", policy->name);
	if (!policy->none)
		add_text(object, "era", policy->era->name);
	(void)cJSON_AddBoolToObject(object, "reconstructed",
				    policy->has_row && policy->row.reconstructed);
	add_command(object, answer, "");
	add_number(object, "runs", answer->runs);
	add_number(object, "choices", answer->choices);
	(void)cJSON_AddBoolToObject(object, "bounded", ptv_answer_bounded(answer));
	add_number(object, "panics", answer->panics);
	if (answer->never) {
		add_number(object, "waits_in_vain", answer->never);
		add_number(object, "waits_in_vain_stimulus", answer->never_step - 1U);
	}
	(void)cJSON_AddNumberToObject(object, "open_error", answer->open_error);
	if (answer->unplaced.text[0])
		add_text(object, "not_placed", answer->unplaced.text);
	if (policy->unjudged)
		add_text(object, "not_compared", policy->unjudged);
	if (answer->scenario->hw_alone) {
		add_faults(object, answer);
	} else {
		add_number(object, "family_runs", answer->confluent.runs);
		add_number(object, "family_discarded", answer->confluent.discarded);
		checks = array_in(object, "checks");
		for (check = 0; check < PTV_CHECKS; check++)
			add_check(checks, answer, check, options);
	}
	(void)cJSON_AddItemToArray(policies, object);
}

void ptv_report_json(FILE *out, const struct ptv_report_file *files, size_t count,
		     const struct ptv_report_options *options)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *array = array_in(root, "files");
	unsigned int differs = 0;
	char *text;
	size_t i, n;

	for (i = 0; i < count; i++) {
		const struct ptv_scenario *scenario = files[i].scenario;
		cJSON *object = cJSON_CreateObject();
		cJSON *policies;

		add_text(object, "file", scenario->file);
		add_text(object, "name", scenario->name);
		add_text(object, "question", scenario->question);
		if (scenario->asks_check >= 0)
			add_text(object, "asks", ptv_check_rows()[scenario->asks_check].id);
		add_text(object, "machine", scenario->machine->name);
		policies = array_in(object, "policies");
		for (n = 0; n < files[i].answers; n++) {
			add_policy(policies, &files[i].answer[n], options);
			differs += ptv_answer_differs(&files[i].answer[n]);
		}
		(void)cJSON_AddItemToArray(array, object);
	}
	for (i = 0; i < options->skips; i++) {
		cJSON *object = cJSON_CreateObject();

		array = i ? array : array_in(root, "skipped");
		add_text(object, "policy", options->skipped[i].policy);
		add_text(object, "reason", options->skipped[i].reason);
		(void)cJSON_AddItemToArray(array, object);
	}
	add_number(root, "differs", differs);
	text = cJSON_Print(root);
	PTV_ASSERT(text);
	(void)fprintf(out, "%s\n", text);
	cJSON_free(text);
	cJSON_Delete(root);
}
