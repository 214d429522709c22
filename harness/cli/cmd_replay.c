/* SPDX-License-Identifier: MIT */
/*
 * ptvmx replay: one run of ptvmx fuzz again, with everything that was seen in it.
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <string.h>

#include "cli/find.h"
#include "search/fuzz_token.h"
#include "search/fuzz_twin.h"
#include "search/fuzz_write.h"

static void print_case(const struct ptv_found *found)
{
	const struct ptv_fuzz_told none = {.sign = {.kind = PTV_FUZZ_STEP}};
	struct ptv_string text = {0};
	const char *machine;

	ptv_fuzz_write(found->c, found->policy, &none, ptv_string(&found->token), &text);
	/* Without the lines that a file has for its readers. */
	machine = strstr(ptv_string(&text), "machine:");
	(void)printf("%s\npolicy: %s, era %s\n%s", ptv_string(&found->token), found->policy->name,
		     found->policy->era->name, machine);
	ptv_string_free(&text);
}

static void print_run(const struct ptv_fuzz_result *result)
{
	const struct ptv_run *run = &result->run;
	int check;

	if (run->open_error) {
		(void)printf("the driver does not open the event: error %d\n", run->open_error);
		return;
	}
	(void)printf("%" PRIu64 " observations, digest %016" PRIx64 ", state %016" PRIx64 "\n",
		     result->observations, result->digest, result->state);
	if (run->panic)
		(void)printf("panic in stimulus %" PRIu32 "\n", run->panic - 1U);
	for (check = 0; check < PTV_CHECKS; check++) {
		const struct ptv_verdict *verdict = &run->verdicts.check[check];

		if (verdict->exercised && !verdict->violated)
			(void)printf("  %-18s held\n", ptv_check_rows()[check].id);
	}
}

/* Returns the number of new ones. */
static unsigned int print_told(const struct ptv_found *found, const struct ptv_fuzz_told *told,
			       const struct ptv_known *known, struct ptv_string *what)
{
	const bool new = ptv_fuzz_is_new(&told->sign, found->policy, known);
	struct ptv_string text = {0};

	ptv_fuzz_sign_text(&told->sign, found->policy->name, what);
	ptv_found_text(found, told, &text);
	(void)printf("%s: %s\n  %s\n", new ? "find" : "known", ptv_string(what), ptv_string(&text));
	ptv_string_free(&text);
	return new ? 1U : 0U;
}

static int tell(const struct ptv_found *found, const struct ptv_fuzz_told *told,
		const struct ptv_known *known, const struct ptv_options *options,
		unsigned int *finds, struct ptv_diag *diag)
{
	struct ptv_string what = {0}, path = {0};
	const unsigned int new = print_told(found, told, known, &what);
	int result = 0;

	*finds += new;
	if (new && options->finds)
		result = ptv_found_write(found, told, options->finds, &path, diag);
	if (path.size && !result)
		(void)printf("  %s\n", ptv_string(&path));
	ptv_string_free(&what);
	ptv_string_free(&path);
	return result;
}

static enum ptv_exit replay(const struct ptv_found *found, const struct ptv_known *known,
			    const struct ptv_options *options)
{
	static const enum ptv_fuzz_kind kinds[] = {
		[PTV_GUARD_ASSERTION] = PTV_FUZZ_ASSERTION,
		[PTV_GUARD_CRASH] = PTV_FUZZ_CRASH,
		[PTV_GUARD_HANG] = PTV_FUZZ_HANG,
	};
	struct ptv_fuzz_told dead = {.sign = {0}};
	struct ptv_diag diag = {{0}};
	unsigned int finds = 0;
	int result = 0;
	size_t i;

	print_case(found);
	if (found->guarded.how != PTV_GUARD_DONE) {
		dead.sign.kind = (uint8_t)kinds[found->guarded.how];
		result = tell(found, &dead, known, options, &finds, &diag);
	} else {
		print_run(found->result);
		for (i = 0; i < found->result->count && !result; i++)
			result =
				tell(found, &found->result->told[i], known, options, &finds, &diag);
	}
	if (result)
		return ptv_cli_fail_diag(&diag);
	return finds ? PTV_EXIT_DIFFERS : PTV_EXIT_EXPECTED;
}

enum ptv_exit ptv_cli_replay(const struct ptv_options *options)
{
	const struct ptv_fuzz_how how = {
		.compare = true, .confluent = true, .twin = ptv_fuzz_rtl()};
	struct ptv_policy policy = {0};
	struct ptv_known known = {0};
	struct ptv_diag diag = {{0}};
	struct ptv_found found;
	struct ptv_plan plan;
	enum ptv_exit status;

	if (options->word_count != 1U)
		return ptv_cli_fail("replay takes one token, not %zu", options->word_count);
	if (ptv_cli_read_known(&known, options, &diag) ||
	    ptv_token_read(options->words[0], &plan, &policy, &diag)) {
		ptv_known_free(&known);
		return ptv_cli_fail_diag(&diag);
	}
	ptv_found_play(&found, &plan, &policy, NULL, &how);
	ptv_string_free(&found.token);
	ptv_string_add(&found.token, "%s", options->words[0]);
	status = replay(&found, &known, options);
	ptv_found_free(&found);
	ptv_policy_free(&policy);
	ptv_known_free(&known);
	return status;
}
