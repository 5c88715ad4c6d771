#include "so3/avz/machine_calls.hpp"

#include "so3/abi/version.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/domcall.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/violation.hpp"

namespace avz::calls {

using abi::Status;

Answer version(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) {
  return {Status::ok, abi::version};
}

void console_write(Vcpu& caller, std::uint64_t (&x)[8]) {
  const auto length = x[1];
  if (length == 0 || length > abi::console_write_max) return answer(x, Status::bad_argument);
  avz::console_write(caller.slot, {reinterpret_cast<const char*>(&x[2]), length});
  answer(x, Status::ok);
}

void vcpu_yield(Vcpu& caller, std::uint64_t (&x)[8]) {
  answer(x, Status::ok);
  yield(caller);
}

void vcpu_wait(Vcpu& caller, std::uint64_t (&x)[8]) {
  answer(x, Status::ok);
  caller.looks_itself = true;
  block(caller);
}

void vcpu_park(Vcpu& caller, std::uint64_t (&x)[8]) {
  answer(x, Status::ok);
  park(caller);
}

void machine_off(Vcpu&, std::uint64_t (&x)[8]) {
  print("avz: machine off, exit code ", x[1]);
  avz::machine_off();
}

void nothing_to_do(Vcpu&, std::uint64_t (&x)[8]) { answer(x, Status::ok); }

void wait_in_domcall(Vcpu& caller, std::uint64_t (&x)[8]) {
  answer(x, Status::denied);
  violation(caller, abi::CrashReason::blocked_in_domcall, "vcpu_wait, LR", caller.x[30]);
}

void crash_in_domcall(Vcpu& caller, std::uint64_t (&x)[8]) {
  const bool known = x[1] != 0 && x[1] <= static_cast<std::uint64_t>(abi::CrashReason::not_stopping);
  end_domcall(caller, abi::Outcome::fault, known ? static_cast<abi::CrashReason>(x[1]) : abi::CrashReason::panic);
  crash(caller, x);
}

}  // namespace avz::calls
