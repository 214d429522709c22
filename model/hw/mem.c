/* SPDX-License-Identifier: MIT */
/*
 * What it is. The memory that holds ToPA tables.
 *
 * State. struct ptv_mem: (address, value) words of 64 bits; a word that is not listed reads 0.
 *
 * Rules. Writing 0 frees a word. Table address 0 does not exist: a zero address marks a free word.
 * Words in use come first, so that a search ends at the first free one; the last of them fills the
 * place of one that is freed.
 *
 * Order within a cycle. Software writes between clocks; the answer to a read is taken when it is
 * due (lp.c).
 *
 * Not modelled. Trace bytes: they are told by address (design of the state), not kept.
 *
 * Sources. SDM Vol. 3, 36.2.6.2.
 */
#include "ptv/hw.h"

/* The word with that address, else the first free one; PTV_MEM_WORDS if there is neither. */
static size_t find(const struct ptv_mem *mem, uint64_t address)
{
	size_t i;

	for (i = 0; i < PTV_MEM_WORDS; i++) {
		if (mem->address[i] == address || mem->address[i] == 0U)
			return i;
	}
	return PTV_MEM_WORDS;
}

uint64_t ptv_mem_read(const struct ptv_mem *mem, uint64_t address)
{
	const size_t i = find(mem, address);

	return i < PTV_MEM_WORDS ? mem->value[i] : 0U;
}

static void release(struct ptv_mem *mem, size_t i)
{
	const size_t last = find(mem, 0) - 1U;

	mem->address[i] = mem->address[last];
	mem->value[i] = mem->value[last];
	mem->address[last] = 0;
	mem->value[last] = 0;
}

bool ptv_mem_write(struct ptv_mem *mem, uint64_t address, uint64_t value)
{
	const size_t i = find(mem, address);

	PTV_ASSERT(address != 0U);
	if (i == PTV_MEM_WORDS)
		return value == 0U;
	if (value == 0U && mem->address[i] != 0U) {
		release(mem, i);
	} else if (value != 0U) {
		mem->address[i] = address;
		mem->value[i] = value;
	}
	return true;
}
