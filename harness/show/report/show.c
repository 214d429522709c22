/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "show/report/report.h"
#include "show/report/words.h"

static void write_event(FILE *out, const struct ptv_scenario *scenario, unsigned int n)
{
	const struct ptv_event_cfg *event = &scenario->event[n];
	unsigned int i;

	(void)fprintf(out, "event %u   ", n);
	if (event->context == PTV_CONTEXT_CPU)
		(void)fprintf(out, "of CPU %u", event->lp);
	else
		(void)fprintf(out, "of a task");
	(void)fprintf(out, ", %s mode, AUX area of %u pages",
		      event->mode == PTV_AUX_FULL ? "full" : "snapshot", event->aux_pages);
	for (i = 0; i < event->region_pages_count; i++)
		(void)fprintf(out, "%s%u", i ? " " : ", in regions of ", event->region_pages[i]);
	if (event->watermark)
		(void)fprintf(out, ", wake-up each %" PRIu64 " bytes", event->watermark);
	if (event->earlier)
		(void)fprintf(out, ", %" PRIu32 " bytes traced and read before", event->earlier);
	if (event->exclude_kernel || event->exclude_user)
		(void)fprintf(out, ", without %s code", event->exclude_kernel ? "kernel" : "user");
	(void)fputc('\n', out);
}

static void write_machine(FILE *out, const struct ptv_scenario *scenario)
{
	const struct ptv_machine_row *machine = scenario->machine;
	unsigned int event;
	size_t i;

	(void)fprintf(out, "machine   %s%s%s%s, %u %s, IA32_VMX_MISC[14]=%u\n", machine->name,
		      machine->remark[0] ? " (" : "", machine->remark,
		      machine->remark[0] ? ")" : "", scenario->lps,
		      scenario->lps == 1U ? "LP" : "LPs", machine->caps.vmx_misc_pt);
	for (i = 0; i < scenario->setting_count; i++)
		(void)fprintf(out, "          %s: %s\n", scenario->settings[i].name,
			      scenario->settings[i].value);
	for (event = 0; event < scenario->events; event++)
		write_event(out, scenario, event);
}

static void write_timeline(FILE *out, const struct ptv_scenario *scenario)
{
	size_t i;

	(void)fprintf(out, "timeline\n");
	for (i = 0; i < scenario->entries; i++) {
		struct ptv_string words = {0};

		ptv_words_entry(&words, scenario, &scenario->timeline[i]);
		(void)fprintf(out, "  %2zu  %s\n", i + 1U, ptv_string(&words));
		ptv_string_free(&words);
	}
	if (scenario->choices > 1U)
		(void)fprintf(out, "  %" PRIu64 " choices\n", scenario->choices);
}

static void write_answer(FILE *out, const struct ptv_answer *answer)
{
	const int asked = answer->scenario->asks_check;
	char name[64], cell[24];
	int check, pad;

	ptv_report_policy(answer->policy, name, sizeof(name));
	ptv_report_cell(answer, asked, cell);
	pad = strlen(cell) < 8U ? 8 - (int)strlen(cell) : 0;
	(void)fprintf(out, "  %-26s %s", name, cell);
	for (check = 0; check < PTV_CHECKS; check++) {
		if (check == asked || answer->tally[check].violated == 0U)
			continue;
		(void)fprintf(out, "%*s %s", pad, "", ptv_check_rows()[check].id);
		pad = 0;
	}
	if (ptv_answer_differs(answer))
		(void)fprintf(out, "%*s (differs from the file)", pad, "");
	else if (!answer->expect)
		(void)fprintf(out, "%*s (the file says nothing)", pad, "");
	(void)fputc('\n', out);
}

void ptv_report_show(FILE *out, const struct ptv_report_file *file)
{
	const struct ptv_scenario *scenario = file->scenario;
	size_t i;

	(void)fprintf(out, "%s\n%s\n", scenario->file,
		      scenario->question ? scenario->question : "");
	(void)fprintf(out, "source    %s\n", scenario->source ? scenario->source : "");
	if (scenario->confirms)
		(void)fprintf(out, "confirms  %s\n", scenario->confirms);
	write_machine(out, scenario);
	write_timeline(out, scenario);
	if (scenario->hw_alone) {
		const struct ptv_alone *alone = &file->answer[0].alone;

		(void)fprintf(out, "hardware alone: %" PRIu64 " expectations, %zu differ\n",
			      alone->compared, alone->faults);
		return;
	}
	(void)fprintf(out, "answers of %s, and other checks that are violated\n",
		      ptv_check_rows()[scenario->asks_check].id);
	for (i = 0; i < file->answers; i++)
		write_answer(out, &file->answer[i]);
}
