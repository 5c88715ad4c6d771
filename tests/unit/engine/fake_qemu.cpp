// A program that is called like QEMU and speaks like an agency: well, or badly in the way its -append says.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/link/frame.hpp"
#include "engine/qemu.hpp"
#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/abi/status.hpp"
#include "so3/abi/trace.hpp"
#include "so3/abi/version.hpp"

namespace {

namespace wire = abi::link;
using engine::link::bytes_of;
using wire::Type;

std::string mode;

void write_all(int fd, const void* data, std::size_t size) {
  for (auto p = static_cast<const char*>(data); size > 0;) {
    const auto n = ::write(fd, p, size);
    if (n <= 0) std::exit(0);
    p += n;
    size -= static_cast<std::size_t>(n);
  }
}

void read_all(void* data, std::size_t size) {
  for (auto p = static_cast<char*>(data); size > 0;) {
    const auto n = ::read(engine::qemu_control_fd, p, size);
    if (n <= 0) std::exit(0);
    p += n;
    size -= static_cast<std::size_t>(n);
  }
}

void say(std::string_view line) {
  write_all(engine::qemu_console_fd, (std::string(line) + "\r\n").data(), line.size() + 2);
}

void send(Type type, std::uint32_t id, std::span<const std::uint8_t> payload) {
  const auto frame = engine::link::encode(type, id, payload);
  write_all(engine::qemu_control_fd, frame.data(), frame.size());
}

void reply(std::uint32_t id, abi::Status status, std::uint64_t value = 0, std::string_view text = {}) {
  const wire::Reply head{static_cast<std::int64_t>(status), value};
  std::string payload(reinterpret_cast<const char*>(&head), sizeof head);
  payload += text;
  send(Type::reply, id, {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()});
}

void change(std::uint32_t slot, abi::State from, abi::State to, std::uint32_t crash = 0) {
  send(Type::state, 0,
       bytes_of(wire::StateChange{slot, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), crash}));
}

void callback(std::uint32_t slot, std::uint32_t kind, std::uint32_t number, std::uint32_t detail = 0) {
  send(Type::callback, 0, bytes_of(wire::Callback{slot, kind, number, 0, 0, detail}));
  send(Type::callback, 0, bytes_of(wire::Callback{slot, kind, number, 0, 1, detail}));
}

void log(std::uint32_t slot, std::string_view text) {
  const wire::Log head{slot, 0};
  std::string payload(reinterpret_cast<const char*>(&head), sizeof head);
  payload += text;
  send(Type::log, 0, {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()});
}

constexpr std::pair<std::string_view, std::string_view> directories[] = {
    {"", {"device\0soo\0", 11}}, {"device", {}},       {"soo", {"me\0", 3}}, {"soo/me", {"2\0", 2}},
    {"soo/me/2", {"name\0", 5}}, {"soo/me/2/name", {}}};

void record(abi::State from, abi::State to) {
  abi::trace::Record r{7, static_cast<std::uint8_t>(abi::trace::Kind::state), 0, 2, 0, {}};
  r.number = static_cast<std::uint32_t>(from) | static_cast<std::uint32_t>(to) << 8;
  if (mode == "bad-trace") r.kind = 200;
  if (mode == "bad-trace-cpu") r.cpu = 4;
  send(Type::trace_records, 0, bytes_of(r));
}

struct Agency {
  std::map<std::uint32_t, std::string> mes;  // slot -> name: the content of its image
  std::uint32_t next_slot = 2;
  std::string window;
  std::set<std::uint32_t> peers;
  bool traced = false;
  std::uint32_t in_doubt = 0;  // the request

  void peer_up(std::uint32_t id, std::uint32_t peer) {
    if (peers.size() == 32) return reply(id, abi::Status::no_memory, 0, "32 neighbours are the most there can be");
    peers.insert(peer);
    reply(id, abi::Status::ok);
  }

  void inject(std::uint32_t id, const wire::Inject& request) {
    static const auto* base = [] {
      struct stat status{};
      ::fstat(engine::qemu_window_fd, &status);
      return static_cast<const char*>(
          ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, engine::qemu_window_fd, 0));
    }();
    const std::string image(base + request.offset, request.length);
    if (mode == "talk-and-die")
      for (int i = 0; i < 8000; ++i) say(fmt::format("line {} of what it says before it dies, and it is long", i));
    if (mode == "talk-and-die" || mode == "die-in-inject") ::raise(SIGKILL);
    if (!image.starts_with("capsule:")) return reply(id, abi::Status::bad_argument, 0, "this is not a capsule");
    if (mode == "full") return reply(id, abi::Status::no_slot, 0, "all 3 slots are taken; stop an ME first");
    const auto slot = next_slot++;
    mes[slot] = image.substr(8);
    using abi::State;
    change(slot, State::dead, State::booting);
    reply(id, abi::Status::ok, slot);
    callback(slot, 2, 0);
    change(slot, State::booting, State::preparing);
    callback(slot, 0, static_cast<std::uint32_t>(abi::Domcall::pre_activate));
    if (mode == "crash")
      return change(slot, State::preparing, State::dead, static_cast<std::uint32_t>(abi::CrashReason::memory));
    if (mode == "rest") return change(slot, State::preparing, State::dormant);
    callback(slot, 0, static_cast<std::uint32_t>(abi::Domcall::cooperate), 1 | 1 << 8);
    change(slot, State::preparing, State::living);
    log(slot, fmt::format("[ME:{0}] one\n[ME:{0}] two\n", slot));
    if (mode == "flood")
      for (int i = 0; i < 64; ++i) log(slot, std::string(32 * 1024, 'x') + '\n');
  }

  void trace(std::uint32_t id, bool on) {
    if (on && traced) return reply(id, abi::Status::bad_state, 0, "there is a trace already");
    traced = on;
    if (!on) record(abi::State::living, abi::State::dead);
    if (!on && mode.starts_with("meet:")) meet(mode.substr(5));
    reply(id, abi::Status::ok);
  }

  // Goes on when another has come here too. The path is that of a FIFO, and of which end of it.
  static void meet(const std::string& path) {
    const bool reader = path.ends_with("<");
    ::close(::open(path.substr(0, path.size() - 1).c_str(), reader ? O_RDONLY : O_WRONLY));
  }

  void sync(std::uint32_t id, std::uint64_t number) {
    const bool refused = mode == "no-sync" || (mode == "no-last-sync" && number >= 8);
    if (refused) return reply(id, abi::Status::no_memory, 0, "no room for a sync point");
    reply(id, abi::Status::ok, 1000 + number);
  }

  void list(std::uint32_t id) {
    std::string all;
    for (const auto& [slot, name] : mes) {
      wire::Me me{};
      me.slot = slot;
      me.state = static_cast<std::uint32_t>(abi::State::living);
      me.spid = 0x0010000000000001;
      std::memcpy(me.name, name.data(), std::min(name.size(), sizeof me.name - 1));
      all.append(reinterpret_cast<const char*>(&me), sizeof me);
    }
    reply(id, abi::Status::ok, 0, all);
  }

  void travel(std::uint32_t id, const wire::Propagate& request, bool moves) {
    if (!mes.contains(request.slot))
      return reply(id, abi::Status::not_found, 0, fmt::format("slot {} is empty", request.slot));
    if (moves) return reply(id, abi::Status::ok, 7);
    reply(id, abi::Status::ok, 0, request.peer == wire::peers_all ? "copies for all" : "a copy for one");
  }

  void end(std::uint32_t id, std::uint32_t slot) {
    if (mes.erase(slot) == 0) return reply(id, abi::Status::not_found, 0, fmt::format("slot {} is empty", slot));
    change(slot, abi::State::living, abi::State::dead);
    reply(id, abi::Status::ok);
  }

  void serve(const wire::Frame& frame, const std::string& payload) {
    const auto as = [&]<class T>(T value) {
      std::memcpy(&value, payload.data(), sizeof value);
      return value;
    };
    if (mode == "mute" && frame.id != 0 && static_cast<Type>(frame.type) != Type::power_off) return;
    if (mode == "no-list" && static_cast<Type>(frame.type) == Type::list) return;
    switch (static_cast<Type>(frame.type)) {
      case Type::hello:
      case Type::log_credit: return;
      case Type::inject: return inject(frame.id, as(wire::Inject{}));
      case Type::list: return list(frame.id);
      case Type::store_read:
        if (payload == "soo/me/2/name") return reply(frame.id, abi::Status::ok, 0, "SOO.fake");
        return reply(frame.id, abi::Status::not_found);
      case Type::store_list:
        for (const auto& [path, children] : directories)
          if (payload == path) return reply(frame.id, abi::Status::ok, 0, children);
        return reply(frame.id, abi::Status::not_found);
      case Type::trace:
        if (mode == "no-trace") return reply(frame.id, abi::Status::no_memory, 0, "there is no memory for a trace");
        return trace(frame.id, as(wire::Trace{}).on != 0);
      case Type::sync: return sync(frame.id, as(wire::Sync{}).number);
      case Type::peer_up: return peer_up(frame.id, as(wire::PeerUp{}).peer);
      case Type::peer_down:
        return reply(frame.id, peers.erase(as(wire::PeerDown{}).peer) ? abi::Status::ok : abi::Status::not_found);
      case Type::migrate:
      case Type::propagate:
        if (mode == "inhabited")
          return travel(frame.id, as(wire::Propagate{}), static_cast<Type>(frame.type) == Type::migrate);
        in_doubt = frame.id;
        return say("agency: nobody knows yet where it is");
      case Type::period:
        if (mode != "inhabited") reply(in_doubt, abi::Status::ok, 7, "a copy lives");
        return reply(frame.id, abi::Status::ok);
      case Type::stop: return end(frame.id, as(wire::Stop{}).slot);
      case Type::kill: return end(frame.id, as(wire::Slot{}).slot);
      case Type::info: {
        const wire::Machine machine{512 << 20, 400 << 20, 4, 3, static_cast<std::uint32_t>(mes.size()), 0};
        return reply(frame.id, abi::Status::ok, 0, {reinterpret_cast<const char*>(&machine), sizeof machine});
      }
      case Type::power_off: reply(frame.id, abi::Status::ok); std::exit(0);
      default: reply(frame.id, abi::Status::not_supported);
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> args(argv, argv + argc);
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (args[i] == "--version") return fmt::print("QEMU emulator version 7.2.22 (fake)\n"), 0;
    if (args[i] == "-append") mode = args[i + 1];
  }
  if (mode == "refuse") return fmt::print(stderr, "qemu: cannot set up this machine\n"), 3;
  say("avz: fake machine");
  if (mode == "silent") ::pause();
  if (mode == "die-before-ready") {
    say("agency: something is very wrong");
    ::raise(SIGABRT);
  }
  if (mode == "early-log") log(2, "[ME:2] early\n");
  send(Type::ready, 0, bytes_of(wire::Ready{mode == "old" ? 0x20000 : abi::version, 4, 400 << 20, 64 << 20}));
  if (mode == "garbage") write_all(engine::qemu_control_fd, "garbage, and nothing but garbage", 32);
  if (mode == "wrong-id") reply(77, abi::Status::ok);
  if (mode == "wrong-slot") log(9999, "[ME:9999] no\n");
  if (mode == "wrong-state") send(Type::state, 0, bytes_of(wire::StateChange{2, 0, 77, 0}));
  Agency agency;
  if (mode == "inhabited") agency.mes[agency.next_slot++] = "SOO.fake";
  for (;;) {
    pollfd control{engine::qemu_control_fd, POLLIN, 0};
    while (mode == "chatty" && ::poll(&control, 1, 20) == 0) say("again");
    wire::Frame frame;
    read_all(&frame, sizeof frame);
    std::string payload(frame.length, '\0');
    read_all(payload.data(), payload.size());
    agency.serve(frame, payload);
  }
}
