/* SPDX-License-Identifier: MIT */
/*
 * What it is. AUX transactions: the driver opens one before hardware may write, and closes it with
 * the number of bytes written; that makes a record, publishes aux_head and wakes the consumer.
 *
 * State. A transaction is open while the driver's handle names an event; the buffer knows it by
 * aux_nest. rb->aux_head is the position up to which records were written, user_head what the
 * consumer can see, aux_wakeup the last watermark for which it was woken.
 *
 * Rules of begin (full mode): room is what lies between head and the consumer's tail, less one
 * byte; no room asks for the event to be disabled and wakes the consumer. A second transaction is a
 * WARN, and the handle forgets the first one. In snapshot mode there is no tail and size is 0.
 *
 * Rules of end: record before head. A watermark crossed moves aux_wakeup by one watermark and
 * wakes; flags that were set before wake by the era (4.5 none, 4.6 TRUNCATED, 4.12 any: OVERWRITE,
 * which end sets itself, does not count); when the consumer is woken and the record is TRUNCATED,
 * the event is to be disabled (9f448cd3cbce). In snapshot mode the watermark is 0, so that every
 * end wakes; 6.1 wakes no reader of a snapshot and makes no record of OVERWRITE alone, and moves
 * aux_wakeup to the last multiple of the watermark. Waking and disabling happen in irq_work.
 *
 * The consumer runs on another CPU. It reads user_page->aux_head and stores user_page->aux_tail;
 * the points around begin's load of the tail and end's store of the head are where it may do so.
 *
 * Not modelled: a full data buffer (LOST), wake-ups by the data buffer's own watermark,
 * perf_aux_output_skip (PT never calls it).
 *
 * Sources: kernel/events/ring_buffer.c: perf_aux_output_begin, perf_aux_output_end,
 * perf_output_wakeup at v4.5, at 9f448cd3cbce, at f4c0b0aa58d9 and in 6.1.192.
 */
#include "core.h"

/* perf_output_wakeup. */
static void wakeup(struct ptv_cpu *cpu, unsigned int event)
{
	ptv_event(cpu, event)->pending_wakeup = 1;
	ptv_irq_work_queue(cpu, event);
}

/* Bytes that may be written: CIRC_SPACE, if the consumer is less than a whole ring behind. */
static uint64_t room(const struct ptv_kern_aux *aux, uint64_t tail)
{
	const uint64_t size = ptv_aux_bytes(aux);

	if (aux->head - tail >= size)
		return 0;
	return (tail - aux->head - 1U) & (size - 1U);
}

/* local_xchg(&rb->aux_nest, 1) */
static bool enter_nest(struct ptv_cpu *cpu, struct ptv_kern_aux *aux)
{
	bool nested;

	cpu->port->point(cpu, "aux_begin.w.aux_nest", PTV_BEFORE);
	nested = aux->nest != 0U;
	aux->nest = 1;
	cpu->port->point(cpu, "aux_begin.w.aux_nest", PTV_AFTER);
	return nested;
}

static void leave_nest(struct ptv_cpu *cpu, unsigned int event, const char *label)
{
	cpu->port->point(cpu, label, PTV_BEFORE);
	ptv_aux(cpu, event)->nest = 0;
	cpu->port->point(cpu, label, PTV_AFTER);
	ptv_aux_put(cpu, event);
}

/* What a request to disable the event is stored as. */
static uint8_t request(const struct ptv_cpu *cpu)
{
	return ptv_era(cpu)->disable_is_cpu ? cpu->lp : 1U;
}

static bool no_room(struct ptv_cpu *cpu, unsigned int event)
{
	PTV_WRITE(cpu, "aux_begin", "pending_disable", ptv_event(cpu, event)->pending_disable,
		  request(cpu));
	ptv_observe(cpu, PTV_OBS_DISABLE_REQ, event, 0, 0);
	wakeup(cpu, event);
	leave_nest(cpu, event, "aux_begin.w.aux_nest#2");
	return false;
}

static bool begin(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, unsigned int event)
{
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);

	if (aux->regions == 0U || (ptv_era(cpu)->munmap_stops && aux->mmap_count == 0U))
		return false;
	aux->refcount++;
	if (enter_nest(cpu, aux)) {
		ptv_warn(cpu, PTV_WARN_AUX_NEST);
		ptv_aux_put(cpu, event);
		return false;
	}
	handle->event = (uint8_t)event;
	handle->head = aux->head;
	handle->size = 0;
	handle->wakeup = 0;
	handle->flags = 0;
	if (aux->snapshot)
		return true;
	handle->wakeup = aux->wakeup + aux->watermark;
	handle->size = room(aux, PTV_READ(cpu, "aux_begin", "aux_tail", aux->user_tail));
	return handle->size != 0U || no_room(cpu, event);
}

bool ptv_aux_begin(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, unsigned int event)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);
	const bool open = begin(cpu, handle, event);

	ptv_observe(cpu, PTV_OBS_AUX_BEGIN, (uint64_t)event | (open ? 0U : PTV_BIT(8)),
		    ptv_aux(cpu, event)->head, open ? handle->size : 0U);
	if (!open)
		handle->event = PTV_NO_EVENT;
	cpu->by = by;
	return open;
}

static bool wakes(const struct ptv_era_row *era, uint32_t flags)
{
	if (era->wake_on_flag == PTV_WAKE_NO_FLAG)
		return false;
	return era->wake_on_flag == PTV_WAKE_TRUNCATED ? (flags & PTV_AUX_FLAG_TRUNCATED) != 0U
						       : flags != 0U;
}

/* Whether an end is worth a record: OVERWRITE alone is not in 6.1. */
static bool worth_a_record(const struct ptv_era_row *era, uint32_t flags, uint64_t size)
{
	if (era->overwrite_quiet)
		flags &= ~PTV_AUX_FLAG_OVERWRITE;
	return size != 0U || flags != 0U;
}

/* rb_need_aux_wakeup. */
static bool crosses_watermark(const struct ptv_era_row *era, struct ptv_kern_aux *aux,
			      uint64_t head)
{
	if (aux->snapshot && era->overwrite_quiet)
		return false;
	if (head - aux->wakeup < aux->watermark)
		return false;
	if (era->wakeup_rounds && aux->watermark != 0U)
		aux->wakeup = head - head % aux->watermark;
	else
		aux->wakeup += aux->watermark;
	return true;
}

/* The record and the head; returns the position now published. */
static uint64_t publish(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint64_t size)
{
	const unsigned int event = handle->event;
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);
	uint64_t offset = aux->head;

	if (aux->snapshot) {
		handle->flags |= PTV_AUX_FLAG_OVERWRITE;
		offset = handle->head;
		aux->head = handle->head;
	} else {
		aux->head += size;
	}
	if (worth_a_record(ptv_era(cpu), handle->flags, size))
		ptv_observe(cpu, PTV_OBS_RECORD,
			    ptv_record_pack(PTV_RECORD_AUX, event, handle->flags), offset, size);
	PTV_WRITE(cpu, "aux_end", "aux_head", aux->user_head, aux->head);
	ptv_observe(cpu, PTV_OBS_HEAD, event, aux->head, 0);
	return aux->head;
}

static void end(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint64_t size)
{
	const struct ptv_era_row *era = ptv_era(cpu);
	const unsigned int event = handle->event;
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);
	bool wake = wakes(era, handle->flags);

	if (crosses_watermark(era, aux, publish(cpu, handle, size)))
		wake = true;
	if (wake) {
		if (era->truncated_disables && (handle->flags & PTV_AUX_FLAG_TRUNCATED)) {
			PTV_WRITE(cpu, "aux_end", "pending_disable",
				  ptv_event(cpu, event)->pending_disable, request(cpu));
			ptv_observe(cpu, PTV_OBS_DISABLE_REQ, event, 0, 0);
		}
		wakeup(cpu, event);
	}
	ptv_observe(cpu, PTV_OBS_AUX_END, event, size, handle->flags);
	PTV_WRITE(cpu, "aux_end", "handle.event", handle->event, PTV_NO_EVENT);
	leave_nest(cpu, event, "aux_end.w.aux_nest");
}

void ptv_aux_end(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint64_t size)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);

	if (handle->event < PTV_MAX_EVENTS && ptv_aux(cpu, handle->event)->nest)
		end(cpu, handle, size);
	else
		ptv_warn(cpu, PTV_WARN_AUX_END);
	cpu->by = by;
}

void ptv_aux_flag(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint32_t flags)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);

	handle->flags |= flags;
	if (handle->event != PTV_NO_EVENT)
		ptv_observe(cpu, PTV_OBS_AUX_FLAG, handle->event, flags, 0);
	cpu->by = by;
}

void ptv_kern_consume(struct ptv_cpu *cpu, unsigned int event, uint64_t bytes)
{
	struct ptv_kern_event *ev = ptv_event(cpu, event);
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);
	uint64_t unread;

	if (cpu->kern->dead || ev->state == PTV_EVENT_NONE || aux->mmap_count == 0U)
		return;
	ev->woken = 0;
	if (!aux->snapshot) {
		unread = aux->user_head - aux->user_tail;
		aux->user_tail += bytes < unread ? bytes : unread;
	}
	ptv_observe(cpu, PTV_OBS_CONSUME, event, aux->user_head, aux->user_tail);
}
