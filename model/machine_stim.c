/* SPDX-License-Identifier: MIT */
/*
 * Stimuli, settling and closing: how a timeline is played on a world.
 *
 * A stimulus begins at the first cycle >= its `at` at which no kernel code is on the stack, runs to
 * its end, and leaves the world at a quiescent point. With `policy: none` there is no kernel:
 * stimuli drive the pins directly, and each runs on until hardware has nothing more to do, so that
 * what it brought about can be counted.
 *
 * Every prefix of a timeline is a timeline: ptv_world_settle() takes a copy to its rest,
 * ptv_world_close() to its end.
 */
#include "machine.h"

#include <string.h>

/*
 * After so many branches (with hardware alone, cycles) what does not come is
 * said to come never. By default a buffer of 64 pages is full before that.
 */
#define PROGRESS_BRANCHES UINT64_C(300000)
#define REST_CYCLES	  UINT64_C(30000000)

struct apply {
	struct ptv_host *host;
	const struct ptv_stimulus *s;
	struct ptv_apply_result *result;
};

/* --- the kernel's stimuli --- */

/* Runs fn as kernel code in task context on the stimulus's LP. */
static void in_kernel(struct apply *a, enum ptv_by by,
		      bool (*fn)(struct ptv_cpu *cpu, const struct ptv_stimulus *s))
{
	struct ptv_kframe frame;
	struct ptv_cpu cpu;

	ptv_machine_cpu(a->host, a->s->lp, by, &cpu);
	ptv_machine_enter(a->host, a->s->lp, PTV_INT_NONE, &frame);
	a->host->w->lp[a->s->lp].irqs_on = 1;
	if (!fn(&cpu, a->s))
		a->result->apply = PTV_APPLY_MEANINGLESS;
	ptv_machine_leave(&cpu, PTV_INT_NONE, &frame);
}

static bool do_enable(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	ptv_kern_enable(cpu, s->event);
	return true;
}

static bool do_disable(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	ptv_kern_disable(cpu, s->event);
	return true;
}

static bool do_close(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	ptv_kern_close(cpu, s->event);
	return true;
}

static bool do_sched_in(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	return ptv_kern_sched_in(cpu, s->event);
}

static bool do_switch_task(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	(void)s;
	return ptv_kern_switch_task(cpu);
}

static bool do_sched_out(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	return ptv_kern_sched_out(cpu, s->event);
}

static bool do_virt_on(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	return ptv_kern_virt_on(cpu, s->kind == PTV_STIM_VIRT_FAIL);
}

static bool do_virt_begin(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	(void)s;
	return ptv_kern_virt_begin(cpu);
}

static bool do_virt_off(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	(void)s;
	return ptv_kern_virt_off(cpu);
}

static bool do_vcpu_run(struct ptv_cpu *cpu, const struct ptv_stimulus *s)
{
	return ptv_kern_vcpu_run(cpu, s->arg[0]);
}

static void enable(struct apply *a)
{
	in_kernel(a, PTV_BY_CORE, do_enable);
}

static void disable(struct apply *a)
{
	in_kernel(a, PTV_BY_CORE, do_disable);
}

static void close_event(struct apply *a)
{
	in_kernel(a, PTV_BY_CORE, do_close);
}

static void sched_in(struct apply *a)
{
	in_kernel(a, PTV_BY_CORE, do_sched_in);
}

static void switch_task(struct apply *a)
{
	in_kernel(a, PTV_BY_CORE, do_switch_task);
}

static void sched_out(struct apply *a)
{
	in_kernel(a, PTV_BY_CORE, do_sched_out);
}

static void virt_on(struct apply *a)
{
	in_kernel(a, PTV_BY_KVM, do_virt_on);
}

static void virt_begin(struct apply *a)
{
	in_kernel(a, PTV_BY_KVM, do_virt_begin);
}

static void virt_off(struct apply *a)
{
	in_kernel(a, PTV_BY_KVM, do_virt_off);
}

static void vcpu_run(struct apply *a)
{
	in_kernel(a, PTV_BY_KVM, do_vcpu_run);
}

static void consumer_read(struct apply *a)
{
	struct ptv_cpu cpu;

	ptv_machine_cpu(a->host, a->s->lp, PTV_BY_USER, &cpu);
	ptv_machine_flush_run(a->host, a->s->lp);
	a->host->w->consume_at[a->s->event] = PTV_NEVER;
	ptv_kern_consume(&cpu, a->s->event, a->s->arg[0] ? a->s->arg[0] : UINT64_MAX);
}

static void read_time(struct apply *a)
{
	struct ptv_cpu cpu;

	ptv_machine_cpu(a->host, a->s->lp, PTV_BY_USER, &cpu);
	ptv_kern_read_time(&cpu, a->s->event);
}

static void spurious_nmi(struct apply *a)
{
	a->host->w->spurious |= (uint8_t)(1U << a->s->lp);
	ptv_machine_interrupts(a->host, a->s->lp);
}

/* --- stimuli of both layers --- */

static void everybody(struct ptv_host *host, unsigned int lp)
{
	const struct ptv_run_goal goal = ptv_goal_cycle(host->w->lp[lp].hw.timer.cycle);
	unsigned int other;

	for (other = 0; other < host->env->lps; other++)
		ptv_machine_run(host, other, &goal);
}

/* Past its PMI: until the handler has returned. */
static void past_int(struct ptv_host *host, unsigned int lp, struct ptv_run_goal *goal)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const uint64_t limit = goal->branches;

	goal->pmis = PTV_NEVER;
	while (!host->env->hw_alone && !ptv_machine_dead(host) && ptv_lp_nmi_raised(&wl->hw) &&
	       wl->branches < limit) {
		goal->branches = wl->branches + 1U;
		ptv_machine_run(host, lp, goal);
	}
}

static void progress(struct apply *a)
{
	struct ptv_host *host = a->host;
	const unsigned int lp = a->s->lp;
	struct ptv_world_lp *wl = &host->w->lp[lp];
	struct ptv_run_goal goal = {.until = PTV_NEVER, .branches = PTV_NEVER, .pmis = PTV_NEVER};
	const enum ptv_progress to = (enum ptv_progress)a->s->arg[1];
	const uint64_t pmi = wl->pmis + 1U;

	goal.branches =
		wl->branches + (to == PTV_PROGRESS_BRANCHES ? a->s->arg[0] : PROGRESS_BRANCHES);
	goal.while_alive = to == PTV_PROGRESS_TO_INT || to == PTV_PROGRESS_PAST_INT;
	goal.to_stop = to == PTV_PROGRESS_TO_STOP;
	if (goal.while_alive)
		goal.pmis = pmi;
	if (goal.to_stop && !ptv_lp_trigger_en(&wl->hw)) {
		a->result->apply = PTV_APPLY_NEVER;
		return;
	}
	ptv_machine_run(host, lp, &goal);
	if ((goal.while_alive && wl->pmis < pmi) || (goal.to_stop && ptv_lp_trigger_en(&wl->hw)))
		a->result->apply = PTV_APPLY_NEVER;
	else if (to == PTV_PROGRESS_PAST_INT)
		past_int(host, lp, &goal);
	everybody(host, lp);
}

static void idle(struct apply *a)
{
	struct ptv_world_lp *wl = &a->host->w->lp[a->s->lp];
	const struct ptv_run_goal goal = ptv_goal_cycle(wl->hw.timer.cycle + a->s->arg[0]);
	const uint8_t halted = wl->halted;

	wl->halted = 1;
	ptv_machine_run(a->host, a->s->lp, &goal);
	wl->halted = halted;
	everybody(a->host, a->s->lp);
}

static void end(struct apply *a)
{
	(void)a;
}

/* --- hardware alone --- */

/* Until hardware has nothing more to do by itself. */
static void rest(struct ptv_host *host, unsigned int lp)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const uint64_t limit = wl->hw.timer.cycle + REST_CYCLES;

	while (wl->hw.timer.cycle < limit) {
		const uint64_t at = ptv_machine_due(host, lp);

		if (at == PTV_NEVER)
			return;
		ptv_machine_coast(host, lp,
				  (at > wl->hw.timer.cycle ? at : wl->hw.timer.cycle) + 1U);
	}
}

static void hw_op(struct apply *a, enum ptv_op op, uint32_t msr, uint64_t data,
		  enum ptv_kcode block)
{
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	memset(&in, 0, sizeof(in));
	in.op = (uint8_t)op;
	in.msr = msr;
	in.data = data;
	in.ip = ptv_kcode(block)->insn;
	in.target = ptv_kcode(block)->next;
	in.cr3 = a->host->env->work.cr3;
	in.mode = PTV_EXEC_64;
	if (op == PTV_OP_VM_ENTRY) {
		in.field = a->s->arg[1];
		in.cr3 = a->host->env->work.guest_cr3;
		in.target = UINT64_C(0x7f0000);
	}
	ptv_machine_op(a->host, a->s->lp, &in, PTV_BY_WORK, &out);
	a->result->fault = (enum ptv_fault)out.fault;
	a->result->vmx = (enum ptv_vmx_result)out.vmx_result;
	a->result->reason = out.reason;
	a->result->value = out.rdata;
}

static void wrmsr(struct apply *a)
{
	hw_op(a, PTV_OP_WRMSR, (uint32_t)a->s->arg[0], a->s->arg[1], PTV_KCODE_WRMSR);
}

static void rdmsr(struct apply *a)
{
	hw_op(a, PTV_OP_RDMSR, (uint32_t)a->s->arg[0], 0, PTV_KCODE_WRMSR);
}

static void vmxon(struct apply *a)
{
	hw_op(a, PTV_OP_VMXON, 0, ptv_machine_vmxon_region(a->s->arg[0]), PTV_KCODE_VMXON);
}

static void vmxoff(struct apply *a)
{
	hw_op(a, PTV_OP_VMXOFF, 0, 0, PTV_KCODE_VMXOFF);
}

static void vmptrld(struct apply *a)
{
	hw_op(a, PTV_OP_VMPTRLD, 0, a->s->arg[0], PTV_KCODE_VMPTRLD);
}

static void vmclear(struct apply *a)
{
	hw_op(a, PTV_OP_VMCLEAR, 0, a->s->arg[0], PTV_KCODE_VMCLEAR);
}

static void vm_entry(struct apply *a)
{
	hw_op(a, PTV_OP_VM_ENTRY, 0, a->s->arg[0], PTV_KCODE_VMLAUNCH);
}

static void vm_exit(struct apply *a)
{
	hw_op(a, PTV_OP_VM_EXIT, 0, a->s->arg[0], PTV_KCODE_VMEXIT);
}

static void emit(struct apply *a)
{
	struct ptv_world_lp *wl = &a->host->w->lp[a->s->lp];
	uint64_t left = a->s->arg[0];
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	while (left > 0U && ptv_lp_trigger_en(&wl->hw)) {
		while (ptv_lp_buffered(&wl->hw) > 16U)
			ptv_machine_coast(a->host, a->s->lp, wl->hw.timer.cycle + 1U);
		in.emit = (uint16_t)(left < 16U ? left : 16U);
		left -= in.emit;
		ptv_machine_retire(a->host, a->s->lp, &in, PTV_BY_WORK);
		in.mem_ack = 0;
	}
}

static void mem_write(struct apply *a)
{
	if (!ptv_mem_write(&a->host->w->mem, a->s->arg[0], a->s->arg[1]))
		a->result->apply = PTV_APPLY_MEANINGLESS;
}

static void int_ack(struct apply *a)
{
	struct ptv_world_lp *wl = &a->host->w->lp[a->s->lp];
	struct ptv_pins_in in;

	if (!wl->nmi && !wl->irq) {
		a->result->apply = PTV_APPLY_MEANINGLESS;
		return;
	}
	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_INT;
	in.vector = wl->nmi ? PTV_INT_NMI : PTV_INT_IRQ;
	in.ip = ptv_work_ip(&wl->work);
	in.target = ptv_kcode(PTV_KCODE_NMI_ENTRY)->start;
	in.cr3 = a->host->env->work.cr3;
	in.mode = PTV_EXEC_64;
	ptv_machine_retire(a->host, a->s->lp, &in, PTV_BY_NMI);
	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_IRET;
	in.ip = ptv_kcode(PTV_KCODE_NMI_ENTRY)->start;
	in.target = ptv_work_ip(&wl->work);
	in.cr3 = a->host->env->work.cr3;
	in.cpl = (uint8_t)ptv_work_cpl(&wl->work);
	in.mode = PTV_EXEC_64;
	ptv_machine_retire(a->host, a->s->lp, &in, PTV_BY_NMI);
}

static void (*const handler[PTV_STIMULI])(struct apply *a) = {
	[PTV_STIM_ENABLE] = enable,
	[PTV_STIM_DISABLE] = disable,
	[PTV_STIM_CLOSE] = close_event,
	[PTV_STIM_SCHED_IN] = sched_in,
	[PTV_STIM_SCHED_OUT] = sched_out,
	[PTV_STIM_SWITCH_TASK] = switch_task,
	[PTV_STIM_VIRT_ON] = virt_on,
	[PTV_STIM_VIRT_OFF] = virt_off,
	[PTV_STIM_VIRT_FAIL] = virt_on,
	[PTV_STIM_VIRT_BEGIN] = virt_begin,
	[PTV_STIM_VCPU_RUN] = vcpu_run,
	[PTV_STIM_CONSUMER_READ] = consumer_read,
	[PTV_STIM_READ_TIME] = read_time,
	[PTV_STIM_PROGRESS] = progress,
	[PTV_STIM_IDLE] = idle,
	[PTV_STIM_SPURIOUS_NMI] = spurious_nmi,
	[PTV_STIM_WRMSR] = wrmsr,
	[PTV_STIM_RDMSR] = rdmsr,
	[PTV_STIM_VMXON] = vmxon,
	[PTV_STIM_VMXOFF] = vmxoff,
	[PTV_STIM_VMPTRLD] = vmptrld,
	[PTV_STIM_VMCLEAR] = vmclear,
	[PTV_STIM_VM_ENTRY] = vm_entry,
	[PTV_STIM_VM_EXIT] = vm_exit,
	[PTV_STIM_RETIRE] = progress,
	[PTV_STIM_EMIT] = emit,
	[PTV_STIM_MEM_WRITE] = mem_write,
	[PTV_STIM_INT_ACK] = int_ack,
	[PTV_STIM_END] = end,
};

void ptv_world_advance(struct ptv_world *world, const struct ptv_env *env, uint64_t cycle)
{
	struct ptv_host host = {.w = world, .env = env};
	const struct ptv_run_goal goal = ptv_goal_cycle(cycle);
	unsigned int lp;

	for (lp = 0; lp < env->lps; lp++)
		ptv_machine_run(&host, lp, &goal);
}

struct ptv_apply_result ptv_world_apply(struct ptv_world *world, const struct ptv_env *env,
					const struct ptv_stimulus *stimulus, uint32_t index)
{
	struct ptv_host host = {.w = world, .env = env};
	struct ptv_apply_result result = {.apply = PTV_APPLY_OK};
	struct apply a = {&host, stimulus, &result};
	struct ptv_world_lp *wl = &world->lp[stimulus->lp];
	uint64_t stored, pmis;

	PTV_ASSERT(stimulus->lp < env->lps && stimulus->kind < PTV_STIMULI &&
		   handler[stimulus->kind]);
	if (ptv_machine_dead(&host)) {
		result.apply = PTV_APPLY_DEAD;
		return result;
	}
	if (stimulus->at != PTV_AT_NEXT && stimulus->at > wl->hw.timer.cycle) {
		if (env->hw_alone)
			ptv_machine_coast(&host, stimulus->lp, stimulus->at);
		else
			ptv_world_advance(world, env, stimulus->at);
	}
	ptv_machine_flush_run(&host, stimulus->lp);
	ptv_machine_emit(&host, stimulus->lp, PTV_OBS_STIMULUS, PTV_BY_USER, index, stimulus->kind,
			 0);
	stored = wl->stored;
	pmis = wl->pmis;
	handler[stimulus->kind](&a);
	if (env->hw_alone && stimulus->kind != PTV_STIM_IDLE)
		rest(&host, stimulus->lp);
	result.stored = wl->stored - stored;
	result.pmis = wl->pmis - pmis;
	ptv_machine_flush_run(&host, stimulus->lp);
	ptv_machine_emit(&host, stimulus->lp, PTV_OBS_STIMULUS, PTV_BY_USER, index, stimulus->kind,
			 1);
	return result;
}

static bool settle(struct ptv_host *host)
{
	const struct ptv_env *env = host->env;
	unsigned int lp;

	host->settling = true;
	for (lp = 0; lp < env->lps; lp++)
		host->w->lp[lp].halted = 1;
	for (lp = 0; lp < env->lps; lp++) {
		struct ptv_world_lp *wl = &host->w->lp[lp];
		/* Nobody goes round in circles while the consumer has not come yet. */
		const uint64_t limit =
			wl->hw.timer.cycle + env->settle_limit + env->cpu.timing.consume;

		while (ptv_machine_restless(host, lp) && !ptv_machine_dead(host)) {
			const struct ptv_run_goal goal = ptv_goal_cycle(wl->hw.timer.cycle + 1000U);

			ptv_machine_run(host, lp, &goal);
			if (wl->hw.timer.cycle >= limit) {
				ptv_machine_emit(host, lp, PTV_OBS_SPLAT, PTV_BY_CORE,
						 PTV_SPLAT_LIVELOCK, 0, 0);
				return false;
			}
		}
		ptv_machine_flush_run(host, lp);
	}
	return true;
}

bool ptv_world_settle(struct ptv_world *world, const struct ptv_env *env, uint32_t index)
{
	struct ptv_host host = {.w = world, .env = env};
	const bool settled = settle(&host);

	ptv_machine_emit(&host, 0, PTV_OBS_SETTLED, PTV_BY_USER, index, 0, 0);
	return settled;
}

bool ptv_world_close(struct ptv_world *world, const struct ptv_env *env)
{
	struct ptv_host host = {.w = world, .env = env};
	struct ptv_stimulus s = {.at = PTV_AT_NEXT};
	struct ptv_apply_result result;
	struct apply a = {&host, &s, &result};
	bool settled;
	struct ptv_cpu cpu;
	unsigned int round, e;

	settled = settle(&host);
	for (round = 0; round < 2U && settled; round++) {
		for (e = 0; e < env->events && !ptv_machine_dead(&host); e++) {
			s.event = (uint8_t)e;
			if (round == 0U)
				disable(&a);
			else
				consumer_read(&a);
		}
		settled = settle(&host);
	}
	ptv_machine_cpu(&host, 0, PTV_BY_CORE, &cpu);
	ptv_kern_audit(&cpu);
	ptv_machine_emit(&host, 0, PTV_OBS_CLOSED, PTV_BY_USER, 0, 0, 0);
	return settled;
}

static int boot(struct ptv_host *host)
{
	const struct ptv_env *env = host->env;
	struct ptv_world *w = host->w;
	unsigned int i;
	int err = 0;

	ptv_kern_init(&w->kern, &env->kern);
	/* All are in the kernel: none retires a branch of its workload while another one boots. */
	for (i = 0; i < env->lps; i++)
		w->lp[i].kcode_ip = ptv_kcode(PTV_KCODE_IRQ_ENTRY)->jump;
	for (i = 0; i < env->lps; i++) {
		struct ptv_cpu cpu;

		ptv_machine_cpu(host, i, PTV_BY_CORE, &cpu);
		ptv_kern_boot(&cpu);
		ptv_machine_settle(&cpu);
	}
	for (i = 0; i < env->events && err == 0; i++) {
		struct ptv_cpu cpu;

		ptv_machine_cpu(host, env->event[i].lp, PTV_BY_CORE, &cpu);
		err = ptv_kern_open(&cpu, i, &env->event[i]);
		ptv_machine_settle(&cpu);
	}
	return err;
}

/* LPs walk differently through the same program. */
static void start_work(const struct ptv_env *env, struct ptv_world_lp *wl, unsigned int lp)
{
	struct ptv_work_cfg cfg = env->work;

	cfg.seed += lp;
	ptv_work_init(&cfg, &wl->work, 0);
}

int ptv_world_init(struct ptv_world *world, const struct ptv_env *env)
{
	struct ptv_host host = {.w = world, .env = env, .booting = true};
	unsigned int i;
	int err = 0;

	PTV_ASSERT(env->lps >= 1U && env->lps <= PTV_MAX_LPS && env->events <= PTV_MAX_EVENTS);
	memset(world, 0, offsetof(struct ptv_world, lp) + (size_t)env->lps * sizeof(world->lp[0]));
	for (i = 0; i < PTV_MAX_EVENTS; i++)
		world->consume_at[i] = PTV_NEVER;
	for (i = 0; i < env->lps; i++) {
		struct ptv_world_lp *wl = &world->lp[i];

		ptv_lp_init(&env->cpu, &wl->hw, i);
		wl->irqs_on = 1;
		wl->preempt_on = 1;
		wl->irq_work_at = PTV_NEVER;
	}
	for (i = 0; i < env->lps; i++)
		ptv_machine_emit(&host, i, PTV_OBS_LP_INFO, PTV_BY_HW, env->cpu.caps.vmx_misc_pt,
				 env->lps, 0);
	if (!env->hw_alone) {
		world->busy = 1;
		err = boot(&host);
		world->busy = 0;
	}
	/* The timeline begins at cycle 0, whatever booting took. */
	for (i = 0; i < env->lps; i++) {
		struct ptv_world_lp *wl = &world->lp[i];

		PTV_ASSERT(ptv_lp_next_event(&env->cpu, &wl->hw) == PTV_NEVER);
		PTV_ASSERT(wl->branches == 0U && wl->run_count == 0U);
		ptv_lp_rebase(&wl->hw);
		wl->kcode_ip = 0;
		wl->irqs_on = 1;
		start_work(env, wl, i);
	}
	return err;
}
