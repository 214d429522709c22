/* SPDX-License-Identifier: MIT */
/*
 * The real drivers: a kernel's own pt.c behind the pmu border, as a shared library that
 * cmake/linux.sh builds (harness/engine/linux/shim). Nothing of a kernel's text is in the tree;
 * where the sources could not be had there is no library, and what needs it says so.
 */
#ifndef PTV_HARNESS_ENGINE_LINUX_H
#define PTV_HARNESS_ENGINE_LINUX_H

#include "diag.h"
#include "ptv/pmu.h"

struct ptv_linux_row {
	const char *name; /* policy: "linux-6.12" */
	const char *era;  /* its natural era */
	const char *version;
};

/* The rows of linux.def, whether built or not. */
const struct ptv_linux_row *ptv_linux_rows(size_t *count);
/* The row of that name, or NULL. */
const struct ptv_linux_row *ptv_linux_find(const char *name);

/* Whether the row's library is there: in lib/ beside the folder of the running program. */
bool ptv_linux_built(const struct ptv_linux_row *row);

#define PTV_LINUX_UNKNOWN "new driver text that MANIFEST does not know"

/*
 * Whether it was built from the texts of MANIFEST. Debian's next point release brings others: to be
 * reported and played, but what is expected of the driver was never looked at with them.
 */
bool ptv_linux_known(const struct ptv_linux_row *row);

/* Why there is no library, in words that follow a colon. */
const char *ptv_linux_absence(const struct ptv_linux_row *row, char *text, size_t size);

/*
 * Loads the row's library, as ptv_so_load(). -1 with *diag set: it has not been built, or is none.
 */
int ptv_linux_load(const struct ptv_linux_row *row, const struct ptv_pmu_ops **ops, void **handle,
		   struct ptv_diag *diag);

/*
 * Builds the driver of the kernel tree in a folder and loads it. -1 with *diag set: it does not
 * compile (file, line and the compiler's first error), or there is no compiler.
 */
int ptv_linux_load_tree(const char *tree, const struct ptv_pmu_ops **ops, void **handle,
			struct ptv_diag *diag);

/*
 * Has faults inside a driver of this kind end its operation and not the program; for ptv_so_load()
 * of any library: others are left alone.
 */
void ptv_linux_guard(void *handle);

#endif /* PTV_HARNESS_ENGINE_LINUX_H */
