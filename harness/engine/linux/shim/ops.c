/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The operations of the pmu border, on the kernel's driver.
 *
 * An operation unpacks the world's state into the driver's objects, runs the driver and packs them
 * again; an NMI that comes in between is an operation inside and finds them as they are.
 *
 * A crash. BUG(), a fault of the host or too many steps end the operation: the core hears of it
 * (oops), and that world's kernel is dead. The host's signals come to ptv_linux_fault() from
 * whoever loaded us (linux.c).
 */
#include "shim.h"

#undef memset
#undef snprintf

#ifndef PTV_LINUX_NAME
#define PTV_LINUX_NAME "linux"
#endif

struct ptv_linux_shim ptv_linux;
struct ptv_linux_now ptv_linux_now;
int ptv_linux_this_cpu;
struct cpuinfo_x86 boot_cpu_data;

void ptv_linux_crash(enum ptv_linux_crash what)
{
	struct ptv_linux_frame *frame = ptv_linux.frame;

	PTV_ASSERT(frame);
	frame->crash = what;
	__builtin_longjmp(frame->jump, 1);
}

/* Called by a handler of SIGSEGV and the like. Does not return if the driver was running. */
__attribute__((__visibility__("default"))) void ptv_linux_fault(void);
void ptv_linux_fault(void)
{
	if (ptv_linux.frame)
		ptv_linux_crash(PTV_LINUX_CRASH_FAULT);
}

void ptv_linux_bug(void)
{
	ptv_linux_crash(PTV_LINUX_CRASH_BUG);
}

void ptv_linux_warn(const struct ptv_linux_warning *warning)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	ptv_linux_after();
	cpu->kernel->warn(cpu, PTV_WARN_LINE + warning->number);
}

/* All of them: the linker puts them in a row. */
extern const struct ptv_linux_warning __start_ptv_linux_warnings[] __attribute__((__weak__));
extern const struct ptv_linux_warning __stop_ptv_linux_warnings[] __attribute__((__weak__));

int snprintf(char *to, size_t size, const char *format, ...)
	__attribute__((__format__(__printf__, 3, 4)));

static const char *op_warning(uint32_t what)
{
	static char text[256];
	const struct ptv_linux_warning *w;
	const char *name, *c;

	for (w = __start_ptv_linux_warnings; w < __stop_ptv_linux_warnings; w++) {
		if (PTV_WARN_LINE + w->number != what)
			continue;
		for (name = c = w->file; *c; c++)
			name = *c == '/' ? c + 1 : name;
		(void)(snprintf)(text, sizeof(text), "%s:%d (%s)", name, w->line, w->condition);
		return text;
	}
	return NULL;
}

/* --- enumeration, as the machine's row says --- */

void ptv_linux_cpuid(unsigned int leaf, unsigned int subleaf, u32 reg[4])
{
	const struct ptv_pt_caps *caps = &ptv_linux.caps;

	reg[0] = reg[1] = reg[2] = reg[3] = 0;
	if (leaf != 20U)
		return;
	if (subleaf == 0U) {
		reg[0] = 1;
		reg[1] = (caps->psb_cyc ? BIT(1) : 0U) | (caps->mtc ? BIT(3) : 0U);
		reg[2] = BIT(0) | (caps->topa_multiple_entries ? BIT(1) : 0U) |
			 (caps->single_range ? BIT(2) : 0U);
	} else if (subleaf == 1U) {
		/* Every period and threshold; no address ranges: no event has filters. */
		reg[0] = 0xffff0000U;
		reg[1] = 0xffffffffU;
	}
}

/* MSRs of enumeration that pt_init() reads; they are no MSRs of the machine. */
int ptv_linux_rdmsr_boot(u32 msr, u64 *value)
{
	*value = msr == MSR_IA32_VMX_MISC && ptv_linux.caps.vmx ? BIT_ULL(14) : 0U;
	return 0;
}

static bool same_caps(const struct ptv_pt_caps *a, const struct ptv_pt_caps *b)
{
	return a->topa_multiple_entries == b->topa_multiple_entries &&
	       a->single_range == b->single_range && a->psb_cyc == b->psb_cyc && a->mtc == b->mtc &&
	       a->vmx == b->vmx;
}

/* pt_init(), whenever a world with other enumeration comes along. */
static void boot(const struct ptv_pt_caps *caps)
{
	if (ptv_linux.booted && same_caps(&ptv_linux.caps, caps))
		return;
	PTV_ASSERT(ptv_linux_memory_init());
	ptv_linux_memory_reset();
	ptv_linux_driver_reset();
	ptv_linux.caps = *caps;
	boot_cpu_data.cpuid_level = 0x14;
	boot_cpu_data.x86_virt_bits = 48;
	/* The parts with single-entry ToPA. */
	if (!caps->topa_multiple_entries) {
		boot_cpu_data.x86_model = 0x3d;
		boot_cpu_data.x86_vfm = VFM_MAKE(X86_VENDOR_INTEL, 6, 0x3d);
	} else {
		boot_cpu_data.x86_model = 0x5e;
		boot_cpu_data.x86_vfm = VFM_MAKE(X86_VENDOR_INTEL, 6, 0x5e);
	}
	PTV_ASSERT(ptv_linux_initcall() == 0);
	ptv_linux_state_reset();
	ptv_linux_label_init();
	ptv_linux_views_moved();
	ptv_linux.booted = true;
}

/* --- running the driver --- */

struct call {
	int (*fn)(struct ptv_cpu *cpu, const struct call *call);
	unsigned int event;
	uint32_t argument;
	bool quiet; /* no NMI touches what it touches */
};

static void enter(struct ptv_linux_frame *frame, struct ptv_cpu *cpu)
{
	frame->outer = ptv_linux.frame;
	if (frame->outer) {
		frame->now = ptv_linux_now;
		frame->steps = ptv_linux_steps;
	}
	ptv_linux_now.cpu = cpu;
	ptv_linux_quiet();
	ptv_linux_steps = PTV_LINUX_STEPS;
	ptv_linux.frame = frame;
}

/* Enumeration and rebuilding have no points. */
static void unpack(const struct ptv_linux_frame *frame, struct ptv_cpu *cpu, bool quiet)
{
	if (!frame->outer) {
		ptv_linux_this_cpu = cpu->lp;
		boot(cpu->caps);
		ptv_linux_load(cpu);
	}
	/* The views are those of one CPU. */
	PTV_ASSERT(ptv_linux_this_cpu == cpu->lp);
	ptv_linux_now.vmx_on = ptv_linux_pt->vmx_on;
	if (!quiet)
		ptv_linux_listen(cpu);
}

static void leave(const struct ptv_linux_frame *frame, struct ptv_cpu *cpu)
{
	if (!frame->outer && ptv_linux.broken) {
		ptv_linux.broken = false;
		ptv_linux.booted = false;
	} else if (!frame->outer) {
		ptv_linux_save(cpu);
	}
	ptv_linux.frame = frame->outer;
	if (frame->outer) {
		ptv_linux_now = frame->now;
		ptv_linux_steps = frame->steps;
	}
}

static void crashed(const struct ptv_linux_frame *frame, struct ptv_cpu *cpu)
{
	static const enum ptv_oops oops[] = {
		[PTV_LINUX_CRASH_BUG] = PTV_OOPS_BUG,
		[PTV_LINUX_CRASH_FAULT] = PTV_OOPS_FAULT,
		[PTV_LINUX_CRASH_WEDGED] = PTV_OOPS_WEDGED,
	};

	ptv_linux.broken = true;
	ptv_linux.building = NULL;
	ptv_linux.again = false;
	ptv_linux_now.after = NULL;
	cpu->kernel->oops(cpu, oops[frame->crash]);
}

static int run(struct ptv_cpu *cpu, const struct call *call)
{
	struct ptv_linux_frame frame;
	volatile int result = 0;

	enter(&frame, cpu);
	if (__builtin_setjmp(frame.jump) == 0) {
		unpack(&frame, cpu, call->quiet);
		result = call->fn(cpu, call);
		ptv_linux_after();
	} else {
		crashed(&frame, cpu);
	}
	leave(&frame, cpu);
	return result;
}

/* --- the operations --- */

static struct perf_event *event_of(const struct call *call)
{
	return &ptv_linux.slot[call->event].event;
}

static int do_init(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	return ptv_linux_pmu->event_init(event_of(call));
}

static int do_setup(struct ptv_cpu *cpu, const struct call *call)
{
	return ptv_linux_build(cpu, call->event);
}

static int do_free(struct ptv_cpu *cpu, const struct call *call)
{
	ptv_linux_drop(cpu, call->event);
	return 0;
}

static int do_add(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	return ptv_linux_pmu->add(event_of(call), (int)call->argument);
}

static int do_del(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	ptv_linux_pmu->del(event_of(call), (int)call->argument);
	return 0;
}

static int do_start(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	ptv_linux_pmu->start(event_of(call), (int)call->argument);
	return 0;
}

static int do_stop(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	ptv_linux_pmu->stop(event_of(call), (int)call->argument);
	return 0;
}

static int do_pmi(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	(void)call;
	intel_pt_interrupt();
	return 0;
}

static int do_notify(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	intel_pt_handle_vmx((int)call->argument);
	return 0;
}

static int do_emergency(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	(void)call;
	cpu_emergency_stop_pt();
	return 0;
}

static int do_nothing(struct ptv_cpu *cpu, const struct call *call)
{
	(void)cpu;
	(void)call;
	return 0;
}

static void op_boot(struct ptv_cpu *cpu)
{
	(void)run(cpu, &(struct call){do_nothing, 0, 0, true});
}

static int op_event_init(struct ptv_cpu *cpu, unsigned int event)
{
	return run(cpu, &(struct call){do_init, event, 0, true});
}

static int op_setup_aux(struct ptv_cpu *cpu, unsigned int event)
{
	return run(cpu, &(struct call){do_setup, event, 0, true});
}

static void op_free_aux(struct ptv_cpu *cpu, unsigned int event)
{
	(void)run(cpu, &(struct call){do_free, event, 0, true});
}

static int op_add(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	return run(cpu, &(struct call){do_add, event, flags, false});
}

static void op_del(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	(void)run(cpu, &(struct call){do_del, event, flags, false});
}

static void op_start(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	(void)run(cpu, &(struct call){do_start, event, flags, false});
}

static void op_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t flags)
{
	(void)run(cpu, &(struct call){do_stop, event, flags, false});
}

static void op_pmi(struct ptv_cpu *cpu)
{
	(void)run(cpu, &(struct call){do_pmi, 0, 0, false});
}

static void op_notify(struct ptv_cpu *cpu, bool on)
{
	(void)run(cpu, &(struct call){do_notify, 0, on, false});
}

static void op_emergency(struct ptv_cpu *cpu)
{
	(void)run(cpu, &(struct call){do_emergency, 0, 0, false});
}

static const struct ptv_pmu_ops ops = {
	.abi = PTV_PMU_ABI,
	.name = PTV_LINUX_NAME,
	.boot = op_boot,
	.event_init = op_event_init,
	.setup_aux = op_setup_aux,
	.free_aux = op_free_aux,
	.add = op_add,
	.del = op_del,
	.start = op_start,
	.stop = op_stop,
	.pmi = op_pmi,
	.notify = op_notify,
	.emergency_stop = op_emergency,
	.warning = op_warning,
};

__attribute__((__visibility__("default"))) const struct ptv_pmu_ops *ptv_driver(void);
const struct ptv_pmu_ops *ptv_driver(void)
{
	return &ops;
}
