/* SPDX-License-Identifier: MIT */
#include "play/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "play/text.h"

void ptv_recorder_add(struct ptv_recorder *recorder, const struct ptv_obs *obs, enum ptv_copy copy)
{
	recorder->at =
		ptv_grow(recorder->at, recorder->count, &recorder->room, sizeof(*recorder->at));
	recorder->at[recorder->count].obs = *obs;
	recorder->at[recorder->count].copy = copy;
	recorder->count++;
}

void ptv_recorder_free(struct ptv_recorder *recorder)
{
	free(recorder->at);
	memset(recorder, 0, sizeof(*recorder));
}

void ptv_recorder_observed(void *recorder, const struct ptv_obs *obs, enum ptv_copy copy)
{
	ptv_recorder_add(recorder, obs, copy);
}
