// SPDX-License-Identifier: MIT
//
// Types of the twin of one logical processor. Numbers come from ptv_spec_pkg, which the build writes
// from model/spec/*.def.

package ptv_pkg;
  import ptv_spec_pkg::*;

  // Input pins of one clock; all zero: nothing happens from outside.
  typedef struct packed {
    logic [7:0]  op;
    logic [7:0]  retire;
    logic [7:0]  int_vector;
    logic [7:0]  cpl;
    logic [7:0]  mode;
    logic        mem_ack;
    logic [15:0] emit;
    logic [31:0] msr;
    logic [63:0] data;
    logic [63:0] field;
    logic [63:0] ip;
    logic [63:0] target;
    logic [63:0] cr3;
    logic [63:0] mem_rdata;
  } pins_t;

  // The seam: what the packetizer hands over in a clock. It is not twinned yet, so its side of the
  // seam is driven from outside.
  typedef struct packed {
    logic         busy;  // packets of the current event are left after this clock
    logic         ovf;   // an overflow is in progress after this clock
    logic [4:0]   len;   // bytes of the packet that enters the buffer; 0: none
    logic [7:0]   kind;
    logic [15:0]  lost;  // bytes of packets that did not fit
    logic [127:0] data;  // first byte lowest
  } seam_t;

  // An operation in progress and what its effect came to.
  typedef struct packed {
    logic [7:0]  mode;
    logic [7:0]  cpl;
    logic [7:0]  op;
    logic [31:0] msr;
    logic [63:0] cr3;
    logic [63:0] target;
    logic [63:0] ip;
    logic [63:0] field;
    logic [63:0] data;
  } operands_t;

  typedef enum logic [2:0] {
    PhaseIdle    = 3'd0,
    PhaseWait    = 3'd1,
    PhasePackets = 3'd2,
    PhaseFlush   = 3'd3,
    PhaseFix     = 3'd4
  } phase_e;

  // IA32_RTIT_CTL
  localparam int unsigned CtlTraceEn   = 0;
  localparam int unsigned CtlCycEn     = 1;
  localparam int unsigned CtlOs        = 2;
  localparam int unsigned CtlUser      = 3;
  localparam int unsigned CtlPwrEvtEn  = 4;
  localparam int unsigned CtlFupOnPtw  = 5;
  localparam int unsigned CtlFabricEn  = 6;
  localparam int unsigned CtlCr3Filter = 7;
  localparam int unsigned CtlTopa      = 8;
  localparam int unsigned CtlMtcEn     = 9;
  localparam int unsigned CtlPtwEn     = 12;
  localparam int unsigned CtlBranchEn  = 13;
  localparam int unsigned CtlEventEn   = 31;
  localparam int unsigned CtlDisTnt    = 55;
  localparam int unsigned CtlInject    = 56;
  localparam logic [63:0] CtlWired     = 64'h2100;

  // VMX controls in the operand of VM entry and exit.
  localparam int unsigned VmcConcealExec  = 0;
  localparam int unsigned VmcConcealExit  = 1;
  localparam int unsigned VmcConcealEntry = 2;
  localparam int unsigned VmcClearRtit    = 3;
  localparam int unsigned VmcLoadRtit     = 4;

  localparam logic [63:0] VmcsNone = '1;

  // A PMI on the wire between output unit and interrupt unit.
  localparam logic [1:0] PmiNone  = 2'd0;
  localparam logic [1:0] PmiFull  = 2'd1;
  localparam logic [1:0] PmiEarly = 2'd2;
  localparam logic [1:0] PmiAgain = 2'd3;

  localparam logic [1:0] ResetNone = 2'd0;
  localparam logic [1:0] ResetCold = 2'd1;
  localparam logic [1:0] ResetWarm = 2'd2;

  // Timers count down: a deadline of n clocks from now is due when what it was loaded with is gone.
  function automatic logic [31:0] timer_load(logic [31:0] clocks);
    return clocks == 32'd0 ? 32'd0 : clocks - 32'd1;
  endfunction

  function automatic logic [31:0] timer_tick(logic [31:0] left);
    return left == 32'd0 ? 32'd0 : left - 32'd1;
  endfunction
endpackage
