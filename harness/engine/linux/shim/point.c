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
 * Sites. What an access means (its label, or that it is no point) is found out once and kept with
 * the place in the driver's text that it is made from: on x86-64 the build puts the comparison
 * there (site.inc), elsewhere the compiler's calls come here. Places whose accesses go to several
 * addresses in turn find what they mean in a table. All of it holds as long as the views lie where
 * they do.
 */
#include "shim.h"

#undef memset

#define PLACES 4096U
#define SITES  4096U

/* Beyond a point, or instead of one: what an access is besides. */
enum meaning {
	PLAIN,
	ENDS,  /* perf_aux_output_end() lets go of the event */
	TOLD,  /* a write that the core is told of */
	TABLE, /* a write to a ToPA table: hardware has to see it */
};

/* An access of one site to one address. */
struct place {
	const void *p;
	const struct ptv_linux_site *site;
	const char *label; /* NULL: no point */
	unsigned int stamp;
	enum meaning meaning;
};

static struct place places[PLACES];
static unsigned int stamp = 1; /* places with another one are of no use */

/* The sites that know something. */
static struct ptv_linux_site *known[SITES];
static unsigned int knowns;

int ptv_linux_steps;

static void not_between(struct ptv_cpu *cpu, const char *after, const char *before)
{
	(void)cpu;
	(void)after;
	(void)before;
}

void ptv_linux_quiet(void)
{
	static int32_t all;

	all = INT32_MAX;
	ptv_linux_now.quiet = true;
	ptv_linux_now.between = not_between;
	ptv_linux_now.after = NULL;
	ptv_linux_now.calm = &all;
}

void ptv_linux_listen(struct ptv_cpu *cpu)
{
	ptv_linux_now.quiet = false;
	ptv_linux_now.between = cpu->port->between;
	ptv_linux_now.after = NULL;
	ptv_linux_now.calm = &cpu->calm;
}

void ptv_linux_views_moved(void)
{
	stamp++;
	while (knowns > 0U)
		known[--knowns]->p = NULL;
}

/* --- points --- */

/* The core is told of the write before. */
static void tell(void)
{
	ptv_linux_now.between = ptv_linux_now.cpu->port->between;
	ptv_linux_after_write(ptv_linux_now.written);
}

static void tell_between(struct ptv_cpu *cpu, const char *after, const char *before)
{
	tell();
	ptv_linux_now.between(cpu, after, before);
}

void ptv_linux_pending_after(void)
{
	struct ptv_cpu *cpu = ptv_linux_now.cpu;
	const char *label = ptv_linux_now.after;

	ptv_linux_now.after = NULL;
	if (ptv_linux_now.between == tell_between)
		tell();
	if (*ptv_linux_now.calm <= 0)
		cpu->port->point(cpu, label, PTV_AFTER);
}

/* An NMI at a point has an operation of its own: its AFTER is not this one. */
static void point(const char *label, bool write)
{
	const char *after = ptv_linux_now.after;

	if (--*ptv_linux_now.calm >= 0)
		return;
	ptv_linux_now.after = write ? label : NULL;
	ptv_linux_now.between(ptv_linux_now.cpu, after, label);
}

/* The next point is to be called. */
static void no_calm(struct ptv_cpu *cpu)
{
	if (cpu->calm > 0) {
		cpu->calm_given -= cpu->calm;
		cpu->calm = 0;
	}
}

/* An access that is more than itself. An NMI at its point looks places up, too. */
static void special(const struct place *at)
{
	const struct place place = *at;

	if (place.meaning == TABLE) {
		ptv_linux.tables_written = true;
		return;
	}
	point(place.label, false);
	if (place.meaning == ENDS)
		ptv_linux_before_write(&ptv_linux_pt->handle);
	ptv_linux_now.after = place.label;
	if (place.meaning == TOLD) {
		ptv_linux_now.written = place.p;
		ptv_linux_now.between = tell_between;
		no_calm(ptv_linux_now.cpu);
	}
}

/* --- what an access means --- */

static enum meaning meaning_of(const char *function, const char *variable)
{
	static const struct {
		const char *function, *variable; /* function NULL: any */
		enum meaning meaning;
	} writes[] = {
		{"perf_aux_output_end", "handle.event", ENDS},
		{NULL, "aux_head", TOLD},
		{NULL, "pending_disable", TOLD},
		{NULL, "vmx_on", TOLD},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		if (__builtin_strcmp(variable, writes[i].variable) == 0 &&
		    (!writes[i].function || __builtin_strcmp(function, writes[i].function) == 0))
			return writes[i].meaning;
	}
	return PLAIN;
}

static void find_out(struct place *place, const void *p, char kind, struct ptv_linux_site *site)
{
	const char *variable = ptv_linux_variable_at(p);

	*place = (struct place){.p = p, .site = site, .stamp = stamp};
	if (!variable) {
		if (kind == 'w' && ptv_linux_in_ram(p))
			place->meaning = TABLE;
		return;
	}
	if (!site->function)
		site->function = ptv_linux_function_at(site->pc);
	place->label = ptv_linux_label(site->function, kind, variable);
	if (kind == 'w')
		place->meaning = meaning_of(site->function, variable);
}

/* What the site will find at once next time. */
static void know(struct ptv_linux_site *site, const struct place *place)
{
	if (!site->p) {
		if (knowns == SITES)
			return;
		known[knowns++] = site;
	}
	site->p = place->p;
	site->label = place->label;
}

/* An access that the site knows nothing of. */
static void touch(const void *p, char kind, struct ptv_linux_site *site)
{
	const uint32_t hash = (uint32_t)((uintptr_t)site + (uintptr_t)p) * 0x9e3779b1U;
	struct place *place = &places[hash / (UINT32_MAX / PLACES + 1U)];

	if (ptv_linux_now.quiet)
		return;
	if (place->p != p || place->site != site || place->stamp != stamp)
		find_out(place, p, kind, site);
	if (place->meaning != PLAIN) {
		special(place);
		return;
	}
	know(site, place);
	if (place->label)
		point(place->label, kind == 'w');
}

void ptv_linux_touch_r(const void *p, struct ptv_linux_site *site)
{
	touch(p, 'r', site);
}

void ptv_linux_touch_w(const void *p, struct ptv_linux_site *site)
{
	touch(p, 'w', site);
}

void ptv_linux_wedged(void)
{
	ptv_linux_crash(PTV_LINUX_CRASH_WEDGED);
}

/* --- what the compiler calls --- */

/* The site of a call that comes here. */
static struct ptv_linux_site *site_at(const void *pc)
{
	static struct ptv_linux_site sites[SITES];
	unsigned int at = ((uint32_t)(uintptr_t)pc * 0x9e3779b1U) / (UINT32_MAX / SITES + 1U);
	unsigned int tries;

	for (tries = 0; sites[at].pc && sites[at].pc != pc; tries++) {
		PTV_ASSERT(tries < SITES);
		at = (at + 1U) % SITES;
	}
	sites[at].pc = pc;
	return &sites[at];
}

static inline void called(const void *p, char kind, const void *pc)
{
	struct ptv_linux_site *site = site_at(pc);

	if (site->p != p)
		touch(p, kind, site);
	else if (site->label)
		point(site->label, kind == 'w');
}

#define ACCESS(name, kind)                                    \
	void name(void *p);                                   \
	void name(void *p)                                    \
	{                                                     \
		called(p, kind, __builtin_return_address(0)); \
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
ACCESS(__tsan_unaligned_read2, 'r')
ACCESS(__tsan_unaligned_read4, 'r')
ACCESS(__tsan_unaligned_read8, 'r')
ACCESS(__tsan_unaligned_write2, 'w')
ACCESS(__tsan_unaligned_write4, 'w')
ACCESS(__tsan_unaligned_write8, 'w')

void __tsan_read_range(void *p, unsigned long size);
void __tsan_read_range(void *p, unsigned long size)
{
	(void)size;
	called(p, 'r', __builtin_return_address(0));
}

void __tsan_write_range(void *p, unsigned long size);
void __tsan_write_range(void *p, unsigned long size)
{
	(void)size;
	called(p, 'w', __builtin_return_address(0));
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

/* Before every block of code. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	if (--ptv_linux_steps < 0 && ptv_linux.frame)
		ptv_linux_wedged();
}

/* --- operations with points of their own --- */

static const char *msr_label(const char **kept, const char *function, char kind, u32 msr)
{
	const char *label = kept ? *kept : NULL;

	if (!label)
		label = ptv_linux_msr_label(function, kind, msr);
	if (kept)
		*kept = label;
	return label;
}

u64 ptv_linux_rdmsr(const char **label, const char *function, u32 msr)
{
	struct ptv_cpu *cpu = ptv_linux_now.cpu;
	u64 value;

	if (ptv_linux_now.quiet && !ptv_linux_rdmsr_boot(msr, &value))
		return value;
	ptv_linux_after();
	return cpu->port->rdmsr(cpu, msr_label(label, function, 'r', msr), msr).value;
}

void ptv_linux_wrmsr(const char **label, const char *function, u32 msr, u64 value)
{
	struct ptv_cpu *cpu = ptv_linux_now.cpu;

	ptv_linux_after();
	ptv_linux_flush(cpu);
	(void)cpu->port->wrmsr(cpu, msr_label(label, function, 'w', msr), msr, value, false);
}

unsigned long ptv_linux_irq_save(void)
{
	struct ptv_cpu *cpu = ptv_linux_now.cpu;

	ptv_linux_after();
	return cpu->port->irqs_set(cpu, false);
}

void ptv_linux_irq_restore(unsigned long flags)
{
	struct ptv_cpu *cpu = ptv_linux_now.cpu;

	ptv_linux_after();
	(void)cpu->port->irqs_set(cpu, flags != 0U);
}

void ptv_linux_fence(void)
{
	struct ptv_cpu *cpu = ptv_linux_now.cpu;

	ptv_linux_after();
	cpu->port->fence(cpu);
}

/* The kernel's log is nobody's. */
int ptv_linux_print(const char *format, ...)
{
	(void)format;
	return 0;
}
