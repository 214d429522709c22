/* SPDX-License-Identifier: MIT */
/*
 * The workload: real little x86-64 basic blocks, with their bytes, so that a decoder can follow
 * them.
 *
 * Two programs run interleaved: a user part (CPL 3) and a kernel part (CPL 0, reached by SYSCALL,
 * left by SYSRET), plus the kernel's own blocks around them: interrupt and NMI entry, one block for
 * each instruction by which the kernel drives PT and VMX (WRMSR, VMXON, VMXOFF, VMPTRLD, VMLAUNCH),
 * IRET. Every block ends in exactly one branch. The kernel blocks end in an indirect jump, so that
 * straight-line kernel code can go through them in any order and still be followed.
 *
 * Which branch is taken comes from a small generator in the state (deterministic; seeded by the
 * setting).
 */
#ifndef PTV_WORK_H
#define PTV_WORK_H

#include "ptv/base.h"
#include "ptv/hw.h"

#ifdef __cplusplus
extern "C" {
#endif

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
	uint32_t indirect_percent; /* share of blocks that end in a TIP-making branch where there is
				      a choice */
	uint64_t seed;
	uint64_t cr3; /* of the traced task */
	uint64_t guest_cr3;
};
void ptv_work_default(struct ptv_work_cfg *cfg);

/* Where the workload stands: struct ptv_work of spec/state_hw.def. */
void ptv_work_init(const struct ptv_work_cfg *cfg, struct ptv_work *work, uint64_t cycle);

/* The cycle of the next retirement if nothing stalls it. */
uint64_t ptv_work_next(const struct ptv_work *work);

/*
 * The next retirement, as input pins (retire, ip, target, cpl, mode, cr3); advances the workload.
 * `cycle` is now: the one after it is scheduled from there. Returns the scope of the branch.
 */
enum ptv_scope ptv_work_retire(const struct ptv_work_cfg *cfg, struct ptv_work *work,
			       uint64_t cycle, struct ptv_pins_in *in);

/* The IP of the instruction that the workload would execute next, and its CPL and CR3 (an interrupt
 * is taken there). */
uint64_t ptv_work_ip(const struct ptv_work *work);
unsigned int ptv_work_cpl(const struct ptv_work *work);

/* Puts the workload to its start of guest code, or back where the host left off (VM entry and
 * exit). */
void ptv_work_enter_guest(const struct ptv_work_cfg *cfg, struct ptv_work *work);
void ptv_work_leave_guest(const struct ptv_work_cfg *cfg, struct ptv_work *work);

/* The code as memory: the image that a decoder reads. Returns bytes copied (0 if nothing is mapped
 * there). */
size_t ptv_code_read(uint64_t ip, uint8_t *buffer, size_t size);

/* Extents of the image, for exports: n-th range; false past the last. */
bool ptv_code_range(size_t n, uint64_t *start, uint64_t *size);

#ifdef __cplusplus
}
#endif

#endif /* PTV_WORK_H */
