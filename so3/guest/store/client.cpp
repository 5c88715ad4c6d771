#include "so3/guest/store/client.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "so3/guest/store/error.hpp"
#include "so3/guest/store/moved_operations.hpp"
#include "so3/guest/store/own_path.hpp"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/shared.hpp"

namespace guest {
namespace {

using abi::vbstore::Header;
using abi::vbstore::Type;
using LockGuard = so3::LockGuard<so3::Mutex>;

std::uint32_t slot() { return kernel::read_shared(kernel::shared().slot); }

StoreClient::Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

struct StoreClient::Pending {
  std::uint32_t id = 0;
  // Meanwhile the ME went to a new place, perhaps to another slot there.
  bool elsewhere = false;
  Move moved;
  Pending* next = nullptr;
  so3::Completion done;
  abi::Status status = abi::Status::bad_state;
  vbstore::Value payload;
};

StoreClient::StoreClient(abi::vbstore::StorePage& page, void (*signal)())
    : page_{&page}, requests_{page.requests}, answers_{page.answers}, signal_{signal} {}

vbstore::Result<vbstore::Value> StoreClient::request(Type type, std::string_view path, std::string_view value) {
  if (path.size() > abi::vbstore::path_max || path.contains('\0')) return std::unexpected{vbstore::Error::invalid};
  if (value.size() > abi::vbstore::value_max) return std::unexpected{vbstore::Error::too_big};
  Pending pending;
  if (const auto entered = enter(pending); !entered) return std::unexpected{entered.error()};
  if (!pending.moved) [[likely]]
    return ask(pending, type, path, value);
  const MovedPath moved{path, pending.moved};
  return ask(pending, type, moved, value);
}

vbstore::Result<void> StoreClient::commit(Bytes operations) {
  if (operations.size() > abi::vbstore::payload_max) return std::unexpected{vbstore::Error::too_big};
  Pending pending;
  if (const auto entered = enter(pending); !entered) return entered;
  MovedOperations moved;
  if (pending.moved) [[unlikely]] {
    if (const auto renamed = moved.rename(operations, pending.moved); !renamed) {
      withdraw(pending);
      return renamed;
    }
    operations = moved.bytes();
  }
  const auto answer = exchange(pending, Type::transaction_end, std::array{operations});
  if (!answer) return std::unexpected{answer.error()};
  return {};
}

vbstore::Result<hypercall::Payload> StoreClient::agency_ctl(std::uint32_t command, const hypercall::Payload& words) {
  abi::vbstore::AgencyCtlWords message{.command = command, .words = {}};
  std::ranges::copy(words, message.words);
  Pending pending;
  if (const auto entered = enter(pending); !entered) return std::unexpected{entered.error()};
  if (pending.elsewhere) {
    withdraw(pending);
    return std::unexpected{vbstore::Error::unavailable};
  }
  const Bytes bytes{reinterpret_cast<const std::uint8_t*>(&message), sizeof message};
  const auto answer = exchange(pending, Type::agency_ctl, std::array{bytes});
  if (!answer) return std::unexpected{answer.error()};
  if (answer->size() != sizeof message) return std::unexpected{vbstore::Error::unavailable};
  std::memcpy(&message, answer->data(), sizeof message);
  return std::to_array(message.words);
}

vbstore::Result<void> StoreClient::watch(const WatchEntry& entry) {
  Pending pending;
  if (const auto entered = enter(pending); !entered) return entered;
  if (pending.elsewhere) {  // renew() has told the new server of all that are in the table
    withdraw(pending);
    return {};
  }
  if (const auto told = ask(pending, Type::watch, entry.path, {}); !told) return std::unexpected{told.error()};
  return {};
}

// From here on an answer is expected. Waits while the client is suspended.
vbstore::Result<void> StoreClient::enter(Pending& pending) {
  std::uint32_t renewed = 0;
  for (bool waited = false;; waited = true) {
    {
      const LockGuard guard{pending_lock_};
      if (broken_) return std::unexpected{vbstore::Error::unavailable};
      if (holder_ == nullptr) [[likely]] {
        enlist(pending);
        if (waited) {
          pending.moved.to = slot();
          pending.elsewhere = renewed != renewed_;
        }
        return {};
      }
      if (holder_ == current()) return std::unexpected{vbstore::Error::unavailable};
      if (!waited) {
        pending.moved.from = slot();
        renewed = renewed_;
      }
    }
    open_.wait();
  }
}

// With pending_lock_ held.
void StoreClient::enlist(Pending& pending) {
  if (++last_id_ == 0) ++last_id_;  // 0 is for what nobody asked
  pending.id = last_id_;
  pending.next = std::exchange(pending_, &pending);
}

// Before it is sent: no answer will come.
void StoreClient::withdraw(Pending& pending) {
  const LockGuard guard{pending_lock_};
  for (Pending** at = &pending_; *at != nullptr; at = &(*at)->next) {
    if (*at != &pending) continue;
    *at = pending.next;
    break;
  }
  check_drained();
}

// With pending_lock_ held.
void StoreClient::check_drained() {
  if (pending_ == nullptr && std::exchange(draining_, false)) drained_.up();
}

vbstore::Result<vbstore::Value> StoreClient::ask_now(Type type, std::string_view path) {
  Pending pending;
  {
    const LockGuard guard{pending_lock_};
    if (broken_) return std::unexpected{vbstore::Error::unavailable};
    enlist(pending);
  }
  return ask(pending, type, path, {});
}

vbstore::Result<vbstore::Value> StoreClient::ask(Pending& pending, Type type, std::string_view path,
                                                 std::string_view value) {
  return exchange(pending, type, std::array{bytes(path), bytes({"\0", 1}), bytes(value)});
}

vbstore::Result<vbstore::Value> StoreClient::exchange(Pending& pending, Type type, std::span<const Bytes> pieces) {
  Header header{.type = static_cast<std::uint32_t>(type), .id = pending.id, .length = 0, .status = 0};
  for (const Bytes piece : pieces) header.length += static_cast<std::uint32_t>(piece.size());
  {
    const LockGuard guard{sending_};
    bool sent = send({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
    for (const Bytes piece : pieces) sent = sent && send(piece);
    if (sent && requests_.publish()) signal_();
  }
  pending.done.wait();  // also when it could not be sent: break_off() completes all
  if (pending.status != abi::Status::ok) return std::unexpected{store_error(pending.status)};
  return std::move(pending.payload);
}

// False: the connection is broken.
bool StoreClient::send(Bytes bytes) {
  while (!bytes.empty()) {
    if (broken_) return false;
    const std::size_t n = requests_.write(bytes);
    bytes = bytes.subspan(n);
    if (bytes.empty()) break;
    if (requests_.error()) {
      break_off("its index of the requests is beyond what was sent");
      return false;
    }
    if (requests_.publish()) signal_();
    wants_space_ = true;
    if (requests_.prepare_wait(1)) space_.down();
  }
  return true;
}

void StoreClient::signalled() {
  if (wants_space_.exchange(false)) space_.up();
  arrived_.up();
}

void StoreClient::read_answers() {
  std::array<std::uint8_t, 256> chunk;
  while (!broken_) {
    if (park_) park();
    const std::size_t n = answers_.read(chunk);
    if (n != 0) {
      if (answers_.release()) signal_();
      receive(std::span{chunk}.first(n));
    } else if (answers_.error()) {
      break_off("its index of the answers is beyond the ring");
    } else if (answers_.prepare_wait()) {
      arrived_.down();
    }
  }
  parked_.up();  // for good
}

void StoreClient::receive(Bytes bytes) {
  while (!bytes.empty() && !broken_) {
    const bool in_header = received_ < sizeof header_;
    const std::size_t end = in_header ? sizeof header_ : sizeof header_ + header_.length;
    const std::size_t n = std::min(bytes.size(), end - received_);
    if (in_header) std::memcpy(reinterpret_cast<std::uint8_t*>(&header_) + received_, bytes.data(), n);
    else if (payload_) std::memcpy(payload_.get() + (received_ - sizeof header_), bytes.data(), n);
    received_ += n;
    bytes = bytes.subspan(n);
    if (in_header && received_ == sizeof header_ && !begin_message()) return;
    if (received_ == sizeof header_ + header_.length && received_ >= sizeof header_) end_message();
  }
}

bool StoreClient::begin_message() {
  if (header_.length > abi::vbstore::payload_max) {
    break_off("an answer is longer than the protocol allows");
    return false;
  }
  if (header_.length == 0) return true;
  payload_.reset(new (std::nothrow) char[header_.length + 1]);
  if (payload_) payload_[header_.length] = '\0';
  return true;
}

void StoreClient::end_message() {
  if (header_.type == static_cast<std::uint32_t>(Type::watch_event)) watch_fired();
  else answered(header_);
  payload_.reset();
  received_ = 0;
}

// An answer to a question that nobody asked is dropped: there is nobody to tell.
void StoreClient::answered(const Header& header) {
  const LockGuard guard{pending_lock_};
  for (Pending** at = &pending_; *at != nullptr; at = &(*at)->next) {
    Pending& pending = **at;
    if (pending.id != header.id) continue;
    *at = pending.next;
    pending.status = static_cast<abi::Status>(header.status);
    if (header.length != 0 && !payload_) pending.status = abi::Status::no_memory;
    pending.payload = vbstore::Value{std::move(payload_), header.length};
    pending.done.complete();
    return check_drained();
  }
}

// Payload: path of the watch, NUL, path that changed (NUL or not).
void StoreClient::watch_fired() {
  if (!payload_) {
    if (header_.length != 0) watches_.missed();  // no memory for it: tell every watch to look
    return;
  }
  const std::string_view all{payload_.get(), header_.length};
  const auto split = all.find('\0');
  if (split == all.npos) return break_off("a watch event names no change");
  auto changed = all.substr(split + 1);
  if (changed.ends_with('\0')) changed.remove_suffix(1);
  watches_.post(all.substr(0, split), changed);
}

void StoreClient::break_off(const char* why) {
  if (broken_.exchange(true)) return;
  printk(KERN_ERR "vbstore: the agency broke the protocol (%s); the store is unavailable from now on\n", why);
  const LockGuard guard{pending_lock_};
  while (Pending* const pending = pending_) {
    pending_ = pending->next;
    pending->done.complete();
  }
  check_drained();
  space_.up();
  arrived_.up();
}

}  // namespace guest
