/* SPDX-License-Identifier: MIT */
/*
 * What it is. The pages of an AUX buffer: how many regions of which size the allocator gives, where
 * they lie, and when they go.
 *
 * State. struct ptv_kern_aux: regions in ring order (page in the event's arena, order), refcount
 * (1 for the mapping, 1 for an open transaction), mmap_count.
 *
 * Rules. The driver's capabilities decide the largest order: without multi-entry ToPA PT sets
 * AUX_NO_SG and AUX_SW_DOUBLEBUF, so regions are as large as fits (ilog2 of the pages), in full
 * mode one order less, that there be two; one page in full mode is -EINVAL. In snapshot mode such a
 * buffer must be one region. With multi-entry ToPA regions are single pages. By the rule of 6.1 the
 * watermark (half of the buffer by default) is the largest size for both. What the allocator
 * fell back to can be given (region_pages): not beyond the largest order. A region is naturally
 * aligned; no region follows another one physically, so that output that runs on past the end of a
 * region is seen.
 *
 * munmap: from 4.6 the event is stopped (UPDATE) where it runs, and no transaction begins any more
 * (95ff4ca26c49, dcb10a967ce8). Pages are freed with the last reference; 4.5 leaves them to the end
 * of the transaction. An end inside an end (a PMI that the driver lets in) takes the mapping's
 * reference: the pages go under the user's feet, and munmap has the WARN that from 4.6 looks at the
 * count.
 *
 * Not modelled: allocation failures (smaller orders are given explicitly), NUMA nodes, the irq_work
 * to which 4.5 leaves the freeing of pages in atomic context, the data buffer's pages.
 *
 * Sources: kernel/events/ring_buffer.c: rb_alloc_aux, rb_free_aux (6a279230391b for double
 * buffering); arch/x86/events/intel/pt.c: pt_init; kernel/events/core.c: perf_mmap_close.
 */
#include "core.h"

#include <string.h>

static unsigned int ilog2(unsigned int n)
{
	unsigned int log = 0;

	while (n >>= 1)
		log++;
	return log;
}

static bool power_of_2(unsigned int n)
{
	return n != 0U && (n & (n - 1U)) == 0U;
}

static bool no_scatter(const struct ptv_cpu *cpu)
{
	return !cpu->caps->topa_multiple_entries;
}

static unsigned int get_order(uint64_t bytes)
{
	unsigned int order = 0;

	while (((uint64_t)PTV_AUX_PAGE << order) < bytes)
		order++;
	return order;
}

/* The order of a region of the size that the consumer wants to be woken for. */
static int watermark_order(const struct ptv_event_cfg *cfg)
{
	const uint64_t half = (uint64_t)cfg->aux_pages * PTV_AUX_PAGE / 2U;

	if (cfg->mode == PTV_AUX_SNAPSHOT)
		return (int)ilog2(cfg->aux_pages);
	return (int)get_order(cfg->watermark ? cfg->watermark : half);
}

/* The largest order that rb_alloc_aux asks for, or -PTV_EINVAL. */
static int max_order(const struct ptv_cpu *cpu, const struct ptv_event_cfg *cfg)
{
	int order = 0;

	if (ptv_era(cpu)->aux_high_order)
		return watermark_order(cfg);
	if (!no_scatter(cpu))
		return 0;
	order = (int)ilog2(cfg->aux_pages);
	if (no_scatter(cpu) && cfg->mode == PTV_AUX_FULL) {
		if (order == 0)
			return -PTV_EINVAL;
		order--;
	}
	return order;
}

/* Places a region of 1 << order pages behind the ones there are. */
static void add_region(struct ptv_kern_aux *aux, unsigned int order)
{
	const unsigned int size = 1U << order;
	unsigned int page = 0;

	if (aux->regions > 0U) {
		const unsigned int last = aux->regions - 1U;

		page = aux->region_page[last] + (1U << aux->region_order[last]) + 1U;
		page = (page + size - 1U) & ~(size - 1U);
	}
	aux->region_page[aux->regions] = (uint16_t)page;
	aux->region_order[aux->regions] = (uint8_t)order;
	aux->regions++;
	aux->pages = (uint8_t)(aux->pages + size);
}

/* The regions that the scenario says the allocator gave. */
static int given_regions(struct ptv_kern_aux *aux, const struct ptv_event_cfg *cfg,
			 unsigned int order)
{
	unsigned int i;

	for (i = 0; i < cfg->region_pages_count; i++) {
		const unsigned int pages = cfg->region_pages[i];

		if (i >= PTV_MAX_AUX_PAGES || !power_of_2(pages) || ilog2(pages) > order ||
		    aux->pages + pages > cfg->aux_pages)
			return -PTV_EINVAL;
		add_region(aux, ilog2(pages));
	}
	return aux->pages == cfg->aux_pages ? 0 : -PTV_EINVAL;
}

static int alloc_regions(const struct ptv_cpu *cpu, struct ptv_kern_aux *aux,
			 const struct ptv_event_cfg *cfg)
{
	const int order = max_order(cpu, cfg);
	int result = 0;

	if (order < 0)
		return order;
	if (cfg->region_pages_count > 0U)
		result = given_regions(aux, cfg, (unsigned int)order);
	while (result == 0 && aux->pages < cfg->aux_pages) {
		const unsigned int fits = ilog2(cfg->aux_pages - aux->pages);

		add_region(aux, fits < (unsigned int)order ? fits : (unsigned int)order);
	}
	if (result == 0 && no_scatter(cpu) && cfg->mode == PTV_AUX_SNAPSHOT && aux->regions != 1U)
		result = -PTV_ENOMEM;
	return result;
}

bool ptv_aux_region_at(const struct ptv_kern_aux *aux, unsigned int event, uint32_t n,
		       struct ptv_aux_region *region)
{
	uint64_t pages = 0;
	uint32_t i;

	if (n >= aux->regions)
		return false;
	for (i = 0; i < n; i++)
		pages += PTV_BIT(aux->region_order[i]);
	region->address = PTV_AUX_BASE + ((uint64_t)event << PTV_AUX_SHIFT) +
			  (uint64_t)aux->region_page[n] * PTV_AUX_PAGE;
	region->ring_offset = pages * PTV_AUX_PAGE;
	region->size = (uint64_t)PTV_AUX_PAGE << aux->region_order[n];
	return true;
}

static void observe_pages(struct ptv_cpu *cpu, unsigned int event, bool freed)
{
	const struct ptv_kern_aux *aux = ptv_aux(cpu, event);
	struct ptv_aux_region region;
	uint32_t n;

	for (n = 0; ptv_aux_region_at(aux, event, n, &region); n++)
		ptv_observe(cpu, PTV_OBS_PAGE, (uint64_t)event | (freed ? PTV_BIT(8) : 0U),
			    region.size | (region.ring_offset << 32), region.address);
}

/* What earlier transactions left, each of them shorter than a watermark. */
static void had_earlier(struct ptv_kern_aux *aux, uint64_t bytes)
{
	aux->head = bytes;
	aux->user_head = bytes;
	aux->user_tail = bytes;
	aux->wakeup = bytes - bytes % aux->watermark;
}

int ptv_aux_map(struct ptv_cpu *cpu, unsigned int event, const struct ptv_event_cfg *cfg)
{
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);
	int result;

	PTV_STATIC_ASSERT(PTV_MAX_AUX_PAGES <= UINT8_MAX, "pages and regions are bytes");
	memset(aux, 0, sizeof(*aux));
	if (!power_of_2(cfg->aux_pages) || cfg->aux_pages > PTV_MAX_AUX_PAGES)
		return -PTV_EINVAL;
	result = alloc_regions(cpu, aux, cfg);
	if (result == 0) {
		aux->snapshot = cfg->mode == PTV_AUX_SNAPSHOT;
		aux->watermark = cfg->watermark;
		if (aux->watermark == 0U && !aux->snapshot)
			aux->watermark = ptv_aux_bytes(aux) / 2U;
		result = ptv_call_setup_aux(cpu, event);
	}
	if (result != 0) {
		memset(aux, 0, sizeof(*aux));
		return result;
	}
	if (cfg->earlier != 0U && !aux->snapshot) {
		PTV_ASSERT(cfg->earlier < ptv_aux_bytes(aux));
		had_earlier(aux, cfg->earlier);
	}
	aux->refcount = 1;
	aux->mmap_count = 1;
	observe_pages(cpu, event, false);
	return 0;
}

void ptv_aux_pages_gone(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);

	observe_pages(cpu, event, true);
	aux->regions = 0;
	aux->pages = 0;
}

void ptv_aux_put(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);

	/* One put too many is the driver's bug (an end inside an end), and nobody notices it here.
	 */
	if (aux->refcount == 0U || --aux->refcount > 0U)
		return;
	ptv_call_free_aux(cpu, event);
	ptv_aux_pages_gone(cpu, event);
}

/* __perf_event_stop, with an event that is on this CPU. */
static void stop_here(struct ptv_cpu *cpu, uint64_t event)
{
	const unsigned int e = (unsigned int)event;
	const struct ptv_kern_event *ev = ptv_event(cpu, e);
	const uint8_t by = ptv_run_as(cpu, PTV_BY_CORE);

	if (ev->state == PTV_EVENT_ACTIVE && ev->oncpu == cpu->lp)
		ptv_call_stop(cpu, e, PTV_EF_UPDATE);
	cpu->by = by;
}

void ptv_aux_unmap(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_kern_aux *aux = ptv_aux(cpu, event);
	const struct ptv_kern_event *ev = ptv_event(cpu, event);
	bool gone;

	if (aux->mmap_count == 0U)
		return;
	PTV_WRITE(cpu, "munmap", "aux_mmap_count", aux->mmap_count, 0);
	if (ptv_era(cpu)->munmap_stops && ev->oncpu != PTV_NO_LP)
		cpu->port->ipi(cpu, ev->oncpu, stop_here, event);
	if (cpu->kern->dead)
		return;
	gone = aux->refcount == 0U;
	ptv_aux_put(cpu, event);
	/* WARN_ON_ONCE(rb->aux_refcount): 1 too many, or -1 */
	if (ptv_era(cpu)->munmap_stops && (gone || aux->refcount > 0U))
		ptv_warn(cpu, PTV_WARN_AUX_REFCOUNT);
}
