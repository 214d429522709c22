/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ORDER "%s" /* how a point's label is noted */

static struct fake *fake_of(struct ptv_cpu *cpu)
{
	return cpu->world;
}

__attribute__((format(printf, 2, 3))) static void note(struct fake *fake, const char *format, ...)
{
	const size_t used = strlen(fake->log);
	va_list args;

	if (fake->order && strcmp(format, ORDER) != 0)
		return;
	if (used != 0U)
		(void)snprintf(fake->log + used, sizeof(fake->log) - used, " | ");
	va_start(args, format);
	(void)vsnprintf(fake->log + strlen(fake->log), sizeof(fake->log) - strlen(fake->log),
			format, args);
	va_end(args);
}

/* --- port --- */

static void port_point(struct ptv_cpu *cpu, const char *label, enum ptv_side side)
{
	struct fake *fake = fake_of(cpu);
	struct ptv_cpu nmi;

	if (fake->order && side == PTV_BEFORE)
		note(fake, ORDER, label);
	if (fake->seen && strncmp(label, fake->seen, strlen(fake->seen)) == 0)
		note(fake, "%s %s", side == PTV_BEFORE ? "before" : "after", label);
	if (!fake->pmi_label || fake->pmi_done || side != fake->pmi_side ||
	    strcmp(label, fake->pmi_label) != 0)
		return;
	fake->pmi_done = true;
	nmi = *cpu;
	nmi.in_nmi = 1;
	note(fake, "{pmi");
	fake->ops->pmi(&nmi);
	note(fake, "}");
}

static uint64_t *msr_of(struct fake *fake, uint32_t msr, const char **name)
{
	switch (msr) {
	case PTV_MSR_RTIT_OUTPUT_BASE:
		*name = "BASE";
		return &fake->base;
	case PTV_MSR_RTIT_OUTPUT_MASK_PTRS:
		*name = "PTRS";
		return &fake->ptrs;
	case PTV_MSR_RTIT_CTL:
		*name = "CTL";
		return &fake->ctl;
	case PTV_MSR_RTIT_STATUS:
		*name = "STATUS";
		return &fake->status;
	default:
		PTV_ASSERT(!"an MSR that a PT driver needs");
		return NULL;
	}
}

static struct ptv_msr_result port_rdmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr)
{
	struct ptv_msr_result result = {0, PTV_FAULT_NONE};
	const char *name;

	port_point(cpu, label, PTV_BEFORE);
	result.value = *msr_of(fake_of(cpu), msr, &name);
	note(fake_of(cpu), "r %s", name);
	port_point(cpu, label, PTV_AFTER);
	return result;
}

static enum ptv_fault port_wrmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr,
				 uint64_t value, bool safe)
{
	const char *name;

	PTV_ASSERT(!safe);
	port_point(cpu, label, PTV_BEFORE);
	*msr_of(fake_of(cpu), msr, &name) = value;
	note(fake_of(cpu), "w %s %llx", name, (unsigned long long)value);
	port_point(cpu, label, PTV_AFTER);
	return PTV_FAULT_NONE;
}

static bool port_irqs_set(struct ptv_cpu *cpu, bool enabled)
{
	const bool before = fake_of(cpu)->irqs_on;

	fake_of(cpu)->irqs_on = enabled;
	return before;
}

uint64_t drv_mem(const struct fake *fake, uint64_t address)
{
	unsigned int i;

	for (i = 0; i < FAKE_WORDS; i++) {
		if (fake->mem[i][0] == address)
			return fake->mem[i][1];
	}
	return 0;
}

static uint64_t port_mem_read64(struct ptv_cpu *cpu, uint64_t address)
{
	return drv_mem(fake_of(cpu), address);
}

static bool port_mem_write64(struct ptv_cpu *cpu, uint64_t address, uint64_t value)
{
	struct fake *fake = fake_of(cpu);
	unsigned int i, slot = fake->mem_words;

	for (i = fake->mem_words; i-- > 0U;) {
		if (fake->mem[i][0] == address)
			break;
		if (fake->mem[i][1] == 0U)
			slot = i;
	}
	if (i < fake->mem_words)
		slot = i;
	else if (value == 0U)
		return true;
	if (slot == fake->mem_words)
		return false;
	fake->mem[slot][0] = value ? address : 0U;
	fake->mem[slot][1] = value;
	return true;
}

static void port_mem_fill(struct ptv_cpu *cpu, unsigned int event, uint64_t ring_offset,
			  uint64_t size, enum ptv_sw_store what)
{
	PTV_ASSERT(what == PTV_SW_PAD);
	note(fake_of(cpu), "pad %u %llu %llu", event, (unsigned long long)ring_offset,
	     (unsigned long long)size);
}

static void port_fence(struct ptv_cpu *cpu)
{
	note(fake_of(cpu), "fence");
}

static const struct ptv_port_ops port = {
	.rdmsr = port_rdmsr,
	.wrmsr = port_wrmsr,
	.irqs_set = port_irqs_set,
	.mem_read64 = port_mem_read64,
	.mem_write64 = port_mem_write64,
	.mem_fill = port_mem_fill,
	.fence = port_fence,
	.point = port_point,
};

/* --- kernel --- */

static bool aux_begin(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, unsigned int event)
{
	struct fake *fake = fake_of(cpu);

	note(fake, fake->no_room ? "begin fails" : "begin %u", event);
	handle->event = PTV_NO_EVENT;
	if (fake->no_room)
		return false;
	handle->event = (uint8_t)event;
	if (fake->full_after != 0U && --fake->full_after == 0U)
		fake->no_room = true;
	handle->head = fake->head;
	handle->size = fake->size;
	handle->wakeup = fake->wakeup;
	handle->flags = 0;
	return true;
}

static void aux_end(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint64_t size)
{
	struct fake *fake = fake_of(cpu);

	note(fake, "end %llu%s%s", (unsigned long long)size,
	     handle->flags & PTV_AUX_FLAG_TRUNCATED ? " TRUNCATED" : "",
	     handle->flags & PTV_AUX_FLAG_PARTIAL ? " PARTIAL" : "");
	handle->event = PTV_NO_EVENT;
	if (!fake->snapshot)
		fake->head += size;
}

static void aux_flag(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint32_t flags)
{
	(void)cpu;
	handle->flags |= flags;
}

static void itrace_started(struct ptv_cpu *cpu, unsigned int event)
{
	note(fake_of(cpu), "itrace_started");
	fake_of(cpu)->hw[event].itrace_started = 1;
}

static struct ptv_hw_event *hw_of(struct ptv_cpu *cpu, unsigned int event)
{
	return event < FAKE_EVENTS ? &fake_of(cpu)->hw[event] : NULL;
}

static void *cpu_state(struct ptv_cpu *cpu)
{
	return fake_of(cpu)->cpu_words;
}

static void *buf_state(struct ptv_cpu *cpu, unsigned int event)
{
	return fake_of(cpu)->buf_words[event];
}

static uint32_t aux_pages(struct ptv_cpu *cpu, unsigned int event)
{
	uint64_t size = 0;
	unsigned int i;

	(void)event;
	for (i = 0; i < PTV_MAX_AUX_PAGES; i++)
		size += fake_of(cpu)->region_size[i];
	return (uint32_t)(size / PTV_AUX_PAGE);
}

static bool aux_snapshot(struct ptv_cpu *cpu, unsigned int event)
{
	(void)event;
	return fake_of(cpu)->snapshot;
}

static bool aux_region(struct ptv_cpu *cpu, unsigned int event, uint32_t n,
		       struct ptv_aux_region *region)
{
	const struct fake *fake = fake_of(cpu);
	uint32_t i;

	if (n >= PTV_MAX_AUX_PAGES || fake->region_size[n] == 0U)
		return false;
	region->ring_offset = 0;
	for (i = 0; i < n; i++)
		region->ring_offset += fake->region_size[i];
	region->size = fake->region_size[n];
	region->address = FAKE_AUX + event * UINT64_C(0x100000) + region->ring_offset;
	return true;
}

/* Pages are not given out in order of their addresses. */
static uint64_t table_alloc(struct ptv_cpu *cpu)
{
	struct fake *fake = fake_of(cpu);

	if (fake->tables == fake->tables_max)
		return 0;
	return FAKE_TABLE + (uint64_t)(fake->tables++ ^ 1U) * PTV_AUX_PAGE;
}

static void table_free(struct ptv_cpu *cpu, uint64_t address)
{
	PTV_ASSERT(address >= FAKE_TABLE);
	fake_of(cpu)->freed++;
}

static void warn(struct ptv_cpu *cpu, uint32_t what)
{
	note(fake_of(cpu), "WARN %u", what);
}

static void belief(struct ptv_cpu *cpu, bool vmx_on)
{
	note(fake_of(cpu), "belief %d", vmx_on);
}

static const struct ptv_kernel_ops kernel = {
	.aux_begin = aux_begin,
	.aux_end = aux_end,
	.aux_flag = aux_flag,
	.itrace_started = itrace_started,
	.hw = hw_of,
	.cpu_state = cpu_state,
	.buf_state = buf_state,
	.aux_pages = aux_pages,
	.aux_snapshot = aux_snapshot,
	.aux_region = aux_region,
	.table_alloc = table_alloc,
	.table_free = table_free,
	.warn = warn,
	.belief = belief,
};

/* --- the tests' side --- */

void drv_init_ops(struct fake *fake, const struct ptv_pmu_ops *ops, bool multiple_entries,
		  const uint8_t *pages)
{
	unsigned int i;

	memset(fake, 0, sizeof(*fake));
	fake->ops = ops;
	fake->caps.topa_multiple_entries = multiple_entries;
	fake->cpu.port = &port;
	fake->cpu.kernel = &kernel;
	fake->cpu.caps = &fake->caps;
	fake->cpu.world = fake;
	fake->cpu.driver_row = &fake->row;
	fake->mem_words = FAKE_WORDS;
	fake->tables_max = 2U * PTV_MAX_AUX_PAGES;
	fake->irqs_on = true;
	for (i = 0; pages[i] != 0U; i++)
		fake->region_size[i] = (uint64_t)pages[i] * PTV_AUX_PAGE;
	fake->size = (uint64_t)aux_pages(&fake->cpu, 0) * PTV_AUX_PAGE - 1U;
	fake->wakeup = (fake->size + 1U) / 2U;
	ops->boot(&fake->cpu);
	for (i = 0; i < FAKE_EVENTS; i++) {
		PTV_ASSERT(ops->event_init(&fake->cpu, i) == 0);
		PTV_ASSERT(ops->setup_aux(&fake->cpu, i) == 0);
	}
}

void drv_init(struct fake *fake, const char *driver, bool multiple_entries, const uint8_t *pages)
{
	const struct ptv_driver_row *row = ptv_driver_find(driver);

	PTV_ASSERT(row);
	drv_init_ops(fake, ptv_driver_ops(row), multiple_entries, pages);
	fake->row = *row;
}

const char *drv_log(struct fake *fake)
{
	static char text[sizeof(fake->log)];

	memcpy(text, fake->log, sizeof(text));
	fake->log[0] = '\0';
	return text;
}

void drv_pmi_at(struct fake *fake, const char *label, enum ptv_side side)
{
	fake->pmi_label = label;
	fake->pmi_side = side;
	fake->pmi_done = false;
}

struct ptv_pt *drv_pt(struct fake *fake)
{
	return ptv_pt_ctx(&fake->cpu);
}

struct ptv_pt_buffer *drv_buf(struct fake *fake)
{
	return ptv_pt_buffer(&fake->cpu, 0);
}

int drv_add(struct fake *fake)
{
	return fake->ops->add(&fake->cpu, 0, PTV_EF_START);
}

void drv_del(struct fake *fake)
{
	fake->ops->del(&fake->cpu, 0, 0);
}

void drv_notify(struct fake *fake, bool on)
{
	fake->ops->notify(&fake->cpu, on);
}

void drv_pmi(struct fake *fake)
{
	fake->ops->pmi(&fake->cpu);
}
