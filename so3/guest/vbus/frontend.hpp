// What a device supplies: its ring, what to tell the backend about it, and what to do with its data. When to do it is the
// core's (device.hpp); a driver neither sees nor changes states.
//
//   class Led final : public vbus::Frontend { ... };
//   vbus::Frontend* create(std::uint32_t instance) { return new (std::nothrow) Led{instance}; }
//   SO3_FRONTEND(vled, "vled", create);
//
// A node of /ME/frontends with compatible = "vled,frontend" and status = "ok" then makes an instance of it.
#pragma once
#include <cstdint>
#include <expected>
#include <string_view>

#include "so3/abi/status.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/vbus/gate.hpp"
#include "so3/guest/vbus/path.hpp"

namespace vbus {

// Collects what a frontend publishes: keys below device/<me>/<type>/<instance>.
class Publication {
 public:
  Publication(vbstore::Transaction& transaction, const Path& directory)
      : transaction_{transaction}, directory_{directory} {}
  void add(std::string_view key, std::uint64_t value) { transaction_.write(directory_ / key, value); }
  void add(std::string_view key, std::string_view value) { transaction_.write(directory_ / key, value); }

 private:
  vbstore::Transaction& transaction_;
  const Path& directory_;
};

// One instance. All functions are called from one thread at a time, in threads that may block. What the device offers to
// authors goes through the gate: so nobody uses the ring before connected(), between suspend() and resume(), or after
// closed().
class Frontend {
 public:
  Frontend() = default;
  Frontend(const Frontend&) = delete;
  Frontend& operator=(const Frontend&) = delete;
  virtual ~Frontend() = default;

  // Grants, channels and keys, for an empty ring. Called again after an arrival, when old references and ports mean
  // nothing any more, and after closed(), when there are none.
  [[nodiscard]] virtual std::expected<void, abi::Status> publish(Publication& keys) = 0;
  // The ring is in use from now on.
  virtual void connected() {}
  // Nobody uses the ring now; what else touches it (an interrupt handler, a thread of the driver) must be quiet on return.
  virtual void suspend() {}
  // The ring as it was is in use again.
  virtual void resume() {}
  // The backend has unmapped everything: end grants, close channels. The ring is not touched any more.
  virtual void closed() = 0;

  virtual Gate& gate() { return gate_; }

 private:
  Gate gate_;
};

struct Driver {
  std::string_view type;
  Frontend* (*create)(std::uint32_t instance);  // nullptr: no memory
};

// nullptr: this capsule has none of that type.
const Driver* find_driver(std::string_view type);

}  // namespace vbus

// The library of a frontend links with -u frontend_<name>: nothing refers to the driver.
#define SO3_FRONTEND(name, type, create)                               \
  static constexpr ::vbus::Driver driver_##name{type, create};         \
  extern "C" [[gnu::used, gnu::retain, gnu::section("so3_frontends")]] \
  const ::vbus::Driver* const frontend_##name = &driver_##name
