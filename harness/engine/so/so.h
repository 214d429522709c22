/* SPDX-License-Identifier: MIT */
/*
 * Drivers outside the tree: a shared library that includes ptv/pmu.h and nothing else of ours, and
 * exports `const struct ptv_pmu_ops *ptv_driver(void)`. docs/drivers.md shows how to write one.
 */
#ifndef PTV_HARNESS_ENGINE_SO_H
#define PTV_HARNESS_ENGINE_SO_H

#include "diag.h"
#include "ptv/pmu.h"

/*
 * Loads a driver from a file. 0: *ops are its operations and *handle keeps the library loaded,
 * until ptv_so_close(). -1 with *diag set, and nothing loaded: the file is missing or cannot be
 * read; is not a shared object of this machine; has no entry point; speaks another ABI; leaves out
 * an operation that every driver needs.
 */
int ptv_so_load(const char *path, const struct ptv_pmu_ops **ops, void **handle,
		struct ptv_diag *diag);
void ptv_so_close(void *handle);

#endif /* PTV_HARNESS_ENGINE_SO_H */
