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
 *
 * Entries of tables are looked at when the driver has written to one (point.c sees it), and
 * unpacked where they are not as built.
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
	uint64_t dirty[PTV_LINUX_WORDS / 64U]; /* entries that are not as built */
} __attribute__((__may_alias__));

PTV_STATIC_ASSERT(sizeof(struct cpu_block) <= PTV_DRIVER_CPU_WORDS * 8U, "fits a CPU's block");
PTV_STATIC_ASSERT(sizeof(struct buf_block) <= PTV_DRIVER_BUF_WORDS * 8U, "fits a buffer's block");

/* An open event of the world that is unpacked. */
struct opened {
	unsigned int number;
	struct ptv_linux_slot *slot;
	struct ptv_hw_event *hw;
	struct buf_block *block;
};

static struct {
	struct cpu_block *cpu;
	struct opened event[PTV_MAX_EVENTS];
	unsigned int events;
} world;

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
	slot->rb.aux_priv = buf;
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

/* rb of an event whose buffer has been built: an AUX area without data pages. */
static void bind_rb(struct ptv_linux_slot *slot)
{
	slot->rb.free_aux = freed;
	slot->rb.aux_pages = slot->pages;
	slot->rb.user_page = &slot->user;
	slot->event.rb = &slot->rb;
}

/* What ring_buffer.c reads of it. */
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
	slot->user.aux_head = aux.user_head;
	slot->user.aux_tail = aux.user_tail;
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

static void load_cpu(const struct cpu_block *block)
{
	struct pt *pt = ptv_linux_pt;

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

/* Two that are true or false. */
static uint64_t two(int low, int high)
{
	return (uint64_t)(low != 0) | (uint64_t)(high != 0) << 1;
}

static void save_cpu(struct cpu_block *block)
{
	const struct pt *pt = ptv_linux_pt;

	block->event = number(pt->handle.event);
	block->rb = block->event;
	block->wakeup = pt->handle.wakeup;
	block->size = pt->handle.size;
	block->aux_flags = pt->handle.aux_flags;
	block->head = pt->handle.head;
	block->handle_nmi_vmx_on = two(pt->handle_nmi, pt->vmx_on);
#ifdef PTV_LINUX_AUX_PAUSE
	block->pause_resume = two(pt->pause_allowed, pt->resume_allowed);
#endif
	block->output_base = pt->output_base;
	block->output_mask = pt->output_mask;
}

/* --- an event --- */

static void load_event(struct ptv_linux_slot *slot, const struct ptv_hw_event *hw)
{
	struct perf_event *event = &slot->event;

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

			slot->pages[pages++] = ptv_linux_va(address);
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
	__builtin_memset(slot->dirty, 0, sizeof(slot->dirty));
	for (t = 0; t < slot->tables; t++) {
		char *page = ptv_linux_va(slot->table[t]);
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

	__builtin_memset(slot->dirty, 0, sizeof(slot->dirty));
	for (i = 0; i < slot->words; i++) {
		if (*slot->word[i] != slot->built[i])
			slot->dirty[i / 64U] |= PTV_BIT(i % 64U);
		if (*slot->word[i] == slot->flushed[i])
			continue;
		slot->flushed[i] = *slot->word[i];
		if (!cpu->port->mem_write64(cpu, ptv_linux_pa(slot->word[i]), slot->flushed[i]))
			ptv_linux.no_words = true;
	}
}

void ptv_linux_flush(struct ptv_cpu *cpu)
{
	unsigned int e;

	if (!ptv_linux.tables_written)
		return;
	ptv_linux.tables_written = false;
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
	bind_rb(slot);
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
	bind_rb(slot);
	for (i = 0; i < slot->words; i++)
		slot->flushed[i] = slot->built[i];
}

/* --- entries of the tables --- */

static bool bit(const uint64_t *bits, unsigned int n)
{
	return (bits[n / 64U] >> (n % 64U)) & 1U;
}

static void load_word(struct ptv_cpu *cpu, struct ptv_linux_slot *slot, unsigned int i)
{
	*slot->word[i] = slot->built[i];
	if (bit(slot->dirty, i))
		*slot->word[i] = cpu->port->mem_read64(cpu, ptv_linux_pa(slot->word[i]));
	slot->flushed[i] = *slot->word[i];
}

/* Those that are not as built, here or in the world. */
static void load_words(struct ptv_cpu *cpu, struct ptv_linux_slot *slot, const uint64_t *dirty)
{
	unsigned int n;

	for (n = 0; n < PTV_LINUX_WORDS / 64U; n++) {
		uint64_t left = slot->dirty[n] | dirty[n];

		slot->dirty[n] = dirty[n];
		for (; left != 0U; left &= left - 1U)
			load_word(cpu, slot, n * 64U + (unsigned int)__builtin_ctzll(left));
	}
}

static uint64_t entry_address(const struct topa_entry *entry)
{
	return entry ? ptv_linux_pa(entry) : 0U;
}

static void load_buf(struct ptv_cpu *cpu, struct ptv_linux_slot *slot,
		     const struct buf_block *block)
{
	struct pt_buffer *buf = slot->buf;

	buf->cur = NULL;
	if (block->cur)
		buf->cur = ptv_linux_va(block->cur + PAGE_SIZE - ptv_linux_topa_bytes);
	buf->cur_idx = (unsigned int)(block->cur_idx_wrapped >> 1);
	buf->wrapped = block->cur_idx_wrapped & 1U;
	buf->output_off = block->output_off;
	local_set(&buf->data_size, block->data_size);
	local64_set(&buf->head, block->head);
	buf->stop_pos = (long)block->stop_pos;
	buf->intr_pos = (long)block->intr_pos;
	buf->stop_te = block->stop_te ? ptv_linux_va(block->stop_te) : NULL;
	buf->intr_te = block->intr_te ? ptv_linux_va(block->intr_te) : NULL;
	load_words(cpu, slot, block->dirty);
}

static void save_buf(const struct ptv_linux_slot *slot, struct buf_block *block)
{
	const struct pt_buffer *buf = slot->buf;
	unsigned int n;

	block->cur = buf->cur ? ptv_linux_pa(buf->cur) & PAGE_MASK : 0U;
	block->cur_idx_wrapped = (uint64_t)buf->cur_idx << 1 | (buf->wrapped ? 1U : 0U);
	block->output_off = buf->output_off;
	block->data_size = (uint64_t)local_read(&buf->data_size);
	block->head = (uint64_t)local64_read(&buf->head);
	block->stop_pos = (uint64_t)buf->stop_pos;
	block->intr_pos = (uint64_t)buf->intr_pos;
	block->stop_te = entry_address(buf->stop_te);
	block->intr_te = entry_address(buf->intr_te);
	for (n = 0; n < PTV_LINUX_WORDS / 64U; n++)
		block->dirty[n] = slot->dirty[n];
}

/* --- all of it --- */

void ptv_linux_state_reset(void)
{
	unsigned int e;

	__builtin_memset(ptv_linux.slot, 0, sizeof(ptv_linux.slot));
	ptv_linux.tables_written = false;
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		ptv_linux.slot[e].event.pmu = ptv_linux_pmu;
		ptv_linux.slot[e].event.attr.type = (u32)ptv_linux_pmu->type;
	}
}

/* What the world has. What is built here and not there goes. */
static void look_up(struct ptv_cpu *cpu)
{
	struct ptv_linux_slot *slot = ptv_linux.slot;
	struct opened *event = world.event;
	unsigned int e;

	world.cpu = cpu->kernel->cpu_state(cpu);
	for (e = 0; e < PTV_MAX_EVENTS; e++, slot++) {
		event->hw = cpu->kernel->hw(cpu, e);
		if (event->hw) {
			event->number = e;
			event->slot = slot;
			event->block = cpu->kernel->buf_state(cpu, e);
		}
		if (slot->geometry && (!event->hw || event->block->geometry != slot->geometry))
			forget(slot);
		if (event->hw)
			event++;
	}
	world.events = (unsigned int)(event - world.event);
}

void ptv_linux_load(struct ptv_cpu *cpu)
{
	const struct opened *event;

	look_up(cpu);
	load_cpu(world.cpu);
	for (event = world.event; event < world.event + world.events; event++) {
		struct ptv_linux_slot *slot = event->slot;

		load_event(slot, event->hw);
		if (event->block->geometry == 0U)
			continue;
		if (!slot->geometry)
			rebuild(cpu, event->number, event->block);
		load_buf(cpu, slot, event->block);
		load_rb(cpu, event->number);
	}
}

void ptv_linux_save(struct ptv_cpu *cpu)
{
	const struct opened *event;

	save_cpu(world.cpu);
	ptv_linux_flush(cpu);
	for (event = world.event; event < world.event + world.events; event++) {
		struct ptv_linux_slot *slot = event->slot;

		save_event(slot, event->hw);
		if (!slot->geometry)
			continue;
		if (slot->buf) {
			save_buf(slot, event->block);
		} else {
			__builtin_memset(event->block, 0, sizeof(*event->block));
			slot->geometry = 0;
		}
		save_rb(cpu, event->number);
	}
}
