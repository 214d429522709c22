/* SPDX-License-Identifier: MIT */
/*
 * A replay token: everything about one run in one word that a shell passes on unquoted.
 *
 *	ptvF.TTTTTTTT:POLICY[+SLOT=RULE...]:BYTES
 *
 * F is the format of the bytes, T a number of the tables whose rows they count (both say whether
 * this program reads them as the one that wrote them), POLICY as for --policy, BYTES the plan in
 * base64url (RFC 4648, without padding), of which the last two are a check sum of everything
 * before.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_TOKEN_H
#define PTV_HARNESS_SEARCH_FUZZ_TOKEN_H

#include "diag.h"
#include "play/policy.h"
#include "play/text.h"
#include "search/fuzz_plan.h"

/* Appends the token of a plan under a policy; the variation is what the policy was made with. */
void ptv_token_write(const struct ptv_plan *plan, const struct ptv_policy *policy,
		     const struct ptv_variation *variation, struct ptv_string *token);

/*
 * Reads a token. Returns 0; -1 with *diag set: not a token, of another version, damaged, an unknown
 * policy. *policy belongs to the caller.
 */
int ptv_token_read(const char *token, struct ptv_plan *plan, struct ptv_policy *policy,
		   struct ptv_diag *diag);

#endif /* PTV_HARNESS_SEARCH_FUZZ_TOKEN_H */
