/* SPDX-License-Identifier: MIT */
/*
 * Registers as scenario files name them.
 *
 * An MSR is a name (RTIT_CTL, LVTPC, ...; a leading IA32_ may be there) or an address. Its value is
 * a number or, where the bits have names, a list of them: [TraceEn, OS, User, ToPA, BranchEn];
 * a field of several bits is written with its value: PSBFreq=3.
 */
#ifndef PTV_HARNESS_SCENARIO_REGISTER_H
#define PTV_HARNESS_SCENARIO_REGISTER_H

#include "scenario/read.h"

int ptv_read_msr(struct ptv_reader *r, const struct ptv_yaml *node, uint32_t *msr);

/* The value of an MSR; a range where it is written as one. */
int ptv_read_msr_value(struct ptv_reader *r, const struct ptv_yaml *node, uint32_t msr,
		       struct ptv_range *value);

#endif /* PTV_HARNESS_SCENARIO_REGISTER_H */
