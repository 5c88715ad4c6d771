// The engine's end of the link, inside the machine: the benchmark asks the agency what an engine would ask, in the same
// frames, so that no host and no device takes part.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "so3/abi/lifecycle.hpp"
#include "so3/abi/link.hpp"
#include "so3/agency/link/link.hpp"
#include "so3/agency/loop/task.hpp"
#include "tests/bench/agency/waiting_bell.hpp"

namespace bench {

struct Answer {
  abi::Status status;
  std::uint64_t value;
  std::string payload;
};

class EngineEnd : public agency::Port {
 public:
  explicit EngineEnd(agency::Doorbells& bells) : bell_{bells} {}
  void connect(agency::Link& link);

  agency::Task<Answer> request(abi::link::Type type, std::string payload);

  // When a slot last came to a state: the counter as the agency told it. 0: it has not since forget().
  std::uint64_t reached(std::uint32_t slot, abi::State state) const;
  void forget() { changes_.clear(); }

  // agency::Port
  std::size_t write(agency::Bytes bytes) override;
  void close() override;

 private:
  struct Change {
    std::uint32_t slot;
    abi::State to;
    std::uint64_t counter;
  };
  void frame(const abi::link::Frame& head, std::string_view payload);

  WaitingBell bell_;  // the agency answers in the middle of its own work; who asked goes on when that is done
  agency::Link* link_ = nullptr;
  std::string in_;
  std::uint32_t last_id_ = 0;
  std::optional<Answer> answer_;
  std::vector<Change> changes_;
};

}  // namespace bench
