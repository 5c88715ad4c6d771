#include "engine/smart_object.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cstring>
#include <thread>

#include "engine/host/paths.hpp"
#include "engine/machine/machine.hpp"
#include "so3/abi/layout.hpp"
#include "so3/abi/vbstore.hpp"

namespace engine {
namespace {

using abi::link::Type;
using Clock = std::chrono::steady_clock;

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Result<> done(const Result<link::Reply>& reply) {
  if (!reply) return std::unexpected(reply.error());
  return {};
}

Error did_not_live(std::uint32_t slot, const StateChanged& last, abi::State before) {
  if (last.crash != abi::CrashReason::none)
    return {Errc::failed, fmt::format("the ME in slot {} died: {}", slot, abi::name(last.crash)),
            "its console has the details: me console"};
  if (before == abi::State::killed)
    return {Errc::failed, fmt::format("the ME in slot {} decided not to live here (ME_state_killed)", slot), {}};
  return {Errc::failed, fmt::format("the ME in slot {} ended before it lived", slot),
          "its console may say why: me console"};
}

}  // namespace

Result<std::unique_ptr<SmartObject>> SmartObject::start(const Options& options) {
  if (auto fine = check_machine(options); !fine) return std::unexpected(fine.error());
  auto qemu = find_qemu(options.qemu);
  if (!qemu) return std::unexpected(qemu.error());
  auto window = Window::create(options.window_mb << 20);
  if (!window) return std::unexpected(window.error());
  const auto folder =
      engine::log_folder(options.log_base.empty() ? default_log_folder() : options.log_base, options.name);
  auto sink = options.syslog ? open_syslog(options.syslog_socket, options.name, folder) : open_log_files(folder);
  if (!sink) return std::unexpected(sink.error());
  auto machine = std::make_unique<Machine>(options, std::move(*qemu), std::move(*window), std::move(*sink));
  if (auto up = machine->boot(); !up) return std::unexpected(up.error());
  return std::unique_ptr<SmartObject>(new SmartObject(std::move(machine)));
}

SmartObject::SmartObject(std::unique_ptr<Machine> machine) : machine_{std::move(machine)} {}
SmartObject::~SmartObject() = default;

Result<std::uint32_t> SmartObject::begin_inject(std::span<const std::byte> itb) {
  auto reserved = machine_->window().reserve(itb.size());
  if (!reserved) return std::unexpected(reserved.error());
  auto region = std::make_shared<Window::Region>(std::move(*reserved));
  if (!itb.empty()) std::memcpy(region->bytes().data(), itb.data(), itb.size());
  const abi::link::Inject request{region->offset(), itb.size()};
  auto reply = machine_->call(Type::inject, link::bytes_of(request), "injection refused", {}, std::move(region));
  if (!reply) return std::unexpected(reply.error());
  return static_cast<std::uint32_t>(reply->value);
}

Result<std::uint32_t> SmartObject::inject(const Capsule& capsule) { return inject_unchecked(capsule.bytes()); }

Result<std::uint32_t> SmartObject::inject_unchecked(std::span<const std::byte> itb) {
  const auto events = subscribe<StateChanged, Ended>();
  auto slot = begin_inject(itb);
  if (!slot) return slot;
  const auto deadline = Clock::now() + options().call_deadline;
  auto before = abi::State::dead;
  while (auto event = events->next(deadline)) {
    if (const auto* ended = std::get_if<Ended>(&*event)) return std::unexpected(ended->reason);
    const auto* state = std::get_if<StateChanged>(&*event);
    if (!state || state->slot != *slot) continue;
    // The slot may have had another ME when we began to listen: this one starts with booting.
    const bool arrived = state->to == abi::State::living || state->to == abi::State::dormant;
    if (arrived && before != abi::State::dead) return slot;
    if (state->to == abi::State::dead && before != abi::State::dead)
      return std::unexpected(did_not_live(*slot, *state, before));
    if (state->to == abi::State::booting || before != abi::State::dead) before = state->to;
  }
  return fail(Errc::timed_out,
              fmt::format("the ME in slot {} did not live in time; it is in {}", *slot, abi::name(before)),
              fmt::format("look at its console (me console), or end it (me kill {})", *slot));
}

Result<std::vector<MeInfo>> SmartObject::list() {
  auto reply = machine_->call(Type::list, {}, "list");
  if (!reply) return std::unexpected(reply.error());
  return link::parse_mes(reply->payload);
}

Result<ME_id> SmartObject::get_ME_id(std::uint32_t slot) {
  const abi::link::From request{slot, 1};
  auto reply = machine_->call(Type::list_ids, link::bytes_of(request), "list");
  if (!reply) return std::unexpected(reply.error());
  auto ids = link::parse_ids(reply->payload);
  if (!ids) return std::unexpected(ids.error());
  if (ids->empty() || ids->front().slotID != slot)
    return fail(Errc::not_found, fmt::format("slot {} is empty", slot), "me ps lists those in use");
  return ids->front();
}

Result<> SmartObject::in_parts(Type type, const std::function<Result<>(std::span<const std::uint8_t>)>& take) {
  for (abi::link::From from{abi::first_me_slot, abi::max_domains};;) {
    auto reply = machine_->call(type, link::bytes_of(from), "list");
    if (!reply) return std::unexpected(reply.error());
    if (auto taken = take(reply->payload); !taken) return taken;
    if (reply->value == 0) return {};
    if (reply->value <= from.slot || reply->value >= abi::max_domains)
      return fail(Errc::died, fmt::format("the agency broke the protocol: a list that goes on at slot {} after slot {}",
                                          reply->value, from.slot));
    from.slot = static_cast<std::uint32_t>(reply->value);
  }
}

Result<std::vector<ME_id>> SmartObject::get_ME_id_array() {
  std::vector<ME_id> all;
  auto done = in_parts(Type::list_ids, [&](std::span<const std::uint8_t> part) -> Result<> {
    auto ids = link::parse_ids(part);
    if (!ids) return std::unexpected(ids.error());
    all.insert(all.end(), ids->begin(), ids->end());
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return all;
}

Result<std::string> SmartObject::list_xml() {
  std::string document;
  auto done = in_parts(Type::list_xml, [&](std::span<const std::uint8_t> part) -> Result<> {
    document.append(part.begin(), part.end());
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return document;
}

namespace {

// The agency ends the link when a frame is longer than its type allows.
Result<> check_path(std::string_view path) {
  if (path.size() <= abi::vbstore::path_max) return {};
  return fail(Errc::refused,
              fmt::format("a vbstore path of {} bytes: {} are possible", path.size(), abi::vbstore::path_max));
}

}  // namespace

Result<std::string> SmartObject::store_read(std::string_view path) {
  if (auto good = check_path(path); !good) return std::unexpected(good.error());
  auto reply = machine_->call(Type::store_read, bytes(path), fmt::format("vbstore entry '{}'", path));
  if (!reply) return std::unexpected(reply.error());
  return std::string(reply->text());
}

Result<std::vector<std::string>> SmartObject::store_list(std::string_view path) {
  if (auto good = check_path(path); !good) return std::unexpected(good.error());
  auto reply = machine_->call(Type::store_list, bytes(path), fmt::format("vbstore entry '{}'", path));
  if (!reply) return std::unexpected(reply.error());
  return link::parse_children(reply->payload);
}

Result<> SmartObject::stop(std::uint32_t slot, std::chrono::milliseconds grace) {
  const abi::link::Stop request{slot, static_cast<std::uint32_t>(grace.count())};
  return done(machine_->call(Type::stop, link::bytes_of(request), fmt::format("stop of slot {}", slot),
                             options().call_deadline + grace));
}

Result<> SmartObject::kill(std::uint32_t slot) {
  const abi::link::Slot request{slot, 0};
  return done(machine_->call(Type::kill, link::bytes_of(request), fmt::format("kill of slot {}", slot)));
}

Result<MachineInfo> SmartObject::info() {
  auto reply = machine_->call(Type::info, {}, "info");
  if (!reply) return std::unexpected(reply.error());
  return link::parse_machine(reply->payload);
}

Result<Neighbour> SmartObject::ask_link(FileDescriptor socket) { return machine_->link(std::move(socket), true); }
Result<Neighbour> SmartObject::accept_link(FileDescriptor socket) { return machine_->link(std::move(socket), false); }

void SmartObject::expect_link(FileDescriptor socket) { machine_->expect_link(std::move(socket)); }

Result<> SmartObject::link(SmartObject& a, SmartObject& b) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(Errc::no_room, fmt::format("no socket for a link: {}", std::strerror(errno)));
  FileDescriptor asking(ends[0]), accepting(ends[1]);
  Result<Neighbour> accepted;
  std::thread other([&] { accepted = b.accept_link(std::move(accepting)); });
  const auto asked = a.ask_link(std::move(asking));
  other.join();
  if (!asked) return std::unexpected(asked.error());
  if (!accepted) return std::unexpected(accepted.error());
  return {};
}

namespace {

std::string not_linked(std::string_view name, std::string_view neighbour) {
  return fmt::format("{} is not linked with {}", name, neighbour);
}

}  // namespace

Result<> SmartObject::unlink(std::string_view neighbour) {
  return machine_->with_neighbours<void>(
      "unlink", [own = options().name, name = std::string(neighbour)](neighbours::Neighbours& all) -> Result<> {
        if (all.remove(name)) return {};
        return fail(Errc::not_found, not_linked(own, name));
      });
}

Result<std::vector<MoveInDoubt>> SmartObject::moves_in_doubt(std::string_view neighbour) {
  // When the agency answers, all that it has said of its transfers has come.
  if (const auto heard = info(); !heard) return std::unexpected(heard.error());
  return machine_->moves_in_doubt(neighbour);
}

Result<std::vector<Neighbour>> SmartObject::neighbours() {
  return machine_->with_neighbours<std::vector<Neighbour>>("links",
                                                           [](neighbours::Neighbours& all) { return all.all(); });
}

Result<std::uint32_t> SmartObject::peer_of(std::string_view neighbour) {
  if (neighbour == options().name)
    return fail(Errc::usage, fmt::format("{} cannot send an ME to itself", neighbour), "name a neighbour: me links");
  return machine_->with_neighbours<std::uint32_t>(
      fmt::format("neighbour {}", neighbour),
      [own = options().name, name = std::string(neighbour)](neighbours::Neighbours& all) -> Result<std::uint32_t> {
        if (const auto* found = all.find(name)) return found->peer;
        return fail(Errc::not_found, not_linked(own, name), fmt::format("link them: me link {} {}", own, name));
      });
}

Result<std::string> SmartObject::propagate(std::uint32_t slot, std::string_view neighbour) {
  abi::link::Propagate request{slot, abi::link::peers_all};
  if (!neighbour.empty()) {
    const auto peer = peer_of(neighbour);
    if (!peer) return std::unexpected(peer.error());
    request.peer = *peer;
  }
  auto reply = machine_->call(Type::propagate, link::bytes_of(request), fmt::format("propagation of slot {}", slot),
                              Machine::for_ever);
  if (!reply) return std::unexpected(reply.error());
  return std::string(reply->text());
}

Result<std::uint32_t> SmartObject::migrate(std::uint32_t slot, std::string_view neighbour) {
  const auto peer = peer_of(neighbour);
  if (!peer) return std::unexpected(peer.error());
  const abi::link::Propagate request{slot, *peer};
  auto reply = machine_->call(Type::migrate, link::bytes_of(request),
                              fmt::format("migration of slot {} to {}", slot, neighbour), Machine::for_ever);
  if (!reply) return std::unexpected(reply.error());
  return static_cast<std::uint32_t>(reply->value);
}

Result<SavedSnapshot> SmartObject::snapshot(std::uint32_t slot, const std::filesystem::path& file) {
  auto writer = SnapshotWriter::create(file);
  if (!writer) return std::unexpected(writer.error());
  return machine_->save(slot, std::move(*writer));
}

Result<std::uint32_t> SmartObject::restore(const std::filesystem::path& file) {
  auto restoring = Restoring::open(file);
  if (!restoring) return std::unexpected(restoring.error());
  auto slot = machine_->restore(*restoring);
  if (slot) return slot;
  auto error = slot.error();
  if (!error.message.contains(file.string())) error.message = fmt::format("{}: {}", file.string(), error.message);
  return std::unexpected(error);
}

Result<> SmartObject::set_period(std::chrono::milliseconds period) {
  const abi::link::Period request{static_cast<std::uint32_t>(period.count()), 0};
  return done(machine_->call(Type::period, link::bytes_of(request), "propagation period"));
}

namespace {

// At the beginning and at the end. The first round trip after a pause is a long one.
constexpr int syncs_at_once = 8;

std::int64_t host_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

Result<> SmartObject::sync() {
  for (int i = 0; i < syncs_at_once; i++) {
    const abi::link::Sync request{syncs_.size()};
    const auto before = host_ns();
    auto reply = machine_->call(Type::sync, link::bytes_of(request), "sync point of a trace");
    if (!reply) return std::unexpected(reply.error());
    syncs_.push_back({before, host_ns(), reply->value});
  }
  return {};
}

Result<> SmartObject::begin_trace(trace::Flags what) {
  const std::lock_guard lock(trace_mutex_);
  if (tracing_)
    return fail(Errc::wrong_state, fmt::format("smart object {} is being traced already", options().name),
                "wait until that trace has ended");
  const abi::link::Trace request{static_cast<std::uint32_t>(what), 0};
  machine_->recorder().begin();
  syncs_.clear();
  auto begun = done(machine_->call(Type::trace, link::bytes_of(request), "trace"));
  if (begun) {
    begun = sync();
    if (!begun) (void)trace_off();
  }
  tracing_ = begun.has_value();
  if (!begun) (void)machine_->recorder().take();
  return begun;
}

Result<> SmartObject::trace_off() {
  return done(machine_->call(Type::trace, link::bytes_of(abi::link::Trace{0, 0}), "end of a trace"));
}

Result<trace::Recording> SmartObject::end_trace() {
  const std::lock_guard lock(trace_mutex_);
  if (!std::exchange(tracing_, false))
    return fail(Errc::wrong_state, fmt::format("smart object {} is not being traced", options().name));
  auto ended = sync();
  if (const auto off = trace_off(); ended) ended = off;  // off in any case
  auto recording = machine_->recorder().take();
  if (!ended) return std::unexpected(ended.error());
  recording.name = options().name;
  recording.syncs = std::move(syncs_);
  return recording;
}

Result<> SmartObject::power_off(std::chrono::seconds grace) {
  machine_->expect_end();
  const auto deadline = Clock::now() + grace;
  auto reply = machine_->call(Type::power_off, {}, "power off", grace);
  if (machine_->wait_for_end(deadline)) return {};
  machine_->kill();
  (void)machine_->wait_for_end(Clock::now() + grace);
  if (!reply) return std::unexpected(reply.error());
  return fail(Errc::timed_out, fmt::format("smart object {} did not power off within {} s and was killed",
                                           options().name, grace.count()));
}

std::shared_ptr<Subscription> SmartObject::subscribe_to(std::uint32_t kinds) {
  return machine_->publisher().subscribe(kinds);
}
std::vector<std::string> SmartObject::console_tail() const { return machine_->console_tail(); }
void SmartObject::flush_logs() { machine_->logs().flush(); }
std::string SmartObject::log_trouble() { return machine_->logs().trouble(); }
const Options& SmartObject::options() const { return machine_->options(); }
const Ready& SmartObject::ready() const { return machine_->ready(); }
int SmartObject::qemu_pid() const { return machine_->qemu_pid(); }

std::filesystem::path SmartObject::log_folder() const {
  const auto& o = options();
  return engine::log_folder(o.log_base.empty() ? default_log_folder() : o.log_base, o.name);
}

}  // namespace engine
