// SPDX-License-Identifier: MIT
//
// The RTIT MSRs with their fault rules (G3-G25) and the enables (HW-045..HW-054).
//
//   TriggerEn = TraceEn & !Stopped & !Error
//   ContextEn = OS or User allows the CPL, and the CR3 filter lets CR3 through
//   FilterEn  = no filter range, or the last target lay in one
//
// ContextEn and FilterEn follow only while TriggerEn is 1; FilterEn moves at targets only.
// OUTPUT_BASE and OUTPUT_MASK_PTRS are the output unit's registers; their rules are here.

module ptv_rtit
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  cfg_t        cfg_i,
  input  operands_t   operands_i,
  input  logic [7:0]  effect_i,
  input  logic [7:0]  retire_i,
  input  logic [1:0]  reset_i,
  input  logic        in_vmx_i,
  // VMX transitions
  input  logic        transition_i,
  input  logic        vmx_ctl_we_i,
  input  logic [63:0] vmx_ctl_i,
  output logic        field_bad_o,
  // the code after this clock
  input  logic [63:0] ip_i,
  input  logic [63:0] cr3_i,
  input  logic [7:0]  cpl_i,
  // output unit
  input  logic [63:0] base_i,
  input  logic [24:0] idx_i,
  input  logic [31:0] off_i,
  input  logic        stop_i,
  input  logic        err_i,
  input  logic        topa_pmi_i,
  output logic        enable_o,
  output logic        topa_start_o,
  output logic        pmi_again_o,
  // packetizer: what it hands to the buffer
  input  logic [4:0]  pkt_len_i,
  input  logic [7:0]  pkt_kind_i,
  // MSRs
  output logic        msr_hit_o,
  output logic        msr_ok_o,
  output logic [63:0] msr_rdata_o,
  input  logic        write_i,      // a WRMSR that does not fault
  output logic [63:0] ctl_o,        // before this clock
  output logic [63:0] ctl_after_o,
  output logic        trace_en_moves_o,
  output logic        disable_o,
  output logic        trigger_o,    // before the event of this clock, but after STOP and errors
  output logic        drop_all_o
);
  // What stands in ADDRn_CFG.
  localparam logic [3:0] RangeFilter = 4'd1;
  localparam logic [3:0] RangeStop   = 4'd2;
  localparam logic [31:0] PsbPeriod  = 32'd2048;

  // IA32_VMX_MISC of the parts that were read.
  localparam logic [63:0] VmxMiscPt   = 64'h7004_c1e7;
  localparam logic [63:0] VmxMiscNoPt = 64'h3004_81e5;

  logic [63:0] ctl_q, ctl, wired, ctl_new, ctl_d, cr3_match_q;
  logic [63:0] addr_q [8];
  logic        trigger_en_q, context_en_q, filter_en_q;
  logic        error_q, stopped_q, pend_psb_q, pend_pmi_q;
  logic [31:0] count_q, count_d;

  logic        is_write;
  logic [63:0] data;

  assign is_write = effect_i == OpWrmsr;
  assign data     = operands_i.data;

  // IA32_RTIT_CTL: legality of a value -------------------------------------------------------------

  function automatic logic ctl_reserved(cfg_t cfg, logic [63:0] v);
    logic bad;
    bad = v[18] || v[23] || v[30:28] != 3'd0 || v[54:48] != 7'd0 || v[63:57] != 7'd0;
    bad |= !cfg.psbcyc && (v[CtlCycEn] || v[22:19] != 4'd0 || v[27:24] != 4'd0);
    bad |= !cfg.pwrevt && v[CtlPwrEvtEn];
    bad |= !cfg.ptw && (v[CtlFupOnPtw] || v[CtlPtwEn]);
    bad |= !cfg.fabric && v[CtlFabricEn];
    bad |= !cfg.cr3filt && v[CtlCr3Filter];
    bad |= !cfg.topa && v[CtlTopa];
    bad |= !cfg.mtc && (v[CtlMtcEn] || v[17:14] != 4'd0);
    bad |= !cfg.evt && v[CtlEventEn];
    bad |= !cfg.distnt && v[CtlDisTnt];
    bad |= !cfg.psbpmi && v[CtlInject];
    for (int unsigned n = 0; n < 4; n++) begin
      bad |= !(cfg.ipfilt && 32'(cfg.ranges) > n) && v[32+4*n+:4] != 4'd0;
    end
    return bad;
  endfunction

  function automatic logic ctl_encoding(cfg_t cfg, logic [63:0] v);
    logic bad;
    bad = cfg.mtc && !cfg.mtc_freqs[v[17:14]];
    bad |= cfg.psbcyc && (!cfg.cyc_thresholds[v[22:19]] || !cfg.psb_freqs[v[27:24]]);
    for (int unsigned n = 0; n < 4; n++) bad |= v[32+4*n+:4] > RangeStop;
    return bad;
  endfunction

  // With TraceEn: single-range output and BranchEn=0 want their capabilities.
  function automatic logic ctl_enable(cfg_t cfg, logic [63:0] v);
    return v[CtlTraceEn] && ((!v[CtlTopa] && !v[CtlFabricEn] && !cfg.snglrng) ||
                             (!v[CtlBranchEn] && !cfg.mtc) ||
                             (cfg.ctl_wired_2100 && (v & CtlWired) != CtlWired));
  endfunction

  assign wired   = cfg_i.ctl_wired_2100 ? CtlWired : 64'd0;
  assign ctl     = ctl_q | wired;
  assign ctl_new = data | wired;
  assign ctl_o   = ctl;

  logic ctl_ok, traces;

  assign traces = ctl[CtlTraceEn];

  always_comb begin
    ctl_ok = !ctl_reserved(cfg_i, data) && !ctl_encoding(cfg_i, data) && !ctl_enable(cfg_i, data);
    if (in_vmx_i && !cfg_i.vmx_misc_pt) begin
      if (cfg_i.sw_vmx_ctl_gp == SwVmxCtlGpAny || data[CtlTraceEn]) ctl_ok = 1'b0;
    end
    if (traces && data[CtlTraceEn] && ctl_new != ctl) ctl_ok = 1'b0;
    if (traces && !data[CtlTraceEn] && cfg_i.sw_ctl_clear_may_change == SwCtlClearMayChangeNo &&
        ctl_new[63:1] != ctl[63:1]) begin
      ctl_ok = 1'b0;
    end
  end

  assign field_bad_o = ctl_reserved(cfg_i, operands_i.field) ||
                       (cfg_i.sw_entry_field_check == SwEntryFieldCheckFail &&
                        (ctl_encoding(cfg_i, operands_i.field) ||
                         ctl_enable(cfg_i, operands_i.field)));

  // The other MSRs ---------------------------------------------------------------------------------

  logic        status_ok, base_ok, mask_ok, match_ok, canonical, has_output, is_addr, addr_exists;
  logic [2:0]  addr_index;
  logic [63:0] status;
  logic [31:0] unit_mask;

  // Offset and byte count are shown, and written, in whole units of the pointers (HW-030).
  assign unit_mask   = ~(32'(cfg_i.ptr_granularity) - 32'd1);
  assign has_output  = cfg_i.topa || cfg_i.snglrng;
  assign is_addr     = operands_i.msr[31:3] == MsrRtitAddr0A[31:3];
  assign addr_index  = operands_i.msr[2:0];
  assign addr_exists = cfg_i.ipfilt && cfg_i.ranges > {1'b0, addr_index[2:1]};
  assign canonical   = data[63:47] == '0 || data[63:47] == '1;
  assign base_ok     = data[6:0] == 7'd0 && (data >> cfg_i.maxphyaddr) == 64'd0;
  assign mask_ok     = !(cfg_i.table_offset_gp && data[31:7] != 25'd0);
  assign status_ok   = !data[3] && data[31:8] == 24'd0 && data[63:49] == 15'd0 &&
                       (cfg_i.psbpmi || data[7:6] == 2'd0) &&
                       (cfg_i.psbcyc || data[48:32] == 17'd0);

  always_comb begin
    case (cfg_i.sw_cr3_match_rsvd)
      SwCr3MatchRsvdSkylake:   match_ok = data[11:0] == 12'd0;
      SwCr3MatchRsvdBroadwell: match_ok = data[4:0] == 5'd0 && data[63:48] == 16'd0;
      default:                 match_ok = data[4:0] == 5'd0;
    endcase
  end

  always_comb begin
    status        = 64'd0;
    status[0]     = filter_en_q &&
                    (cfg_i.ipfilt || cfg_i.sw_filteren_no_ipfilt == SwFilterenNoIpfiltOne);
    status[1]     = context_en_q;
    status[2]     = trigger_en_q;
    status[4]     = error_q;
    status[5]     = stopped_q;
    status[6]     = pend_psb_q;
    status[7]     = pend_pmi_q;
    status[48:32] = cfg_i.psbcyc ? count_q[16:0] & unit_mask[16:0] : 17'd0;
  end

  always_comb begin
    msr_hit_o   = 1'b1;
    msr_ok_o    = 1'b1;
    msr_rdata_o = 64'd0;
    if (is_addr) begin
      msr_rdata_o = addr_q[addr_index];
      msr_ok_o    = addr_exists && (!is_write || (!traces && canonical));
    end else begin
      case (operands_i.msr)
        MsrRtitCtl: begin
          msr_rdata_o = ctl;
          msr_ok_o    = !is_write || ctl_ok;
        end
        MsrRtitStatus: begin
          msr_rdata_o = status;
          msr_ok_o    = !is_write || (!traces && status_ok);
        end
        MsrRtitCr3Match: begin
          msr_rdata_o = cr3_match_q;
          msr_ok_o    = cfg_i.cr3filt && (!is_write || (!traces && match_ok));
        end
        MsrRtitOutputBase: begin
          msr_rdata_o = base_i;
          msr_ok_o    = has_output && (!is_write || (!traces && base_ok));
        end
        MsrRtitOutputMaskPtrs: begin
          msr_rdata_o = {off_i & unit_mask, idx_i, 7'h7f};
          msr_ok_o    = has_output && (!is_write || (!traces && mask_ok));
        end
        MsrVmxMisc: begin
          msr_rdata_o = cfg_i.vmx_misc_pt ? VmxMiscPt : VmxMiscNoPt;
          msr_ok_o    = !is_write;
        end
        default: begin
          msr_hit_o = 1'b0;
          msr_ok_o  = 1'b0;
        end
      endcase
    end
  end

  // Enables ----------------------------------------------------------------------------------------

  logic kill, enable, trigger, trigger_pre, trigger_d, context_d, filter_d, has_target, has_filter;
  logic in_filter, in_stop, trace_stop, cr3_fits;

  assign ctl_d            = write_i && operands_i.msr == MsrRtitCtl ? ctl_new
                          : vmx_ctl_we_i ? vmx_ctl_i | wired : ctl;
  assign ctl_after_o      = ctl_d;
  assign trace_en_moves_o = ctl_d[CtlTraceEn] != traces;
  assign enable           = !traces && ctl_d[CtlTraceEn];
  assign enable_o         = enable;
  assign disable_o        = traces && !ctl_d[CtlTraceEn];
  assign kill           = stop_i || err_i;
  assign trigger          = trigger_en_q && !kill;
  assign trigger_o        = trigger;
  assign trigger_pre      = ctl_d[CtlTraceEn] && !error_q && !stopped_q && !kill;
  assign has_target       = (retire_i != RetireNone && retire_i != RetireJccNot) || enable ||
                            transition_i;
  assign cr3_fits         = !ctl_d[CtlCr3Filter] || cr3_i[63:12] == cr3_match_q[63:12];

  always_comb begin
    has_filter = 1'b0;
    in_filter  = 1'b0;
    in_stop    = 1'b0;
    for (int unsigned n = 0; n < 4; n++) begin
      if (ctl_d[32+4*n+:4] != 4'd0) begin
        has_filter |= ctl_d[32+4*n+:4] == RangeFilter;
        if (ip_i >= addr_q[2*n] && ip_i <= addr_q[2*n+1]) begin
          in_filter |= ctl_d[32+4*n+:4] == RangeFilter;
          in_stop   |= ctl_d[32+4*n+:4] == RangeStop;
        end
      end
    end
  end

  assign context_d  = !trigger_pre ? context_en_q
                    : cr3_fits && (cpl_i == 8'd0 ? ctl_d[CtlOs] : ctl_d[CtlUser]);
  assign trace_stop = trigger_pre && context_d && has_target && (trigger || enable) && in_stop;
  assign trigger_d  = trigger_pre && !trace_stop;

  always_comb begin
    filter_d = filter_en_q;
    if (trigger_pre) begin
      if (trace_stop) begin
        filter_d = 1'b0;
      end else if (!has_filter) begin
        filter_d = 1'b1;
      end else if (enable && (context_d ||
                              cfg_i.sw_filter_needs_context == SwFilterNeedsContextNo)) begin
        filter_d = in_filter && cfg_i.sw_filteren_at_enable == SwFilterenAtEnableEvaluate;
      end else if (has_target && context_d) begin
        filter_d = in_filter;
      end
    end
  end

  assign topa_start_o = enable && trigger_d && !ctl_d[CtlFabricEn];
  assign drop_all_o   = disable_o && effect_i == OpVmxon &&
                        cfg_i.sw_vmxon_disable == SwVmxonDisableDrop;

  // PSB bookkeeping and the pending bits of STATUS -------------------------------------------------

  logic [31:0] period;
  logic        inject, muted, psb_made, psb_lost;

  assign period   = cfg_i.psbcyc ? PsbPeriod << ctl_d[27:24] : PsbPeriod;
  assign inject   = cfg_i.psbpmi && ctl_d[CtlInject];
  assign muted    = cfg_i.sw_mute_packets != SwMutePacketsNo || ctl_d[CtlFabricEn];
  assign count_d  = pkt_len_i == 5'd0 ? count_q
                  : pkt_kind_i == PktPsb ? 32'(pkt_len_i) : count_q + 32'(pkt_len_i);
  // PendPSB asks for a PSB itself, so that an enable which makes packets makes it good.
  assign psb_made = enable && trigger_pre && !muted && pend_psb_q;
  assign psb_lost = count_d >= period && !trigger_d && (trigger_en_q || count_q < period);

  assign pmi_again_o = enable && inject && pend_pmi_q &&
                       (trigger_d || cfg_i.sw_repend_needs_trigger == SwRependNeedsTriggerNo);

  // State ------------------------------------------------------------------------------------------

  logic status_write;

  assign status_write = write_i && operands_i.msr == MsrRtitStatus;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctl_q        <= 64'd0;
      trigger_en_q <= 1'b0;
      context_en_q <= 1'b0;
      filter_en_q  <= 1'b0;
      error_q      <= 1'b0;
      stopped_q    <= 1'b0;
      pend_psb_q   <= 1'b0;
      pend_pmi_q   <= 1'b0;
      count_q      <= 32'd0;
    end else if (reset_i == ResetWarm && cfg_i.ipfilt) begin
      ctl_q[CtlTraceEn] <= 1'b0;
      trigger_en_q      <= 1'b0;
    end else if (reset_i != ResetNone) begin
      ctl_q        <= 64'd0;
      trigger_en_q <= 1'b0;
      context_en_q <= 1'b0;
      filter_en_q  <= 1'b0;
      error_q      <= 1'b0;
      stopped_q    <= 1'b0;
      pend_psb_q   <= 1'b0;
      pend_pmi_q   <= 1'b0;
      count_q      <= 32'd0;
    end else begin
      ctl_q        <= ctl_d;
      trigger_en_q <= trigger_d;
      if (disable_o && cfg_i.sw_status_after_disable == SwStatusAfterDisableClear) begin
        context_en_q <= 1'b0;
        filter_en_q  <= 1'b0;
      end else begin
        context_en_q <= context_d;
        filter_en_q  <= filter_d;
      end
      error_q   <= status_write ? data[4] : error_q || err_i;
      stopped_q <= status_write ? data[5] : stopped_q || stop_i || trace_stop;
      if (status_write)            pend_psb_q <= data[6];
      else if (inject && psb_made) pend_psb_q <= 1'b0;
      else if (inject && psb_lost) pend_psb_q <= 1'b1;
      if (status_write)                pend_pmi_q <= data[7];
      else if (inject && topa_pmi_i)   pend_pmi_q <= 1'b1;
      else if (pmi_again_o && cfg_i.sw_repend_clears_pend == SwRependClearsPendYes)
                                       pend_pmi_q <= 1'b0;
      count_q <= status_write ? {15'd0, data[48:32] & unit_mask[16:0]} : count_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cr3_match_q <= 64'd0;
      for (int unsigned n = 0; n < 8; n++) addr_q[n] <= 64'd0;
    end else if (reset_i == ResetCold || (reset_i == ResetWarm && !cfg_i.ipfilt)) begin
      cr3_match_q <= 64'd0;
      for (int unsigned n = 0; n < 8; n++) addr_q[n] <= 64'd0;
    end else if (write_i) begin
      if (operands_i.msr == MsrRtitCr3Match) cr3_match_q <= data;
      if (is_addr) addr_q[addr_index] <= data;
    end
  end
endmodule
