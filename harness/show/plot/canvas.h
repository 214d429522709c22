/* SPDX-License-Identifier: MIT */
/*
 * Boxes, lines, points and texts in pixels from the upper left corner, and the gnuplot script that
 * draws them: what is added later covers what was added before, within one kind; the kinds lie over
 * each other as struct ptv_canvas names them.
 */
#ifndef PTV_HARNESS_SHOW_PLOT_CANVAS_H
#define PTV_HARNESS_SHOW_PLOT_CANVAS_H

#include "show/plot/plot.h"

enum ptv_line { PTV_LINE_THIN, PTV_LINE_BOLD, PTV_LINES };
enum ptv_shape { PTV_SHAPE_UP, PTV_SHAPE_DOWN, PTV_SHAPE_CROSS, PTV_SHAPES };
enum ptv_align { PTV_ALIGN_LEFT, PTV_ALIGN_CENTRE, PTV_ALIGN_RIGHT };

/* How a text looks. */
struct ptv_font {
	unsigned int size; /* pixels */
	bool bold;
	uint32_t rgb;
};

/* All zero: empty. */
struct ptv_canvas {
	struct ptv_string shade, dotted, box, area, line[PTV_LINES], shape[PTV_SHAPES], text;
};

struct ptv_box {
	double left, top, right, bottom;
};

/* A box under everything else. */
void ptv_canvas_shade(struct ptv_canvas *canvas, struct ptv_box box, uint32_t rgb);
/* A dotted line from top to bottom. */
void ptv_canvas_dotted(struct ptv_canvas *canvas, double x, double top, double bottom,
		       uint32_t rgb);
void ptv_canvas_box(struct ptv_canvas *canvas, struct ptv_box box, uint32_t rgb);
/* Its four sides, thin; the right one only if asked for. */
void ptv_canvas_frame(struct ptv_canvas *canvas, struct ptv_box box, bool right, uint32_t rgb);
void ptv_canvas_line(struct ptv_canvas *canvas, enum ptv_line style, struct ptv_box from_to,
		     uint32_t rgb);
/* A line in pieces: any number of knots, then an end. */
void ptv_canvas_knot(struct ptv_canvas *canvas, enum ptv_line style, double x, double y,
		     uint32_t rgb);
void ptv_canvas_knots_end(struct ptv_canvas *canvas, enum ptv_line style);
/* Corners of an area, all of one colour, then an end. */
void ptv_canvas_corner(struct ptv_canvas *canvas, double x, double y);
void ptv_canvas_area_end(struct ptv_canvas *canvas);
void ptv_canvas_shape(struct ptv_canvas *canvas, enum ptv_shape shape, double x, double y,
		      uint32_t rgb);
/* y is the middle of the line of text. */
void ptv_canvas_text(struct ptv_canvas *canvas, double x, double y, enum ptv_align align,
		     struct ptv_font font, const char *text);
void ptv_canvas_free(struct ptv_canvas *canvas);

/* The script; it draws to gnuplot's standard output. */
void ptv_canvas_script(const struct ptv_canvas *canvas, enum ptv_plot_format format,
		       unsigned int width, unsigned int height, struct ptv_string *script);

/* Pixels that a text (UTF-8) needs: DejaVu Sans' own advance widths. */
double ptv_text_pixels(const char *text, struct ptv_font font);

#endif /* PTV_HARNESS_SHOW_PLOT_CANVAS_H */
