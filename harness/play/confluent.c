/* SPDX-License-Identifier: MIT */
#include "play/confluent.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "play/text.h"

/* Where a member of the family begins to differ from the first assignment. */
struct change {
	uint32_t place; /* index of the step swapped with its successor, or before which a pair goes
			 */
	bool swap;
	struct ptv_stimulus pair[2];
};

static void make_pair(struct change *change, enum ptv_stimulus_kind first,
		      enum ptv_stimulus_kind second, unsigned int lp, unsigned int event)
{
	unsigned int i;

	memset(change->pair, 0, sizeof(change->pair));
	for (i = 0; i < 2U; i++) {
		change->pair[i].at = PTV_AT_NEXT;
		change->pair[i].kind = (uint8_t)(i ? second : first);
		change->pair[i].lp = (uint8_t)lp;
		change->pair[i].event = (uint8_t)event;
	}
}

/* The LP on which a task's event was last scheduled in before a place. */
static unsigned int lp_of_task(const struct ptv_steps *steps, uint32_t place, unsigned int event)
{
	unsigned int lp = 0;
	uint32_t i;

	for (i = 0; i < place && i < steps->count; i++) {
		const struct ptv_stimulus *s = &steps->at[i].stimulus;

		if (s->kind == PTV_STIM_SCHED_IN && s->event == event)
			lp = s->lp;
	}
	return lp;
}

/*
 * The n-th neutral pair: one for each LP, then one for each event: its task goes and comes, or its
 * CPU switches to another measured task and back. False past the last.
 */
static bool neutral_pair(const struct ptv_scenario *scenario, const struct ptv_steps *steps,
			 uint64_t n, struct change *change)
{
	unsigned int event;

	if (n < scenario->lps) {
		make_pair(change, PTV_STIM_VIRT_ON, PTV_STIM_VIRT_OFF, (unsigned int)n, 0);
		return true;
	}
	n -= scenario->lps;
	if (n >= scenario->events)
		return false;
	event = (unsigned int)n;
	if (scenario->event[event].context == PTV_CONTEXT_TASK)
		make_pair(change, PTV_STIM_SCHED_OUT, PTV_STIM_SCHED_IN,
			  lp_of_task(steps, change->place, event), event);
	else
		make_pair(change, PTV_STIM_SWITCH_TASK, PTV_STIM_SWITCH_TASK,
			  scenario->event[event].lp, event);
	return true;
}

static uint64_t pairs(const struct ptv_scenario *scenario)
{
	return (uint64_t)scenario->lps + scenario->events;
}

static void apply_swap(struct ptv_steps *steps, uint32_t place)
{
	struct ptv_step *a = &steps->at[place], *b = &steps->at[place + 1U];
	const struct ptv_step first = *a;
	const uint64_t at = b->stimulus.at;

	*a = *b;
	a->stimulus.at = first.stimulus.at;
	*b = first;
	b->stimulus.at = at;
}

static void apply_pair(struct ptv_steps *steps, const struct change *change)
{
	const size_t tail = steps->count - change->place;
	size_t i;

	ptv_steps_add(steps, &change->pair[0], NULL);
	ptv_steps_add(steps, &change->pair[1], NULL);
	memmove(&steps->at[change->place + 2U], &steps->at[change->place],
		tail * sizeof(*steps->at));
	for (i = 0; i < 2U; i++) {
		steps->at[change->place + i].stimulus = change->pair[i];
		steps->at[change->place + i].entry = NULL;
	}
}

bool ptv_confluent_steps(const struct ptv_scenario *scenario, uint64_t variant,
			 struct ptv_steps *steps)
{
	const uint64_t choices = ptv_choice_count(scenario);
	struct change change = {0};
	size_t moving;

	ptv_choice_steps(scenario, variant < choices ? variant : 0, steps);
	if (variant < choices)
		return true;
	variant -= choices;
	moving = steps->count;
	while (moving > 0U && steps->at[moving - 1U].stimulus.kind == PTV_STIM_END)
		moving--;
	if (moving > 1U && variant < moving - 1U) {
		apply_swap(steps, (uint32_t)variant);
		return true;
	}
	variant -= moving > 1U ? moving - 1U : 0U;
	if (variant >= (moving + 1U) * pairs(scenario))
		return false;
	change.place = (uint32_t)(variant / pairs(scenario));
	if (!neutral_pair(scenario, steps, variant % pairs(scenario), &change))
		return false;
	apply_pair(steps, &change);
	return true;
}

uint64_t ptv_steps_hash(const struct ptv_steps *steps, size_t count)
{
	uint64_t hash = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct ptv_stimulus *s = &steps->at[i].stimulus;
		const uint64_t words[] = {
			s->at,	   s->arg[0],
			s->arg[1], s->arg[2],
			s->arg[3], (uint64_t)s->kind << 16 | (uint64_t)s->lp << 8 | s->event};

		hash = XXH64(words, sizeof(words), hash);
	}
	return hash;
}

static bool is_less(const struct ptv_prefix *a, const struct ptv_prefix *b)
{
	return a->steps != b->steps ? a->steps < b->steps : a->variant < b->variant;
}

static void take(struct ptv_confluent *confluent, unsigned int event,
		 const struct ptv_situation *situation, const struct ptv_prefix *prefix)
{
	struct ptv_seen *same = NULL;
	bool again = false;
	size_t i;

	for (i = 0; i < confluent->count; i++) {
		struct ptv_seen *seen = &confluent->seen[i];

		if (seen->event != event || seen->situation.e != situation->e)
			continue;
		if (seen->least.hash != prefix->hash)
			again = seen->again = true;
		if (seen->situation.o == situation->o)
			same = seen;
	}
	if (!same) {
		confluent->seen = ptv_grow(confluent->seen, confluent->count, &confluent->room,
					   sizeof(*confluent->seen));
		same = &confluent->seen[confluent->count++];
		same->event = event;
		same->situation = *situation;
		same->least = *prefix;
		same->again = again;
	} else if (is_less(prefix, &same->least)) {
		same->least = *prefix;
	}
}

void ptv_confluent_take(struct ptv_confluent *confluent, const struct ptv_checks *checks,
			unsigned int events, const struct ptv_prefix *prefix)
{
	struct ptv_situation situation;
	unsigned int event;

	for (event = 0; event < events; event++) {
		if (ptv_checks_situation(checks, event, &situation))
			take(confluent, event, &situation, prefix);
	}
}

/* A situation of the run that is being played. */
struct met {
	unsigned int event;
	struct ptv_situation situation;
	struct ptv_prefix prefix;
};

/* Collects the situations of one run; they count only if the run made sense to its end. */
struct collector {
	const struct ptv_steps *steps;
	unsigned int events;
	uint64_t variant;
	struct met *met;
	size_t count, room;
};

static void settled(void *ctx, uint32_t index, const struct ptv_checks *checks)
{
	struct collector *c = ctx;
	unsigned int event;

	for (event = 0; event < c->events; event++) {
		struct met *met;

		c->met = ptv_grow(c->met, c->count, &c->room, sizeof(*met));
		met = &c->met[c->count];
		if (!ptv_checks_situation(checks, event, &met->situation))
			continue;
		met->event = event;
		met->prefix.variant = c->variant;
		met->prefix.steps = index + 1U;
		met->prefix.hash = ptv_steps_hash(c->steps, index + 1U);
		c->count++;
	}
}

static bool has_deliveries(const struct ptv_steps *steps)
{
	size_t i;

	for (i = 0; i < steps->count; i++) {
		if (steps->at[i].entry && steps->at[i].entry->deliveries)
			return true;
	}
	return false;
}

/* Whether a varied run in which interrupts are placed makes sense when they go by the clock. */
static bool makes_sense(struct ptv_play *play, const struct ptv_steps *steps)
{
	struct ptv_env env = play->env;
	size_t i;

	memset(&env.sink, 0, sizeof(env.sink));
	memset(&env.player, 0, sizeof(env.player));
	if (ptv_world_init(play->world, &env))
		return false;
	for (i = 0; i < steps->count; i++) {
		const struct ptv_apply_result result =
			ptv_world_apply(play->world, &env, &steps->at[i].stimulus, (uint32_t)i);

		if (result.apply == PTV_APPLY_MEANINGLESS)
			return false;
	}
	return true;
}

/* Plays a member of the family; false, and nothing of it counts, if it makes no sense. */
static bool play_member(struct ptv_confluent *confluent, struct ptv_play *play,
			struct collector *collector, struct ptv_run *run)
{
	size_t i;

	if (has_deliveries(collector->steps) && !makes_sense(play, collector->steps))
		return false;
	collector->count = 0;
	ptv_play_run(play, collector->steps, run);
	if (!has_deliveries(collector->steps) && (run->meaningless || run->open_error))
		return false;
	for (i = 0; i < collector->count; i++) {
		const struct met *met = &collector->met[i];

		take(confluent, met->event, &met->situation, &met->prefix);
	}
	return true;
}

static void sum_up(struct ptv_confluent *confluent)
{
	const struct ptv_seen *seen = confluent->seen;
	size_t i, j;
	bool found = false;

	for (i = 0; i < confluent->count; i++) {
		bool first = true, other = false;

		for (j = 0; j < confluent->count; j++) {
			if (j == i || seen[j].event != seen[i].event ||
			    seen[j].situation.e != seen[i].situation.e)
				continue;
			first = first && i < j;
			other = true;
			if (i > j)
				continue;
			if (!found || is_less(&seen[j].least, &seen[confluent->first[1]].least)) {
				confluent->first[0] = i;
				confluent->first[1] = j;
				found = true;
			}
		}
		confluent->equal += first && (seen[i].again || other) ? 1U : 0U;
		confluent->unequal += first && other ? 1U : 0U;
	}
}

void ptv_confluent_play(struct ptv_confluent *confluent, struct ptv_play *play)
{
	const struct ptv_onlooker *before = play->onlooker;
	struct ptv_run *run = ptv_alloc(1, sizeof(*run));
	struct ptv_steps steps = {0};
	struct collector collector = {
		&steps, play->env.events, ptv_choice_count(play->scenario), NULL, 0, 0};
	const struct ptv_onlooker onlooker = {&collector, NULL, NULL, settled, NULL};

	play->onlooker = &onlooker;
	for (; ptv_confluent_steps(play->scenario, collector.variant, &steps);
	     collector.variant++) {
		if (play_member(confluent, play, &collector, run))
			confluent->runs++;
		else
			confluent->discarded++;
	}
	play->onlooker = before;
	sum_up(confluent);
	ptv_steps_free(&steps);
	free(collector.met);
	free(run);
}

void ptv_confluent_free(struct ptv_confluent *confluent)
{
	free(confluent->seen);
	memset(confluent, 0, sizeof(*confluent));
}
