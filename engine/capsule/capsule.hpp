// A capsule on the host: the bytes of an .itb that has been checked, and what they say.
#pragma once
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "so3/image/itb.hpp"

namespace engine {

// Exists only for a file that the agency would accept too: whole, intact, of this ABI. Move-only; what `itb()`
// refers to lives as long as the capsule.
class Capsule {
 public:
  // Copies `file`. The error is one line that names what is wrong, the limit and what was found.
  static std::expected<Capsule, std::string> parse(std::span<const std::byte> file);

  Capsule(Capsule&&) = default;
  Capsule& operator=(Capsule&&) = default;

  const image::Itb& itb() const { return itb_; }
  const image::MeTree& me() const { return itb_.me; }
  std::span<const std::byte> bytes() const { return file_; }  // for injection, as they were read

 private:
  using FdtCopy = std::array<std::byte, image::fdt_max>;
  Capsule(std::vector<std::byte> file, std::unique_ptr<FdtCopy> fdt, const image::Itb& itb)
      : file_(std::move(file)), fdt_(std::move(fdt)), itb_(itb) {}

  std::vector<std::byte> file_;
  std::unique_ptr<FdtCopy> fdt_;
  image::Itb itb_;
};

}  // namespace engine
