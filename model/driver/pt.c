/* SPDX-License-Identifier: MIT */
/*
 * The Intel PT driver: one skeleton for the generations from "Don't die on VMXON" (1c5ac21a0e9b,
 * v4.6) to "Handle VMX better" (ee368428aac9, v4.12) and for what was proposed in between. Where
 * they differ the skeleton asks its row (spec/driver_slots.def); the rest is pt.c as it stands.
 *
 * What it does. Output goes to the AUX area in transactions: begin reserves room, hardware fills
 * it, end reports it to the consumer. From start to stop a transaction is open; the PMI that
 * hardware raises at a full region ends it and begins the next. hw.config holds the RTIT_CTL value
 * that the driver last meant to write, TraceEn included: registers are not read back.
 *
 * What VMX does to it. Where IA32_VMX_MISC[14]=0, VMXON clears TraceEn, and a write of RTIT_CTL
 * that sets it faults until VMXOFF. KVM tells the driver before the one and after the other.
 *
 * Who interrupts whom. add, del, start, stop run with interrupts off, but the PMI is an NMI: it
 * finds the driver anywhere between two accesses. handle_nmi says that it may touch the event;
 * each access to what both touch is a point (ptv/port.h).
 *
 * Sources: pt.c of v4.8 and v4.18 (the latter is ee368428aac9 in what follows).
 */
#include "pt.h"

#include "rules.h"

/* attr.config: bits that a user may set. Bit 0 stands for "BranchEn is mine to set". */
#define CONFIG_PASSTHROUGH PTV_CTL_TRACE_EN
#define CONFIG_CYC_PSB	   (PTV_CTL_CYC_EN | UINT64_C(0xf) << 19 | UINT64_C(0xf) << 24)
#define CONFIG_MTC	   (PTV_CTL_MTC_EN | UINT64_C(0xf) << 14)
#define CONFIG_MASK                                                                   \
	(PTV_CTL_TSC_EN | PTV_CTL_DIS_RETC | PTV_CTL_BRANCH_EN | CONFIG_PASSTHROUGH | \
	 CONFIG_CYC_PSB | CONFIG_MTC)

void ptv_pt_boot(struct ptv_cpu *cpu)
{
	ptv_pt_ctx(cpu)->handle.event = PTV_NO_EVENT;
}

static bool pt_event_valid(const struct ptv_cpu *cpu, uint64_t config)
{
	if (config & ~CONFIG_MASK)
		return false;
	if ((config & CONFIG_CYC_PSB) && !cpu->caps->psb_cyc)
		return false;
	if ((config & CONFIG_MTC) && !cpu->caps->mtc)
		return false;
	/* BranchEn is always set unless the user has said that he does it. */
	return !(config & PTV_CTL_BRANCH_EN) || (config & CONFIG_PASSTHROUGH);
}

int ptv_pt_event_init(struct ptv_cpu *cpu, unsigned int event)
{
	return pt_event_valid(cpu, ptv_pt_hw(cpu, event)->attr_config) ? 0 : -PTV_EINVAL;
}

/* --- configuration --- */

uint64_t ptv_pt_ctl(const struct ptv_hw_event *hw)
{
	uint64_t reg = PTV_CTL_TOPA | PTV_CTL_TRACE_EN;

	if (!(hw->attr_config & CONFIG_PASSTHROUGH))
		reg |= PTV_CTL_BRANCH_EN;
	if (!hw->exclude_kernel)
		reg |= PTV_CTL_OS;
	if (!hw->exclude_user)
		reg |= PTV_CTL_USER;
	return reg | (hw->attr_config & CONFIG_MASK);
}

/* The first start of an event clears STATUS, in particular its count of bytes since PSB. */
static bool pt_first_start(struct ptv_cpu *cpu, unsigned int event, struct ptv_hw_event *hw)
{
	switch ((enum ptv_first_start)ptv_rule(cpu, PTV_SLOT_FIRST_START)) {
	case PTV_FIRST_START_UNSET:
		break;
	case PTV_FIRST_START_ITRACE_STARTED:
		if (hw->itrace_started)
			return false;
		hw->itrace_started = 1;
		return true;
	case PTV_FIRST_START_CONFIG_ZERO:
		if (PTV_READ(cpu, "config", "hw.config", hw->config))
			return false;
		cpu->kernel->itrace_started(cpu, event);
		return true;
	}
	return false;
}

static void pt_config(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event)
{
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);
	const bool silent = ptv_rule(cpu, PTV_SLOT_CTL_IN_VMX) != PTV_CTL_IN_VMX_WRITE;
	const bool mark = ptv_rule(cpu, PTV_SLOT_GAP_MARK) == PTV_GAP_MARK_PARTIAL;
	const uint64_t reg = ptv_pt_ctl(hw);
	bool in_vmx;

	if (pt_first_start(cpu, event, hw))
		(void)cpu->port->wrmsr(cpu, "config.w.RTIT_STATUS", PTV_MSR_RTIT_STATUS, 0, false);

	PTV_WRITE(cpu, "config", "hw.config", hw->config, reg);
	in_vmx = (silent || mark) && PTV_READ(cpu, "config", "vmx_on", pt->vmx_on);
	if (in_vmx && mark)
		cpu->kernel->aux_flag(cpu, &pt->handle, PTV_AUX_FLAG_PARTIAL);
	if (!(in_vmx && silent))
		(void)cpu->port->wrmsr(cpu, "config.w.RTIT_CTL", PTV_MSR_RTIT_CTL, reg, false);
}

static void pt_config_stop(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event)
{
	const enum ptv_ctl_in_vmx rule = (enum ptv_ctl_in_vmx)ptv_rule(cpu, PTV_SLOT_CTL_IN_VMX);
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);
	uint64_t ctl = PTV_READ(cpu, "config_stop", "hw.config", hw->config);
	bool in_vmx;

	/* may be stopped already, by a PMI or by what notify_on=forget does */
	if (!(ctl & PTV_CTL_TRACE_EN))
		return;

	ctl &= ~PTV_CTL_TRACE_EN;
	in_vmx = rule != PTV_CTL_IN_VMX_WRITE && PTV_READ(cpu, "config_stop", "vmx_on", pt->vmx_on);
	if (in_vmx && rule == PTV_CTL_IN_VMX_FREEZE)
		return;
	if (!in_vmx)
		(void)cpu->port->wrmsr(cpu, "config_stop.w.RTIT_CTL", PTV_MSR_RTIT_CTL, ctl, false);
	PTV_WRITE(cpu, "config_stop", "hw.config", hw->config, ctl);

	/* The WRMSR flushes; the fence lets others see the data before they see aux_head. */
	cpu->port->fence(cpu);
}

static int pt_reset_markers(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event)
{
	return ptv_pt_buffer_reset_markers(cpu, pt, event,
					   ptv_rule(cpu, PTV_SLOT_STOP_INT) == PTV_STOP_INT_WITH);
}

static void pt_output_end(struct ptv_cpu *cpu, struct ptv_pt *pt, struct ptv_pt_buffer *buf)
{
	const uint64_t size = buf->data_size;

	buf->data_size = 0;
	cpu->kernel->aux_end(cpu, &pt->handle, size);
}

/* --- interrupt --- */

/* What the row does with a PMI in VMX; true if the handler is to leave at once. */
static bool pt_interrupt_in_vmx(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	switch ((enum ptv_pmi_in_vmx)ptv_rule(cpu, PTV_SLOT_PMI_IN_VMX)) {
	case PTV_PMI_IN_VMX_DROP:
		return PTV_READ(cpu, "pmi", "vmx_on", pt->vmx_on);
	case PTV_PMI_IN_VMX_LATCH:
		if (!PTV_READ(cpu, "pmi", "vmx_on", pt->vmx_on))
			return false;
		PTV_WRITE(cpu, "pmi", "pmi_pending", pt->pmi_pending, 1);
		return true;
	case PTV_PMI_IN_VMX_UNSET:
	case PTV_PMI_IN_VMX_HALF:
	case PTV_PMI_IN_VMX_FULL:
		break;
	}
	return false;
}

/* Whether notify(0) wants to know of an event whose PMI was handled by half. */
static bool pt_remembers_half(const struct ptv_cpu *cpu)
{
	const unsigned int rule = ptv_rule(cpu, PTV_SLOT_NOTIFY_OFF);

	return ptv_rule(cpu, PTV_SLOT_PMI_IN_VMX) == PTV_PMI_IN_VMX_HALF &&
	       (rule == PTV_NOTIFY_OFF_RESTART || rule == PTV_NOTIFY_OFF_STOP_START);
}

/* Second half of the PMI: a new transaction, unless the event has been stopped meanwhile. */
static void pt_interrupt_restart(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event)
{
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);

	if (PTV_READ(cpu, "pmi", "hw.state", hw->state))
		return;
	if (!cpu->kernel->aux_begin(cpu, &pt->handle, event)) {
		PTV_WRITE(cpu, "pmi", "hw.state", hw->state, PTV_HES_STOPPED);
		return;
	}
	ptv_pt_buffer_reset_offsets(cpu, pt, event);
	/* In snapshot mode too: there is no room to look at, so that it fails unless the position
	 * is at the end of a region. Linux relies on snapshots not having PMIs. */
	if (pt_reset_markers(cpu, pt, event)) {
		cpu->kernel->aux_end(cpu, &pt->handle, 0);
		return;
	}
	ptv_pt_config_buffer(cpu, ptv_pt_buffer(cpu, event));
	pt_config(cpu, pt, event);
}

void ptv_intel_pt_interrupt(struct ptv_cpu *cpu)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	const unsigned int event =
		(unsigned int)PTV_READ(cpu, "pmi", "handle.event", pt->handle.event);
	struct ptv_pt_buffer *buf;

	/* A PMI may come when stop has already run: it must not turn the event on again. */
	if (!PTV_READ(cpu, "pmi", "handle_nmi", pt->handle_nmi))
		return;
	if (pt_interrupt_in_vmx(cpu, pt))
		return;
	if (event == PTV_NO_EVENT)
		return;

	pt_config_stop(cpu, pt, event);
	buf = ptv_perf_get_aux(cpu, pt);
	if (!buf)
		return;
	ptv_pt_read_offset(cpu, buf);
	ptv_pt_handle_status(cpu, pt);
	ptv_pt_update_head(cpu, pt);
	pt_output_end(cpu, pt, buf);

	if (ptv_rule(cpu, PTV_SLOT_PMI_IN_VMX) == PTV_PMI_IN_VMX_HALF &&
	    PTV_READ(cpu, "pmi", "vmx_on", pt->vmx_on)) {
		if (pt_remembers_half(cpu))
			PTV_WRITE(cpu, "pmi", "half", pt->half, event + 1U);
		return;
	}
	pt_interrupt_restart(cpu, pt, event);
}

/* --- VMX --- */

/* vmx_on is what the driver believes; whoever watches hears of it as it changes. */
static void pt_set_vmx_on(struct ptv_cpu *cpu, struct ptv_pt *pt, bool on)
{
	cpu->port->point(cpu, "notify.w.vmx_on", PTV_BEFORE);
	pt->vmx_on = on ? 1U : 0U;
	cpu->kernel->belief(cpu, on);
	cpu->port->point(cpu, "notify.w.vmx_on", PTV_AFTER);
}

static unsigned int pt_open_event(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	return (unsigned int)PTV_READ(cpu, "notify", "handle.event", pt->handle.event);
}

static bool pt_marks_gap(const struct ptv_cpu *cpu)
{
	return ptv_rule(cpu, PTV_SLOT_GAP_MARK) == PTV_GAP_MARK_PARTIAL;
}

static void pt_handle_vmx_on(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	const bool forget = ptv_rule(cpu, PTV_SLOT_NOTIFY_ON) == PTV_NOTIFY_ON_FORGET;
	unsigned int event;

	if (!forget && !pt_marks_gap(cpu))
		return;
	event = pt_open_event(cpu, pt);
	if (event == PTV_NO_EVENT)
		return;
	if (pt_marks_gap(cpu))
		cpu->kernel->aux_flag(cpu, &pt->handle, PTV_AUX_FLAG_PARTIAL);
	/* 1c5ac21a0e9b: config_stop will find TraceEn off and not write */
	if (forget)
		PTV_WRITE(cpu, "notify", "hw.config", ptv_pt_hw(cpu, event)->config, 0);
}

static void pt_run_pending(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	if (!PTV_READ(cpu, "notify", "pmi_pending", pt->pmi_pending))
		return;
	PTV_WRITE(cpu, "notify", "pmi_pending", pt->pmi_pending, 0);
	ptv_intel_pt_interrupt(cpu);
}

/* Takes the event whose PMI lacks its second half; PTV_NO_EVENT if there is none. */
static unsigned int pt_take_half(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	const unsigned int half = (unsigned int)PTV_READ(cpu, "notify", "half", pt->half);

	if (half == 0U)
		return PTV_NO_EVENT;
	PTV_WRITE(cpu, "notify", "half", pt->half, 0);
	return half - 1U;
}

static void pt_stop_start(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event)
{
	const unsigned int half = pt_take_half(cpu, pt);

	if (event == PTV_NO_EVENT)
		event = half;
	if (event == PTV_NO_EVENT ||
	    PTV_READ(cpu, "notify", "hw.state", ptv_pt_hw(cpu, event)->state))
		return;
	ptv_pt_event_stop(cpu, event, PTV_EF_UPDATE);
	ptv_pt_event_start(cpu, event, 0);
}

/* Turns tracing on again, as far as the row does. */
static void pt_turn_on(struct ptv_cpu *cpu, struct ptv_pt *pt, unsigned int event)
{
	const enum ptv_notify_off rule = (enum ptv_notify_off)ptv_rule(cpu, PTV_SLOT_NOTIFY_OFF);

	switch (rule) {
	case PTV_NOTIFY_OFF_UNSET:
	case PTV_NOTIFY_OFF_NOTHING:
		break;
	case PTV_NOTIFY_OFF_WRITE:
	case PTV_NOTIFY_OFF_RESTART:
		if (event != PTV_NO_EVENT) {
			const uint64_t ctl =
				PTV_READ(cpu, "notify", "hw.config", ptv_pt_hw(cpu, event)->config);

			(void)cpu->port->wrmsr(cpu, "notify.w.RTIT_CTL", PTV_MSR_RTIT_CTL, ctl,
					       false);
		} else if (rule == PTV_NOTIFY_OFF_RESTART) {
			event = pt_take_half(cpu, pt);
			if (event != PTV_NO_EVENT)
				pt_interrupt_restart(cpu, pt, event);
		}
		break;
	case PTV_NOTIFY_OFF_STOP_START:
		pt_stop_start(cpu, pt, event);
		break;
	}
}

static void pt_handle_vmx_off(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	const unsigned int pending = ptv_rule(cpu, PTV_SLOT_PENDING_PMI);

	if (pending == PTV_PENDING_PMI_BEFORE)
		pt_run_pending(cpu, pt);
	if (ptv_rule(cpu, PTV_SLOT_NOTIFY_OFF) != PTV_NOTIFY_OFF_NOTHING || pt_marks_gap(cpu)) {
		const unsigned int event = pt_open_event(cpu, pt);

		if (event != PTV_NO_EVENT && pt_marks_gap(cpu))
			cpu->kernel->aux_flag(cpu, &pt->handle, PTV_AUX_FLAG_PARTIAL);
		pt_turn_on(cpu, pt, event);
	}
	if (pending == PTV_PENDING_PMI_AFTER)
		pt_run_pending(cpu, pt);
}

void ptv_intel_pt_handle_vmx(struct ptv_cpu *cpu, bool on)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	bool irqs;

	/* PT plays nice with VMX: nothing to do */
	if (cpu->caps->vmx)
		return;
	if (ptv_rule(cpu, PTV_SLOT_VMX_TRACK) == PTV_VMX_TRACK_NONE)
		return;

	/* Keeps the pmu callbacks out; a PMI is an NMI and may come at any point. */
	irqs = cpu->port->irqs_set(cpu, false);
	pt_set_vmx_on(cpu, pt, on);
	if (on)
		pt_handle_vmx_on(cpu, pt);
	else
		pt_handle_vmx_off(cpu, pt);
	(void)cpu->port->irqs_set(cpu, irqs);
}

/* --- pmu callbacks --- */

static bool pt_start_refused(struct ptv_cpu *cpu, struct ptv_pt *pt)
{
	if (ptv_rule(cpu, PTV_SLOT_START_IN_VMX) == PTV_START_IN_VMX_START)
		return false;
	return PTV_READ(cpu, "start", "vmx_on", pt->vmx_on);
}

void ptv_pt_event_start(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);
	struct ptv_pt_buffer *buf;

	(void)mode;
	if (pt_start_refused(cpu, pt)) {
		if (ptv_rule(cpu, PTV_SLOT_START_IN_VMX) == PTV_START_IN_VMX_SKIP)
			return;
		goto fail_stop;
	}
	if (!cpu->kernel->aux_begin(cpu, &pt->handle, event))
		goto fail_stop;
	buf = ptv_pt_buffer(cpu, event);
	ptv_pt_buffer_reset_offsets(cpu, pt, event);
	if (!buf->snapshot && pt_reset_markers(cpu, pt, event))
		goto fail_end_stop;

	PTV_WRITE(cpu, "start", "handle_nmi", pt->handle_nmi, 1);
	PTV_WRITE(cpu, "start", "hw.state", hw->state, 0);
	ptv_pt_config_buffer(cpu, buf);
	pt_config(cpu, pt, event);
	return;

fail_end_stop:
	cpu->kernel->aux_end(cpu, &pt->handle, 0);
fail_stop:
	PTV_WRITE(cpu, "start", "hw.state", hw->state, PTV_HES_STOPPED);
}

void ptv_pt_event_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);
	struct ptv_pt_buffer *buf;

	/* Keeps a PMI from racing with the WRMSR that stops: see ptv_intel_pt_interrupt(). */
	PTV_WRITE(cpu, "stop", "handle_nmi", pt->handle_nmi, 0);
	if (ptv_rule(cpu, PTV_SLOT_PENDING_ON_STOP) == PTV_PENDING_ON_STOP_CLEAR)
		PTV_WRITE(cpu, "stop", "pmi_pending", pt->pmi_pending, 0);
	if (pt_remembers_half(cpu))
		PTV_WRITE(cpu, "stop", "half", pt->half, 0);

	pt_config_stop(cpu, pt, event);

	if (PTV_READ(cpu, "stop", "hw.state", hw->state) == PTV_HES_STOPPED)
		return;
	PTV_WRITE(cpu, "stop", "hw.state", hw->state, PTV_HES_STOPPED);
	if (!(mode & PTV_EF_UPDATE))
		return;

	buf = ptv_perf_get_aux(cpu, pt);
	if (!buf)
		return;
	if (pt->handle.event != event) {
		cpu->kernel->warn(cpu, PTV_WARN_WRONG_EVENT);
		return;
	}
	ptv_pt_read_offset(cpu, buf);
	ptv_pt_handle_status(cpu, pt);
	ptv_pt_update_head(cpu, pt);
	if (buf->snapshot) {
		pt->handle.head = buf->data_size;
		buf->data_size = (uint64_t)buf->nr_pages * PTV_AUX_PAGE;
	}
	pt_output_end(cpu, pt, buf);
}

void ptv_pt_event_del(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	(void)mode;
	ptv_pt_event_stop(cpu, event, PTV_EF_UPDATE);
}

int ptv_pt_event_add(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);

	if (PTV_READ(cpu, "add", "handle.event", pt->handle.event) != PTV_NO_EVENT)
		return -PTV_EBUSY;
	if (!(mode & PTV_EF_START)) {
		PTV_WRITE(cpu, "add", "hw.state", hw->state, PTV_HES_STOPPED);
		return 0;
	}
	ptv_pt_event_start(cpu, event, 0);
	if (PTV_READ(cpu, "add", "hw.state", hw->state) == PTV_HES_STOPPED)
		return -PTV_EINVAL;
	return 0;
}

/* Before a crash kernel starts (da06a43d3f3f). */
void ptv_cpu_emergency_stop_pt(struct ptv_cpu *cpu)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	const unsigned int event =
		(unsigned int)PTV_READ(cpu, "emergency", "handle.event", pt->handle.event);

	if (event != PTV_NO_EVENT)
		ptv_pt_event_stop(cpu, event, PTV_EF_UPDATE);
}
