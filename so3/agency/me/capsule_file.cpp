#include "so3/agency/me/capsule_file.hpp"

#include <cstring>
#include <new>

#include "so3/agency/text.hpp"

namespace agency {

auto CapsuleFile::allocate(std::size_t bytes) -> Memory { return Memory{static_cast<std::byte*>(std::malloc(bytes))}; }

std::expected<CapsuleFile, Refusal> CapsuleFile::copy(std::span<const std::byte> from, const FileCheck& check) {
  using abi::Status;
  CapsuleFile f;
  if (from.size() <= check.room()) f.file_ = allocate(from.size());
  f.fdt_ = allocate(image::fdt_max);
  f.itb_.reset(new (std::nothrow) image::Itb{});
  if (!f.file_ || !f.fdt_ || !f.itb_)
    return std::unexpected{Refusal{Status::no_memory, text("the agency has no room for a file of %zu bytes: inject one "
                                                           "at a time, or a smaller one",
                                                           from.size())}};
  std::memcpy(f.file_.get(), from.data(), from.size());
  auto parsed = image::parse_itb({f.file_.get(), from.size()},
                                 std::span<std::byte, image::fdt_max>{f.fdt_.get(), image::fdt_max}, check.sha256);
  if (!parsed) {
    char line[256];
    return std::unexpected{Refusal{Status::bad_argument, std::string{image::message(parsed.error(), line)}}};
  }
  *f.itb_ = *parsed;
  return f;
}

}  // namespace agency
