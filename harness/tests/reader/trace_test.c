/* SPDX-License-Identifier: MIT */
/*
 * Goal: what processor and workload make together is a trace that libipt follows, branch by branch.
 * Method: the branches that retired while PacketEn was 1 are compared with those that libipt's
 * block decoder finds in the stored bytes; a stretch in which the two differ by one is a failure.
 */
#include <string.h>

#include "tests/reader/reading.h"

static const struct ptv_fixture reading = {sizeof(struct reading), NULL, NULL};

/* Starts tracing in the workload, runs, stops. */
static void run(struct reading *r, uint64_t branches, uint64_t ctl)
{
	rig_work(&r->rig, 20);
	rig_trace(&r->rig, ctl);
	rig_work(&r->rig, branches);
	rig_trace(&r->rig, 0);
	rig_idle(&r->rig, 100);
}

PTV_TEST_F(trace, libipt_finds_each_branch_that_retired_under_pt_and_no_other, reading)
{
	struct reading *r = data;
	uint64_t seed;

	for (seed = 1; seed < 4U; seed++) {
		rig_init(&r->rig, true);
		r->rig.work_cfg.seed = seed;
		ptv_work_init(&r->rig.work_cfg, &r->rig.work, 0);
		rig_output(&r->rig);
		run(r, 10000, READING_CTL);
		reading_good(r, 0);
		PTV_EXPECT_GT(r->branches, 10000);
		PTV_EXPECT_EQ(r->rig.dropped, 0);
		reading_tail(r, 0);
	}
}

PTV_TEST_F(trace, libipt_can_begin_at_every_psb, reading)
{
	struct reading *r = data;
	uint64_t psb[64];
	size_t count, i, before = RIG_BRANCHES;

	rig_init(&r->rig, true);
	rig_output(&r->rig);
	run(r, 10000, READING_CTL);
	reading_good(r, 0);
	count = r->psbs;
	PTV_ASSERT_GT(count, 3);
	PTV_ASSERT_LE(count, PTV_ARRAY_SIZE(psb));
	memcpy(psb, r->psb, count * sizeof(psb[0]));
	for (i = 0; i < count; i++) {
		reading_good(r, (size_t)psb[i]);
		PTV_ASSERT_LT(r->branches, before);
		before = r->branches;
		reading_tail(r, r->rig.branches - r->branches);
	}
}

PTV_TEST_F(trace, default_workload_writes_about_a_tenth_of_a_byte_in_a_cycle, reading)
{
	struct reading *r = data;
	uint64_t cycles;
	double rate;

	rig_init(&r->rig, true);
	rig_output(&r->rig);
	rig_trace(&r->rig, READING_CTL);
	cycles = r->rig.lp.timer.cycle;
	r->rig.stored = 0;
	rig_work(&r->rig, 20000);
	rate = (double)r->rig.stored / (double)(r->rig.lp.timer.cycle - cycles);
	PTV_RECORD("bytes_per_cycle", "%.4f", rate);
	PTV_EXPECT_EQ(r->rig.dropped, 0);
	PTV_EXPECT(rate > 0.07 && rate < 0.13);
}

PTV_TEST_F(trace, a_broadwell_is_followed_from_its_one_region, reading)
{
	struct reading *r = data;
	unsigned int i;

	rig_init_as(&r->rig, "broadwell", false);
	rig_output(&r->rig);
	for (i = 0; i < 12U; i++) {
		rig_trace(&r->rig, READING_CTL & ~PTV_CTL_DIS_RETC);
		rig_work(&r->rig, 1000);
		rig_trace(&r->rig, 0);
	}
	reading_good(r, 0);
	reading_tail(r, 0);
	PTV_EXPECT_GT(r->branches, 12000);
	/* PSBs are not to be switched off there; a flush ends with PADs. */
	PTV_EXPECT_GE(r->packets.count[PTV_READER_PSB], 12);
	PTV_EXPECT_GT(r->packets.count[PTV_READER_PAD], 0);
}

PTV_TEST_F(trace, only_the_filtered_privilege_level_is_found, reading)
{
	static const uint64_t filter[] = {PTV_CTL_OS, PTV_CTL_USER};
	struct reading *r = data;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(filter); i++) {
		rig_init(&r->rig, true);
		rig_output(&r->rig);
		run(r, 5000, (READING_CTL & ~(PTV_CTL_OS | PTV_CTL_USER)) | filter[i]);
		reading_good(r, 0);
		PTV_EXPECT_GT(r->branches, 1000);
		PTV_EXPECT_LT(r->branches, 4500);
		PTV_EXPECT_GT(r->blocks.events[PTV_READER_EV_DISABLED], 10);
		reading_tail(r, 0);
	}
}

PTV_TEST_F(trace, an_nmi_in_the_middle_is_an_asynchronous_branch_at_its_ip, reading)
{
	struct reading *r = data;
	uint64_t ip[20];
	unsigned int i, found = 0;

	rig_init(&r->rig, true);
	rig_output(&r->rig);
	rig_trace(&r->rig, READING_CTL);
	for (i = 0; i < PTV_ARRAY_SIZE(ip); i++) {
		rig_work(&r->rig, 57);
		ip[i] = ptv_work_ip(&r->rig.work);
		rig_enter(&r->rig, PTV_INT_NMI);
		rig_goto(&r->rig, PTV_KCODE_VMCLEAR);
		rig_leave(&r->rig);
	}
	rig_trace(&r->rig, 0);
	reading_good(r, 0);
	reading_tail(r, 0);
	for (i = 0; i < r->events && found < PTV_ARRAY_SIZE(ip); i++) {
		if (r->event[i].event != PTV_READER_EV_ASYNC_BRANCH)
			continue;
		PTV_EXPECT_EQ(r->event[i].at, ip[found]);
		PTV_EXPECT_EQ(r->event[i].to, ptv_kcode(PTV_KCODE_NMI_ENTRY)->start);
		found++;
	}
	PTV_EXPECT_EQ(found, PTV_ARRAY_SIZE(ip));
}

PTV_TEST_F(trace, vmxon_ends_the_trace_behind_itself_and_a_write_after_vmxoff_takes_it_up, reading)
{
	struct reading *r = data;

	rig_init(&r->rig, false);
	rig_output(&r->rig);
	rig_trace(&r->rig, READING_CTL);
	rig_work(&r->rig, 500);
	rig_enter(&r->rig, PTV_INT_IRQ);
	rig_goto(&r->rig, PTV_KCODE_VMXON);
	rig_op(&r->rig, PTV_KCODE_VMXON, PTV_OP_VMXON, 0, 0x2000);
	rig_leave(&r->rig);
	PTV_EXPECT(!ptv_lp_trigger_en(&r->rig.lp));
	rig_work(&r->rig, 500);
	rig_enter(&r->rig, PTV_INT_IRQ);
	rig_goto(&r->rig, PTV_KCODE_VMXOFF);
	rig_op(&r->rig, PTV_KCODE_VMXOFF, PTV_OP_VMXOFF, 0, 0);
	rig_ctl(&r->rig, READING_CTL);
	rig_leave(&r->rig);
	rig_work(&r->rig, 500);
	rig_trace(&r->rig, 0);
	reading_good(r, 0);
	reading_tail(r, 0);
	PTV_EXPECT_EQ(r->blocks.events[PTV_READER_EV_ENABLED], 2);
	PTV_EXPECT_EQ(r->blocks.events[PTV_READER_EV_ASYNC_DISABLED], 2);
	PTV_EXPECT_LT(r->branches, 1100);
}

PTV_TEST_F(trace, a_guest_is_followed_from_vm_entry_to_vm_exit, reading)
{
	struct reading *r = data;
	unsigned int i;

	rig_init(&r->rig, true);
	rig_output(&r->rig);
	rig_trace(&r->rig, READING_CTL);
	rig_enter(&r->rig, PTV_INT_IRQ);
	rig_goto(&r->rig, PTV_KCODE_VMXON);
	rig_op(&r->rig, PTV_KCODE_VMXON, PTV_OP_VMXON, 0, 0x2000);
	rig_goto(&r->rig, PTV_KCODE_VMPTRLD);
	rig_op(&r->rig, PTV_KCODE_VMPTRLD, PTV_OP_VMPTRLD, 0, 0x3000);
	for (i = 0; i < 10U; i++) {
		rig_enter_guest(&r->rig);
		rig_work(&r->rig, 300);
		rig_exit_guest(&r->rig);
	}
	rig_leave(&r->rig);
	rig_work(&r->rig, 300);
	rig_trace(&r->rig, 0);
	reading_good(r, 0);
	reading_tail(r, 0);
	PTV_EXPECT_GT(r->branches, 3300);
	PTV_EXPECT_EQ(r->blocks.events[PTV_READER_EV_VMCS] +
			      r->blocks.events[PTV_READER_EV_ASYNC_VMCS],
		      1);
	PTV_EXPECT_EQ(r->blocks.events[PTV_READER_EV_PAGING], 10);
	PTV_EXPECT_EQ(r->blocks.events[PTV_READER_EV_ASYNC_PAGING], 10);
}

PTV_TEST_F(trace, stops_and_starts_without_a_psb_between_them_are_followed, reading)
{
	struct reading *r = data;
	unsigned int i;

	rig_init(&r->rig, true);
	rig_output(&r->rig);
	for (i = 0; i < 40U; i++) {
		rig_trace(&r->rig, READING_CTL);
		rig_work(&r->rig, 23);
		rig_trace(&r->rig, 0);
		rig_work(&r->rig, 17);
	}
	reading_good(r, 0);
	reading_tail(r, 0);
	PTV_EXPECT_EQ(r->blocks.events[PTV_READER_EV_ENABLED], 40);
	PTV_EXPECT_LT(r->packets.count[PTV_READER_PSB], 10);
}

PTV_TEST_F(trace, after_an_overflow_libipt_goes_on_and_invents_no_branch, reading)
{
	struct reading *r = data;
	rig_init(&r->rig, true);
	r->rig.cfg.timing.drain_cycles = 128;
	r->rig.cfg.timing.buf_bytes = 128;
	r->rig.cfg.timing.ovf_resolve_free = 64;
	r->rig.work_cfg.cycles_per_branch = 4;
	rig_output(&r->rig);
	run(r, 10000, READING_CTL);
	reading_good(r, 0);
	PTV_EXPECT_GT(r->blocks.events[PTV_READER_EV_OVERFLOW], 10);
	PTV_EXPECT_GT(r->rig.dropped, 1000);
	reading_holes(r);
	PTV_EXPECT_GT(r->branches, 500);
}

PTV_TEST_F(trace, libipt_must_be_told_of_a_psb_that_names_a_place_before_the_pge, reading)
{
	/* Erratum BDM70, from both sides. */
	struct reading *r = data;

	rig_init(&r->rig, true);
	r->rig.cfg.sw.bdm70 = 1;
	rig_output(&r->rig);
	run(r, 1000, READING_CTL);
	reading_good(r, 0);
	reading_tail(r, 0);
	r->rig.cfg.sw.bdm70 = 0; /* of the reader now */
	reading_from(r, 0);
	PTV_EXPECT_EQ(r->packets.errors, 0);
	PTV_EXPECT_GT(r->blocks.errors, 0);
}

/* VMXON switches tracing off in kernel code, with this reading. */
static void vmxon_traced(struct reading *r, unsigned int choice)
{
	rig_init(&r->rig, false);
	r->rig.cfg.sw.vmxon_disable = (uint8_t)choice;
	rig_output(&r->rig);
	rig_trace(&r->rig, READING_CTL);
	rig_work(&r->rig, 500);
	rig_enter(&r->rig, PTV_INT_IRQ);
	rig_goto(&r->rig, PTV_KCODE_VMXON);
	rig_op(&r->rig, PTV_KCODE_VMXON, PTV_OP_VMXON, 0, 0x2000);
	rig_leave(&r->rig);
	rig_work(&r->rig, 50);
	rig_enter(&r->rig, PTV_INT_IRQ);
	rig_goto(&r->rig, PTV_KCODE_VMXOFF);
	rig_op(&r->rig, PTV_KCODE_VMXOFF, PTV_OP_VMXOFF, 0, 0);
	rig_ctl(&r->rig, READING_CTL);
	rig_leave(&r->rig);
	rig_work(&r->rig, 500);
	rig_trace(&r->rig, 0);
	reading_from(r, 0);
	PTV_EXPECT_EQ(r->packets.errors, 0);
}

PTV_TEST_F(trace, a_vmxon_that_says_nothing_leaves_libipt_lost_at_the_next_enable, reading)
{
	/* X-6, FLUSH_ONLY and DROP: no TIP.PGD, so that the TIP.PGE behind VMXOFF has no context.
	 * That is why LIKE_WRMSR is the default. */
	struct reading *r = data;
	unsigned int choice;

	vmxon_traced(r, 0);
	PTV_EXPECT_EQ(r->blocks.errors, 0);
	reading_tail(r, 0);
	for (choice = 1; choice <= 2U; choice++) {
		vmxon_traced(r, choice);
		PTV_EXPECT_GT(r->blocks.errors, 0);
		PTV_EXPECT_LT(r->branches, r->rig.branches);
	}
}

PTV_TEST_F(trace, libipt_misreads_an_ip_that_is_compressed_after_an_overflow, reading)
{
	/* Why lastip_on_ovf is FULL. The day on which this fails libipt keeps LastIP, too. */
	struct reading *r = data;

	rig_init(&r->rig, true);
	r->rig.cfg.sw.lastip_on_ovf = 1;
	r->rig.cfg.timing.drain_cycles = 128;
	r->rig.cfg.timing.buf_bytes = 128;
	r->rig.cfg.timing.ovf_resolve_free = 64;
	r->rig.work_cfg.cycles_per_branch = 4;
	rig_output(&r->rig);
	run(r, 10000, READING_CTL);
	reading_from(r, 0);
	PTV_EXPECT_EQ(r->packets.errors, 0);
	PTV_EXPECT_GT(r->blocks.errors, 0);
}

PTV_TEST_F(trace, a_wrong_bit_in_one_tnt_is_noticed, reading)
{
	/* Canary of the tests above. */
	struct reading *r = data;

	rig_init(&r->rig, true);
	rig_output(&r->rig);
	run(r, 2000, READING_CTL);
	reading_good(r, 0);
	reading_tail(r, 0);
	/* Its youngest branch goes the other way. */
	r->rig.bytes[r->tnt] ^= 0x02U;
	reading_from(r, 0);
	PTV_EXPECT_EQ(r->packets.errors, 0);
	PTV_EXPECT(r->blocks.errors > 0U || r->branches != r->rig.branches ||
		   memcmp(r->branch, r->rig.branch, r->branches * sizeof(r->branch[0])) != 0);
}
