#include "so3/snapshot/reader.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace snapshot {
namespace {

using namespace abi::snapshot;

template <typename T>
T as(Bytes bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

constexpr std::uint64_t padded(std::uint64_t length) { return (length + 7) / 8 * 8; }

constexpr std::uint32_t number(SectionType type) { return static_cast<std::uint32_t>(type); }

}  // namespace

std::unexpected<Error> Reader::fail(Fault fault, std::uint64_t found, std::uint64_t limit) const {
  const auto where = unit_ == Unit::header ? "header" : name(SectionType{last_});
  return std::unexpected(Error{fault, where, "", offset_, found, limit});
}

Checked Reader::stop_unless(bool taken) const {
  if (!taken) return fail(Fault::stopped);
  return {};
}

void Reader::expect(Unit unit, std::size_t size) {
  unit_ = unit;
  size_ = size;
}

Checked Reader::take(Bytes piece) {
  while (!error_ && !piece.empty()) {
    if (unit_ == Unit::nothing) {
      error_ = fail(Fault::trailing_bytes).error();
      break;
    }
    const auto part = piece.first(std::min(piece.size(), size_ - held_));
    piece = piece.subspan(part.size());
    Bytes whole = part;
    if (part.size() < size_) {  // else it is looked at where it is
      std::memcpy(buffer_.data() + held_, part.data(), part.size());
      held_ += part.size();
      if (held_ < size_) break;
      whole = std::span(buffer_).first(size_);
    }
    held_ = 0;
    if (auto ok = unit(whole); !ok) error_ = ok.error();
    else offset_ += whole.size();
  }
  if (error_) return std::unexpected(*error_);
  return {};
}

Checked Reader::finish() {
  if (!error_ && unit_ != Unit::nothing) {
    error_ = fail(Fault::truncated, held_, size_).error();
    error_->offset = length();
    if (unit_ == Unit::section) error_->section = "next section";
  }
  if (error_) return std::unexpected(*error_);
  return {};
}

Checked Reader::unit(Bytes bytes) {
  if (unit_ == Unit::end) return end(bytes);
  digest_.add(bytes);
  const auto simple = [&](const auto& value, auto deliver) -> Checked {
    if (auto ok = check(value, offset_); !ok) return ok;
    if (auto ok = stop_unless((handler_.*deliver)(value)); !ok) return ok;
    expect(Unit::section, sizeof(Section));
    return {};
  };
  if (unit_ != Unit::header && unit_ != Unit::section) remaining_ -= bytes.size();
  switch (unit_) {
    case Unit::header: {
      const auto header = as<Header>(bytes);
      minor_ = header.version_minor;
      return simple(header, &Handler::header);
    }
    case Unit::section: return section(as<Section>(bytes));
    case Unit::me: return me(as<Me>(bytes));
    case Unit::vcpu: return simple(as<Vcpu>(bytes), &Handler::vcpu);
    case Unit::shared_page:
      expect(Unit::section, sizeof(Section));
      return stop_unless(handler_.shared_page(bytes.first<abi::page_size>()));
    case Unit::event: return event(as<Event>(bytes));
    case Unit::grant: return grant(as<Grant>(bytes));
    case Unit::entry: return entry(as<StoreEntry>(bytes));
    case Unit::text: return text(bytes);
    case Unit::page: return page(bytes);
    case Unit::end:
    case Unit::nothing: break;
  }
  std::unreachable();
}

Checked Reader::section(const Section& section) {
  // 1.0 did not know the store.
  if (section.type == 0 || section.type > number(SectionType::end) ||
      (minor_ == 0 && section.type == number(SectionType::store))) {
    return fail(Fault::unknown_section, section.type, number(SectionType::end));
  }
  const auto before = last_;
  const auto next_due = number(SectionType::shared_page) > before ? before + 1 : 0;  // these three are always there
  if (next_due != 0 && section.type > next_due) {
    last_ = next_due;
    return fail(Fault::missing_section);
  }
  last_ = section.type;
  if (section.type < before || (section.type == before && section.type != number(SectionType::pages))) {
    return fail(Fault::misplaced);
  }
  if (section.reserved != 0) {
    return std::unexpected(Error{Fault::not_zero, name(SectionType{last_}), "reserved",
                                 offset_ + offsetof(Section, reserved), section.reserved, 0});
  }
  remaining_ = section.length;
  return begin(SectionType{section.type}, section.length);
}

Checked Reader::begin(SectionType type, std::uint64_t length) {
  const auto one = [&](Unit unit, std::size_t size) -> Checked {
    if (length != size) return fail(Fault::section_length, length, size);
    expect(unit, size);
    return {};
  };
  const auto many = [&](Unit unit, std::size_t size, std::uint64_t most) -> Checked {
    if (length % size != 0) return fail(Fault::not_entries, length, size);
    if (length / size > most) return fail(Fault::too_many, length / size, most);
    expect(length == 0 ? Unit::section : unit, length == 0 ? sizeof(Section) : size);
    return {};
  };
  switch (type) {
    case SectionType::me: return one(Unit::me, sizeof(Me));
    case SectionType::vcpu: return one(Unit::vcpu, sizeof(Vcpu));
    case SectionType::shared_page: return one(Unit::shared_page, abi::page_size);
    case SectionType::events: return many(Unit::event, sizeof(Event), abi::events_me);
    case SectionType::grants: return many(Unit::grant, sizeof(Grant), grants_max);
    case SectionType::store:
      if (length % 8 != 0) return fail(Fault::not_entries, length, 8);
      expect(length == 0 ? Unit::section : Unit::entry, length == 0 ? sizeof(Section) : sizeof(StoreEntry));
      return {};
    case SectionType::pages:
      if (length == 0) return fail(Fault::empty_section);
      return many(Unit::page, sizeof(Page), announced_ - came_);
    case SectionType::end: return one(Unit::end, sizeof(End));
  }
  std::unreachable();
}

Checked Reader::me(const Me& me) {
  if (auto ok = check(me, offset_); !ok) return ok;
  const auto words = (me.ram_size / abi::page_size + 63) / 64;
  pages_.reset(new (std::nothrow) std::uint64_t[words]());
  if (!pages_) return fail(Fault::no_memory, words * sizeof(std::uint64_t), me.ram_size);
  ram_size_ = me.ram_size;
  announced_ = me.pages;
  expect(Unit::section, sizeof(Section));
  return stop_unless(handler_.me(me));
}

Checked Reader::event(const Event& event) {
  if (auto ok = check(event, offset_); !ok) return ok;
  if (ports_[event.port]) {
    return std::unexpected(Error{Fault::repeated, name(SectionType::events), "port", offset_, event.port, 0});
  }
  ports_[event.port] = true;
  if (remaining_ == 0) expect(Unit::section, sizeof(Section));
  return stop_unless(handler_.event(event));
}

Checked Reader::grant(const Grant& grant) {
  if (auto ok = check(grant, offset_, ram_size_); !ok) return ok;
  if (references_[grant.reference]) {
    return std::unexpected(Error{Fault::repeated, name(SectionType::grants), "reference",
                                 offset_ + offsetof(Grant, reference), grant.reference, 0});
  }
  references_[grant.reference] = true;
  if (remaining_ == 0) expect(Unit::section, sizeof(Section));
  return stop_unless(handler_.grant(grant));
}

Checked Reader::entry(const StoreEntry& entry) {
  if (auto ok = check(entry, offset_); !ok) return ok;
  if (++entries_ > store_entries_max) return fail(Fault::too_many, entries_, store_entries_max);
  const auto size = padded(std::uint64_t{entry.path_length} + entry.value_length);
  if (size > remaining_) return fail(Fault::section_length, remaining_, size);
  entry_ = entry;
  expect(Unit::text, size);
  return {};
}

Checked Reader::text(Bytes bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto path = all.substr(0, entry_.path_length);
  if (auto ok = check_path(path, offset_); !ok) return ok;
  const auto used = path.size() + entry_.value_length;
  for (std::size_t i = used; i < all.size(); ++i) {
    if (all[i] == '\0') continue;
    const auto found = static_cast<unsigned char>(all[i]);
    return std::unexpected(Error{Fault::not_zero, name(SectionType::store), "padding", offset_ + i, found, 0});
  }
  if (remaining_ == 0) expect(Unit::section, sizeof(Section));
  else expect(Unit::entry, sizeof(StoreEntry));
  return stop_unless(handler_.store(path, all.substr(path.size(), entry_.value_length)));
}

Checked Reader::page(Bytes bytes) {
  const auto ipa = as<std::uint64_t>(bytes);
  if (auto ok = check_page(ipa, offset_, ram_size_); !ok) return ok;
  const auto index = (ipa - abi::ram_ipa) / abi::page_size;
  const auto bit = std::uint64_t{1} << index % 64;
  if ((pages_[index / 64] & bit) != 0) {
    return std::unexpected(Error{Fault::repeated, name(SectionType::pages), "ipa", offset_, ipa, 0});
  }
  pages_[index / 64] |= bit;
  ++came_;
  if (remaining_ == 0) expect(Unit::section, sizeof(Section));
  return stop_unless(handler_.page(ipa, bytes.subspan(sizeof ipa).first<abi::page_size>()));
}

Checked Reader::end(Bytes bytes) {
  const auto end = as<End>(bytes);
  digest_.add(bytes.first(offsetof(End, digest)));
  if (end.length != offset_ + sizeof end) return fail(Fault::length, end.length, offset_ + sizeof end);
  if (came_ != announced_) return fail(Fault::page_count, came_, announced_);
  if (end.pages != came_) return fail(Fault::page_count, came_, end.pages);
  if (!std::ranges::equal(digest_.value(), std::as_bytes(std::span(end.digest)))) {
    auto error = fail(Fault::digest);
    error.error().offset += offsetof(End, digest);
    return error;
  }
  expect(Unit::nothing, 0);
  return {};
}

}  // namespace snapshot
