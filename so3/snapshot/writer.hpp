// Writes a snapshot as a stream. docs/snapshot-format.md has it byte by byte.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "so3/abi/layout.hpp"
#include "so3/abi/snapshot.hpp"
#include "so3/snapshot/digest.hpp"

namespace snapshot {

using PageBytes = std::span<const std::byte, abi::page_size>;

struct StoreItem {
  std::string_view path;  // with "@" in place of the slot
  std::string_view value;
};

class Sink {
 public:
  // The next bytes of the stream, at most a page at once. They are gone when it returns.
  virtual void put(Bytes bytes) = 0;

 protected:
  ~Sink() = default;
};

// Calls come in the order in which they stand here. What comes in another order, or not as announced, is lost, and the
// stream gets no end: nobody will take it for a snapshot.
class Writer {
 public:
  explicit Writer(Sink& sink) : sink_{sink} {}

  // Magic, version, machine and page size are filled in.
  void header(abi::snapshot::Header header);
  void me(const abi::snapshot::Me& me);  // `pages` says how many will come
  void vcpu(const abi::snapshot::Vcpu& vcpu);
  void shared_page(PageBytes bytes);
  void events(std::span<const abi::snapshot::Event> events);
  void grants(std::span<const abi::snapshot::Grant> grants);
  void store(std::span<const StoreItem> items);
  void pages(std::uint64_t count);  // so many page() follow; may come again
  void page(std::uint64_t ipa, PageBytes bytes);
  [[nodiscard]] bool end();

  std::uint64_t length() const { return length_; }  // of the stream so far

 private:
  bool section(abi::snapshot::SectionType type, std::uint64_t length);
  void put(Bytes bytes);

  Sink& sink_;
  Digest digest_;
  std::uint64_t length_ = 0;
  std::uint64_t announced_ = 0, written_ = 0;  // pages: of the ME, of those so far
  std::uint64_t due_ = 0;                      // pages of the section
  std::uint32_t last_ = 0;                     // type of the section
  bool good_ = true;
};

}  // namespace snapshot
