// One frontend and its backend, from the first connection to the end.
#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/vbus/frontend.hpp"
#include "so3/guest/vbus/machine.hpp"
#include "so3/guest/vbus/path.hpp"
#include "so3/kernel/include/so3/completion.hpp"
#include "so3/kernel/include/so3/mutex.hpp"

namespace vbus {

enum class Fault : std::uint8_t {
  no_driver,     // not linked into this capsule
  no_backend,    // not on this smart object
  no_memory,
  no_resources,  // grant, event channel
  store,
  refused,       // the backend closed
  timeout,
};
std::string_view name(Fault fault);

class Device {
 public:
  static constexpr std::chrono::seconds patience{5};

  Device(std::uint32_t slot, std::string_view type, std::uint32_t instance, std::unique_ptr<Frontend> frontend);

  // Publishes and begins to follow the backend; wait_connected() ends what it began.
  [[nodiscard]] std::expected<void, Fault> connect();
  [[nodiscard]] std::expected<void, Fault> wait_connected();
  // This ME is at a new place, as `slot`; the store goes on. Shows itself there as suspended, so that the backend of this
  // place asks it to begin anew; wait_connected() ends what it began.
  [[nodiscard]] std::expected<void, Fault> arrive(std::uint32_t slot);
  // The frontend's own wish. Returns when the backend has let go, or does not answer; nothing of it is in the store then.
  void close();

  State state() const { return state_; }
  const Path& directory() const { return directory_; }

 private:
  static void backend_changed(void* self, std::string_view);
  void follow(State backend);
  void quiet();
  [[nodiscard]] std::expected<void, Fault> check_backend() const;
  [[nodiscard]] std::expected<void, Fault> publish(State then);
  void write_links(vbstore::Transaction& transaction) const;
  void tell(State state);

  std::string_view type_;
  std::uint32_t instance_;
  std::uint32_t slot_;
  Path directory_, backend_;
  std::unique_ptr<Frontend> frontend_;
  so3::Mutex lock_;
  State state_ = State::unknown;
  std::uint32_t arrivals_ = 0;
  so3::Completion connected_, closed_;
  vbstore::Watch watch_;
};

}  // namespace vbus
