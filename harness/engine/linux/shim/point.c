/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Points: where in the kernel's driver an NMI may come.
 *
 * The driver is compiled with -fsanitize=thread, which calls a function of ours before every access
 * to memory; no other part of that sanitizer is there. An access to what the PMI also touches (this
 * CPU's struct pt, event->hw, struct pt_buffer) is a point: BEFORE it, and AFTER it when the next
 * access, operation or the end shows that it has been. Accesses to MSRs have the points of the
 * port.
 *
 * A label is "function.r|w.variable", the function's prefix (pt_, pt_event_, intel_pt_) left out:
 * "notify.w.vmx_on", "config_start.w.RTIT_CTL". The functions' addresses are in a table that the
 * build makes of the compiled driver.
 */
#include "shim.h"

#include "names.h"

#undef memset

#define LABELS	   1024U
#define LABEL_SIZE 56U

#define PLACES 2048U

/* The name of the variable that a byte belongs to; NULL: no point. */
static const char *pt_field[sizeof(struct pt)];
static const char *slot_field[offsetof(struct ptv_linux_slot, buf)];
static const char *buf_field[sizeof(struct pt_buffer)];

static struct {
	const char *function, *what; /* NULL: unused */
	char kind;
	char text[LABEL_SIZE];
} labels[LABELS];

static void name_field(const char **map, size_t offset, size_t size, const char *name)
{
	size_t i;

	for (i = 0; i < size; i++)
		map[offset + i] = name;
}

#define PT(member, text) \
	name_field(pt_field, offsetof(struct pt, member), sizeof(((struct pt *)0)->member), text)
#define SLOT(member, text)                                              \
	name_field(slot_field, offsetof(struct ptv_linux_slot, member), \
		   sizeof(((struct ptv_linux_slot *)0)->member), text)
#define BUF(member)                                               \
	name_field(buf_field, offsetof(struct pt_buffer, member), \
		   sizeof(((struct pt_buffer *)0)->member), "buf." #member)

void ptv_linux_point_init(void)
{
	PT(handle.event, "handle.event");
	PT(handle.wakeup, "handle.wakeup");
	PT(handle.size, "handle.size");
	PT(handle.aux_flags, "handle.aux_flags");
	PT(handle.head, "handle.head");
	PT(handle_nmi, "handle_nmi");
	PT(vmx_on, "vmx_on");
	PT(output_base, "output_base");
	PT(output_mask, "output_mask");
#ifdef PTV_LINUX_AUX_PAUSE
	PT(pause_allowed, "pause_allowed");
	PT(resume_allowed, "resume_allowed");
	SLOT(event.hw.aux_paused, "hw.aux_paused");
#endif
#ifdef PTV_LINUX_AUX_CONFIG
	SLOT(event.hw.aux_config, "hw.config");
#else
	SLOT(event.hw.config, "hw.config");
#endif
	SLOT(event.hw.state, "hw.state");
	SLOT(event.pending_disable, "pending_disable");
	SLOT(rb.aux_head, "rb.aux_head");
	SLOT(rb.aux_nest, "aux_nest");
	SLOT(rb.aux_wakeup, "aux_wakeup");
	SLOT(rb.aux_refcount, "aux_refcount");
	SLOT(user.aux_head, "aux_head");
	SLOT(user.aux_tail, "aux_tail");
	BUF(cur);
	BUF(cur_idx);
	BUF(output_off);
	BUF(data_size);
	BUF(head);
	BUF(wrapped);
	BUF(stop_pos);
	BUF(intr_pos);
	BUF(stop_te);
	BUF(intr_te);
}

/* --- labels --- */

/* The words that scenarios use for functions of the border. */
static const char *word_of(const char *function)
{
	static const struct {
		const char *name, *word;
	} word[] = {
		{"intel_pt_interrupt", "pmi"},		{"intel_pt_handle_vmx", "notify"},
		{"cpu_emergency_stop_pt", "emergency"}, {"perf_aux_output_begin", "aux_begin"},
		{"perf_aux_output_end", "aux_end"},	{"perf_aux_output_flag", "aux_flag"},
	};
	static const char *const prefix[] = {"pt_event_", "pt_", "intel_pt_"};
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(word); i++) {
		if (__builtin_strcmp(function, word[i].name) == 0)
			return word[i].word;
	}
	for (i = 0; i < ARRAY_SIZE(prefix); i++) {
		for (n = 0; prefix[i][n] && prefix[i][n] == function[n]; n++)
			;
		if (!prefix[i][n])
			return function + n;
	}
	return function;
}

static char *append(char *to, const char *end, const char *text)
{
	while (*text && to < end)
		*to++ = *text++;
	return to;
}

/* The label of an access, the same address every time. */
static const char *label_of(const char *function, char kind, const char *what)
{
	const uint64_t key =
		(uint64_t)(uintptr_t)function * 31U + (uint64_t)(uintptr_t)what + (uint64_t)kind;
	unsigned int at = (unsigned int)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 54) % LABELS;
	const char *end;
	char *to;

	for (; labels[at].function; at = (at + 1U) % LABELS) {
		if (labels[at].function == function && labels[at].what == what &&
		    labels[at].kind == kind)
			return labels[at].text;
	}
	labels[at].function = function;
	labels[at].what = what;
	labels[at].kind = kind;
	end = labels[at].text + LABEL_SIZE - 4U;
	to = append(labels[at].text, end, word_of(function));
	*to++ = '.';
	*to++ = kind;
	*to++ = '.';
	to = append(to, end + 3, what);
	*to = '\0';
	return labels[at].text;
}

static const char *msr_name(u32 msr)
{
	static const struct {
		u32 msr;
		const char *name;
	} known[] = {
		{MSR_IA32_RTIT_CTL, "RTIT_CTL"},
		{MSR_IA32_RTIT_STATUS, "RTIT_STATUS"},
		{MSR_IA32_RTIT_OUTPUT_BASE, "RTIT_OUTPUT_BASE"},
		{MSR_IA32_RTIT_OUTPUT_MASK, "RTIT_OUTPUT_MASK_PTRS"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].msr == msr)
			return known[i].name;
	}
	return "MSR";
}

/* The name of the greatest offset below. */
static const char *name_at(const struct ptv_linux_name *names, unsigned int count,
			   unsigned long offset)
{
	unsigned int low = 0, high = count;

	while (high - low > 1U) {
		const unsigned int middle = (low + high) / 2U;

		if (names[middle].offset < offset)
			low = middle;
		else
			high = middle;
	}
	return names[low].name;
}

/* The function that an address belongs to: of driver.o, or of buffer.o. */
static const char *function_at(const void *pc)
{
	const unsigned long driver =
		(unsigned long)pc - (unsigned long)&intel_pt_handle_vmx + PTV_LINUX_DRIVER_ANCHOR;
	const unsigned long buffer =
		(unsigned long)pc - (unsigned long)&perf_get_aux + PTV_LINUX_BUFFER_ANCHOR;

	if (driver < PTV_LINUX_DRIVER_SIZE)
		return name_at(ptv_linux_driver_names, ARRAY_SIZE(ptv_linux_driver_names), driver);
	return name_at(ptv_linux_buffer_names, ARRAY_SIZE(ptv_linux_buffer_names), buffer);
}

/* --- points --- */

void ptv_linux_after(void)
{
	struct ptv_linux_frame *frame = ptv_linux.frame;
	const char *label = frame->after;

	if (!label)
		return;
	frame->after = NULL;
	if (frame->written)
		ptv_linux_after_write(frame->written);
	if (frame->pt->vmx_on != frame->vmx_on) {
		frame->vmx_on = frame->pt->vmx_on;
		frame->cpu->kernel->belief(frame->cpu, frame->vmx_on != 0);
	}
	frame->point(frame->cpu, label, PTV_AFTER);
}

/* What an access means, once it has been found out: of one instruction to one address, as long as
 * the views lie where they do. Two ways, the first of which is looked at at once. */
static struct place {
	uint64_t key; /* low half of the instruction's address, views above */
	const void *p;
	const char *label; /* NULL: no point */
	bool ends;	   /* perf_aux_output_end() lets go of the event */
	bool told;	   /* what it writes is told to the core */
} places[PLACES][2] __attribute__((__aligned__(64)));

PTV_STATIC_ASSERT(NR_CPUS <= 16, "a CPU's number fits between an instruction and the stamp");

/* What keys of places have above the instruction. Zero, which no place has: nothing is a point. */
static uint64_t views;
static uint64_t stamp = 1;

void ptv_linux_listen(void)
{
	views = 0;
	if (ptv_linux.frame && !ptv_linux.frame->quiet)
		views = stamp << 36 | (uint64_t)ptv_linux_this_cpu << 32;
}

void ptv_linux_views_moved(void)
{
	/* No stamp comes a second time. */
	if (++stamp >> 28) {
		__builtin_memset(places, 0, sizeof(places));
		stamp = 1;
	}
	ptv_linux_listen();
}

/* The frequent ways are short, and end in a jump to the port's function. */
static __attribute__((__noinline__)) void read_after(struct ptv_linux_frame *frame,
						     const char *label)
{
	ptv_linux_after();
	frame->point(frame->cpu, label, PTV_BEFORE);
}

static __attribute__((__noinline__)) void point_read(struct ptv_linux_frame *frame,
						     const char *label)
{
	if (frame->after)
		read_after(frame, label);
	else
		frame->point(frame->cpu, label, PTV_BEFORE);
}

static __attribute__((__noinline__)) void write_after(struct ptv_linux_frame *frame,
						      const char *label)
{
	ptv_linux_after();
	frame->after = label;
	frame->written = NULL;
	frame->point(frame->cpu, label, PTV_BEFORE);
}

/* An NMI at the point has a frame of its own: its AFTER is not this one. */
static __attribute__((__noinline__)) void point_write(struct ptv_linux_frame *frame,
						      const char *label)
{
	if (frame->after) {
		write_after(frame, label);
		return;
	}
	frame->after = label;
	frame->written = NULL;
	frame->point(frame->cpu, label, PTV_BEFORE);
}

/* A write that is more than itself. */
static __attribute__((__noinline__)) void point_special(struct ptv_linux_frame *frame,
							const struct place *at)
{
	/* An NMI in between looks places up, too. */
	const struct place place = *at;

	ptv_linux_after();
	frame->point(frame->cpu, place.label, PTV_BEFORE);
	if (place.ends)
		ptv_linux_before_write(&ptv_linux_pt_ctx[ptv_linux_this_cpu].handle);
	frame->after = place.label;
	frame->written = place.told ? place.p : NULL;
}

static inline void point(const struct place *place, char kind)
{
	if (kind == 'r')
		point_read(ptv_linux.frame, place->label);
	else if (place->ends || place->told)
		point_special(ptv_linux.frame, place);
	else
		point_write(ptv_linux.frame, place->label);
}

/* The name of the variable at p if it is one that is a point, else NULL. */
static const char *variable_at(const void *p)
{
	const uintptr_t at = (uintptr_t)p;
	uint64_t offset = at - (uintptr_t)&ptv_linux_pt_ctx[ptv_linux_this_cpu];
	const char *name = NULL;
	unsigned int e;

	if (offset < sizeof(struct pt))
		return pt_field[offset];
	offset = at - (uintptr_t)ptv_linux.slot;
	if (offset < sizeof(ptv_linux.slot)) {
		offset %= sizeof(ptv_linux.slot[0]);
		return offset < ARRAY_SIZE(slot_field) ? slot_field[offset] : NULL;
	}
	if (!ptv_linux_in_heap(p))
		return NULL;
	for (e = 0; e < PTV_MAX_EVENTS && !name; e++) {
		offset = at - (uintptr_t)ptv_linux.slot[e].buf;
		if (offset < sizeof(struct pt_buffer))
			name = buf_field[offset];
	}
	return name;
}

static void find_out(struct place *place, const void *p, char kind, const void *pc)
{
	const char *name = variable_at(p), *function;

	*place = (struct place){.key = views | (uint32_t)(uintptr_t)pc, .p = p};
	if (!name)
		return;
	function = function_at(pc);
	place->label = label_of(function, kind, name);
	place->ends = kind == 'w' && __builtin_strcmp(name, "handle.event") == 0 &&
		      __builtin_strcmp(function, "perf_aux_output_end") == 0;
	place->told = kind == 'w' && (__builtin_strcmp(name, "aux_head") == 0 ||
				      __builtin_strcmp(name, "pending_disable") == 0);
}

/* An access that the first way knows nothing of. */
static __attribute__((__noinline__)) void second(struct place *way, const void *p, char kind,
						 const void *pc)
{
	if (!views)
		return;
	if (way[1].key != (views | (uint32_t)(uintptr_t)pc) || way[1].p != p) {
		way[1] = way[0];
		find_out(way, p, kind, pc);
	} else {
		way++;
	}
	if (way->label)
		point(way, kind);
}

static inline void touch(const void *p, char kind, const void *pc)
{
	const uint32_t hash = (uint32_t)((uintptr_t)pc + (uintptr_t)p) * 0x9e3779b1U;
	struct place *way = places[hash / (UINT32_MAX / PLACES + 1U)];

	if (--ptv_linux.steps < 0)
		ptv_linux_crash(PTV_LINUX_CRASH_WEDGED);
	if (way->key != (views | (uint32_t)(uintptr_t)pc) || way->p != p)
		second(way, p, kind, pc);
	else if (way->label)
		point(way, kind);
}

/* What the compiler calls before each access. */
#define ACCESS(name, kind)                                   \
	void name(void *p);                                  \
	void name(void *p)                                   \
	{                                                    \
		touch(p, kind, __builtin_return_address(0)); \
	}
ACCESS(__tsan_read1, 'r')
ACCESS(__tsan_read2, 'r')
ACCESS(__tsan_read4, 'r')
ACCESS(__tsan_read8, 'r')
ACCESS(__tsan_read16, 'r')
ACCESS(__tsan_write1, 'w')
ACCESS(__tsan_write2, 'w')
ACCESS(__tsan_write4, 'w')
ACCESS(__tsan_write8, 'w')
ACCESS(__tsan_write16, 'w')

void __tsan_read_range(void *p, unsigned long size);
void __tsan_read_range(void *p, unsigned long size)
{
	(void)size;
	touch(p, 'r', __builtin_return_address(0));
}

void __tsan_write_range(void *p, unsigned long size);
void __tsan_write_range(void *p, unsigned long size)
{
	(void)size;
	touch(p, 'w', __builtin_return_address(0));
}

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc)
{
	(void)pc;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

/* --- operations with points of their own --- */

/* The label of an access to an MSR: the last ones, by function and MSR. */
static const char *msr_label(const char *where, char kind, u32 msr)
{
	static struct {
		const char *where, *label;
		u32 msr;
		char kind;
	} last[64];
	const unsigned int at =
		((unsigned int)(uintptr_t)where + msr * 2U + (kind == 'w')) % ARRAY_SIZE(last);

	if (last[at].where != where || last[at].msr != msr || last[at].kind != kind) {
		last[at].where = where;
		last[at].msr = msr;
		last[at].kind = kind;
		last[at].label = label_of(where, kind, msr_name(msr));
	}
	return last[at].label;
}

u64 ptv_linux_rdmsr(const char *where, u32 msr)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();
	u64 value;

	if (ptv_linux.frame->quiet && !ptv_linux_rdmsr_boot(msr, &value))
		return value;
	ptv_linux_after();
	return cpu->port->rdmsr(cpu, msr_label(where, 'r', msr), msr).value;
}

void ptv_linux_wrmsr(const char *where, u32 msr, u64 value)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	ptv_linux_after();
	ptv_linux_flush(cpu);
	(void)cpu->port->wrmsr(cpu, msr_label(where, 'w', msr), msr, value, false);
}

unsigned long ptv_linux_irq_save(void)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	ptv_linux_after();
	return cpu->port->irqs_set(cpu, false);
}

void ptv_linux_irq_restore(unsigned long flags)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	ptv_linux_after();
	(void)cpu->port->irqs_set(cpu, flags != 0U);
}

void ptv_linux_fence(void)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	ptv_linux_after();
	cpu->port->fence(cpu);
}

/* The kernel's log is nobody's. */
int ptv_linux_print(const char *format, ...)
{
	(void)format;
	return 0;
}
