/* SPDX-License-Identifier: MIT */
/*
 * The comparison of every clock, for a twin in plain C++: what ptv_view_equal() says, sooner.
 *
 * A row of regs.def whose field is a register or pin as it stands is a pair of places of the same
 * size. Rows that follow each other, in the C model and in the RTL, are one run, found when this is
 * compiled; a run is compared by as few words as hold it. How Verilator lays out its registers
 * decides how many runs there are, never what is compared.
 */
#ifndef PTV_HARNESS_ENGINE_RTL_RUNS_H
#define PTV_HARNESS_ENGINE_RTL_RUNS_H

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "engine/rtl/view.h"

/* Side by side: `size` bytes of struct ptv_lp (or of struct ptv_pins_out) and of the RTL. */
struct ptv_run {
	size_t c, rtl, size;
	bool pin;
};

/* The first `count` are runs. */
template <size_t N> struct ptv_run_list {
	std::array<ptv_run, N> at;
	size_t count;
};

template <size_t N> constexpr ptv_run_list<N> ptv_runs_join(const std::array<ptv_run, N> &rows)
{
	ptv_run_list<N> runs{rows, 1};

	for (size_t i = 1; i < N; i++) {
		ptv_run &last = runs.at[runs.count - 1];

		if (rows[i].pin == last.pin && rows[i].c == last.c + last.size &&
		    rows[i].rtl == last.rtl + last.size)
			last.size += rows[i].size;
		else
			runs.at[runs.count++] = rows[i];
	}
	return runs;
}

template <size_t C, size_t Rtl> constexpr size_t ptv_run_size()
{
	static_assert(C == Rtl, "a pin is compared whole");
	return C;
}

/* Verilator's class has a base class, so that offsetof() in it is the compiler's good will. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
template <class Root> constexpr auto ptv_runs_rows()
{
	constexpr const struct ptv_lp *lp = nullptr;
	constexpr const struct ptv_pins_out *out = nullptr;
	constexpr const Root *root = nullptr;

#define PTV_RTL_REG(field, unit, reg, byte)                                                \
	ptv_run{offsetof(struct ptv_lp, field),                                            \
		offsetof(Root, ptv_twin__DOT__u_lp__DOT__u_##unit##__DOT__##reg) + (byte), \
		sizeof(lp->field), false},
#define PTV_RTL_PIN(field, port)                                            \
	ptv_run{offsetof(struct ptv_pins_out, field), offsetof(Root, port), \
		ptv_run_size<sizeof(out->field), sizeof(root->port)>(), true},
#define PTV_RTL_DATA(field, byte, port)                                              \
	ptv_run{offsetof(struct ptv_pins_out, field) + (byte), offsetof(Root, port), \
		ptv_run_size<sizeof(uint64_t), sizeof(root->port)>(), true},
	return std::array{
#include "engine/rtl/regs.def"
	};
}
#pragma GCC diagnostic pop

/* 16 bytes at once. */
typedef uint64_t ptv_run_pair __attribute__((vector_size(16)));

template <class Word> Word ptv_run_word(const uint8_t *at)
{
	Word value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Words one after the other; the last one ends where the run does. */
template <class Word, size_t Size, size_t... I>
bool ptv_run_words_equal(const uint8_t *a, const uint8_t *b, std::index_sequence<I...>)
{
	constexpr size_t end = Size - sizeof(Word);

	return ((ptv_run_word<Word>(a + std::min(I * sizeof(Word), end)) ==
		 ptv_run_word<Word>(b + std::min(I * sizeof(Word), end))) &&
		...);
}

template <class Word, size_t Size> bool ptv_run_equal_by(const uint8_t *a, const uint8_t *b)
{
	return ptv_run_words_equal<Word, Size>(
		a, b, std::make_index_sequence<(Size + sizeof(Word) - 1U) / sizeof(Word)>());
}

/* The differences of a long run go to `pairs`, which is looked at in the end. */
template <size_t Size, size_t... I>
void ptv_run_pairs(ptv_run_pair &pairs, const uint8_t *a, const uint8_t *b,
		   std::index_sequence<I...>)
{
	constexpr size_t end = Size - sizeof(ptv_run_pair);

	((pairs |= ptv_run_word<ptv_run_pair>(a + std::min(I * sizeof(ptv_run_pair), end)) ^
		   ptv_run_word<ptv_run_pair>(b + std::min(I * sizeof(ptv_run_pair), end))),
	 ...);
}

template <size_t Size> bool ptv_run_equal(ptv_run_pair &pairs, const uint8_t *a, const uint8_t *b)
{
	if constexpr (Size >= sizeof(ptv_run_pair)) {
		ptv_run_pairs<Size>(
			pairs, a, b,
			std::make_index_sequence<(Size + sizeof(pairs) - 1U) / sizeof(pairs)>());
		return true;
	} else if constexpr (Size >= sizeof(uint64_t)) {
		return ptv_run_equal_by<uint64_t, Size>(a, b);
	} else if constexpr (Size >= sizeof(uint32_t)) {
		return ptv_run_equal_by<uint32_t, Size>(a, b);
	} else if constexpr (Size >= sizeof(uint16_t)) {
		return ptv_run_equal_by<uint16_t, Size>(a, b);
	} else {
		return ptv_run_equal_by<uint8_t, Size>(a, b);
	}
}

template <class Root, size_t... I>
bool ptv_runs_all_equal(const uint8_t *now, const uint8_t *out, const uint8_t *rtl,
			std::index_sequence<I...>)
{
	constexpr auto runs = ptv_runs_join(ptv_runs_rows<Root>());
	ptv_run_pair pairs = {0, 0};

	return (ptv_run_equal<runs.at[I].size>(pairs, (runs.at[I].pin ? out : now) + runs.at[I].c,
					       rtl + runs.at[I].rtl) &&
		...) &&
	       (pairs[0] | pairs[1]) == 0;
}

/* Whether the clock that the twin shows is that of the C model. */
template <class Root>
bool ptv_runs_equal(const Root &root, const struct ptv_lp *now, const struct ptv_pins_out *out)
{
	constexpr auto runs = ptv_runs_join(ptv_runs_rows<Root>());
	const uint64_t cycle = root.cycle_o;

#define REG PTV_VIEW_REG
#define AT  PTV_VIEW_AT
	return ptv_runs_all_equal<Root>(reinterpret_cast<const uint8_t *>(now),
					reinterpret_cast<const uint8_t *>(out),
					reinterpret_cast<const uint8_t *>(&root),
					std::make_index_sequence<runs.count>())
#define PTV_RTL_VALUE(field, value) &&static_cast<uint64_t>(value) == now->field
#define PTV_RTL_DUE(field, value) \
	&&static_cast<uint64_t>(value) == (now->field < cycle ? cycle : now->field)
#include "engine/rtl/regs.def"
		;
#undef REG
#undef AT
}

#endif /* PTV_HARNESS_ENGINE_RTL_RUNS_H */
