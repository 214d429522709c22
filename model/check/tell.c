/* SPDX-License-Identifier: MIT */
/*
 * Violations and situations as text: the templates of why.def, filled in. Each placeholder is a row
 * of a table.
 */
#include "feed.h"
#include "text.h"

static const char *const why_text[PTV_WHYS] = {
	[PTV_WHY_NONE] = "",
#define PTV_WHY(NAME, text) [PTV_WHY_##NAME] = text,
#include "why.def"
#undef PTV_WHY
};

static const char *const why_name[PTV_WHYS] = {
	[PTV_WHY_NONE] = "",
#define PTV_WHY(NAME, text) [PTV_WHY_##NAME] = #NAME,
#include "why.def"
#undef PTV_WHY
};

static const char *const state_name[PTV_EVENT_STATES] = {
	[PTV_EVENT_NONE] = "closed",	   [PTV_EVENT_ERROR] = "ERROR",	  [PTV_EVENT_OFF] = "OFF",
	[PTV_EVENT_INACTIVE] = "INACTIVE", [PTV_EVENT_ACTIVE] = "ACTIVE",
};

static const char *const cause_name[PTV_CAUSES] = {
	[PTV_CAUSE_WRMSR] = "cleared by WRMSR",
	[PTV_CAUSE_VMXON] = "cleared by VMXON",
	[PTV_CAUSE_VM_ENTRY] = "cleared by VM entry",
	[PTV_CAUSE_VM_EXIT] = "cleared by VM exit",
	[PTV_CAUSE_STOP] = "ToPA STOP",
	[PTV_CAUSE_TRACESTOP] = "IP TraceStop",
	[PTV_CAUSE_ERROR] = "operational error",
	[PTV_CAUSE_RESET] = "reset",
};

static const char *const drop_name[PTV_DROPS] = {
	[PTV_DROP_OVF] = "overflow",
	[PTV_DROP_STOP] = "ToPA STOP",
	[PTV_DROP_ERROR] = "operational error",
	[PTV_DROP_VMXON] = "VMXON",
	[PTV_DROP_RESET] = "reset",
};

static const char *const splat_name[PTV_SPLATS] = {
	[PTV_SPLAT_WARN] = "WARN",
	[PTV_SPLAT_GP_PANIC] = "panic by #GP",
	[PTV_SPLAT_GP_WARN] = "unchecked MSR access",
	[PTV_SPLAT_UNKNOWN_NMI] = "an NMI that nobody claimed",
	[PTV_SPLAT_NMI_LOOP] = "the NMI handler's loop is stuck",
	[PTV_SPLAT_LIVELOCK] = "work without end",
	[PTV_SPLAT_LEAK] = "a reference or nesting count is left at the end",
	[PTV_SPLAT_VMX_FAULT] = "VMXON or VMXOFF faulted",
	[PTV_SPLAT_OOPS] = "the driver came to its end",
};

static const char *const fn_name[PTV_FNS] = {
	[PTV_FN_ADD] = "add (failed)",	   [PTV_FN_DEL] = "del",
	[PTV_FN_START] = "start (failed)", [PTV_FN_STOP] = "stop",
	[PTV_FN_PAUSE] = "pause",	   [PTV_FN_RESUME] = "resume",
	[PTV_FN_PMI] = "the PMI handler",  [PTV_FN_NOTIFY] = "notify",
	[PTV_FN_SNAPSHOT] = "snapshot",	   [PTV_FN_IRQ_WORK] = "irq_work",
	[PTV_FN_TIMER] = "timer",	   [PTV_FN_VIRT] = "virtualisation's switch",
};

static const struct {
	uint32_t msr;
	const char *name;
} msr_name[] = {
	{0x560, "IA32_RTIT_OUTPUT_BASE"}, {0x561, "IA32_RTIT_OUTPUT_MASK_PTRS"},
	{0x570, "IA32_RTIT_CTL"},	  {0x571, "IA32_RTIT_STATUS"},
	{0x572, "IA32_RTIT_CR3_MATCH"},	  {0x38e, "IA32_PERF_GLOBAL_STATUS"},
	{0x38f, "IA32_PERF_GLOBAL_CTRL"}, {0x390, "IA32_PERF_GLOBAL_OVF_CTRL"},
	{0x485, "IA32_VMX_MISC"},
};

/* An entry of a table of names, or "?" for a number that is none. */
static const char *name_of(const char *const *names, unsigned int count, uint64_t number)
{
	return number < count ? names[number] : "?";
}

static unsigned int tag_of(uint64_t tagged)
{
	return (unsigned int)(tagged >> 56);
}

static uint64_t number_of(uint64_t tagged)
{
	return tagged & (PTV_BIT(56) - 1U);
}

static void put_msr(struct ptv_text *text, uint64_t access)
{
	const uint32_t msr = (uint32_t)access;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(msr_name); i++) {
		if (msr_name[i].msr == msr) {
			ptv_text_put(text, msr_name[i].name);
			return;
		}
	}
	ptv_text_put(text, "MSR ");
	ptv_text_hex(text, msr);
}

/* Since when: by what it became possible. */
static void put_when(struct ptv_text *text, unsigned int kind)
{
	ptv_text_put(text, "since ");
	if (kind == PTV_OBS_VMX_MODE)
		ptv_text_put(text, "VMXOFF at ");
	else if (kind == PTV_OBS_CONSUME)
		ptv_text_put(text, "the consumer made room at ");
	ptv_text_put(text, "cycle");
}

static void put_flags(struct ptv_text *text, unsigned int flags)
{
	ptv_text_put(text, flags & PTV_AUX_FLAG_PARTIAL ? "PARTIAL" : "TRUNCATED");
	if ((flags & PTV_AUX_FLAG_PARTIAL) && (flags & PTV_AUX_FLAG_TRUNCATED))
		ptv_text_put(text, " and TRUNCATED");
}

static void put_bit(struct ptv_text *text, const char *name, uint32_t value, const char *after)
{
	ptv_text_put(text, name);
	ptv_text_char(text, value & 1U ? '1' : '0');
	ptv_text_put(text, after);
}

static void put_situation(struct ptv_text *text, uint32_t e)
{
	static const char *const rooms[] = {
		[PTV_ROOM_NONE] = "none", [PTV_ROOM_BETWEEN] = "between", [PTV_ROOM_YES] = "yes"};

	put_bit(text, "asked=", e, " ");
	put_bit(text, "on_lp=", e >> 1, " ");
	put_bit(text, "paused=", e >> 2, " ");
	put_bit(text, "can_trace=", e >> 3, " room=");
	ptv_text_put(text, name_of(rooms, PTV_ARRAY_SIZE(rooms), (e >> 4) & 3U));
	put_bit(text, " told=", e >> 6, "");
}

static void put_outcome(struct ptv_text *text, uint32_t o)
{
	ptv_text_put(text, "state=");
	ptv_text_put(text, name_of(state_name, PTV_EVENT_STATES, o & 7U));
	put_bit(text, " running=", o >> 3, " ");
	put_bit(text, "trace_en=", o >> 4, " ");
	put_bit(text, "transaction=", o >> 5, " ");
	put_bit(text, "flagged=", o >> 6, "");
}

static const char *cause_of(const struct ptv_violation *v)
{
	if ((v->why & 0xffU) == PTV_WHY_GAP_LOST)
		return name_of(drop_name, PTV_DROPS, tag_of(v->x));
	return name_of(cause_name, PTV_CAUSES, tag_of(v->x) >> 4);
}

/* Names: what the tags of x and y and the observation mean. False if c is no such placeholder. */
static bool put_name(struct ptv_text *text, const struct ptv_violation *v, char c)
{
	switch (c) {
	case 'm':
		put_msr(text, v->obs.a);
		return true;
	case 'o':
		ptv_text_put(text, v->obs.a & PTV_BIT(32) ? "WRMSR" : "RDMSR");
		return true;
	case 's':
		ptv_text_put(text, name_of(state_name, PTV_EVENT_STATES, tag_of(v->x) & 7U));
		return true;
	case 'r':
		ptv_text_put(text,
			     tag_of(v->x) & 8U ? ", counted running" : ", not counted running");
		return true;
	case 'k':
		ptv_text_put(text, cause_of(v));
		return true;
	case 'w':
		put_when(text, tag_of(v->y));
		return true;
	case 'f':
		ptv_text_put(text, name_of(fn_name, PTV_FNS, tag_of(v->x)));
		return true;
	case 'g':
		ptv_text_put(text, name_of(splat_name, PTV_SPLATS, v->x));
		return true;
	case 't':
		put_flags(text, tag_of(v->x));
		return true;
	}
	return false;
}

static void put_placeholder(struct ptv_text *text, const struct ptv_violation *v, char c)
{
	switch (c) {
	case 'e':
		ptv_text_number(text, v->event);
		break;
	case 'l':
		ptv_text_number(text, v->why >> 8);
		break;
	case 'c':
		ptv_text_number(text, v->obs.cycle);
		break;
	case 'v':
		ptv_text_hex(text, v->obs.b);
		break;
	case 'x':
		ptv_text_number(text, number_of(v->x));
		break;
	case 'y':
		ptv_text_number(text, number_of(v->y));
		break;
	case 'X':
		ptv_text_hex(text, number_of(v->x));
		break;
	case 'E':
		put_situation(text, (uint32_t)v->x);
		break;
	case '1':
		put_outcome(text, (uint32_t)(v->x >> 32));
		break;
	case '2':
		put_outcome(text, (uint32_t)(v->y >> 32));
		break;
	default:
		PTV_ASSERT(put_name(text, v, c));
	}
}

const char *ptv_violation_way(const struct ptv_violation *violation)
{
	const unsigned int why = violation->why & 0xffU;

	PTV_ASSERT(why < PTV_WHYS);
	return why_name[why];
}

void ptv_violation_text(const struct ptv_violation *violation, char *text, size_t size)
{
	const unsigned int why = violation->why & 0xffU;
	struct ptv_text out;
	const char *c;

	PTV_ASSERT(why < PTV_WHYS);
	ptv_text_init(&out, text, size);
	for (c = why_text[why]; *c; c++) {
		if (*c == '%')
			put_placeholder(&out, violation, *++c);
		else
			ptv_text_char(&out, *c);
	}
}

void ptv_situation_text(const struct ptv_situation *situation, char *text, size_t size)
{
	struct ptv_text out;

	ptv_text_init(&out, text, size);
	put_situation(&out, situation->e);
	ptv_text_put(&out, " -> ");
	put_outcome(&out, situation->o);
}
