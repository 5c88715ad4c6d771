// Requests to the agency that wait for their replies.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "engine/host/window.hpp"
#include "engine/link/message.hpp"

namespace engine {

class Requests {
 public:
  struct Waiting {
    std::move_only_function<void(Result<link::Reply>)> take;
    std::shared_ptr<Window::Region> region;  // what the agency may still read until it has answered
  };

  // The id to send it with, never 0.
  [[nodiscard]] std::uint32_t add(Waiting waiting) {
    const auto id = next_id_++;
    if (next_id_ == 0) next_id_ = 1;
    waiting_.insert_or_assign(id, std::move(waiting));
    return id;
  }
  // False when nobody has made a request of this id.
  [[nodiscard]] bool answer(std::uint32_t id, link::Reply reply) {
    auto found = waiting_.extract(id);
    if (found) found.mapped().take(std::move(reply));
    return !found.empty();
  }
  void fail_all(const Error& reason) {
    for (auto& [id, waiting] : std::exchange(waiting_, {})) waiting.take(std::unexpected(reason));
  }

 private:
  std::map<std::uint32_t, Waiting> waiting_;
  std::uint32_t next_id_ = 1;
};

}  // namespace engine
