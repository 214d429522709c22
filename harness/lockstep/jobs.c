/* SPDX-License-Identifier: MIT */
#include "lockstep/jobs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/rtl/tape.h"
#include "play/text.h"

#define STATUS_OK    0
#define STATUS_INPUT 2

struct ptv_jobs {
	struct ptv_scenario **scenario;
	struct ptv_policies *policies; /* one set a file */
	size_t files, room;
	const char *policy, *trace;
	double seconds; /* --seconds */
	/* The run that is being replayed. */
	size_t file, next_policy; /* after it */
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
	"  --trace FILE.vcd|fst  waves: registers and pins of both sides (vcd), or every\n"
	"                        signal of the RTL (fst)\n"
	"  --seconds S           once more and once more for so much processor time, and say how\n"
	"                        many clocks a second that makes\n"
	"  --help                this\n\n"
	"Exit status: 0 the two agree, 1 they differ, 2 input or usage wrong,\n"
	"3 internal assertion.\n";

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

static int load_file(struct ptv_jobs *jobs, const char *path)
{
	struct ptv_diag diag = {""};
	struct ptv_scenario *scenario = ptv_scenario_load(path, &diag);
	struct ptv_policies *policies;

	if (!scenario) {
		(void)fprintf(stderr, "%s\n", diag.text);
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

/* An option and its value. */
static int take(struct ptv_jobs *jobs, const char *option, const char *value)
{
	const bool trace = strcmp(option, "--trace") == 0;
	const bool seconds = strcmp(option, "--seconds") == 0;
	char *end = NULL;

	if (!trace && !seconds && strcmp(option, "--policy") != 0)
		return fail("unknown option '%s' (accepted: --policy, --trace, --seconds, --help)",
			    option);
	if (!value)
		return fail("option %s wants %s", option,
			    trace     ? "FILE.vcd|fst"
			    : seconds ? "S"
				      : "P[,Q...]");
	if (seconds) {
		jobs->seconds = strtod(value, &end);
		if (end == value || *end || !(jobs->seconds > 0.0) || jobs->seconds > 3600.0)
			return fail("--seconds wants a number above 0 up to 3600, not '%s'", value);
		return STATUS_OK;
	}
	if (trace && !ends_with(value, ".vcd") && !ends_with(value, ".fst"))
		return fail("--trace wants FILE.vcd or FILE.fst, not '%s'", value);
	*(trace ? &jobs->trace : &jobs->policy) = value;
	return STATUS_OK;
}

/* Whether waves can be written; the file is there, and empty, then. */
static int try_trace(const struct ptv_jobs *jobs)
{
	FILE *file = jobs->trace ? fopen(jobs->trace, "w") : NULL;

	if (jobs->trace && !file)
		return fail("%s: %s", jobs->trace, strerror(errno));
	if (file)
		(void)fclose(file);
	return STATUS_OK;
}

struct ptv_jobs *ptv_jobs_load(int argc, char **argv, int *status)
{
	struct ptv_jobs *jobs = ptv_alloc(1, sizeof(*jobs));
	int i, files = 0;

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
	if (*status == STATUS_OK)
		*status = try_trace(jobs);
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

/* The next LP, else the next policy, else the next file. */
static bool advance(struct ptv_jobs *jobs)
{
	if (jobs->open && ++jobs->lp < jobs->tape.lanes)
		return true;
	if (jobs->open)
		ptv_tape_free(&jobs->tape);
	jobs->open = false;
	if (jobs->file < jobs->files && jobs->next_policy == jobs->policies[jobs->file].count) {
		jobs->file++;
		jobs->next_policy = 0;
	}
	if (jobs->file == jobs->files && (double)clock() / CLOCKS_PER_SEC >= jobs->seconds)
		return false;
	if (jobs->file == jobs->files)
		jobs->file = 0;
	ptv_tape_record(&jobs->tape, jobs->scenario[jobs->file],
			&jobs->policies[jobs->file].at[jobs->next_policy++], 0);
	jobs->open = true;
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
	jobs->text.size = 0;
	ptv_string_add(&jobs->text, "%s under %s, LP %u", jobs->scenario[jobs->file]->file,
		       jobs->policies[jobs->file].at[jobs->next_policy - 1U].name, jobs->lp);
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

const char *ptv_jobs_name(const struct ptv_jobs *jobs)
{
	return ptv_string(&jobs->text);
}

const char *ptv_jobs_place(struct ptv_jobs *jobs)
{
	const uint32_t step = jobs->item ? jobs->item->step : 0U;
	const struct ptv_entry *entry =
		step < jobs->tape.steps.count ? jobs->tape.steps.at[step].entry : NULL;

	jobs->text.size = 0;
	ptv_string_add(&jobs->text, "%s:%d", jobs->scenario[jobs->file]->file,
		       entry ? entry->mark.line : 1);
	return ptv_string(&jobs->text);
}
