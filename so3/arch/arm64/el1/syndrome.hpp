// ESR_EL1 in words (Arm ARM D17.2.37).
#pragma once
#include <cstdint>

namespace arch {

enum class ExceptionClass : std::uint32_t {
  unknown = 0x00,
  wfx = 0x01,
  fp_access = 0x07,
  illegal_state = 0x0e,
  svc = 0x15,
  hvc = 0x16,
  system_register = 0x18,
  instruction_abort = 0x21,
  pc_alignment = 0x22,
  data_abort = 0x25,
  sp_alignment = 0x26,
  fp_exception = 0x2c,
  serror = 0x2f,
  breakpoint = 0x31,
  step = 0x33,
  watchpoint = 0x35,
  brk = 0x3c,
};

struct Syndrome {
  std::uint64_t esr;

  ExceptionClass exception_class() const { return static_cast<ExceptionClass>(esr >> 26 & 0x3f); }
  bool is_abort() const {
    return exception_class() == ExceptionClass::data_abort || exception_class() == ExceptionClass::instruction_abort;
  }
  bool is_instruction() const { return exception_class() == ExceptionClass::instruction_abort; }
  bool write() const { return (esr >> 6 & 1) != 0; }
  bool address_valid() const { return (esr >> 10 & 1) == 0; }
  std::uint32_t brk_number() const { return static_cast<std::uint32_t>(esr & 0xffff); }
  bool translation() const { return (esr & 0x3c) == 0x04; }
  bool permission() const { return (esr & 0x3c) == 0x0c; }
  bool alignment() const { return (esr & 0x3f) == 0x21; }
};

constexpr const char* name(ExceptionClass c) {
  switch (c) {
    case ExceptionClass::unknown: return "undefined instruction";
    case ExceptionClass::wfx: return "trapped WFI or WFE";
    case ExceptionClass::fp_access: return "floating point is off";
    case ExceptionClass::illegal_state: return "illegal execution state";
    case ExceptionClass::svc: return "SVC";
    case ExceptionClass::hvc: return "HVC";
    case ExceptionClass::system_register: return "trapped system register";
    case ExceptionClass::instruction_abort: return "instruction abort";
    case ExceptionClass::pc_alignment: return "misaligned PC";
    case ExceptionClass::data_abort: return "data abort";
    case ExceptionClass::sp_alignment: return "misaligned SP";
    case ExceptionClass::fp_exception: return "floating-point exception";
    case ExceptionClass::serror: return "SError";
    case ExceptionClass::breakpoint: return "breakpoint";
    case ExceptionClass::step: return "single step";
    case ExceptionClass::watchpoint: return "watchpoint";
    case ExceptionClass::brk: return "BRK";
  }
  return "exception";
}

}  // namespace arch
