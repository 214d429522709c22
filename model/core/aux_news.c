/* SPDX-License-Identifier: MIT */
/*
 * What it is. The AUX buffer for drivers that bring the kernel's own perf_aux_output_*() along: the
 * bookkeeping lies here all the same, their code works on a copy of it, and what becomes of a
 * transaction is told.
 *
 * Rules. What is told is observed as aux_output.c observes it; a wake-up is queued, a request to
 * disable the event stored as the value that the kernel stores. With the last reference the pages
 * go; the tables are the driver's, who has freed them.
 *
 * Sources: kernel/events/ring_buffer.c of 6.1.192 and 6.12.117.
 */
#include "core.h"

void ptv_aux_get(struct ptv_cpu *cpu, unsigned int event, struct ptv_aux_buffer *buffer)
{
	const struct ptv_kern_aux *aux = ptv_aux(cpu, event);

	buffer->head = aux->head;
	buffer->wakeup = aux->wakeup;
	buffer->watermark = aux->watermark;
	buffer->user_head = aux->user_head;
	buffer->user_tail = aux->user_tail;
	buffer->pages = aux->pages;
	buffer->snapshot = aux->snapshot;
	buffer->mmap_count = aux->mmap_count;
	buffer->nest = aux->nest;
	buffer->refcount = aux->refcount;
}

void ptv_aux_set(struct ptv_cpu *cpu, unsigned int event, const struct ptv_aux_buffer *buffer)
{
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);
	const bool last = aux->refcount > 0U && buffer->refcount == 0U;

	aux->head = buffer->head;
	aux->wakeup = buffer->wakeup;
	aux->nest = buffer->nest;
	aux->refcount = buffer->refcount;
	if (last)
		ptv_aux_pages_gone(cpu, event);
}

static void disable(struct ptv_cpu *cpu, unsigned int event, uint64_t value)
{
	ptv_event(cpu, event)->pending_disable = (uint8_t)value;
	ptv_observe(cpu, PTV_OBS_DISABLE_REQ, event, 0, 0);
}

static void wakeup(struct ptv_cpu *cpu, unsigned int event)
{
	ptv_event(cpu, event)->pending_wakeup = 1;
	ptv_irq_work_queue(cpu, event);
}

static void head(struct ptv_cpu *cpu, unsigned int event, uint64_t position)
{
	ptv_aux(cpu, event)->user_head = position;
	ptv_observe(cpu, PTV_OBS_HEAD, event, position, 0);
}

void ptv_aux_news(struct ptv_cpu *cpu, unsigned int event, enum ptv_aux_news what, uint64_t a,
		  uint64_t b, uint64_t c)
{
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);

	switch (what) {
	case PTV_AUX_NEWS_BEGIN:
		ptv_observe(cpu, PTV_OBS_AUX_BEGIN, (uint64_t)event | (a ? PTV_BIT(8) : 0U), b, c);
		break;
	case PTV_AUX_NEWS_FLAG:
		ptv_observe(cpu, PTV_OBS_AUX_FLAG, event, a, 0);
		break;
	case PTV_AUX_NEWS_RECORD:
		ptv_observe(cpu, PTV_OBS_RECORD,
			    ptv_record_pack(PTV_RECORD_AUX, event, (uint32_t)a), b, c);
		break;
	case PTV_AUX_NEWS_HEAD:
		head(cpu, event, a);
		break;
	case PTV_AUX_NEWS_DISABLE:
		disable(cpu, event, a);
		break;
	case PTV_AUX_NEWS_WAKEUP:
		wakeup(cpu, event);
		break;
	case PTV_AUX_NEWS_END:
		ptv_observe(cpu, PTV_OBS_AUX_END, event, a, b);
		break;
	}
	cpu->by = by;
}
