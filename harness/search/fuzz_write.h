/* SPDX-License-Identifier: MIT */
/*
 * A case as the text of a scenario file, in the format of scenarios/FORMAT.md.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_WRITE_H
#define PTV_HARNESS_SEARCH_FUZZ_WRITE_H

#include "play/text.h"
#include "search/fuzz_judge.h"

/* Appends the file: it asks about the sign's check, and expects it to be violated if the policy is
 * one that files can name. */
void ptv_fuzz_write(const struct ptv_fuzz_case *c, const struct ptv_policy *policy,
		    const struct ptv_fuzz_told *told, const char *token, struct ptv_string *text);

/* Appends "enable-virt_on-virt_off+resumes-dont-die.yaml". */
void ptv_fuzz_write_name(const struct ptv_fuzz_case *c, const struct ptv_policy *policy,
			 const struct ptv_fuzz_sign *sign, struct ptv_string *name);

/* Appends "enable; virt_on; progress": the stimuli in order. */
void ptv_fuzz_write_stimuli(const struct ptv_fuzz_case *c, const char *separator, size_t limit,
			    struct ptv_string *text);

#endif /* PTV_HARNESS_SEARCH_FUZZ_WRITE_H */
