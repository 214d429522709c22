/* SPDX-License-Identifier: MIT */
/*
 * Hardware alone (policy none): what each line of the timeline must come to, compared with what it
 * came to.
 */
#ifndef PTV_HARNESS_PLAY_ALONE_H
#define PTV_HARNESS_PLAY_ALONE_H

#include "play/play.h"
#include "play/text.h"

/* One expectation that was not met. */
struct ptv_alone_fault {
	const struct ptv_entry *entry;
	uint64_t assignment;
	uint64_t cycle;	   /* in which the line's step ended */
	const char *field; /* "value" */
	char *want, *got;
};

struct ptv_alone {
	uint64_t compared; /* expectations looked at, over all runs */
	struct ptv_alone_fault *fault;
	size_t faults, room;
};

/* An onlooker of one run that compares. */
struct ptv_alone_watch {
	struct ptv_alone *alone;
	const struct ptv_steps *steps;
	uint64_t assignment;
	uint64_t cycle; /* of the last observation */
	uint64_t where; /* address of the last byte stored in this step; PTV_NEVER: none */
	struct ptv_onlooker onlooker;
	struct ptv_string packets; /* names of those that entered the buffer in this step */
};

void ptv_alone_begin(struct ptv_alone_watch *watch, struct ptv_alone *alone,
		     const struct ptv_steps *steps, uint64_t assignment);
void ptv_alone_end(struct ptv_alone_watch *watch);
void ptv_alone_free(struct ptv_alone *alone);

#endif /* PTV_HARNESS_PLAY_ALONE_H */
