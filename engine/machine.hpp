// QEMU and the link to its agency, served by one thread. The engine room of SmartObject.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/host/process.hpp"
#include "engine/host/window.hpp"
#include "engine/line_splitter.hpp"
#include "engine/link/message.hpp"
#include "engine/logs/log_writer.hpp"
#include "engine/options.hpp"
#include "engine/qemu.hpp"
#include "engine/subscription.hpp"
#include "engine/tail.hpp"

namespace engine {

class Machine {
 public:
  using Clock = std::chrono::steady_clock;

  Machine(Options options, Qemu qemu, std::unique_ptr<Window> window, std::unique_ptr<LogSink> sink);
  ~Machine();

  // Starts QEMU, waits until the agency is ready.
  [[nodiscard]] Result<> boot();

  // One request and its reply, awaited for `patience` (call_deadline if not said);
  // an error status of the agency becomes an Error with its text. `region` is held until the reply has come, even
  // when this returns earlier because nobody answered.
  [[nodiscard]] Result<link::Reply> call(abi::link::Type type, std::span<const std::uint8_t> payload,
                                         std::string_view what, std::optional<std::chrono::milliseconds> patience = {},
                                         std::shared_ptr<Window::Region> region = {});

  // QEMU is going to end because its owner wants it to.
  void expect_end() { end_expected_ = true; }
  [[nodiscard]] bool wait_for_end(Clock::time_point deadline);
  void kill();

  Window& window() { return *window_; }
  Publisher& publisher() { return publisher_; }
  LogWriter& logs() { return logs_; }
  const Options& options() const { return options_; }
  const Ready& ready() const { return ready_; }
  int qemu_pid() const { return qemu_pid_; }
  std::vector<std::string> console_tail() const;

 private:
  using Socket = boost::asio::local::stream_protocol::socket;
  using Stream = boost::asio::posix::stream_descriptor;

  struct Pending {
    std::promise<Result<link::Reply>> promise;
    std::shared_ptr<Window::Region> region;
  };

  // All below runs in the thread.
  void run(std::promise<Result<>> started);
  [[nodiscard]] Result<> spawn();
  void say_hello();
  void send(abi::link::Type type, std::uint32_t id, std::span<const std::uint8_t> payload);
  void write_next();
  void read_control();
  void read_console();
  void read_stderr();
  void watch_process();
  void take(const link::Frame& frame);
  void on_reply(std::uint32_t id, link::Reply reply);
  void on_console_line(std::string line);
  void break_off(std::string why);
  void on_end();

  Options options_;
  Qemu qemu_;
  std::unique_ptr<Window> window_;
  Publisher publisher_;

  boost::asio::io_context io_;
  Socket control_{io_}, console_{io_};
  Stream stderr_{io_}, pidfd_{io_};
  std::optional<Process> process_;
  std::atomic<int> qemu_pid_ = -1;
  link::FrameReader reader_;
  std::deque<link::Bytes> outbox_;
  std::map<std::uint32_t, Pending> pending_;
  std::uint32_t next_id_ = 1;
  std::array<std::uint8_t, 64 * 1024> control_bytes_;
  std::array<char, 4096> console_bytes_, stderr_bytes_;
  LineSplitter console_lines_;
  std::string broken_rule_;

  mutable std::mutex mutex_;  // of what follows
  Tail console_tail_{200}, stderr_tail_{10};
  std::optional<Error> ended_;
  std::promise<Result<Ready>> ready_promise_;
  bool ready_told_ = false;

  Ready ready_{};
  std::atomic<bool> end_expected_ = false;
  std::promise<void> end_promise_;
  std::shared_future<void> end_ = end_promise_.get_future().share();
  std::thread thread_;
  LogWriter logs_;  // last: its thread uses the rest
};

}  // namespace engine
