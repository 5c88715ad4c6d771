// What a device supplies on the agency's side: how to connect to one frontend, and what to do with its ring.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "so3/agency/store/store.hpp"

namespace agency {

// One frontend of an ME: device/<slot>/<type>/<instance>.
struct FrontendId {
  std::uint32_t slot;
  std::string type;
  std::string instance;

  friend auto operator<=>(const FrontendId&, const FrontendId&) = default;
  std::string path() const;          // device/...
  std::string backend_path() const;  // backend/...
};

// What the frontend published.
class FrontendKeys {
 public:
  FrontendKeys(Store& store, const FrontendId& id) : store_{&store}, id_{&id} {}
  std::uint32_t slot() const { return id_->slot; }
  std::optional<std::string> text(std::string_view key) const;
  // Decimal, as the frontend wrote it; nothing if it is missing or anything else.
  std::optional<std::uint32_t> number(std::string_view key) const;

 private:
  Store* store_;
  const FrontendId* id_;
};

// A backend's end of one connected frontend. Its destructor takes over what the ME left in the ring (the ME may be
// dead), then lets go of the ring and the channel.
class Device {
 public:
  virtual ~Device() = default;
  // There is room downstream again, or nothing happened for a while.
  virtual void service() = 0;
  // The frontend is quiet. Takes over what is in the ring; then touches it no more and signals nobody, until resume().
  // False: there is no room downstream for all of it; asked again when there is.
  virtual bool suspend() = 0;
  virtual void resume() = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view type() const = 0;
  // The device capability that it gives this smart object (abi/devcaps.hpp); 0 = none.
  virtual std::uint32_t devcaps() const { return 0; }
  // Or a sentence that says what is wrong with what the frontend published.
  virtual std::expected<std::unique_ptr<Device>, std::string> connect(const FrontendKeys& keys) = 0;
};

}  // namespace agency
