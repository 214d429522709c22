/* SPDX-License-Identifier: MIT */
/* The block decoder: the way through the code that a trace tells. */
#include <string.h>

#include "ptv/work.h"
#include "show/reader/segment.h"

struct walk {
	struct pt_block_decoder *decoder;
	const struct ptv_reader_segment *segment;
	struct ptv_reader_blocks *result;
	ptv_reader_step_fn *visit;
	void *ctx;
	uint64_t ip; /* the last one reached */
};

const char *ptv_reader_event_name(enum ptv_reader_event event)
{
	static const char *const names[PTV_READER_EVENTS] = {
		[PTV_READER_EV_ENABLED] = "enabled",
		[PTV_READER_EV_DISABLED] = "disabled",
		[PTV_READER_EV_ASYNC_DISABLED] = "async_disabled",
		[PTV_READER_EV_ASYNC_BRANCH] = "async_branch",
		[PTV_READER_EV_PAGING] = "paging",
		[PTV_READER_EV_ASYNC_PAGING] = "async_paging",
		[PTV_READER_EV_OVERFLOW] = "overflow",
		[PTV_READER_EV_EXEC_MODE] = "exec_mode",
		[PTV_READER_EV_STOP] = "stop",
		[PTV_READER_EV_VMCS] = "vmcs",
		[PTV_READER_EV_ASYNC_VMCS] = "async_vmcs",
		[PTV_READER_EV_CBR] = "cbr",
		[PTV_READER_EV_OTHER] = "other",
	};

	return (size_t)event < PTV_READER_EVENTS ? names[event] : "?";
}

static int read_code(uint8_t *buffer, size_t size, const struct pt_asid *asid, uint64_t ip,
		     void *ctx)
{
	const size_t done = ptv_code_read(ip, buffer, size);

	(void)asid;
	(void)ctx;
	return done ? (int)done : -pte_nomap;
}

/* How far the decoder has read in the trace: it reads ahead of the block that it gives. */
static size_t offset_of(const struct walk *walk)
{
	uint64_t offset = 0;

	if (pt_blk_get_offset(walk->decoder, &offset) < 0)
		offset = 0;
	return walk->segment->offset + (size_t)offset;
}

static void tell(const struct walk *walk, struct ptv_reader_step *step,
		 enum ptv_reader_step_kind kind)
{
	step->kind = kind;
	if (kind != PTV_READER_SYNC)
		step->offset = offset_of(walk);
	if (walk->visit)
		walk->visit(walk->ctx, step);
}

static enum ptv_reader_branch branch_of(enum pt_insn_class iclass)
{
	switch (iclass) {
	case ptic_cond_jump:
		return PTV_READER_BR_JCC;
	case ptic_jump:
		return PTV_READER_BR_JMP;
	case ptic_call:
		return PTV_READER_BR_CALL;
	case ptic_return:
		return PTV_READER_BR_RET;
	case ptic_far_call:
	case ptic_far_return:
	case ptic_far_jump:
		return PTV_READER_BR_FAR;
	case ptic_error:
	case ptic_other:
	case ptic_ptwrite:
		return PTV_READER_BR_NONE;
	}
	return PTV_READER_BR_NONE;
}

static void count_block(struct walk *walk, const struct pt_block *block)
{
	struct ptv_reader_step step;

	memset(&step, 0, sizeof(step));
	step.ip = block->ip;
	step.end_ip = block->end_ip;
	step.insns = block->ninsn;
	step.branch = branch_of(block->iclass);
	walk->ip = block->end_ip;
	walk->result->blocks++;
	walk->result->insns += block->ninsn;
	walk->result->branches[step.branch]++;
	tell(walk, &step, PTV_READER_BLOCK);
}

/* Fills in what the event's type tells of places. */
static void place_event(const struct pt_event *event, struct ptv_reader_step *step)
{
	if (event->type == ptev_enabled) {
		step->to = event->variant.enabled.ip;
		step->resumed = event->variant.enabled.resumed;
	} else if (event->type == ptev_disabled) {
		step->to = event->variant.disabled.ip;
	} else if (event->type == ptev_async_disabled) {
		step->at = event->variant.async_disabled.at;
		step->to = event->variant.async_disabled.ip;
	} else if (event->type == ptev_async_branch) {
		step->at = event->variant.async_branch.from;
		step->to = event->variant.async_branch.to;
	} else if (event->type == ptev_overflow) {
		step->to = event->variant.overflow.ip;
	}
}

/* Fills in what the event's type tells of the machine. */
static void value_event(const struct pt_event *event, struct ptv_reader_step *step)
{
	if (event->type == ptev_paging) {
		step->value = event->variant.paging.cr3;
		step->non_root = event->variant.paging.non_root;
	} else if (event->type == ptev_async_paging) {
		step->value = event->variant.async_paging.cr3;
		step->non_root = event->variant.async_paging.non_root;
		step->at = event->variant.async_paging.ip;
	} else if (event->type == ptev_vmcs) {
		step->value = event->variant.vmcs.base;
	} else if (event->type == ptev_async_vmcs) {
		step->value = event->variant.async_vmcs.base;
		step->at = event->variant.async_vmcs.ip;
	}
}

static void count_event(struct walk *walk, const struct pt_event *event)
{
	static const uint8_t kinds[] = {
		[ptev_enabled] = PTV_READER_EV_ENABLED + 1U,
		[ptev_disabled] = PTV_READER_EV_DISABLED + 1U,
		[ptev_async_disabled] = PTV_READER_EV_ASYNC_DISABLED + 1U,
		[ptev_async_branch] = PTV_READER_EV_ASYNC_BRANCH + 1U,
		[ptev_paging] = PTV_READER_EV_PAGING + 1U,
		[ptev_async_paging] = PTV_READER_EV_ASYNC_PAGING + 1U,
		[ptev_overflow] = PTV_READER_EV_OVERFLOW + 1U,
		[ptev_exec_mode] = PTV_READER_EV_EXEC_MODE + 1U,
		[ptev_stop] = PTV_READER_EV_STOP + 1U,
		[ptev_vmcs] = PTV_READER_EV_VMCS + 1U,
		[ptev_async_vmcs] = PTV_READER_EV_ASYNC_VMCS + 1U,
		[ptev_cbr] = PTV_READER_EV_CBR + 1U,
	};
	const size_t type = (size_t)event->type;
	struct ptv_reader_step step;

	memset(&step, 0, sizeof(step));
	step.event = PTV_READER_EV_OTHER;
	if (type < sizeof(kinds) && kinds[type] != 0U)
		step.event = (enum ptv_reader_event)(kinds[type] - 1U);
	step.hidden = event->ip_suppressed;
	step.status = event->status_update;
	place_event(event, &step);
	value_event(event, &step);
	if (!step.status)
		walk->result->events[step.event]++;
	tell(walk, &step, PTV_READER_EVENT);
}

static int drain_events(struct walk *walk, int status)
{
	while (status >= 0 && (status & pts_event_pending) != 0) {
		struct pt_event event;

		status = pt_blk_event(walk->decoder, &event, sizeof(event));
		if (status >= 0)
			count_event(walk, &event);
	}
	return status;
}

/* Decodes from a PSB to an error or to the segment's end, which is -pte_eos. */
static int read_from_sync(struct walk *walk, int status)
{
	for (;;) {
		struct pt_block block;

		status = drain_events(walk, status);
		if (status < 0)
			return status;
		if ((status & pts_eos) != 0)
			return -pte_eos;
		memset(&block, 0, sizeof(block));
		status = pt_blk_next(walk->decoder, &block, sizeof(block));
		/* An error may come with a block that was good up to it. */
		if (block.ninsn > 0U)
			count_block(walk, &block);
		if (status < 0)
			return status;
	}
}

static void fail(struct walk *walk, int status)
{
	struct ptv_reader_step step;

	memset(&step, 0, sizeof(step));
	step.error = ptv_reader_error_at(status, offset_of(walk), walk->ip);
	if (walk->result->errors++ == 0U)
		walk->result->first = step.error;
	tell(walk, &step, PTV_READER_ERROR);
}

static void read_segment(struct walk *walk)
{
	const size_t end = walk->segment->offset + walk->segment->size;
	size_t lost_from = walk->segment->offset, synced_at = 0;

	for (;;) {
		struct ptv_reader_step step;
		uint64_t sync = 0;
		int status = pt_blk_sync_forward(walk->decoder);

		if (status == -pte_eos) {
			walk->result->skipped += end - lost_from;
			return;
		}
		if (status < 0)
			fail(walk, status);
		(void)pt_blk_get_sync_offset(walk->decoder, &sync);
		sync += walk->segment->offset;
		if (walk->result->errors != 0U && sync < synced_at)
			return; /* it goes round in circles */
		synced_at = (size_t)sync + 1U;
		if (status < 0)
			continue;
		walk->result->skipped += (size_t)sync - lost_from;
		walk->result->syncs++;
		memset(&step, 0, sizeof(step));
		step.offset = (size_t)sync;
		tell(walk, &step, PTV_READER_SYNC);
		status = read_from_sync(walk, status);
		if (status == -pte_eos)
			return;
		fail(walk, status);
		lost_from = offset_of(walk);
	}
}

static int read_trace(const struct ptv_reader_trace *trace, struct pt_image *image,
		      struct walk *walk, struct ptv_diag *diag)
{
	struct ptv_reader_segment segment;
	struct pt_config config;
	size_t n = 0;
	int more;

	walk->segment = &segment;
	while ((more = ptv_reader_next(trace, &n, &segment, &config, diag)) > 0) {
		config.flags.variant.block.end_on_call = 1;
		config.flags.variant.block.end_on_jump = 1;
		walk->decoder = pt_blk_alloc_decoder(&config);
		if (!walk->decoder)
			return ptv_diag(diag, NULL, 0, 0, "libipt gives no block decoder");
		walk->ip = 0;
		(void)pt_blk_set_image(walk->decoder, image);
		read_segment(walk);
		pt_blk_free_decoder(walk->decoder);
	}
	return more;
}

int ptv_reader_blocks(const struct ptv_reader_trace *trace, struct ptv_reader_blocks *result,
		      ptv_reader_step_fn *visit, void *ctx, struct ptv_diag *diag)
{
	struct walk walk = {NULL, NULL, result, visit, ctx, 0};
	struct pt_image *image = pt_image_alloc("ptvmx");
	int status;

	memset(result, 0, sizeof(*result));
	if (!image)
		return ptv_diag(diag, NULL, 0, 0, "libipt gives no image");
	(void)pt_image_set_callback(image, read_code, NULL);
	status = read_trace(trace, image, &walk, diag);
	pt_image_free(image);
	return status;
}
