/* SPDX-License-Identifier: MIT */
/*
 * Goal: our rules of which writes of PT's MSRs fault are those of KVM, which emulates these MSRs
 * for guests and was written by others from the same manual.
 * Method: 10^6 random writes to random processors; each is put to KVM's own code (cut from
 * Debian's vmx.c by the build) and to model/hw. Where the two differ a row of the table below must
 * say so, and each row must be met.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/linux/linux.h"
#include "engine/linux/oracle/oracle.h"
#include "gtest/ptv_test.h"
#include "hw/rtit.h"
#include "ptv/hw.h"
#include "ptv/msr.h"

#define WRITES 1000000U
#define SEED   UINT64_C(0x5eed0f6b766d)

struct write {
	struct ptv_cpu_cfg cfg;
	struct ptv_lp lp;
	struct ptv_kvm_case kvm;
};

/* --- expected differences --- */

static bool is_ctl(const struct write *w)
{
	return w->kvm.msr == PTV_MSR_RTIT_CTL;
}

static bool unknown_ctl_bit(const struct write *w)
{
	return is_ctl(w) && (w->kvm.value & (PTV_CTL_EVENT_EN | PTV_CTL_DIS_TNT | PTV_CTL_INJECT));
}

static bool clears_and_changes(const struct write *w)
{
	return is_ctl(w) && (w->kvm.ctl & PTV_CTL_TRACE_EN) && !(w->kvm.value & PTV_CTL_TRACE_EN) &&
	       ((w->kvm.ctl ^ w->kvm.value) & ~PTV_CTL_TRACE_EN);
}

static bool ctl_in_vmx(const struct write *w)
{
	return is_ctl(w) && w->kvm.vmxon;
}

static bool pending_bits(const struct write *w)
{
	return w->kvm.msr == PTV_MSR_RTIT_STATUS &&
	       (w->kvm.value & (PTV_STATUS_PEND_PSB | PTV_STATUS_PEND_PMI));
}

static bool table_offset(const struct write *w)
{
	return w->kvm.msr == PTV_MSR_RTIT_OUTPUT_MASK_PTRS && w->cfg.caps.table_offset_gp &&
	       ptv_bits(w->kvm.value, 31, 7) != 0U;
}

static bool cr3_low_bits(const struct write *w)
{
	return w->kvm.msr == PTV_MSR_RTIT_CR3_MATCH && ptv_bits(w->kvm.value, 11, 0) != 0U;
}

static bool byte_count(const struct write *w)
{
	return w->kvm.msr == PTV_MSR_RTIT_STATUS && !w->cfg.caps.psbcyc &&
	       ptv_bits(w->kvm.value, 48, 32) != 0U;
}

static bool no_branches(const struct write *w)
{
	return is_ctl(w) && (w->kvm.value & PTV_CTL_TRACE_EN) && !w->cfg.caps.mtc &&
	       !(w->kvm.value & PTV_CTL_BRANCH_EN);
}

static bool wired_bits(const struct write *w)
{
	return is_ctl(w) && w->cfg.caps.ctl_wired_2100 &&
	       (w->kvm.value & (PTV_CTL_TOPA | PTV_CTL_BRANCH_EN)) !=
		       (PTV_CTL_TOPA | PTV_CTL_BRANCH_EN);
}

static struct difference {
	const char *name;
	bool kvm_faults; /* and the model does not; or the other way round */
	bool (*is)(const struct write *w);
	const char *why;
	unsigned int met;
} differences[] = {
	{"ctl-bits-unknown-to-kvm", true, unknown_ctl_bit,
	 "EventEn, DisTNT and InjectPsbPmiOnEnable are newer than KVM's mask", 0},
	{"ctl-clear-and-change", true, clears_and_changes,
	 "KVM refuses what its own comment allows: a write that clears TraceEn may change more", 0},
	{"ctl-in-vmx", true, ctl_in_vmx,
	 "KVM refuses each write after nested VMXON; the 2016 manual only one that sets TraceEn",
	 0},
	{"status-pending", true, pending_bits, "PendPSB and PendTopaPMI are newer than KVM's mask",
	 0},
	{"mask-table-offset", false, table_offset,
	 "a Broadwell's probe faults with a table offset; KVM does not look at 561H", 0},
	{"cr3-low-bits", false, cr3_low_bits, "KVM does not look at the value of 572H", 0},
	{"status-byte-count", false, byte_count,
	 "KVM accepts PacketByteCnt where it is not enumerated", 0},
	{"ctl-no-branches", false, no_branches,
	 "TraceEn without BranchEn where MTC is not enumerated (HW-020): KVM does not look", 0},
	{"ctl-wired", false, wired_bits, "erratum BDM106: KVM does not look at the part", 0},
};

/* --- random writes --- */

static uint64_t random_of(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint8_t flag(uint64_t *state)
{
	return (uint8_t)(random_of(state) & 1U);
}

static void random_caps(struct write *w, uint64_t *state)
{
	struct ptv_caps *caps = &w->cfg.caps;

	memset(caps, 0, sizeof(*caps));
	caps->cr3filt = flag(state);
	caps->psbcyc = flag(state);
	caps->ipfilt = flag(state);
	caps->mtc = flag(state);
	caps->ptw = flag(state);
	caps->pwrevt = flag(state);
	caps->psbpmi = flag(state);
	caps->evt = flag(state);
	caps->distnt = flag(state);
	caps->topa = flag(state);
	caps->snglrng = flag(state);
	caps->fabric = flag(state);
	caps->ranges = caps->ipfilt ? (uint8_t)(random_of(state) % 5U) : 0U;
	caps->maxphyaddr = (uint8_t)(36U + random_of(state) % 17U);
	caps->mtc_freqs = (uint16_t)(random_of(state) | 1U);
	caps->cyc_thresholds = (uint16_t)(random_of(state) | 1U);
	caps->psb_freqs = (uint16_t)(random_of(state) | 1U);
	caps->vmx_misc_pt = flag(state);
	caps->ptr_granularity = 1;
	caps->ctl_wired_2100 = random_of(state) % 16U == 0U;
	caps->table_offset_gp = flag(state);
}

static void tell_kvm(struct write *w)
{
	const struct ptv_caps *caps = &w->cfg.caps;
	uint32_t(*cpuid)[4] = w->kvm.cpuid;

	memset(w->kvm.cpuid, 0, sizeof(w->kvm.cpuid));
	cpuid[0][0] = 1;
	cpuid[0][1] = caps->cr3filt | (uint32_t)caps->psbcyc << 1 | (uint32_t)caps->ipfilt << 2 |
		      (uint32_t)caps->mtc << 3 | (uint32_t)caps->ptw << 4 |
		      (uint32_t)caps->pwrevt << 5 | (uint32_t)caps->psbpmi << 6 |
		      (uint32_t)caps->evt << 7 | (uint32_t)caps->distnt << 8;
	cpuid[0][2] = caps->topa | (uint32_t)caps->snglrng << 2 | (uint32_t)caps->fabric << 3;
	cpuid[1][0] = caps->ranges | (uint32_t)caps->mtc_freqs << 16;
	cpuid[1][1] = caps->cyc_thresholds | (uint32_t)caps->psb_freqs << 16;
	w->kvm.maxphyaddr = caps->maxphyaddr;
}

/* Mostly what software writes, so that half of the writes are legal; now and then any bit. */
static uint64_t random_ctl(uint64_t *state)
{
	static const uint64_t usual = PTV_CTL_TRACE_EN | PTV_CTL_OS | PTV_CTL_USER | PTV_CTL_TOPA |
				      PTV_CTL_TSC_EN | PTV_CTL_DIS_RETC | PTV_CTL_BRANCH_EN;
	uint64_t value = random_of(state) & usual;

	if (flag(state))
		value |= PTV_CTL_TOPA | PTV_CTL_BRANCH_EN | PTV_CTL_CR3_FILTER * flag(state);
	if (random_of(state) % 4U == 0U)
		value |= random_of(state) & random_of(state) & UINT64_C(0x0000ffff0f7bffff);
	if (random_of(state) % 4U == 0U)
		value |= PTV_BIT(random_of(state) % 64U);
	return value;
}

static uint64_t random_value(uint32_t msr, uint64_t *state)
{
	const uint64_t any = random_of(state) >> (random_of(state) % 64U);

	if (msr == PTV_MSR_RTIT_CTL)
		return random_ctl(state);
	if (msr == PTV_MSR_RTIT_STATUS)
		return flag(state) ? PTV_BIT(random_of(state) % 64U)
				   : any & UINT64_C(0x1ffff00000037);
	if (flag(state))
		return any & ~UINT64_C(0xfff);
	return msr >= PTV_MSR_RTIT_ADDR0_A && flag(state) ? ~any : any;
}

static void random_write(struct write *w, uint64_t *state)
{
	static const uint32_t msrs[] = {
		PTV_MSR_RTIT_CTL,	PTV_MSR_RTIT_CTL,	  PTV_MSR_RTIT_CTL,
		PTV_MSR_RTIT_STATUS,	PTV_MSR_RTIT_OUTPUT_BASE, PTV_MSR_RTIT_OUTPUT_MASK_PTRS,
		PTV_MSR_RTIT_CR3_MATCH, PTV_MSR_RTIT_ADDR0_A,
	};
	const uint64_t pick = random_of(state);

	random_caps(w, state);
	tell_kvm(w);
	w->kvm.msr = msrs[pick % PTV_ARRAY_SIZE(msrs)];
	if (w->kvm.msr == PTV_MSR_RTIT_ADDR0_A)
		w->kvm.msr += (uint32_t)(random_of(state) % 8U);
	w->kvm.ctl = random_ctl(state);
	w->kvm.value = random_value(w->kvm.msr, state);
	/* The same value, or only TraceEn changed: what software does to a register that is on. */
	if (w->kvm.msr == PTV_MSR_RTIT_CTL && flag(state))
		w->kvm.value = w->kvm.ctl ^ (flag(state) ? PTV_CTL_TRACE_EN : 0U);
	w->kvm.vmxon = random_of(state) % 8U == 0U;
	memset(&w->lp, 0, sizeof(w->lp));
	w->lp.rtit.ctl = w->kvm.ctl;
	w->lp.vmx.mode = w->kvm.vmxon ? PTV_VMX_ROOT : PTV_VMX_OFF;
}

/* --- the comparison --- */

/* A row says that the two differ here. */
static bool explained(const struct write *w, bool kvm)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(differences); i++) {
		if (differences[i].kvm_faults == kvm && differences[i].is(w)) {
			differences[i].met++;
			return true;
		}
	}
	return false;
}

struct counts {
	unsigned int both, none, unexplained;
	struct write first; /* unexplained */
};

/* wider: KVM is told of an address bit too many. */
static void compare(ptv_kvm_faults_fn *faults, uint8_t wider, struct counts *counts)
{
	uint64_t state = SEED;
	struct write w;
	unsigned int n;

	memset(counts, 0, sizeof(*counts));
	memset(&w, 0, sizeof(w));
	ptv_switches_default(&w.cfg.sw);
	for (n = 0; n < WRITES; n++) {
		bool kvm, model;

		random_write(&w, &state);
		w.kvm.maxphyaddr = (uint8_t)(w.kvm.maxphyaddr + wider);
		kvm = faults(&w.kvm);
		model = ptv_rtit_write_faults(&w.cfg, &w.lp, w.kvm.msr, w.kvm.value);
		counts->both += kvm && model ? 1U : 0U;
		counts->none += !kvm && !model ? 1U : 0U;
		if (kvm != model && !explained(&w, kvm) && counts->unexplained++ == 0U)
			counts->first = w;
	}
}

static ptv_kvm_faults_fn *load(const char *version)
{
	char path[256], name[32];
	const struct ptv_linux_row *row;
	ptv_kvm_faults_fn *faults;
	void *library, *symbol;

	(void)snprintf(path, sizeof(path), "%s/lib/kvm-%s.so", PTV_BINARY_DIR, version);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays loaded */
	if (!library)
		PTV_SKIP("KVM's checks of %s were not built: no package linux-source-%s", version,
			 version);
	(void)snprintf(name, sizeof(name), "linux-%s", version);
	row = ptv_linux_find(name);
	PTV_ASSERT(row);
	if (!ptv_linux_known(row))
		PTV_SKIP("KVM's checks of %s: new text that MANIFEST does not know", version);
	symbol = dlsym(library, PTV_KVM_ENTRY);
	PTV_ASSERT(symbol);
	memcpy(&faults, &symbol, sizeof(faults));
	return faults;
}

static void agree(const void *version)
{
	ptv_kvm_faults_fn *faults = load(version);
	struct counts counts;
	size_t i;

	compare(faults, 0, &counts);
	if (counts.unexplained)
		PTV_FAIL("%u unexplained, first: WRMSR %#" PRIx32 " value %#" PRIx64
			 " with RTIT_CTL %#" PRIx64 " (vmxon %u)",
			 counts.unexplained, counts.first.kvm.msr, counts.first.kvm.value,
			 counts.first.kvm.ctl, counts.first.kvm.vmxon);
	for (i = 0; i < PTV_ARRAY_SIZE(differences); i++) {
		if (differences[i].met == 0U)
			PTV_FAIL("no write met %s (%s)", differences[i].name, differences[i].why);
		ptv_test_record(differences[i].name, "%u", differences[i].met);
		differences[i].met = 0;
	}
	ptv_test_record("both_fault", "%u", counts.both);
	ptv_test_record("none_faults", "%u", counts.none);
	PTV_EXPECT_GT(counts.both, WRITES / 10U);
	PTV_EXPECT_GT(counts.none, WRITES / 10U);
}

static void notice(const void *version)
{
	struct counts counts;

	compare(load(version), 1, &counts);
	PTV_EXPECT_GT(counts.unexplained, 0U);
	PTV_EXPECT_EQ(counts.first.kvm.msr, PTV_MSR_RTIT_OUTPUT_BASE);
}

PTV_TEST_GENERATOR(kvm_oracle)
{
	ptv_test_register("engine/kvm", "write_checks_agree_6.1", __FILE__, 1, agree, "6.1");
	ptv_test_register("engine/kvm", "write_checks_agree_6.12", __FILE__, 1, agree, "6.12");
	ptv_test_register("engine/kvm", "a_wrong_address_width_is_noticed", __FILE__, 1, notice,
			  "6.12");
}
