/* SPDX-License-Identifier: MIT */
/*
 * The world: machine, workload, core and driver, as one state that plays stimuli. What harness and
 * tools use.
 *
 * A world is plain data: ptv_world_copy() is a snapshot. Its configuration (struct ptv_env) lies
 * outside and does not change during a run. Every function is deterministic in (world, env,
 * arguments, decisions).
 */
#ifndef PTV_WORLD_H
#define PTV_WORLD_H

#include "ptv/cfg.h"
#include "ptv/driver.h"
#include "ptv/hw.h"
#include "ptv/kern.h"
#include "ptv/obs.h"
#include "ptv/stimulus.h"
#include "ptv/work.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A point where the world may go several ways. */
enum ptv_decision_kind { PTV_DECIDE_DELIVER, PTV_DECIDE_TIME, PTV_DECIDE_FAIL };

struct ptv_decision {
	enum ptv_decision_kind kind;
	const char *label;  /* stable: "notify.w.vmx_on" */
	enum ptv_side side; /* DELIVER: before or after the access */
	uint8_t lp;
	uint8_t vector; /* DELIVER: enum ptv_int */
	uint32_t n;	/* choices are 0..n-1 */
	uint32_t dflt;	/* what the clock says: DELIVER: 1 if the interrupt is due by its latencies
			 */
};

/*
 * Who decides. Contract: returns a choice < n and touches nothing of the world. NULL decides by
 * default. DELIVER is asked at every point at which an interrupt has been raised and is not
 * blocked: 0 not here, 1 here (even if its latencies have not passed yet).
 */
struct ptv_player {
	uint32_t (*decide)(void *ctx, const struct ptv_decision *decision);
	void *ctx;
	/* Called at every point, raised or not, before decide() is asked there; may be NULL. */
	void (*pass)(void *ctx, const char *label, enum ptv_side side, unsigned int lp);
};

/* When the consumer reads by itself. */
enum ptv_consumer {
	PTV_CONSUMER_WAKE,  /* latency.def's `consume` cycles after a wake-up: everything */
	PTV_CONSUMER_MANUAL /* only by stimulus */
};

struct ptv_env {
	struct ptv_cpu_cfg cpu;
	struct ptv_pt_caps pt_caps;
	struct ptv_work_cfg work;
	struct ptv_kern_cfg kern;
	struct ptv_event_cfg event[PTV_MAX_EVENTS];
	struct ptv_player player;
	struct ptv_sink sink;
	const void *driver_row; /* given to the driver in struct ptv_cpu */
	uint64_t settle_limit;	/* cycles, besides the consumer's latency, after which settling is
				   called a livelock */
	uint8_t lps;		/* 1..PTV_MAX_LPS */
	uint8_t events;		/* 0..PTV_MAX_EVENTS */
	uint8_t consumer;	/* enum ptv_consumer */
	uint8_t hw_alone;	/* policy none: no kernel; stimuli drive the pins */
	uint8_t step_only;	/* never leap: every clock is stepped (for comparison) */
	uint8_t want_bytes; /* PACKET and STORE observations carry real bytes to the sink below */
	/* Called with the bytes of each store when want_bytes; may be NULL. */
	void (*store)(void *ctx, unsigned int lp, uint64_t place, uint64_t address,
		      const uint8_t *bytes, size_t size);
	void *store_ctx;
	/* Called before each clock that is visited, with the LP's state and pins; may be NULL. */
	void (*clock)(void *ctx, unsigned int lp, const struct ptv_lp *now,
		      const struct ptv_pins_in *in);
	void *clock_ctx;
};

/* One LP of a world. */
struct ptv_world_lp {
	struct ptv_lp hw;
	struct ptv_work work;
	uint8_t fifo[PTV_FIFO_MAX];
	/* A run of branches of one scope, all traced or all not, that is not yet observed (RETIRE).
	 */
	uint64_t run_first; /* cycle of its first branch */
	uint64_t run_last;  /* and of its last */
	uint64_t run_count; /* branches; 0: no run */
	uint64_t run_key;   /* RETIRE.b of the run */
	uint64_t kcode_ip;  /* where kernel code stands: the branch that ends the current block; 0:
			       in the workload */
	uint64_t irq_work_at; /* cycle at which a queued self-IPI arrives; PTV_NEVER */
	uint64_t branches;    /* retired by workload and guest so far */
	uint64_t stored;      /* bytes stored so far */
	uint64_t pmis;	      /* ToPA PMIs raised so far */
	uint64_t last_store;  /* address of the last byte stored */
	uint8_t halted;	      /* the workload does not retire */
	uint8_t irqs_on;
	uint8_t preempt_on;
	uint8_t guest;	    /* the guest runs */
	uint8_t stall;	    /* out.stall of the last clock */
	uint8_t nmi;	    /* out.nmi of the last clock */
	uint8_t irq;	    /* out.irq of the last clock */
	uint8_t scope_mask; /* bit 0: an event counted running covers CPL 0 code here; bit 1: CPL 3
			     */
};

struct ptv_world {
	struct ptv_mem mem;
	struct ptv_kern kern;
	uint64_t consume_at[PTV_MAX_EVENTS]; /* cycle at which a woken consumer reads; PTV_NEVER */
	uint32_t seq;			     /* of the next observation */
	uint8_t busy;			     /* kernel code is on the C stack: its LP plus 1 */
	uint8_t spurious;		     /* bit lp: an NMI without cause waits to be taken */
	uint8_t pad[2];
	struct ptv_world_lp lp[PTV_MAX_LPS]; /* the first env->lps are in use */
};

/* Fills env with defaults: one LP, clock decisions, default timing and switches, no events. */
void ptv_env_default(struct ptv_env *env);

/* Boots the machine and kernel, and opens the events of env (observations LP_INFO, OPEN, PAGE). 0
 * or negative errno. */
int ptv_world_init(struct ptv_world *world, const struct ptv_env *env);

/* Snapshot: copies what is in use. */
void ptv_world_copy(struct ptv_world *to, const struct ptv_world *from, const struct ptv_env *env);

/* Cycle of an LP. */
uint64_t ptv_world_now(const struct ptv_world *world, unsigned int lp);

/* Runs the workload on every LP up to a cycle; interrupts are taken as they become due. */
void ptv_world_advance(struct ptv_world *world, const struct ptv_env *env, uint64_t cycle);

/* What one stimulus came to. */
enum ptv_apply {
	PTV_APPLY_OK,
	PTV_APPLY_MEANINGLESS, /* it makes no sense now (sched_in of what is in): nothing was done
				*/
	PTV_APPLY_NEVER,       /* progress to something that does not come within the limit */
	PTV_APPLY_DEAD	       /* the machine has panicked before: nothing was done */
};

/* A result of a hardware-alone stimulus, for its expectations. */
struct ptv_apply_result {
	enum ptv_apply apply;
	enum ptv_fault fault;
	enum ptv_vmx_result vmx;
	uint32_t reason;
	uint64_t value;	 /* RDMSR */
	uint64_t stored; /* bytes stored on its LP from the begin of the stimulus to its end */
	uint64_t pmis;	 /* ToPA PMIs raised in that time */
};

/* Advances to stimulus->at (index is for the STIMULUS observation), applies it, runs it to its end.
 */
struct ptv_apply_result ptv_world_apply(struct ptv_world *world, const struct ptv_env *env,
					const struct ptv_stimulus *stimulus, uint32_t index);

/*
 * Settles: workload halted, pending interrupts delivered, queued work run, FIFO drained, woken
 * consumers read; then observes SETTLED. False (after a livelock splat) if that does not end within
 * env->settle_limit.
 */
bool ptv_world_settle(struct ptv_world *world, const struct ptv_env *env, uint32_t index);

/*
 * If settling has nothing to do but to observe SETTLED, does that, leaves the world as it was, and
 * returns true: no copy is needed. Else does nothing.
 */
bool ptv_world_settle_at_once(struct ptv_world *world, const struct ptv_env *env, uint32_t index);

/* Closes: disables every event, settles, consumes everything, settles; then observes CLOSED. */
bool ptv_world_close(struct ptv_world *world, const struct ptv_env *env);

/* Hash of the canonical state (KEY and REL fields). */
uint64_t ptv_world_hash(const struct ptv_world *world, const struct ptv_env *env);

/* Sizes for reports: bytes of state per LP and shared. */
size_t ptv_world_lp_bytes(void);
size_t ptv_world_shared_bytes(void);

#ifdef __cplusplus
}
#endif

#endif /* PTV_WORLD_H */
