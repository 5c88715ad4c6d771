#include "engine/capsule/capsule.hpp"

#include <openssl/sha.h>

namespace engine {
namespace {

image::Digest sha256(image::Bytes data) {
  static_assert(sizeof(image::Digest) == SHA256_DIGEST_LENGTH);
  image::Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace

std::expected<Capsule, std::string> Capsule::parse(std::span<const std::byte> file) {
  std::vector<std::byte> bytes(file.begin(), file.end());
  auto fdt = std::make_unique<FdtCopy>();
  const auto itb = image::parse_itb(bytes, *fdt, sha256);
  if (!itb) {
    std::array<char, 256> line;
    return std::unexpected(std::string(image::message(itb.error(), line)));
  }
  return Capsule(std::move(bytes), std::move(fdt), *itb);
}

}  // namespace engine
