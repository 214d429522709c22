/* SPDX-License-Identifier: MIT */
/* A driver that was built against another ptv/pmu.h. */
#include "ptv/pmu.h"

const struct ptv_pmu_ops *ptv_driver(void);

const struct ptv_pmu_ops *ptv_driver(void)
{
	static const struct ptv_pmu_ops ops = {.abi = PTV_PMU_ABI + 6U, .name = "other_abi"};

	return &ops;
}
