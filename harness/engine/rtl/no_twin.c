/* SPDX-License-Identifier: MIT */
/* The twin in a build without Verilator: there is none. */
#include "engine/rtl/twin.h"

bool ptv_twin_is_built(void)
{
	return false;
}

struct ptv_twin *ptv_twin_open(const struct ptv_cpu_cfg *cfg)
{
	(void)cfg;
	return NULL;
}

void ptv_twin_close(struct ptv_twin *twin)
{
	PTV_ASSERT(!twin);
}

void ptv_twin_reset(struct ptv_twin *twin, const struct ptv_cpu_cfg *cfg)
{
	(void)cfg;
	PTV_ASSERT(twin);
}

void ptv_twin_tick(struct ptv_twin *twin, const struct ptv_pins_in *in, const struct ptv_seam *seam,
		   unsigned int before)
{
	(void)in;
	(void)seam;
	(void)before;
	PTV_ASSERT(twin);
}

bool ptv_twin_equal(const struct ptv_twin *twin, const struct ptv_lp *now,
		    const struct ptv_pins_out *out)
{
	(void)now;
	(void)out;
	PTV_ASSERT(twin);
	return false;
}

void ptv_twin_read(const struct ptv_twin *twin, const struct ptv_lp *like, struct ptv_lp *now,
		   struct ptv_pins_out *out)
{
	(void)like;
	(void)now;
	(void)out;
	PTV_ASSERT(twin);
}
