/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the model-specific registers that the model knows (spec/msr.def), and bits of those
 * that matter to Intel PT.
 */
#ifndef PTV_MSR_H
#define PTV_MSR_H

#include "ptv/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ptv_msr {
#define PTV_MSR(NAME, address, text, meaning) PTV_MSR_##NAME = (address),
#include "spec/msr.def"
#undef PTV_MSR
};

/* IA32_RTIT_CTL (SDM Vol. 3, table 36-6) */
#define PTV_CTL_TRACE_EN   PTV_BIT(0)
#define PTV_CTL_CYC_EN	   PTV_BIT(1)
#define PTV_CTL_OS	   PTV_BIT(2)
#define PTV_CTL_USER	   PTV_BIT(3)
#define PTV_CTL_PWR_EVT_EN PTV_BIT(4)
#define PTV_CTL_FUP_ON_PTW PTV_BIT(5)
#define PTV_CTL_FABRIC_EN  PTV_BIT(6)
#define PTV_CTL_CR3_FILTER PTV_BIT(7)
#define PTV_CTL_TOPA	   PTV_BIT(8)
#define PTV_CTL_MTC_EN	   PTV_BIT(9)
#define PTV_CTL_TSC_EN	   PTV_BIT(10)
#define PTV_CTL_DIS_RETC   PTV_BIT(11)
#define PTV_CTL_PTW_EN	   PTV_BIT(12)
#define PTV_CTL_BRANCH_EN  PTV_BIT(13)
#define PTV_CTL_EVENT_EN   PTV_BIT(31)
#define PTV_CTL_DIS_TNT	   PTV_BIT(55)
#define PTV_CTL_INJECT	   PTV_BIT(56) /* InjectPsbPmiOnEnable */

/* IA32_RTIT_STATUS (SDM Vol. 3, table 36-7) */
#define PTV_STATUS_FILTER_EN  PTV_BIT(0)
#define PTV_STATUS_CONTEXT_EN PTV_BIT(1)
#define PTV_STATUS_TRIGGER_EN PTV_BIT(2)
#define PTV_STATUS_ERROR      PTV_BIT(4)
#define PTV_STATUS_STOPPED    PTV_BIT(5)
#define PTV_STATUS_PEND_PSB   PTV_BIT(6)
#define PTV_STATUS_PEND_PMI   PTV_BIT(7)

#define PTV_GS_TOPA_PMI PTV_BIT(55) /* IA32_PERF_GLOBAL_STATUS: Trace_ToPA_PMI */

/* LVTPC */
#define PTV_LVT_MASKED	  PTV_BIT(16)
#define PTV_LVT_MODE(lvt) ptv_bits((lvt), 10, 8)
#define PTV_LVT_NMI	  0x400U /* delivery mode 4 */

/* ToPA entry (SDM Vol. 3, table 36-3) */
#define PTV_TOPA_END	    PTV_BIT(0)
#define PTV_TOPA_INT	    PTV_BIT(2)
#define PTV_TOPA_STOP	    PTV_BIT(4)
#define PTV_TOPA_SIZE_SHIFT 6

/* "IA32_RTIT_CTL" and the like; NULL if the model does not know the address. */
const char *ptv_msr_name(uint32_t msr);

#ifdef __cplusplus
}
#endif

#endif /* PTV_MSR_H */
