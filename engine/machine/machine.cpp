#include "engine/machine/machine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

#include "engine/machine/coverage_streams.hpp"
#include "engine/machine/hello.hpp"

namespace engine {

namespace asio = boost::asio;
using abi::link::Type;
using boost::system::error_code;

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
             .notice = [this](std::string text) { publisher_.publish(Notice{std::move(text)}); }}},
      on_interrupt_{options_.interrupt, [this] {
                      asio::post(io_, [this] {
                        interrupted_ = true;
                        if (process_) process_->kill();
                      });
                    }} {}

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
  if (auto launched = start_result.get(); !launched) return launched;
  if (ready.wait_for(options_.boot_deadline) != std::future_status::ready) {
    const auto said = console_lines_.tail();
    return fail(
        Errc::timed_out,
        fmt::format("smart object {}: the agency was not ready after {} s{}", options_.name,
                    options_.boot_deadline.count(),
                    said.lines().empty() ? ", and avz said nothing" : ". Last lines of its console:" + said.text()),
        "if this computer is very busy, try again; otherwise ./me build and try again");
  }
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
      const auto id = requests_.add(
          {[waiting = std::move(p)](Result<link::Reply> reply) mutable { waiting.set_value(std::move(reply)); },
           std::move(r)});
      send(type, id, bytes);
    });
  }
  if (patience == for_ever) future.wait();
  else if (future.wait_for(patience.value_or(options_.call_deadline)) != std::future_status::ready)
    return no_answer(what);
  return granted(future.get(), what);
}

std::unexpected<Error> Machine::no_answer(std::string_view what) const {
  return fail(Errc::timed_out, fmt::format("{}: smart object {} has not answered in time", what, options_.name),
              "look at its console (me console), or end it (me down)");
}

Result<SavedSnapshot> Machine::save(std::uint32_t slot, std::unique_ptr<SnapshotWriter> writer) {
  auto saving = std::make_shared<Saving>(std::move(writer));
  const auto what = fmt::format("snapshot of slot {}", slot);
  auto asked = in_thread<void>(what, [this, slot, what, saving](std::promise<Result<>> promise) {
    auto expected = snapshots_.expect(slot, saving);
    if (expected) {
      const auto id = requests_.add({[this, slot, what](Result<link::Reply> reply) {
                                       auto done = granted(std::move(reply), what);
                                       snapshots_.answered(slot, done ? std::nullopt : std::optional{done.error()});
                                     },
                                     {}});
      send(Type::save, id, link::bytes_of(abi::link::Slot{slot, 0}));
    }
    promise.set_value(std::move(expected));
  });
  if (!asked) return std::unexpected(asked.error());
  return saving->run(options_.call_deadline, [this] { poke_snapshots(); });
}

Result<std::uint32_t> Machine::restore(const std::shared_ptr<Restoring>& restoring) {
  agency::transfer::Id id;
  while (id.instance == 0)
    if (::getentropy(&id.instance, sizeof id.instance) != 0)
      return fail(Errc::environment, fmt::format("no random numbers: {}", std::strerror(errno)));
  auto offered = in_thread<void>("restore", [this, id, restoring](std::promise<Result<>> promise) {
    snapshots_.restore(id, restoring, now());
    await_snapshots();
    promise.set_value({});
  });
  if (!offered) return std::unexpected(offered.error());
  return restoring->run([this] { poke_snapshots(); });
}

Result<link::Reply> Machine::granted(Result<link::Reply> reply, std::string_view what) {
  if (!reply || reply->status == abi::Status::ok) return reply;
  const auto text = reply->text();
  return fail(errc_from(reply->status), fmt::format("{}: {}", what, text.empty() ? abi::name(reply->status) : text));
}

void Machine::poke_snapshots() {
  const std::lock_guard lock(mutex_);
  if (!ended_) asio::post(io_, [this] { look_at_snapshots(); });
}

Result<Neighbour> Machine::link(FileDescriptor socket, bool asked) {
  return in_thread<Neighbour>("link", [this, asked, s = std::make_shared<FileDescriptor>(std::move(socket))](
                                          std::promise<Result<Neighbour>> promise) {
    neighbours_.add(std::move(*s), asked,
                    [p = std::make_shared<std::promise<Result<Neighbour>>>(std::move(promise))](
                        Result<Neighbour> linked) { p->set_value(std::move(linked)); });
  });
}

Result<std::vector<MoveInDoubt>> Machine::moves_in_doubt(std::string_view neighbour) {
  using Moves = std::vector<MoveInDoubt>;
  return in_thread<Moves>("the moves in doubt",
                          [this, name = std::string(neighbour)](std::promise<Result<Moves>> promise) {
                            promise.set_value(doubts_.with(name));
                          });
}

void Machine::expect_link(FileDescriptor socket) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  asio::post(io_, [this, s = std::move(socket)]() mutable { neighbours_.add(std::move(s), false, {}); });
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
  const auto tail = console_lines_.tail();
  return {tail.lines().begin(), tail.lines().end()};
}

// ---- in the thread

void Machine::run(std::promise<Result<>> started) {
  auto launched = launch(options_, qemu_, window_->fd());
  if (launched) {
    qemu_pid_ = launched->process.pid();
    started.set_value({});
    serve(std::move(*launched));
    io_.run();
    io_.restart();
    io_.poll();  // requests that were posted while it ended
  } else {
    {
      const std::lock_guard lock(mutex_);
      ended_ = launched.error();
    }
    started.set_value(std::unexpected(launched.error()));
  }
  end_promise_.set_value();
}

void Machine::serve(Launched launched) {
  error_code error;
  const auto ended = [this] { on_part_ended(); };
  process_ = std::move(launched.process);
  pidfd_.assign(::dup(process_->pidfd()), error);
  pidfd_.async_wait(Stream::wait_read, [this](error_code) {
    control_.finish();
    console_.finish();
    errors_.finish();
    on_part_ended();
  });
  control_.on_drained([this] { neighbours_.go_on(); });
  control_.start(
      std::move(launched.control), [this](const link::Frame& frame) { return take(frame); },
      [this](std::string rule) { break_off(std::move(rule)); }, ended);
  console_.stream().assign(asio::local::stream_protocol(), launched.console.release(), error);
  console_.start(
      [this](std::string_view bytes) {
        console_lines_.feed(bytes, [this](const std::string& line) { return show_console_line(line); });
      },
      ended);
  errors_.stream().assign(launched.errors.release(), error);
  errors_.start([this](std::string_view bytes) { error_lines_.feed(bytes, [](const std::string&) { return true; }); },
                ended);
  const auto hello = make_hello(options_.name);
  if (!hello) return break_off(hello.error().message);
  neighbours_.introduce(*hello);
  send(Type::hello, 0, link::bytes_of(*hello));
}

void Machine::send(Type type, std::uint32_t id, std::span<const std::uint8_t> payload) {
  control_.send(type, id, payload);
}

void Machine::peer_up(const abi::link::PeerUp& peer, neighbours::Neighbours::Answered answered) {
  auto what = fmt::format("{} does not take {} as a neighbour", options_.name, peer.name);
  const auto id = requests_.add({[what = std::move(what), answered = std::move(answered)](Result<link::Reply> reply) {
                                   auto taken = granted(std::move(reply), what);
                                   answered(taken ? Result<>() : std::unexpected(taken.error()));
                                 },
                                 {}});
  send(Type::peer_up, id, link::bytes_of(peer));
}

void Machine::peer_down(const abi::link::PeerDown& peer) {
  if (ended_) return;  // neighbours hear of the end after it
  const auto id = requests_.add({[](const Result<link::Reply>&) {}, {}});  // one that it refused it does not know
  send(Type::peer_down, id, link::bytes_of(peer));
}

void Machine::from_peer(std::uint32_t peer, std::span<const std::uint8_t> message) {
  const abi::link::Peer head{peer, 0};
  link::Bytes payload(sizeof head + message.size());
  std::memcpy(payload.data(), &head, sizeof head);
  if (!message.empty()) std::memcpy(payload.data() + sizeof head, message.data(), message.size());
  send(Type::peer, 0, payload);
}

void Machine::changed(const NeighbourChanged& change) { publisher_.publish(change); }

// ---- snapshots

agency::transfer::Time Machine::now() {
  return static_cast<agency::transfer::Time>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count());
}

void Machine::look_at_snapshots() {
  if (ended_) return;
  snapshots_.look(now());
  await_snapshots();
}

void Machine::await_snapshots() {
  const auto deadline = snapshots_.deadline();
  if (!deadline) {
    snapshot_timer_.cancel();
    return;
  }
  snapshot_timer_.expires_at(Clock::time_point(std::chrono::nanoseconds(*deadline)));
  snapshot_timer_.async_wait([this](error_code error) {
    if (!error) look_at_snapshots();
  });
}

Result<> Machine::take(const link::Frame& frame) {
  auto message = link::parse(frame);
  if (!message) return std::unexpected(message.error());
  if (auto* reply = std::get_if<link::Reply>(&*message)) return take_reply(frame.id, std::move(*reply));
  if (auto* ready = std::get_if<Ready>(&*message)) return take_ready(*ready);
  if (!ready_told_) return fail(Errc::died, "something else came before ready");
  if (auto* log = std::get_if<LogLines>(&*message)) {
    logs_.push(log->slot, log->text);  // before it is told: who hears of a line finds it in its file after flush()
    publisher_.publish(std::move(*log));
  } else if (auto* state = std::get_if<StateChanged>(&*message)) {
    publisher_.publish(*state);
  } else if (auto* callback = std::get_if<CallbackRan>(&*message)) {
    publisher_.publish(*callback);
  } else if (auto* trace = std::get_if<link::TraceRecords>(&*message)) {
    for (const auto& r : trace->records)
      if (r.cpu >= options_.cpus)
        return fail(Errc::died, fmt::format("a trace record of CPU {}, of {}", r.cpu, options_.cpus));
    recorder_.add(trace->records);
  } else if (auto* peer = std::get_if<link::PeerMessage>(&*message)) {
    if (peer->peer == abi::link::peer_engine) {
      snapshots_.message({reinterpret_cast<const char*>(peer->bytes.data()), peer->bytes.size()}, now());
      await_snapshots();
    } else {
      neighbours_.to_peer(peer->peer, peer->bytes);
    }
  } else if (auto* transfer = std::get_if<link::TransferReport>(&*message)) {
    const auto& change = transfer->change;
    if (transfer->peer == abi::link::peer_engine && !change.incoming) {
      snapshots_.told({change.instance_id, change.epoch}, change.slot, now());
      await_snapshots();
    }
    transfer->change.neighbour = neighbours_.name_of(transfer->peer);
    doubts_.follow(transfer->change);
    publisher_.publish(std::move(transfer->change));
  }
  return {};
}

Result<> Machine::take_ready(const Ready& ready) {
  if (std::exchange(ready_told_, true)) return fail(Errc::died, "a second ready");
  publisher_.publish(ready);
  ready_promise_.set_value(ready);
  send(Type::log_credit, 0, link::bytes_of(abi::link::Credit{LogWriter::credit}));
  return {};
}

Result<> Machine::take_reply(std::uint32_t id, link::Reply reply) {
  if (id == 0) {  // to hello or a credit: nobody waits, but a refusal must not pass in silence
    if (reply.status == abi::Status::ok) return {};
    return fail(Errc::died, fmt::format("the agency refused: {} {}", abi::name(reply.status), reply.text()));
  }
  if (requests_.answer(id, std::move(reply))) return {};
  return fail(Errc::died, fmt::format("a reply to request {}, which was not made", id));
}

bool Machine::show_console_line(const std::string& line) {
  if (CoverageStreams(options_.coverage_folder, qemu_pid_).take(line)) return false;
  publisher_.publish(ConsoleLine{line});
  return true;
}

// The agency, or who took it over, does not keep to the protocol: nothing more of it is believed.
void Machine::break_off(std::string why) {
  if (broken_rule_.empty()) broken_rule_ = std::move(why);
  process_->kill();
}

void Machine::on_part_ended() {
  if (--parts_ == 0) on_end();
}

void Machine::on_end() {
  console_lines_.end([this](const std::string& line) { return show_console_line(line); });
  error_lines_.end([](const std::string&) { return true; });
  const auto reason = reason_of_end(process_->reap().text());
  {
    const std::lock_guard lock(mutex_);
    ended_ = reason;
  }
  if (!std::exchange(ready_told_, true)) ready_promise_.set_value(std::unexpected(reason));
  neighbours_.end(reason);  // before the requests for them fail: it is a death, not a refusal
  requests_.fail_all(reason);
  snapshots_.end(reason);
  snapshot_timer_.cancel();
  publisher_.publish(Ended{reason.code != Errc::died, reason});
  error_code error;
  control_.close();
  console_.stream().close(error);
  errors_.stream().close(error);
  pidfd_.close(error);
  io_.stop();
}

Error Machine::reason_of_end(const std::string& how) const {
  if (interrupted_) return {Errc::interrupted, "interrupted", {}};
  if (end_expected_) return {Errc::not_up, fmt::format("smart object {} was ended", options_.name), {}};
  Error reason{Errc::died, {}, "start it anew: me up " + options_.name};
  if (!broken_rule_.empty()) {
    reason.message =
        fmt::format("smart object {} was ended: its agency broke the link protocol: {}", options_.name, broken_rule_);
  } else {
    reason.message = fmt::format("smart object {} died: QEMU {}", options_.name, how);
    if (const auto said = error_lines_.tail(); !said.lines().empty()) reason.message += "\nQEMU said:" + said.text();
  }
  const auto console = console_lines_.tail();
  Tail last(8);
  for (const auto& line : console.lines()) last.push(line);
  if (!last.lines().empty()) reason.message += "\nlast lines of its console:" + last.text();
  return reason;
}

}  // namespace engine
