/* SPDX-License-Identifier: MIT */
/*
 * Observations into lanes, in one pass: a handler for each kind that a lane shows.
 *
 * What the LP executes is put together at the end from five layers, each above the one before: what
 * a stimulus makes the kernel do; branches that retired; VMX non-root operation; calls into the
 * driver; interrupts. The other lanes are levels, transactions or marks, read off as they come.
 */
#include <string.h>

#include "ptv/stimulus.h"
#include "show/plot/gap.h"
#include "show/plot/lane.h"

#define MAX_DEPTH     32U
#define SLIVER_CYCLES 100U /* a hole between two branches, not worth showing */

enum layer { LAYER_STIMULUS, LAYER_RETIRED, LAYER_GUEST, LAYER_CALLS, LAYER_INTERRUPT, LAYERS };

struct builder {
	struct ptv_plot_group *group;
	const struct ptv_plot_input *input;
	struct ptv_plot_lane layer[LAYERS];
	struct ptv_gap_finder gaps;
	uint8_t call[MAX_DEPTH]; /* enum ptv_plot_mode of the calls on the stack */
	unsigned int calls;
	uint8_t interrupt[MAX_DEPTH]; /* enum ptv_plot_mode of the handlers on the stack */
	unsigned int interrupts;
	uint64_t position, tail; /* of the event's stream */
	unsigned int state;	 /* enum ptv_event_state, last seen on state_lp */
	unsigned int state_lp;
	bool counted;  /* on this LP */
	bool snapshot; /* mode of the event */
	bool closing;  /* the timeline has ended */
};

typedef void handler(struct builder *b, const struct ptv_obs *obs);

static struct ptv_plot_lane *lane(struct builder *b, enum ptv_plot_kind kind)
{
	return &b->group->lane[kind];
}

/* --- What the LP executes --- */

static const uint8_t stimulus_mode[PTV_STIMULI] = {
	[PTV_STIM_ENABLE] = PTV_PLOT_CORE,    [PTV_STIM_DISABLE] = PTV_PLOT_CORE,
	[PTV_STIM_CLOSE] = PTV_PLOT_CORE,     [PTV_STIM_SCHED_IN] = PTV_PLOT_CORE,
	[PTV_STIM_SCHED_OUT] = PTV_PLOT_CORE, [PTV_STIM_VIRT_ON] = PTV_PLOT_KVM,
	[PTV_STIM_VIRT_OFF] = PTV_PLOT_KVM,   [PTV_STIM_VIRT_FAIL] = PTV_PLOT_KVM,
	[PTV_STIM_VCPU_RUN] = PTV_PLOT_KVM,   [PTV_STIM_SWITCH_TASK] = PTV_PLOT_CORE,
	[PTV_STIM_VIRT_BEGIN] = PTV_PLOT_KVM,
};

static const uint8_t scope_mode[PTV_SCOPES] = {
	[PTV_SCOPE_USER] = PTV_PLOT_USER,     [PTV_SCOPE_KERNEL] = PTV_PLOT_KERNEL,
	[PTV_SCOPE_KVM] = PTV_PLOT_KVM,	      [PTV_SCOPE_GUEST] = PTV_PLOT_GUEST,
	[PTV_SCOPE_DRIVER] = PTV_PLOT_DRIVER,
};

static const uint8_t fn_mode[PTV_FNS] = {
	[PTV_FN_ADD] = PTV_PLOT_DRIVER,	     [PTV_FN_DEL] = PTV_PLOT_DRIVER,
	[PTV_FN_START] = PTV_PLOT_DRIVER,    [PTV_FN_STOP] = PTV_PLOT_DRIVER,
	[PTV_FN_PAUSE] = PTV_PLOT_DRIVER,    [PTV_FN_RESUME] = PTV_PLOT_DRIVER,
	[PTV_FN_PMI] = PTV_PLOT_DRIVER,	     [PTV_FN_NOTIFY] = PTV_PLOT_DRIVER,
	[PTV_FN_SNAPSHOT] = PTV_PLOT_DRIVER, [PTV_FN_IRQ_WORK] = PTV_PLOT_CORE,
	[PTV_FN_TIMER] = PTV_PLOT_CORE,	     [PTV_FN_VIRT] = PTV_PLOT_KVM,
};

static void push(struct builder *b, enum layer layer, uint64_t cycle, unsigned int mode)
{
	uint8_t *stack = layer == LAYER_CALLS ? b->call : b->interrupt;
	unsigned int *depth = layer == LAYER_CALLS ? &b->calls : &b->interrupts;

	if (*depth < MAX_DEPTH)
		stack[*depth] = (uint8_t)mode;
	(*depth)++;
	ptv_lane_level(&b->layer[layer], cycle, mode);
}

static void pop(struct builder *b, enum layer layer, uint64_t cycle)
{
	const uint8_t *stack = layer == LAYER_CALLS ? b->call : b->interrupt;
	unsigned int *depth = layer == LAYER_CALLS ? &b->calls : &b->interrupts;
	unsigned int top;

	if (*depth > 0U)
		(*depth)--;
	top = *depth < MAX_DEPTH ? *depth : MAX_DEPTH;
	ptv_lane_level(&b->layer[layer], cycle, top > 0U ? stack[top - 1U] : 0U);
}

static void on_call(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp && obs->a < PTV_FNS)
		push(b, LAYER_CALLS, obs->cycle, fn_mode[obs->a]);
}

static void on_ret(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp && obs->a < PTV_FNS)
		pop(b, LAYER_CALLS, obs->cycle);
}

static void on_int_enter(struct builder *b, const struct ptv_obs *obs)
{
	const bool nmi = obs->a == PTV_INT_NMI;

	if (obs->lp != b->input->lp)
		return;
	push(b, LAYER_INTERRUPT, obs->cycle, nmi ? PTV_PLOT_NMI : PTV_PLOT_CORE);
	if (nmi)
		ptv_lane_span(lane(b, PTV_PLOT_PMI), obs->cycle, obs->cycle, PTV_PLOT_PMI_TAKEN);
}

static void on_int_exit(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp)
		pop(b, LAYER_INTERRUPT, obs->cycle);
}

static void on_retire(struct builder *b, const struct ptv_obs *obs)
{
	const uint64_t scope = obs->b & 0xffU;

	if (obs->lp != b->input->lp || scope >= PTV_SCOPES || obs->c > obs->cycle)
		return;
	ptv_lane_span(&b->layer[LAYER_RETIRED], obs->c, obs->cycle + 1U, scope_mode[scope]);
	ptv_gap_retired(&b->gaps, obs, b->counted);
}

static void on_stimulus(struct builder *b, const struct ptv_obs *obs)
{
	struct ptv_plot_group *group = b->group;
	const bool begins = obs->c == 0U;

	if (obs->b >= PTV_STIMULI)
		return;
	if (obs->lp == b->input->lp)
		ptv_lane_level(&b->layer[LAYER_STIMULUS], obs->cycle,
			       begins ? stimulus_mode[obs->b] : 0U);
	if (begins) {
		const struct ptv_plot_stimulus began = {.at = obs->cycle,
							.ended = PTV_NEVER,
							.kind = (uint8_t)obs->b,
							.lp = obs->lp,
							.index = (uint32_t)obs->a};

		group->stimulus = ptv_grow(group->stimulus, group->stimuli, &group->stimulus_room,
					   sizeof(*group->stimulus));
		group->stimulus[group->stimuli++] = began;
	} else if (group->stimuli) {
		group->stimulus[group->stimuli - 1U].ended = obs->cycle;
	}
}

/* --- Levels of the LP --- */

static void on_vmx_mode(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp != b->input->lp)
		return;
	ptv_lane_level(lane(b, PTV_PLOT_VMX), obs->cycle, obs->a);
	ptv_lane_level(&b->layer[LAYER_GUEST], obs->cycle,
		       obs->a == PTV_VMX_NON_ROOT ? PTV_PLOT_GUEST : 0U);
}

static void on_trace_en(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp)
		ptv_lane_level(lane(b, PTV_PLOT_TRACE_EN), obs->cycle, obs->a != 0U);
}

static void on_trigger_en(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp)
		ptv_lane_level(lane(b, PTV_PLOT_TRIGGER_EN), obs->cycle, obs->a != 0U);
}

static void on_belief(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp)
		ptv_lane_level(lane(b, PTV_PLOT_BELIEF), obs->cycle, obs->a != 0U);
}

static void on_pmi_raised(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp)
		ptv_lane_span(lane(b, PTV_PLOT_PMI), obs->cycle, obs->cycle, PTV_PLOT_PMI_RAISED);
}

static void on_lvt_drop(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp)
		ptv_lane_span(lane(b, PTV_PLOT_PMI), obs->cycle, obs->cycle, PTV_PLOT_PMI_DROPPED);
}

static void on_packet(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->lp == b->input->lp)
		ptv_gap_packet(&b->gaps, obs);
}

/* --- The event --- */

static unsigned int event_value(const struct builder *b)
{
	if (b->counted)
		return PTV_PLOT_COUNTED;
	switch (b->state) {
	case PTV_EVENT_ERROR:
		return PTV_PLOT_ERROR;
	case PTV_EVENT_INACTIVE:
		return PTV_PLOT_INACTIVE;
	case PTV_EVENT_ACTIVE:
		return b->state_lp == b->input->lp ? PTV_PLOT_ACTIVE : PTV_PLOT_INACTIVE;
	}
	return PTV_PLOT_OFF;
}

static void on_event_state(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->a != b->input->event)
		return;
	b->state = (unsigned int)obs->b;
	b->state_lp = obs->lp;
	ptv_lane_level(lane(b, PTV_PLOT_EVENT), obs->cycle, event_value(b));
}

static void on_running(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->a != b->input->event || obs->lp != b->input->lp)
		return;
	b->counted = obs->b != 0U;
	if (!b->counted)
		ptv_gap_over(&b->gaps);
	ptv_lane_level(lane(b, PTV_PLOT_EVENT), obs->cycle, event_value(b));
}

static void on_open(struct builder *b, const struct ptv_obs *obs)
{
	if ((obs->a & 0xffU) != b->input->event)
		return;
	b->snapshot = ((obs->a >> 16) & 0xffU) == PTV_AUX_SNAPSHOT;
	b->position = b->tail = obs->a >> 32;
	lane(b, PTV_PLOT_FILL)->full = obs->b;
}

/* Bytes that the consumer has not taken; a snapshot has no consumer and fills up once. */
static void fill(struct builder *b, uint64_t cycle)
{
	const uint64_t full = lane(b, PTV_PLOT_FILL)->full;
	uint64_t bytes = b->position > b->tail ? b->position - b->tail : 0U;

	if (b->snapshot && full && bytes > full)
		bytes = full;
	ptv_lane_level(lane(b, PTV_PLOT_FILL), cycle, bytes);
}

static void on_store(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->c == PTV_PLACE_NONE || ptv_place_event(obs->c) != b->input->event)
		return;
	b->position += obs->b;
	fill(b, obs->cycle);
	if (obs->kind == PTV_OBS_SW_STORE && obs->a == PTV_SW_MARKER)
		ptv_gap_marker(&b->gaps, obs->cycle);
}

static void on_consume(struct builder *b, const struct ptv_obs *obs)
{
	if (obs->a != b->input->event)
		return;
	b->tail = obs->c;
	fill(b, obs->cycle);
}

static void on_aux_begin(struct builder *b, const struct ptv_obs *obs)
{
	if ((obs->a & 0xffU) != b->input->event || obs->lp != b->input->lp)
		return;
	if (obs->a & PTV_BIT(8)) {
		ptv_lane_span(lane(b, PTV_PLOT_RECORD), obs->cycle, obs->cycle, PTV_PLOT_TX_FAILED);
		return;
	}
	ptv_lane_level(lane(b, PTV_PLOT_RECORD), obs->cycle, PTV_PLOT_TX_CLOSED);
	if (!b->snapshot)
		b->position = obs->b;
	fill(b, obs->cycle);
}

static void on_aux_end(struct builder *b, const struct ptv_obs *obs)
{
	struct ptv_plot_span *open = ptv_lane_open(lane(b, PTV_PLOT_RECORD));

	if (obs->a != b->input->event || obs->lp != b->input->lp || !open)
		return;
	open->size = obs->b;
	open->flags = (uint32_t)obs->c;
	open->value = b->closing ? PTV_PLOT_TX_OPEN : PTV_PLOT_TX_CLOSED;
	open->to = b->closing ? b->group->end : obs->cycle;
}

static void on_splat(struct builder *b, const struct ptv_obs *obs)
{
	if (ptv_splat_kills((enum ptv_splat)obs->a))
		b->group->died = true;
}

static handler *const on[PTV_OBS_KINDS] = {
	[PTV_OBS_CALL] = on_call,
	[PTV_OBS_RET] = on_ret,
	[PTV_OBS_INT_ENTER] = on_int_enter,
	[PTV_OBS_INT_EXIT] = on_int_exit,
	[PTV_OBS_RETIRE] = on_retire,
	[PTV_OBS_STIMULUS] = on_stimulus,
	[PTV_OBS_VMX_MODE] = on_vmx_mode,
	[PTV_OBS_TRACE_EN] = on_trace_en,
	[PTV_OBS_TRIGGER_EN] = on_trigger_en,
	[PTV_OBS_BELIEF] = on_belief,
	[PTV_OBS_PMI_RAISED] = on_pmi_raised,
	[PTV_OBS_LVT_DROP] = on_lvt_drop,
	[PTV_OBS_PACKET] = on_packet,
	[PTV_OBS_EVENT_STATE] = on_event_state,
	[PTV_OBS_RUNNING] = on_running,
	[PTV_OBS_OPEN] = on_open,
	[PTV_OBS_STORE] = on_store,
	[PTV_OBS_SW_STORE] = on_store,
	[PTV_OBS_CONSUME] = on_consume,
	[PTV_OBS_AUX_BEGIN] = on_aux_begin,
	[PTV_OBS_AUX_END] = on_aux_end,
	[PTV_OBS_SPLAT] = on_splat,
};

/* --- Together --- */

/* What became of the transaction that was open when the timeline ended. */
static void close_record(struct builder *b)
{
	const struct ptv_plot_input *input = b->input;
	struct ptv_plot_span *open;
	size_t i;

	b->closing = true;
	for (i = 0; i < input->closings; i++) {
		if (input->closing[i].kind == PTV_OBS_AUX_END)
			on_aux_end(b, &input->closing[i]);
	}
	open = ptv_lane_open(lane(b, PTV_PLOT_RECORD));
	if (open) {
		open->to = b->group->end;
		open->value = PTV_PLOT_TX_LEFT;
	}
}

static void flatten(struct builder *b)
{
	struct ptv_plot_lane *layers[LAYERS];
	unsigned int i;

	for (i = 0; i < LAYERS; i++) {
		layers[i] = &b->layer[i];
		ptv_lane_close(layers[i], b->group->end);
	}
	ptv_lane_flatten(layers, LAYERS, SLIVER_CYCLES, lane(b, PTV_PLOT_RUNS));
	for (i = 0; i < LAYERS; i++)
		ptv_lane_free(layers[i]);
}

void ptv_plot_build(struct ptv_plot_group *group, const struct ptv_plot_input *input)
{
	struct builder b = {.group = group, .input = input};
	unsigned int kind;
	size_t i;

	b.gaps.lane = &group->lane[PTV_PLOT_GAP];
	for (i = 0; i < input->count && !group->died; i++) {
		const struct ptv_obs *obs = &input->obs[i];

		if (obs->cycle > group->end)
			group->end = obs->cycle;
		if (obs->kind < PTV_OBS_KINDS && on[obs->kind])
			on[obs->kind](&b, obs);
	}
	close_record(&b);
	for (kind = 0; kind < PTV_PLOT_LANES; kind++)
		ptv_lane_close(&group->lane[kind], group->end);
	flatten(&b);
	ptv_gap_judge(&b.gaps, &group->lane[PTV_PLOT_RECORD], input->verdicts);
	ptv_plot_mark(group, input);
}
