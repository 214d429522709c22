/* SPDX-License-Identifier: MIT */
/*
 * The code as data: blocks, kernel places, and the image that a decoder reads.
 *
 * Everything comes from spec/code.def. Blocks that touch form one range of the image; what lies
 * between ranges is not mapped, so a decoder that goes astray is told so.
 */
#include "ptv/work.h"

#include <string.h>

static const struct ptv_code_row rows[PTV_BLOCKS] = {
#define U(block) PTV_BLOCK_##block
#define PTV_BLOCK(NAME, part_, address_, text_, bytes_, branch_, kind_, percent_, fall_, t0, t1, \
		  t2)                                                                            \
	[PTV_BLOCK_##NAME] = {                                                                   \
		.name = #NAME,                                                                   \
		.text = text_,                                                                   \
		.bytes = (const uint8_t *)(bytes_),                                              \
		.address = UINT64_C(address_),                                                   \
		.size = sizeof(bytes_) - 1U,                                                     \
		.branch = branch_,                                                               \
		.special = branch_,                                                              \
		.part = PTV_PART_##part_,                                                        \
		.kind = PTV_CODE_##kind_,                                                        \
		.percent = percent_,                                                             \
		.fall = U(fall_),                                                                \
		.target = {U(t0), U(t1), U(t2)},                                                 \
		.targets = (U(t0) != U(NONE)) + (U(t1) != U(NONE)) + (U(t2) != U(NONE)),         \
	},
#define PTV_KBLOCK(NAME, address_, text_, bytes_, special_, next_, branch_, kind_) \
	[PTV_BLOCK_##NAME] = {                                                     \
		.name = #NAME,                                                     \
		.text = text_,                                                     \
		.bytes = (const uint8_t *)(bytes_),                                \
		.address = UINT64_C(address_),                                     \
		.size = sizeof(bytes_) - 1U,                                       \
		.branch = branch_,                                                 \
		.special = special_,                                               \
		.part = PTV_PART_UTIL,                                             \
		.kind = PTV_CODE_##kind_,                                          \
		.fall = PTV_BLOCK_NONE,                                            \
		.target = {PTV_BLOCK_NONE, PTV_BLOCK_NONE, PTV_BLOCK_NONE},        \
	},
#include "spec/code.def"
#undef PTV_BLOCK
#undef PTV_KBLOCK
#undef U
};

static const struct ptv_kcode_place places[PTV_KCODES] = {
#define PTV_BLOCK(NAME, part, address, text, bytes, branch, kind, percent, fall, t0, t1, t2)
#define PTV_KBLOCK(NAME, address, text, bytes, special, next, branch, kind)     \
	[PTV_KCODE_##NAME] = {UINT64_C(address), UINT64_C(address) + (special), \
			      UINT64_C(address) + (next), UINT64_C(address) + (branch)},
#include "spec/code.def"
#undef PTV_BLOCK
#undef PTV_KBLOCK
};

const struct ptv_code_row *ptv_code_rows(size_t *count)
{
	*count = PTV_BLOCKS;
	return rows;
}

const struct ptv_kcode_place *ptv_kcode(enum ptv_kcode which)
{
	PTV_ASSERT(which < PTV_KCODES);
	PTV_ASSERT(places[which].start != 0U);
	return &places[which];
}

/* The index of the block that holds ip; PTV_BLOCKS if none does. */
static size_t find(uint64_t ip)
{
	size_t i;

	for (i = 0; i < PTV_BLOCKS; i++) {
		if (ip - rows[i].address < rows[i].size)
			return i;
	}
	return PTV_BLOCKS;
}

/* Whether a block begins where the one before it in the table ends. */
static bool touches_previous(size_t i)
{
	return i > 0U && rows[i - 1U].address + rows[i - 1U].size == rows[i].address;
}

size_t ptv_code_read(uint64_t ip, uint8_t *buffer, size_t size)
{
	size_t i = find(ip), done = 0;

	while (i < PTV_BLOCKS && done < size) {
		const size_t offset = (size_t)(ip + done - rows[i].address);
		const size_t left = rows[i].size - offset;
		const size_t take = left < size - done ? left : size - done;

		memcpy(buffer + done, rows[i].bytes + offset, take);
		done += take;
		i++;
		if (i < PTV_BLOCKS && !touches_previous(i))
			break;
	}
	return done;
}

bool ptv_code_range(size_t n, uint64_t *start, uint64_t *size)
{
	size_t i, range = 0;

	for (i = 0; i < PTV_BLOCKS; i++) {
		if (i > 0U && !touches_previous(i))
			range++;
		if (range > n)
			break;
		if (range < n)
			continue;
		if (!touches_previous(i)) {
			*start = rows[i].address;
			*size = 0;
		}
		*size += rows[i].size;
	}
	return range >= n;
}
