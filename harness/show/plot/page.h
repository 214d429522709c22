/* SPDX-License-Identifier: MIT */
/*
 * Private to the plot: where things go on the page, and how they look.
 */
#ifndef PTV_HARNESS_SHOW_PLOT_PAGE_H
#define PTV_HARNESS_SHOW_PLOT_PAGE_H

#include "show/plot/canvas.h"

/* Sizes in pixels. */
#define PTV_PAGE_MARGIN	   8.0
#define PTV_PAGE_RIGHT	   18.0
#define PTV_PAGE_TEXT	   11U
#define PTV_PAGE_SMALL	   10U
#define PTV_PAGE_ROW	   15.0 /* a row of staggered labels */
#define PTV_PAGE_LANE_GAP  5.0
#define PTV_PAGE_BAND	   14.0 /* height of a lane of bars */
#define PTV_PAGE_BIT	   11.0 /* height of a lane of one bit */
#define PTV_PAGE_ANALOGUE  34.0
#define PTV_PAGE_HEADER	   22.0 /* of a group */
#define PTV_PAGE_GROUP_GAP 12.0

/* Inks. Fills are Okabe and Ito's, lightened where text stands on them. */
#define PTV_INK		 0x222222U
#define PTV_INK_GREY	 0x666666U
#define PTV_INK_RULE	 0xd9d9d9U
#define PTV_INK_DOTTED	 0x555555U
#define PTV_INK_BAD	 0xc00000U
#define PTV_INK_GOOD	 0x006b4fU
#define PTV_SHADE_SILENT 0xfadcd3U
#define PTV_SHADE_TOLD	 0xfff4c2U
#define PTV_INK_PMI	 0x0072b2U
#define PTV_INK_FILL	 0x3c6e96U
#define PTV_PAPER	 0xffffffU

/* A plot on its way to the canvas. */
struct ptv_page {
	const struct ptv_plot *plot;
	struct ptv_canvas *canvas;
	double left, right; /* of the axis */
	uint64_t from, to;  /* cycles at these */
	uint64_t most;	    /* FILL: the largest value shown */
	bool shown[PTV_PLOT_LANES];
	double y;     /* how far the page is filled */
	uint64_t end; /* of the group that is being drawn */
};

/* x of a cycle, kept on the axis. */
double ptv_page_x(const struct ptv_page *page, uint64_t cycle);
/* Whether any part of a span lies on the axis. */
bool ptv_page_on(const struct ptv_page *page, const struct ptv_plot_span *span);

/* How a value of a lane looks. */
struct ptv_look {
	uint32_t fill, ink;
	const char *text; /* its name; NULL: nothing is drawn */
};
extern const struct ptv_look ptv_look_mode[PTV_PLOT_MODES];
extern const struct ptv_look ptv_look_gap[];

/* A lane's name and height. */
struct ptv_row {
	const char *name;
	double height;
	void (*draw)(const struct ptv_page *page, const struct ptv_plot_lane *lane,
		     const struct ptv_row *row, double y);
	const struct ptv_look *look;
	size_t looks;
	const char *none; /* said where nothing was observed */
};
extern const struct ptv_row ptv_rows[PTV_PLOT_LANES];

/* axis.c: the axis of cycles and the legend, below the groups. */
void ptv_page_axis(struct ptv_page *page);
void ptv_page_legend(struct ptv_page *page);

/* Labels side by side: the row of each so that none covers another or another's line. */
struct ptv_label {
	double line;	    /* x of what is labelled */
	double left, right; /* of the text */
	unsigned int row;
};
/* Labels are sorted by line. Returns the number of rows. */
unsigned int ptv_labels_stagger(struct ptv_label *label, size_t labels, bool lines);

/* "512 B", "2.3 KiB" */
void ptv_bytes_text(uint64_t bytes, char *text, size_t size);

#endif /* PTV_HARNESS_SHOW_PLOT_PAGE_H */
