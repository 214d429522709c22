/* SPDX-License-Identifier: MIT */
/*
 * The driver before it knew of VMX (up to v4.5): operations of its own, because what it does
 * differently is the frame.
 *
 * - A transaction is open from add to del: stop updates the pointers and leaves it open, start goes
 *   on in it. (So the AUX pages of a stopped event could not be freed; 66d21901... moved begin and
 *   end into start and stop.)
 * - To turn tracing off it reads RTIT_CTL and writes it back without TraceEn, whatever is there,
 *   and the PMI handler does so even when no transaction is open.
 * - Nobody tells it of VMX. Where PT cannot trace in VMX, a write of RTIT_CTL there faults.
 *
 * Tables, positions and markers are those of pt_topa.c; STOP has no INT of its own yet. What the
 * source counts in buf->lost until it ends the transaction is flagged in the handle at once: the
 * end comes out the same.
 *
 * Source: arch/x86/kernel/cpu/perf_event_intel_pt.c at 009f77383651.
 */
#include "pt.h"

static void pt_config(struct ptv_cpu *cpu, unsigned int event)
{
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);

	if (!hw->itrace_started) {
		hw->itrace_started = 1;
		(void)cpu->port->wrmsr(cpu, "config.w.RTIT_STATUS", PTV_MSR_RTIT_STATUS, 0, false);
	}
	(void)cpu->port->wrmsr(cpu, "config.w.RTIT_CTL", PTV_MSR_RTIT_CTL, ptv_pt_ctl(hw), false);
}

/* pt_config_start(false) */
static void pt_config_stop(struct ptv_cpu *cpu)
{
	const uint64_t ctl =
		cpu->port->rdmsr(cpu, "config_stop.r.RTIT_CTL", PTV_MSR_RTIT_CTL).value;

	(void)cpu->port->wrmsr(cpu, "config_stop.w.RTIT_CTL", PTV_MSR_RTIT_CTL,
			       ctl & ~PTV_CTL_TRACE_EN, false);
	cpu->port->fence(cpu);
}

static bool pt_buffer_is_full(const struct ptv_pt *pt, const struct ptv_pt_buffer *buf)
{
	return !buf->snapshot && buf->data_size >= pt->handle.size;
}

static void pt_output_end(struct ptv_cpu *cpu, struct ptv_pt *pt, struct ptv_pt_buffer *buf)
{
	const uint64_t size = buf->data_size;

	buf->data_size = 0;
	cpu->kernel->aux_end(cpu, &pt->handle, size);
}

void ptv_naive_interrupt(struct ptv_cpu *cpu)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	const unsigned int event =
		(unsigned int)PTV_READ(cpu, "pmi", "handle.event", pt->handle.event);
	struct ptv_pt_buffer *buf;
	struct ptv_hw_event *hw;

	if (!PTV_READ(cpu, "pmi", "handle_nmi", pt->handle_nmi))
		return;
	pt_config_stop(cpu);
	if (event == PTV_NO_EVENT)
		return;
	buf = ptv_perf_get_aux(cpu, pt);
	if (!buf)
		return;
	ptv_pt_read_offset(cpu, buf);
	ptv_pt_handle_status(cpu, pt);
	ptv_pt_update_head(cpu, pt);
	pt_output_end(cpu, pt, buf);

	hw = ptv_pt_hw(cpu, event);
	if (PTV_READ(cpu, "pmi", "hw.state", hw->state))
		return;
	if (!cpu->kernel->aux_begin(cpu, &pt->handle, event)) {
		PTV_WRITE(cpu, "pmi", "hw.state", hw->state, PTV_HES_STOPPED);
		return;
	}
	ptv_pt_buffer_reset_offsets(cpu, pt, event);
	if (ptv_pt_buffer_reset_markers(cpu, pt, event, false)) {
		cpu->kernel->aux_end(cpu, &pt->handle, 0);
		return;
	}
	ptv_pt_config_buffer(cpu, buf);
	pt_config(cpu, event);
}

void ptv_naive_event_start(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);
	struct ptv_pt_buffer *buf = ptv_perf_get_aux(cpu, pt);

	(void)mode;
	if (!buf || pt_buffer_is_full(pt, buf)) {
		PTV_WRITE(cpu, "start", "hw.state", hw->state, PTV_HES_STOPPED);
		return;
	}
	PTV_WRITE(cpu, "start", "handle_nmi", pt->handle_nmi, 1);
	PTV_WRITE(cpu, "start", "hw.state", hw->state, 0);
	ptv_pt_config_buffer(cpu, buf);
	pt_config(cpu, event);
}

void ptv_naive_event_stop(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);
	struct ptv_pt_buffer *buf;

	PTV_WRITE(cpu, "stop", "handle_nmi", pt->handle_nmi, 0);
	pt_config_stop(cpu);
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
}

void ptv_naive_event_del(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	struct ptv_pt_buffer *buf;

	(void)mode;
	ptv_naive_event_stop(cpu, event, PTV_EF_UPDATE);
	buf = ptv_perf_get_aux(cpu, pt);
	if (!buf)
		return;
	if (buf->snapshot) {
		pt->handle.head = buf->data_size;
		buf->data_size = (uint64_t)buf->nr_pages * PTV_AUX_PAGE;
	}
	pt_output_end(cpu, pt, buf);
}

int ptv_naive_event_add(struct ptv_cpu *cpu, unsigned int event, uint32_t mode)
{
	struct ptv_pt *pt = ptv_pt_ctx(cpu);
	struct ptv_hw_event *hw = ptv_pt_hw(cpu, event);
	int result;

	if (PTV_READ(cpu, "add", "handle.event", pt->handle.event) != PTV_NO_EVENT)
		return -PTV_EBUSY;
	result = -PTV_EINVAL;
	if (!cpu->kernel->aux_begin(cpu, &pt->handle, event))
		goto fail_stop;
	ptv_pt_buffer_reset_offsets(cpu, pt, event);
	if (!ptv_pt_buffer(cpu, event)->snapshot &&
	    ptv_pt_buffer_reset_markers(cpu, pt, event, false))
		goto fail_end_stop;
	if (!(mode & PTV_EF_START)) {
		PTV_WRITE(cpu, "add", "hw.state", hw->state, PTV_HES_STOPPED);
		return 0;
	}
	ptv_naive_event_start(cpu, event, 0);
	if (PTV_READ(cpu, "add", "hw.state", hw->state) != PTV_HES_STOPPED)
		return 0;
	result = -PTV_EBUSY;
	cpu->kernel->aux_flag(cpu, &pt->handle, PTV_AUX_FLAG_TRUNCATED);

fail_end_stop:
	cpu->kernel->aux_end(cpu, &pt->handle, 0);
fail_stop:
	PTV_WRITE(cpu, "add", "hw.state", hw->state, PTV_HES_STOPPED);
	return result;
}
