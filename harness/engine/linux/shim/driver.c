/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The kernel's driver as it is, and the way to what it keeps static. Compiled with every access to
 * memory instrumented (point.c).
 */
#include "driver.h"

/* What the driver asks of perf's core is told to the model's (perf.c). */
#define perf_aux_output_begin ptv_linux_aux_begin
#define perf_aux_output_end   ptv_linux_aux_end
#define perf_aux_output_flag  ptv_linux_aux_flag

#include "pt.c"

struct pt *const ptv_linux_pt = &pt_ctx;
struct pmu *const ptv_linux_pmu = &pt_pmu.pmu;
const size_t ptv_linux_topa_bytes = sizeof(struct topa);

/* The caches of enumeration, as pt_init() finds them at boot. */
void ptv_linux_driver_reset(void)
{
	__builtin_memset(&pt_pmu, 0, sizeof(pt_pmu));
	__builtin_memset(&pt_ctx, 0, sizeof(pt_ctx));
}

int ptv_linux_topa_last(const void *topa)
{
	return ((const struct topa *)topa)->last;
}
