/* SPDX-License-Identifier: MIT */
/* Stimuli as data. */
#include <string.h>

#include "ptv/stimulus.h"

static const struct ptv_stimulus_row rows[PTV_STIMULI] = {
#define PTV_STIMULUS(NAME, text, layer, args, meaning) {text, layer, args, meaning},
#include "spec/stimulus.def"
#undef PTV_STIMULUS
};

const struct ptv_stimulus_row *ptv_stimulus_rows(void)
{
	return rows;
}

int ptv_stimulus_find(const char *name)
{
	int i;

	for (i = 0; i < PTV_STIMULI; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return i;
	}
	return -1;
}
