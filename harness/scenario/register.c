/* SPDX-License-Identifier: MIT */
#include "register.h"

#include <stdio.h>
#include <string.h>

#include "play/text.h"
#include "ptv/msr.h"

/* --- Names --- */

/* The words by which files name an MSR: the manual's without IA32_. */
static const char *const msr_name[] = {
#define PTV_MSR(NAME, address, text, meaning) #NAME,
#include "spec/msr.def"
#undef PTV_MSR
	"LVTPC", NULL};
static const uint32_t msr_address[] = {
#define PTV_MSR(NAME, address, text, meaning) (address),
#include "spec/msr.def"
#undef PTV_MSR
	PTV_MSR_X2APIC_LVTPC};

int ptv_read_msr(struct ptv_reader *r, const struct ptv_yaml *node, uint32_t *msr)
{
	static const struct ptv_limits any = {0, UINT32_MAX, NULL};
	static const struct ptv_words names = {ptv_words_array, msr_name};
	const char *name = node->text;
	int found;

	if (ptv_read_is(r, node, PTV_YAML_SCALAR, "an MSR's name or address") != 0)
		return -1;
	if (ptv_is_number(name) || name[0] == '-')
		return ptv_read_u32(r, node, any, msr);
	found = ptv_words_find(names, strncmp(name, "IA32_", 5) == 0 ? name + 5 : name);
	if (found < 0)
		return ptv_read_unknown(r, node, "MSR", names);
	*msr = msr_address[found];
	return 0;
}

/* --- Bits (SDM Vol. 3, tables 36-6 and 36-7) --- */

struct field {
	const char *name;
	unsigned int low, bits;
};

static const struct field ctl_field[] = {
	{"TraceEn", 0, 1},    {"CYCEn", 1, 1},	    {"OS", 2, 1},
	{"User", 3, 1},	      {"PwrEvtEn", 4, 1},   {"FUPonPTW", 5, 1},
	{"FabricEn", 6, 1},   {"CR3Filter", 7, 1},  {"ToPA", 8, 1},
	{"MTCEn", 9, 1},      {"TSCEn", 10, 1},	    {"DisRETC", 11, 1},
	{"PTWEn", 12, 1},     {"BranchEn", 13, 1},  {"MTCFreq", 14, 4},
	{"CycThresh", 19, 4}, {"PSBFreq", 24, 4},   {"EventEn", 31, 1},
	{"ADDR0_CFG", 32, 4}, {"ADDR1_CFG", 36, 4}, {"ADDR2_CFG", 40, 4},
	{"ADDR3_CFG", 44, 4}, {"DisTNT", 55, 1},    {"InjectPsbPmiOnEnable", 56, 1},
};
static const struct field status_field[] = {
	{"FilterEn", 0, 1}, {"ContextEn", 1, 1}, {"TriggerEn", 2, 1},	{"Error", 4, 1},
	{"Stopped", 5, 1},  {"PendPSB", 6, 1},	 {"PendTopaPMI", 7, 1}, {"PacketByteCnt", 32, 17},
};
static const struct field global_field[] = {{"Trace_ToPA_PMI", 55, 1}};

struct fields {
	uint32_t msr;
	const struct field *field;
	size_t count;
};
static const struct fields registers[] = {
	{PTV_MSR_RTIT_CTL, ctl_field, PTV_ARRAY_SIZE(ctl_field)},
	{PTV_MSR_RTIT_STATUS, status_field, PTV_ARRAY_SIZE(status_field)},
	{PTV_MSR_PERF_GLOBAL_STATUS, global_field, PTV_ARRAY_SIZE(global_field)},
	{PTV_MSR_PERF_GLOBAL_OVF_CTRL, global_field, PTV_ARRAY_SIZE(global_field)},
	{PTV_MSR_PERF_GLOBAL_STATUS_SET, global_field, PTV_ARRAY_SIZE(global_field)},
};

static const struct fields *find_fields(uint32_t msr)
{
	for (size_t i = 0; i < PTV_ARRAY_SIZE(registers); i++)
		if (registers[i].msr == msr)
			return &registers[i];
	return NULL;
}

static const char *field_at(const void *list, size_t i)
{
	const struct fields *fields = list;

	return i < fields->count ? fields->field[i].name : NULL;
}

/* The value of "Name=5": a number that the field has room for. */
static int read_field_value(struct ptv_reader *r, const struct ptv_yaml *item,
			    const struct field *field, const char *text, uint64_t *value)
{
	struct ptv_yaml number = *item;
	char copy[PTV_SHOWN_BYTES];

	(void)snprintf(copy, sizeof(copy), "%s", text);
	number.text = copy;
	return ptv_read_number(
		r, &number, (struct ptv_limits){0, PTV_BIT(field->bits) - 1U, field->name}, value);
}

static int read_item(struct ptv_reader *r, const struct ptv_yaml *item, const struct fields *fields,
		     uint64_t *bits)
{
	const struct ptv_words names = {field_at, fields};
	const char *equals;
	struct ptv_yaml name;
	char copy[PTV_SHOWN_BYTES];
	uint64_t value = 1;
	int found;

	if (ptv_read_is(r, item, PTV_YAML_SCALAR, "a bit's name, or Name=value") != 0)
		return -1;
	equals = strchr(item->text, '=');
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(item->text, "="), item->text);
	found = ptv_words_find(names, copy);
	name = *item;
	name.text = copy;
	if (found < 0)
		return ptv_read_unknown(r, &name, "bit", names);
	if (equals == NULL && fields->field[found].bits > 1U)
		return ptv_read_fault(r, item, "%s has several bits; accepted: %s=value", copy,
				      copy);
	if (equals != NULL &&
	    read_field_value(r, item, &fields->field[found], equals + 1, &value) != 0)
		return -1;
	*bits |= value << fields->field[found].low;
	return 0;
}

int ptv_read_msr_value(struct ptv_reader *r, const struct ptv_yaml *node, uint32_t msr,
		       struct ptv_range *value)
{
	const struct fields *fields = find_fields(msr);
	uint64_t bits = 0;

	if (node->kind != PTV_YAML_LIST)
		return ptv_read_range(r, node, (struct ptv_limits){0, UINT64_MAX, NULL}, value);
	if (fields == NULL)
		return ptv_read_fault(r, node,
				      "the bits of MSR 0x%x have no names; accepted: a number",
				      (unsigned int)msr);
	for (const struct ptv_yaml *item = node->child; item != NULL; item = item->next)
		if (read_item(r, item, fields, &bits) != 0)
			return -1;
	*value = (struct ptv_range){bits, bits, 1};
	return 0;
}
