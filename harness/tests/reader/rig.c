/* SPDX-License-Identifier: MIT */
#include "tests/reader/rig.h"

#include <string.h>

#define RANGE_BASE UINT64_C(0x100000)
#define RANGE_MASK UINT64_C(0xffff)
#define TOPA_TABLE UINT64_C(0x10000)
#define TOPA_64K   (UINT64_C(4) << PTV_TOPA_SIZE_SHIFT)

void rig_init(struct rig *rig, bool pt_in_vmx)
{
	rig_init_as(rig, "skylake", pt_in_vmx);
}

void rig_init_as(struct rig *rig, const char *machine, bool pt_in_vmx)
{
	const struct ptv_machine_row *row = ptv_machine_find(machine);

	memset(rig, 0, sizeof(*rig));
	PTV_ASSERT(row != NULL);
	rig->cfg.caps = row->caps;
	rig->cfg.caps.vmx_misc_pt = pt_in_vmx;
	ptv_timing_default(&rig->cfg.timing);
	ptv_switches_default(&rig->cfg.sw);
	ptv_work_default(&rig->work_cfg);
	ptv_lp_init(&rig->cfg, &rig->lp, 0);
	ptv_work_init(&rig->work_cfg, &rig->work, 0);
}

static void clock_with(struct rig *rig, struct ptv_pins_in *in)
{
	const struct ptv_lp_run run = {&rig->cfg, &rig->mem, NULL, NULL};
	struct ptv_lp next;

	PTV_ASSERT(in->retire == PTV_RETIRE_NONE || !rig->out.stall);
	if (in->retire != PTV_RETIRE_NONE && in->retire != PTV_RETIRE_INT &&
	    ptv_lp_packet_en(&rig->lp)) {
		PTV_ASSERT(rig->branches < RIG_BRANCHES);
		rig->branch[rig->branches++] = in->ip;
	}
	ptv_mem_answer(&run, &rig->lp, in);
	ptv_lp_step(&rig->cfg, &rig->lp, in, &next, &rig->out, rig->fifo);
	rig->lp = next;
	PTV_ASSERT(rig->out.store_len <= RIG_BYTES - rig->stored);
	memcpy(rig->bytes + rig->stored, rig->out.store_data, rig->out.store_len);
	rig->stored += rig->out.store_len;
	rig->dropped += rig->out.drop_len;
	if (rig->out.packet_len)
		rig->made[rig->out.packet_kind]++;
}

void rig_idle(struct rig *rig, uint64_t cycles)
{
	while (cycles-- > 0U) {
		struct ptv_pins_in in;

		memset(&in, 0, sizeof(in));
		clock_with(rig, &in);
	}
}

static void unstall(struct rig *rig)
{
	while (rig->out.stall)
		rig_idle(rig, 1);
}

static void retire(struct rig *rig, struct ptv_pins_in *in)
{
	unstall(rig);
	clock_with(rig, in);
}

static void run_op(struct rig *rig, struct ptv_pins_in *in)
{
	unstall(rig);
	clock_with(rig, in);
	while (!rig->out.done)
		rig_idle(rig, 1);
	PTV_ASSERT(rig->out.fault == PTV_FAULT_NONE);
}

void rig_work(struct rig *rig, uint64_t branches)
{
	while (branches > 0U) {
		struct ptv_pins_in in;

		memset(&in, 0, sizeof(in));
		if (!rig->out.stall && ptv_work_next(&rig->work) <= rig->lp.timer.cycle) {
			(void)ptv_work_retire(&rig->work_cfg, &rig->work, rig->lp.timer.cycle, &in);
			rig->retired++;
			branches--;
		}
		clock_with(rig, &in);
	}
}

static void pins_host(const struct rig *rig, struct ptv_pins_in *in)
{
	memset(in, 0, sizeof(*in));
	in->cr3 = rig->work_cfg.cr3;
	in->mode = PTV_EXEC_64;
}

void rig_enter(struct rig *rig, enum ptv_int vector)
{
	const enum ptv_kcode entry = vector == PTV_INT_NMI ? PTV_KCODE_NMI_ENTRY
							   : PTV_KCODE_IRQ_ENTRY;
	struct rig_frame *frame = &rig->frame[rig->depth++];
	struct ptv_pins_in in;

	PTV_ASSERT(rig->depth <= PTV_ARRAY_SIZE(rig->frame));
	frame->kcode_ip = rig->kcode_ip;
	frame->ip = rig->kcode_ip ? rig->kcode_ip : ptv_work_ip(&rig->work);
	frame->cpl = rig->kcode_ip ? 0U : (uint8_t)ptv_work_cpl(&rig->work);
	pins_host(rig, &in);
	in.retire = PTV_RETIRE_INT;
	in.vector = (uint8_t)vector;
	in.ip = frame->ip;
	in.target = ptv_kcode(entry)->start;
	retire(rig, &in);
	rig->kcode_ip = ptv_kcode(entry)->jump;
}

void rig_goto(struct rig *rig, enum ptv_kcode block)
{
	struct ptv_pins_in in;

	pins_host(rig, &in);
	in.retire = PTV_RETIRE_JMP_IND;
	in.ip = rig->kcode_ip;
	in.target = ptv_kcode(block)->start;
	retire(rig, &in);
	rig->kcode_ip = ptv_kcode(block)->jump;
}

void rig_leave(struct rig *rig)
{
	const struct rig_frame *frame;
	struct ptv_pins_in in;

	PTV_ASSERT(rig->depth > 0U);
	frame = &rig->frame[--rig->depth];
	rig_goto(rig, PTV_KCODE_IRET);
	pins_host(rig, &in);
	in.retire = PTV_RETIRE_IRET;
	in.ip = rig->kcode_ip;
	in.target = frame->ip;
	in.cpl = frame->cpl;
	retire(rig, &in);
	rig->kcode_ip = frame->kcode_ip;
}

void rig_op(struct rig *rig, enum ptv_kcode block, enum ptv_op op, uint32_t msr, uint64_t data)
{
	struct ptv_pins_in in;

	pins_host(rig, &in);
	in.op = (uint8_t)op;
	in.msr = msr;
	in.data = data;
	in.ip = ptv_kcode(block)->insn;
	in.target = ptv_kcode(block)->next;
	run_op(rig, &in);
	PTV_ASSERT(rig->out.vmx_result == PTV_VMX_SUCCEED);
}

static void write_msr(struct rig *rig, uint32_t msr, uint64_t value)
{
	rig_op(rig, PTV_KCODE_WRMSR, PTV_OP_WRMSR, msr, value);
}

void rig_output(struct rig *rig)
{
	if (rig->cfg.caps.snglrng) {
		write_msr(rig, PTV_MSR_RTIT_OUTPUT_BASE, RANGE_BASE);
		write_msr(rig, PTV_MSR_RTIT_OUTPUT_MASK_PTRS, RANGE_MASK);
		return;
	}
	PTV_ASSERT(ptv_mem_write(&rig->mem, TOPA_TABLE, RANGE_BASE | TOPA_64K));
	PTV_ASSERT(ptv_mem_write(&rig->mem, TOPA_TABLE + 8U, TOPA_TABLE | PTV_TOPA_END));
	write_msr(rig, PTV_MSR_RTIT_OUTPUT_BASE, TOPA_TABLE);
	write_msr(rig, PTV_MSR_RTIT_OUTPUT_MASK_PTRS, 0x7f);
}

void rig_write(struct rig *rig, uint32_t msr, uint64_t value)
{
	rig_goto(rig, PTV_KCODE_WRMSR);
	write_msr(rig, msr, value);
}

void rig_ctl(struct rig *rig, uint64_t value)
{
	const uint64_t topa = rig->cfg.caps.snglrng ? 0U : PTV_CTL_TOPA;

	rig_write(rig, PTV_MSR_RTIT_CTL, value ? value | topa : 0U);
}

void rig_trace(struct rig *rig, uint64_t ctl)
{
	rig_enter(rig, PTV_INT_IRQ);
	rig_ctl(rig, ctl);
	rig_leave(rig);
}

void rig_enter_guest(struct rig *rig)
{
	struct ptv_pins_in in;

	rig_goto(rig, PTV_KCODE_VMLAUNCH);
	/* The launch is a branch too. */
	if (ptv_lp_packet_en(&rig->lp))
		rig->branch[rig->branches++] = ptv_kcode(PTV_KCODE_VMLAUNCH)->insn;
	ptv_work_enter_guest(&rig->work_cfg, &rig->work);
	pins_host(rig, &in);
	in.op = PTV_OP_VM_ENTRY;
	in.ip = ptv_kcode(PTV_KCODE_VMLAUNCH)->insn;
	in.target = ptv_work_ip(&rig->work);
	in.cr3 = rig->work_cfg.guest_cr3;
	in.cpl = (uint8_t)ptv_work_cpl(&rig->work);
	run_op(rig, &in);
}

void rig_exit_guest(struct rig *rig)
{
	struct ptv_pins_in in;

	pins_host(rig, &in);
	in.op = PTV_OP_VM_EXIT;
	in.ip = ptv_work_ip(&rig->work);
	in.target = ptv_kcode(PTV_KCODE_VMEXIT)->start;
	ptv_work_leave_guest(&rig->work_cfg, &rig->work);
	run_op(rig, &in);
	rig->kcode_ip = ptv_kcode(PTV_KCODE_VMEXIT)->jump;
}

struct ptv_reader_trace rig_bytes(const struct rig *rig)
{
	const struct ptv_reader_trace trace = {rig->bytes, rig->stored, NULL, 0,
					       rig->cfg.sw.bdm70 != 0U};

	return trace;
}
