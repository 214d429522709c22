/* SPDX-License-Identifier: MIT */
/*
 * Timelines in words.
 */
#ifndef PTV_HARNESS_SHOW_REPORT_WORDS_H
#define PTV_HARNESS_SHOW_REPORT_WORDS_H

#include "play/choices.h"
#include "play/text.h"

/* "enable; virt_on; progress branches=500": the first `count` steps. */
void ptv_words_steps(struct ptv_string *text, const struct ptv_steps *steps, size_t count);

/* "9000..9400 in steps of 50: virt_off on LP 1, nmi after notify.w.vmx_on": one line of a file. */
void ptv_words_entry(struct ptv_string *text, const struct ptv_scenario *scenario,
		     const struct ptv_entry *entry);

/* "virt_off at=9010, progress branches=500": what an assignment chooses; nothing if the file has no
 * choice. */
void ptv_words_choices(struct ptv_string *text, const struct ptv_scenario *scenario,
		       uint64_t assignment);

#endif /* PTV_HARNESS_SHOW_REPORT_WORDS_H */
