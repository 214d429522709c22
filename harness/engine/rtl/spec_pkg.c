/* SPDX-License-Identifier: MIT */
/*
 * Prints the SystemVerilog package ptv_spec_pkg: the constants of model/spec/*.def and of the
 * public headers, so that the twin has no number of its own. Run by the build.
 */
#include <ctype.h>
#include <stdio.h>

#include "ptv/cfg.h"
#include "ptv/hw.h"

/* PTV_OUTPUT_BASE -> OutputBase */
static void camel(const char *text)
{
	int start = 1;

	for (; *text; text++) {
		if (*text == '_') {
			start = 1;
			continue;
		}
		(void)putchar(start ? toupper((unsigned char)*text)
				    : tolower((unsigned char)*text));
		start = 0;
	}
}

static void constant(const char *prefix, const char *name, unsigned int bits, uint64_t value)
{
	(void)printf("  localparam logic [%u:0] %s", bits - 1U, prefix);
	camel(name);
	(void)printf(" = %u'h%llx;\n", bits, (unsigned long long)value);
}

static const struct {
	const char *prefix, *name;
	unsigned int bits;
	uint64_t value;
} table[] = {
#define PTV_MSR(NAME, address, text, meaning) {"Msr", #NAME, 32, address},
#include "spec/msr.def"
#undef PTV_MSR
#define PTV_PACKET(NAME, text, meaning) {"Pkt", #NAME, 8, PTV_PKT_##NAME},
#include "spec/packet.def"
#undef PTV_PACKET
#define OP(NAME)                              \
	{                                     \
		"Op", #NAME, 8, PTV_OP_##NAME \
	}
	OP(NONE),
	OP(RDMSR),
	OP(WRMSR),
	OP(VMXON),
	OP(VMXOFF),
	OP(VMPTRLD),
	OP(VMCLEAR),
	OP(VM_ENTRY),
	OP(VM_EXIT),
	OP(RESET),
#define RETIRE(NAME)                                  \
	{                                             \
		"Retire", #NAME, 8, PTV_RETIRE_##NAME \
	}
	RETIRE(NONE),
	RETIRE(JCC_NOT),
	RETIRE(FAR),
	RETIRE(INT),
	RETIRE(IRET),
	RETIRE(MOV_CR3),
	{"Int", "NMI", 8, PTV_INT_NMI},
	{"Int", "IRQ", 8, PTV_INT_IRQ},
	{"Fault", "NONE", 8, PTV_FAULT_NONE},
	{"Fault", "GP", 8, PTV_FAULT_GP},
	{"Fault", "UD", 8, PTV_FAULT_UD},
#define RESULT(NAME)                            \
	{                                       \
		"Vmx", #NAME, 8, PTV_VMX_##NAME \
	}
	RESULT(SUCCEED),
	RESULT(FAIL_INVALID),
	RESULT(FAIL_VALID),
	RESULT(FAULT),
	RESULT(ENTRY_FAIL),
	{"Mode", "OFF", 2, PTV_VMX_OFF},
	{"Mode", "ROOT", 2, PTV_VMX_ROOT},
	{"Mode", "NON_ROOT", 2, PTV_VMX_NON_ROOT},
#define DROP(NAME)                                \
	{                                         \
		"Drop", #NAME, 8, PTV_DROP_##NAME \
	}
	DROP(OVF),
	DROP(STOP),
	DROP(ERROR),
	DROP(VMXON),
	DROP(RESET),
	{"", "EXEC_64", 8, PTV_EXEC_64},
	{"", "FIFO_MAX", 32, PTV_FIFO_MAX},
};

/* "A|B|C" of switch.def: a constant a choice. */
static void choices(const char *name, const char *text)
{
	char word[64];
	unsigned int value = 0;
	size_t n = 0;

	for (;; text++) {
		if (*text && *text != '|') {
			word[n++] = *text;
			continue;
		}
		word[n] = '\0';
		(void)printf("  localparam logic [7:0] Sw");
		camel(name);
		camel(word);
		(void)printf(" = 8'd%u;\n", value++);
		n = 0;
		if (!*text)
			return;
	}
}

static const struct {
	const char *prefix, *name;
	unsigned int bits;
} words[] = {
#define PTV_RTL_CAP(name, bits) {"", #name, bits},
#include "spec/rtl_cfg.def"
#undef PTV_RTL_CAP
#define PTV_SWITCH(name, dflt, choices, key, meaning) {"sw_", #name, 8},
#include "spec/switch.def"
#undef PTV_SWITCH
#define PTV_LATENCY(name, dflt, min, max, unit, source, meaning) {"t_", #name, 32},
#include "spec/latency.def"
#undef PTV_LATENCY
};

static void configuration(void)
{
	size_t i;

	(void)printf("\n  typedef struct packed {\n");
	for (i = 0; i < PTV_ARRAY_SIZE(words); i++)
		(void)printf("    logic [%u:0] %s%s;\n", words[i].bits - 1U, words[i].prefix,
			     words[i].name);
	(void)printf("  } cfg_t;\n\n"
		     "  function automatic cfg_t cfg_write(cfg_t cfg, logic [7:0] addr,\n"
		     "                                     logic [31:0] data);\n"
		     "    cfg_t c = cfg;\n    case (addr)\n");
	for (i = 0; i < PTV_ARRAY_SIZE(words); i++)
		(void)printf("      8'd%zu: c.%s%s = data[%u:0];\n", i, words[i].prefix,
			     words[i].name, words[i].bits - 1U);
	(void)printf("      default: ;\n    endcase\n    return c;\n  endfunction\n");
}

int main(void)
{
	size_t i;

	(void)printf("// SPDX-License-Identifier: MIT\n"
		     "// Written by the build from model/spec/*.def and the public headers.\n\n"
		     "package ptv_spec_pkg;\n");
	for (i = 0; i < PTV_ARRAY_SIZE(table); i++)
		constant(table[i].prefix, table[i].name, table[i].bits, table[i].value);
#define PTV_SWITCH(name, dflt, choices_, key, meaning) choices(#name, choices_);
#include "spec/switch.def"
#undef PTV_SWITCH
	configuration();
	(void)printf("endpackage\n");
	return 0;
}
