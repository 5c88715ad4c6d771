// Where the lines of this ME go: into the ring, aside until they can, or to the console when there is no device.
#pragma once
#include <atomic>
#include <cstdint>
#include <string_view>

#include "frontends/vlogs/backlog.hpp"
#include "frontends/vlogs/protocol.hpp"
#include "frontends/vlogs/record_writer.hpp"
#include "so3/guest/vbus/gate.hpp"
#include "so3/kernel/include/so3/semaphore.hpp"

namespace vlogs {

class Log {
 public:
  constexpr Log() = default;

  // Any context; waits for the reader only in a thread. False: something of it was lost (and counted).
  bool write(std::uint8_t level, std::string_view message);
  // A message that could not be formatted, for want of memory. Any context.
  void count_lost();

  // There is a device, so lines wait for it; without one they go to the console. While its gate is open they go to
  // `writer`; `signal(context)` tells the backend that there is something to read. With the gate not open.
  void attach(RecordWriter& writer, void (*signal)(void*), void* context);
  // There is none any more.
  void detach() { attached_ = false; }
  // Its gate was opened: what was kept aside goes out.
  void opened();

  vbus::Gate& gate() { return gate_; }
  bool is_open() const { return gate_.is_open(); }

  // What is still here when the ME ends before its device was connected: to the console. Any context but interrupts.
  void last_words();

  // The flushing thread's work: waits until something was put aside while the gate is open, and moves it on.
  void flush_next();

 private:
  bool write_line(std::uint8_t level, std::string_view line);
  enum class Kept : std::uint8_t { yes, no, wait };
  Kept set_aside(std::uint8_t level, std::string_view line);
  Backlog& filling() { return backlogs_[second_fills_]; }
  Backlog& emptying() { return backlogs_[!second_fills_]; }
  bool console_only() const;
  static void line_to_console(std::string_view line);
  void empty_to_console();
  // With the gate's lock held; false: it was shut meanwhile.
  bool flush();
  bool put_lost();
  bool put(std::uint8_t level, std::string_view line);
  void break_off();

  vbus::Gate gate_;  // its lock: the ring, and the backlog being emptied
  RecordWriter* writer_ = nullptr;
  void (*signal_)(void*) = nullptr;
  void* context_ = nullptr;
  Prefix prefix_;
  std::atomic<bool> attached_ = false;
  std::atomic<bool> flush_wanted_ = false;
  so3::Semaphore flusher_;
  // One is filled, in any context with interrupts off, while the other is emptied by whoever holds the gate's lock.
  Backlog backlogs_[2];
  bool second_fills_ = false;
};

Log& log_of_this_me();

}  // namespace vlogs
