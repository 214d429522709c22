/* SPDX-License-Identifier: MIT */
/*
 * Random numbers that are the same on every machine: SplitMix64 (Steele, Lea, Flood 2014). The only
 * source of randomness is the seed that a user gives.
 */
#ifndef PTV_HARNESS_SEARCH_RANDOM_H
#define PTV_HARNESS_SEARCH_RANDOM_H

#include <stdint.h>

struct ptv_random {
	uint64_t state;
};

static inline uint64_t ptv_random_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The n-th stream of a seed: independent of how many numbers other streams have given. */
static inline struct ptv_random ptv_random_stream(uint64_t seed, uint64_t n)
{
	const struct ptv_random random = {ptv_random_mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^
					  ptv_random_mix(~n)};

	return random;
}

static inline uint64_t ptv_random_next(struct ptv_random *random)
{
	random->state += UINT64_C(0x9e3779b97f4a7c15);
	return ptv_random_mix(random->state);
}

/* 0..n-1; n is small, so that the bias of a remainder does not matter. */
static inline uint32_t ptv_random_below(struct ptv_random *random, uint32_t n)
{
	return (uint32_t)(ptv_random_next(random) >> 32) % n;
}

#endif /* PTV_HARNESS_SEARCH_RANDOM_H */
