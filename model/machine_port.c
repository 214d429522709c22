/* SPDX-License-Identifier: MIT */
/*
 * The machine as kernel code meets it: the port's operations, points, interrupts, and the way into
 * kernel code and back.
 *
 * Kernel code as a decoder sees it. The workload is interrupted (an interrupt's FUP and TIP),
 * kernel code then goes from block to block by indirect jumps: one block for each instruction that
 * matters to PT (spec/code.def), whatever the C code does between them; in the end it goes to the
 * IRET block and back. So a traced stay in the kernel can be followed from the bytes alone,
 * wherever tracing went off or on in between.
 *
 * Points. At a point a raised and unblocked interrupt may be taken: by the clock if its latencies
 * have passed, or as env.player says. The handler runs nested, on the same C stack, to its end.
 */
#include "machine.h"

#include <string.h>

#define MSR_RTIT_CTL 0x570U
#define VMXON_REGION UINT64_C(0x38000000)

static struct ptv_host *host_of(struct ptv_cpu *cpu)
{
	return cpu->world;
}

void ptv_machine_sync(struct ptv_host *host, unsigned int lp)
{
	const struct ptv_run_goal goal = ptv_goal_cycle(host->w->lp[lp].hw.timer.cycle);
	unsigned int other;

	for (other = 0; other < host->env->lps; other++) {
		if (other == lp)
			continue;
		/* Kernel code that waits there for this one (an IPI's sender) retires nothing. */
		if (host->w->lp[other].kcode_ip != 0U)
			ptv_machine_coast(host, other, goal.until);
		else
			ptv_machine_run(host, other, &goal);
	}
}

void ptv_machine_goto(struct ptv_host *host, unsigned int lp, enum ptv_kcode block, enum ptv_by by)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const struct ptv_kcode_place *place = ptv_kcode(block);
	struct ptv_pins_in in;

	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_JMP_IND;
	in.ip = wl->kcode_ip;
	in.target = place->start;
	in.cr3 = host->env->work.cr3;
	in.mode = PTV_EXEC_64;
	ptv_machine_unstall(host, lp);
	if (by == PTV_BY_KVM) {
		ptv_machine_count(host, lp, PTV_SCOPE_KVM, ptv_machine_traced(host, lp),
				  (wl->scope_mask & 1U) != 0U);
		ptv_machine_flush_run(host, lp);
	}
	ptv_machine_retire(host, lp, &in, by);
	wl->kcode_ip = place->jump;
}

void ptv_machine_enter(struct ptv_host *host, unsigned int lp, enum ptv_int vector,
		       struct ptv_kframe *frame)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const enum ptv_kcode entry = vector == PTV_INT_NMI ? PTV_KCODE_NMI_ENTRY
							   : PTV_KCODE_IRQ_ENTRY;
	struct ptv_pins_in in;

	ptv_machine_flush_run(host, lp);
	frame->ip = wl->kcode_ip ? wl->kcode_ip : ptv_work_ip(&wl->work);
	frame->cpl = wl->kcode_ip ? 0U : (uint8_t)ptv_work_cpl(&wl->work);
	frame->kcode_ip = wl->kcode_ip;
	frame->busy = host->w->busy;
	frame->irqs_on = wl->irqs_on;
	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_INT;
	in.vector = (uint8_t)vector;
	in.ip = frame->ip;
	in.target = ptv_kcode(entry)->start;
	in.cr3 = host->env->work.cr3;
	in.mode = PTV_EXEC_64;
	ptv_machine_retire(host, lp, &in, vector == PTV_INT_NMI ? PTV_BY_NMI : PTV_BY_CORE);
	wl->kcode_ip = ptv_kcode(entry)->jump;
	wl->irqs_on = 0;
	host->w->busy = (uint8_t)(lp + 1U);
	if (vector != PTV_INT_NONE)
		ptv_machine_emit(host, lp, PTV_OBS_INT_ENTER,
				 vector == PTV_INT_NMI ? PTV_BY_NMI : PTV_BY_CORE, vector, 0, 0);
}

/* Kernel state has changed: what is counted running here, and who has been woken. */
static void refresh(struct ptv_host *host, unsigned int lp)
{
	struct ptv_world *w = host->w;
	const struct ptv_env *env = host->env;
	unsigned int i;

	for (i = 0; i < env->lps; i++) {
		const uint8_t mask = (uint8_t)((ptv_kern_event_scope(&w->kern, i, 0) ? 1U : 0U) |
					       (ptv_kern_event_scope(&w->kern, i, 3) ? 2U : 0U));

		if (mask != w->lp[i].scope_mask)
			ptv_machine_flush_run(host, i);
		w->lp[i].scope_mask = mask;
	}
	if (env->consumer != PTV_CONSUMER_WAKE)
		return;
	for (i = 0; i < env->events; i++) {
		if (w->consume_at[i] == PTV_NEVER && ptv_kern_wakeup_pending(&w->kern, i))
			w->consume_at[i] = w->lp[lp].hw.timer.cycle + env->cpu.timing.consume;
	}
}

void ptv_machine_leave(struct ptv_cpu *cpu, enum ptv_int vector, const struct ptv_kframe *frame)
{
	struct ptv_host *host = host_of(cpu);
	const unsigned int lp = cpu->lp;
	struct ptv_world_lp *wl = &host->w->lp[lp];
	const enum ptv_by by = vector == PTV_INT_NMI ? PTV_BY_NMI : PTV_BY_CORE;
	struct ptv_pins_in in;

	ptv_machine_settle(cpu);
	if (ptv_machine_dead(host))
		return;
	if (vector != PTV_INT_NONE)
		ptv_machine_emit(host, lp, PTV_OBS_INT_EXIT, by, vector, 0, 0);
	ptv_machine_goto(host, lp, PTV_KCODE_IRET, by);
	memset(&in, 0, sizeof(in));
	in.retire = PTV_RETIRE_IRET;
	in.ip = wl->kcode_ip;
	in.target = frame->ip;
	in.cr3 = host->env->work.cr3;
	in.cpl = frame->cpl;
	in.mode = PTV_EXEC_64;
	ptv_machine_retire(host, lp, &in, by);
	wl->kcode_ip = frame->kcode_ip;
	wl->irqs_on = frame->irqs_on;
	host->w->busy = frame->busy;
	refresh(host, lp);
}

void ptv_machine_take_nmi(struct ptv_host *host, unsigned int lp, bool again)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	struct ptv_kframe frame;
	struct ptv_cpu cpu;

	if (!wl->nmi && !(host->w->spurious & (1U << lp)))
		ptv_lp_nmi_expedite(&wl->hw);
	host->w->spurious &= (uint8_t) ~(1U << lp);
	ptv_machine_cpu(host, lp, PTV_BY_NMI, &cpu);
	cpu.in_nmi = 1;
	cpu.nmi_again = again ? 1U : 0U;
	ptv_machine_enter(host, lp, PTV_INT_NMI, &frame);
	ptv_kern_nmi(&cpu);
	ptv_machine_leave(&cpu, PTV_INT_NMI, &frame);
}

static void take_irq_work(struct ptv_host *host, unsigned int lp)
{
	struct ptv_kframe frame;
	struct ptv_cpu cpu;

	host->w->lp[lp].irq_work_at = PTV_NEVER;
	ptv_machine_cpu(host, lp, PTV_BY_CORE, &cpu);
	cpu.in_irq = 1;
	ptv_machine_enter(host, lp, PTV_INT_IRQ, &frame);
	ptv_kern_irq_work(&cpu);
	ptv_machine_leave(&cpu, PTV_INT_IRQ, &frame);
}

/* Asks whether an interrupt that has been raised is taken here. due: its latencies have passed. */
static bool deliver_here(struct ptv_host *host, unsigned int lp, enum ptv_int vector,
			 const char *label, enum ptv_side side, bool due)
{
	const struct ptv_player *player = &host->env->player;
	struct ptv_decision decision;
	uint32_t choice;

	if (!player->decide || host->settling)
		return due;
	decision.kind = PTV_DECIDE_DELIVER;
	decision.label = label;
	decision.side = side;
	decision.lp = (uint8_t)lp;
	decision.vector = (uint8_t)vector;
	decision.n = 2;
	decision.dflt = due ? 1U : 0U;
	choice = player->decide(player->ctx, &decision);
	PTV_ASSERT(choice < 2U);
	if (choice != decision.dflt)
		ptv_machine_emit(host, lp, PTV_OBS_DECISION, PTV_BY_HW, decision.kind, choice, 0);
	return choice == 1U;
}

/* Whether one was taken. */
static bool point_interrupts(struct ptv_host *host, unsigned int lp, const char *label,
			     enum ptv_side side)
{
	struct ptv_world_lp *wl = &host->w->lp[lp];
	bool again = false;
	unsigned int guard;

	for (guard = 0; guard < 1000U && !ptv_machine_dead(host); guard++) {
		const bool spurious = (host->w->spurious & (1U << lp)) != 0U;
		const bool due = wl->nmi || spurious;

		if ((due || ptv_lp_nmi_raised(&wl->hw)) && !ptv_lp_nmi_blocked(&wl->hw) &&
		    deliver_here(host, lp, PTV_INT_NMI, label, side, due)) {
			ptv_machine_take_nmi(host, lp, again);
			again = true;
			continue;
		}
		if (wl->irqs_on && !ptv_lp_nmi_blocked(&wl->hw) && wl->irq_work_at != PTV_NEVER &&
		    deliver_here(host, lp, PTV_INT_IRQ, label, side,
				 wl->irq_work_at <= wl->hw.timer.cycle)) {
			take_irq_work(host, lp);
			again = false;
			continue;
		}
		return guard > 0U;
	}
	return true;
}

void ptv_machine_interrupts(struct ptv_host *host, unsigned int lp)
{
	struct ptv_world *w = host->w;
	const uint64_t now = w->lp[lp].hw.timer.cycle;
	unsigned int e;

	if (w->busy || host->env->hw_alone)
		return;
	if (w->lp[lp].nmi || w->spurious || w->lp[lp].irq_work_at != PTV_NEVER ||
	    host->env->player.decide)
		(void)point_interrupts(host, lp, "work", PTV_BEFORE);
	for (e = 0; e < host->env->events; e++) {
		struct ptv_cpu cpu;

		if (w->consume_at[e] > now)
			continue;
		w->consume_at[e] = PTV_NEVER;
		ptv_machine_cpu(host, lp, PTV_BY_USER, &cpu);
		ptv_machine_flush_run(host, lp);
		ptv_kern_consume(&cpu, e, UINT64_MAX);
	}
}

/* --- operations --- */

uint64_t ptv_machine_vmxon_region(uint64_t bad)
{
	return VMXON_REGION | (bad ? 1U : 0U); /* a pointer that is not 4 KiB aligned: VMfailInvalid
						*/
}

void ptv_machine_settle(struct ptv_cpu *cpu)
{
	struct ptv_host *host = host_of(cpu);
	const int32_t left = cpu->calm > 0 ? cpu->calm : 0;

	if (cpu->calm_given > left && !ptv_machine_dead(host))
		host->w->lp[cpu->lp].hw.timer.cycle +=
			(uint64_t)(cpu->calm_given - left) * host->env->cpu.timing.kpoint;
	cpu->calm = left;
	cpu->calm_given = left;
}

/* Every point is to be called until one has been. */
static void no_calm(struct ptv_cpu *cpu)
{
	if (cpu->calm_given > 0)
		ptv_machine_settle(cpu);
	cpu->calm = 0;
	cpu->calm_given = 0;
}

/* The points to come before hardware does anything by itself, unless they may all be wanted. */
static int32_t calm_until(const struct ptv_host *host, unsigned int lp, uint64_t cycle)
{
	const struct ptv_world_lp *wl = &host->w->lp[lp];
	const uint32_t kpoint = host->env->cpu.timing.kpoint;
	uint64_t points;

	if (host->env->lps > 1U || host->env->player.pass || host->env->player.decide || wl->nmi ||
	    host->w->spurious || ptv_lp_nmi_raised(&wl->hw) || wl->irq_work_at != PTV_NEVER)
		return 0;
	points = kpoint ? (cycle - wl->hw.timer.cycle) / kpoint : INT32_MAX;
	return points < INT32_MAX ? (int32_t)points : INT32_MAX;
}

static bool pass(struct ptv_host *host, unsigned int lp, const char *label, enum ptv_side side)
{
	const struct ptv_player *player = &host->env->player;

	if (player->pass && !host->settling)
		player->pass(player->ctx, label, side, lp);
	return point_interrupts(host, lp, label, side);
}

static void port_point(struct ptv_cpu *cpu, const char *label, enum ptv_side side)
{
	struct ptv_host *host = host_of(cpu);
	uint64_t still;

	no_calm(cpu);
	if (ptv_machine_dead(host))
		return;
	if (side == PTV_AFTER) {
		(void)pass(host, cpu->lp, label, side);
		return;
	}
	still = ptv_machine_coast(
		host, cpu->lp, host->w->lp[cpu->lp].hw.timer.cycle + host->env->cpu.timing.kpoint);
	ptv_machine_sync(host, cpu->lp);
	if (pass(host, cpu->lp, label, side) || ptv_machine_dead(host))
		return;
	cpu->calm = calm_until(host, cpu->lp, still);
	cpu->calm_given = cpu->calm;
}

static void port_between(struct ptv_cpu *cpu, const char *after, const char *before)
{
	if (after)
		port_point(cpu, after, PTV_AFTER);
	port_point(cpu, before, PTV_BEFORE);
}

/* An op of kernel code at the special instruction of a block. */
static void kernel_op(struct ptv_cpu *cpu, enum ptv_kcode block, struct ptv_pins_in *in,
		      struct ptv_pins_out *out)
{
	const struct ptv_kcode_place *place = ptv_kcode(block);

	no_calm(cpu);
	in->ip = place->insn;
	in->target = place->next;
	in->cr3 = host_of(cpu)->env->work.cr3;
	in->mode = PTV_EXEC_64;
	ptv_machine_op(host_of(cpu), cpu->lp, in, (enum ptv_by)cpu->by, out);
	ptv_machine_sync(host_of(cpu), cpu->lp);
}

static struct ptv_msr_result port_rdmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr)
{
	struct ptv_msr_result result = {0, PTV_FAULT_NONE};
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	port_point(cpu, label, PTV_BEFORE);
	if (ptv_machine_dead(host_of(cpu)))
		return result;
	memset(&in, 0, sizeof(in));
	in.op = PTV_OP_RDMSR;
	in.msr = msr;
	kernel_op(cpu, PTV_KCODE_WRMSR, &in, &out);
	result.value = out.rdata;
	result.fault = (enum ptv_fault)out.fault;
	if (result.fault != PTV_FAULT_NONE)
		ptv_kern_fault(cpu, msr, false);
	port_point(cpu, label, PTV_AFTER);
	return result;
}

static enum ptv_fault port_wrmsr(struct ptv_cpu *cpu, const char *label, uint32_t msr,
				 uint64_t value, bool safe)
{
	struct ptv_host *host = host_of(cpu);
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	port_point(cpu, label, PTV_BEFORE);
	if (ptv_machine_dead(host))
		return PTV_FAULT_NONE;
	/* Only a write of RTIT_CTL can make packets at its own IP: the others need no followable
	 * way there. */
	if (msr == MSR_RTIT_CTL)
		ptv_machine_goto(host, cpu->lp, PTV_KCODE_WRMSR, (enum ptv_by)cpu->by);
	memset(&in, 0, sizeof(in));
	in.op = PTV_OP_WRMSR;
	in.msr = msr;
	in.data = value;
	host->msr_safe = safe ? 1U : 0U;
	kernel_op(cpu, PTV_KCODE_WRMSR, &in, &out);
	host->msr_safe = 0;
	if (out.fault != PTV_FAULT_NONE && !safe)
		ptv_kern_fault(cpu, msr, true);
	port_point(cpu, label, PTV_AFTER);
	return (enum ptv_fault)out.fault;
}

static struct ptv_vmx_outcome port_vmx(struct ptv_cpu *cpu, const char *label, enum ptv_vmx_op op,
				       uint64_t operand)
{
	static const struct {
		uint8_t op, block;
	} row[] = {
		[PTV_VMX_OP_ON] = {PTV_OP_VMXON, PTV_KCODE_VMXON},
		[PTV_VMX_OP_OFF] = {PTV_OP_VMXOFF, PTV_KCODE_VMXOFF},
		[PTV_VMX_OP_PTRLD] = {PTV_OP_VMPTRLD, PTV_KCODE_VMPTRLD},
		[PTV_VMX_OP_CLEAR] = {PTV_OP_VMCLEAR, PTV_KCODE_VMCLEAR},
	};
	struct ptv_vmx_outcome outcome = {PTV_VMX_SUCCEED, 0};
	struct ptv_host *host = host_of(cpu);
	struct ptv_pins_in in;
	struct ptv_pins_out out;

	port_point(cpu, label, PTV_BEFORE);
	if (ptv_machine_dead(host))
		return outcome;
	if (op == PTV_VMX_OP_LAUNCH) {
		no_calm(cpu);
		outcome = ptv_machine_guest(cpu, operand);
	} else {
		ptv_machine_goto(host, cpu->lp, (enum ptv_kcode)row[op].block,
				 (enum ptv_by)cpu->by);
		memset(&in, 0, sizeof(in));
		in.op = row[op].op;
		in.data = op == PTV_VMX_OP_ON ? ptv_machine_vmxon_region(operand) : operand;
		kernel_op(cpu, (enum ptv_kcode)row[op].block, &in, &out);
		outcome.result = (enum ptv_vmx_result)out.vmx_result;
		outcome.reason = out.reason;
	}
	port_point(cpu, label, PTV_AFTER);
	return outcome;
}

static bool port_irqs_set(struct ptv_cpu *cpu, bool enabled)
{
	struct ptv_world_lp *wl = &host_of(cpu)->w->lp[cpu->lp];
	const bool before = wl->irqs_on != 0U;

	wl->irqs_on = enabled ? 1U : 0U;
	return before;
}

static bool port_preempt_set(struct ptv_cpu *cpu, bool enabled)
{
	struct ptv_world_lp *wl = &host_of(cpu)->w->lp[cpu->lp];
	const bool before = wl->preempt_on != 0U;

	wl->preempt_on = enabled ? 1U : 0U;
	return before;
}

static uint64_t port_mem_read64(struct ptv_cpu *cpu, uint64_t address)
{
	return ptv_mem_read(&host_of(cpu)->w->mem, address);
}

static bool port_mem_write64(struct ptv_cpu *cpu, uint64_t address, uint64_t value)
{
	return ptv_mem_write(&host_of(cpu)->w->mem, address, value);
}

static void port_mem_fill(struct ptv_cpu *cpu, unsigned int event, uint64_t ring_offset,
			  uint64_t size, enum ptv_sw_store what)
{
	struct ptv_host *host = host_of(cpu);

	ptv_machine_settle(cpu);
	if (ptv_machine_dead(host) || size == 0U)
		return;
	ptv_machine_emit(host, cpu->lp, PTV_OBS_SW_STORE, (enum ptv_by)cpu->by, what, size,
			 ptv_place(event, ring_offset));
	if (host->env->want_bytes && host->env->store)
		host->env->store(host->env->store_ctx, cpu->lp, ptv_place(event, ring_offset), 0,
				 NULL, (size_t)size);
}

static void port_fence(struct ptv_cpu *cpu)
{
	(void)cpu; /* stores of the LP are in order here; global visibility (HW-060) is not modelled
		    */
}

static uint64_t port_now(struct ptv_cpu *cpu)
{
	ptv_machine_settle(cpu);
	return host_of(cpu)->w->lp[cpu->lp].hw.timer.cycle;
}

static void port_spend(struct ptv_cpu *cpu, uint32_t cycles)
{
	struct ptv_host *host = host_of(cpu);

	no_calm(cpu);
	if (ptv_machine_dead(host))
		return;
	ptv_machine_coast(host, cpu->lp, host->w->lp[cpu->lp].hw.timer.cycle + cycles);
	ptv_machine_sync(host, cpu->lp);
}

static void port_observe(struct ptv_cpu *cpu, enum ptv_obs_kind kind, uint64_t a, uint64_t b,
			 uint64_t c)
{
	struct ptv_host *host = host_of(cpu);

	ptv_machine_settle(cpu);
	if (ptv_machine_dead(host) && kind != PTV_OBS_SPLAT)
		return;
	ptv_machine_flush_run(host, cpu->lp);
	ptv_machine_emit(host, cpu->lp, kind, (enum ptv_by)cpu->by, a, b, c);
}

static void port_ipi(struct ptv_cpu *cpu, unsigned int lp,
		     void (*fn)(struct ptv_cpu *cpu, uint64_t arg), uint64_t arg)
{
	struct ptv_host *host = host_of(cpu);
	struct ptv_kframe frame;
	struct ptv_cpu there;

	no_calm(cpu);
	if (ptv_machine_dead(host))
		return;
	if (lp == cpu->lp) {
		const bool irqs = port_irqs_set(cpu, false);

		there = *cpu;
		there.in_irq = 1;
		fn(&there, arg);
		ptv_machine_settle(&there);
		port_irqs_set(cpu, irqs);
		return;
	}
	port_spend(cpu, host->env->cpu.timing.ipi);
	ptv_machine_cpu(host, lp, (enum ptv_by)cpu->by, &there);
	there.in_irq = 1;
	ptv_machine_enter(host, lp, PTV_INT_IPI, &frame);
	fn(&there, arg);
	ptv_machine_leave(&there, PTV_INT_IPI, &frame);
	ptv_machine_coast(host, cpu->lp, host->w->lp[lp].hw.timer.cycle);
}

static void port_irq_work(struct ptv_cpu *cpu)
{
	struct ptv_host *host = host_of(cpu);
	struct ptv_world_lp *wl = &host->w->lp[cpu->lp];

	no_calm(cpu);
	if (wl->irq_work_at == PTV_NEVER)
		wl->irq_work_at = wl->hw.timer.cycle + host->env->cpu.timing.irq_work;
}

static const struct ptv_port_ops port_ops = {
	.rdmsr = port_rdmsr,
	.wrmsr = port_wrmsr,
	.vmx = port_vmx,
	.irqs_set = port_irqs_set,
	.preempt_set = port_preempt_set,
	.mem_read64 = port_mem_read64,
	.mem_write64 = port_mem_write64,
	.mem_fill = port_mem_fill,
	.fence = port_fence,
	.now = port_now,
	.point = port_point,
	.spend = port_spend,
	.observe = port_observe,
	.ipi = port_ipi,
	.irq_work = port_irq_work,
	.between = port_between,
};

void ptv_machine_cpu(struct ptv_host *host, unsigned int lp, enum ptv_by by, struct ptv_cpu *cpu)
{
	memset(cpu, 0, sizeof(*cpu));
	cpu->port = &port_ops;
	cpu->kernel = ptv_kern_ops();
	cpu->caps = &host->env->pt_caps;
	cpu->kern = &host->w->kern;
	cpu->kern_cfg = &host->env->kern;
	cpu->world = host;
	cpu->driver_row = host->env->driver_row;
	cpu->lp = (uint8_t)lp;
	cpu->by = (uint8_t)by;
}
