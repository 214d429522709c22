/* SPDX-License-Identifier: MIT */
/*
 * The processor: one logical processor (LP) as a Mealy machine behind the border "pins".
 *
 * What it is. ptv_lp_step() is one clock: from the state `now` and the input pins it computes the
 * state `next` and the output pins. Every unit (rtit, packet, fifo, topa, vmx, pmi, timer) reads
 * `now` and writes its own part of `next`; no unit sees another's `next`, so the order of units
 * does not matter (a test shuffles it).
 *
 * Time. All timers are absolute cycles, so a clock in which nothing happens changes only the cycle
 * counter. That is what makes ptv_lp_leap() possible: it visits only the clocks in which something
 * happens, and equals stepping.
 *
 * State. Plain structs generated from spec/state_hw.def (the one list that also drives diff, hash,
 * print and the comparison with the RTL twin). Snapshot and restore are assignment. The bytes of
 * the internal buffer lie outside the hot block: a clock appends behind the valid ones and never
 * changes those that `now` covers.
 *
 * Operations. `op` is accepted in a clock in which !busy; it takes effect some cycles later
 * (spec/latency.def) and retires with `done` in the clock in which `out.done` is 1, after whatever
 * packets and flush it needs. Nothing retires and no interrupt is recognised between accept and
 * done. `retire` is refused (ignored, and a bug of the caller) while out.stall of the previous
 * clock was 1 or an op is in progress.
 *
 * Sources: Intel SDM Vol. 3, chapters on Intel PT and VMX; rule ids HW-nnn, Gn, En, X-n and C-n are
 * those of spec/requirements.md.
 */
#ifndef PTV_HW_H
#define PTV_HW_H

#include "ptv/base.h"
#include "ptv/cfg.h"
#include "ptv/msr.h"
#include "ptv/obs.h"
#include "ptv/state.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ptv_op {
	PTV_OP_NONE,
	PTV_OP_RDMSR,
	PTV_OP_WRMSR,
	PTV_OP_VMXON,
	PTV_OP_VMXOFF,
	PTV_OP_VMPTRLD, /* data = VMCS pointer */
	PTV_OP_VMCLEAR, /* data = VMCS pointer */
	PTV_OP_VM_ENTRY,
	PTV_OP_VM_EXIT,
	PTV_OP_RESET, /* data: 0 cold, 1 warm */
	PTV_OPS
};

enum ptv_retire_kind {
	PTV_RETIRE_NONE,
	PTV_RETIRE_JCC_TAKEN,
	PTV_RETIRE_JCC_NOT,
	PTV_RETIRE_JMP, /* direct jump: no packet */
	PTV_RETIRE_JMP_IND,
	PTV_RETIRE_CALL, /* direct call: no packet */
	PTV_RETIRE_CALL_IND,
	PTV_RETIRE_RET,
	PTV_RETIRE_FAR, /* SYSCALL, SYSRET, far jumps */
	PTV_RETIRE_INT, /* an external interrupt or NMI taken before the instruction at `ip`; see
			   `vector` */
	PTV_RETIRE_IRET,
	PTV_RETIRE_MOV_CR3,
	PTV_RETIRES
};

/* VMX controls that matter to PT, in data of VM_ENTRY and VM_EXIT (SDM 24.6.2, 24.7.1, 24.8.1). */
#define PTV_VMC_CONCEAL_EXEC  PTV_BIT(0) /* secondary proc-based 19 */
#define PTV_VMC_CONCEAL_EXIT  PTV_BIT(1) /* VM-exit 24 */
#define PTV_VMC_CONCEAL_ENTRY PTV_BIT(2) /* VM-entry 17 */
#define PTV_VMC_CLEAR_RTIT    PTV_BIT(3) /* VM-exit 25 */
#define PTV_VMC_LOAD_RTIT     PTV_BIT(4) /* VM-entry 18; the field's value is in `field` */

/* VMXON, in field: why it is to fault (SDM Vol. 3, ch. 30). */
#define PTV_VMXON_NO_VMXE PTV_BIT(0) /* CR4.VMXE = 0: #UD */
#define PTV_VMXON_LOCKED  PTV_BIT(1) /* forbidden by IA32_FEATURE_CONTROL, CR0 or CR4: #GP */

/* Execution modes as MODE.Exec codes them: CS.D<<1 | (CS.L & LMA). */
enum ptv_exec_mode { PTV_EXEC_16 = 0, PTV_EXEC_64 = 1, PTV_EXEC_32 = 2 };

/* Input pins of one clock. All zero: nothing happens from outside. */
struct ptv_pins_in {
	uint64_t data;	/* op operand: MSR value, VMXON or VMCS pointer, PTV_VMC_* controls */
	uint64_t field; /* VM_ENTRY: Guest IA32_RTIT_CTL; VMXON: PTV_VMXON_* */
	uint64_t ip; /* CLIP: of the op or of the retired branch; for VM_EXIT the guest RIP saved */
	uint64_t target; /* branch: destination (JCC_NOT: the instruction after it). op: NLIP;
			    VM_ENTRY: guest RIP; VM_EXIT: host RIP. INT: handler */
	uint64_t cr3;	 /* CR3 after the op or branch; only looked at where it may change (MOV_CR3,
			    VM_*, FAR, INT, IRET) */
	uint64_t mem_rdata; /* valid with mem_ack */
	uint32_t msr;	    /* RDMSR, WRMSR: address */
	uint16_t emit;	/* policy none: so many PAD bytes (<= 16) straight into the buffer, past the
			   packetizer */
	uint8_t op;	/* enum ptv_op */
	uint8_t retire; /* enum ptv_retire_kind */
	uint8_t vector; /* with RETIRE_INT: enum ptv_int that is acknowledged */
	uint8_t cpl;	/* retire, VM_ENTRY, VM_EXIT: after it; other ops: the CPL they run at */
	uint8_t mode;	/* enum ptv_exec_mode after it; valid with retire and VM_* */
	uint8_t mem_ack; /* the ToPA entry asked for by mem_req is on mem_rdata */
};

/* Output pins of one clock. */
struct ptv_pins_out {
	uint64_t rdata;	     /* RDMSR; VM_EXIT: Guest IA32_RTIT_CTL as saved; valid with done */
	uint64_t mem_addr;   /* valid with mem_req */
	uint64_t store_addr; /* valid with store_len > 0 */
	uint8_t store_data[16];
	uint8_t packet[16]; /* the packet that entered the buffer in this clock, valid with
			       packet_len > 0 */
	uint16_t drop_len;  /* bytes lost in this clock */
	uint16_t reason; /* VMX: error number (FAIL_VALID) or exit reason (ENTRY_FAIL), valid with
			    done */
	uint8_t drop_cause;  /* enum ptv_drop_cause, valid with drop_len > 0 */
	uint8_t store_len;   /* 0..16 */
	uint8_t packet_len;  /* 0..16 */
	uint8_t packet_kind; /* enum ptv_packet */
	uint8_t busy;	     /* an op is in progress after this clock */
	uint8_t done;	     /* the op retires in this clock */
	uint8_t fault;	     /* enum ptv_fault, valid with done */
	uint8_t vmx_result;  /* enum ptv_vmx_result, valid with done of a VMX op */
	uint8_t mem_req;     /* a ToPA entry is wanted: held until mem_ack */
	uint8_t region_end;  /* the store of this clock filled its region */
	uint8_t pmi;	     /* a ToPA PMI was raised in this clock (38EH[55] set): 1 region full, 2
				early, 3 pended again at enable (STATUS[7]) */
	uint8_t nmi;	     /* an NMI is deliverable at the next instruction boundary */
	uint8_t irq;   /* LVTPC in fixed mode: an interrupt is pending (IF is the caller's business)
			*/
	uint8_t stall; /* nothing may retire in the next clock */
};

/* Packets, in the order of spec/packet.def. */
enum ptv_packet {
	PTV_PKT_NONE,
#define PTV_PACKET(NAME, text, meaning) PTV_PKT_##NAME,
#include "spec/packet.def"
#undef PTV_PACKET
	PTV_PKTS
};

const char *ptv_packet_name(enum ptv_packet kind);
const char *ptv_op_name(enum ptv_op op);
const char *ptv_retire_name(enum ptv_retire_kind kind);

/* Assignment, faster than what compilers make of it: it is done each clock. */
void ptv_lp_copy(struct ptv_lp *to, const struct ptv_lp *from);

/* Power-on state. LVTPC is masked; the CPU runs in 64-bit mode at CPL 0. Memory of tables is not
 * touched. */
void ptv_lp_init(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp, unsigned int index);

/*
 * One clock. `next` may not alias `now`. `fifo` holds the bytes of the internal buffer of this LP;
 * bytes that `now` counts as buffered are not changed.
 */
void ptv_lp_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		 const struct ptv_pins_in *in, struct ptv_lp *next, struct ptv_pins_out *out,
		 uint8_t fifo[PTV_FIFO_MAX]);

/* Whether a clock with these pins changes nothing but timer.cycle. Of several in a row, each has
 * the outputs of the first. */
bool ptv_lp_is_quiet(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		     const struct ptv_pins_in *in);

/* The units. A clock lets each write its own part of `next`. */
enum ptv_lp_unit {
	PTV_UNIT_TIMER,
	PTV_UNIT_CPU,
	PTV_UNIT_OP,
	PTV_UNIT_RTIT,
	PTV_UNIT_PACKET,
	PTV_UNIT_FIFO,
	PTV_UNIT_TOPA,
	PTV_UNIT_VMX,
	PTV_UNIT_PMI,
	PTV_LP_UNITS
};

/* ptv_lp_step() with the units taken in this order, none left out: the result is the same. */
void ptv_lp_step_in_order(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
			  const struct ptv_pins_in *in, struct ptv_lp *next,
			  struct ptv_pins_out *out, uint8_t fifo[PTV_FIFO_MAX],
			  const enum ptv_lp_unit order[PTV_LP_UNITS]);

/*
 * The first cycle >= lp->timer.cycle in whose clock something happens without input (a timer fires,
 * a store leaves, a packet is made), or PTV_NEVER. A step in any earlier clock without input only
 * advances the cycle. A pending mem_req does not count: the memory answers.
 */
uint64_t ptv_lp_next_event(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *lp);

/* What a composer asks of an LP between clocks. */
bool ptv_lp_packet_en(const struct ptv_lp *lp);	   /* a branch that retires now makes packets */
bool ptv_lp_trigger_en(const struct ptv_lp *lp);   /* STATUS.TriggerEn */
uint32_t ptv_lp_buffered(const struct ptv_lp *lp); /* bytes in the internal buffer */
bool ptv_lp_nmi_raised(const struct ptv_lp *lp);   /* a PMI is under way as NMI: raised or latched,
						      not yet taken */
bool ptv_lp_nmi_blocked(const struct ptv_lp *lp);  /* an NMI handler runs: until IRET */
/* Whatever of its latency is left: an NMI under way is deliverable now (if LVTPC lets it through).
 */
void ptv_lp_nmi_expedite(struct ptv_lp *lp);
/* The LP's clock becomes 0 and every deadline moves with it: where a timeline begins. */
void ptv_lp_rebase(struct ptv_lp *lp);

/*
 * Writes the observations that one clock gives rise to: everything that can be told from the states
 * and pins, so that any engine that produces them (the RTL twin too) is observed by the same code.
 * `by` is who caused the clock's op or retirement; spontaneous things are PTV_BY_HW. emit() is
 * called in the order in which things happened.
 */
struct ptv_lp_clock {
	const struct ptv_lp *now, *next;
	const struct ptv_pins_in *in;
	const struct ptv_pins_out *out;
	enum ptv_by by;
};

/* Adds a, b, c under kind to whatever collects them; the receiver fills cycle, lp, seq and
 * translates addresses. */
typedef void ptv_observe_fn(void *ctx, enum ptv_obs_kind kind, enum ptv_by by, uint64_t a,
			    uint64_t b, uint64_t c);
void ptv_lp_observe(const struct ptv_lp_clock *clock, ptv_observe_fn *observe, void *ctx);

/*
 * The memory that holds ToPA tables: (address, value) words; an unlisted word reads 0. Answers a
 * mem_req cfg->timing.topa_fetch cycles after it appeared.
 */
uint64_t ptv_mem_read(const struct ptv_mem *mem, uint64_t address);
/* Returns false if all PTV_MEM_WORDS words are in use. Writing 0 frees the word. */
bool ptv_mem_write(struct ptv_mem *mem, uint64_t address, uint64_t value);

/*
 * n clocks without input but for the memory's answers, in time proportional to what happens in
 * them. Equals n times ptv_lp_step() in state and observations. Calls observe for each clock in
 * which something happened (lp->timer.cycle is that clock's cycle while it is called); observe may
 * be NULL.
 */
struct ptv_lp_run {
	const struct ptv_cpu_cfg *cfg;
	const struct ptv_mem *mem;
	ptv_observe_fn *observe;
	void *ctx;
};
void ptv_lp_leap(const struct ptv_lp_run *run, struct ptv_lp *lp, uint8_t fifo[PTV_FIFO_MAX],
		 uint64_t n);

/*
 * ptv_lp_step() and ptv_lp_observe() of one clock, in place and without the observations of a clock
 * in which nothing happens (there are none). While run->observe is called, lp is the state after
 * the clock, but for timer.cycle, which is still the clock's. run->mem is not looked at.
 */
void ptv_lp_step_observed(const struct ptv_lp_run *run, struct ptv_lp *lp,
			  const struct ptv_pins_in *in, enum ptv_by by, struct ptv_pins_out *out,
			  uint8_t fifo[PTV_FIFO_MAX]);

/*
 * Most branches of a program move the code, add a bit to the packet that is being collected, and
 * bring nothing else about. ptv_lp_retire_plain() is a clock in which such a branch retires, where
 * nothing else happens: no operation runs and ptv_lp_next_event() has not come. Equal to
 * ptv_lp_step_observed(), which has nothing to observe then and whose pins stay as they are. False,
 * and nothing is done, if it is another branch.
 */
bool ptv_lp_retire_plain(const struct ptv_cpu_cfg *cfg, struct ptv_lp *lp,
			 const struct ptv_pins_in *in);

/* Whether the next clock's mem_ack is due, and with which data (fills in->mem_ack, in->mem_rdata).
 */
void ptv_mem_answer(const struct ptv_lp_run *run, const struct ptv_lp *lp, struct ptv_pins_in *in);
/* The cycle in which the memory will answer, or PTV_NEVER. */
uint64_t ptv_mem_answer_at(const struct ptv_lp_run *run, const struct ptv_lp *lp);

#ifdef __cplusplus
}
#endif

#endif /* PTV_HW_H */
