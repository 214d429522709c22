/* SPDX-License-Identifier: MIT */
/*
 * The driver's ToPA tables: how the AUX area is described to the hardware, where in it the driver
 * believes to be, and where the hardware is to stop and to interrupt.
 *
 * What it is. ToPA (table of physical addresses) lists output regions. Hardware with multi-entry
 * ToPA walks a table by itself; the driver builds one table with all regions and an END entry that
 * points back to it. Hardware with single-entry ToPA (Broadwell) allows one region a table: entry 0
 * is the region, entry 1 END to the same table. There the driver builds a table for each region and
 * steps from one to the next when a region is full, which it learns from a PMI that comes *before*
 * the end (pt.c assumes 512 bytes). All these entries are INT and STOP, so that late handling loses
 * data and does not overwrite any.
 *
 * Markers. On multi-entry hardware nothing stops the walk but a STOP bit: before each transaction
 * STOP is put on the last region that may be filled completely without touching what the consumer
 * has not read, and INT on the one at which it wants to be woken. Both stay where they are until
 * the next transaction, even if the consumer reads on.
 *
 * Not as in Linux. Its table pages carry their own bookkeeping; here the words of a table are few,
 * so that the pages of tables are kept in the buffer's state, as distances from the first one.
 *
 * Sources: perf_event_intel_pt.c at 009f77383651, pt.c of v4.8 and at ee368428aac9; ab92b232ae05
 * for PMI and STOP in one entry. An offset inside a region is head & (size - 1), as there: it holds
 * only if the allocator gave naturally aligned regions in the ring, and that is not checked.
 */
#include "pt.h"

#define PAGE_SHIFT 12
#define ENTRY_SIZE 8U

PTV_STATIC_ASSERT((PTV_MAX_AUX_PAGES + 1U) * ENTRY_SIZE <= PTV_AUX_PAGE,
		  "all regions and the END entry fit one table page");

static bool multiple_entries(const struct ptv_cpu *cpu)
{
	return cpu->caps->topa_multiple_entries;
}

static uint64_t buffer_size(const struct ptv_pt_buffer *buf)
{
	return (uint64_t)buf->nr_pages << PAGE_SHIFT;
}

/* --- tables --- */

static uint64_t table_address(const struct ptv_pt_buffer *buf, unsigned int table)
{
	return buf->table + (uint64_t)((int64_t)buf->table_page[table] * (int64_t)PTV_AUX_PAGE);
}

/* Where the entry of a region lies. */
static uint64_t entry_address(const struct ptv_cpu *cpu, const struct ptv_pt_buffer *buf,
			      unsigned int region)
{
	if (multiple_entries(cpu))
		return buf->table + (uint64_t)region * ENTRY_SIZE;
	return table_address(buf, region);
}

/* Output entries of a table: `last` of pt.c's struct topa. */
static unsigned int table_last(const struct ptv_cpu *cpu, const struct ptv_pt_buffer *buf)
{
	return multiple_entries(cpu) ? buf->nr_regions : 1U;
}

static unsigned int current_region(const struct ptv_cpu *cpu, const struct ptv_pt_buffer *buf)
{
	return multiple_entries(cpu) ? buf->cur_idx : buf->cur;
}

static void set_current_region(const struct ptv_cpu *cpu, struct ptv_pt_buffer *buf,
			       unsigned int region)
{
	buf->cur = multiple_entries(cpu) ? 0U : (uint8_t)region;
	buf->cur_idx = multiple_entries(cpu) ? (uint8_t)region : 0U;
}

static struct ptv_aux_region region_of(struct ptv_cpu *cpu, unsigned int event, unsigned int number)
{
	struct ptv_aux_region region = {0, 0, 0};
	const bool found = cpu->kernel->aux_region(cpu, event, number, &region);

	PTV_ASSERT(found && region.size != 0U);
	return region;
}

static struct ptv_aux_region pt_buffer_region(struct ptv_cpu *cpu, unsigned int event,
					      const struct ptv_pt_buffer *buf)
{
	return region_of(cpu, event, current_region(cpu, buf));
}

/* The number of the region that holds a page of the ring. */
static unsigned int region_at_page(struct ptv_cpu *cpu, unsigned int event,
				   const struct ptv_pt_buffer *buf, uint64_t page)
{
	const uint64_t position = page << PAGE_SHIFT;
	unsigned int number;

	for (number = 0; number + 1U < buf->nr_regions; number++) {
		const struct ptv_aux_region region = region_of(cpu, event, number);

		if (position < region.ring_offset + region.size)
			break;
	}
	return number;
}

/* --- building --- */

static bool topa_alloc(struct ptv_cpu *cpu, struct ptv_pt_buffer *buf)
{
	const uint64_t address = cpu->kernel->table_alloc(cpu);
	int64_t pages;

	if (address == 0U)
		return false;
	if (buf->nr_tables == 0U)
		buf->table = address;
	pages = ((int64_t)address - (int64_t)buf->table) / (int64_t)PTV_AUX_PAGE;
	if (pages < INT16_MIN || pages > INT16_MAX) {
		cpu->kernel->table_free(cpu, address);
		return false;
	}
	buf->table_page[buf->nr_tables++] = (int16_t)pages;
	return true;
}

static bool topa_end(struct ptv_cpu *cpu, uint64_t table, unsigned int index)
{
	return cpu->port->mem_write64(cpu, table + index * ENTRY_SIZE, table | PTV_TOPA_END);
}

static uint64_t topa_entry(const struct ptv_aux_region *region)
{
	unsigned int order = 0;

	while (((uint64_t)PTV_AUX_PAGE << order) < region->size)
		order++;
	return region->address | ((uint64_t)order << PTV_TOPA_SIZE_SHIFT);
}

/* One more region of the buffer gets its entry. */
static bool topa_insert_pages(struct ptv_cpu *cpu, struct ptv_pt_buffer *buf,
			      const struct ptv_aux_region *region)
{
	const unsigned int number = buf->nr_regions;
	uint64_t entry = topa_entry(region);

	if (!multiple_entries(cpu)) {
		if (!topa_alloc(cpu, buf))
			return false;
		if (!topa_end(cpu, table_address(buf, number), 1))
			return false;
		if (!buf->snapshot)
			entry |= PTV_TOPA_INT | PTV_TOPA_STOP;
	}
	buf->nr_regions++;
	return cpu->port->mem_write64(cpu, entry_address(cpu, buf, number), entry);
}

static bool pt_buffer_init_topa(struct ptv_cpu *cpu, unsigned int event, struct ptv_pt_buffer *buf)
{
	struct ptv_aux_region region;

	if (multiple_entries(cpu) && !topa_alloc(cpu, buf))
		return false;
	while (buf->nr_regions < PTV_MAX_AUX_PAGES &&
	       cpu->kernel->aux_region(cpu, event, buf->nr_regions, &region)) {
		if (!topa_insert_pages(cpu, buf, &region))
			return false;
	}
	PTV_ASSERT(buf->nr_regions != 0U);
	/* link the last table to the first one */
	return !multiple_entries(cpu) || topa_end(cpu, buf->table, buf->nr_regions);
}

int ptv_pt_buffer_setup_aux(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_pt_buffer *buf = ptv_pt_buffer(cpu, event);
	const uint32_t pages = cpu->kernel->aux_pages(cpu, event);

	if (pages == 0U || pages > PTV_MAX_AUX_PAGES)
		return -PTV_EINVAL;
	buf->nr_pages = (uint8_t)pages;
	buf->snapshot = cpu->kernel->aux_snapshot(cpu, event) ? 1U : 0U;
	if (!pt_buffer_init_topa(cpu, event, buf)) {
		ptv_pt_buffer_free_aux(cpu, event);
		return -PTV_ENOMEM;
	}
	return 0;
}

/* A page that goes back to the allocator takes no table words with it. */
static void topa_free(struct ptv_cpu *cpu, const struct ptv_pt_buffer *buf, unsigned int table)
{
	const uint64_t address = table_address(buf, table);
	unsigned int index;

	for (index = 0; index <= table_last(cpu, buf); index++)
		(void)cpu->port->mem_write64(cpu, address + index * ENTRY_SIZE, 0);
	cpu->kernel->table_free(cpu, address);
}

void ptv_pt_buffer_free_aux(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_pt_buffer *buf = ptv_pt_buffer(cpu, event);
	unsigned int table;

	for (table = 0; table < buf->nr_tables; table++)
		topa_free(cpu, buf, table);
	buf->nr_tables = 0;
	buf->nr_regions = 0;
}

/* --- position --- */

void ptv_pt_config_buffer(struct ptv_cpu *cpu, const struct ptv_pt_buffer *buf)
{
	const uint64_t base = table_address(buf, buf->cur);
	const uint64_t ptrs = 0x7fU | ((uint64_t)buf->cur_idx << 7) |
			      ((uint64_t)buf->output_off << 32);

	(void)cpu->port->wrmsr(cpu, "config_buffer.w.RTIT_OUTPUT_BASE", PTV_MSR_RTIT_OUTPUT_BASE,
			       base, false);
	(void)cpu->port->wrmsr(cpu, "config_buffer.w.RTIT_OUTPUT_MASK_PTRS",
			       PTV_MSR_RTIT_OUTPUT_MASK_PTRS, ptrs, false);
}

void ptv_pt_read_offset(struct ptv_cpu *cpu, struct ptv_pt_buffer *buf)
{
	const uint64_t base =
		cpu->port->rdmsr(cpu, "read_offset.r.RTIT_OUTPUT_BASE", PTV_MSR_RTIT_OUTPUT_BASE)
			.value;
	const uint64_t ptrs = cpu->port
				      ->rdmsr(cpu, "read_offset.r.RTIT_OUTPUT_MASK_PTRS",
					      PTV_MSR_RTIT_OUTPUT_MASK_PTRS)
				      .value;
	const uint64_t index = ptv_bits(ptrs, 31, 7);
	unsigned int table;

	for (table = 0; table < buf->nr_tables; table++) {
		if (table_address(buf, table) == base)
			break;
	}
	/* Linux would follow any pointer. Registers that are not ours are met after a panic, when
	 * everything reads 0; then nothing matters any more. */
	if (table == buf->nr_tables || index >= table_last(cpu, buf))
		return;
	buf->cur = (uint8_t)table;
	buf->cur_idx = (uint8_t)index;
	buf->output_off = (uint32_t)(ptrs >> 32);
}

static void pt_buffer_advance(const struct ptv_cpu *cpu, struct ptv_pt_buffer *buf)
{
	buf->output_off = 0;
	buf->cur_idx++;
	if (buf->cur_idx == table_last(cpu, buf)) {
		buf->cur = (uint8_t)((buf->cur + 1U) % buf->nr_tables);
		buf->cur_idx = 0;
	}
}

static void pt_region_status(struct ptv_cpu *cpu, struct ptv_pt *pt, struct ptv_pt_buffer *buf)
{
	const unsigned int event = pt->handle.event;
	const struct ptv_aux_region region = pt_buffer_region(cpu, event, buf);
	uint64_t status =
		cpu->port->rdmsr(cpu, "handle_status.r.RTIT_STATUS", PTV_MSR_RTIT_STATUS).value;
	bool advance = false;

	/* Linux also dumps the tables: an error is a broken table, and there is no cure. */
	status &= ~PTV_STATUS_ERROR;

	if (status & PTV_STATUS_STOPPED) {
		status &= ~PTV_STATUS_STOPPED;
		/* Single-entry ToPA: whoever meets STOP is already losing data. */
		if (!multiple_entries(cpu) || buf->output_off == region.size) {
			cpu->kernel->aux_flag(cpu, &pt->handle, PTV_AUX_FLAG_TRUNCATED);
			advance = true;
		}
	}

	/* Single-entry ToPA: the PMI comes before the boundary, what is left is zeroed. */
	if (!multiple_entries(cpu) && !buf->snapshot && buf->output_off <= region.size &&
	    region.size - buf->output_off <= PTV_TOPA_PMI_MARGIN) {
		if (buf->output_off != region.size)
			cpu->port->mem_fill(cpu, event, region.ring_offset + buf->output_off,
					    region.size - buf->output_off, PTV_SW_PAD);
		advance = true;
	}

	if (advance)
		pt_buffer_advance(cpu, buf);

	(void)cpu->port->wrmsr(cpu, "handle_status.w.RTIT_STATUS", PTV_MSR_RTIT_STATUS, status,
			       false);
}

/*
 * perf_get_aux() of a transaction that the caller knows to be open. Where a handler is called from
 * a task, an NMI inside it may have closed it; Linux then follows a NULL pointer.
 */
static struct ptv_pt_buffer *open_buffer(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	struct ptv_pt_buffer *buf = ptv_perf_get_aux(cpu, pt);

	if (!buf)
		cpu->kernel->warn(cpu, PTV_WARN_NO_BUFFER);
	return buf;
}

void ptv_pt_handle_status(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	struct ptv_pt_buffer *buf = open_buffer(cpu, pt);

	if (buf)
		pt_region_status(cpu, pt, buf);
}

void ptv_pt_update_head(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	struct ptv_pt_buffer *buf = open_buffer(cpu, pt);
	uint64_t base, old;

	if (!buf)
		return;
	base = pt_buffer_region(cpu, pt->handle.event, buf).ring_offset + buf->output_off;
	if (buf->snapshot) {
		buf->data_size = base;
		return;
	}
	old = buf->head & (buffer_size(buf) - 1U);
	buf->head = base;
	if (base < old)
		base += buffer_size(buf);
	buf->data_size += base - old;
}

void ptv_pt_buffer_reset_offsets(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event)
{
	struct ptv_pt_buffer *buf = ptv_pt_buffer(cpu, event);
	uint64_t head = pt->handle.head, page;

	if (buf->snapshot)
		head &= buffer_size(buf) - 1U;
	page = (head >> PAGE_SHIFT) & (buf->nr_pages - 1U);
	set_current_region(cpu, buf, region_at_page(cpu, event, buf, page));
	buf->output_off = (uint32_t)(head & (pt_buffer_region(cpu, event, buf).size - 1U));
	buf->head = head;
	buf->data_size = 0;
}

/* --- markers --- */

/* Changes bits of the entry of the region *before* the one that holds the page. */
static void mark_before(struct ptv_cpu *cpu, unsigned int event, struct ptv_pt_buffer *buf,
			uint64_t page, uint64_t clear, uint64_t set)
{
	const unsigned int region = region_at_page(cpu, event, buf, page);
	const unsigned int before = (region + buf->nr_regions - 1U) % buf->nr_regions;
	const uint64_t address = entry_address(cpu, buf, before);
	const uint64_t entry = cpu->port->mem_read64(cpu, address);

	/* The word exists since setup_aux: there is always room for it. */
	(void)cpu->port->mem_write64(cpu, address, (entry & ~clear) | set);
}

int ptv_pt_buffer_reset_markers(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event,
				bool stop_int)
{
	const struct ptv_aux_handle *handle = &pt->handle;
	const uint64_t stop_bits = PTV_TOPA_STOP | (stop_int ? PTV_TOPA_INT : 0U);
	struct ptv_pt_buffer *buf = ptv_pt_buffer(cpu, event);
	const uint64_t page_mask = buf->nr_pages - 1U;
	const uint64_t head_page = buf->head >> PAGE_SHIFT;
	uint64_t pages, index;

	/* can't stop in the middle of an output region */
	if (buf->output_off + handle->size + 1U < pt_buffer_region(cpu, event, buf).size) {
		cpu->kernel->aux_flag(cpu, &pt->handle, PTV_AUX_FLAG_TRUNCATED);
		return -PTV_EINVAL;
	}

	/* single-entry ToPA has INT and STOP in every entry */
	if (!multiple_entries(cpu))
		return 0;

	mark_before(cpu, event, buf, buf->stop_pos, stop_bits, 0);
	mark_before(cpu, event, buf, buf->intr_pos, PTV_TOPA_INT, 0);

	/* pages until STOP; on a page boundary one more may be filled */
	pages = handle->size >> PAGE_SHIFT;
	if (((buf->head + handle->size + 1U) & (PTV_AUX_PAGE - 1U)) == 0U)
		pages++;
	buf->stop_pos = (uint8_t)((head_page + pages) & page_mask);

	/* in the worst case the consumer is woken one page before the hard stop */
	index = head_page + pages - 1U;
	if (index > handle->wakeup >> PAGE_SHIFT)
		index = handle->wakeup >> PAGE_SHIFT;
	buf->intr_pos = (uint8_t)(index & page_mask);

	mark_before(cpu, event, buf, buf->stop_pos, 0, stop_bits);
	mark_before(cpu, event, buf, buf->intr_pos, 0, PTV_TOPA_INT);
	return 0;
}
