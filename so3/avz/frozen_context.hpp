// What a freeze copies besides RAM and the shared page, in a page of its own.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>

#include "so3/abi/status.hpp"
#include "so3/avz/grants.hpp"
#include "so3/avz/vcpu.hpp"

namespace avz {

struct FrozenContext {
  std::uint64_t x[31], pc, pstate, pad;  // to fp: in one piece, as in Vcpu
  El1Context el1;
  FpContext fp;
  DomcallEntry domcall;
  bool domcall_registered, waiting;
  std::uint64_t counter;  // the ME's
  std::uint32_t grants;   // entries of its table, used or not
  PhysAddr grant_pages[GrantTable::pages_max];
  std::uint64_t channels[abi::events_me];
};
static_assert(sizeof(FrozenContext) <= abi::page_size);
static_assert(offsetof(FrozenContext, x) == offsetof(Vcpu, x) && offsetof(FrozenContext, pc) == offsetof(Vcpu, pc) &&
              offsetof(FrozenContext, el1) == offsetof(Vcpu, el1) && offsetof(FrozenContext, fp) == offsetof(Vcpu, fp));

// As the format has them: how many bytes were written; too_big: there is no room for them.
using Written = std::expected<std::uint64_t, abi::Status>;
Written write_vcpu(const FrozenContext& context, std::uint64_t counter_hz, std::uint8_t* to, std::uint64_t room);
Written write_events(const FrozenContext& context, std::uint8_t* to, std::uint64_t room);
Written write_grants(const FrozenContext& context, std::uint8_t* to, std::uint64_t room);

}  // namespace avz
