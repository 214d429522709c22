/* SPDX-License-Identifier: MIT */
#include "fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "play/policy.h"
#include "scenario/scenario.h"
#include "search/fuzz.h"
#include "search/fuzz_token.h"
#include "search/fuzz_twin.h"

/* In one of so many timelines each: chosen by the bytes, so that an input shows the same again. */
#define TWIN   2U
#define FAMILY 8U
/* Longer ones are only leapt over: under sanitizers others take minutes. */
#define CLOCKS 200000U

static bool tell(const struct ptv_fuzz_sign *sign, const struct ptv_fuzz_case *c,
		 const struct ptv_policy *policy, const struct ptv_known *known)
{
	struct ptv_string text = {0};

	if (sign->kind == PTV_FUZZ_VIOLATION && (!known || !ptv_fuzz_is_new(sign, policy, known)))
		return true;
	ptv_fuzz_sign_text(sign, policy->name, &text);
	ptv_string_add(&text, "\nptvmx replay ");
	ptv_token_write(&c->plan, policy, NULL, &text);
	(void)fprintf(stderr, "%s\n", ptv_string(&text));
	ptv_string_free(&text);
	return false;
}

static struct ptv_fuzz_how how_of(const uint8_t *bytes, size_t size)
{
	const uint64_t hash = XXH64(bytes, size, 0);
	const struct ptv_fuzz_how how = {
		.compare = true,
		.confluent = hash % FAMILY == 0U,
		.twin = hash / FAMILY % TWIN == 0U ? ptv_fuzz_rtl() : NULL,
		.clocks = CLOCKS,
	};

	return how;
}

static bool judge(const uint8_t *bytes, size_t size, const struct ptv_policy *policy,
		  const struct ptv_known *known)
{
	const struct ptv_fuzz_how how = how_of(bytes, size);
	struct ptv_fuzz_result *result = ptv_alloc(1, sizeof(*result));
	struct ptv_fuzz_case *c = ptv_alloc(1, sizeof(*c));
	struct ptv_fuzz_judge judge;
	struct ptv_plan plan;
	bool well = true;
	size_t i;

	ptv_plan_decode(bytes, size, &plan);
	ptv_fuzz_judge_init(&judge, c);
	ptv_fuzz_judge(&judge, &plan, policy, &how, result);
	for (i = 0; i < result->count; i++)
		well = tell(&result->told[i].sign, c, policy, known) && well;
	ptv_fuzz_judge_free(&judge);
	ptv_fuzz_case_free(c);
	free(c);
	free(result);
	return well;
}

bool ptv_target_timeline(const uint8_t *bytes, size_t size)
{
	const char *path = getenv("PTV_KNOWN");
	const struct ptv_driver_row *rows;
	struct ptv_known known = {0};
	struct ptv_policy policy;
	struct ptv_diag diag = {""};
	size_t count;
	bool well;

	rows = ptv_driver_rows(&count);
	if (ptv_policy_parse(&policy, rows[size ? bytes[0] % count : 0U].name, NULL, &diag) ||
	    (path && ptv_known_read(&known, path, &diag))) {
		(void)fprintf(stderr, "%s\n", diag.text);
		abort();
	}
	well = judge(size ? bytes + 1 : bytes, size ? size - 1U : 0U, &policy,
		     path ? &known : NULL);
	ptv_known_free(&known);
	ptv_policy_free(&policy);
	return well;
}

bool ptv_target_yaml(const uint8_t *bytes, size_t size)
{
	const int file = memfd_create("scenario", MFD_CLOEXEC);
	struct ptv_scenario *scenario;
	struct ptv_diag diag = {""};
	char path[64];
	bool well;

	if (file < 0 || write(file, bytes, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	scenario = ptv_scenario_load(path, &diag);
	well = scenario ? diag.text[0] == '\0' : diag.text[0] != '\0' && !strchr(diag.text, '\n');
	if (!well)
		(void)fprintf(stderr, "%s, and said: %s\n", scenario ? "loaded" : "refused",
			      diag.text);
	ptv_scenario_free(scenario);
	(void)close(file);
	return well;
}
