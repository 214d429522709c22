// SPDX-License-Identifier: MIT
//
// The border of the twin: the pins of one logical processor, registered on their way in, and a bus
// for its configuration. In the clock after the one in which inputs were given, outputs show what
// the processor makes of them.
//
// rebase: the clock that comes in is number 0. expedite: see ptv_pmi. seam_*: see ptv_pkg::seam_t.

module ptv_twin
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  // configuration, while in reset
  input  logic        cfg_we_i,
  input  logic [7:0]  cfg_addr_i,
  input  logic [31:0] cfg_data_i,
  // pins
  input  logic [7:0]  op_i,
  input  logic [7:0]  retire_i,
  input  logic [7:0]  vector_i,
  input  logic [7:0]  cpl_i,
  input  logic [7:0]  mode_i,
  input  logic        mem_ack_i,
  input  logic [15:0] emit_i,
  input  logic [31:0] msr_i,
  input  logic [63:0] data_i,
  input  logic [63:0] field_i,
  input  logic [63:0] ip_i,
  input  logic [63:0] target_i,
  input  logic [63:0] cr3_i,
  input  logic [63:0] mem_rdata_i,
  input  logic        seam_busy_i,
  input  logic        seam_ovf_i,
  input  logic [4:0]  seam_len_i,
  input  logic [7:0]  seam_kind_i,
  input  logic [15:0] seam_lost_i,
  input  logic [63:0] seam_data_lo_i,
  input  logic [63:0] seam_data_hi_i,
  input  logic        rebase_i,
  input  logic        expedite_i,
  output logic [63:0] rdata_o,
  output logic [63:0] mem_addr_o,
  output logic [63:0] store_addr_o,
  output logic [63:0] store_data_lo_o,
  output logic [63:0] store_data_hi_o,
  output logic [63:0] packet_data_lo_o,
  output logic [63:0] packet_data_hi_o,
  output logic [15:0] drop_len_o,
  output logic [15:0] reason_o,
  output logic [7:0]  drop_cause_o,
  output logic [4:0]  store_len_o,
  output logic [4:0]  packet_len_o,
  output logic [7:0]  packet_kind_o,
  output logic        busy_o,
  output logic        done_o,
  output logic [7:0]  fault_o,
  output logic [7:0]  vmx_result_o,
  output logic        mem_req_o,
  output logic        region_end_o,
  output logic [1:0]  pmi_o,
  output logic        nmi_o,
  output logic        irq_o,
  output logic        stall_o,
  output logic [63:0] cycle_o
);
  cfg_t  cfg_q;
  pins_t pins_q;
  seam_t seam_q;
  logic  rebase_q, expedite_q, lp_rst_nq;

  // The processor's first clock is the one whose inputs were registered first.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) lp_rst_nq <= 1'b0;
    else         lp_rst_nq <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (cfg_we_i) cfg_q <= cfg_write(cfg_q, cfg_addr_i, cfg_data_i);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pins_q     <= '0;
      seam_q     <= '0;
      rebase_q   <= 1'b0;
      expedite_q <= 1'b0;
    end else begin
      pins_q.op        <= op_i;
      pins_q.retire    <= retire_i;
      pins_q.int_vector <= vector_i;
      pins_q.cpl       <= cpl_i;
      pins_q.mode      <= mode_i;
      pins_q.mem_ack   <= mem_ack_i;
      pins_q.emit      <= emit_i;
      pins_q.msr       <= msr_i;
      pins_q.data      <= data_i;
      pins_q.field     <= field_i;
      pins_q.ip        <= ip_i;
      pins_q.target    <= target_i;
      pins_q.cr3       <= cr3_i;
      pins_q.mem_rdata <= mem_rdata_i;
      seam_q.busy      <= seam_busy_i;
      seam_q.ovf       <= seam_ovf_i;
      seam_q.len       <= seam_len_i;
      seam_q.kind      <= seam_kind_i;
      seam_q.lost      <= seam_lost_i;
      seam_q.data      <= {seam_data_hi_i, seam_data_lo_i};
      rebase_q         <= rebase_i;
      expedite_q       <= expedite_i;
    end
  end

  logic [127:0] store_data, packet_data;

  assign {store_data_hi_o, store_data_lo_o}   = store_data;
  assign {packet_data_hi_o, packet_data_lo_o} = packet_data;

  ptv_lp u_lp (
    .clk_i,
    .rst_ni        (lp_rst_nq),
    .cfg_i         (cfg_q),
    .pins_i        (pins_q),
    .seam_i        (seam_q),
    .rebase_i      (rebase_q),
    .expedite_i    (expedite_q),
    .busy_o, .done_o, .fault_o, .vmx_result_o, .reason_o, .rdata_o, .mem_req_o, .mem_addr_o,
    .store_len_o, .store_addr_o,
    .store_data_o  (store_data),
    .packet_len_o, .packet_kind_o,
    .packet_data_o (packet_data),
    .drop_len_o, .drop_cause_o, .region_end_o, .pmi_o, .nmi_o, .irq_o, .stall_o, .cycle_o
  );
endmodule
