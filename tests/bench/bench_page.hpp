// What the two halves of the benchmark share: a page of the ME's that the agency maps, and one event channel.
// The ME publishes both in vbstore: device/<slot>/bench = "<grant> <port>". The agency writes a command and signals; the
// ME carries it out, writes `done` and signals back.
#pragma once
#include <cstdint>

namespace bench {

enum class Command : std::uint32_t {
  none = 0,
  measure,  // all that the ME measures alone
  log,  // what it measures while the agency serves nobody
  nothing,  // be woken
  spin,  // be busy until another command comes
  write_pages,  // what it measures while a snapshot of it is read
};

struct Page {
  std::uint64_t handler_counter;  // at the first instruction of the ME's event handler
  std::uint32_t command;
  std::uint32_t done;  // the last command carried out
  std::uint32_t spinning;  // it is busy now
};

}  // namespace bench
