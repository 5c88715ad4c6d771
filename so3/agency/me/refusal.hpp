// Why something was not done: the status, and a sentence with the thing, the limit, what was found and the remedy.
#pragma once
#include <expected>
#include <string>
#include <utility>

#include "so3/abi/status.hpp"

namespace agency {

struct Refusal {
  abi::Status status;
  std::string text;
};

inline std::unexpected<Refusal> refuse(abi::Status status, std::string why) {
  return std::unexpected{Refusal{status, std::move(why)}};
}

}  // namespace agency
