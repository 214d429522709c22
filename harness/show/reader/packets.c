/* SPDX-License-Identifier: MIT */
/* The packet decoder over every byte of a trace, and the encoder over every packet. */
#include <string.h>

#include "show/reader/segment.h"

#define ENCODED_MAX 32U /* more than any packet */

struct walk {
	struct pt_packet_decoder *decoder;
	struct pt_encoder *encoder; /* writes to encoded */
	uint8_t encoded[ENCODED_MAX];
	const uint8_t *bytes; /* of the trace */
	const struct ptv_reader_segment *segment;
	struct ptv_reader_packets *result;
	ptv_reader_packet_fn *visit;
	void *ctx;
};

static uint8_t ip_bytes(enum pt_ip_compression ipc)
{
	switch (ipc) {
	case pt_ipc_suppressed:
		return 0;
	case pt_ipc_update_16:
		return 2;
	case pt_ipc_update_32:
		return 4;
	case pt_ipc_sext_48:
	case pt_ipc_update_48:
		return 6;
	case pt_ipc_full:
		return 8;
	}
	return 0;
}

static enum ptv_reader_packet kind_of(const struct pt_packet *packet)
{
	static const uint8_t kinds[] = {
		[ppt_pad] = PTV_READER_PAD + 1U,	 [ppt_psb] = PTV_READER_PSB + 1U,
		[ppt_psbend] = PTV_READER_PSBEND + 1U,	 [ppt_fup] = PTV_READER_FUP + 1U,
		[ppt_tip] = PTV_READER_TIP + 1U,	 [ppt_tip_pge] = PTV_READER_TIP_PGE + 1U,
		[ppt_tip_pgd] = PTV_READER_TIP_PGD + 1U, [ppt_tnt_8] = PTV_READER_TNT + 1U,
		[ppt_mode] = PTV_READER_MODE_EXEC + 1U,	 [ppt_pip] = PTV_READER_PIP + 1U,
		[ppt_vmcs] = PTV_READER_VMCS + 1U,	 [ppt_cbr] = PTV_READER_CBR + 1U,
		[ppt_tsc] = PTV_READER_TSC + 1U,	 [ppt_stop] = PTV_READER_TRACESTOP + 1U,
		[ppt_ovf] = PTV_READER_OVF + 1U,
	};
	const size_t type = (size_t)packet->type;

	if (type >= sizeof(kinds) || kinds[type] == 0U)
		return PTV_READER_OTHER;
	if (packet->type == ppt_mode && packet->payload.mode.leaf != pt_mol_exec)
		return PTV_READER_OTHER;
	return (enum ptv_reader_packet)(kinds[type] - 1U);
}

/* Has the encoder write the packet again, and compares. */
static void encode(struct walk *walk, const struct pt_packet *packet, size_t at)
{
	int size = pt_enc_sync_set(walk->encoder, 0);

	memset(walk->encoded, 0, sizeof(walk->encoded));
	if (size >= 0)
		size = pt_enc_next(walk->encoder, packet);
	if (size == (int)packet->size && memcmp(walk->encoded, walk->bytes + at, packet->size) == 0)
		return;
	if (walk->result->differ++ == 0U)
		walk->result->first_differ = at;
}

static void count_packet(struct walk *walk, const struct pt_packet *packet, uint64_t offset)
{
	struct ptv_reader_packet_at at;

	memset(&at, 0, sizeof(at));
	at.offset = walk->segment->offset + (size_t)offset;
	at.size = packet->size;
	at.kind = kind_of(packet);
	if (at.kind == PTV_READER_FUP || at.kind == PTV_READER_TIP ||
	    at.kind == PTV_READER_TIP_PGE || at.kind == PTV_READER_TIP_PGD) {
		at.payload = packet->payload.ip.ip;
		at.ip_bytes = ip_bytes(packet->payload.ip.ipc);
	} else if (at.kind == PTV_READER_PIP) {
		at.payload = packet->payload.pip.cr3;
		at.nr = packet->payload.pip.nr;
	} else if (at.kind == PTV_READER_VMCS) {
		at.payload = packet->payload.vmcs.base;
	}
	walk->result->count[at.kind]++;
	encode(walk, packet, at.offset);
	if (walk->visit)
		walk->visit(walk->ctx, &at);
}

/* Moves to the next PSB after `from`; false if there is none. What is passed over is counted. */
static bool resync(const struct walk *walk, uint64_t from)
{
	uint64_t offset = walk->segment->size;
	const int status = pt_pkt_sync_forward(walk->decoder);

	if (status >= 0)
		(void)pt_pkt_get_offset(walk->decoder, &offset);
	walk->result->skipped += (size_t)(offset - from);
	return status >= 0;
}

static void fail(const struct walk *walk, int status, uint64_t offset)
{
	if (walk->result->errors++ == 0U)
		walk->result->first =
			ptv_reader_error_at(status, walk->segment->offset + (size_t)offset, 0);
}

static void read_segment(struct walk *walk)
{
	bool synced;

	if (walk->segment->mid_packet)
		synced = resync(walk, 0);
	else
		synced = pt_pkt_sync_set(walk->decoder, 0) >= 0;
	while (synced) {
		struct pt_packet packet;
		uint64_t offset = 0;
		int status;

		(void)pt_pkt_get_offset(walk->decoder, &offset);
		if (offset >= walk->segment->size)
			return;
		status = pt_pkt_next(walk->decoder, &packet, sizeof(packet));
		if (status == -pte_eos) {
			walk->result->cut += walk->segment->size - (size_t)offset;
			return;
		}
		if (status < 0) {
			fail(walk, status, offset);
			synced = resync(walk, offset);
		} else {
			count_packet(walk, &packet, offset);
		}
	}
}

static int read_trace(const struct ptv_reader_trace *trace, struct walk *walk,
		      struct ptv_diag *diag)
{
	struct ptv_reader_segment segment;
	struct pt_config config;
	size_t n = 0;
	int more;

	walk->segment = &segment;
	while ((more = ptv_reader_next(trace, &n, &segment, &config, diag)) > 0) {
		walk->decoder = pt_pkt_alloc_decoder(&config);
		if (!walk->decoder)
			return ptv_diag(diag, NULL, 0, 0, "libipt gives no packet decoder");
		read_segment(walk);
		pt_pkt_free_decoder(walk->decoder);
	}
	return more;
}

int ptv_reader_packets(const struct ptv_reader_trace *trace, struct ptv_reader_packets *result,
		       ptv_reader_packet_fn *visit, void *ctx, struct ptv_diag *diag)
{
	struct walk walk = {.bytes = trace->bytes, .result = result, .visit = visit, .ctx = ctx};
	struct pt_config config;
	int status;

	memset(result, 0, sizeof(*result));
	pt_config_init(&config);
	config.begin = walk.encoded;
	config.end = walk.encoded + sizeof(walk.encoded);
	walk.encoder = pt_alloc_encoder(&config);
	if (!walk.encoder)
		return ptv_diag(diag, NULL, 0, 0, "libipt gives no packet encoder");
	status = read_trace(trace, &walk, diag);
	pt_free_encoder(walk.encoder);
	return status;
}
