/* SPDX-License-Identifier: MIT */
#include "search/fuzz_write.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "ptv/msr.h"

#define NAME_STIMULI 6U

static const char *const vectors[] = {[PTV_INT_NMI] = "nmi", [PTV_INT_IRQ] = "irq"};
static const char *const goals[] = {[PTV_PROGRESS_TO_INT] = "int",
				    [PTV_PROGRESS_TO_STOP] = "stop",
				    [PTV_PROGRESS_PAST_INT] = "past_int"};

static int check_of(const struct ptv_fuzz_sign *sign)
{
	return sign->kind == PTV_FUZZ_VIOLATION ? sign->check : (int)PTV_CHECK_NO_SPLAT;
}

static void write_question(const struct ptv_fuzz_sign *sign, struct ptv_string *text)
{
	const char *check = ptv_check_rows()[check_of(sign)].id;

	if (sign->kind == PTV_FUZZ_VIOLATION)
		ptv_string_add(text, "asks: {check: %s, question: \"Is %s kept?\"}\n", check,
			       check);
	else
		ptv_string_add(text,
			       "asks: {check: %s, question: \"Does the program agree with itself "
			       "(%s)?\"}\n",
			       check, ptv_fuzz_kind_name((enum ptv_fuzz_kind)sign->kind));
}

static void write_settings(const struct ptv_fuzz_case *c, struct ptv_string *text)
{
	const struct ptv_plan *plan = &c->plan;
	const struct ptv_param_row *row;
	const char *comma = "";
	char word[PTV_FUZZ_WORD];
	size_t count;
	uint8_t i, n;

	row = ptv_timing_rows(&count);
	for (i = 0; i < plan->timings; i++) {
		/* The last setting of a latency counts. */
		for (n = (uint8_t)(i + 1U);
		     n < plan->timings && plan->timing[n].row != plan->timing[i].row; n++)
			;
		if (n < plan->timings)
			continue;
		ptv_string_add(text, "%s%s: %" PRIu64, *comma ? comma : "timing: {",
			       row[plan->timing[i].row].name, ptv_fuzz_timing(&plan->timing[i]));
		comma = ", ";
	}
	ptv_string_add(text, "%s", *comma ? "}\n" : "");
	comma = "";
	row = ptv_switch_rows(&count);
	for (i = 0; i < plan->switches; i++) {
		for (n = (uint8_t)(i + 1U);
		     n < plan->switches && plan->sw[n].row != plan->sw[i].row; n++)
			;
		if (n < plan->switches)
			continue;
		ptv_fuzz_choice(&plan->sw[i], word);
		ptv_string_add(text, "%s%s: \"%s\"", *comma ? comma : "switches: {",
			       row[plan->sw[i].row].name, word);
		comma = ", ";
	}
	ptv_string_add(text, "%s", *comma ? "}\n" : "");
}

static void write_buffer(const struct ptv_event_cfg *cfg, struct ptv_string *text)
{
	uint8_t i;

	ptv_string_add(text, "{pages: %" PRIu32, cfg->aux_pages);
	if (cfg->watermark)
		ptv_string_add(text, ", watermark: %" PRIu64, cfg->watermark);
	if (cfg->earlier)
		ptv_string_add(text, ", earlier: %" PRIu32, cfg->earlier);
	for (i = 0; i < cfg->region_pages_count; i++)
		ptv_string_add(text, "%s%u", i ? ", " : ", fragmented: [", cfg->region_pages[i]);
	ptv_string_add(text, "%s}", i ? "]" : "");
}

static void write_events(const struct ptv_scenario *s, struct ptv_string *text)
{
	uint8_t i;

	ptv_string_add(text, "events:\n");
	for (i = 0; i < s->events; i++) {
		const struct ptv_event_cfg *cfg = &s->event[i];

		ptv_string_add(text, "  - {context: %s, mode: %s",
			       cfg->context == PTV_CONTEXT_CPU ? "cpu" : "task",
			       cfg->mode == PTV_AUX_FULL ? "full" : "snapshot");
		if (cfg->lp)
			ptv_string_add(text, ", lp: %u", cfg->lp);
		if (cfg->exclude_kernel || cfg->exclude_user)
			ptv_string_add(text, ", exclude: %s",
				       cfg->exclude_kernel ? "kernel" : "user");
		if (cfg->attr_config)
			ptv_string_add(
				text, ", config: [%s%s%s]",
				cfg->attr_config & PTV_CTL_TSC_EN ? "TSCEn" : "",
				cfg->attr_config == (PTV_CTL_TSC_EN | PTV_CTL_DIS_RETC) ? ", " : "",
				cfg->attr_config & PTV_CTL_DIS_RETC ? "DisRETC" : "");
		ptv_string_add(text, ", buffer: ");
		write_buffer(cfg, text);
		ptv_string_add(text, "}\n");
	}
}

static void write_machine(const struct ptv_fuzz_case *c, struct ptv_string *text)
{
	const struct ptv_scenario *s = &c->scenario;
	struct ptv_work_cfg work;

	ptv_string_add(text, "machine: %s\n", s->machine->name);
	if (s->lps > 1U)
		ptv_string_add(text, "lps: %u\n", s->lps);
	write_settings(c, text);
	write_events(s, text);
	if (s->consumer == PTV_CONSUMER_MANUAL)
		ptv_string_add(text, "consumer: manual\n");
	ptv_work_default(&work);
	if (memcmp(&work, &s->work, sizeof(work)) != 0)
		ptv_string_add(text,
			       "workload: {cycles_per_branch: %" PRIu32 ", kernel_percent: %" PRIu32
			       ", indirect_percent: %" PRIu32 ", far_percent: %" PRIu32
			       ", seed: %" PRIu64 "}\n",
			       s->work.cycles_per_branch, s->work.kernel_percent,
			       s->work.indirect_percent, s->work.far_percent, s->work.seed);
}

static void write_argument(const struct ptv_entry *entry, struct ptv_string *text)
{
	const uint64_t n = entry->arg[0].from, to = entry->arg[1].from;

	switch (entry->stimulus.kind) {
	case PTV_STIM_PROGRESS:
		if (to != PTV_PROGRESS_BRANCHES)
			ptv_string_add(text, ", to: %s", goals[to]);
		else
			ptv_string_add(text, ", branches: %" PRIu64, n);
		break;
	case PTV_STIM_VCPU_RUN:
		ptv_string_add(text, ", branches: %" PRIu64, n);
		break;
	case PTV_STIM_IDLE:
		ptv_string_add(text, ", cycles: %" PRIu64, n);
		break;
	case PTV_STIM_CONSUMER_READ:
		if (n)
			ptv_string_add(text, ", bytes: %" PRIu64, n);
		break;
	default:
		break;
	}
}

static void write_timeline(const struct ptv_scenario *s, struct ptv_string *text)
{
	size_t i;

	ptv_string_add(text, "timeline:\n");
	for (i = 0; i < s->entries; i++) {
		const struct ptv_entry *entry = &s->timeline[i];

		ptv_string_add(text, "  - {");
		if (entry->has_at)
			ptv_string_add(text, "at: %" PRIu64 ", ", entry->at.from);
		ptv_string_add(text, "do: %s", ptv_stimulus_rows()[entry->stimulus.kind].name);
		write_argument(entry, text);
		if (entry->stimulus.lp)
			ptv_string_add(text, ", lp: %u", entry->stimulus.lp);
		if (entry->stimulus.event)
			ptv_string_add(text, ", event: %u", entry->stimulus.event);
		if (entry->deliveries) {
			const struct ptv_delivery *d = entry->deliver;

			ptv_string_add(text, ", deliver: [{%s: {%s: \"%s", vectors[d->vector],
				       d->side == PTV_BEFORE ? "before" : "after", d->label);
			if (d->occurrence > 1U)
				ptv_string_add(text, "#%" PRIu32, d->occurrence);
			ptv_string_add(text, "\"}}]");
		}
		ptv_string_add(text, "}\n");
	}
}

void ptv_fuzz_write(const struct ptv_fuzz_case *c, const struct ptv_policy *policy,
		    const struct ptv_fuzz_told *told, const char *token, struct ptv_string *text)
{
	const struct ptv_fuzz_sign *sign = &told->sign;
	const bool violated = sign->kind == PTV_FUZZ_VIOLATION || sign->kind == PTV_FUZZ_LIVELOCK;
	struct ptv_string because = {0};

	ptv_string_add(text, "# yaml-language-server: $schema=../../docs/scenario.schema.json\n");
	write_question(sign, text);
	ptv_string_add(text, "source: \"ptvmx replay %s\"\n", token);
	write_machine(c, text);
	write_timeline(&c->scenario, text);
	if (!violated || !policy->has_row || policy->varied)
		return;
	ptv_fuzz_sign_text(sign, "found by ptvmx fuzz:", &because);
	ptv_string_add(text, "expect:\n  %s: {%s: never, because: \"%s\"}\n", policy->name,
		       ptv_check_rows()[check_of(sign)].id, ptv_string(&because));
	ptv_string_free(&because);
}

void ptv_fuzz_write_stimuli(const struct ptv_fuzz_case *c, const char *separator, size_t limit,
			    struct ptv_string *text)
{
	size_t i;

	for (i = 0; i < c->scenario.entries && i < limit; i++) {
		const struct ptv_entry *entry = &c->scenario.timeline[i];
		const uint64_t to = entry->arg[1].from;

		ptv_string_add(text, "%s", i ? separator : "");
		if (entry->stimulus.kind == PTV_STIM_PROGRESS && to != PTV_PROGRESS_BRANCHES)
			ptv_string_add(text, "%s%s", to == PTV_PROGRESS_PAST_INT ? "" : "to_",
				       goals[to]);
		else
			ptv_string_add(text, "%s", ptv_stimulus_rows()[entry->stimulus.kind].name);
		if (entry->deliveries && limit == SIZE_MAX)
			ptv_string_add(text, " (%s %s %s#%" PRIu32 ")",
				       vectors[entry->deliver->vector],
				       entry->deliver->side == PTV_BEFORE ? "before" : "after",
				       entry->deliver->label, entry->deliver->occurrence);
	}
}

void ptv_fuzz_write_name(const struct ptv_fuzz_case *c, const struct ptv_policy *policy,
			 const struct ptv_fuzz_sign *sign, struct ptv_string *name)
{
	const char *slash = strrchr(policy->name, '/');
	struct ptv_string what = {0}, plain = {0};
	const char *at;

	ptv_fuzz_sign_text(sign, slash ? slash + 1 : policy->name, &what);
	for (at = ptv_string(&what); *at; at++)
		ptv_string_add(&plain, "%c",
			       isalnum((unsigned char)*at) || *at == '_'
				       ? tolower((unsigned char)*at)
				       : '-');
	if (c->scenario.entries == 0U)
		ptv_string_add(name, "nothing");
	ptv_fuzz_write_stimuli(c, "-", NAME_STIMULI, name);
	ptv_string_add(name, "+%s.yaml", ptv_string(&plain));
	ptv_string_free(&what);
	ptv_string_free(&plain);
}
