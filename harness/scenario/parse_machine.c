/* SPDX-License-Identifier: MIT */
/* What the scenario runs on: the processor, its latencies and readings, the workload. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "play/text.h"
#include "ptv/cfg.h"
#include "scenario/parse.h"

static const char *machine_at(const void *list, size_t i)
{
	size_t count;
	const struct ptv_machine_row *rows = ptv_machine_rows(&count);

	(void)list;
	return i < count ? rows[i].name : NULL;
}

int ptv_parse_machine(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const struct ptv_words machines = {machine_at, NULL};
	struct ptv_load *load = into;
	size_t count, found;

	if (ptv_read_word(r, value, "machine", machines, &found) != 0)
		return -1;
	load->scenario->machine = &ptv_machine_rows(&count)[found];
	return 0;
}

int ptv_parse_lps(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	return ptv_read_u8(r, value, (struct ptv_limits){1, PTV_MAX_LPS, "PTV_MAX_LPS"},
			   &load->scenario->lps);
}

/* --- Latencies and readings --- */

static const char *latency_at(const void *list, size_t i)
{
	size_t count;
	const struct ptv_param_row *rows = ptv_timing_rows(&count);

	(void)list;
	return i < count ? rows[i].name : NULL;
}

static const char *switch_at(const void *list, size_t i)
{
	size_t count;
	const struct ptv_param_row *rows = ptv_switch_rows(&count);

	(void)list;
	return i < count ? rows[i].name : NULL;
}

static const struct ptv_words latencies = {latency_at, NULL};
static const struct ptv_words switches = {switch_at, NULL};

/* Keeps settings for printing. */
static void keep(struct ptv_load *load, const struct ptv_yaml *map)
{
	struct ptv_scenario *s = load->scenario;

	for (const struct ptv_yaml *v = map->child; v != NULL; v = v->next) {
		s->settings = ptv_grow(s->settings, s->setting_count, &load->setting_room,
				       sizeof(*s->settings));
		s->settings[s->setting_count++] = (struct ptv_setting){
			ptv_string_copy(v->key->text), ptv_string_copy(v->text), v->mark};
	}
}

static int read_latency(struct ptv_reader *r, const struct ptv_yaml *value,
			struct ptv_timing *timing)
{
	const int found = ptv_words_find(latencies, value->key->text);
	const struct ptv_param_row *row;
	char unit[64];
	uint64_t number = 0;
	size_t count;

	if (found < 0)
		return ptv_read_unknown(r, value->key, "latency", latencies);
	row = &ptv_timing_rows(&count)[found];
	(void)snprintf(unit, sizeof(unit), "%s, %s", row->name, row->unit);
	if (ptv_read_number(r, value, (struct ptv_limits){row->min, row->max, unit}, &number) != 0)
		return -1;
	PTV_ASSERT(ptv_timing_set(timing, row->name, number) == 0);
	return 0;
}

int ptv_read_timing(struct ptv_reader *r, const struct ptv_yaml *map, struct ptv_timing *timing)
{
	if (ptv_read_is(r, map, PTV_YAML_MAP, "a map of latencies, {name: cycles}") != 0)
		return -1;
	for (const struct ptv_yaml *v = map->child; v != NULL; v = v->next)
		if (read_latency(r, v, timing) != 0)
			return -1;
	return 0;
}

int ptv_parse_timing(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	if (ptv_read_timing(r, value, &load->scenario->timing) != 0)
		return -1;
	keep(load, value);
	return 0;
}

/* The words of "A|B|C". */
struct choices {
	char text[256];
	const char *word[17];
};

static struct ptv_words split(const char *text, struct choices *c)
{
	size_t count = 0;
	char *rest;

	(void)snprintf(c->text, sizeof(c->text), "%s", text);
	for (char *word = strtok_r(c->text, "|", &rest); word != NULL;
	     word = strtok_r(NULL, "|", &rest)) {
		PTV_ASSERT(count + 1U < PTV_ARRAY_SIZE(c->word));
		c->word[count++] = word;
	}
	c->word[count] = NULL;
	return (struct ptv_words){ptv_words_array, c->word};
}

static int read_switch(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_switches *sw)
{
	const int found = ptv_words_find(switches, value->key->text);
	const struct ptv_param_row *row;
	struct choices choices;
	size_t count, choice;

	if (found < 0)
		return ptv_read_unknown(r, value->key, "switch", switches);
	row = &ptv_switch_rows(&count)[found];
	if (ptv_read_word(r, value, "choice", split(row->choices, &choices), &choice) != 0)
		return -1;
	PTV_ASSERT(ptv_switch_set(sw, row->name, value->text) == 0);
	return 0;
}

int ptv_read_switches(struct ptv_reader *r, const struct ptv_yaml *map, struct ptv_switches *sw)
{
	if (ptv_read_is(r, map, PTV_YAML_MAP, "a map of readings, {name: CHOICE}") != 0)
		return -1;
	for (const struct ptv_yaml *v = map->child; v != NULL; v = v->next)
		if (read_switch(r, v, sw) != 0)
			return -1;
	return 0;
}

int ptv_parse_switches(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	if (ptv_read_switches(r, value, &load->scenario->switches) != 0)
		return -1;
	keep(load, value);
	return 0;
}

/* --- The workload --- */

static int read_cycles(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_work_cfg *work = into;

	return ptv_read_u32(r, value, (struct ptv_limits){1, 1000000, NULL},
			    &work->cycles_per_branch);
}

static int read_kernel(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_work_cfg *work = into;

	return ptv_read_u32(r, value, (struct ptv_limits){0, 100, NULL}, &work->kernel_percent);
}

static int read_indirect(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_work_cfg *work = into;

	return ptv_read_u32(r, value, (struct ptv_limits){0, 100, NULL}, &work->indirect_percent);
}

static int read_far(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_work_cfg *work = into;

	return ptv_read_u32(r, value, (struct ptv_limits){0, 100, NULL}, &work->far_percent);
}

static int read_seed(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_work_cfg *work = into;

	return ptv_read_number(r, value, (struct ptv_limits){0, UINT64_MAX, NULL}, &work->seed);
}

int ptv_parse_workload(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const struct ptv_key key[] = {
		{"cycles_per_branch", false, read_cycles},
		{"kernel_percent", false, read_kernel},
		{"indirect_percent", false, read_indirect},
		{"far_percent", false, read_far},
		{"seed", false, read_seed},
	};
	static const struct ptv_keys keys = {"workload", key, PTV_ARRAY_SIZE(key)};
	struct ptv_load *load = into;

	return ptv_read_map(r, value, &keys, &load->scenario->work);
}
