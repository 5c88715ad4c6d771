#include "so3/agency/transfer/stream.hpp"

#include <algorithm>
#include <new>

#include "so3/abi/shared_page.hpp"
#include "so3/abi/transfer.hpp"
#include "so3/abi/version.hpp"
#include "so3/agency/text.hpp"

namespace agency::transfer {
namespace {

namespace wire = abi::snapshot;
using abi::Status;

template <typename T>
std::uint64_t address(T* p) {
  return reinterpret_cast<std::uintptr_t>(p);
}

}  // namespace

Stream::Stream(Frozen frozen, const Place& place, std::uint64_t wall_clock_ns)
    : frozen_{std::move(frozen)}, place_{place}, taken_ns_{wall_clock_ns} {}

std::unexpected<Refusal> Stream::failed(Status status) const {
  const auto& me = frozen_.me();
  if (me.gone) return refuse(Status::bad_state, text("ME %u (%s) %s", me.slot, me.name.c_str(), me.end.c_str()));
  return refuse(status, text("the snapshot of ME %u (%s) cannot be read: %.*s", me.slot, me.name.c_str(),
                             AGENCY_SV(abi::name(status))));
}

std::expected<void, Refusal> Stream::begin(Store& store) {
  batch_.reset(new (std::nothrow) Batch);
  if (!batch_ || !made_.reserve(usual)) return failed(Status::no_memory);
  wire::Header header{};
  header.abi_version = abi::version;
  header.taken_ns = taken_ns_;
  header.agency_uid = place_.uid;
  place_.name.back() = '\0';
  std::copy(place_.name.begin(), place_.name.end(), header.soo_name);
  writer_.header(header);
  auto done = context(store);
  if (done && made_.broken()) done = failed(Status::no_memory);
  return done;
}

std::expected<void, Refusal> Stream::context(Store& store) {
  if (frozen_.gone()) return failed(Status::not_found);
  const auto& me = frozen_.me();
  const auto info = hypercall::domain_info(me.slot);
  if (!info) return failed(info.error());
  // All of it goes through the batch, where any part has room behind the shared page.
  auto* const shared_page = &batch_->pages[0];
  auto* const room = &batch_->pages[1][0];
  const auto read = [&](wire::Part part) {
    return hypercall::snapshot_context(me.slot, address(room), sizeof batch_->pages - sizeof *shared_page, part);
  };

  const auto shared_bytes =
      hypercall::snapshot_context(me.slot, address(shared_page), sizeof *shared_page, wire::Part::shared_page);
  if (!shared_bytes) return failed(shared_bytes.error());
  abi::SharedPage shared;
  std::memcpy(&shared, shared_page, sizeof shared);
  // The ME may write its shared page: whoever puts a lie there is refused where it arrives.
  wire::Me entry{.spid = info->spid,
                 .spadcaps = info->spadcaps,
                 .instance_id = me.instance_id,
                 .epoch = me.epoch,
                 .ram_size = info->ram_bytes,
                 .pages = frozen_.pages(),
                 .dtb_ipa = shared.dtb_ipa,
                 .dtb_size = shared.dtb_size,
                 .ramfs_ipa = shared.ramfs_size != 0 ? shared.ramfs_ipa : 0,
                 .ramfs_size = shared.ramfs_size,
                 .slot = me.slot,
                 .state = static_cast<std::uint32_t>(me.state == abi::State::dormant ? abi::State::dormant
                                                                                     : abi::State::suspended),
                 .cooperates = info->cooperates,
                 .exclusive_cpu = me.exclusive_cpu,
                 .name = {}};
  me.name.copy(entry.name, sizeof entry.name - 1);
  writer_.me(entry);

  const auto vcpu_bytes = read(wire::Part::vcpu);
  if (!vcpu_bytes) return failed(vcpu_bytes.error());
  wire::Vcpu vcpu;
  std::memcpy(&vcpu, room, sizeof vcpu);
  writer_.vcpu(vcpu);
  writer_.shared_page(*shared_page);

  const auto events = read(wire::Part::events);
  if (!events) return failed(events.error());
  if (*events != 0) writer_.events({reinterpret_cast<const wire::Event*>(room), *events / sizeof(wire::Event)});
  const auto grants = read(wire::Part::grants);
  if (!grants) return failed(grants.error());
  if (*grants != 0) writer_.grants({reinterpret_cast<const wire::Grant*>(room), *grants / sizeof(wire::Grant)});
  return store_entries(store);
}

// What the ME has in vbstore: soo/me/<slot> and device/<slot>. What backends wrote for it, they write anew.
std::expected<void, Refusal> Stream::store_entries(Store& store) {
  const auto slot = std::to_string(frozen_.me().slot);
  const auto each = [&](auto visit) {
    for (const std::string top : {"device/", "soo/me/"}) store.each(*StorePath::parse(top + slot), top + '@', visit);
  };
  std::size_t count = 0, path_bytes = 0, value_bytes = 0;
  each([&](std::string_view path, std::string_view value) {
    if (count == wire::store_entries_max) return;
    ++count;
    path_bytes += path.size();
    value_bytes += value.size();
  });
  if (count == 0) return {};
  const std::unique_ptr<snapshot::StoreItem[]> items{new (std::nothrow) snapshot::StoreItem[count]};
  const std::unique_ptr<char[]> paths{new (std::nothrow) char[path_bytes]};
  constexpr std::size_t around = sizeof(wire::StoreEntry) + 8;  // and padding
  if (!items || !paths ||
      !made_.reserve(made_.size() + sizeof(wire::Section) + path_bytes + value_bytes + count * around))
    return failed(Status::no_memory);
  std::size_t n = 0;
  char* to = paths.get();
  each([&](std::string_view path, std::string_view value) {
    if (n == count) return;
    items[n++] = {{to, path.size()}, value};
    to = std::ranges::copy(path, to).out;
  });
  writer_.store({items.get(), count});
  return {};
}

std::expected<void, Refusal> Stream::fill(std::size_t wanted) {
  made_.drop(std::exchange(taken_, 0), usual);
  while (!ended_ && made_.size() < wanted) {
    if (frozen_.gone()) return failed(Status::not_found);
    const auto n =
        hypercall::snapshot_pages(frozen_.me().slot, address(&batch_->pages[0][0]), address(&batch_->ipas[0]), batch);
    if (!n && n.error() == Status::busy) continue;
    if (!n) return failed(n.error());
    if (*n > batch) return failed(Status::bad_state);
    if (*n == 0) {
      if (!writer_.end()) return failed(Status::bad_state);
      ended_ = true;
      break;
    }
    writer_.pages(*n);
    for (std::size_t i = 0; i < *n; ++i) writer_.page(batch_->ipas[i], batch_->pages[i]);
    if (made_.broken()) return failed(Status::no_memory);
  }
  return {};
}

}  // namespace agency::transfer
