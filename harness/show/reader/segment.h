/* SPDX-License-Identifier: MIT */
/* Private to show/reader: what both decoders do with a segment. */
#ifndef PTV_HARNESS_READER_SEGMENT_H
#define PTV_HARNESS_READER_SEGMENT_H

#include <intel-pt.h>

#include "show/reader/reader.h"

/* The n-th segment, checked against the trace. 1: there it is; 0: there is none; -1: diagnostic. */
int ptv_reader_segment(const struct ptv_reader_trace *trace, size_t n,
		       struct ptv_reader_segment *segment, struct ptv_diag *diag);

/* libipt's configuration for a segment. */
void ptv_reader_config(const struct ptv_reader_trace *trace,
		       const struct ptv_reader_segment *segment, struct pt_config *config);

/* An error at an offset of the trace; status is what libipt returned. */
struct ptv_reader_error ptv_reader_error_at(int status, size_t offset, uint64_t ip);

#endif /* PTV_HARNESS_READER_SEGMENT_H */
