/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of the shim know of each other: call.c in C, shim.cpp in C++.
 */
#ifndef PTV_HARNESS_GTEST_SHIM_H
#define PTV_HARNESS_GTEST_SHIM_H

#include "gtest/ptv_test.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Gives the message to GoogleTest, and returns in every case. */
void ptv_shim_report(enum ptv_test_result result, const char *file, int line, const char *message);
void ptv_shim_record(const char *key, const char *value);

/* Runs the generators, once, and returns the list of all tests, in no particular order. */
struct ptv_test_case *ptv_test_all(void);

#ifdef __cplusplus
}
#endif

#endif /* PTV_HARNESS_GTEST_SHIM_H */
