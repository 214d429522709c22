/* SPDX-License-Identifier: MIT */
#include "engine/rtl/twin.h"

#include <memory>

#include <verilated.h>

#include "Vptv_twin.h"
#include "Vptv_twin___024root.h"
#include "engine/rtl/runs.h"

struct ptv_twin {
	VerilatedContext context;
	Vptv_twin dut{&context};
};

namespace
{

void clock_edge(Vptv_twin &dut)
{
	dut.clk_i = 1;
	dut.eval();
	dut.clk_i = 0;
	dut.eval();
}

} // namespace

extern "C" bool ptv_twin_is_built(void)
{
	return true;
}

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
	uint32_t words[PTV_TWIN_WORDS];
	const size_t count = ptv_twin_words(cfg, words);
	Vptv_twin &dut = twin->dut;

	dut.clk_i = 0;
	dut.rst_ni = 0;
	dut.eval();
	dut.cfg_we_i = 1;
	for (size_t i = 0; i < count; i++) {
		dut.cfg_addr_i = static_cast<uint8_t>(i);
		dut.cfg_data_i = words[i];
		clock_edge(dut);
	}
	dut.cfg_we_i = 0;
	dut.rst_ni = 1;
	dut.eval();
}

extern "C" void ptv_twin_tick(struct ptv_twin *twin, const struct ptv_pins_in *in,
			      const struct ptv_seam *seam, unsigned int before)
{
	ptv_view_drive(twin->dut, in, seam, before);
	clock_edge(twin->dut);
}

extern "C" bool ptv_twin_equal(const struct ptv_twin *twin, const struct ptv_lp *now,
			       const struct ptv_pins_out *out)
{
	return ptv_runs_equal(*twin->dut.rootp, now, out);
}

extern "C" void ptv_twin_read(const struct ptv_twin *twin, const struct ptv_lp *like,
			      struct ptv_lp *now, struct ptv_pins_out *out)
{
	ptv_view_read(twin->dut, like, now, out);
}
