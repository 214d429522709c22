/* SPDX-License-Identifier: MIT */
/*
 * Runs something that may assert, crash or never end, in a process of its own.
 */
#ifndef PTV_HARNESS_SEARCH_FUZZ_GUARD_H
#define PTV_HARNESS_SEARCH_FUZZ_GUARD_H

#include <stddef.h>

enum ptv_guard { PTV_GUARD_DONE, PTV_GUARD_ASSERTION, PTV_GUARD_CRASH, PTV_GUARD_HANG };

struct ptv_guarded {
	enum ptv_guard how;
	char text[256]; /* ASSERTION, CRASH: the first line that it said */
};

/* Calls fn(ctx) in a child process and waits. What it leaves in memory is lost but for
 * ptv_guard_share()'s. */
void ptv_guard_run(void (*fn)(void *ctx), void *ctx, struct ptv_guarded *guarded);

/* In fn: it is alive; from here on it may take so many seconds of processor time. */
void ptv_guard_alive(void);

/* Memory that child processes share; all zero. */
void *ptv_guard_share(size_t size);
void ptv_guard_unshare(void *memory, size_t size);

#endif /* PTV_HARNESS_SEARCH_FUZZ_GUARD_H */
