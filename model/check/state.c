/* SPDX-License-Identifier: MIT */
/* How large the checks' state may be. (spec/state.c asserts that no padding is in it.) */
#include "ptv/check.h"

/* Snapshots copy all of it: an automaton is at most a cache line, everything together below 3 KiB.
 */
#define AUTOMATON(tag) \
	PTV_STATIC_ASSERT(sizeof(struct ptv_judge_##tag) <= 64U, "large: judge_" #tag)
AUTOMATON(stopped);
AUTOMATON(belief);
AUTOMATON(pmi);
AUTOMATON(noticed);
AUTOMATON(woken);
AUTOMATON(disable);
AUTOMATON(counted);
AUTOMATON(gap);
AUTOMATON(false);
AUTOMATON(bytes);
PTV_STATIC_ASSERT(sizeof(struct ptv_checks) < 3072U, "the checks' state has grown");
