/* SPDX-License-Identifier: MIT */
/*
 * The page from top to bottom: title, names of the stimuli, a block for each group, axis, legend.
 *
 * Stimuli are named once at the top, over dotted lines through all groups. A group in which they
 * begin at other cycles (a stimulus without `at` begins when the one before has ended, which is the
 * policy's doing) has its own names above it.
 */
#include "show/plot/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptv/stimulus.h"
#include "show/plot/lane.h"

#define SAME_PIXELS 3.0 /* stimuli of two groups as near as that have one name */

double ptv_page_x(const struct ptv_page *page, uint64_t cycle)
{
	const uint64_t at = cycle < page->from ? page->from : cycle > page->to ? page->to : cycle;

	return page->left + (page->right - page->left) * (double)(at - page->from) /
				    (double)(page->to - page->from);
}

bool ptv_page_on(const struct ptv_page *page, const struct ptv_plot_span *span)
{
	return span->to >= page->from && span->from <= page->to;
}

static bool at_on(const struct ptv_page *page, uint64_t cycle)
{
	return cycle >= page->from && cycle <= page->to;
}

static void write_at(const struct ptv_page *page, double x, double y, enum ptv_align align,
		     struct ptv_font font, const char *text)
{
	ptv_canvas_text(page->canvas, x, y, align, font, text);
}

/* --- What is shown --- */

/* The scale of the buffer's fill: all of it once it is half full in any group. */
static uint64_t most_filled(const struct ptv_page *page)
{
	uint64_t most = 0, full = 0;
	size_t i, j;

	for (i = 0; i < page->plot->groups; i++) {
		const struct ptv_plot_lane *lane = &page->plot->group[i].lane[PTV_PLOT_FILL];

		full = lane->full > full ? lane->full : full;
		for (j = 0; j < lane->count; j++) {
			if (ptv_page_on(page, &lane->at[j]) && lane->at[j].value > most)
				most = lane->at[j].value;
		}
	}
	return most * 2U > full && most && full > most ? full : most;
}

static void choose_lanes(struct ptv_page *page)
{
	size_t i;
	int kind;

	for (i = 0; i < page->plot->groups; i++) {
		const struct ptv_plot_group *group = &page->plot->group[i];

		for (kind = 0; kind < PTV_PLOT_LANES; kind++)
			page->shown[kind] |= group->lane[kind].seen;
	}
	page->shown[PTV_PLOT_TRACE_EN] = true;
	page->shown[PTV_PLOT_FILL] = most_filled(page) > 0U;
	page->shown[PTV_PLOT_TRIGGER_EN] = false;
	for (i = 0; i < page->plot->groups; i++) {
		const struct ptv_plot_group *group = &page->plot->group[i];

		page->shown[PTV_PLOT_TRIGGER_EN] |=
			ptv_lane_differ(&group->lane[PTV_PLOT_TRACE_EN],
					&group->lane[PTV_PLOT_TRIGGER_EN], group->end) > 0U;
	}
}

#define SCALE_SIZE 9U

/* "0 to 2.6 KiB (of 32 KiB)": what the height of a lane of fill stands for. */
static void scale_text(const struct ptv_page *page, const struct ptv_plot_lane *lane, char *text,
		       size_t size)
{
	char most[32], full[32];

	ptv_bytes_text(page->most, most, sizeof(most));
	ptv_bytes_text(lane->full, full, sizeof(full));
	if (!lane->full || page->most == lane->full)
		(void)snprintf(text, size, "0 to %s", most);
	else
		(void)snprintf(text, size, "0 to %s (of %s)", most, full);
}

static double scale_width(const struct ptv_page *page)
{
	const struct ptv_font font = {SCALE_SIZE, false, PTV_INK_GREY};
	double width = 0.0;
	char text[80];
	size_t i;

	for (i = 0; i < page->plot->groups; i++) {
		scale_text(page, &page->plot->group[i].lane[PTV_PLOT_FILL], text, sizeof(text));
		if (ptv_text_pixels(text, font) > width)
			width = ptv_text_pixels(text, font);
	}
	return width;
}

static double names_width(const struct ptv_page *page)
{
	const struct ptv_font font = {PTV_PAGE_TEXT, false, PTV_INK};
	double width = ptv_text_pixels("violated", font);
	int kind;

	for (kind = 0; kind < PTV_PLOT_LANES; kind++) {
		const double w = ptv_text_pixels(ptv_rows[kind].name, font);

		if (page->shown[kind] && w > width)
			width = w;
	}
	if (page->shown[PTV_PLOT_FILL] && scale_width(page) > width)
		width = scale_width(page);
	return width;
}

static void set_axis(struct ptv_page *page)
{
	uint64_t end = 0;
	size_t i;

	for (i = 0; i < page->plot->groups; i++)
		end = page->plot->group[i].end > end ? page->plot->group[i].end : end;
	page->from = page->plot->from;
	page->to = page->plot->to ? page->plot->to : end;
	if (page->to <= page->from)
		page->to = page->from + 1U;
	choose_lanes(page);
	page->most = most_filled(page);
	page->left = PTV_PAGE_MARGIN + names_width(page) * 1.03 + 8.0;
	page->right = (double)page->plot->width - PTV_PAGE_RIGHT;
}

/* --- Title --- */

/* Breaks a text into lines that fit. */
static void write_paragraph(struct ptv_page *page, struct ptv_font font, const char *text)
{
	const double room = (double)page->plot->width - 2.0 * PTV_PAGE_MARGIN;
	struct ptv_string line = {0};

	while (*text) {
		size_t word = strcspn(text, " ");
		struct ptv_string longer = {0};

		ptv_string_add(&longer, "%s%s%.*s", ptv_string(&line), line.size ? " " : "",
			       (int)word, text);
		if (line.size && ptv_text_pixels(ptv_string(&longer), font) > room) {
			write_at(page, PTV_PAGE_MARGIN, page->y + font.size * 0.7, PTV_ALIGN_LEFT,
				 font, ptv_string(&line));
			page->y += font.size * 1.4;
			ptv_string_free(&line);
			ptv_string_free(&longer);
			continue;
		}
		ptv_string_free(&line);
		line = longer;
		text += word + strspn(text + word, " ");
	}
	if (line.size) {
		write_at(page, PTV_PAGE_MARGIN, page->y + font.size * 0.7, PTV_ALIGN_LEFT, font,
			 ptv_string(&line));
		page->y += font.size * 1.4;
	}
	ptv_string_free(&line);
}

static void write_title(struct ptv_page *page)
{
	page->y = PTV_PAGE_MARGIN;
	write_paragraph(page, (struct ptv_font){15, true, PTV_INK}, page->plot->title);
	page->y += 2.0;
	write_paragraph(page, (struct ptv_font){PTV_PAGE_TEXT, false, PTV_INK_GREY},
			page->plot->subtitle);
	page->y += 6.0;
}

/* --- Stimuli --- */

static const char *stimulus_name(const struct ptv_plot_stimulus *stimulus)
{
	return ptv_stimulus_rows()[stimulus->kind].name;
}

static bool is_named(const struct ptv_page *page, const struct ptv_plot_stimulus *stimulus)
{
	return stimulus->kind != PTV_STIM_END && at_on(page, stimulus->at);
}

/* Whether the stimuli of a group begin where those of another do that has as many or more. */
static bool same_stimuli(const struct ptv_page *page, const struct ptv_plot_group *all,
			 const struct ptv_plot_group *some)
{
	size_t i;

	for (i = 0; i < some->stimuli; i++) {
		const double apart = ptv_page_x(page, all->stimulus[i].at) -
				     ptv_page_x(page, some->stimulus[i].at);

		if (all->stimulus[i].kind != some->stimulus[i].kind || apart > SAME_PIXELS ||
		    apart < -SAME_PIXELS)
			return false;
	}
	return true;
}

/* The group whose stimuli are named at the top: the first of those that went furthest. */
static const struct ptv_plot_group *named_group(const struct ptv_plot *plot)
{
	const struct ptv_plot_group *named = &plot->group[0];
	size_t i;

	for (i = 1; i < plot->groups; i++) {
		if (plot->group[i].stimuli > named->stimuli)
			named = &plot->group[i];
	}
	return named;
}

static struct ptv_label stimulus_label(const struct ptv_page *page,
				       const struct ptv_plot_stimulus *stimulus)
{
	const struct ptv_font font = {PTV_PAGE_TEXT, false, PTV_INK};
	const double x = ptv_page_x(page, stimulus->at);
	const double width = ptv_text_pixels(stimulus_name(stimulus), font);
	const double edge = (double)page->plot->width - 2.0;
	struct ptv_label label = {.line = x, .left = x + 3.0, .right = x + 3.0 + width};

	if (label.right > edge) {
		label.left -= label.right - edge;
		label.right = edge;
	}
	return label;
}

/* Labels of the stimuli that are named, staggered; the caller frees them. */
static struct ptv_label *place_stimuli(const struct ptv_page *page,
				       const struct ptv_plot_group *group, unsigned int *rows)
{
	struct ptv_label *label = ptv_alloc(group->stimuli, sizeof(*label));
	size_t i, labels = 0;

	for (i = 0; i < group->stimuli; i++) {
		if (is_named(page, &group->stimulus[i]))
			label[labels++] = stimulus_label(page, &group->stimulus[i]);
	}
	*rows = ptv_labels_stagger(label, labels, true);
	return label;
}

static double names_height(const struct ptv_page *page, const struct ptv_plot_group *group)
{
	unsigned int rows;

	free(place_stimuli(page, group, &rows));
	return PTV_PAGE_ROW * (double)rows;
}

/* Names the stimuli of a group in rows at y. Lines begin at the names, or at y, and end at bottom.
 */
static void name_stimuli(struct ptv_page *page, const struct ptv_plot_group *group, bool names,
			 double y, double bottom)
{
	unsigned int rows;
	struct ptv_label *label = place_stimuli(page, group, &rows);
	size_t i, labels = 0;

	for (i = 0; i < group->stimuli; i++) {
		const struct ptv_label *at = &label[labels];
		double top = y;

		if (!is_named(page, &group->stimulus[i]))
			continue;
		if (names) {
			top = y + PTV_PAGE_ROW * (double)(rows - 1U - at->row);
			write_at(page, at->left, top + PTV_PAGE_ROW / 2.0, PTV_ALIGN_LEFT,
				 (struct ptv_font){PTV_PAGE_TEXT, false, PTV_INK},
				 stimulus_name(&group->stimulus[i]));
		}
		ptv_canvas_dotted(page->canvas, at->line, top, bottom, PTV_INK_DOTTED);
		labels++;
	}
	free(label);
}

/* --- A group --- */

/* The cut of a text that fits, with dots. */
static void write_cut(struct ptv_page *page, double x, double y, struct ptv_font font,
		      const char *text)
{
	const double room = page->right - x;
	char *copy = ptv_string_copy(text);
	size_t size = strlen(copy);
	struct ptv_string out = {0};

	while (size > 0U && ptv_text_pixels(copy, font) > room) {
		do
			size--;
		while (size > 0U && ((unsigned char)copy[size] & 0xc0U) == 0x80U);
		copy[size] = '\0';
	}
	ptv_string_add(&out, "%s%s", copy, text[size] ? "..." : "");
	write_at(page, x, y, PTV_ALIGN_LEFT, font, ptv_string(&out));
	ptv_string_free(&out);
	free(copy);
}

static void write_header(struct ptv_page *page, const struct ptv_plot_group *group)
{
	const struct ptv_font bold = {13, true, PTV_INK};
	const struct ptv_font note = {PTV_PAGE_SMALL, false, PTV_INK_GREY};
	const double y = page->y + PTV_PAGE_HEADER / 2.0;

	ptv_canvas_line(page->canvas, PTV_LINE_THIN,
			(struct ptv_box){PTV_PAGE_MARGIN, page->y, page->right, page->y},
			PTV_INK_GREY);
	write_at(page, PTV_PAGE_MARGIN, y, PTV_ALIGN_LEFT, bold, group->title);
	write_cut(page, PTV_PAGE_MARGIN + ptv_text_pixels(group->title, bold) + 12.0, y + 1.0, note,
		  group->note);
	page->y += PTV_PAGE_HEADER;
}

/* On paper of its own, so that no dotted line goes through it. */
static void write_none(struct ptv_page *page, const struct ptv_row *row)
{
	const struct ptv_font font = {PTV_PAGE_SMALL, false, PTV_INK_GREY};
	const double x = page->left + 6.0;

	ptv_canvas_box(page->canvas,
		       (struct ptv_box){x - 2.0, page->y + 1.0,
					x + ptv_text_pixels(row->none, font) + 2.0,
					page->y + row->height - 1.0},
		       PTV_PAPER);
	write_at(page, x, page->y + row->height / 2.0, PTV_ALIGN_LEFT, font, row->none);
}

static void draw_lane(struct ptv_page *page, const struct ptv_plot_group *group, int kind)
{
	const struct ptv_row *row = &ptv_rows[kind];
	const struct ptv_plot_lane *lane = &group->lane[kind];
	const double name_y = kind == PTV_PLOT_FILL ? page->y + 10.0 : page->y + row->height / 2.0;

	write_at(page, page->left - 8.0, name_y, PTV_ALIGN_RIGHT,
		 (struct ptv_font){PTV_PAGE_TEXT, false, PTV_INK}, row->name);
	ptv_canvas_line(page->canvas, PTV_LINE_THIN,
			(struct ptv_box){page->left, page->y + row->height, page->right,
					 page->y + row->height},
			PTV_INK_RULE);
	if (kind == PTV_PLOT_FILL) {
		char text[80];

		scale_text(page, lane, text, sizeof(text));
		write_at(page, page->left - 8.0, page->y + PTV_PAGE_ANALOGUE - 8.0, PTV_ALIGN_RIGHT,
			 (struct ptv_font){SCALE_SIZE, false, PTV_INK_GREY}, text);
	}
	if (!lane->count && row->none)
		write_none(page, row);
	row->draw(page, lane, row, page->y);
	page->y += row->height + PTV_PAGE_LANE_GAP;
}

/* Violations by name, each at a cross. */
static void draw_marks(struct ptv_page *page, const struct ptv_plot_group *group)
{
	const struct ptv_font font = {PTV_PAGE_TEXT, false, PTV_INK_BAD};
	struct ptv_label *label = ptv_alloc(group->marks, sizeof(*label));
	const double y = page->y + PTV_PAGE_ROW / 2.0;
	unsigned int rows;
	size_t i;

	for (i = 0; i < group->marks; i++) {
		const char *id = ptv_check_rows()[group->mark[i].check].id;
		const double x = ptv_page_x(page, group->mark[i].at);
		const double width = ptv_text_pixels(id, font);
		const bool before = x + 8.0 + width > (double)page->plot->width - 2.0;

		label[i] = (struct ptv_label){.line = x,
					      .left = before ? x - 8.0 - width : x - 5.0,
					      .right = before ? x + 5.0 : x + 8.0 + width};
	}
	rows = ptv_labels_stagger(label, group->marks, false);
	for (i = 0; i < group->marks; i++) {
		const double row_y = y + PTV_PAGE_ROW * (double)label[i].row;
		const bool before = label[i].line > label[i].left + 6.0;

		if (!at_on(page, group->mark[i].at))
			continue;
		ptv_canvas_shape(page->canvas, PTV_SHAPE_CROSS, label[i].line, row_y, PTV_INK_BAD);
		write_at(page, before ? label[i].line - 8.0 : label[i].line + 8.0, row_y,
			 before ? PTV_ALIGN_RIGHT : PTV_ALIGN_LEFT, font,
			 ptv_check_rows()[group->mark[i].check].id);
	}
	free(label);
	page->y += PTV_PAGE_ROW * (double)(rows ? rows : 1U);
}

static void draw_verdict(struct ptv_page *page, const struct ptv_plot_group *group)
{
	const double y = page->y + PTV_PAGE_ROW / 2.0;
	char text[80];

	if (!group->judged)
		return;
	write_at(page, page->left - 8.0, y, PTV_ALIGN_RIGHT,
		 (struct ptv_font){PTV_PAGE_TEXT, false, PTV_INK}, "violated");
	if (group->marks) {
		draw_marks(page, group);
		return;
	}
	(void)snprintf(text, sizeof(text), "nothing (%u of %u checks exercised)", group->exercised,
		       (unsigned int)PTV_CHECKS);
	write_at(page, page->left + 6.0, y, PTV_ALIGN_LEFT,
		 (struct ptv_font){PTV_PAGE_TEXT, false, PTV_INK_GOOD}, text);
	page->y += PTV_PAGE_ROW;
}

/* Gaps shade the whole height of their group. */
static void shade(struct ptv_page *page, const struct ptv_plot_group *group, double top)
{
	const struct ptv_plot_lane *lane = &group->lane[PTV_PLOT_GAP];
	size_t i;

	for (i = 0; i < lane->count; i++) {
		const struct ptv_plot_span *gap = &lane->at[i];
		struct ptv_box box = {ptv_page_x(page, gap->from), top, ptv_page_x(page, gap->to),
				      page->y};

		if (!ptv_page_on(page, gap))
			continue;
		if (box.right < box.left + 1.0)
			box.right = box.left + 1.0;
		ptv_canvas_shade(page->canvas, box,
				 gap->value == PTV_PLOT_GAP_SILENT ? PTV_SHADE_SILENT
								   : PTV_SHADE_TOLD);
	}
}

static void draw_group(struct ptv_page *page, const struct ptv_plot_group *group, bool own_names)
{
	double top, first;
	int kind;

	page->end = group->end < page->to ? group->end : page->to;
	write_header(page, group);
	top = page->y;
	if (own_names)
		page->y += names_height(page, group) + 3.0;
	first = page->y;
	for (kind = 0; kind < PTV_PLOT_LANES; kind++) {
		if (page->shown[kind])
			draw_lane(page, group, kind);
	}
	name_stimuli(page, group, own_names, top, page->y);
	if (group->died)
		write_at(page, ptv_page_x(page, group->end) + 6.0, first + PTV_PAGE_BAND / 2.0,
			 PTV_ALIGN_LEFT, (struct ptv_font){PTV_PAGE_TEXT, true, PTV_INK_BAD},
			 "panic");
	if (page->end < page->to)
		ptv_canvas_line(page->canvas, PTV_LINE_THIN,
				(struct ptv_box){ptv_page_x(page, page->end), first,
						 ptv_page_x(page, page->end), page->y},
				PTV_INK_GREY);
	draw_verdict(page, group);
	shade(page, group, top);
	page->y += PTV_PAGE_GROUP_GAP;
}

/* --- The whole --- */

void ptv_plot_script(const struct ptv_plot *plot, enum ptv_plot_format format,
		     struct ptv_string *script)
{
	struct ptv_canvas canvas = {0};
	struct ptv_page page = {.plot = plot, .canvas = &canvas};
	const struct ptv_plot_group *named;
	double top;
	size_t i;

	PTV_ASSERT(plot->groups > 0U && plot->width >= PTV_PLOT_MIN_WIDTH);
	set_axis(&page);
	write_title(&page);
	named = named_group(plot);
	top = page.y;
	page.y += names_height(&page, named);
	name_stimuli(&page, named, true, top, page.y);
	for (i = 0; i < plot->groups; i++)
		draw_group(&page, &plot->group[i], !same_stimuli(&page, named, &plot->group[i]));
	ptv_page_axis(&page);
	ptv_page_legend(&page);
	ptv_canvas_script(&canvas, format, plot->width, (unsigned int)(page.y + 0.5), script);
	ptv_canvas_free(&canvas);
}
