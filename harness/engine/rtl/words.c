/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/rtl/twin.h"

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
