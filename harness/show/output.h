/* SPDX-License-Identifier: MIT */
/*
 * Files that programs write: there whole, or not at all. What is written goes to a file beside the
 * one that was named, which takes its place at the end; whatever ends the program before that (an
 * error, PTV_ASSERT, a signal that can be caught) leaves nothing behind. A device or a pipe is
 * written to as it is.
 */
#ifndef PTV_HARNESS_SHOW_OUTPUT_H
#define PTV_HARNESS_SHOW_OUTPUT_H

#include <stdio.h>

#include "diag.h"

/* Outputs that may be open at once. */
#define PTV_OUTPUTS 4U

struct ptv_output {
	FILE *file;	  /* to be written to */
	const char *path; /* what was asked for; NULL: standard output */
	char *temporary;  /* the file beside it; NULL: none, it is written to directly */
};

/* path == NULL: standard output. -1 with *diag set, and nothing open. */
int ptv_output_open(struct ptv_output *output, const char *path, struct ptv_diag *diag);
/* Puts it in place. -1 with *diag set, and nothing in place, if it could not be written. */
int ptv_output_close(struct ptv_output *output, struct ptv_diag *diag);
/* Throws it away. */
void ptv_output_discard(struct ptv_output *output);

#endif /* PTV_HARNESS_SHOW_OUTPUT_H */
