// The .itb reader. Damage to the data of an image passes the hash, as if its author had hashed it so: what lies
// behind the hash is reached too.
#include <openssl/sha.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "so3/image/itb.hpp"
#include "tests/fuzz/damage.hpp"
#include "tests/unit/image/itb_builder.hpp"

namespace {

struct Copy {
  alignas(8) std::byte bytes[image::fdt_max];
};

std::map<std::size_t, image::Digest> digests;  // of the good capsule, by size of the data

image::Digest remember(image::Bytes data) {
  image::Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digests[data.size()] = digest;
}

image::Digest as_hashed_by_its_author(image::Bytes data) {
  const auto known = digests.find(data.size());
  return known == digests.end() ? image::Digest{} : known->second;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Copy copy;
  static const auto good = [] {
    auto file = image_test::good_itb();
    if (!image::parse_itb(file, copy.bytes, remember)) std::abort();
    return file;
  }();
  const auto file = fuzz::damaged(good, {data, size});
  const auto itb = image::parse_itb(file, copy.bytes, as_hashed_by_its_author);
  if (itb) {
    // What was accepted lies within what was given.
    if (itb->kernel.size() > file.size() || itb->ramfs.size() > file.size() || itb->me.spid == 0) std::abort();
  } else {
    char text[256];
    if (image::message(itb.error(), text).empty()) std::abort();
  }
  return 0;
}
