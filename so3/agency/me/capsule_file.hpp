// An .itb in memory of the agency's own, checked.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <memory>
#include <span>

#include "so3/agency/me/refusal.hpp"
#include "so3/image/itb.hpp"

namespace agency {

// Bytes of memory that a file may take now, so that enough is left for all else. Any thread.
using FileRoom = std::size_t (*)();

// How files are taken in.
struct FileCheck {
  image::Sha256 sha256;
  FileRoom room;
};

class CapsuleFile {
 public:
  // `from` may change at any time (it is the engine's window): it is copied first, and only the copy is looked at.
  static std::expected<CapsuleFile, Refusal> copy(std::span<const std::byte> from, const FileCheck& check);

  const image::Itb& itb() const { return *itb_; }

 private:
  // From malloc, which aligns for every type and, unlike new, may be out of memory.
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  using Memory = std::unique_ptr<std::byte[], Free>;
  static Memory allocate(std::size_t bytes);

  Memory file_, fdt_;
  std::unique_ptr<image::Itb> itb_;  // refers to both
};

}  // namespace agency
