/* SPDX-License-Identifier: MIT */
/*
 * Goal: the output unit walks any table as the manual's description does, byte for byte. Method: a
 * second walker, written from SDM Vol. 3, 36.2.6.2 alone and a byte at a time, runs over random
 * tables beside the unit; addresses of bytes, pointers, STATUS and PMIs must agree.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "bench.h"

#define PAGE	 4096U
#define TABLES	 3U
#define ENTRIES	 4U /* of each table; the memory holds few words */
#define RUNS	 1500U
#define TABLE(n) (BENCH_TABLE + (uint64_t)(n)*PAGE)

struct walker {
	const struct ptv_cpu_cfg *cfg;
	const struct ptv_mem *mem;
	uint64_t base, entry, stored;
	uint64_t hash; /* over the addresses of all bytes, in order */
	uint32_t idx, off;
	uint32_t pmis;
	bool error, stopped, pmi_done;
};

static uint64_t mix(uint64_t hash, uint64_t address)
{
	return (hash ^ address) * UINT64_C(0x100000001b3);
}

static uint64_t entry_size(uint64_t entry)
{
	return UINT64_C(4096) << (entry >> 6 & 0xfU);
}

static bool entry_errs(const struct walker *k, uint64_t e)
{
	const bool end = e & 1U, single = !k->cfg->caps.mentry;

	if (e & 0xc2aU || e >> k->cfg->caps.maxphyaddr)
		return true; /* E1 */
	if (end && (e & 0x14U))
		return true; /* E5 */
	if (end && k->idx == 0U)
		return true; /* E6 */
	if (single && k->idx == 1U && (!end || (e & ~UINT64_C(0xfff)) != k->base))
		return true; /* E7 */
	if (end)
		return false;
	if ((e & ~UINT64_C(0xfff)) % entry_size(e))
		return true;		/* E3 */
	return k->off >= entry_size(e); /* E4 */
}

static void walk_fetch(struct walker *k)
{
	for (;;) {
		const uint64_t e = ptv_mem_read(k->mem, k->base + 8U * (uint64_t)k->idx);

		if (entry_errs(k, e)) {
			k->error = true;
			return;
		}
		k->entry = e;
		if (!(e & 1U))
			return;
		k->base = e & ~UINT64_C(0xfff);
		k->idx = k->off = 0;
	}
}

static void walk_start(struct walker *k)
{
	if (k->base & 0xfffU)
		k->error = true; /* E2 */
	else
		walk_fetch(k);
}

static void walk_byte(struct walker *k)
{
	const bool int_set = k->entry & 4U, early = !k->cfg->caps.mentry;

	if (k->error || k->stopped)
		return;
	k->hash = mix(k->hash, (k->entry & ~UINT64_C(0xfff)) + k->off);
	k->stored++;
	k->off++;
	if (int_set && early && !k->pmi_done &&
	    entry_size(k->entry) - k->off <= k->cfg->timing.pmi_margin) {
		k->pmi_done = true;
		k->pmis++;
	}
	if (k->off < entry_size(k->entry))
		return;
	k->pmi_done = false;
	if (int_set && !early)
		k->pmis++;
	if (k->entry & 0x10U) {
		k->stopped = true;
		return;
	}
	k->idx++;
	k->off = 0;
	walk_fetch(k);
}

static uint64_t next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* Mostly right, sometimes wrong in one way. */
static uint64_t random_entry(uint64_t *roll, unsigned int index)
{
	static const uint64_t flaw[] = {0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					2,
					8,
					0x20,
					0x400,
					0x14,
					0x1000,
					UINT64_C(1) << 39,
					UINT64_C(1) << 63};
	const uint64_t wrong = flaw[next(roll) % PTV_ARRAY_SIZE(flaw)];
	const uint64_t size = next(roll) % 3U;

	if (index == ENTRIES - 1U || (next(roll) % 4U == 0U && index) || next(roll) % 40U == 0U)
		return TABLE(next(roll) % TABLES) | PTV_TOPA_END |
		       (next(roll) % 16U) << PTV_TOPA_SIZE_SHIFT | /* ignored */
		       (wrong & ~UINT64_C(0x1000));
	return (BENCH_REGION + (next(roll) % 64U) * 0x4000U) | (next(roll) % 2U) << 38 |
	       size << PTV_TOPA_SIZE_SHIFT | (next(roll) % 4U == 0U ? PTV_TOPA_INT : 0U) |
	       (next(roll) % 8U == 0U ? PTV_TOPA_STOP : 0U) | (wrong & ~UINT64_C(0x14));
}

/* Where things change: the ends of regions, the margin of the early PMI; or anywhere. */
static uint32_t random_offset(uint64_t *roll)
{
	static const uint32_t edge[] = {0, 0xe00, 0xff0, 0x1000, 0x1ff0, 0x2000};
	const uint64_t pick = next(roll) % (2U * PTV_ARRAY_SIZE(edge));

	return pick < PTV_ARRAY_SIZE(edge) ? edge[pick] : (uint32_t)(next(roll) % 0x1400U);
}

static uint32_t random_count(uint64_t *roll, uint32_t off)
{
	static const uint32_t edge[] = {0x1000, 0xe00, 0x1e00};

	if (next(roll) % 4U == 0U)
		return edge[next(roll) % PTV_ARRAY_SIZE(edge)] - off % 0xe00U;
	return (uint32_t)(next(roll) % 20000U);
}

static void random_tables(struct bench *bench, uint64_t *roll)
{
	unsigned int t, i;

	for (t = 0; t < TABLES; t++) {
		for (i = 0; i < ENTRIES; i++)
			PTV_ASSERT(ptv_mem_write(&bench->mem, TABLE(t) + 8U * i,
						 random_entry(roll, i)));
	}
}

/* The bytes of one store, in order. */
static void hash_stores(struct bench *bench, uint64_t *hash)
{
	unsigned int i;

	for (i = 0; i < bench->out.store_len; i++)
		*hash = mix(*hash, bench->out.store_addr + i);
}

static void clock_hashed(struct bench *bench, const struct ptv_pins_in *in, uint64_t *hash)
{
	bench_clock(bench, in);
	hash_stores(bench, hash);
}

static void write_hashed(struct bench *bench, uint64_t ctl, uint64_t *hash)
{
	const uint64_t begin = bench->lp.timer.cycle;
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	in.op = PTV_OP_WRMSR;
	in.msr = PTV_MSR_RTIT_CTL;
	in.data = ctl;
	clock_hashed(bench, &in, hash);
	while (!bench->out.done) {
		PTV_ASSERT(bench->lp.timer.cycle - begin < 100000U);
		clock_hashed(bench, NULL, hash);
	}
	PTV_EXPECT_EQ(bench->out.fault, PTV_FAULT_NONE);
}

/* Gives `count` bytes; none is refused for lack of room. */
static void emit_hashed(struct bench *bench, uint32_t count, uint64_t *hash)
{
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	while (count) {
		const uint32_t part = count < 16U ? count : 16U;
		unsigned int wait = 0;

		while (ptv_lp_buffered(&bench->lp) > 64U && ptv_lp_trigger_en(&bench->lp) &&
		       wait++ < 1000U)
			clock_hashed(bench, NULL, hash);
		in.emit = (uint16_t)part;
		clock_hashed(bench, &in, hash);
		count -= part;
	}
	while (bench->lp.topa.req || bench->lp.topa.err_at != PTV_NEVER)
		clock_hashed(bench, NULL, hash);
}

static void compare(struct bench *bench, const struct walker *k, uint64_t hash, unsigned int run)
{
	const uint64_t status = bench_rdmsr(bench, PTV_MSR_RTIT_STATUS);
	const uint64_t want = (k->error ? PTV_STATUS_ERROR : 0U) |
			      (k->stopped ? PTV_STATUS_STOPPED : 0U);

	if (hash != k->hash || bench->stored != k->stored || (status & 0x34U) != want ||
	    bench->seen[PTV_OBS_PMI_RAISED] != k->pmis)
		PTV_FAIL("run %u: stored %zu of %zu, STATUS %#zx of %#zx, %zu PMIs of %u", run,
			 bench->stored, (size_t)k->stored, (size_t)status, (size_t)want,
			 (size_t)bench->seen[PTV_OBS_PMI_RAISED], k->pmis);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_OUTPUT_BASE), k->base);
	PTV_EXPECT_EQ(bench_rdmsr(bench, PTV_MSR_RTIT_OUTPUT_MASK_PTRS),
		      (uint64_t)k->off << 32 | (uint64_t)k->idx << 7 | 0x7fU);
	PTV_EXPECT_EQ(bench->lp.pmi.status, k->pmis ? PTV_GS_TOPA_PMI : 0U);
}

static struct walker one_run(const char *machine, uint64_t *roll, unsigned int run)
{
	struct bench *bench = bench_new(machine);
	const uint32_t unit = bench->cfg.caps.ptr_granularity;
	struct walker k = {.cfg = &bench->cfg, .mem = &bench->mem, .hash = 1};
	uint32_t count, i;
	uint64_t hash = 1;

	bench->cfg.sw.mute_packets = 1;
	bench->cfg.timing.drain_cycles = 1 + (uint32_t)(next(roll) % 3U);
	bench->cfg.timing.drain_bytes = next(roll) % 2U ? 8U : 16U;
	random_tables(bench, roll);
	k.base = TABLE(next(roll) % TABLES) | (next(roll) % 32U ? 0U : PTV_BIT(9));
	k.idx = bench->cfg.caps.table_offset_gp ? 0U : (uint32_t)(next(roll) % ENTRIES);
	k.off = random_offset(roll) & ~(unit - 1U);
	count = random_count(roll, k.off);
	bench_point(bench, k.base, k.idx, k.off);
	walk_start(&k);
	write_hashed(bench, BENCH_CTL_ON, &hash);
	emit_hashed(bench, count, &hash);
	write_hashed(bench, BENCH_CTL, &hash);
	for (i = 0; i < count; i++)
		walk_byte(&k);
	while (!k.error && !k.stopped && k.off % unit)
		walk_byte(&k); /* C-9 */
	compare(bench, &k, hash, run);
	return k;
}

/* HW-070..077, HW-081..088, E1-E7, C-5. */
PTV_TEST(rules_walk, output_unit_walks_random_tables_as_the_manual_says)
{
	static const char *const machine[] = {"broadwell", "broadwell+mentry", "skylake"};
	uint64_t roll = UINT64_C(0x70a5eed);
	unsigned int run, errors = 0, stops = 0, pmis = 0, clean = 0;

	for (run = 0; run < RUNS; run++) {
		const struct walker k = one_run(machine[run % 3U], &roll, run);

		errors += k.error;
		stops += k.stopped;
		pmis += k.pmis;
		clean += !k.error && !k.stopped && k.stored > PAGE;
	}
	/* Nothing is proved by runs that end at once. */
	PTV_EXPECT_GT(errors, 50);
	PTV_EXPECT_GT(stops, 25);
	PTV_EXPECT_GT(pmis, 50);
	PTV_EXPECT_GT(clean, 50);
}
