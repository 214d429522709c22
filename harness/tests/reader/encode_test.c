/* SPDX-License-Identifier: MIT */
/*
 * Goal: the bytes of each packet are those that a second hand writes for the same values.
 * Method: random values go to the pins; what packets they must make is told to libipt's encoder by
 * the test, which keeps a LastIP of its own and finds the shortest payload by trying what a reader
 * would make of each (SDM 36.4.2.2). Nothing is decoded.
 */
#include <string.h>

#include <intel-pt.h>

#include "gtest/ptv_test.h"
#include "tests/hw/bench.h"

#define ROUNDS 4000U

struct scribe {
	struct bench *bench;
	struct pt_encoder *encoder;
	uint8_t bytes[256]; /* expected since the last comparison */
	uint64_t last_ip;
	unsigned int mode; /* the last one that was sent */
	uint64_t random;
	uint64_t written[ppt_mnt + 1]; /* packets of each type */
	uint64_t forms[8];	       /* IP packets of each IPBytes */
};

static uint64_t draw(struct scribe *s)
{
	s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return s->random >> 16 ^ s->random << 40;
}

/* Starts a row of packets. */
static void begin(struct scribe *s)
{
	bench_forget(s->bench);
	memset(s->bytes, 0, sizeof(s->bytes));
	PTV_ASSERT(pt_enc_sync_set(s->encoder, 0) >= 0);
}

static void write(struct scribe *s, const struct pt_packet *packet)
{
	PTV_ASSERT(pt_enc_next(s->encoder, packet) > 0);
	s->written[packet->type]++;
}

static void write_type(struct scribe *s, enum pt_packet_type type)
{
	struct pt_packet packet;

	memset(&packet, 0, sizeof(packet));
	packet.type = type;
	write(s, &packet);
}

/* What a reader makes of a payload. */
static uint64_t read_ip(uint64_t last, enum pt_ip_compression ipc, uint64_t ip)
{
	const uint64_t low = ipc == pt_ipc_update_16   ? UINT64_C(0xffff)
			     : ipc == pt_ipc_update_32 ? UINT64_C(0xffffffff)
						       : UINT64_C(0xffffffffffff);

	if (ipc == pt_ipc_full)
		return ip;
	if (ipc == pt_ipc_sext_48)
		return (uint64_t)((int64_t)(ip << 16) >> 16);
	return (last & ~low) | (ip & low);
}

static void write_ip(struct scribe *s, enum pt_packet_type type, uint64_t ip)
{
	static const enum pt_ip_compression form[] = {
		pt_ipc_update_16, pt_ipc_update_32, pt_ipc_sext_48, pt_ipc_update_48, pt_ipc_full};
	struct pt_packet packet;
	size_t i = 0;

	while (read_ip(s->last_ip, form[i], ip) != ip)
		i++;
	memset(&packet, 0, sizeof(packet));
	packet.type = type;
	packet.payload.ip.ipc = form[i];
	packet.payload.ip.ip = ip;
	s->last_ip = ip;
	s->forms[form[i]]++;
	write(s, &packet);
}

static void write_pip(struct scribe *s, uint64_t cr3, bool non_root)
{
	struct pt_packet packet;

	memset(&packet, 0, sizeof(packet));
	packet.type = ppt_pip;
	packet.payload.pip.cr3 = cr3 & UINT64_C(0xffffffffff000);
	packet.payload.pip.nr = non_root;
	write(s, &packet);
}

/* If the reader does not know it. */
static void write_mode(struct scribe *s, unsigned int mode)
{
	struct pt_packet packet;

	if (s->mode == mode)
		return;
	memset(&packet, 0, sizeof(packet));
	packet.type = ppt_mode;
	packet.payload.mode.leaf = pt_mol_exec;
	packet.payload.mode.bits.exec.csl = mode == PTV_EXEC_64;
	packet.payload.mode.bits.exec.csd = mode == PTV_EXEC_32;
	s->mode = mode;
	write(s, &packet);
}

static void write_vmcs(struct scribe *s, uint64_t base)
{
	struct pt_packet packet;

	memset(&packet, 0, sizeof(packet));
	packet.type = ppt_vmcs;
	packet.payload.vmcs.base = base;
	write(s, &packet);
}

/* Ends it: what was made since is what was written. */
static void compare(struct scribe *s)
{
	uint64_t size = 0;

	bench_settle(s->bench);
	PTV_ASSERT(pt_enc_get_offset(s->encoder, &size) >= 0);
	PTV_ASSERT_EQ(s->bench->made, size);
	PTV_ASSERT_MEMEQ(s->bench->packets, s->bytes, (size_t)size);
}

/* An IP that shares a random part of another one. */
static uint64_t near_ip(struct scribe *s)
{
	const unsigned int bits = 8U * (unsigned int)(draw(s) % 9U);
	const uint64_t ip = bits == 64U ? draw(s) : s->last_ip ^ (draw(s) & (PTV_BIT(bits) - 1U));

	return draw(s) % 4U ? ip : (uint64_t)((int64_t)(ip << 16) >> 16);
}

static void branch(struct scribe *s)
{
	const uint64_t ip = near_ip(s);

	write_mode(s, PTV_EXEC_64);
	write_ip(s, ppt_tip, ip);
	bench_branch(s->bench, PTV_RETIRE_JMP_IND, 1, ip);
}

static void conditional(struct scribe *s)
{
	struct pt_packet packet;
	unsigned int i;

	memset(&packet, 0, sizeof(packet));
	packet.type = ppt_tnt_8;
	packet.payload.tnt.bit_size = (uint8_t)(1U + draw(s) % 6U);
	for (i = 0; i < packet.payload.tnt.bit_size; i++) {
		const bool taken = draw(s) % 2U;

		packet.payload.tnt.payload = packet.payload.tnt.payload << 1 | taken;
		bench_branch(s->bench, taken ? PTV_RETIRE_JCC_TAKEN : PTV_RETIRE_JCC_NOT, 1,
			     s->last_ip);
	}
	write(s, &packet);
	branch(s); /* a partial TNT goes out before it */
}

/* An interrupt, with a new CR3 and another mode. */
static void interrupt(struct scribe *s)
{
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_INT;
	in.vector = PTV_INT_IRQ;
	in.ip = near_ip(s);
	in.mode = (uint8_t)(draw(s) % 3U);
	in.cr3 = draw(s);
	write_ip(s, ppt_fup, in.ip);
	in.target = near_ip(s);
	write_pip(s, in.cr3, false);
	write_mode(s, in.mode);
	write_ip(s, ppt_tip, in.target);
	bench_settle(s->bench);
	bench_clock(s->bench, &in);
}

static void pointer(struct scribe *s)
{
	const uint64_t base = draw(s) & UINT64_C(0x7ffffff000);

	write_vmcs(s, base);
	PTV_ASSERT(bench_vmx(s->bench, PTV_OP_VMPTRLD, base) == PTV_VMX_SUCCEED);
}

static void open_scribe(void *data)
{
	struct scribe *s = data;
	struct pt_config config;

	pt_config_init(&config);
	config.begin = s->bytes;
	config.end = s->bytes + sizeof(s->bytes);
	s->encoder = pt_alloc_encoder(&config);
	PTV_ASSERT(s->encoder);
	s->random = 1;
	s->mode = PTV_EXEC_16 - 1U; /* none */
}

static void close_scribe(void *data)
{
	struct scribe *s = data;

	pt_free_encoder(s->encoder);
}

static const struct ptv_fixture scribe = {sizeof(struct scribe), open_scribe, close_scribe};

/* Tracing, in VMX operation; PSB far away. */
static void start(struct scribe *s)
{
	s->bench = bench_new("skylake");
	s->bench->cfg.timing.drain_cycles = 1;
	s->bench->cfg.timing.buf_bytes = 1024;
	bench_one_region(s->bench, 15, 0);
	PTV_ASSERT(bench_vmx(s->bench, PTV_OP_VMXON, 0x5000) == PTV_VMX_SUCCEED);
}

PTV_TEST_F(encode, psb_and_its_status_are_what_libipt_writes, scribe)
{
	struct scribe *s = data;
	struct pt_packet packet;

	start(s);
	begin(s);
	bench_ctl(s->bench, BENCH_CTL_ON | PTV_CTL_TSC_EN);
	write_type(s, ppt_psb);
	memset(&packet, 0, sizeof(packet));
	packet.type = ppt_tsc;
	/* It is made in the clock behind the PSB's. */
	packet.payload.tsc.tsc = s->bench->first[PTV_OBS_PACKET][0] + 1U;
	write(s, &packet);
	write_pip(s, BENCH_CR3, false);
	write_vmcs(s, UINT64_MAX); /* none is current (HW-102) */
	memset(&packet, 0, sizeof(packet));
	packet.type = ppt_cbr;
	packet.payload.cbr.ratio = 0x29;
	write(s, &packet);
	write_type(s, ppt_psbend);
	write_mode(s, PTV_EXEC_64);
	s->last_ip = 0;
	write_ip(s, ppt_tip_pge, BENCH_NLIP);
	compare(s);
}

PTV_TEST_F(encode, packets_of_random_values_are_what_libipt_writes, scribe)
{
	struct scribe *s = data;
	unsigned int i;

	start(s);
	bench_ctl(s->bench, BENCH_CTL_ON);
	s->last_ip = BENCH_NLIP;
	s->mode = PTV_EXEC_64;
	for (i = 0; i < ROUNDS; i++) {
		s->bench->lp.packet.count = 16; /* no PSB */
		begin(s);
		switch (draw(s) % 4U) {
		case 0:
			conditional(s);
			break;
		case 1:
			interrupt(s);
			break;
		case 2:
			pointer(s);
			break;
		default:
			branch(s);
			break;
		}
		compare(s);
	}
	PTV_EXPECT_GT(s->written[ppt_tnt_8], 500);
	PTV_EXPECT_GT(s->written[ppt_tip], 2000);
	PTV_EXPECT_GT(s->written[ppt_fup], 500);
	PTV_EXPECT_GT(s->written[ppt_pip], 500);
	PTV_EXPECT_GT(s->written[ppt_mode], 300);
	PTV_EXPECT_GT(s->written[ppt_vmcs], 500);
	PTV_EXPECT_GT(s->forms[pt_ipc_update_16], 100);
	PTV_EXPECT_GT(s->forms[pt_ipc_update_32], 100);
	PTV_EXPECT_GT(s->forms[pt_ipc_sext_48], 100);
	PTV_EXPECT_GT(s->forms[pt_ipc_update_48], 100);
	PTV_EXPECT_GT(s->forms[pt_ipc_full], 100);
}
