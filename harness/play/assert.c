/* SPDX-License-Identifier: MIT */
/*
 * How a program reports that the model contradicts itself: one line, exit status 3. Alone in its
 * file, so that whoever brings a ptv_assert_failed() of his own (the tests do) does not get this
 * one.
 */
#include <stdio.h>
#include <unistd.h>

#include "ptv/base.h"

void ptv_assert_failed(const char *file, int line, const char *what)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "internal assertion: %s:%d: %s\n", file, line, what);
	_exit(3);
}
