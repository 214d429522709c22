/* SPDX-License-Identifier: MIT */
/*
 * The machine's clocks: where hardware, workload and kernel become one world.
 *
 * What it is. The processor is a Mealy machine that knows nothing of programs, and the kernel is
 * straight-line C that knows nothing of clocks. This file gives clocks to the one and time to the
 * other: an operation of the kernel is put on the pins and clocked until it is done; the workload
 * retires a branch when its time has come; everything that a clock brings about is observed.
 *
 * Time. Every LP has its own clock. LPs that are not executing kernel code follow the one that is,
 * after each of its operations; interrupts that become due on them meanwhile wait until that kernel
 * code has ended (two half-finished operations taking turns on two LPs are not modelled).
 *
 * A clock in which nothing happens is not visited: ptv_lp_next_event() says when the next one is
 * (env.step_only visits all, for comparison).
 */
#include "machine.h"

#include <string.h>

/* Branches that still retire on an LP that can come to no PMI any more, so that what is dark is
 * seen (scenarios/FORMAT.md: `progress` with `to`). */
#define DARK_BRANCHES UINT64_C(100)

void ptv_machine_emit(struct ptv_host *host, unsigned int lp, enum ptv_obs_kind kind,
		      enum ptv_by by, uint64_t a, uint64_t b, uint64_t c)
{
	const struct ptv_sink *sink = &host->env->sink;
	struct ptv_obs obs;

	if (sink->emit) {
		obs.cycle = host->booting ? 0U : host->w->lp[lp].hw.timer.cycle;
		obs.a = a;
		obs.b = b;
		obs.c = c;
		obs.seq = host->w->seq;
		obs.kind = (uint8_t)kind;
		obs.lp = (uint8_t)lp;
		obs.by = (uint8_t)by;
		obs.pad = 0;
		sink->emit(sink->ctx, &obs);
	}
	host->w->seq++;
}

static const uint8_t run_by[PTV_SCOPES] = {
	[PTV_SCOPE_USER] = PTV_BY_WORK,	    [PTV_SCOPE_KERNEL] = PTV_BY_WORK,
	[PTV_SCOPE_KVM] = PTV_BY_KVM,	    [PTV_SCOPE_GUEST] = PTV_BY_GUEST,
	[PTV_SCOPE_DRIVER] = PTV_BY_DRIVER,
};

void ptv_machine_flush_run(struct ptv_host *host, unsigned int lp)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	struct ptv_obs obs;

	if (wl->run_count == 0U)
		return;
	obs.cycle = wl->run_last;
	obs.a = wl->run_count;
	obs.b = wl->run_key;
	obs.c = wl->run_first;
	obs.seq = host->w->seq;
	obs.kind = PTV_OBS_RETIRE;
	obs.lp = (uint8_t)lp;
	obs.by = run_by[wl->run_key & 0xffU];
	obs.pad = 0;
	if (host->env->sink.emit)
		host->env->sink.emit(host->env->sink.ctx, &obs);
	host->w->seq++;
	wl->run_count = 0;
}

void ptv_machine_count(struct ptv_host *host, unsigned int lp, enum ptv_scope scope, bool traced,
		       bool event_scope)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const uint64_t key = ptv_retire_pack(scope, traced, event_scope);

	if (wl->run_count != 0U && wl->run_key != key)
		ptv_machine_flush_run(host, lp);
	if (wl->run_count == 0U) {
		wl->run_key = key;
		wl->run_first = wl->hw.timer.cycle;
	}
	wl->run_last = wl->hw.timer.cycle;
	wl->run_count++;
}

bool ptv_machine_traced(const struct ptv_host *host, unsigned int lp)
{
	return ptv_lp_packet_en(&host->w->lp[lp].hw);
}

/* Translates physical addresses to places and keeps the totals that stimuli are told by. */
static void watch(void *ctx, enum ptv_obs_kind kind, enum ptv_by by, uint64_t a, uint64_t b,
		  uint64_t c)
{
	const struct ptv_watch *watch = ctx;
	struct ptv_host *host = watch->host;
	struct ptv_world_lp *wl = &host->w->lp[watch->lp];
	const struct ptv_env *env = host->env;

	if (kind == PTV_OBS_STORE) {
		c = env->hw_alone ? PTV_PLACE_NONE : ptv_kern_place(&host->w->kern, a);
		wl->stored += b;
		wl->last_store = a + b - 1U;
		if (env->want_bytes && env->store)
			env->store(env->store_ctx, watch->lp, c, a, watch->out->store_data,
				   (size_t)b);
	} else if (kind == PTV_OBS_PMI_RAISED) {
		c = env->hw_alone ? PTV_PLACE_NONE : ptv_kern_place(&host->w->kern, c);
		wl->pmis++;
	} else if (kind == PTV_OBS_MSR && host->msr_safe) {
		a |= PTV_BIT(33);
	} else if (kind == PTV_OBS_TRACE_EN || kind == PTV_OBS_TRIGGER_EN) {
		ptv_machine_flush_run(host, watch->lp);
	}
	ptv_machine_emit(host, watch->lp, kind, by, a, b, c);
}

void ptv_machine_clock(struct ptv_host *host, unsigned int lp, const struct ptv_pins_in *in,
		       enum ptv_by by, struct ptv_pins_out *out)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	struct ptv_watch ctx = {host, lp, in, out};
	const struct ptv_lp_run run = {&host->env->cpu, NULL, watch, &ctx};

	if (host->env->clock)
		host->env->clock(host->env->clock_ctx, lp, &wl->hw, in);
	ptv_lp_step_observed(&run, &wl->hw, in, by, out, wl->fifo);
	wl->stall = out->stall;
	wl->nmi = out->nmi;
	wl->irq = out->irq;
}

uint64_t ptv_machine_due(const struct ptv_host *host, unsigned int lp)
{
	const struct ptv_world_lp *wl = &host->w->lp[lp];
	const struct ptv_lp_run run = {&host->env->cpu, &host->w->mem, NULL, NULL};
	const uint64_t at = ptv_lp_next_event(&host->env->cpu, &wl->hw);
	const uint64_t answer = ptv_mem_answer_at(&run, &wl->hw);

	return answer < at ? answer : at;
}

/* The next cycle that is visited: without leaps, this one. */
static uint64_t next_visit(const struct ptv_host *host, unsigned int lp)
{
	return host->env->step_only ? host->w->lp[lp].hw.timer.cycle : ptv_machine_due(host, lp);
}

/* One clock without input but for the memory's answer. */
static void clock_free(struct ptv_host *host, unsigned int lp, struct ptv_pins_out *out)
{
	const struct ptv_lp_run run = {&host->env->cpu, &host->w->mem, NULL, NULL};
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	ptv_mem_answer(&run, &host->w->lp[lp].hw, &in);
	ptv_machine_clock(host, lp, &in, PTV_BY_HW, out);
}

uint64_t ptv_machine_coast(struct ptv_host *host, unsigned int lp, uint64_t until)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	struct ptv_pins_out out;

	while (wl->hw.timer.cycle < until) {
		const uint64_t at = next_visit(host, lp);

		if (at >= until) {
			wl->hw.timer.cycle = until;
			return at;
		}
		if (at > wl->hw.timer.cycle)
			wl->hw.timer.cycle = at;
		clock_free(host, lp, &out);
	}
	return wl->hw.timer.cycle;
}

void ptv_machine_unstall(struct ptv_host *host, unsigned int lp)
{
	struct ptv_pins_out out;

	while (host->w->lp[lp].stall)
		clock_free(host, lp, &out);
}

void ptv_machine_retire(struct ptv_host *host, unsigned int lp, struct ptv_pins_in *in,
			enum ptv_by by)
{
	const struct ptv_lp_run run = {&host->env->cpu, &host->w->mem, NULL, NULL};
	struct ptv_pins_out out;

	ptv_machine_unstall(host, lp);
	ptv_mem_answer(&run, &host->w->lp[lp].hw, in);
	ptv_machine_clock(host, lp, in, by, &out);
}

void ptv_machine_op(struct ptv_host *host, unsigned int lp, struct ptv_pins_in *in, enum ptv_by by,
		    struct ptv_pins_out *out)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const struct ptv_lp_run run = {&host->env->cpu, &host->w->mem, NULL, NULL};
	struct ptv_pins_in idle;

	ptv_machine_unstall(host, lp);
	ptv_mem_answer(&run, &wl->hw, in);
	ptv_machine_clock(host, lp, in, by, out);
	memset(&idle, 0, sizeof(idle));
	while (!out->done) {
		const uint64_t at = next_visit(host, lp);

		PTV_ASSERT(at != PTV_NEVER);
		if (at > wl->hw.timer.cycle)
			wl->hw.timer.cycle = at;
		idle.mem_ack = 0;
		ptv_mem_answer(&run, &wl->hw, &idle);
		ptv_machine_clock(host, lp, &idle, by, out);
	}
}

/* The next branch of the workload or guest as it goes on the pins, in this clock; it is counted. */
static void next_work(struct ptv_host *host, unsigned int lp, struct ptv_pins_in *in)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const unsigned int mask = ptv_work_cpl(&wl->work) == 0U ? 1U : 2U;
	const bool event_scope = !wl->guest && (wl->scope_mask & mask) != 0U;
	const enum ptv_scope scope =
		ptv_work_retire(&host->env->work, &wl->work, wl->hw.timer.cycle, in);

	ptv_machine_count(host, lp, scope, ptv_machine_traced(host, lp), event_scope);
	wl->branches++;
}

static void clock_work(struct ptv_host *host, unsigned int lp, struct ptv_pins_in *in)
{
	const struct ptv_world_lp *wl = &host->w->lp[lp];
	const struct ptv_lp_run run = {&host->env->cpu, &host->w->mem, NULL, NULL};
	struct ptv_pins_out out;

	ptv_mem_answer(&run, &wl->hw, in);
	ptv_machine_clock(host, lp, in, wl->guest ? PTV_BY_GUEST : PTV_BY_WORK, &out);
}

/* A branch of the workload or guest retires in this clock. */
static void retire_work(struct ptv_host *host, unsigned int lp)
{
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	next_work(host, lp, &in);
	clock_work(host, lp, &in);
}

/* Whether hardware has something to do on the LP, or an interrupt waits. */
static bool is_at_work(const struct ptv_host *host, unsigned int lp)
{
	const struct ptv_world_lp *wl = &host->w->lp[lp];

	return ptv_machine_due(host, lp) != PTV_NEVER || wl->nmi || wl->irq_work_at != PTV_NEVER ||
	       (host->w->spurious & (1U << lp)) != 0U;
}

bool ptv_machine_restless(const struct ptv_host *host, unsigned int lp)
{
	unsigned int e;

	if (is_at_work(host, lp))
		return true;
	for (e = 0; e < host->env->events; e++) {
		if (host->w->consume_at[e] != PTV_NEVER)
			return true;
	}
	return false;
}

/*
 * Whether the LP could still come to store a byte by itself: it traces, hardware has something to
 * do, or an interrupt waits whose handler may switch tracing on. Neither branches nor a consumer
 * that reads change any of this.
 */
static bool alive(const struct ptv_host *host, unsigned int lp)
{
	const struct ptv_world_lp *wl = &host->w->lp[lp];

	return ptv_lp_trigger_en(&wl->hw) || wl->stall || wl->irq || ptv_lp_nmi_raised(&wl->hw) ||
	       is_at_work(host, lp);
}

static bool goal_reached(const struct ptv_world_lp *wl, const struct ptv_run_goal *goal)
{
	return wl->hw.timer.cycle >= goal->until || wl->branches >= goal->branches ||
	       wl->pmis >= goal->pmis || (goal->to_stop && !ptv_lp_trigger_en(&wl->hw));
}

/* Whether running ends here: nothing runs on after a panic. */
static bool is_over(const struct ptv_host *host, const struct ptv_world_lp *wl,
		    const struct ptv_run_goal *goal)
{
	return goal_reached(wl, goal) || ptv_machine_dead(host);
}

/* The cycle at which kernel code is due in the workload of an LP: a self-IPI, a consumer's read. */
static uint64_t next_kernel(const struct ptv_host *host, unsigned int lp)
{
	const struct ptv_world_lp *wl = &host->w->lp[lp];
	uint64_t at = PTV_NEVER;
	unsigned int e;

	if (wl->guest || host->w->busy)
		return at;
	if (wl->irqs_on)
		at = wl->irq_work_at;
	for (e = 0; e < host->env->events; e++) {
		if (host->w->consume_at[e] < at)
			at = host->w->consume_at[e];
	}
	return at;
}

static uint64_t next_branch(const struct ptv_world_lp *wl)
{
	if (wl->halted)
		return PTV_NEVER;
	return wl->stall ? wl->hw.timer.cycle : ptv_work_next(&wl->work);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Whether the player is asked for an interrupt before its time. */
static bool is_asked(const struct ptv_host *host, const struct ptv_world_lp *wl)
{
	return host->env->player.decide &&
	       (ptv_lp_nmi_raised(&wl->hw) || wl->irq_work_at != PTV_NEVER || host->w->spurious);
}

/* Whether nothing but its workload concerns the LP until something is due: no interrupt waits, and
 * nobody looks at each clock. */
static bool is_calm(const struct ptv_host *host, const struct ptv_world_lp *wl)
{
	return !wl->halted && !wl->stall && !wl->nmi && !host->w->spurious &&
	       !host->env->step_only && !host->env->clock && !is_asked(host, wl);
}

/* Branches of the workload up to one that is not plain, before a cycle and before hardware has
 * anything to do. False: there are none. */
static bool retire_calm(struct ptv_host *host, unsigned int lp, uint64_t until, uint64_t branches)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	uint64_t at = later(wl->hw.timer.cycle, ptv_work_next(&wl->work));
	struct ptv_pins_in in;

	if (at >= until || !is_calm(host, wl))
		return false;
	until = earlier(until, ptv_machine_due(host, lp));
	if (at >= until)
		return false;
	memset(&in, 0, sizeof(in));
	for (; at < until && wl->branches < branches; at = ptv_work_next(&wl->work)) {
		wl->hw.timer.cycle = at;
		next_work(host, lp, &in);
		if (ptv_lp_retire_plain(&host->env->cpu, &wl->hw, &in))
			continue;
		clock_work(host, lp, &in);
		break;
	}
	return true;
}

static void run(struct ptv_host *host, unsigned int lp, const struct ptv_run_goal *goal)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	struct ptv_pins_out out;

	while (!is_over(host, wl, goal)) {
		uint64_t kernel, branch, at;

		if (!wl->guest)
			ptv_machine_interrupts(host, lp);
		else if (wl->nmi && !host->nmi_held)
			return;
		if (is_over(host, wl, goal) || (goal->while_alive && !alive(host, lp)))
			return;
		kernel = next_kernel(host, lp);
		if (retire_calm(host, lp, earlier(kernel, goal->until), goal->branches))
			continue;
		branch = next_branch(wl);
		at = earlier(kernel, branch);
		if (at > wl->hw.timer.cycle)
			at = earlier(at, next_visit(host, lp));
		if (at >= goal->until) {
			wl->hw.timer.cycle = goal->until;
			return;
		}
		if (at > wl->hw.timer.cycle) {
			wl->hw.timer.cycle = at;
			/* What is due in this very cycle comes before its clock. */
			if (kernel <= at || is_asked(host, wl))
				continue;
		}
		if (branch <= wl->hw.timer.cycle && !wl->stall)
			retire_work(host, lp);
		else
			clock_free(host, lp, &out);
	}
}

void ptv_machine_run(struct ptv_host *host, unsigned int lp, const struct ptv_run_goal *goal)
{
	const struct ptv_world_lp *wl = &host->w->lp[lp];
	struct ptv_run_goal last = *goal;

	run(host, lp, goal);
	if (!goal->while_alive || goal_reached(wl, goal))
		return;
	last.while_alive = false;
	if (last.branches - wl->branches > DARK_BRANCHES)
		last.branches = wl->branches + DARK_BRANCHES;
	run(host, lp, &last);
}

bool ptv_world_settle_at_once(struct ptv_world *world, const struct ptv_env *env, uint32_t index)
{
	struct ptv_host host = {.w = world, .env = env};
	const bool dead = ptv_machine_dead(&host);
	unsigned int lp;

	for (lp = 0; lp < env->lps; lp++) {
		if (world->lp[lp].run_count != 0U || (!dead && ptv_machine_restless(&host, lp)))
			return false;
	}
	ptv_machine_emit(&host, 0, PTV_OBS_SETTLED, PTV_BY_USER, index, 0, 0);
	world->seq--;
	return true;
}

/* Cuts state to what is in use. */
void ptv_world_copy(struct ptv_world *to, const struct ptv_world *from, const struct ptv_env *env)
{
	memcpy(to, from, offsetof(struct ptv_world, lp) + (size_t)env->lps * sizeof(from->lp[0]));
}

uint64_t ptv_world_now(const struct ptv_world *world, unsigned int lp)
{
	return world->lp[lp].hw.timer.cycle;
}

/* The kernel's blocks of LPs lie in the shared part, but there is one for each LP. */
size_t ptv_world_lp_bytes(void)
{
	return sizeof(struct ptv_world_lp) + sizeof(struct ptv_kern_lp);
}

size_t ptv_world_shared_bytes(void)
{
	return offsetof(struct ptv_world, lp) - PTV_MAX_LPS * sizeof(struct ptv_kern_lp);
}

void ptv_env_default(struct ptv_env *env)
{
	size_t count;

	memset(env, 0, sizeof(*env));
	env->cpu.caps = ptv_machine_rows(&count)[0].caps;
	ptv_timing_default(&env->cpu.timing);
	ptv_switches_default(&env->cpu.sw);
	ptv_work_default(&env->work);
	env->lps = 1;
	env->settle_limit = 1000000;
}

uint64_t ptv_world_hash(const struct ptv_world *world, const struct ptv_env *env)
{
	uint64_t hash = ptv_state_hash("mem", &world->mem, 0) ^
			ptv_state_hash("kern", &world->kern, 0);
	unsigned int lp;

	for (lp = 0; lp < env->lps; lp++) {
		const struct ptv_world_lp *wl = &world->lp[lp];
		const uint64_t base = wl->hw.timer.cycle;

		hash = hash * UINT64_C(0x9e3779b97f4a7c15) + ptv_state_hash("lp", &wl->hw, base);
		hash = hash * UINT64_C(0x9e3779b97f4a7c15) +
		       ptv_state_hash("work", &wl->work, base);
		hash = hash * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)wl->halted +
		       2U * (uint64_t)wl->irqs_on + 4U * (uint64_t)wl->guest +
		       (wl->irq_work_at == PTV_NEVER ? 0U : 8U);
	}
	return hash;
}
