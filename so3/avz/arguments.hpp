// The arguments of each call, as types that only hold what the call can mean. decode() sees the registers, whatever
// is in them; handlers see these. What depends on the state of domains is the handler's to check.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/layout.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/abi/shared_page.hpp"

namespace avz {

using Registers = const std::uint64_t (&)[8];

// A run of bytes that does not wrap around.
struct IpaRange {
  std::uint64_t base, bytes;

  static constexpr std::optional<IpaRange> decode(std::uint64_t base, std::uint64_t bytes) {
    if (bytes > ~std::uint64_t{0} - base) return std::nullopt;
    return IpaRange{base, bytes};
  }
};

constexpr std::optional<std::uint32_t> decode_slot(std::uint64_t v) {
  if (v >= abi::max_domains) return std::nullopt;
  return static_cast<std::uint32_t>(v);
}

// An ME's slot: what the agency's calls are about.
constexpr std::optional<std::uint32_t> decode_me(std::uint64_t v) {
  if (v < abi::first_me_slot) return std::nullopt;
  return decode_slot(v);
}

constexpr std::optional<std::uint32_t> decode_port(std::uint64_t v) {
  if (v >= abi::events_agency) return std::nullopt;
  return static_cast<std::uint32_t>(v);
}

constexpr std::optional<bool> decode_read_only(std::uint64_t v) {
  if (v > static_cast<std::uint64_t>(abi::GrantFlags::read_only)) return std::nullopt;
  return v != 0;
}

struct EventBind {
  std::uint32_t remote, port;

  static constexpr std::optional<EventBind> decode(Registers x) {
    const auto remote = decode_slot(x[1]);
    const auto port = decode_port(x[2]);
    if (!remote || !port) return std::nullopt;
    return EventBind{*remote, *port};
  }
};

struct GrantAccess {
  std::uint32_t remote;
  std::uint64_t page_ipa;
  bool read_only;

  static constexpr std::optional<GrantAccess> decode(Registers x) {
    const auto remote = decode_slot(x[1]);
    const auto read_only = decode_read_only(x[3]);
    if (!remote || !read_only || !abi::page_aligned(x[2])) return std::nullopt;
    return GrantAccess{*remote, x[2], *read_only};
  }
};

struct GrantMap {
  std::uint32_t granter;
  std::uint64_t reference;  // any; the granter's table knows its bounds
  std::uint64_t ipa;        // any; the mapper's window knows its bounds
  bool read_only;

  static constexpr std::optional<GrantMap> decode(Registers x) {
    const auto granter = decode_slot(x[1]);
    const auto read_only = decode_read_only(x[4]);
    if (!granter || !read_only) return std::nullopt;
    return GrantMap{*granter, x[2], x[3], *read_only};
  }
};

struct DomainCreate {
  std::uint64_t ram_bytes;
  std::uint32_t cpu;
  bool exclusive_cpu, migrating;
  std::uint64_t instance_id, epoch;

  static constexpr bool fits(std::uint64_t ram_bytes) { return ram_bytes <= abi::ram_max; }
  static constexpr std::optional<DomainCreate> decode(Registers x) {
    constexpr auto exclusive = static_cast<std::uint64_t>(abi::CreateFlags::exclusive_cpu);
    constexpr auto migrating = static_cast<std::uint64_t>(abi::CreateFlags::migrating);
    if (x[1] < abi::ram_min || !fits(x[1]) || !abi::page_aligned(x[1])) return std::nullopt;
    if (x[2] > ~std::uint32_t{0} || (x[3] & ~(exclusive | migrating)) != 0) return std::nullopt;
    return DomainCreate{x[1], static_cast<std::uint32_t>(x[2]), (x[3] & exclusive) != 0, (x[3] & migrating) != 0, x[4],
                        x[5]};
  }
};

struct DomainLoad {
  std::uint32_t slot;
  IpaRange to, from;

  static constexpr std::optional<DomainLoad> decode(Registers x) {
    const auto slot = decode_me(x[1]);
    const auto to = IpaRange::decode(x[2], x[4]);
    const auto from = IpaRange::decode(x[3], x[4]);
    if (!slot || !to || !from) return std::nullopt;
    return DomainLoad{*slot, *to, *from};
  }
};

// Where an ME finds its device tree, and its ramfs if it has one.
struct ImageParts {
  IpaRange dtb, ramfs;

  static constexpr std::optional<ImageParts> decode(Registers x) {
    const auto dtb = IpaRange::decode(x[3], x[4]);
    const auto ramfs = IpaRange::decode(x[5], x[6]);
    if (!dtb || !ramfs) return std::nullopt;
    return ImageParts{*dtb, *ramfs};
  }
  template <typename Domain>
  constexpr bool fit(const Domain& me) const {
    const bool has_ramfs = ramfs.base != 0 || ramfs.bytes != 0;
    return me.in_ram(dtb.base, dtb.bytes) && (!has_ramfs || me.in_ram(ramfs.base, ramfs.bytes));
  }
  constexpr void publish(abi::SharedPage& page) const {
    page.dtb_ipa = dtb.base;
    page.dtb_size = dtb.bytes;
    page.ramfs_ipa = ramfs.base;
    page.ramfs_size = ramfs.bytes;
  }
};

struct DomainStart {
  std::uint32_t slot;
  std::uint64_t entry;
  ImageParts parts;

  static constexpr std::optional<DomainStart> decode(Registers x) {
    const auto slot = decode_me(x[1]);
    const auto parts = ImageParts::decode(x);
    if (!slot || !parts || x[2] % 4 != 0) return std::nullopt;
    return DomainStart{*slot, x[2], *parts};
  }
};

struct DomainRestore {
  std::uint32_t slot;
  std::uint64_t vcpu_ipa;  // any; the agency's RAM knows its bounds
  ImageParts parts;

  static constexpr std::optional<DomainRestore> decode(Registers x) {
    const auto slot = decode_me(x[1]);
    const auto parts = ImageParts::decode(x);
    if (!slot || !parts) return std::nullopt;
    return DomainRestore{*slot, x[2], *parts};
  }
};

struct DomainIdentity {
  std::uint32_t slot;
  std::uint64_t spid, spadcaps;
  bool cooperates;

  static constexpr std::optional<DomainIdentity> decode(Registers x) {
    const auto slot = decode_me(x[1]);
    if (!slot || x[4] > 1) return std::nullopt;
    return DomainIdentity{*slot, x[2], x[3], x[4] == 1};
  }
};

struct PageLend {
  std::uint32_t owner, borrower;
  std::uint64_t page_ipa;

  static constexpr std::optional<PageLend> decode(Registers x) {
    const auto owner = decode_me(x[1]);
    const auto borrower = decode_me(x[3]);
    if (!owner || !borrower || *owner == *borrower || !abi::page_aligned(x[2])) return std::nullopt;
    return PageLend{*owner, *borrower, x[2]};
  }
};

struct DomainSetState {
  std::uint32_t slot;
  abi::State expected, wanted;

  static constexpr std::optional<DomainSetState> decode(Registers x) {
    const auto slot = decode_me(x[1]);
    const auto expected = abi::state_from(x[2]);
    const auto wanted = abi::state_from(x[3]);
    if (!slot || !expected || !wanted) return std::nullopt;
    return DomainSetState{*slot, *expected, *wanted};
  }
};

constexpr std::optional<abi::DcEvent> decode_dc_event(std::uint64_t v) {
  if (v == 0 || v > static_cast<std::uint64_t>(abi::DcEvent::close)) return std::nullopt;
  return static_cast<abi::DcEvent>(v);
}

struct DcEventPost {
  std::uint32_t slot;
  abi::DcEvent event;
  std::uint32_t argument;

  static constexpr std::optional<DcEventPost> decode(Registers x) {
    const auto slot = decode_me(x[1]);
    const auto event = decode_dc_event(x[2]);
    if (!slot || !event || x[3] > ~std::uint32_t{0}) return std::nullopt;
    return DcEventPost{*slot, *event, static_cast<std::uint32_t>(x[3])};
  }
};

}  // namespace avz
