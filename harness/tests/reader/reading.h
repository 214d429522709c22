/* SPDX-License-Identifier: MIT */
/*
 * A rig and what libipt says of its bytes, for tests: the branches that it finds, beside those that
 * retired while PacketEn was 1.
 */
#ifndef PTV_TESTS_READER_READING_H
#define PTV_TESTS_READER_READING_H

#include "gtest/ptv_test.h"
#include "tests/reader/rig.h"

#define READING_CTL                                                                         \
	(PTV_CTL_TRACE_EN | PTV_CTL_OS | PTV_CTL_USER | PTV_CTL_TSC_EN | PTV_CTL_DIS_RETC | \
	 PTV_CTL_BRANCH_EN)

struct reading {
	struct rig rig;
	uint64_t branch[RIG_BRANCHES]; /* IPs of branches that libipt found */
	size_t branches;
	struct ptv_reader_blocks blocks;
	struct ptv_reader_packets packets;
	uint64_t psb[256]; /* offsets */
	size_t psbs;
	size_t tnt; /* offset of one in the middle */
	struct ptv_reader_step event[64];
	size_t events;
};

/* Has libipt read the stored bytes from an offset on. */
void reading_from(struct reading *r, size_t from);
/* So, and every byte is good, and the way that they tell as well. */
void reading_good(struct reading *r, size_t from);
/* The branches that libipt found are the last ones that retired traced: all of them, or `from` on.
 */
void reading_tail(const struct reading *r, size_t from);
/* They retired traced, in this order, with holes. */
void reading_holes(const struct reading *r);

#endif /* PTV_TESTS_READER_READING_H */
