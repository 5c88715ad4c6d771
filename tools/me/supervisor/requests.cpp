#include "tools/me/supervisor/requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "so3/abi/vbstore.hpp"
#include "tools/me/capsule_file.hpp"
#include "tools/me/supervisor/channel.hpp"

namespace me {
namespace {

using engine::Errc;
using engine::fail;
using engine::Result;
using engine::SmartObject;
using nlohmann::json;

std::string hex(std::uint64_t v) { return fmt::format("{:#018x}", v); }

// What a request names; a client of another version may leave it out or send something else.
Result<std::string> text(const json& request, const char* key) {
  const auto at = request.find(key);
  if (at == request.end() || !at->is_string()) return fail(Errc::usage, fmt::format("the request lacks '{}'", key));
  return at->get<std::string>();
}

Result<std::uint32_t> number(const json& request, const char* key) {
  const auto at = request.find(key);
  if (at == request.end() || !at->is_number_unsigned() || at->get<std::uint64_t>() > 0xffffffff)
    return fail(Errc::usage, fmt::format("the request lacks '{}'", key));
  return at->get<std::uint32_t>();
}

Result<json> ps(SmartObject& so) {
  auto mes = so.list();
  if (!mes) return std::unexpected(mes.error());
  json list = json::array();
  for (const auto& me : *mes)
    list.push_back({{"slot", me.slot},
                    {"name", me.name},
                    {"state", abi::name(me.state)},
                    {"spid", hex(me.spid)},
                    {"spadcaps", hex(me.spadcaps)},
                    {"cooperates", me.cooperates},
                    {"cpu", me.cpu},
                    {"memory", me.ram_size},
                    {"memory_used", me.ram_used},
                    {"instance", hex(me.instance_id)},
                    {"epoch", me.epoch}});
  return list;
}

Result<json> xml(SmartObject& so) {
  auto document = so.list_xml();
  if (!document) return std::unexpected(document.error());
  return json{{"xml", *document}};
}

Result<json> info(SmartObject& so) {
  auto machine = so.info();
  if (!machine) return std::unexpected(machine.error());
  return json{{"name", so.options().name},
              {"cpus", machine->cpus},
              {"gic", machine->gic_version},
              {"mes", machine->mes},
              {"memory", machine->memory_total},
              {"memory_free", machine->memory_free},
              {"agency_heap", machine->agency_heap},
              {"qemu_pid", so.qemu_pid()},
              {"log_folder", so.log_folder().string()}};
}

Result<json> inject(SmartObject& so, const json& request) {
  auto file = text(request, "file");
  if (!file) return std::unexpected(file.error());
  auto capsule = load_capsule(*file);
  if (!capsule) return std::unexpected(capsule.error());
  auto slot = so.inject(*capsule);
  if (!slot)
    return std::unexpected(
        engine::Error{slot.error().code, fmt::format("{}: {}", *file, slot.error().message), slot.error().remedy});
  return json{
      {"file", *file}, {"slot", *slot}, {"name", std::string(capsule->me().name)}, {"bytes", capsule->bytes().size()}};
}

constexpr std::size_t entries_max = 100'000;  // shown at once, whatever the agency says that it has

// Entries at and below `path`, in the store's order. A directory without value or children counts as an entry too.
Result<> collect(SmartObject& so, const std::string& path, std::size_t depth, json& entries) {
  if (entries.size() >= entries_max)
    return fail(Errc::no_room, fmt::format("the store has more than {} entries", entries_max), "name a path");
  auto children = so.store_list(path);
  if (!children && children.error().code == Errc::died) return std::unexpected(children.error());
  const bool parent = children && !children->empty();
  if (!path.empty()) {
    auto value = so.store_read(path);
    if (!value && !children) return std::unexpected(value.error());
    if (value && (!value->empty() || !parent)) entries.push_back({{"path", path}, {"value", *value}});
    if (!value && !parent) entries.push_back({{"path", path}, {"value", ""}});
  } else if (!children) {
    return std::unexpected(children.error());
  }
  if (!parent || depth == abi::vbstore::depth_max) return {};
  for (const auto& child : *children)
    if (auto below = collect(so, path.empty() ? child : path + '/' + child, depth + 1, entries);
        !below && below.error().code != Errc::not_found)  // it may go while we look
      return below;
  return {};
}

Result<json> vbstore(SmartObject& so, const json& request) {
  auto path = text(request, "path");
  if (!path) return std::unexpected(path.error());
  while (path->starts_with('/')) path->erase(0, 1);
  while (path->ends_with('/')) path->pop_back();
  json entries = json::array();
  if (auto all = collect(so, *path, 0, entries); !all) return std::unexpected(all.error());
  return entries;
}

Result<json> stop(SmartObject& so, const json& request) {
  auto slot = number(request, "slot");
  auto grace = number(request, "grace_ms");
  if (!slot) return std::unexpected(slot.error());
  if (!grace) return std::unexpected(grace.error());
  if (auto stopped = so.stop(*slot, std::chrono::milliseconds(*grace)); !stopped)
    return std::unexpected(stopped.error());
  return json{{"slot", *slot}};
}

Result<json> kill(SmartObject& so, const json& request) {
  auto slot = number(request, "slot");
  if (!slot) return std::unexpected(slot.error());
  if (auto killed = so.kill(*slot); !killed) return std::unexpected(killed.error());
  return json{{"slot", *slot}};
}

json shown(const engine::Neighbour& neighbour) {
  return {{"name", neighbour.name}, {"agency_uid", hex(neighbour.agency_uid)}};
}

Result<json> link(Links& links, const json& request) {
  auto to = text(request, "to");
  if (!to) return std::unexpected(to.error());
  auto neighbour = links.link(*to);
  if (!neighbour) return std::unexpected(neighbour.error());
  return shown(*neighbour);
}

constexpr std::chrono::seconds parting_max{5};

Result<json> in_doubt(SmartObject& so, const std::string& neighbour) {
  const auto moves = so.moves_in_doubt(neighbour);
  if (!moves) return std::unexpected(moves.error());
  json list = json::array();
  for (const auto& move : *moves)
    list.push_back(
        {{"at", so.options().name}, {"slot", move.slot}, {"instance", hex(move.instance_id)}, {"to", move.neighbour}});
  return list;
}

Result<json> unlink(SmartObject& so, Links& links, const json& request) {
  auto from = text(request, "from");
  if (!from) return std::unexpected(from.error());
  if (auto gone = links.unlink(*from); !gone) return std::unexpected(gone.error());
  auto moves = in_doubt(so, *from);
  if (!moves) return std::unexpected(moves.error());
  return json{{"name", *from}, {"in_doubt", *moves}};
}

// For whoever unlinked it from the other side: waits until that has been heard of here.
Result<json> doubts(SmartObject& so, const json& request) {
  auto with = text(request, "with");
  if (!with) return std::unexpected(with.error());
  const auto events = so.subscribe();
  const auto deadline = std::chrono::steady_clock::now() + parting_max;
  for (;;) {
    const auto all = so.neighbours();
    if (!all) return std::unexpected(all.error());
    if (std::ranges::none_of(*all, [&](const auto& n) { return n.name == *with; }) || !events->next(deadline)) break;
  }
  return in_doubt(so, *with);
}

Result<json> neighbours(SmartObject& so) {
  auto all = so.neighbours();
  if (!all) return std::unexpected(all.error());
  json list = json::array();
  for (const auto& neighbour : *all) list.push_back(shown(neighbour));
  return list;
}

Result<json> propagate(SmartObject& so, const json& request) {
  auto slot = number(request, "slot");
  if (!slot) return std::unexpected(slot.error());
  Result<std::string> to{""};  // to all
  if (request.contains("to")) {
    to = text(request, "to");
    if (to && to->empty()) return fail(Errc::usage, "the request has an empty 'to'");
  }
  if (!to) return std::unexpected(to.error());
  auto said = so.propagate(*slot, *to);
  if (!said) return std::unexpected(said.error());
  return json{{"slot", *slot}, {"outcome", *said}};
}

Result<json> migrate(SmartObject& so, const json& request) {
  auto slot = number(request, "slot");
  auto to = text(request, "to");
  if (!slot) return std::unexpected(slot.error());
  if (!to) return std::unexpected(to.error());
  auto there = so.migrate(*slot, *to);
  if (!there) return std::unexpected(there.error());
  return json{{"slot", *slot}, {"to", *to}, {"slot_there", *there}};
}

Result<json> snapshot(SmartObject& so, const json& request) {
  auto slot = number(request, "slot");
  auto file = text(request, "file");
  if (!slot) return std::unexpected(slot.error());
  if (!file) return std::unexpected(file.error());
  auto saved = so.snapshot(*slot, *file);
  if (!saved) return std::unexpected(saved.error());
  return json{{"slot", *slot},
              {"name", saved->name},
              {"file", *file},
              {"bytes", saved->file_size},
              {"stream_bytes", saved->stream_length}};
}

Result<json> restore(SmartObject& so, const json& request) {
  auto file = text(request, "file");
  if (!file) return std::unexpected(file.error());
  auto slot = so.restore(*file);
  if (!slot) return std::unexpected(slot.error());
  return json{{"file", *file}, {"slot", *slot}};
}

Result<json> period(SmartObject& so, const json& request) {
  auto ms = number(request, "ms");
  if (!ms) return std::unexpected(ms.error());
  if (auto set = so.set_period(std::chrono::milliseconds(*ms)); !set) return std::unexpected(set.error());
  return json{{"period_ms", *ms}};
}

Result<json> dispatch(SmartObject& so, Links& links, const json& request) {
  if (!request.is_object()) return fail(Errc::usage, "a request is a JSON object");
  const auto verb = text(request, "verb");
  if (!verb) return std::unexpected(verb.error());
  if (*verb == "ps") return ps(so);
  if (*verb == "xml") return xml(so);
  if (*verb == "info") return info(so);
  if (*verb == "inject") return inject(so, request);
  if (*verb == "vbstore") return vbstore(so, request);
  if (*verb == "stop") return stop(so, request);
  if (*verb == "kill") return kill(so, request);
  if (*verb == "link") return link(links, request);
  if (*verb == "unlink") return unlink(so, links, request);
  if (*verb == "doubts") return doubts(so, request);
  if (*verb == "links") return neighbours(so);
  if (*verb == "propagate") return propagate(so, request);
  if (*verb == "migrate") return migrate(so, request);
  if (*verb == "snapshot") return snapshot(so, request);
  if (*verb == "restore") return restore(so, request);
  if (*verb == "period") return period(so, request);
  if (*verb == "console") return json(so.console_tail());
  if (*verb == "flush") return so.flush_logs(), json();
  return fail(Errc::usage, fmt::format("no such request: {}", *verb),
              "is the smart object of another version? me down, me up");
}

}  // namespace

json answer(SmartObject& so, Links& links, const json& request) {
  auto value = dispatch(so, links, request);
  if (!value) return {{"error", to_json(value.error())}};
  json whole{{"value", std::move(*value)}};
  if (auto trouble = so.log_trouble(); !trouble.empty()) whole["notice"] = std::move(trouble);
  return whole;
}

std::string verb_of(const json& request) {
  if (!request.is_object()) return {};
  return text(request, "verb").value_or("");
}

json event_json(const engine::Event& event) {
  if (const auto* line = std::get_if<engine::ConsoleLine>(&event)) return {{"console", line->text}};
  if (const auto* notice = std::get_if<engine::Notice>(&event)) return {{"notice", notice->text}};
  if (const auto* ended = std::get_if<engine::Ended>(&event)) return {{"ended", to_json(ended->reason)}};
  return nullptr;
}

}  // namespace me
