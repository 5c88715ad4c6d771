// What the engine asks for about all MEs: lists of them (abi/link.hpp).
#include <algorithm>

#include "so3/agency/agency.hpp"
#include "so3/agency/me/me_xml.hpp"

namespace agency {

using abi::Status;

namespace {

constexpr std::size_t payload_max = abi::link::length_max - sizeof(abi::link::Reply);
constexpr std::size_t ids_max = payload_max / sizeof(abi::link::MeId);
constexpr std::size_t elements_max = (payload_max - me_xml_root_max) / me_xml_max;
static_assert(ids_max > 0 && elements_max > 0);

struct Piece {
  std::vector<MeId> ids;
  std::uint32_t next;  // 0: none
};

Piece piece(const MeList& list, const abi::link::From& from, std::size_t most) {
  most = std::clamp<std::size_t>(from.most, 1, most);
  Piece piece{list.get_ME_id_array(from.slot, most + 1), 0};
  if (piece.ids.size() <= most) return piece;
  piece.next = piece.ids.back().slot;
  piece.ids.pop_back();
  return piece;
}

}  // namespace

void Agency::list(std::uint32_t id) {
  std::string all;
  for (const auto& [slot, me] : residents_.all()) {
    const auto info = hypercall::domain_info(slot);
    if (!info) continue;
    abi::link::Me entry{.slot = slot,
                        .state = static_cast<std::uint32_t>(info->state),
                        .spid = info->spid,
                        .spadcaps = info->spadcaps,
                        .ram_size = info->ram_bytes,
                        .ram_used = info->pages_in_use * abi::page_size,
                        .instance_id = info->instance_id,
                        .epoch = me->epoch,
                        .cpu = info->cpu,
                        .cooperates = info->cooperates,
                        .name = {}};
    me->name.copy(entry.name, sizeof entry.name - 1);
    all += raw(entry);
  }
  link_.reply(id, Status::ok, residents_.all().size(), all);
}

void Agency::list_ids(const Request& request) {
  const auto [ids, next] = piece(me_list_, request.as<abi::link::From>(), ids_max);
  std::string all;
  for (const auto& id : ids) {
    abi::link::MeId entry{.slot = id.slot,
                          .state = static_cast<std::uint32_t>(id.state),
                          .spid = id.spid,
                          .spadcaps = id.spadcaps,
                          .name = {},
                          .shortdesc = {},
                          .reserved = {}};
    id.name.copy(entry.name, sizeof entry.name - 1);
    id.shortdesc.copy(entry.shortdesc, sizeof entry.shortdesc - 1);
    all += raw(entry);
  }
  link_.reply(request.id, Status::ok, next, all);
}

void Agency::list_xml(const Request& request) {
  const auto from = request.as<abi::link::From>();
  const auto [ids, next] = piece(me_list_, from, elements_max);
  link_.reply(request.id, Status::ok, next, me_xml(ids, {.first = from.slot <= abi::first_me_slot, .last = next == 0}));
}

}  // namespace agency
