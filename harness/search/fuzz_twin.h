/* SPDX-License-Identifier: MIT */
/* Random timelines on the RTL twin (engine/rtl/twin.h). */
#ifndef PTV_HARNESS_SEARCH_FUZZ_TWIN_H
#define PTV_HARNESS_SEARCH_FUZZ_TWIN_H

#include "search/fuzz_judge.h"

/* How a timeline is replayed on the RTL twin; NULL in a build without one. */
ptv_fuzz_twin *ptv_fuzz_rtl(void);

#endif /* PTV_HARNESS_SEARCH_FUZZ_TWIN_H */
