/* SPDX-License-Identifier: MIT */
#include "engine/rtl/lockstep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/text.h"

#define RING	   (PTV_LOCKSTEP_HISTORY + 1U)
#define CACHE_LINE 64U
#define PMI_AGAIN  3U /* of pin pmi */

PTV_STATIC_ASSERT(sizeof(struct ptv_lockstep_clock) % CACHE_LINE == 0U,
		  "one is written each clock");

static const struct ptv_waiver waivers[] = {
#define PTV_WAIVER(field, reason) {field, reason},
#include "engine/rtl/waivers.def"
#undef PTV_WAIVER
	{NULL, NULL},
};

struct ptv_lockstep *ptv_lockstep_open_reference(const struct ptv_cpu_cfg *cfg)
{
	struct ptv_lockstep *lockstep = ptv_alloc(1, sizeof(*lockstep));

	lockstep->waivers = waivers;
	lockstep->waived = ptv_alloc(PTV_ARRAY_SIZE(waivers), sizeof(*lockstep->waived));
	lockstep->ring = aligned_alloc(CACHE_LINE, RING * sizeof(*lockstep->ring));
	PTV_ASSERT(lockstep->ring);
	ptv_lockstep_reset(lockstep, cfg);
	return lockstep;
}

struct ptv_lockstep *ptv_lockstep_open(const struct ptv_cpu_cfg *cfg)
{
	struct ptv_twin *twin = ptv_twin_open(cfg);
	struct ptv_lockstep *lockstep;

	if (!twin)
		return NULL;
	lockstep = ptv_lockstep_open_reference(cfg);
	lockstep->twin = twin;
	return lockstep;
}

void ptv_lockstep_close(struct ptv_lockstep *lockstep)
{
	if (!lockstep)
		return;
	if (lockstep->twin)
		ptv_twin_close(lockstep->twin);
	free(lockstep->ring);
	free(lockstep->waived);
	free(lockstep);
}

void ptv_lockstep_reset(struct ptv_lockstep *lockstep, const struct ptv_cpu_cfg *cfg)
{
	lockstep->cfg = *cfg;
	lockstep->n = 0;
	lockstep->last = &lockstep->ring[RING - 1U];
	lockstep->next = &lockstep->ring[0];
	memset(lockstep->ring, 0, RING * sizeof(*lockstep->ring));
	memset(lockstep->fifo, 0, sizeof(lockstep->fifo));
	ptv_lp_init(cfg, &lockstep->next->now, 0);
	if (lockstep->twin)
		ptv_twin_reset(lockstep->twin, cfg);
}

const struct ptv_lp *ptv_lockstep_now(const struct ptv_lockstep *lockstep)
{
	return &lockstep->next->now;
}

const struct ptv_lockstep_clock *ptv_lockstep_last(const struct ptv_lockstep *lockstep)
{
	PTV_ASSERT(lockstep->n > 0U);
	return lockstep->last;
}

static void count(struct ptv_lockstep_counts *counts, const struct ptv_lockstep_clock *clock,
		  const struct ptv_lp *next)
{
	const struct ptv_pins_out *out = &clock->out;
	const struct ptv_pins_in *in = &clock->in;
	const struct ptv_lp *now = &clock->now;

	counts->errors += next->rtit.error > now->rtit.error;
	counts->lost_psbs += next->rtit.pend_psb > now->rtit.pend_psb &&
			     now->op.msr != PTV_MSR_RTIT_STATUS;
	counts->past_fixed += (clock->before & PTV_TWIN_EXPEDITE) &&
			      now->pmi.deliver_at != PTV_NEVER && !now->pmi.deliver_nmi;
	if (!(in->op | in->retire | in->emit | in->mem_ack | clock->before | out->store_len |
	      out->packet_len | out->drop_len | out->done | out->pmi))
		return;
	counts->busy++;
	counts->stores += out->store_len != 0U;
	counts->packets += out->packet_len != 0U;
	counts->drops += out->drop_len != 0U;
	counts->entries += now->topa.req && in->mem_ack;
	counts->region_ends += out->region_end;
	counts->pmis += out->pmi != 0U;
	counts->repends += out->pmi == PMI_AGAIN;
	counts->interrupts += in->retire == PTV_RETIRE_INT && in->vector;
	counts->stops += next->rtit.stopped > now->rtit.stopped;
	counts->last_bytes += out->region_end && next->rtit.stopped > now->rtit.stopped &&
			      (next->topa.off & 1U);
	counts->faults += out->fault != 0U;
	counts->operations += out->done;
	counts->vmx_modes += next->vmx.mode != now->vmx.mode;
	counts->enables += next->rtit.ctl & ~now->rtit.ctl & PTV_CTL_TRACE_EN;
	counts->flushes += out->done && now->op.flush;
	counts->resets += out->done && now->op.op == PTV_OP_RESET;
}

/* A clock that is not one more of those in which nothing happens. */
static void step(struct ptv_lockstep *lockstep, const struct ptv_pins_in *in, unsigned int before,
		 bool quiet)
{
	struct ptv_lockstep_clock *const clock = lockstep->next;
	struct ptv_lockstep_clock *const after = clock + 1 == lockstep->ring + RING ? lockstep->ring
										    : clock + 1;

	clock->in = *in;
	clock->times = 1;
	clock->before = before;
	clock->quiet = quiet;
	if (before & PTV_TWIN_REBASE)
		ptv_lp_rebase(&clock->now);
	if (before & PTV_TWIN_EXPEDITE)
		ptv_lp_nmi_expedite(&clock->now);
	ptv_lp_step(&lockstep->cfg, &clock->now, in, &after->now, &clock->out, lockstep->fifo);
	ptv_lp_seam(&lockstep->cfg, &clock->now, in, &after->now, &clock->out, &lockstep->seam);
	count(&lockstep->counts, clock, &after->now);
	lockstep->last = clock;
	lockstep->next = after;
}

void ptv_lockstep_reference(struct ptv_lockstep *lockstep, const struct ptv_pins_in *in,
			    unsigned int before)
{
	struct ptv_lp *const now = &lockstep->next->now;
	const bool quiet = !before && ptv_lp_is_quiet(&lockstep->cfg, now, in);

	lockstep->n++;
	lockstep->counts.clocks++;
	if (!quiet || !lockstep->last->quiet) {
		step(lockstep, in, before, quiet);
		return;
	}
	/* Only time passes: outputs and seam are those of the clock before. */
	lockstep->last->times++;
	lockstep->last->now.timer.cycle++;
	now->timer.cycle++;
}

bool ptv_lockstep_step(struct ptv_lockstep *lockstep, const struct ptv_pins_in *in,
		       unsigned int before)
{
	const struct ptv_lockstep_clock *clock;
	struct ptv_pins_out out;
	struct ptv_lp now;

	ptv_lockstep_reference(lockstep, in, before);
	clock = ptv_lockstep_last(lockstep);
	ptv_twin_tick(lockstep->twin, in, &lockstep->seam, before);
	if (ptv_twin_equal(lockstep->twin, &clock->now, &clock->out))
		return true;
	ptv_twin_read(lockstep->twin, &clock->now, &now, &out);
	return ptv_lockstep_agrees(lockstep, &now, &out);
}

/* --- Differences ---------------------------------------------------------------------------- */

static uint64_t deadline(uint64_t at, uint64_t cycle)
{
	return at < cycle ? cycle : at;
}

/* A difference of one field: c is the C model's value. */
typedef void difference_fn(void *ctx, const char *field, uint64_t c, uint64_t rtl);

struct visit {
	difference_fn *found;
	void *ctx;
	uint64_t cycle;
};

static void visited(void *ctx, const struct ptv_field_visit *field)
{
	const struct visit *visit = ctx;
	const bool due = field->class_ == PTV_CLASS_REL;
	const uint64_t a = due ? deadline(field->a, visit->cycle) : field->a;
	const uint64_t b = due ? deadline(field->b, visit->cycle) : field->b;

	if (a != b)
		visit->found(visit->ctx, field->path, a, b);
}

static uint64_t word(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* Every difference between the C model's clock and a twin's. */
static void differences(const struct ptv_lp *c, const struct ptv_pins_out *c_out,
			const struct ptv_lp *rtl, const struct ptv_pins_out *rtl_out,
			difference_fn *found, void *ctx)
{
	struct visit visit = {found, ctx, c->timer.cycle};
	const struct {
		const char *name;
		uint64_t a, b;
	} pins[] = {
#define PTV_RTL_PIN(field, port) {"out." #field, c_out->field, rtl_out->field},
#define PTV_RTL_DATA(field, byte, port) \
	{"out." #field "[" #byte "]", word(c_out->field + (byte)), word(rtl_out->field + (byte))},
#include "engine/rtl/regs.def"
	};
	size_t i;

	(void)ptv_state_visit("lp", c, rtl, visited, &visit);
	for (i = 0; i < PTV_ARRAY_SIZE(pins); i++) {
		if (pins[i].a != pins[i].b)
			found(ctx, pins[i].name, pins[i].a, pins[i].b);
	}
}

struct judge {
	struct ptv_lockstep *lockstep;
	bool differs;
};

static void judge(void *ctx, const char *field, uint64_t c, uint64_t rtl)
{
	struct judge *judge = ctx;
	const struct ptv_waiver *const row = judge->lockstep->waivers;
	size_t i;

	(void)c;
	(void)rtl;
	for (i = 0; row[i].field; i++) {
		if (strcmp(row[i].field, field) == 0) {
			judge->lockstep->waived[i]++;
			return;
		}
	}
	judge->differs = true;
}

bool ptv_lockstep_agrees(struct ptv_lockstep *lockstep, const struct ptv_lp *now,
			 const struct ptv_pins_out *out)
{
	const struct ptv_lockstep_clock *clock = ptv_lockstep_last(lockstep);
	struct judge context = {lockstep, false};

	differences(&clock->now, &clock->out, now, out, judge, &context);
	return !context.differs;
}

/* --- Words ---------------------------------------------------------------------------------- */

static void print_difference(void *ctx, const char *field, uint64_t c, uint64_t rtl)
{
	(void)fprintf(ctx, "  %-22s C %#" PRIx64 "  RTL %#" PRIx64 "\n", field, c, rtl);
}

static void print_change(void *ctx, const char *field, uint64_t from, uint64_t to)
{
	if (strcmp(field, "timer.cycle") != 0)
		(void)fprintf(ctx, " %s=%#" PRIx64 ">%#" PRIx64, field, from, to);
}

static void print_inputs(const struct ptv_lockstep_clock *clock, FILE *to)
{
	const struct ptv_pins_in *in = &clock->in;

	if (clock->before & PTV_TWIN_REBASE)
		(void)fprintf(to, " rebase");
	if (clock->before & PTV_TWIN_EXPEDITE)
		(void)fprintf(to, " expedite");
	if (in->op)
		(void)fprintf(to, " %s msr=%#x data=%#" PRIx64 " field=%#" PRIx64 " cpl=%u",
			      ptv_op_name((enum ptv_op)in->op), in->msr, in->data, in->field,
			      in->cpl);
	if (in->retire)
		(void)fprintf(to, " %s target=%#" PRIx64 " cr3=%#" PRIx64 " cpl=%u vector=%u",
			      ptv_retire_name((enum ptv_retire_kind)in->retire), in->target,
			      in->cr3, in->cpl, in->vector);
	if (in->emit)
		(void)fprintf(to, " emit=%u", in->emit);
	if (in->mem_ack)
		(void)fprintf(to, " mem_rdata=%#" PRIx64, in->mem_rdata);
}

static void print_outputs(const struct ptv_pins_out *out, FILE *to)
{
	const struct {
		const char *name;
		uint64_t value;
	} pins[] = {
#define PTV_RTL_PIN(field, port)	{#field, out->field},
#define PTV_RTL_DATA(field, byte, port) {#field "[" #byte "]", word(out->field + (byte))},
#include "engine/rtl/regs.def"
	};
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(pins); i++) {
		if (pins[i].value)
			(void)fprintf(to, " %s=%#" PRIx64, pins[i].name, pins[i].value);
	}
}

/* The RTL's side of the clock in which the two differ. */
struct rtl_side {
	const struct ptv_lp *now;
	const struct ptv_pins_out *out;
};

static void print_changes(const char *side, const struct ptv_lp *from, const struct ptv_lp *to,
			  uint64_t cycle, FILE *file)
{
	struct visit visit = {print_change, file, cycle};

	(void)fprintf(file, "          %s", side);
	(void)ptv_state_visit("lp", from, to, visited, &visit);
	(void)fprintf(file, "\n");
}

static void print_pins(const char *side, const struct ptv_pins_out *out, FILE *to)
{
	(void)fprintf(to, "          %s", side);
	print_outputs(out, to);
	(void)fprintf(to, "\n");
}

/* Equal clocks, so many from cycle `first` on; `left` clocks follow. */
struct stretch {
	const struct ptv_lockstep_clock *clock;
	const struct ptv_lp *next; /* what it leads to */
	uint64_t first, count, left;
};

/*
 * Their pins, and which registers they change. What the last clock leads to has not been compared;
 * what the one before it leads to differs, if registers do.
 */
static void print_stretch(const struct stretch *s, const struct rtl_side *rtl, FILE *to)
{
	const struct ptv_lp *const now = &s->clock->now;

	(void)fprintf(to, "%8" PRIu64, s->first);
	if (s->count > 1U)
		(void)fprintf(to, "..%" PRIu64, s->first + s->count - 1U);
	(void)fprintf(to, "  in");
	print_inputs(s->clock, to);
	(void)fprintf(to, "\n");
	print_pins(s->left ? "out" : "out, C:  ", &s->clock->out, to);
	if (!s->left)
		print_pins("out, RTL:", rtl->out, to);
	print_changes(s->left > 1U ? "both:" : "C:  ", now, s->next, 0, to);
	if (s->left == 1U)
		print_changes("RTL:", now, rtl->now, s->next->timer.cycle, to);
}

static void print_history(const struct ptv_lockstep *lockstep, uint64_t clocks,
			  const struct rtl_side *rtl, FILE *to)
{
	const struct ptv_lockstep_clock *const ring = lockstep->ring;
	size_t at = (size_t)(lockstep->last - ring), after;
	uint64_t found = ring[at].times, times;
	struct stretch s;

	while (found < clocks) {
		at = (at + RING - 1U) % RING;
		found += ring[at].times;
	}
	times = ring[at].times - (found - clocks);
	for (s.left = clocks; s.left > 0U; at = after, times = ring[at].times) {
		after = (at + 1U) % RING;
		s.clock = &ring[at];
		s.next = &ring[after].now;
		for (; times > 0U; times -= s.count) {
			s.first = ring[at].now.timer.cycle + 1U - times;
			s.count = s.left < 3U ? 1U : s.left - 2U < times ? s.left - 2U : times;
			s.left -= s.count;
			print_stretch(&s, rtl, to);
		}
	}
}

void ptv_lockstep_explain(const struct ptv_lockstep *lockstep, const struct ptv_lp *now,
			  const struct ptv_pins_out *out, FILE *to)
{
	const struct ptv_lockstep_clock *clock = ptv_lockstep_last(lockstep);
	const uint64_t shown = lockstep->n < PTV_LOCKSTEP_HISTORY ? lockstep->n
								  : PTV_LOCKSTEP_HISTORY;
	struct ptv_pins_out read_out;
	struct ptv_lp read_now;

	if (!now) {
		ptv_twin_read(lockstep->twin, &clock->now, &read_now, &read_out);
		now = &read_now;
		out = &read_out;
	}
	(void)fprintf(to, "cycle %" PRIu64 " (clock %" PRIu64 " since reset): C and RTL differ\n",
		      clock->now.timer.cycle, lockstep->n - 1U);
	differences(&clock->now, &clock->out, now, out, print_difference, to);
	(void)fprintf(to,
		      "The last %" PRIu64
		      " clocks of both sides: pins and what changes (packet.* but "
		      "for count: of C alone). In all but the last they agreed.\n",
		      shown);
	print_history(lockstep, shown, &(struct rtl_side){now, out}, to);
}

void ptv_lockstep_print_counts(const struct ptv_lockstep *lockstep, FILE *to)
{
	size_t count, i;

#define X(name, text) (void)fprintf(to, "%" PRIu64 " " text ", ", lockstep->counts.name);
	PTV_LOCKSTEP_COUNTS(X)
#undef X
	for (count = 0; lockstep->waivers[count].field; count++)
		;
	(void)fprintf(to, "%zu waivers", count);
	for (i = 0; i < count; i++)
		(void)fprintf(to, "; %s waived %" PRIu64 " times", lockstep->waivers[i].field,
			      lockstep->waived[i]);
	(void)fprintf(to, "\n");
}
