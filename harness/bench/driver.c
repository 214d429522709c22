/* SPDX-License-Identifier: MIT */
/*
 * ptvmx-bench driver: what stop and start cost in a driver, ours and the kernel's own.
 *
 * Nothing is simulated: MSRs are variables, points do nothing, transactions always open. What is
 * left is the driver, and for a real one the way into its views and back. Points are calm, as the
 * machine's are while nothing is raised; and once more with every point called, as they are when
 * something is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "engine/linux/linux.h"
#include "play/policy.h"
#include "ptv/msr.h"

#define OURS   "handle-vmx"
#define REAL   "linux-6.12"
#define ROUNDS 2000U /* between two looks at the clock */
#define REGION UINT64_C(16384)
#define AUX    UINT64_C(0x40000000)
#define TABLE  UINT64_C(0x20000000)
#define WORDS  64U

/* What a driver stands on here. */
struct stand {
	struct ptv_policy policy;
	struct ptv_cpu cpu;
	struct ptv_pt_caps caps;
	struct ptv_hw_event hw;
	struct ptv_aux_buffer buffer;
	uint64_t cpu_words[PTV_DRIVER_CPU_WORDS];
	uint64_t buf_words[PTV_DRIVER_BUF_WORDS];
	uint64_t msr[32]; /* from 560H on */
	uint64_t mem[WORDS];
	unsigned int tables;
	uint64_t accesses; /* to MSRs */
	int32_t calm;	   /* points after one that is called */
	struct ptv_bench_figure rate;
};

static struct stand *stand_of(struct ptv_cpu *cpu)
{
	return cpu->world;
}

/* --- port --- */

static struct ptv_msr_result port_rdmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr)
{
	const struct ptv_msr_result result = {stand_of(cpu)->msr[(msr - 0x560U) % 32U],
					      PTV_FAULT_NONE};

	(void)label;
	stand_of(cpu)->accesses++;
	return result;
}

static enum ptv_fault port_wrmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr,
				 uint64_t value, bool safe)
{
	(void)label;
	(void)safe;
	stand_of(cpu)->msr[(msr - 0x560U) % 32U] = value;
	stand_of(cpu)->accesses++;
	return PTV_FAULT_NONE;
}

static bool port_irqs_set(struct ptv_cpu *cpu, bool enabled)
{
	(void)cpu;
	(void)enabled;
	return false;
}

/* Two words of each table page are used: its region and END. */
static uint64_t *word(struct ptv_cpu *cpu, uint64_t address)
{
	const uint64_t at = (address - TABLE) / PTV_AUX_PAGE * 2U + (address / 8U) % 2U;

	return &stand_of(cpu)->mem[at % WORDS];
}

static uint64_t port_mem_read64(struct ptv_cpu *cpu, uint64_t address)
{
	return *word(cpu, address);
}

static bool port_mem_write64(struct ptv_cpu *cpu, uint64_t address, uint64_t value)
{
	*word(cpu, address) = value;
	return true;
}

static void port_mem_fill(struct ptv_cpu *cpu, unsigned int event, uint64_t ring_offset,
			  uint64_t size, enum ptv_sw_store what)
{
	(void)cpu;
	(void)event;
	(void)ring_offset;
	(void)size;
	(void)what;
}

static void port_fence(struct ptv_cpu *cpu)
{
	(void)cpu;
}

static void port_point(struct ptv_cpu *cpu, const char *label, enum ptv_side side)
{
	(void)label;
	(void)side;
	cpu->calm = stand_of(cpu)->calm;
}

static void port_between(struct ptv_cpu *cpu, const char *after, const char *before)
{
	(void)after;
	(void)before;
	cpu->calm = stand_of(cpu)->calm;
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
	.between = port_between,
};

/* --- core --- */

static bool aux_begin(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, unsigned int event)
{
	(void)cpu;
	memset(handle, 0, sizeof(*handle));
	handle->size = 2U * REGION - 1U;
	handle->wakeup = REGION;
	handle->event = (uint8_t)event;
	return true;
}

static void aux_end(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint64_t size)
{
	(void)cpu;
	(void)size;
	handle->event = PTV_NO_EVENT;
}

static void aux_flag(struct ptv_cpu *cpu, struct ptv_aux_handle *handle, uint32_t flags)
{
	(void)cpu;
	handle->flags |= flags;
}

static void itrace_started(struct ptv_cpu *cpu, unsigned int event)
{
	(void)event;
	stand_of(cpu)->hw.itrace_started = 1;
}

static struct ptv_hw_event *hw_of(struct ptv_cpu *cpu, unsigned int event)
{
	return event == 0U ? &stand_of(cpu)->hw : NULL;
}

static void *cpu_state(struct ptv_cpu *cpu)
{
	return stand_of(cpu)->cpu_words;
}

static void *buf_state(struct ptv_cpu *cpu, unsigned int event)
{
	(void)event;
	return stand_of(cpu)->buf_words;
}

static uint32_t aux_pages(struct ptv_cpu *cpu, unsigned int event)
{
	(void)cpu;
	(void)event;
	return (uint32_t)(2U * REGION / PTV_AUX_PAGE);
}

static bool aux_snapshot(struct ptv_cpu *cpu, unsigned int event)
{
	(void)cpu;
	(void)event;
	return false;
}

static bool aux_region(struct ptv_cpu *cpu, unsigned int event, uint32_t n,
		       struct ptv_aux_region *region)
{
	(void)cpu;
	(void)event;
	region->address = AUX + n * REGION;
	region->ring_offset = n * REGION;
	region->size = REGION;
	return n < 2U;
}

static uint64_t table_alloc(struct ptv_cpu *cpu)
{
	return TABLE + PTV_AUX_PAGE * stand_of(cpu)->tables++;
}

static void table_free(struct ptv_cpu *cpu, uint64_t address)
{
	(void)cpu;
	(void)address;
}

static void warn(struct ptv_cpu *cpu, uint32_t what)
{
	(void)cpu;
	(void)what;
}

static void belief(struct ptv_cpu *cpu, bool vmx_on)
{
	(void)cpu;
	(void)vmx_on;
}

static void oops(struct ptv_cpu *cpu, enum ptv_oops what)
{
	(void)cpu;
	(void)what;
	PTV_ASSERT(!"a driver that is measured came to its end");
}

static void aux_get(struct ptv_cpu *cpu, unsigned int event, struct ptv_aux_buffer *buffer)
{
	const struct ptv_aux_buffer *from = &stand_of(cpu)->buffer;

	(void)event;
	buffer->head = from->head;
	buffer->wakeup = from->wakeup;
	buffer->watermark = from->watermark;
	buffer->user_head = from->user_head;
	buffer->user_tail = from->user_tail;
	buffer->pages = from->pages;
	buffer->snapshot = from->snapshot;
	buffer->mmap_count = from->mmap_count;
	buffer->nest = from->nest;
	buffer->refcount = from->refcount;
}

static void aux_put(struct ptv_cpu *cpu, unsigned int event, const struct ptv_aux_buffer *buffer)
{
	struct ptv_aux_buffer *to = &stand_of(cpu)->buffer;

	(void)event;
	to->head = buffer->head;
	to->wakeup = buffer->wakeup;
	to->nest = buffer->nest;
	to->refcount = buffer->refcount;
}

static void aux_news(struct ptv_cpu *cpu, unsigned int event, enum ptv_aux_news what, uint64_t a,
		     uint64_t b, uint64_t c)
{
	(void)cpu;
	(void)event;
	(void)what;
	(void)a;
	(void)b;
	(void)c;
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
	.oops = oops,
	.aux_get = aux_get,
	.aux_put = aux_put,
	.aux_news = aux_news,
};

/* --- the bench --- */

static int start_up(struct stand *stand, const char *policy, struct ptv_diag *diag)
{
	if (ptv_policy_parse(&stand->policy, policy, NULL, diag))
		return -1;
	if (stand->policy.none)
		return ptv_diag(diag, NULL, 0, 0, "policy none has no driver");
	stand->cpu.port = &port;
	stand->cpu.kernel = &kernel;
	stand->cpu.caps = &stand->caps;
	stand->cpu.world = stand;
	stand->cpu.driver_row = stand->policy.has_row ? &stand->policy.row : NULL;
	stand->buffer.pages = aux_pages(&stand->cpu, 0);
	stand->buffer.watermark = REGION;
	stand->policy.ops->boot(&stand->cpu);
	if (stand->policy.ops->event_init(&stand->cpu, 0) ||
	    stand->policy.ops->setup_aux(&stand->cpu, 0))
		return ptv_diag(diag, NULL, 0, 0, "%s does not take the event", stand->policy.name);
	stand->buffer.mmap_count = 1;
	stand->buffer.refcount = 1;
	if (stand->policy.ops->add(&stand->cpu, 0, PTV_EF_START))
		return ptv_diag(diag, NULL, 0, 0, "%s does not take the event", stand->policy.name);
	return 0;
}

static void stop_and_start(struct stand *stand, double seconds)
{
	const struct ptv_pmu_ops *ops = stand->policy.ops;
	const double begin = ptv_bench_now();
	uint64_t rounds = 0;
	double passed;
	unsigned int i;

	do {
		for (i = 0; i < ROUNDS; i++) {
			ops->stop(&stand->cpu, 0, PTV_EF_UPDATE);
			ops->start(&stand->cpu, 0, 0);
		}
		rounds += ROUNDS;
		passed = ptv_bench_now() - begin;
	} while (passed < seconds);
	ptv_bench_take(&stand->rate, (double)rounds / passed);
}

/* What is timed has to turn tracing off and on. */
static int check(struct stand *stand, struct ptv_diag *diag)
{
	const uint64_t *ctl = &stand->msr[PTV_MSR_RTIT_CTL - 0x560U];
	bool works = (*ctl & PTV_CTL_TRACE_EN) != 0U;

	stand->policy.ops->stop(&stand->cpu, 0, PTV_EF_UPDATE);
	works = works && !(*ctl & PTV_CTL_TRACE_EN);
	stand->policy.ops->start(&stand->cpu, 0, 0);
	works = works && (*ctl & PTV_CTL_TRACE_EN);
	return works ? 0
		     : ptv_diag(diag, NULL, 0, 0, "%s does not turn tracing off and on",
				stand->policy.name);
}

static double nanoseconds(const struct stand *stand)
{
	return 1e9 / ptv_bench_best(&stand->rate);
}

static void add_figures(struct stand *ours, struct stand *other, const char *prefix, cJSON *json)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%sours_stop_starts_per_s", prefix);
	ptv_bench_add(json, name, &ours->rate);
	(void)snprintf(name, sizeof(name), "%sstop_starts_per_s", prefix);
	ptv_bench_add(json, name, &other->rate);
	(void)snprintf(name, sizeof(name), "%sstop_start_beyond_ours_ns", prefix);
	(void)cJSON_AddNumberToObject(json, name, nanoseconds(other) - nanoseconds(ours));
}

#define STANDS 4U

int ptv_bench_driver(const struct ptv_bench_options *options, cJSON *json, struct ptv_diag *diag)
{
	const char *policy[] = {OURS, options->policy ? options->policy : REAL};
	struct stand *stand = calloc(STANDS, sizeof(*stand));
	const double seconds = options->seconds / (double)(STANDS * PTV_BENCH_REPETITIONS);
	int result = 0;
	unsigned int i;

	PTV_ASSERT(stand);
	for (i = 0; i < STANDS && !result; i++) {
		stand[i].calm = i < 2U ? INT32_MAX : 0;
		result = start_up(&stand[i], policy[i % 2U], diag) || check(&stand[i], diag);
	}
	for (i = 0; !result && i < STANDS * PTV_BENCH_REPETITIONS; i++)
		stop_and_start(&stand[i % STANDS], seconds);
	if (!result) {
		(void)cJSON_AddStringToObject(json, "driver", stand[1].policy.name);
		add_figures(&stand[0], &stand[1], "", json);
		add_figures(&stand[2], &stand[3], "called_", json);
	}
	for (i = 0; i < STANDS; i++)
		ptv_policy_free(&stand[i].policy);
	free(stand);
	return result ? -1 : 0;
}
