/* SPDX-License-Identifier: MIT */
#include "show/report/evidence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/text.h"
#include "show/report/obs_fields.h"

/* Kinds of which many follow each other: one line for all. */
static bool is_stream(unsigned int kind)
{
	return kind == PTV_OBS_STORE || kind == PTV_OBS_PACKET || kind == PTV_OBS_RETIRE ||
	       kind == PTV_OBS_TOPA_FETCH || kind == PTV_OBS_SW_STORE;
}

/* Kinds that show a state: the same again says nothing. */
static bool is_state(unsigned int kind)
{
	return kind == PTV_OBS_TRACE_EN || kind == PTV_OBS_TRIGGER_EN || kind == PTV_OBS_BELIEF ||
	       kind == PTV_OBS_VMX_MODE || kind == PTV_OBS_EVENT_STATE || kind == PTV_OBS_HEAD ||
	       kind == PTV_OBS_LVT || kind == PTV_OBS_GS55;
}

static bool says_nothing_new(const struct ptv_recorder *recorder, size_t index)
{
	const struct ptv_obs *obs = &recorder->at[index].obs;

	if (obs->kind == PTV_OBS_STIMULUS && obs->c == 1U)
		return true; /* its end */
	if (!is_state(obs->kind))
		return false;
	while (index-- > 0U) {
		const struct ptv_obs *before = &recorder->at[index].obs;

		if (before->kind == obs->kind && before->lp == obs->lp &&
		    (obs->kind != PTV_OBS_EVENT_STATE || before->a == obs->a))
			return before->a == obs->a && before->b == obs->b && before->c == obs->c;
	}
	return false;
}

static bool joins(const struct ptv_recorded *a, const struct ptv_recorded *b)
{
	return is_stream(a->obs.kind) && a->obs.kind == b->obs.kind && a->obs.lp == b->obs.lp &&
	       a->copy == b->copy &&
	       (a->obs.kind != PTV_OBS_RETIRE || (a->obs.b ^ b->obs.b) >> 8 == 0U);
}

/* All lines; `lines` has room for one an observation. */
static size_t make_lines(const struct ptv_recorder *recorder, struct ptv_evidence *lines)
{
	size_t count = 0, i;

	for (i = 0; i < recorder->count; i++) {
		struct ptv_evidence *last = count ? &lines[count - 1U] : NULL;

		if (says_nothing_new(recorder, i))
			continue;
		if (last && joins(&recorder->at[last->first], &recorder->at[i])) {
			last->last = i;
			last->count++;
			continue;
		}
		lines[count++] = (struct ptv_evidence){i, i, 1};
	}
	return count;
}

size_t ptv_evidence_pick(const struct ptv_recorder *recorder, size_t limit,
			 struct ptv_evidence *lines, size_t *gap, size_t *left_out)
{
	struct ptv_evidence *all = ptv_alloc(recorder->count, sizeof(*all));
	const size_t count = make_lines(recorder, all);
	const size_t head = limit / 3U;

	*gap = 0;
	*left_out = 0;
	if (count <= limit) {
		memcpy(lines, all, count * sizeof(*all));
		free(all);
		return count;
	}
	/* One line is for saying so; the end of the story matters more than its beginning. */
	*gap = head;
	*left_out = count - limit + 1U;
	memcpy(lines, all, head * sizeof(*all));
	memcpy(lines + head, all + head + *left_out, (limit - 1U - head) * sizeof(*all));
	free(all);
	return limit - 1U;
}

static void write_line(FILE *out, const char *indent, const struct ptv_recorder *recorder,
		       const struct ptv_evidence *line)
{
	const struct ptv_recorded *first = &recorder->at[line->first];
	const struct ptv_recorded *last = &recorder->at[line->last];
	char text[160];

	ptv_obs_fields_text(&first->obs, text, sizeof(text));
	(void)fprintf(out, "%s%c%8" PRIu64 " lp%u %-6s %s", indent,
		      first->copy == PTV_COPY_NONE ? ' ' : '~', first->obs.cycle, first->obs.lp,
		      ptv_by_name((enum ptv_by)first->obs.by),
		      ptv_obs_name((enum ptv_obs_kind)first->obs.kind));
	if (text[0])
		(void)fprintf(out, " %s", text);
	if (line->count > 1U)
		(void)fprintf(out, " (%zu of them, to cycle %" PRIu64 ")", line->count,
			      last->obs.cycle);
	(void)fputc('\n', out);
}

void ptv_evidence_write(FILE *out, const char *indent, const struct ptv_recorder *recorder,
			size_t limit)
{
	struct ptv_evidence *lines;
	size_t count, gap, left_out, i;

	if (limit < 4U)
		return;
	lines = ptv_alloc(limit, sizeof(*lines));
	count = ptv_evidence_pick(recorder, limit, lines, &gap, &left_out);
	for (i = 0; i < count; i++) {
		if (left_out && i == gap)
			(void)fprintf(out, "%s          ... %zu more\n", indent, left_out);
		write_line(out, indent, recorder, &lines[i]);
	}
	free(lines);
}
