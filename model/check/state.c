/* SPDX-License-Identifier: MIT */
/* The list of the checks' state is complete and the compiler added nothing: each struct is the sum
 * of its fields. */
#include "ptv/check.h"

#define PTV_STRUCT(tag) PTV_STATIC_ASSERT(sizeof(struct ptv_##tag) == (0U
#define PTV_FIELD(tag, type, name, class_, meaning)	   +sizeof(type)
#define PTV_ARRAY(tag, type, name, count, class_, meaning) +sizeof(type) * (count)
#define PTV_SUB(tag, sub, name, meaning)		   +sizeof(struct ptv_##sub)
#define PTV_SUBS(tag, sub, name, count, meaning)	   +sizeof(struct ptv_##sub) * (count)
#define PTV_STRUCT_END(tag) ), "padding in ptv_" #tag);
#include "spec/state_check.def"
#undef PTV_STRUCT
#undef PTV_FIELD
#undef PTV_ARRAY
#undef PTV_SUB
#undef PTV_SUBS
#undef PTV_STRUCT_END

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
