// Reads a snapshot as a stream in pieces of any size, and hands out what it has checked.
//
// All of it is hostile: nothing leaves the reader before it is what docs/snapshot-format.md says. Only at the end is it
// known that no bit was damaged: until finish() says so, a receiver keeps what it got apart, and drops it on an error.
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "so3/abi/shared_page.hpp"
#include "so3/abi/snapshot.hpp"
#include "so3/snapshot/check.hpp"
#include "so3/snapshot/writer.hpp"

namespace snapshot {

// Called in the order of the stream. What is passed is gone when the call returns. False: the receiver takes no more.
class Handler {
 public:
  [[nodiscard]] virtual bool header(const abi::snapshot::Header&) { return true; }
  [[nodiscard]] virtual bool me(const abi::snapshot::Me&) { return true; }
  [[nodiscard]] virtual bool vcpu(const abi::snapshot::Vcpu&) { return true; }
  // The ME's own word: it may write all of it.
  [[nodiscard]] virtual bool shared_page(PageBytes) { return true; }
  [[nodiscard]] virtual bool event(const abi::snapshot::Event&) { return true; }
  [[nodiscard]] virtual bool grant(const abi::snapshot::Grant&) { return true; }
  // A path of vbstore in the ME's own parts, any bytes as value.
  [[nodiscard]] virtual bool store(std::string_view path, std::string_view value) {
    return static_cast<void>(path), static_cast<void>(value), true;
  }
  // In RAM, each page once.
  [[nodiscard]] virtual bool page(std::uint64_t ipa, PageBytes bytes) {
    return static_cast<void>(ipa), static_cast<void>(bytes), true;
  }

 protected:
  ~Handler() = default;
};

// About 6 KB, and a bit for each page of the ME's RAM.
class Reader {
 public:
  explicit Reader(Handler& handler) : handler_{handler} {}

  // After an error, the same again.
  [[nodiscard]] Checked take(Bytes piece);
  // The end has come, and with it the right digest.
  bool complete() const { return !error_ && unit_ == Unit::nothing; }
  // Nothing more will come: was that a snapshot?
  [[nodiscard]] Checked finish();

  std::uint64_t length() const { return offset_ + held_; }  // of what was taken

 private:
  enum class Unit : std::uint8_t {
    header,
    section,
    me,
    vcpu,
    shared_page,
    event,
    grant,
    entry,
    text,
    page,
    end,
    nothing
  };

  Checked unit(Bytes bytes);
  Checked section(const abi::snapshot::Section& section);
  Checked begin(abi::snapshot::SectionType type, std::uint64_t length);
  Checked me(const abi::snapshot::Me& me);
  Checked event(const abi::snapshot::Event& event);
  Checked grant(const abi::snapshot::Grant& grant);
  Checked entry(const abi::snapshot::StoreEntry& entry);
  Checked text(Bytes bytes);
  Checked page(Bytes bytes);
  Checked end(Bytes bytes);

  void expect(Unit unit, std::size_t size);
  Checked stop_unless(bool taken) const;
  std::unexpected<Error> fail(Fault fault, std::uint64_t found = 0, std::uint64_t limit = 0) const;

  Handler& handler_;
  Digest digest_;
  std::optional<Error> error_;
  Unit unit_ = Unit::header;
  std::size_t size_ = sizeof(abi::snapshot::Header);  // of the unit
  std::size_t held_ = 0;  // of it, in buffer_
  std::uint64_t offset_ = 0;  // where the unit begins
  std::uint16_t minor_ = 0;
  std::uint32_t last_ = 0;  // type of the section
  std::uint64_t remaining_ = 0;  // of the section, from the unit on
  std::uint64_t ram_size_ = 0, announced_ = 0, came_ = 0;  // the last two in pages
  std::uint32_t entries_ = 0;  // of vbstore
  abi::snapshot::StoreEntry entry_{};
  std::bitset<abi::events_me> ports_;
  std::bitset<abi::snapshot::grants_max> references_;
  std::unique_ptr<std::uint64_t[]> pages_;  // bit n: page n of RAM came
  std::array<std::byte, sizeof(abi::snapshot::Page)> buffer_;
};

}  // namespace snapshot
