// Who asks the agency: an ME, from a domcall of its own or from one of its threads.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "so3/abi/callbacks.hpp"
#include "so3/agency/me/me.hpp"

namespace agency {

struct Caller {
  std::shared_ptr<Me> me;
  std::optional<abi::Domcall> domcall;  // nothing: a thread
  // In cb_cooperate: as what, and with whom; nobody when alone.
  std::optional<abi::Role> role;
  std::shared_ptr<Me> partner;
  // Domcalls set aside for one another, this one included; and when the last may begin inside of it.
  std::uint32_t depth = 0;
  std::uint64_t nested_until = 0;
};

}  // namespace agency
