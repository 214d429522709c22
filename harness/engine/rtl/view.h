/* SPDX-License-Identifier: MIT */
/*
 * A Verilated twin as the scoreboard sees it, for plain C++ (ports are integers) and for SystemC
 * (ports are channels) alike: what is written and read the same way in both.
 */
#ifndef PTV_HARNESS_ENGINE_RTL_VIEW_H
#define PTV_HARNESS_ENGINE_RTL_VIEW_H

#include <cstring>
#include <type_traits>

#include "engine/rtl/twin.h"

inline uint64_t ptv_view_word(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* Drives the pins of a clock. `pins` has a member for each input port. */
template <class Pins>
void ptv_view_drive(Pins &pins, const struct ptv_pins_in *in, const struct ptv_seam *seam,
		    unsigned int before)
{
	pins.op_i = in->op;
	pins.retire_i = in->retire;
	pins.vector_i = in->vector;
	pins.cpl_i = in->cpl;
	pins.mode_i = in->mode;
	pins.mem_ack_i = in->mem_ack;
	pins.emit_i = in->emit;
	pins.msr_i = in->msr;
	pins.data_i = in->data;
	pins.field_i = in->field;
	pins.ip_i = in->ip;
	pins.target_i = in->target;
	pins.cr3_i = in->cr3;
	pins.mem_rdata_i = in->mem_rdata;
	pins.seam_busy_i = seam->busy;
	pins.seam_ovf_i = seam->ovf;
	pins.seam_len_i = seam->len;
	pins.seam_kind_i = seam->kind;
	pins.seam_lost_i = seam->lost;
	pins.seam_data_lo_i = ptv_view_word(seam->data);
	pins.seam_data_hi_i = ptv_view_word(seam->data + 8);
	pins.rebase_i = (before & PTV_TWIN_REBASE) != 0;
	pins.expedite_i = (before & PTV_TWIN_EXPEDITE) != 0;
}

#define REG(unit, name)	 (root.ptv_twin__DOT__u_lp__DOT__u_##unit##__DOT__##name)
#define PIN(name)	 (static_cast<uint64_t>(dut.name))
#define LONG(wide, word) (uint64_t{(wide)[(word) + 1]} << 32 | (wide)[word])
#define BITS(wide, word, low, width) \
	ptv_bits((wide)[word], static_cast<unsigned int>((low) + (width)-1), low)
#define AT(valid, left) ((valid) ? cycle + (left) : PTV_NEVER)

/* Whether the clock that the twin shows is that of the C model. */
template <class Dut>
bool ptv_view_equal(const Dut &dut, const struct ptv_lp *now, const struct ptv_pins_out *out)
{
	const auto &root = *dut.rootp;
	const uint64_t cycle = PIN(cycle_o);
	uint64_t diff = 0;

#define PTV_RTL_REG(field, value) diff |= static_cast<uint64_t>(value) ^ now->field;
/* A deadline as both sides hold it: one in the past is now. */
#define PTV_RTL_DUE(field, value) \
	diff |= static_cast<uint64_t>(value) ^ (now->field < cycle ? cycle : now->field);
#define PTV_RTL_PIN(field, value) diff |= static_cast<uint64_t>(value) ^ out->field;
#include "engine/rtl/regs.def"
#undef PTV_RTL_REG
#undef PTV_RTL_DUE
#undef PTV_RTL_PIN
	diff |= PIN(store_data_lo_o) ^ ptv_view_word(out->store_data);
	diff |= PIN(store_data_hi_o) ^ ptv_view_word(out->store_data + 8);
	diff |= PIN(packet_data_lo_o) ^ ptv_view_word(out->packet);
	diff |= PIN(packet_data_hi_o) ^ ptv_view_word(out->packet + 8);
	return diff == 0;
}

/* As ptv_twin_read(). */
template <class Dut>
void ptv_view_read(const Dut &dut, const struct ptv_lp *like, struct ptv_lp *now,
		   struct ptv_pins_out *out)
{
	const auto &root = *dut.rootp;
	const uint64_t cycle = PIN(cycle_o);
	const uint64_t data[] = {PIN(store_data_lo_o), PIN(store_data_hi_o), PIN(packet_data_lo_o),
				 PIN(packet_data_hi_o)};

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

#undef REG
#undef PIN
#undef LONG
#undef BITS
#undef AT

#endif /* PTV_HARNESS_ENGINE_RTL_VIEW_H */
