// A smart object of the soak: started, killed and started again, and heard.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/smart_object.hpp"

namespace me::soak {

class Place {
 public:
  explicit Place(engine::Options options) : options_{std::move(options)} {}

  [[nodiscard]] engine::Result<> start();
  // SIGKILL, as if the power had gone. Returns when it has ended.
  [[nodiscard]] engine::Result<> kill();
  engine::SmartObject& so() { return *so_; }
  const std::string& name() const { return options_.name; }

  // The next line of `slot` that begins so.
  [[nodiscard]] engine::Result<std::string> line(std::uint32_t slot, std::string_view begin);
  // Takes what came; the next line in which an ME says that it was altered, if there is one.
  std::optional<std::string> complaint();

  // As it was when it had started.
  const engine::MachineInfo& at_start() const { return at_start_; }
  std::uint64_t resident_bytes() const;  // of its QEMU
  std::uint64_t qemu_bytes_max() const;
  unsigned starts() const { return starts_; }

 private:
  void hear(const engine::Event& event);

  engine::Options options_;
  std::unique_ptr<engine::SmartObject> so_;
  std::shared_ptr<engine::Subscription> events_;
  std::map<std::uint32_t, std::deque<std::string>> lines_;
  std::deque<std::string> complaints_;
  std::optional<engine::Error> ended_;  // it tells that once
  engine::MachineInfo at_start_{};
  unsigned starts_ = 0;
};

// Of a process, as Linux counts it.
std::uint64_t resident_bytes(int pid);

}  // namespace me::soak
