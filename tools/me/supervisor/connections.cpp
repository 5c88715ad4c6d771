#include "tools/me/supervisor/connections.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <system_error>

#include "tools/me/supervisor/recording_lines.hpp"
#include "tools/me/supervisor/requests.hpp"

namespace me {

namespace {
using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds look_up{1};  // how soon an idle follower sees that its client has gone
constexpr std::chrono::seconds last_words{5};  // for a client that does not read
}  // namespace

Connections::Connections(engine::SmartObject& so, Links& links)
    : so_{so}, links_{links}, ended_{::eventfd(0, EFD_CLOEXEC)} {
  watcher_ = std::thread([this, events = so_.subscribe<engine::Ended>()] {
    while (!stopping_)
      if (const auto event = events->next(Clock::now() + look_up))
        if (const auto* ended = std::get_if<engine::Ended>(&*event)) {
          const std::lock_guard lock(mutex_);
          if (!ended->asked_for) died_ = ended->reason;
          (void)::eventfd_write(ended_.get(), 1);
          return;
        }
  });
}

Connections::~Connections() {
  stopping_ = true;
  watcher_.join();
  hang_up();
  reap(true);
}

// No more requests; who still gets an answer, or hears as a follower what came before the end, may take it.
void Connections::hang_up() {
  std::unique_lock lock(mutex_);
  for (auto& c : connections_) ::shutdown(c.channel.fd(), SHUT_RD);
  done_.wait_for(lock, last_words, [&] { return std::ranges::all_of(connections_, &Connection::done); });
}

std::optional<engine::Error> Connections::died() {
  const std::lock_guard lock(mutex_);
  return died_;
}

void Connections::serve(engine::FileDescriptor fd) {
  reap(false);
  const std::lock_guard lock(mutex_);
  Channel channel(std::move(fd));
  if (connections_.size() >= at_once) {
    channel.send({{"error", to_json({engine::Errc::wrong_state, "too many commands at once", "try again later"})}});
    return;
  }
  auto& connection = connections_.emplace_back(std::move(channel));
  try {
    connection.thread = std::thread([this, &connection] { run(connection); });
  } catch (const std::system_error&) {
    connection.channel.send({{"error", to_json({engine::Errc::no_room, "no more threads", "end some processes"})}});
    connections_.pop_back();
  }
}

void Connections::run(Connection& connection) {
  while (const auto request = connection.channel.receive()) {
    const auto verb = verb_of(*request);
    if (verb == "down") {
      connection.channel.send({{"value", nullptr}});
      (void)::eventfd_write(ended_.get(), 1);
      continue;  // until the supervisor hangs up: the client waits for that
    }
    if (verb == "follow") {
      follow(connection.channel);
      break;
    }
    if (verb == "trace") {
      trace(connection.channel, *request);
      break;
    }
    if (!connection.channel.send(answer(so_, links_, *request))) break;
  }
  const std::lock_guard lock(mutex_);
  ::shutdown(connection.channel.fd(), SHUT_RDWR);
  connection.done = true;
  done_.notify_all();
}

void Connections::follow(Channel& channel) {
  const auto events = so_.subscribe<engine::ConsoleLine, engine::Notice, engine::Ended>();
  if (!channel.send({{"value", so_.console_tail()}})) return;
  while (true) {
    const auto event = events->next(Clock::now() + look_up);
    pollfd client{channel.fd(), 0, 0};  // POLLHUP and POLLERR
    if (::poll(&client, 1, 0) > 0 || (!event && stopping_)) return;
    if (!event) continue;
    const auto value = event_json(*event);
    if (!value.is_null() && !channel.send(value)) return;
    if (std::holds_alternative<engine::Ended>(*event)) return;
  }
}

// A trace lasts as long as its client: it says when to end, and one that has gone wants nothing any more.
void Connections::trace(Channel& channel, const nlohmann::json& request) {
  const auto what = request.value("what", nlohmann::json());
  const auto flags = what.is_number_unsigned() ? what.get<std::uint64_t>() : 0;
  if (flags == 0 || flags > static_cast<std::uint64_t>(engine::trace::Flags::all)) {
    channel.send({{"error", to_json({engine::Errc::usage, "the request lacks 'what'", {}})}});
    return;
  }
  if (const auto begun = so_.begin_trace(static_cast<engine::trace::Flags>(flags)); !begun) {
    channel.send({{"error", to_json(begun.error())}});
    return;
  }
  channel.send({{"value", nullptr}});
  (void)channel.receive();
  const auto recording = so_.end_trace();
  if (recording) (void)send_recording(channel, *recording);
  else channel.send({{"error", to_json(recording.error())}});
}

void Connections::reap(bool all) {
  std::list<Connection> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto c = connections_.begin(); c != connections_.end();) {
      const auto next = std::next(c);
      if (all) ::shutdown(c->channel.fd(), SHUT_RDWR);
      if (all || c->done) ended.splice(ended.end(), connections_, c);
      c = next;
    }
  }
  for (auto& c : ended) c.thread.join();
}

}  // namespace me
