#include "engine/neighbours/neighbours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/host/paths.hpp"

namespace engine::neighbours {
namespace {

constexpr std::size_t names_max = 256;

}  // namespace

void Neighbours::introduce(const abi::link::Hello& self) {
  own_ = {greeting_magic, wire_version, self.agency_uid, self.boot_id, 0, 0, {}};
  std::memcpy(own_.name, self.name, sizeof own_.name);
}

void Neighbours::add(FileDescriptor socket, bool asked, Linked linked) {
  auto line = std::make_shared<Line>(io_, std::move(socket), static_cast<Line::Owner&>(*this));
  beginning_.emplace(line, Beginning{std::move(linked), asked, boost::asio::steady_timer(io_, patience_)});
  await_greeting(line);
  line->start();
  if (asked) greet(*line, asked);
}

void Neighbours::await_greeting(const std::shared_ptr<Line>& line) {
  beginning_.at(line).patience.async_wait([this, weak = std::weak_ptr(line)](boost::system::error_code error) {
    const auto silent = weak.lock();
    if (error || !silent) return;
    const auto at = beginning_.find(silent);
    if (at == beginning_.end() || at->second.heard) return;
    const auto why = fmt::format("no greeting within {} ms", patience_.count());
    settle(*silent, fail(Errc::timed_out, "the link was not made: " + why));
    silent->leave(Leave::refused, why);
  });
}

void Neighbours::greet(Line& line, bool asked) {
  auto own = own_;
  own.asked = asked;
  line.greet(own);
}

void Neighbours::settle(Line& line, Result<Neighbour> result) {
  auto waiting = beginning_.extract(line.shared_from_this());
  if (waiting && waiting.mapped().linked) waiting.mapped().linked(std::move(result));
}

void Neighbours::greeted(const std::shared_ptr<Line>& line, const Greeting& g) {
  const std::string name = g.name;
  auto& beginning = beginning_.at(line);
  beginning.heard = true;
  beginning.patience.cancel();
  if (!check_name(name)) return line->leave(Leave::refused, "its name is none that a smart object can have");
  if (g.agency_uid == own_.agency_uid) return line->leave(Leave::refused, "a smart object is no neighbour of itself");
  const bool asked = beginning.asked;
  for (auto at = known_.begin(); at != known_.end(); ++at) {
    auto& k = at->second;
    if (k.neighbour.agency_uid != g.agency_uid && k.neighbour.name != name) continue;
    // Both asked at once: both sides keep the link of the one with the smaller UID.
    const bool mine_wins = own_.agency_uid < g.agency_uid;
    const bool crossed = k.asked != asked;
    if (!crossed || k.asked == mine_wins)
      return line->leave(Leave::refused, fmt::format("{} and {} are linked already", own_.name, name));
    const auto other = k.line;
    other->leave(Leave::refused, "linked twice at once: the other link stays");
    break;
  }
  const auto peer = next_peer_++;
  const Neighbour neighbour{name, g.agency_uid, peer};
  known_[peer] = {neighbour, line, asked};
  names_[peer] = name;
  if (names_.size() > names_max) names_.erase(names_.begin());
  abi::link::PeerUp up{peer, 0, g.agency_uid, g.boot_id, {}};
  std::memcpy(up.name, g.name, sizeof up.name);
  agency_->peer_up(up, [this, peer](const Result<>& taken) { answered(peer, taken); });
}

// Who was asked greets only now: when its agency does not take the link, the other side never had one.
void Neighbours::answered(std::uint32_t peer, const Result<>& taken) {
  const auto at = known_.find(peer);
  if (at == known_.end()) return;  // it went meanwhile
  const auto line = at->second.line;
  if (!taken) {
    settle(*line, std::unexpected(taken.error()));
    return line->leave(Leave::refused, taken.error().message);
  }
  at->second.linked = true;
  if (!at->second.asked) greet(*line, false);
  agency_->changed({at->second.neighbour.name, true, false, {}});
  settle(*line, at->second.neighbour);
}

void Neighbours::message(Line& line, std::span<const std::uint8_t> bytes) {
  for (const auto& [peer, k] : known_)
    if (k.line.get() == &line) return agency_->from_peer(peer, bytes);
}

void Neighbours::ended(Line& line, const End& end) {
  settle(line,
         fail(end.how == Leave::ended ? Errc::died : Errc::refused, fmt::format("the link was not made: {}", end.why)));
  const auto at = std::ranges::find_if(known_, [&](const auto& k) { return k.second.line.get() == &line; });
  if (at == known_.end()) return;
  const auto gone = std::move(at->second);
  const auto peer = at->first;
  known_.erase(at);
  agency_->peer_down({peer, end.how == Leave::ended});
  if (gone.linked) agency_->changed({gone.neighbour.name, false, end.how == Leave::unlinked, end.why});
}

bool Neighbours::remove(std::string_view name) {
  const auto at = std::ranges::find_if(known_, [&](const auto& k) { return k.second.neighbour.name == name; });
  if (at == known_.end()) return false;
  const auto line = at->second.line;
  line->leave(Leave::unlinked, "unlinked");
  return true;
}

std::vector<Neighbour> Neighbours::all() const {
  std::vector<Neighbour> list;
  for (const auto& [peer, k] : known_)
    if (k.linked) list.push_back(k.neighbour);
  return list;
}

const Neighbour* Neighbours::find(std::string_view name) const {
  for (const auto& [peer, k] : known_)
    if (k.linked && k.neighbour.name == name) return &k.neighbour;
  return nullptr;
}

std::string Neighbours::name_of(std::uint32_t peer) const {
  const auto at = names_.find(peer);
  return at == names_.end() ? "" : at->second;
}

void Neighbours::to_peer(std::uint32_t peer, std::span<const std::uint8_t> message) {
  if (const auto at = known_.find(peer); at != known_.end()) {
    const auto line = at->second.line;  // it may end in send()
    line->send(message);
  }
}

std::set<std::shared_ptr<Line>> Neighbours::lines() const {
  std::set<std::shared_ptr<Line>> all;
  for (const auto& [peer, k] : known_) all.insert(k.line);
  for (const auto& [line, beginning] : beginning_) all.insert(line);
  return all;
}

void Neighbours::go_on() {
  for (const auto& line : lines()) line->go_on();
}

void Neighbours::end(const Error& reason) {
  for (const auto& line : lines()) {
    settle(*line, std::unexpected(reason));
    line->leave(Leave::ended, fmt::format("smart object {} has ended", own_.name));
  }
}

}  // namespace engine::neighbours
