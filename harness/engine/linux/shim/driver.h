/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What driver.c shows of the kernel's driver. */
#ifndef PTV_LINUX_DRIVER_H
#define PTV_LINUX_DRIVER_H

#include "kernel.h"

#include <asm/intel_pt.h>

#include "pt.h"

extern struct pt *const ptv_linux_pt;	  /* pt_ctx of the CPU that runs the driver */
extern struct pmu *const ptv_linux_pmu;	  /* callbacks and capabilities, after pt_init() */
extern const size_t ptv_linux_topa_bytes; /* metadata at the end of a table's page */

/* Forgets what pt_init() and the CPUs have left. */
void ptv_linux_driver_reset(void);
/* pt_init(). */
int ptv_linux_initcall(void);
/* struct topa: index of the last initialised entry. */
int ptv_linux_topa_last(const void *topa);

/* perf_aux_output_*() as the driver calls them (perf.c). */
void *ptv_linux_aux_begin(struct perf_output_handle *handle, struct perf_event *event);
void ptv_linux_aux_end(struct perf_output_handle *handle, unsigned long size);
void ptv_linux_aux_flag(struct perf_output_handle *handle, u64 flags);

void intel_pt_interrupt(void);
void intel_pt_handle_vmx(int on);
void cpu_emergency_stop_pt(void);

#endif /* PTV_LINUX_DRIVER_H */
