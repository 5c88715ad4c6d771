// Whole records into the ring, or nothing.
#pragma once
#include <span>
#include <string_view>

#include "frontends/vlogs/protocol.hpp"

namespace vlogs {

class RecordWriter {
 public:
  explicit RecordWriter(Ring& ring) : ring_{ring} {}

  // Both sides empty; the backend must not be looking yet.
  void reset() { ring_.reset(); }

  static constexpr std::uint32_t size(std::string_view prefix, std::string_view line) {
    return static_cast<std::uint32_t>(sizeof(Record) + prefix.size() + line.size());
  }

  // False: no room now, or never again (broken()). prefix and line together are at most line_max.
  [[nodiscard]] bool put(std::uint8_t level, std::string_view prefix, std::string_view line) {
    if (ring_.space() < size(prefix, line)) return false;
    const Record record{static_cast<std::uint16_t>(prefix.size() + line.size()), level, 0};
    write({reinterpret_cast<const char*>(&record), sizeof record});
    write(prefix);
    write(line);
    return true;
  }

  // True: the backend sleeps, signal it.
  [[nodiscard]] bool publish() { return ring_.publish(); }
  // False: there is room for `bytes` already, do not sleep.
  [[nodiscard]] bool prepare_wait(std::uint32_t bytes) { return ring_.prepare_wait(bytes); }
  // The backend wrote an index that cannot be.
  bool broken() const { return ring_.error(); }

 private:
  void write(std::string_view text) { ring_.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}); }
  abi::ByteRingWriter<ring_bytes> ring_;
};

}  // namespace vlogs
