/* SPDX-License-Identifier: MIT */
/*
 * Private to model/machine*.c: how the one place that knows both silicon and kernel is put
 * together.
 *
 * A `struct ptv_host` is a world being run with its configuration: it lives on the C stack of a
 * ptv_world_* call and is what a `struct ptv_cpu` points back to.
 */
#ifndef PTV_MACHINE_H
#define PTV_MACHINE_H

#include "ptv/world.h"

struct ptv_host {
	struct ptv_world *w;
	const struct ptv_env *env;
	bool settling;	  /* decisions go by the clock; nothing new retires */
	bool booting;	  /* observations are of cycle 0 */
	bool nmi_held;	  /* the player holds an NMI back: the guest runs on in spite of it */
	uint8_t msr_safe; /* the MSR access in progress is a _safe one */
};

/* The kernel has panicked: nothing runs any more. */
static inline bool ptv_machine_dead(const struct ptv_host *host)
{
	return !host->env->hw_alone && ptv_kern_dead(&host->w->kern);
}

/* A clock's place in time and who caused it: context of observation call-backs. */
struct ptv_watch {
	struct ptv_host *host;
	unsigned int lp;
	const struct ptv_pins_in *in;
	const struct ptv_pins_out *out;
};

/* machine.c: clocks */
void ptv_machine_emit(struct ptv_host *host, unsigned int lp, enum ptv_obs_kind kind,
		      enum ptv_by by, uint64_t a, uint64_t b, uint64_t c);
void ptv_machine_flush_run(struct ptv_host *host, unsigned int lp);
/* One clock of an LP with these inputs. */
void ptv_machine_clock(struct ptv_host *host, unsigned int lp, const struct ptv_pins_in *in,
		       enum ptv_by by, struct ptv_pins_out *out);
/* Lets hardware alone run up to a cycle: no retirement, no interrupt taken. Returns a cycle before
 * which it does nothing by itself. */
uint64_t ptv_machine_coast(struct ptv_host *host, unsigned int lp, uint64_t until);
/* Clocks until the LP no longer stalls. */
void ptv_machine_unstall(struct ptv_host *host, unsigned int lp);
/* Retires one branch of kernel or workload code, when the LP does not stall. */
void ptv_machine_retire(struct ptv_host *host, unsigned int lp, struct ptv_pins_in *in,
			enum ptv_by by);
/* Accounts a branch that can be dark. */
void ptv_machine_count(struct ptv_host *host, unsigned int lp, enum ptv_scope scope, bool traced,
		       bool event_scope);
/* An op from accept to done. */
void ptv_machine_op(struct ptv_host *host, unsigned int lp, struct ptv_pins_in *in, enum ptv_by by,
		    struct ptv_pins_out *out);
/* Whether PT traces now (a branch that retires makes packets). */
bool ptv_machine_traced(const struct ptv_host *host, unsigned int lp);
/* The next cycle in which the LP's hardware or its memory does something by itself; PTV_NEVER: it
 * is at rest. */
uint64_t ptv_machine_due(const struct ptv_host *host, unsigned int lp);
/* Whether an LP has anything left to do while its workload is halted. */
bool ptv_machine_restless(const struct ptv_host *host, unsigned int lp);

/* machine_port.c: kernel code on an LP */
void ptv_machine_cpu(struct ptv_host *host, unsigned int lp, enum ptv_by by, struct ptv_cpu *cpu);
/* Into kernel code from the workload and back; nested for interrupts. */
struct ptv_kframe {
	uint64_t ip; /* where the interrupted code goes on */
	uint8_t cpl, busy, irqs_on;
	uint64_t kcode_ip;
};
void ptv_machine_enter(struct ptv_host *host, unsigned int lp, enum ptv_int vector,
		       struct ptv_kframe *frame);
void ptv_machine_leave(struct ptv_cpu *cpu, enum ptv_int vector, const struct ptv_kframe *frame);
/* Makes up for the time of the calm points that were passed since a point was called. */
void ptv_machine_settle(struct ptv_cpu *cpu);
/* Kernel code goes on in that block (a followable indirect jump). */
void ptv_machine_goto(struct ptv_host *host, unsigned int lp, enum ptv_kcode block, enum ptv_by by);
/* Takes what is deliverable in the workload, by the clock or as the player decides. */
void ptv_machine_interrupts(struct ptv_host *host, unsigned int lp);
/* Cycle at which an interrupt other than the PMI becomes due on lp, PTV_NEVER. */
/* again: nothing was executed since the NMI before it returned. */
void ptv_machine_take_nmi(struct ptv_host *host, unsigned int lp, bool again);
/* The other LPs catch up with lp. */
void ptv_machine_sync(struct ptv_host *host, unsigned int lp);
/* Runs the workload of lp up to `until`, or until `branches` more have retired, or stop() says so.
 */
struct ptv_run_goal {
	uint64_t until;	   /* cycle */
	uint64_t branches; /* lp's branch counter at which to stop; PTV_NEVER */
	uint64_t pmis;	   /* lp's PMI counter at which to stop; PTV_NEVER */
	bool to_stop;	   /* until TriggerEn falls */
	bool while_alive;  /* until a little after tracing is off and nothing under way could switch
			      it on: what is waited for comes from tracing */
};
static inline struct ptv_run_goal ptv_goal_cycle(uint64_t cycle)
{
	const struct ptv_run_goal goal = {.until = cycle, .branches = PTV_NEVER, .pmis = PTV_NEVER};

	return goal;
}

void ptv_machine_run(struct ptv_host *host, unsigned int lp, const struct ptv_run_goal *goal);
/* Operand of VMXON: a good region, or one with which it fails. */
uint64_t ptv_machine_vmxon_region(uint64_t bad);
struct ptv_vmx_outcome ptv_machine_guest(struct ptv_cpu *cpu, uint64_t branches);

#endif /* PTV_MACHINE_H */
