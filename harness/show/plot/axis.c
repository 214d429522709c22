/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "show/plot/page.h"

static uint64_t tick_step(const struct ptv_page *page)
{
	static const uint64_t nice[] = {1, 2, 5};
	const uint64_t wanted = (page->to - page->from) / 12U;
	uint64_t power;
	size_t i;

	for (power = 1; power < UINT64_MAX / 100U; power *= 10U) {
		for (i = 0; i < PTV_ARRAY_SIZE(nice); i++) {
			if (nice[i] * power >= wanted)
				return nice[i] * power;
		}
	}
	return power;
}

void ptv_page_axis(struct ptv_page *page)
{
	const struct ptv_font font = {PTV_PAGE_SMALL, false, PTV_INK};
	const uint64_t step = tick_step(page);
	const double y = page->y;
	uint64_t tick;
	char text[32];

	ptv_canvas_line(page->canvas, PTV_LINE_THIN,
			(struct ptv_box){page->left, y, page->right, y}, PTV_INK);
	for (tick = (page->from + step - 1U) / step * step; tick <= page->to; tick += step) {
		const double x = ptv_page_x(page, tick);

		ptv_canvas_line(page->canvas, PTV_LINE_THIN, (struct ptv_box){x, y, x, y + 4.0},
				PTV_INK);
		(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)tick);
		ptv_canvas_text(page->canvas, x, y + 12.0,
				x + ptv_text_pixels(text, font) / 2.0 >
						(double)page->plot->width - 2.0
					? PTV_ALIGN_RIGHT
					: PTV_ALIGN_CENTRE,
				font, text);
	}
	ptv_canvas_text(page->canvas, PTV_PAGE_MARGIN, y + 12.0, PTV_ALIGN_LEFT,
			(struct ptv_font){PTV_PAGE_TEXT, false, PTV_INK}, "cycles");
	page->y += 26.0;
}

/* Whether any group's lane has a span of this value. */
static bool any(const struct ptv_page *page, enum ptv_plot_kind kind, uint64_t value)
{
	size_t i, j;

	for (i = 0; i < page->plot->groups; i++) {
		const struct ptv_plot_lane *lane = &page->plot->group[i].lane[kind];

		for (j = 0; j < lane->count; j++) {
			if (lane->at[j].value == value && ptv_page_on(page, &lane->at[j]))
				return true;
		}
	}
	return false;
}

#define LEGEND_LINE 18.0

/* Makes room for a sample and its name; the next line when this one is full. */
static double legend_place(struct ptv_page *page, double *x, const char *name)
{
	const struct ptv_font font = {PTV_PAGE_TEXT, false, PTV_INK};
	const double width = 20.0 + ptv_text_pixels(name, font) + 16.0;
	double at;

	if (*x + width > (double)page->plot->width && *x > page->left) {
		*x = page->left;
		page->y += LEGEND_LINE;
	}
	at = *x;
	ptv_canvas_text(page->canvas, at + 20.0, page->y + LEGEND_LINE / 2.0, PTV_ALIGN_LEFT, font,
			name);
	*x += width;
	return at;
}

static void legend_box(struct ptv_page *page, double *x, uint32_t rgb, const char *name)
{
	const double at = legend_place(page, x, name);

	ptv_canvas_box(page->canvas,
		       (struct ptv_box){at, page->y + 4.0, at + 15.0, page->y + LEGEND_LINE - 3.0},
		       rgb);
}

void ptv_page_legend(struct ptv_page *page)
{
	static const struct {
		enum ptv_plot_pmi value;
		enum ptv_shape shape;
		uint32_t rgb;
		const char *name;
	} pmi[] = {
		{PTV_PLOT_PMI_RAISED, PTV_SHAPE_UP, PTV_INK_PMI, "PMI raised"},
		{PTV_PLOT_PMI_TAKEN, PTV_SHAPE_DOWN, PTV_INK, "NMI taken"},
		{PTV_PLOT_PMI_DROPPED, PTV_SHAPE_CROSS, PTV_INK_BAD, "PMI dropped"},
	};
	double x = page->left;
	unsigned int i;

	for (i = 1; i < PTV_PLOT_MODES; i++) {
		if (any(page, PTV_PLOT_RUNS, i))
			legend_box(page, &x, ptv_look_mode[i].fill, ptv_look_mode[i].text);
	}
	for (i = 0; i < PTV_ARRAY_SIZE(pmi); i++) {
		if (any(page, PTV_PLOT_PMI, pmi[i].value)) {
			const double at = legend_place(page, &x, pmi[i].name);

			ptv_canvas_shape(page->canvas, pmi[i].shape, at + 9.0,
					 page->y + LEGEND_LINE / 2.0, pmi[i].rgb);
		}
	}
	if (any(page, PTV_PLOT_GAP, PTV_PLOT_GAP_SILENT))
		legend_box(page, &x, PTV_SHADE_SILENT, "gap, never announced");
	if (any(page, PTV_PLOT_GAP, PTV_PLOT_GAP_ANNOUNCED))
		legend_box(page, &x, PTV_SHADE_TOLD, "gap, announced by a record's flag");
	page->y += LEGEND_LINE + PTV_PAGE_MARGIN;
}
