/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Labels of points: "function.r|w.variable", the function's prefix (pt_, pt_event_, intel_pt_) left
 * out: "notify.w.vmx_on", "config_start.w.RTIT_CTL". The functions' addresses are in a table that
 * the build makes of the compiled driver, the variables' here.
 */
#include "shim.h"

#include "names.h"

#undef memset

#define LABELS	   1024U
#define LABEL_SIZE 56U

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

void ptv_linux_label_init(void)
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

const char *ptv_linux_variable_at(const void *p)
{
	const uintptr_t at = (uintptr_t)p;
	uint64_t offset = at - (uintptr_t)ptv_linux_pt;
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

const char *ptv_linux_label(const char *function, char kind, const char *what)
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

/* Of driver.o, or of buffer.o. */
const char *ptv_linux_function_at(const void *pc)
{
	const unsigned long driver =
		(unsigned long)pc - (unsigned long)&intel_pt_handle_vmx + PTV_LINUX_DRIVER_ANCHOR;
	const unsigned long buffer =
		(unsigned long)pc - (unsigned long)&perf_get_aux + PTV_LINUX_BUFFER_ANCHOR;

	if (driver < PTV_LINUX_DRIVER_SIZE)
		return name_at(ptv_linux_driver_names, ARRAY_SIZE(ptv_linux_driver_names), driver);
	return name_at(ptv_linux_buffer_names, ARRAY_SIZE(ptv_linux_buffer_names), buffer);
}

const char *ptv_linux_msr_label(const char *function, char kind, u32 msr)
{
	return ptv_linux_label(function, kind, msr_name(msr));
}
