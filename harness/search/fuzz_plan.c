/* SPDX-License-Identifier: MIT */
/*
 * Bytes (low bits first):
 *
 *	machine
 *	lps-1:1 events-1:1 task:1 manual:1 timings:2 switches:2
 *	cycles:3 kernel:2 indirect:2 fills:1
 *	work_seed
 *	for each event	  pages:3 mode:1 exclude:2 regions:2 | watermark:3 config:2 | before:4 end:2
 *	for each setting  row | value
 *	for each stimulus what:6 lp:1 deliver:1 | gap:7 has_at:1 | event:1 amount:7
 *			  where deliver is set: irq:1 place:5
 *
 * `what` counts through the weights of the kinds. A kind that makes no sense where it stands
 *becomes the next one of the table that does.
 */
#include "search/fuzz_plan.h"

#include <string.h>

#include "ptv/cfg.h"
#include "ptv/stimulus.h"
#include "search/random.h"

PTV_STATIC_ASSERT(PTV_PLAN_BYTES == 4U + 3U * PTV_PLAN_EVENTS + 4U * PTV_PLAN_SETTINGS +
					    4U * PTV_PLAN_STIMULI,
		  "header, events, settings of two kinds, stimuli with an interrupt each");

static const struct ptv_plan_kind kinds[] = {
	{8, PTV_STIM_PROGRESS, PTV_PROGRESS_BRANCHES},
	{7, PTV_STIM_ENABLE, 0},
	{4, PTV_STIM_DISABLE, 0},
	{7, PTV_STIM_SCHED_IN, 0},
	{6, PTV_STIM_SCHED_OUT, 0},
	{8, PTV_STIM_VIRT_ON, 0},
	{7, PTV_STIM_VIRT_OFF, 0},
	{4, PTV_STIM_VCPU_RUN, 0},
	{3, PTV_STIM_PROGRESS, PTV_PROGRESS_TO_INT},
	{2, PTV_STIM_PROGRESS, PTV_PROGRESS_PAST_INT},
	{3, PTV_STIM_CONSUMER_READ, 0},
	{1, PTV_STIM_READ_TIME, 0},
	{1, PTV_STIM_IDLE, 0},
	{1, PTV_STIM_VIRT_FAIL, 0},
	{1, PTV_STIM_SPURIOUS_NMI, 0},
	{1, PTV_STIM_CLOSE, 0},
};

const struct ptv_plan_kind *ptv_plan_kind_rows(size_t *count)
{
	*count = PTV_ARRAY_SIZE(kinds);
	return kinds;
}

static uint8_t kind_of_weight(unsigned int n)
{
	uint8_t i;

	for (i = 0; n >= kinds[i].weight; i++)
		n -= kinds[i].weight;
	return i;
}

static unsigned int weight_of_kind(uint8_t kind)
{
	unsigned int n = 0;

	while (kind > 0U)
		n += kinds[--kind].weight;
	return n;
}

/* (8..15) * 2^e / 8: 1..1920 */
uint64_t ptv_plan_gap_cycles(uint8_t gap)
{
	const unsigned int e = (unsigned int)(gap >> 3) % 8U;

	return (uint64_t)(8U + (gap & 7U)) << e >> 3;
}

uint64_t ptv_plan_amount(uint8_t amount)
{
	return ptv_plan_gap_cycles(amount);
}

/* --- What makes sense --- */

/* As much of the world as decides that. */
struct sense {
	const struct ptv_plan *plan;
	bool closed[PTV_PLAN_EVENTS], enabled[PTV_PLAN_EVENTS], in[PTV_PLAN_EVENTS];
	uint8_t on[PTV_PLAN_EVENTS]; /* valid where in */
	enum { VIRT_OFF, VIRT_ON, VIRT_WEDGED } virt[PTV_PLAN_LPS];
};

static void sense_init(struct sense *sense, const struct ptv_plan *plan)
{
	uint8_t e;

	memset(sense, 0, sizeof(*sense));
	sense->plan = plan;
	for (e = 0; e < plan->events && !plan->task; e++) {
		sense->in[e] = true;
		sense->on[e] = e;
	}
}

static bool is_occupied(const struct sense *sense, uint8_t lp)
{
	uint8_t e;

	for (e = 0; e < sense->plan->events; e++) {
		if (!sense->closed[e] && sense->in[e] && sense->on[e] == lp)
			return true;
	}
	return false;
}

/* Whether a region can become full on the LP before long: else progress to an INT runs for ever. */
static bool fills(const struct sense *sense, uint8_t lp)
{
	const struct ptv_plan *plan = sense->plan;
	uint8_t e;

	for (e = 0; e < plan->events && plan->fills; e++) {
		if (sense->closed[e] || !sense->enabled[e] || !sense->in[e] || sense->on[e] != lp)
			continue;
		return plan->event[e].mode == 0U && plan->event[e].exclude == 0U;
	}
	return false;
}

static bool makes_sense(const struct sense *sense, const struct ptv_plan_stimulus *s)
{
	const struct ptv_plan_kind *kind = &kinds[s->what];
	const bool open = !sense->closed[s->event];

	switch (kind->stimulus) {
	case PTV_STIM_SCHED_IN:
		return open && sense->plan->task && !sense->in[s->event] &&
		       !is_occupied(sense, s->lp);
	case PTV_STIM_SCHED_OUT:
		return open && sense->plan->task && sense->in[s->event] &&
		       sense->on[s->event] == s->lp;
	case PTV_STIM_VIRT_ON:
	case PTV_STIM_VIRT_FAIL:
		return sense->virt[s->lp] == VIRT_OFF;
	case PTV_STIM_VIRT_OFF:
	case PTV_STIM_VCPU_RUN:
		return sense->virt[s->lp] == VIRT_ON;
	case PTV_STIM_PROGRESS:
		return kind->to == PTV_PROGRESS_BRANCHES || fills(sense, s->lp);
	case PTV_STIM_IDLE:
	case PTV_STIM_SPURIOUS_NMI:
		return true;
	default:
		return open;
	}
}

static void follow(struct sense *sense, const struct ptv_plan_stimulus *s)
{
	switch (kinds[s->what].stimulus) {
	case PTV_STIM_ENABLE:
		sense->enabled[s->event] = true;
		break;
	case PTV_STIM_DISABLE:
		sense->enabled[s->event] = false;
		break;
	case PTV_STIM_CLOSE:
		sense->closed[s->event] = true;
		break;
	case PTV_STIM_SCHED_IN:
		sense->in[s->event] = true;
		sense->on[s->event] = s->lp;
		break;
	case PTV_STIM_SCHED_OUT:
		sense->in[s->event] = false;
		break;
	case PTV_STIM_VIRT_ON:
		sense->virt[s->lp] = VIRT_ON;
		break;
	case PTV_STIM_VIRT_OFF:
		sense->virt[s->lp] = VIRT_OFF;
		break;
	case PTV_STIM_VIRT_FAIL:
		sense->virt[s->lp] = VIRT_WEDGED;
		break;
	default:
		break;
	}
}

/* --- From bytes --- */

struct cursor {
	const uint8_t *at;
	size_t left;
};

static unsigned int take(struct cursor *cursor)
{
	if (cursor->left == 0U)
		return 0;
	cursor->left--;
	return *cursor->at++;
}

/* Without packets no region fills: that switch stays as it is. */
static unsigned int choices_of(size_t row)
{
	const char *text;
	size_t count;
	unsigned int n = 1;

	if (strcmp(ptv_switch_rows(&count)[row].name, "mute_packets") == 0)
		return 1;
	for (text = ptv_switch_rows(&count)[row].choices; *text; text++)
		n += *text == '|' ? 1U : 0U;
	return n;
}

/* What the kernel would not map: with one region a table, a buffer of one page, and a snapshot in
 * pieces; with several, anything but its own pieces. */
static void limit_event(struct ptv_plan_event *event, bool several)
{
	event->pages = (uint8_t)(event->pages % PTV_PLAN_PAGES);
	event->exclude = (uint8_t)(event->exclude % PTV_PLAN_EXCLUDES);
	if (several || event->mode == 1U)
		event->regions = 0;
	if (event->mode == 1U)
		event->before = 0;
	if (event->before == 0U)
		event->end = 0;
	if (!several && event->mode == 0U && event->pages == 1U)
		event->pages = 0;
}

static void limit_header(struct ptv_plan *plan)
{
	size_t count;
	uint8_t i;

	(void)ptv_machine_rows(&count);
	plan->machine = (uint8_t)(plan->machine % count);
	/* Each CPU event has a CPU of its own. */
	if (!plan->task && plan->events > plan->lps)
		plan->lps = plan->events;
	(void)ptv_timing_rows(&count);
	for (i = 0; i < plan->timings; i++)
		plan->timing[i].row = (uint8_t)(plan->timing[i].row % count);
	(void)ptv_switch_rows(&count);
	for (i = 0; i < plan->switches; i++) {
		plan->sw[i].row = (uint8_t)(plan->sw[i].row % count);
		plan->sw[i].value = (uint8_t)(plan->sw[i].value % choices_of(plan->sw[i].row));
	}
	for (i = 0; i < plan->events; i++)
		limit_event(&plan->event[i], ptv_machine_rows(&count)[plan->machine].caps.mentry);
}

static void decode_settings(struct cursor *c, struct ptv_plan_setting *setting, uint8_t count)
{
	uint8_t i;

	for (i = 0; i < count; i++) {
		setting[i].row = (uint8_t)take(c);
		setting[i].value = (uint8_t)take(c);
	}
}

static void decode_header(struct cursor *c, struct ptv_plan *plan)
{
	unsigned int b;
	uint8_t e;

	plan->machine = (uint8_t)take(c);
	b = take(c);
	plan->lps = (uint8_t)(1U + (b & 1U));
	plan->events = (uint8_t)(1U + (b >> 1 & 1U));
	plan->task = b >> 2 & 1U;
	plan->manual = b >> 3 & 1U;
	plan->timings = b >> 4 & 3U;
	plan->switches = b >> 6 & 3U;
	b = take(c);
	plan->cycles = b & 7U;
	plan->kernel = b >> 3 & 3U;
	plan->indirect = b >> 5 & 3U;
	plan->fills = b >> 7 & 1U;
	plan->work_seed = (uint8_t)take(c);
	for (e = 0; e < plan->events; e++) {
		struct ptv_plan_event *event = &plan->event[e];

		b = take(c);
		event->pages = b & 7U;
		event->mode = b >> 3 & 1U;
		event->exclude = b >> 4 & 3U;
		event->regions = b >> 6 & 3U;
		b = take(c);
		event->watermark = b & 7U;
		event->config = b >> 3 & 3U;
		b = take(c);
		event->before = b & 15U;
		event->end = b >> 4 & 3U;
	}
	decode_settings(c, plan->timing, plan->timings);
	decode_settings(c, plan->sw, plan->switches);
	limit_header(plan);
}

static void decode_stimulus(struct cursor *c, const struct ptv_plan *plan,
			    struct ptv_plan_stimulus *s)
{
	unsigned int b = take(c);

	s->what = kind_of_weight(b & 63U);
	s->lp = (uint8_t)((b >> 6 & 1U) % plan->lps);
	s->deliver = b >> 7 & 1U;
	b = take(c);
	s->gap = b & 127U;
	s->has_at = b >> 7 & 1U;
	b = take(c);
	s->event = (uint8_t)((b & 1U) % plan->events);
	s->amount = b >> 1 & 127U;
	b = s->deliver ? take(c) : 0U;
	s->irq = b & 1U;
	s->place = b >> 1 & 31U;
}

void ptv_plan_decode(const uint8_t *bytes, size_t size, struct ptv_plan *plan)
{
	struct cursor c = {bytes, size};
	struct sense sense;

	memset(plan, 0, sizeof(*plan));
	decode_header(&c, plan);
	sense_init(&sense, plan);
	while (c.left > 0U && plan->stimuli < PTV_PLAN_STIMULI) {
		struct ptv_plan_stimulus *s = &plan->stimulus[plan->stimuli++];

		decode_stimulus(&c, plan, s);
		while (!makes_sense(&sense, s))
			s->what = (uint8_t)((s->what + 1U) % PTV_ARRAY_SIZE(kinds));
		follow(&sense, s);
	}
}

void ptv_plan_mend(struct ptv_plan *plan)
{
	const uint8_t stimuli = plan->stimuli;
	struct sense sense;
	uint8_t i;

	limit_header(plan);
	sense_init(&sense, plan);
	plan->stimuli = 0;
	for (i = 0; i < stimuli; i++) {
		struct ptv_plan_stimulus s = plan->stimulus[i];

		s.lp = s.lp % plan->lps;
		s.event = s.event % plan->events;
		if (!makes_sense(&sense, &s))
			continue;
		follow(&sense, &s);
		plan->stimulus[plan->stimuli++] = s;
	}
	for (i = plan->stimuli; i < PTV_PLAN_STIMULI; i++)
		memset(&plan->stimulus[i], 0, sizeof(plan->stimulus[i]));
}

/* --- To bytes --- */

static uint8_t *encode_header(const struct ptv_plan *plan, uint8_t *b)
{
	uint8_t i;

	*b++ = plan->machine;
	*b++ = (uint8_t)((plan->lps - 1U) | (plan->events - 1U) << 1 |
			 (unsigned int)plan->task << 2 | (unsigned int)plan->manual << 3 |
			 (unsigned int)plan->timings << 4 | (unsigned int)plan->switches << 6);
	*b++ = (uint8_t)(plan->cycles | (unsigned int)plan->kernel << 3 |
			 (unsigned int)plan->indirect << 5 | (unsigned int)plan->fills << 7);
	*b++ = plan->work_seed;
	for (i = 0; i < plan->events; i++) {
		const struct ptv_plan_event *e = &plan->event[i];

		*b++ = (uint8_t)(e->pages | (unsigned int)e->mode << 3 |
				 (unsigned int)e->exclude << 4 | (unsigned int)e->regions << 6);
		*b++ = (uint8_t)(e->watermark | (unsigned int)e->config << 3);
		*b++ = (uint8_t)(e->before | (unsigned int)e->end << 4);
	}
	for (i = 0; i < plan->timings; i++) {
		*b++ = plan->timing[i].row;
		*b++ = plan->timing[i].value;
	}
	for (i = 0; i < plan->switches; i++) {
		*b++ = plan->sw[i].row;
		*b++ = plan->sw[i].value;
	}
	return b;
}

size_t ptv_plan_encode(const struct ptv_plan *plan, uint8_t bytes[PTV_PLAN_BYTES])
{
	uint8_t *b = encode_header(plan, bytes);
	uint8_t i;

	for (i = 0; i < plan->stimuli; i++) {
		const struct ptv_plan_stimulus *s = &plan->stimulus[i];

		*b++ = (uint8_t)(weight_of_kind(s->what) | (unsigned int)s->lp << 6 |
				 (unsigned int)s->deliver << 7);
		*b++ = (uint8_t)(s->gap | (unsigned int)s->has_at << 7);
		*b++ = (uint8_t)(s->event | (unsigned int)s->amount << 1);
		if (s->deliver)
			*b++ = (uint8_t)(s->irq | (unsigned int)s->place << 1);
	}
	return (size_t)(b - bytes);
}

/* --- Random ones --- */

/* Bytes of which some bits are set seldom: 0 is the plain choice. */
static uint8_t seldom(struct ptv_random *random)
{
	const uint64_t r = ptv_random_next(random);

	return (uint8_t)(r & r >> 8);
}

/* Of a plan in which regions become full: small ones, of which little is left, by a workload that
 * makes much trace. */
static void draw_full(struct ptv_random *random, uint8_t *bytes)
{
	uint8_t *event = bytes + 4;

	bytes[2] = (uint8_t)(0x80U | 3U << 5 | ptv_random_below(random, 2) << 3);
	if (ptv_random_below(random, 4) == 0U)
		bytes[2] |= (uint8_t)ptv_random_below(random, 5);
	if (ptv_random_below(random, 8) == 0U)
		bytes[2] = (uint8_t)(0x80U | seldom(random));
	for (; event <= bytes + 4 + 3U * (bytes[1] >> 1 & 1U); event += 3) {
		event[0] &= (uint8_t)(ptv_random_below(random, 4) ? 0xc1U : 0xfbU);
		event[2] = (uint8_t)(ptv_random_next(random) &
				     (ptv_random_below(random, 2) ? 0x0fU : 0x3fU));
	}
}

/* The first byte of a stimulus of that kind. */
static uint8_t byte_of(uint8_t stimulus, uint8_t to)
{
	uint8_t i;

	for (i = 0; kinds[i].stimulus != stimulus || kinds[i].to != to; i++)
		;
	return (uint8_t)weight_of_kind(i);
}

/* How a plan is drawn. */
struct drawing {
	struct ptv_random random;
	bool full;	 /* regions become full */
	bool task;	 /* events belong to tasks: one has to come onto a CPU first */
	bool here;	 /* it begins with the first event on the first LP */
	bool raised;	 /* the stimulus before was one that ends with a PMI */
	uint32_t places; /* how often interrupts are placed where one may have been raised (of 8) */
	uint32_t times;	 /* how often times are given (of 8) */
};

/* Where regions become full, an event is switched on first, then there is a PMI, and seldom a
 * second one: that takes a whole region. */
static int kind_wanted(struct drawing *d, uint32_t n)
{
	const uint32_t ready = d->task ? 2U : 1U;

	if (!d->full)
		return -1;
	if (n < ready)
		return byte_of(n == 0U ? PTV_STIM_ENABLE : PTV_STIM_SCHED_IN, 0);
	return ptv_random_below(&d->random, n == ready ? 2U : 16U) == 0U
		       ? byte_of(PTV_STIM_PROGRESS, PTV_PROGRESS_TO_INT)
		       : -1;
}

/* An interrupt is placed in what follows a PMI more often than elsewhere: there is one to place. */
static bool places(struct drawing *d)
{
	return d->full && ptv_random_below(&d->random, d->raised ? 8U : 32U) < d->places;
}

/* A stimulus of which kernel code is a part: behind the first kind, and before those of the
 * workload alone. */
static unsigned int kernel_kind(uint64_t r)
{
	return 8U + (unsigned int)(r % 43U);
}

static size_t draw_stimulus(struct drawing *d, uint8_t *bytes, uint32_t n)
{
	const uint64_t r = ptv_random_next(&d->random);
	const uint64_t amount = ptv_random_next(&d->random) >> 8;
	const bool deliver = places(d), next = deliver && d->raised;
	/* An NMI goes by the clock if time passes first. */
	const bool has_at = ptv_random_below(&d->random, 8) < d->times && !next;
	const int wanted = kind_wanted(d, n);
	const unsigned int drawn = next ? kernel_kind(r) : (unsigned int)(r & 0x3fU);

	bytes[0] = (uint8_t)((wanted >= 0 ? (unsigned int)wanted : drawn) | (r & 0x40U) |
			     (deliver ? 0x80U : 0U));
	d->raised = wanted >= 0 && n >= 1U;
	bytes[1] = (uint8_t)((r >> 8 & 0x7fU) | (has_at ? 0x80U : 0U));
	/* Small amounts more often: they are as good, and take less time. */
	bytes[2] = (uint8_t)((r >> 16 & 0x9fU) | (amount & amount >> 8 & 0x60U));
	if (d->here && n < 3U) {
		bytes[0] &= (uint8_t)~0x40U;
		bytes[2] &= (uint8_t)~1U;
	}
	if (!deliver)
		return 3;
	bytes[3] = (uint8_t)((r >> 24 & (r >> 32 & 1U ? 0x0eU : 0x3eU)) |
			     ((r >> 40 & 7U) == 0U ? 1U : 0U));
	return 4;
}

size_t ptv_plan_draw(uint64_t seed, uint64_t n, uint32_t full_each, uint8_t bytes[PTV_PLAN_BYTES])
{
	struct drawing d = {.random = ptv_random_stream(seed, n)};
	struct ptv_random *random = &d.random;
	const uint32_t stimuli = 2U + ptv_random_below(random, 7) + ptv_random_below(random, 7);
	size_t i, header;
	uint32_t s;

	d.full = ptv_random_below(random, full_each) == 0U;
	d.places = 1U + ptv_random_below(random, 8);
	d.times = ptv_random_below(random, 5);
	bytes[0] = (uint8_t)ptv_random_next(random);
	bytes[1] = (uint8_t)(seldom(random) ^ (ptv_random_next(random) & 4U));
	bytes[2] = seldom(random) & 0x7fU;
	bytes[3] = seldom(random);
	header = 4U + 3U * (1U + (bytes[1] >> 1 & 1U)) + 2U * (bytes[1] >> 4 & 3U) +
		 2U * (bytes[1] >> 6 & 3U);
	for (i = 4; i < header; i++)
		bytes[i] = i < 4U + 3U * PTV_PLAN_EVENTS ? seldom(random)
							 : (uint8_t)ptv_random_next(random);
	d.task = (bytes[1] & 4U) != 0U;
	d.here = d.full && ptv_random_below(random, 4) != 0U;
	d.raised = false;
	if (d.full)
		draw_full(random, bytes);
	for (s = 0; s < stimuli; s++)
		i += draw_stimulus(&d, bytes + i, s);
	return i;
}

/* --- The tables behind the numbers --- */

static uint32_t add(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619U;
	return (hash ^ 0xffU) * 16777619U;
}

uint32_t ptv_plan_tables(void)
{
	uint32_t hash = 2166136261U; /* FNV-1a */
	const struct ptv_machine_row *machine;
	const struct ptv_param_row *row;
	size_t count, i;

	for (i = 0; i < PTV_ARRAY_SIZE(kinds); i++) {
		hash = add(hash, ptv_stimulus_rows()[kinds[i].stimulus].name);
		hash = (hash ^ kinds[i].weight ^ (uint32_t)kinds[i].to << 8) * 16777619U;
	}
	machine = ptv_machine_rows(&count);
	for (i = 0; i < count; i++)
		hash = add(hash, machine[i].name);
	row = ptv_timing_rows(&count);
	for (i = 0; i < count; i++) {
		hash = add(hash, row[i].name);
		hash = (hash ^ row[i].min) * 16777619U;
		hash = (hash ^ row[i].max) * 16777619U;
	}
	row = ptv_switch_rows(&count);
	for (i = 0; i < count; i++)
		hash = add(add(hash, row[i].name), row[i].choices);
	return hash;
}
