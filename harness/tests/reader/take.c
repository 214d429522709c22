/* SPDX-License-Identifier: MIT */
#include "tests/reader/take.h"

#include <stdlib.h>
#include <string.h>

#include "play/text.h"

static void add_byte(struct take_bytes *bytes, uint8_t byte)
{
	bytes->at = ptv_grow(bytes->at, bytes->size, &bytes->room, 1);
	bytes->at[bytes->size++] = byte;
}

static void add_ip(struct take_ips *ips, uint64_t ip)
{
	ips->at = ptv_grow(ips->at, ips->size, &ips->room, sizeof(*ips->at));
	ips->at[ips->size++] = ip;
}

static void begin_segment(struct take_lp *lp)
{
	struct take_segments *segments = &lp->segments;

	segments->at =
		ptv_grow(segments->at, segments->size, &segments->room, sizeof(*segments->at));
	segments->at[segments->size].offset = lp->stored.size;
	segments->at[segments->size].size = 0;
	segments->at[segments->size].mid_packet = false;
	segments->size++;
}

static void on_store(void *ctx, unsigned int index, uint64_t place, uint64_t address,
		     const uint8_t *bytes, size_t size)
{
	struct take *t = ctx;
	struct take_lp *lp = &t->lp[index];
	struct ptv_reader_segment *segment;
	size_t i;

	(void)place;
	(void)address;
	if (!bytes || t->play.copy == PTV_COPY_SETTLED)
		return; /* software's; a copy's */
	if (lp->segments.size == 0U || lp->lost)
		begin_segment(lp);
	lp->lost = false;
	segment = &lp->segments.at[lp->segments.size - 1U];
	for (i = 0; i < size; i++, segment->size++) {
		const size_t at = lp->segment_made + segment->size;

		if (at >= lp->made.size || lp->made.at[at] != bytes[i])
			lp->differ++;
		add_byte(&lp->stored, bytes[i]);
	}
}

static void on_packet(struct take_lp *lp, const struct ptv_obs *obs)
{
	const unsigned int len = (unsigned int)ptv_bits(obs->a, 15, 8);
	unsigned int i;

	for (i = 0; i < len; i++)
		add_byte(&lp->made, (uint8_t)((i < 8U ? obs->b : obs->c) >> (8U * (i % 8U))));
}

/* Walks the branches of a run again. */
static void on_retire(struct take_lp *lp, const struct ptv_obs *obs)
{
	const enum ptv_scope scope = (enum ptv_scope)ptv_bits(obs->b, 7, 0);
	uint64_t n;

	if (scope != PTV_SCOPE_USER && scope != PTV_SCOPE_KERNEL && scope != PTV_SCOPE_GUEST)
		return;
	lp->work.in_guest = scope == PTV_SCOPE_GUEST;
	for (n = 0; n < obs->a; n++) {
		struct ptv_pins_in in;

		memset(&in, 0, sizeof(in));
		PTV_ASSERT(ptv_work_retire(&lp->work_cfg, &lp->work, 0, &in) == scope);
		if (obs->b & PTV_BIT(8))
			add_ip(&lp->traced, in.ip);
	}
}

static void lose(struct take_lp *lp)
{
	lp->losses++;
	lp->lost = true;
	lp->segment_made = lp->made.size;
}

/* A STOP or an error loses what is not yet a packet as well (bits of a TNT), even if no byte was
 * buffered, and there is no TIP.PGD: whatever comes later begins anew. */
static void on_trigger(struct take_lp *lp, const struct ptv_obs *obs)
{
	if (obs->a)
		lp->triggered++;
	else if (obs->b == PTV_CAUSE_STOP || obs->b == PTV_CAUSE_ERROR)
		lose(lp);
}

static void on_obs(void *ctx, const struct ptv_obs *obs, enum ptv_copy copy)
{
	struct take *t = ctx;
	struct take_lp *lp = &t->lp[obs->lp];

	if (copy == PTV_COPY_SETTLED)
		return;
	if (obs->kind == PTV_OBS_PACKET)
		on_packet(lp, obs);
	else if (obs->kind == PTV_OBS_RETIRE)
		on_retire(lp, obs);
	else if (obs->kind == PTV_OBS_DROP && obs->b == PTV_DROP_OVF)
		lp->overflows++;
	else if (obs->kind == PTV_OBS_DROP)
		lose(lp);
	else if (obs->kind == PTV_OBS_TRIGGER_EN)
		on_trigger(lp, obs);
}

void take(struct take *take, const struct ptv_scenario *scenario, const struct ptv_policy *policy,
	  uint64_t assignment)
{
	struct ptv_steps steps = {0};
	unsigned int i;

	memset(take, 0, sizeof(*take));
	ptv_play_init(&take->play, scenario, policy, NULL);
	take->play.env.want_bytes = 1;
	take->play.env.store = on_store;
	take->play.env.store_ctx = take;
	take->onlooker.ctx = take;
	take->onlooker.observed = on_obs;
	take->play.onlooker = &take->onlooker;
	for (i = 0; i < take->play.env.lps; i++) {
		take->lp[i].work_cfg = take->play.env.work;
		take->lp[i].work_cfg.seed += i;
		ptv_work_init(&take->lp[i].work_cfg, &take->lp[i].work, 0);
	}
	ptv_choice_steps(scenario, assignment, &steps);
	ptv_play_run(&take->play, &steps, &take->run);
	ptv_steps_free(&steps);
}

void take_free(struct take *take)
{
	unsigned int i;

	for (i = 0; i < PTV_MAX_LPS; i++) {
		free(take->lp[i].made.at);
		free(take->lp[i].stored.at);
		free(take->lp[i].segments.at);
		free(take->lp[i].traced.at);
	}
	ptv_play_free(&take->play);
	memset(take, 0, sizeof(*take));
}

struct ptv_reader_trace take_trace(const struct take_lp *lp)
{
	const struct ptv_reader_trace trace = {lp->stored.at, lp->stored.size, lp->segments.at,
					       lp->segments.size, false};

	return trace;
}

enum ptv_code_part take_part_at(uint64_t ip)
{
	size_t count, i;
	const struct ptv_code_row *rows = ptv_code_rows(&count);

	for (i = 0; i < count; i++) {
		if (ip - rows[i].address < rows[i].size)
			return (enum ptv_code_part)rows[i].part;
	}
	return PTV_PARTS;
}
