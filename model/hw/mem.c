/* SPDX-License-Identifier: MIT */
/*
 * What it is. The memory that holds ToPA tables.
 *
 * State. struct ptv_mem: (address, value) words of 64 bits; a word that is not listed reads 0.
 *
 * Rules. Writing 0 frees a word. Table address 0 does not exist: a zero address marks a free word.
 *
 * Order within a cycle. Software writes between clocks; the answer to a read is taken when it is
 * due (lp.c).
 *
 * Not modelled. Trace bytes: they are told by address (design of the state), not kept.
 *
 * Sources. SDM Vol. 3, 36.2.6.2.
 */
#include "ptv/hw.h"

static size_t find(const struct ptv_mem *mem, uint64_t address)
{
	size_t i;

	for (i = 0; i < PTV_MEM_WORDS; i++) {
		if (mem->address[i] == address)
			return i;
	}
	return PTV_MEM_WORDS;
}

uint64_t ptv_mem_read(const struct ptv_mem *mem, uint64_t address)
{
	const size_t i = address ? find(mem, address) : PTV_MEM_WORDS;

	return i < PTV_MEM_WORDS ? mem->value[i] : 0U;
}

bool ptv_mem_write(struct ptv_mem *mem, uint64_t address, uint64_t value)
{
	size_t i = find(mem, address);

	PTV_ASSERT(address != 0U);
	if (i == PTV_MEM_WORDS && value != 0U) {
		i = find(mem, 0);
		if (i == PTV_MEM_WORDS)
			return false;
		mem->address[i] = address;
	}
	if (i == PTV_MEM_WORDS)
		return true;
	mem->value[i] = value;
	if (value == 0U)
		mem->address[i] = 0;
	return true;
}
