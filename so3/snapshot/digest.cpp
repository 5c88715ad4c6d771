#include "so3/snapshot/digest.hpp"

#include <cstdint>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace snapshot {

static_assert(sizeof(XXH128_canonical_t) == sizeof(Digest::Value));

const void* Digest::state() const {
  static_assert(sizeof(XXH3_state_t) <= state_size && alignof(XXH3_state_t) <= state_alignment);
  const auto at = reinterpret_cast<std::uintptr_t>(storage_.data());
  return storage_.data() + (state_alignment - at % state_alignment) % state_alignment;
}

void* Digest::state() { return const_cast<void*>(static_cast<const Digest*>(this)->state()); }

Digest::Digest() { XXH3_128bits_reset(static_cast<XXH3_state_t*>(state())); }

void Digest::add(Bytes bytes) {
  if (!bytes.empty()) XXH3_128bits_update(static_cast<XXH3_state_t*>(state()), bytes.data(), bytes.size());
}

Digest::Value Digest::value() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(static_cast<const XXH3_state_t*>(state())));
  Value value;
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = std::byte{canonical.digest[i]};
  return value;
}

}  // namespace snapshot
