// All frontends of this ME.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "so3/guest/vbus/device.hpp"

namespace vbus {

class Bus {
 public:
  explicit Bus(std::uint32_t slot) : slot_{slot} {}

  // Makes and connects one instance per entry; the n-th of a type is its instance n. On the first failure: the fault is
  // on the console and, if there is a node for it, in device/<me>/<type>/<instance>/error; close() cleans up.
  [[nodiscard]] std::expected<void, Fault> connect(std::span<const std::string_view> types);

  // This ME is at a new place, as `slot`; the store goes on. Connects all to the backends of that place. Failures as of
  // connect().
  [[nodiscard]] std::expected<void, Fault> arrive(std::uint32_t slot);

  // Closes all, in reverse order.
  void close();

 private:
  [[nodiscard]] std::expected<void, Fault> add(std::string_view type, std::uint32_t instance);
  [[nodiscard]] std::expected<void, Fault> wait_connected();
  void report(std::string_view type, std::uint32_t instance, Fault fault);

  struct Entry {
    std::string_view type;
    std::uint32_t instance;
    std::unique_ptr<Device> device;
    std::unique_ptr<Entry> previous;
  };
  std::uint32_t slot_;
  std::unique_ptr<Entry> last_;
};

}  // namespace vbus
