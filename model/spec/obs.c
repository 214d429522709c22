/* SPDX-License-Identifier: MIT */
/* Words for observations: kinds, their arguments, and the enumerators that the arguments take. */
#include "ptv/hw.h"
#include "ptv/obs.h"
#include "ptv/stimulus.h"

struct kind_row {
	const char *name;
	const char *arg[3];
	const char *meaning;
};

static const struct kind_row kinds[PTV_OBS_KINDS] = {
#define PTV_OBS(NAME, text, a, b, c, meaning) {text, {a, b, c}, meaning},
#include "spec/obs.def"
#undef PTV_OBS
};

static const char *const bys[PTV_BY_COUNT] = {"work", "core",  "driver", "nmi",
					      "kvm",  "guest", "user",	 "hw"};
static const char *const causes[PTV_CAUSES] = {"wrmsr", "vmxon",     "vm_entry", "vm_exit",
					       "stop",	"tracestop", "error",	 "reset"};
static const char *const drops[PTV_DROPS] = {"ovf", "stop", "error", "vmxon", "reset"};
static const char *const pmi_causes[] = {"region_full", "early", "pended_again"};
static const char *const lvt_causes[] = {"software", "delivery"};
static const char *const ints[PTV_INTS] = {"none", "nmi", "irq", "ipi"};
static const char *const vmx_modes[PTV_VMX_MODES] = {"off", "root", "non_root"};
static const char *const faults[PTV_FAULTS] = {"none", "gp", "ud"};
static const char *const results[PTV_VMX_RESULTS] = {"succeed", "fail_invalid", "fail_valid",
						     "fault", "entry_fail"};
static const char *const ops[PTV_OPS] = {"none",    "rdmsr",   "wrmsr",	   "vmxon",   "vmxoff",
					 "vmptrld", "vmclear", "vm_entry", "vm_exit", "reset"};
static const char *const packets[PTV_PKTS] = {
	"none",
#define PTV_PACKET(NAME, text, meaning) text,
#include "spec/packet.def"
#undef PTV_PACKET
};
static const char *const scopes[PTV_SCOPES] = {"user", "kernel", "kvm", "guest", "driver"};
static const char *const resets[] = {"cold", "warm"};
static const char *const functions[PTV_FNS] = {"add",	   "del",      "start", "stop",
					       "pause",	   "resume",   "pmi",	"notify",
					       "snapshot", "irq_work", "timer", "virt"};
static const char *const states[PTV_EVENT_STATES] = {"none", "error", "off", "inactive", "active"};
static const char *const records[PTV_RECORDS] = {"aux", "itrace_start", "lost"};
static const char *const sw_stores[PTV_SW_STORES] = {"pad", "marker", "sample"};
static const char *const splats[PTV_SPLATS] = {"warn",	      "gp_panic",  "gp_warn",
					       "unknown_nmi", "nmi_loop",  "livelock",
					       "leak",	      "vmx_fault", "oops"};
static const char *const asks[PTV_ASKS] = {"enable", "disable", "pause", "resume", "close"};
static const char *const stimuli[PTV_STIMULI] = {
#define PTV_STIMULUS(NAME, text, layer, args, meaning) text,
#include "spec/stimulus.def"
#undef PTV_STIMULUS
};
static const char *const phases[] = {"begin", "end"};
static const char *const decisions[] = {"deliver", "time", "fail"};

/* Arguments that are enumerators; of a packed one, its lowest eight bits. */
static const struct {
	enum ptv_obs_kind kind;
	char which;
	bool packed;
	uint8_t count;
	const char *const *name;
} enumerators[] = {
#define WORDS(kind, which, packed, names)                                   \
	{                                                                   \
		PTV_OBS_##kind, which, packed, PTV_ARRAY_SIZE(names), names \
	}
	WORDS(MSR, 'c', false, faults),		WORDS(TRACE_EN, 'b', false, causes),
	WORDS(TRIGGER_EN, 'b', false, causes),	WORDS(PACKET, 'a', true, packets),
	WORDS(DROP, 'b', false, drops),		WORDS(PMI_RAISED, 'a', false, pmi_causes),
	WORDS(LVT, 'b', false, lvt_causes),	WORDS(INT_ENTER, 'a', false, ints),
	WORDS(INT_EXIT, 'a', false, ints),	WORDS(VMX_OP, 'a', false, ops),
	WORDS(VMX_OP, 'b', false, results),	WORDS(VMX_MODE, 'a', false, vmx_modes),
	WORDS(RETIRE, 'b', true, scopes),	WORDS(RESET, 'a', false, resets),
	WORDS(CALL, 'a', false, functions),	WORDS(RET, 'a', false, functions),
	WORDS(EVENT_STATE, 'b', false, states), WORDS(RECORD, 'a', true, records),
	WORDS(SW_STORE, 'a', false, sw_stores), WORDS(SPLAT, 'a', false, splats),
	WORDS(ASK, 'b', false, asks),		WORDS(STIMULUS, 'b', false, stimuli),
	WORDS(STIMULUS, 'c', false, phases),	WORDS(DECISION, 'a', false, decisions),
#undef WORDS
};

const char *ptv_obs_name(enum ptv_obs_kind kind)
{
	return kind < PTV_OBS_KINDS ? kinds[kind].name : "?";
}

const char *ptv_obs_arg_name(enum ptv_obs_kind kind, char which)
{
	PTV_ASSERT(which >= 'a' && which <= 'c');
	return kind < PTV_OBS_KINDS ? kinds[kind].arg[which - 'a'] : "?";
}

const char *ptv_obs_meaning(enum ptv_obs_kind kind)
{
	return kind < PTV_OBS_KINDS ? kinds[kind].meaning : "?";
}

const char *ptv_by_name(enum ptv_by by)
{
	return by < PTV_BY_COUNT ? bys[by] : "?";
}

const char *ptv_obs_arg_text(const struct ptv_obs *obs, char which)
{
	const uint64_t argument = which == 'a' ? obs->a : which == 'b' ? obs->b : obs->c;
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(enumerators); i++) {
		const uint64_t value = enumerators[i].packed ? argument & 0xffU : argument;

		if (enumerators[i].kind == (enum ptv_obs_kind)obs->kind &&
		    enumerators[i].which == which)
			return value < enumerators[i].count ? enumerators[i].name[value] : NULL;
	}
	return NULL;
}
