/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The views: what a world's state says, as the kernel's objects, and back.
 *
 * Of a CPU: struct pt without its filters (no event has address filters), pointers as numbers. Of a
 * buffer: the fields of struct pt_buffer that change, pointers as physical addresses; which pages
 * its tables lie in; which entries of them differ from what was built. Of an event: what struct
 * ptv_hw_event has.
 *
 * A buffer is built by the driver's own setup_aux(). When an operation finds that the world's
 * buffer is another one than what is built here (a hash of its geometry says so), setup_aux() runs
 * again and is given the same pages.
 */
#include "shim.h"

/* The block of a CPU. Pointers of the handle are 1 + the event's number. */
struct cpu_block {
	uint64_t event;
	uint64_t rb;
	uint64_t wakeup, size, aux_flags, head;
	uint64_t handle_nmi_vmx_on;
	uint64_t pause_resume;
	uint64_t output_base, output_mask;
} __attribute__((__may_alias__));

/* The block of a buffer. */
struct buf_block {
	uint64_t geometry; /* 0: not built */
	uint64_t table;	   /* the first page of tables */
	int8_t distance[PTV_LINUX_TABLES];
	uint64_t cur;
	uint64_t cur_idx_wrapped;
	uint64_t output_off, data_size, head;
	uint64_t stop_pos, intr_pos, stop_te, intr_te;
	uint64_t dirty[PTV_LINUX_WORDS / 64U];
} __attribute__((__may_alias__));

PTV_STATIC_ASSERT(sizeof(struct cpu_block) <= PTV_DRIVER_CPU_WORDS * 8U, "fits a CPU's block");
PTV_STATIC_ASSERT(sizeof(struct buf_block) <= PTV_DRIVER_BUF_WORDS * 8U, "fits a buffer's block");

#ifdef PTV_LINUX_AUX_CONFIG
#define HW_CONFIG(event) ((event)->hw.aux_config)
#else
#define HW_CONFIG(event) ((event)->hw.config)
#endif

/* --- the CPU --- */

static uint64_t number(const struct perf_event *event)
{
	return event ? 1U + ptv_linux_event_number(event) : 0U;
}

static struct perf_event *event_of(uint64_t n)
{
	return n != 0U && n <= PTV_MAX_EVENTS ? &ptv_linux.slot[n - 1U].event : NULL;
}

static void set_buf(struct ptv_linux_slot *slot, struct pt_buffer *buf)
{
	slot->buf = buf;
	ptv_linux_views_moved();
}

/* The last reference goes in the middle of an operation. */
static void freed(void *buf)
{
	unsigned int e;

	ptv_linux_pmu->free_aux(buf);
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		if (ptv_linux.slot[e].buf == buf)
			set_buf(&ptv_linux.slot[e], NULL);
	}
}

/* rb of an event: what ring_buffer.c reads of an AUX area without data pages. */
static void load_rb(struct ptv_cpu *cpu, unsigned int e)
{
	struct ptv_linux_slot *slot = &ptv_linux.slot[e];
	struct perf_buffer *rb = &slot->rb;
	struct ptv_aux_buffer aux;

	cpu->kernel->aux_get(cpu, e, &aux);
	rb->aux_head = (long)aux.head;
	rb->aux_wakeup = (long)aux.wakeup;
	rb->aux_watermark = (long)aux.watermark;
	rb->aux_nest = aux.nest;
	rb->aux_nr_pages = (int)aux.pages;
	rb->aux_overwrite = aux.snapshot;
	rb->aux_mmap_count.counter = aux.mmap_count;
	rb->aux_refcount.refs.counter = aux.refcount;
	rb->aux_priv = slot->buf;
	rb->free_aux = freed;
	rb->aux_pages = slot->pages;
	rb->user_page = &slot->user;
	slot->user.aux_head = aux.user_head;
	slot->user.aux_tail = aux.user_tail;
	slot->event.rb = rb;
}

static void save_rb(struct ptv_cpu *cpu, unsigned int e)
{
	const struct perf_buffer *rb = &ptv_linux.slot[e].rb;
	/* The core takes these. */
	const struct ptv_aux_buffer aux = {
		.head = (uint64_t)rb->aux_head,
		.wakeup = (uint64_t)rb->aux_wakeup,
		.nest = rb->aux_nest != 0U,
		.refcount = (uint8_t)rb->aux_refcount.refs.counter,
	};

	cpu->kernel->aux_put(cpu, e, &aux);
}

static void load_cpu(struct ptv_cpu *cpu)
{
	const struct cpu_block *block = cpu->kernel->cpu_state(cpu);
	struct pt *pt = &ptv_linux_pt_ctx[cpu->lp];

	pt->handle.event = event_of(block->event);
	pt->handle.rb = NULL;
	if (block->rb != 0U && block->rb <= PTV_MAX_EVENTS)
		pt->handle.rb = &ptv_linux.slot[block->rb - 1U].rb;
	pt->handle.wakeup = block->wakeup;
	pt->handle.size = block->size;
	pt->handle.aux_flags = block->aux_flags;
	pt->handle.head = block->head;
	pt->handle_nmi = (int)(block->handle_nmi_vmx_on & 1U);
	pt->vmx_on = (int)(block->handle_nmi_vmx_on >> 1);
#ifdef PTV_LINUX_AUX_PAUSE
	pt->pause_allowed = (int)(block->pause_resume & 1U);
	pt->resume_allowed = (int)(block->pause_resume >> 1);
#endif
	pt->output_base = block->output_base;
	pt->output_mask = block->output_mask;
}

static void save_cpu(struct ptv_cpu *cpu)
{
	struct cpu_block *block = cpu->kernel->cpu_state(cpu);
	const struct pt *pt = &ptv_linux_pt_ctx[cpu->lp];

	block->event = number(pt->handle.event);
	block->rb = block->event;
	block->wakeup = pt->handle.wakeup;
	block->size = pt->handle.size;
	block->aux_flags = pt->handle.aux_flags;
	block->head = pt->handle.head;
	block->handle_nmi_vmx_on = (pt->handle_nmi ? 1U : 0U) | (pt->vmx_on ? 2U : 0U);
#ifdef PTV_LINUX_AUX_PAUSE
	block->pause_resume = (pt->pause_allowed ? 1U : 0U) | (pt->resume_allowed ? 2U : 0U);
#endif
	block->output_base = pt->output_base;
	block->output_mask = pt->output_mask;
}

/* --- an event --- */

static void load_event(struct ptv_linux_slot *slot, const struct ptv_hw_event *hw)
{
	struct perf_event *event = &slot->event;

	event->pmu = ptv_linux_pmu;
	event->cpu = 0;
	event->attr.type = (u32)ptv_linux_pmu->type;
	event->attr.config = hw->attr_config;
	event->attr.exclude_kernel = hw->exclude_kernel != 0U;
	event->attr.exclude_user = hw->exclude_user != 0U;
	event->hw.state = (int)hw->state;
	HW_CONFIG(event) = hw->config;
#ifdef PTV_LINUX_AUX_PAUSE
	event->hw.aux_paused = hw->aux_paused;
#endif
}

static void save_event(const struct ptv_linux_slot *slot, struct ptv_hw_event *hw)
{
	hw->state = (uint32_t)slot->event.hw.state;
	hw->config = HW_CONFIG(&slot->event);
#ifdef PTV_LINUX_AUX_PAUSE
	hw->aux_paused = slot->event.hw.aux_paused != 0U;
#endif
}

/* --- a buffer --- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 29);
}

static uint64_t geometry_of(const struct ptv_linux_slot *slot, bool snapshot)
{
	uint64_t hash = mix(snapshot ? 1U : 2U, slot->regions);
	unsigned int i;

	for (i = 0; i < slot->regions; i++)
		hash = mix(mix(hash, slot->region[i].address), slot->region[i].size);
	for (i = 0; i < slot->tables; i++)
		hash = mix(hash, slot->table[i]);
	return hash ? hash : 1U;
}

static unsigned int order_of(uint64_t size)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

/* The AUX area as rb_alloc_aux() leaves it: an array of pages, orders in the first page of each
 * region. Returns the number of pages, 0 if it does not fit. */
static unsigned int take_pages(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_linux_slot *slot = &ptv_linux.slot[event];
	unsigned int pages = 0, i;

	slot->regions = 0;
	while (slot->regions < PTV_MAX_AUX_PAGES &&
	       cpu->kernel->aux_region(cpu, event, slot->regions, &slot->region[slot->regions])) {
		const struct ptv_aux_region *region = &slot->region[slot->regions++];
		const unsigned int count = (unsigned int)(region->size >> PAGE_SHIFT);

		if (pages + count > PTV_MAX_AUX_PAGES)
			return 0;
		for (i = 0; i < count; i++) {
			const uint64_t address = region->address + i * PAGE_SIZE;
			struct page *page = ptv_linux_page(address);

			slot->pages[pages++] = ptv_linux_phys_to_virt(address);
			page->flags = i == 0U && count > 1U ? 1U : 0U;
			page->private = page->flags ? order_of(region->size) : 0U;
		}
	}
	return pages;
}

/* Remembers the entries of the tables as they are now. False if they are too many. */
static bool take_words(struct ptv_linux_slot *slot)
{
	unsigned int t, i;

	slot->words = 0;
	for (t = 0; t < slot->tables; t++) {
		char *page = ptv_linux_phys_to_virt(slot->table[t]);
		const int last = ptv_linux_topa_last(page + PAGE_SIZE - ptv_linux_topa_bytes);

		for (i = 0; i <= (unsigned int)last; i++) {
			if (slot->words == PTV_LINUX_WORDS)
				return false;
			slot->word[slot->words] = (u64 *)page + i;
			slot->built[slot->words] = ((u64 *)page)[i];
			slot->flushed[slot->words] = 0;
			slot->words++;
		}
	}
	return true;
}

static void flush_slot(struct ptv_cpu *cpu, struct ptv_linux_slot *slot)
{
	unsigned int i;

	for (i = 0; i < slot->words; i++) {
		if (*slot->word[i] == slot->flushed[i])
			continue;
		slot->flushed[i] = *slot->word[i];
		if (!cpu->port->mem_write64(cpu, ptv_linux_virt_to_phys(slot->word[i]),
					    slot->flushed[i]))
			ptv_linux.no_words = true;
	}
}

void ptv_linux_flush(struct ptv_cpu *cpu)
{
	unsigned int e;

	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		if (ptv_linux.slot[e].geometry)
			flush_slot(cpu, &ptv_linux.slot[e]);
	}
}

static struct pt_buffer *setup(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_linux_slot *slot = &ptv_linux.slot[event];
	const unsigned int pages = take_pages(cpu, event);
	struct pt_buffer *buf;

	if (pages == 0U)
		return NULL;
	ptv_linux.building = slot;
	ptv_linux.taken = 0;
	buf = ptv_linux_pmu->setup_aux(&slot->event, slot->pages, (int)pages,
				       cpu->kernel->aux_snapshot(cpu, event));
	ptv_linux.building = NULL;
	return buf;
}

int ptv_linux_build(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_linux_slot *slot = &ptv_linux.slot[event];
	struct buf_block *block = cpu->kernel->buf_state(cpu, event);
	unsigned int i;

	slot->tables = 0;
	slot->geometry = 0;
	set_buf(slot, setup(cpu, event));
	if (!slot->buf)
		return -PTV_ENOMEM;
	ptv_linux.no_words = !take_words(slot);
	if (!ptv_linux.no_words)
		flush_slot(cpu, slot);
	for (i = 0; i < slot->tables; i++) {
		const int64_t distance =
			((int64_t)slot->table[i] - (int64_t)slot->table[0]) / (int64_t)PAGE_SIZE;

		block->distance[i] = (int8_t)distance;
		if (distance != block->distance[i])
			ptv_linux.no_words = true;
	}
	if (ptv_linux.no_words) {
		ptv_linux_pmu->free_aux(slot->buf);
		set_buf(slot, NULL);
		return -PTV_ENOMEM;
	}
	block->table = slot->table[0];
	slot->geometry = geometry_of(slot, slot->buf->snapshot);
	block->geometry = slot->geometry;
	load_rb(cpu, event);
	return 0;
}

/* What is built here goes; the world's pages stay its own. */
static void forget(struct ptv_linux_slot *slot)
{
	if (slot->buf) {
		ptv_linux.again = true;
		ptv_linux_pmu->free_aux(slot->buf);
		ptv_linux.again = false;
	}
	set_buf(slot, NULL);
	slot->geometry = 0;
}

void ptv_linux_drop(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_linux_slot *slot = &ptv_linux.slot[event];
	struct buf_block *block = cpu->kernel->buf_state(cpu, event);

	if (slot->buf)
		ptv_linux_pmu->free_aux(slot->buf);
	set_buf(slot, NULL);
	slot->geometry = 0;
	__builtin_memset(block, 0, sizeof(*block));
}

/* Builds again what the world has. */
static void rebuild(struct ptv_cpu *cpu, unsigned int event, const struct buf_block *block)
{
	struct ptv_linux_slot *slot = &ptv_linux.slot[event];
	unsigned int i;

	slot->tables = PTV_LINUX_TABLES;
	for (i = 0; i < PTV_LINUX_TABLES; i++)
		slot->table[i] =
			block->table + (uint64_t)((int64_t)block->distance[i] * (int64_t)PAGE_SIZE);
	ptv_linux.again = true;
	set_buf(slot, setup(cpu, event));
	ptv_linux.again = false;
	slot->tables = ptv_linux.taken;
	PTV_ASSERT(slot->buf && take_words(slot));
	slot->geometry = geometry_of(slot, slot->buf->snapshot);
	PTV_ASSERT(slot->geometry == block->geometry);
	for (i = 0; i < slot->words; i++)
		slot->flushed[i] = slot->built[i];
}

/* --- entries of the tables --- */

static bool bit(const uint64_t *bits, unsigned int n)
{
	return (bits[n / 64U] >> (n % 64U)) & 1U;
}

static void load_words(struct ptv_cpu *cpu, struct ptv_linux_slot *slot,
		       const struct buf_block *block)
{
	unsigned int i;

	for (i = 0; i < slot->words; i++) {
		u64 value = slot->built[i];

		if (bit(block->dirty, i))
			value = cpu->port->mem_read64(cpu, ptv_linux_virt_to_phys(slot->word[i]));
		*slot->word[i] = value;
		slot->flushed[i] = value;
	}
}

static void save_words(const struct ptv_linux_slot *slot, struct buf_block *block)
{
	unsigned int i;

	__builtin_memset(block->dirty, 0, sizeof(block->dirty));
	for (i = 0; i < slot->words; i++) {
		if (*slot->word[i] != slot->built[i])
			block->dirty[i / 64U] |= PTV_BIT(i % 64U);
	}
}

static uint64_t entry_address(const struct topa_entry *entry)
{
	return entry ? ptv_linux_virt_to_phys(entry) : 0U;
}

static void load_buf(struct ptv_cpu *cpu, struct ptv_linux_slot *slot,
		     const struct buf_block *block)
{
	struct pt_buffer *buf = slot->buf;

	buf->cur = NULL;
	if (block->cur)
		buf->cur = ptv_linux_phys_to_virt(block->cur + PAGE_SIZE - ptv_linux_topa_bytes);
	buf->cur_idx = (unsigned int)(block->cur_idx_wrapped >> 1);
	buf->wrapped = block->cur_idx_wrapped & 1U;
	buf->output_off = block->output_off;
	local_set(&buf->data_size, block->data_size);
	local64_set(&buf->head, block->head);
	buf->stop_pos = (long)block->stop_pos;
	buf->intr_pos = (long)block->intr_pos;
	buf->stop_te = block->stop_te ? ptv_linux_phys_to_virt(block->stop_te) : NULL;
	buf->intr_te = block->intr_te ? ptv_linux_phys_to_virt(block->intr_te) : NULL;
	load_words(cpu, slot, block);
}

static void save_buf(const struct ptv_linux_slot *slot, struct buf_block *block)
{
	const struct pt_buffer *buf = slot->buf;

	block->cur = 0;
	if (buf->cur)
		block->cur = ptv_linux_virt_to_phys(buf->cur) & PAGE_MASK;
	block->cur_idx_wrapped = (uint64_t)buf->cur_idx << 1 | (buf->wrapped ? 1U : 0U);
	block->output_off = buf->output_off;
	block->data_size = (uint64_t)local_read(&buf->data_size);
	block->head = (uint64_t)local64_read(&buf->head);
	block->stop_pos = (uint64_t)buf->stop_pos;
	block->intr_pos = (uint64_t)buf->intr_pos;
	block->stop_te = entry_address(buf->stop_te);
	block->intr_te = entry_address(buf->intr_te);
	save_words(slot, block);
}

/* --- all of it --- */

void ptv_linux_load(struct ptv_cpu *cpu)
{
	const struct buf_block *block[PTV_MAX_EVENTS];
	unsigned int e;

	load_cpu(cpu);
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		struct ptv_linux_slot *slot = &ptv_linux.slot[e];
		const struct ptv_hw_event *hw = cpu->kernel->hw(cpu, e);

		block[e] = hw ? cpu->kernel->buf_state(cpu, e) : NULL;
		if (hw)
			load_event(slot, hw);
		if (slot->geometry && (!hw || block[e]->geometry != slot->geometry))
			forget(slot);
	}
	/* When all that is in the way has gone. */
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		struct ptv_linux_slot *slot = &ptv_linux.slot[e];

		if (!block[e] || block[e]->geometry == 0U)
			continue;
		if (!slot->geometry)
			rebuild(cpu, e, block[e]);
		load_buf(cpu, slot, block[e]);
		load_rb(cpu, e);
	}
}

void ptv_linux_save(struct ptv_cpu *cpu)
{
	unsigned int e;

	save_cpu(cpu);
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		struct ptv_linux_slot *slot = &ptv_linux.slot[e];
		struct ptv_hw_event *hw = cpu->kernel->hw(cpu, e);
		struct buf_block *block;

		if (hw)
			save_event(slot, hw);
		if (!hw || !slot->geometry)
			continue;
		flush_slot(cpu, slot);
		block = cpu->kernel->buf_state(cpu, e);
		if (slot->buf) {
			save_buf(slot, block);
		} else {
			__builtin_memset(block, 0, sizeof(*block));
			slot->geometry = 0;
		}
		save_rb(cpu, e);
	}
}
