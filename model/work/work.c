/* SPDX-License-Identifier: MIT */
/*
 * The walk through the blocks: which branch retires next, and when.
 *
 * What it is. A program is a graph of blocks (spec/code.def). A walk stands at a block; retiring
 * its branch moves it to a successor and draws how far the next branch is away. Calls push the
 * block behind them, returns pop it; a system call is a call that changes the privilege level.
 *
 * State. struct ptv_work: two walks (host: user and kernel program; guest), a generator
 * (splitmix64: its state is a counter, so every seed is as good as any other) and the balance that
 * holds the kernel's share of branches to the setting, whatever way the walk takes.
 *
 * Rules. Not modelled: what the instructions compute; speculation; faults. Every LP that is given
 * the same seed walks the same way.
 */
#include "ptv/work.h"

#include <string.h>

#define SHARE_EVEN UINT32_C(0x80000000)
#define MEAN_MAX   UINT32_C(0x40000000)

static uint64_t draw(struct ptv_work *work)
{
	uint64_t z = (work->random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Cycles to the next branch: 1 .. 2 * mean - 1, equally often, from the low half of a draw. */
static uint64_t distance(const struct ptv_work_cfg *cfg, uint64_t bits)
{
	const uint64_t low = bits & UINT32_MAX;
	uint64_t mean = cfg->cycles_per_branch;

	if (mean == 0U)
		mean = 1;
	if (mean > MEAN_MAX)
		mean = MEAN_MAX;
	return 1U + ((low * (2U * mean - 1U)) >> 32);
}

static uint32_t kernel_percent(const struct ptv_work_cfg *cfg)
{
	return cfg->kernel_percent < 100U ? cfg->kernel_percent : 100U;
}

static const struct ptv_code_row *row_of(unsigned int block)
{
	size_t count;
	const struct ptv_code_row *rows = ptv_code_rows(&count);

	PTV_ASSERT(block < count);
	return &rows[block];
}

void ptv_work_default(struct ptv_work_cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->cycles_per_branch = 10;
	cfg->kernel_percent = 30;
	cfg->indirect_percent = 50;
	cfg->seed = 1;
	cfg->cr3 = UINT64_C(0x12345000);
	cfg->guest_cr3 = UINT64_C(0x6789a000);
}

static void push(struct ptv_walk *walk, unsigned int block)
{
	PTV_ASSERT(walk->depth < PTV_ARRAY_SIZE(walk->stack));
	walk->stack[walk->depth++] = (uint8_t)block;
}

static unsigned int pop(struct ptv_walk *walk)
{
	unsigned int block;

	PTV_ASSERT(walk->depth > 0U);
	block = walk->stack[--walk->depth];
	walk->stack[walk->depth] = 0;
	return block;
}

/* The walk goes on in a block; an interrupt before its branch hits its first instruction or the
 * branch itself. */
static void go(struct ptv_walk *walk, unsigned int block, uint64_t bits)
{
	const struct ptv_code_row *row = row_of(block);

	walk->block = (uint8_t)block;
	walk->part = row->part;
	walk->at = (bits & PTV_BIT(63)) != 0U ? row->branch : 0U;
}

void ptv_work_init(const struct ptv_work_cfg *cfg, struct ptv_work *work, uint64_t cycle)
{
	memset(work, 0, sizeof(*work));
	work->random = cfg->seed;
	work->share = SHARE_EVEN;
	if (kernel_percent(cfg) == 100U) {
		/* There would be no way in. */
		push(&work->host, PTV_BLOCK_U_SYSRET);
		push(&work->host, PTV_BLOCK_K_EXIT);
		go(&work->host, PTV_BLOCK_K_WORK, 0);
	} else {
		go(&work->host, PTV_BLOCK_U_TOP, 0);
	}
	go(&work->guest, PTV_BLOCK_G_START, 0);
	work->next_at = cycle + distance(cfg, draw(work));
}

uint64_t ptv_work_next(const struct ptv_work *work)
{
	return work->next_at;
}

/* Accounts a branch of the host. */
static void balance(const struct ptv_work_cfg *cfg, struct ptv_work *work, unsigned int part)
{
	if (part == PTV_PART_KERNEL)
		work->share += 100U - kernel_percent(cfg);
	else
		work->share -= kernel_percent(cfg);
}

/* The share swings by percent * (100 - percent) to either side: some 200 branches there and back.
 */
static bool switch_due(const struct ptv_work_cfg *cfg, const struct ptv_work *work,
		       unsigned int part)
{
	const uint32_t percent = kernel_percent(cfg);
	const uint32_t swing = percent * (100U - percent);

	if (percent == 0U || percent == 100U)
		return false;
	if (part == PTV_PART_KERNEL)
		return work->share >= SHARE_EVEN + swing;
	return work->share <= SHARE_EVEN - swing;
}

/* Whether a JCC is taken; for other branches the answer means nothing. */
static bool jcc_taken(const struct ptv_work_cfg *cfg, const struct ptv_work *work,
		      const struct ptv_code_row *row, uint64_t bits)
{
	const uint64_t percent = row->percent == PTV_CHANCE_INDIRECT ? cfg->indirect_percent
								     : row->percent;

	if (row->percent == PTV_CHANCE_SWITCH)
		return switch_due(cfg, work, row->part);
	return ptv_bits(bits, 47, 32) * 100U < percent << 16;
}

/* Whether a jump goes far away instead of to one of its targets. */
static bool goes_far(const struct ptv_work_cfg *cfg, const struct ptv_code_row *row, uint64_t bits)
{
	return row->percent == PTV_CHANCE_FAR &&
	       ptv_bits(bits, 47, 32) * 100U < (uint64_t)cfg->far_percent << 16;
}

/* How a branch of each kind moves the walk and what it retires as. */
static const struct {
	uint8_t retire, push, pop;
} moves[PTV_CODE_KINDS] = {
	[PTV_CODE_JCC] = {PTV_RETIRE_JCC_NOT, 0, 0},
	[PTV_CODE_JMP] = {PTV_RETIRE_JMP, 0, 0},
	[PTV_CODE_JMP_IND] = {PTV_RETIRE_JMP_IND, 0, 0},
	[PTV_CODE_CALL] = {PTV_RETIRE_CALL, 1, 0},
	[PTV_CODE_CALL_IND] = {PTV_RETIRE_CALL_IND, 1, 0},
	[PTV_CODE_RET] = {PTV_RETIRE_RET, 0, 1},
	[PTV_CODE_SYSCALL] = {PTV_RETIRE_FAR, 1, 0},
	[PTV_CODE_SYSRET] = {PTV_RETIRE_FAR, 0, 1},
	[PTV_CODE_IRET] = {PTV_RETIRE_IRET, 0, 0},
};

/* The block to which the branch of row leads; what it retires as goes to the pins. */
static unsigned int branch(const struct ptv_work_cfg *cfg, const struct ptv_work *work,
			   struct ptv_walk *walk, const struct ptv_code_row *row, uint64_t bits,
			   struct ptv_pins_in *in)
{
	const unsigned int any = (unsigned int)((ptv_bits(bits, 62, 48) * row->targets) >> 15);

	in->retire = moves[row->kind].retire;
	if (row->kind == PTV_CODE_JCC) {
		const bool taken = jcc_taken(cfg, work, row, bits);

		in->retire = taken ? PTV_RETIRE_JCC_TAKEN : PTV_RETIRE_JCC_NOT;
		return taken ? row->target[0] : row->fall;
	}
	if (goes_far(cfg, row, bits))
		return walk->block == PTV_BLOCK_U_HOP ? PTV_BLOCK_L_HOP : PTV_BLOCK_U_HOP;
	if (moves[row->kind].pop)
		return pop(walk);
	if (moves[row->kind].push)
		push(walk, row->fall);
	return row->target[any];
}

static enum ptv_scope scope_of(unsigned int part)
{
	if (part == PTV_PART_GUEST)
		return PTV_SCOPE_GUEST;
	return part == PTV_PART_KERNEL ? PTV_SCOPE_KERNEL : PTV_SCOPE_USER;
}

static unsigned int cpl_of(unsigned int part)
{
	return part == PTV_PART_USER ? 3U : 0U;
}

static const struct ptv_walk *walk_of(const struct ptv_work *work)
{
	return work->in_guest ? &work->guest : &work->host;
}

enum ptv_scope ptv_work_retire(const struct ptv_work_cfg *cfg, struct ptv_work *work,
			       uint64_t cycle, struct ptv_pins_in *in)
{
	struct ptv_walk *walk = work->in_guest ? &work->guest : &work->host;
	const struct ptv_code_row *row = row_of(walk->block);
	const uint64_t bits = draw(work);

	go(walk, branch(cfg, work, walk, row, bits, in), bits);
	if (!work->in_guest)
		balance(cfg, work, row->part);
	in->ip = row->address + row->branch;
	in->target = row_of(walk->block)->address;
	in->cr3 = work->in_guest ? cfg->guest_cr3 : cfg->cr3;
	in->cpl = (uint8_t)cpl_of(walk->part);
	in->mode = PTV_EXEC_64;
	work->next_at = cycle + distance(cfg, bits);
	return scope_of(row->part);
}

uint64_t ptv_work_ip(const struct ptv_work *work)
{
	const struct ptv_walk *walk = walk_of(work);

	return row_of(walk->block)->address + walk->at;
}

unsigned int ptv_work_cpl(const struct ptv_work *work)
{
	return cpl_of(walk_of(work)->part);
}

void ptv_work_enter_guest(const struct ptv_work_cfg *cfg, struct ptv_work *work)
{
	(void)cfg;
	PTV_ASSERT(!work->in_guest);
	work->in_guest = 1;
}

void ptv_work_leave_guest(const struct ptv_work_cfg *cfg, struct ptv_work *work)
{
	(void)cfg;
	PTV_ASSERT(work->in_guest);
	work->in_guest = 0;
}
