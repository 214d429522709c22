/* SPDX-License-Identifier: MIT */
#include "play/finding.h"

#include <stdio.h>
#include <string.h>

const char *ptv_finding_warning(const struct ptv_policy *policy, const struct ptv_obs *obs)
{
	if (policy->none || !policy->ops->warning || obs->kind != PTV_OBS_SPLAT ||
	    obs->a != PTV_SPLAT_WARN)
		return NULL;
	return policy->ops->warning((uint32_t)obs->b);
}

void ptv_finding_text(const struct ptv_policy *policy, const struct ptv_violation *violation,
		      char *text, size_t size)
{
	static const char *const oops[PTV_OOPSES] = {
		[PTV_OOPS_BUG] = "BUG_ON()",
		[PTV_OOPS_FAULT] = "a pointer that leads nowhere",
		[PTV_OOPS_WEDGED] = "it does not come back",
	};
	const char *words = ptv_finding_warning(policy, &violation->obs);
	size_t used;

	ptv_violation_text(violation, text, size);
	used = strlen(text);
	if (words)
		(void)snprintf(text + used, size - used, " %s", words);
	if (violation->obs.kind == PTV_OBS_SPLAT && violation->obs.a == PTV_SPLAT_OOPS &&
	    violation->obs.b < PTV_OOPSES)
		(void)snprintf(text + used, size - used, " (%s)", oops[violation->obs.b]);
}
