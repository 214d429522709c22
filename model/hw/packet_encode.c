/* SPDX-License-Identifier: MIT */
/*
 * What it is. The bytes of packets.
 *
 * State. Of the packetizer: the packets to be made and their arguments; LastIP; the mode that the
 * reader knows.
 *
 * Rules. HW-094 (encodings), HW-096 (LastIP is 0 after PSB; a packet without IP leaves it), HW-103.
 * The shortest legal IP compression (C-7); after an enable the first IP is whole unless a PSB came
 * (C-8); with BDM70 it is whole behind a PSB, too. Reserved payload bits are 0. Only PSB completes
 * a run of its pattern (HW-095).
 *
 * Order within a cycle. One packet a clock: the lowest bit of todo; within PSB+ the lowest of psb.
 *
 * Not modelled. Long TNT, RET compression (DisRETC behaviour, which is always legal), CYC, MTC,
 * TMA, MODE.TSX, PTW, power and event-trace packets.
 *
 * Sources. SDM Vol. 3, 36.4.2.
 */
#include <string.h>

#include "packet.h"

#define CBR_RATIO      0x29U
#define LINEAR_BITS    48U
#define OPCODE_TIP     0x0dU
#define OPCODE_TIP_PGE 0x11U
#define OPCODE_TIP_PGD 0x01U
#define OPCODE_FUP     0x1dU

static uint8_t put(uint8_t *bytes, uint64_t value, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		bytes[i] = (uint8_t)(value >> (8U * i));
	return (uint8_t)count;
}

static bool canonical(uint64_t ip)
{
	const uint64_t top = ip >> (LINEAR_BITS - 1U);

	return top == 0U || top == UINT64_MAX >> (LINEAR_BITS - 1U);
}

/* An IP packet: opcode, IPBytes, payload (SDM 36.4.2.2; C-7). */
static uint8_t put_ip(struct ptv_lp_packet *p, uint8_t *bytes, uint32_t opcode, uint64_t ip)
{
	static const uint8_t length[] = {0, 2, 4, 6, 6, 0, 8};
	const uint64_t differs = ip ^ p->last_ip;
	uint32_t code;

	if (!p->full_ip && !(differs >> 16))
		code = 1;
	else if (!p->full_ip && !(differs >> 32))
		code = 2;
	else if (canonical(ip))
		code = 3;
	else if (!p->full_ip && !(differs >> 48))
		code = 4;
	else
		code = 6;
	p->last_ip = ip;
	p->full_ip = 0;
	bytes[0] = (uint8_t)(opcode | code << 5);
	return (uint8_t)(1U + put(bytes + 1, ip, length[code]));
}

static uint8_t put_pip(uint8_t *bytes, uint64_t cr3, uint32_t nr)
{
	/* Without PAE paging CR3[11:5] is sent as 0. */
	const uint64_t payload = (((cr3 & UINT64_C(0xffffffffff000)) >> 5) << 1) | nr;

	bytes[0] = 0x02;
	bytes[1] = 0x43;
	return (uint8_t)(2U + put(bytes + 2, payload, 6));
}

static uint8_t put_vmcs(uint8_t *bytes, uint64_t pointer)
{
	bytes[0] = 0x02;
	bytes[1] = 0xc8;
	return (uint8_t)(2U +
			 put(bytes + 2, pointer == PTV_VMCS_NONE ? pointer : pointer >> 12, 5));
}

static uint8_t put_mode(struct ptv_lp_packet *p, uint8_t *bytes)
{
	p->sent_mode = p->mode;
	bytes[0] = 0x99;
	bytes[1] = p->mode;
	return 2;
}

static uint8_t put_tsc(uint8_t *bytes, uint64_t tsc)
{
	bytes[0] = 0x19;
	return (uint8_t)(1U + put(bytes + 1, tsc, 7));
}

static uint8_t put_cbr(uint8_t *bytes)
{
	return put(bytes, 0x0302U | CBR_RATIO << 16, 4);
}

static uint8_t put_tnt(struct ptv_lp_packet *p, uint8_t *bytes)
{
	bytes[0] = (uint8_t)(((1U << p->tnt_count) | p->tnt_bits) << 1);
	p->tnt_bits = 0;
	p->tnt_count = 0;
	return 1;
}

static uint8_t put_tip(struct ptv_lp_packet *p, uint8_t *bytes)
{
	const uint32_t opcode = p->tip_kind == PTV_PKT_TIP	 ? OPCODE_TIP
				: p->tip_kind == PTV_PKT_TIP_PGE ? OPCODE_TIP_PGE
								 : OPCODE_TIP_PGD;

	if (!p->tip_hidden)
		return put_ip(p, bytes, opcode, p->tip_ip);
	bytes[0] = (uint8_t)opcode;
	return 1;
}

static uint8_t put_psb(struct ptv_lp_packet *p, uint8_t *bytes)
{
	unsigned int i;

	for (i = 0; i < 8U; i++)
		(void)put(bytes + 2U * i, 0x8202U, 2);
	p->last_ip = 0;
	p->full_ip = 0;
	p->sent_mode = PTV_MODE_UNSENT;
	return 16;
}

/* The lowest packet of PSB+. */
static uint8_t next_of_psb(const struct ptv_packet_source *source, struct ptv_lp_packet *p,
			   enum ptv_packet *kind, uint8_t *bytes)
{
	const uint32_t lowest = p->psb & (0U - p->psb);

	p->psb = (uint16_t)(p->psb & ~lowest);
	switch ((enum ptv_psb)lowest) {
	case PTV_PSB_PSB:
		*kind = PTV_PKT_PSB;
		return put_psb(p, bytes);
	case PTV_PSB_TSC:
		*kind = PTV_PKT_TSC;
		return put_tsc(bytes, source->tsc);
	case PTV_PSB_MODE:
		*kind = PTV_PKT_MODE_EXEC;
		return put_mode(p, bytes);
	case PTV_PSB_FUP:
		*kind = PTV_PKT_FUP;
		return put_ip(p, bytes, OPCODE_FUP, p->psb_ip);
	case PTV_PSB_PIP:
		*kind = PTV_PKT_PIP;
		return put_pip(bytes, p->cr3, p->psb_nr);
	case PTV_PSB_VMCS:
		*kind = PTV_PKT_VMCS;
		return put_vmcs(bytes, source->vmcs);
	case PTV_PSB_CBR:
		*kind = PTV_PKT_CBR;
		return put_cbr(bytes);
	case PTV_PSB_END:
		*kind = PTV_PKT_PSBEND;
		/* A reader skips the FUP that BDM70 puts before a TIP.PGE. */
		p->full_ip |= (p->todo & PTV_TODO_PSB_FIRST) && p->last_ip;
		return put(bytes, 0x2302U, 2);
	}
	PTV_ASSERT(!"a packet of PSB+");
	return 0;
}

static uint8_t next_of_event(const struct ptv_packet_source *source, struct ptv_lp_packet *p,
			     enum ptv_todo lowest, enum ptv_packet *kind, uint8_t *bytes)
{
	switch (lowest) {
	case PTV_TODO_TNT:
		*kind = PTV_PKT_TNT;
		return put_tnt(p, bytes);
	case PTV_TODO_OVF:
		*kind = PTV_PKT_OVF;
		return put(bytes, 0xf302U, 2);
	case PTV_TODO_FUP:
		*kind = PTV_PKT_FUP;
		return put_ip(p, bytes, OPCODE_FUP, p->fup_ip);
	case PTV_TODO_PIP:
		*kind = PTV_PKT_PIP;
		return put_pip(bytes, p->cr3, p->nr);
	case PTV_TODO_VMCS:
		*kind = PTV_PKT_VMCS;
		return put_vmcs(bytes, source->vmcs);
	case PTV_TODO_TSC:
		*kind = PTV_PKT_TSC;
		return put_tsc(bytes, source->tsc);
	case PTV_TODO_CBR:
		*kind = PTV_PKT_CBR;
		return put_cbr(bytes);
	case PTV_TODO_MODE:
		*kind = PTV_PKT_MODE_EXEC;
		return put_mode(p, bytes);
	case PTV_TODO_TIP:
		*kind = (enum ptv_packet)p->tip_kind;
		return put_tip(p, bytes);
	case PTV_TODO_TRACESTOP:
		*kind = PTV_PKT_TRACESTOP;
		return put(bytes, 0x8302U, 2);
	case PTV_TODO_PSB_FIRST:
	case PTV_TODO_PSB_LAST:
		break;
	}
	PTV_ASSERT(!"a packet of an event");
	return 0;
}

uint8_t ptv_packet_next(const struct ptv_packet_source *source, struct ptv_lp_packet *p,
			enum ptv_packet *kind, uint8_t bytes[PTV_PACKET_MAX])
{
	uint32_t lowest = p->todo & (0U - p->todo);
	uint8_t len;

	if (lowest == PTV_TODO_MODE && p->sent_mode == p->mode) {
		p->todo = (uint16_t)(p->todo & ~lowest);
		lowest = p->todo & (0U - p->todo);
	}
	if (!lowest)
		return 0;
	if (lowest == PTV_TODO_PSB_FIRST || lowest == PTV_TODO_PSB_LAST) {
		len = next_of_psb(source, p, kind, bytes);
		if (p->psb)
			return len;
	} else {
		len = next_of_event(source, p, (enum ptv_todo)lowest, kind, bytes);
	}
	p->todo = (uint16_t)(p->todo & ~lowest);
	return len;
}
