// What transfers may cost a smart object: its link to the engine, its console, its memory.
#include <new>

#include "so3/agency/text.hpp"
#include "transfer_net.hpp"

// What there is no memory for, where whoever asks can do without.
static std::size_t memory_for_each = SIZE_MAX;
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
  return n > memory_for_each ? nullptr : ::operator new(n);
}
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept {
  return n > memory_for_each ? nullptr : ::operator new[](n);
}

namespace agency {
namespace {

using abi::Status;

using abi::link::Type;
using transfer::Id;
using transfer::Kind;
using transfer::Offer;

// Neighbours that say what a test has them say.
struct Limits : AgencyTest {
  Limits() { hello(); }
  // Nobody is waited for any more.
  void TearDown() override {
    port.room = SIZE_MAX;
    for (std::uint32_t i = 1; i <= transfer::Peers::max; ++i) ask(Type::peer_down, 1, raw(abi::link::PeerDown{i, 1}));
    agency.link().closed();
    AgencyTest::TearDown();
    pass(2'000 * ms);
  }
  void hello() { ask(Type::hello, 1, raw(abi::link::Hello{abi::version, 0, 1, {}, 0, {'A'}, 77})); }
  void up(std::uint32_t peer) { ask(Type::peer_up, 1, raw(abi::link::PeerUp{peer, 0, 100 + peer, 1000, {'B'}})); }
  void hear(std::uint32_t peer, const std::string& message) {
    ask(Type::peer, 0, std::string{raw(abi::link::Peer{peer, 0})} + message);
  }
  // What the neighbours were told since, as far as it is of type T.
  template <typename T>
  std::vector<std::pair<std::uint32_t, Id>> told() {
    std::vector<std::pair<std::uint32_t, Id>> all;
    for (const auto& f : frames()) {
      if (f.type != Type::peer) {
        others.push_back(f);
        continue;
      }
      const auto m = transfer::Message::parse(std::string_view{f.payload}.substr(sizeof(abi::link::Peer)));
      EXPECT_TRUE(m);
      if (m && m->template as<T>() != nullptr) all.emplace_back(f.as<abi::link::Peer>().peer, m->id());
    }
    return all;
  }
  // An ME with memory, that wants to be everywhere.
  std::uint32_t inject_me() {
    const auto slot = inject();
    for (std::size_t i = 0; i < 100; ++i) avz.domains[slot].now.pages[abi::ram_ipa + i * abi::page_size].fill(1);
    avz.on_domcall = [](auto...) { return hypercall::DomcallOutcome{abi::Outcome::done, 0, {0, 1}}; };
    return slot;
  }
  // By hand: to so many neighbours, from 1 on, whose offers are returned.
  std::vector<std::pair<std::uint32_t, Id>> propagate(std::uint32_t slot, std::uint32_t neighbours) {
    ask(Type::period, 1, raw(abi::link::Period{0, 0}));
    for (std::uint32_t i = 1; i <= neighbours; ++i) up(i);
    ask(Type::propagate, 20, raw(abi::link::Propagate{slot, abi::link::peers_all}));
    return told<Offer>();
  }
  std::string answer() {
    for (const auto& f : frames()) others.push_back(f);
    for (const auto& f : others)
      if (f.type == Type::reply && f.id == 20) return f.payload.substr(sizeof(abi::link::Reply));
    return "none";
  }
  static Offer offer() { return {Kind::copy, abi::version, 1, 1 << 20, 2, "x"}; }
};

// However much waits for the engine when a transfer ends: the frame that is too much closes the link, which ends it too.
TEST_F(Limits, ATransferThatEndsMayCloseTheLink) {
  constexpr std::size_t queue_max = 1 << 20;
  int closed_by_it = 0;
  for (std::size_t left = 0; left < 400; left += 8) {
    agency.link().closed();
    port.room = SIZE_MAX;
    agency.link().open();
    hello();
    up(2);
    frames();
    const Id id{1000 + left, 1};
    hear(2, encode(id, offer()));
    port.room = 0;
    while (agency.link().queued() < queue_max - left) {
      const auto n = std::min<std::size_t>(queue_max - left - agency.link().queued(), 60'000);
      agency.link().send(Type::log, 0, std::string(n - std::min(n, sizeof(abi::link::Frame)), 'x'));
    }
    auto garbage = encode(id, transfer::Cancel{});
    garbage[0] = 0x55;
    port.closed = false;
    hear(2, garbage);
    closed_by_it += port.closed;
    EXPECT_TRUE(avz.domains.empty());
  }
  EXPECT_GT(closed_by_it, 10) << "else nothing was tested";
}

// E: what is on its way to all neighbours at once is less than the engine may have waiting.
TEST_F(Limits, AsManyNeighboursAsThereCanBeDoNotCloseTheLink) {
  const auto slot = inject_me();
  const auto offers = propagate(slot, transfer::Peers::max);
  ASSERT_EQ(offers.size(), transfer::Peers::max);
  for (const auto& [peer, id] : offers) {
    if (&offers.back().second == &id) port.room = 0;
    hear(peer, encode(id, transfer::Accept{UINT64_MAX}));
  }
  pass(4'000 * ms);
  EXPECT_GT(agency.link().queued(), 100'000u);
  EXPECT_FALSE(port.closed);
}

// Those that wait for their turn to be asked count as well: each may say YES.
TEST_F(Limits, TransfersThatMayComeAreCounted) {
  for (int i = 0; i < 20; ++i) inject_me();
  for (std::uint32_t i = 1; i <= 3; ++i) up(i);
  bool stopped = false;
  avz.fail = [&](abi::Call c) {
    return c == abi::Call::domcall_run && !stopped ? std::optional{Status::busy} : std::nullopt;
  };
  pass(1'100 * ms);
  stopped = true;
  told<Offer>();
  pass(100 * ms);
  const auto offers = told<Offer>().size();
  EXPECT_GT(offers, 0u);
  EXPECT_LE(offers, transfer::Transfers::outgoing_max);
}

// M61: the resident goes on, however slow whoever reads its copy is.
TEST_F(Limits, AnMeDoesNotWaitForASlowReader) {
  for (const bool waits : {true, false}) {
    const auto slot = inject_me();
    const auto offers = propagate(slot, 1);
    ASSERT_EQ(offers.size(), 1u);
    const auto id = offers[0].second;
    std::uint64_t up_to = abi::transfer::data_max;
    hear(1, encode(id, transfer::Accept{up_to}));
    avz.domains[slot].waits_for_reader = waits;
    told<transfer::Cancel>();
    for (int i = 0; i < 2; ++i) {
      pass(950 * ms);
      hear(1, encode(id, transfer::Credit{up_to += abi::transfer::data_max}));
      EXPECT_TRUE(told<transfer::Cancel>().empty());
    }
    pass(300 * ms);
    EXPECT_EQ(told<transfer::Cancel>().size(), waits ? 1u : 0u);
    EXPECT_EQ(avz.domains[slot].snapshot.has_value(), !waits);
    EXPECT_EQ(avz.domains[slot].state, abi::State::living);
    if (waits) {
      EXPECT_NE(
          answer().find("ME 2 (SOO.refso3) waited 2 s in all because its snapshot is not read as fast as it writes"),
          std::string::npos)
          << answer();
    }
    ask(Type::kill, 9, raw(abi::link::Slot{slot, 0}));
    ask(Type::peer_down, 1, raw(abi::link::PeerDown{1, 1}));
    pass(100 * ms);
    others.clear();
  }
}

// How much it has in vbstore, an ME decides.
TEST_F(Limits, NoMemoryForAStreamEndsTheStream) {
  const auto slot = inject_me();
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(agency.store().write(abi::agency_domain, *StorePath::parse(text("soo/me/%u/k%d", slot, i)),
                                     std::string(1'000, 'v')));
  for (const auto enough : {false, true}) {
    const auto offers = propagate(slot, 1);
    ASSERT_EQ(offers.size(), 1u);
    memory_for_each = enough ? SIZE_MAX : 100'000;
    hear(1, encode(offers[0].second, transfer::Accept{UINT64_MAX}));
    pass(100 * ms);
    memory_for_each = SIZE_MAX;
    EXPECT_EQ(told<transfer::Cancel>().size(), enough ? 0u : 1u);
    EXPECT_EQ(avz.domains[slot].state, abi::State::living);
    EXPECT_EQ(console_text.find("cannot be read: out of memory") == std::string::npos, enough) << console_text;
    console_text.clear();
  }
}

// E33: a neighbour fills neither the console nor the machine.
TEST_F(Limits, ANeighbourThatComesAndGoesIsHeardOfAFewTimesASecond) {
  up(2);
  console_text.clear();
  std::size_t refused = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Id id{1000 + i, 1};
    hear(2, encode(id, offer()));
    refused += told<transfer::Refuse>().size();
    hear(2, encode(id, transfer::Cancel{}));
  }
  EXPECT_EQ(refused, 200u - 64);
  EXPECT_EQ(std::ranges::count(console_text, '\n'), 3) << console_text;
  pass(1'100 * ms);
  hear(2, encode(Id{5000, 1}, offer()));
  EXPECT_EQ(told<transfer::Accept>().size(), 1u) << "a second later it may again";
}

TEST_F(Limits, MesOnTheirWayHereAreBoundedByPlaceAndInAll) {
  const auto refusal = [&](std::uint32_t peer, std::uint64_t instance) {
    frames();
    hear(peer, encode(Id{instance, 1}, offer()));
    for (const auto& f : frames()) {
      if (f.type != Type::peer) continue;
      const auto m = transfer::Message::parse(std::string_view{f.payload}.substr(sizeof(abi::link::Peer)));
      if (const auto* refuse = m->as<transfer::Refuse>()) return refuse->text;
    }
    return std::string{};
  };
  for (std::uint32_t peer = 2; peer < 7; ++peer) up(peer);
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(refusal(2, 100 + i), "");
  EXPECT_EQ(refusal(2, 104), "4 MEs are on their way here from the same place, which are the most: wait");
  for (std::uint32_t peer = 3; peer < 6; ++peer)
    for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(refusal(peer, 100 * peer + i), "");
  EXPECT_EQ(refusal(6, 900), "16 MEs are on their way here, which are the most at once: wait");
}

}  // namespace
}  // namespace agency
