/* SPDX-License-Identifier: MIT */
/*
 * A policy: a driver in an era. "dont-die" is a row of drivers.def in its natural era,
 * "dont-die@4.12" the same driver in another one, "path/to/driver.so" (or "driver.so@6.1") a driver
 * outside the tree: a shared library that exports ptv_driver() and keeps to ptv/pmu.h. "linux-6.12"
 * is the kernel's own driver, where it has been built (engine/linux/linux.h). "none" is the
 * hardware alone.
 */
#ifndef PTV_HARNESS_PLAY_POLICY_H
#define PTV_HARNESS_PLAY_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"
#include "ptv/driver.h"

struct ptv_linux_row;

struct ptv_policy {
	char *name;		   /* canonical: the era only where it is not the natural one */
	char *given;		   /* what selects it on a command line, --era and --set included */
	bool none;		   /* the hardware alone; the rest is not valid then */
	bool varied;		   /* --set has changed a rule: files expect nothing of it */
	const char *unjudged;	   /* why files expect nothing of it besides; NULL: they may */
	bool has_row;		   /* a row of drivers.def: row is valid */
	struct ptv_driver_row row; /* own copy */
	const struct ptv_linux_row *real; /* a real driver of linux.def, else NULL */
	const struct ptv_era_row *era;
	const struct ptv_pmu_ops *ops;
	void *library; /* of a .so, else NULL */
};

/* How policies are to be varied, as the command line says. */
struct ptv_variation {
	const char *era;	/* every policy in this era; NULL: its natural one */
	const char *const *set; /* "slot=rule" */
	size_t sets;
	const char *source; /* a kernel tree whose driver is one more policy; NULL: none */
};

/*
 * Fills *policy from text. Returns 0; -1 with *diag set: unknown driver, era, slot or rule (with
 * the accepted ones), a combination that means nothing, a library that does not load, lacks the
 * entry or speaks another ABI.
 */
int ptv_policy_parse(struct ptv_policy *policy, const char *text,
		     const struct ptv_variation *variation, struct ptv_diag *diag);
void ptv_policy_free(struct ptv_policy *policy);

/* Whether a name as a scenario file writes it means this policy: "dont-die" and "dont-die@4.6" may
 * be the same. */
bool ptv_policy_is(const struct ptv_policy *policy, const char *written);

/* A comma-separated list, or every named policy if text is NULL; the driver of a kernel tree
 * (variation->source) comes last, and alone if text is NULL. Owned by the caller:
 * ptv_policies_free. */
struct ptv_policies {
	struct ptv_policy *at;
	size_t count;
	bool all; /* the default set: every named driver in its era */
};
int ptv_policies_parse(struct ptv_policies *policies, const char *text,
		       const struct ptv_variation *variation, struct ptv_diag *diag);
void ptv_policies_free(struct ptv_policies *policies);

#endif /* PTV_HARNESS_PLAY_POLICY_H */
