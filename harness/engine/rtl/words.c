/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/rtl/twin.h"

#define RANGES	  4U  /* of IP filters; their number has room for more */
#define STORE_MAX 16U /* bytes */

bool ptv_twin_fits(const struct ptv_cpu_cfg *cfg, char *why, size_t size)
{
	const struct {
		const char *name;
		uint64_t value, most;
	} limits[] = {
		{"ranges", cfg->caps.ranges, RANGES},
		{"buf_bytes", cfg->timing.buf_bytes, PTV_FIFO_MAX},
		{"drain_bytes", cfg->timing.drain_bytes, STORE_MAX},
#define PTV_RTL_CAP(name, bits) {#name, cfg->caps.name, PTV_BIT(bits) - 1U},
#include "spec/rtl_cfg.def"
#undef PTV_RTL_CAP
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(limits); i++) {
		if (limits[i].value > limits[i].most) {
			(void)snprintf(why, size, "%s is %" PRIu64 ", the RTL goes up to %" PRIu64,
				       limits[i].name, limits[i].value, limits[i].most);
			return false;
		}
	}
	return true;
}

size_t ptv_twin_words(const struct ptv_cpu_cfg *cfg, uint32_t words[PTV_TWIN_WORDS])
{
	const uint32_t all[] = {
#define PTV_RTL_CAP(name, bits) cfg->caps.name,
#include "spec/rtl_cfg.def"
#undef PTV_RTL_CAP
#define PTV_SWITCH(name, dflt, choices, key, meaning) cfg->sw.name,
#include "spec/switch.def"
#undef PTV_SWITCH
#define PTV_LATENCY(name, dflt, min, max, unit, source, meaning) cfg->timing.name,
#include "spec/latency.def"
#undef PTV_LATENCY
	};

	PTV_STATIC_ASSERT(sizeof(all) <= PTV_TWIN_WORDS * sizeof(all[0]), "addresses have 8 bits");
	memcpy(words, all, sizeof(all));
	return PTV_ARRAY_SIZE(all);
}
