/* SPDX-License-Identifier: MIT */
/* For tests of which each scenario file is one. */
#ifndef PTV_TESTS_SCENARIO_EACH_H
#define PTV_TESTS_SCENARIO_EACH_H

#include "play/answer.h"

/* For a PTV_TEST_GENERATOR: registers fn(path) in the suite for each file below the folder (but
 * bad/), by its name without "scenarios/". The paths live as long as the process. */
void each_scenario(const char *folder, const char *suite, void (*fn)(const void *path));

/* Fails, at its line of the file, for each check whose verdict differs from what is expected. */
void expect_verdicts(const struct ptv_answer *answer);

#endif /* PTV_TESTS_SCENARIO_EACH_H */
