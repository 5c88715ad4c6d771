// The engine's end of the link, inside the machine: the benchmark asks the agency what an engine would ask, in the same
// frames, so that no host and no device takes part.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "so3/abi/callbacks.hpp"
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
  // What an engine would hand on to the agency's peers. Told in the middle of the agency's own work.
  class Relay {
   public:
    virtual ~Relay() = default;
    virtual void message(std::uint32_t peer, std::string_view message) = 0;
    virtual void changed(const abi::link::TransferChange& transfer) = 0;
  };

  explicit EngineEnd(agency::Doorbells& bells) : bell_{bells} {}
  void connect(agency::Link& link);

  agency::Task<Answer> request(abi::link::Type type, std::string payload);

  void relay_to(Relay& relay) { relay_ = &relay; }
  // One message of a peer's, or several, as link_frame() made them.
  void hand_over(std::string_view frames);
  static void link_frame(std::string& out, std::uint32_t peer, std::string_view message);

  // When a slot last came to a state: the counter as the agency told it. 0: it has not since forget().
  std::uint64_t reached(std::uint32_t slot, abi::State state) const;
  // The same of a callback: when the agency last said that it begins, or that it ended.
  std::uint64_t begun(std::uint32_t slot, abi::Domcall callback) const;
  std::uint64_t ended(std::uint32_t slot, abi::DcEvent callback) const;
  void forget();

  // agency::Port
  std::size_t write(agency::Bytes bytes) override;
  void close() override;

 private:
  struct Change {
    std::uint32_t slot;
    abi::State to;
    std::uint64_t counter;
  };
  struct Called {
    abi::link::Callback callback;
    std::uint64_t counter;
  };
  std::uint64_t called(const abi::link::Callback& wanted) const;
  void frame(const abi::link::Frame& head, std::string_view payload);

  WaitingBell bell_;  // the agency answers in the middle of its own work; who asked goes on when that is done
  agency::Link* link_ = nullptr;
  std::string in_;
  std::uint32_t last_id_ = 0;
  std::optional<Answer> answer_;
  std::vector<Change> changes_;
  std::vector<Called> callbacks_;
  Relay* relay_ = nullptr;
};

}  // namespace bench
