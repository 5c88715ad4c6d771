// How the client stands still, so that a snapshot finds nothing under way, and how it goes on, here or elsewhere.
#include <array>

#include "so3/guest/store/client.hpp"
#include "so3/kernel/include/so3/printk.h"

namespace guest {

using LockGuard = so3::LockGuard<so3::Mutex>;

void StoreClient::suspend() {
  if (suspended()) return;
  bool wait = false;
  {
    const LockGuard guard{pending_lock_};
    open_.reset();
    holder_ = current();
    wait = draining_ = pending_ != nullptr;
  }
  if (wait) drained_.down();
  {
    const LockGuard nobody_sends{sending_};
  }
  park_ = true;
  arrived_.up();
  if (!broken_) parked_.down();
}

// The reading thread, between two messages or within one.
void StoreClient::park() {
  parked_.up();
  unparked_.down();
}

void StoreClient::unpark() {
  park_ = false;
  unparked_.up();
}

void StoreClient::open() {
  const LockGuard guard{pending_lock_};
  holder_ = nullptr;
  open_.complete_all();
}

void StoreClient::resume() {
  if (!suspended()) return;
  unpark();
  open();
}

vbstore::Result<void> StoreClient::renew(std::uint32_t from, std::uint32_t to) {
  suspend();  // nothing if it is; and nothing can be under way here
  requests_ = abi::ByteRingWriter{page_->requests};
  answers_ = abi::ByteRingReader{page_->answers};
  received_ = 0;
  payload_.reset();
  watches_.move({from, to});
  {
    const LockGuard guard{pending_lock_};
    ++renewed_;
  }
  unpark();

  vbstore::Result<void> result;
  std::array<char, abi::vbstore::path_max + 1> path;
  for (std::uint64_t id = 0; (id = watches_.path_after(id, path)) != 0;) {
    if (const auto told = ask_now(Type::watch, path.data()); !told) {
      const auto why = vbstore::name(told.error());
      printk(KERN_ERR "vbstore: watch on %s: %.*s\n", path.data(), static_cast<int>(why.size()), why.data());
      result = std::unexpected{told.error()};
    }
  }
  open();
  return result;
}

}  // namespace guest
