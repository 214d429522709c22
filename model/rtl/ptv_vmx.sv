// SPDX-License-Identifier: MIT
//
// VMX operation as far as it meets Intel PT: outcome of VMXON, VMXOFF, VMPTRLD, VMCLEAR, VM entry
// and exit, and what they do to IA32_RTIT_CTL (HW-116..HW-125, HW-127..HW-132, HW-134).
//
// Checks come in the manual's order: #UD, #GP, VMfail, late failure. A VMXON that succeeds clears
// TraceEn iff IA32_VMX_MISC[14] is 0, and nothing else of RTIT_CTL.

module ptv_vmx
  import ptv_pkg::*;
  import ptv_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  cfg_t        cfg_i,
  input  operands_t   operands_i,
  input  logic [7:0]  effect_i,
  input  logic [1:0]  reset_i,
  input  logic [63:0] ctl_i,
  input  logic        field_bad_i,     // Guest IA32_RTIT_CTL may not be loaded
  output logic        in_vmx_o,
  output logic        is_vmx_o,        // the operation of this clock is one of ours
  output logic [7:0]  fault_o,
  output logic [7:0]  result_o,
  output logic [15:0] reason_o,
  output logic        transition_o,    // an entry or exit that goes through
  output logic        ctl_we_o,
  output logic [63:0] ctl_o
);
  // VMXON's second operand: why it is to fault.
  localparam int unsigned VmxonNoVmxe = 0;
  localparam int unsigned VmxonLocked = 1;
  // VM-instruction errors and the basic exit reason of a failed entry.
  localparam logic [15:0] ErrVmclearAddress = 16'd2;
  localparam logic [15:0] ErrVmclearVmxon   = 16'd3;
  localparam logic [15:0] ErrEntryControls  = 16'd7;
  localparam logic [15:0] ErrVmptrldAddress = 16'd9;
  localparam logic [15:0] ErrVmptrldVmxon   = 16'd10;
  localparam logic [15:0] ErrVmxonInRoot    = 16'd15;
  localparam logic [15:0] ReasonGuestState  = 16'd33;

  logic [63:0] vmxon_q, vmcs_q, vmxon_d, vmcs_d;
  logic [1:0]  mode_q, mode_d;
  logic        conceal_q, conceal_d;

  logic [63:0] pointer;
  logic        bad_address, is_region, privileged, load, clear, conceal, unsupported;
  logic        mode_fits;
  logic [15:0] vmfail;  // not 0: VMfail with this number

  assign pointer     = operands_i.data;
  assign bad_address = pointer[11:0] != 12'd0 || (pointer >> cfg_i.maxphyaddr) != 64'd0;
  assign is_region   = pointer == vmxon_q;
  assign privileged  = operands_i.cpl == 8'd0;
  assign load        = operands_i.data[VmcLoadRtit];
  assign clear       = operands_i.data[VmcClearRtit];
  assign conceal     = operands_i.data[VmcConcealExec] || operands_i.data[VmcConcealExit] ||
                       operands_i.data[VmcConcealEntry];
  assign unsupported = (conceal && !cfg_i.vmx_conceal) ||
                       ((load || clear) && !cfg_i.vmx_load_clear);
  assign in_vmx_o    = mode_q != ModeOff;
  // A guest's instruction that is to exit comes as VM exit; one that comes as itself is refused.
  always_comb begin
    case (effect_i)
      OpVmxon:  mode_fits = mode_q != ModeNonRoot;
      OpVmExit: mode_fits = mode_q == ModeNonRoot;
      default:  mode_fits = mode_q == ModeRoot;
    endcase
  end

  assign is_vmx_o    = effect_i inside {OpVmxon, OpVmxoff, OpVmptrld, OpVmclear, OpVmEntry,
                                        OpVmExit};

  always_comb begin
    mode_d    = mode_q;
    vmxon_d   = vmxon_q;
    vmcs_d    = vmcs_q;
    conceal_d = conceal_q;
    fault_o   = FaultNone;
    result_o  = VmxSucceed;
    reason_o  = 16'd0;
    vmfail    = 16'd0;
    ctl_we_o  = 1'b0;
    ctl_o     = ctl_i;
    if (is_vmx_o && !mode_fits) begin
      fault_o = FaultUd;
    end else begin
      case (effect_i)
        OpVmxon: begin
          if (operands_i.field[VmxonNoVmxe]) begin
            fault_o = FaultUd;
          end else if (!privileged || (!in_vmx_o && operands_i.field[VmxonLocked])) begin
            fault_o = FaultGp;
          end else if (in_vmx_o) begin
            vmfail = ErrVmxonInRoot;
          end else if (bad_address) begin
            result_o = VmxFailInvalid;
          end else begin
            mode_d            = ModeRoot;
            vmxon_d           = pointer;
            vmcs_d            = VmcsNone;
            ctl_we_o          = !cfg_i.vmx_misc_pt;
            ctl_o[CtlTraceEn] = 1'b0;
          end
        end
        OpVmxoff: begin
          if (!privileged) begin
            fault_o = FaultGp;
          end else begin
            mode_d  = ModeOff;
            vmxon_d = VmcsNone;
            vmcs_d  = VmcsNone;
          end
        end
        OpVmptrld: begin
          if (!privileged)      fault_o = FaultGp;
          else if (bad_address) vmfail = ErrVmptrldAddress;
          else if (is_region)   vmfail = ErrVmptrldVmxon;
          else begin
            vmcs_d  = pointer;
          end
        end
        OpVmclear: begin
          if (!privileged)            fault_o = FaultGp;
          else if (bad_address)       vmfail = ErrVmclearAddress;
          else if (is_region)         vmfail = ErrVmclearVmxon;
          else if (pointer == vmcs_q) vmcs_d = VmcsNone;
        end
        OpVmEntry: begin
          if (vmcs_q == VmcsNone) begin
            result_o = VmxFailInvalid;
          end else if (unsupported || (load && ctl_i[CtlTraceEn])) begin
            vmfail = ErrEntryControls;
          end else if (load && field_bad_i) begin
            result_o = VmxEntryFail;
            reason_o = ReasonGuestState;
            ctl_we_o = clear;
            ctl_o    = 64'd0;
          end else begin
            mode_d    = ModeNonRoot;
            conceal_d = operands_i.data[VmcConcealExec];
            ctl_we_o  = load;
            ctl_o     = operands_i.field;
          end
        end
        OpVmExit: begin
          mode_d    = ModeRoot;
          conceal_d = 1'b0;
          ctl_we_o  = clear && cfg_i.vmx_load_clear;
          ctl_o     = 64'd0;
        end
        default: ;
      endcase
    end
    if (fault_o != FaultNone) begin
      result_o = VmxFault;
    end else if (vmfail != 16'd0) begin
      // The number has a place to go to only where there is a current VMCS.
      result_o = vmcs_q == VmcsNone ? VmxFailInvalid : VmxFailValid;
      reason_o = vmcs_q == VmcsNone ? 16'd0 : vmfail;
    end
  end

  assign transition_o = effect_i inside {OpVmEntry, OpVmExit} && mode_d != mode_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mode_q    <= ModeOff;
      vmxon_q   <= VmcsNone;
      vmcs_q    <= VmcsNone;
      conceal_q <= 1'b0;
    end else if (reset_i != ResetNone) begin
      mode_q    <= ModeOff;
      vmxon_q   <= VmcsNone;
      vmcs_q    <= VmcsNone;
      conceal_q <= 1'b0;
    end else begin
      mode_q    <= mode_d;
      vmxon_q   <= vmxon_d;
      vmcs_q    <= vmcs_d;
      conceal_q <= conceal_d;
    end
  end
endmodule
