/* SPDX-License-Identifier: MIT */
/*
 * Goal: the bytes of spec/code.def are the code that its other columns claim.
 * Method: libipt, which knows nothing of the table, walks through each block instruction by
 * instruction on a trace typed for it, and goes on where the branch leads.
 */
#include <intel-pt.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/work.h"
#include "tests/reader/bytes.h"

#define AWAY UINT64_C(0x401000) /* where branches lead that a TIP decides: U_TOP */

/* A block as libipt sees it. */
struct seen {
	unsigned int insns;
	uint64_t branch_ip;
	uint64_t after; /* end of the branch: the next instruction in memory */
	uint64_t next;	/* the next instruction executed */
	enum pt_insn_class iclass;
	int status;
};

/* A byte of the image that is not what the table says; at 0: none. */
struct poke {
	uint64_t at;
	uint8_t value;
};

static int read_code(uint8_t *buffer, size_t size, const struct pt_asid *asid, uint64_t ip,
		     void *ctx)
{
	const struct poke *poke = ctx;
	const size_t done = ptv_code_read(ip, buffer, size);

	(void)asid;
	if (poke->at - ip < done)
		buffer[poke->at - ip] = poke->value;
	return done ? (int)done : -pte_nomap;
}

static void walk_block(const struct ptv_code_row *row, struct pt_insn_decoder *decoder,
		       struct seen *seen)
{
	int status = pt_insn_sync_forward(decoder);

	while (status >= 0) {
		struct pt_insn insn;

		while ((status & pts_event_pending) != 0) {
			struct pt_event event;

			status = pt_insn_event(decoder, &event, sizeof(event));
			if (status < 0)
				break;
		}
		if (status < 0)
			break;
		memset(&insn, 0, sizeof(insn));
		status = pt_insn_next(decoder, &insn, sizeof(insn));
		if (seen->branch_ip != 0U) {
			seen->next = insn.ip;
			break;
		}
		seen->insns++;
		if (insn.ip != row->address + row->branch)
			continue;
		seen->branch_ip = insn.ip;
		seen->after = insn.ip + insn.size;
		seen->iclass = insn.iclass;
	}
	seen->status = status;
}

/* Walks through a block on a trace: at its start, with these packets behind it. */
static struct seen walk_on(const struct ptv_code_row *row, const struct ptv_bytes *bytes,
			   struct poke poke)
{
	struct pt_image *image = pt_image_alloc(NULL);
	struct pt_insn_decoder *decoder;
	struct pt_config config;
	struct seen seen;
	uint8_t copy[sizeof(bytes->data)];

	memset(&seen, 0, sizeof(seen));
	memcpy(copy, bytes->data, bytes->size);
	pt_config_init(&config);
	config.begin = copy;
	config.end = copy + bytes->size;
	decoder = pt_insn_alloc_decoder(&config);
	(void)pt_image_set_callback(image, read_code, &poke);
	(void)pt_insn_set_image(decoder, image);
	walk_block(row, decoder, &seen);
	pt_insn_free_decoder(decoder);
	pt_image_free(image);
	return seen;
}

static unsigned int statements(const char *text)
{
	unsigned int count = 1;

	for (; *text; text++)
		count += *text == ';';
	return count;
}

static enum pt_insn_class class_of(const struct ptv_code_row *row)
{
	switch ((enum ptv_code_kind)row->kind) {
	case PTV_CODE_JCC:
		return ptic_cond_jump;
	case PTV_CODE_JMP:
	case PTV_CODE_JMP_IND:
		return ptic_jump;
	case PTV_CODE_CALL:
	case PTV_CODE_CALL_IND:
		return ptic_call;
	case PTV_CODE_RET:
		return ptic_return;
	case PTV_CODE_SYSCALL:
		return ptic_far_call;
	case PTV_CODE_SYSRET:
	case PTV_CODE_IRET:
		return ptic_far_return;
	case PTV_CODE_KINDS:
		break;
	}
	return ptic_error;
}

static bool direct(const struct ptv_code_row *row)
{
	return row->kind == PTV_CODE_JCC || row->kind == PTV_CODE_JMP || row->kind == PTV_CODE_CALL;
}

/* The trace that leads through a block: a JCC is taken or not, a TIP leads AWAY. */
static void trace_of(const struct ptv_code_row *row, bool taken, struct ptv_bytes *bytes)
{
	memset(bytes, 0, sizeof(*bytes));
	ptv_bytes_psb(bytes, row->address);
	/* A failed VMLAUNCH goes on behind itself, as the block wants it. */
	if (strcmp(row->name, "VMLAUNCH") == 0)
		ptv_bytes_ip(bytes, PTV_BYTES_TIP, row->address + row->branch);
	if (row->kind == PTV_CODE_JCC)
		ptv_bytes_tnt(bytes, taken);
	else if (!direct(row))
		ptv_bytes_ip(bytes, PTV_BYTES_TIP, AWAY);
}

static const struct poke unchanged;

static void check_block(const struct ptv_code_row *row, const struct ptv_code_row *rows)
{
	struct ptv_bytes bytes;
	struct seen seen;

	trace_of(row, true, &bytes);
	seen = walk_on(row, &bytes, unchanged);
	PTV_EXPECT_EQ(seen.insns, statements(row->text));
	PTV_EXPECT_EQ(seen.branch_ip, row->address + row->branch);
	PTV_EXPECT_EQ(seen.after, row->address + row->size);
	PTV_EXPECT_EQ(seen.iclass, class_of(row));
	PTV_EXPECT_EQ(seen.next, direct(row) ? rows[row->target[0]].address : AWAY);
	if (row->kind != PTV_CODE_JCC)
		return;
	trace_of(row, false, &bytes);
	seen = walk_on(row, &bytes, unchanged);
	PTV_EXPECT_EQ(seen.next, rows[row->fall].address);
}

PTV_TEST(code, bytes_of_each_block_are_the_instructions_and_the_branch_that_its_row_says)
{
	size_t count, i;
	const struct ptv_code_row *rows = ptv_code_rows(&count);

	PTV_ASSERT_EQ(count, PTV_BLOCKS);
	for (i = 0; i < count; i++)
		check_block(&rows[i], rows);
}

PTV_TEST(code, a_wrong_byte_leads_libipt_elsewhere)
{
	/* Canary of the test above: the walk follows the bytes and not the table. */
	size_t count;
	const struct ptv_code_row *rows = ptv_code_rows(&count);
	const struct ptv_code_row *row = &rows[PTV_BLOCK_U_TOP];
	const uint8_t displacement = row->bytes[row->size - 1U];
	const struct poke near = {row->address + row->size - 1U, (uint8_t)(displacement + 1U)};
	const struct poke no_branch = {row->address + row->branch, 0x90};
	struct ptv_bytes bytes;

	trace_of(row, true, &bytes);
	PTV_EXPECT_EQ(walk_on(row, &bytes, near).next, rows[PTV_BLOCK_U_B].address + 1U);
	PTV_EXPECT_NE(walk_on(row, &bytes, no_branch).iclass, ptic_cond_jump);
}

PTV_TEST(code, every_successor_is_a_block_and_falling_through_leads_to_the_next_byte)
{
	size_t count, i, t;
	const struct ptv_code_row *rows = ptv_code_rows(&count);

	for (i = 0; i < count; i++) {
		const struct ptv_code_row *row = &rows[i];
		const bool falls = row->kind == PTV_CODE_JCC || row->kind == PTV_CODE_CALL ||
				   row->kind == PTV_CODE_CALL_IND || row->kind == PTV_CODE_SYSCALL;
		const bool leads = row->part != PTV_PART_UTIL && row->kind != PTV_CODE_RET &&
				   row->kind != PTV_CODE_SYSRET;

		PTV_EXPECT_EQ(row->fall != PTV_BLOCK_NONE, falls);
		if (falls)
			PTV_EXPECT_EQ(rows[row->fall].address, row->address + row->size);
		PTV_EXPECT_EQ(row->targets > 0U, leads);
		for (t = 0; t < PTV_ARRAY_SIZE(row->target); t++) {
			const bool given = t < row->targets;

			PTV_EXPECT_EQ(row->target[t] < count, given);
			if (given && row->kind != PTV_CODE_SYSCALL)
				PTV_EXPECT_EQ(rows[row->target[t]].part, row->part);
		}
	}
}

PTV_TEST(code, each_kernel_place_is_in_its_block_and_its_instruction_is_what_it_is_there_for)
{
	static const struct {
		enum ptv_kcode place;
		enum ptv_block block;
		const char *insn;
		size_t size;
	} cases[] = {
		{PTV_KCODE_IRQ_ENTRY, PTV_BLOCK_IRQ_ENTRY, "\xfc", 1},
		{PTV_KCODE_NMI_ENTRY, PTV_BLOCK_NMI_ENTRY, "\xfc", 1},
		{PTV_KCODE_WRMSR, PTV_BLOCK_WRMSR, "\x0f\x30", 2},
		{PTV_KCODE_VMXON, PTV_BLOCK_VMXON, "\xf3\x0f\xc7\x37", 4},
		{PTV_KCODE_VMXOFF, PTV_BLOCK_VMXOFF, "\x0f\x01\xc4", 3},
		{PTV_KCODE_VMPTRLD, PTV_BLOCK_VMPTRLD, "\x0f\xc7\x37", 3},
		{PTV_KCODE_VMCLEAR, PTV_BLOCK_VMCLEAR, "\x66\x0f\xc7\x37", 4},
		{PTV_KCODE_VMLAUNCH, PTV_BLOCK_VMLAUNCH, "\x0f\x01\xc2", 3},
		{PTV_KCODE_VMEXIT, PTV_BLOCK_VMEXIT, "\x90", 1},
		{PTV_KCODE_IRET, PTV_BLOCK_IRET, "\x48\xcf", 2},
	};
	size_t count, i;
	const struct ptv_code_row *rows = ptv_code_rows(&count);

	PTV_ASSERT_EQ(PTV_ARRAY_SIZE(cases), PTV_KCODES);
	for (i = 0; i < PTV_ARRAY_SIZE(cases); i++) {
		const struct ptv_kcode_place *place = ptv_kcode(cases[i].place);
		const struct ptv_code_row *row = &rows[cases[i].block];
		uint8_t bytes[15];

		PTV_EXPECT_EQ(place->start, row->address);
		PTV_EXPECT_EQ(place->insn, row->address + row->special);
		PTV_EXPECT_EQ(place->next, place->insn + cases[i].size);
		PTV_EXPECT_EQ(place->jump, row->address + row->branch);
		PTV_ASSERT_GE(ptv_code_read(place->insn, bytes, sizeof(bytes)), cases[i].size);
		PTV_EXPECT_MEMEQ(bytes, cases[i].insn, cases[i].size);
	}
}

PTV_TEST(code, the_image_is_the_blocks_and_nothing_between_its_ranges)
{
	size_t count, i;
	const struct ptv_code_row *rows = ptv_code_rows(&count);
	uint64_t start, size, mapped = 0, listed = 0;
	uint8_t one[2], image[1024];

	for (i = 0; ptv_code_range(i, &start, &size); i++) {
		PTV_ASSERT_LE(size, sizeof(image));
		PTV_EXPECT_EQ(ptv_code_read(start, image, sizeof(image)), size);
		PTV_EXPECT_EQ(ptv_code_read(start - 1U, one, 1), 0);
		PTV_EXPECT_EQ(ptv_code_read(start + size, one, 1), 0);
		PTV_EXPECT_EQ(ptv_code_read(start + size - 1U, one, 2), 1);
		mapped += size;
	}
	PTV_EXPECT_GT(i, 4);
	for (i = 0; i < count; i++) {
		PTV_EXPECT_EQ(ptv_code_read(rows[i].address, image, rows[i].size), rows[i].size);
		PTV_EXPECT_MEMEQ(image, rows[i].bytes, rows[i].size);
		listed += rows[i].size;
	}
	PTV_EXPECT_EQ(mapped, listed);
}
