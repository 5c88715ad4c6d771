#include "libme/activation.hpp"

#include <me/me.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "libme/identity.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/place.hpp"
#include "so3/guest/store/service.hpp"
#include "so3/guest/vbus/bus.hpp"
#include "so3/guest/vbus/path.hpp"
#include "so3/kernel/include/so3/printk.h"

namespace me {
namespace {

std::optional<vbus::Bus> bus;
bool active = false;
std::uint32_t slot_here = 0;  // under which the entries were written

// Lower case, no "0x", no leading zeros.
class Hex {
 public:
  explicit Hex(std::uint64_t value) : size_{digits(value)} {}
  operator std::string_view() const { return {text_.data(), size_}; }

 private:
  std::size_t digits(std::uint64_t value) {
    return static_cast<std::size_t>(std::to_chars(text_.data(), text_.data() + text_.size(), value, 16).ptr -
                                    text_.data());
  }
  std::array<char, 16> text_;
  std::size_t size_;
};

vbus::Path own_directory() { return vbus::Path{"soo/me"} / ME_domID(); }

vbstore::Result<void> write_identity() {
  const auto directory = own_directory();
  vbstore::Transaction entries;
  entries.write(directory / "spid", Hex{identity().spid})
      .write(directory / "spadcaps", Hex{identity().spadcaps[0]})
      .write(directory / "name", identity().name)
      .write(directory / "shortdesc", identity().description);
  return entries.commit();
}

abi::Status failed(const char* what, vbstore::Error error) {
  const auto why = vbstore::name(error);
  printk(KERN_ERR "%s: %.*s\n", what, static_cast<int>(why.size()), why.data());
  return static_cast<abi::Status>(error);
}

abi::Status status(vbus::Fault fault) {
  switch (fault) {
    case vbus::Fault::no_driver:
    case vbus::Fault::no_backend: return abi::Status::not_found;
    case vbus::Fault::no_memory:
    case vbus::Fault::no_resources: return abi::Status::no_memory;
    case vbus::Fault::store: return abi::Status::denied;
    case vbus::Fault::refused:
    case vbus::Fault::timeout: break;
  }
  return abi::Status::bad_state;
}

}  // namespace

abi::Status activate() {
  if (guest::store() == nullptr) {
    if (const auto started = guest::start_store(); !started) {
      printk(KERN_ERR "vbstore: %s\n", abi::name(started.error()).data());
      return started.error();
    }
  }
  if (const auto written = write_identity(); !written) return failed("vbstore entries of this ME", written.error());
  slot_here = ME_domID();
  bus.emplace(slot_here);
  if (const auto connected = bus->connect(identity().enabled_frontends()); !connected) return status(connected.error());
  active = true;
  return abi::Status::ok;
}

abi::Status suspend() {
  if (guest::StoreClient* const store = guest::store(); store != nullptr) store->suspend();
  return abi::Status::ok;
}

abi::Status resume() {
  if (guest::StoreClient* const store = guest::store(); store != nullptr) store->resume();
  return abi::Status::ok;
}

abi::Status arrive() {
  guest::StoreClient* const store = guest::store();
  if (store == nullptr || !bus) return activate();  // it left before it was active
  guest::arrive();
  publish_identity();
  const auto slot_before = std::exchange(slot_here, ME_domID());
  if (const auto renewed = store->renew(slot_before, slot_here); !renewed) return failed("vbstore", renewed.error());
  if (const auto written = write_identity(); !written) return failed("vbstore entries of this ME", written.error());
  if (const auto connected = bus->arrive(slot_here); !connected) return status(connected.error());
  return abi::Status::ok;
}

bool is_active() { return active; }

abi::Status close() {
  // Suspended, it has nothing where it is, or nobody who would listen: the agency takes back what there is.
  if (const auto* const store = guest::store(); store != nullptr && store->suspended()) return abi::Status::ok;
  if (!bus) return abi::Status::ok;
  active = false;
  bus->close();
  bus.reset();
  // What frontends leave is an empty directory, and none if there were no frontends.
  const auto devices = vbstore::remove(vbus::Path{"device"} / ME_domID());
  const auto own = vbstore::remove(own_directory());
  for (const auto& removed : {devices, own})
    if (!removed && removed.error() != vbstore::Error::not_found)
      return failed("vbstore entries of this ME", removed.error());
  return abi::Status::ok;
}

}  // namespace me
