/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * KVM's own checks of writes to Intel PT's MSRs, cut from a kernel's vmx.c: what KVM lets a guest
 * write is what its authors take the processor to allow.
 */
#ifndef PTV_LINUX_ORACLE_H
#define PTV_LINUX_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

/* One write, and what it finds. */
struct ptv_kvm_case {
	uint32_t cpuid[2][4]; /* CPUID 14H.0 and 14H.1: EAX EBX ECX EDX */
	uint8_t maxphyaddr;
	uint8_t vmxon; /* the guest is in VMX operation */
	uint64_t ctl;  /* the guest's IA32_RTIT_CTL */
	uint32_t msr;
	uint64_t value;
};

/* Entry of the library: whether KVM answers the write with #GP. */
typedef bool ptv_kvm_faults_fn(const struct ptv_kvm_case *write);
#define PTV_KVM_ENTRY "ptv_kvm_faults"

#endif /* PTV_LINUX_ORACLE_H */
