/* SPDX-License-Identifier: MIT */
#include "show/reader/segment.h"

/* The n-th segment. As ptv_reader_next(). */
static int take(const struct ptv_reader_trace *trace, size_t n, struct ptv_reader_segment *segment,
		struct ptv_diag *diag)
{
	const size_t count = trace->segments ? trace->segment_count : 1U;

	if (n >= count)
		return 0;
	if (trace->segments) {
		*segment = trace->segments[n];
	} else {
		segment->offset = 0;
		segment->size = trace->size;
		segment->mid_packet = false;
	}
	if (segment->offset > trace->size || segment->size > trace->size - segment->offset)
		return ptv_diag(
			diag, NULL, 0, 0,
			"segment %zu (%zu bytes at %zu) does not lie in a trace of %zu bytes", n,
			segment->size, segment->offset, trace->size);
	return 1;
}

static void configure(const struct ptv_reader_trace *trace,
		      const struct ptv_reader_segment *segment, struct pt_config *config)
{
	pt_config_init(config);
	/* libipt's decoders only read, but say so nowhere. */
	config->begin = (uint8_t *)(uintptr_t)(trace->bytes + segment->offset);
	config->end = config->begin + segment->size;
	config->errata.bdm70 = trace->bdm70;
}

int ptv_reader_next(const struct ptv_reader_trace *trace, size_t *n,
		    struct ptv_reader_segment *segment, struct pt_config *config,
		    struct ptv_diag *diag)
{
	int more;

	do
		more = take(trace, (*n)++, segment, diag);
	while (more > 0 && segment->size == 0U);
	if (more > 0)
		configure(trace, segment, config);
	return more;
}

struct ptv_reader_error ptv_reader_error_at(int status, size_t offset, uint64_t ip)
{
	const enum pt_error_code code = pt_errcode(status);
	struct ptv_reader_error error = {pt_errstr(code), (int)code, offset, ip};

	return error;
}
