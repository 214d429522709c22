/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What the cut functions of vmx.c ask for: a vcpu with the fields that they touch, CPUID, and the
 * predicates of KVM on addresses.
 *
 * The build cuts them, unmodified: cut_desc.h has struct pt_ctx and pt_desc of vmx.h, cut_caps.h
 * pt_caps[] and intel_pt_validate_cap() of pt.c, cut_checks.h the functions of vmx.c, cut_cases.h
 * the cases of RTIT MSRs in vmx_set_msr().
 */
#include "kernel.h"

#include <asm/intel_pt.h>

#include "oracle.h"

#undef memset

struct kvm_vcpu {
	const struct ptv_kvm_case *write;
};

struct kvm_cpuid_entry2 {
	u32 eax, ebx, ecx, edx;
};

struct msr_data {
	u32 index;
	u64 data;
};

#include "cut_caps.h"
#include "cut_desc.h"

struct vcpu_vmx {
	struct kvm_vcpu vcpu;
	struct pt_desc pt_desc;
	struct {
		bool vmxon;
	} nested;
};

#define to_vmx(v)		       ((struct vcpu_vmx *)(v))
#define vmx_pt_mode_is_host_guest()    (true)
#define pt_update_intercept_for_msr(v) ((void)(v))
#define vmcs_write64(field, value)     ((void)(value))
#define test_bit(n, p)		       ((*(p) >> (n)) & 1UL)
#define is_noncanonical_address(a, v)  ((void)(v), !__is_canonical_address(a, 48))
#define is_noncanonical_msr_address    is_noncanonical_address
#define kvm_vcpu_is_legal_aligned_gpa(v, a, n) \
	(!((a) & ((n)-1UL)) && !((a) >> (v)->write->maxphyaddr))

static struct kvm_cpuid_entry2 *kvm_find_cpuid_entry_index(struct kvm_vcpu *vcpu, u32 leaf, int n)
{
	static struct kvm_cpuid_entry2 entry;
	const u32 *reg = vcpu->write->cpuid[n];

	(void)leaf;
	entry.eax = reg[0];
	entry.ebx = reg[1];
	entry.ecx = reg[2];
	entry.edx = reg[3];
	return &entry;
}

#include "cut_checks.h"

static int set_msr(struct kvm_vcpu *vcpu, struct msr_data *msr_info)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u64 data = msr_info->data;
	u32 index;

	switch (msr_info->index) {
#include "cut_cases.h"
	default:
		return 1;
	}
	return 0;
}

__attribute__((__visibility__("default"))) ptv_kvm_faults_fn ptv_kvm_faults;
bool ptv_kvm_faults(const struct ptv_kvm_case *write)
{
	struct vcpu_vmx vmx = {.vcpu = {write}};
	struct msr_data msr = {write->msr, write->value};

	vmx.nested.vmxon = write->vmxon;
	update_intel_pt_cfg(&vmx.vcpu);
	vmx.pt_desc.guest.ctl = write->ctl;
	return set_msr(&vmx.vcpu, &msr) != 0;
}
