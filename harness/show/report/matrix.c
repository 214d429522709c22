/* SPDX-License-Identifier: MIT */
/*
 * The matrix: one row a scenario, one column a policy, and in each cell one word of the check that
 * the file asks about, with a letter for each other check that is violated. It is meant to be
 * pasted into a mail: at most 100 columns; where the policies need more, a second block follows.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/text.h"
#include "show/report/report.h"

#define WIDTH	 100U
#define NAME_MIN 24U
#define NAME_MAX 40U
#define CELL	 48U

struct matrix {
	FILE *out;
	const struct ptv_report_file *files;
	size_t count;		  /* rows */
	size_t policies;	  /* columns */
	bool letters[PTV_CHECKS]; /* that are used */
	struct column {
		size_t first, last; /* policies that agree in every row */
		size_t width;
	} * column;
	size_t columns;
};

static char letter_of(int check)
{
	return (char)('a' + check);
}

/* "NEVER bc!": the asked check, other violated checks, and ! where something differs from the file.
 */
static void write_cell(struct matrix *m, const struct ptv_answer *answer, char cell[CELL])
{
	const int asked = answer->scenario->asks_check;
	size_t size;
	bool first = true;
	int check;

	ptv_report_cell(answer, asked, cell);
	size = strlen(cell);
	for (check = 0; check < PTV_CHECKS && size + 4U < CELL; check++) {
		if (check == asked || answer->tally[check].violated == 0U)
			continue;
		m->letters[check] = true;
		if (first)
			cell[size++] = ' ';
		first = false;
		cell[size++] = letter_of(check);
	}
	if (ptv_answer_differs(answer))
		cell[size++] = '!';
	cell[size] = '\0';
}

static size_t column_width(struct matrix *m, size_t policy)
{
	size_t width = 2, i;
	char cell[CELL];

	for (i = 0; i < m->count; i++) {
		if (m->files[i].scenario->hw_alone)
			continue;
		write_cell(m, &m->files[i].answer[policy], cell);
		if (strlen(cell) > width)
			width = strlen(cell);
	}
	return width;
}

/* The names get what the columns leave, within bounds. */
static size_t name_width(const struct matrix *m, size_t columns)
{
	const size_t room = columns + NAME_MIN < WIDTH ? WIDTH - columns : NAME_MAX;
	size_t width = 8, i;

	for (i = 0; i < m->count; i++) {
		const size_t size = strlen(m->files[i].scenario->name);

		if (!m->files[i].scenario->hw_alone && size > width)
			width = size;
	}
	if (width > room)
		width = room;
	return width < NAME_MAX ? width : NAME_MAX;
}

static bool same_column(struct matrix *m, size_t a, size_t b)
{
	char cell[2][CELL];
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (m->files[i].scenario->hw_alone)
			continue;
		write_cell(m, &m->files[i].answer[a], cell[0]);
		write_cell(m, &m->files[i].answer[b], cell[1]);
		if (strcmp(cell[0], cell[1]) != 0)
			return false;
	}
	return true;
}

/* "4" or, for neighbours that agree in every row, "4-7". */
static void column_head(const struct matrix *m, size_t column, char text[24])
{
	const unsigned int first = (unsigned int)m->column[column].first + 1U;
	const unsigned int last = (unsigned int)m->column[column].last + 1U;

	(void)snprintf(text, 24, first == last ? "%u" : "%u-%u", first, last);
}

static void make_columns(struct matrix *m)
{
	char head[24];
	size_t i;

	m->column = ptv_alloc(m->policies, sizeof(*m->column));
	for (i = 0; i < m->policies; i++) {
		if (m->columns > 0U && same_column(m, m->column[m->columns - 1U].first, i)) {
			m->column[m->columns - 1U].last = i;
			continue;
		}
		m->column[m->columns].first = i;
		m->column[m->columns].last = i;
		m->column[m->columns++].width = column_width(m, i);
	}
	for (i = 0; i < m->columns; i++) {
		column_head(m, i, head);
		if (strlen(head) > m->column[i].width)
			m->column[i].width = strlen(head);
	}
}

/* A name in pieces of the column's width: broken at a sign where that is possible. Returns the size
 * of the first piece. */
static size_t piece(const char *name, size_t width)
{
	size_t size = strlen(name), i;

	if (size <= width)
		return size;
	for (i = width; i > width / 2U; i--) {
		if (name[i] == '-' || name[i] == '+')
			return i;
	}
	return width;
}

static void end_line(const struct matrix *m, struct ptv_string *line)
{
	while (line->size > 0U && line->at[line->size - 1U] == ' ')
		line->at[--line->size] = '\0';
	(void)fprintf(m->out, "%s\n", ptv_string(line));
	ptv_string_free(line);
}

static void write_row(struct matrix *m, const struct ptv_report_file *file, size_t first,
		      size_t last, size_t names)
{
	const char *name = file->scenario->name;
	size_t size = piece(name, names), i;
	struct ptv_string line = {0};
	char cell[CELL];

	ptv_string_add(&line, "%-*.*s", (int)names, (int)size, name);
	for (i = first; i < last; i++) {
		write_cell(m, &file->answer[m->column[i].first], cell);
		ptv_string_add(&line, " %-*s", (int)m->column[i].width, cell);
	}
	end_line(m, &line);
	for (name += size; *name; name += size) {
		size = piece(name, names - 2U);
		(void)fprintf(m->out, "  %.*s\n", (int)size, name);
	}
}

static void write_block(struct matrix *m, size_t first, size_t last, size_t names)
{
	struct ptv_string line = {0};
	char head[24];
	size_t i;

	ptv_string_add(&line, "%-*s", (int)names, "");
	for (i = first; i < last; i++) {
		column_head(m, i, head);
		ptv_string_add(&line, " %-*s", (int)m->column[i].width, head);
	}
	end_line(m, &line);
	for (i = 0; i < m->count; i++) {
		if (!m->files[i].scenario->hw_alone)
			write_row(m, &m->files[i], first, last, names);
	}
	(void)fputc('\n', m->out);
}

static void write_table(struct matrix *m)
{
	size_t first = 0, last, columns = 0, names, i;

	make_columns(m);
	for (i = 0; i < m->columns; i++)
		columns += 1U + m->column[i].width;
	names = name_width(m, columns);
	while (first < m->columns) {
		size_t used = names;

		for (last = first; last < m->columns; last++) {
			if (last > first && used + 1U + m->column[last].width > WIDTH)
				break;
			used += 1U + m->column[last].width;
		}
		write_block(m, first, last, names);
		first = last;
	}
	free(m->column);
}

/* The asked checks of the rows: a reader must know what "ok" is said of. */
static void write_asked(const struct matrix *m)
{
	bool asked[PTV_CHECKS] = {false};
	const char *separator = "A cell says of the check that the file asks about (";
	size_t i;
	int check;

	for (i = 0; i < m->count; i++) {
		if (m->files[i].scenario->asks_check >= 0)
			asked[m->files[i].scenario->asks_check] = true;
	}
	for (check = 0; check < PTV_CHECKS; check++) {
		if (!asked[check])
			continue;
		(void)fprintf(m->out, "%s%s", separator, ptv_check_rows()[check].id);
		separator = ", ";
	}
	(void)fprintf(m->out, "):\n");
}

static void write_legend(const struct matrix *m)
{
	const struct ptv_report_file *file = NULL;
	bool marked = false, varied = false;
	const char *unjudged = NULL;
	size_t i;
	int check;

	for (i = 0; i < m->count && !file; i++)
		file = m->files[i].scenario->hw_alone ? NULL : &m->files[i];
	for (i = 0; file && i < m->policies; i++) {
		const struct ptv_policy *policy = file->answer[i].policy;
		char name[64];

		ptv_report_policy(policy, name, sizeof(name));
		(void)fprintf(m->out, "%2zu %-26s era %s\n", i + 1U, name, policy->era->name);
		marked = marked || (policy->has_row && policy->row.reconstructed);
		varied = varied || policy->varied;
		unjudged = unjudged ? unjudged : policy->unjudged;
	}
	if (marked)
		(void)fprintf(m->out, " * reconstructed: its source text is not public\n");
	if (varied)
		(void)fprintf(m->out, " + varied by --set\n");
	if (unjudged)
		(void)fprintf(m->out, " ? expectations skipped: %s\n", unjudged);
	(void)fputc('\n', m->out);
	write_asked(m);
	(void)fprintf(
		m->out,
		"  ok     held in every run that exercised it    n/m    violated in n of m runs\n"
		"  NEVER  violated in every one of them           idle   no run exercised it\n"
		"  panic  not violated, but the machine died      !      differs from the file\n");
	for (check = 0; check < PTV_CHECKS; check++) {
		if (m->letters[check])
			(void)fprintf(m->out, "  %c      %s is violated too\n", letter_of(check),
				      ptv_check_rows()[check].id);
	}
}

static void write_differences(const struct matrix *m)
{
	unsigned int differs = 0;
	size_t i, n;
	int check;

	for (i = 0; i < m->count; i++) {
		for (n = 0; n < m->files[i].answers; n++)
			differs += ptv_answer_differs(&m->files[i].answer[n]);
	}
	(void)fprintf(m->out, "\n%u %s from what the files expect%s\n", differs,
		      differs == 1U ? "verdict differs" : "verdicts differ", differs ? ":" : ".");
	for (i = 0; i < m->count; i++) {
		for (n = 0; n < m->files[i].answers; n++) {
			const struct ptv_answer *answer = &m->files[i].answer[n];

			for (check = 0; check < PTV_CHECKS; check++) {
				const struct ptv_tally *tally = &answer->tally[check];

				if (tally->match == PTV_MATCH_DIFFERS)
					(void)fprintf(m->out,
						      "  %s:%d: %s: %s is %s, expected %s\n",
						      answer->scenario->file, tally->mark.line,
						      answer->policy->name,
						      ptv_check_rows()[check].id,
						      ptv_word_name(ptv_tally_word(tally)),
						      ptv_expected_name(tally->want));
			}
			if (answer->alone.faults)
				(void)fprintf(m->out, "  %s: %zu expectations of hardware alone\n",
					      answer->scenario->file, answer->alone.faults);
		}
	}
}

void ptv_report_matrix(FILE *out, const struct ptv_report_file *files, size_t count)
{
	struct matrix m = {out, files, count, 0, {false}, NULL, 0};
	size_t i, alone = 0;

	for (i = 0; i < count; i++) {
		if (files[i].scenario->hw_alone)
			alone++;
		else
			m.policies = files[i].answers;
	}
	if (m.policies) {
		write_table(&m);
		write_legend(&m);
	}
	if (alone)
		(void)fprintf(out, "\n%zu files of hardware alone are not in the table.\n", alone);
	write_differences(&m);
	(void)fprintf(out, "The story of a cell: ptvmx run FILE --policy POLICY\n");
}
