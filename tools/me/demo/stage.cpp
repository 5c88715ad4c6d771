#include "tools/me/demo/stage.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace me::demo {
namespace {

using engine::fail;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{120};  // for a step that does not come

void keep(Place& place, const engine::LogLines& lines) {
  for (std::string_view rest = lines.text; !rest.empty();) {
    const auto end = rest.find('\n');
    place.log[lines.slot].emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
}

}  // namespace

void Stage::show(std::string_view what, std::string_view detail, Colour colour) {
  steps_.push_back({{"step", what}, {"detail", detail}});
  if (!json_) print_line(fmt::format("  {:<10}{}", what, paint(colour, printable(detail))));
}

void Stage::say(std::string_view line) {
  if (!json_) print_line(line.empty() ? "" : "  " + printable(line));
}

void Stage::scene(std::string_view title) {
  steps_.push_back({{"step", "scene"}, {"detail", title}});
  scenes_.push_back({Clock::now().time_since_epoch(), std::string(title)});
  if (!json_) print_line(fmt::format("\n{}", title));
}

// The name of what is expected, once it has been shown; empty for what is not.
Result<std::string> Stage::shown_event(Place& place, std::uint32_t slot, const engine::Event& event) {
  if (const auto* callback = std::get_if<engine::CallbackRan>(&event);
      callback && callback->slot == slot && !callback->ended) {
    auto detail = fmt::format("{} ME {}  {}", place.name, slot, callback->name);
    if (const auto& with = callback->cooperation)
      detail += with->alone ? "  (alone)" : with->role == abi::Role::initiator ? "  (initiator)" : "  (target)";
    show("callback", detail, Colour::name);
    return std::string(callback->name);
  }
  if (const auto* state = std::get_if<engine::StateChanged>(&event); state && state->slot == slot) {
    show("state", fmt::format("{} ME {}  {}", place.name, slot, abi::name(state->to)),
         state->to == abi::State::living ? Colour::good : Colour::plain);
    if (state->crash != abi::CrashReason::none)
      return fail(Errc::failed, fmt::format("the ME died: {}", abi::name(state->crash)));
    return std::string(abi::name(state->to));
  }
  return std::string();
}

Result<> Stage::await(Place& place, std::map<std::uint32_t, Names> expected) {
  const auto deadline = Clock::now() + patience;
  const auto open = [&] {
    return std::ranges::find_if(expected, [](const auto& slot) { return !slot.second.empty(); });
  };
  for (auto next = open(); next != expected.end(); next = open()) {
    const auto event = place.events->next(deadline);
    if (!event)
      return fail(Errc::timed_out, fmt::format("{} of ME {} of {} did not come within {} s", next->second.front(),
                                               next->first, place.name, patience.count()));
    if (const auto* ended = std::get_if<engine::Ended>(&*event)) return std::unexpected(ended->reason);
    if (const auto* lines = std::get_if<engine::LogLines>(&*event)) keep(place, *lines);
    for (auto& [slot, names] : expected) {
      const auto name = shown_event(place, slot, *event);
      if (!name) return std::unexpected(name.error());
      if (name->empty()) continue;
      if (!names.empty() && *name == names.front()) names.pop_front();
      else if (std::ranges::count(names, *name) > 0)
        return fail(Errc::failed, fmt::format("{} came before {}", *name, names.front()));
    }
  }
  return {};
}

Result<> Stage::await_log(Place& place, std::uint32_t slot, std::size_t lines) {
  const auto deadline = Clock::now() + patience;
  const auto prefix = fmt::format("[ME:{}] ", slot);
  auto& log = place.log[slot];
  for (std::size_t shown = 0; shown < lines;) {
    if (!log.empty()) {
      if (!log.front().starts_with(prefix))
        return fail(Errc::failed, fmt::format("a log line without the prefix '{}': {}", prefix, log.front()));
      show("log", fmt::format("{} {}", place.name, log.front()), Colour::dim);
      log.pop_front();
      ++shown;
      continue;
    }
    const auto event = place.events->next(deadline);
    if (!event)
      return fail(Errc::timed_out, fmt::format("{} of {} log lines came within {} s", shown, lines, patience.count()));
    if (const auto* ended = std::get_if<engine::Ended>(&*event)) return std::unexpected(ended->reason);
    if (const auto* more = std::get_if<engine::LogLines>(&*event)) keep(place, *more);
  }
  return {};
}

Result<> Stage::show_store(Place& place, std::uint32_t slot) {
  for (const auto* key : {"spid", "spadcaps", "name", "shortdesc"}) {
    const auto path = fmt::format("soo/me/{}/{}", slot, key);
    const auto value = place.so->store_read(path);
    if (!value) return std::unexpected(value.error());
    show("vbstore", fmt::format("{} {} = {}", place.name, path, *value));
  }
  return {};
}

}  // namespace me::demo
