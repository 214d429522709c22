/* SPDX-License-Identifier: MIT */
/*
 * Goal: KVM notifies, switches VMX and recovers, or does not, as each era's vmx.c. Method: the log
 * of VMX operations and driver calls is compared as text; "irqs" in it means that they were on.
 */
#include "stub.h"
#include "gtest/ptv_test.h"

static struct stub stub;

PTV_TEST(kvm, notifies_before_vmxon_and_after_vmxoff_with_interrupts_off)
{
	static const char *const era[] = {"4.6", "4.12"};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(era); i++) {
		stub_init(&stub, era[i]);
		PTV_EXPECT(ptv_kern_virt_on(&stub.cpu, false));
		PTV_EXPECT(ptv_kern_virt_off(&stub.cpu));
		PTV_EXPECT_STREQ(stub_story(&stub), "notify 1; vmx virt_on.op.VMXON 0; "
						    "vmx virt_off.op.VMXOFF 0; notify 0");
		PTV_EXPECT(stub.irqs_on);
	}
}

PTV_TEST(kvm, notifies_nobody_in_4_5)
{
	stub_init(&stub, "4.5");
	PTV_EXPECT(ptv_kern_virt_on(&stub.cpu, false));
	PTV_EXPECT(ptv_kern_virt_off(&stub.cpu));
	PTV_EXPECT_STREQ(stub_story(&stub), "vmx virt_on.op.VMXON 0; vmx virt_off.op.VMXOFF 0");
}

PTV_TEST(kvm, calls_are_observed_around_the_notifier)
{
	stub_init(&stub, "4.12");
	(void)ptv_kern_virt_on(&stub.cpu, false);
	PTV_EXPECT_EQ(stub.obs[0].kind, PTV_OBS_CALL);
	PTV_EXPECT_EQ(stub.obs[0].a, PTV_FN_VIRT);
	PTV_EXPECT_EQ(stub.obs[0].by, PTV_BY_KVM);
	PTV_EXPECT_EQ(stub.obs[1].a, PTV_FN_NOTIFY);
	PTV_EXPECT_EQ(stub.obs[1].c, 1U);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_RET)->a, PTV_FN_VIRT);
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_RET)->c, 0U);
	PTV_EXPECT_EQ(stub.cpu.by, PTV_BY_CORE);
}

PTV_TEST(kvm, refuses_what_makes_no_sense)
{
	stub_init(&stub, "4.12");
	PTV_EXPECT(!ptv_kern_virt_off(&stub.cpu));
	PTV_EXPECT(!ptv_kern_vcpu_run(&stub.cpu, 10));
	PTV_EXPECT(ptv_kern_virt_on(&stub.cpu, false));
	PTV_EXPECT(!ptv_kern_virt_on(&stub.cpu, false));
}

PTV_TEST(kvm, undoes_nothing_when_vmxon_fails)
{
	stub_init(&stub, "4.12");
	stub.vmx_result[PTV_VMX_OP_ON] = PTV_VMX_FAIL_INVALID;
	PTV_EXPECT(ptv_kern_virt_on(&stub.cpu, true));
	PTV_EXPECT_STREQ(stub_story(&stub), "notify 1; vmx virt_on.op.VMXON 1");
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_VMX_FAULT);
	PTV_EXPECT(!ptv_kern_dead(&stub.kern));
	PTV_EXPECT(stub.irqs_on);
	/* KVM's lock went with the task. */
	stub.vmx_result[PTV_VMX_OP_ON] = PTV_VMX_SUCCEED;
	PTV_EXPECT(!ptv_kern_virt_on(&stub.cpu, false));
	PTV_EXPECT(!ptv_kern_virt_off(&stub.cpu));
}

PTV_TEST(kvm, a_vmxoff_that_faults_notifies_nobody)
{
	stub_init(&stub, "4.12");
	(void)ptv_kern_virt_on(&stub.cpu, false);
	stub_forget(&stub);
	stub.vmx_result[PTV_VMX_OP_OFF] = PTV_VMX_FAULT;
	(void)ptv_kern_virt_off(&stub.cpu);
	PTV_EXPECT_STREQ(stub_story(&stub), "vmx virt_off.op.VMXOFF 0");
	PTV_EXPECT_EQ(stub_last(&stub, PTV_OBS_SPLAT)->a, PTV_SPLAT_VMX_FAULT);
}

PTV_TEST(kvm, loads_a_vmcs_once_enters_with_interrupts_off_and_clears_it_at_the_end)
{
	stub_init(&stub, "4.12");
	(void)ptv_kern_virt_on(&stub.cpu, false);
	stub_forget(&stub);
	PTV_EXPECT(ptv_kern_vcpu_run(&stub.cpu, 16));
	PTV_EXPECT(ptv_kern_vcpu_run(&stub.cpu, 32));
	(void)ptv_kern_virt_off(&stub.cpu);
	PTV_EXPECT_STREQ(stub_story(&stub),
			 "vmx vcpu_run.op.VMPTRLD 30000000 irqs; vmx vcpu_run.op.VMLAUNCH 10; "
			 "vmx vcpu_run.op.VMLAUNCH 20; vmx virt_off.op.VMCLEAR 30000000; "
			 "vmx virt_off.op.VMXOFF 0; notify 0");
}

PTV_TEST(kvm, an_nmi_comes_between_notifier_and_vmxon)
{
	/* Interrupts are off, an NMI is not: the point lies before the instruction. */
	stub_init(&stub, "4.12");
	stub.inject_at = "virt_on.op.VMXON";
	stub.inject_side = PTV_BEFORE;
	stub.inject = stub_forget;
	(void)ptv_kern_virt_on(&stub.cpu, false);
	PTV_EXPECT_STREQ(stub_story(&stub), "vmx virt_on.op.VMXON 0");
}

PTV_TEST(kvm, a_thread_of_6_12_may_be_preempted_between_notifier_and_vmxon)
{
	stub_init(&stub, "6.12");
	PTV_EXPECT(ptv_kern_virt_begin(&stub.cpu));
	PTV_EXPECT_STREQ(stub_story(&stub), "notify 1 irqs");
	/* It is on its way, and not there. */
	PTV_EXPECT(!ptv_kern_virt_begin(&stub.cpu));
	PTV_EXPECT(!ptv_kern_virt_off(&stub.cpu));
	PTV_EXPECT(!ptv_kern_vcpu_run(&stub.cpu, 10));
	stub_forget(&stub);
	PTV_EXPECT(ptv_kern_virt_on(&stub.cpu, false));
	PTV_EXPECT_STREQ(stub_story(&stub), "vmx virt_on.op.VMXON 0 irqs");
	PTV_EXPECT(!ptv_kern_virt_begin(&stub.cpu));
	PTV_EXPECT(ptv_kern_virt_off(&stub.cpu));
	PTV_EXPECT(ptv_kern_virt_begin(&stub.cpu));
}

PTV_TEST(kvm, an_ipi_before_6_12_cannot_be_preempted)
{
	stub_init(&stub, "6.1");
	PTV_EXPECT(ptv_kern_virt_begin(&stub.cpu));
	PTV_EXPECT_STREQ(stub_story(&stub), "");
	PTV_EXPECT(ptv_kern_virt_on(&stub.cpu, false));
	PTV_EXPECT_STREQ(stub_story(&stub), "notify 1; vmx virt_on.op.VMXON 0");
	PTV_EXPECT(!ptv_kern_virt_begin(&stub.cpu));
}

PTV_TEST(eras, are_found_by_name)
{
	size_t count, i;
	const struct ptv_era_row *rows = ptv_era_rows(&count);

	PTV_EXPECT_EQ(count, 6U);
	for (i = 0; i < count; i++) {
		PTV_EXPECT(ptv_era_find(rows[i].name) == &rows[i]);
		PTV_EXPECT(rows[i].meaning[0] != '\0' && rows[i].source[0] != '\0');
	}
	PTV_EXPECT(ptv_era_find("2.6") == NULL);
}
