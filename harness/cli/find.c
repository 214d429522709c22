/* SPDX-License-Identifier: MIT */
#include "cli/find.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "play/finding.h"
#include "search/fuzz_token.h"
#include "search/fuzz_write.h"
#include "show/output.h"
#include "show/report/obs_json.h"

struct playing {
	struct ptv_found *found;
	const struct ptv_plan *plan;
	const struct ptv_fuzz_how *how;
};

static void play(void *ctx)
{
	const struct playing *playing = ctx;
	struct ptv_found *found = playing->found;
	struct ptv_fuzz_judge judge;

	ptv_fuzz_judge_init(&judge, found->c);
	ptv_fuzz_judge(&judge, playing->plan, found->policy, playing->how, found->result);
	ptv_fuzz_judge_free(&judge);
}

void ptv_found_play(struct ptv_found *found, const struct ptv_plan *plan,
		    const struct ptv_policy *policy, const struct ptv_variation *variation,
		    const struct ptv_fuzz_how *how)
{
	struct playing playing = {found, plan, how};

	memset(found, 0, sizeof(*found));
	found->policy = policy;
	found->c = ptv_guard_share(sizeof(*found->c));
	found->result = ptv_guard_share(sizeof(*found->result));
	/* Built here, so that what the child builds again lies in memory that is here too. */
	ptv_fuzz_case_build(found->c, plan);
	ptv_guard_run(play, &playing, &found->guarded);
	ptv_token_write(&found->c->plan, policy, variation, &found->token);
}

void ptv_found_free(struct ptv_found *found)
{
	ptv_fuzz_case_free(found->c);
	ptv_guard_unshare(found->c, sizeof(*found->c));
	ptv_guard_unshare(found->result, sizeof(*found->result));
	ptv_string_free(&found->token);
}

void ptv_found_told(const struct ptv_found *found, const struct ptv_fuzz_sign *sign,
		    struct ptv_fuzz_told *told)
{
	size_t i;

	memset(told, 0, sizeof(*told));
	told->sign = *sign;
	for (i = 0; found->guarded.how == PTV_GUARD_DONE && i < found->result->count; i++) {
		if (ptv_fuzz_sign_equal(&found->result->told[i].sign, sign))
			*told = found->result->told[i];
	}
}

static void add_observation(const struct ptv_obs *obs, const char *how, struct ptv_string *text)
{
	char line[PTV_OBS_JSON_LINE];

	if (obs->kind == PTV_OBS_KINDS) {
		ptv_string_add(text, "; %s: none", how);
		return;
	}
	(void)ptv_obs_json(obs, NULL, line);
	line[strcspn(line, "\n")] = '\0';
	ptv_string_add(text, "; %s: %s", how, line);
}

void ptv_found_text(const struct ptv_found *found, const struct ptv_fuzz_told *told,
		    struct ptv_string *text)
{
	static const char *const texts[PTV_FUZZ_KINDS] = {
		[PTV_FUZZ_STEP] = "stepping each clock is observed otherwise than leaping",
		[PTV_FUZZ_STATE] =
			"stepped and leapt, the same was observed, but the states differ",
		[PTV_FUZZ_AGAIN] = "the same timeline came out otherwise the second time",
		[PTV_FUZZ_UNPLACED] = "an interrupt placed by its label did not take place",
		[PTV_FUZZ_NONSENSE] = "the kernel refused a stimulus that makes sense",
		[PTV_FUZZ_ASSERTION] = "an assertion failed: ",
		[PTV_FUZZ_CRASH] = "the program died: ",
		[PTV_FUZZ_HANG] = "the program does not come to an end",
		[PTV_FUZZ_UNLIKE_RTL] = "C and its RTL twin differ",
	};
	const enum ptv_fuzz_kind kind = (enum ptv_fuzz_kind)told->sign.kind;
	char line[512];

	if (kind == PTV_FUZZ_VIOLATION || kind == PTV_FUZZ_LIVELOCK) {
		ptv_finding_text(found->policy, &told->violation, line, sizeof(line));
		ptv_string_add(text, "%s", line);
		return;
	}
	ptv_string_add(text, "%s", texts[kind]);
	if (kind == PTV_FUZZ_ASSERTION || kind == PTV_FUZZ_CRASH)
		ptv_string_add(text, "%s", found->guarded.text);
	if (kind == PTV_FUZZ_STEP && found->guarded.how == PTV_GUARD_DONE) {
		add_observation(&found->result->differs[0], "leapt", text);
		add_observation(&found->result->differs[1], "stepped", text);
	}
}

int ptv_found_write(const struct ptv_found *found, const struct ptv_fuzz_told *told,
		    const char *directory, struct ptv_string *path, struct ptv_diag *diag)
{
	struct ptv_string text = {0};
	struct ptv_output output;
	int result;

	if (mkdir(directory, 0777) && errno != EEXIST)
		return ptv_diag(diag, NULL, 0, 0, "cannot make %s: %s", directory, strerror(errno));
	ptv_string_add(path, "%s/", directory);
	ptv_fuzz_write_name(found->c, found->policy, &told->sign, path);
	ptv_fuzz_write(found->c, found->policy, told, ptv_string(&found->token), &text);
	result = ptv_output_open(&output, ptv_string(path), diag);
	if (!result) {
		(void)fputs(ptv_string(&text), output.file);
		result = ptv_output_close(&output, diag);
	}
	ptv_string_free(&text);
	return result;
}
