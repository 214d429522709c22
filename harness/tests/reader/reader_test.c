/* SPDX-License-Identifier: MIT */
/*
 * Goal: the reader says of bytes what libipt says of them: good ones give the way through the code,
 * bad ones an error at its place, and nothing is passed over in silence.
 * Method: traces typed by hand.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/work.h"
#include "show/reader/reader.h"
#include "tests/reader/bytes.h"

#define STEPS 64U

/* Everything that the block decoder told. */
struct story {
	struct ptv_reader_step step[STEPS];
	size_t count;
};

static void listen(void *ctx, const struct ptv_reader_step *step)
{
	struct story *story = ctx;

	PTV_ASSERT(story->count < STEPS);
	story->step[story->count++] = *step;
}

/* The n-th step of a kind, or NULL. */
static const struct ptv_reader_step *nth(const struct story *story, enum ptv_reader_step_kind kind,
					 size_t n)
{
	size_t i;

	for (i = 0; i < story->count; i++) {
		if (story->step[i].kind == kind && n-- == 0U)
			return &story->step[i];
	}
	return NULL;
}

static struct ptv_reader_trace trace_of(const struct ptv_bytes *bytes)
{
	const struct ptv_reader_trace trace = {bytes->data, bytes->size, NULL, 0, false};

	return trace;
}

static struct ptv_reader_blocks blocks_of(const struct ptv_bytes *bytes, struct story *story)
{
	const struct ptv_reader_trace trace = trace_of(bytes);
	struct ptv_reader_blocks result;
	struct ptv_diag diag = {""};

	story->count = 0;
	PTV_ASSERT_EQ(ptv_reader_blocks(&trace, &result, listen, story, &diag), 0);
	return result;
}

static struct ptv_reader_packets packets_of(const struct ptv_bytes *bytes)
{
	const struct ptv_reader_trace trace = trace_of(bytes);
	struct ptv_reader_packets result;
	struct ptv_diag diag = {""};

	PTV_ASSERT_EQ(ptv_reader_packets(&trace, &result, NULL, NULL, &diag), 0);
	return result;
}

static uint64_t address(enum ptv_block block)
{
	size_t count;

	return ptv_code_rows(&count)[block].address;
}

/* U_TOP: je taken to U_B, jmp to U_STEER, ja taken to U_CALLI, call to U_LEAF. */
static void put_walk(struct ptv_bytes *bytes)
{
	memset(bytes, 0, sizeof(*bytes));
	ptv_bytes_psb(bytes, address(PTV_BLOCK_U_TOP));
	ptv_bytes_tnt(bytes, 1);
	ptv_bytes_tnt(bytes, 1);
	ptv_bytes_ip(bytes, PTV_BYTES_TIP, address(PTV_BLOCK_U_LEAF));
}

PTV_TEST(reader, counts_each_good_packet_by_kind)
{
	/* PAD CBR TSC PIP VMCS OVF TraceStop, then TMA: good, but not one of the model's. */
	static const uint8_t more[] = {0x00, 0x02, 0x03, 0x29, 0x00, 0x19, 0x88, 0x77, 0x66, 0x55,
				       0x44, 0x33, 0x22, 0x02, 0x43, 0x01, 0x06, 0x26, 0x1a, 0x00,
				       0x00, 0x02, 0xc8, 0xbc, 0xb4, 0x3d, 0x00, 0x00, 0x02, 0xf3,
				       0x02, 0x83, 0x02, 0x73, 0xcd, 0xab, 0x00, 0xef, 0x01};
	struct ptv_reader_packets result;
	struct ptv_bytes bytes;
	unsigned int kind;

	put_walk(&bytes);
	ptv_bytes_ip(&bytes, PTV_BYTES_PGE, 0);
	ptv_bytes_ip(&bytes, PTV_BYTES_PGD, 0);
	ptv_bytes_put(&bytes, more, sizeof(more));
	result = packets_of(&bytes);
	for (kind = 0; kind < PTV_READER_PACKETS; kind++)
		PTV_EXPECT_EQ(result.count[kind], kind == PTV_READER_TNT ? 2 : 1);
	PTV_EXPECT_EQ(result.errors, 0);
	PTV_EXPECT_EQ(result.skipped, 0);
	PTV_EXPECT_EQ(result.cut, 0);
	PTV_EXPECT_EQ(result.differ, 0);
}

PTV_TEST(reader, tells_a_good_packet_that_libipt_would_write_with_other_bytes)
{
	/* CBR whose reserved last byte is not 0: every decoder reads it. */
	static const uint8_t cbr[] = {0x02, 0x03, 0x29, 0x01};
	struct ptv_reader_packets result;
	struct ptv_bytes bytes;
	size_t at;

	put_walk(&bytes);
	at = bytes.size;
	ptv_bytes_put(&bytes, cbr, sizeof(cbr));
	ptv_bytes_put(&bytes, cbr, sizeof(cbr));
	result = packets_of(&bytes);
	PTV_EXPECT_EQ(result.errors, 0);
	PTV_EXPECT_EQ(result.count[PTV_READER_CBR], 2);
	PTV_EXPECT_EQ(result.differ, 2);
	PTV_EXPECT_EQ(result.first_differ, at);
}

PTV_TEST(reader, tells_a_bad_packet_at_its_offset_and_goes_on_at_the_next_psb)
{
	static const uint8_t bad[] = {0x02, 0xff, 0x00, 0x00};
	struct ptv_reader_packets result;
	struct ptv_bytes bytes;
	size_t at;

	put_walk(&bytes);
	at = bytes.size;
	ptv_bytes_put(&bytes, bad, sizeof(bad));
	ptv_bytes_psb(&bytes, address(PTV_BLOCK_U_TOP));
	result = packets_of(&bytes);
	PTV_EXPECT_EQ(result.errors, 1);
	PTV_EXPECT_EQ(result.first.offset, at);
	PTV_EXPECT(result.first.text != NULL);
	PTV_EXPECT_EQ(result.skipped, sizeof(bad));
	PTV_EXPECT_EQ(result.count[PTV_READER_PSB], 2);
}

PTV_TEST(reader, counts_the_bytes_of_a_packet_that_the_end_cuts_off)
{
	struct ptv_reader_packets result;
	struct ptv_bytes bytes;

	put_walk(&bytes);
	bytes.size -= 3U;
	result = packets_of(&bytes);
	PTV_EXPECT_EQ(result.cut, 4);
	PTV_EXPECT_EQ(result.errors, 0);
	PTV_EXPECT_EQ(result.count[PTV_READER_TIP], 0);
}

PTV_TEST(reader, skips_to_the_first_psb_of_a_segment_that_begins_within_a_packet)
{
	static const uint8_t rest[] = {0xff, 0xff, 0x02};
	const struct ptv_reader_segment segment = {0, 30, true};
	struct ptv_reader_trace trace;
	struct ptv_reader_packets packets;
	struct ptv_reader_blocks blocks;
	struct ptv_bytes bytes = {{0}, 0};
	struct ptv_diag diag = {""};

	ptv_bytes_put(&bytes, rest, sizeof(rest));
	ptv_bytes_psb(&bytes, address(PTV_BLOCK_U_TOP));
	trace = trace_of(&bytes);
	PTV_ASSERT_EQ(bytes.size, segment.size);
	trace.segments = &segment;
	trace.segment_count = 1;
	PTV_ASSERT_EQ(ptv_reader_packets(&trace, &packets, NULL, NULL, &diag), 0);
	PTV_EXPECT_EQ(packets.skipped, sizeof(rest));
	PTV_EXPECT_EQ(packets.count[PTV_READER_PSB], 1);
	PTV_EXPECT_EQ(packets.errors, 0);
	PTV_ASSERT_EQ(ptv_reader_blocks(&trace, &blocks, NULL, NULL, &diag), 0);
	PTV_EXPECT_EQ(blocks.skipped, sizeof(rest));
	PTV_EXPECT_EQ(blocks.syncs, 1);
}

PTV_TEST(reader, follows_branches_from_block_to_block)
{
	static const enum ptv_block way[] = {PTV_BLOCK_U_TOP, PTV_BLOCK_U_B, PTV_BLOCK_U_STEER,
					     PTV_BLOCK_U_CALLI, PTV_BLOCK_U_LEAF};
	static const enum ptv_reader_branch branch[] = {PTV_READER_BR_JCC, PTV_READER_BR_JMP,
							PTV_READER_BR_JCC, PTV_READER_BR_CALL};
	size_t count, i;
	const struct ptv_code_row *rows = ptv_code_rows(&count);
	struct ptv_reader_blocks result;
	struct ptv_bytes bytes;
	struct story story;

	put_walk(&bytes);
	result = blocks_of(&bytes, &story);
	PTV_EXPECT_EQ(result.errors, 0);
	PTV_EXPECT_EQ(result.syncs, 1);
	PTV_EXPECT_EQ(result.skipped, 0);
	for (i = 0; i < PTV_ARRAY_SIZE(branch); i++) {
		const struct ptv_reader_step *step = nth(&story, PTV_READER_BLOCK, i);

		PTV_ASSERT(step != NULL);
		PTV_EXPECT_EQ(step->ip, rows[way[i]].address);
		PTV_EXPECT_EQ(step->end_ip, rows[way[i]].address + rows[way[i]].branch);
		PTV_EXPECT_EQ(step->branch, branch[i]);
	}
	PTV_EXPECT_EQ(result.branches[PTV_READER_BR_JCC], 2);
	PTV_EXPECT_EQ(result.branches[PTV_READER_BR_CALL], 1);
}

PTV_TEST(reader, sees_vmxon_switch_tracing_off_behind_itself)
{
	const struct ptv_kcode_place *vmxon = ptv_kcode(PTV_KCODE_VMXON);
	const struct ptv_kcode_place *wrmsr = ptv_kcode(PTV_KCODE_WRMSR);
	const struct ptv_reader_step *step;
	struct ptv_reader_blocks result;
	struct ptv_bytes bytes = {{0}, 0};
	struct story story;

	ptv_bytes_psb(&bytes, vmxon->start);
	ptv_bytes_ip(&bytes, PTV_BYTES_FUP, vmxon->next);
	ptv_bytes_pgd(&bytes);
	ptv_bytes_ip(&bytes, PTV_BYTES_PGE, wrmsr->next);
	ptv_bytes_ip(&bytes, PTV_BYTES_TIP, ptv_kcode(PTV_KCODE_IRET)->start);
	result = blocks_of(&bytes, &story);
	PTV_EXPECT_EQ(result.errors, 0);
	PTV_EXPECT_EQ(result.events[PTV_READER_EV_ASYNC_DISABLED], 1);
	PTV_EXPECT_EQ(result.events[PTV_READER_EV_ENABLED], 1);
	step = nth(&story, PTV_READER_BLOCK, 0);
	PTV_EXPECT_EQ(step->end_ip, vmxon->insn);
	step = nth(&story, PTV_READER_BLOCK, 1);
	PTV_EXPECT_EQ(step->ip, wrmsr->next);
	PTV_EXPECT_EQ(step->end_ip, wrmsr->jump);
}

PTV_TEST(reader, tells_that_a_branch_has_no_packet_and_goes_on_at_the_next_psb)
{
	struct ptv_reader_blocks result;
	struct ptv_bytes bytes;
	struct story story;
	size_t second;

	/* U_CALLI needs a TIP; a TNT comes. */
	put_walk(&bytes);
	bytes.size -= 7U;
	ptv_bytes_tnt(&bytes, 1);
	ptv_bytes_tnt(&bytes, 0);
	second = bytes.size;
	ptv_bytes_psb(&bytes, address(PTV_BLOCK_U_TOP));
	ptv_bytes_tnt(&bytes, 1);
	result = blocks_of(&bytes, &story);
	PTV_EXPECT_EQ(result.errors, 1);
	PTV_EXPECT_EQ(result.first.ip, address(PTV_BLOCK_U_CALLI) + 4U);
	PTV_EXPECT_LT(result.first.offset, second);
	PTV_EXPECT_GT(result.skipped, 0);
	PTV_EXPECT_EQ(result.syncs, 2);
	PTV_EXPECT_EQ(nth(&story, PTV_READER_SYNC, 1)->offset, second);
}

PTV_TEST(reader, tells_that_an_ip_lies_outside_the_code)
{
	struct ptv_reader_blocks result;
	struct ptv_bytes bytes;
	struct story story;

	put_walk(&bytes);
	bytes.size -= 7U;
	ptv_bytes_ip(&bytes, PTV_BYTES_TIP, UINT64_C(0x500000));
	ptv_bytes_tnt(&bytes, 1);
	result = blocks_of(&bytes, &story);
	PTV_EXPECT_EQ(result.errors, 1);
	PTV_EXPECT_STREQ(result.first.text, "no memory mapped at this address");
}

PTV_TEST(reader, says_that_nothing_was_decoded_where_there_is_no_psb)
{
	struct ptv_reader_blocks result;
	struct ptv_bytes bytes = {{0}, 0};
	struct story story;

	ptv_bytes_ip(&bytes, PTV_BYTES_PGE, address(PTV_BLOCK_U_TOP));
	ptv_bytes_tnt(&bytes, 1);
	result = blocks_of(&bytes, &story);
	PTV_EXPECT_EQ(result.syncs, 0);
	PTV_EXPECT_EQ(result.blocks, 0);
	PTV_EXPECT_EQ(result.skipped, bytes.size);
}

PTV_TEST(reader, refuses_a_segment_outside_the_trace)
{
	const struct ptv_reader_segment segment = {4, 1000, false};
	struct ptv_reader_packets packets;
	struct ptv_reader_trace trace;
	struct ptv_bytes bytes;
	struct ptv_diag diag = {""};

	put_walk(&bytes);
	trace = trace_of(&bytes);
	trace.segments = &segment;
	trace.segment_count = 1;
	PTV_EXPECT_EQ(ptv_reader_packets(&trace, &packets, NULL, NULL, &diag), -1);
	PTV_EXPECT(strstr(diag.text, "segment 0") != NULL);
}
