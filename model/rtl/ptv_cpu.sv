// SPDX-License-Identifier: MIT
//
// The code that runs, as far as Intel PT looks at it: IP, CPL, CR3 and mode. The enables are
// evaluated for the code after a branch or transition, so the values after this clock leave too.

module ptv_cpu
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  pins_t       pins_i,
  input  logic [7:0]  retire_i,      // what retires in this clock
  input  operands_t   operands_i,
  input  logic        transition_i,  // a VM entry or exit goes through
  input  logic        trace_en_moves_i,
  input  logic [1:0]  reset_i,
  output logic [63:0] ip_o,          // after this clock
  output logic [63:0] cr3_o,
  output logic [7:0]  cpl_o
);
  logic [63:0] ip_q, cr3_q;
  logic [7:0]  cpl_q, mode_q, mode_d;
  logic        loads_cr3;

  assign loads_cr3 = retire_i inside {RetireMovCr3, RetireFar, RetireInt, RetireIret};

  always_comb begin
    ip_o   = ip_q;
    cr3_o  = cr3_q;
    cpl_o  = cpl_q;
    mode_d = mode_q;
    if (retire_i != RetireNone) begin
      ip_o   = pins_i.target;
      cpl_o  = pins_i.cpl;
      mode_d = pins_i.mode;
      if (loads_cr3) cr3_o = pins_i.cr3;
    end else if (transition_i) begin
      ip_o   = operands_i.target;
      cr3_o  = operands_i.cr3;
      cpl_o  = operands_i.cpl;
      mode_d = operands_i.mode;
    end else if (trace_en_moves_i) begin
      ip_o = operands_i.target;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ip_q   <= 64'd0;
      cr3_q  <= 64'd0;
      cpl_q  <= 8'd0;
      mode_q <= Exec64;
    end else if (reset_i != ResetNone) begin
      ip_q   <= 64'd0;
      cr3_q  <= 64'd0;
      cpl_q  <= 8'd0;
      mode_q <= Exec64;
    end else begin
      ip_q   <= ip_o;
      cr3_q  <= cr3_o;
      cpl_q  <= cpl_o;
      mode_q <= mode_d;
    end
  end
endmodule
