/* SPDX-License-Identifier: MIT */
/*
 * Which observations tell the story of a violation: the frame of the timeline (who was opened,
 * asked for, scheduled; which stimuli; every complaint), and from where the trouble began to where
 * it was judged what the check looks at, of the event and LP concerned.
 */
#include "feed.h"

#define O(kind) PTV_BIT(PTV_OBS_##kind)

#define STARTING    (O(CALL) | O(RET) | O(EVENT_STATE) | O(RUNNING))
#define TRACING	    (O(TRACE_EN) | O(TRIGGER_EN))
#define VMX	    (O(VMX_MODE) | O(VMX_OP) | O(BELIEF))
#define TRANSACTION (O(AUX_BEGIN) | O(AUX_FLAG) | O(AUX_END) | O(RECORD) | O(HEAD))
#define INTERRUPT   (O(PMI_RAISED) | O(GS55) | O(LVT) | O(LVT_DROP) | O(INT_ENTER) | O(INT_EXIT))
#define STORING	    (O(STORE) | O(SW_STORE) | O(REGION_END) | O(DROP))
#define READING	    (O(CONSUME) | O(WAKE))

/* Before the trouble too. */
#define FRAME (O(OPEN) | O(ASK) | O(SCHED) | O(STIMULUS) | O(SPLAT) | O(DECISION))

static const uint64_t looks_at[PTV_CHECKS] = {
	[PTV_CHECK_NO_GP] = O(MSR) | O(CALL) | O(RET) | VMX | O(INT_ENTER),
	[PTV_CHECK_NO_SPLAT] = O(CALL) | O(RET) | O(INT_ENTER) | O(VMX_OP),
	[PTV_CHECK_VM_ENTRY_OK] = VMX | O(TRACE_EN),
	[PTV_CHECK_TRACE_OWNED] = TRACING | TRANSACTION | STARTING | VMX,
	[PTV_CHECK_UNREAD_SAFE] = TRANSACTION | STORING | READING | O(PAGE),
	[PTV_CHECK_STOPPED_IS_STOPPED] = STARTING | TRACING | VMX | O(INT_ENTER),
	[PTV_CHECK_BELIEF_TRUE] = VMX | O(CALL) | O(RET),
	[PTV_CHECK_RESUMES] = STARTING | TRACING | VMX | TRANSACTION | O(CONSUME) | O(DISABLE_REQ),
	[PTV_CHECK_PMI_HANDLED] = INTERRUPT | TRANSACTION | TRACING | VMX | O(CALL) | O(RET),
	[PTV_CHECK_STOP_NOTICED] = INTERRUPT | TRANSACTION | TRACING | O(REGION_END),
	[PTV_CHECK_CONSUMER_WOKEN] = READING | O(HEAD) | O(RECORD) | O(AUX_END),
	[PTV_CHECK_DISABLE_EFFECTIVE] = STARTING | O(DISABLE_REQ) | O(RECORD) | O(TRACE_EN),
	[PTV_CHECK_COUNTED] = STARTING | O(VMX_MODE) | O(READ_TIME),
	[PTV_CHECK_GAP_ANNOUNCED] = O(RETIRE) | TRACING | VMX | TRANSACTION | O(RUNNING) | O(DROP) |
				    O(PACKET),
	[PTV_CHECK_NO_FALSE_GAP] = TRANSACTION | TRACING | VMX | O(RUNNING) | O(RETIRE) | O(DROP),
	[PTV_CHECK_BYTES_CONSERVED] = TRANSACTION | STORING | O(CONSUME),
	[PTV_CHECK_CONFLUENT] = STARTING | TRACING | VMX | TRANSACTION,
};

/* Of a gap's packets only OVF matters: the rest is the trace itself. */
static bool telling(const struct ptv_violation *violation, const struct ptv_obs *obs)
{
	if (obs->kind == PTV_OBS_PACKET)
		return obs->seq > violation->since_seq && (obs->b & 0xffffU) == PTV_OVF_BYTES;
	if (obs->kind == PTV_OBS_MSR)
		return obs->seq == violation->obs.seq;
	return true;
}

bool ptv_check_concerns(const struct ptv_violation *violation, const struct ptv_obs *obs)
{
	const uint64_t kinds = violation->check < PTV_CHECKS ? looks_at[violation->check] : 0U;
	const unsigned int lp = violation->why >> 8;
	const uint64_t event = ptv_facts_event(obs);

	if (obs->seq > violation->obs.seq)
		return false;
	if (obs->seq == violation->obs.seq || obs->seq == violation->since_seq)
		return true;
	if (event < PTV_MAX_EVENTS && violation->event < PTV_MAX_EVENTS &&
	    event != violation->event)
		return false;
	if ((FRAME >> obs->kind) & 1U)
		return true;
	if (event >= PTV_MAX_EVENTS && obs->lp != lp)
		return false;
	return obs->seq >= violation->since_seq && ((kinds >> obs->kind) & 1U) &&
	       telling(violation, obs);
}
