/* SPDX-License-Identifier: MIT */
/*
 * How each lane is drawn: a table of rows, and the few ways there are.
 */
#include <stdio.h>
#include <string.h>

#include "show/plot/lane.h"
#include "show/plot/page.h"

#define MIN_PIXELS 1.2 /* a span is never thinner */
#define TEXT_PAD   4.0

const struct ptv_look ptv_look_mode[PTV_PLOT_MODES] = {
	[PTV_PLOT_NOTHING] = {0, 0, NULL},
	[PTV_PLOT_USER] = {0xb4d9f0, PTV_INK, "user"},
	[PTV_PLOT_KERNEL] = {0x4a90c2, PTV_INK, "kernel"},
	[PTV_PLOT_CORE] = {0xf7d794, PTV_INK, "perf core"},
	[PTV_PLOT_DRIVER] = {0xe69f00, PTV_INK, "PT driver"},
	[PTV_PLOT_NMI] = {0x222222, 0xffffff, "NMI handler"},
	[PTV_PLOT_KVM] = {0x009e73, 0xffffff, "KVM"},
	[PTV_PLOT_GUEST] = {0xcc79a7, PTV_INK, "guest"},
};

static const struct ptv_look vmx_look[] = {
	[PTV_VMX_OFF] = {0, 0, NULL},
	[PTV_VMX_ROOT] = {0xa6d8c8, PTV_INK, "VMX root"},
	[PTV_VMX_NON_ROOT] = {0xcc79a7, PTV_INK, "guest"},
};

static const struct ptv_look trace_look[] = {{0, 0, NULL}, {0x3c6e96, 0xffffff, NULL}};
static const struct ptv_look belief_look[] = {{0, 0, NULL}, {0x9a9a9a, PTV_INK, NULL}};

static const struct ptv_look event_look[PTV_PLOT_EVENTS] = {
	[PTV_PLOT_OFF] = {0, 0, NULL},
	[PTV_PLOT_INACTIVE] = {0xeeeeee, PTV_INK, "INACTIVE"},
	[PTV_PLOT_ACTIVE] = {PTV_PAPER, PTV_INK, "ACTIVE, not counted"},
	[PTV_PLOT_COUNTED] = {0xdce9f3, PTV_INK, "ACTIVE, counted running"},
	[PTV_PLOT_ERROR] = {PTV_INK_BAD, 0xffffff, "ERROR"},
};

static const struct ptv_look record_look[] = {
	{0, 0, NULL},
	{0xdce9f3, PTV_INK, "AUX record"},
	{0xffe99a, PTV_INK, "AUX record, flagged"},
};

const struct ptv_look ptv_look_gap[] = {
	[PTV_PLOT_NO_GAP] = {0, 0, NULL},
	[PTV_PLOT_GAP_SILENT] = {0xd55e00, 0xffffff, "never announced"},
	[PTV_PLOT_GAP_ANNOUNCED] = {0xf0d000, PTV_INK, "announced"},
};

void ptv_bytes_text(uint64_t bytes, char *text, size_t size)
{
	if (bytes < 1024U)
		(void)snprintf(text, size, "%u B", (unsigned int)bytes);
	else if (bytes % 1024U == 0U && bytes < 1048576U)
		(void)snprintf(text, size, "%u KiB", (unsigned int)(bytes / 1024U));
	else if (bytes < 1048576U)
		(void)snprintf(text, size, "%.1f KiB", (double)bytes / 1024.0);
	else
		(void)snprintf(text, size, "%.1f MiB", (double)bytes / 1048576.0);
}

/* The part of the axis that a span takes. */
static struct ptv_box place(const struct ptv_page *page, const struct ptv_plot_span *span, double y,
			    double height)
{
	struct ptv_box box = {ptv_page_x(page, span->from), y, ptv_page_x(page, span->to),
			      y + height};

	if (box.right - box.left < MIN_PIXELS)
		box.right = box.left + MIN_PIXELS;
	return box;
}

/* Writes the first of the texts that fits into the box. */
static void inscribe(const struct ptv_page *page, struct ptv_box box, uint32_t ink,
		     const char *const *texts, size_t count)
{
	const struct ptv_font font = {PTV_PAGE_SMALL, false, ink};
	size_t i;

	for (i = 0; i < count; i++) {
		if (!texts[i] || !*texts[i] ||
		    ptv_text_pixels(texts[i], font) + 2.0 * TEXT_PAD > box.right - box.left)
			continue;
		ptv_canvas_text(page->canvas, (box.left + box.right) / 2.0,
				(box.top + box.bottom) / 2.0, PTV_ALIGN_CENTRE, font, texts[i]);
		return;
	}
}

/* Coloured bars; their names are in the legend. */
static void draw_runs(const struct ptv_page *page, const struct ptv_plot_lane *lane,
		      const struct ptv_row *row, double y)
{
	size_t i;

	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *span = &lane->at[i];

		if (ptv_page_on(page, span) && span->value < row->looks)
			ptv_canvas_box(page->canvas, place(page, span, y, row->height),
				       row->look[span->value].fill);
	}
}

/* Bars with their names, or one bit. */
static void draw_bars(const struct ptv_page *page, const struct ptv_plot_lane *lane,
		      const struct ptv_row *row, double y)
{
	size_t i;

	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *span = &lane->at[i];
		struct ptv_box box;

		if (!ptv_page_on(page, span) || span->value >= row->looks)
			continue;
		box = place(page, span, y, row->height);
		ptv_canvas_box(page->canvas, box, row->look[span->value].fill);
		if (row->look[span->value].fill == PTV_PAPER)
			ptv_canvas_frame(page->canvas, box, true, PTV_INK_RULE);
		inscribe(page, box, row->look[span->value].ink, &row->look[span->value].text, 1);
	}
}

static void flags_text(uint32_t flags, bool brief, struct ptv_string *text)
{
	static const struct {
		uint32_t flag;
		const char *word, *letter;
	} known[] = {
		{PTV_AUX_FLAG_PARTIAL, " PARTIAL", "P"},
		{PTV_AUX_FLAG_TRUNCATED, " TRUNCATED", "T"},
		{PTV_AUX_FLAG_OVERWRITE, " OVERWRITE", "O"},
		{PTV_AUX_FLAG_COLLISION, " COLLISION", "C"},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(known); i++) {
		if (flags & known[i].flag)
			ptv_string_add(text, "%s", brief ? known[i].letter : known[i].word);
	}
}

static void inscribe_record(const struct ptv_page *page, struct ptv_box box,
			    const struct ptv_plot_span *span)
{
	struct ptv_string longest = {0}, middle = {0}, letters = {0};
	const char *texts[3];
	char size[32];

	if (span->value == PTV_PLOT_TX_LEFT)
		(void)snprintf(size, sizeof(size), "never reported");
	else
		ptv_bytes_text(span->size, size, sizeof(size));
	ptv_string_add(&longest, "%s", size);
	flags_text(span->flags, false, &longest);
	flags_text(span->flags, true, &letters);
	ptv_string_add(&middle, "%s%s%s", size, letters.size ? " " : "", ptv_string(&letters));
	texts[0] = ptv_string(&longest);
	texts[1] = ptv_string(&middle);
	texts[2] = ptv_string(&letters);
	inscribe(page, box, PTV_INK, texts, PTV_ARRAY_SIZE(texts));
	ptv_string_free(&longest);
	ptv_string_free(&middle);
	ptv_string_free(&letters);
}

static void draw_records(const struct ptv_page *page, const struct ptv_plot_lane *lane,
			 const struct ptv_row *row, double y)
{
	const uint32_t untrue = PTV_AUX_FLAG_PARTIAL | PTV_AUX_FLAG_TRUNCATED;
	size_t i;

	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *span = &lane->at[i];
		struct ptv_box box;

		if (!ptv_page_on(page, span))
			continue;
		box = place(page, span, y, row->height);
		if (span->value == PTV_PLOT_TX_FAILED) {
			ptv_canvas_shape(page->canvas, PTV_SHAPE_CROSS, box.left,
					 y + row->height / 2.0, PTV_INK);
			continue;
		}
		ptv_canvas_box(page->canvas, box, row->look[span->flags & untrue ? 2 : 1].fill);
		ptv_canvas_frame(page->canvas, box, span->value == PTV_PLOT_TX_CLOSED, 0x8aa4b8);
		inscribe_record(page, box, span);
	}
}

/* The outline of a lane's value: one step a pixel, the last value in it. */
struct outline {
	const struct ptv_page *page;
	double base, x, y;
};

static void outline_to(struct outline *o, double x, double y)
{
	ptv_canvas_knot(o->page->canvas, PTV_LINE_BOLD, x, o->y, PTV_INK_FILL);
	ptv_canvas_corner(o->page->canvas, x, o->y);
	ptv_canvas_knot(o->page->canvas, PTV_LINE_BOLD, x, y, PTV_INK_FILL);
	ptv_canvas_corner(o->page->canvas, x, y);
	o->x = x;
	o->y = y;
}

static void draw_fill(const struct ptv_page *page, const struct ptv_plot_lane *lane,
		      const struct ptv_row *row, double y)
{
	const double base = y + row->height;
	const double end = ptv_page_x(page, page->end);
	const double first =
		base - row->height * (double)ptv_lane_value(lane, page->from) / (double)page->most;
	struct outline o = {page, base, page->left, first};
	uint64_t until = page->from;
	size_t i;

	ptv_canvas_corner(page->canvas, page->left, base);
	outline_to(&o, page->left, first);
	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *span = &lane->at[i];

		if (!ptv_page_on(page, span))
			continue;
		if (span->from > until && ptv_page_x(page, until) > o.x)
			outline_to(&o, ptv_page_x(page, until), base);
		until = span->to;
		if (ptv_page_x(page, span->to) >= o.x + 1.0)
			outline_to(&o, ptv_page_x(page, span->from),
				   base - row->height * (double)span->value / (double)page->most);
	}
	if (ptv_page_x(page, until) < end)
		outline_to(&o, ptv_page_x(page, until), base);
	outline_to(&o, end, o.y);
	ptv_canvas_knots_end(page->canvas, PTV_LINE_BOLD);
	ptv_canvas_corner(page->canvas, end, base);
	ptv_canvas_area_end(page->canvas);
}

static void draw_pmis(const struct ptv_page *page, const struct ptv_plot_lane *lane,
		      const struct ptv_row *row, double y)
{
	static const struct {
		enum ptv_shape shape;
		uint32_t rgb;
	} look[] = {
		[PTV_PLOT_PMI_RAISED] = {PTV_SHAPE_UP, PTV_INK_PMI},
		[PTV_PLOT_PMI_TAKEN] = {PTV_SHAPE_DOWN, PTV_INK},
		[PTV_PLOT_PMI_DROPPED] = {PTV_SHAPE_CROSS, PTV_INK_BAD},
	};
	size_t i;

	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *span = &lane->at[i];

		if (ptv_page_on(page, span) && span->value < PTV_ARRAY_SIZE(look))
			ptv_canvas_shape(page->canvas, look[span->value].shape,
					 ptv_page_x(page, span->from), y + row->height / 2.0,
					 look[span->value].rgb);
	}
}

static void draw_gaps(const struct ptv_page *page, const struct ptv_plot_lane *lane,
		      const struct ptv_row *row, double y)
{
	size_t i;

	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *span = &lane->at[i];
		const uint64_t cycles = span->to - span->from;
		char longest[64], middle[48], shorter[32];
		const char *const texts[] = {longest, middle, shorter};
		const struct ptv_look *look = &row->look[span->value];
		struct ptv_box box;

		if (!ptv_page_on(page, span))
			continue;
		(void)snprintf(longest, sizeof(longest), "%llu cycles dark, %s",
			       (unsigned long long)cycles, look->text);
		(void)snprintf(middle, sizeof(middle), "%llu cycles dark",
			       (unsigned long long)cycles);
		(void)snprintf(shorter, sizeof(shorter), "%llu", (unsigned long long)cycles);
		box = place(page, span, y, row->height);
		ptv_canvas_box(page->canvas, box, look->fill);
		inscribe(page, box, look->ink, texts, PTV_ARRAY_SIZE(texts));
	}
}

const struct ptv_row ptv_rows[PTV_PLOT_LANES] = {
	[PTV_PLOT_RUNS] = {"LP executes", PTV_PAGE_BAND, draw_runs, ptv_look_mode, PTV_PLOT_MODES,
			   NULL},
	[PTV_PLOT_VMX] = {"VMX operation", PTV_PAGE_BAND, draw_bars, vmx_look, PTV_VMX_MODES, NULL},
	[PTV_PLOT_TRACE_EN] = {"TraceEn", PTV_PAGE_BIT, draw_bars, trace_look, 2, "never set"},
	[PTV_PLOT_TRIGGER_EN] = {"TriggerEn", PTV_PAGE_BIT, draw_bars, trace_look, 2, NULL},
	[PTV_PLOT_BELIEF] = {"driver's vmx_on", PTV_PAGE_BIT, draw_bars, belief_look, 2,
			     "never written"},
	[PTV_PLOT_EVENT] = {"event", PTV_PAGE_BAND, draw_bars, event_look, PTV_PLOT_EVENTS, NULL},
	[PTV_PLOT_RECORD] = {"AUX records", PTV_PAGE_BAND, draw_records, record_look, 3, "none"},
	[PTV_PLOT_FILL] = {"AUX unread", PTV_PAGE_ANALOGUE, draw_fill, NULL, 0, NULL},
	[PTV_PLOT_PMI] = {"PMI, NMI", PTV_PAGE_BAND, draw_pmis, NULL, 0, "none"},
	[PTV_PLOT_GAP] = {"gaps", PTV_PAGE_BAND, draw_gaps, ptv_look_gap, 3, "none"},
};
