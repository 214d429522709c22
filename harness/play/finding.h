/* SPDX-License-Identifier: MIT */
/* What a violation says, with the words that only its policy has. */
#ifndef PTV_HARNESS_PLAY_FINDING_H
#define PTV_HARNESS_PLAY_FINDING_H

#include "play/policy.h"
#include "ptv/check.h"

/* Words for a WARN that the policy's driver told of: "pt.c:1234 (!buf)"; NULL: it has none, or the
 * observation is of another kind. They last until the next call. */
const char *ptv_finding_warning(const struct ptv_policy *policy, const struct ptv_obs *obs);

/* As ptv_violation_text(), with those words behind it: "... WARN pt.c:1234 (!buf)"; and what kind
 * of end a driver came to. */
void ptv_finding_text(const struct ptv_policy *policy, const struct ptv_violation *violation,
		      char *text, size_t size);

#endif /* PTV_HARNESS_PLAY_FINDING_H */
