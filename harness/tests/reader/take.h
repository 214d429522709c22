/* SPDX-License-Identifier: MIT */
/*
 * What one run of a scenario file left behind, for tests of readers: the bytes of each LP, as its
 * packetizer made them and as its output unit stored them, and the branches that retired traced.
 *
 * The end of a run is taken from the copy that is closed (everything disabled and drained); what
 * other copies do is not looked at.
 */
#ifndef PTV_TESTS_READER_TAKE_H
#define PTV_TESTS_READER_TAKE_H

#include "play/play.h"
#include "ptv/work.h"
#include "show/reader/reader.h"

struct take_bytes {
	uint8_t *at;
	size_t size, room;
};

struct take_ips {
	uint64_t *at;
	size_t size, room;
};

/* A stretch without loss. */
struct take_segments {
	struct ptv_reader_segment *at; /* of the stored bytes */
	size_t size, room;
};

struct take_lp {
	struct take_bytes made; /* packets that entered the buffer: their bytes */
	struct take_bytes stored;
	struct take_segments segments;
	size_t segment_made; /* where the last segment begins in `made` */
	bool lost;	     /* buffered bytes were, since the last store */
	uint64_t overflows;  /* times that a packet did not fit */
	uint64_t losses;     /* times that buffered bytes were lost: STOP, error, VMXON */
	uint64_t differ;     /* stored bytes that are not the ones made */
	uint64_t triggered;  /* times that TriggerEn rose */
	/* Branches of the workload and its guest that retired while PacketEn was 1: the workload's
	 * walk does not depend on time, so that it can be walked again. */
	struct take_ips traced;
	struct ptv_work work;
	struct ptv_work_cfg work_cfg;
};

struct take {
	struct ptv_play play;
	struct ptv_onlooker onlooker;
	struct ptv_run run;
	struct take_lp lp[PTV_MAX_LPS];
};

/* Plays one assignment of a file. Free with take_free(), also if it is taken again. */
void take(struct take *take, const struct ptv_scenario *scenario, const struct ptv_policy *policy,
	  uint64_t assignment);
void take_free(struct take *take);

/* The stored bytes of an LP, segment by segment. */
struct ptv_reader_trace take_trace(const struct take_lp *lp);

/* The part of the workload's code in which a branch lies; PTV_PARTS: none. */
enum ptv_code_part take_part_at(uint64_t ip);

#endif /* PTV_TESTS_READER_TAKE_H */
