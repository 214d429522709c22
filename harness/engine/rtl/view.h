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

/* The register that a field is, or the bytes from Byte on of a wide one. */
template <class Field, size_t Byte, class Register> Field ptv_view_part(const Register &reg)
{
	Field value;

	static_assert(sizeof(Field) == sizeof(Register) || std::is_class_v<Register>,
		      "a register is compared whole");
	static_assert(Byte + sizeof(Field) <= sizeof(Register), "within the register");
	memcpy(&value, reinterpret_cast<const uint8_t *>(&reg) + Byte, sizeof(value));
	return value;
}

/* The names that expressions of regs.def use. `root` and `cycle` are the includer's. */
#define PTV_VIEW_REG(unit, reg)	 (root.ptv_twin__DOT__u_lp__DOT__u_##unit##__DOT__##reg)
#define PTV_VIEW_AT(valid, left) ((valid) ? cycle + (left) : PTV_NEVER)
#define PTV_VIEW_TYPE(base, field) \
	std::remove_cv_t<std::remove_reference_t<decltype((base)->field)>>

#define REG PTV_VIEW_REG
#define AT  PTV_VIEW_AT

/* As ptv_twin_read(). */
template <class Dut>
void ptv_view_read(const Dut &dut, const struct ptv_lp *like, struct ptv_lp *now,
		   struct ptv_pins_out *out)
{
	const auto &root = *dut.rootp;
	const uint64_t cycle = static_cast<uint64_t>(dut.cycle_o);
	uint64_t data;

	*now = *like;
	memset(out, 0, sizeof(*out));
#define PTV_RTL_REG(field, unit, reg, byte) \
	now->field = ptv_view_part<PTV_VIEW_TYPE(now, field), byte>(REG(unit, reg));
#define PTV_RTL_VALUE(field, value) now->field = static_cast<PTV_VIEW_TYPE(now, field)>(value);
#define PTV_RTL_DUE		    PTV_RTL_VALUE
#define PTV_RTL_PIN(field, port) \
	out->field = static_cast<PTV_VIEW_TYPE(out, field)>(static_cast<uint64_t>(dut.port));
#define PTV_RTL_DATA(field, byte, port)         \
	data = static_cast<uint64_t>(dut.port); \
	memcpy(out->field + (byte), &data, sizeof(data));
#include "engine/rtl/regs.def"
}

/* Whether the clock that the twin shows is that of the C model, field by field. */
template <class Dut>
bool ptv_view_equal(const Dut &dut, const struct ptv_lp *now, const struct ptv_pins_out *out)
{
	const auto &root = *dut.rootp;
	const uint64_t cycle = static_cast<uint64_t>(dut.cycle_o);
	uint64_t diff = 0;

#define PTV_RTL_REG(field, unit, reg, byte)                                                \
	diff |= uint64_t{ptv_view_part<PTV_VIEW_TYPE(now, field), byte>(REG(unit, reg))} ^ \
		now->field;
#define PTV_RTL_VALUE(field, value) diff |= static_cast<uint64_t>(value) ^ now->field;
/* A deadline as both sides hold it: one in the past is now. */
#define PTV_RTL_DUE(field, value) \
	diff |= static_cast<uint64_t>(value) ^ (now->field < cycle ? cycle : now->field);
#define PTV_RTL_PIN(field, port) diff |= static_cast<uint64_t>(dut.port) ^ out->field;
#define PTV_RTL_DATA(field, byte, port) \
	diff |= static_cast<uint64_t>(dut.port) ^ ptv_view_word(out->field + (byte));
#include "engine/rtl/regs.def"
	return diff == 0;
}

#undef REG
#undef AT

#endif /* PTV_HARNESS_ENGINE_RTL_VIEW_H */
