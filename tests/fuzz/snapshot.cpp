// The reader of snapshots. Most damage is refused at the digest, so the fuzzer edits the sections of a good snapshot and
// has the lengths and the digest follow: what lies behind them is reached too.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "tests/fuzz/damage.hpp"
#include "tests/unit/snapshot/sample.hpp"

namespace {

using namespace abi::snapshot;
using snapshot_test::Stream;

struct Part {
  Section section;
  Stream bytes;
  std::uint64_t lie = 0;  // added to the length
};

struct Parts {
  Stream header;
  std::vector<Part> sections;
};

const Stream& good() {
  static const Stream stream = snapshot_test::sample().write(1);
  return stream;
}

Parts taken_apart() {
  const snapshot::Bytes all = good();
  Parts parts;
  parts.header.assign(all.begin(), all.begin() + sizeof(Header));
  for (std::size_t at = sizeof(Header); at < all.size();) {
    Section section;
    std::ranges::copy(all.subspan(at, sizeof section), std::as_writable_bytes(std::span(&section, 1)).begin());
    const auto bytes = all.subspan(at + sizeof section, section.length);
    parts.sections.push_back({section, Stream(bytes.begin(), bytes.end()), 0});
    at += sizeof section + section.length;
  }
  return parts;
}

// Edits of 6 bytes: what, which section, where (16 bits), what with (16 bits).
void edit(Parts& parts, std::span<const std::uint8_t, 6> e) {
  const std::size_t which = e[1] % parts.sections.size();
  Part& part = parts.sections[which];
  const std::size_t where = e[2] | e[3] << 8;
  const auto at = part.bytes.begin() + static_cast<std::ptrdiff_t>(where % (part.bytes.size() + 1) / 8 * 8);
  const auto self = parts.sections.begin() + static_cast<std::ptrdiff_t>(which);
  switch (e[0] % 8) {
    case 0: part.section.type = e[4]; break;
    case 1: part.section.reserved = e[4]; break;
    case 2: part.lie += std::uint64_t{e[4]} << e[5] % 64; break;
    case 3:
      if (part.bytes.size() < 16'384) part.bytes.insert(at, std::size_t{e[4]} * 8, std::byte{e[5]});
      break;
    case 4: part.bytes.erase(at, at + std::min<std::ptrdiff_t>(std::ptrdiff_t{e[4]} * 8, part.bytes.end() - at)); break;
    case 5:
      if (parts.sections.size() < 16) parts.sections.insert(self, Part(part));
      break;
    case 6:
      if (parts.sections.size() > 1) parts.sections.erase(self);
      break;
    default: {
      Stream& target = e[1] == 255 ? parts.header : part.bytes;
      if (!target.empty()) target[where % target.size()] = std::byte{e[4]};
    }
  }
}

Stream put_together(const Parts& parts) {
  Stream stream = parts.header;
  for (const Part& part : parts.sections) {
    Section section = part.section;
    section.length = part.bytes.size() + part.lie;
    const auto head = std::as_bytes(std::span(&section, 1));
    stream.insert(stream.end(), head.begin(), head.end());
    stream.insert(stream.end(), part.bytes.begin(), part.bytes.end());
  }
  return stream.size() < sizeof(End) ? stream : snapshot_test::sealed(stream);
}

// What was handed out keeps the rules that receivers rely on.
struct Watch final : snapshot::Handler {
  std::size_t deliveries = 0;
  Me it{};
  bool me(const Me& m) override {
    if (m.pages > m.ram_size / abi::page_size || m.ram_size > abi::ram_max) std::abort();
    it = m;
    return ++deliveries;
  }
  bool store(std::string_view path, std::string_view value) override {
    if (path.empty() || path.size() > 255 || value.size() > 1024) std::abort();
    return ++deliveries;
  }
  bool event(const Event& e) override { return e.port < abi::events_me ? ++deliveries : (std::abort(), false); }
  bool page(std::uint64_t ipa, snapshot::PageBytes) override {
    if (ipa % abi::page_size != 0 || ipa - abi::ram_ipa > it.ram_size - abi::page_size) std::abort();
    return ++deliveries;
  }
};

std::string read(snapshot::Bytes stream, std::size_t piece) {
  Watch watch;
  const auto reader = std::make_unique<snapshot::Reader>(watch);
  snapshot::Checked ok;
  while (ok && !stream.empty()) {
    const auto part = stream.first(std::min(piece, stream.size()));
    ok = reader->take(part);
    stream = stream.subspan(part.size());
  }
  if (ok) ok = reader->finish();
  if (ok) return std::to_string(watch.deliveries);
  std::array<char, 256> text;
  const auto words = snapshot::message(ok.error(), text);
  if (words.empty() || words.size() == text.size()) std::abort();
  return std::to_string(watch.deliveries) + std::string(words);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::uint8_t> input{data, size};
  Stream stream;
  if (size > 0 && data[0] >= 128) {
    stream = fuzz::damaged(good(), input.subspan(1));
  } else {
    Parts parts = taken_apart();
    for (std::size_t at = 1; at + 6 <= size && at < 1 + 6 * 32; at += 6) edit(parts, input.subspan(at).first<6>());
    stream = put_together(parts);
  }
  // However it comes, it is the same snapshot, or the same fault.
  const auto whole = read(stream, stream.size() + 1);
  if (read(stream, 1 + stream.size() / 3) != whole || read(stream, 7) != whole) std::abort();
  return 0;
}
