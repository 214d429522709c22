/* SPDX-License-Identifier: MIT */
/* A scenario file: its keys, in the order in which they are read. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "play/text.h"
#include "ptv/cfg.h"
#include "ptv/work.h"
#include "scenario/parse.h"

/* --- Keys that are short to read --- */

static int read_question(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	return ptv_read_text(r, value, &load->scenario->question);
}

static int read_check(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;
	size_t found;

	if (ptv_read_word(r, value, "check", ptv_check_words, &found) != 0)
		return -1;
	load->scenario->asks_check = (int)found;
	return 0;
}

static int read_asks(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const struct ptv_key key[] = {{"check", true, read_check},
					     {"question", true, read_question}};
	static const struct ptv_keys keys = {"asks", key, PTV_ARRAY_SIZE(key)};

	return ptv_read_map(r, value, &keys, into);
}

/* Checks judge kernels: hardware alone is asked by the expectations of its entries. */
static int read_asks_alone(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const struct ptv_key key[] = {{"question", true, read_question}};
	static const struct ptv_keys keys = {"asks with policy: none", key, PTV_ARRAY_SIZE(key)};

	return ptv_read_map(r, value, &keys, into);
}

static int read_source(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	return ptv_read_text(r, value, &load->scenario->source);
}

static int read_confirms(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	return ptv_read_text(r, value, &load->scenario->confirms);
}

static int read_policy(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {"none", NULL};
	struct ptv_load *load = into;
	size_t found;

	if (ptv_read_word(r, value, "policy", (struct ptv_words){ptv_words_array, words}, &found) !=
	    0)
		return -1;
	load->scenario->hw_alone = true;
	return 0;
}

static int read_consumer(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {
		[PTV_CONSUMER_WAKE] = "wake", [PTV_CONSUMER_MANUAL] = "manual", NULL};
	struct ptv_load *load = into;
	size_t found;

	if (ptv_read_word(r, value, "consumer", (struct ptv_words){ptv_words_array, words},
			  &found) != 0)
		return -1;
	load->scenario->consumer = (enum ptv_consumer)found;
	return 0;
}

static int read_choices(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	return ptv_read_number(r, value, (struct ptv_limits){1, UINT32_MAX, NULL},
			       &load->scenario->choice_limit);
}

/* --- The file --- */

static const struct ptv_key kernel_key[] = {
	{"asks", true, read_asks},
	{"source", true, read_source},
	{"confirms", false, read_confirms},
	{"machine", true, ptv_parse_machine},
	{"lps", false, ptv_parse_lps},
	{"timing", false, ptv_parse_timing},
	{"switches", false, ptv_parse_switches},
	{"buffer", false, ptv_parse_buffer},
	{"event", false, ptv_parse_event},
	{"events", false, ptv_parse_events},
	{"consumer", false, read_consumer},
	{"workload", false, ptv_parse_workload},
	{"choices", false, read_choices},
	{"timeline", true, ptv_parse_timeline},
	{"expect", false, ptv_parse_expect},
};
static const struct ptv_keys kernel_keys = {"the scenario", kernel_key, PTV_ARRAY_SIZE(kernel_key)};

static const struct ptv_key alone_key[] = {
	{"asks", true, read_asks_alone},	 {"source", true, read_source},
	{"confirms", false, read_confirms},	 {"policy", true, read_policy},
	{"machine", true, ptv_parse_machine},	 {"lps", false, ptv_parse_lps},
	{"timing", false, ptv_parse_timing},	 {"switches", false, ptv_parse_switches},
	{"workload", false, ptv_parse_workload}, {"choices", false, read_choices},
	{"timeline", true, ptv_parse_timeline},
};
static const struct ptv_keys alone_keys = {"a scenario with policy: none", alone_key,
					   PTV_ARRAY_SIZE(alone_key)};

static int read_scenario(struct ptv_reader *r, const struct ptv_yaml *root, struct ptv_load *load)
{
	const struct ptv_yaml *policy = root->kind == PTV_YAML_MAP ? ptv_yaml_get(root, "policy")
								   : NULL;

	if (policy != NULL)
		return read_policy(r, policy, load) != 0 ||
				       ptv_read_map(r, root, &alone_keys, load) != 0
			       ? -1
			       : 0;
	if (ptv_read_keys(r, root, &kernel_keys) != 0)
		return -1;
	if (ptv_yaml_get(root, "event") == NULL && ptv_yaml_get(root, "events") == NULL)
		return ptv_read_fault(r, root,
				      "the scenario has no event; accepted: event: {context, "
				      "mode}, or events: [...], or policy: none");
	return ptv_read_map(r, root, &kernel_keys, load);
}

/* The file's name without folder and .yaml. */
static char *scenario_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = ptv_string_copy(slash != NULL ? slash + 1 : path);
	const size_t size = strlen(name);

	if (size > 5U && strcmp(name + size - 5U, ".yaml") == 0)
		name[size - 5U] = '\0';
	return name;
}

static struct ptv_scenario *new_scenario(const char *path)
{
	struct ptv_scenario *s = ptv_alloc(1, sizeof(*s));

	s->file = ptv_string_copy(path);
	s->name = scenario_name(path);
	s->asks_check = -1;
	s->lps = 1;
	s->choice_limit = PTV_CHOICE_LIMIT;
	s->consumer = PTV_CONSUMER_WAKE;
	ptv_timing_default(&s->timing);
	ptv_switches_default(&s->switches);
	ptv_work_default(&s->work);
	return s;
}

struct ptv_scenario *ptv_scenario_load(const char *path, struct ptv_diag *diag)
{
	struct ptv_reader r = {path, diag};
	struct ptv_load load = {0};
	struct ptv_yaml *root = ptv_yaml_load(path, PTV_YAML_BYTES, diag);

	if (root == NULL)
		return NULL;
	load.scenario = new_scenario(path);
	if (read_scenario(&r, root, &load) != 0) {
		ptv_scenario_free(load.scenario);
		load.scenario = NULL;
	}
	ptv_yaml_free(root);
	return load.scenario;
}

static void free_entry(struct ptv_entry *entry)
{
	for (size_t i = 0; i < entry->deliveries; i++)
		free(entry->deliver[i].label);
	free(entry->deliver);
	free(entry->expect.packets);
	free(entry->expect.because);
}

void ptv_scenario_free(struct ptv_scenario *scenario)
{
	if (scenario == NULL)
		return;
	for (size_t i = 0; i < scenario->entries; i++)
		free_entry(&scenario->timeline[i]);
	for (size_t i = 0; i < scenario->expects; i++) {
		free(scenario->expect[i].policy);
		free(scenario->expect[i].because);
	}
	for (size_t i = 0; i < scenario->setting_count; i++) {
		free(scenario->settings[i].name);
		free(scenario->settings[i].value);
	}
	free(scenario->timeline);
	free(scenario->expect);
	free(scenario->settings);
	free(scenario->file);
	free(scenario->name);
	free(scenario->question);
	free(scenario->source);
	free(scenario->confirms);
	free(scenario);
}
