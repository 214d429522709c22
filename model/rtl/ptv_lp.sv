// SPDX-License-Identifier: MIT
//
// One logical processor: its units wired together. The packetizer is not twinned yet; what it hands
// over comes in at the seam.
//
// Combinational order within a clock: operation -> store -> region end, STOP, error -> outcome of
// the operation -> code -> enables -> packet -> buffer -> end of the operation.

module ptv_lp
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  cfg_t         cfg_i,
  input  pins_t        pins_i,
  input  seam_t        seam_i,
  input  logic         rebase_i,
  input  logic         expedite_i,
  output logic         busy_o,
  output logic         done_o,
  output logic [7:0]   fault_o,
  output logic [7:0]   vmx_result_o,
  output logic [15:0]  reason_o,
  output logic [63:0]  rdata_o,
  output logic         mem_req_o,
  output logic [63:0]  mem_addr_o,
  output logic [4:0]   store_len_o,
  output logic [63:0]  store_addr_o,
  output logic [127:0] store_data_o,
  output logic [4:0]   packet_len_o,
  output logic [7:0]   packet_kind_o,
  output logic [127:0] packet_data_o,
  output logic [15:0]  drop_len_o,
  output logic [7:0]   drop_cause_o,
  output logic         region_end_o,
  output logic [1:0]   pmi_o,
  output logic         nmi_o,
  output logic         irq_o,
  output logic         stall_o,
  output logic [63:0]  cycle_o
);
  // The packetizer's side of the seam, as it was before this clock.
  logic packets_before_q, ovf_before_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      packets_before_q <= 1'b0;
      ovf_before_q     <= 1'b0;
    end else begin
      packets_before_q <= seam_i.busy;
      ovf_before_q     <= seam_i.ovf;
    end
  end

  ptv_timer u_timer (.clk_i, .rst_ni, .rebase_i, .cycle_o);

  // Operation and its outcome.
  operands_t   operands;
  logic [7:0]  effect, retire, fault, result, vmx_fault, vmx_result;
  logic [15:0] reason;
  logic [63:0] rdata;
  logic [1:0]  reset;
  logic        idle, flush_phase, disables, flush_end, write, is_vmx, is_msr, msr_ok;
  logic        rtit_hit, rtit_ok, pmi_hit, pmi_ok;
  logic [63:0] rtit_rdata, pmi_rdata, ctl, ctl_after;

  assign is_msr = effect == OpRdmsr || effect == OpWrmsr;
  assign msr_ok = operands.cpl == 8'd0 && ((rtit_hit && rtit_ok) || (pmi_hit && pmi_ok));
  assign fault  = is_msr ? (msr_ok ? FaultNone : FaultGp) : vmx_fault;
  assign write  = effect == OpWrmsr && msr_ok;
  assign result = is_vmx ? vmx_result : 8'd0;
  assign reset  = effect != OpReset ? ResetNone : operands.data != 64'd0 ? ResetWarm : ResetCold;

  always_comb begin
    rdata = 64'd0;
    if (effect == OpRdmsr)                             rdata = rtit_hit ? rtit_rdata : pmi_rdata;
    else if (effect == OpVmExit && cfg_i.vmx_load_clear && fault == FaultNone) rdata = ctl;
  end

  ptv_op u_op (
    .clk_i, .rst_ni, .cfg_i, .pins_i,
    .packets_before_i (packets_before_q),
    .packets_after_i  (seam_i.busy),
    .ovf_after_i      (seam_i.ovf),
    .disable_i        (disables),
    .flush_end_i      (flush_end),
    .fault_i          (fault),
    .result_i         (result),
    .reason_i         (reason),
    .rdata_i          (rdata),
    .operands_o       (operands),
    .effect_o         (effect),
    .retire_o         (retire),
    .idle_o           (idle),
    .flushing_o       (flush_phase),
    .busy_o, .done_o, .fault_o,
    .result_o         (vmx_result_o),
    .reason_o, .rdata_o
  );

  assign stall_o = seam_i.busy || busy_o;

  // VMX
  logic        in_vmx, field_bad, transition, vmx_ctl_we, trace_en_moves;
  logic [63:0] vmx_ctl, ip, cr3;
  logic [7:0]  cpl;

  ptv_vmx u_vmx (
    .clk_i, .rst_ni, .cfg_i,
    .operands_i   (operands),
    .effect_i     (effect),
    .reset_i      (reset),
    .ctl_i        (ctl),
    .field_bad_i  (field_bad),
    .in_vmx_o     (in_vmx),
    .is_vmx_o     (is_vmx),
    .fault_o      (vmx_fault),
    .result_o     (vmx_result),
    .reason_o     (reason),
    .transition_o (transition),
    .ctl_we_o     (vmx_ctl_we),
    .ctl_o        (vmx_ctl)
  );

  ptv_cpu u_cpu (
    .clk_i, .rst_ni, .pins_i,
    .retire_i         (retire),
    .operands_i       (operands),
    .transition_i     (transition),
    .trace_en_moves_i (trace_en_moves),
    .reset_i          (reset),
    .ip_o             (ip),
    .cr3_o            (cr3),
    .cpl_o            (cpl)
  );

  // Output
  logic        place_valid, place_settled, err, stop, enable, start, again, trigger, drop_all;
  logic        holds_bytes, flushing;
  logic [31:0] room, off;
  logic [63:0] base, place, topa_byte;
  logic [24:0] idx;
  logic [1:0]  topa_pmi;

  ptv_rtit u_rtit (
    .clk_i, .rst_ni, .cfg_i,
    .operands_i       (operands),
    .effect_i         (effect),
    .retire_i         (retire),
    .reset_i          (reset),
    .in_vmx_i         (in_vmx),
    .transition_i     (transition),
    .vmx_ctl_we_i     (vmx_ctl_we),
    .vmx_ctl_i        (vmx_ctl),
    .field_bad_o      (field_bad),
    .ip_i             (ip),
    .cr3_i            (cr3),
    .cpl_i            (cpl),
    .base_i           (base),
    .idx_i            (idx),
    .off_i            (off),
    .stop_i           (stop),
    .err_i            (err),
    .topa_pmi_i       (topa_pmi != PmiNone),
    .enable_o         (enable),
    .topa_start_o     (start),
    .pmi_again_o      (again),
    .pkt_len_i        (seam_i.len),
    .pkt_kind_i       (seam_i.kind),
    .msr_hit_o        (rtit_hit),
    .msr_ok_o         (rtit_ok),
    .msr_rdata_o      (rtit_rdata),
    .write_i          (write),
    .ctl_o            (ctl),
    .ctl_after_o      (ctl_after),
    .trace_en_moves_o (trace_en_moves),
    .disable_o        (disables),
    .trigger_o        (trigger),
    .drop_all_o       (drop_all)
  );

  ptv_topa u_topa (
    .clk_i, .rst_ni, .cfg_i,
    .operands_i    (operands),
    .write_i       (write),
    .reset_i       (reset),
    .enable_i      (enable),
    .topa_mode_i   (ctl_after[CtlTopa]),
    .start_i       (start),
    .mem_ack_i     (pins_i.mem_ack),
    .mem_rdata_i   (pins_i.mem_rdata),
    .mem_req_o, .mem_addr_o,
    .store_len_i   (store_len_o),
    .flushing_i    (flushing),
    .holds_bytes_i (holds_bytes),
    .flush_end_i   (flush_end),
    .valid_o       (place_valid),
    .settled_o     (place_settled),
    .room_o        (room),
    .store_addr_o  (place),
    .err_o         (err),
    .stop_o        (stop),
    .region_end_o,
    .pmi_o         (topa_pmi),
    .pmi_byte_o    (topa_byte),
    .base_o        (base),
    .idx_o         (idx),
    .off_o         (off)
  );

  assign store_addr_o = store_len_o == 5'd0 ? 64'd0 : place;

  ptv_fifo u_fifo (
    .clk_i, .rst_ni, .cfg_i, .seam_i,
    .packets_before_i (packets_before_q),
    .ovf_before_i     (ovf_before_q),
    .emit_i           (pins_i.emit),
    .idle_i           (idle),
    .flush_phase_i    (flush_phase),
    .disable_i        (disables),
    .trigger_i        (trigger),
    .fabric_i         (ctl[CtlFabricEn]),
    .stop_i           (stop),
    .err_i            (err),
    .drop_all_i       (drop_all),
    .reset_i          (reset),
    .place_valid_i    (place_valid),
    .place_settled_i  (place_settled),
    .place_room_i     (room),
    .place_off_i      (off),
    .store_len_o, .store_data_o,
    .flushing_o       (flushing),
    .holds_bytes_o    (holds_bytes),
    .flush_end_o      (flush_end),
    .packet_len_o, .packet_kind_o, .packet_data_o, .drop_len_o, .drop_cause_o
  );

  // Interrupts
  logic [63:0] pmi_byte;

  assign pmi_o    = again ? PmiAgain : topa_pmi;
  assign pmi_byte = again ? '1 : topa_byte;

  ptv_pmi u_pmi (
    .clk_i, .rst_ni, .cfg_i,
    .operands_i  (operands),
    .effect_i    (effect),
    .write_i     (write),
    .retire_i    (retire),
    .vector_i    (pins_i.int_vector),
    .expedite_i,
    .reset_i     (reset),
    .pmi_i       (pmi_o),
    .pmi_byte_i  (pmi_byte),
    .busy_i      (busy_o),
    .msr_hit_o   (pmi_hit),
    .msr_ok_o    (pmi_ok),
    .msr_rdata_o (pmi_rdata),
    .nmi_o, .irq_o
  );
endmodule
