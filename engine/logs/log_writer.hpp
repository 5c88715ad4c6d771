// Takes log lines from the link and sees them into the sink, in a thread of its own: a slow or full disk holds
// up the writers of log lines (through the credit), never the link.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/logs/log_sink.hpp"

namespace engine {

class LogWriter {
 public:
  // What the agency may send before it hears that the engine took some.
  static constexpr std::uint64_t credit = 1 << 20;

  struct Hooks {
    std::function<void(std::uint64_t bytes)> taken;   // give this much credit back
    std::function<void(std::string)> notice;          // trouble, and its end, in words
  };

  LogWriter(std::unique_ptr<LogSink> sink, Hooks hooks);
  ~LogWriter();  // tries once more to write what waits

  // Never blocks. Lines beyond the credit are dropped and counted: a "n lines lost" line stands in their place.
  void push(std::uint32_t slot, std::string text);

  // Returns when all that was pushed so far is written or cannot be written now.
  void flush();

  // Why nothing is being written at present; empty when all is well.
  std::string trouble();

 private:
  struct Entry {
    std::uint32_t slot;
    std::string text;
    std::size_t charged;  // bytes of credit; 0 for lines of our own
  };

  void queue(Entry entry);
  static Entry lost_lines(std::uint32_t slot, std::uint64_t lines);
  void run();
  bool write_front(std::unique_lock<std::mutex>& lock);

  std::unique_ptr<LogSink> sink_;
  Hooks hooks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> queue_;
  std::uint64_t queued_ = 0, written_ = 0;  // entries, ever
  std::size_t queued_bytes_ = 0;
  std::map<std::uint32_t, std::uint64_t> lost_;  // lines by slot
  std::size_t written_of_front_ = 0;
  std::string trouble_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace engine
