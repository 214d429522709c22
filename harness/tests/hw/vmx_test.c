/* SPDX-License-Identifier: MIT */
/*
 * Goal: what VMX does to tracing, on processors that cannot trace in VMX operation and on those
 * that can. Method: the same operations on both; every RTIT register before and after; packets row
 * by row of the transitions' tables.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define CTL	  PTV_MSR_RTIT_CTL
#define STATUS	  PTV_MSR_RTIT_STATUS
#define REGION_OK 0x5000U
#define VMCS	  UINT64_C(0x3db4bc000)
#define HOST_IP	  UINT64_C(0xffffffff81000300)
#define GUEST_IP  UINT64_C(0xffffffffc05f803c)
#define GUEST_CR3 UINT64_C(0x7777000)

static const uint32_t rtit_msr[] = {PTV_MSR_RTIT_OUTPUT_BASE, PTV_MSR_RTIT_OUTPUT_MASK_PTRS,
				    PTV_MSR_RTIT_STATUS, PTV_MSR_RTIT_CR3_MATCH, CTL};

static struct bench *tracing(const char *machine, uint64_t ctl)
{
	struct bench *bench = bench_new(machine);

	bench_one_region(bench, 4, 0);
	bench_ctl(bench, ctl);
	bench_forget(bench);
	return bench;
}

PTV_TEST(vmx, vmxon_clears_trace_en_and_nothing_else_where_pt_cannot_be_on)
{
	struct bench *bench = tracing("broadwell", BENCH_CTL_ON);
	uint64_t before[PTV_ARRAY_SIZE(rtit_msr)];
	size_t i;

	bench_branch(bench, PTV_RETIRE_JMP_IND, BENCH_NLIP, BENCH_CLIP);
	for (i = 0; i < PTV_ARRAY_SIZE(rtit_msr); i++)
		before[i] = bench_rdmsr(bench, rtit_msr[i]);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, REGION_OK), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_ROOT);
	PTV_EXPECT_EQ(bench_rdmsr(bench, rtit_msr[0]), before[0]); /* HW-116 */
	PTV_EXPECT_EQ(bench_rdmsr(bench, rtit_msr[1]) >> 32, bench->lp.fifo.stored);
	PTV_EXPECT_EQ(bench_rdmsr(bench, rtit_msr[2]), before[2] & ~PTV_STATUS_TRIGGER_EN);
	PTV_EXPECT_EQ(bench_rdmsr(bench, rtit_msr[3]), before[3]);
	PTV_EXPECT_EQ(bench_rdmsr(bench, rtit_msr[4]), before[4] & ~PTV_CTL_TRACE_EN);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRACE_EN][2], PTV_CAUSE_VMXON);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRIGGER_EN][2], PTV_CAUSE_VMXON);
}

PTV_TEST(vmx, vmxon_disable_makes_packets_by_its_switches)
{
	static const struct {
		uint8_t disable, fup_ip;
		const char *packets; /* and PAD */
		uint64_t fup;
		bool stored;
	} row[] = {
		{0, 0, "FUP TIP.PGD PAD", 2, true}, /* HW-119, X-6: 2 is the low byte of NLIP */
		{0, 1, "FUP TIP.PGD PAD", 0, true},
		{1, 0, "PAD", 0, true},
		{2, 0, "PAD", 0, false},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		struct bench *bench = tracing("broadwell", BENCH_CTL_ON);

		bench_branch(bench, PTV_RETIRE_JMP_IND, BENCH_NLIP, BENCH_CLIP - 0x100U);
		bench->cfg.sw.vmxon_disable = row[i].disable;
		bench->cfg.sw.vmxon_fup_ip = row[i].fup_ip;
		bench_forget(bench);
		PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, REGION_OK), PTV_VMX_SUCCEED);
		if (row[i].stored)
			PTV_EXPECT_STREQ(bench->story, row[i].packets);
		if (row[i].disable == 0U)
			PTV_EXPECT_EQ(bench->packets[1], row[i].fup);
		PTV_EXPECT_EQ(bench->seen[PTV_OBS_DROP], row[i].stored ? 0 : 1);
		PTV_EXPECT_EQ(bench->lp.fifo.level, 0);
	}
}

PTV_TEST(vmx, vmxon_that_fails_leaves_trace_en)
{
	static const struct {
		uint64_t pointer, field;
		uint8_t cpl;
		enum ptv_vmx_result result;
		enum ptv_fault fault;
	} row[] = {
		{REGION_OK, PTV_VMXON_NO_VMXE, 0, PTV_VMX_FAULT, PTV_FAULT_UD},
		{REGION_OK, PTV_VMXON_LOCKED, 0, PTV_VMX_FAULT, PTV_FAULT_GP},
		{REGION_OK, 0, 3, PTV_VMX_FAULT, PTV_FAULT_GP},
		{0x5800, 0, 0, PTV_VMX_FAIL_INVALID, PTV_FAULT_NONE},
		{PTV_BIT(39), 0, 0, PTV_VMX_FAIL_INVALID, PTV_FAULT_NONE},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		struct bench *bench = tracing("broadwell", BENCH_CTL_ON);
		const struct ptv_pins_in in = {.op = PTV_OP_VMXON,
					       .data = row[i].pointer,
					       .field = row[i].field,
					       .cpl = row[i].cpl};

		(void)bench_op(bench, &in);
		PTV_EXPECT_EQ(bench->out.vmx_result, row[i].result); /* HW-117 */
		PTV_EXPECT_EQ(bench->out.fault, row[i].fault);
		PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_OFF);
		PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL_ON);
		PTV_EXPECT_EQ(bench->made, 0);
	}
}

PTV_TEST(vmx, vmxon_in_root_operation_fails_with_15)
{
	struct bench *bench = tracing("skylake", BENCH_CTL_ON);

	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, REGION_OK), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, REGION_OK), PTV_VMX_FAIL_INVALID); /* no VMCS
											   to hold
											   it */
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, REGION_OK), PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(bench->out.reason, 15);
}

PTV_TEST(vmx, vmxoff_restores_nothing_and_a_write_may_set_trace_en_then)
{
	struct bench *bench = tracing("broadwell", BENCH_CTL_ON);

	(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL_ON), PTV_FAULT_GP); /* HW-035 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL), PTV_FAULT_NONE);  /* HW-036, X-1 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, STATUS, 0), PTV_FAULT_NONE);	    /* HW-037 */
	bench->cfg.sw.vmx_ctl_gp = 1;
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL), PTV_FAULT_GP);
	bench_forget(bench);
	bench_branch(bench, PTV_RETIRE_JMP_IND, BENCH_NLIP, BENCH_CLIP);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXOFF, 0), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->made, 0);					      /* HW-118 */
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL);		      /* HW-120 */
	PTV_EXPECT_EQ(bench_wrmsr(bench, CTL, BENCH_CTL_ON), PTV_FAULT_NONE); /* HW-121 */
	PTV_EXPECT_EQ(ptv_lp_packet_en(&bench->lp), 1);
}

PTV_TEST(vmx, vmxon_and_vmxoff_are_transparent_where_pt_can_be_on)
{
	struct bench *bench = tracing("skylake", BENCH_CTL_ON);

	bench_run(bench, 1000);
	bench_forget(bench);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXON, REGION_OK), PTV_VMX_SUCCEED); /* HW-123 */
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), BENCH_CTL_ON);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMXOFF, 0), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->made + bench->stored, 0);
	PTV_EXPECT_EQ(ptv_lp_packet_en(&bench->lp), 1);
}

PTV_TEST(vmx, pmi_that_was_raised_before_vmxon_arrives_after_it)
{
	struct bench *bench = bench_new("broadwell");
	struct ptv_pins_in in = {.op = PTV_OP_VMXON, .data = REGION_OK};

	bench->cfg.sw.mute_packets = 1;
	bench->cfg.timing.pmi = 1000;
	bench_one_region(bench, 0, PTV_TOPA_INT | PTV_TOPA_STOP);
	bench_point(bench, BENCH_TABLE, 0, 4096U - 528U);
	PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_X2APIC_LVTPC, PTV_LVT_NMI), PTV_FAULT_NONE);
	bench_ctl(bench, BENCH_CTL_ON);
	bench_emit(bench, 16);
	bench_run(bench, 200);
	PTV_EXPECT_EQ(bench->seen[PTV_OBS_PMI_RAISED], 1);
	(void)bench_op(bench, &in);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL) & 1U, 0);
	PTV_EXPECT_EQ(bench->out.nmi, 0);
	bench_run(bench, 2000);
	PTV_EXPECT_EQ(bench->out.nmi, 1); /* HW-122 */
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_ROOT);
}

PTV_TEST(vmx, pointers_are_checked_and_told)
{
	struct bench *bench = tracing("skylake", BENCH_CTL_ON);

	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_FAULT);
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_UD);
	(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
	bench_forget(bench);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS), PTV_VMX_SUCCEED);
	PTV_EXPECT_MEMEQ(bench->packets, "\x02\xc8\xbc\xb4\x3d\x00\x00", 7); /* HW-132 */
	bench_forget(bench);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, VMCS + 1U), PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(bench->out.reason, 9);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMPTRLD, REGION_OK), PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(bench->out.reason, 10);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMCLEAR, 1), PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(bench->out.reason, 2);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMCLEAR, REGION_OK), PTV_VMX_FAIL_VALID);
	PTV_EXPECT_EQ(bench->out.reason, 3);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VMCLEAR, VMCS), PTV_VMX_SUCCEED);
	PTV_EXPECT_EQ(bench->lp.vmx.vmcs, UINT64_MAX);
	PTV_EXPECT_EQ(bench_vmx(bench, PTV_OP_VM_ENTRY, 0), PTV_VMX_FAIL_INVALID);
	PTV_EXPECT_EQ(bench->made, 0);
}

PTV_TEST(vmx, psb_shows_the_vmcs_in_vmx_operation_only)
{
	struct bench *bench = tracing("skylake", BENCH_CTL);

	(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
	bench_ctl(bench, BENCH_CTL_ON);
	PTV_EXPECT_STREQ(bench->story, "PSB PIP VMCS CBR PSBEND MODE.Exec TIP.PGE"); /* HW-102 */
	PTV_EXPECT_MEMEQ(bench->packets + 24, "\x02\xc8\xff\xff\xff\xff\xff", 7);
}

/* A VM entry or exit: where tracing stands before, and the packets. */
struct transition {
	const char *row;
	enum ptv_op op;
	uint64_t ctl;	   /* at VM entry */
	uint64_t controls; /* of the transition under test */
	uint8_t cpl;	   /* of its destination */
	const char *packets;
};

#define USER_ONLY (BENCH_CTL_ON & ~PTV_CTL_OS)
#define OS_ONLY	  (BENCH_CTL_ON & ~PTV_CTL_USER)

/* Before an entry the host runs at CPL 0; before an exit the guest runs at CPL 0. */
static const struct transition transitions[] = {
	{"entry, traced before and after", PTV_OP_VM_ENTRY, BENCH_CTL_ON, 0, 0, "PIP TIP"},
	{"entry concealed", PTV_OP_VM_ENTRY, BENCH_CTL_ON, PTV_VMC_CONCEAL_ENTRY, 0, "TIP"},
	{"entry, exit concealed", PTV_OP_VM_ENTRY, BENCH_CTL_ON, PTV_VMC_CONCEAL_EXIT, 0,
	 "PIP TIP"},
	{"entry, context falls", PTV_OP_VM_ENTRY, OS_ONLY, 0, 3, "TIP.PGD"},
	{"entry, context rises", PTV_OP_VM_ENTRY, USER_ONLY, 0, 3, "MODE.Exec TIP.PGE"},
	{"entry, no context", PTV_OP_VM_ENTRY, USER_ONLY, 0, 0, ""},
	{"entry, branches off", PTV_OP_VM_ENTRY, BENCH_CTL_ON & ~PTV_CTL_BRANCH_EN, 0, 0, "PIP"},
	{"exit, traced before and after", PTV_OP_VM_EXIT, BENCH_CTL_ON, 0, 0, "FUP PIP TIP"},
	{"exit concealed", PTV_OP_VM_EXIT, BENCH_CTL_ON, PTV_VMC_CONCEAL_EXIT, 0, "FUP TIP"},
	{"exit, context falls", PTV_OP_VM_EXIT, OS_ONLY, 0, 3, "FUP TIP.PGD"},
	{"exit, context rises", PTV_OP_VM_EXIT, USER_ONLY, 0, 3, "MODE.Exec TIP.PGE"},
	{"exit, no context", PTV_OP_VM_EXIT, USER_ONLY, 0, 0, ""},
	{"exit, branches off", PTV_OP_VM_EXIT, BENCH_CTL_ON & ~PTV_CTL_BRANCH_EN, 0, 0, "PIP"},
	{"exit clears", PTV_OP_VM_EXIT, BENCH_CTL_ON, PTV_VMC_CLEAR_RTIT, 0, "FUP TIP.PGD PAD"},
};

static void transit(struct bench *bench, enum ptv_op op, uint64_t controls, uint8_t cpl,
		    uint64_t field)
{
	const bool entry = op == PTV_OP_VM_ENTRY;
	const struct ptv_pins_in in = {.op = (uint8_t)op,
				       .data = controls,
				       .field = field,
				       .ip = entry ? BENCH_CLIP : GUEST_IP,
				       .target = entry ? GUEST_IP : HOST_IP,
				       .cr3 = entry ? GUEST_CR3 : BENCH_CR3,
				       .cpl = cpl,
				       .mode = PTV_EXEC_64};

	(void)bench_op(bench, &in);
}

PTV_TEST(vmx, transitions_make_packets_row_by_row)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(transitions); i++) {
		const struct transition *row = &transitions[i];
		struct bench *bench = tracing("icelake", row->ctl);

		(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
		(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
		if (row->op == PTV_OP_VM_EXIT)
			transit(bench, PTV_OP_VM_ENTRY, 0, 0, 0);
		bench_forget(bench);
		transit(bench, row->op, row->controls, row->cpl, 0);
		PTV_EXPECT_EQ(bench->out.vmx_result, PTV_VMX_SUCCEED);
		if (strcmp(bench->story, row->packets) != 0) /* HW-129..131 */
			PTV_FAIL("%s: %s, not %s", row->row, bench->story, row->packets);
	}
}

PTV_TEST(vmx, transition_packets_have_these_bytes)
{
	struct bench *bench = tracing("skylake", BENCH_CTL_ON);

	(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
	(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
	bench_forget(bench);
	transit(bench, PTV_OP_VM_ENTRY, 0, 0, 0); /* HW-101: NR */
	PTV_EXPECT_MEMEQ(bench->packets, "\x02\x43\x01\x77\x77\x00\x00\x00\x4d\x3c\x80\x5f\xc0",
			 13);
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_NON_ROOT);
	bench_forget(bench);
	transit(bench, PTV_OP_VM_EXIT, 0, 0, 0);
	PTV_EXPECT_MEMEQ(bench->packets,
			 "\x3d\x3c\x80\x02\x43\x00\x06\x26\x1a\x00\x00\x4d\x00\x03\x00\x81", 16);
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_ROOT);
}

PTV_TEST(vmx, transition_switches_choose_the_other_reading)
{
	struct bench *bench = tracing("skylake", OS_ONLY);

	bench->cfg.sw.entry_pgd_fup = 1;
	(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
	(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
	bench_forget(bench);
	transit(bench, PTV_OP_VM_ENTRY, 0, 3, 0);
	PTV_EXPECT_STREQ(bench->story, "FUP TIP.PGD"); /* */
}

PTV_TEST(vmx, entry_shows_the_guest_cr3_when_a_cr3_filter_lets_it_in)
{
	unsigned int shown;

	for (shown = 0; shown < 2U; shown++) {
		struct bench *bench = tracing("skylake", BENCH_CTL);

		bench->cfg.sw.entry_pip_ctx_rise = (uint8_t)shown; /* */
		PTV_EXPECT_EQ(bench_wrmsr(bench, PTV_MSR_RTIT_CR3_MATCH, GUEST_CR3),
			      PTV_FAULT_NONE);
		bench_ctl(bench, BENCH_CTL_ON | PTV_CTL_CR3_FILTER);
		(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
		(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
		bench_forget(bench);
		transit(bench, PTV_OP_VM_ENTRY, 0, 0, 0);
		PTV_EXPECT_STREQ(bench->story,
				 shown ? "PIP MODE.Exec TIP.PGE" : "MODE.Exec TIP.PGE");
	}
}

PTV_TEST(vmx, concealed_guest_has_no_vmcs_and_no_nr_in_psb)
{
	unsigned int conceal;

	for (conceal = 0; conceal < 2U; conceal++) {
		struct bench *bench = tracing("skylake", BENCH_CTL);

		(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
		(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
		transit(bench, PTV_OP_VM_ENTRY, conceal ? PTV_VMC_CONCEAL_EXEC : 0U, 0, 0);
		bench_ctl(bench, BENCH_CTL_ON);
		PTV_EXPECT_STREQ(bench->story,
				 conceal ? "PSB PIP CBR PSBEND MODE.Exec TIP.PGE"
					 : "PSB PIP VMCS CBR PSBEND MODE.Exec TIP.PGE");
		PTV_EXPECT_EQ(bench->packets[18], conceal ? 0 : 1); /* low byte of the PIP: NR */
	}
}

PTV_TEST(vmx, controls_that_are_not_supported_fail_the_entry)
{
	static const struct {
		const char *machine;
		uint64_t controls;
		uint64_t ctl;
		uint64_t field;
		enum ptv_vmx_result result;
		uint16_t reason;
	} row[] = {
		{"broadwell", PTV_VMC_CONCEAL_EXEC, BENCH_CTL, 0, PTV_VMX_FAIL_VALID, 7}, /* HW-124
											   */
		{"broadwell", PTV_VMC_CONCEAL_EXIT, BENCH_CTL, 0, PTV_VMX_FAIL_VALID, 7},
		{"broadwell", PTV_VMC_CONCEAL_ENTRY, BENCH_CTL, 0, PTV_VMX_FAIL_VALID, 7},
		{"broadwell", 0, BENCH_CTL, 0, PTV_VMX_SUCCEED, 0},
		{"skylake", PTV_VMC_LOAD_RTIT, BENCH_CTL, 0, PTV_VMX_FAIL_VALID, 7},
		{"skylake", PTV_VMC_CLEAR_RTIT, BENCH_CTL, 0, PTV_VMX_FAIL_VALID, 7},
		{"skylake", PTV_VMC_CONCEAL_EXEC, BENCH_CTL_ON, 0, PTV_VMX_SUCCEED, 0},
		{"icelake", PTV_VMC_LOAD_RTIT, BENCH_CTL_ON, BENCH_CTL, PTV_VMX_FAIL_VALID,
		 7}, /* HW-125 */
		{"icelake", PTV_VMC_LOAD_RTIT, BENCH_CTL, PTV_BIT(18), PTV_VMX_ENTRY_FAIL,
		 33}, /* HW-127 */
		{"icelake", PTV_VMC_LOAD_RTIT, BENCH_CTL, UINT64_C(1) << 14, PTV_VMX_ENTRY_FAIL,
		 33}, /* C-11 */
		{"icelake", PTV_VMC_LOAD_RTIT, BENCH_CTL, BENCH_CTL_ON, PTV_VMX_SUCCEED, 0},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		struct bench *bench = tracing(row[i].machine, row[i].ctl);

		(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
		(void)bench_vmx(bench, PTV_OP_VMPTRLD, 0x7000);
		bench_forget(bench);
		transit(bench, PTV_OP_VM_ENTRY, row[i].controls, 0, row[i].field);
		if (bench->out.vmx_result != row[i].result || bench->out.reason != row[i].reason)
			PTV_FAIL("row %zu: result %d, reason %d", i, bench->out.vmx_result,
				 bench->out.reason);
		PTV_EXPECT_EQ(bench->lp.vmx.mode,
			      row[i].result == PTV_VMX_SUCCEED ? PTV_VMX_NON_ROOT : PTV_VMX_ROOT);
	}
}

PTV_TEST(vmx, load_and_clear_trace_the_guest_alone)
{
	struct bench *bench = tracing("icelake", BENCH_CTL);

	(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
	(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
	bench_forget(bench);
	transit(bench, PTV_OP_VM_ENTRY, PTV_VMC_LOAD_RTIT, 0, BENCH_CTL_ON);
	PTV_EXPECT_STREQ(bench->story, "PSB PIP VMCS CBR PSBEND MODE.Exec TIP.PGE"); /* HW-128 */
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRACE_EN][2], PTV_CAUSE_VM_ENTRY);
	bench_forget(bench);
	transit(bench, PTV_OP_VM_EXIT, PTV_VMC_CLEAR_RTIT, 0, 0);
	PTV_EXPECT_EQ(bench->out.rdata, BENCH_CTL_ON); /* the field as saved */
	PTV_EXPECT_EQ(strncmp(bench->story, "FUP TIP.PGD", 11), 0);
	PTV_EXPECT_EQ(bench->last[PTV_OBS_TRACE_EN][2], PTV_CAUSE_VM_EXIT);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), 0);
	PTV_EXPECT_EQ(bench->lp.fifo.level, 0);
}

PTV_TEST(vmx, late_failure_applies_clear_and_stays_in_root)
{
	struct bench *bench = tracing("icelake", BENCH_CTL);

	(void)bench_vmx(bench, PTV_OP_VMXON, REGION_OK);
	(void)bench_vmx(bench, PTV_OP_VMPTRLD, VMCS);
	transit(bench, PTV_OP_VM_ENTRY, PTV_VMC_LOAD_RTIT | PTV_VMC_CLEAR_RTIT, 0, PTV_BIT(18));
	PTV_EXPECT_EQ(bench->out.vmx_result, PTV_VMX_ENTRY_FAIL);
	PTV_EXPECT_EQ(bench_rdmsr(bench, CTL), 0); /* HW-134 without its MSR list */
	PTV_EXPECT_EQ(bench->lp.vmx.mode, PTV_VMX_ROOT);
}

PTV_TEST(vmx, vmx_misc_tells_which_kind_of_processor_it_is)
{
	PTV_EXPECT_EQ(bench_rdmsr(bench_new("broadwell"), PTV_MSR_VMX_MISC), 0x300481e5); /* HW-007
											   */
	PTV_EXPECT_EQ(bench_rdmsr(bench_new("skylake"), PTV_MSR_VMX_MISC), 0x7004c1e7);
}
