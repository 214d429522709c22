// SPDX-License-Identifier: MIT
//
// The clock of one logical processor. Deadlines of other units are down-counters of their own, so
// that nobody but the observer needs the number of the clock.

module ptv_timer (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        rebase_i,  // this clock is number 0
  output logic [63:0] cycle_o
);
  logic [63:0] cycle_q;

  assign cycle_o = rebase_i ? 64'd0 : cycle_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cycle_q <= 64'd0;
    else         cycle_q <= cycle_o + 64'd1;
  end
endmodule
