#include "so3/guest/vbus/device.hpp"

#include <utility>

#include "so3/kernel/include/so3/printk.h"

namespace vbus {
namespace {

using LockGuard = so3::LockGuard<so3::Mutex>;

State backend_state(const Path& backend) {
  const auto value = vbstore::read(backend / "state");
  if (!value) return State::unknown;
  const auto number = value->number();
  if (!number || *number > static_cast<std::uint64_t>(State::resuming)) return State::unknown;
  return static_cast<State>(*number);
}

void print(const char* level, const Path& device, std::string_view what) {
  const std::string_view name = device;
  printk("%s%.*s: %.*s\n", level, static_cast<int>(name.size()), name.data(), static_cast<int>(what.size()),
         what.data());
}

}  // namespace

std::string_view name(Fault fault) {
  switch (fault) {
    case Fault::no_driver:
      return "no driver for it in this capsule: link the frontend, or disable its device-tree node";
    case Fault::no_backend:
      return "this smart object has no such backend: disable the device-tree node, or go elsewhere";
    case Fault::no_memory: return "not enough memory: raise domain-size";
    case Fault::no_resources: return "no grant or event channel left";
    case Fault::store: return "vbstore refused its entries";
    case Fault::refused: return "the backend refused it";
    case Fault::timeout: return "the backend did not answer in time";
  }
  return "unknown fault";
}

Device::Device(std::uint32_t slot, std::string_view type, std::uint32_t instance, std::unique_ptr<Frontend> frontend)
    : type_{type},
      instance_{instance},
      slot_{slot},
      directory_{device_path(slot, type, instance)},
      backend_{backend_path(slot, type, instance)},
      frontend_{std::move(frontend)} {}

void Device::write_links(vbstore::Transaction& transaction) const {
  transaction.write(directory_ / "backend", backend_)
      .write(backend_ / "frontend", directory_)
      .write(backend_ / "frontend-id", slot_);
}

std::expected<void, Fault> Device::publish(State then) {
  vbstore::Transaction transaction;
  write_links(transaction);
  Publication keys{transaction, directory_};
  if (!frontend_->publish(keys)) return std::unexpected{Fault::no_resources};
  transaction.write(directory_ / "state", static_cast<std::uint64_t>(then));
  if (!transaction.commit()) return std::unexpected{Fault::store};
  return {};
}

std::expected<void, Fault> Device::check_backend() const {
  const auto there = vbstore::exists(Path{"backend"} / type_);
  if (!there) return std::unexpected{Fault::store};
  if (!*there) return std::unexpected{Fault::no_backend};
  return {};
}

std::expected<void, Fault> Device::connect() {
  if (auto there = check_backend(); !there) return there;
  {
    const LockGuard guard{lock_};
    if (auto published = publish(State::initialised); !published) {
      frontend_->closed();
      return published;
    }
    state_ = State::initialised;
  }
  if (!watch_.start(backend_ / "state", backend_changed, this)) return std::unexpected{Fault::store};
  return {};
}

std::expected<void, Fault> Device::arrive(std::uint32_t slot) {
  vbstore::Transaction transaction;
  {
    const LockGuard guard{lock_};
    ++arrivals_;
    slot_ = slot;
    directory_ = device_path(slot, type_, instance_);
    backend_ = backend_path(slot, type_, instance_);
    connected_.reset();
    closed_.reset();
    if (state_ == State::connected) quiet();  // it came without having been suspended
    state_ = State::suspended;
    write_links(transaction);
    transaction.write(directory_ / "state", static_cast<std::uint64_t>(state_));
  }
  if (auto there = check_backend(); !there) return there;
  if (!transaction.commit()) return std::unexpected{Fault::store};
  return {};
}

std::expected<void, Fault> Device::wait_connected() {
  if (!connected_.wait_for(patience)) return std::unexpected{Fault::timeout};
  const LockGuard guard{lock_};
  if (state_ == State::closed) return std::unexpected{Fault::refused};
  return {};
}

void Device::close() {
  {
    const LockGuard guard{lock_};
    if (state_ == State::unknown) return;
    if (state_ == State::closed) {
      closed_.complete();
    } else {
      frontend_->gate().shut();
      frontend_->suspend();
      state_ = State::closing;
      tell(State::closing);
    }
  }
  const bool let_go = closed_.wait_for(patience);
  watch_.stop();
  if (!let_go) {
    frontend_->gate().shut();
    print(KERN_WARNING, directory_, name(Fault::timeout));
    frontend_->closed();
  }
  vbstore::Transaction gone;
  gone.remove(directory_).remove(backend_);
  if (!gone.commit()) print(KERN_WARNING, directory_, "its vbstore entries could not be removed");
}

void Device::backend_changed(void* self, std::string_view) {
  auto& device = *static_cast<Device*>(self);
  const auto arrivals = device.arrivals_;
  const State backend = backend_state(device.backend_);
  const LockGuard guard{device.lock_};
  if (arrivals == device.arrivals_) device.follow(backend);  // else of a backend that it no longer has
}

void Device::quiet() {
  frontend_->gate().suspend();
  frontend_->suspend();
}

void Device::follow(State backend) {
  const Step todo = step(state_, backend);
  switch (todo.action) {
    case Action::none: return;
    case Action::unexpected: {
      print(KERN_WARNING, directory_, "the backend changed to a state that makes no sense now; ignored:");
      print(KERN_WARNING, directory_, abi::vbus::name(backend));
      return;
    }
    case Action::connect:
      frontend_->gate().open();
      frontend_->connected();
      break;
    case Action::suspend: quiet(); break;
    case Action::resume:
      frontend_->gate().open();
      frontend_->resume();
      break;
    case Action::renew:
      if (state_ == State::connected) quiet();
      if (const auto renewed = publish(todo.next); !renewed) print(KERN_ERR, directory_, name(renewed.error()));
      state_ = todo.next;
      return;  // publish() has told the state together with the keys
    case Action::refused:
    case Action::release:
      frontend_->gate().shut();
      frontend_->closed();
      break;
  }
  state_ = todo.next;
  tell(todo.next);
  if (todo.next == State::connected || todo.next == State::closed) connected_.complete_all();
  if (todo.next == State::closed) closed_.complete_all();
}

void Device::tell(State state) {
  if (!vbstore::write(directory_ / "state", static_cast<std::uint64_t>(state)))
    print(KERN_ERR, directory_, "its state could not be written to vbstore");
}

}  // namespace vbus
