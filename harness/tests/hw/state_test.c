/* SPDX-License-Identifier: MIT */
/*
 * Goal: the lists that describe state and configuration say all of it and nothing else.
 * Method: every byte of a struct ptv_lp is changed in turn; the visitor must find it and the hash
 * must do what the class of the field says. Latencies, switches and machines are set by name,
 * within and beyond their ranges.
 */
#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/hw.h"

static struct ptv_cpu_cfg broadwell(void)
{
	struct ptv_cpu_cfg cfg;

	memset(&cfg, 0, sizeof(cfg));
	cfg.caps = ptv_machine_find("broadwell")->caps;
	ptv_timing_default(&cfg.timing);
	ptv_switches_default(&cfg.sw);
	return cfg;
}

struct found {
	size_t scalars, bytes, differ;
	struct ptv_field_visit last; /* that differs */
	char path[64];
};

static void visit(void *ctx, const struct ptv_field_visit *field)
{
	struct found *found = ctx;

	found->scalars++;
	found->bytes += field->width_bytes;
	if (field->a == field->b)
		return;
	found->differ++;
	found->last = *field;
	strncpy(found->path, field->path, sizeof(found->path) - 1U);
}

PTV_TEST(state, visitor_reaches_every_byte_once)
{
	static const struct {
		const char *tag;
		size_t size;
	} tree[] = {{"lp", sizeof(struct ptv_lp)},
		    {"mem", sizeof(struct ptv_mem)},
		    {"work", sizeof(struct ptv_work)}};
	static uint8_t bytes[sizeof(struct ptv_mem)];
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(tree); i++) {
		struct found found;

		memset(&found, 0, sizeof(found));
		PTV_EXPECT_EQ(ptv_state_visit(tree[i].tag, bytes, bytes, visit, &found), 0);
		PTV_EXPECT_EQ(found.bytes, tree[i].size);
	}
}

PTV_TEST(state, each_byte_changes_one_field_and_the_hash_by_its_class)
{
	const struct ptv_cpu_cfg cfg = broadwell();
	struct ptv_lp a, b;
	uint64_t hash;
	size_t i;

	ptv_lp_init(&cfg, &a, 0);
	hash = ptv_state_hash("lp", &a, 0);
	for (i = 0; i < sizeof(a); i++) {
		struct found found;
		uint64_t changed;

		memset(&found, 0, sizeof(found));
		b = a;
		((uint8_t *)&b)[i] ^= 1U;
		PTV_EXPECT_EQ(ptv_state_visit("lp", &a, &b, visit, &found), 1);
		PTV_EXPECT_EQ(found.differ, 1);
		changed = ptv_state_hash("lp", &b, 0);
		if (found.last.class_ == PTV_CLASS_KEY || found.last.class_ == PTV_CLASS_REL)
			PTV_EXPECT_NE(changed, hash);
		else
			PTV_EXPECT_EQ(changed, hash);
	}
}

PTV_TEST(state, paths_name_nested_fields_and_elements)
{
	const struct ptv_cpu_cfg cfg = broadwell();
	struct ptv_lp a, b;
	struct found found;

	ptv_lp_init(&cfg, &a, 0);
	b = a;
	b.rtit.addr[3] = 7;
	memset(&found, 0, sizeof(found));
	(void)ptv_state_visit("lp", &a, &b, visit, &found);
	PTV_EXPECT_STREQ(found.path, "rtit.addr[3]");
	PTV_EXPECT_EQ(found.last.b, 7);
	PTV_EXPECT_EQ(found.last.width_bytes, 8);
}

PTV_TEST(state, deadlines_count_relative_to_the_clock)
{
	const struct ptv_cpu_cfg cfg = broadwell();
	struct ptv_lp a, b;

	ptv_lp_init(&cfg, &a, 0);
	b = a;
	a.pmi.request_at = 150;
	b.pmi.request_at = 1150;
	PTV_EXPECT_EQ(ptv_state_hash("lp", &a, 100), ptv_state_hash("lp", &b, 1100));
	PTV_EXPECT_NE(ptv_state_hash("lp", &a, 100), ptv_state_hash("lp", &b, 1101));
	/* Come is come; never is never. */
	PTV_EXPECT_EQ(ptv_state_hash("lp", &a, 150), ptv_state_hash("lp", &b, 5000));
	b.pmi.request_at = PTV_NEVER;
	PTV_EXPECT_NE(ptv_state_hash("lp", &a, 150), ptv_state_hash("lp", &b, 150));
}

PTV_TEST(state, rebase_moves_the_clock_to_zero_and_nothing_else)
{
	const struct ptv_cpu_cfg cfg = broadwell();
	struct ptv_lp lp, moved;

	ptv_lp_init(&cfg, &lp, 0);
	lp.timer.cycle = 1000;
	lp.pmi.request_at = 1200;
	lp.fifo.drain_at = 900;
	moved = lp;
	ptv_lp_rebase(&moved);
	PTV_EXPECT_EQ(moved.timer.cycle, 0);
	PTV_EXPECT_EQ(moved.pmi.request_at, 200);
	PTV_EXPECT_EQ(moved.pmi.deliver_at, PTV_NEVER);
	PTV_EXPECT_EQ(ptv_state_hash("lp", &lp, 1000), ptv_state_hash("lp", &moved, 0));
}

PTV_TEST(state, table_memory_holds_its_words)
{
	static struct ptv_mem mem;
	uint64_t i;

	memset(&mem, 0, sizeof(mem));
	for (i = 1; i <= PTV_MEM_WORDS; i++)
		PTV_EXPECT(ptv_mem_write(&mem, i * 8U, i));
	PTV_EXPECT(!ptv_mem_write(&mem, 0x10000, 1)); /* full */
	PTV_EXPECT(ptv_mem_write(&mem, 0x10000, 0));
	PTV_EXPECT(ptv_mem_write(&mem, 8, 0));
	PTV_EXPECT(ptv_mem_write(&mem, 0x10000, 5));
	PTV_EXPECT_EQ(ptv_mem_read(&mem, 0x10000), 5);
	PTV_EXPECT_EQ(ptv_mem_read(&mem, 8), 0);
	PTV_EXPECT_EQ(ptv_mem_read(&mem, 0), 0);
}

PTV_TEST(cfg, latencies_are_set_by_name_within_their_range)
{
	struct ptv_cpu_cfg cfg = broadwell();
	const struct ptv_param_row *row;
	size_t count, i;

	row = ptv_timing_rows(&count);
	for (i = 0; i < count; i++) {
		PTV_EXPECT_GE(row[i].dflt, row[i].min);
		PTV_EXPECT_LE(row[i].dflt, row[i].max);
		PTV_EXPECT_EQ(ptv_timing_set(&cfg.timing, row[i].name, row[i].min), 0);
		PTV_EXPECT_EQ(ptv_timing_set(&cfg.timing, row[i].name, (uint64_t)row[i].max + 1U),
			      -2);
	}
	PTV_EXPECT_EQ(cfg.timing.wrmsr, 20);
	PTV_EXPECT_EQ(ptv_timing_set(&cfg.timing, "no_such", 1), -1);
	PTV_EXPECT_EQ(sizeof(struct ptv_timing), count * sizeof(uint32_t));
}

PTV_TEST(cfg, switches_take_the_text_of_a_choice)
{
	struct ptv_cpu_cfg cfg = broadwell();
	size_t count;

	PTV_EXPECT_EQ(ptv_switch_set(&cfg.sw, "vmxon_disable", "DROP"), 0);
	PTV_EXPECT_EQ(cfg.sw.vmxon_disable, 2);
	PTV_EXPECT_EQ(ptv_switch_set(&cfg.sw, "vmxon_disable", "LIKE_WRMSR"), 0);
	PTV_EXPECT_EQ(cfg.sw.vmxon_disable, 0);
	PTV_EXPECT_EQ(ptv_switch_set(&cfg.sw, "vmxon_disable", "LIKE"), -2);
	PTV_EXPECT_EQ(ptv_switch_set(&cfg.sw, "vmxon_disable", ""), -2);
	PTV_EXPECT_EQ(ptv_switch_set(&cfg.sw, "vmxon", "DROP"), -1);
	(void)ptv_switch_rows(&count);
	PTV_EXPECT_EQ(sizeof(struct ptv_switches), count);
}

PTV_TEST(cfg, machines_are_found_by_name)
{
	PTV_EXPECT(ptv_machine_find("no such") == NULL);
	PTV_EXPECT_STREQ(ptv_machine_find("broadwell+mentry")->remark, "no such part known");
	PTV_EXPECT_EQ(ptv_machine_find("broadwell")->caps.mentry, 0);
	PTV_EXPECT_EQ(ptv_machine_find("icelake")->caps.vmx_load_clear, 1);
}
