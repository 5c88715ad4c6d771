// Where log lines of MEs go: to the engine as it gives credit, or to the console while there is no engine.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "so3/agency/link/link.hpp"

namespace agency {

using Console = void (*)(std::string_view text);

class Logs {
 public:
  Logs(Link& link, Console console) : link_{&link}, console_{console} {}

  // Bytes that may be written now; 0: wait until LinkClient::link_log_room().
  std::size_t room();
  // Whole lines, prefix included, '\n' at the end of each; at most room() bytes.
  void write(std::uint32_t slot, std::string_view lines);
  // What nobody can ask for again, for the ME is gone or suspended: kept here until there is room, and before all that
  // comes later. What is too much to keep is counted, and a line tells how much.
  void keep(std::uint32_t slot, std::string lines);
  bool may_keep(std::size_t bytes);
  // Sends what is kept, as far as there is room.
  void flush();
  bool empty() const { return kept_.empty() && lost_.empty(); }

 private:
  struct Kept {
    std::uint32_t slot;
    std::string lines;
  };
  bool flush_one();
  std::size_t room_now();
  Link* link_;
  Console console_;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::map<std::uint32_t, std::uint64_t> lost_;  // lines, by slot
};

}  // namespace agency
