/* SPDX-License-Identifier: MIT */
/*
 * Goal: whatever a scenario file plays, the bytes that are stored are packets to libipt, the very
 * ones that its own encoder would write; and where a kernel runs, they tell of each branch that
 * retired traced, in its order, and of no other.
 * Method: a test for each file; it plays the file under every policy, walks the workload again by
 * the RETIRE observations, and compares with what libipt's block decoder finds. A file in which no
 * packet is made says why, and is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gtest/ptv_test.h"
#include "tests/reader/take.h"
#include "tests/scenario/each.h"

#define ASSIGNMENTS 16U /* of a file's choices: so many, spread over all of them */

struct corpus {
	struct ptv_scenario *scenario;
	struct ptv_policies policies;
	struct take take;
};

/* Where a comparison stands; the names are for messages. */
struct follow {
	const struct take_lp *lp;
	const char *policy;
	uint64_t assignment;
	bool holes;	  /* branches may be missing: packets were lost */
	size_t at;	  /* in lp->traced: the next one expected */
	uint64_t found;	  /* branches of workload and guest */
	uint64_t strange; /* that did not retire traced, or not in this order */
};

static const char *file_of(const struct corpus *c)
{
	return c->scenario->file;
}

/* Bytes that were made and neither stored nor lost: a machine that died, or that still traces. */
static size_t buffered(const struct take_lp *lp)
{
	const size_t made = lp->made.size - lp->segment_made;
	const bool fresh = lp->segments.size == 0U || lp->lost;

	return made - (fresh ? 0U : lp->segments.at[lp->segments.size - 1U].size);
}

/* Everything that the LP made, and everything that it stored, is packets. Returns their number. */
static uint64_t check_packets(const struct corpus *c, const struct take_lp *lp, const char *policy)
{
	const struct ptv_reader_trace made = {lp->made.at, lp->made.size, NULL, 0, false};
	const struct ptv_reader_trace stored = take_trace(lp);
	struct ptv_reader_packets result;
	struct ptv_diag diag = {""};
	uint64_t count = 0;
	int kind;

	PTV_EXPECT_EQ(lp->differ, 0);
	PTV_ASSERT_EQ(ptv_reader_packets(&made, &result, NULL, NULL, &diag), 0);
	for (kind = 0; kind < PTV_READER_PACKETS; kind++)
		count += result.count[kind];
	PTV_EXPECT_EQ(result.cut, 0);
	PTV_EXPECT_EQ(result.count[PTV_READER_OTHER], 0);
	if (result.errors)
		PTV_FAIL_AT(file_of(c), 1, "%s: libipt: %s at offset %zu of what was made", policy,
			    result.first.text, result.first.offset);
	if (result.differ)
		PTV_FAIL_AT(file_of(c), 1, "%s: libipt writes the packet at offset %zu otherwise",
			    policy, result.first_differ);
	PTV_ASSERT_EQ(ptv_reader_packets(&stored, &result, NULL, NULL, &diag), 0);
	PTV_EXPECT_EQ(result.differ, 0);
	PTV_EXPECT_EQ(result.skipped, 0);
	if (result.errors)
		PTV_FAIL_AT(file_of(c), 1, "%s: libipt: %s at offset %zu of what was stored",
			    policy, result.first.text, result.first.offset);
	if (result.cut && !lp->losses && !buffered(lp))
		PTV_FAIL_AT(file_of(c), 1, "%s: a packet of which %zu bytes were stored is cut",
			    policy, result.cut);
	return count;
}

static void on_step(void *ctx, const struct ptv_reader_step *step)
{
	struct follow *f = ctx;
	const struct take_ips *traced = &f->lp->traced;
	size_t at = f->at;

	if (step->kind != PTV_READER_BLOCK || step->branch == PTV_READER_BR_NONE ||
	    take_part_at(step->end_ip) == PTV_PART_UTIL)
		return;
	f->found++;
	while (f->holes && at < traced->size && traced->at[at] != step->end_ip)
		at++;
	if (at < traced->size && traced->at[at] == step->end_ip)
		f->at = at + 1U;
	else
		f->strange++;
}

/* The branches that libipt finds in the stored bytes are those that retired traced. */
static void check_blocks(const struct corpus *c, struct follow *f)
{
	const struct ptv_reader_trace trace = take_trace(f->lp);
	struct ptv_reader_blocks result;
	struct ptv_diag diag = {""};
	const char *file = file_of(c);

	f->holes = f->lp->overflows || f->lp->losses;
	PTV_ASSERT_EQ(ptv_reader_blocks(&trace, &result, on_step, f, &diag), 0);
	if (result.errors)
		PTV_FAIL_AT(file, 1, "%s, assignment %llu: libipt: %s at offset %zu, IP 0x%llx",
			    f->policy, (unsigned long long)f->assignment, result.first.text,
			    result.first.offset, (unsigned long long)result.first.ip);
	if (f->strange)
		PTV_FAIL_AT(file, 1,
			    "%s, assignment %llu: libipt finds %llu branches that did not "
			    "retire traced in this order",
			    f->policy, (unsigned long long)f->assignment,
			    (unsigned long long)f->strange);
	if (!f->holes && !buffered(f->lp) && f->found != f->lp->traced.size)
		PTV_FAIL_AT(file, 1,
			    "%s, assignment %llu: %zu branches retired traced, libipt "
			    "finds %llu",
			    f->policy, (unsigned long long)f->assignment, f->lp->traced.size,
			    (unsigned long long)f->found);
	/* However much was lost, something was compared. */
	if (f->lp->traced.size > 500U)
		PTV_EXPECT_GT(f->found, f->lp->traced.size / 8U);
}

/* One run. Returns packets made. */
static uint64_t follow_run(struct corpus *c, const struct ptv_policy *policy, uint64_t assignment)
{
	uint64_t packets = 0, triggered = 0;
	unsigned int i;

	take(&c->take, c->scenario, policy, assignment);
	for (i = 0; i < c->scenario->lps; i++) {
		struct take_lp *lp = &c->take.lp[i];
		struct follow follow = {.lp = lp, .policy = policy->name, .assignment = assignment};

		triggered += lp->triggered;
		packets += check_packets(c, lp, policy->name);
		if (!c->scenario->hw_alone)
			check_blocks(c, &follow);
	}
	if (triggered && !packets)
		PTV_EXPECT(c->scenario->switches.mute_packets);
	take_free(&c->take);
	return packets;
}

static void close_corpus(void *data)
{
	struct corpus *c = data;

	take_free(&c->take);
	ptv_policies_free(&c->policies);
	ptv_scenario_free(c->scenario);
	memset(c, 0, sizeof(*c)); /* it is closed once */
}

static const struct ptv_fixture corpus = {sizeof(struct corpus), NULL, close_corpus};

/* Plays a file under every policy. Returns packets made. */
static uint64_t follow_all(struct corpus *c, const char *path)
{
	struct ptv_diag diag = {""};
	uint64_t packets = 0, choices, n;
	size_t i;

	c->scenario = ptv_scenario_load(path, &diag);
	PTV_EXPECT_STREQ(diag.text, "");
	PTV_ASSERT(c->scenario);
	PTV_ASSERT_EQ(ptv_policies_parse(&c->policies, c->scenario->hw_alone ? "none" : NULL, NULL,
					 &diag),
		      0);
	choices = ptv_choice_count(c->scenario);
	for (i = 0; i < c->policies.count; i++) {
		for (n = 0; n < choices; n += (choices + ASSIGNMENTS - 1U) / ASSIGNMENTS)
			packets += follow_run(c, &c->policies.at[i], n);
	}
	if (!packets)
		printf("no packets in %s: %s\n", path,
		       c->scenario->switches.mute_packets ? "the file mutes them and emits none"
							  : "tracing is never on");
	close_corpus(c);
	return packets;
}

static void follow_file(const void *path)
{
	static struct corpus c; /* a failed assertion leaves it to the process's end */

	memset(&c, 0, sizeof(c));
	PTV_RECORD("packets", "%llu", (unsigned long long)follow_all(&c, path));
}

PTV_TEST_GENERATOR(corpus_files)
{
	each_scenario("scenarios", "scenario/reader", follow_file);
}

PTV_TEST_F(corpus, files_without_packets_are_counted, corpus)
{
	struct ptv_diag diag = {""};
	char **list = ptv_scenario_list("scenarios/hw", &diag);
	size_t i, with = 0;

	PTV_ASSERT(list);
	for (i = 0; list[i]; i++)
		with += follow_all(data, list[i]) != 0U;
	printf("%zu of %zu files of scenarios/hw make packets\n", with, i);
	PTV_EXPECT_GT(with, 20);
	ptv_scenario_list_free(list);
}

PTV_TEST_F(corpus, a_branch_that_did_not_retire_is_noticed, corpus)
{
	/* Canary of the tests above: what libipt finds is compared with another walk. */
	struct corpus *c = data;
	struct ptv_diag diag = {""};
	struct follow follow = {.policy = "handle-vmx"};
	const struct take_lp *lp = &c->take.lp[0];
	struct ptv_reader_trace trace;
	struct ptv_reader_blocks result;

	c->scenario = ptv_scenario_load("scenarios/thread/enable-virt_on-virt_off-disable+gap.yaml",
					&diag);
	PTV_ASSERT(c->scenario);
	PTV_ASSERT_EQ(ptv_policies_parse(&c->policies, "handle-vmx", NULL, &diag), 0);
	take(&c->take, c->scenario, &c->policies.at[0], 0);
	PTV_ASSERT_GT(lp->traced.size, 300);
	lp->traced.at[200] ^= 2U;
	follow.lp = lp;
	trace = take_trace(lp);
	PTV_ASSERT_EQ(ptv_reader_blocks(&trace, &result, on_step, &follow, &diag), 0);
	PTV_EXPECT_GT(follow.strange, 0);
	PTV_EXPECT_EQ(follow.at, 200);
}
