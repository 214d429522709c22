/* SPDX-License-Identifier: MIT */
/*
 * ptvmx-lockstep: a SystemC bench in which the RTL twin and the C model replay timelines.
 *
 *	Stimulus --pins--> C model --seam--> RTL twin --pins, registers--> Scoreboard
 *
 * At each falling edge the scoreboard looks at the clock that the twin shows, then the stimulus
 * driver puts the next clock's pins on the wires: the C model goes first, because the twin takes
 * packets from it. Between two runs the twin is reset and configured over its bus.
 */
#include <systemc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include <verilated_fst_sc.h>

#include "Vptv_twin_sc.h"
#include "Vptv_twin_sc___024root.h"
#include "engine/rtl/lockstep.h"
#include "engine/rtl/view.h"
#include "lockstep/jobs.h"
#include "lockstep/waves.h"

namespace
{

#define INPUTS(X)                   \
	X(bool, rst_ni)             \
	X(bool, cfg_we_i)           \
	X(uint32_t, cfg_addr_i)     \
	X(uint32_t, cfg_data_i)     \
	X(uint32_t, op_i)           \
	X(uint32_t, retire_i)       \
	X(uint32_t, vector_i)       \
	X(uint32_t, cpl_i)          \
	X(uint32_t, mode_i)         \
	X(bool, mem_ack_i)          \
	X(uint32_t, emit_i)         \
	X(uint32_t, msr_i)          \
	X(uint64_t, data_i)         \
	X(uint64_t, field_i)        \
	X(uint64_t, ip_i)           \
	X(uint64_t, target_i)       \
	X(uint64_t, cr3_i)          \
	X(uint64_t, mem_rdata_i)    \
	X(bool, seam_busy_i)        \
	X(bool, seam_ovf_i)         \
	X(uint32_t, seam_len_i)     \
	X(uint32_t, seam_kind_i)    \
	X(uint32_t, seam_lost_i)    \
	X(uint64_t, seam_data_lo_i) \
	X(uint64_t, seam_data_hi_i) \
	X(bool, rebase_i)           \
	X(bool, expedite_i)
#define OUTPUTS(X)                    \
	X(bool, busy_o)               \
	X(bool, done_o)               \
	X(uint32_t, fault_o)          \
	X(uint32_t, vmx_result_o)     \
	X(uint32_t, reason_o)         \
	X(uint64_t, rdata_o)          \
	X(bool, mem_req_o)            \
	X(uint64_t, mem_addr_o)       \
	X(uint32_t, store_len_o)      \
	X(uint64_t, store_addr_o)     \
	X(uint64_t, store_data_lo_o)  \
	X(uint64_t, store_data_hi_o)  \
	X(uint32_t, packet_len_o)     \
	X(uint32_t, packet_kind_o)    \
	X(uint64_t, packet_data_lo_o) \
	X(uint64_t, packet_data_hi_o) \
	X(uint32_t, drop_len_o)       \
	X(uint32_t, drop_cause_o)     \
	X(bool, region_end_o)         \
	X(uint32_t, pmi_o)            \
	X(bool, nmi_o)                \
	X(bool, irq_o)                \
	X(bool, stall_o)              \
	X(uint64_t, cycle_o)

/* The wires between bench and twin. */
struct Wires {
#define WIRE(type, name) sc_signal<type> name{#name};
	INPUTS(WIRE)
	OUTPUTS(WIRE)
#undef WIRE

	void bind(Vptv_twin_sc &dut)
	{
#define BIND(type, name) dut.name(name);
		INPUTS(BIND)
		OUTPUTS(BIND)
#undef BIND
	}
};

/* Pins of 16 bytes, as waves show them. */
struct Data {
	uint64_t store_data[2], packet[2];

	void take(const struct ptv_pins_out &out)
	{
		memcpy(store_data, out.store_data, sizeof(store_data));
		memcpy(packet, out.packet, sizeof(packet));
	}
};

/* What scoreboard and waves see of both sides. */
struct Sides {
	struct ptv_lp c, rtl;
	struct ptv_pins_out c_out, rtl_out;
	Data c_data, rtl_data;
};

/* Puts pins and configuration on the wires; owns the C model, which goes ahead of the twin. */
struct Stimulus : public sc_module {
	Wires &wires;
	struct ptv_jobs *jobs;
	struct ptv_lockstep *reference = nullptr;
	bool running = false; /* the last clock driven was one of a run */
	sc_event go;

	SC_HAS_PROCESS(Stimulus);

	Stimulus(sc_module_name name_, Wires &wires_, struct ptv_jobs *jobs_)
		: sc_module(name_), wires(wires_), jobs(jobs_)
	{
		SC_METHOD(drive);
		sensitive << go;
		dont_initialize();
	}

	~Stimulus() override
	{
		ptv_lockstep_close(reference);
	}

	/* Begins a run: the next clocks configure the twin. */
	bool begin()
	{
		struct ptv_cpu_cfg cfg;

		if (!ptv_jobs_next(jobs, &cfg))
			return false;
		if (reference)
			ptv_lockstep_reset(reference, &cfg);
		else
			reference = ptv_lockstep_open_reference(&cfg);
		count = ptv_twin_words(&cfg, words);
		at = 0;
		wires.rst_ni = false;
		return true;
	}

	void drive()
	{
		const struct ptv_pins_in *in;
		unsigned int before;

		running = false;
		if (at < count) {
			wires.cfg_we_i = true;
			wires.cfg_addr_i = static_cast<uint32_t>(at);
			wires.cfg_data_i = words[at++];
			return;
		}
		wires.cfg_we_i = false;
		in = ptv_jobs_clock(jobs, &before);
		if (!in) {
			if (ptv_jobs_seconds(jobs) == 0.0)
				(void)printf("%s: %llu clocks, the same\n", ptv_jobs_name(jobs),
					     static_cast<unsigned long long>(reference->n));
			if (!begin())
				sc_stop();
			return;
		}
		wires.rst_ni = true;
		running = true;
		ptv_lockstep_reference(reference, in, before);
		if (is_canary(in))
			in = &canary;
		ptv_view_drive(wires, in, &reference->seam, before);
	}

private:
	uint32_t words[PTV_TWIN_WORDS];
	size_t count = 0, at = 0;
	const struct ptv_pins_in canary = canary_branch();
	bool given = false; /* the canary */

	/* Whether this clock is that of the canary: the first one in which a branch can retire. */
	bool is_canary(const struct ptv_pins_in *in)
	{
		const uint64_t from = ptv_jobs_canary(jobs);

		if (given || from == 0 || reference->n < from || in->op != PTV_OP_NONE ||
		    ptv_lockstep_last(reference)->now.op.op != PTV_OP_NONE)
			return false;
		given = true;
		return true;
	}

	static struct ptv_pins_in canary_branch()
	{
		struct ptv_pins_in in {
		};

		in.retire = PTV_RETIRE_JMP;
		in.target = 0xcafe;
		return in;
	}
};

/* Compares the clock that the twin shows with the C model's; then lets the next one come. */
struct Scoreboard : public sc_module {
	sc_in<bool> clk{"clk"};
	Stimulus &stimulus;
	const Vptv_twin_sc &dut;
	Sides *sides; /* to be kept up to date; NULL: nobody looks */
	bool differs = false;

	SC_HAS_PROCESS(Scoreboard);

	Scoreboard(sc_module_name name_, Stimulus &stimulus_, const Vptv_twin_sc &dut_,
		   Sides *sides_)
		: sc_module(name_), stimulus(stimulus_), dut(dut_), sides(sides_)
	{
		SC_METHOD(check);
		sensitive << clk.neg();
		dont_initialize();
	}

	void check()
	{
		if (stimulus.running && !agrees()) {
			differs = true;
			sc_stop();
			return;
		}
		stimulus.go.notify(SC_ZERO_TIME);
	}

private:
	bool agrees()
	{
		const struct ptv_lockstep_clock *clock = ptv_lockstep_last(stimulus.reference);
		struct ptv_pins_out out;
		struct ptv_lp now;

		if (sides) {
			sides->c = clock->now;
			sides->c_out = clock->out;
			ptv_view_read(dut, &clock->now, &sides->rtl, &sides->rtl_out);
			sides->c_data.take(sides->c_out);
			sides->rtl_data.take(sides->rtl_out);
		}
		if (ptv_view_equal(dut, &clock->now, &clock->out))
			return true;
		ptv_view_read(dut, &clock->now, &now, &out);
		if (ptv_lockstep_agrees(stimulus.reference, &now, &out))
			return true;
		(void)printf("%s: ", ptv_jobs_place(stimulus.jobs));
		ptv_lockstep_explain(stimulus.reference, &now, &out, stdout);
		return false;
	}
};

/* The name of a register in a wave file: no brackets, which viewers take for bits. */
std::string wave(std::string name)
{
	for (char &c : name)
		c = c == '[' ? '_' : c;
	name.erase(std::remove(name.begin(), name.end(), ']'), name.end());
	return name;
}

/* A file of waves: registers and pins of both sides, or every signal of the RTL. */
class Waves
{
public:
	Waves(struct ptv_waves &file, Vptv_twin_sc &dut, const sc_clock &clk, Sides &sides)
	{
		const std::string name = ptv_waves_name(&file);

		if (name.compare(name.size() - 4, 4, ".fst") == 0) {
			Verilated::traceEverOn(true);
			sc_start(SC_ZERO_TIME);
			dut.trace(&fst, 99);
			fst.open(name.c_str());
		} else {
			trace(name.substr(0, name.size() - 4), clk, sides);
			sc_start(1, SC_PS); /* it is opened as soon as there is something */
		}
		ptv_waves_opened(&file);
	}

	~Waves()
	{
		if (vcd)
			sc_close_vcd_trace_file(vcd);
		if (fst.isOpen())
			fst.close();
	}

private:
	void trace(const std::string &name, const sc_clock &clk, const Sides &sides)
	{
		vcd = sc_create_vcd_trace_file(name.c_str());
		sc_trace(vcd, clk, "clk");
#define BOTH(field)                                      \
	sc_trace(vcd, sides.c.field, wave("c." #field)); \
	sc_trace(vcd, sides.rtl.field, wave("rtl." #field));
#define PTV_RTL_REG(field, unit, reg, byte) BOTH(field)
#define PTV_RTL_VALUE(field, value)	    BOTH(field)
#define PTV_RTL_DUE(field, value)	    BOTH(field)
#define PTV_RTL_PIN(field, port)                           \
	sc_trace(vcd, sides.c_out.field, "c.out." #field); \
	sc_trace(vcd, sides.rtl_out.field, "rtl.out." #field);
#define PTV_RTL_DATA(field, byte, port)                                           \
	sc_trace(vcd, sides.c_data.field[(byte) / 8], "c.out." #field "_" #byte); \
	sc_trace(vcd, sides.rtl_data.field[(byte) / 8], "rtl.out." #field "_" #byte);
#include "engine/rtl/regs.def"
#undef BOTH
	}

	sc_trace_file *vcd = nullptr;
	VerilatedFstSc fst;
};

/* Says what came of it all, and with what to exit. */
int report(const struct ptv_jobs *jobs, const struct ptv_lockstep *reference, bool differs,
	   std::clock_t time)
{
	uint64_t ran, all;

	ptv_jobs_count(jobs, &ran, &all);
	if (ptv_jobs_seconds(jobs) > 0.0)
		(void)printf("%.0f clocks a second\n",
			     static_cast<double>(reference->counts.clocks) * CLOCKS_PER_SEC /
				     static_cast<double>(time));
	else
		(void)printf("%llu of %llu runs: ", static_cast<unsigned long long>(ran),
			     static_cast<unsigned long long>(all));
	ptv_lockstep_print_counts(reference, stdout);
	return differs ? 1 : ran < all ? 4 : 0;
}

/* file: NULL if nobody wants waves. */
int run(struct ptv_jobs *jobs, struct ptv_waves *file)
{
	Sides sides{};
	Wires wires;
	sc_clock clk("clk", 10, SC_NS, 0.5, 5, SC_NS, true);
	Vptv_twin_sc dut("twin");
	Stimulus stimulus("stimulus", wires, jobs);
	Scoreboard scoreboard("scoreboard", stimulus, dut, file ? &sides : nullptr);

	dut.clk_i(clk);
	wires.bind(dut);
	scoreboard.clk(clk);
	(void)stimulus.begin();

	std::unique_ptr<Waves> waves;
	const std::clock_t begin = std::clock();

	if (file)
		waves = std::make_unique<Waves>(*file, dut, clk, sides);
	sc_start();
	dut.final();
	return report(jobs, stimulus.reference, scoreboard.differs, std::clock() - begin);
}

} // namespace

/* Before the library's main() prints its banner, which belongs to no report. */
__attribute__((constructor)) static void no_banner()
{
	(void)setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
}

int sc_main(int argc, char **argv)
{
	int status;
	struct ptv_jobs *jobs = ptv_jobs_load(argc, argv, &status);
	const char *const path = jobs ? ptv_jobs_trace(jobs) : nullptr;
	struct ptv_waves *waves = nullptr;

	if (!jobs)
		return status;
	sc_report_handler::set_actions(SC_INFO, SC_DO_NOTHING);
	if (path)
		waves = ptv_waves_begin(path);
	status = path && !waves ? 2 : run(jobs, waves);
	if (waves && !ptv_waves_end(waves))
		status = 2;
	if (status != 2 && !ptv_jobs_save(jobs))
		status = 2;
	ptv_jobs_free(jobs);
	if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
		(void)fprintf(stderr, "ptvmx-lockstep: cannot write standard output\n");
		return 2;
	}
	return status;
}
