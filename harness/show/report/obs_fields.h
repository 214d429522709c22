/* SPDX-License-Identifier: MIT */
/*
 * The arguments of an observation one by one, under the names that spec/obs.def gives them: packed
 * arguments taken apart, enumerators as text. What prints or exports observations goes through
 * this.
 *
 * Names. "head seen" becomes head_seen. An argument named like one of the members that every
 * observation has (kind, lp) has the observation's name in front: packet_kind, open_lp. The two
 * words of a packet's bytes are one field, bytes.
 */
#ifndef PTV_HARNESS_SHOW_REPORT_OBS_FIELDS_H
#define PTV_HARNESS_SHOW_REPORT_OBS_FIELDS_H

#include <stdint.h>
#include <stdio.h>

#include "ptv/obs.h"

#define PTV_OBS_FIELDS 8U
#define PTV_OBS_KEY    40U

enum ptv_field_type {
	PTV_FIELD_NUMBER,
	PTV_FIELD_SIGNED,
	PTV_FIELD_HEX, /* addresses and register values */
	PTV_FIELD_BOOL,
	PTV_FIELD_TEXT,	 /* an enumerator */
	PTV_FIELD_BYTES, /* bytes[0..value) */
	PTV_FIELD_PLACE, /* a place in an AUX buffer; none if value is PTV_PLACE_NONE */
	PTV_FIELD_NONE,	 /* there is none */
	PTV_FIELD_TYPES
};

struct ptv_obs_field {
	char key[PTV_OBS_KEY];
	enum ptv_field_type type;
	uint64_t value;
	const char *text;  /* TEXT */
	uint8_t bytes[16]; /* BYTES */
};

/* Takes an observation apart; returns the number of fields. */
size_t ptv_obs_fields(const struct ptv_obs *obs, struct ptv_obs_field field[PTV_OBS_FIELDS]);

/* "value=0 cause=vmxon" into text, cut to size. */
void ptv_obs_fields_text(const struct ptv_obs *obs, char *text, size_t size);

#endif /* PTV_HARNESS_SHOW_REPORT_OBS_FIELDS_H */
