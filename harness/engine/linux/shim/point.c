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

/* The name of the variable that a byte belongs to; NULL: no point. */
static const char *pt_field[sizeof(struct pt)];
static const char *hw_field[sizeof(struct perf_event)];
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
#define HW(member, text)                                          \
	name_field(hw_field, offsetof(struct perf_event, member), \
		   sizeof(((struct perf_event *)0)->member), text)
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
	HW(hw.aux_paused, "hw.aux_paused");
#endif
#ifdef PTV_LINUX_AUX_CONFIG
	HW(hw.aux_config, "hw.config");
#else
	HW(hw.config, "hw.config");
#endif
	HW(hw.state, "hw.state");
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
		{"intel_pt_interrupt", "pmi"},
		{"intel_pt_handle_vmx", "notify"},
		{"cpu_emergency_stop_pt", "emergency"},
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

/* The function that an address in the driver belongs to. */
static const char *function_at(const void *pc)
{
	const unsigned long offset =
		(unsigned long)pc - (unsigned long)&intel_pt_handle_vmx + PTV_LINUX_ANCHOR;
	unsigned int low = 0, high = ARRAY_SIZE(ptv_linux_names);

	while (high - low > 1U) {
		const unsigned int middle = (low + high) / 2U;

		if (ptv_linux_names[middle].offset < offset)
			low = middle;
		else
			high = middle;
	}
	return ptv_linux_names[low].name;
}

/* --- points --- */

void ptv_linux_after(void)
{
	struct ptv_linux_frame *frame = ptv_linux.frame;
	const char *label = frame->after;
	int vmx_on;

	if (!label)
		return;
	frame->after = NULL;
	vmx_on = ptv_linux_pt_ctx[ptv_linux_this_cpu].vmx_on;
	if (vmx_on != frame->vmx_on) {
		frame->vmx_on = vmx_on;
		frame->cpu->kernel->belief(frame->cpu, vmx_on != 0);
	}
	frame->cpu->port->point(frame->cpu, label, PTV_AFTER);
}

static void point(const char *name, char kind, const void *pc)
{
	struct ptv_linux_frame *frame = ptv_linux.frame;
	const char *label;

	ptv_linux_after();
	label = label_of(function_at(pc), kind, name);
	frame->cpu->port->point(frame->cpu, label, PTV_BEFORE);
	frame->after = label;
}

static inline void touch(const void *p, char kind, const void *pc)
{
	struct ptv_linux_frame *frame = ptv_linux.frame;
	const char *name = NULL;
	uint64_t offset;
	unsigned int e;

	if (!frame)
		return;
	if (++frame->steps > PTV_LINUX_STEPS)
		ptv_linux_crash(PTV_LINUX_CRASH_WEDGED);
	if (frame->quiet)
		return;
	offset = (uint64_t)((const char *)p - (const char *)&ptv_linux_pt_ctx[ptv_linux_this_cpu]);
	if (offset < sizeof(struct pt)) {
		name = pt_field[offset];
	} else if ((const char *)p - (const char *)ptv_linux.slot < (long)sizeof(ptv_linux.slot) &&
		   (const char *)p >= (const char *)ptv_linux.slot) {
		offset = (uint64_t)((const char *)p - (const char *)ptv_linux.slot) %
			 sizeof(ptv_linux.slot[0]);
		if (offset < sizeof(struct perf_event))
			name = hw_field[offset];
	} else if (ptv_linux_in_heap(p)) {
		for (e = 0; e < PTV_MAX_EVENTS && !name; e++) {
			offset = (uint64_t)((const char *)p - (const char *)ptv_linux.slot[e].buf);
			if (offset < sizeof(struct pt_buffer))
				name = buf_field[offset];
		}
	}
	if (name)
		point(name, kind, pc);
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

u64 ptv_linux_rdmsr(const char *where, u32 msr)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();
	u64 value;

	if (ptv_linux.frame->quiet && !ptv_linux_rdmsr_boot(msr, &value))
		return value;
	ptv_linux_after();
	return cpu->port->rdmsr(cpu, label_of(where, 'r', msr_name(msr)), msr).value;
}

void ptv_linux_wrmsr(const char *where, u32 msr, u64 value)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	ptv_linux_after();
	ptv_linux_flush(cpu);
	(void)cpu->port->wrmsr(cpu, label_of(where, 'w', msr_name(msr)), msr, value, false);
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
