/* SPDX-License-Identifier: MIT */
/*
 * Errors of the user: one line, file:line:column, what was found, what would be accepted. Exit
 * status 2.
 */
#ifndef PTV_HARNESS_DIAG_H
#define PTV_HARNESS_DIAG_H

#include <stddef.h>

#define PTV_DIAG_TEXT 1024

struct ptv_diag {
	char text[PTV_DIAG_TEXT]; /* "file:line:column: what", no newline; empty: no error */
};

/* Sets the diagnostic (first one wins). line or column 0 are left out; file may be NULL. Returns -1
 * for `return ptv_diag(...)`. */
__attribute__((format(printf, 5, 6))) int ptv_diag(struct ptv_diag *diag, const char *file,
						   int line, int column, const char *format, ...);

#endif /* PTV_HARNESS_DIAG_H */
