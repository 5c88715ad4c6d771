#include "so3/agency/bus/bus.hpp"

#include <algorithm>
#include <charconv>

#include "so3/abi/devcaps.hpp"
#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::vbus::State;

std::optional<std::uint32_t> decimal(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string FrontendId::path() const { return "device/" + std::to_string(slot) + '/' + type + '/' + instance; }

std::string FrontendId::backend_path() const { return "backend/" + type + '/' + std::to_string(slot) + '/' + instance; }

std::optional<std::string> FrontendKeys::text(std::string_view key) const {
  const auto full = id_->path().append("/").append(key);
  const auto path = StorePath::parse(full);
  if (!path) return std::nullopt;
  const auto value = store_->read(*path);
  if (!value) return std::nullopt;
  return std::string{*value};
}

std::optional<std::uint32_t> FrontendKeys::number(std::string_view key) const {
  const auto value = text(key);
  return value ? decimal(*value) : std::nullopt;
}

void Bus::add(Backend& backend) {
  backends_.emplace(backend.type(), &backend);
  if (const auto entry = backend.devcaps(); entry != 0) add_devcaps(entry);
  const auto path = "backend/" + std::string{backend.type()};
  static_cast<void>(store_->mkdir(abi::agency_domain, *StorePath::parse(path)));
}

std::uint32_t Bus::devcaps(std::uint8_t device_class) const {
  std::uint32_t attributes = 0;
  for (const auto entry : devcaps_)
    if (abi::devcaps::class_of(entry) == device_class) attributes |= abi::devcaps::attributes_of(entry);
  return attributes;
}

void Bus::follow(std::uint32_t slot) {
  auto& follower = followers_[slot];
  follower = std::make_unique<Follower>(pending_);
  const auto path = "device/" + std::to_string(slot);
  static_cast<void>(store_->watch(*follower, *StorePath::parse(path)));
}

void Bus::forget(std::uint32_t slot) {
  if (const auto follower = followers_.find(slot); follower != followers_.end()) {
    store_->forget(*follower->second);
    followers_.erase(follower);
  }
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.slot == slot; });
}

void Bus::process() {
  while (pending_) {
    pending_ = false;
    for (const auto& [slot, follower] : followers_)
      while (const auto event = follower->take_event()) changed(slot, event->changed);
  }
}

void Bus::service() {
  for (auto& [id, entry] : entries_) {
    if (entry.state == State::suspending) follow(id, entry);
    else if (entry.device) entry.device->service();
  }
}

// Something changed at or below `path`: look at every frontend whose state may have.
void Bus::changed(std::uint32_t slot, std::string_view path) {
  const auto parsed = StorePath::parse(path);
  const auto depth = parsed ? parsed->depth() : 0;  // device/<slot>/<type>/<instance>/state
  if (depth > 5 || (depth == 5 && parsed->component(4) != "state")) return;
  const auto top = "device/" + std::to_string(slot);
  const auto types = depth >= 3 ? std::vector{std::string{parsed->component(2)}} : children(top);
  for (const auto& type : types) {
    const auto instances = depth >= 4 ? std::vector{std::string{parsed->component(3)}} : children(top + '/' + type);
    for (const auto& instance : instances) look({slot, type, instance});
  }
}

std::vector<std::string> Bus::children(const std::string& path) {
  const auto parsed = StorePath::parse(path);
  const auto names = parsed ? store_->list(*parsed) : std::unexpected{abi::Status::bad_argument};
  std::vector<std::string> all;
  if (!names) return all;
  for (std::size_t at = 0; at < names->size();) {
    all.emplace_back(names->c_str() + at);
    at += all.back().size() + 1;
  }
  return all;
}

void Bus::look(const FrontendId& id) {
  const auto written = FrontendKeys{*store_, id}.number("state");
  const auto frontend = written ? static_cast<State>(*written) : State::unknown;
  const auto known = entries_.find(id);
  if (known == entries_.end() && backend::follow(State::unknown, frontend).action == backend::Action::none) return;
  Entry& entry = known == entries_.end() ? entries_[id] : known->second;
  entry.frontend = frontend;
  follow(id, entry);
  if (entry.state == State::unknown) entries_.erase(id);
}

void Bus::follow(const FrontendId& id, Entry& entry) {
  const auto move = backend::follow(entry.state, entry.frontend);
  if (move.action != backend::Action::none && act(id, entry, move.action)) this->move(id, entry, move.next);
}

// False: it stays in the state it is in, or went to another one by itself.
bool Bus::act(const FrontendId& id, Entry& entry, backend::Action action) {
  switch (action) {
    case backend::Action::expect: return expect(id);
    case backend::Action::connect: return connect(id, entry);
    case backend::Action::quiet: return entry.device->suspend();
    case backend::Action::resume: entry.device->resume(); return true;
    case backend::Action::close:
    case backend::Action::forget: entry.device.reset(); return true;
    case backend::Action::wake:
    case backend::Action::none: return true;
  }
  return false;
}

bool Bus::expect(const FrontendId& id) {
  return backends_.contains(id.type) ||
         refuse(id, text("this smart object has no backend of type %s", id.type.c_str()));
}

bool Bus::connect(const FrontendId& id, Entry& entry) {
  const auto backend = backends_.find(id.type);
  if (backend == backends_.end())
    return refuse(id, text("this smart object has no backend of type %s", id.type.c_str()));
  const auto count = std::ranges::count_if(
      entries_, [&](const auto& other) { return other.first.slot == id.slot && other.second.device != nullptr; });
  if (static_cast<std::size_t>(count) >= frontends_per_me)
    return refuse(id, text("an ME may have %zu frontends connected, and has them", frontends_per_me));
  auto device = backend->second->connect(FrontendKeys{*store_, id});
  if (!device) return refuse(id, std::move(device.error()));
  entry.device = std::move(*device);
  return true;
}

void Bus::suspend(std::uint32_t slot) { ask(slot, backend::suspend); }

void Bus::resume(std::uint32_t slot) { ask(slot, backend::resume); }

void Bus::ask(std::uint32_t slot, State (*wanted)(State own)) {
  for (auto& [id, entry] : entries_) {
    if (id.slot != slot || wanted(entry.state) == entry.state) continue;
    move(id, entry, wanted(entry.state));
    follow(id, entry);
  }
}

std::optional<std::string> Bus::unsettled(std::uint32_t slot) const {
  for (const auto& [id, entry] : entries_) {
    if (id.slot != slot || !backend::passing(entry.state)) continue;
    const auto wanted = entry.state == State::suspending      ? State::suspended
                        : entry.state == State::reconfiguring ? State::reconfigured
                                                              : State::connected;
    if (entry.frontend == wanted)
      return text("%s/%s, whose ring cannot be emptied yet", id.type.c_str(), id.instance.c_str());
    return text("%s/%s, which is %.*s and should be %.*s", id.type.c_str(), id.instance.c_str(),
                AGENCY_SV(abi::vbus::name(entry.frontend)), AGENCY_SV(abi::vbus::name(wanted)));
  }
  return std::nullopt;
}

void Bus::move(const FrontendId& id, Entry& entry, State next) {
  entry.state = next;
  if (next != State::unknown) set_state(id, next);
  moved_(id.slot);
}

void Bus::set_state(const FrontendId& id, State state) {
  const auto base = id.backend_path(), frontend = id.path();
  const std::string keys[] = {base + "/state", base + "/frontend", base + "/frontend-id"};
  const std::string values[] = {std::to_string(static_cast<std::uint32_t>(state)), frontend, std::to_string(id.slot)};
  std::vector<Store::Change> changes;
  for (std::size_t i = 0; i < std::size(keys); ++i) {
    const auto path = StorePath::parse(keys[i]);
    if (!path) return;  // the ME chose names so long that they do not fit here: its frontend waits in vain
    const bool known = i == 0 && store_->exists(*path);
    changes.push_back({abi::vbstore::Type::write, *path, values[i]});
    if (known) break;  // the others came with its first state
  }
  static_cast<void>(store_->transaction(abi::agency_domain, changes));
}

bool Bus::refuse(const FrontendId& id, std::string why) {
  const auto path = id.path() + "/error";
  if (const auto parsed = StorePath::parse(path))
    static_cast<void>(
        store_->write(abi::agency_domain, *parsed, std::string_view{why}.substr(0, abi::vbstore::value_max)));
  if (backends_.contains(id.type)) move(id, entries_[id], State::closed);
  else moved_(id.slot);
  return false;
}

std::optional<std::string> Bus::error(std::uint32_t slot) {
  const auto top = "device/" + std::to_string(slot);
  for (const auto& type : children(top))
    for (const auto& instance : children(top + '/' + type))
      if (auto why = FrontendKeys{*store_, FrontendId{slot, type, instance}}.text("error")) {
        // The ME may have written it.
        return type + '/' + instance + ": " + printable(*why);
      }
  return std::nullopt;
}

}  // namespace agency
