#include "tests/bench/agency/capsules.hpp"

#include <bearssl.h>
#include <libfdt.h>

#include <array>
#include <cstring>

#include "so3/abi/layout.hpp"

namespace bench {
namespace {

constexpr std::size_t tree_max = 64 * 1024;
alignas(8) std::byte tree[tree_max];  // in the capsule it is aligned to 4 only

std::array<std::byte, br_sha256_SIZE> sha256(std::span<const std::byte> bytes) {
  br_sha256_context context;
  br_sha256_init(&context);
  br_sha256_update(&context, bytes.data(), bytes.size());
  std::array<std::byte, br_sha256_SIZE> digest;
  br_sha256_out(&context, digest.data());
  return digest;
}

}  // namespace

std::span<std::byte> capsule_at(std::uint64_t offset) {
  auto* const file = reinterpret_cast<std::byte*>(abi::host_window_ipa + offset);
  if (fdt_check_header(file) != 0) return {};
  return {file, fdt_totalsize(file)};
}

bool set_domain_size(std::span<std::byte> capsule, std::uint32_t bytes) {
  void* const itb = capsule.data();
  const int image = fdt_path_offset(itb, "/images/fdt");
  int size = 0;
  auto* const data = static_cast<std::byte*>(fdt_getprop_w(itb, image, "data", &size));
  if (data == nullptr || static_cast<std::size_t>(size) > tree_max) return false;
  std::memcpy(tree, data, static_cast<std::size_t>(size));
  if (fdt_setprop_inplace_u32(tree, fdt_path_offset(tree, "/ME"), "domain-size", bytes) != 0) return false;
  std::memcpy(data, tree, static_cast<std::size_t>(size));

  const auto digest = sha256({data, static_cast<std::size_t>(size)});
  const int hash = fdt_first_subnode(itb, image);
  return fdt_setprop_inplace(itb, hash, "value", digest.data(), static_cast<int>(digest.size())) == 0;
}

}  // namespace bench
