/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Memory as the driver sees it. Physical addresses below 4 GiB have a virtual one, at a fixed
 * distance, in a range that is reserved and not accessible, so that a stray pointer is a fault;
 * pages of ToPA tables are made accessible as they are allocated. AUX pages never are: hardware
 * writes them, and what the driver clears in them goes to the machine.
 *
 * kzalloc() comes from a heap that boot empties.
 */
#include "shim.h"

#undef memset

/* As in mmap(2) and mprotect(2) of the host, whose headers are not seen here. */
void *mmap(void *address, size_t size, int protection, int flags, int fd, long offset);
int mprotect(void *address, size_t size, int protection);

#define HOST_PROT_NONE	  0
#define HOST_PROT_RW	  3
#define HOST_MAP_FLAGS	  (0x02 | 0x20 | 0x4000) /* private, anonymous, no reserve */
#define PHYS_PAGES	  (PTV_LINUX_RAM_SIZE >> PAGE_SHIFT)
#define HEAP_UNIT	  64U
#define HEAP_UNITS	  1024U
#define PAGE_PRIVATE_FLAG 1UL

char *ptv_linux_ram;
static struct page *mem_map;
static uint8_t heap[HEAP_UNITS * HEAP_UNIT] __attribute__((__aligned__(64)));
static uint16_t heap_run[HEAP_UNITS]; /* length of the allocation that begins here; 0: free */
static uint8_t heap_used[HEAP_UNITS];

bool ptv_linux_memory_init(void)
{
	if (ptv_linux_ram)
		return true;
	ptv_linux_ram = mmap(NULL, PTV_LINUX_RAM_SIZE, HOST_PROT_NONE, HOST_MAP_FLAGS, -1, 0);
	mem_map = mmap(NULL, PHYS_PAGES * sizeof(*mem_map), HOST_PROT_RW, HOST_MAP_FLAGS, -1, 0);
	if (ptv_linux_ram != (void *)-1L && mem_map != (void *)-1L)
		return true;
	ptv_linux_ram = NULL;
	return false;
}

void ptv_linux_memory_reset(void)
{
	__builtin_memset(heap_used, 0, sizeof(heap_used));
}

bool ptv_linux_in_heap(const void *p)
{
	return (const uint8_t *)p >= heap && (const uint8_t *)p < heap + sizeof(heap);
}

void *ptv_linux_zalloc(size_t size)
{
	const unsigned int units = (unsigned int)((size + HEAP_UNIT - 1U) / HEAP_UNIT);
	unsigned int i, run = 0;

	for (i = 0; i < HEAP_UNITS; i++) {
		run = heap_used[i] ? 0U : run + 1U;
		if (run == units) {
			const unsigned int first = i + 1U - units;

			heap_run[first] = (uint16_t)units;
			__builtin_memset(heap_used + first, 1, units);
			__builtin_memset(heap + first * HEAP_UNIT, 0, units * HEAP_UNIT);
			return heap + first * HEAP_UNIT;
		}
	}
	return NULL;
}

void ptv_linux_free(const void *p)
{
	const size_t first = (size_t)((const uint8_t *)p - heap) / HEAP_UNIT;

	if (ptv_linux_in_heap(p))
		__builtin_memset(heap_used + first, 0, heap_run[first]);
}

/* --- physical memory --- */

phys_addr_t ptv_linux_virt_to_phys(const void *p)
{
	return ptv_linux_pa(p);
}

bool ptv_linux_in_ram(const void *p)
{
	return ptv_linux_pa(p) < PTV_LINUX_RAM_SIZE;
}

void *ptv_linux_phys_to_virt(phys_addr_t address)
{
	return ptv_linux_va(address);
}

struct page *ptv_linux_page(phys_addr_t address)
{
	if (address >= PTV_LINUX_RAM_SIZE)
		ptv_linux_crash(PTV_LINUX_CRASH_FAULT);
	return &mem_map[address >> PAGE_SHIFT];
}

phys_addr_t ptv_linux_page_to_phys(const struct page *page)
{
	return (phys_addr_t)(page - mem_map) << PAGE_SHIFT;
}

/* The next table page of the slot that is being built. */
static uint64_t next_table(struct ptv_linux_slot *slot)
{
	struct ptv_cpu *cpu = ptv_linux_cpu();

	if (ptv_linux.again)
		return ptv_linux.taken < slot->tables ? slot->table[ptv_linux.taken++] : 0U;
	if (slot->tables == PTV_LINUX_TABLES)
		return 0;
	slot->table[slot->tables] = cpu->kernel->table_alloc(cpu);
	if (slot->table[slot->tables] == 0U)
		return 0;
	return slot->table[slot->tables++];
}

struct page *ptv_linux_alloc_pages(unsigned int order)
{
	struct ptv_linux_slot *slot = ptv_linux.building;
	uint64_t address;

	if (!slot || order != 0U)
		return NULL;
	address = next_table(slot);
	if (address == 0U || address >= PTV_LINUX_RAM_SIZE ||
	    mprotect(ptv_linux_va(address), PAGE_SIZE, HOST_PROT_RW))
		return NULL;
	__builtin_memset(ptv_linux_va(address), 0, PAGE_SIZE);
	return ptv_linux_page(address);
}

/* A table's page, by an address anywhere in it. */
void ptv_linux_free_page(unsigned long address)
{
	const uint64_t page = ptv_linux_virt_to_phys((void *)(address & PAGE_MASK));
	struct ptv_cpu *cpu = ptv_linux_cpu();

	if (!ptv_linux.again)
		cpu->kernel->table_free(cpu, page);
}

/* Clears AUX bytes (the machine's) or something of the driver's own. */
void *ptv_linux_memset(void *to, int byte, size_t size)
{
	const uint64_t address = ptv_linux_virt_to_phys(to);
	struct ptv_cpu *cpu = ptv_linux_cpu();
	unsigned int e, n;

	if ((char *)to < ptv_linux_ram || address >= PTV_LINUX_RAM_SIZE)
		return __builtin_memset(to, byte, size);
	ptv_linux_after();
	for (e = 0; e < PTV_MAX_EVENTS; e++) {
		const struct ptv_linux_slot *slot = &ptv_linux.slot[e];

		for (n = 0; slot->geometry && n < slot->regions; n++) {
			const struct ptv_aux_region *region = &slot->region[n];

			if (address - region->address >= region->size)
				continue;
			if (size != 0U)
				cpu->port->mem_fill(
					cpu, e, region->ring_offset + (address - region->address),
					size, PTV_SW_PAD);
			return to;
		}
	}
	/* An address that nobody owns: a write there is a fault. */
	if (size != 0U)
		ptv_linux_crash(PTV_LINUX_CRASH_FAULT);
	return to;
}
