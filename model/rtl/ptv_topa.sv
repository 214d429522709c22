// SPDX-License-Identifier: MIT
//
// The output unit: where trace bytes go in memory (HW-068..HW-089, HW-091, HW-093, E1-E8).
//
// OUTPUT_BASE and OUTPUT_MASK_PTRS are its registers. An entry is asked for over the memory port
// (req, addr; ack, rdata) when it becomes current; nothing is cached. A configuration that is found
// bad becomes an error t_err_visible clocks later.

module ptv_topa
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  cfg_t        cfg_i,
  input  operands_t   operands_i,
  input  logic        write_i,       // a WRMSR that does not fault
  input  logic [1:0]  reset_i,
  input  logic        enable_i,      // TraceEn rises
  input  logic        topa_mode_i,   // with ToPA=1
  input  logic        start_i,       // and output begins
  // memory port
  input  logic        mem_ack_i,
  input  logic [63:0] mem_rdata_i,
  output logic        mem_req_o,
  output logic [63:0] mem_addr_o,
  // internal buffer
  input  logic [4:0]  store_len_i,
  input  logic        flushing_i,    // all bytes are to leave
  input  logic        holds_bytes_i,
  input  logic        flush_end_i,
  output logic        valid_o,       // there is a place to store to
  output logic        settled_o,     // nothing is being read, and no error is on its way
  output logic [31:0] room_o,        // bytes to the end of the region
  output logic [63:0] store_addr_o,
  output logic        err_o,
  output logic        stop_o,
  output logic        region_end_o,
  output logic [1:0]  pmi_o,
  output logic [63:0] pmi_byte_o,
  // registers
  output logic [63:0] base_o,
  output logic [24:0] idx_o,
  output logic [31:0] off_o
);
  localparam int unsigned EntryEnd  = 0;
  localparam int unsigned EntryInt  = 2;
  localparam int unsigned EntryStop = 4;
  localparam logic [24:0] LastIdx   = '1;

  logic [63:0] base_q, entry_q;
  logic [24:0] idx_q;
  logic [31:0] off_q;
  logic        req_q, valid_q, first_q, single_q, pmi_done_q, bad_q;
  logic [31:0] bad_left_q, unit_mask;

  assign base_o     = base_q;
  assign idx_o      = idx_q;
  assign off_o      = off_q;
  assign unit_mask  = ~(32'(cfg_i.ptr_granularity) - 32'd1);
  assign valid_o    = valid_q;
  assign settled_o  = !req_q && !bad_q;
  assign mem_req_o  = req_q;
  assign mem_addr_o = req_q ? base_q + {36'd0, idx_q, 3'd0} : 64'd0;

  // Where a store would go -------------------------------------------------------------------------

  function automatic logic [31:0] region_size(logic [63:0] entry);
    return 32'd4096 << entry[9:6];
  endfunction

  logic [31:0] mask, size;
  logic [32:0] rest;

  assign mask  = {idx_q, 7'h7f};
  assign size  = region_size(entry_q);
  assign rest  = {1'b0, mask} + 33'd1 - {1'b0, off_q};
  assign err_o = bad_q && bad_left_q == 32'd0;

  always_comb begin
    room_o       = 32'd0;
    store_addr_o = 64'd0;
    if (valid_q && single_q) begin
      room_o       = rest[32] ? '1 : rest[31:0];
      store_addr_o = {base_q[63:32], base_q[31:0] & ~mask} + {32'd0, off_q};
    end else if (valid_q) begin
      room_o       = size - off_q;
      store_addr_o = {entry_q[63:12], 12'd0} + {32'd0, off_q};
    end
  end

  // What a store leads to --------------------------------------------------------------------------

  logic        stores, early;
  logic [31:0] early_at, off_after;

  assign stores       = store_len_i != 5'd0;
  assign off_after    = off_q + 32'(store_len_i);
  assign region_end_o = stores && !single_q && 32'(store_len_i) == room_o;
  assign stop_o       = region_end_o && entry_q[EntryStop];
  assign early_at     = size > cfg_i.t_pmi_margin ? size - cfg_i.t_pmi_margin - 32'd1 : 32'd0;
  assign early        = !pmi_done_q && off_after > early_at;

  always_comb begin
    pmi_o      = PmiNone;
    pmi_byte_o = 64'd0;
    if (stores && !single_q && entry_q[EntryInt]) begin
      if (cfg_i.mentry && region_end_o) begin
        pmi_o      = PmiFull;
        pmi_byte_o = store_addr_o + 64'(store_len_i) - 64'd1;
      end else if (!cfg_i.mentry && early) begin
        pmi_o      = PmiEarly;
        pmi_byte_o = {entry_q[63:12], 12'd0} + {32'd0, off_q > early_at ? off_q : early_at};
      end
    end
  end

  // An entry that has been read --------------------------------------------------------------------

  logic [63:0] read_addr;
  logic        entry_bad, is_end, lone_second;

  assign read_addr   = {mem_rdata_i[63:12], 12'd0};
  assign is_end      = mem_rdata_i[EntryEnd];
  assign lone_second = !cfg_i.mentry && idx_q != 25'd0;

  always_comb begin
    entry_bad = mem_rdata_i[1] || mem_rdata_i[3] || mem_rdata_i[5] || mem_rdata_i[11:10] != 2'd0 ||
                (mem_rdata_i >> cfg_i.maxphyaddr) != 64'd0;                                // E1
    if (is_end) begin
      entry_bad |= mem_rdata_i[EntryInt] || mem_rdata_i[EntryStop];                        // E5
      entry_bad |= idx_q == 25'd0;                                                         // E6
      entry_bad |= lone_second && read_addr != base_q;                                     // E7
    end else begin
      entry_bad |= lone_second;                                                            // E7
      entry_bad |= (read_addr & (64'(region_size(mem_rdata_i)) - 64'd1)) != 64'd0;         // E3
      entry_bad |= off_q >= region_size(mem_rdata_i);                                      // E4
    end
  end

  // Start ------------------------------------------------------------------------------------------

  logic start, single, single_bad, table_bad;

  // A TraceStop at the enable leaves bytes without pointers: a flush loads them, by the scheme of
  // that enable, whatever the write that clears TraceEn does to ToPA.
  assign start      = start_i || (flushing_i && holds_bytes_i && !valid_q && settled_o);
  assign single     = enable_i ? !topa_mode_i : single_q;
  assign table_bad  = base_q[11:0] != 12'd0;                                               // E2
  assign single_bad = (mask & (mask + 32'd1)) != 32'd0 || (base_q[31:0] & mask) != 32'd0 ||
                      off_q > mask;                                                        // E8

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      base_q     <= 64'd0;
      idx_q      <= 25'd0;
      off_q      <= 32'd0;
      entry_q    <= 64'd0;
      req_q      <= 1'b0;
      valid_q    <= 1'b0;
      first_q    <= 1'b0;
      single_q   <= 1'b0;
      pmi_done_q <= 1'b0;
      bad_q      <= 1'b0;
      bad_left_q <= 32'd0;
    end else if (reset_i != ResetNone || flush_end_i) begin
      if (reset_i == ResetCold || (reset_i == ResetWarm && !cfg_i.ipfilt)) begin
        base_q <= 64'd0;
        idx_q  <= 25'd0;
        off_q  <= 32'd0;
      end else begin
        off_q <= off_q & unit_mask;
      end
      entry_q    <= 64'd0;
      req_q      <= 1'b0;
      valid_q    <= 1'b0;
      first_q    <= 1'b0;
      single_q   <= 1'b0;
      pmi_done_q <= 1'b0;
      bad_q      <= 1'b0;
      bad_left_q <= 32'd0;
    end else begin
      single_q   <= single;
      bad_left_q <= timer_tick(bad_left_q);
      if (err_o) begin
        bad_q   <= 1'b0;
        valid_q <= 1'b0;
      end else if (mem_ack_i && req_q) begin
        if (entry_bad) begin
          req_q      <= 1'b0;
          bad_q      <= 1'b1;
          bad_left_q <= timer_load(cfg_i.t_err_visible);
        end else if (is_end) begin
          // The END entry is not left as current: base and index have moved on.
          base_q <= read_addr;
          idx_q  <= 25'd0;
          if (cfg_i.sw_end_resets_off == SwEndResetsOffYes) off_q <= 32'd0;
        end else begin
          req_q   <= 1'b0;
          valid_q <= 1'b1;
          entry_q <= mem_rdata_i;
          first_q <= 1'b0;
          if (first_q && cfg_i.sw_early_pmi == SwEarlyPmiEdge) begin
            pmi_done_q <= region_size(mem_rdata_i) - off_q <= cfg_i.t_pmi_margin;
          end
        end
      end else if (start) begin
        pmi_done_q <= 1'b0;
        first_q    <= 1'b1;
        entry_q    <= 64'd0;
        if (single ? single_bad : table_bad) begin
          bad_q      <= 1'b1;
          bad_left_q <= timer_load(cfg_i.t_err_visible);
        end else begin
          req_q   <= !single;
          valid_q <= single;
        end
      end else if (stores) begin
        off_q <= single_q ? off_after & mask : off_after;
        if (pmi_o == PmiEarly) pmi_done_q <= 1'b1;
        if (region_end_o) begin
          pmi_done_q <= 1'b0;
          valid_q    <= 1'b0;
          if (!stop_o) begin
            idx_q <= idx_q == LastIdx ? 25'd0 : idx_q + 25'd1;
            off_q <= 32'd0;
            req_q <= 1'b1;
          end else if (cfg_i.sw_stop_off == SwStopOffSizeMinus1 &&
                       cfg_i.ptr_granularity == 8'd1) begin
            off_q <= off_after - 32'd1;
          end
        end
      end else if (write_i) begin
        if (operands_i.msr == MsrRtitOutputBase) base_q <= operands_i.data;
        if (operands_i.msr == MsrRtitOutputMaskPtrs) begin
          idx_q <= operands_i.data[31:7];
          off_q <= operands_i.data[63:32] & unit_mask;
        end
      end
    end
  end
endmodule
