/* SPDX-License-Identifier: MIT */
#include "engine/rtl/pins.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "engine/rtl/twin.h"
#include "play/text.h"
#include "scenario/parse.h"

#define VERSION 1U

/* A number in a struct, as the file has it. */
struct member {
	const char *name;
	size_t offset, size;
	uint64_t max;
	const char *unit;			 /* of the limit */
	const char *(*word)(unsigned int value); /* NULL: it is written as a number */
};

static const char *op_word(unsigned int value)
{
	return value < PTV_OPS ? ptv_op_name((enum ptv_op)value) : NULL;
}

static const char *retire_word(unsigned int value)
{
	return value < PTV_RETIRES ? ptv_retire_name((enum ptv_retire_kind)value) : NULL;
}

#define PIN(name, max, unit, word)                                                  \
	{                                                                           \
#name, offsetof(struct ptv_pins_in, name),                          \
			sizeof(((struct ptv_pins_in *)NULL)->name), max, unit, word \
	}
static const struct member pin[] = {
	PIN(op, PTV_OPS - 1U, NULL, op_word),
	PIN(retire, PTV_RETIRES - 1U, NULL, retire_word),
	PIN(msr, UINT32_MAX, "an address", NULL),
	PIN(data, UINT64_MAX, NULL, NULL),
	PIN(field, UINT64_MAX, NULL, NULL),
	PIN(ip, UINT64_MAX, NULL, NULL),
	PIN(target, UINT64_MAX, NULL, NULL),
	PIN(cr3, UINT64_MAX, NULL, NULL),
	PIN(vector, PTV_INTS - 1U, "enum ptv_int", NULL),
	PIN(cpl, 3, "CPL", NULL),
	PIN(mode, PTV_EXEC_32, "enum ptv_exec_mode", NULL),
	PIN(emit, 16, "bytes", NULL),
	PIN(mem_ack, 1, NULL, NULL),
	PIN(mem_rdata, UINT64_MAX, NULL, NULL),
};
#undef PIN

#define CAP(name, max, unit)                                                                     \
	{                                                                                        \
#name, offsetof(struct ptv_caps, name), sizeof(((struct ptv_caps *)NULL)->name), \
			max, unit, NULL                                                          \
	}
static const struct member cap[] = {
	CAP(cr3filt, 1, NULL),
	CAP(psbcyc, 1, NULL),
	CAP(ipfilt, 1, NULL),
	CAP(mtc, 1, NULL),
	CAP(ptw, 1, NULL),
	CAP(pwrevt, 1, NULL),
	CAP(psbpmi, 1, NULL),
	CAP(evt, 1, NULL),
	CAP(distnt, 1, NULL),
	CAP(topa, 1, NULL),
	CAP(mentry, 1, NULL),
	CAP(snglrng, 1, NULL),
	CAP(fabric, 1, NULL),
	CAP(lip, 1, NULL),
	CAP(ranges, 4, "address ranges"),
	CAP(maxphyaddr, 52, "bits"),
	CAP(mtc_freqs, UINT16_MAX, NULL),
	CAP(cyc_thresholds, UINT16_MAX, NULL),
	CAP(psb_freqs, UINT16_MAX, NULL),
	CAP(vmx_misc_pt, 1, NULL),
	CAP(vmx_conceal, 1, NULL),
	CAP(vmx_load_clear, 1, NULL),
	CAP(ptr_granularity, 16, "bytes"),
	CAP(ctl_wired_2100, 1, NULL),
	CAP(table_offset_gp, 1, NULL),
	CAP(perfmon, UINT8_MAX, NULL),
};
#undef CAP
/* Three have two bytes, and one byte is padding. */
PTV_STATIC_ASSERT(sizeof(struct ptv_caps) == PTV_ARRAY_SIZE(cap) + 4U, "a capability is missing");

static uint64_t get(const struct member *member, const void *from)
{
	uint64_t value = 0; /* little-endian, as everything that the model runs on */

	memcpy(&value, (const char *)from + member->offset, member->size);
	return value;
}

static void set(const struct member *member, void *to, uint64_t value)
{
	memcpy((char *)to + member->offset, &value, member->size);
}

/* --- Writing --- */

/* The members that are not 0, each behind what stands between two. */
static void write_members(const struct member *member, size_t count, const void *from,
			  const char *between, FILE *to)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const uint64_t value = get(&member[i], from);

		if (!value)
			continue;
		if (member[i].word)
			(void)fprintf(to, "%s%s: %s", between, member[i].name,
				      member[i].word((unsigned int)value));
		else
			(void)fprintf(to,
				      member[i].max > UINT16_MAX ? "%s%s: %#" PRIx64
								 : "%s%s: %" PRIu64,
				      between, member[i].name, value);
		between = ", ";
	}
}

/* The text of a choice of "A|B|C". */
static void write_choice(const char *choices, unsigned int number, FILE *to)
{
	for (; number > 0U; number--)
		choices = strchr(choices, '|') + 1;
	(void)fprintf(to, "%.*s", (int)strcspn(choices, "|"), choices);
}

static void write_cfg(const struct ptv_cpu_cfg *cfg, FILE *to)
{
	const uint32_t timing[] = {
#define PTV_LATENCY(name, dflt, min, max, unit, source, meaning) cfg->timing.name,
#include "spec/latency.def"
#undef PTV_LATENCY
	};
	const uint8_t sw[] = {
#define PTV_SWITCH(name, dflt, choices, key, meaning) cfg->sw.name,
#include "spec/switch.def"
#undef PTV_SWITCH
	};
	const struct ptv_param_row *row;
	size_t i, count;

	(void)fprintf(to, "caps: {");
	write_members(cap, PTV_ARRAY_SIZE(cap), &cfg->caps, "", to);
	(void)fprintf(to, "}\ntiming:\n");
	row = ptv_timing_rows(&count);
	for (i = 0; i < count; i++)
		(void)fprintf(to, "  %s: %" PRIu32 "\n", row[i].name, timing[i]);
	(void)fprintf(to, "switches:\n");
	row = ptv_switch_rows(&count);
	for (i = 0; i < count; i++) {
		(void)fprintf(to, "  %s: ", row[i].name);
		write_choice(row[i].choices, sw[i], to);
		(void)fputc('\n', to);
	}
}

void ptv_pins_write(const struct ptv_tape *tape, unsigned int lp, const char *of, FILE *to)
{
	const struct ptv_tape_lane *lane = &tape->lane[lp];
	size_t i;

	(void)fprintf(to, "pins: %u\nof: \"%s\"\n", VERSION, of);
	write_cfg(&tape->cfg, to);
	(void)fprintf(to, "clocks:\n");
	for (i = 0; i < lane->count; i++) {
		const struct ptv_tape_item *item = &lane->item[i];

		(void)fprintf(to, "- {times: %" PRIu64, item->times);
		if (item->before & PTV_TWIN_REBASE)
			(void)fprintf(to, ", rebase: 1");
		if (item->before & PTV_TWIN_EXPEDITE)
			(void)fprintf(to, ", expedite: 1");
		write_members(pin, PTV_ARRAY_SIZE(pin), &item->in, ", ", to);
		(void)fprintf(to, "}\n");
	}
}

/* --- Reading --- */

/* A list of members as words. */
struct names {
	const struct member *member;
	size_t count;
};

static const char *name_at(const void *list, size_t i)
{
	const struct names *names = list;

	return i < names->count ? names->member[i].name : NULL;
}

static const char *op_at(const void *list, size_t i)
{
	(void)list;
	return op_word((unsigned int)i);
}

static const char *retire_at(const void *list, size_t i)
{
	(void)list;
	return retire_word((unsigned int)i);
}

static int read_member(struct ptv_reader *r, const struct ptv_yaml *value,
		       const struct member *member, void *into)
{
	const struct ptv_words words = {member->word == op_word ? op_at : retire_at, NULL};
	const struct ptv_limits limits = {0, member->max, member->unit};
	uint64_t number = 0;
	size_t word = 0;

	if (member->word ? ptv_read_word(r, value, member->name, words, &word)
			 : ptv_read_number(r, value, limits, &number))
		return -1;
	set(member, into, member->word ? word : number);
	return 0;
}

/* What no processor has, and the model does not ask itself. */
static int check_caps(struct ptv_reader *r, const struct ptv_yaml *map, const struct ptv_caps *caps)
{
	const uint8_t unit = caps->ptr_granularity;

	if (caps->maxphyaddr < 32U)
		return ptv_read_fault(r, map, "maxphyaddr: %u; accepted: 32..52", caps->maxphyaddr);
	if (unit != 1U && unit != 8U && unit != 16U)
		return ptv_read_fault(r, map, "ptr_granularity: %u; accepted: 1, 8, 16", unit);
	return 0;
}

static int read_caps(struct ptv_reader *r, const struct ptv_yaml *map, void *into)
{
	static const struct names names = {cap, PTV_ARRAY_SIZE(cap)};
	const struct ptv_words words = {name_at, &names};
	struct ptv_tape *tape = into;
	const struct ptv_yaml *value;

	if (ptv_read_is(r, map, PTV_YAML_MAP, "a map of capabilities, {name: number}"))
		return -1;
	for (value = map->child; value; value = value->next) {
		const int found = ptv_words_find(words, value->key->text);

		if (found < 0)
			return ptv_read_unknown(r, value->key, "capability", words);
		if (read_member(r, value, &cap[found], &tape->cfg.caps))
			return -1;
	}
	return check_caps(r, map, &tape->cfg.caps);
}

static int read_timing(struct ptv_reader *r, const struct ptv_yaml *map, void *into)
{
	return ptv_read_timing(r, map, &((struct ptv_tape *)into)->cfg.timing);
}

static int read_switches(struct ptv_reader *r, const struct ptv_yaml *map, void *into)
{
	return ptv_read_switches(r, map, &((struct ptv_tape *)into)->cfg.sw);
}

/* What a row says besides its pins, as members of the item. */
struct row {
	struct ptv_tape_item item;
	uint8_t rebase, expedite;
};

static int read_row(struct ptv_reader *r, const struct ptv_yaml *map, struct row *row)
{
	static const struct member member[] = {
		{"times", offsetof(struct row, item.times), 8, PTV_CYCLE_MAX, "clocks", NULL},
		{"rebase", offsetof(struct row, rebase), 1, 1, NULL, NULL},
		{"expedite", offsetof(struct row, expedite), 1, 1, NULL, NULL},
	};
	static const struct names pins = {pin, PTV_ARRAY_SIZE(pin)};
	static const struct names others = {member, PTV_ARRAY_SIZE(member)};
	const struct ptv_yaml *value;
	int found, fault = 0;

	for (value = map->child; value && !fault; value = value->next) {
		const char *key = value->key->text;

		found = ptv_words_find((struct ptv_words){name_at, &others}, key);
		if (found >= 0) {
			fault = read_member(r, value, &member[found], row);
			continue;
		}
		found = ptv_words_find((struct ptv_words){name_at, &pins}, key);
		fault = found < 0 ? ptv_read_unknown(r, value->key, "pin",
						     (struct ptv_words){name_at, &pins})
				  : read_member(r, value, &pin[found], &row->item.in);
	}
	return fault;
}

static int read_clocks(struct ptv_reader *r, const struct ptv_yaml *list, void *into)
{
	struct ptv_tape *tape = into;
	struct ptv_tape_lane *lane = &tape->lane[0];
	const struct ptv_yaml *map;

	if (ptv_read_is(r, list, PTV_YAML_LIST, "a list of {times, op, msr, ...}"))
		return -1;
	lane->item = ptv_alloc(list->children, sizeof(*lane->item));
	for (map = list->child; map; map = map->next) {
		struct row row = {.item = {.times = 1, .step = (uint32_t)map->mark.line}};

		if (ptv_read_is(r, map, PTV_YAML_MAP, "{times, op, msr, ...}") ||
		    read_row(r, map, &row))
			return -1;
		if (row.item.times == 0U)
			return ptv_read_fault(r, map, "times: 0; accepted: 1 and more");
		row.item.before = (row.rebase ? PTV_TWIN_REBASE : 0U) |
				  (row.expedite ? PTV_TWIN_EXPEDITE : 0U);
		lane->item[lane->count++] = row.item;
		lane->clocks += row.item.times;
	}
	return 0;
}

static int read_version(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	uint64_t version;

	(void)into;
	return ptv_read_number(r, value, (struct ptv_limits){VERSION, VERSION, "of this program"},
			       &version);
}

static int read_of(struct ptv_reader *r, const struct ptv_yaml *value, void *into)
{
	(void)into;
	return ptv_read_is(r, value, PTV_YAML_SCALAR, "text");
}

int ptv_pins_read(struct ptv_tape *tape, const char *path, struct ptv_diag *diag)
{
	static const struct ptv_key key[] = {
		{"pins", true, read_version},	    {"of", false, read_of},
		{"caps", true, read_caps},	    {"timing", false, read_timing},
		{"switches", false, read_switches}, {"clocks", true, read_clocks},
	};
	static const struct ptv_keys keys = {"a file of pins", key, PTV_ARRAY_SIZE(key)};
	struct ptv_reader r = {path, diag};
	struct ptv_yaml *root = ptv_yaml_load(path, PTV_PINS_BYTES, diag);
	int status = -1;

	if (!root)
		return -1;
	memset(tape, 0, sizeof(*tape));
	tape->lanes = 1;
	ptv_timing_default(&tape->cfg.timing);
	ptv_switches_default(&tape->cfg.sw);
	status = ptv_read_map(&r, root, &keys, tape);
	ptv_yaml_free(root);
	if (status)
		ptv_tape_free(tape);
	return status;
}
