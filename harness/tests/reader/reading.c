/* SPDX-License-Identifier: MIT */
#include "tests/reader/reading.h"

#include <string.h>

static void on_step(void *ctx, const struct ptv_reader_step *step)
{
	struct reading *r = ctx;

	if (step->kind == PTV_READER_BLOCK && step->branch != PTV_READER_BR_NONE) {
		PTV_ASSERT(r->branches < RIG_BRANCHES);
		r->branch[r->branches++] = step->end_ip;
	} else if (step->kind == PTV_READER_EVENT && !step->status &&
		   r->events < PTV_ARRAY_SIZE(r->event)) {
		r->event[r->events++] = *step;
	}
}

static void on_packet(void *ctx, const struct ptv_reader_packet_at *packet)
{
	struct reading *r = ctx;

	if (packet->kind == PTV_READER_PSB && r->psbs < PTV_ARRAY_SIZE(r->psb))
		r->psb[r->psbs++] = packet->offset;
	if (packet->kind == PTV_READER_TNT && packet->offset < r->rig.stored / 2U)
		r->tnt = packet->offset;
}

void reading_from(struct reading *r, size_t from)
{
	const struct ptv_reader_segment segment = {from, r->rig.stored - from, false};
	struct ptv_reader_trace trace = rig_bytes(&r->rig);
	struct ptv_diag diag = {""};

	trace.segments = &segment;
	trace.segment_count = 1;
	r->branches = 0;
	r->psbs = 0;
	r->events = 0;
	PTV_ASSERT_EQ(ptv_reader_packets(&trace, &r->packets, on_packet, r, &diag), 0);
	PTV_ASSERT_EQ(ptv_reader_blocks(&trace, &r->blocks, on_step, r, &diag), 0);
}

void reading_good(struct reading *r, size_t from)
{
	reading_from(r, from);
	PTV_EXPECT_EQ(r->packets.errors, 0);
	PTV_EXPECT_EQ(r->packets.differ, 0);
	PTV_EXPECT_EQ(r->packets.cut, 0);
	PTV_EXPECT_EQ(r->packets.skipped, 0);
	PTV_EXPECT_EQ(r->packets.count[PTV_READER_OTHER], 0);
	PTV_EXPECT_EQ(r->blocks.errors, 0);
	if (r->blocks.errors)
		PTV_FAIL("libipt: %s at offset %zu, IP %llx", r->blocks.first.text,
			 r->blocks.first.offset, (unsigned long long)r->blocks.first.ip);
}

void reading_tail(const struct reading *r, size_t from)
{
	size_t i;

	PTV_ASSERT_EQ(r->branches, r->rig.branches - from);
	for (i = 0; i < r->branches; i++)
		PTV_ASSERT_EQ(r->branch[i], r->rig.branch[from + i]);
}

void reading_holes(const struct reading *r)
{
	size_t i, at = 0;

	for (i = 0; i < r->branches; i++, at++) {
		while (at < r->rig.branches && r->rig.branch[at] != r->branch[i])
			at++;
		PTV_ASSERT_LT(at, r->rig.branches);
	}
}
