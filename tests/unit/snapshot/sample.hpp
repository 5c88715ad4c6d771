// A small snapshot with something in every section, and what a reader makes of one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "so3/snapshot/reader.hpp"
#include "so3/snapshot/writer.hpp"

namespace snapshot_test {

using Stream = std::vector<std::byte>;

struct Collect final : snapshot::Sink {
  Stream bytes;
  std::size_t largest = 0;
  void put(snapshot::Bytes piece) override;
};

// What a snapshot says, to compare.
struct Contents {
  abi::snapshot::Header header{};
  abi::snapshot::Me me{};
  abi::snapshot::Vcpu vcpu{};
  std::vector<std::byte> shared_page;
  std::vector<abi::snapshot::Event> events;
  std::vector<abi::snapshot::Grant> grants;
  std::vector<std::pair<std::string, std::string>> store;
  std::map<std::uint64_t, std::vector<std::byte>> pages;

  Stream write(std::size_t pages_in_a_section = 2) const;
  bool operator==(const Contents& other) const;
};

Contents sample();

// Fills Contents; stops when `budget` deliveries were made.
struct Record final : snapshot::Handler {
  Contents contents;
  std::size_t budget = ~std::size_t{0};

  bool spend() { return budget-- != 0; }
  bool header(const abi::snapshot::Header& h) override;
  bool me(const abi::snapshot::Me& m) override;
  bool vcpu(const abi::snapshot::Vcpu& v) override;
  bool shared_page(snapshot::PageBytes bytes) override;
  bool event(const abi::snapshot::Event& e) override;
  bool grant(const abi::snapshot::Grant& g) override;
  bool store(std::string_view path, std::string_view value) override;
  bool page(std::uint64_t ipa, snapshot::PageBytes bytes) override;
};

// Why it is refused, or "".
std::string refusal(snapshot::Bytes stream, std::size_t piece = ~std::size_t{0});

// Where things are in a stream that write() made.
std::size_t at_section(const Stream& stream, abi::snapshot::SectionType type);  // its Section
template <typename T>
void put(Stream& stream, std::size_t offset, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  std::ranges::copy(bytes, stream.begin() + static_cast<std::ptrdiff_t>(offset));
}
// Length and digest at the end as if it had been written so.
Stream sealed(Stream stream);

}  // namespace snapshot_test
