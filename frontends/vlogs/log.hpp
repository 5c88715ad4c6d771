// Where the lines of this ME go: into the ring, aside until they can, or to the console when there is no device.
#pragma once
#include <atomic>
#include <cstdint>
#include <string_view>

#include "frontends/vlogs/backlog.hpp"
#include "frontends/vlogs/protocol.hpp"
#include "frontends/vlogs/record_writer.hpp"
#include "so3/kernel/include/so3/mutex.hpp"
#include "so3/kernel/include/so3/semaphore.hpp"

namespace vlogs {

class Log {
 public:
  constexpr Log() = default;

  // Any context; waits for the reader only in a thread. False: something of it was lost (and counted).
  bool write(std::uint8_t level, std::string_view message);
  // A message that could not be formatted, for want of memory. Any context.
  void count_lost();

  // There is a device, so lines wait for it; without one they go to the console.
  void attach() { attached_ = true; }
  // There is none any more.
  void detach();

  // The ring is connected: `signal(context)` tells the backend that there is something to read.
  void open(RecordWriter& writer, void (*signal)(void*), void* context);
  // On return nobody touches the writer.
  void close();
  bool is_open() const { return open_; }

  // The backend has made room. Interrupt context.
  void signalled();
  // What is still here when the ME ends before its device was connected: to the console. Any context but interrupts.
  void last_words();

  // The flushing thread's work: waits until something was put aside while the ring is open, and moves it on.
  void flush_next();

 private:
  bool write_line(std::uint8_t level, std::string_view line);
  bool set_aside(std::uint8_t level, std::string_view line);
  Backlog& filling() { return backlogs_[second_fills_]; }
  Backlog& emptying() { return backlogs_[!second_fills_]; }
  bool console_only() const;
  void empty_to_console();
  // With lock_ held; false: closed meanwhile, or broken.
  bool flush();
  bool put(std::uint8_t level, std::string_view line);
  void break_off();

  so3::Mutex lock_;  // the ring, and the backlog being emptied
  RecordWriter* writer_ = nullptr;
  void (*signal_)(void*) = nullptr;
  void* context_ = nullptr;
  Prefix prefix_;
  std::atomic<bool> open_ = false;
  std::atomic<bool> attached_ = false;
  std::atomic<bool> wants_space_ = false;
  std::atomic<bool> flush_wanted_ = false;
  so3::Semaphore space_, flusher_;
  // One is filled, in any context with interrupts off, while the other is emptied by whoever holds lock_.
  Backlog backlogs_[2];
  bool second_fills_ = false;
};

Log& log_of_this_me();

}  // namespace vlogs
