/* SPDX-License-Identifier: MIT */
/*
 * Facts: what holds now, derived once from observations and read by every check.
 *
 * What it is. Definitions of spec/checks.def as code: wanted, can trace, room, told. They come from
 * what the user asked, what the scheduler did, what was delivered and what the machine showed;
 * never from what the driver believes.
 *
 * Stream positions. A full-mode event has one stream: bytes stored by hardware and by software,
 * each at a position that counts from the opening of the event. The machine tells the ring offset
 * of a store, and AUX_BEGIN the position of a transaction; a store at an offset other than the next
 * one is `misplaced`. After it the position goes on from there if it lies ahead within free room,
 * and stays if it lies within what was stored before.
 *
 * Positions are kept relative to `base`, which grows by whole buffers as the consumer's tail does.
 *
 * Not modelled: a buffer of more than 64 pages (regions are kept as bits of pages), a guest that
 * owns RTIT.
 */
#include "feed.h"

#include <string.h>

#include "ptv/stimulus.h"

#define PAGE_SHIFT 12U
#define PAGES	   64U
#define LVT_MASKED PTV_BIT(16)

/* Where an observation names its event. */
enum place { IN_NONE, IN_A, IN_A_LOW, IN_B, IN_PLACE, IN_RECORD };

static const uint8_t event_in[PTV_OBS_KINDS] = {
	[PTV_OBS_STORE] = IN_PLACE, [PTV_OBS_SW_STORE] = IN_PLACE,  [PTV_OBS_PMI_RAISED] = IN_PLACE,
	[PTV_OBS_CALL] = IN_B,	    [PTV_OBS_RET] = IN_B,	    [PTV_OBS_EVENT_STATE] = IN_A,
	[PTV_OBS_RUNNING] = IN_A,   [PTV_OBS_AUX_BEGIN] = IN_A_LOW, [PTV_OBS_AUX_FLAG] = IN_A,
	[PTV_OBS_AUX_END] = IN_A,   [PTV_OBS_RECORD] = IN_RECORD,   [PTV_OBS_HEAD] = IN_A,
	[PTV_OBS_WAKE] = IN_A,	    [PTV_OBS_DISABLE_REQ] = IN_A,   [PTV_OBS_PAGE] = IN_A_LOW,
	[PTV_OBS_OPEN] = IN_A_LOW,  [PTV_OBS_ASK] = IN_A,	    [PTV_OBS_SCHED] = IN_A,
	[PTV_OBS_CONSUME] = IN_A,   [PTV_OBS_READ_TIME] = IN_A,
};

uint64_t ptv_facts_event(const struct ptv_obs *obs)
{
	switch ((enum place)event_in[obs->kind]) {
	case IN_NONE:
		break;
	case IN_A:
		return obs->a;
	case IN_A_LOW:
		return obs->a & 0xffU;
	case IN_B:
		return obs->b;
	case IN_PLACE:
		return ptv_place_event(obs->c);
	case IN_RECORD:
		return ptv_record_event(obs);
	}
	return UINT64_MAX;
}

void ptv_facts_locate(struct ptv_feed *f)
{
	const uint64_t event = ptv_facts_event(f->obs);

	PTV_ASSERT(f->obs->lp < PTV_MAX_LPS);
	f->lp = &f->checks->lp[f->obs->lp];
	f->event = event < PTV_MAX_EVENTS ? (unsigned int)event : PTV_NO_EVENT;
	f->ev = event < PTV_MAX_EVENTS ? &f->checks->event[event] : NULL;
	if (f->ev && event >= f->checks->events)
		f->checks->events = (uint8_t)(event + 1U);
}

void ptv_facts_init(struct ptv_checks *checks)
{
	unsigned int i;

	memset(checks, 0, sizeof(*checks));
	for (i = 0; i < PTV_MAX_LPS; i++)
		checks->lp[i].trigger_cause = PTV_CAUSES;
}

/* --- Definitions --- */

/* Another event that is active where this one's context is: one PT event at a time is what a CPU
 * can have. */
static bool rival(const struct ptv_checks *checks, unsigned int event)
{
	unsigned int i;

	for (i = 0; i < checks->events; i++) {
		const struct ptv_seen_event *other = &checks->event[i];

		if (i != event && other->state == PTV_EVENT_ACTIVE && other->sched &&
		    other->lp == checks->event[event].lp)
			return true;
	}
	return false;
}

bool ptv_wanted_but_for_pause(const struct ptv_checks *checks, unsigned int event)
{
	const struct ptv_seen_event *ev = &checks->event[event];

	return ev->open && ev->asked && ev->sched && !ev->told && !rival(checks, event);
}

bool ptv_wanted(const struct ptv_checks *checks, unsigned int event)
{
	return ptv_wanted_but_for_pause(checks, event) && !checks->event[event].paused;
}

bool ptv_can_trace(const struct ptv_seen_lp *lp)
{
	return !lp->off_line && (lp->vmx == PTV_VMX_OFF || lp->pt_in_vmx);
}

/* Bytes from a ring offset to the end of its region. Regions whose pages were never seen are pages.
 */
static uint64_t rest_of_region(const struct ptv_seen_event *ev, uint64_t offset)
{
	const unsigned int pages = ev->size >> PAGE_SHIFT;
	unsigned int page = (unsigned int)(offset >> PAGE_SHIFT) + 1U;

	if (ev->starts != 0U) {
		while (page < pages && page < PAGES && !(ev->starts & PTV_BIT(page)))
			page++;
	}
	return ((uint64_t)page << PAGE_SHIFT) - offset;
}

enum ptv_room ptv_room(const struct ptv_seen_event *ev)
{
	const uint64_t largest = ev->largest ? ev->largest : PTV_BIT(PAGE_SHIFT);
	uint64_t used, free_bytes, rest;

	if (!ptv_full_mode(ev))
		return PTV_ROOM_YES;
	if (ev->size > PTV_BIT(PAGE_SHIFT) * PAGES)
		return PTV_ROOM_BETWEEN;
	used = ev->pos > ev->tail ? ev->pos - ev->tail : 0U;
	free_bytes = used < ev->size ? ev->size - used : 0U;
	rest = rest_of_region(ev, ev->pos % ev->size);
	if (free_bytes >= rest + largest)
		return PTV_ROOM_YES;
	return free_bytes < rest ? PTV_ROOM_NONE : PTV_ROOM_BETWEEN;
}

/* --- Observations of the machine --- */

static void trigger_en(struct ptv_feed *f, bool value, uint64_t cause)
{
	struct ptv_seen_lp *lp = f->lp;

	lp->trigger_en = value;
	lp->trigger_cause = (uint8_t)cause;
	lp->trigger_since = f->obs->cycle;
	lp->trigger_seq = f->obs->seq;
}

static void trace_en(struct ptv_feed *f)
{
	struct ptv_seen_lp *lp = f->lp;

	lp->trace_en = f->obs->a != 0U;
	lp->trace_since = f->obs->cycle;
	lp->trace_seq = f->obs->seq;
	if (!lp->trace_en && lp->trigger_en)
		trigger_en(f, false, f->obs->b);
}

static void vmx_mode(struct ptv_feed *f)
{
	struct ptv_seen_lp *lp = f->lp;
	const bool was_on = lp->vmx != PTV_VMX_OFF;

	lp->vmx = (uint8_t)f->obs->a;
	if (was_on != (lp->vmx != PTV_VMX_OFF)) {
		lp->vmx_since = f->obs->cycle;
		lp->vmx_seq = f->obs->seq;
	}
}

static void lvt(struct ptv_feed *f)
{
	if (!(f->obs->a & LVT_MASKED))
		f->lp->lvt_left = 0;
	else if (f->obs->b == 1U)
		f->lp->lvt_left = 1;
}

/* Bytes stored by hardware or software: where they should have been, what they destroyed, and where
 * the stream stands. */
static void store(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;
	const uint64_t bytes = f->obs->b;
	uint64_t offset, top, used, ahead;

	if (!ev || bytes == 0U)
		return;
	offset = ptv_place_offset(f->obs->c);
	f->freed = ev->freed && (offset >> PAGE_SHIFT) < PAGES &&
		   !(ev->mapped & PTV_BIT(offset >> PAGE_SHIFT));
	if (!ptv_full_mode(ev) || (f->obs->kind == PTV_OBS_SW_STORE && f->obs->a == PTV_SW_SAMPLE))
		return;
	top = ev->pos > ev->head ? ev->pos : ev->head;
	used = top > ev->tail ? top - ev->tail : 0U;
	ahead = (offset + ev->size - ev->tail % ev->size) % ev->size;
	f->unread = used > 0U && (ahead < used || ahead + bytes > ev->size);
	f->expected = ev->pos;
	ahead = (offset + ev->size - ev->pos % ev->size) % ev->size;
	f->misplaced = ahead != 0U;
	if (!f->misplaced || used + ahead + bytes <= ev->size)
		ev->pos += ahead + bytes;
}

/* --- Observations of the kernel --- */

static uint64_t relative(const struct ptv_seen_event *ev, uint64_t position)
{
	return position > ev->base ? position - ev->base : 0U;
}

static void aux_begin(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;

	if (!ev || (f->obs->a & PTV_BIT(8)))
		return;
	ev->tx = 1;
	ev->tx_lp = f->obs->lp;
	ev->tx_flags = 0;
	ev->tx_since = f->obs->cycle;
	ev->tx_seq = f->obs->seq;
	ev->flag_seq = f->obs->seq;
	f->lp->owner = (uint8_t)(f->event + 1U);
	if (!ptv_full_mode(ev))
		return;
	ev->tx_head = relative(ev, f->obs->b);
	f->expected = ev->pos;
	f->misplaced = ev->tx_head != ev->pos;
	ev->pos = ev->tx_head;
}

static void aux_flag(struct ptv_seen_event *ev, uint64_t flags, uint32_t seq)
{
	const uint32_t gap = PTV_AUX_FLAG_PARTIAL | PTV_AUX_FLAG_TRUNCATED;

	if ((flags & gap) && !(ev->tx_flags & gap))
		ev->flag_seq = seq;
	ev->tx_flags |= (uint8_t)flags;
}

static void aux_end(struct ptv_feed *f)
{
	if (!f->ev)
		return;
	aux_flag(f->ev, f->obs->c, f->obs->seq);
	f->ev->tx = 0;
	if (f->checks->lp[f->ev->tx_lp].owner == f->event + 1U)
		f->checks->lp[f->ev->tx_lp].owner = 0;
}

static void record(struct ptv_feed *f)
{
	if (f->ev && ptv_record_type(f->obs) == PTV_RECORD_AUX &&
	    (ptv_record_flags(f->obs) & PTV_AUX_FLAG_TRUNCATED))
		f->ev->told = 1;
}

static void event_state(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;

	if (!ev)
		return;
	ev->state = (uint8_t)f->obs->b;
	if (ev->state == PTV_EVENT_ERROR)
		ev->told = 1;
	if (ev->state == PTV_EVENT_NONE) {
		ev->open = 0;
		ev->asked = 0;
	}
}

static void page(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;
	const uint64_t first = (f->obs->b >> 32) >> PAGE_SHIFT;
	const uint64_t bytes = f->obs->b & 0xffffffffU;
	const uint64_t count = (bytes + PTV_BIT(PAGE_SHIFT) - 1U) >> PAGE_SHIFT;
	uint64_t pages;

	if (!ev || first >= PAGES || count == 0U)
		return;
	pages = count < PAGES ? (PTV_BIT(count) - 1U) << first : UINT64_MAX << first;
	if (f->obs->a & PTV_BIT(8)) {
		/* Tables still lead there: its regions are what they were. */
		ev->mapped &= ~pages;
		ev->freed = 1;
		return;
	}
	if (ev->mapped == 0U) {
		ev->largest = 0;
		ev->starts = 0;
	}
	ev->mapped |= pages;
	ev->starts |= PTV_BIT(first);
	if (bytes > ev->largest)
		ev->largest = (uint32_t)bytes;
}

/* --- Observations of the user --- */

/* The pages come before or after OPEN; what they told stays. */
static void open_event(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;
	const uint64_t lp = (f->obs->a >> 24) & 0xffU, earlier = f->obs->a >> 32;

	f->checks->opened = 1;
	if (!ev)
		return;
	ev->base = 0;
	ev->pos = earlier;
	ev->head = earlier;
	ev->tail = earlier;
	ev->seen = earlier;
	ev->size = (uint32_t)f->obs->b;
	ev->watermark = f->obs->c ? (uint32_t)f->obs->c : ev->size / 2U;
	ev->open = 1;
	ev->mode = (uint8_t)((f->obs->a >> 16) & 0xffU);
	ev->asked = 0;
	ev->paused = 0;
	ev->told = 0;
	ev->tx = 0;
	ev->sched = ((f->obs->a >> 8) & 0xffU) == PTV_CONTEXT_CPU;
	ev->lp = lp < PTV_MAX_LPS ? (uint8_t)lp : 0U;
}

static void ask(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;

	if (!ev)
		return;
	ev->asked_seq = f->obs->seq;
	switch ((enum ptv_ask)f->obs->b) {
	case PTV_ASK_ENABLE:
		ev->asked = 1;
		ev->told = 0;
		break;
	case PTV_ASK_DISABLE:
	case PTV_ASK_CLOSE:
		ev->asked = 0;
		break;
	case PTV_ASK_PAUSE:
		ev->paused = 1;
		break;
	case PTV_ASK_RESUME:
		ev->paused = 0;
		break;
	case PTV_ASKS:
		break;
	}
}

static void sched(struct ptv_feed *f)
{
	if (!f->ev)
		return;
	f->ev->asked_seq = f->obs->seq;
	f->ev->sched = f->obs->b != 0U;
	if (f->ev->sched)
		f->ev->lp = f->obs->lp;
}

static void consume(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;

	if (!ev || !ptv_full_mode(ev))
		return;
	ev->seen = relative(ev, f->obs->b);
	ev->tail = relative(ev, f->obs->c);
	f->shift = ev->tail - ev->tail % ev->size;
	if (f->shift == 0U)
		return;
	ev->base += f->shift;
	ev->tail -= f->shift;
	ev->pos = ev->pos > f->shift ? ev->pos - f->shift : 0U;
	ev->head = ev->head > f->shift ? ev->head - f->shift : 0U;
	ev->seen = ev->seen > f->shift ? ev->seen - f->shift : 0U;
	ev->tx_head = ev->tx_head > f->shift ? ev->tx_head - f->shift : 0U;
}

/* What a stimulus does is done by kernel code, but for these. */
static bool by_workload(uint64_t kind)
{
	return kind == PTV_STIM_PROGRESS || kind == PTV_STIM_IDLE || kind == PTV_STIM_VCPU_RUN ||
	       kind == PTV_STIM_RETIRE;
}

static void stimulus(struct ptv_feed *f)
{
	const bool begins = f->obs->c == 0U;

	f->lp->in_kernel = begins && !by_workload(f->obs->b);
	if (!begins)
		return;
	f->checks->stimulus = (uint32_t)f->obs->a;
	if (f->obs->b == PTV_STIM_SPURIOUS_NMI && f->lp->spurious < UINT8_MAX)
		f->lp->spurious++;
}

/* --- All together --- */

static void machine_fact(struct ptv_feed *f)
{
	struct ptv_seen_lp *lp = f->lp;

	switch (f->obs->kind) {
	case PTV_OBS_TRACE_EN:
		trace_en(f);
		break;
	case PTV_OBS_TRIGGER_EN:
		trigger_en(f, f->obs->a != 0U, f->obs->b);
		break;
	case PTV_OBS_STORE:
		store(f);
		break;
	case PTV_OBS_GS55:
		lp->gs55 = f->obs->a != 0U;
		break;
	case PTV_OBS_LVT:
		lvt(f);
		break;
	case PTV_OBS_VMX_MODE:
		vmx_mode(f);
		break;
	case PTV_OBS_INT_ENTER:
		lp->ints++;
		break;
	case PTV_OBS_INT_EXIT:
		if (lp->ints)
			lp->ints--;
		break;
	case PTV_OBS_POWER:
		lp->off_line = f->obs->a == 0U;
		break;
	}
}

static void kernel_fact(struct ptv_feed *f)
{
	struct ptv_seen_event *ev = f->ev;

	switch (f->obs->kind) {
	case PTV_OBS_CALL:
		f->lp->depth++;
		break;
	case PTV_OBS_RET:
		if (f->lp->depth)
			f->lp->depth--;
		break;
	case PTV_OBS_EVENT_STATE:
		event_state(f);
		break;
	case PTV_OBS_RUNNING:
		if (!ev)
			break;
		ev->running = f->obs->b != 0U;
		ev->running_since = f->obs->cycle;
		ev->run_lp = f->obs->lp;
		break;
	case PTV_OBS_AUX_BEGIN:
		aux_begin(f);
		break;
	case PTV_OBS_AUX_FLAG:
		if (ev)
			aux_flag(ev, f->obs->b, f->obs->seq);
		break;
	case PTV_OBS_AUX_END:
		aux_end(f);
		break;
	case PTV_OBS_RECORD:
		record(f);
		break;
	case PTV_OBS_HEAD:
		if (ev && ptv_full_mode(ev))
			ev->head = relative(ev, f->obs->b);
		break;
	case PTV_OBS_SW_STORE:
		store(f);
		break;
	case PTV_OBS_PAGE:
		page(f);
		break;
	case PTV_OBS_BELIEF:
		f->lp->belief = f->obs->a != 0U;
		break;
	case PTV_OBS_SPLAT:
		if (ptv_splat_kills((enum ptv_splat)f->obs->a))
			f->checks->dead = 1;
		f->excused = f->obs->a == PTV_SPLAT_UNKNOWN_NMI && f->lp->spurious > 0U;
		if (f->excused)
			f->lp->spurious--;
		break;
	}
}

static void user_fact(struct ptv_feed *f)
{
	switch (f->obs->kind) {
	case PTV_OBS_LP_INFO:
		f->lp->pt_in_vmx = f->obs->a != 0U;
		break;
	case PTV_OBS_OPEN:
		open_event(f);
		break;
	case PTV_OBS_ASK:
		ask(f);
		break;
	case PTV_OBS_SCHED:
		sched(f);
		break;
	case PTV_OBS_CONSUME:
		consume(f);
		break;
	case PTV_OBS_STIMULUS:
		stimulus(f);
		break;
	}
}

/* Kinds after which wanted, can trace or room may have become true. */
static bool may_make_ready(uint8_t kind)
{
	const uint64_t kinds = PTV_BIT(PTV_OBS_ASK) | PTV_BIT(PTV_OBS_SCHED) |
			       PTV_BIT(PTV_OBS_RECORD) | PTV_BIT(PTV_OBS_EVENT_STATE) |
			       PTV_BIT(PTV_OBS_VMX_MODE) | PTV_BIT(PTV_OBS_POWER) |
			       PTV_BIT(PTV_OBS_CONSUME) | PTV_BIT(PTV_OBS_AUX_BEGIN) |
			       PTV_BIT(PTV_OBS_AUX_END) | PTV_BIT(PTV_OBS_SETTLED);

	PTV_STATIC_ASSERT(PTV_OBS_KINDS <= 64, "kinds of observations are bits of a word");
	return (kinds >> kind) & 1U;
}

static void refresh_ready(struct ptv_feed *f)
{
	unsigned int i;

	for (i = 0; i < f->checks->events; i++) {
		struct ptv_seen_event *ev = &f->checks->event[i];
		const bool ready = ev->open && ptv_wanted(f->checks, i) &&
				   ptv_can_trace(&f->checks->lp[ev->lp]) &&
				   ptv_room(ev) == PTV_ROOM_YES;

		if (ready && !ev->ready) {
			ev->ready_since = f->obs->cycle;
			ev->ready_seq = f->obs->seq;
			ev->ready_kind = f->obs->kind;
		}
		ev->ready = ready;
	}
}

void ptv_facts_feed(struct ptv_feed *f)
{
	/* As spec/obs.def groups them. */
	if (f->obs->kind < PTV_OBS_CALL)
		machine_fact(f);
	else if (f->obs->kind < PTV_OBS_LP_INFO)
		kernel_fact(f);
	else
		user_fact(f);
	if (may_make_ready(f->obs->kind))
		refresh_ready(f);
}
