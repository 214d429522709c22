/* SPDX-License-Identifier: MIT */
/*
 * Runs mutants of the RTL twin (rtl.py): each against the C model over random input, until they
 * differ. Prints a line a mutant: its number, and the clocks it lived or "lives".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/rtl/lockstep.h"
#include "engine/rtl/random.h"

#define SEED	     UINT64_C(0x6d7574616e740001)
#define CLOCKS	     UINT64_C(2000000)
#define WORLD_CLOCKS 2500U
#define ADDRESS	     250U /* of the word that says which mutant lives */

static uint32_t alive;

/* words.c under another name. */
size_t plain_words(const struct ptv_cpu_cfg *cfg, uint32_t words[PTV_TWIN_WORDS]);

size_t ptv_twin_words(const struct ptv_cpu_cfg *cfg, uint32_t words[PTV_TWIN_WORDS])
{
	size_t i;

	for (i = plain_words(cfg, words); i < ADDRESS; i++)
		words[i] = 0;
	words[ADDRESS] = alive;
	return ADDRESS + 1U;
}

/* Whether both sides agree in a world. */
static bool agree(struct ptv_lockstep *lockstep, struct ptv_random *random)
{
	struct ptv_pins_out last = {0};
	struct ptv_pins_in in;
	unsigned int i, before;

	ptv_random_world(random);
	ptv_lockstep_reset(lockstep, &random->cfg);
	for (i = 0; i < WORLD_CLOCKS; i++) {
		before = ptv_random_pins(random, ptv_lockstep_now(lockstep), &last, &in);
		if (!ptv_lockstep_step(lockstep, &in, before))
			return false;
		last = ptv_lockstep_last(lockstep)->out;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct ptv_random random;
	struct ptv_lockstep *lockstep;
	bool same;
	int i;

	for (i = 1; i < argc; i++) {
		alive = (uint32_t)strtoul(argv[i], NULL, 10);
		random.state = SEED;
		ptv_random_world(&random);
		lockstep = ptv_lockstep_open(&random.cfg);
		do {
			same = agree(lockstep, &random);
		} while (same && lockstep->counts.clocks < CLOCKS);
		if (same)
			(void)printf("%" PRIu32 " lives\n", alive);
		else
			(void)printf("%" PRIu32 " %" PRIu64 "\n", alive, lockstep->counts.clocks);
		ptv_lockstep_close(lockstep);
	}
	return 0;
}
