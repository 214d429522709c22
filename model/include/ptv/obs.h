/* SPDX-License-Identifier: MIT */
/*
 * obs: what can be seen from outside. Checks, reports and plots know nothing else, so they work for
 * every engine.
 *
 * An observation is one thing that happened, at one cycle of one LP. spec/obs.def lists the kinds
 * and what their three arguments mean; this header has the enumerations that the arguments take and
 * the accessors for packed ones. Observations are ordered by (cycle, lp, seq).
 */
#ifndef PTV_OBS_H
#define PTV_OBS_H

#include "ptv/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ptv_obs_kind {
#define PTV_OBS(NAME, text, a, b, c, meaning) PTV_OBS_##NAME,
#include "spec/obs.def"
#undef PTV_OBS
	PTV_OBS_KINDS
};

/* Who caused an observation. */
enum ptv_by {
	PTV_BY_WORK,   /* the traced workload */
	PTV_BY_CORE,   /* perf core, scheduler */
	PTV_BY_DRIVER, /* the PT driver in task or IRQ context */
	PTV_BY_NMI,    /* the NMI handler, the driver's part of it included */
	PTV_BY_KVM,    /* KVM's host code */
	PTV_BY_GUEST,  /* the guest */
	PTV_BY_USER,   /* whoever enables, disables and reads */
	PTV_BY_HW,     /* hardware by itself: drain, region end, PMI */
	PTV_BY_COUNT
};

/* Why TraceEn or TriggerEn changed. */
enum ptv_trace_cause {
	PTV_CAUSE_WRMSR,
	PTV_CAUSE_VMXON, /* VMXON with IA32_VMX_MISC[14]=0 (HW-116) */
	PTV_CAUSE_VM_ENTRY,
	PTV_CAUSE_VM_EXIT,
	PTV_CAUSE_STOP,	     /* ToPA STOP (HW-075) */
	PTV_CAUSE_TRACESTOP, /* IP TraceStop (HW-053) */
	PTV_CAUSE_ERROR,     /* operational error (HW-088) */
	PTV_CAUSE_RESET,
	PTV_CAUSES
};

enum ptv_drop_cause {
	PTV_DROP_OVF,
	PTV_DROP_STOP,
	PTV_DROP_ERROR,
	PTV_DROP_VMXON,
	PTV_DROP_RESET,
	PTV_DROPS
};
enum ptv_int { PTV_INT_NONE, PTV_INT_NMI, PTV_INT_IRQ, PTV_INT_IPI, PTV_INTS };
enum ptv_vmx_mode { PTV_VMX_OFF, PTV_VMX_ROOT, PTV_VMX_NON_ROOT, PTV_VMX_MODES };

/* Outcome of an MSR access or instruction that may fault. */
enum ptv_fault { PTV_FAULT_NONE, PTV_FAULT_GP, PTV_FAULT_UD, PTV_FAULTS };

/* Outcome of a VMX instruction. */
enum ptv_vmx_result {
	PTV_VMX_SUCCEED,
	PTV_VMX_FAIL_INVALID,
	PTV_VMX_FAIL_VALID, /* with an error number */
	PTV_VMX_FAULT,	    /* #UD or #GP */
	PTV_VMX_ENTRY_FAIL, /* late VM-entry failure, with an exit reason (33, 34) */
	PTV_VMX_RESULTS
};

/* Where a retired branch belongs. Only WORK_*, KVM and GUEST can be dark (design: gaps). */
enum ptv_scope {
	PTV_SCOPE_USER,	  /* workload at CPL 3 */
	PTV_SCOPE_KERNEL, /* workload at CPL 0 */
	PTV_SCOPE_KVM,	  /* KVM's host code around VM entry and exit */
	PTV_SCOPE_GUEST,
	PTV_SCOPE_DRIVER, /* core, driver, NMI handler, notifiers: never dark */
	PTV_SCOPES
};

/* Functions whose calls and returns are observed. */
enum ptv_fn {
	PTV_FN_ADD,
	PTV_FN_DEL,
	PTV_FN_START,
	PTV_FN_STOP,
	PTV_FN_PAUSE,
	PTV_FN_RESUME,
	PTV_FN_PMI,    /* intel_pt_interrupt */
	PTV_FN_NOTIFY, /* intel_pt_handle_vmx(on) */
	PTV_FN_SNAPSHOT,
	PTV_FN_IRQ_WORK, /* perf_pending_event */
	PTV_FN_TIMER,
	PTV_FN_VIRT, /* hardware_enable (argument 1), hardware_disable (0) */
	PTV_FNS
};

enum ptv_event_state {
	PTV_EVENT_NONE, /* not opened, or closed */
	PTV_EVENT_ERROR,
	PTV_EVENT_OFF,
	PTV_EVENT_INACTIVE,
	PTV_EVENT_ACTIVE,
	PTV_EVENT_STATES
};

enum ptv_context { PTV_CONTEXT_CPU, PTV_CONTEXT_TASK };
enum ptv_aux_mode { PTV_AUX_FULL, PTV_AUX_SNAPSHOT };
enum ptv_record { PTV_RECORD_AUX, PTV_RECORD_ITRACE_START, PTV_RECORD_LOST, PTV_RECORDS };
enum ptv_sw_store { PTV_SW_PAD, PTV_SW_MARKER, PTV_SW_SAMPLE, PTV_SW_STORES };

enum ptv_ask {
	PTV_ASK_ENABLE,
	PTV_ASK_DISABLE,
	PTV_ASK_PAUSE,
	PTV_ASK_RESUME,
	PTV_ASK_CLOSE, /* munmap of the AUX area and close */
	PTV_ASKS
};

enum ptv_splat {
	PTV_SPLAT_WARN,	    /* WARN_ON */
	PTV_SPLAT_GP_PANIC, /* #GP in an MSR access, era without the fix-up: the machine is dead */
	PTV_SPLAT_GP_WARN,  /* #GP caught: write dropped, warning printed */
	PTV_SPLAT_UNKNOWN_NMI, /* an NMI that nobody claimed */
	PTV_SPLAT_NMI_LOOP,    /* "irq loop stuck" */
	PTV_SPLAT_LIVELOCK,    /* did not settle */
	PTV_SPLAT_LEAK,	       /* a reference or nesting count is left at the end */
	PTV_SPLAT_VMX_FAULT,   /* VMXON or VMXOFF faulted */
	PTV_SPLAT_OOPS,	       /* the driver came to its end: the machine is dead */
	PTV_SPLATS
};

/* Whether the machine is dead after it. */
static inline bool ptv_splat_kills(enum ptv_splat splat)
{
	return splat == PTV_SPLAT_GP_PANIC || splat == PTV_SPLAT_OOPS;
}

/* PERF_AUX_FLAG_* as in the uapi header of Linux. */
#define PTV_AUX_FLAG_TRUNCATED 0x01U
#define PTV_AUX_FLAG_OVERWRITE 0x02U
#define PTV_AUX_FLAG_PARTIAL   0x04U
#define PTV_AUX_FLAG_COLLISION 0x08U

struct ptv_obs {
	uint64_t cycle; /* clock of the LP */
	uint64_t a;	/* meaning by kind: spec/obs.def */
	uint64_t b;
	uint64_t c;
	uint32_t seq; /* running number in one world, from 0 */
	uint8_t kind; /* enum ptv_obs_kind */
	uint8_t lp;
	uint8_t by;  /* enum ptv_by */
	uint8_t pad; /* 0 */
};

/*
 * Where observations go.
 * Contract: emit() must not call back into the world that emits. A sink with emit == NULL discards.
 */
struct ptv_sink {
	void (*emit)(void *ctx, const struct ptv_obs *obs);
	void *ctx;
};

/*
 * A place in an AUX buffer: which event's buffer, and the byte offset in its ring. Physical
 * addresses are translated by the machine, which knows the owner of every page, so that no observer
 * needs the page tables.
 */
#define PTV_PLACE_NONE UINT64_MAX /* no buffer owns the byte */

static inline uint64_t ptv_place(unsigned int event, uint64_t ring_offset)
{
	return ((uint64_t)event << 56) | ring_offset;
}

static inline unsigned int ptv_place_event(uint64_t place)
{
	return (unsigned int)(place >> 56);
}

static inline uint64_t ptv_place_offset(uint64_t place)
{
	return place & (PTV_BIT(56) - 1U);
}

/* RECORD.a */
static inline uint64_t ptv_record_pack(enum ptv_record type, unsigned int event, uint32_t flags)
{
	return (uint64_t)type | ((uint64_t)event << 8) | ((uint64_t)flags << 16);
}

static inline enum ptv_record ptv_record_type(const struct ptv_obs *o)
{
	return (enum ptv_record)(o->a & 0xffU);
}

static inline unsigned int ptv_record_event(const struct ptv_obs *o)
{
	return (unsigned int)((o->a >> 8) & 0xffU);
}

static inline uint32_t ptv_record_flags(const struct ptv_obs *o)
{
	return (uint32_t)((o->a >> 16) & 0xffffU);
}

/* RETIRE.b: event_scope says that an open event's filter (OS/User) covers the branch. */
static inline uint64_t ptv_retire_pack(enum ptv_scope scope, bool traced, bool event_scope)
{
	return (uint64_t)scope | (traced ? PTV_BIT(8) : 0U) | (event_scope ? PTV_BIT(16) : 0U);
}

/* MSR.a */
static inline uint64_t ptv_msr_pack(uint32_t msr, bool write, bool safe)
{
	return (uint64_t)msr | (write ? PTV_BIT(32) : 0U) | (safe ? PTV_BIT(33) : 0U);
}

/* Text of a kind ("trace_en"), of its arguments ("value"; which is 'a', 'b' or 'c') and of a by.
 * Never NULL. */
const char *ptv_obs_name(enum ptv_obs_kind kind);
const char *ptv_obs_arg_name(enum ptv_obs_kind kind, char which);
const char *ptv_obs_meaning(enum ptv_obs_kind kind);
const char *ptv_by_name(enum ptv_by by);

/* Text of an argument's enumerator where it has one ("vmxon" for TRACE_EN.b = PTV_CAUSE_VMXON);
 * NULL where it is a number. */
const char *ptv_obs_arg_text(const struct ptv_obs *obs, char which);

#ifdef __cplusplus
}
#endif

#endif /* PTV_OBS_H */
