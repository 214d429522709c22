/* SPDX-License-Identifier: MIT */
/*
 * The trace as a reader sees it: the stored bytes, run through libipt.
 *
 * libipt knows nothing of the model, so it is a second opinion on every byte: its packet decoder
 * says whether the bytes are packets at all; its encoder, given what was decoded, whether they are
 * the bytes that it would have written (reserved bits, lengths of payloads); its block decoder
 * whether they tell a way through the code (ptv_code_read()) that a processor could have gone. A
 * decoder starts at a PSB, and after an error again at the next one; what lies between is lost to
 * it, and is counted here.
 *
 * What is wrong with a trace is a value in the result. The functions themselves fail only when a
 * decoder cannot be had, or when segments do not lie in the trace.
 */
#ifndef PTV_HARNESS_READER_H
#define PTV_HARNESS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"

/* A stretch of bytes that were stored one after the other. */
struct ptv_reader_segment {
	size_t offset;	 /* of its first byte in the trace */
	size_t size;	 /* bytes */
	bool mid_packet; /* it may begin within a packet (a ring that has wrapped): what comes
			    before its first PSB is skipped */
};

/* Bytes of one LP, in the order in which they were stored. */
struct ptv_reader_trace {
	const uint8_t *bytes;
	size_t size;
	const struct ptv_reader_segment *segments; /* NULL: one, which begins with a packet */
	size_t segment_count;
	bool bdm70; /* the decoders are told of this erratum: FUP in the PSB+ before a TIP.PGE */
};

/* Packets, in the order of spec/packet.def. */
enum ptv_reader_packet {
#define PTV_PACKET(NAME, text, meaning) PTV_READER_##NAME,
#include "spec/packet.def"
#undef PTV_PACKET
	PTV_READER_OTHER, /* a good packet that the model never makes */
	PTV_READER_PACKETS
};

/* Where decoding failed. */
struct ptv_reader_error {
	const char *text; /* libipt's; NULL: no error */
	int code;	  /* enum pt_error_code */
	size_t offset;	  /* packets: of the bad one in the trace; blocks: how far was read */
	uint64_t ip;	  /* blocks: the last IP reached, 0 if none */
};

struct ptv_reader_packets {
	uint64_t count[PTV_READER_PACKETS];
	uint64_t errors;
	size_t skipped; /* bytes before the first PSB of a segment with mid_packet, and after errors
			 */
	size_t cut;	/* bytes of packets that a segment's end cut off */
	struct ptv_reader_error first;
	uint64_t differ;     /* good packets that libipt's encoder writes with other bytes */
	size_t first_differ; /* offset of the first of them in the trace */
};

/* One good packet. */
struct ptv_reader_packet_at {
	size_t offset; /* in the trace */
	size_t size;
	enum ptv_reader_packet kind;
	uint64_t payload; /* TIP, FUP: the IP as sent; PIP: CR3; VMCS: the pointer; else 0 */
	uint8_t ip_bytes; /* TIP, FUP: payload bytes, 0 suppressed */
	uint8_t nr;	  /* PIP */
};
typedef void ptv_reader_packet_fn(void *ctx, const struct ptv_reader_packet_at *packet);

/*
 * Decodes every packet of the trace. visit may be NULL. 0, or -1 with a diagnostic.
 */
int ptv_reader_packets(const struct ptv_reader_trace *trace, struct ptv_reader_packets *result,
		       ptv_reader_packet_fn *visit, void *ctx, struct ptv_diag *diag);

enum ptv_reader_event {
	PTV_READER_EV_ENABLED,	      /* to */
	PTV_READER_EV_DISABLED,	      /* to, unless hidden: by a branch */
	PTV_READER_EV_ASYNC_DISABLED, /* at; to, unless hidden */
	PTV_READER_EV_ASYNC_BRANCH,   /* at, to: an interrupt or VM exit */
	PTV_READER_EV_PAGING,	      /* value: CR3; non_root */
	PTV_READER_EV_ASYNC_PAGING,   /* the same, at `at` */
	PTV_READER_EV_OVERFLOW,	      /* to, unless hidden: where it goes on */
	PTV_READER_EV_EXEC_MODE,
	PTV_READER_EV_STOP,
	PTV_READER_EV_VMCS,	  /* value: the pointer */
	PTV_READER_EV_ASYNC_VMCS, /* the same, at `at` */
	PTV_READER_EV_CBR,
	PTV_READER_EV_OTHER,
	PTV_READER_EVENTS
};

const char *ptv_reader_event_name(enum ptv_reader_event event);

/* The branch that ends a block. */
enum ptv_reader_branch {
	PTV_READER_BR_NONE, /* the block ends for another reason: an event, or the trace's end */
	PTV_READER_BR_JCC,
	PTV_READER_BR_JMP, /* direct or indirect */
	PTV_READER_BR_CALL,
	PTV_READER_BR_RET,
	PTV_READER_BR_FAR, /* far call, return or jump: SYSCALL, SYSRET, IRET, VMLAUNCH */
	PTV_READER_BRANCHES
};

enum ptv_reader_step_kind {
	PTV_READER_SYNC, /* the decoder stands at a PSB */
	PTV_READER_BLOCK,
	PTV_READER_EVENT,
	PTV_READER_ERROR /* and looks for the next PSB */
};

/* What the block decoder did. */
struct ptv_reader_step {
	enum ptv_reader_step_kind kind;
	size_t offset; /* SYNC: of the PSB; else how far the decoder has read: it reads ahead */
	/* BLOCK */
	uint64_t ip, end_ip; /* of its first and last instruction */
	enum ptv_reader_branch branch;
	uint32_t insns;
	/* EVENT */
	enum ptv_reader_event event;
	uint64_t at, to, value;
	bool hidden;   /* to is not known */
	bool status;   /* it repeats what is so, inside PSB+ */
	bool resumed;  /* ENABLED: where it was disabled */
	bool non_root; /* PAGING */
	/* ERROR */
	struct ptv_reader_error error;
};
typedef void ptv_reader_step_fn(void *ctx, const struct ptv_reader_step *step);

struct ptv_reader_blocks {
	uint64_t syncs; /* PSBs at which decoding began; 0: nothing was decoded */
	uint64_t blocks;
	uint64_t insns;
	uint64_t branches[PTV_READER_BRANCHES];
	uint64_t events[PTV_READER_EVENTS]; /* without status ones */
	uint64_t errors;
	size_t skipped; /* bytes between an error and the next PSB, and before a segment's first */
	struct ptv_reader_error first;
};

/*
 * Decodes the way that the trace tells. Blocks end at every branch. visit may be NULL. 0, or -1
 * with a diagnostic.
 */
int ptv_reader_blocks(const struct ptv_reader_trace *trace, struct ptv_reader_blocks *result,
		      ptv_reader_step_fn *visit, void *ctx, struct ptv_diag *diag);

#endif /* PTV_HARNESS_READER_H */
