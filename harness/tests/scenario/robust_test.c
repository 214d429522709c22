/* SPDX-License-Identifier: MIT */
/*
 * Goal: no input breaks the loader; it returns a scenario, or a diagnostic, never both. Method: a
 * file that uses most of the format, changed in a few places, many times over; the seed is fixed
 * and a failure shows the text.
 */
#include <string.h>

#include "written.h"

static const char kernel[] =
	"asks: {check: resumes, question: \"What?\"}\n"
	"source: 'made up'\n"
	"confirms: >-\n"
	"  several\n"
	"  lines\n"
	"machine: broadwell\n"
	"lps: 2\n"
	"buffer: {pages: 8, watermark: 0x1000, fragmented: [4, 2, 2]}\n"
	"events:\n"
	"  - {context: cpu, mode: full, lp: 1, exclude: user}\n"
	"  - {context: task, mode: snapshot, config: [DisRETC]}\n"
	"workload: {cycles_per_branch: 7, seed: 9}\n"
	"timing: {wrmsr: 100}\n"
	"switches: {vmxon_disable: DROP}\n"
	"choices: 9000\n"
	"timeline:\n"
	"  - {at: 0, do: enable}\n"
	"  - {at: 4000..4010, do: virt_on, deliver: [{nmi: {after: \"notify.w.vmx_on#2\"}}]}\n"
	"  - {at: {from: 9000, to: 9400, step: 50}, do: virt_off, lp: 1}\n"
	"  - {do: progress, branches: 500}\n"
	"  - {do: progress, to: past_int}\n"
	"  - {at: 30000, do: end}\n"
	"expect:\n"
	"  dont-die, fail-add@4.12: {resumes: never, because: \"made up\"}\n"
	"  handle-vmx:\n"
	"    all: always\n"
	"    because: |\n"
	"      made\n"
	"      up\n";

static const char hardware[] =
	"asks: {question: \"What?\"}\n"
	"source: made up\n"
	"policy: none\n"
	"machine: skylake\n"
	"timeline:\n"
	"  - {do: mem_write, address: 0x1000, value: \"0x2501\"}\n"
	"  - {do: wrmsr, msr: RTIT_CTL, value: [OS, User, PSBFreq=3]}\n"
	"  - {do: rdmsr, msr: 1393, expect: {value: [Error], mask: [Error], because: x}}\n"
	"  - {do: vm_entry, controls: [conceal_exec], field: 0x2501, expect: {vmx: succeed,\n"
	"     packets: \"PSB CBR\", pmis: 0, stored: 16, because: y}}\n";

static uint64_t rng_state;

static size_t below(size_t n)
{
	rng_state = rng_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(rng_state >> 33) % n;
}

/* What stands for something in YAML or in ours. */
static char byte(void)
{
	static const char special[] = "{}[],:-#&*!|>'\"%@`?~. \n\t\\0";

	return below(3) == 0 ? (char)below(256) : special[below(sizeof(special) - 1U)];
}

/* Changes, removes, inserts or copies a few bytes; `text` has room for twice its size. */
static size_t mutate(char *text, size_t size, size_t room)
{
	for (size_t n = 1 + below(2); n > 0; n--) {
		const size_t at = below(size), length = 1 + below(size - at < 8 ? size - at : 8);
		const size_t to = below(size);

		switch (below(4)) {
		case 0:
			text[at] = byte();
			break;
		case 1:
			memmove(text + at, text + at + length, size - at - length);
			size -= size - length > 16 ? length : 0;
			break;
		case 2:
			if (size + 1U < room) {
				memmove(text + at + 1, text + at, size - at);
				text[at] = byte();
				size++;
			}
			break;
		default:
			memmove(text + to, text + at, length < size - to ? length : size - to);
			break;
		}
	}
	return size;
}

static void load_mutants(struct ptv_written *w, const char *from, size_t count)
{
	char text[4096];
	size_t loaded = 0;

	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(from);

		memcpy(text, from, size);
		size = mutate(text, size, sizeof(text));
		if (ptv_written_load(w, text, size) != NULL)
			loaded++;
		if ((w->scenario != NULL) == (w->diag.text[0] != '\0') ||
		    strchr(w->diag.text, '\n') != NULL)
			PTV_FAIL("mutant %zu: \"%s\" for\n%.*s", i, w->diag.text, (int)size, text);
	}
	PTV_RECORD("loaded", "%zu of %zu", loaded, count);
	/* Both outcomes occur, else the mutants are too tame or too wild to show anything. */
	PTV_EXPECT_GT(loaded, 0);
	PTV_EXPECT_LT(loaded, count / 2U);
}

PTV_TEST_F(scenario_robust, the_files_that_are_changed_are_good, ptv_written_fixture)
{
	(void)ptv_written_good(data, kernel);
	(void)ptv_written_good(data, hardware);
}

PTV_TEST_F(scenario_robust, changed_timelines_of_kernels_load_or_are_refused, ptv_written_fixture)
{
	rng_state = 1;
	load_mutants(data, kernel, 400);
}

PTV_TEST_F(scenario_robust, changed_timelines_of_hardware_load_or_are_refused, ptv_written_fixture)
{
	rng_state = 2;
	load_mutants(data, hardware, 400);
}

PTV_TEST_F(scenario_robust, every_beginning_of_a_file_loads_or_is_refused, ptv_written_fixture)
{
	struct ptv_written *w = data;

	for (size_t size = 0; size < sizeof(hardware); size += 3)
		PTV_EXPECT((ptv_written_load(w, hardware, size) == NULL) ==
			   (w->diag.text[0] != '\0'));
}
