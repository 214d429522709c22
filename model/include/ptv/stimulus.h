/* SPDX-License-Identifier: MIT */
/*
 * Stimuli: what a timeline injects. spec/stimulus.def lists them with their arguments.
 */
#ifndef PTV_STIMULUS_H
#define PTV_STIMULUS_H

#include "ptv/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ptv_stimulus_kind {
#define PTV_STIMULUS(NAME, text, layer, args, meaning) PTV_STIM_##NAME,
#include "spec/stimulus.def"
#undef PTV_STIMULUS
	PTV_STIMULI
};

/* Which timelines a stimulus belongs to. */
enum ptv_layer {
	PTV_LAYER_KERNEL = 1, /* a policy drives the machine */
	PTV_LAYER_HW = 2,     /* policy: none; hardware alone */
	PTV_LAYER_BOTH = 3
};

/* How far PROGRESS and RETIRE run. */
enum ptv_progress {
	PTV_PROGRESS_BRANCHES,
	PTV_PROGRESS_TO_INT,
	PTV_PROGRESS_TO_STOP,
	PTV_PROGRESS_PAST_INT
};

struct ptv_stimulus {
	uint64_t at; /* cycle at which it is to begin; PTV_AT_NEXT: when the one before it has ended
		      */
	uint64_t arg[4]; /* meaning by kind: spec/stimulus.def */
	uint8_t kind;	 /* enum ptv_stimulus_kind */
	uint8_t lp;	 /* the LP that it happens on */
	uint8_t event;	 /* the event it concerns */
	uint8_t pad[5];	 /* 0 */
};

#define PTV_AT_NEXT UINT64_MAX

struct ptv_stimulus_row {
	const char *name; /* as in scenario files */
	enum ptv_layer layer;
	const char *args; /* "branches? to?": names of arguments in order of arg[], '?' optional,
			     '-' none */
	const char *meaning;
};

const struct ptv_stimulus_row *ptv_stimulus_rows(void); /* PTV_STIMULI rows */
int ptv_stimulus_find(const char *name);		/* enum ptv_stimulus_kind, or -1 */

#ifdef __cplusplus
}
#endif

#endif /* PTV_STIMULUS_H */
