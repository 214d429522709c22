/* SPDX-License-Identifier: MIT */
/*
 * Drivers as data: the rows of spec/drivers.def, the operations that serve them, and --set.
 *
 * A row decides each slot by one rule. Not every combination says something: what a latched PMI
 * waits for means nothing where none is latched. Such combinations are refused by a table of needs
 * ("this rule needs that one"), which also says what to set first.
 */
#include "rules.h"

#include <string.h>

#include "pt.h"

#define PTV_RULES(track, on, start, ctl, pmi, off, pending, on_stop, gap, first, stop) \
	{                                                                              \
		[PTV_SLOT_VMX_TRACK] = PTV_VMX_TRACK_##track,                          \
		[PTV_SLOT_NOTIFY_ON] = PTV_NOTIFY_ON_##on,                             \
		[PTV_SLOT_START_IN_VMX] = PTV_START_IN_VMX_##start,                    \
		[PTV_SLOT_CTL_IN_VMX] = PTV_CTL_IN_VMX_##ctl,                          \
		[PTV_SLOT_PMI_IN_VMX] = PTV_PMI_IN_VMX_##pmi,                          \
		[PTV_SLOT_NOTIFY_OFF] = PTV_NOTIFY_OFF_##off,                          \
		[PTV_SLOT_PENDING_PMI] = PTV_PENDING_PMI_##pending,                    \
		[PTV_SLOT_PENDING_ON_STOP] = PTV_PENDING_ON_STOP_##on_stop,            \
		[PTV_SLOT_GAP_MARK] = PTV_GAP_MARK_##gap,                              \
		[PTV_SLOT_FIRST_START] = PTV_FIRST_START_##first,                      \
		[PTV_SLOT_STOP_INT] = PTV_STOP_INT_##stop,                             \
	}

static const struct ptv_driver_row rows[] = {
#define PTV_DRIVER(name, era, source, meaning, reconstructed, ...) \
	{name, era, source, meaning, reconstructed, false, __VA_ARGS__},
#define PTV_DRIVER_OWN(name, era, source, meaning, reconstructed, prefix) \
	{name, era, source, meaning, reconstructed, true, {0}},
#include "spec/drivers.def"
#undef PTV_DRIVER
#undef PTV_DRIVER_OWN
};

/* One set of operations for each row, so that each carries its name. */
static const struct ptv_pmu_ops row_ops[] = {
#define PTV_DRIVER(name_, era, source, meaning, reconstructed, ...) \
	{                                                           \
		.abi = PTV_PMU_ABI,                                 \
		.name = name_,                                      \
		.boot = ptv_pt_boot,                                \
		.event_init = ptv_pt_event_init,                    \
		.setup_aux = ptv_pt_buffer_setup_aux,               \
		.free_aux = ptv_pt_buffer_free_aux,                 \
		.add = ptv_pt_event_add,                            \
		.del = ptv_pt_event_del,                            \
		.start = ptv_pt_event_start,                        \
		.stop = ptv_pt_event_stop,                          \
		.pmi = ptv_intel_pt_interrupt,                      \
		.notify = ptv_intel_pt_handle_vmx,                  \
		.emergency_stop = ptv_cpu_emergency_stop_pt,        \
	},
#define PTV_DRIVER_OWN(name_, era, source, meaning, reconstructed, prefix) \
	{                                                                  \
		.abi = PTV_PMU_ABI,                                        \
		.name = name_,                                             \
		.boot = ptv_pt_boot,                                       \
		.event_init = ptv_pt_event_init,                           \
		.setup_aux = ptv_pt_buffer_setup_aux,                      \
		.free_aux = ptv_pt_buffer_free_aux,                        \
		.add = prefix##_event_add,                                 \
		.del = prefix##_event_del,                                 \
		.start = prefix##_event_start,                             \
		.stop = prefix##_event_stop,                               \
		.pmi = prefix##_interrupt,                                 \
	},
#include "spec/drivers.def"
#undef PTV_DRIVER
#undef PTV_DRIVER_OWN
};

static const struct ptv_slot_row slots[] = {
#define PTV_SLOT(NAME, text, rules, meaning) {text, rules, meaning},
#include "spec/driver_slots.def"
#undef PTV_SLOT
};

/* A rule that means something only together with another one. */
struct need {
	uint8_t slot, rule;
	uint8_t needs_slot, needs_rule;
	const char *why;
};

#define NEED(slot, rule, other, other_rule, why)                        \
	{                                                               \
		PTV_SLOT_##slot, PTV_##slot##_##rule, PTV_SLOT_##other, \
			PTV_##other##_##other_rule, why                 \
	}

#define NO_LATCH "no PMI is remembered unless pmi_in_vmx=latch"
#define NO_HALF	 "there is no second half to make up for unless pmi_in_vmx=half"
#define NO_TRACK                                                                     \
	"a driver that is not told of VMX cannot treat it in any way: it goes with " \
	"notify_on=keep start_in_vmx=start ctl_in_vmx=write pmi_in_vmx=full "        \
	"notify_off=nothing gap_mark=none"

static const struct need needs[] = {
	NEED(PENDING_PMI, AFTER, PMI_IN_VMX, LATCH, NO_LATCH),
	NEED(PENDING_PMI, BEFORE, PMI_IN_VMX, LATCH, NO_LATCH),
	NEED(PENDING_ON_STOP, CLEAR, PMI_IN_VMX, LATCH, NO_LATCH),
	NEED(NOTIFY_OFF, RESTART, PMI_IN_VMX, HALF, NO_HALF),
	NEED(VMX_TRACK, NONE, NOTIFY_ON, KEEP, NO_TRACK),
	NEED(VMX_TRACK, NONE, START_IN_VMX, START, NO_TRACK),
	NEED(VMX_TRACK, NONE, CTL_IN_VMX, WRITE, NO_TRACK),
	NEED(VMX_TRACK, NONE, PMI_IN_VMX, FULL, NO_TRACK),
	NEED(VMX_TRACK, NONE, NOTIFY_OFF, NOTHING, NO_TRACK),
	NEED(VMX_TRACK, NONE, GAP_MARK, NONE, NO_TRACK),
};

const struct ptv_driver_row *ptv_driver_rows(size_t *count)
{
	*count = PTV_ARRAY_SIZE(rows);
	return rows;
}

const struct ptv_driver_row *ptv_driver_find(const char *name)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

const struct ptv_pmu_ops *ptv_driver_ops(const struct ptv_driver_row *row)
{
	/* The row may be a varied copy; its name says where it comes from. */
	const struct ptv_driver_row *origin = ptv_driver_find(row->name);

	PTV_ASSERT(origin);
	return &row_ops[origin - rows];
}

const struct ptv_slot_row *ptv_slot_rows(void)
{
	return slots;
}

/* Position of a word in "a|b|c", from 1; 0 if it is not there. */
static uint8_t rule_number(const char *rules, const char *word)
{
	const size_t size = strlen(word);
	uint8_t number = 1;

	while (size != 0U) {
		size_t end = 0;

		while (rules[end] != '\0' && rules[end] != '|')
			end++;
		if (end == size && strncmp(rules, word, size) == 0)
			return number;
		if (rules[end] == '\0')
			return 0;
		rules += end + 1U;
		number++;
	}
	return 0;
}

static const char *unmet_need(const struct ptv_driver_row *row)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(needs); i++) {
		const struct need *need = &needs[i];

		if (row->rule[need->slot] == need->rule &&
		    row->rule[need->needs_slot] != need->needs_rule)
			return need->why;
	}
	return NULL;
}

int ptv_driver_set(struct ptv_driver_row *row, const char *slot, const char *rule, const char **why)
{
	struct ptv_driver_row varied = *row;
	unsigned int i;
	uint8_t number;

	if (row->own_ops)
		return -4;
	for (i = 0; i < PTV_SLOTS; i++) {
		if (strcmp(slots[i].name, slot) == 0)
			break;
	}
	if (i == PTV_SLOTS)
		return -1;
	number = rule_number(slots[i].rules, rule);
	if (number == 0U)
		return -2;
	varied.rule[i] = number;
	*why = unmet_need(&varied);
	if (*why)
		return -3;
	*row = varied;
	return 0;
}
