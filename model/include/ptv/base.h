/* SPDX-License-Identifier: MIT */
/*
 * What everything stands on: fixed-size integers, bit helpers, and the assertion that is on in
 * every build.
 *
 * The model has no I/O, no heap, no clock and no randomness. The one function that it does not
 * define itself is ptv_assert_failed(): whoever links the model says how an internal contradiction
 * is reported (the command exits with status 3). Everything that can go wrong for a reason outside
 * the model is a value, never an assertion.
 */
#ifndef PTV_BASE_H
#define PTV_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define PTV_STATIC_ASSERT static_assert
#else
#define PTV_STATIC_ASSERT _Static_assert
#endif

#define PTV_MAX_LPS    8U	  /* logical processors of one machine */
#define PTV_MAX_EVENTS 4U	  /* perf events of one world */
#define PTV_NEVER      UINT64_MAX /* a cycle that does not come */

#define PTV_BIT(n)	  (UINT64_C(1) << (n))
#define PTV_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Bits hi..lo of value, right-aligned. */
static inline uint64_t ptv_bits(uint64_t value, unsigned int hi, unsigned int lo)
{
	return (value >> lo) & ((hi - lo == 63U) ? UINT64_MAX : PTV_BIT(hi - lo + 1U) - 1U);
}

/*
 * Reports a broken internal assumption and does not return. Supplied by the program that links the
 * model.
 */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void ptv_assert_failed(const char *file, int line, const char *what);

/* An internal assumption of the model; on in every build. */
#define PTV_ASSERT(cond)                                              \
	do {                                                          \
		if (!(cond))                                          \
			ptv_assert_failed(__FILE__, __LINE__, #cond); \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif /* PTV_BASE_H */
