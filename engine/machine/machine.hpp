// QEMU and the link to its agency, served by one thread. The engine room of SmartObject.
#pragma once
#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <future>
#include <stop_token>
#include <thread>

#include "engine/logs/log_writer.hpp"
#include "engine/machine/control.hpp"
#include "engine/machine/launch.hpp"
#include "engine/machine/requests.hpp"
#include "engine/machine/transcript.hpp"
#include "engine/neighbours/doubts.hpp"
#include "engine/neighbours/neighbours.hpp"
#include "engine/snapshot/peer.hpp"
#include "engine/subscription.hpp"
#include "engine/trace/recorder.hpp"

namespace engine {

class Machine final : private neighbours::Neighbours::Agency {
 public:
  using Clock = std::chrono::steady_clock;

  Machine(Options options, Qemu qemu, std::unique_ptr<Window> window, std::unique_ptr<LogSink> sink);
  ~Machine() override;

  // Starts QEMU, waits until the agency is ready.
  [[nodiscard]] Result<> boot();

  // For what has a deadline of its own on the other side, or can have none: until the machine ends.
  static constexpr auto for_ever = std::chrono::milliseconds::max();

  // One request and its reply, awaited for `patience` (call_deadline if not said);
  // an error status of the agency becomes an Error with its text. `region` is held until the reply has come, even
  // when this returns earlier because nobody answered.
  [[nodiscard]] Result<link::Reply> call(abi::link::Type type, std::span<const std::uint8_t> payload,
                                         std::string_view what, std::optional<std::chrono::milliseconds> patience = {},
                                         std::shared_ptr<Window::Region> region = {});

  // What `ask` returns when it is called in the thread, where the neighbours are: later than this returns, if it takes
  // too long, so it has what it needs.
  template <class T>
  [[nodiscard]] Result<T> with_neighbours(std::string_view what,
                                          std::function<Result<T>(neighbours::Neighbours&)> ask) {
    return in_thread<T>(
        what, [this, ask = std::move(ask)](std::promise<Result<T>> promise) { promise.set_value(ask(neighbours_)); });
  }
  // Greets over a connected stream socket; returns when they are linked.
  [[nodiscard]] Result<Neighbour> link(FileDescriptor socket, bool asked);
  void expect_link(FileDescriptor socket);
  [[nodiscard]] Result<std::vector<MoveInDoubt>> moves_in_doubt(std::string_view neighbour);

  // The snapshot goes through `writer`, in the calling thread. Returns when the file is complete, or not made.
  [[nodiscard]] Result<SavedSnapshot> save(std::uint32_t slot, std::unique_ptr<SnapshotWriter> writer);
  // Reads in the calling thread. The slot, when the ME lives.
  [[nodiscard]] Result<std::uint32_t> restore(const std::shared_ptr<Restoring>& restoring);

  // QEMU is going to end because its owner wants it to.
  void expect_end() { end_expected_ = true; }
  [[nodiscard]] bool wait_for_end(Clock::time_point deadline);
  void kill();

  Window& window() { return *window_; }
  Publisher& publisher() { return publisher_; }
  LogWriter& logs() { return logs_; }
  trace::Recorder& recorder() { return recorder_; }
  const Options& options() const { return options_; }
  const Ready& ready() const { return ready_; }
  int qemu_pid() const { return qemu_pid_; }
  std::vector<std::string> console_tail() const;

 private:
  // Runs `work` in the thread and waits for the promise it gets. Fails when the machine has ended, or after
  // call_deadline; `work` may run even then.
  template <class T>
  Result<T> in_thread(std::string_view what, std::move_only_function<void(std::promise<Result<T>>)> work) {
    std::promise<Result<T>> promise;
    auto future = promise.get_future();
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return std::unexpected(*ended_);
      boost::asio::post(io_, [this, w = std::move(work), p = std::move(promise)]() mutable {
        if (ended_) return p.set_value(std::unexpected(*ended_));
        w(std::move(p));
      });
    }
    if (future.wait_for(options_.call_deadline) != std::future_status::ready) return no_answer(what);
    return future.get();
  }

  using Stream = boost::asio::posix::stream_descriptor;

  std::unexpected<Error> no_answer(std::string_view what) const;
  static Result<link::Reply> granted(Result<link::Reply> reply, std::string_view what);
  void poke_snapshots();

  // All below runs in the thread.
  void run(std::promise<Result<>> started);
  void serve(Launched launched);
  void send(abi::link::Type type, std::uint32_t id, std::span<const std::uint8_t> payload);
  void peer_up(const abi::link::PeerUp& peer, neighbours::Neighbours::Answered answered) override;
  void peer_down(const abi::link::PeerDown& peer) override;
  void from_peer(std::uint32_t peer, std::span<const std::uint8_t> message) override;
  bool full() const override { return control_.full(); }
  void changed(const NeighbourChanged& change) override;
  static agency::transfer::Time now();
  void look_at_snapshots();
  void await_snapshots();
  [[nodiscard]] Result<> take(const link::Frame& frame);
  [[nodiscard]] Result<> take_ready(const Ready& ready);
  [[nodiscard]] Result<> take_reply(std::uint32_t id, link::Reply reply);
  bool show_console_line(const std::string& line);
  void break_off(std::string why);
  void on_part_ended();
  void on_end();
  Error reason_of_end(const std::string& how) const;

  Options options_;
  Qemu qemu_;
  std::unique_ptr<Window> window_;
  Publisher publisher_;
  trace::Recorder recorder_;

  boost::asio::io_context io_;
  std::optional<Process> process_;
  std::atomic<int> qemu_pid_ = -1;
  Control control_{io_};
  StreamReader<boost::asio::local::stream_protocol::socket> console_{io_};
  StreamReader<Stream> errors_{io_};
  Stream pidfd_{io_};
  int parts_ = 4;  // the process and its three streams: when all have ended, the machine has
  Transcript console_lines_{200}, error_lines_{10};
  Requests requests_;
  neighbours::Neighbours neighbours_{io_, *this};
  neighbours::Doubts doubts_;
  SnapshotPeer snapshots_{[this](std::string_view message) {
    from_peer(abi::link::peer_engine, {reinterpret_cast<const std::uint8_t*>(message.data()), message.size()});
  }};
  boost::asio::steady_timer snapshot_timer_{io_};
  std::string broken_rule_;
  bool interrupted_ = false;
  std::promise<Result<Ready>> ready_promise_;
  bool ready_told_ = false;

  std::mutex mutex_;
  std::optional<Error> ended_;  // written in the thread, under the mutex

  Ready ready_{};
  std::atomic<bool> end_expected_ = false;
  std::promise<void> end_promise_;
  std::shared_future<void> end_ = end_promise_.get_future().share();
  std::thread thread_;
  LogWriter logs_;  // its thread uses the rest
  std::stop_callback<std::function<void()>> on_interrupt_;
};

}  // namespace engine
