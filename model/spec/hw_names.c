/* SPDX-License-Identifier: MIT */
/* Words for what the pins carry: packets, operations, branches, MSRs. */
#include "ptv/hw.h"

const char *ptv_packet_name(enum ptv_packet kind)
{
	static const char *const name[PTV_PKTS] = {
		"none",
#define PTV_PACKET(NAME, text, meaning) text,
#include "spec/packet.def"
#undef PTV_PACKET
	};

	return kind < PTV_PKTS ? name[kind] : "?";
}

const char *ptv_op_name(enum ptv_op op)
{
	static const char *const name[PTV_OPS] = {"none",    "RDMSR",	"WRMSR",   "VMXON",
						  "VMXOFF",  "VMPTRLD", "VMCLEAR", "VM entry",
						  "VM exit", "reset"};

	return op < PTV_OPS ? name[op] : "?";
}

const char *ptv_retire_name(enum ptv_retire_kind kind)
{
	static const char *const name[PTV_RETIRES] = {"none",	  "jcc_taken", "jcc_not",
						      "jmp",	  "jmp_ind",   "call",
						      "call_ind", "ret",       "far",
						      "int",	  "iret",      "mov_cr3"};

	return kind < PTV_RETIRES ? name[kind] : "?";
}

const char *ptv_msr_name(uint32_t msr)
{
	static const struct {
		uint32_t address;
		const char *name;
	} row[] = {
#define PTV_MSR(NAME, address, text, meaning) {address, text},
#include "spec/msr.def"
#undef PTV_MSR
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(row); i++) {
		if (row[i].address == msr)
			return row[i].name;
	}
	return NULL;
}
