/* SPDX-License-Identifier: MIT */
/*
 * A scenario that a test writes itself: into a file of its own, which the fixture removes.
 */
#ifndef PTV_HARNESS_TESTS_SCENARIO_WRITTEN_H
#define PTV_HARNESS_TESTS_SCENARIO_WRITTEN_H

#include "gtest/ptv_test.h"
#include "scenario/scenario.h"

struct ptv_written {
	char path[64];
	struct ptv_scenario *scenario;
	struct ptv_diag diag;
};

extern const struct ptv_fixture ptv_written_fixture;

/* Writes and loads; the scenario, or NULL with the diagnostic set, stays in *written. */
struct ptv_scenario *ptv_written_load(struct ptv_written *written, const char *text, size_t size);

/* The same of a text, and it must be accepted. */
struct ptv_scenario *ptv_written_good(struct ptv_written *written, const char *text);

#endif /* PTV_HARNESS_TESTS_SCENARIO_WRITTEN_H */
