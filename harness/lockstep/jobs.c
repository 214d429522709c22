/* SPDX-License-Identifier: MIT */
#include "lockstep/jobs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/rtl/tape.h"
#include "play/text.h"

#define STATUS_OK    0
#define STATUS_INPUT 2
#define CHOICES	     100U /* --choices, if it is not said */

/* What a timeline needs to be played. */
struct run {
	size_t file, policy;
	uint64_t assignment;
};

struct ptv_jobs {
	struct ptv_scenario **scenario;
	struct ptv_policies *policies; /* one set a file */
	size_t files, room;
	const char *policy, *trace;
	double seconds;	  /* --seconds */
	uint64_t choices; /* --choices */
	uint64_t ran, all;
	/* The run that is being replayed. */
	struct run run;
	unsigned int lp;
	bool open;
	struct ptv_tape tape;
	struct ptv_tape_cursor cursor;
	const struct ptv_tape_item *item;
	struct ptv_string text;
};

static const char usage[] =
	"usage: ptvmx-lockstep [OPTION...] FILE...\n"
	"Replays timelines on the C model and on its RTL twin, in a SystemC bench, and compares\n"
	"every register and pin at every clock; stops at the first difference.\n\n"
	"  --policy P[,Q...]     drivers (default: every named one)\n"
	"  --choices N           at most N assignments of a file's choices under each driver\n"
	"                        (default: 100)\n"
	"  --trace FILE.vcd|fst  waves: registers and pins of both sides (vcd), or every\n"
	"                        signal of the RTL (fst)\n"
	"  --seconds S           once more and once more for so much processor time, and say how\n"
	"                        many clocks a second that makes\n"
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

static int load_file(struct ptv_jobs *jobs, const char *path)
{
	struct ptv_diag diag = {""};
	struct ptv_scenario *scenario = ptv_scenario_load(path, &diag);
	struct ptv_policies *policies;

	if (!scenario || !fits(scenario, &diag)) {
		(void)fprintf(stderr, "%s\n", diag.text);
		ptv_scenario_free(scenario);
		return STATUS_INPUT;
	}
	jobs->scenario =
		ptv_grow(jobs->scenario, jobs->files, &jobs->room, sizeof(struct ptv_scenario *));
	jobs->policies = realloc(jobs->policies, (jobs->files + 1U) * sizeof(*jobs->policies));
	PTV_ASSERT(jobs->policies);
	policies = &jobs->policies[jobs->files];
	memset(policies, 0, sizeof(*policies));
	jobs->scenario[jobs->files++] = scenario;
	if (ptv_policies_parse(policies, scenario->hw_alone ? "none" : jobs->policy, NULL, &diag))
		return fail("%s", diag.text);
	return STATUS_OK;
}

/* A file, or all below a folder. */
static int load(struct ptv_jobs *jobs, const char *path)
{
	struct ptv_diag diag = {""};
	char **list = ptv_scenario_list(path, &diag);
	int status = STATUS_OK;
	size_t i;

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

static int take_choices(struct ptv_jobs *jobs, const char *value)
{
	char *end = NULL;

	errno = 0;
	jobs->choices = strtoull(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || errno || jobs->choices == 0U)
		return fail("--choices wants a number from 1, not '%s'", value);
	return STATUS_OK;
}

static int take_trace(struct ptv_jobs *jobs, const char *value)
{
	jobs->trace = value;
	if (!ends_with(value, ".vcd") && !ends_with(value, ".fst"))
		return fail("--trace wants FILE.vcd or FILE.fst, not '%s'", value);
	return STATUS_OK;
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
		{"--seconds", "S", take_seconds},
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(options); i++) {
		if (strcmp(option, options[i].name) == 0)
			return value ? options[i].take(jobs, value)
				     : fail("option %s wants %s", option, options[i].value);
	}
	return fail("unknown option '%s' (accepted: --policy, --choices, --trace, --seconds, "
		    "--help)",
		    option);
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
		jobs->all += jobs->policies[i].count * ptv_choice_count(jobs->scenario[i]);
	if (*status == STATUS_OK)
		return jobs;
	ptv_jobs_free(jobs);
	return NULL;
}

void ptv_jobs_free(struct ptv_jobs *jobs)
{
	size_t i;

	if (jobs->open)
		ptv_tape_free(&jobs->tape);
	for (i = 0; i < jobs->files; i++) {
		ptv_policies_free(&jobs->policies[i]);
		ptv_scenario_free(jobs->scenario[i]);
	}
	ptv_string_free(&jobs->text);
	free(jobs->policies);
	free(jobs->scenario);
	free(jobs);
}

double ptv_jobs_seconds(const struct ptv_jobs *jobs)
{
	return jobs->seconds;
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
	const uint64_t choices = ptv_choice_count(jobs->scenario[run->file]);

	if (++run->assignment < choices && run->assignment < jobs->choices)
		return;
	run->assignment = 0;
	if (++run->policy < jobs->policies[run->file].count)
		return;
	run->policy = 0;
	run->file++;
}

/* The next LP, else the next run, else the first one again, if there is time. */
static bool advance(struct ptv_jobs *jobs)
{
	struct run *const run = &jobs->run;

	if (jobs->open && ++jobs->lp < jobs->tape.lanes)
		return true;
	if (jobs->open) {
		ptv_tape_free(&jobs->tape);
		next_run(jobs, run);
	}
	jobs->open = false;
	if (run->file == jobs->files) {
		if ((double)clock() / CLOCKS_PER_SEC >= jobs->seconds)
			return false;
		memset(run, 0, sizeof(*run));
	}
	ptv_tape_record(&jobs->tape, jobs->scenario[run->file],
			&jobs->policies[run->file].at[run->policy], run->assignment);
	jobs->open = true;
	jobs->ran++;
	jobs->lp = 0;
	return true;
}

bool ptv_jobs_next(struct ptv_jobs *jobs, struct ptv_cpu_cfg *cfg)
{
	if (!advance(jobs))
		return false;
	memset(&jobs->cursor, 0, sizeof(jobs->cursor));
	jobs->cursor.lane = &jobs->tape.lane[jobs->lp];
	jobs->item = NULL;
	*cfg = jobs->tape.cfg;
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

static const char *name(struct ptv_jobs *jobs, int line)
{
	const struct run *const run = &jobs->run;
	const struct ptv_scenario *scenario = jobs->scenario[run->file];
	struct ptv_choice choice;
	size_t n;

	jobs->text.size = 0;
	ptv_string_add(&jobs->text, "%s", scenario->file);
	if (line)
		ptv_string_add(&jobs->text, ":%d", line);
	ptv_string_add(&jobs->text, " under %s", jobs->policies[run->file].at[run->policy].name);
	for (n = 0; ptv_choice_get(scenario, n, &choice); n++)
		ptv_string_add(&jobs->text, "%s%" PRIu64, n ? "," : ", choice ",
			       ptv_choice_value(scenario, run->assignment, n));
	ptv_string_add(&jobs->text, ", LP %u", jobs->lp);
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
		step < jobs->tape.steps.count ? jobs->tape.steps.at[step].entry : NULL;

	return name(jobs, entry ? entry->mark.line : 1);
}
