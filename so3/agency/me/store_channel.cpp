#include "so3/agency/me/store_channel.hpp"

namespace agency {

StoreChannel::StoreChannel(std::uint32_t slot, MappedPage page, Store& store, Doorbells& bells, Owner& owner)
    : Doorbell{bells},
      slot_{slot},
      owner_{&owner},
      page_{std::move(page)},
      connection_{slot, page_.as<abi::vbstore::StorePage>(), store, *this, *this} {}

auto StoreChannel::open(std::uint32_t slot, Store& store, GrantWindow& window, Doorbells& bells, Owner& owner)
    -> hypercall::Result<std::unique_ptr<StoreChannel>> {
  auto page = window.map(slot, abi::vbstore::store_page_grant);
  if (!page) return std::unexpected{page.error()};
  std::unique_ptr<StoreChannel> made{new StoreChannel{slot, std::move(*page), store, bells, owner}};
  auto channel = guest::EventChannel::bind(slot, abi::port_store, &Doorbell::ring, static_cast<Doorbell*>(made.get()));
  if (!channel) return std::unexpected{channel.error()};
  made->channel_ = std::move(*channel);
  made->ring();  // only a turn says that this side waits, and must be signalled
  return made;
}

void StoreChannel::answer() {
  if (connection_.fault() != nullptr) return;
  const auto turn = connection_.serve();
  if (turn.signal) channel_.signal();
  if (turn.more) ring();
  if (connection_.fault() != nullptr) owner_->store_broken(slot_, connection_.fault());
  owner_->store_served();
}

}  // namespace agency
