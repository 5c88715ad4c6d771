// What the engine asks for (abi/link.hpp).
#include "so3/agency/agency.hpp"

#include <cstring>

#include "so3/abi/version.hpp"
#include "so3/agency/text.hpp"

namespace agency {

using abi::Status;
using abi::link::Type;

namespace {

constexpr std::size_t injections_max = abi::max_domains;  // each costs memory before it has a slot

}  // namespace

void Agency::link_request(const Request& request) {
  switch (request.type) {
    case Type::hello: return hello(request);
    case Type::inject: return inject(request);
    case Type::list: return list(request.id);
    case Type::list_ids: return list_ids(request);
    case Type::list_xml: return list_xml(request);
    case Type::store_read: return store_read(request);
    case Type::store_list: return store_list(request);
    case Type::stop: return stop(request);
    case Type::kill: return kill(request);
    case Type::info: return info(request.id);
    case Type::power_off: return power_off(request.id);
    case Type::trace: return trace(request);
    case Type::sync: return sync(request);
    case Type::log_credit: return link_.add_credit(request.as<abi::link::Credit>().bytes);
    default: break;
  }
  if (transfer_request(request)) return;
  link_.reply(request.id, Status::not_supported, 0,
              text("this agency has no request of type %u", static_cast<unsigned>(request.type)));
}

void Agency::hello(const Request& request) {
  const auto hello = request.as<abi::link::Hello>();
  if (hello.abi_version >> 16 != abi::version_major)
    return link_.reply(
        request.id, Status::not_supported, 0,
        text("the engine speaks ABI %u.%u, the agency %u.%u: use those of one release", hello.abi_version >> 16,
             hello.abi_version & 0xffff, unsigned{abi::version_major}, unsigned{abi::version_minor}));
  if (hello.agency_uid == 0) return link_.reply(request.id, Status::bad_argument, 0, "the agency UID is 0");
  hypercall::Place place{.agency_uid = hello.agency_uid,
                         .soo_name = {},
                         .wall_clock_ns = hello.wall_clock_ns > loop_.now() ? hello.wall_clock_ns - loop_.now() : 0,
                         .entropy = {hello.entropy[0], hello.entropy[1], hello.entropy[2] ^ hello.entropy[3]}};
  std::memcpy(place.soo_name.data(), hello.name, sizeof hello.name);
  if (const auto set = hypercall::place_set(place); !set)
    return link_.reply(request.id, set.error(), 0, "avz refused the identity of this place");
  place_ = {place.agency_uid, place.soo_name};
  residents_.started(hello.boot_id);
  transfers_.wall_clock(place.wall_clock_ns);
  link_.reply(request.id, Status::ok);
}

void Agency::inject(const Request& request) {
  const auto what = request.as<abi::link::Inject>();
  const auto size = environment_.window.size();
  if (what.length == 0 || what.offset > size || what.length > size - what.offset)
    return link_.reply(
        request.id, Status::bad_argument, 0,
        text("the .itb is said to be at %llu, %llu bytes long; the window has %zu bytes",
             static_cast<unsigned long long>(what.offset), static_cast<unsigned long long>(what.length), size));
  if (injecting_now_ == injections_max)
    return link_.reply(request.id, Status::busy, 0,
                       text("%zu injections are under way, more than there are slots: wait for one", injecting_now_));
  spawn(injecting(link_.session(), request.id, environment_.window.subspan(what.offset, what.length)));
}

Task<Done> Agency::injecting(std::uint32_t session, std::uint32_t id, std::span<const std::byte> file) {
  ++injecting_now_;
  const auto result = co_await injector_.inject(file);
  --injecting_now_;
  answer(session, id, result);
  co_return Done{};
}

void Agency::answer(std::uint32_t session, std::uint32_t id, const Injector::Result& result) {
  if (session != link_.session()) return;
  if (result) return link_.reply(id, Status::ok, *result);
  link_.reply(id, result.error().status, 0, result.error().text);
}

void Agency::stop(const Request& request) {
  const auto stop = request.as<abi::link::Stop>();
  spawn(stopping(link_.session(), request.id, stop.slot, stop.grace_ms * ms));
}

Task<Done> Agency::stopping(std::uint32_t session, std::uint32_t id, std::uint32_t slot, std::uint64_t grace_ns) {
  const auto result = co_await ending_.stop(slot, grace_ns);
  answer(session, id, result);
  co_return Done{};
}

void Agency::answer(std::uint32_t session, std::uint32_t id, const Ending::Result& result) {
  if (session != link_.session()) return;
  if (result) return link_.reply(id, Status::ok, 0, *result);
  link_.reply(id, result.error().status, 0, result.error().text);
}

void Agency::kill(const Request& request) {
  answer(link_.session(), request.id, ending_.kill(request.as<abi::link::Slot>().slot));
}

void Agency::info(std::uint32_t id) {
  const auto machine = hypercall::machine_info();
  if (!machine) return link_.reply(id, machine.error());
  const abi::link::Machine answer{machine->pages * abi::page_size,
                                  machine->free_pages * abi::page_size,
                                  machine->cpus,
                                  environment_.gic_version,
                                  machine->mes,
                                  static_cast<std::uint32_t>(environment_.heap_used())};
  link_.reply(id, Status::ok, 0, raw(answer));
}

namespace {

std::string bad_path(std::string_view path) {
  return text("'%.*s' is no path of vbstore: components of letters, digits and _.:@- with '/' between",
              AGENCY_SV(path));
}

}  // namespace

void Agency::store_read(const Request& request) {
  const auto path = StorePath::parse(request.payload);
  if (!path) return link_.reply(request.id, Status::bad_argument, 0, bad_path(request.payload));
  const auto value = store_.read(*path);
  if (!value)
    return link_.reply(request.id, value.error(), 0, text("vbstore has no '%.*s'", AGENCY_SV(request.payload)));
  link_.reply(request.id, Status::ok, value->size(), *value);
}

void Agency::store_list(const Request& request) {
  const auto path = StorePath::parse(request.payload);
  if (!path) return link_.reply(request.id, Status::bad_argument, 0, bad_path(request.payload));
  const auto names = store_.list(*path);
  if (!names)
    return link_.reply(request.id, names.error(), 0, text("vbstore has no '%.*s'", AGENCY_SV(request.payload)));
  link_.reply(request.id, Status::ok, 0, *names);
}

void Agency::power_off(std::uint32_t id) {
  if (powering_off_) return link_.reply(id, Status::ok);
  for (const auto& [slot, me] : residents_.all())
    report_.say(text("power off ends ME %u (%s) in %.*s", slot, me->name.c_str(), AGENCY_SV(abi::name(me->state))));
  bus_.service();
  link_.reply(id, Status::ok);
  powering_off_ = true;
  spawn(powering_off());
}

// What MEs logged goes out first, as far as the engine takes it within a second.
Task<Done> Agency::powering_off() {
  const auto deadline = loop_.now() + 1000 * ms;
  while ((!logs_.empty() || link_.busy()) && loop_.now() < deadline) co_await loop_.until(loop_.now() + ms);
  off_ = true;
  co_return Done{};
}

void Agency::trace(const Request& request) {
  const auto flags = static_cast<abi::trace::Flags>(request.as<abi::link::Trace>().on);
  if (flags == abi::trace::Flags::none) return spawn(ending_trace(link_.session(), request.id));
  if (const auto begun = trace_.begin(flags); !begun)
    return link_.reply(request.id, begun.error().status, 0, begun.error().text);
  for (const auto& [slot, me] : residents_.all()) trace_.name(slot, me->name);
  link_.reply(request.id, Status::ok);
}

Task<Done> Agency::ending_trace(std::uint32_t session, std::uint32_t id) {
  co_await trace_.end();
  if (session == link_.session()) link_.reply(id, Status::ok);
  co_return Done{};
}

void Agency::sync(const Request& request) {
  trace_.sync(request.as<abi::link::Sync>().number);
  link_.reply(request.id, Status::ok, loop_.now());
}

}  // namespace agency
