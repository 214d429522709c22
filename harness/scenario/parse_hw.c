/* SPDX-License-Identifier: MIT */
/* What a stimulus of hardware alone must come to. */
#include <stdlib.h>
#include <string.h>

#include "play/text.h"
#include "ptv/hw.h"
#include "scenario/parse.h"
#include "scenario/register.h"

#define STIM(NAME) PTV_BIT(PTV_STIM_##NAME)
#define VMX_OPS                                                                        \
	(STIM(VMXON) | STIM(VMXOFF) | STIM(VMPTRLD) | STIM(VMCLEAR) | STIM(VM_ENTRY) | \
	 STIM(VM_EXIT))

static int only_with(struct ptv_reader *r, const struct ptv_yaml *value,
		     const struct ptv_entry *entry, uint64_t stimuli, const char *accepted)
{
	if ((PTV_BIT(entry->stimulus.kind) & stimuli) != 0)
		return 0;
	return ptv_read_fault(r, value, "%s has none; accepted: with %s",
			      ptv_stimulus_rows()[entry->stimulus.kind].name, accepted);
}

static int read_fault(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {
		[PTV_FAULT_NONE] = "none", [PTV_FAULT_GP] = "gp", [PTV_FAULT_UD] = "ud", NULL};
	struct ptv_entry *entry = into;
	size_t found;

	if (only_with(r, value, entry, STIM(RDMSR) | STIM(WRMSR) | VMX_OPS,
		      "rdmsr, wrmsr and VMX instructions") != 0 ||
	    ptv_read_word(r, value, "fault", (struct ptv_words){ptv_words_array, words}, &found) !=
		    0)
		return -1;
	entry->expect.fault = (enum ptv_fault)found;
	entry->expect.has |= PTV_EXPECT_FAULT;
	return 0;
}

static int read_value(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;
	struct ptv_range number = {0};

	if (only_with(r, value, entry, STIM(RDMSR), "rdmsr") != 0 ||
	    ptv_read_msr_value(r, value, (uint32_t)entry->arg[0].from, &number) != 0)
		return -1;
	if (number.from != number.to)
		return ptv_read_fault(r, value, "a range; accepted: one value");
	entry->expect.value = number.from;
	entry->expect.mask = UINT64_MAX;
	entry->expect.has |= PTV_EXPECT_VALUE;
	return 0;
}

static int read_mask(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;
	struct ptv_range number = {0};

	if ((entry->expect.has & PTV_EXPECT_VALUE) == 0)
		return ptv_read_fault(r, value, "nothing to mask; accepted: beside value");
	if (ptv_read_msr_value(r, value, (uint32_t)entry->arg[0].from, &number) != 0)
		return -1;
	if (number.from != number.to)
		return ptv_read_fault(r, value, "a range; accepted: one value");
	entry->expect.mask = number.from;
	if ((entry->expect.value & ~number.from) != 0)
		return ptv_read_fault(r, value,
				      "value has bits outside it; accepted: a mask that "
				      "covers value");
	return 0;
}

static int read_vmx(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const char *const words[] = {
		[PTV_VMX_SUCCEED] = "succeed",	     [PTV_VMX_FAIL_INVALID] = "fail_invalid",
		[PTV_VMX_FAIL_VALID] = "fail_valid", [PTV_VMX_FAULT] = "fault",
		[PTV_VMX_ENTRY_FAIL] = "entry_fail", NULL};
	struct ptv_entry *entry = into;
	size_t found;

	if (only_with(r, value, entry, VMX_OPS, "VMX instructions") != 0 ||
	    ptv_read_word(r, value, "result", (struct ptv_words){ptv_words_array, words}, &found) !=
		    0)
		return -1;
	entry->expect.vmx = (enum ptv_vmx_result)found;
	entry->expect.has |= PTV_EXPECT_VMX;
	return 0;
}

static int read_reason(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;

	entry->expect.has |= PTV_EXPECT_REASON;
	if (only_with(r, value, entry, VMX_OPS, "VMX instructions") != 0)
		return -1;
	return ptv_read_number(r, value, (struct ptv_limits){0, UINT32_MAX, NULL},
			       &entry->expect.reason);
}

static int read_pmis(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;

	entry->expect.has |= PTV_EXPECT_PMIS;
	return ptv_read_number(r, value, (struct ptv_limits){0, UINT32_MAX, NULL},
			       &entry->expect.pmis);
}

static int read_stored(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;

	entry->expect.has |= PTV_EXPECT_STORED;
	return ptv_read_number(r, value, (struct ptv_limits){0, UINT64_MAX, NULL},
			       &entry->expect.stored);
}

static int read_where(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;

	entry->expect.has |= PTV_EXPECT_WHERE;
	return ptv_read_number(r, value, (struct ptv_limits){0, UINT64_MAX, NULL},
			       &entry->expect.where);
}

/* --- Packets --- */

static const char *packet_at(const void *list, size_t i)
{
	(void)list;
	return i + 1U < PTV_PKTS ? ptv_packet_name((enum ptv_packet)(i + 1U)) : NULL;
}

/* The packet at the begin of a text, which is cut behind it. */
static int check_packet(struct ptv_reader *r, const struct ptv_yaml *value, char *text, size_t size)
{
	static const struct ptv_words packets = {packet_at, NULL};
	struct ptv_yaml part = *value;

	text[size] = '\0';
	part.text = text;
	return ptv_words_find(packets, text) >= 0 ? 0
						  : ptv_read_unknown(r, &part, "packet", packets);
}

/* "PSB CBR PSBEND", or "" for none. */
static int read_packets(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;
	struct ptv_string text = {0};
	int result = 0;

	if (value->kind != PTV_YAML_SCALAR || (value->plain && value->text[0] == '\0'))
		return ptv_read_fault(r, value,
				      "%s; accepted: names of packets, \"PSB CBR\", or \"\"",
				      ptv_yaml_kind_name(value));
	for (const char *at = value->text + strspn(value->text, " "); *at != '\0' && result == 0;) {
		const size_t size = strcspn(at, " ");
		char *part = ptv_string_copy(at);

		result = check_packet(r, value, part, size);
		ptv_string_add(&text, "%s%s", text.size > 0 ? " " : "", part);
		free(part);
		at += size + strspn(at + size, " ");
	}
	entry->expect.packets = ptv_string_take(&text);
	entry->expect.has |= PTV_EXPECT_PACKETS;
	return result;
}

static int read_because(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	struct ptv_entry *entry = into;

	return ptv_read_text(r, value, &entry->expect.because);
}

int ptv_parse_expect_hw(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	static const struct ptv_key key[] = {
		{"fault", false, read_fault},	  {"value", false, read_value},
		{"mask", false, read_mask},	  {"vmx", false, read_vmx},
		{"reason", false, read_reason},	  {"pmis", false, read_pmis},
		{"stored", false, read_stored},	  {"where", false, read_where},
		{"packets", false, read_packets}, {"because", true, read_because},
	};
	static const struct ptv_keys keys = {"expect", key, PTV_ARRAY_SIZE(key)};
	struct ptv_entry *entry = into;

	entry->expect.mark = value->mark;
	if (ptv_read_map(r, value, &keys, entry) != 0)
		return -1;
	if (entry->expect.has == 0)
		return ptv_read_fault(r, value,
				      "nothing is expected; accepted: fault, value, vmx, "
				      "reason, pmis, stored, where, packets");
	return 0;
}
