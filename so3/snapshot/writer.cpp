#include "so3/snapshot/writer.hpp"

#include <algorithm>
#include <cstring>

namespace snapshot {
namespace {

using namespace abi::snapshot;

constexpr std::uint64_t padding(std::uint64_t length) { return (8 - length % 8) % 8; }

template <typename T>
Bytes raw(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

Bytes raw(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

void Writer::put(Bytes bytes) {
  digest_.add(bytes);
  length_ += bytes.size();
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), abi::page_size));
    sink_.put(piece);
    bytes = bytes.subspan(piece.size());
  }
}

bool Writer::section(SectionType type, std::uint64_t length) {
  const auto t = static_cast<std::uint32_t>(type);
  const bool again = type == SectionType::pages && last_ == t;
  const bool skipped = last_ < static_cast<std::uint32_t>(SectionType::shared_page) && t != last_ + 1;
  if (length_ == 0 || due_ != 0 || (t <= last_ && !again) || skipped) good_ = false;
  if (!good_) return false;
  last_ = t;
  put(raw(Section{.type = t, .reserved = 0, .length = length}));
  return true;
}

void Writer::header(Header header) {
  if (length_ != 0) good_ = false;
  if (!good_) return;
  header.magic = magic;
  header.version_major = version_major;
  header.version_minor = version_minor;
  header.machine = machine_aarch64;
  header.page_size = abi::page_size;
  put(raw(header));
}

void Writer::me(const Me& me) {
  if (!section(SectionType::me, sizeof me)) return;
  announced_ = me.pages;
  put(raw(me));
}

void Writer::vcpu(const Vcpu& vcpu) {
  if (section(SectionType::vcpu, sizeof vcpu)) put(raw(vcpu));
}

void Writer::shared_page(PageBytes bytes) {
  if (section(SectionType::shared_page, bytes.size())) put(bytes);
}

void Writer::events(std::span<const Event> events) {
  if (section(SectionType::events, events.size_bytes())) put(std::as_bytes(events));
}

void Writer::grants(std::span<const Grant> grants) {
  if (section(SectionType::grants, grants.size_bytes())) put(std::as_bytes(grants));
}

void Writer::store(std::span<const StoreItem> items) {
  std::uint64_t length = 0;
  for (const auto& item : items) {
    const auto text = item.path.size() + item.value.size();
    length += sizeof(StoreEntry) + text + padding(text);
  }
  if (!section(SectionType::store, length)) return;
  for (const auto& item : items) {
    put(raw(StoreEntry{static_cast<std::uint32_t>(item.path.size()), static_cast<std::uint32_t>(item.value.size())}));
    put(raw(item.path));
    put(raw(item.value));
    constexpr std::byte zeros[8]{};
    put(std::span(zeros).first(padding(item.path.size() + item.value.size())));
  }
}

void Writer::pages(std::uint64_t count) {
  if (count == 0 || count > announced_ - written_) {
    good_ = good_ && count == 0;
    return;
  }
  if (section(SectionType::pages, count * sizeof(Page))) due_ = count;
}

void Writer::page(std::uint64_t ipa, PageBytes bytes) {
  if (due_ == 0) good_ = false;
  if (!good_) return;
  --due_;
  ++written_;
  put(raw(ipa));
  put(bytes);
}

bool Writer::end() {
  if (written_ != announced_ || !section(SectionType::end, sizeof(End))) return false;
  End end{.length = length_ + sizeof end, .pages = written_, .digest = {}};
  put(raw(end).first(offsetof(End, digest)));
  const auto digest = digest_.value();
  std::memcpy(end.digest, digest.data(), sizeof end.digest);
  length_ += sizeof end.digest;
  sink_.put(std::as_bytes(std::span(end.digest)));
  return true;
}

}  // namespace snapshot
