/* SPDX-License-Identifier: MIT */
/*
 * What does not change during a run (class CFG: outside the state tree): the processor's
 * capabilities, its latencies, and the switches that choose between readings of the documents.
 */
#ifndef PTV_CFG_H
#define PTV_CFG_H

#include "ptv/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* CPUID 14H and the other enumerated facts (SDM Vol. 3, 36.3.1). All booleans 0 or 1. */
struct ptv_caps {
	uint8_t cr3filt;	 /* 14H.0:EBX[0] */
	uint8_t psbcyc;		 /* EBX[1] */
	uint8_t ipfilt;		 /* EBX[2] */
	uint8_t mtc;		 /* EBX[3] */
	uint8_t ptw;		 /* EBX[4] */
	uint8_t pwrevt;		 /* EBX[5] */
	uint8_t psbpmi;		 /* EBX[6] */
	uint8_t evt;		 /* EBX[7] */
	uint8_t distnt;		 /* EBX[8] */
	uint8_t topa;		 /* ECX[0] */
	uint8_t mentry;		 /* ECX[1] */
	uint8_t snglrng;	 /* ECX[2] */
	uint8_t fabric;		 /* ECX[3] */
	uint8_t lip;		 /* ECX[31] */
	uint8_t ranges;		 /* 14H.1:EAX[2:0], 0..4 */
	uint8_t maxphyaddr;	 /* CPUID.80000008H:EAX[7:0] */
	uint16_t mtc_freqs;	 /* 14H.1:EAX[31:16], legal MTCFreq encodings */
	uint16_t cyc_thresholds; /* 14H.1:EBX[15:0] */
	uint16_t psb_freqs;	 /* 14H.1:EBX[31:16] */
	uint8_t vmx_misc_pt;	 /* IA32_VMX_MISC[14]: PT may be enabled in VMX operation */
	uint8_t vmx_conceal;	 /* allowed-1 of the conceal controls (2nd 19, exit 24, entry 17) */
	uint8_t vmx_load_clear;	 /* allowed-1 of "load" (entry 18) and "clear" (exit 25)
				    IA32_RTIT_CTL */
	uint8_t ptr_granularity; /* write pointer unit in bytes: 1, 8 (Broadwell), 16 (Skylake) */
	uint8_t ctl_wired_2100;	 /* bits 8 and 13 of RTIT_CTL read as 1 and ignore writes (Broadwell
				    probe) */
	uint8_t table_offset_gp; /* a non-zero table offset in 561H faults (Broadwell probe, G21) */
	uint8_t perfmon;	 /* architectural perfmon version */
};

/* Latencies in cycles and sizes in bytes: spec/latency.def has value, range and source of each. */
struct ptv_timing {
#define PTV_LATENCY(name, dflt, min, max, unit, source, meaning) uint32_t name;
#include "spec/latency.def"
#undef PTV_LATENCY
};

/* Readings: spec/switch.def has the choices, the default and the source of each. */
struct ptv_switches {
#define PTV_SWITCH(name, dflt, choices, key, meaning) uint8_t name;
#include "spec/switch.def"
#undef PTV_SWITCH
};

/* One processor as configured. */
struct ptv_cpu_cfg {
	struct ptv_caps caps;
	struct ptv_timing timing;
	struct ptv_switches sw;
};

/* A row of spec/machine.def. */
struct ptv_machine_row {
	const char *name;   /* "broadwell" */
	const char *remark; /* what to print beside it, e.g. "no such part known"; "" if nothing */
	struct ptv_caps caps;
};

/* All rows; their number in *count. */
const struct ptv_machine_row *ptv_machine_rows(size_t *count);

/* The row of that name, or NULL. */
const struct ptv_machine_row *ptv_machine_find(const char *name);

/* Fills timing and switches with their defaults. */
void ptv_timing_default(struct ptv_timing *timing);
void ptv_switches_default(struct ptv_switches *sw);

/*
 * Sets one latency or switch by name; a switch takes the text of a choice. Returns 0; -1 if there
 * is no such name; -2 if the value is out of the allowed range or not a choice.
 */
int ptv_timing_set(struct ptv_timing *timing, const char *name, uint64_t value);
int ptv_switch_set(struct ptv_switches *sw, const char *name, const char *choice);

/* A row of spec/latency.def or spec/switch.def as data, for lists and documents. */
struct ptv_param_row {
	const char *name;
	const char *choices; /* switches: "A|B|C"; latencies: "" */
	uint32_t dflt, min, max;
	const char *unit;   /* latencies: "cycles" or "bytes" */
	const char *source; /* where the value comes from, or "assumed" */
	const char *meaning;
};

const struct ptv_param_row *ptv_timing_rows(size_t *count);
const struct ptv_param_row *ptv_switch_rows(size_t *count);

#ifdef __cplusplus
}
#endif

#endif /* PTV_CFG_H */
