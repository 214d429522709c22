// SPDX-License-Identifier: MIT
//
// The sequencer of operations: accept, wait, effect, packets, flush, fix, done. One operation at a
// time; nothing retires between accept and done (the border's contract, ptv/hw.h).

module ptv_op
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  cfg_t        cfg_i,
  input  pins_t       pins_i,
  // packetizer
  input  logic        packets_before_i,  // packets are left of an earlier clock
  input  logic        packets_after_i,
  input  logic        ovf_after_i,
  // what the effect came to
  input  logic        disable_i,         // TraceEn falls
  input  logic        flush_end_i,
  input  logic [7:0]  fault_i,
  input  logic [7:0]  result_i,
  input  logic [15:0] reason_i,
  input  logic [63:0] rdata_i,
  output operands_t   operands_o,
  output logic [7:0]  effect_o,          // the operation that takes effect in this clock
  output logic [7:0]  retire_o,
  output logic        idle_o,            // no operation is in progress
  output logic        flushing_o,
  // pins
  output logic        busy_o,
  output logic        done_o,
  output logic [7:0]  fault_o,
  output logic [7:0]  result_o,
  output logic [15:0] reason_o,
  output logic [63:0] rdata_o
);
  operands_t   operands_q;
  phase_e      phase_q;
  logic [7:0]  fault_q, result_q;
  logic        flush_q, timed_q;
  logic [31:0] left_q, latency;
  logic [15:0] reason_q;
  logic [63:0] rdata_q;
  phase_e      phase_d;
  logic        accept, due, effect, flush;

  assign operands_o = operands_q;
  assign idle_o     = operands_q.op == OpNone;
  assign flushing_o = phase_q == PhaseFlush;
  assign accept     = idle_o && pins_i.op != OpNone;
  assign due        = timed_q && left_q == 32'd0;
  assign effect     = phase_q == PhaseWait && due && !packets_before_i;
  assign effect_o   = effect ? operands_q.op : OpNone;
  assign retire_o   = idle_o && !accept && !packets_before_i ? pins_i.retire : RetireNone;
  assign flush      = effect ? disable_i : flush_q;

  always_comb begin
    case (pins_i.op)
      OpRdmsr:           latency = cfg_i.t_rdmsr;
      OpWrmsr:           latency = cfg_i.t_wrmsr;
      OpVmxon:           latency = cfg_i.t_vmxon;
      OpVmxoff:          latency = cfg_i.t_vmxoff;
      OpVmptrld,
      OpVmclear:         latency = cfg_i.t_vmptrld;
      OpVmEntry:         latency = cfg_i.t_vmentry;
      OpVmExit:          latency = cfg_i.t_vmexit;
      default:           latency = 32'd0;
    endcase
  end

  // An effect may be over in its own clock: each phase that is not needed is passed through.
  always_comb begin
    phase_d = effect ? PhasePackets : phase_q;
    case (phase_d)
      PhasePackets: begin
        if (!packets_after_i && !(flush && ovf_after_i)) phase_d = flush ? PhaseFlush : PhaseIdle;
      end
      PhaseFlush: begin
        if (flush_end_i) phase_d = cfg_i.t_flush_fix != 32'd0 ? PhaseFix : PhaseIdle;
      end
      PhaseFix: begin
        if (due) phase_d = PhaseIdle;
      end
      default: ;
    endcase
  end

  assign done_o   = !idle_o && phase_d == PhaseIdle;
  assign busy_o   = accept || (!idle_o && !done_o);
  assign fault_o  = !done_o ? FaultNone : effect ? fault_i : fault_q;
  assign result_o = !done_o ? 8'd0 : effect ? result_i : result_q;
  assign reason_o = !done_o ? 16'd0 : effect ? reason_i : reason_q;
  assign rdata_o  = !done_o || fault_o != FaultNone ? 64'd0 : effect ? rdata_i : rdata_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      operands_q <= '0;
      phase_q    <= PhaseIdle;
      timed_q    <= 1'b0;
      left_q     <= 32'd0;
      flush_q    <= 1'b0;
      fault_q    <= FaultNone;
      result_q   <= 8'd0;
      reason_q   <= 16'd0;
      rdata_q    <= 64'd0;
    end else if (accept) begin
      operands_q.op     <= pins_i.op;
      operands_q.cpl    <= pins_i.cpl;
      operands_q.mode   <= pins_i.mode;
      operands_q.msr    <= pins_i.msr;
      operands_q.data   <= pins_i.data;
      operands_q.field  <= pins_i.field;
      operands_q.ip     <= pins_i.ip;
      operands_q.target <= pins_i.target;
      operands_q.cr3    <= pins_i.cr3;
      phase_q           <= PhaseWait;
      timed_q           <= 1'b1;
      left_q            <= timer_load(latency);
    end else if (done_o) begin
      operands_q <= '0;
      phase_q    <= PhaseIdle;
      timed_q    <= 1'b0;
      left_q     <= 32'd0;
      flush_q    <= 1'b0;
      fault_q    <= FaultNone;
      result_q   <= 8'd0;
      reason_q   <= 16'd0;
      rdata_q    <= 64'd0;
    end else begin
      phase_q <= phase_d;
      left_q  <= timer_tick(left_q);
      if (effect) begin
        timed_q  <= 1'b0;
        flush_q  <= disable_i;
        fault_q  <= fault_i;
        result_q <= result_i;
        reason_q <= reason_i;
        rdata_q  <= rdata_i;
      end
      if (phase_d == PhaseFix && phase_q != PhaseFix) begin
        timed_q <= 1'b1;
        left_q  <= timer_load(cfg_i.t_flush_fix);
      end
    end
  end
endmodule
