/* SPDX-License-Identifier: MIT */
/*
 * What it is. The output pointers: where trace bytes go in memory, by a table of physical addresses
 * (ToPA) or in a single range, and what happens at the end of a region.
 *
 * State. topa.base, idx, off are IA32_RTIT_OUTPUT_BASE and _MASK_PTRS themselves: they are exact at
 * every clock. topa.entry is the current region while topa.valid; req is the read of an entry that
 * is under way; err_at a bad configuration that has been found and will become STATUS.Error.
 *
 * Rules. An enable reads the entry at base + 8*idx (HW-070). An END entry moves base to its address
 * and idx to 0 and is followed at once (HW-073); an output entry is checked when it becomes current
 * (E1-E7, HW-081..087), and nothing is while TraceEn=0 (HW-089). The store that writes a region's
 * last byte moves on at once (C-5): to the next entry, whose read begins (HW-072), or, with STOP,
 * nowhere (HW-075). Where only one region fits a table (HW-008), the PMI comes pmi_margin bytes
 * before its end, once a pass (HW-093, C-6). A single range wraps (HW-068). When a flush has ended,
 * the entry is forgotten (HW-091).
 *
 * Order within a cycle. An error found earlier becomes visible; then a store leaves; then a region
 * ends: STOP before PMI (HW-076). The answer of the memory comes into force in the next clock.
 *
 * Not modelled. Entry caches (depth 0: an entry is read when it becomes current), SMRR (E9, E10),
 * the APIC page (E11), trace transport, guest-physical addresses (HW-136), reads that lag behind
 * (T_WB_PTRS: reads are exact).
 *
 * Sources. SDM Vol. 3, 36.2.6.1, 36.2.6.2, 36.3.9; Linux pt.c for the margin.
 */
#include "topa.h"

#define MAX_IDX		   0x1ffffffU /* HW-074, X-8 */
#define TABLE_MISALIGNED   UINT64_C(0xfff)
#define RESERVED_LOW	   UINT64_C(0xc2a) /* bits 1, 3, 5, 11:10 */
#define ADDRESS(entry)	   ((entry) & ~UINT64_C(0xfff))
#define SINGLE_MASK(topa_) (((uint64_t)(topa_)->idx << 7) | 0x7fU)

void ptv_topa_init(struct ptv_lp *lp)
{
	struct ptv_lp_topa zero = {0};

	lp->topa = zero;
	lp->topa.req_at = PTV_NEVER;
	lp->topa.err_at = PTV_NEVER;
}

static uint64_t region_size(uint64_t entry)
{
	return UINT64_C(4096) << ptv_bits(entry, 9, PTV_TOPA_SIZE_SHIFT); /* HW-071 */
}

void ptv_topa_window(const struct ptv_lp *now, struct ptv_wires *w)
{
	const struct ptv_lp_topa *topa = &now->topa;

	w->err = topa->err_at <= now->timer.cycle;
	if (!topa->valid)
		return;
	if (topa->single) {
		const uint64_t mask = SINGLE_MASK(topa);
		const uint64_t rest = mask + 1U - topa->off;

		w->room = rest > UINT32_MAX ? UINT32_MAX : (uint32_t)rest;
		w->store_addr = (topa->base & ~mask) + topa->off;
	} else {
		w->room = (uint32_t)(region_size(topa->entry) - topa->off);
		w->store_addr = ADDRESS(topa->entry) + topa->off;
	}
}

/* Single-entry ToPA: whether the store crosses into the margin, and with which byte. */
static bool early_pmi(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const uint64_t margin = cfg->timing.pmi_margin;
	const uint64_t size = region_size(now->topa.entry);
	const uint64_t first = size > margin ? size - margin - 1U : 0U;
	const uint64_t off = now->topa.off;

	if (now->topa.pmi_done || off + w->store_len <= first)
		return false;
	w->pmi_byte = ADDRESS(now->topa.entry) + (off > first ? off : first);
	return true;
}

void ptv_topa_wires(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_wires *w)
{
	const uint64_t entry = now->topa.entry;

	if (w->store_len && !now->topa.single) {
		w->region_end = w->store_len == w->room;
		w->stop = w->region_end && (entry & PTV_TOPA_STOP) != 0;
		if (entry & PTV_TOPA_INT) {
			if (!cfg->caps.mentry) {
				w->pmi = early_pmi(cfg, now, w) ? 2U : 0U;
			} else if (w->region_end) {
				w->pmi = 1U;
				w->pmi_byte = w->store_addr + w->store_len - 1U;
			}
		}
	}
	w->kill = w->stop || w->err;
}

/* E1-E7 for an entry that has just been read; idx and off are those of the pointers. */
static bool entry_is_bad(const struct ptv_cpu_cfg *cfg, const struct ptv_lp_topa *topa,
			 uint64_t entry)
{
	const bool end = (entry & PTV_TOPA_END) != 0;
	const bool second = !cfg->caps.mentry && topa->idx != 0U;

	if ((entry & RESERVED_LOW) || (entry >> cfg->caps.maxphyaddr))
		return true; /* E1 */
	if (end) {
		if (entry & (PTV_TOPA_INT | PTV_TOPA_STOP))
			return true; /* E5 */
		if (topa->idx == 0U)
			return true;			       /* E6 */
		return second && ADDRESS(entry) != topa->base; /* E7 */
	}
	if (second)
		return true; /* E7 */
	if (ADDRESS(entry) & (region_size(entry) - 1U))
		return true;			/* E3 */
	return topa->off >= region_size(entry); /* E4 */
}

static void request(struct ptv_lp_topa *topa, uint64_t cycle)
{
	topa->req = 1;
	topa->valid = 0;
	topa->req_at = cycle + 1U;
}

static void found_bad(const struct ptv_cpu_cfg *cfg, struct ptv_lp_topa *topa, uint64_t cycle)
{
	topa->err_at = cycle + cfg->timing.err_visible;
}

/* The memory has answered. */
static void take_entry(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, uint64_t entry,
		       struct ptv_lp_topa *topa)
{
	const uint64_t cycle = now->timer.cycle;

	topa->req = 0;
	topa->req_at = PTV_NEVER;
	if (entry_is_bad(cfg, &now->topa, entry)) {
		found_bad(cfg, topa, cycle);
		return;
	}
	if (entry & PTV_TOPA_END) {
		topa->base = ADDRESS(entry);
		topa->idx = 0;
		if (cfg->sw.end_resets_off)
			topa->off = 0;
		request(topa, cycle);
		return;
	}
	topa->entry = entry;
	topa->valid = 1;
	if (topa->first && cfg->sw.early_pmi == PTV_EARLY_EDGE)
		topa->pmi_done = region_size(entry) - topa->off <= cfg->timing.pmi_margin;
	topa->first = 0;
}

/* Output begins: the pointers are loaded (HW-070) or the single range is checked (E8, HW-069). */
static void start(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now, struct ptv_lp_topa *topa)
{
	const uint64_t mask = SINGLE_MASK(topa);

	topa->pmi_done = 0;
	topa->first = 1;
	topa->entry = 0;
	if (!topa->single) {
		if (topa->base & TABLE_MISALIGNED)
			found_bad(cfg, topa, now->timer.cycle); /* E2 */
		else
			request(topa, now->timer.cycle);
		return;
	}
	if ((mask & (mask + 1U)) || (topa->base & mask) || topa->off > mask)
		found_bad(cfg, topa, now->timer.cycle);
	else
		topa->valid = 1;
}

/* A store has left. */
static void advance(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		    const struct ptv_wires *w, struct ptv_lp_topa *topa)
{
	topa->off += w->store_len;
	if (topa->single) {
		topa->off &= (uint32_t)SINGLE_MASK(topa);
		return;
	}
	if (w->pmi == 2U)
		topa->pmi_done = 1;
	if (!w->region_end)
		return;
	topa->pmi_done = 0;
	if (w->stop) {
		if (cfg->sw.stop_off == PTV_STOP_OFF_SIZE_MINUS_1 &&
		    cfg->caps.ptr_granularity == 1U)
			topa->off--;
		topa->valid = 0;
		return;
	}
	topa->idx = topa->idx == MAX_IDX ? 0U : topa->idx + 1U;
	topa->off = 0;
	request(topa, now->timer.cycle);
}

static void write_msr(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		      struct ptv_lp_topa *topa)
{
	const uint64_t value = now->op.data;

	if (now->op.msr == PTV_MSR_RTIT_OUTPUT_BASE) {
		topa->base = value;
	} else if (now->op.msr == PTV_MSR_RTIT_OUTPUT_MASK_PTRS) {
		topa->idx = (uint32_t)ptv_bits(value, 31, 7);
		topa->off = (uint32_t)(value >> 32) & ptv_unit_mask(&cfg->caps);
	}
}

/* Bytes wait for a flush, and nobody has loaded the pointers: a TraceStop came at enable. */
static bool wanted(const struct ptv_lp *now)
{
	return now->fifo.flush && now->fifo.level && !now->topa.valid && !now->topa.req &&
	       now->topa.err_at == PTV_NEVER;
}

void ptv_topa_step(const struct ptv_cpu_cfg *cfg, const struct ptv_lp *now,
		   const struct ptv_pins_in *in, const struct ptv_wires *w, struct ptv_lp *next)
{
	struct ptv_lp_topa *topa = &next->topa;

	if (w->reset == 1U || (w->reset == 2U && !cfg->caps.ipfilt)) {
		ptv_topa_init(next);
		return;
	}
	if (w->reset == 2U || w->flush_end) {
		topa->valid = topa->req = topa->first = topa->pmi_done = topa->single = 0;
		topa->entry = 0;
		topa->req_at = topa->err_at = PTV_NEVER;
		topa->off &= ptv_unit_mask(&cfg->caps); /* a reset may cut a unit */
		return;
	}
	if (w->enable)
		topa->single = !(w->ctl & PTV_CTL_TOPA); /* until the next enable (HW-014) */
	if (w->err) {
		topa->err_at = PTV_NEVER;
		topa->valid = 0;
	} else if (in->mem_ack && now->topa.req) {
		take_entry(cfg, now, in->mem_rdata, topa);
	} else if (w->topa_start || wanted(now)) {
		start(cfg, now, topa);
	} else if (w->store_len) {
		advance(cfg, now, w, topa);
	} else if (w->wrmsr) {
		write_msr(cfg, now, topa);
	}
}

uint64_t ptv_topa_next_event(const struct ptv_lp *lp)
{
	return wanted(lp) ? lp->timer.cycle : lp->topa.err_at;
}
