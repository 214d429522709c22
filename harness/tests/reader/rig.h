/* SPDX-License-Identifier: MIT */
/*
 * A processor that runs the workload under PT, for tests: pins, blocks and nothing of a kernel. It
 * keeps what was stored and the branches that a reader should see.
 */
#ifndef PTV_TESTS_READER_RIG_H
#define PTV_TESTS_READER_RIG_H

#include "ptv/hw.h"
#include "ptv/work.h"
#include "show/reader/reader.h"

#define RIG_BYTES    (256U * 1024U)
#define RIG_BRANCHES (64U * 1024U)

struct rig {
	struct ptv_cpu_cfg cfg;
	struct ptv_work_cfg work_cfg;
	struct ptv_lp lp;
	struct ptv_mem mem;
	struct ptv_work work;
	uint8_t fifo[PTV_FIFO_MAX];
	struct ptv_pins_out out; /* of the last clock */
	uint64_t kcode_ip;	 /* where kernel code stands; 0: in the workload */
	struct rig_frame {
		uint64_t ip;	   /* where the interrupted code goes on */
		uint64_t kcode_ip; /* 0: it is the workload */
		uint8_t cpl;
	} frame[4];
	unsigned int depth;	  /* of interrupts */
	uint8_t bytes[RIG_BYTES]; /* as stored, in order */
	size_t stored;
	uint64_t dropped;	       /* bytes */
	uint64_t branch[RIG_BRANCHES]; /* IPs of branches that retired while PacketEn was 1 */
	size_t branches;
	uint64_t retired; /* of the workload */
	uint64_t made[PTV_PKTS];
};

/* Power on: the named processor, PT allowed in VMX operation or not. */
void rig_init_as(struct rig *rig, const char *machine, bool pt_in_vmx);
/* A Skylake. */
void rig_init(struct rig *rig, bool pt_in_vmx);
/* Output goes to 64 KiB, one range or, where there is none, one ToPA region; all else of PT as
 * after power-on. */
void rig_output(struct rig *rig);
void rig_idle(struct rig *rig, uint64_t cycles);
/* The workload or, between rig_enter_guest() and rig_exit_guest(), the guest. */
void rig_work(struct rig *rig, uint64_t branches);
/* Into kernel code, by an interrupt or NMI of the workload or of kernel code, and back. */
void rig_enter(struct rig *rig, enum ptv_int vector);
void rig_leave(struct rig *rig);
/* Kernel code goes on in a block. */
void rig_goto(struct rig *rig, enum ptv_kcode block);
/* An operation at the special instruction of the block at which kernel code stands. */
void rig_op(struct rig *rig, enum ptv_kcode block, enum ptv_op op, uint32_t msr, uint64_t data);
/* WRMSR, with its way there. */
void rig_write(struct rig *rig, uint32_t msr, uint64_t value);
/* WRMSR of RTIT_CTL, with its way there; ToPA as rig_output() has it. */
void rig_ctl(struct rig *rig, uint64_t value);
void rig_enter_guest(struct rig *rig);
void rig_exit_guest(struct rig *rig);
/* Interrupt; RTIT_CTL; back. */
void rig_trace(struct rig *rig, uint64_t ctl);

struct ptv_reader_trace rig_bytes(const struct rig *rig);

#endif /* PTV_TESTS_READER_RIG_H */
