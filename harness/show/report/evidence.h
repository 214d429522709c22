/* SPDX-License-Identifier: MIT */
/*
 * Evidence: the observations that tell the story of a violation, in few lines.
 *
 * Left out is what says nothing new: an observation with the same arguments as the one of its kind
 * before it. Stores, packets and retirements that follow each other are one line. Of a long story
 * the middle is left out, and said to be.
 */
#ifndef PTV_HARNESS_SHOW_REPORT_EVIDENCE_H
#define PTV_HARNESS_SHOW_REPORT_EVIDENCE_H

#include <stdio.h>

#include "play/recorder.h"

/* A line of evidence: observations first..last of the recorder (indices); last > first: that many
 * of one kind. */
struct ptv_evidence {
	size_t first, last;
	size_t count; /* observations in it */
};

/*
 * Picks at most `limit` lines; returns their number. Where something was left out between two
 * lines, *gap is the index of the line behind it and *left_out the number of lines; else *left_out
 * is 0.
 */
size_t ptv_evidence_pick(const struct ptv_recorder *recorder, size_t limit,
			 struct ptv_evidence *lines, size_t *gap, size_t *left_out);

/* Writes them, each behind `indent`. */
void ptv_evidence_write(FILE *out, const char *indent, const struct ptv_recorder *recorder,
			size_t limit);

#endif /* PTV_HARNESS_SHOW_REPORT_EVIDENCE_H */
