// A hypervisor for tests: answers as scripted, remembers what was asked.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "so3/guest/hypercall.hpp"

namespace hypercall {

// Thrown out of a call that does not return (crash, domcall_return, machine_off).
struct NoReturn {
  abi::Call call;
  Arguments arguments;
};

class Recorder final : public Hypervisor {
 public:
  using Handler = std::function<Answer(const Arguments&)>;
  struct Entry {
    abi::Call call;
    Arguments arguments;
  };

  Recorder() : previous_{std::exchange(hypervisor, this)} {}
  ~Recorder() override { hypervisor = previous_; }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Without a script a call answers ok and zeros.
  void on(abi::Call call, Handler handler) {
    const std::scoped_lock lock{mutex_};
    handlers_[call] = std::move(handler);
  }
  void answer(abi::Call call, abi::Status status, std::uint64_t x1 = 0, std::uint64_t x2 = 0) {
    on(call, [=](const Arguments&) { return Answer{static_cast<std::uint64_t>(status), {0, x1, x2}}; });
  }

  Answer call(abi::Call call, const Arguments& arguments) override {
    Handler handler;
    {
      const std::scoped_lock lock{mutex_};
      log_.push_back({call, arguments});
      if (const auto found = handlers_.find(call); found != handlers_.end()) handler = found->second;
    }
    if (handler) return handler(arguments);
    if (call == abi::Call::crash || call == abi::Call::domcall_return || call == abi::Call::machine_off)
      throw NoReturn{call, arguments};
    return {};
  }
  void acknowledge_interrupt() override {
    const std::scoped_lock lock{mutex_};
    ++acknowledged_;
  }

  std::vector<Entry> log() const {
    const std::scoped_lock lock{mutex_};
    return log_;
  }
  std::size_t count(abi::Call call) const {
    std::size_t n = 0;
    for (const auto& entry : log()) n += entry.call == call;
    return n;
  }
  std::size_t acknowledged() const {
    const std::scoped_lock lock{mutex_};
    return acknowledged_;
  }

 private:
  Hypervisor* previous_;
  mutable std::mutex mutex_;
  std::map<abi::Call, Handler> handlers_;
  std::vector<Entry> log_;
  std::size_t acknowledged_ = 0;
};

}  // namespace hypercall
