/* SPDX-License-Identifier: MIT */
#include "lockstep/jobs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/rtl/pins.h"
#include "engine/rtl/twin.h"
#include "play/text.h"
#include "show/output.h"

#define STATUS_OK    0
#define STATUS_INPUT 2
#define CHOICES	     100U /* --choices, if it is not said */

/* A file of the command line: a timeline to be played, or pins. */
struct source {
	struct ptv_scenario *scenario; /* NULL: pins */
	struct ptv_policies policies;  /* of the scenario */
	char *path;		       /* of the pins */
	struct ptv_tape pins;
};

/* What a timeline needs to be played. */
struct run {
	size_t file, policy;
	uint64_t assignment;
};

struct ptv_jobs {
	struct source *source;
	size_t files, room;
	const char *policy, *trace;
	struct ptv_output saved; /* --save-pins; file == NULL: not wanted */
	double seconds;		 /* --seconds */
	uint64_t choices;	 /* --choices */
	uint64_t canary;	 /* --canary */
	uint64_t ran, all;
	/* The run that is being replayed. */
	struct run run;
	unsigned int lp;
	struct ptv_tape recorded;
	const struct ptv_tape *tape; /* recorded, or a source's pins; NULL: none yet */
	struct ptv_tape_cursor cursor;
	const struct ptv_tape_item *item;
	struct ptv_string text;
};

static const char usage[] =
	"usage: ptvmx-lockstep [OPTION...] FILE...\n"
	"Replays timelines on the C model and on its RTL twin, in a SystemC bench, and compares\n"
	"every register and pin at every clock; stops at the first difference. FILE is a\n"
	"scenario, a folder of them, or what --save-pins wrote (*.pins).\n\n"
	"  --policy P[,Q...]     drivers (default: every named one)\n"
	"  --choices N           at most N assignments of a file's choices under each driver\n"
	"                        (default: 100)\n"
	"  --trace FILE.vcd|fst  waves: registers and pins of both sides (vcd), or every\n"
	"                        signal of the RTL (fst)\n"
	"  --save-pins FILE.pins what was put on the pins of the LP that was replayed last: of\n"
	"                        the one whose two sides differ, if they do\n"
	"  --seconds S           once more and once more for so much processor time, and say how\n"
	"                        many clocks a second that makes\n"
	"  --canary N            in clock N, or the next one in which a branch can retire, the\n"
	"                        RTL is given one that C is not: to see a report, and that\n"
	"                        differences are found\n"
	"  --help                this\n\n"
	"Exit status: 0 the two agree, 1 they differ, 2 input or usage wrong,\n"
	"3 internal assertion, 4 they agree as far as --choices went.\n";

__attribute__((format(printf, 1, 2))) static int fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("ptvmx-lockstep: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	return STATUS_INPUT;
}

static bool ends_with(const char *text, const char *end)
{
	const size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

/* Whether the RTL can hold the machine; if not, the limit is said, where the file sets it. */
static bool fits(const struct ptv_scenario *scenario, struct ptv_diag *diag)
{
	const struct ptv_cpu_cfg cfg = {.caps = scenario->machine->caps,
					.timing = scenario->timing,
					.sw = scenario->switches};
	const struct ptv_mark *mark = NULL;
	char why[128];
	size_t i;

	if (ptv_twin_fits(&cfg, why, sizeof(why)))
		return true;
	for (i = 0; i < scenario->setting_count && !mark; i++) {
		if (strncmp(why, scenario->settings[i].name, strlen(scenario->settings[i].name)) ==
		    0)
			mark = &scenario->settings[i].mark;
	}
	(void)ptv_diag(diag, scenario->file, mark ? mark->line : 0, mark ? mark->column : 0, "%s",
		       why);
	return false;
}

static struct source *add_source(struct ptv_jobs *jobs)
{
	jobs->source = ptv_grow(jobs->source, jobs->files, &jobs->room, sizeof(*jobs->source));
	memset(&jobs->source[jobs->files], 0, sizeof(*jobs->source));
	return &jobs->source[jobs->files++];
}

static int load_file(struct ptv_jobs *jobs, const char *path)
{
	struct ptv_diag diag = {""};
	struct ptv_scenario *scenario = ptv_scenario_load(path, &diag);
	struct source *source;

	if (!scenario || !fits(scenario, &diag)) {
		(void)fprintf(stderr, "%s\n", diag.text);
		ptv_scenario_free(scenario);
		return STATUS_INPUT;
	}
	source = add_source(jobs);
	source->scenario = scenario;
	if (ptv_policies_parse(&source->policies, scenario->hw_alone ? "none" : jobs->policy, NULL,
			       &diag))
		return fail("%s", diag.text);
	return STATUS_OK;
}

static int load_pins(struct ptv_jobs *jobs, const char *path)
{
	struct ptv_diag diag = {""};
	struct ptv_tape tape;
	struct source *source;
	char why[128];

	if (ptv_pins_read(&tape, path, &diag)) {
		(void)fprintf(stderr, "%s\n", diag.text);
		return STATUS_INPUT;
	}
	source = add_source(jobs);
	source->path = ptv_string_copy(path);
	source->pins = tape;
	if (!ptv_twin_fits(&tape.cfg, why, sizeof(why)))
		return fail("%s: %s", path, why);
	return STATUS_OK;
}

/* A file, or all below a folder. */
static int load(struct ptv_jobs *jobs, const char *path)
{
	struct ptv_diag diag = {""};
	char **list;
	int status = STATUS_OK;
	size_t i;

	if (ends_with(path, ".pins"))
		return load_pins(jobs, path);
	list = ptv_scenario_list(path, &diag);
	if (!list) {
		(void)fprintf(stderr, "%s\n", diag.text);
		return STATUS_INPUT;
	}
	for (i = 0; list[i] && status == STATUS_OK; i++)
		status = load_file(jobs, list[i]);
	ptv_scenario_list_free(list);
	return status;
}

static int take_policy(struct ptv_jobs *jobs, const char *value)
{
	jobs->policy = value;
	return STATUS_OK;
}

static int take_count(const char *option, const char *value, uint64_t *count)
{
	char *end = NULL;

	errno = 0;
	*count = strtoull(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || errno || *count == 0U)
		return fail("%s wants a number from 1, not '%s'", option, value);
	return STATUS_OK;
}

static int take_choices(struct ptv_jobs *jobs, const char *value)
{
	return take_count("--choices", value, &jobs->choices);
}

static int take_canary(struct ptv_jobs *jobs, const char *value)
{
	return take_count("--canary", value, &jobs->canary);
}

static int take_trace(struct ptv_jobs *jobs, const char *value)
{
	jobs->trace = value;
	if (!ends_with(value, ".vcd") && !ends_with(value, ".fst"))
		return fail("--trace wants FILE.vcd or FILE.fst, not '%s'", value);
	return STATUS_OK;
}

static int take_save_pins(struct ptv_jobs *jobs, const char *value)
{
	struct ptv_diag diag = {""};

	if (!ends_with(value, ".pins"))
		return fail("--save-pins wants FILE.pins, not '%s'", value);
	ptv_output_discard(&jobs->saved);
	return ptv_output_open(&jobs->saved, value, &diag) ? fail("%s", diag.text) : STATUS_OK;
}

static int take_seconds(struct ptv_jobs *jobs, const char *value)
{
	char *end = NULL;

	jobs->seconds = strtod(value, &end);
	if (end == value || *end || !(jobs->seconds > 0.0) || jobs->seconds > 3600.0)
		return fail("--seconds wants a number above 0 up to 3600, not '%s'", value);
	return STATUS_OK;
}

/* An option and its value. */
static int take(struct ptv_jobs *jobs, const char *option, const char *value)
{
	static const struct {
		const char *name, *value;
		int (*take)(struct ptv_jobs *jobs, const char *value);
	} options[] = {
		{"--policy", "P[,Q...]", take_policy},
		{"--choices", "N", take_choices},
		{"--trace", "FILE.vcd|fst", take_trace},
		{"--save-pins", "FILE.pins", take_save_pins},
		{"--seconds", "S", take_seconds},
		{"--canary", "N", take_canary},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(options); i++) {
		if (strcmp(option, options[i].name) == 0)
			return value ? options[i].take(jobs, value)
				     : fail("option %s wants %s", option, options[i].value);
	}
	return fail("unknown option '%s' (accepted: --policy, --choices, --trace, "
		    "--save-pins, --seconds, --canary, --help)",
		    option);
}

/* How many runs a file makes. */
static uint64_t runs(const struct source *source)
{
	return source->scenario ? source->policies.count * ptv_choice_count(source->scenario) : 1U;
}

struct ptv_jobs *ptv_jobs_load(int argc, char **argv, int *status)
{
	struct ptv_jobs *jobs = ptv_alloc(1, sizeof(*jobs));
	int i, files = 0;

	jobs->choices = CHOICES;
	*status = STATUS_OK;
	for (i = 1; i < argc && *status == STATUS_OK; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			(void)fputs(usage, stdout);
			ptv_jobs_free(jobs);
			return NULL;
		}
		if (strncmp(argv[i], "--", 2) == 0) {
			*status = take(jobs, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
			i++;
		} else {
			argv[files++] = argv[i];
		}
	}
	if (*status == STATUS_OK && files == 0)
		*status = fail("no FILE (see ptvmx-lockstep --help)");
	for (i = 0; i < files && *status == STATUS_OK; i++)
		*status = load(jobs, argv[i]);
	for (i = 0; i < (int)jobs->files; i++)
		jobs->all += runs(&jobs->source[i]);
	if (*status == STATUS_OK)
		return jobs;
	ptv_jobs_free(jobs);
	return NULL;
}

void ptv_jobs_free(struct ptv_jobs *jobs)
{
	size_t i;

	ptv_tape_free(&jobs->recorded);
	for (i = 0; i < jobs->files; i++) {
		ptv_policies_free(&jobs->source[i].policies);
		ptv_scenario_free(jobs->source[i].scenario);
		ptv_tape_free(&jobs->source[i].pins);
		free(jobs->source[i].path);
	}
	ptv_output_discard(&jobs->saved);
	ptv_string_free(&jobs->text);
	free(jobs->source);
	free(jobs);
}

double ptv_jobs_seconds(const struct ptv_jobs *jobs)
{
	return jobs->seconds;
}

uint64_t ptv_jobs_canary(const struct ptv_jobs *jobs)
{
	return jobs->canary;
}

const char *ptv_jobs_trace(const struct ptv_jobs *jobs)
{
	return jobs->trace;
}

void ptv_jobs_count(const struct ptv_jobs *jobs, uint64_t *ran, uint64_t *all)
{
	*ran = jobs->ran;
	*all = jobs->all;
}

/* The next assignment, else the next policy, else the next file. */
static void next_run(const struct ptv_jobs *jobs, struct run *run)
{
	const struct source *source = &jobs->source[run->file];

	if (source->scenario && ++run->assignment < ptv_choice_count(source->scenario) &&
	    run->assignment < jobs->choices)
		return;
	run->assignment = 0;
	if (source->scenario && ++run->policy < source->policies.count)
		return;
	run->policy = 0;
	run->file++;
}

/* The next LP, else the next run, else the first one again, if there is time. */
static bool advance(struct ptv_jobs *jobs)
{
	const struct source *source;
	struct run run = jobs->run;

	if (jobs->tape && jobs->lp + 1U < jobs->tape->lanes) {
		jobs->lp++;
		return true;
	}
	if (jobs->tape)
		next_run(jobs, &run);
	if (run.file == jobs->files) {
		if ((double)clock() / CLOCKS_PER_SEC >= jobs->seconds)
			return false;
		memset(&run, 0, sizeof(run));
	}
	jobs->run = run;
	source = &jobs->source[run.file];
	ptv_tape_free(&jobs->recorded);
	if (source->scenario)
		ptv_tape_record(&jobs->recorded, source->scenario, &source->policies.at[run.policy],
				run.assignment);
	jobs->tape = source->scenario ? &jobs->recorded : &source->pins;
	jobs->ran++;
	jobs->lp = 0;
	return true;
}

bool ptv_jobs_next(struct ptv_jobs *jobs, struct ptv_cpu_cfg *cfg)
{
	if (!advance(jobs))
		return false;
	memset(&jobs->cursor, 0, sizeof(jobs->cursor));
	jobs->cursor.lane = &jobs->tape->lane[jobs->lp];
	jobs->item = NULL;
	*cfg = jobs->tape->cfg;
	return true;
}

const struct ptv_pins_in *ptv_jobs_clock(struct ptv_jobs *jobs, unsigned int *before)
{
	const struct ptv_tape_item *item = ptv_tape_next(&jobs->cursor, before);

	if (!item)
		return NULL;
	jobs->item = item;
	return &item->in;
}

/* What a timeline is played under, and for which LP. */
static void add_run(struct ptv_jobs *jobs, const struct source *source)
{
	const struct run *const run = &jobs->run;
	struct ptv_choice choice;
	size_t n;

	ptv_string_add(&jobs->text, " under %s", source->policies.at[run->policy].name);
	for (n = 0; ptv_choice_get(source->scenario, n, &choice); n++)
		ptv_string_add(&jobs->text, "%s%" PRIu64, n ? "," : ", choice ",
			       ptv_choice_value(source->scenario, run->assignment, n));
	ptv_string_add(&jobs->text, ", LP %u", jobs->lp);
}

static const char *name(struct ptv_jobs *jobs, uint32_t line)
{
	const struct source *source = &jobs->source[jobs->run.file];

	jobs->text.size = 0;
	ptv_string_add(&jobs->text, "%s", source->scenario ? source->scenario->file : source->path);
	if (line)
		ptv_string_add(&jobs->text, ":%" PRIu32, line);
	if (source->scenario)
		add_run(jobs, source);
	return ptv_string(&jobs->text);
}

const char *ptv_jobs_name(struct ptv_jobs *jobs)
{
	return name(jobs, 0);
}

const char *ptv_jobs_place(struct ptv_jobs *jobs)
{
	const uint32_t step = jobs->item ? jobs->item->step : 0U;
	const struct ptv_entry *entry =
		step < jobs->tape->steps.count ? jobs->tape->steps.at[step].entry : NULL;

	if (jobs->tape != &jobs->recorded)
		return name(jobs, step);
	return name(jobs, entry ? (uint32_t)entry->mark.line : 1U);
}

bool ptv_jobs_save(struct ptv_jobs *jobs)
{
	struct ptv_diag diag = {""};

	if (!jobs->saved.file)
		return true;
	ptv_pins_write(jobs->tape, jobs->lp, ptv_jobs_name(jobs), jobs->saved.file);
	if (!ptv_output_close(&jobs->saved, &diag))
		return true;
	(void)fail("%s", diag.text);
	return false;
}
