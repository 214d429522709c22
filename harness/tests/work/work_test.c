/* SPDX-License-Identifier: MIT */
/*
 * Goal: the workload walks through its blocks as a processor could, deterministically, in the
 * shares that its setting asks for. Method: long walks of several seeds; what is retired is checked
 * against the table of blocks.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/work.h"

#define BRANCHES 200000U

static const struct ptv_code_row *block_at(uint64_t address)
{
	size_t count, i;
	const struct ptv_code_row *rows = ptv_code_rows(&count);

	for (i = 0; i < count; i++) {
		if (rows[i].address == address)
			return &rows[i];
	}
	return NULL;
}

static void retire(const struct ptv_work_cfg *cfg, struct ptv_work *work, struct ptv_pins_in *in)
{
	memset(in, 0, sizeof(*in));
	(void)ptv_work_retire(cfg, work, ptv_work_next(work), in);
}

PTV_TEST(work, each_branch_lies_at_the_end_of_the_block_that_the_one_before_it_led_to)
{
	struct ptv_work_cfg cfg;
	struct ptv_work work;
	struct ptv_pins_in in;
	unsigned int i;

	ptv_work_default(&cfg);
	for (cfg.seed = 0; cfg.seed < 4U; cfg.seed++) {
		uint64_t from;

		ptv_work_init(&cfg, &work, 100);
		from = block_at(ptv_work_ip(&work))->address;
		for (i = 0; i < BRANCHES / 4U; i++) {
			const struct ptv_code_row *row = block_at(from);
			const uint64_t ip = ptv_work_ip(&work);

			PTV_ASSERT(row != NULL);
			PTV_ASSERT(ip == row->address || ip == row->address + row->branch);
			PTV_ASSERT_EQ(ptv_work_cpl(&work), row->part == PTV_PART_USER ? 3 : 0);
			retire(&cfg, &work, &in);
			PTV_ASSERT_EQ(in.ip, row->address + row->branch);
			PTV_ASSERT_EQ(in.mode, PTV_EXEC_64);
			PTV_ASSERT_EQ(in.cr3, cfg.cr3);
			PTV_ASSERT_EQ(in.cpl, ptv_work_cpl(&work));
			from = in.target;
		}
	}
}

PTV_TEST(work, a_jcc_that_is_not_taken_goes_on_behind_itself_and_a_return_behind_its_call)
{
	struct ptv_work_cfg cfg;
	struct ptv_work work;
	struct ptv_pins_in in;
	uint64_t stack[16], from;
	unsigned int i, depth = 0, deepest = 0, not_taken = 0;

	ptv_work_default(&cfg);
	ptv_work_init(&cfg, &work, 0);
	from = ptv_work_ip(&work);
	for (i = 0; i < BRANCHES; i++) {
		const struct ptv_code_row *row = block_at(from);
		const uint64_t behind = from + row->size;

		retire(&cfg, &work, &in);
		from = in.target;
		if (in.retire == PTV_RETIRE_JCC_NOT) {
			PTV_ASSERT_EQ(in.target, behind);
			not_taken++;
		} else if (row->kind == PTV_CODE_CALL || row->kind == PTV_CODE_CALL_IND ||
			   row->kind == PTV_CODE_SYSCALL) {
			stack[depth++] = behind;
		} else if (row->kind == PTV_CODE_RET || row->kind == PTV_CODE_SYSRET) {
			PTV_ASSERT_GT(depth, 0);
			PTV_ASSERT_EQ(in.target, stack[--depth]);
		}
		PTV_ASSERT_LT(depth, PTV_ARRAY_SIZE(stack));
		if (depth > deepest)
			deepest = depth;
	}
	PTV_EXPECT_EQ(deepest, 4);
	PTV_EXPECT_GT(not_taken, 10000);
}

PTV_TEST(work, the_same_seed_walks_the_same_way_and_another_does_not)
{
	struct ptv_work_cfg cfg;
	struct ptv_work a, b, c;
	struct ptv_pins_in in_a, in_b, in_c;
	unsigned int i, differ = 0;

	ptv_work_default(&cfg);
	ptv_work_init(&cfg, &a, 0);
	ptv_work_init(&cfg, &b, 0);
	cfg.seed++;
	ptv_work_init(&cfg, &c, 0);
	for (i = 0; i < 10000U; i++) {
		retire(&cfg, &a, &in_a);
		retire(&cfg, &b, &in_b);
		retire(&cfg, &c, &in_c);
		PTV_ASSERT_EQ(memcmp(&in_a, &in_b, sizeof(in_a)), 0);
		PTV_ASSERT_EQ(memcmp(&a, &b, sizeof(a)), 0);
		differ += in_a.target != in_c.target;
		if (i == 5000U)
			b = a;
	}
	PTV_EXPECT_GT(differ, 5000);
}

/* Shares of a long walk. */
struct mix {
	uint64_t cycles, kernel, jcc, tips, level_changes, block[PTV_BLOCKS];
};

static struct mix walk(const struct ptv_work_cfg *cfg, bool guest)
{
	struct ptv_pins_in in;
	struct ptv_work work;
	struct mix mix;
	unsigned int i;

	memset(&mix, 0, sizeof(mix));
	ptv_work_init(cfg, &work, 0);
	if (guest)
		ptv_work_enter_guest(cfg, &work);
	for (i = 0; i < BRANCHES; i++) {
		const uint64_t at = ptv_work_next(&work);

		PTV_ASSERT_GT(at, mix.cycles);
		mix.cycles = at;
		mix.block[guest ? work.guest.block : work.host.block]++;
		memset(&in, 0, sizeof(in));
		if (ptv_work_retire(cfg, &work, at, &in) == PTV_SCOPE_KERNEL)
			mix.kernel++;
		mix.jcc += in.retire == PTV_RETIRE_JCC_TAKEN || in.retire == PTV_RETIRE_JCC_NOT;
		mix.level_changes += in.retire == PTV_RETIRE_FAR;
		mix.tips += in.retire == PTV_RETIRE_RET || in.retire == PTV_RETIRE_JMP_IND ||
			    in.retire == PTV_RETIRE_CALL_IND || in.retire == PTV_RETIRE_FAR;
	}
	return mix;
}

static uint64_t hops(const struct ptv_work_cfg *cfg)
{
	const struct mix mix = walk(cfg, false);

	return mix.block[PTV_BLOCK_U_HOP] + mix.block[PTV_BLOCK_L_HOP];
}

PTV_TEST(work, the_kernel_has_the_share_of_branches_that_is_set)
{
	struct ptv_work_cfg cfg;

	ptv_work_default(&cfg);
	PTV_EXPECT_EQ(cfg.kernel_percent, 30);
	for (cfg.kernel_percent = 0; cfg.kernel_percent <= 100U; cfg.kernel_percent += 10U) {
		const struct mix mix = walk(&cfg, false);
		const double share = 100.0 * (double)mix.kernel / BRANCHES;
		const bool mixed = cfg.kernel_percent > 0U && cfg.kernel_percent < 100U;

		PTV_EXPECT(share > cfg.kernel_percent - 0.5 && share < cfg.kernel_percent + 0.5);
		PTV_EXPECT_EQ(mix.level_changes > 0U, mixed);
	}
}

PTV_TEST(work, branches_are_as_far_apart_on_average_as_is_set)
{
	static const uint32_t means[] = {1, 2, 10, 1000};
	struct ptv_work_cfg cfg;
	size_t i;

	ptv_work_default(&cfg);
	PTV_EXPECT_EQ(cfg.cycles_per_branch, 10);
	for (i = 0; i < PTV_ARRAY_SIZE(means); i++) {
		double mean;

		cfg.cycles_per_branch = means[i];
		mean = (double)walk(&cfg, false).cycles / BRANCHES;
		PTV_EXPECT(mean > 0.98 * means[i] && mean < 1.02 * means[i]);
	}
}

PTV_TEST(work, indirect_percent_says_how_many_branches_need_a_tip)
{
	struct ptv_work_cfg cfg;
	uint64_t before = 0;

	ptv_work_default(&cfg);
	for (cfg.indirect_percent = 0; cfg.indirect_percent <= 100U; cfg.indirect_percent += 25U) {
		const uint64_t tips = walk(&cfg, false).tips;

		PTV_EXPECT_GT(tips, before);
		before = tips;
	}
	PTV_EXPECT_GT(before, BRANCHES / 5U);
}

/* Both sides: nobody goes there by default, and nearly all of a user's branches if it is set. */
PTV_TEST(work, far_percent_says_how_often_a_program_goes_far_away)
{
	struct ptv_work_cfg cfg;
	uint64_t before = 0;

	ptv_work_default(&cfg);
	cfg.indirect_percent = 100;
	cfg.kernel_percent = 0;
	PTV_EXPECT_EQ(hops(&cfg), 0U);
	for (cfg.far_percent = 25; cfg.far_percent < 100U; cfg.far_percent += 25U) {
		PTV_EXPECT_GT(hops(&cfg), before);
		before = hops(&cfg);
	}
	cfg.far_percent = 98;
	PTV_EXPECT_GT(hops(&cfg), BRANCHES / 10U * 7U);
	PTV_EXPECT_LT(hops(&cfg), BRANCHES / 10U * 9U);
}

PTV_TEST(work, every_block_of_the_programs_is_reached)
{
	struct ptv_work_cfg cfg;
	struct mix host, guest;
	size_t count, i;
	const struct ptv_code_row *rows = ptv_code_rows(&count);

	ptv_work_default(&cfg);
	cfg.far_percent = 10;
	host = walk(&cfg, false);
	guest = walk(&cfg, true);
	for (i = 0; i < count; i++) {
		const bool is_guest = rows[i].part == PTV_PART_GUEST;

		if (rows[i].part == PTV_PART_UTIL)
			PTV_EXPECT_EQ(host.block[i] + guest.block[i], 0);
		else
			PTV_EXPECT_GT(is_guest ? guest.block[i] : host.block[i], 20);
	}
}

PTV_TEST(work, guest_and_host_each_go_on_where_they_left_off)
{
	struct ptv_work_cfg cfg;
	struct ptv_work work;
	struct ptv_pins_in in;
	uint64_t host_ip, guest_ip;
	unsigned int i;

	ptv_work_default(&cfg);
	ptv_work_init(&cfg, &work, 0);
	for (i = 0; i < 77U; i++)
		retire(&cfg, &work, &in);
	host_ip = ptv_work_ip(&work);
	ptv_work_enter_guest(&cfg, &work);
	PTV_EXPECT_EQ(ptv_work_cpl(&work), 0);
	PTV_EXPECT_EQ(block_at(ptv_work_ip(&work))->part, PTV_PART_GUEST);
	for (i = 0; i < 50U; i++) {
		retire(&cfg, &work, &in);
		PTV_EXPECT_EQ(in.cr3, cfg.guest_cr3);
		PTV_EXPECT_EQ(block_at(in.target)->part, PTV_PART_GUEST);
	}
	guest_ip = ptv_work_ip(&work);
	ptv_work_leave_guest(&cfg, &work);
	PTV_EXPECT_EQ(ptv_work_ip(&work), host_ip);
	ptv_work_enter_guest(&cfg, &work);
	PTV_EXPECT_EQ(ptv_work_ip(&work), guest_ip);
}

PTV_TEST(work, to_exploration_the_program_that_runs_counts_and_the_place_in_it_does_not)
{
	struct ptv_work_cfg cfg;
	struct ptv_work user, other, kernel, guest;

	ptv_work_default(&cfg);
	ptv_work_init(&cfg, &user, 0);
	other = user;
	other.random++;
	other.share++;
	other.host.block = PTV_BLOCK_U_A;
	PTV_EXPECT_EQ(ptv_state_hash("work", &user, 0), ptv_state_hash("work", &other, 0));
	kernel = user;
	kernel.host.part = PTV_PART_KERNEL;
	PTV_EXPECT_NE(ptv_state_hash("work", &user, 0), ptv_state_hash("work", &kernel, 0));
	guest = user;
	ptv_work_enter_guest(&cfg, &guest);
	PTV_EXPECT_NE(ptv_state_hash("work", &user, 0), ptv_state_hash("work", &guest, 0));
}

PTV_TEST(work, state_is_small_and_plain)
{
	PTV_EXPECT_LE(sizeof(struct ptv_work), 128);
	PTV_EXPECT_EQ(sizeof(struct ptv_walk), 8);
	PTV_EXPECT_EQ(sizeof(struct ptv_work), 40);
}
