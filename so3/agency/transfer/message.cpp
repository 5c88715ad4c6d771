#include "so3/agency/transfer/message.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "so3/abi/layout.hpp"
#include "so3/agency/link/frame.hpp"
#include "so3/agency/text.hpp"

namespace agency::transfer {
namespace {

namespace wire = abi::transfer;
using Body = Message::Body;
using Result = std::expected<Body, std::string>;

constexpr std::size_t refusal_max = 1024;

template <typename T>
  requires std::is_trivially_copyable_v<T>
T read(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::unexpected<std::string> bad(std::string why) { return std::unexpected{std::move(why)}; }

Result offer(std::string_view bytes) {
  const auto o = read<wire::Offer>(bytes);
  if (o.kind < static_cast<std::uint32_t>(Kind::copy) || o.kind > static_cast<std::uint32_t>(Kind::restore))
    return bad(text("an offer of kind %u", o.kind));
  if (o.ram_size < abi::ram_min || o.ram_size > abi::ram_max || !abi::page_aligned(o.ram_size))
    return bad(text("an offer of an ME with %llu bytes of memory", static_cast<unsigned long long>(o.ram_size)));
  const auto* const end = std::find(std::begin(o.name), std::end(o.name), '\0');
  if (end == std::end(o.name)) return bad("an offer whose name does not end");
  return Offer{static_cast<Kind>(o.kind),
               o.abi_version,
               o.spid,
               o.ram_size,
               o.from_uid,
               printable({o.name, static_cast<std::size_t>(end - o.name)})};
}

Result refuse(std::string_view bytes) {
  const auto status = read<wire::Refusal>(bytes).status;
  if (status >= 0 || status < static_cast<std::int64_t>(abi::Status::no_answer))
    return bad(text("a refusal with status %lld", static_cast<long long>(status)));
  return Refuse{static_cast<abi::Status>(status), printable(bytes.substr(sizeof(wire::Refusal)))};
}

Result arrived(std::string_view bytes) {
  const auto slot = read<wire::Arrived>(bytes).slot;
  // A file has no slot.
  if (slot != 0 && (slot < abi::first_me_slot || slot >= abi::max_domains))
    return bad(text("an arrival in slot %u", slot));
  return Arrived{slot};
}

Result data(std::string_view bytes) {
  const auto offset = read<wire::Data>(bytes).offset;
  const auto piece = bytes.substr(sizeof(wire::Data));
  if (offset > UINT64_MAX - piece.size()) return bad("data beyond any offset");
  return Data{offset, piece};
}

struct Shape {
  std::size_t min, max;
};

Shape shape(wire::Type type) {
  const auto exactly = [](std::size_t n) { return Shape{n, n}; };
  switch (type) {
    case wire::Type::offer: return exactly(sizeof(wire::Offer));
    case wire::Type::accept:
    case wire::Type::credit: return exactly(sizeof(wire::Credit));
    case wire::Type::refuse: return {sizeof(wire::Refusal), sizeof(wire::Refusal) + refusal_max};
    case wire::Type::data: return {sizeof(wire::Data), sizeof(wire::Data) + wire::data_max};
    case wire::Type::arrived: return exactly(sizeof(wire::Arrived));
    case wire::Type::cancel:
    case wire::Type::cancelled:
    case wire::Type::settled: return exactly(0);
  }
  return {1, 0};
}

Result body(wire::Type type, std::string_view bytes) {
  const auto [min, max] = shape(type);
  if (min > max) return bad(text("a message of type %u", static_cast<unsigned>(type)));
  if (bytes.size() < min || bytes.size() > max)
    return bad(text("%.*s of %zu bytes", AGENCY_SV(wire::name(type)), bytes.size()));
  switch (type) {
    case wire::Type::offer: return offer(bytes);
    case wire::Type::accept: return Accept{read<wire::Credit>(bytes).up_to};
    case wire::Type::refuse: return refuse(bytes);
    case wire::Type::data: return data(bytes);
    case wire::Type::credit: return Credit{read<wire::Credit>(bytes).up_to};
    case wire::Type::arrived: return arrived(bytes);
    case wire::Type::cancel: return Cancel{};
    case wire::Type::cancelled: return Cancelled{};
    case wire::Type::settled: return Settled{};
  }
  return bad("nothing");
}

std::string header(const Id& id, wire::Type type) {
  const wire::Message m{static_cast<std::uint16_t>(type), wire::version, 0, id.instance, id.epoch};
  return std::string{raw(m)};
}

}  // namespace

std::expected<Message, Message::Garbage> Message::parse(std::string_view bytes) {
  if (bytes.size() < sizeof(wire::Message))
    return std::unexpected{Garbage{std::nullopt, text("a message of %zu bytes", bytes.size())}};
  const auto header = read<wire::Message>(bytes);
  if (header.version != wire::version)
    return std::unexpected{
        Garbage{std::nullopt, text("a message of version %u; this agency speaks %u: use those of one release",
                                   unsigned{header.version}, unsigned{wire::version})}};
  if (header.instance_id == 0) return std::unexpected{Garbage{std::nullopt, "a message about no instance"}};
  const Id id{header.instance_id, header.epoch};
  // Each move has the next one.
  if (header.epoch == UINT64_MAX) return std::unexpected{Garbage{std::nullopt, "a message of the last epoch there is"}};
  if (header.reserved != 0) return std::unexpected{Garbage{id, "a message with something where nothing is due"}};
  auto checked = agency::transfer::body(static_cast<wire::Type>(header.type), bytes.substr(sizeof header));
  if (!checked) return std::unexpected{Garbage{id, std::move(checked.error())}};
  return Message{id, std::move(*checked)};
}

std::string encode(const Id& id, const Offer& offer) {
  wire::Offer o{
      static_cast<std::uint32_t>(offer.kind), offer.abi_version, offer.spid, offer.ram_size, offer.from_uid, {}};
  offer.name.copy(o.name, sizeof o.name - 1);
  return header(id, wire::Type::offer).append(raw(o));
}

std::string encode(const Id& id, const Accept& accept) {
  return header(id, wire::Type::accept).append(raw(wire::Credit{accept.up_to}));
}

std::string encode(const Id& id, const Refuse& refuse) {
  return header(id, wire::Type::refuse)
      .append(raw(wire::Refusal{static_cast<std::int64_t>(refuse.status)}))
      .append(std::string_view{refuse.text}.substr(0, refusal_max));
}

std::string encode(const Id& id, const Data& data) {
  auto out = header(id, wire::Type::data);
  out.reserve(out.size() + sizeof(wire::Data) + data.bytes.size());
  return out.append(raw(wire::Data{data.offset})).append(data.bytes);
}

std::string encode(const Id& id, const Credit& credit) {
  return header(id, wire::Type::credit).append(raw(wire::Credit{credit.up_to}));
}

std::string encode(const Id& id, const Arrived& arrived) {
  return header(id, wire::Type::arrived).append(raw(wire::Arrived{arrived.slot, 0}));
}

std::string encode(const Id& id, Cancel) { return header(id, wire::Type::cancel); }
std::string encode(const Id& id, Cancelled) { return header(id, wire::Type::cancelled); }
std::string encode(const Id& id, Settled) { return header(id, wire::Type::settled); }

std::string describe(const Id& id) {
  return text("instance %016llx, epoch %llu", static_cast<unsigned long long>(id.instance),
              static_cast<unsigned long long>(id.epoch));
}

}  // namespace agency::transfer
