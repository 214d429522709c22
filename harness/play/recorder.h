/* SPDX-License-Identifier: MIT */
/*
 * Observations kept in the order in which they came.
 */
#ifndef PTV_HARNESS_PLAY_RECORDER_H
#define PTV_HARNESS_PLAY_RECORDER_H

#include "play/play.h"

struct ptv_recorded {
	struct ptv_obs obs;
	enum ptv_copy copy;
};

/* All zero: empty. */
struct ptv_recorder {
	struct ptv_recorded *at;
	size_t count, room;
};

void ptv_recorder_add(struct ptv_recorder *recorder, const struct ptv_obs *obs, enum ptv_copy copy);
void ptv_recorder_free(struct ptv_recorder *recorder);

/* For struct ptv_onlooker: ctx is a recorder. */
void ptv_recorder_observed(void *recorder, const struct ptv_obs *obs, enum ptv_copy copy);

#endif /* PTV_HARNESS_PLAY_RECORDER_H */
