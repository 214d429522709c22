// SPDX-License-Identifier: MIT
//
// The way of a ToPA PMI: IA32_PERF_GLOBAL_STATUS[55], the request to the local APIC, LVTPC, the NMI
// latch and its blocking (HW-040, HW-041, HW-061, HW-077..HW-080, HW-122, G26, G27).

module ptv_pmi
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  cfg_t        cfg_i,
  input  operands_t   operands_i,
  input  logic [7:0]  effect_i,
  input  logic        write_i,      // a WRMSR that does not fault
  input  logic [7:0]  retire_i,
  input  logic [7:0]  vector_i,
  input  logic        expedite_i,   // what is left of an NMI's latency is waived, before this clock
  input  logic [1:0]  reset_i,
  input  logic [1:0]  pmi_i,
  input  logic [63:0] pmi_byte_i,
  input  logic        busy_i,
  output logic        msr_hit_o,
  output logic        msr_ok_o,
  output logic [63:0] msr_rdata_o,
  output logic        nmi_o,
  output logic        irq_o
);
  localparam int unsigned Gs55       = 55;
  localparam int unsigned LvtMask    = 16;
  localparam logic [2:0]  ModeFixed  = 3'd0;
  localparam logic [2:0]  ModeNmi    = 3'd4;
  // Vector, delivery mode, mask; the delivery status bit 12 is read-only and ignores writes.
  localparam logic [63:0] LvtKept    = 64'h1_07ff;
  localparam logic [63:0] LvtIgnored = 64'h1000;

  logic        gs55_q, gs55_d;
  logic [63:0] lvtpc_q, lvtpc_d, byte_q;
  logic        nmi_q, req_q, del_q, del_nmi_q, hurry_q;
  logic [31:0] req_left_q, del_left_q, req_left_d, del_left_d;
  logic        nmi_d, irq_d, blocked_d, req_d, del_d, del_nmi_d, hurry_d;

  // The latches; those without _q as an expedite leaves them.
  logic        nmi, irq_q, blocked_q, del_nmi, hurry, req, del;
  logic [31:0] req_left;

  logic        masked, taken, req_meets;
  logic [2:0]  mode;

  assign masked = lvtpc_q[LvtMask];
  assign mode   = lvtpc_q[10:8];

  // MSRs
  logic is_write;

  assign is_write = effect_i == OpWrmsr;

  always_comb begin
    msr_hit_o   = 1'b1;
    msr_ok_o    = 1'b1;
    msr_rdata_o = 64'd0;
    case (operands_i.msr)
      MsrPerfGlobalStatus: begin
        msr_ok_o          = !is_write;
        msr_rdata_o[Gs55] = gs55_q;
      end
      MsrPerfGlobalOvfCtrl: ;
      MsrPerfGlobalStatusSet: msr_ok_o = cfg_i.perfmon >= 8'd4;
      MsrX2apicLvtpc: begin
        msr_ok_o    = !is_write || (operands_i.data & ~(LvtKept | LvtIgnored)) == 64'd0;
        msr_rdata_o = lvtpc_q;
      end
      default: begin
        msr_hit_o = 1'b0;
        msr_ok_o  = 1'b0;
      end
    endcase
  end

  // Expedite: an accepted NMI is there at once; a request that will become one hurries.
  always_comb begin
    nmi      = nmi_q;
    req      = req_q;
    req_left = req_left_q;
    del      = del_q;
    del_nmi  = del_nmi_q;
    hurry    = hurry_q;
    if (expedite_i && !nmi_q) begin
      if (del_q && del_nmi_q) begin
        nmi     = 1'b1;
        del     = 1'b0;
        del_nmi = 1'b0;
      end else if (req_q && !masked && mode == ModeNmi) begin
        req_left = 32'd0;
        hurry    = 1'b1;
      end
    end
  end

  assign taken     = retire_i == RetireInt && vector_i == IntNmi;
  assign req_meets = req && req_left == 32'd0 &&
                     !(masked && cfg_i.sw_pmi_while_masked == SwPmiWhileMaskedKeep);

  always_comb begin
    gs55_d     = gs55_q;
    lvtpc_d    = lvtpc_q;
    nmi_d      = nmi && !taken;
    irq_d      = irq_q && !(retire_i == RetireInt && vector_i == IntIrq);
    blocked_d  = taken || (blocked_q && retire_i != RetireIret);
    req_d      = req;
    del_d      = del;
    del_nmi_d  = del_nmi;
    hurry_d    = hurry;
    req_left_d = timer_tick(req_left);
    del_left_d = timer_tick(del_left_q);
    // Delivery
    if (del && del_left_q == 32'd0) begin
      nmi_d     = nmi_d || del_nmi;
      irq_d     = irq_d || !del_nmi;
      del_d     = 1'b0;
      del_nmi_d = 1'b0;
    end
    // A request meets LVTPC: dropped if masked, else the entry masks itself (HW-041).
    if (req_meets) begin
      req_d   = 1'b0;
      hurry_d = 1'b0;
      if (!masked && mode inside {ModeNmi, ModeFixed}) begin
        lvtpc_d[LvtMask] = 1'b1;
        if (hurry && mode == ModeNmi) begin
          // There when it is taken in this very clock: taken is what it is.
          nmi_d = nmi || !taken;
        end else if (!del_d) begin
          del_d      = 1'b1;
          del_nmi_d  = mode == ModeNmi;
          del_left_d = timer_load(cfg_i.t_deliver);
        end
      end
    end
    // Software
    if (write_i) begin
      case (operands_i.msr)
        MsrPerfGlobalOvfCtrl:   gs55_d  = gs55_q && !operands_i.data[Gs55];
        MsrPerfGlobalStatusSet: gs55_d  = gs55_q || operands_i.data[Gs55];
        MsrX2apicLvtpc:         lvtpc_d = operands_i.data & LvtKept;
        default: ;
      endcase
    end
    // A PMI of this clock; one that is on its way already absorbs it (HW-079).
    if (pmi_i != PmiNone) begin
      if (pmi_i != PmiAgain || cfg_i.sw_repend_sets_gs55 == SwRependSetsGs55Yes) gs55_d = 1'b1;
      if (!req_d) begin
        req_d      = 1'b1;
        req_left_d = timer_load(cfg_i.t_pmi);
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      gs55_q     <= 1'b0;
      lvtpc_q    <= 64'h1_0000;
      byte_q     <= '1;
      nmi_q      <= 1'b0;
      irq_q      <= 1'b0;
      blocked_q  <= 1'b0;
      req_q      <= 1'b0;
      req_left_q <= 32'd0;
      del_q      <= 1'b0;
      del_nmi_q  <= 1'b0;
      del_left_q <= 32'd0;
      hurry_q    <= 1'b0;
    end else if (reset_i != ResetNone) begin
      gs55_q     <= 1'b0;
      lvtpc_q    <= 64'h1_0000;
      byte_q     <= '1;
      nmi_q      <= 1'b0;
      irq_q      <= 1'b0;
      blocked_q  <= 1'b0;
      req_q      <= 1'b0;
      req_left_q <= 32'd0;
      del_q      <= 1'b0;
      del_nmi_q  <= 1'b0;
      del_left_q <= 32'd0;
      hurry_q    <= 1'b0;
    end else begin
      gs55_q     <= gs55_d;
      lvtpc_q    <= lvtpc_d;
      nmi_q      <= nmi_d;
      irq_q      <= irq_d;
      blocked_q  <= blocked_d;
      req_q      <= req_d;
      req_left_q <= req_left_d;
      del_q      <= del_d;
      del_nmi_q  <= del_nmi_d;
      del_left_q <= del_left_d;
      hurry_q    <= hurry_d;
      if (pmi_i != PmiNone) byte_q <= pmi_byte_i;
    end
  end

  // Pins show the state after this clock.
  assign nmi_o = reset_i == ResetNone && nmi_d && !blocked_d && !busy_i;
  assign irq_o = reset_i == ResetNone && irq_d && !busy_i;
endmodule
