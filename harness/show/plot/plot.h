/* SPDX-License-Identifier: MIT */
/*
 * A timeline as a picture: what every policy made of it, one below the other, on one axis of
 * cycles.
 *
 * What it is. A group shows one LP under one policy: a stack of lanes that were read off the
 * observations of one run, and its violations. Three steps, each a file: build.c reads observations
 * into lanes (a pure function), page.c lays the lanes out as boxes, lines and texts in pixels, and
 * gnuplot.c has gnuplot draw them. Nothing but observations and verdicts is looked at, so that the
 * picture of an engine differs only in what was seen of it.
 *
 * Lanes. A lane is a list of spans [from, to) of cycles, in order, not overlapping, each with a
 * value; where there is no span the value is 0. A mark is a span of no length.
 *
 * Rules. The same observations give the same bytes of script, and the same svg.
 */
#ifndef PTV_HARNESS_SHOW_PLOT_PLOT_H
#define PTV_HARNESS_SHOW_PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "play/text.h"
#include "ptv/check.h"
#include "ptv/obs.h"

/* What a lane shows, in the order in which lanes are stacked. */
enum ptv_plot_kind {
	PTV_PLOT_RUNS,	     /* what the LP executes: enum ptv_plot_mode */
	PTV_PLOT_VMX,	     /* enum ptv_vmx_mode */
	PTV_PLOT_TRACE_EN,   /* RTIT_CTL.TraceEn */
	PTV_PLOT_TRIGGER_EN, /* RTIT_STATUS.TriggerEn; shown only where it differs from TraceEn */
	PTV_PLOT_BELIEF,     /* the driver's vmx_on */
	PTV_PLOT_EVENT,	     /* enum ptv_plot_event */
	PTV_PLOT_RECORD,     /* AUX transactions: PTV_PLOT_TX_*, flags and size of the record */
	PTV_PLOT_FILL, /* bytes that the consumer has not taken; the lane's full: buffer size */
	PTV_PLOT_PMI,  /* marks: enum ptv_plot_pmi */
	PTV_PLOT_GAP,  /* enum ptv_plot_gap */
	PTV_PLOT_LANES
};

/* Whose code the LP executes. */
enum ptv_plot_mode {
	PTV_PLOT_NOTHING, /* nothing retires */
	PTV_PLOT_USER,	  /* workload at CPL 3 */
	PTV_PLOT_KERNEL,  /* workload at CPL 0 */
	PTV_PLOT_CORE,	  /* perf core and scheduler */
	PTV_PLOT_DRIVER,
	PTV_PLOT_NMI, /* the NMI handler, whatever it calls */
	PTV_PLOT_KVM,
	PTV_PLOT_GUEST,
	PTV_PLOT_MODES
};

/* A perf event as seen from one LP. */
enum ptv_plot_event {
	PTV_PLOT_OFF,
	PTV_PLOT_INACTIVE,
	PTV_PLOT_ACTIVE,  /* ACTIVE here, but time_running rests */
	PTV_PLOT_COUNTED, /* ACTIVE here, and time_running advances */
	PTV_PLOT_ERROR,
	PTV_PLOT_EVENTS
};

/* Values of RECORD. */
#define PTV_PLOT_TX_CLOSED 1U /* the transaction ended within the timeline */
#define PTV_PLOT_TX_OPEN   2U /* it was ended by closing the event afterwards */
#define PTV_PLOT_TX_LEFT   3U /* it was never ended: nothing was reported */
#define PTV_PLOT_TX_FAILED 4U /* no transaction: perf_aux_output_begin() failed (a mark) */

enum ptv_plot_pmi {
	PTV_PLOT_PMI_NONE,
	PTV_PLOT_PMI_RAISED,
	PTV_PLOT_PMI_TAKEN,  /* an NMI was entered */
	PTV_PLOT_PMI_DROPPED /* the request met a masked LVTPC */
};

enum ptv_plot_gap { PTV_PLOT_NO_GAP, PTV_PLOT_GAP_SILENT, PTV_PLOT_GAP_ANNOUNCED };

struct ptv_plot_span {
	uint64_t from, to; /* cycles; to is PTV_NEVER only while the lane is being built */
	uint64_t value;	   /* by kind of lane; never 0 */
	uint64_t size;	   /* RECORD: bytes; GAP: cycle of the traced branch that ends it */
	uint32_t flags;	   /* RECORD: PERF_AUX_FLAG_* */
};

struct ptv_plot_lane {
	struct ptv_plot_span *at;
	size_t count, room;
	uint64_t full; /* FILL: size of the buffer in bytes; 0: unknown */
	bool seen;     /* something was observed that this lane shows, be it a 0 */
};

/* When a stimulus began. */
struct ptv_plot_stimulus {
	uint64_t at, ended;
	uint8_t kind; /* enum ptv_stimulus_kind */
	uint8_t lp;
	uint32_t index;
};

struct ptv_plot_mark {
	uint64_t at;
	enum ptv_check check;
};

/* One LP under one policy. */
struct ptv_plot_group {
	char *title; /* "handle-vmx" */
	char *note;  /* "reconstructed: ..."; may be empty */
	struct ptv_plot_lane lane[PTV_PLOT_LANES];
	struct ptv_plot_stimulus *stimulus;
	size_t stimuli, stimulus_room;
	struct ptv_plot_mark *mark; /* violations, by cycle */
	size_t marks, mark_room;
	bool judged;	    /* marks and exercised are valid */
	unsigned exercised; /* checks that were exercised */
	bool died;	    /* the timeline ended in a panic */
	uint64_t end;	    /* cycle at which the timeline ended */
};

/* What a group is built from. */
struct ptv_plot_input {
	const struct ptv_obs *obs; /* the run itself, in order */
	size_t count;
	const struct ptv_obs *closing; /* what happened on the copy that was closed after it */
	size_t closings;
	const struct ptv_verdicts *verdicts; /* NULL: not judged */
	unsigned int lp, event;
};

struct ptv_plot {
	char *title;	/* the question */
	char *subtitle; /* where it comes from */
	struct ptv_plot_group *group;
	size_t groups, group_room;
	uint64_t from, to;  /* cycles shown; to == 0: up to the last end */
	unsigned int width; /* pixels */
};

#define PTV_PLOT_WIDTH	   1400U
#define PTV_PLOT_MIN_WIDTH 640U
#define PTV_PLOT_MAX_WIDTH 8000U

/* Appends a group, filled in from the input; title and note are copied. */
struct ptv_plot_group *ptv_plot_add(struct ptv_plot *plot, const char *title, const char *note,
				    const struct ptv_plot_input *input);
void ptv_plot_free(struct ptv_plot *plot);

/* Reads observations into lanes, stimuli and marks of an empty group. */
void ptv_plot_build(struct ptv_plot_group *group, const struct ptv_plot_input *input);

enum ptv_plot_format { PTV_PLOT_SVG, PTV_PLOT_PNG, PTV_PLOT_FORMATS };

/* By the ending of a path. 0; -1 with *diag set, naming what is accepted. */
int ptv_plot_format(const char *path, enum ptv_plot_format *format, struct ptv_diag *diag);

/* The gnuplot script that draws the plot to its standard output. */
void ptv_plot_script(const struct ptv_plot *plot, enum ptv_plot_format format,
		     struct ptv_string *script);

/*
 * Draws to a file: beside it first, then renamed, so that a failure leaves no half picture. 0; -1
 * with *diag set: unknown ending, no gnuplot, a file that cannot be written.
 */
int ptv_plot_write(const struct ptv_plot *plot, const char *path, struct ptv_diag *diag);

#endif /* PTV_HARNESS_SHOW_PLOT_PLOT_H */
