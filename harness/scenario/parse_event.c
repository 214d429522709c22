/* SPDX-License-Identifier: MIT */
/* Perf events and their AUX buffers. */
#include <inttypes.h>

#include "ptv/msr.h"
#include "ptv/pmu.h"
#include "scenario/parse.h"
#include "scenario/register.h"

#define PAGES "1, 2, 4, ... 64 (PTV_MAX_AUX_PAGES)"
PTV_STATIC_ASSERT(PTV_MAX_AUX_PAGES == 64U, "the text above");

/* --- The buffer --- */

static int read_power(struct ptv_reader *r, const struct ptv_yaml *value, const char *accepted,
		      uint32_t *pages)
{
	uint64_t number = 0;

	if (ptv_read_number(r, value,
			    (struct ptv_limits){1, PTV_MAX_AUX_PAGES, "PTV_MAX_AUX_PAGES"},
			    &number) != 0)
		return -1;
	if ((number & (number - 1U)) != 0)
		return ptv_read_fault(r, value, "%" PRIu64 " is not a power of two; accepted: %s",
				      number, accepted);
	*pages = (uint32_t)number;
	return 0;
}

static int read_pages(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_event_cfg *cfg = into;

	return read_power(r, value, PAGES, &cfg->aux_pages);
}

static int read_watermark(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_event_cfg *cfg = into;
	const struct ptv_limits limits = {1, (uint64_t)cfg->aux_pages * PTV_AUX_PAGE,
					  "bytes of the buffer"};

	return ptv_read_number(r, value, limits, &cfg->watermark);
}

static int read_fragmented(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_event_cfg *cfg = into;
	uint32_t pages = 0, sum = 0;

	if (ptv_read_is(r, value, PTV_YAML_LIST, "a list of region sizes in pages") != 0)
		return -1;
	cfg->region_pages_count = 0;
	for (const struct ptv_yaml *v = value->child; v != NULL; v = v->next) {
		if (cfg->region_pages_count == PTV_MAX_AUX_PAGES)
			return ptv_read_fault(r, value,
					      "%zu regions; accepted: 1..%u (PTV_MAX_AUX_PAGES)",
					      value->children, PTV_MAX_AUX_PAGES);
		if (read_power(r, v, PAGES, &pages) != 0)
			return -1;
		cfg->region_pages[cfg->region_pages_count++] = (uint8_t)pages;
		sum += pages;
	}
	if (sum != cfg->aux_pages)
		return ptv_read_fault(r, value,
				      "the regions add up to %u pages; accepted: %u as in pages",
				      sum, cfg->aux_pages);
	return 0;
}

static int read_earlier(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_event_cfg *cfg = into;
	const struct ptv_limits limits = {0, (uint64_t)cfg->aux_pages * PTV_AUX_PAGE - 1U,
					  "less than the buffer"};
	uint64_t earlier;

	if (ptv_read_number(r, value, limits, &earlier) != 0)
		return -1;
	cfg->earlier = (uint32_t)earlier;
	return 0;
}

static const struct ptv_key buffer_key[] = {
	{"pages", true, read_pages},
	{"watermark", false, read_watermark},
	{"earlier", false, read_earlier},
	{"fragmented", false, read_fragmented},
};
static const struct ptv_keys buffer_keys = {"buffer", buffer_key, PTV_ARRAY_SIZE(buffer_key)};

int ptv_parse_buffer(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	return ptv_read_map(r, value, &buffer_keys, &load->buffer);
}

/* --- The event --- */

struct event {
	const struct ptv_scenario *scenario;
	struct ptv_event_cfg *cfg;
};

static int read_context(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {
		[PTV_CONTEXT_CPU] = "cpu", [PTV_CONTEXT_TASK] = "task", NULL};
	struct event *e = into;
	size_t found;

	if (ptv_read_word(r, value, "context", (struct ptv_words){ptv_words_array, words},
			  &found) != 0)
		return -1;
	e->cfg->context = (enum ptv_context)found;
	return 0;
}

static int read_mode(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {
		[PTV_AUX_FULL] = "full", [PTV_AUX_SNAPSHOT] = "snapshot", NULL};
	struct event *e = into;
	size_t found;

	if (ptv_read_word(r, value, "mode", (struct ptv_words){ptv_words_array, words}, &found) !=
	    0)
		return -1;
	e->cfg->mode = (enum ptv_aux_mode)found;
	return 0;
}

static int read_event_lp(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct event *e = into;

	if (e->cfg->context != PTV_CONTEXT_CPU)
		return ptv_read_fault(
			r, value,
			"the event of a task has no CPU of its own; accepted: with context: cpu");
	return ptv_read_u8(r, value, (struct ptv_limits){0, e->scenario->lps - 1U, "below lps"},
			   &e->cfg->lp);
}

static int read_exclude(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {"kernel", "user", NULL};
	struct event *e = into;
	size_t found;

	if (ptv_read_word(r, value, "part", (struct ptv_words){ptv_words_array, words}, &found) !=
	    0)
		return -1;
	e->cfg->exclude_kernel = found == 0;
	e->cfg->exclude_user = found == 1;
	return 0;
}

static int read_config(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct event *e = into;
	struct ptv_range bits = {0};

	if (ptv_read_msr_value(r, value, PTV_MSR_RTIT_CTL, &bits) != 0)
		return -1;
	if (bits.from != bits.to)
		return ptv_read_fault(r, value, "a range; accepted: one value");
	e->cfg->attr_config = bits.from;
	return 0;
}

static int read_own_buffer(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const struct ptv_event_cfg none;
	struct event *e = into;

	e->cfg->aux_pages = none.aux_pages;
	e->cfg->watermark = none.watermark;
	e->cfg->earlier = none.earlier;
	e->cfg->region_pages_count = none.region_pages_count;
	return ptv_read_map(r, value, &buffer_keys, e->cfg);
}

static const struct ptv_key event_key[] = {
	{"context", true, read_context}, {"mode", true, read_mode},
	{"lp", false, read_event_lp},	 {"exclude", false, read_exclude},
	{"config", false, read_config},	 {"buffer", false, read_own_buffer},
};
static const struct ptv_keys event_keys = {"event", event_key, PTV_ARRAY_SIZE(event_key)};

int ptv_parse_event(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;
	struct ptv_scenario *s = load->scenario;
	struct event e = {s, &s->event[s->events]};

	PTV_ASSERT(s->events < PTV_MAX_EVENTS);
	*e.cfg = load->buffer;
	if (ptv_read_map(r, value, &event_keys, &e) != 0)
		return -1;
	if (e.cfg->aux_pages == 0)
		return ptv_read_fault(
			r, value,
			"no buffer; accepted: buffer: {pages: N} in the file or in the event");
	if (e.cfg->earlier != 0U && e.cfg->mode == PTV_AUX_SNAPSHOT)
		return ptv_read_fault(r, value,
				      "what a snapshot traced earlier is not read; accepted: "
				      "earlier with mode: full");
	s->events++;
	return 0;
}

int ptv_parse_events(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_load *load = into;

	if (ptv_read_is(r, value, PTV_YAML_LIST, "a list of events") != 0)
		return -1;
	if (load->scenario->events > 0)
		return ptv_read_fault(r, value, "beside event; accepted: one of the two");
	if (value->children == 0 || value->children > PTV_MAX_EVENTS)
		return ptv_read_fault(r, value, "%zu events; accepted: 1..%u (PTV_MAX_EVENTS)",
				      value->children, PTV_MAX_EVENTS);
	for (const struct ptv_yaml *v = value->child; v != NULL; v = v->next)
		if (ptv_parse_event(r, v, into) != 0)
			return -1;
	return 0;
}
