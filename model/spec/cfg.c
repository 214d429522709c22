/* SPDX-License-Identifier: MIT */
/* Processors, latencies and switches as data: machine.def, latency.def, switch.def behind the
 * functions of ptv/cfg.h. */
#include <string.h>

#include "ptv/cfg.h"

static const struct ptv_machine_row machines[] = {
#define PTV_MACHINE(name, remark, source, ...) {name, remark, {__VA_ARGS__}},
#include "spec/machine.def"
#undef PTV_MACHINE
};

static const struct ptv_param_row latencies[] = {
#define PTV_LATENCY(name, dflt, min, max, unit, source, meaning) \
	{#name, "", dflt, min, max, unit, source, meaning},
#include "spec/latency.def"
#undef PTV_LATENCY
};

static const struct ptv_param_row switches[] = {
#define PTV_SWITCH(name, dflt, choices, key, meaning) \
	{#name, choices, dflt, 0, 0, "", key, meaning},
#include "spec/switch.def"
#undef PTV_SWITCH
};

/* Where each is in its struct. */
static const size_t latency_offset[] = {
#define PTV_LATENCY(name, dflt, min, max, unit, source, meaning) offsetof(struct ptv_timing, name),
#include "spec/latency.def"
#undef PTV_LATENCY
};

static const size_t switch_offset[] = {
#define PTV_SWITCH(name, dflt, choices, key, meaning) offsetof(struct ptv_switches, name),
#include "spec/switch.def"
#undef PTV_SWITCH
};

const struct ptv_machine_row *ptv_machine_rows(size_t *count)
{
	*count = PTV_ARRAY_SIZE(machines);
	return machines;
}

const struct ptv_machine_row *ptv_machine_find(const char *name)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(machines); i++) {
		if (strcmp(machines[i].name, name) == 0)
			return &machines[i];
	}
	return NULL;
}

const struct ptv_param_row *ptv_timing_rows(size_t *count)
{
	*count = PTV_ARRAY_SIZE(latencies);
	return latencies;
}

const struct ptv_param_row *ptv_switch_rows(size_t *count)
{
	*count = PTV_ARRAY_SIZE(switches);
	return switches;
}

static void store_u32(void *base, size_t offset, uint32_t value)
{
	memcpy((uint8_t *)base + offset, &value, sizeof(value));
}

void ptv_timing_default(struct ptv_timing *timing)
{
	size_t i;

	memset(timing, 0, sizeof(*timing));
	for (i = 0; i < PTV_ARRAY_SIZE(latencies); i++)
		store_u32(timing, latency_offset[i], latencies[i].dflt);
}

void ptv_switches_default(struct ptv_switches *sw)
{
	size_t i;

	memset(sw, 0, sizeof(*sw));
	for (i = 0; i < PTV_ARRAY_SIZE(switches); i++)
		((uint8_t *)sw)[switch_offset[i]] = (uint8_t)switches[i].dflt;
}

int ptv_timing_set(struct ptv_timing *timing, const char *name, uint64_t value)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(latencies); i++) {
		if (strcmp(latencies[i].name, name) != 0)
			continue;
		if (value < latencies[i].min || value > latencies[i].max)
			return -2;
		store_u32(timing, latency_offset[i], (uint32_t)value);
		return 0;
	}
	return -1;
}

/* The number of a choice in "A|B|C", or -1. */
static int choice_number(const char *choices, const char *choice)
{
	const size_t length = strlen(choice);
	const char *at = choices;
	int number = 0;

	while (length) {
		if (strncmp(at, choice, length) == 0 && (at[length] == '|' || at[length] == '\0'))
			return number;
		while (*at != '|' && *at != '\0')
			at++;
		if (*at == '\0')
			return -1;
		at++;
		number++;
	}
	return -1;
}

int ptv_switch_set(struct ptv_switches *sw, const char *name, const char *choice)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(switches); i++) {
		int number;

		if (strcmp(switches[i].name, name) != 0)
			continue;
		number = choice_number(switches[i].choices, choice);
		if (number < 0)
			return -2;
		((uint8_t *)sw)[switch_offset[i]] = (uint8_t)number;
		return 0;
	}
	return -1;
}
