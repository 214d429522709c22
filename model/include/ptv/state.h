/* SPDX-License-Identifier: MIT */
/*
 * The state tree: plain structs without pointers and padding, generated from the lists
 * spec/state_hw.def (processor, workload, memory) and spec/state_kern.def (core and driver:
 * ptv/kern.h).
 *
 * Each field has a class. KEY: part of the canonical state. REL: a cycle, compared relative to the
 * LP's clock (PTV_NEVER and cycles in the past are canonical values). COUNT: totals and clocks,
 * left out of the key. PAD: explicit padding, always 0. The list drives declaration, diff, hash and
 * print, so that no field can be forgotten; a static assertion on the sum of sizes proves that the
 * compiler added none.
 */
#ifndef PTV_STATE_H
#define PTV_STATE_H

#include "ptv/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PTV_FIFO_MAX  1024U /* bytes: the largest internal buffer (latency.def: buf_bytes) */
#define PTV_MEM_WORDS 128U  /* 64-bit words of ToPA tables in one machine */

#define PTV_STATE_FILE "spec/state_hw.def"
#include "ptv/state_decl.h"

enum ptv_field_class { PTV_CLASS_KEY, PTV_CLASS_REL, PTV_CLASS_COUNT, PTV_CLASS_PAD };

/* One scalar of a struct, flattened: "rtit.ctl", "rtit.addr[3]". */
struct ptv_field_visit {
	const char *path;    /* valid during the call only */
	const char *meaning; /* from the list */
	uint64_t a, b;	     /* values in the two trees (equal trees when only one was given) */
	enum ptv_field_class class_;
	uint8_t width_bytes;
};

/*
 * Calls visit for every scalar of `struct ptv_<tag>` at a and b (b may equal a). Returns the number
 * of scalars whose values differ. Tags are those of the lists; an unknown tag is an assertion.
 */
size_t ptv_state_visit(const char *tag, const void *a, const void *b,
		       void (*visit)(void *ctx, const struct ptv_field_visit *field), void *ctx);

/*
 * Hash of the canonical form of `struct ptv_<tag>` at p (KEY as it is, REL minus base, COUNT and
 * PAD left out). 64-bit; the same on every machine.
 */
uint64_t ptv_state_hash(const char *tag, const void *p, uint64_t base_cycle);

#ifdef __cplusplus
}
#endif

#endif /* PTV_STATE_H */
