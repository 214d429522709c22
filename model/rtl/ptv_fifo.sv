// SPDX-License-Identifier: MIT
//
// The internal buffer between packetizer and memory (HW-059, HW-075, HW-088, C-9).
//
// Bytes leave in stores, at most one every t_drain_cycles: when t_drain_bytes are buffered, and as
// soon as there are any in a flush or an overflow. A flush pads the stream to the pointers'
// granularity first and ends when nothing is buffered and the pointers stand. STOP and errors lose
// what is buffered.

module ptv_fifo
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  cfg_t         cfg_i,
  input  seam_t        seam_i,
  input  logic         packets_before_i,
  input  logic         ovf_before_i,
  input  logic [15:0]  emit_i,
  input  logic         idle_i,         // no operation is in progress
  input  logic         flush_phase_i,
  input  logic         disable_i,
  input  logic         trigger_i,
  input  logic         fabric_i,       // output goes to the trace transport: not through here
  input  logic         stop_i,
  input  logic         err_i,
  input  logic         drop_all_i,
  input  logic [1:0]   reset_i,
  // output unit
  input  logic         place_valid_i,
  input  logic         place_settled_i,
  input  logic [31:0]  place_room_i,
  input  logic [31:0]  place_off_i,
  output logic [4:0]   store_len_o,
  output logic [127:0] store_data_o,
  output logic         flushing_o,
  output logic         holds_bytes_o,
  output logic         flush_end_o,
  // what entered in this clock, and what was lost
  output logic [4:0]   packet_len_o,
  output logic [7:0]   packet_kind_o,
  output logic [127:0] packet_data_o,
  output logic [15:0]  drop_len_o,
  output logic [7:0]   drop_cause_o
);
  localparam logic [15:0] StoreMax = 16'd16;
  localparam int unsigned Aw       = $clog2(FifoMax);

  logic [7:0]    mem_q [FifoMax];
  logic [Aw-1:0] rd_q;
  logic [15:0]   level_q;
  logic          flush_q;
  logic [31:0]   drain_left_q;
  logic [63:0]   stored_q, dropped_q;

  assign flushing_o    = flush_q;
  assign holds_bytes_o = level_q != 16'd0;

  // The store --------------------------------------------------------------------------------------

  logic        drains;
  logic [15:0] store_len;

  assign drains = level_q != 16'd0 && place_valid_i && drain_left_q == 32'd0 &&
                  (32'(level_q) >= cfg_i.t_drain_bytes || flush_q || ovf_before_i);

  always_comb begin
    store_len = 16'd0;
    if (drains) begin
      store_len = cfg_i.t_drain_bytes > 32'(StoreMax) ? StoreMax : cfg_i.t_drain_bytes[15:0];
      if (store_len > level_q) store_len = level_q;
      if (32'(store_len) > place_room_i) store_len = place_room_i[15:0];
    end
  end

  assign store_len_o = store_len[4:0];

  always_comb begin
    store_data_o = 128'd0;
    if (store_len != 16'd0) begin
      for (int unsigned i = 0; i < 16; i++) begin
        if (16'(i) < store_len) store_data_o[8*i+:8] = mem_q[Aw'(32'(rd_q) + i)];
      end
    end
  end

  // What comes in ----------------------------------------------------------------------------------

  logic [31:0] space;
  logic [7:0]  pad, low_bits;
  logic        pads, clears, emits;

  assign space    = cfg_i.t_buf_bytes - 32'(level_q);
  assign clears   = stop_i || err_i || drop_all_i || reset_i != ResetNone;
  assign low_bits = cfg_i.ptr_granularity - 8'd1;
  assign pads     = flush_phase_i && !packets_before_i && !ovf_before_i;
  assign pad      = place_valid_i && cfg_i.ptr_granularity > 8'd1
                  ? (8'd0 - 8'(place_off_i + 32'(level_q))) & low_bits : 8'd0;
  assign emits    = emit_i != 16'd0 && trigger_i && !fabric_i && idle_i && !packets_before_i &&
                    seam_i.len == 5'd0;

  always_comb begin
    packet_len_o  = seam_i.len;
    packet_kind_o = seam_i.kind;
    packet_data_o = seam_i.data;
    drop_len_o    = seam_i.lost;
    drop_cause_o  = DropOvf;
    if (clears) begin
      packet_len_o  = 5'd0;
      packet_kind_o = 8'd0;
      packet_data_o = 128'd0;
      drop_len_o    = level_q - store_len;
      drop_cause_o  = stop_i ? DropStop : err_i ? DropError
                    : reset_i != ResetNone ? DropReset : DropVmxon;
    end else if (pads && pad != 8'd0 && 32'(pad) <= space) begin
      packet_len_o  = pad[4:0];
      packet_kind_o = PktPad;
      packet_data_o = 128'd0;
    end else if (emits && 32'(emit_i) <= space) begin
      packet_len_o  = emit_i[4:0];
      packet_kind_o = PktPad;
      packet_data_o = 128'd0;
    end else if (emits) begin
      drop_len_o = seam_i.lost + emit_i;
    end
    if (drop_len_o == 16'd0) drop_cause_o = DropOvf;
  end

  assign flush_end_o = !stop_i && !err_i && pads && level_q == 16'd0 && place_settled_i &&
                       pad == 8'd0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_q         <= '0;
      level_q      <= 16'd0;
      flush_q      <= 1'b0;
      drain_left_q <= 32'd0;
      stored_q     <= 64'd0;
      dropped_q    <= 64'd0;
    end else begin
      rd_q         <= rd_q + Aw'(store_len);
      level_q      <= clears ? 16'd0 : level_q - store_len + 16'(packet_len_o);
      drain_left_q <= store_len != 16'd0 ? timer_load(cfg_i.t_drain_cycles)
                                         : timer_tick(drain_left_q);
      stored_q     <= stored_q + 64'(store_len);
      dropped_q    <= dropped_q + 64'(drop_len_o);
      if (flush_end_o || reset_i != ResetNone) flush_q <= 1'b0;
      else if (disable_i)                      flush_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (packet_len_o != 5'd0) begin
      for (int unsigned i = 0; i < 16; i++) begin
        if (5'(i) < packet_len_o) begin
          mem_q[Aw'(32'(rd_q) + 32'(level_q) + i)] <= packet_data_o[8*i+:8];
        end
      end
    end
  end
endmodule
