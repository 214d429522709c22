/* SPDX-License-Identifier: MIT */
/*
 * Goal: C model and RTL twin agree in every register and pin at every clock (HW-140).
 * Method: random machines, latencies, switches, tables and pins from a printed seed; and what every
 * scenario file puts on the pins under every driver. What happened is counted, printed, and must be
 * a lot.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/rtl/lockstep.h"
#include "engine/rtl/random.h"
#include "engine/rtl/tape.h"
#include "gtest/ptv_test.h"

#define SEED	     UINT64_C(0x7711ab5eed000001)
#define BUSY_CLOCKS  UINT64_C(10000000)
#define WORLD_CLOCKS 2500U
#define CHOICES	     100U /* assignments replayed of a file under a driver */

struct data {
	struct ptv_lockstep *lockstep;
	struct ptv_random random;
};

static void setup(void *data)
{
	struct data *d = data;

	d->random.state = SEED;
	ptv_random_world(&d->random);
	d->lockstep = ptv_lockstep_open(&d->random.cfg);
}

static void teardown(void *data)
{
	struct data *d = data;

	ptv_lockstep_close(d->lockstep);
}

static const struct ptv_fixture lockstep_fixture = {sizeof(struct data), setup, teardown};

/* One world of random clocks. False: a difference, which has been told. */
static bool random_world(struct data *d)
{
	struct ptv_pins_out last = {0};
	struct ptv_pins_in in;
	unsigned int i, before;

	ptv_random_world(&d->random);
	ptv_lockstep_reset(d->lockstep, &d->random.cfg);
	for (i = 0; i < WORLD_CLOCKS; i++) {
		before = ptv_random_pins(&d->random, ptv_lockstep_now(d->lockstep), &last, &in);
		if (!ptv_lockstep_step(d->lockstep, &in, before)) {
			ptv_lockstep_explain(d->lockstep, NULL, NULL, stdout);
			return false;
		}
		last = ptv_lockstep_last(d->lockstep)->out;
	}
	return true;
}

PTV_TEST_F(lockstep, c_and_rtl_agree_for_ten_million_busy_random_clocks, lockstep_fixture)
{
	struct data *d = data;
	const struct ptv_lockstep_counts *counts;

	if (!d->lockstep)
		PTV_SKIP("no Verilator");
	counts = &d->lockstep->counts;
	printf("seed %#llx\n", (unsigned long long)SEED);
	while (counts->busy < BUSY_CLOCKS)
		PTV_ASSERT(random_world(d));
	ptv_lockstep_print_counts(d->lockstep, stdout);
	PTV_EXPECT_GE(counts->busy * 2U, counts->clocks);
	PTV_EXPECT_GE(counts->stores, 100000);
	PTV_EXPECT_GE(counts->packets, 100000);
	PTV_EXPECT_GE(counts->region_ends, 1000);
	PTV_EXPECT_GE(counts->pmis, 1000);
	PTV_EXPECT_GE(counts->interrupts, 1000);
	PTV_EXPECT_GE(counts->stops, 1000);
	PTV_EXPECT_GE(counts->errors, 1000);
	PTV_EXPECT_GE(counts->faults, 1000);
	PTV_EXPECT_GE(counts->vmx_modes, 1000);
	PTV_EXPECT_GE(counts->enables, 1000);
	PTV_EXPECT_GE(counts->resets, 100);
	PTV_EXPECT_GE(counts->repends, 100);
	PTV_EXPECT_GE(counts->past_fixed, 100);
	PTV_EXPECT_GE(counts->lost_psbs, 100);
	PTV_EXPECT_GE(counts->last_bytes, 50);
}

/* One LP's clocks of a recorded run. */
static void replay_lane(struct ptv_lockstep *lockstep, const struct ptv_tape *tape, unsigned int lp,
			const char *file, const char *policy)
{
	const struct ptv_tape_item *item = ptv_tape_replay(tape, lp, lockstep);

	if (!item)
		return;
	printf("%s under %s, LP %u, stimulus %u\n", file, policy, lp, item->step + 1U);
	ptv_lockstep_explain(lockstep, NULL, NULL, stdout);
	PTV_FAIL("C and RTL differ");
}

/* How many runs a file has, and how many of them were replayed. */
struct runs {
	uint64_t all, replayed;
};

static void replay_run(struct ptv_lockstep *lockstep, const struct ptv_scenario *scenario,
		       const struct ptv_policy *policy, uint64_t assignment)
{
	struct ptv_tape tape;
	unsigned int lp;

	ptv_tape_record(&tape, scenario, policy, assignment);
	for (lp = 0; lp < tape.lanes && !tape.open_error; lp++)
		replay_lane(lockstep, &tape, lp, scenario->file, policy->name);
	ptv_tape_free(&tape);
}

static void replay_file(struct ptv_lockstep *lockstep, const char *file, struct runs *runs)
{
	struct ptv_diag diag = {""};
	struct ptv_scenario *scenario = ptv_scenario_load(file, &diag);
	struct ptv_policies policies;
	uint64_t choices, n;
	size_t i;

	PTV_ASSERT(scenario);
	PTV_ASSERT(ptv_policies_parse(&policies, scenario->hw_alone ? "none" : NULL, NULL, &diag) ==
		   0);
	choices = ptv_choice_count(scenario);
	runs->all += policies.count * choices;
	for (i = 0; i < policies.count; i++) {
		for (n = 0; n < choices && n < CHOICES; n++) {
			replay_run(lockstep, scenario, &policies.at[i], n);
			runs->replayed++;
		}
	}
	ptv_policies_free(&policies);
	ptv_scenario_free(scenario);
}

PTV_TEST_F(lockstep, c_and_rtl_agree_on_every_scenario_under_every_driver, lockstep_fixture)
{
	struct data *d = data;
	struct ptv_diag diag = {""};
	const struct ptv_lockstep_counts *counts;
	char **list = ptv_scenario_list("scenarios", &diag);
	struct runs runs = {0, 0};
	size_t i;

	PTV_ASSERT(list);
	if (!d->lockstep)
		PTV_SKIP("no Verilator");
	for (i = 0; list[i]; i++)
		replay_file(d->lockstep, list[i], &runs);
	counts = &d->lockstep->counts;
	printf("%" PRIu64 " of %" PRIu64 " runs of %zu files: ", runs.replayed, runs.all, i);
	ptv_lockstep_print_counts(d->lockstep, stdout);
	PTV_EXPECT_GE(runs.replayed, i);
	PTV_EXPECT_GE(counts->busy, 100000);
	PTV_EXPECT_GE(counts->region_ends, 10);
	PTV_EXPECT_GE(counts->pmis, 10);
	PTV_EXPECT_GE(counts->interrupts, 10);
	PTV_EXPECT_GE(counts->stops, 10);
	PTV_EXPECT_GE(counts->faults, 10);
	PTV_EXPECT_GE(counts->vmx_modes, 10);
	ptv_scenario_list_free(list);
}

/* Of the C model's fields, those that the twin has. */
static void twinned(void *ctx, const struct ptv_field_visit *field)
{
	const bool without = strstr(field->path, "pad") ||
			     strcmp(field->path, "timer.index") == 0 ||
			     (strncmp(field->path, "packet.", 7) == 0 &&
			      strcmp(field->path, "packet.count") != 0);
	uint64_t *const cycle = ctx;

	if (field->a == field->b)
		return;
	/* Two deadlines in the past are the same. */
	if (without || (field->class_ == PTV_CLASS_REL && field->a <= *cycle && field->b <= *cycle))
		*cycle = PTV_NEVER;
}

/* Turns each bit of the last clock around, one at a time. Returns how many the twin has. */
static unsigned int flip_all(const struct ptv_lockstep *lockstep)
{
	const size_t pins = offsetof(struct ptv_pins_out, stall) + 1U;
	struct ptv_lp now = lockstep->last->now;
	struct ptv_pins_out out = lockstep->last->out;
	unsigned int noticed = 0;
	uint64_t twin;
	size_t i;

	for (i = 0; i < 8U * sizeof(now); i++) {
		((uint8_t *)&now)[i / 8U] ^= (uint8_t)(1U << i % 8U);
		twin = now.timer.cycle;
		(void)ptv_state_visit("lp", &lockstep->last->now, &now, twinned, &twin);
		PTV_ASSERT(ptv_twin_equal(lockstep->twin, &now, &out) == (twin == PTV_NEVER));
		noticed += twin != PTV_NEVER;
		((uint8_t *)&now)[i / 8U] ^= (uint8_t)(1U << i % 8U);
	}
	for (i = 0; i < 8U * pins; i++) {
		((uint8_t *)&out)[i / 8U] ^= (uint8_t)(1U << i % 8U);
		PTV_ASSERT(!ptv_twin_equal(lockstep->twin, &now, &out));
		((uint8_t *)&out)[i / 8U] ^= (uint8_t)(1U << i % 8U);
	}
	PTV_ASSERT(ptv_twin_equal(lockstep->twin, &now, &out));
	return noticed;
}

PTV_TEST_F(lockstep, each_bit_of_each_register_and_pin_is_compared, lockstep_fixture)
{
	struct data *d = data;
	struct ptv_pins_out last = {0};
	struct ptv_pins_in in;
	unsigned int world, i, before;

	if (!d->lockstep)
		PTV_SKIP("no Verilator");
	for (world = 0; world < 10U; world++) {
		ptv_random_world(&d->random);
		ptv_lockstep_reset(d->lockstep, &d->random.cfg);
		for (i = 0; i < 1000U; i++) {
			before = ptv_random_pins(&d->random, ptv_lockstep_now(d->lockstep), &last,
						 &in);
			PTV_ASSERT(ptv_lockstep_step(d->lockstep, &in, before));
			last = ptv_lockstep_last(d->lockstep)->out;
			if (i % 100U == 99U)
				PTV_EXPECT_GE(flip_all(d->lockstep), 2000);
		}
	}
}

/* The twin's side of a clock with one pin changed, in words; to be freed. */
static char *told(struct ptv_lockstep *lockstep, const struct ptv_pins_in *in)
{
	struct ptv_pins_in wrong = *in;
	struct ptv_pins_out out;
	struct ptv_lp now;
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	PTV_ASSERT(to);
	wrong.target ^= PTV_BIT(40);
	ptv_lockstep_reference(lockstep, in, 0);
	ptv_twin_tick(lockstep->twin, &wrong, &lockstep->seam, 0);
	/* The clock itself is the same; what it leads to is not. */
	PTV_EXPECT(ptv_twin_equal(lockstep->twin, &ptv_lockstep_last(lockstep)->now,
				  &ptv_lockstep_last(lockstep)->out));
	PTV_EXPECT(!ptv_lockstep_step(lockstep, in, 0));
	ptv_twin_read(lockstep->twin, &ptv_lockstep_last(lockstep)->now, &now, &out);
	PTV_EXPECT_EQ(now.cpu.ip, UINT64_C(0x10000001000));
	ptv_lockstep_explain(lockstep, NULL, NULL, to);
	(void)fclose(to);
	return text;
}

PTV_TEST_F(lockstep, a_difference_is_told_with_cycle_register_and_both_values, lockstep_fixture)
{
	const struct ptv_pins_in in = {.retire = PTV_RETIRE_JMP_IND, .target = 0x1000};
	struct data *d = data;
	const struct ptv_pins_in none = {0};
	unsigned int i;
	char *text;

	if (!d->lockstep)
		PTV_SKIP("no Verilator");
	for (i = 0; i < 40U; i++)
		PTV_EXPECT(ptv_lockstep_step(d->lockstep, &none, 0));
	text = told(d->lockstep, &in);
	PTV_EXPECT(strstr(text, "cycle 41 (clock 41 since reset): C and RTL differ\n"));
	PTV_EXPECT(strstr(text, "cpu.ip                 C 0x1000  RTL 0x10000001000\n"));
	PTV_EXPECT(strstr(text, "The last 32 clocks of both sides:"));
	PTV_EXPECT(strstr(text, "      10..39  in\n"));
	PTV_EXPECT(strstr(text, "      40  in jmp_ind target=0x1000"));
	PTV_EXPECT(strstr(text, "          C:   cpu.ip=0>0x1000"));
	PTV_EXPECT(strstr(text, "          RTL: cpu.ip=0>0x10000001000"));
	PTV_EXPECT(strstr(text, "      41  in jmp_ind target=0x1000"));
	PTV_EXPECT(strstr(text, "          out, C:  \n          out, RTL:\n"));
	free(text);
}

/* What is said of counts and waivers; to be freed. */
static char *counted(const struct ptv_lockstep *lockstep)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	PTV_ASSERT(to);
	ptv_lockstep_print_counts(lockstep, to);
	(void)fclose(to);
	return text;
}

PTV_TEST_F(lockstep, a_waived_difference_is_counted_and_any_other_one_is_not_waived,
	   lockstep_fixture)
{
	static const struct ptv_waiver ip[] = {{"cpu.ip", "a test"}, {NULL, NULL}};
	const struct ptv_pins_in none = {0};
	struct ptv_pins_in wrong = {.retire = PTV_RETIRE_MOV_CR3, .target = 1, .cr3 = 0x1000};
	struct ptv_pins_in in = wrong;
	struct data *d = data;
	char *text;

	if (!d->lockstep)
		PTV_SKIP("no Verilator");
	d->lockstep->waivers = ip;
	wrong.target = 2;
	ptv_lockstep_reference(d->lockstep, &in, 0);
	ptv_twin_tick(d->lockstep->twin, &wrong, &d->lockstep->seam, 0);
	PTV_EXPECT(ptv_lockstep_step(d->lockstep, &none, 0));
	PTV_EXPECT(ptv_lockstep_step(d->lockstep, &none, 0));
	text = counted(d->lockstep);
	PTV_EXPECT(strstr(text, "1 waivers; cpu.ip waived 2 times\n"));
	free(text);

	wrong.cr3 = 0x2000;
	ptv_lockstep_reference(d->lockstep, &in, 0);
	ptv_twin_tick(d->lockstep->twin, &wrong, &d->lockstep->seam, 0);
	PTV_EXPECT(!ptv_lockstep_step(d->lockstep, &none, 0));
}

/* Goal: what a scenario can say, the RTL can be; what it cannot be is named. */
PTV_TEST(lockstep, every_machine_and_latency_of_the_lists_fits_the_rtl)
{
	size_t machines, latencies, m, i;
	const struct ptv_machine_row *machine = ptv_machine_rows(&machines);
	const struct ptv_param_row *latency = ptv_timing_rows(&latencies);
	struct ptv_cpu_cfg cfg = {0};
	char why[128] = "";

	for (i = 0; i < latencies; i++)
		((uint32_t *)&cfg.timing)[i] = latency[i].max;
	for (m = 0; m < machines; m++) {
		cfg.caps = machine[m].caps;
		PTV_EXPECT(ptv_twin_fits(&cfg, why, sizeof(why)));
		PTV_EXPECT_STREQ(why, "");
	}
}

PTV_TEST(lockstep, a_machine_beyond_the_rtl_is_refused_by_the_name_of_the_limit)
{
	struct ptv_cpu_cfg cfg = {0};
	char why[128];

	cfg.caps.ranges = 5;
	PTV_EXPECT(!ptv_twin_fits(&cfg, why, sizeof(why)));
	PTV_EXPECT_STREQ(why, "ranges is 5, the RTL goes up to 4");
	cfg.caps.ranges = 4;
	cfg.caps.maxphyaddr = 64;
	PTV_EXPECT(!ptv_twin_fits(&cfg, why, sizeof(why)));
	PTV_EXPECT_STREQ(why, "maxphyaddr is 64, the RTL goes up to 63");
	cfg.caps.maxphyaddr = 63;
	cfg.timing.buf_bytes = PTV_FIFO_MAX + 1U;
	PTV_EXPECT(!ptv_twin_fits(&cfg, why, sizeof(why)));
	PTV_EXPECT_STREQ(why, "buf_bytes is 1025, the RTL goes up to 1024");
	cfg.timing.buf_bytes = PTV_FIFO_MAX;
	PTV_EXPECT(ptv_twin_fits(&cfg, why, sizeof(why)));
}
