/* SPDX-License-Identifier: MIT */
#include "engine/rtl/twin.h"

#include <cstring>
#include <memory>
#include <type_traits>

#include <verilated.h>

#include "Vptv_twin.h"
#include "Vptv_twin___024root.h"

struct ptv_twin {
	VerilatedContext context;
	Vptv_twin dut{&context};
};

namespace
{

#define REG(unit, name)		     (root.ptv_twin__DOT__u_lp__DOT__u_##unit##__DOT__##name)
#define PIN(name)		     (dut.name)
#define LONG(wide, word)	     (uint64_t{(wide)[(word) + 1]} << 32 | (wide)[word])
#define BITS(wide, word, low, width) ptv_bits((wide)[word], (low) + (width)-1U, low)
#define AT(valid, left)		     ((valid) ? cycle + (left) : PTV_NEVER)

void clock_edge(Vptv_twin &dut)
{
	dut.clk_i = 1;
	dut.eval();
	dut.clk_i = 0;
	dut.eval();
}

void configure(Vptv_twin &dut, const struct ptv_cpu_cfg *cfg)
{
	const uint32_t words[] = {
#define PTV_RTL_CAP(name, bits) cfg->caps.name,
#include "spec/rtl_cfg.def"
#undef PTV_RTL_CAP
#define PTV_SWITCH(name, dflt, choices, key, meaning) cfg->sw.name,
#include "spec/switch.def"
#undef PTV_SWITCH
#define PTV_LATENCY(name, dflt, min, max, unit, source, meaning) cfg->timing.name,
#include "spec/latency.def"
#undef PTV_LATENCY
	};

	dut.cfg_we_i = 1;
	for (size_t i = 0; i < PTV_ARRAY_SIZE(words); i++) {
		dut.cfg_addr_i = static_cast<uint8_t>(i);
		dut.cfg_data_i = words[i];
		clock_edge(dut);
	}
	dut.cfg_we_i = 0;
}

/* A deadline as both sides hold it: one in the past is now. */
uint64_t deadline(uint64_t at, uint64_t cycle)
{
	return at < cycle ? cycle : at;
}

uint64_t low_bytes(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

} // namespace

extern "C" struct ptv_twin *ptv_twin_open(const struct ptv_cpu_cfg *cfg)
{
	auto twin = std::make_unique<struct ptv_twin>();

	ptv_twin_reset(twin.get(), cfg);
	return twin.release();
}

extern "C" void ptv_twin_close(struct ptv_twin *twin)
{
	delete twin;
}

extern "C" void ptv_twin_reset(struct ptv_twin *twin, const struct ptv_cpu_cfg *cfg)
{
	Vptv_twin &dut = twin->dut;

	dut.clk_i = 0;
	dut.rst_ni = 0;
	dut.eval();
	configure(dut, cfg);
	dut.rst_ni = 1;
	dut.eval();
}

extern "C" void ptv_twin_tick(struct ptv_twin *twin, const struct ptv_pins_in *in,
			      const struct ptv_seam *seam, unsigned int before)
{
	Vptv_twin &dut = twin->dut;

	dut.op_i = in->op;
	dut.retire_i = in->retire;
	dut.vector_i = in->vector;
	dut.cpl_i = in->cpl;
	dut.mode_i = in->mode;
	dut.mem_ack_i = in->mem_ack;
	dut.emit_i = in->emit;
	dut.msr_i = in->msr;
	dut.data_i = in->data;
	dut.field_i = in->field;
	dut.ip_i = in->ip;
	dut.target_i = in->target;
	dut.cr3_i = in->cr3;
	dut.mem_rdata_i = in->mem_rdata;
	dut.seam_busy_i = seam->busy;
	dut.seam_ovf_i = seam->ovf;
	dut.seam_len_i = seam->len;
	dut.seam_kind_i = seam->kind;
	dut.seam_lost_i = seam->lost;
	dut.seam_data_lo_i = low_bytes(seam->data);
	dut.seam_data_hi_i = low_bytes(seam->data + 8);
	dut.rebase_i = (before & PTV_TWIN_REBASE) != 0;
	dut.expedite_i = (before & PTV_TWIN_EXPEDITE) != 0;
	dut.clk_i = 1;
	dut.eval();
	dut.clk_i = 0;
	dut.eval();
}

extern "C" bool ptv_twin_equal(const struct ptv_twin *twin, const struct ptv_lp *now,
			       const struct ptv_pins_out *out)
{
	const Vptv_twin &dut = twin->dut;
	const Vptv_twin___024root &root = *dut.rootp;
	const uint64_t cycle = dut.cycle_o;
	uint64_t diff = 0;

#define PTV_RTL_REG(field, value) diff |= static_cast<uint64_t>(value) ^ now->field;
#define PTV_RTL_DUE(field, value) \
	diff |= static_cast<uint64_t>(value) ^ deadline(now->field, cycle);
#define PTV_RTL_PIN(field, value) diff |= static_cast<uint64_t>(value) ^ out->field;
#include "engine/rtl/regs.def"
#undef PTV_RTL_REG
#undef PTV_RTL_DUE
#undef PTV_RTL_PIN
	diff |= dut.store_data_lo_o ^ low_bytes(out->store_data);
	diff |= dut.store_data_hi_o ^ low_bytes(out->store_data + 8);
	diff |= dut.packet_data_lo_o ^ low_bytes(out->packet);
	diff |= dut.packet_data_hi_o ^ low_bytes(out->packet + 8);
	return diff == 0;
}

extern "C" void ptv_twin_read(const struct ptv_twin *twin, const struct ptv_lp *like,
			      struct ptv_lp *now, struct ptv_pins_out *out)
{
	const Vptv_twin &dut = twin->dut;
	const Vptv_twin___024root &root = *dut.rootp;
	const uint64_t cycle = dut.cycle_o;
	const uint64_t data[] = {dut.store_data_lo_o, dut.store_data_hi_o, dut.packet_data_lo_o,
				 dut.packet_data_hi_o};

	*now = *like;
	memset(out, 0, sizeof(*out));
#define PTV_RTL_REG(field, value) \
	now->field = static_cast<std::remove_reference_t<decltype(now->field)>>(value);
#define PTV_RTL_DUE(field, value) PTV_RTL_REG(field, value)
#define PTV_RTL_PIN(field, value) \
	out->field = static_cast<std::remove_reference_t<decltype(out->field)>>(value);
#include "engine/rtl/regs.def"
#undef PTV_RTL_REG
#undef PTV_RTL_DUE
#undef PTV_RTL_PIN
	memcpy(out->store_data, data, sizeof(out->store_data));
	memcpy(out->packet, data + 2, sizeof(out->packet));
}
