/* SPDX-License-Identifier: MIT */
/* A driver that leaves out what every driver needs. */
#include "ptv/pmu.h"

const struct ptv_pmu_ops *ptv_driver(void);

const struct ptv_pmu_ops *ptv_driver(void)
{
	static const struct ptv_pmu_ops ops = {.abi = PTV_PMU_ABI, .name = "no_boot"};

	return &ops;
}
