#include "engine/machine.hpp"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <fstream>

#include "engine/coverage_streams.hpp"
#include "so3/abi/version.hpp"

namespace engine {
namespace {

namespace asio = boost::asio;
using abi::link::Type;
using boost::system::error_code;

// The same at every start of this smart object on this computer, never 0 (FNV-1a of machine id and name).
std::uint64_t agency_uid(std::string_view name) {
  std::string id;
  std::getline(std::ifstream("/etc/machine-id"), id);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : id + '/' + std::string(name)) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return hash == 0 ? 1 : hash;
}

struct SocketPair {
  FileDescriptor ours, theirs;
};

Result<SocketPair> socket_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return fail(Errc::no_room, fmt::format("socketpair: {}", std::strerror(errno)),
                "raise the limit of open files (ulimit -n)");
  return SocketPair{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

}  // namespace

Machine::Machine(Options options, Qemu qemu, std::unique_ptr<Window> window, std::unique_ptr<LogSink> sink)
    : options_{std::move(options)},
      qemu_{std::move(qemu)},
      window_{std::move(window)},
      logs_{std::move(sink),
            {.taken =
                 [this](std::uint64_t bytes) {
                   asio::post(io_,
                              [this, bytes] { send(Type::log_credit, 0, link::bytes_of(abi::link::Credit{bytes})); });
                 },
             .notice = [this](std::string text) { publisher_.publish(Notice{std::move(text)}); }}} {}

Machine::~Machine() {
  expect_end();
  if (thread_.joinable()) {
    kill();
    thread_.join();
  }
}

Result<> Machine::boot() {
  std::promise<Result<>> started;
  auto start_result = started.get_future();
  auto ready = ready_promise_.get_future();
  thread_ = std::thread([this, p = std::move(started)]() mutable { run(std::move(p)); });
  if (auto spawned = start_result.get(); !spawned) return spawned;
  if (ready.wait_for(options_.boot_deadline) != std::future_status::ready)
    return fail(Errc::timed_out,
                fmt::format("smart object {}: the agency was not ready after {} s{}", options_.name,
                            options_.boot_deadline.count(),
                            [&] {
                              const std::lock_guard lock(mutex_);
                              return console_tail_.lines().empty()
                                         ? ", and avz said nothing"
                                         : ". Last lines of its console:" + console_tail_.text();
                            }()),
                "if this computer is very busy, try again; otherwise ./me build and try again");
  auto result = ready.get();
  if (!result) return std::unexpected(result.error());
  ready_ = *result;
  return {};
}

Result<link::Reply> Machine::call(Type type, std::span<const std::uint8_t> payload, std::string_view what,
                                  std::optional<std::chrono::milliseconds> patience,
                                  std::shared_ptr<Window::Region> region) {
  std::promise<Result<link::Reply>> promise;
  auto future = promise.get_future();
  {
    // Under the lock: what is posted before the end is answered by it (run), after it nothing is posted.
    const std::lock_guard lock(mutex_);
    if (ended_) return std::unexpected(*ended_);
    asio::post(io_, [this, type, bytes = link::Bytes(payload.begin(), payload.end()), p = std::move(promise),
                     r = std::move(region)]() mutable {
      if (ended_) return p.set_value(std::unexpected(*ended_));
      const auto id = next_id_++;
      if (next_id_ == 0) next_id_ = 1;
      pending_.insert_or_assign(id, Pending{std::move(p), std::move(r)});
      send(type, id, bytes);
    });
  }
  if (future.wait_for(patience.value_or(options_.call_deadline)) != std::future_status::ready)
    return fail(Errc::timed_out, fmt::format("{}: smart object {} has not answered in time", what, options_.name),
                "look at its console (me console), or end it (me down)");
  auto reply = future.get();
  if (!reply || reply->status == abi::Status::ok) return reply;
  const auto text = reply->text();
  return fail(errc_from(reply->status), fmt::format("{}: {}", what, text.empty() ? abi::name(reply->status) : text));
}

bool Machine::wait_for_end(Clock::time_point deadline) {
  return end_.wait_until(deadline) == std::future_status::ready;
}

void Machine::kill() {
  asio::post(io_, [this] {
    if (process_) process_->kill();
  });
}

std::vector<std::string> Machine::console_tail() const {
  const std::lock_guard lock(mutex_);
  return {console_tail_.lines().begin(), console_tail_.lines().end()};
}

// ---- in the thread

void Machine::run(std::promise<Result<>> started) {
  auto spawned = spawn();
  const bool up = spawned.has_value();
  if (!up) {
    const std::lock_guard lock(mutex_);
    ended_ = spawned.error();
  }
  started.set_value(std::move(spawned));
  if (up) {
    say_hello();
    read_control();
    read_console();
    read_stderr();
    watch_process();
    io_.run();
    io_.restart();
    io_.poll();  // requests that were posted while it ended
  }
  end_promise_.set_value();
}

Result<> Machine::spawn() {
  auto control = socket_pair();
  auto console = socket_pair();
  if (!control) return std::unexpected(control.error());
  if (!console) return std::unexpected(console.error());
  int errors[2];
  if (::pipe2(errors, O_CLOEXEC) != 0) return fail(Errc::no_room, fmt::format("pipe: {}", std::strerror(errno)));
  FileDescriptor errors_read(errors[0]), errors_write(errors[1]);
  const Inherit inherit[] = {{errors_write.get(), STDOUT_FILENO},
                             {errors_write.get(), STDERR_FILENO},
                             {control->theirs.get(), qemu_control_fd},
                             {console->theirs.get(), qemu_console_fd},
                             {window_->fd(), qemu_window_fd}};
  auto process = Process::start(qemu_command(options_, qemu_), inherit);
  if (!process) return std::unexpected(process.error());
  process_.emplace(std::move(*process));
  qemu_pid_ = process_->pid();
  error_code error;
  control_.assign(asio::local::stream_protocol(), control->ours.release(), error);
  console_.assign(asio::local::stream_protocol(), console->ours.release(), error);
  stderr_.assign(errors_read.release(), error);
  pidfd_.assign(::dup(process_->pidfd()), error);
  return {};
}

void Machine::say_hello() {
  abi::link::Hello hello{};
  hello.abi_version = abi::version;
  hello.agency_uid = agency_uid(options_.name);
  std::memcpy(hello.name, options_.name.data(), std::min(options_.name.size(), sizeof hello.name - 1));
  hello.wall_clock_ns = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
  if (::getrandom(hello.entropy, sizeof hello.entropy, 0) != sizeof hello.entropy ||
      ::getrandom(&hello.boot_id, sizeof hello.boot_id, 0) != sizeof hello.boot_id)
    return break_off("this computer gives no entropy");
  send(Type::hello, 0, link::bytes_of(hello));
}

void Machine::send(Type type, std::uint32_t id, std::span<const std::uint8_t> payload) {
  outbox_.push_back(link::encode(type, id, payload));
  if (outbox_.size() == 1) write_next();
}

void Machine::write_next() {
  asio::async_write(control_, asio::buffer(outbox_.front()), [this](error_code error, std::size_t) {
    if (error) return;  // QEMU is gone or going: its end is told by pidfd
    outbox_.pop_front();
    if (!outbox_.empty()) write_next();
  });
}

void Machine::read_control() {
  control_.async_read_some(asio::buffer(control_bytes_), [this](error_code error, std::size_t n) {
    if (error) return;
    reader_.feed(std::span(control_bytes_).first(n));
    while (broken_rule_.empty()) {
      auto frame = reader_.next();
      if (!frame) return break_off(frame.error().message);
      if (!*frame) break;
      take(**frame);
    }
    if (broken_rule_.empty()) read_control();
  });
}

void Machine::take(const link::Frame& frame) {
  auto message = link::parse(frame);
  if (!message) return break_off(message.error().message);
  if (!ready_told_ && !std::holds_alternative<Ready>(*message) && !std::holds_alternative<link::Reply>(*message))
    return break_off("something else came before ready");
  if (auto* ready = std::get_if<Ready>(&*message)) {
    if (std::exchange(ready_told_, true)) return break_off("a second ready");
    publisher_.publish(*ready);
    ready_promise_.set_value(*ready);
    send(Type::log_credit, 0, link::bytes_of(abi::link::Credit{LogWriter::credit}));
  } else if (auto* reply = std::get_if<link::Reply>(&*message)) {
    on_reply(frame.id, std::move(*reply));
  } else if (auto* log = std::get_if<LogLines>(&*message)) {
    logs_.push(log->slot, log->text);  // before it is told: who hears of a line finds it in its file after flush()
    publisher_.publish(*log);
  } else if (auto* state = std::get_if<StateChanged>(&*message)) {
    publisher_.publish(*state);
  } else if (auto* callback = std::get_if<CallbackRan>(&*message)) {
    publisher_.publish(*callback);
  }
}

void Machine::on_reply(std::uint32_t id, link::Reply reply) {
  if (id == 0) {  // to hello or a credit: nobody waits, but a refusal must not pass in silence
    if (reply.status != abi::Status::ok)
      break_off(fmt::format("the agency refused: {} {}", abi::name(reply.status), reply.text()));
    return;
  }
  auto pending = pending_.extract(id);
  if (!pending) return break_off(fmt::format("a reply to request {}, which was not made", id));
  pending.mapped().promise.set_value(std::move(reply));
}

void Machine::read_console() {
  console_.async_read_some(asio::buffer(console_bytes_), [this](error_code error, std::size_t n) {
    if (error) return;
    console_lines_.feed({console_bytes_.data(), n}, [this](std::string line) { on_console_line(std::move(line)); });
    read_console();
  });
}

void Machine::on_console_line(std::string line) {
  if (CoverageStreams(options_.coverage_folder, qemu_pid_).take(line)) return;
  publisher_.publish(ConsoleLine{line});
  const std::lock_guard lock(mutex_);
  console_tail_.push(std::move(line));
}

void Machine::read_stderr() {
  stderr_.async_read_some(asio::buffer(stderr_bytes_), [this](error_code error, std::size_t n) {
    if (error) return;
    const std::lock_guard lock(mutex_);
    LineSplitter lines;
    lines.feed({stderr_bytes_.data(), n}, [this](std::string line) { stderr_tail_.push(std::move(line)); });
    if (auto rest = lines.take_rest(); !rest.empty()) stderr_tail_.push(std::move(rest));
    read_stderr();
  });
}

void Machine::watch_process() {
  pidfd_.async_wait(Stream::wait_read, [this](error_code) { on_end(); });
}

// The agency, or who took it over, does not keep to the protocol: nothing more of it is believed.
void Machine::break_off(std::string why) {
  if (broken_rule_.empty()) broken_rule_ = std::move(why);
  if (process_) process_->kill();
}

void Machine::on_end() {
  // What it said last is still in the sockets.
  error_code error;
  const auto drain = [&error](auto& from, auto& buffer, auto take) {
    from.cancel(error);
    from.non_blocking(true, error);
    for (std::size_t n; (n = from.read_some(asio::buffer(buffer), error)) > 0 && !error;)
      take(std::span(buffer).first(n));
  };
  drain(console_, console_bytes_, [this](std::span<char> text) {
    console_lines_.feed({text.data(), text.size()}, [this](std::string line) { on_console_line(std::move(line)); });
  });
  if (auto rest = console_lines_.take_rest(); !rest.empty()) on_console_line(std::move(rest));
  if (broken_rule_.empty()) {
    drain(control_, control_bytes_, [this](std::span<std::uint8_t> bytes) { reader_.feed(bytes); });
    for (auto frame = reader_.next(); frame && *frame && broken_rule_.empty(); frame = reader_.next()) take(**frame);
  }
  drain(stderr_, stderr_bytes_, [this](std::span<char> text) {
    const std::lock_guard lock(mutex_);
    LineSplitter lines;
    lines.feed({text.data(), text.size()}, [this](std::string line) { stderr_tail_.push(std::move(line)); });
    if (auto rest = lines.take_rest(); !rest.empty()) stderr_tail_.push(std::move(rest));
  });

  const auto how = process_->reap();
  Error reason{Errc::died, {}, {}};
  {
    const std::lock_guard lock(mutex_);
    if (end_expected_) {
      reason.message = fmt::format("smart object {} was ended", options_.name);
      reason.code = Errc::not_up;
    } else if (!broken_rule_.empty()) {
      reason.message =
          fmt::format("smart object {} was ended: its agency broke the link protocol: {}", options_.name, broken_rule_);
    } else {
      reason.message = fmt::format("smart object {} died: QEMU {}", options_.name, how);
      if (!stderr_tail_.lines().empty()) reason.message += "\nQEMU said:" + stderr_tail_.text();
    }
    if (!end_expected_) {
      Tail last(8);
      for (const auto& line : console_tail_.lines()) last.push(line);
      if (!last.lines().empty()) reason.message += "\nlast lines of its console:" + last.text();
      reason.remedy = "start it anew: me up " + options_.name;
    }
    ended_ = reason;
  }
  if (!std::exchange(ready_told_, true)) ready_promise_.set_value(std::unexpected(reason));
  for (auto& [id, pending] : std::exchange(pending_, {})) pending.promise.set_value(std::unexpected(reason));
  publisher_.publish(Ended{end_expected_, reason});
  for (auto* socket : {&control_, &console_}) socket->close(error);
  stderr_.close(error);
  pidfd_.close(error);
  io_.stop();
}

}  // namespace engine
