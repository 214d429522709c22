/* SPDX-License-Identifier: MIT */
/* Private to show/reader: what both decoders do with a segment. */
#ifndef PTV_HARNESS_READER_SEGMENT_H
#define PTV_HARNESS_READER_SEGMENT_H

#include <intel-pt.h>

#include "show/reader/reader.h"

/* The next segment with bytes in it, checked against the trace, and libipt's configuration for it;
 * *n is 0 at the begin and counts. 1: there it is; 0: there is none; -1: diagnostic. */
int ptv_reader_next(const struct ptv_reader_trace *trace, size_t *n,
		    struct ptv_reader_segment *segment, struct pt_config *config,
		    struct ptv_diag *diag);

/* An error at an offset of the trace; status is what libipt returned. */
struct ptv_reader_error ptv_reader_error_at(int status, size_t offset, uint64_t ip);

#endif /* PTV_HARNESS_READER_SEGMENT_H */
