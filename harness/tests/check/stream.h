/* SPDX-License-Identifier: MIT */
/*
 * Observation streams written by hand, and a timeline in which everything is as it should be.
 *
 * A stream is a list of labelled steps. The good timeline (ptv_good_stream) is: enable, trace, a
 * region fills, PMI, record, the consumer reads; virtualisation on, the workload and a guest run,
 * virtualisation off; trace; disable; close. Edits make it go wrong somewhere. ptv_stream_play()
 * feeds the steps in order; their seq is their index.
 */
#ifndef PTV_TESTS_CHECK_STREAM_H
#define PTV_TESTS_CHECK_STREAM_H

#include "ptv/check.h"

#define PTV_STREAM_STEPS 192

struct ptv_step {
	const char *label; /* NULL: nameless */
	uint64_t cycle;
	enum ptv_obs_kind kind;
	uint64_t a, b, c;
	enum ptv_by by;
	uint8_t lp;
};

struct ptv_stream {
	struct ptv_step step[PTV_STREAM_STEPS];
	unsigned int steps;
	struct ptv_checks checks;
	struct ptv_verdicts found;
};

enum ptv_edit_op {
	PTV_EDIT_NONE,
	PTV_EDIT_DROP,
	PTV_EDIT_AFTER,
	PTV_EDIT_BEFORE,
	PTV_EDIT_INSTEAD
};

struct ptv_edit {
	enum ptv_edit_op op;
	const char *label;
	struct ptv_step step;
};

#define PTV_DROP(label)               \
	{                             \
		PTV_EDIT_DROP, label, \
		{                     \
			0             \
		}                     \
	}
#define PTV_AFTER(label, ...)          \
	{                              \
		PTV_EDIT_AFTER, label, \
		{                      \
			__VA_ARGS__    \
		}                      \
	}
#define PTV_BEFORE(label, ...)          \
	{                               \
		PTV_EDIT_BEFORE, label, \
		{                       \
			__VA_ARGS__     \
		}                       \
	}
#define PTV_INSTEAD(label, ...)          \
	{                                \
		PTV_EDIT_INSTEAD, label, \
		{                        \
			__VA_ARGS__      \
		}                        \
	}

/* The arguments that are packed, as constants. */
#define PTV_OPEN_A(event, context, mode, lp)                                     \
	((uint64_t)(event) | (uint64_t)(context) << 8 | (uint64_t)(mode) << 16 | \
	 (uint64_t)(lp) << 24)
#define PTV_RECORD_A(type, event, flags) \
	((uint64_t)(type) | (uint64_t)(event) << 8 | (uint64_t)(flags) << 16)
#define PTV_RETIRE_B(scope, traced, event_scope) \
	((uint64_t)(scope) | (uint64_t)(traced) << 8 | (uint64_t)(event_scope) << 16)
#define PTV_PAGE_B(offset, bytes) ((uint64_t)(offset) << 32 | (uint64_t)(bytes))
#define PTV_WRMSR_A(msr)	  ((uint64_t)(msr) | PTV_BIT(32))
#define PTV_PLACE(event, offset)  ((uint64_t)(event) << 56 | (uint64_t)(offset))
#define PTV_NMI_MASKED		  0x10400U
#define PTV_NMI_OPEN		  0x400U

void ptv_stream_init(struct ptv_stream *stream);
void ptv_stream_add(struct ptv_stream *stream, const struct ptv_step *steps, size_t count);
void ptv_stream_edit(struct ptv_stream *stream, const struct ptv_edit *edits, size_t count);
/* Index of the step with that label; a fatal failure if there is none. */
unsigned int ptv_stream_find(const struct ptv_stream *stream, const char *label);
/* Feeds all steps; or those before a label. */
void ptv_stream_play(struct ptv_stream *stream);
void ptv_stream_play_until(struct ptv_stream *stream, const char *label);
struct ptv_obs ptv_stream_obs(const struct ptv_stream *stream, unsigned int index);

void ptv_good_stream(struct ptv_stream *stream);
/* Its beginning: the event is enabled and traced since cycle 130, nothing is stored yet. */
void ptv_traced_stream(struct ptv_stream *stream);

/* Adds steps given in place. */
#define PTV_ADD(stream, ...)                                             \
	ptv_stream_add((stream), (const struct ptv_step[]){__VA_ARGS__}, \
		       sizeof((const struct ptv_step[]){__VA_ARGS__}) / sizeof(struct ptv_step))

/* Steps for PTV_ADD: observations of LP 0, nameless or labelled; arguments left out are 0. */
static inline struct ptv_step ptv_step_make(const char *label, uint64_t cycle,
					    enum ptv_obs_kind kind, const uint64_t args[3])
{
	const struct ptv_step step = {label,   cycle,	kind,	     args[0],
				      args[1], args[2], PTV_BY_WORK, 0};

	return step;
}
#define PTV_SAID(label, cycle, kind, ...) \
	ptv_step_make(label, cycle, PTV_OBS_##kind, (const uint64_t[3]){__VA_ARGS__})
#define PTV_AT(cycle, kind, ...) PTV_SAID(NULL, cycle, kind, __VA_ARGS__)

/* How often a check was exercised and violated. */
#define PTV_EXPECT_VERDICT(stream, CHECK, exercised_, violated_)                                 \
	do {                                                                                     \
		PTV_EXPECT_EQ((stream)->found.check[PTV_CHECK_##CHECK].exercised, (exercised_)); \
		PTV_EXPECT_EQ((stream)->found.check[PTV_CHECK_##CHECK].violated, (violated_));   \
	} while (0)

#endif /* PTV_TESTS_CHECK_STREAM_H */
