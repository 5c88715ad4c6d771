#include "so3/avz/frozen_context.hpp"

#include "so3/abi/snapshot.hpp"
#include "so3/arch/physical.hpp"

namespace avz {

namespace format = abi::snapshot;

namespace {

static_assert(sizeof(format::El1) == offsetof(El1Context, pad), "the same registers in the same order");
static_assert(offsetof(format::El1, cntv_ctl) == offsetof(El1Context, cntv_ctl) &&
              offsetof(format::El1, sctlr) == offsetof(El1Context, sctlr) &&
              offsetof(format::El1, par) == offsetof(El1Context, par));

// Appends values until there is no room.
template <typename T>
class Array {
 public:
  Array(std::uint8_t* to, std::uint64_t room) : to_{to}, room_{room} {}
  void add(const T& value) {
    if (bytes_ + sizeof value <= room_) arch::copy_bytes(to_ + bytes_, &value, sizeof value);
    bytes_ += sizeof value;
  }
  std::expected<std::uint64_t, abi::Status> bytes() const {
    if (bytes_ > room_) return std::unexpected{abi::Status::too_big};
    return bytes_;
  }

 private:
  std::uint8_t* to_;
  std::uint64_t room_, bytes_ = 0;
};

constexpr std::uint32_t kind_of(Channel::Kind kind) {
  switch (kind) {
    case Channel::Kind::fixed: return 1;
    case Channel::Kind::unbound: return 2;
    case Channel::Kind::connected: return 3;
    default: return 4;
  }
}

}  // namespace

Written write_vcpu(const FrozenContext& from, std::uint64_t counter_hz, std::uint8_t* to, std::uint64_t room) {
  format::Vcpu vcpu{};
  arch::copy_bytes(vcpu.x, from.x, sizeof vcpu.x);
  vcpu.pc = from.pc;
  vcpu.pstate = from.pstate;
  vcpu.fpcr = from.fp.fpcr;
  vcpu.fpsr = from.fp.fpsr;
  vcpu.counter = from.counter;
  vcpu.counter_hz = counter_hz;
  vcpu.domcall_registered = from.domcall_registered;
  vcpu.waiting = from.waiting;
  arch::copy_bytes(&vcpu.el1, &from.el1, sizeof vcpu.el1);
  if (from.domcall_registered) {
    vcpu.domcall_entry = from.domcall.entry;
    arch::copy_bytes(&vcpu.domcall_el1, &from.domcall.start, sizeof vcpu.domcall_el1);
  }
  arch::copy_bytes(vcpu.v, from.fp.v, sizeof vcpu.v);
  Array<format::Vcpu> array{to, room};
  array.add(vcpu);
  return array.bytes();
}

Written write_events(const FrozenContext& from, std::uint8_t* to, std::uint64_t room) {
  Array<format::Event> array{to, room};
  for (std::uint32_t port = 0; port < abi::events_me; port++) {
    const Channel channel = Channel::from_raw(from.channels[port]);
    if (channel.kind() == Channel::Kind::free) continue;
    array.add(
        {.port = port, .kind = kind_of(channel.kind()), .remote_slot = channel.slot(), .remote_port = channel.port()});
  }
  return array.bytes();
}

Written write_grants(const FrozenContext& from, std::uint8_t* to, std::uint64_t room) {
  Array<format::Grant> array{to, room};
  for (std::uint32_t i = 0; i < from.grants; i++) {
    const Grant& grant = arch::physical<Grant>(from.grant_pages[i / GrantTable::per_page])[i % GrantTable::per_page];
    if (!grant.used) continue;
    array.add({.ipa = grant.ipa(),
               .reference = i,
               .remote_slot = static_cast<std::uint32_t>(grant.slot),
               .read_only = static_cast<std::uint32_t>(grant.read_only),
               .mappings = static_cast<std::uint32_t>(grant.mappings)});
  }
  return array.bytes();
}

}  // namespace avz
