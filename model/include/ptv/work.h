/* SPDX-License-Identifier: MIT */
/*
 * The workload: real little x86-64 basic blocks, with their bytes, so that a decoder can follow
 * them.
 *
 * Two programs run interleaved: a user part (CPL 3) and a kernel part (CPL 0, reached by SYSCALL,
 * left by SYSRET), plus the kernel's own blocks around them: interrupt and NMI entry, one block for
 * each instruction by which the kernel drives PT and VMX (WRMSR, VMXON, VMXOFF, VMPTRLD, VMLAUNCH),
 * IRET. Every block ends in exactly one branch. The kernel blocks end in an indirect jump, so that
 * straight-line kernel code can go through them in any order and still be followed. A guest program
 * of its own runs between VM entry and VM exit.
 *
 * Which branch is taken comes from a small generator in the state (deterministic; seeded by the
 * setting). With the default settings and a packetizer without RET compression about 0.1 byte of
 * trace is made in a cycle.
 */
#ifndef PTV_WORK_H
#define PTV_WORK_H

#include "ptv/base.h"
#include "ptv/hw.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The programs; UTIL: the kernel's blocks around them. */
enum ptv_code_part { PTV_PART_USER, PTV_PART_KERNEL, PTV_PART_UTIL, PTV_PART_GUEST, PTV_PARTS };

/* The branch that ends a block. */
enum ptv_code_kind {
	PTV_CODE_JCC,
	PTV_CODE_JMP,
	PTV_CODE_JMP_IND,
	PTV_CODE_CALL,
	PTV_CODE_CALL_IND,
	PTV_CODE_RET,
	PTV_CODE_SYSCALL,
	PTV_CODE_SYSRET,
	PTV_CODE_IRET,
	PTV_CODE_KINDS
};

/* What stands for a percentage where a setting or the balance decides. */
#define PTV_CHANCE_INDIRECT 101U /* ptv_work_cfg.indirect_percent */
#define PTV_CHANCE_FAR	    103U /* ptv_work_cfg.far_percent */
#define PTV_CHANCE_SWITCH   102U /* taken when the other privilege level is due */

enum ptv_block {
#define PTV_BLOCK(NAME, part, address, text, bytes, branch, kind, percent, fall, t0, t1, t2) \
	PTV_BLOCK_##NAME,
#define PTV_KBLOCK(NAME, address, text, bytes, special, next, branch, kind) PTV_BLOCK_##NAME,
#include "spec/code.def"
#undef PTV_BLOCK
#undef PTV_KBLOCK
	PTV_BLOCKS,
	PTV_BLOCK_NONE = 255
};

/* A row of spec/code.def. */
struct ptv_code_row {
	const char *name; /* "U_TOP" */
	const char *text; /* assembly */
	const uint8_t *bytes;
	uint64_t address;
	uint8_t size;	   /* bytes */
	uint8_t branch;	   /* offset of the branch that ends the block */
	uint8_t special;   /* UTIL: offset of the instruction that it is there for; else branch */
	uint8_t part;	   /* enum ptv_code_part */
	uint8_t kind;	   /* enum ptv_code_kind */
	uint8_t percent;   /* JCC: how often it is taken, or PTV_CHANCE_* */
	uint8_t fall;	   /* the block behind it, where it can go on; else PTV_BLOCK_NONE */
	uint8_t target[3]; /* enum ptv_block, the first `targets` of them */
	uint8_t targets;
};

/* All rows, indexed by enum ptv_block; their number in *count. */
const struct ptv_code_row *ptv_code_rows(size_t *count);

/* Kernel blocks that the machine goes through; spec/code.def has their bytes. */
enum ptv_kcode {
	PTV_KCODE_IRQ_ENTRY,
	PTV_KCODE_NMI_ENTRY,
	PTV_KCODE_WRMSR,
	PTV_KCODE_VMXON,
	PTV_KCODE_VMXOFF,
	PTV_KCODE_VMPTRLD,
	PTV_KCODE_VMCLEAR,
	PTV_KCODE_VMLAUNCH,
	PTV_KCODE_VMEXIT, /* host RIP of VM exits */
	PTV_KCODE_IRET,
	PTV_KCODES
};

/* One instruction-level place in a kernel block. */
struct ptv_kcode_place {
	uint64_t start; /* first byte of the block: branch target */
	uint64_t insn;	/* CLIP of its special instruction */
	uint64_t next;	/* NLIP of it */
	uint64_t jump;	/* the branch that ends the block (indirect jump; IRET's is itself) */
};
const struct ptv_kcode_place *ptv_kcode(enum ptv_kcode which);

/* Settings of the workload (CFG). */
struct ptv_work_cfg {
	uint32_t cycles_per_branch; /* mean distance; default 10 */
	uint32_t kernel_percent;    /* share of branches in the kernel part; 0..100; default 30 */
	uint32_t indirect_percent;  /* how often a program goes the way that leads to TIP-making
				       branches where there is a choice; 0..100; default 50 */
	uint32_t far_percent;	    /* how often a user program's jump through a table, and what
				       follows it, goes far away: a TIP of 7 bytes each time;
				       0..100; default 0 */
	uint64_t seed;
	uint64_t cr3; /* of the traced task */
	uint64_t guest_cr3;
};
void ptv_work_default(struct ptv_work_cfg *cfg);

/* Where the workload stands: struct ptv_work of spec/state_work.def. */
void ptv_work_init(const struct ptv_work_cfg *cfg, struct ptv_work *work, uint64_t cycle);

/* The cycle of the next retirement if nothing stalls it. */
uint64_t ptv_work_next(const struct ptv_work *work);

/*
 * The next retirement, as input pins (retire, ip, target, cpl, mode, cr3); advances the workload.
 * `cycle` is now: the one after it is scheduled from there. Returns the scope of the branch.
 */
enum ptv_scope ptv_work_retire(const struct ptv_work_cfg *cfg, struct ptv_work *work,
			       uint64_t cycle, struct ptv_pins_in *in);

/* The IP of an instruction not after the next branch, at which an interrupt or VM exit is taken,
 * and its CPL. */
uint64_t ptv_work_ip(const struct ptv_work *work);
unsigned int ptv_work_cpl(const struct ptv_work *work);

/* From now on the guest runs, from its start or where it left off; or the host again, where it left
 * off (VM entry and exit). */
void ptv_work_enter_guest(const struct ptv_work_cfg *cfg, struct ptv_work *work);
void ptv_work_leave_guest(const struct ptv_work_cfg *cfg, struct ptv_work *work);

/* The code as memory: the image that a decoder reads. Returns bytes copied, up to the end of a
 * range (0 if nothing is mapped there). */
size_t ptv_code_read(uint64_t ip, uint8_t *buffer, size_t size);

/* Extents of the image, for exports: n-th range; false past the last. */
bool ptv_code_range(size_t n, uint64_t *start, uint64_t *size);

#ifdef __cplusplus
}
#endif

#endif /* PTV_WORK_H */
