/* SPDX-License-Identifier: MIT */
#include "play/alone.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const fault_names[PTV_FAULTS] = {"none", "gp", "ud"};
static const char *const vmx_names[PTV_VMX_RESULTS] = {"succeed", "fail_invalid", "fail_valid",
						       "fault", "entry_fail"};

static void differ(struct ptv_alone_watch *watch, const struct ptv_entry *entry, const char *field,
		   char *want, char *got)
{
	struct ptv_alone *alone = watch->alone;
	struct ptv_alone_fault *fault;

	alone->fault = ptv_grow(alone->fault, alone->faults, &alone->room, sizeof(*alone->fault));
	fault = &alone->fault[alone->faults++];
	fault->entry = entry;
	fault->assignment = watch->assignment;
	fault->cycle = watch->cycle;
	fault->field = field;
	fault->want = want;
	fault->got = got;
}

static char *hex(uint64_t value)
{
	struct ptv_string text = {0};

	if (value == PTV_NEVER)
		ptv_string_add(&text, "none");
	else
		ptv_string_add(&text, value < 10U ? "%" PRIu64 : "0x%" PRIx64, value);
	return ptv_string_take(&text);
}

static void compare_text(struct ptv_alone_watch *watch, const struct ptv_entry *entry, uint32_t has,
			 const char *field, const char *want, const char *got)
{
	if (!(entry->expect.has & has))
		return;
	watch->alone->compared++;
	if (strcmp(want, got) != 0)
		differ(watch, entry, field, ptv_string_copy(want), ptv_string_copy(got));
}

static void compare(struct ptv_alone_watch *watch, const struct ptv_entry *entry,
		    const struct ptv_apply_result *result)
{
	const struct ptv_expect_hw *want = &entry->expect;
	const struct {
		uint32_t has;
		const char *field;
		uint64_t want, got;
	} numbers[] = {
		{PTV_EXPECT_VALUE, "value", want->value & want->mask, result->value & want->mask},
		{PTV_EXPECT_PMIS, "pmis", want->pmis, result->pmis},
		{PTV_EXPECT_STORED, "stored", want->stored, result->stored},
		{PTV_EXPECT_REASON, "reason", want->reason, result->reason},
		{PTV_EXPECT_WHERE, "where", want->where, watch->where},
	};
	size_t i;

	compare_text(watch, entry, PTV_EXPECT_FAULT, "fault", fault_names[want->fault],
		     fault_names[result->fault]);
	compare_text(watch, entry, PTV_EXPECT_VMX, "vmx", vmx_names[want->vmx],
		     vmx_names[result->vmx]);
	compare_text(watch, entry, PTV_EXPECT_PACKETS, "packets",
		     want->packets ? want->packets : "", ptv_string(&watch->packets));
	for (i = 0; i < PTV_ARRAY_SIZE(numbers); i++) {
		if (!(want->has & numbers[i].has))
			continue;
		watch->alone->compared++;
		if (numbers[i].want != numbers[i].got)
			differ(watch, entry, numbers[i].field, hex(numbers[i].want),
			       hex(numbers[i].got));
	}
}

static void observed(void *ctx, const struct ptv_obs *obs, enum ptv_copy copy)
{
	struct ptv_alone_watch *watch = ctx;

	(void)copy;
	watch->cycle = obs->cycle;
	if (obs->kind == PTV_OBS_STIMULUS && obs->c == 0U) {
		watch->where = PTV_NEVER;
		watch->packets.size = 0;
		if (watch->packets.at)
			watch->packets.at[0] = '\0';
	} else if (obs->kind == PTV_OBS_STORE) {
		watch->where = obs->a + obs->b - 1U;
	} else if (obs->kind == PTV_OBS_PACKET) {
		ptv_string_add(&watch->packets, "%s%s", watch->packets.size ? " " : "",
			       ptv_packet_name((enum ptv_packet)(obs->a & 0xffU)));
	}
}

static void applied(void *ctx, uint32_t index, const struct ptv_apply_result *result)
{
	struct ptv_alone_watch *watch = ctx;
	const struct ptv_entry *entry = watch->steps->at[index].entry;

	if (!entry || entry->expect.has == 0U)
		return;
	if (result->apply == PTV_APPLY_NEVER) {
		watch->alone->compared++;
		differ(watch, entry, "end", ptv_string_copy("its goal"), ptv_string_copy("never"));
		return;
	}
	compare(watch, entry, result);
}

void ptv_alone_begin(struct ptv_alone_watch *watch, struct ptv_alone *alone,
		     const struct ptv_steps *steps, uint64_t assignment)
{
	memset(watch, 0, sizeof(*watch));
	watch->alone = alone;
	watch->steps = steps;
	watch->assignment = assignment;
	watch->where = PTV_NEVER;
	watch->onlooker.ctx = watch;
	watch->onlooker.observed = observed;
	watch->onlooker.applied = applied;
}

void ptv_alone_end(struct ptv_alone_watch *watch)
{
	ptv_string_free(&watch->packets);
}

void ptv_alone_free(struct ptv_alone *alone)
{
	size_t i;

	for (i = 0; i < alone->faults; i++) {
		free(alone->fault[i].want);
		free(alone->fault[i].got);
	}
	free(alone->fault);
	memset(alone, 0, sizeof(*alone));
}
