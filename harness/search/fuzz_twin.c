/* SPDX-License-Identifier: MIT */
#include "search/fuzz_twin.h"

#include "engine/rtl/tape.h"

static bool like_twin(const struct ptv_fuzz_case *c, const struct ptv_policy *policy)
{
	struct ptv_lockstep *lockstep;
	struct ptv_tape tape;
	unsigned int lp;
	bool like = true;

	ptv_tape_record(&tape, &c->scenario, policy, 0);
	lockstep = ptv_lockstep_open(&tape.cfg);
	PTV_ASSERT(lockstep);
	for (lp = 0; lp < tape.lanes && like; lp++)
		like = ptv_tape_replay(&tape, lp, lockstep) == NULL;
	ptv_lockstep_close(lockstep);
	ptv_tape_free(&tape);
	return like;
}

ptv_fuzz_twin *ptv_fuzz_rtl(void)
{
	return ptv_twin_is_built() ? like_twin : NULL;
}
