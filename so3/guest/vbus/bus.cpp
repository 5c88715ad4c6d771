#include "so3/guest/vbus/bus.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "so3/kernel/include/so3/printk.h"

namespace vbus {

std::expected<void, Fault> Bus::connect(std::span<const std::string_view> types) {
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto instance = static_cast<std::uint32_t>(std::ranges::count(types.first(i), types[i]));
    if (auto added = add(types[i], instance); !added) {
      report(types[i], instance, added.error());
      return added;
    }
  }
  return wait_connected();
}

std::expected<void, Fault> Bus::arrive(std::uint32_t slot) {
  slot_ = slot;
  for (Entry* entry = last_.get(); entry != nullptr; entry = entry->previous.get()) {
    if (auto begun = entry->device->arrive(slot); !begun) {
      report(entry->type, entry->instance, begun.error());
      return begun;
    }
  }
  return wait_connected();
}

// Each backend works while the others are asked.
std::expected<void, Fault> Bus::wait_connected() {
  for (Entry* entry = last_.get(); entry != nullptr; entry = entry->previous.get()) {
    if (auto connected = entry->device->wait_connected(); !connected) {
      report(entry->type, entry->instance, connected.error());
      return connected;
    }
  }
  return {};
}

std::expected<void, Fault> Bus::add(std::string_view type, std::uint32_t instance) {
  const Driver* const driver = find_driver(type);
  if (driver == nullptr) return std::unexpected{Fault::no_driver};
  std::unique_ptr<Frontend> frontend{driver->create(instance)};
  if (!frontend) return std::unexpected{Fault::no_memory};
  std::unique_ptr<Device> device{new (std::nothrow) Device{slot_, type, instance, std::move(frontend)}};
  if (!device) return std::unexpected{Fault::no_memory};
  std::unique_ptr<Entry> entry{new (std::nothrow) Entry{type, instance, std::move(device), nullptr}};
  if (!entry) return std::unexpected{Fault::no_memory};
  entry->previous = std::move(last_);
  last_ = std::move(entry);
  return last_->device->connect();
}

void Bus::close() {
  while (last_) {
    last_->device->close();
    last_ = std::move(last_->previous);
  }
}

void Bus::report(std::string_view type, std::uint32_t instance, Fault fault) {
  const std::string_view what = name(fault);
  printk(KERN_ERR "frontend %.*s/%u: %.*s\n", static_cast<int>(type.size()), type.data(), instance,
         static_cast<int>(what.size()), what.data());
  // If even that is refused the console has it.
  static_cast<void>(vbstore::write(device_path(slot_, type, instance) / "error", what));
}

}  // namespace vbus
