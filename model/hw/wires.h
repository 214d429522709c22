/* SPDX-License-Identifier: MIT */
/*
 * Wires: the combinational signals between the units of one logical processor, in one clock.
 *
 * What it is. A clock has two halves. First each unit drives its wires, in the order of the struct
 * below: a wire depends on the state `now`, on the input pins and on wires above it, never on
 * `next`. Then each unit writes its own part of `next` from `now`, pins and wires; in this half no
 * order matters. lp.c calls both halves.
 *
 * Nothing here survives the clock. The RTL twin has the same signals between its modules.
 */
#ifndef PTV_HW_WIRES_H
#define PTV_HW_WIRES_H

#include "ptv/hw.h"

/* Phases of an operation (struct ptv_lp_op). */
enum ptv_phase {
	PTV_PHASE_IDLE,
	PTV_PHASE_WAIT,	   /* accepted; takes effect at op.at */
	PTV_PHASE_PACKETS, /* it has; its packets are being made */
	PTV_PHASE_FLUSH,   /* the internal buffer is being emptied */
	PTV_PHASE_FIX	   /* until op.at */
};

/* What happens to the code that runs, as far as PT looks at it. */
enum ptv_event {
	PTV_EV_NONE,
	PTV_EV_RETIRE,	/* a branch or interrupt: w->retire */
	PTV_EV_ENABLE,	/* WRMSR sets TraceEn */
	PTV_EV_DISABLE, /* WRMSR or VMXON clears it */
	PTV_EV_ENTRY,	/* VM entry */
	PTV_EV_EXIT,	/* VM exit */
	PTV_EV_PTRLD	/* VMPTRLD */
};

/* Packets of an event in their order (HW-056, HW-057, HW-129, HW-130): the lowest bit first. */
enum ptv_todo {
	PTV_TODO_TNT = 1 << 0,
	PTV_TODO_OVF = 1 << 1,
	PTV_TODO_FUP = 1 << 2,
	PTV_TODO_PIP = 1 << 3,
	PTV_TODO_VMCS = 1 << 4,
	PTV_TODO_PSB_FIRST = 1 << 5, /* PSB+ before TIP.PGE */
	PTV_TODO_TSC = 1 << 6,
	PTV_TODO_CBR = 1 << 7,
	PTV_TODO_MODE = 1 << 8, /* skipped if the reader knows the mode already */
	PTV_TODO_TIP = 1 << 9,
	PTV_TODO_PSB_LAST = 1 << 10, /* PSB+ after everything else */
	PTV_TODO_TRACESTOP = 1 << 11
};

/* Packets of PSB+ in their order (C-3). */
enum ptv_psb {
	PTV_PSB_PSB = 1 << 0,
	PTV_PSB_TSC = 1 << 1,
	PTV_PSB_MODE = 1 << 2,
	PTV_PSB_FUP = 1 << 3,
	PTV_PSB_PIP = 1 << 4,
	PTV_PSB_VMCS = 1 << 5,
	PTV_PSB_CBR = 1 << 6,
	PTV_PSB_END = 1 << 7
};

#define PTV_MODE_UNSENT 255U	   /* lp_packet.sent_mode */
#define PTV_VMCS_NONE	UINT64_MAX /* lp_vmx.vmcs */
#define PTV_PACKET_MAX	16U	   /* bytes that enter the buffer in one clock */

/* Choices of spec/switch.def that have names of their own; the others are 0 no, 1 yes. */
enum { PTV_VMX_CTL_GP_SETS_TRACEEN, PTV_VMX_CTL_GP_ANY };
enum { PTV_CR3_MATCH_SDM, PTV_CR3_MATCH_SKYLAKE, PTV_CR3_MATCH_BROADWELL };
enum { PTV_VMXON_LIKE_WRMSR, PTV_VMXON_FLUSH_ONLY, PTV_VMXON_DROP };
enum { PTV_FUP_NEXT, PTV_FUP_OWN };
enum { PTV_STOP_OFF_SIZE, PTV_STOP_OFF_SIZE_MINUS_1 };
enum { PTV_COMPOUND_WHOLE, PTV_COMPOUND_SPLIT };
enum { PTV_TRACESTOP_DROP, PTV_TRACESTOP_DELAY };
enum { PTV_STATUS_HOLD, PTV_STATUS_CLEAR };
enum { PTV_FILTEREN_EVALUATE, PTV_FILTEREN_LATER };
enum { PTV_LASTIP_FULL, PTV_LASTIP_KEEP };
enum { PTV_FIELD_FAIL, PTV_FIELD_RESERVED_ONLY };
enum { PTV_EARLY_LEVEL, PTV_EARLY_EDGE };
enum { PTV_MASKED_DROP, PTV_MASKED_KEEP };

/* Bits of OutputOffset and PacketByteCnt that exist: whole units of the write pointer (HW-030). */
static inline uint32_t ptv_unit_mask(const struct ptv_caps *caps)
{
	return ~((uint32_t)caps->ptr_granularity - 1U);
}

struct ptv_wires {
	/* op: what begins and what takes effect in this clock */
	uint8_t accept; /* in->op is accepted */
	uint8_t effect; /* enum ptv_op that takes effect; its operands are in now->op */
	uint8_t retire; /* enum ptv_retire_kind that retires */

	/* topa: where a store would go */
	uint8_t err; /* a bad configuration becomes STATUS.Error */
	uint32_t room;
	uint64_t store_addr;
	/* fifo: the store */
	uint8_t store_len;
	/* topa: what it leads to */
	uint8_t region_end;
	uint8_t stop; /* the region that it filled has STOP */
	uint8_t kill; /* stop or err: TriggerEn falls now, buffered bytes are lost */
	uint8_t pmi;  /* as out.pmi */
	uint64_t pmi_byte;

	/* rtit, pmi, vmx: outcome of the effect */
	uint8_t fault;
	uint8_t result;
	uint16_t reason;
	uint8_t wrmsr;	   /* a WRMSR without fault: now->op.msr := now->op.data */
	uint8_t reset;	   /* 1 cold, 2 warm */
	uint8_t field_bad; /* VM_ENTRY: Guest IA32_RTIT_CTL is not legal */
	uint64_t rdata;
	uint64_t ctl; /* RTIT_CTL after this clock */
	uint32_t vmx_mode;
	uint32_t conceal;
	uint64_t vmxon;
	uint64_t vmcs;

	/* cpu: the branch's own IP; then as it is after this clock */
	uint64_t from;
	uint64_t ip;
	uint64_t cr3;
	uint32_t cpl;
	uint32_t mode;

	/* rtit: enables before (0) and after (1) the event */
	uint8_t event;	  /* enum ptv_event */
	uint8_t enable;	  /* TraceEn rises */
	uint8_t disable;  /* TraceEn falls: a flush follows */
	uint8_t trig0;	  /* TriggerEn, of which kill has already been taken */
	uint8_t trig_pre; /* TriggerEn after the event, a TraceStop still left out */
	uint8_t trig1, ctx1, flt1;
	uint8_t pkt0, pkt1; /* PacketEn */
	uint8_t tracestop;
	uint8_t topa_start; /* output begins: load the pointers */
	uint8_t drop_all;   /* buffered bytes are lost (VMXON: DROP) */

	/* packet */
	struct ptv_lp_packet *packet; /* the packetizer's next state: it is made where it will be,
					 in a copy of this one */
	uint8_t packet_kind;	      /* what enters the buffer */
	uint8_t packet_len;
	uint8_t psb_made; /* PSB was part of an enable: PendPSB is made good */
	uint8_t psb_lost; /* PSB was due when TriggerEn fell */
	uint16_t lost;	  /* bytes of packets that did not fit */
	uint8_t bytes[PTV_PACKET_MAX];

	/* fifo */
	uint8_t drop_cause;
	uint16_t drop_len;
	uint8_t flush_end;

	/* op */
	uint8_t phase; /* enum ptv_phase after this clock */
	uint8_t done;
};

#endif /* PTV_HW_WIRES_H */
