/* SPDX-License-Identifier: MIT */
/*
 * The rules of a driver's slots as enumerators, in the order in which spec/driver_slots.def names
 * them: the value of a rule is its position there, from 1. Every enumeration starts with UNSET, so
 * that a slot which nobody has decided on cannot pass for a decision.
 */
#ifndef PTV_DRIVER_RULES_H
#define PTV_DRIVER_RULES_H

#include "ptv/driver.h"

enum ptv_vmx_track { PTV_VMX_TRACK_UNSET, PTV_VMX_TRACK_NONE, PTV_VMX_TRACK_TRACK };

enum ptv_notify_on { PTV_NOTIFY_ON_UNSET, PTV_NOTIFY_ON_KEEP, PTV_NOTIFY_ON_FORGET };

enum ptv_start_in_vmx {
	PTV_START_IN_VMX_UNSET,
	PTV_START_IN_VMX_SKIP,
	PTV_START_IN_VMX_FAIL,
	PTV_START_IN_VMX_START
};

enum ptv_ctl_in_vmx {
	PTV_CTL_IN_VMX_UNSET,
	PTV_CTL_IN_VMX_WRITE,
	PTV_CTL_IN_VMX_SHADOW,
	PTV_CTL_IN_VMX_FREEZE
};

enum ptv_pmi_in_vmx {
	PTV_PMI_IN_VMX_UNSET,
	PTV_PMI_IN_VMX_DROP,
	PTV_PMI_IN_VMX_LATCH,
	PTV_PMI_IN_VMX_HALF,
	PTV_PMI_IN_VMX_FULL
};

enum ptv_notify_off {
	PTV_NOTIFY_OFF_UNSET,
	PTV_NOTIFY_OFF_NOTHING,
	PTV_NOTIFY_OFF_WRITE,
	PTV_NOTIFY_OFF_RESTART,
	PTV_NOTIFY_OFF_STOP_START
};

enum ptv_pending_pmi {
	PTV_PENDING_PMI_UNSET,
	PTV_PENDING_PMI_NEVER,
	PTV_PENDING_PMI_AFTER,
	PTV_PENDING_PMI_BEFORE
};

enum ptv_pending_on_stop {
	PTV_PENDING_ON_STOP_UNSET,
	PTV_PENDING_ON_STOP_KEEP,
	PTV_PENDING_ON_STOP_CLEAR
};

enum ptv_gap_mark { PTV_GAP_MARK_UNSET, PTV_GAP_MARK_NONE, PTV_GAP_MARK_PARTIAL };

enum ptv_first_start {
	PTV_FIRST_START_UNSET,
	PTV_FIRST_START_ITRACE_STARTED,
	PTV_FIRST_START_CONFIG_ZERO
};

enum ptv_stop_int { PTV_STOP_INT_UNSET, PTV_STOP_INT_WITHOUT, PTV_STOP_INT_WITH };

/* The rule by which this CPU's driver decides. */
static inline unsigned int ptv_rule(const struct ptv_cpu *cpu, enum ptv_driver_slot slot)
{
	const struct ptv_driver_row *row = cpu->driver_row;

	PTV_ASSERT(row && row->rule[slot] != 0U);
	return row->rule[slot];
}

#endif /* PTV_DRIVER_RULES_H */
