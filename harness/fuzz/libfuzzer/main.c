/* SPDX-License-Identifier: MIT */
/* libFuzzer's way in: PTV_TARGET is one of the functions of target.h. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/target.h"
#include "ptv/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (!PTV_TARGET(bytes, size))
		abort();
	return 0;
}

/* A broken assertion is a crash here, so that its input is kept. */
void ptv_assert_failed(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "internal assertion: %s:%d: %s\n", file, line, what);
	abort();
}
