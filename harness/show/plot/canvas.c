/* SPDX-License-Identifier: MIT */
#include "show/plot/canvas.h"

#define FONT  "DejaVu Sans"
#define AREA  "\"#cfe0ee\""
#define BOXES "using 1:2:3:4:5:6:7 with boxxyerror fs solid 1.0 noborder lc rgb variable"

/* Advance widths of DejaVu Sans and DejaVu Sans Bold, ' ' to '~', in thousandths of the size. */
static const uint16_t advance[2][95] = {
	{317, 400, 459, 837, 636, 950, 779, 274, 390, 390, 500, 837, 317, 360, 317, 336,
	 636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 336, 336, 837, 837, 837, 530,
	 999, 684, 686, 698, 770, 631, 575, 774, 751, 294, 294, 655, 557, 862, 748, 787,
	 603, 787, 694, 634, 610, 731, 684, 988, 685, 610, 685, 390, 336, 390, 837, 500,
	 500, 612, 634, 549, 634, 615, 352, 634, 633, 277, 277, 579, 277, 974, 633, 611,
	 634, 634, 411, 520, 392, 633, 591, 817, 591, 591, 524, 636, 336, 636, 837},
	{348, 456, 520, 837, 695, 999, 872, 306, 457, 457, 522, 837, 379, 415, 379, 365,
	 695, 695, 695, 695, 695, 695, 695, 695, 695, 695, 399, 399, 837, 837, 837, 580,
	 999, 773, 762, 733, 830, 683, 683, 820, 836, 372, 372, 774, 637, 995, 836, 850,
	 732, 850, 770, 720, 682, 812, 773, 999, 770, 724, 725, 457, 365, 457, 837, 500,
	 500, 674, 715, 592, 715, 678, 435, 715, 711, 342, 342, 665, 342, 999, 711, 687,
	 715, 715, 493, 595, 478, 711, 651, 923, 645, 651, 582, 711, 365, 711, 837},
};

#define ADVANCE_OTHER 800U /* of a character outside of ASCII */

double ptv_text_pixels(const char *text, struct ptv_font font)
{
	unsigned int sum = 0;

	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c >= ' ' && c <= '~')
			sum += advance[font.bold][c - ' '];
		else if (c >= 0xc0U)
			sum += ADVANCE_OTHER;
	}
	return (double)sum * (double)font.size / 1000.0;
}

static void add_box(struct ptv_string *to, struct ptv_box box, uint32_t rgb)
{
	ptv_string_add(to, "%.1f %.1f %.1f %.1f %.1f %.1f %u\n", box.left, box.top, box.left,
		       box.right, box.top, box.bottom, rgb);
}

void ptv_canvas_box(struct ptv_canvas *canvas, struct ptv_box box, uint32_t rgb)
{
	add_box(&canvas->box, box, rgb);
}

void ptv_canvas_shade(struct ptv_canvas *canvas, struct ptv_box box, uint32_t rgb)
{
	add_box(&canvas->shade, box, rgb);
}

void ptv_canvas_dotted(struct ptv_canvas *canvas, double x, double top, double bottom, uint32_t rgb)
{
	ptv_string_add(&canvas->dotted, "%.1f %.1f %u\n%.1f %.1f %u\n\n", x, top, rgb, x, bottom,
		       rgb);
}

void ptv_canvas_corner(struct ptv_canvas *canvas, double x, double y)
{
	ptv_string_add(&canvas->area, "%.1f %.1f\n", x, y);
}

void ptv_canvas_area_end(struct ptv_canvas *canvas)
{
	ptv_string_add(&canvas->area, "\n");
}

void ptv_canvas_knot(struct ptv_canvas *canvas, enum ptv_line style, double x, double y,
		     uint32_t rgb)
{
	ptv_string_add(&canvas->line[style], "%.1f %.1f %u\n", x, y, rgb);
}

void ptv_canvas_knots_end(struct ptv_canvas *canvas, enum ptv_line style)
{
	ptv_string_add(&canvas->line[style], "\n");
}

void ptv_canvas_line(struct ptv_canvas *canvas, enum ptv_line style, struct ptv_box from_to,
		     uint32_t rgb)
{
	ptv_canvas_knot(canvas, style, from_to.left, from_to.top, rgb);
	ptv_canvas_knot(canvas, style, from_to.right, from_to.bottom, rgb);
	ptv_canvas_knots_end(canvas, style);
}

void ptv_canvas_frame(struct ptv_canvas *canvas, struct ptv_box box, bool right, uint32_t rgb)
{
	ptv_canvas_knot(canvas, PTV_LINE_THIN, box.right, box.top, rgb);
	ptv_canvas_knot(canvas, PTV_LINE_THIN, box.left, box.top, rgb);
	ptv_canvas_knot(canvas, PTV_LINE_THIN, box.left, box.bottom, rgb);
	ptv_canvas_knot(canvas, PTV_LINE_THIN, box.right, box.bottom, rgb);
	if (right)
		ptv_canvas_knot(canvas, PTV_LINE_THIN, box.right, box.top, rgb);
	ptv_canvas_knots_end(canvas, PTV_LINE_THIN);
}

void ptv_canvas_shape(struct ptv_canvas *canvas, enum ptv_shape shape, double x, double y,
		      uint32_t rgb)
{
	ptv_string_add(&canvas->shape[shape], "%.1f %.1f %u\n", x, y, rgb);
}

/* A text in double quotes, as gnuplot reads it. */
static void quote(struct ptv_string *out, const char *text)
{
	ptv_string_add(out, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			ptv_string_add(out, "\\");
		ptv_string_add(out, "%c", (unsigned char)*text < ' ' ? ' ' : *text);
	}
	ptv_string_add(out, "\"");
}

void ptv_canvas_text(struct ptv_canvas *canvas, double x, double y, enum ptv_align align,
		     struct ptv_font font, const char *text)
{
	static const char *const word[] = {"left", "center", "right"};

	ptv_string_add(&canvas->text, "set label ");
	quote(&canvas->text, text);
	ptv_string_add(&canvas->text, " at %.1f,%.1f %s front font \"" FONT "%s,%u\" tc rgb %u\n",
		       x, y, word[align], font.bold ? ":Bold" : "", font.size, font.rgb);
}

void ptv_canvas_free(struct ptv_canvas *canvas)
{
	unsigned int i;

	ptv_string_free(&canvas->shade);
	ptv_string_free(&canvas->dotted);
	ptv_string_free(&canvas->box);
	ptv_string_free(&canvas->area);
	for (i = 0; i < PTV_LINES; i++)
		ptv_string_free(&canvas->line[i]);
	for (i = 0; i < PTV_SHAPES; i++)
		ptv_string_free(&canvas->shape[i]);
	ptv_string_free(&canvas->text);
}

/* One part of the plot command: a block of data and how it is drawn. */
struct part {
	const struct ptv_string *data;
	const char *name, *with;
};

static void put_parts(const struct part *part, size_t parts, struct ptv_string *script)
{
	const char *before = "plot ";
	size_t i;

	for (i = 0; i < parts; i++) {
		if (part[i].data->size)
			ptv_string_add(script, "%s << EOD\n%sEOD\n", part[i].name,
				       ptv_string(part[i].data));
	}
	for (i = 0; i < parts; i++) {
		if (!part[i].data->size)
			continue;
		ptv_string_add(script, "%s%s %s", before, part[i].name, part[i].with);
		before = ", \\\n     ";
	}
	ptv_string_add(script, "\n");
}

void ptv_canvas_script(const struct ptv_canvas *canvas, enum ptv_plot_format format,
		       unsigned int width, unsigned int height, struct ptv_string *script)
{
	static const char *const terminal[PTV_PLOT_FORMATS] = {
		[PTV_PLOT_SVG] = "svg size %u,%u fixed noenhanced background rgb \"white\" "
				 "font \"" FONT ",11\"",
		[PTV_PLOT_PNG] = "pngcairo size %u,%u noenhanced background rgb \"white\" "
				 "font \"" FONT ",11\" fontscale 0.75",
	};
	const struct part parts[] = {
		{&canvas->shade, "$shade", BOXES},
		{&canvas->dotted, "$dotted",
		 "using 1:2:3 with lines lw 1 dt (2,3) lc rgb variable"},
		{&canvas->box, "$box", BOXES},
		{&canvas->area, "$area",
		 "with filledcurves closed fs solid 1.0 noborder lc rgb " AREA},
		{&canvas->line[PTV_LINE_THIN], "$thin",
		 "using 1:2:3 with lines lw 0.7 lc rgb variable"},
		{&canvas->line[PTV_LINE_BOLD], "$bold",
		 "using 1:2:3 with lines lw 1.6 lc rgb variable"},
		{&canvas->shape[PTV_SHAPE_UP], "$up",
		 "using 1:2:3 with points pt 9 ps 0.8 lc rgb variable"},
		{&canvas->shape[PTV_SHAPE_DOWN], "$down",
		 "using 1:2:3 with points pt 11 ps 0.8 lc rgb variable"},
		{&canvas->shape[PTV_SHAPE_CROSS], "$cross",
		 "using 1:2:3 with points pt 2 ps 0.7 lw 2 lc rgb variable"},
	};

	ptv_string_add(script, "set encoding utf8\nset terminal ");
	/* Both words come from the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	ptv_string_add(script, terminal[format], width, height);
#pragma GCC diagnostic pop
	ptv_string_add(script,
		       "\nunset key\nunset border\nunset tics\n"
		       "set lmargin at screen 0\nset rmargin at screen 1\n"
		       "set tmargin at screen 1\nset bmargin at screen 0\n"
		       "set xrange [0:%u]\nset yrange [%u:0]\n%s",
		       width, height, ptv_string(&canvas->text));
	put_parts(parts, PTV_ARRAY_SIZE(parts), script);
}
