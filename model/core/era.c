/* SPDX-License-Identifier: MIT */
/* The rows of spec/eras.def. */
#include "core.h"

#include <string.h>

static const struct ptv_era_row era[] = {
#define PTV_ERA(...) {__VA_ARGS__},
#include "spec/eras.def"
#undef PTV_ERA
};

const struct ptv_era_row *ptv_era_rows(size_t *count)
{
	*count = PTV_ARRAY_SIZE(era);
	return era;
}

const struct ptv_era_row *ptv_era_find(const char *name)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(era); i++) {
		if (strcmp(era[i].name, name) == 0)
			return &era[i];
	}
	return NULL;
}
