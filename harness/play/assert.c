/* SPDX-License-Identifier: MIT */
/*
 * How a program reports that the model contradicts itself: one line, exit status 3. Alone in its
 * file, so that whoever brings a ptv_assert_failed() of his own (the tests do) does not get this
 * one. quick_exit() runs what at_quick_exit() asked for, which takes half-written files away, and
 * nothing else.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ptv/base.h"

void ptv_assert_failed(const char *file, int line, const char *what)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "internal assertion: %s:%d: %s\n", file, line, what);
	quick_exit(3);
}
