/* SPDX-License-Identifier: MIT */
#include "show/report/words.h"

#include <inttypes.h>
#include <string.h>

static const char *const ints[PTV_INTS] = {"none", "nmi", "irq", "ipi"};
static const char *const goals[] = {"branches", "int", "stop", "past_int"};

/* Name of the n-th argument of a stimulus: false if it has none. */
static bool arg_name(unsigned int kind, int n, char name[32])
{
	const char *list = ptv_stimulus_rows()[kind].args;
	size_t size;

	if (strcmp(list, "-") == 0)
		return false;
	for (; n > 0; n--) {
		list = strchr(list, ' ');
		if (!list)
			return false;
		list++;
	}
	size = strcspn(list, " ?");
	if (size > 31U)
		size = 31U;
	memcpy(name, list, size);
	name[size] = '\0';
	return true;
}

static bool is_optional(unsigned int kind, int n)
{
	const char *list = ptv_stimulus_rows()[kind].args;

	for (; n > 0 && list; n--) {
		list = strchr(list, ' ');
		list = list ? list + 1 : NULL;
	}
	return list && list[strcspn(list, " ?")] == '?';
}

static void add_number(struct ptv_string *text, const char *name, uint64_t value)
{
	static const char *const hex[] = {"msr", "value", "address", "field", "vmcs", "controls"};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(hex); i++) {
		if (strcmp(hex[i], name) == 0) {
			ptv_string_add(text, "0x%" PRIx64, value);
			return;
		}
	}
	ptv_string_add(text, "%" PRIu64, value);
}

static void add_range(struct ptv_string *text, const char *name, const struct ptv_range *range)
{
	add_number(text, name, range->from);
	if (range->to <= range->from)
		return;
	ptv_string_add(text, "..");
	add_number(text, name, range->to);
	if (range->step > 1U)
		ptv_string_add(text, " in steps of %" PRIu64, range->step);
}

/* Arguments that say something: an optional one that is 0 is left out. */
static void add_args(struct ptv_string *text, unsigned int kind, const struct ptv_range range[4])
{
	char name[32];
	int n;

	for (n = 0; n < 4 && arg_name(kind, n, name); n++) {
		if (is_optional(kind, n) && range[n].from == 0U && range[n].to == 0U)
			continue;
		if (strcmp(name, "to") == 0) {
			ptv_string_add(text, " to=%s",
				       range[n].from < 4U ? goals[range[n].from] : "?");
			continue;
		}
		ptv_string_add(text, " %s=", name);
		add_range(text, name, &range[n]);
	}
}

void ptv_words_steps(struct ptv_string *text, const struct ptv_steps *steps, size_t count)
{
	size_t i;
	int n;

	for (i = 0; i < count && i < steps->count; i++) {
		const struct ptv_stimulus *s = &steps->at[i].stimulus;
		struct ptv_range range[4];

		for (n = 0; n < 4; n++)
			range[n] = (struct ptv_range){s->arg[n], s->arg[n], 1};
		ptv_string_add(text, "%s%s", i ? "; " : "", ptv_stimulus_rows()[s->kind].name);
		add_args(text, s->kind, range);
	}
}

void ptv_words_entry(struct ptv_string *text, const struct ptv_scenario *scenario,
		     const struct ptv_entry *entry)
{
	size_t i;

	if (entry->has_at) {
		add_range(text, "at", &entry->at);
		ptv_string_add(text, ": ");
	} else {
		ptv_string_add(text, "then: ");
	}
	ptv_string_add(text, "%s", ptv_stimulus_rows()[entry->stimulus.kind].name);
	if (scenario->lps > 1U)
		ptv_string_add(text, " on LP %u", entry->stimulus.lp);
	if (scenario->events > 1U)
		ptv_string_add(text, " of event %u", entry->stimulus.event);
	add_args(text, entry->stimulus.kind, entry->arg);
	for (i = 0; i < entry->deliveries; i++) {
		const struct ptv_delivery *d = &entry->deliver[i];

		ptv_string_add(text, ", %s %s %s", ints[d->vector],
			       d->side == PTV_BEFORE ? "before" : "after", d->label);
		if (d->occurrence > 1U)
			ptv_string_add(text, "#%u", d->occurrence);
	}
}

void ptv_words_choices(struct ptv_string *text, const struct ptv_scenario *scenario,
		       uint64_t assignment)
{
	struct ptv_choice choice;
	char name[32];
	size_t n;

	for (n = 0; ptv_choice_get(scenario, n, &choice); n++) {
		const unsigned int kind = choice.entry->stimulus.kind;

		ptv_string_add(text, "%s%s ", n ? ", " : "", ptv_stimulus_rows()[kind].name);
		if (choice.arg < 0 || !arg_name(kind, choice.arg, name))
			ptv_string_add(text, "at=");
		else
			ptv_string_add(text, "%s=", name);
		ptv_string_add(text, "%" PRIu64, ptv_choice_value(scenario, assignment, n));
	}
}
