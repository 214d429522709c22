/* SPDX-License-Identifier: MIT */
/*
 * What is fuzzed with bytes: by libFuzzer (main.c), and by the test suite with bytes of its own.
 *
 * Contract of a target: any bytes will do. It keeps nothing, and says whether all is well; what is
 * not is told on standard error. It may die (an assertion, a sanitizer): that is a find as well.
 */
#ifndef PTV_HARNESS_FUZZ_TARGET_H
#define PTV_HARNESS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The first byte chooses a driver of drivers.def, the rest is a plan (search/fuzz_plan.h): judged
 * by all checks, stepped too, and played again; one in two is also replayed on the RTL twin where
 * there is one, one in eight is varied. A violated check is well, unless the environment's
 * PTV_KNOWN names a file of those that are known (results/known.txt) and it is not among them.
 */
bool ptv_target_timeline(const uint8_t *bytes, size_t size);

/* A scenario file: it is loaded, or refused in one line. */
bool ptv_target_yaml(const uint8_t *bytes, size_t size);

#endif /* PTV_HARNESS_FUZZ_TARGET_H */
