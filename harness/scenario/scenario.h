/* SPDX-License-Identifier: MIT */
/*
 * A scenario file as data: the question, the machine, buffer and events, the timeline with its
 * choices, the expected verdicts. scenarios/FORMAT.md teaches the format; docs/scenario.schema.json
 * is its JSON Schema.
 *
 * A scenario is loaded once and read-only afterwards. Everything it points to belongs to it
 * (ptv_scenario_free).
 */
#ifndef PTV_SCENARIO_H
#define PTV_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "ptv/check.h"
#include "ptv/world.h"

/* Where something stands in the file; 1-based. */
struct ptv_mark {
	int line, column;
};

/* A value or a range of values with a step: `9000`, `9000..9400`, `{from: 9000, to: 9400, step:
 * 50}`. */
struct ptv_range {
	uint64_t from, to, step; /* from == to: fixed */
};

/* One interrupt placed inside a stimulus: {nmi: {after: "notify.w.vmx_on"}}. */
struct ptv_delivery {
	enum ptv_int vector;
	enum ptv_side side;
	char *label;	     /* without #n */
	uint32_t occurrence; /* "#2" is 2; 1 unless given */
	struct ptv_mark mark;
};

/* What a hardware-alone stimulus must come to: each valid if its `has` bit is set. */
#define PTV_EXPECT_FAULT  0x01U /* fault: none | gp | ud */
#define PTV_EXPECT_VALUE  0x02U /* value read back, under mask */
#define PTV_EXPECT_PMIS	  0x04U /* number of PMIs raised during the stimulus */
#define PTV_EXPECT_STORED 0x08U /* bytes stored during the stimulus */
#define PTV_EXPECT_VMX	  0x10U /* vmx: succeed | fail_invalid | fail_valid | fault | entry_fail */
#define PTV_EXPECT_REASON 0x20U
#define PTV_EXPECT_WHERE  0x40U /* address of the last byte stored during the stimulus */
#define PTV_EXPECT_PACKETS                                                                       \
	0x80U /* packets that entered the buffer during the stimulus, in order: "PSB CBR PSBEND" \
	       */
struct ptv_expect_hw {
	uint32_t has;
	enum ptv_fault fault;
	enum ptv_vmx_result vmx;
	uint64_t value, mask, pmis, stored, reason, where;
	char *packets; /* names of ptv_packet_name(), blank-separated; "" for none */
	char *because; /* obligatory */
	struct ptv_mark mark;
};

/* One line of the timeline. */
struct ptv_entry {
	struct ptv_stimulus stimulus; /* at is filled in by the player from `at` */
	struct ptv_range at;
	bool has_at; /* else: when the one before has ended */
	struct ptv_range arg[4];
	struct ptv_delivery *deliver;
	size_t deliveries;
	struct ptv_expect_hw expect; /* has == 0: none */
	struct ptv_mark mark;
};

enum ptv_expected {
	PTV_EXPECTED_UNSAID,
	PTV_EXPECTED_ALWAYS,
	PTV_EXPECTED_SOMETIMES,
	PTV_EXPECTED_NEVER,
	PTV_EXPECTED_IDLE
};

/* What a file expects of one policy. */
struct ptv_expect_policy {
	char *policy; /* name as written: "dont-die", or "dont-die@4.12" for a driver in another era
		       */
	enum ptv_expected check[PTV_CHECKS]; /* `all: always` sets every check to ALWAYS-or-idle,
						single keys override */
	bool all_always;		     /* `all: always` was said: no check may be violated */
	char *because;
	struct ptv_mark mark;
	struct ptv_mark check_mark[PTV_CHECKS]; /* of single keys; line 0: the check has none */
};

/* A setting of a named parameter (timing:, switches:, set:). */
struct ptv_setting {
	char *name, *value;
	struct ptv_mark mark;
};

struct ptv_scenario {
	char *file;	/* path as given */
	char *name;	/* file name without directory and .yaml */
	char *question; /* asks.question */
	char *source;	/* what it is taken from */
	char *confirms; /* optional: which claim of the source the model confirms or refutes, in
			   words */
	int asks_check; /* enum ptv_check the file is about, -1 if none (policy none) */
	bool hw_alone;	/* policy: none */
	const struct ptv_machine_row *machine;
	uint8_t lps;
	struct ptv_event_cfg event[PTV_MAX_EVENTS];
	uint8_t events;
	enum ptv_consumer consumer;
	struct ptv_work_cfg work;
	struct ptv_setting *settings; /* timing and switches, already applied below; kept for
					 printing */
	size_t setting_count;
	struct ptv_timing timing;
	struct ptv_switches switches;
	struct ptv_entry *timeline;
	size_t entries;
	struct ptv_expect_policy *expect;
	size_t expects;
	uint64_t choices;      /* product of all ranges */
	uint64_t choice_limit; /* `choices:` of the file, else PTV_CHOICE_LIMIT */
};

#define PTV_CHOICE_LIMIT \
	4096U /* runs per file and policy unless the file or the command line says more */

/*
 * Loads one file. Returns NULL with *diag set (exit status 2) for anything wrong with it: missing,
 * YAML errors, unknown keys (with the accepted ones), wrong types, fixed times out of order, more
 * choices than the limit (with the count and how to raise it), limits exceeded, unknown names, an
 * expectation without because.
 */
struct ptv_scenario *ptv_scenario_load(const char *path, struct ptv_diag *diag);
void ptv_scenario_free(struct ptv_scenario *scenario);

/*
 * Scenario files below a path, sorted: the file itself, or every *.yaml in a directory and its
 * subdirectories. Returns a NULL-terminated array (free with ptv_scenario_list_free) or NULL with
 * *diag set (missing path; directory without scenarios).
 */
char **ptv_scenario_list(const char *path, struct ptv_diag *diag);
void ptv_scenario_list_free(char **list);

#endif /* PTV_SCENARIO_H */
