/* SPDX-License-Identifier: MIT */
/* Observation streams and the good timeline: see stream.h. */
#include "stream.h"

#include <string.h>

#include "gtest/ptv_test.h"
#include "ptv/stimulus.h"

#define K	  1024U
#define CTL	  0x570U
#define VMXON_OP  3U
#define VMXOFF_OP 4U

void ptv_stream_init(struct ptv_stream *stream)
{
	memset(stream, 0, sizeof(*stream));
	ptv_checks_init(&stream->checks);
}

void ptv_stream_add(struct ptv_stream *stream, const struct ptv_step *steps, size_t count)
{
	PTV_ASSERT(stream->steps + count <= PTV_STREAM_STEPS);
	memcpy(&stream->step[stream->steps], steps, count * sizeof(*steps));
	stream->steps += (unsigned int)count;
}

unsigned int ptv_stream_find(const struct ptv_stream *stream, const char *label)
{
	unsigned int i;

	for (i = 0; i < stream->steps; i++) {
		if (stream->step[i].label && strcmp(stream->step[i].label, label) == 0)
			return i;
	}
	PTV_FAIL("no step is called %s", label);
	PTV_ASSERT(!"the label exists");
	return 0;
}

static void insert(struct ptv_stream *stream, unsigned int at, const struct ptv_step *step)
{
	PTV_ASSERT(stream->steps < PTV_STREAM_STEPS);
	memmove(&stream->step[at + 1U], &stream->step[at], (stream->steps - at) * sizeof(*step));
	stream->step[at] = *step;
	if (step->cycle == 0U)
		stream->step[at].cycle = at ? stream->step[at - 1U].cycle : 0U;
	stream->steps++;
}

void ptv_stream_edit(struct ptv_stream *stream, const struct ptv_edit *edits, size_t count)
{
	size_t i;

	for (i = 0; i < count && edits[i].op != PTV_EDIT_NONE; i++) {
		const unsigned int at = ptv_stream_find(stream, edits[i].label);
		const uint64_t cycle = stream->step[at].cycle;

		if (edits[i].op == PTV_EDIT_DROP || edits[i].op == PTV_EDIT_INSTEAD) {
			memmove(&stream->step[at], &stream->step[at + 1U],
				(stream->steps - at - 1U) * sizeof(stream->step[0]));
			stream->steps--;
		}
		if (edits[i].op == PTV_EDIT_DROP)
			continue;
		insert(stream, edits[i].op == PTV_EDIT_AFTER ? at + 1U : at, &edits[i].step);
		if (edits[i].op == PTV_EDIT_INSTEAD && edits[i].step.cycle == 0U)
			stream->step[at].cycle = cycle;
	}
}

struct ptv_obs ptv_stream_obs(const struct ptv_stream *stream, unsigned int index)
{
	const struct ptv_step *step = &stream->step[index];
	const struct ptv_obs obs = {.cycle = step->cycle,
				    .a = step->a,
				    .b = step->b,
				    .c = step->c,
				    .seq = index,
				    .kind = (uint8_t)step->kind,
				    .lp = step->lp,
				    .by = (uint8_t)step->by};

	return obs;
}

static void play(struct ptv_stream *stream, unsigned int until)
{
	unsigned int i;

	ptv_checks_init(&stream->checks);
	memset(&stream->found, 0, sizeof(stream->found));
	for (i = 0; i < until; i++) {
		const struct ptv_obs obs = ptv_stream_obs(stream, i);

		ptv_checks_feed(&stream->checks, &obs, &stream->found);
	}
}

void ptv_stream_play(struct ptv_stream *stream)
{
	play(stream, stream->steps);
}

void ptv_stream_play_until(struct ptv_stream *stream, const char *label)
{
	play(stream, ptv_stream_find(stream, label));
}

/* --- The good timeline --- */

#define S(name) PTV_OBS_##name
#define CALL(label, cycle, fn, argument)                              \
	{                                                             \
		label, cycle, S(CALL), PTV_FN_##fn, 0, argument, 0, 0 \
	}
#define RET(label, cycle, fn)                                 \
	{                                                     \
		label, cycle, S(RET), PTV_FN_##fn, 0, 0, 0, 0 \
	}
#define BEGINS(label, cycle, index, kind)                                  \
	{                                                                  \
		label, cycle, S(STIMULUS), index, PTV_STIM_##kind, 0, 0, 0 \
	}
#define ENDS(label, cycle, index, kind)                                    \
	{                                                                  \
		label, cycle, S(STIMULUS), index, PTV_STIM_##kind, 1, 0, 0 \
	}
#define TRACE(label, cycle, value, cause)                                    \
	{                                                                    \
		label, cycle, S(TRACE_EN), value, PTV_CAUSE_##cause, 0, 0, 0 \
	}
#define TRIGGER(label, cycle, value, cause)                                    \
	{                                                                      \
		label, cycle, S(TRIGGER_EN), value, PTV_CAUSE_##cause, 0, 0, 0 \
	}

/* An 8-page buffer of two regions, opened on a CPU, enabled and tracing. */
static const struct ptv_step enable[] = {
	{"info", 0, S(LP_INFO), 0, 1, 0, 0, 0},
	{"page.0", 0, S(PAGE), 0, PTV_PAGE_B(0, 16U * K), 0x100000, 0, 0},
	{"page.1", 0, S(PAGE), 0, PTV_PAGE_B(16U * K, 16U * K), 0x200000, 0, 0},
	{"open", 0, S(OPEN), PTV_OPEN_A(0, PTV_CONTEXT_CPU, PTV_AUX_FULL, 0), 32U * K, 16U * K, 0,
	 0},
	{"opened", 0, S(EVENT_STATE), 0, PTV_EVENT_OFF, 0, 0, 0},
	BEGINS("enable", 100, 0, ENABLE),
	{"enable.ask", 100, S(ASK), 0, PTV_ASK_ENABLE, 0, PTV_BY_USER, 0},
	{"enable.active", 110, S(EVENT_STATE), 0, PTV_EVENT_ACTIVE, 0, 0, 0},
	{"enable.running", 110, S(RUNNING), 0, 1, 0, 0, 0},
	CALL("enable.add", 110, ADD, 1),
	{"enable.begin", 120, S(AUX_BEGIN), 0, 0, 32U * K - 1U, 0, 0},
	{"enable.msr", 130, S(MSR), PTV_WRMSR_A(CTL), 0x2101, 0, PTV_BY_DRIVER, 0},
	TRACE("enable.trace", 130, 1, WRMSR),
	TRIGGER("enable.trigger", 130, 1, WRMSR),
	RET("enable.ret", 140, ADD),
	ENDS("enable.end", 150, 0, ENABLE),
	{"enable.settled", 150, S(SETTLED), 0, 0, 0, 0, 0},
};

/* The first region fills; the PMI is taken a little later, reports 16484 bytes and goes on. */
static const struct ptv_step fill[] = {
	BEGINS("fill", 200, 1, PROGRESS),
	{"fill.retire", 1000, S(RETIRE), 800, PTV_RETIRE_B(PTV_SCOPE_USER, 1, 1), 200, 0, 0},
	{"fill.store", 1000, S(STORE), 0x100000, 10000, PTV_PLACE(0, 0), PTV_BY_HW, 0},
	{"fill.store2", 1100, S(STORE), 0x102710, 6384, PTV_PLACE(0, 10000), PTV_BY_HW, 0},
	{"fill.region", 1100, S(REGION_END), 0, 0, 0, PTV_BY_HW, 0},
	{"fill.pmi", 1100, S(PMI_RAISED), 0, 0, PTV_PLACE(0, 16383), PTV_BY_HW, 0},
	{"fill.gs55", 1100, S(GS55), 1, 0, 0, PTV_BY_HW, 0},
	{"fill.store3", 1200, S(STORE), 0x200000, 100, PTV_PLACE(0, 16384), PTV_BY_HW, 0},
	{"pmi.enter", 1300, S(INT_ENTER), PTV_INT_NMI, 0, 0, PTV_BY_NMI, 0},
	{"pmi.mask", 1300, S(LVT), PTV_NMI_MASKED, 1, 0, PTV_BY_HW, 0},
	{"pmi.ack", 1310, S(GS55), 0, 0, 0, PTV_BY_NMI, 0},
	CALL("pmi.call", 1310, PMI, 0),
	TRACE("pmi.trace0", 1320, 0, WRMSR),
	TRIGGER("pmi.trigger0", 1320, 0, WRMSR),
	{"pmi.record", 1330, S(RECORD), PTV_RECORD_A(PTV_RECORD_AUX, 0, 0), 0, 16484, 0, 0},
	{"pmi.head", 1330, S(HEAD), 0, 16484, 0, 0, 0},
	{"pmi.wake", 1330, S(WAKE), 0, 0, 0, 0, 0},
	{"pmi.aux_end", 1330, S(AUX_END), 0, 16484, 0, 0, 0},
	{"pmi.begin", 1340, S(AUX_BEGIN), 0, 16484, 16283, 0, 0},
	TRACE("pmi.trace1", 1350, 1, WRMSR),
	TRIGGER("pmi.trigger1", 1350, 1, WRMSR),
	RET("pmi.ret", 1360, PMI),
	{"pmi.unmask", 1360, S(LVT), PTV_NMI_OPEN, 0, 0, PTV_BY_NMI, 0},
	{"pmi.exit", 1360, S(INT_EXIT), PTV_INT_NMI, 0, 0, PTV_BY_NMI, 0},
	ENDS("fill.end", 1370, 1, PROGRESS),
	{"consume", 1400, S(CONSUME), 0, 16484, 16484, PTV_BY_USER, 0},
	{"fill.settled", 1500, S(SETTLED), 1, 0, 0, 0, 0},
};

/* VMXON switches tracing off; the workload and a guest run; VMXOFF, and the driver switches it on
 * again. */
static const struct ptv_step virt[] = {
	BEGINS("on", 2000, 2, VIRT_ON),
	CALL("on.virt", 2000, VIRT, 1),
	CALL("on.notify", 2010, NOTIFY, 1),
	{"on.belief", 2010, S(BELIEF), 1, 0, 0, PTV_BY_DRIVER, 0},
	{"on.flag", 2010, S(AUX_FLAG), 0, PTV_AUX_FLAG_PARTIAL, 0, 0, 0},
	RET("on.notified", 2010, NOTIFY),
	{"on.store", 2020, S(STORE), 0x200064, 16, PTV_PLACE(0, 16484), PTV_BY_HW, 0},
	TRACE("on.trace", 2030, 0, VMXON),
	TRIGGER("on.trigger", 2030, 0, VMXON),
	{"on.mode", 2040, S(VMX_MODE), PTV_VMX_ROOT, 0, 0, PTV_BY_KVM, 0},
	{"on.vmxon", 2040, S(VMX_OP), VMXON_OP, PTV_VMX_SUCCEED, 0, PTV_BY_KVM, 0},
	RET("on.ret", 2050, VIRT),
	ENDS("on.end", 2060, 2, VIRT_ON),
	{"on.settled", 2060, S(SETTLED), 2, 0, 0, 0, 0},
	BEGINS("dark", 2500, 3, PROGRESS),
	{"dark.retire", 3000, S(RETIRE), 500, PTV_RETIRE_B(PTV_SCOPE_USER, 0, 1), 2500, 0, 0},
	ENDS("dark.end", 3000, 3, PROGRESS),
	{"dark.settled", 3000, S(SETTLED), 3, 0, 0, 0, 0},
	BEGINS("run", 3500, 4, VCPU_RUN),
	{"run.entry", 3510, S(VMX_MODE), PTV_VMX_NON_ROOT, 0, 0, PTV_BY_KVM, 0},
	{"run.guest", 3600, S(RETIRE), 90, PTV_RETIRE_B(PTV_SCOPE_GUEST, 0, 0), 3511, PTV_BY_GUEST,
	 0},
	{"run.exit", 3610, S(VMX_MODE), PTV_VMX_ROOT, 0, 0, PTV_BY_GUEST, 0},
	ENDS("run.end", 3620, 4, VCPU_RUN),
	{"run.settled", 3620, S(SETTLED), 4, 0, 0, 0, 0},
	BEGINS("off", 4000, 5, VIRT_OFF),
	CALL("off.virt", 4000, VIRT, 0),
	{"off.mode", 4010, S(VMX_MODE), PTV_VMX_OFF, 0, 0, PTV_BY_KVM, 0},
	{"off.vmxoff", 4010, S(VMX_OP), VMXOFF_OP, PTV_VMX_SUCCEED, 0, PTV_BY_KVM, 0},
	CALL("off.notify", 4020, NOTIFY, 0),
	{"off.belief", 4020, S(BELIEF), 0, 0, 0, PTV_BY_DRIVER, 0},
	TRACE("off.trace", 4030, 1, WRMSR),
	TRIGGER("off.trigger", 4030, 1, WRMSR),
	RET("off.notified", 4040, NOTIFY),
	RET("off.ret", 4050, VIRT),
	ENDS("off.end", 4060, 5, VIRT_OFF),
	{"off.settled", 4060, S(SETTLED), 5, 0, 0, 0, 0},
};

static const struct ptv_step disable[] = {
	BEGINS("more", 4500, 6, PROGRESS),
	{"more.retire", 5000, S(RETIRE), 500, PTV_RETIRE_B(PTV_SCOPE_USER, 1, 1), 4500, 0, 0},
	{"more.store", 5000, S(STORE), 0x200074, 1000, PTV_PLACE(0, 16500), PTV_BY_HW, 0},
	ENDS("more.end", 5000, 6, PROGRESS),
	{"more.settled", 5000, S(SETTLED), 6, 0, 0, 0, 0},
	BEGINS("disable", 6000, 7, DISABLE),
	{"disable.ask", 6000, S(ASK), 0, PTV_ASK_DISABLE, 0, PTV_BY_USER, 0},
	CALL("disable.del", 6010, DEL, 0),
	TRACE("disable.trace", 6020, 0, WRMSR),
	TRIGGER("disable.trigger", 6020, 0, WRMSR),
	{"disable.record", 6030, S(RECORD), PTV_RECORD_A(PTV_RECORD_AUX, 0, PTV_AUX_FLAG_PARTIAL),
	 16484, 1016, 0, 0},
	{"disable.head", 6030, S(HEAD), 0, 17500, 0, 0, 0},
	{"disable.aux_end", 6030, S(AUX_END), 0, 1016, PTV_AUX_FLAG_PARTIAL, 0, 0},
	RET("disable.ret", 6040, DEL),
	{"disable.off", 6040, S(EVENT_STATE), 0, PTV_EVENT_OFF, 0, 0, 0},
	{"disable.running", 6040, S(RUNNING), 0, 0, 5930, 0, 0},
	ENDS("disable.end", 6050, 7, DISABLE),
	{"disable.settled", 6050, S(SETTLED), 7, 0, 0, 0, 0},
	{"last.consume", 6100, S(CONSUME), 0, 17500, 17500, PTV_BY_USER, 0},
	{"closed", 6200, S(CLOSED), 0, 0, 0, 0, 0},
};

void ptv_traced_stream(struct ptv_stream *stream)
{
	ptv_stream_init(stream);
	ptv_stream_add(stream, enable, PTV_ARRAY_SIZE(enable));
}

void ptv_good_stream(struct ptv_stream *stream)
{
	ptv_traced_stream(stream);
	ptv_stream_add(stream, fill, PTV_ARRAY_SIZE(fill));
	ptv_stream_add(stream, virt, PTV_ARRAY_SIZE(virt));
	ptv_stream_add(stream, disable, PTV_ARRAY_SIZE(disable));
}
