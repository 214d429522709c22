/* SPDX-License-Identifier: MIT */
/*
 * Goal: the driver touches registers and what an NMI shares in the order of pt.c, since an NMI may
 * find it between any two of them. Method: the labels of the points that a call passes, against the
 * lines of the source, for each way in which a row can go through them.
 */
#include <stdio.h>
#include <string.h>

#include "gtest/ptv_test.h"

#include "fake.h"

static const uint8_t regions[] = {4, 4, 0};

enum call { ADD, STOP, DEL, PMI, VMXON, VMXOFF, CALLS };

#define BUFFER	    "config_buffer.w.RTIT_OUTPUT_BASE | config_buffer.w.RTIT_OUTPUT_MASK_PTRS"
#define READ_OFFSET "read_offset.r.RTIT_OUTPUT_BASE | read_offset.r.RTIT_OUTPUT_MASK_PTRS"
#define STATUS	    "handle_status.r.RTIT_STATUS | handle_status.w.RTIT_STATUS"
#define ARM	    "start.w.handle_nmi | start.w.hw.state | " BUFFER
#define PMI_ENTRY   "pmi.r.handle.event | pmi.r.handle_nmi"
#define UPDATE	    "stop.r.hw.state | stop.w.hw.state | " READ_OFFSET " | " STATUS
#define SHADOW	    "config_stop.r.hw.config | config_stop.r.vmx_on | config_stop.w.hw.config"

struct order {
	const char *driver;
	const char *what;
	enum call before[4]; /* up to CALLS */
	enum call call;
	const char *points;
};

static const struct order orders[] = {
	{"naive",
	 "add",
	 {CALLS},
	 ADD,
	 "add.r.handle.event | " ARM
	 " | config.w.RTIT_STATUS | config.w.RTIT_CTL | add.r.hw.state"},
	{"naive",
	 "stop",
	 {ADD, CALLS},
	 STOP,
	 "stop.w.handle_nmi | config_stop.r.RTIT_CTL | config_stop.w.RTIT_CTL | " UPDATE},
	{"naive",
	 "del of a stopped event: registers are read once only",
	 {ADD, STOP, CALLS},
	 DEL,
	 "stop.w.handle_nmi | config_stop.r.RTIT_CTL | config_stop.w.RTIT_CTL | stop.r.hw.state"},
	{"naive",
	 "pmi",
	 {ADD, CALLS},
	 PMI,
	 PMI_ENTRY " | config_stop.r.RTIT_CTL | config_stop.w.RTIT_CTL | " READ_OFFSET " | " STATUS
		   " | pmi.r.hw.state | " BUFFER " | config.w.RTIT_CTL"},
	{"dont-die",
	 "add",
	 {CALLS},
	 ADD,
	 "add.r.handle.event | start.r.vmx_on | " ARM
	 " | config.w.RTIT_STATUS | config.w.hw.config | config.w.RTIT_CTL | add.r.hw.state"},
	{"dont-die",
	 "add in VMX",
	 {VMXON, CALLS},
	 ADD,
	 "add.r.handle.event | start.r.vmx_on | add.r.hw.state"},
	{"dont-die",
	 "del",
	 {ADD, CALLS},
	 DEL,
	 "stop.w.handle_nmi | config_stop.r.hw.config | config_stop.w.RTIT_CTL | "
	 "config_stop.w.hw.config | " UPDATE},
	{"dont-die",
	 "del in VMX",
	 {ADD, VMXON, CALLS},
	 DEL,
	 "stop.w.handle_nmi | config_stop.r.hw.config | " UPDATE},
	{"dont-die", "pmi in VMX", {ADD, VMXON, CALLS}, PMI, PMI_ENTRY " | pmi.r.vmx_on"},
	{"dont-die", "pmi after stop", {ADD, VMXON, DEL, CALLS}, PMI, PMI_ENTRY},
	{"dont-die",
	 "vmxon",
	 {ADD, CALLS},
	 VMXON,
	 "notify.w.vmx_on | notify.r.handle.event | notify.w.hw.config"},
	{"dont-die", "vmxoff", {ADD, VMXON, CALLS}, VMXOFF, "notify.w.vmx_on"},
	{"fail-add",
	 "add in VMX",
	 {VMXON, CALLS},
	 ADD,
	 "add.r.handle.event | start.r.vmx_on | start.w.hw.state | add.r.hw.state"},
	{"pmi-pending",
	 "pmi in VMX",
	 {ADD, VMXON, CALLS},
	 PMI,
	 PMI_ENTRY " | pmi.r.vmx_on | pmi.w.pmi_pending"},
	{"pmi-pending",
	 "del in VMX",
	 {ADD, VMXON, CALLS},
	 DEL,
	 "stop.w.handle_nmi | " SHADOW " | " UPDATE},
	{"pmi-pending-stop-freezes",
	 "del in VMX",
	 {ADD, VMXON, CALLS},
	 DEL,
	 "stop.w.handle_nmi | config_stop.r.hw.config | config_stop.r.vmx_on | " UPDATE},
	{"pmi-pending-stop-clears",
	 "del in VMX",
	 {ADD, VMXON, CALLS},
	 DEL,
	 "stop.w.handle_nmi | stop.w.pmi_pending | " SHADOW " | " UPDATE},
	{"pmi-pending",
	 "vmxoff",
	 {ADD, VMXON, CALLS},
	 VMXOFF,
	 "notify.w.vmx_on | notify.r.handle.event | notify.r.hw.config | notify.w.RTIT_CTL | "
	 "notify.r.pmi_pending"},
	{"pmi-pending-pmi-first",
	 "vmxoff",
	 {ADD, VMXON, CALLS},
	 VMXOFF,
	 "notify.w.vmx_on | notify.r.pmi_pending | notify.r.handle.event | notify.r.hw.config | "
	 "notify.w.RTIT_CTL"},
	{"half-pmi-write",
	 "pmi in VMX",
	 {ADD, VMXON, CALLS},
	 PMI,
	 PMI_ENTRY " | " SHADOW " | " READ_OFFSET " | " STATUS " | pmi.r.vmx_on"},
	{"half-pmi-restart",
	 "vmxoff after such a pmi",
	 {ADD, VMXON, PMI, CALLS},
	 VMXOFF,
	 "notify.w.vmx_on | notify.r.handle.event | notify.r.half | notify.w.half | "
	 "pmi.r.hw.state | " BUFFER " | config.w.hw.config | config.r.vmx_on | config.w.RTIT_CTL"},
	{"handle-vmx",
	 "add",
	 {CALLS},
	 ADD,
	 "add.r.handle.event | " ARM " | config.r.hw.config | config.w.RTIT_STATUS | "
	 "config.w.hw.config | config.r.vmx_on | config.w.RTIT_CTL | add.r.hw.state"},
	{"handle-vmx",
	 "del",
	 {ADD, CALLS},
	 DEL,
	 "stop.w.handle_nmi | config_stop.r.hw.config | config_stop.r.vmx_on | "
	 "config_stop.w.RTIT_CTL | config_stop.w.hw.config | " UPDATE},
	{"handle-vmx",
	 "pmi in VMX",
	 {ADD, VMXON, CALLS},
	 PMI,
	 PMI_ENTRY " | " SHADOW " | " READ_OFFSET " | " STATUS " | pmi.r.hw.state | " BUFFER
		   " | config.r.hw.config | config.w.hw.config | config.r.vmx_on"},
	{"handle-vmx", "vmxon", {ADD, CALLS}, VMXON, "notify.w.vmx_on | notify.r.handle.event"},
	{"handle-vmx",
	 "vmxoff",
	 {ADD, VMXON, CALLS},
	 VMXOFF,
	 "notify.w.vmx_on | notify.r.handle.event | notify.r.hw.config | notify.w.RTIT_CTL"},
};

static void make(struct fake *fake, enum call call)
{
	switch (call) {
	case ADD:
		(void)drv_add(fake);
		break;
	case STOP:
		fake->ops->stop(&fake->cpu, 0, PTV_EF_UPDATE);
		break;
	case DEL:
		drv_del(fake);
		break;
	case PMI:
		drv_pmi(fake);
		break;
	case VMXON:
	case VMXOFF:
		drv_notify(fake, call == VMXON);
		break;
	case CALLS:
		break;
	}
}

static void expect_order(const void *param)
{
	const struct order *order = param;
	struct fake fake;
	unsigned int i;

	drv_init(&fake, order->driver, true, regions);
	for (i = 0; order->before[i] != CALLS; i++)
		make(&fake, order->before[i]);
	(void)drv_log(&fake);
	fake.order = true;
	make(&fake, order->call);
	PTV_EXPECT_STREQ(drv_log(&fake), order->points);
}

PTV_TEST_GENERATOR(each_order)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(orders); i++) {
		char name[96];
		size_t at;

		snprintf(name, sizeof(name), "%s-%s", orders[i].driver, orders[i].what);
		for (at = 0; name[at]; at++) {
			if (strchr(" :,", name[at]))
				name[at] = '_';
		}
		ptv_test_register("driver_order", name, __FILE__, __LINE__, expect_order,
				  &orders[i]);
	}
}
