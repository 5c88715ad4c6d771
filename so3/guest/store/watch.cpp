#include <cstring>
#include <new>

#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/service.hpp"
#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/include/so3/mutex.hpp"

namespace vbstore {

using abi::vbstore::Type;

struct Watch::State {
  guest::StoreClient* client;
  guest::WatchEntry entry;
};

namespace {

// The server knows one watch per path: from the first of ours on it to the last.
so3::Mutex registering;

}  // namespace

Watch::Watch() = default;
Watch::~Watch() { stop(); }

Result<void> Watch::start(std::string_view path, WatchFunction function, void* context) {
  assert_may_block("vbstore watch");
  guest::StoreClient* const client = guest::store();
  if (client == nullptr) return std::unexpected{Error::unavailable};
  if (state_ || path.size() > abi::vbstore::path_max || path.contains('\0')) return std::unexpected{Error::invalid};
  std::unique_ptr<State> state{new (std::nothrow) State{client, {}}};
  if (!state) return std::unexpected{Error::no_memory};
  std::memcpy(state->entry.path, path.data(), path.size());
  state->entry.function = function;
  state->entry.context = context;

  const so3::LockGuard guard{registering};
  state_ = std::move(state);  // before the first call, which may come at once
  if (!client->watches().add(state_->entry)) {
    client->watches().post_to(state_->entry);
  } else if (const auto told = client->watch(state_->entry); !told) {
    static_cast<void>(client->watches().remove(state_->entry));
    client->watches().quiesce();
    state_.reset();
    return std::unexpected{told.error()};
  }
  return {};
}

void Watch::stop() {
  if (!state_) return;
  assert_may_block("vbstore unwatch");
  auto& watches = state_->client->watches();
  {
    const so3::LockGuard guard{registering};
    // A store that is gone has forgotten the watch already.
    if (watches.remove(state_->entry)) static_cast<void>(state_->client->request(Type::unwatch, state_->entry.path));
  }
  watches.quiesce();
  state_.reset();
}

}  // namespace vbstore
