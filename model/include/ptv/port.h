/* SPDX-License-Identifier: MIT */
/*
 * port: what software may do to hardware. Core and driver know the machine only through it.
 *
 * A `struct ptv_cpu` is "this CPU" in one context (task, IRQ, NMI): it is handed down every call,
 * lives on the C stack and is never part of the state. Operations take time (spec/latency.def) and
 * other LPs run meanwhile.
 *
 * Points. Before and after every port operation and every access to a variable that an interrupt
 * also touches lies a point, at which a deliverable interrupt may be taken: its handler runs
 * nested, to its end, before the call returns. Arguments are evaluated before the first point.
 * Labels are stable: "function.r|w|op.name", e.g. "notify.w.vmx_on", "start.w.RTIT_CTL",
 * "virt_on.op.VMXON"; pass string constants.
 *
 * Calm. Where nothing is raised and nobody counts points, the port says at how many points to come
 * nothing can happen but that time passes (cpu->calm). Such a point need not be called: it is taken
 * off calm, and the port makes up for the time at its next operation. What wants an interrupt at
 * every point leaves none calm.
 *
 * After a panic every operation does nothing and returns zeros, so that straight-line code runs
 * out.
 */
#ifndef PTV_PORT_H
#define PTV_PORT_H

#include "ptv/base.h"
#include "ptv/obs.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ptv_cpu;
struct ptv_kern;
struct ptv_kern_cfg;

struct ptv_msr_result {
	uint64_t value;
	enum ptv_fault fault;
};

/* VMX operations software may ask for. */
enum ptv_vmx_op {
	PTV_VMX_OP_ON, /* operand: 0 a good VMXON region, 1 a bad one */
	PTV_VMX_OP_OFF,
	PTV_VMX_OP_PTRLD,  /* operand: VMCS pointer */
	PTV_VMX_OP_CLEAR,  /* operand: VMCS pointer */
	PTV_VMX_OP_LAUNCH, /* operand: branches the guest retires; returns after the VM exit (or a
			      failed entry) */
};

struct ptv_vmx_outcome {
	enum ptv_vmx_result result;
	uint32_t reason; /* VM-instruction error or exit reason */
};

enum ptv_side { PTV_BEFORE, PTV_AFTER };

/* The operations; model/machine.c implements them. */
struct ptv_port_ops {
	struct ptv_msr_result (*rdmsr)(struct ptv_cpu *cpu, const char *label, uint32_t msr);
	/* safe: a fault is returned and nothing else happens; else the core's exception handler has
	 * run already. */
	enum ptv_fault (*wrmsr)(struct ptv_cpu *cpu, const char *label, uint32_t msr,
				uint64_t value, bool safe);
	struct ptv_vmx_outcome (*vmx)(struct ptv_cpu *cpu, const char *label, enum ptv_vmx_op op,
				      uint64_t operand);
	/* IF and preemption; return what was before. */
	bool (*irqs_set)(struct ptv_cpu *cpu, bool enabled);
	bool (*preempt_set)(struct ptv_cpu *cpu, bool enabled);
	/* ToPA tables: physical addresses. mem_write64 returns false when the machine's table
	 * memory is full. */
	uint64_t (*mem_read64)(struct ptv_cpu *cpu, uint64_t address);
	bool (*mem_write64)(struct ptv_cpu *cpu, uint64_t address, uint64_t value);
	/* AUX bytes: software stores `size` bytes of kind `what` at a ring offset of an event's
	 * buffer. */
	void (*mem_fill)(struct ptv_cpu *cpu, unsigned int event, uint64_t ring_offset,
			 uint64_t size, enum ptv_sw_store what);
	void (*fence)(struct ptv_cpu *cpu);
	uint64_t (*now)(struct ptv_cpu *cpu); /* the LP's cycle */
	void (*point)(struct ptv_cpu *cpu, const char *label, enum ptv_side side);
	/* Kernel time passes (a call, a loop): cycles, during which interrupts are not recognised.
	 */
	void (*spend)(struct ptv_cpu *cpu, uint32_t cycles);
	/* Emits an observation of this LP now, by cpu->by. */
	void (*observe)(struct ptv_cpu *cpu, enum ptv_obs_kind kind, uint64_t a, uint64_t b,
			uint64_t c);
	/* IPI: runs fn(cpu of lp, arg) on that LP in interrupt context and waits for its end. */
	void (*ipi)(struct ptv_cpu *cpu, unsigned int lp,
		    void (*fn)(struct ptv_cpu *cpu, uint64_t arg), uint64_t arg);
	/* Asks for an interrupt on this LP as soon as IF allows: perf's irq_work. */
	void (*irq_work)(struct ptv_cpu *cpu);
	/* Between two accesses: the AFTER point of the one, if after is not NULL, and the BEFORE
	 * point of the other. */
	void (*between)(struct ptv_cpu *cpu, const char *after, const char *before);
};

/* CPUID as the driver needs it. */
struct ptv_pt_caps {
	bool topa_multiple_entries; /* 14H.0:ECX[1] */
	bool single_range;	    /* ECX[2] */
	bool psb_cyc;		    /* EBX[1] */
	bool mtc;		    /* EBX[3] */
	bool vmx;		    /* IA32_VMX_MISC[14] */
};

struct ptv_cpu {
	const struct ptv_port_ops *port;
	const struct ptv_kernel_ops *kernel; /* pmu.h: what a driver may ask of the core */
	const struct ptv_pt_caps *caps;
	struct ptv_kern *kern;		     /* kern.h: the kernel's state; the core's alone */
	const struct ptv_kern_cfg *kern_cfg; /* kern.h: era and driver; the core's alone */
	void *world;			     /* the machine's own; nobody else looks */
	const void *driver_row; /* the row of a driver of drivers.def; an out-of-tree driver's `row`
				 */
	uint8_t lp;
	uint8_t by;	   /* enum ptv_by: who is running */
	uint8_t in_nmi;	   /* 1: NMI context */
	uint8_t in_irq;	   /* 1: IRQ or IPI context */
	uint8_t nmi_again; /* NMI context, 1: nothing was executed since the NMI before it returned
			      (the interrupted IP is the same: "back to back") */
	/* Points that are calm; less than 1: none. An access takes one away, calling or not. The
	 * port sets it anew at every point that is called. */
	int32_t calm;
	int32_t calm_given; /* what it was set to; the port's own */
};

/*
 * A read or write of a variable that an interrupt handler also touches, with its points. `fn` and
 * `var` are the words of the label. PTV_READ yields the value.
 */
#define PTV_WRITE(cpu, fn, var, lvalue, value)                 \
	do {                                                   \
		const uint64_t ptv_value_ = (uint64_t)(value); \
		ptv_before_((cpu), fn ".w." var);              \
		(lvalue) = (__typeof__(lvalue))ptv_value_;     \
		ptv_after_((cpu), fn ".w." var);               \
	} while (0)

#define PTV_READ(cpu, fn, var, lvalue) ptv_read_((cpu), fn ".r." var, &(lvalue), sizeof(lvalue))

/* Use PTV_WRITE and PTV_READ. */
static inline void ptv_before_(struct ptv_cpu *cpu, const char *label)
{
	if (--cpu->calm < 0)
		cpu->port->point(cpu, label, PTV_BEFORE);
}

static inline void ptv_after_(struct ptv_cpu *cpu, const char *label)
{
	if (cpu->calm <= 0)
		cpu->port->point(cpu, label, PTV_AFTER);
}

static inline uint64_t ptv_read_(struct ptv_cpu *cpu, const char *label, const void *p, size_t size)
{
	uint64_t value = 0;

	ptv_before_(cpu, label);
	if (size == 1U)
		value = *(const uint8_t *)p;
	else if (size == 2U)
		value = *(const uint16_t *)p;
	else if (size == 4U)
		value = *(const uint32_t *)p;
	else
		value = *(const uint64_t *)p;
	ptv_after_(cpu, label);
	return value;
}

#ifdef __cplusplus
}
#endif

#endif /* PTV_PORT_H */
