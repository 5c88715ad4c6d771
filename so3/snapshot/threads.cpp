#include "so3/snapshot/threads.hpp"

#include <algorithm>
#include <array>

namespace snapshot {
namespace {

template <typename T>
bool read(const Memory& memory, std::uint64_t address, T& to) {
  return memory.read(address, std::as_writable_bytes(std::span(&to, 1)));
}

}  // namespace

Threads read_threads(const Memory& memory, std::uint64_t directory) {
  Threads found;
  const auto stop = [&](std::string_view why, std::uint64_t where) {
    found.trouble = why;
    found.where = where;
    return found;
  };
  abi::ThreadDirectory head;
  if (!read(memory, directory, head)) return stop("the thread directory is not in memory", directory);
  if (head.magic != abi::thread_directory_magic) return stop("there is no thread directory", directory);
  if (head.version != 1) return stop("the thread directory has another version", directory);
  for (auto at = head.first; at != 0;) {
    if (found.records.size() == abi::threads_max) return stop("the list of threads does not end", at);
    abi::ThreadRecord record;
    if (!read(memory, at, record)) return stop("a thread is not in memory", at);
    if (std::ranges::find(record.name, '\0') == std::end(record.name) ||
        record.state > static_cast<std::uint32_t>(abi::ThreadState::ended)) {
      return stop("a thread is damaged", at);
    }
    found.records.push_back(record);
    at = record.next;
  }
  if (found.records.size() != head.count)
    return stop("the list of threads has another length than announced", directory);
  return found;
}

std::string_view name(abi::ThreadState state) {
  constexpr std::array<std::string_view, 5> names = {"ready", "running", "waiting", "sleeping", "ended"};
  const auto i = static_cast<std::uint32_t>(state);
  return i < names.size() ? names[i] : "?";
}

}  // namespace snapshot
