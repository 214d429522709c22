/* SPDX-License-Identifier: MIT */
/*
 * Drivers and eras as data: rows of spec/drivers.def and spec/eras.def.
 */
#ifndef PTV_DRIVER_H
#define PTV_DRIVER_H

#include "ptv/pmu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The decisions in which the generations differ; spec/driver_slots.def lists slots, rules and
 * meanings. */
enum ptv_driver_slot {
#define PTV_SLOT(NAME, text, rules, meaning) PTV_SLOT_##NAME,
#include "spec/driver_slots.def"
#undef PTV_SLOT
	PTV_SLOTS
};

struct ptv_driver_row {
	const char *name;	 /* "handle-vmx" */
	const char *era;	 /* its natural era: "4.12" */
	const char *source;	 /* commit, or what it is reconstructed from */
	const char *meaning;	 /* one line */
	bool reconstructed;	 /* printed wherever the name is */
	bool own_ops;		 /* not the skeleton: naive */
	uint8_t rule[PTV_SLOTS]; /* position in its slot's list of rules, from 1; 0: unset */
};

const struct ptv_driver_row *ptv_driver_rows(size_t *count);
const struct ptv_driver_row *ptv_driver_find(const char *name);

/* The operations that serve a row. */
const struct ptv_pmu_ops *ptv_driver_ops(const struct ptv_driver_row *row);

struct ptv_slot_row {
	const char *name;
	const char *rules; /* "A|B|C" */
	const char *meaning;
};
const struct ptv_slot_row *ptv_slot_rows(void); /* PTV_SLOTS rows */

/*
 * Varies a row: "slot=rule". 0; -1 no such slot; -2 no such rule of it; -3 the combination means
 * nothing (*why says why: spec/driver_slots.def's constraint table); -4 the driver has no slots
 * (own_ops).
 */
int ptv_driver_set(struct ptv_driver_row *row, const char *slot, const char *rule,
		   const char **why);

/* How the core of some kernel version behaves. */
/* Besides a watermark, what perf_aux_output_end() wakes on. */
enum ptv_era_wake {
	PTV_WAKE_NO_FLAG,   /* 4.5 */
	PTV_WAKE_TRUNCATED, /* 9f448cd3cbce */
	PTV_WAKE_ANY_FLAG   /* f4c0b0aa58d9 */
};

/* Who acts on a disable request of the AUX code. */
enum ptv_era_disable {
	PTV_DISABLE_FIRST, /* irq_work, before it wakes */
	PTV_DISABLE_LAST,  /* irq_work, after it, where the event is on a CPU */
	PTV_DISABLE_NOBODY /* another work, which the AUX code does not queue */
};

/* A VMXON that fails. */
enum ptv_era_vmxon {
	PTV_VMXON_BUG,	  /* the INVEPT behind it is a BUG */
	PTV_VMXON_UNDONE, /* a fault is undone (notify(0)), a VMfail found by INVEPT */
	PTV_VMXON_UNSEEN  /* a fault is undone, a VMfail found by VMPTRLD */
};

struct ptv_era_row {
	const char *name; /* "4.12" */
	const char *meaning;
	const char *source;
	uint8_t gp_is_panic;  /* before 4.7 a #GP in WRMSR kills; later it is a dropped write and a
				 warning */
	uint8_t wake_on_flag; /* enum ptv_era_wake */
	uint8_t truncated_disables; /* a TRUNCATED record asks for disable (4.6, 9f448cd3cbce) */
	uint8_t notifier;	    /* KVM calls the driver's notify around VMXON and VMXOFF (4.6,
				       1c5ac21a0e9b) */
	uint8_t aux_high_order; /* AUX regions: 0 single pages for a driver that can scatter, halves
				   of the buffer for one that cannot; 1 as large as the watermark
				   for both */
	uint8_t cr4_after_notify; /* order notify, CR4, VMXON (6.1) or CR4, notify, VMXON */
	uint8_t switch_flips;	  /* a switch to a task with a software event re-schedules the CPU's
				     flexible events (until fe45bafb5fa7) */
	uint8_t munmap_stops;	  /* munmap of the AUX area stops the event, and no transaction
				     begins after it (95ff4ca26c49) */
	/* A watermark crossed moves aux_wakeup: 0 by one watermark, 1 to the last multiple below
	 * head. */
	uint8_t wakeup_rounds;
	/* Snapshot mode: 0 each end wakes and makes a record, 1 none does for OVERWRITE alone. */
	uint8_t overwrite_quiet;
	/* A disable request is stored as the number of the CPU that asks, and read as a flag. */
	uint8_t disable_is_cpu;
	uint8_t disable_by;    /* enum ptv_era_disable */
	uint8_t virt_irqs_on;  /* KVM switches VMX with interrupts on (a hotplug thread) */
	uint8_t vmxon_failure; /* enum ptv_era_vmxon */
};

const struct ptv_era_row *ptv_era_rows(size_t *count);
const struct ptv_era_row *ptv_era_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* PTV_DRIVER_H */
