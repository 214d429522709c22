/* SPDX-License-Identifier: MIT */
#include "play/choices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/text.h"

void ptv_steps_add(struct ptv_steps *steps, const struct ptv_stimulus *stimulus,
		   const struct ptv_entry *entry)
{
	steps->at = ptv_grow(steps->at, steps->count, &steps->room, sizeof(*steps->at));
	steps->at[steps->count].stimulus = *stimulus;
	steps->at[steps->count].entry = entry;
	steps->count++;
}

void ptv_steps_free(struct ptv_steps *steps)
{
	free(steps->at);
	memset(steps, 0, sizeof(*steps));
}

static uint64_t values_of(const struct ptv_range *range)
{
	if (range->to <= range->from)
		return 1;
	return (range->to - range->from) / (range->step ? range->step : 1U) + 1U;
}

static const struct ptv_range *range_of(const struct ptv_entry *entry, int arg)
{
	if (arg >= 0)
		return &entry->arg[arg];
	return entry->has_at ? &entry->at : NULL;
}

bool ptv_choice_get(const struct ptv_scenario *scenario, size_t n, struct ptv_choice *choice)
{
	size_t i;
	int arg;

	for (i = 0; i < scenario->entries; i++) {
		for (arg = -1; arg < 4; arg++) {
			const struct ptv_range *range = range_of(&scenario->timeline[i], arg);

			if (!range || values_of(range) == 1U || n-- > 0U)
				continue;
			choice->entry = &scenario->timeline[i];
			choice->arg = arg;
			choice->range = *range;
			choice->values = values_of(range);
			return true;
		}
	}
	return false;
}

uint64_t ptv_choice_count(const struct ptv_scenario *scenario)
{
	struct ptv_choice choice;
	uint64_t count = 1;
	size_t n;

	for (n = 0; ptv_choice_get(scenario, n, &choice); n++)
		count *= choice.values;
	return count;
}

uint64_t ptv_choice_value(const struct ptv_scenario *scenario, uint64_t assignment, size_t n)
{
	struct ptv_choice choice, later;
	size_t i;

	if (!ptv_choice_get(scenario, n, &choice))
		return 0;
	for (i = n + 1U; ptv_choice_get(scenario, i, &later); i++)
		assignment /= later.values;
	return choice.range.from + (assignment % choice.values) * choice.range.step;
}

void ptv_choice_steps(const struct ptv_scenario *scenario, uint64_t assignment,
		      struct ptv_steps *steps)
{
	size_t i, n = 0;
	int arg;

	steps->count = 0;
	for (i = 0; i < scenario->entries; i++) {
		const struct ptv_entry *entry = &scenario->timeline[i];
		struct ptv_stimulus stimulus = entry->stimulus;

		stimulus.at = PTV_AT_NEXT;
		for (arg = -1; arg < 4; arg++) {
			const struct ptv_range *range = range_of(entry, arg);
			uint64_t value;

			if (!range)
				continue;
			value = range->from;
			if (values_of(range) > 1U)
				value = ptv_choice_value(scenario, assignment, n++);
			*(arg < 0 ? &stimulus.at : &stimulus.arg[arg]) = value;
		}
		ptv_steps_add(steps, &stimulus, entry);
	}
}

int ptv_choice_find(const struct ptv_scenario *scenario, const uint64_t *values, size_t count,
		    uint64_t *assignment, struct ptv_diag *diag)
{
	struct ptv_choice choice;
	size_t n;

	*assignment = 0;
	for (n = 0; ptv_choice_get(scenario, n, &choice); n++) {
		const uint64_t step = choice.range.step ? choice.range.step : 1U;
		uint64_t index = 0;

		if (n < count) {
			index = (values[n] - choice.range.from) / step;
			if (values[n] < choice.range.from || index >= choice.values ||
			    choice.range.from + index * step != values[n])
				return ptv_diag(diag, scenario->file, choice.entry->mark.line,
						choice.entry->mark.column,
						"choice %zu is %" PRIu64 "..%" PRIu64
						" in steps of %" PRIu64 ", not %" PRIu64,
						n + 1U, choice.range.from, choice.range.to, step,
						values[n]);
		}
		*assignment = *assignment * choice.values + index;
	}
	if (n < count)
		return ptv_diag(diag, scenario->file, 0, 0, "%zu choices here, %zu given", n,
				count);
	return 0;
}
