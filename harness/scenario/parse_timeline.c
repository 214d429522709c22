/* SPDX-License-Identifier: MIT */
/* The timeline: stimuli with their arguments, their times, and the interrupts placed inside them.
 */
#include <inttypes.h>
#include <string.h>

#include "play/text.h"
#include "ptv/hw.h"
#include "ptv/msr.h"
#include "ptv/stimulus.h"
#include "scenario/parse.h"
#include "scenario/register.h"

/* An entry in the making. */
struct entry {
	const struct ptv_scenario *scenario;
	struct ptv_entry *entry;
};

/* --- Stimuli --- */

/* The i-th stimulus of a layer. */
static const char *stimulus_at(const void *list, size_t i)
{
	const enum ptv_layer *layer = list;
	const struct ptv_stimulus_row *rows = ptv_stimulus_rows();

	for (size_t kind = 0; kind < PTV_STIMULI; kind++)
		if (((unsigned int)rows[kind].layer & (unsigned int)*layer) != 0 && i-- == 0)
			return rows[kind].name;
	return NULL;
}

static int read_do(struct ptv_reader *r, const struct ptv_yaml *value, const struct ptv_scenario *s,
		   uint8_t *kind)
{
	static const enum ptv_layer kernel = PTV_LAYER_KERNEL, alone = PTV_LAYER_HW;
	const enum ptv_layer layer = s->hw_alone ? alone : kernel;
	const struct ptv_words words = {stimulus_at, s->hw_alone ? &alone : &kernel};
	int found;

	if (value->kind != PTV_YAML_SCALAR)
		return ptv_read_refuse(r, value, ptv_yaml_kind_name(value), words);
	found = ptv_stimulus_find(value->text);
	if (found < 0)
		return ptv_read_unknown(r, value, "stimulus", words);
	if (((unsigned int)ptv_stimulus_rows()[found].layer & (unsigned int)layer) == 0)
		return ptv_read_refuse(r, value,
				       s->hw_alone
					       ? "this belongs to timelines without policy: none"
					       : "this belongs to timelines with policy: none",
				       words);
	*kind = (uint8_t)found;
	return 0;
}

/* --- Arguments --- */

typedef int argument_fn(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
			struct ptv_range *arg);

static int read_branches(struct ptv_reader *r, const struct ptv_yaml *value,
			 struct ptv_entry *entry, struct ptv_range *arg)
{
	(void)entry;
	return ptv_read_range(r, value, (struct ptv_limits){1, PTV_BRANCHES_MAX, NULL}, arg);
}

static int read_to(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		   struct ptv_range *arg)
{
	static const char *const words[] = {"int", "stop", "past_int", NULL};
	static const enum ptv_progress to[] = {PTV_PROGRESS_TO_INT, PTV_PROGRESS_TO_STOP,
					       PTV_PROGRESS_PAST_INT};
	size_t found;

	(void)entry;
	if (ptv_read_word(r, value, "goal", (struct ptv_words){ptv_words_array, words}, &found) !=
	    0)
		return -1;
	*arg = (struct ptv_range){to[found], to[found], 1};
	return 0;
}

static int read_bytes(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		      struct ptv_range *arg)
{
	(void)entry;
	return ptv_read_range(r, value, (struct ptv_limits){1, UINT32_MAX, NULL}, arg);
}

static int read_cycles(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		       struct ptv_range *arg)
{
	(void)entry;
	return ptv_read_range(r, value, (struct ptv_limits){1, PTV_CYCLE_MAX, NULL}, arg);
}

static int read_msr(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		    struct ptv_range *arg)
{
	uint32_t msr = 0;

	(void)entry;
	if (ptv_read_msr(r, value, &msr) != 0)
		return -1;
	*arg = (struct ptv_range){msr, msr, 1};
	return 0;
}

/* What WRMSR or a store writes. */
static int read_value(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		      struct ptv_range *arg)
{
	if (entry->stimulus.kind == PTV_STIM_WRMSR)
		return ptv_read_msr_value(r, value, (uint32_t)entry->arg[0].from, arg);
	return ptv_read_range(r, value, (struct ptv_limits){0, UINT64_MAX, NULL}, arg);
}

static int read_number(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		       struct ptv_range *arg)
{
	(void)entry;
	return ptv_read_range(r, value, (struct ptv_limits){0, UINT64_MAX, NULL}, arg);
}

static int read_fail(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		     struct ptv_range *arg)
{
	(void)entry;
	return ptv_read_range(r, value, (struct ptv_limits){0, 1, NULL}, arg);
}

/* Bits of PTV_VMC_*. */
static int read_controls(struct ptv_reader *r, const struct ptv_yaml *value,
			 struct ptv_entry *entry, struct ptv_range *arg)
{
	static const char *const words[] = {"conceal_exec", "conceal_exit", "conceal_entry",
					    "clear_rtit",   "load_rtit",    NULL};
	uint64_t bits = 0;
	size_t found;

	(void)entry;
	if (ptv_read_is(r, value, PTV_YAML_LIST, "a list of VMX controls") != 0)
		return -1;
	for (const struct ptv_yaml *v = value->child; v != NULL; v = v->next) {
		if (ptv_read_word(r, v, "control", (struct ptv_words){ptv_words_array, words},
				  &found) != 0)
			return -1;
		bits |= PTV_BIT(found);
	}
	*arg = (struct ptv_range){bits, bits, 1};
	return 0;
}

/* Guest IA32_RTIT_CTL. */
static int read_field(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
		      struct ptv_range *arg)
{
	(void)entry;
	return ptv_read_msr_value(r, value, PTV_MSR_RTIT_CTL, arg);
}

static int read_address(struct ptv_reader *r, const struct ptv_yaml *value, struct ptv_entry *entry,
			struct ptv_range *arg)
{
	(void)entry;
	if (ptv_read_range(r, value, (struct ptv_limits){0, UINT64_MAX, NULL}, arg) != 0)
		return -1;
	if ((arg->from & 7U) != 0 || (arg->from != arg->to && (arg->step & 7U) != 0))
		return ptv_read_fault(r, value, "not aligned; accepted: multiples of 8");
	return 0;
}

static const struct argument {
	const char *name;
	argument_fn *read;
} arguments[] = {
	{"branches", read_branches}, {"to", read_to},		{"bytes", read_bytes},
	{"cycles", read_cycles},     {"msr", read_msr},		{"value", read_value},
	{"fail", read_fail},	     {"vmcs", read_number},	{"controls", read_controls},
	{"field", read_field},	     {"address", read_address},
};

/* --- Entry keys that every stimulus has --- */

static int read_at(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct entry *e = into;

	e->entry->has_at = true;
	return ptv_read_range(r, value, (struct ptv_limits){0, PTV_CYCLE_MAX, NULL}, &e->entry->at);
}

static int read_lp(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct entry *e = into;

	return ptv_read_u8(r, value, (struct ptv_limits){0, e->scenario->lps - 1U, "below lps"},
			   &e->entry->stimulus.lp);
}

static int read_event(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct entry *e = into;

	return ptv_read_u8(r, value,
			   (struct ptv_limits){0, e->scenario->events - 1U, "number of an event"},
			   &e->entry->stimulus.event);
}

/* --- Deliveries --- */

#define LABEL "function.r|w|op.name, #n behind it for the n-th time"

/* "notify.w.vmx_on#2" into label and occurrence. */
static bool split_label(const char *text, struct ptv_delivery *d)
{
	static const char word[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const size_t fn = strspn(text, word);
	const char *how = text + fn + 1;
	size_t size;

	if (fn == 0 || text[fn] != '.')
		return false;
	size = strncmp(how, "op.", 3) == 0				  ? 3
	       : strncmp(how, "r.", 2) == 0 || strncmp(how, "w.", 2) == 0 ? 2
									  : 0;
	if (size == 0 || strspn(how + size, word) == 0)
		return false;
	for (how += size - 1U; *how == '.' && strspn(how + 1, word) > 0;)
		how += 1U + strspn(how + 1, word);
	d->occurrence = 1;
	if (*how == '#') {
		const char *n = how + 1;

		if (n[0] < '1' || n[0] > '9' || strlen(n) > 6 || n[strspn(n, "0123456789")] != '\0')
			return false;
		for (d->occurrence = 0; *n != '\0'; n++)
			d->occurrence = d->occurrence * 10U + (uint32_t)(*n - '0');
	} else if (*how != '\0') {
		return false;
	}
	d->label = strndup(text, (size_t)(how - text));
	PTV_ASSERT(d->label != NULL);
	return true;
}

static int read_label(struct ptv_reader *r, const struct ptv_yaml *value, enum ptv_side side,
		      struct ptv_delivery *d)
{
	if (ptv_read_is(r, value, PTV_YAML_SCALAR, LABEL) != 0)
		return -1;
	if (d->label != NULL)
		return ptv_read_fault(r, value, "a second place; accepted: before or after");
	if (!split_label(value->text, d))
		return ptv_read_fault(r, value, "\"%s\" is not a label; accepted: " LABEL,
				      ptv_show(value->text).text);
	d->side = side;
	return 0;
}

static int read_before(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	return read_label(r, value, PTV_BEFORE, into);
}

static int read_after(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	return read_label(r, value, PTV_AFTER, into);
}

/* {nmi: {after: "notify.w.vmx_on"}} */
static int read_delivery(struct ptv_reader *r, const struct ptv_yaml *item, struct ptv_delivery *d)
{
	static const char *const words[] = {"nmi", "irq", "ipi", NULL};
	static const enum ptv_int vectors[] = {PTV_INT_NMI, PTV_INT_IRQ, PTV_INT_IPI};
	static const struct ptv_words names = {ptv_words_array, words};
	static const struct ptv_key key[] = {{"before", false, read_before},
					     {"after", false, read_after}};
	static const struct ptv_keys keys = {"a delivery", key, PTV_ARRAY_SIZE(key)};
	int found;

	if (ptv_read_is(r, item, PTV_YAML_MAP, "{nmi: {after: label}}") != 0)
		return -1;
	if (item->children != 1)
		return ptv_read_fault(r, item,
				      "%zu interrupts; accepted: one in each item, {nmi: "
				      "{after: label}}",
				      item->children);
	found = ptv_words_find(names, item->child->key->text);
	if (found < 0)
		return ptv_read_unknown(r, item->child->key, "interrupt", names);
	d->vector = vectors[found];
	d->mark = item->child->mark;
	if (ptv_read_map(r, item->child, &keys, d) != 0)
		return -1;
	if (d->label == NULL)
		return ptv_read_fault(r, item->child,
				      "no place; accepted: {after: label} or "
				      "{before: label}");
	return 0;
}

static int read_deliver(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct entry *e = into;

	if (ptv_read_is(r, value, PTV_YAML_LIST, "a list, [{nmi: {after: label}}]") != 0)
		return -1;
	if (value->children > PTV_DELIVER_MAX)
		return ptv_read_fault(r, value, "%zu interrupts; accepted: 1..%u (PTV_DELIVER_MAX)",
				      value->children, PTV_DELIVER_MAX);
	e->entry->deliver = ptv_alloc(value->children, sizeof(*e->entry->deliver));
	for (const struct ptv_yaml *v = value->child; v != NULL; v = v->next)
		if (read_delivery(r, v, &e->entry->deliver[e->entry->deliveries++]) != 0)
			return -1;
	return 0;
}

/* --- Entries --- */

static int read_expect(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct entry *e = into;

	return ptv_parse_expect_hw(r, value, e->entry);
}

/* Is read first, by read_do(). */
static int read_nothing(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	(void)r;
	(void)value;
	(void)into;
	return 0;
}

#define KEYS_MAX 12U

/* The keys that an entry with this stimulus may have: those of all, and its arguments. */
struct entry_keys {
	struct ptv_key key[KEYS_MAX];
	struct ptv_keys keys;
	const struct argument *argument[4];
	bool required[4];
	size_t arguments;
};

static const struct argument *find_argument(const char *name, size_t size)
{
	for (size_t i = 0; i < PTV_ARRAY_SIZE(arguments); i++)
		if (strlen(arguments[i].name) == size &&
		    strncmp(arguments[i].name, name, size) == 0)
			return &arguments[i];
	return NULL;
}

static void find_arguments(const struct ptv_stimulus_row *row, struct entry_keys *k)
{
	const char *at = row->args;

	while (*at != '\0' && *at != '-') {
		const size_t size = strcspn(at, "? ");
		const size_t i = k->arguments++;

		PTV_ASSERT(i < PTV_ARRAY_SIZE(k->argument));
		k->argument[i] = find_argument(at, size);
		PTV_ASSERT(k->argument[i] != NULL);
		k->required[i] = at[size] != '?';
		at += size;
		at += strspn(at, "? ");
	}
}

static void make_keys(const struct ptv_scenario *s, const struct ptv_stimulus_row *row,
		      struct entry_keys *k)
{
	static const struct ptv_key kernel[] = {{"at", false, read_at},
						{"do", true, read_nothing},
						{"lp", false, read_lp},
						{"event", false, read_event},
						{"deliver", false, read_deliver}};
	static const struct ptv_key alone[] = {{"at", false, read_at},
					       {"do", true, read_nothing},
					       {"lp", false, read_lp},
					       {"expect", false, read_expect}};
	size_t count = s->hw_alone ? PTV_ARRAY_SIZE(alone) : PTV_ARRAY_SIZE(kernel);

	memset(k, 0, sizeof(*k));
	find_arguments(row, k);
	memcpy(k->key, s->hw_alone ? alone : kernel, count * sizeof(*k->key));
	for (size_t i = 0; i < k->arguments; i++)
		k->key[count++] =
			(struct ptv_key){k->argument[i]->name, k->required[i], read_nothing};
	PTV_ASSERT(count <= KEYS_MAX);
	k->keys = (struct ptv_keys){row->name, k->key, count};
}

static int read_arguments(struct ptv_reader *r, const struct ptv_yaml *node,
			  const struct entry_keys *k, struct ptv_entry *entry)
{
	for (size_t i = 0; i < k->arguments; i++) {
		const struct ptv_yaml *value = ptv_yaml_get(node, k->argument[i]->name);

		if (value != NULL && k->argument[i]->read(r, value, entry, &entry->arg[i]) != 0)
			return -1;
	}
	return 0;
}

/* The workload runs so many branches, or up to something. */
static int check_progress(struct ptv_reader *r, const struct ptv_yaml *node,
			  const struct ptv_entry *entry)
{
	const bool branches = ptv_yaml_get(node, "branches") != NULL;
	const bool to = ptv_yaml_get(node, "to") != NULL;

	if (entry->stimulus.kind != PTV_STIM_PROGRESS && entry->stimulus.kind != PTV_STIM_RETIRE)
		return 0;
	if (branches != to)
		return 0;
	return ptv_read_fault(r, node,
			      "%s has %s; accepted: branches: N, or to: int, stop, past_int",
			      ptv_stimulus_rows()[entry->stimulus.kind].name,
			      to ? "branches and to" : "no end");
}

static int read_entry(struct ptv_reader *r, const struct ptv_yaml *node,
		      const struct ptv_scenario *s, struct ptv_entry *entry)
{
	struct entry e = {s, entry};
	const struct ptv_yaml *what;
	struct entry_keys k;

	entry->mark = node->mark;
	entry->stimulus.at = PTV_AT_NEXT;
	entry->at.step = 1;
	for (size_t i = 0; i < PTV_ARRAY_SIZE(entry->arg); i++)
		entry->arg[i].step = 1;
	if (ptv_read_is(r, node, PTV_YAML_MAP, "{at: cycle, do: stimulus, ...}") != 0)
		return -1;
	what = ptv_yaml_get(node, "do");
	if (what == NULL)
		return ptv_read_fault(r, node, "nothing is done; accepted: do: stimulus");
	if (read_do(r, what, s, &entry->stimulus.kind) != 0)
		return -1;
	make_keys(s, &ptv_stimulus_rows()[entry->stimulus.kind], &k);
	if (ptv_read_keys(r, node, &k.keys) != 0 || read_arguments(r, node, &k, entry) != 0)
		return -1;
	if (check_progress(r, node, entry) != 0)
		return -1;
	return ptv_read_map(r, node, &k.keys, &e);
}

/* --- The timeline --- */

/* Times do not go back: each is compared with the earliest that the one before may have. */
static int check_time(struct ptv_reader *r, const struct ptv_yaml *node,
		      const struct ptv_entry *entry, const struct ptv_entry **before)
{
	const struct ptv_entry *b = *before;

	if (!entry->has_at)
		return 0;
	if (b != NULL && entry->at.from < b->at.from)
		return ptv_read_fault(r, ptv_yaml_get(node, "at"),
				      "cycle %" PRIu64 " is before cycle %" PRIu64
				      " of line %d; accepted: times in order",
				      entry->at.from, b->at.from, b->mark.line);
	*before = entry;
	return 0;
}

/* Table memory has room for so many words, each written address being one. */
static int check_words(struct ptv_reader *r, const struct ptv_yaml *node,
		       const struct ptv_scenario *s)
{
	const struct ptv_entry *last = &s->timeline[s->entries - 1U];
	size_t words = 0;

	if (last->stimulus.kind != PTV_STIM_MEM_WRITE)
		return 0;
	for (size_t i = 0; i < s->entries; i++) {
		size_t same = i + 1U;

		if (s->timeline[i].stimulus.kind != PTV_STIM_MEM_WRITE)
			continue;
		while (same < s->entries &&
		       (s->timeline[same].stimulus.kind != PTV_STIM_MEM_WRITE ||
			s->timeline[same].arg[0].from != s->timeline[i].arg[0].from))
			same++;
		words += same == s->entries ? 1U : 0U;
	}
	if (words <= PTV_MEM_WORDS)
		return 0;
	return ptv_read_fault(r, ptv_yaml_get(node, "address"),
			      "word %zu of table memory; accepted: %u (PTV_MEM_WORDS)", words,
			      PTV_MEM_WORDS);
}

static uint64_t times(uint64_t product, const struct ptv_range *range)
{
	const uint64_t count = ptv_range_count(range);

	return product > UINT64_MAX / count ? UINT64_MAX : product * count;
}

static int count_choices(struct ptv_reader *r, const struct ptv_yaml *timeline,
			 struct ptv_scenario *s)
{
	s->choices = 1;
	for (size_t i = 0; i < s->entries; i++) {
		s->choices = times(s->choices, &s->timeline[i].at);
		for (size_t n = 0; n < PTV_ARRAY_SIZE(s->timeline[i].arg); n++)
			s->choices = times(s->choices, &s->timeline[i].arg[n]);
	}
	if (s->choices <= s->choice_limit)
		return 0;
	return ptv_read_fault(r, timeline,
			      "%s%" PRIu64 " choices; accepted: 1..%" PRIu64
			      ", or choices: N in the file, or a step in the ranges",
			      s->choices == UINT64_MAX ? "at least " : "", s->choices,
			      s->choice_limit);
}

int ptv_parse_timeline(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_scenario *s = ((struct ptv_load *)into)->scenario;
	const struct ptv_entry *before = NULL;

	if (ptv_read_is(r, value, PTV_YAML_LIST, "a list of {at: cycle, do: stimulus, ...}") != 0)
		return -1;
	if (value->children == 0 || value->children > PTV_TIMELINE_MAX)
		return ptv_read_fault(r, value, "%zu entries; accepted: 1..%u (PTV_TIMELINE_MAX)",
				      value->children, PTV_TIMELINE_MAX);
	s->timeline = ptv_alloc(value->children, sizeof(*s->timeline));
	for (const struct ptv_yaml *v = value->child; v != NULL; v = v->next) {
		struct ptv_entry *entry = &s->timeline[s->entries++];

		if (read_entry(r, v, s, entry) != 0 || check_time(r, v, entry, &before) != 0 ||
		    check_words(r, v, s) != 0)
			return -1;
		if (entry->stimulus.kind == PTV_STIM_END && v->next != NULL)
			return ptv_read_fault(r, v->next,
					      "after the end; accepted: end as the last");
	}
	return count_choices(r, value, s);
}
