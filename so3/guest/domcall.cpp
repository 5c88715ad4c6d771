#include "so3/guest/domcall.hpp"

#include "so3/kernel/domcall.hpp"

namespace guest {
namespace {

decltype(Callbacks::domcall) handle = nullptr;
CurrentDomcall current{};

constexpr std::int32_t refused = -1;

bool known(std::uint64_t number) {
  if (number > UINT32_MAX) return false;
  switch (static_cast<abi::Domcall>(number)) {
    case abi::Domcall::pre_propagate:
    case abi::Domcall::pre_activate:
    case abi::Domcall::cooperate:
    case abi::Domcall::kill_me: return true;
    case abi::Domcall::resume:  // is how domcall_request() returns, never an entry
    case abi::Domcall::null: break;
  }
  return false;
}

}  // namespace

void set_domcall_handler(decltype(Callbacks::domcall) handler) { handle = handler; }

const CurrentDomcall& current_domcall() { return current; }

DomcallAnswer run_domcall(std::uint64_t number, const hypercall::Payload& words) {
  if (number == static_cast<std::uint64_t>(abi::Domcall::null)) return {};
  if (!known(number) || handle == nullptr) return {.value = refused};
  const auto which = static_cast<abi::Domcall>(number);
  const auto role = static_cast<abi::Role>(static_cast<std::uint32_t>(words[0]));
  // One of this ME may be set aside meanwhile.
  const CurrentDomcall outer = current;
  current = {which, which == abi::Domcall::cooperate && role == abi::Role::target};
  kernel::begin_domcall(abi::name(which).data());
  const DomcallAnswer answer = handle(which, words);
  kernel::end_domcall();
  current = outer;
  return answer;
}

}  // namespace guest

// From the kernel's entry code, with the registers as avz set them.
extern "C" [[noreturn]] void so3_domcall(std::uint64_t number, std::uint64_t w0, std::uint64_t w1, std::uint64_t w2,
                                         std::uint64_t w3, std::uint64_t w4, std::uint64_t w5) {
  if (number == static_cast<std::uint64_t>(abi::Domcall::null)) hypercall::domcall_return(0, {});
  const auto answer = guest::run_domcall(number, {w0, w1, w2, w3, w4, w5});
  hypercall::domcall_return(answer.value, answer.words);
}
