/* SPDX-License-Identifier: MIT */
#include "search/fuzz_case.h"

#include <string.h>

#include "play/deliver.h"
#include "ptv/msr.h"

/* What the numbers of a plan mean; the first is the plain choice. */
static const uint8_t pages[PTV_PLAN_PAGES] = {2, 1, 4, 8, 16, 32};
static const uint32_t cycles_per_branch[PTV_PLAN_CYCLES] = {10, 1, 2, 4, 20, 50, 200, 1000};
static const uint32_t kernel_percent[PTV_PLAN_KERNELS] = {30, 0, 50, 100};
static const uint32_t indirect_percent[PTV_PLAN_INDIRECTS] = {50, 100, 0, 100};
static const uint32_t far_percent[PTV_PLAN_INDIRECTS] = {0, 0, 0, 98};
static const uint64_t config[PTV_PLAN_CONFIGS] = {0, PTV_CTL_DIS_RETC, PTV_CTL_TSC_EN,
						  PTV_CTL_DIS_RETC | PTV_CTL_TSC_EN};

/* Bytes before the end of a page; the early PMI of single regions comes pmi_margin, 512, before. */
static const uint16_t before[PTV_PLAN_BEFORES] = {0,   16,  32,	 64,  128,  256,  384,	496,
						  512, 528, 560, 640, 1024, 1536, 2048, 3072};

/* What earlier transactions traced: up to shortly before the end of half of the buffer, of its
 * first page, of all of it, or of three quarters. */
static uint32_t earlier(const struct ptv_plan_event *event, uint32_t size)
{
	const uint32_t ends[PTV_PLAN_ENDS] = {size / 2U, PTV_AUX_PAGE, size, size / 4U * 3U};

	if (event->before == 0U || ends[event->end] <= before[event->before])
		return 0;
	return ends[event->end] - before[event->before];
}

static uint64_t watermark(unsigned int choice, uint64_t size)
{
	const uint64_t bytes[PTV_PLAN_WATERMARKS] = {0,	   1,	      256,	 4096,
						     size, size - 1U, size / 4U, 3000};

	return bytes[choice];
}

/* Region sizes: the era's own, halves, single pages, or ever smaller ones. */
static void make_regions(struct ptv_event_cfg *cfg, unsigned int choice)
{
	uint32_t left = cfg->aux_pages;
	uint32_t size = choice == 2U ? 1U : left / 2U;

	cfg->region_pages_count = 0;
	if (choice == 0U || left == 1U)
		return;
	while (left > 0U) {
		cfg->region_pages[cfg->region_pages_count++] = (uint8_t)size;
		left -= size;
		if (choice == 3U && size > 1U)
			size = left / 2U > 0U ? left / 2U : 1U;
	}
}

static void make_event(struct ptv_event_cfg *cfg, const struct ptv_plan *plan, uint8_t n)
{
	const struct ptv_plan_event *event = &plan->event[n];

	memset(cfg, 0, sizeof(*cfg));
	cfg->context = plan->task ? PTV_CONTEXT_TASK : PTV_CONTEXT_CPU;
	cfg->mode = event->mode ? PTV_AUX_SNAPSHOT : PTV_AUX_FULL;
	cfg->aux_pages = pages[event->pages];
	cfg->watermark = watermark(event->watermark, (uint64_t)cfg->aux_pages * PTV_AUX_PAGE);
	cfg->earlier = earlier(event, cfg->aux_pages * PTV_AUX_PAGE);
	cfg->attr_config = config[event->config];
	cfg->lp = plan->task ? 0U : n;
	cfg->exclude_kernel = event->exclude == 1U ? 1U : 0U;
	cfg->exclude_user = event->exclude == 2U ? 1U : 0U;
	make_regions(cfg, event->regions);
}

static void make_settings(struct ptv_scenario *s, const struct ptv_plan *plan)
{
	const struct ptv_param_row *row;
	size_t count;
	uint8_t i;

	ptv_timing_default(&s->timing);
	ptv_switches_default(&s->switches);
	row = ptv_timing_rows(&count);
	for (i = 0; i < plan->timings; i++) {
		const struct ptv_param_row *r = &row[plan->timing[i].row];

		PTV_ASSERT(ptv_timing_set(&s->timing, r->name, ptv_fuzz_timing(&plan->timing[i])) ==
			   0);
	}
	row = ptv_switch_rows(&count);
	for (i = 0; i < plan->switches; i++) {
		char choice[PTV_FUZZ_WORD];

		ptv_fuzz_choice(&plan->sw[i], choice);
		PTV_ASSERT(ptv_switch_set(&s->switches, row[plan->sw[i].row].name, choice) == 0);
	}
}

uint64_t ptv_fuzz_timing(const struct ptv_plan_setting *setting)
{
	size_t count;
	const struct ptv_param_row *row = &ptv_timing_rows(&count)[setting->row];

	const uint64_t level = setting->value, cube = level * level * level;

	/* Near the least more often: long latencies are waited for, and rarely differ. */
	return row->min + (uint64_t)(row->max - row->min) * cube / (255U * 255U * 255U);
}

void ptv_fuzz_choice(const struct ptv_plan_setting *setting, char text[PTV_FUZZ_WORD])
{
	size_t count, size;
	const char *at = ptv_switch_rows(&count)[setting->row].choices;
	uint8_t n;

	for (n = 0; n < setting->value; n++)
		at = strchr(at, '|') + 1;
	size = strcspn(at, "|");
	PTV_ASSERT(size < PTV_FUZZ_WORD);
	memcpy(text, at, size);
	text[size] = '\0';
}

/* An argument of a stimulus, where it has one that is a number. */
static void make_argument(struct ptv_entry *entry, const struct ptv_plan_stimulus *s)
{
	size_t count;
	const struct ptv_plan_kind *kind = &ptv_plan_kind_rows(&count)[s->what];
	struct ptv_range *arg = entry->arg;
	const uint64_t amount = ptv_plan_amount(s->amount);

	switch (kind->stimulus) {
	case PTV_STIM_PROGRESS:
		arg[0].from = arg[0].to = kind->to == PTV_PROGRESS_BRANCHES ? amount : 0U;
		arg[1].from = arg[1].to = kind->to;
		break;
	case PTV_STIM_VCPU_RUN:
	case PTV_STIM_IDLE:
		arg[0].from = arg[0].to = amount;
		break;
	case PTV_STIM_CONSUMER_READ:
		/* Half of them read all there is. */
		arg[0].from = arg[0].to = s->amount & 64U ? 0U : amount * 64U;
		break;
	default:
		break;
	}
}

static void make_timeline(struct ptv_fuzz_case *c)
{
	size_t count;
	const struct ptv_plan_kind *kind = ptv_plan_kind_rows(&count);
	uint64_t at = 0;
	uint8_t i;
	int n;

	memset(c->entry, 0, sizeof(c->entry[0]) * c->plan.stimuli);
	for (i = 0; i < c->plan.stimuli; i++) {
		const struct ptv_plan_stimulus *s = &c->plan.stimulus[i];
		struct ptv_entry *entry = &c->entry[i];

		entry->stimulus.kind = kind[s->what].stimulus;
		entry->stimulus.lp = s->lp;
		entry->stimulus.event = s->event;
		entry->stimulus.at = PTV_AT_NEXT;
		entry->at.step = 1;
		for (n = 0; n < 4; n++)
			entry->arg[n].step = 1;
		if (s->has_at) {
			at += ptv_plan_gap_cycles(s->gap);
			entry->has_at = true;
			entry->at.from = entry->at.to = at;
		}
		make_argument(entry, s);
	}
	c->scenario.timeline = c->entry;
	c->scenario.entries = c->plan.stimuli;
}

void ptv_fuzz_case_build(struct ptv_fuzz_case *c, const struct ptv_plan *plan)
{
	struct ptv_scenario *s = &c->scenario;
	size_t count;
	uint8_t i;

	c->plan = *plan;
	s->file = (char *)(uintptr_t) "(fuzz)";
	s->name = s->file;
	s->asks_check = -1;
	s->machine = &ptv_machine_rows(&count)[plan->machine];
	s->lps = plan->lps;
	s->events = plan->events;
	s->consumer = plan->manual ? PTV_CONSUMER_MANUAL : PTV_CONSUMER_WAKE;
	s->choices = s->choice_limit = 1;
	for (i = 0; i < plan->events; i++)
		make_event(&s->event[i], plan, i);
	ptv_work_default(&s->work);
	s->work.cycles_per_branch = cycles_per_branch[plan->cycles];
	s->work.kernel_percent = kernel_percent[plan->kernel];
	s->work.indirect_percent = indirect_percent[plan->indirect];
	s->work.far_percent = far_percent[plan->indirect];
	if (plan->work_seed)
		s->work.seed = plan->work_seed;
	make_settings(s, plan);
	make_timeline(c);
	ptv_choice_steps(s, 0, &c->steps);
}

void ptv_fuzz_case_free(struct ptv_fuzz_case *c)
{
	ptv_steps_free(&c->steps);
}

/* --- Where interrupts go --- */

#define LABELS 512U /* labels of the kernel and a driver, twice */

/* So many branches of the workload are waited for a place in kernel code: more than any self-IPI
 * takes by default. What has not come then will not come. */
#define PATIENCE 512U

struct placing {
	enum ptv_int vector;
	uint8_t left;	 /* places still to pass */
	uint32_t waited; /* branches */
	bool fired;
	struct ptv_entry *entry;
	struct ptv_delivery *delivery;
	struct {
		const char *label;
		enum ptv_side side;
		uint32_t count;
	} passed[LABELS]; /* in this stimulus */
	size_t labels;
};

static uint32_t *passes_of(struct placing *p, const char *label, enum ptv_side side)
{
	size_t i;

	for (i = 0; i < p->labels; i++) {
		if (p->passed[i].side == side && strcmp(p->passed[i].label, label) == 0)
			return &p->passed[i].count;
	}
	PTV_ASSERT(p->labels < LABELS);
	p->passed[i].label = label;
	p->passed[i].side = side;
	p->passed[i].count = 0;
	p->labels++;
	return &p->passed[i].count;
}

static void pass(void *ctx, const char *label, enum ptv_side side, unsigned int lp)
{
	(void)lp;
	(*passes_of(ctx, label, side))++;
}

/* Holds the interrupt back until it is where it belongs. The workload has no labels that a file
 * could name. */
static uint32_t decide(void *ctx, const struct ptv_decision *decision)
{
	struct placing *p = ctx;
	struct ptv_delivery *d = p->delivery;

	if (p->fired || p->waited > PATIENCE || decision->kind != PTV_DECIDE_DELIVER ||
	    decision->vector != p->vector)
		return decision->dflt;
	if (!strchr(decision->label, '.')) {
		p->waited++;
		return 0;
	}
	if (p->left > 0U) {
		p->left--;
		return 0;
	}
	p->fired = true;
	memset(d, 0, sizeof(*d));
	d->vector = p->vector;
	d->side = decision->side;
	d->label = (char *)(uintptr_t)decision->label;
	d->occurrence = *passes_of(p, decision->label, decision->side);
	p->entry->deliver = d;
	p->entry->deliveries = 1;
	return 1;
}

/* Tries a place; returns how many were passed. */
static uint8_t try_place(struct placing *p, struct ptv_play *play, const struct ptv_step *step,
			 uint8_t place)
{
	struct ptv_env env = play->env;

	p->left = place;
	p->waited = 0;
	p->labels = 0;
	memset(&env.sink, 0, sizeof(env.sink));
	env.player.decide = decide;
	env.player.pass = pass;
	env.player.ctx = p;
	ptv_world_copy(play->copy_world, play->world, &env);
	(void)ptv_world_apply(play->copy_world, &env, &step->stimulus, play->index);
	return (uint8_t)(place - p->left);
}

void ptv_fuzz_case_place(void *ctx, struct ptv_play *play)
{
	struct ptv_fuzz_case *c = ctx;
	const uint32_t i = play->index;
	struct ptv_plan_stimulus *s = &c->plan.stimulus[i];
	struct placing placing;
	uint8_t passed;

	if (!s->deliver)
		return;
	placing.vector = s->irq ? PTV_INT_IRQ : PTV_INT_NMI;
	placing.fired = false;
	placing.entry = &c->entry[i];
	placing.delivery = &c->delivery[i];
	passed = try_place(&placing, play, &c->steps.at[i], s->place);
	if (!placing.fired && passed > 0U) {
		s->place %= passed;
		(void)try_place(&placing, play, &c->steps.at[i], s->place);
	}
	if (placing.fired)
		ptv_deliver_add(play, placing.delivery);
	else
		s->deliver = s->irq = s->place = 0;
}
