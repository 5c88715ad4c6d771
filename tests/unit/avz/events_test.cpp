#include "so3/avz/events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "so3/arch/barrier.hpp"
#include "so3/avz/domain_build.hpp"
#include "so3/avz/event_delivery.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::Status;
namespace calls = avz::calls;

class Events : public testing::Test {
 protected:
  // A connection, and the port of each side.
  std::pair<std::uint32_t, std::uint32_t> connect(avz::Domain& first, avz::Domain& second) {
    const auto a = machine.call(calls::event_alloc, first, {second.slot});
    EXPECT_EQ(a.status(), Status::ok);
    const auto b = machine.call(calls::event_bind, second, {first.slot, a.x[1]});
    EXPECT_EQ(b.status(), Status::ok);
    return {static_cast<std::uint32_t>(a.x[1]), static_cast<std::uint32_t>(b.x[1])};
  }

  fake::Machine machine;
  avz::Domain& agency = machine.agency();
  avz::Domain& me = machine.create_started();
  avz::Domain& other = machine.create_started();
};

TEST_F(Events, SendSetsThePendingBitAndRingsOnlyWhenNothingWasPending) {
  const auto [port, agency_port] = connect(me, agency);
  int rings = 0;
  machine.on_notify = [&](avz::Vcpu& vcpu) {
    EXPECT_EQ(&vcpu, &agency.vcpu);
    rings++;
  };
  EXPECT_EQ(machine.send(me, port), Status::ok);
  EXPECT_EQ(agency.shared->pending[agency_port / 64], 1ull << agency_port % 64);
  EXPECT_EQ(agency.shared->selector, 1ull << agency_port / 64);
  EXPECT_EQ(rings, 1);
  EXPECT_EQ(machine.send(me, port), Status::ok);
  EXPECT_EQ(rings, 1);
}

TEST_F(Events, ReachesEveryWordOfTheAgency) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
  for (int i = 0; i < 60; i++) all.push_back(connect(agency, me));
  for (const auto& [agency_port, port] : all) {
    agency.shared->selector = 0;
    std::fill(std::begin(agency.shared->pending), std::end(agency.shared->pending), 0);
    EXPECT_EQ(machine.send(me, port), Status::ok);
    EXPECT_TRUE(avz::is_pending(*agency.shared, agency_port));
    EXPECT_EQ(agency.shared->selector, 1ull << agency_port / 64);
  }
}

// X5, X11: no number is a reason to stop or to reach anything.
TEST_F(Events, AnyPortNumberIsSafe) {
  for (const std::uint64_t port :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{8}, std::uint64_t{127}, std::uint64_t{128},
        std::uint64_t{4031}, std::uint64_t{4032}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    EXPECT_NE(machine.send(me, port), Status::ok) << port;
    EXPECT_NE(machine.call(calls::event_close, me, {port}).status(), Status::ok) << port;
    EXPECT_NE(machine.call(calls::event_bind, me, {0, port}).status(), Status::ok) << port;
    EXPECT_NE(machine.call(calls::event_bind, me, {port, 8}).status(), Status::ok) << port;
  }
  EXPECT_EQ(machine.send(me, abi::port_control), Status::denied) << "avz's own port";
  EXPECT_EQ(machine.send(me, abi::port_store), Status::bad_state) << "nobody bound it yet";
}

TEST_F(Events, OnlyTheNamedDomainBindsAndOnlyOnce) {
  const auto a = machine.call(calls::event_alloc, me, {0});
  EXPECT_EQ(machine.call(calls::event_bind, other, {me.slot, a.x[1]}).status(), Status::not_found);
  EXPECT_EQ(machine.call(calls::event_bind, agency, {me.slot, a.x[1]}).status(), Status::ok);
  EXPECT_EQ(machine.call(calls::event_bind, agency, {me.slot, a.x[1]}).status(), Status::not_found);
  EXPECT_EQ(machine.call(calls::event_alloc, me, {me.slot}).status(), Status::bad_argument);
  EXPECT_EQ(machine.call(calls::event_bind, me, {me.slot, 8}).status(), Status::bad_argument);
  EXPECT_EQ(machine.call(calls::event_alloc, me, {200}).status(), Status::not_found);
}

TEST_F(Events, StorePortWaitsForTheAgencyAndAgainAfterItClosed) {
  const auto bound = machine.call(calls::event_bind, agency, {me.slot, abi::port_store});
  ASSERT_EQ(bound.status(), Status::ok);
  EXPECT_EQ(machine.send(me, abi::port_store), Status::ok);
  EXPECT_EQ(machine.send(agency, bound.x[1]), Status::ok);
  EXPECT_TRUE(avz::is_pending(*me.shared, abi::port_store));
  EXPECT_EQ(machine.call(calls::event_close, me, {abi::port_store}).status(), Status::denied);
  EXPECT_EQ(machine.call(calls::event_close, agency, {bound.x[1]}).status(), Status::ok);
  EXPECT_EQ(machine.send(me, abi::port_store), Status::bad_state);
  EXPECT_EQ(machine.call(calls::event_bind, other, {me.slot, abi::port_store}).status(), Status::not_found);
  EXPECT_EQ(machine.call(calls::event_bind, agency, {me.slot, abi::port_store}).status(), Status::ok);
}

TEST_F(Events, CloseFreesThePortAndOrphansThePeer) {
  const auto [port, agency_port] = connect(me, agency);
  EXPECT_EQ(machine.call(calls::event_close, me, {port}).status(), Status::ok);
  EXPECT_EQ(machine.send(agency, agency_port), Status::not_found);
  EXPECT_EQ(machine.call(calls::event_close, agency, {agency_port}).status(), Status::ok);
  EXPECT_EQ(machine.call(calls::event_close, agency, {agency_port}).status(), Status::not_found);
  EXPECT_EQ(connect(me, agency), (std::pair{port, agency_port})) << "both are used again";
}

TEST_F(Events, TableIsFullIsAnErrorAndEveryPortCanBeUsed) {
  std::uint32_t n = 0;
  abi::Status last;
  while ((last = machine.call(calls::event_alloc, me, {0}).status()) == Status::ok) n++;
  EXPECT_EQ(last, Status::no_memory);
  EXPECT_EQ(n, abi::events_me - abi::port_first_free);
  EXPECT_EQ(machine.call(calls::event_close, me, {50}).status(), Status::ok);
  EXPECT_EQ(machine.call(calls::event_alloc, me, {0}).x[1], 50u);
}

// X14: everything of a domain that ends is undone by avz itself.
TEST_F(Events, DeathClosesEverything) {
  const auto [port, agency_port] = connect(me, agency);
  const auto waiting = machine.call(calls::event_alloc, agency, {me.slot});
  const auto slot = me.slot;
  machine.destroy(me);
  EXPECT_EQ(machine.send(agency, agency_port), Status::not_found);
  avz::Domain& successor = machine.create_started();
  ASSERT_EQ(successor.slot, slot);
  EXPECT_EQ(machine.send(agency, agency_port), Status::not_found) << "not to who lives in the slot now";
  EXPECT_EQ(successor.shared->selector, 0u);
  EXPECT_EQ(machine.call(calls::event_bind, successor, {0, waiting.x[1]}).status(), Status::not_found)
      << "a port that waits for a dead domain is not for its successor";
  EXPECT_EQ(machine.call(calls::event_close, agency, {waiting.x[1]}).status(), Status::ok);
  EXPECT_EQ(machine.call(calls::event_close, agency, {agency_port}).status(), Status::ok);
}

// A send that is on its way when the receiver dies, or closes the channel: nothing of the receiver goes, and its slot
// and port are nobody else's, before the send has ended.
TEST_F(Events, DestroyAndCloseWaitForASendThatIsOnItsWay) {
  constexpr auto turns = 1000;
  const auto hold_up = [&](std::uint32_t port, auto&& breaks) {
    std::atomic<bool> broken{false};
    std::thread breaker;
    machine.on_notify = [&](avz::Vcpu& vcpu) {
      if (&vcpu != &me.vcpu) return;
      breaker = std::thread{[&] {
        avz::Cpu cpu{};
        avz::host_cpu = &cpu;
        breaks();
        broken = true;
      }};
      while (other.events.get(port).kind() == avz::Channel::Kind::connected) std::this_thread::yield();
      for (int i = 0; i < turns; i++) {
        EXPECT_FALSE(broken);
        std::this_thread::yield();
      }
      EXPECT_EQ(vcpu.domain, &me);
    };
    EXPECT_EQ(machine.send(other, port), Status::ok);
    breaker.join();
    machine.on_notify = {};
    EXPECT_EQ(machine.send(other, port), Status::not_found);
  };
  const auto [closed, me_port] = connect(other, me);
  hold_up(closed, [&] {
    std::uint64_t x[8] = {0, me_port};
    calls::event_close(me.vcpu, x);
    EXPECT_EQ(x[0], 0u);
  });
  me.shared->selector = 0;
  std::fill(std::begin(me.shared->pending), std::end(me.shared->pending), 0);
  const auto [lost, again] = connect(other, me);
  EXPECT_EQ(again, me_port);
  hold_up(lost, [&] { avz::destroy_me(me); });
  avz::Domain& successor = machine.create_started();
  EXPECT_EQ(machine.send(other, lost), Status::not_found);
  EXPECT_EQ(successor.shared->selector, 0u);
}

TEST_F(Events, DeviceInterruptIsMaskedUntilServed) {
  EXPECT_EQ(machine.call(calls::irq_bind, agency, {33}).status(), Status::bad_argument) << "not a device of the agency";
  EXPECT_EQ(machine.call(calls::irq_bind, agency, {~std::uint64_t{0}}).status(), Status::bad_argument);
  EXPECT_EQ(machine.call(calls::irq_unmask, agency, {79}).status(), Status::not_found);
  const auto bound = machine.call(calls::irq_bind, agency, {79});
  ASSERT_EQ(bound.status(), Status::ok);
  EXPECT_TRUE(machine.enabled_interrupts.contains(79));
  EXPECT_EQ(machine.call(calls::irq_bind, agency, {79}).status(), Status::busy);
  machine.enabled_interrupts.clear();
  avz::device_interrupt(79);
  EXPECT_TRUE(avz::is_pending(*agency.shared, static_cast<std::uint32_t>(bound.x[1])));
  EXPECT_FALSE(machine.enabled_interrupts.contains(79));
  EXPECT_EQ(machine.call(calls::irq_unmask, agency, {79}).status(), Status::ok);
  EXPECT_TRUE(machine.enabled_interrupts.contains(79));
  EXPECT_EQ(machine.send(agency, bound.x[1]), Status::denied);
  avz::device_interrupt(1023);
}

TEST_F(Events, ChangesAreToldOnceAndInTurns) {
  std::vector<avz::Domain*> mes = {&me, &other};
  for (int i = 0; i < 3; i++) mes.push_back(&machine.create_started());
  while (machine.call(calls::domain_next_change, agency).x[1] != 0) {
  }
  for (avz::Domain* d : mes) d->state = abi::State::booting;
  for (avz::Domain* d : mes) EXPECT_EQ(machine.call(calls::set_state, *d, {1}).status(), Status::ok);
  EXPECT_TRUE(avz::is_pending(*agency.shared, abi::port_control));
  std::vector<std::uint64_t> told;
  while (const auto slot = machine.call(calls::domain_next_change, agency).x[1]) told.push_back(slot);
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (std::vector<std::uint64_t>{2, 3, 4, 5, 6}));
}

TEST_F(Events, DcEventGoesThereAndBackOnceAtATime) {
  const auto post = [&](abi::DcEvent e) {
    return machine.call(calls::dc_event_post, agency, {me.slot, static_cast<std::uint64_t>(e), 5}).status();
  };
  const auto done = [&](abi::DcEvent e) {
    return machine.call(calls::dc_event_done, me, {static_cast<std::uint64_t>(e), 42}).status();
  };
  EXPECT_EQ(done(abi::DcEvent::activate), Status::bad_state) << "nothing was asked";
  EXPECT_EQ(post(abi::DcEvent::activate), Status::ok);
  EXPECT_EQ(me.shared->dc_event, 9u);
  EXPECT_EQ(me.shared->dc_argument, 5u);
  EXPECT_TRUE(avz::is_pending(*me.shared, abi::port_control));
  EXPECT_EQ(post(abi::DcEvent::suspend), Status::busy);
  EXPECT_EQ(done(abi::DcEvent::suspend), Status::bad_state);
  EXPECT_EQ(machine.call(calls::dc_event_result, agency, {me.slot}).x[1], 0u);
  EXPECT_EQ(done(abi::DcEvent::activate), Status::ok);
  EXPECT_EQ(me.shared->dc_event, 0u);
  EXPECT_EQ(post(abi::DcEvent::suspend), Status::busy) << "the answer has to be fetched first";
  const auto r = machine.call(calls::dc_event_result, agency, {me.slot});
  EXPECT_EQ(r.x[1], 9u);
  EXPECT_EQ(r.x[2], 42u);
  EXPECT_EQ(machine.call(calls::dc_event_result, agency, {me.slot}).x[1], 0u);
  EXPECT_EQ(post(abi::DcEvent::suspend), Status::ok);
}

// Four senders on threads against one receiver that follows the protocol of shared_page.hpp: each counts up in
// memory and sends; the receiver must have seen every counter's end when the doorbell has rung for the last time.
TEST_F(Events, NothingIsLostBetweenThreads) {
  constexpr int senders = 4;
  constexpr std::uint64_t rounds = 20'000;
  std::vector<avz::Domain*> sending;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ports;
  for (int i = 0; i < senders; i++) {
    sending.push_back(&machine.create_started(256 << 10));
    ports.push_back(connect(*sending.back(), agency));
  }
  std::fill(std::begin(agency.shared->pending), std::end(agency.shared->pending), 0);
  agency.shared->selector = 0;

  std::atomic<bool> doorbell{false};
  machine.on_notify = [&](avz::Vcpu&) { doorbell.store(true); };
  std::atomic<std::uint64_t> written[senders] = {};
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; i++) {
    threads.emplace_back([&, i] {
      for (std::uint64_t n = 1; n <= rounds; n++) {
        written[i].store(n, std::memory_order_relaxed);
        ASSERT_EQ(machine.send(*sending[i], ports[i].first), Status::ok);
      }
    });
  }
  std::uint64_t seen[senders] = {};
  const auto all_seen = [&] { return std::all_of(seen, seen + senders, [](auto s) { return s == rounds; }); };
  while (!all_seen()) {
    while (!doorbell.exchange(false)) std::this_thread::yield();
    auto selector = std::atomic_ref{agency.shared->selector}.exchange(0);
    for (std::uint32_t w = 0; selector != 0; w++, selector >>= 1) {
      if ((selector & 1) == 0) continue;
      const auto bits = std::atomic_ref{agency.shared->pending[w]}.exchange(0);
      for (int i = 0; i < senders; i++)
        if (ports[i].second / 64 == w && (bits >> ports[i].second % 64 & 1) != 0) seen[i] = written[i].load();
    }
  }
  for (auto& t : threads) t.join();
}

// Connections are made and broken on two CPUs at once while both send: no deadlock, and both tables end up free.
TEST_F(Events, BindSendAndCloseFromTwoSidesAtOnce) {
  const auto churn = [&](avz::Domain& self, avz::Domain& peer) {
    avz::Cpu cpu{};
    cpu.current = &self.vcpu;
    avz::host_cpu = &cpu;
    for (int i = 0; i < 3000; i++) {
      std::uint64_t x[8] = {0, peer.slot};
      calls::event_alloc(self.vcpu, x);
      const auto own = x[1];
      std::uint64_t b[8] = {0, peer.slot, 8 + static_cast<std::uint64_t>(i % 4)};
      calls::event_bind(self.vcpu, b);
      for (std::uint64_t p = 8; p < 12; p++) static_cast<void>(calls::event_send(0, p, 0, 0, 0));
      if (b[0] == 0) {
        std::uint64_t c[8] = {0, b[1]};
        calls::event_close(self.vcpu, c);
        EXPECT_EQ(c[0], 0u);
      }
      std::uint64_t c[8] = {0, own};
      calls::event_close(self.vcpu, c);
      EXPECT_EQ(c[0], 0u);
    }
    avz::host_cpu = nullptr;
  };
  std::thread a{[&] { churn(me, other); }}, b{[&] { churn(other, me); }};
  a.join();
  b.join();
  for (const avz::Domain* d : {&me, &other})
    for (std::uint32_t p = abi::port_first_free; p < abi::events_me; p++)
      EXPECT_EQ(d->events.get(p).kind(), avz::Channel::Kind::free);
}

// The receiver dies and its slot is used anew, again and again, while somebody sends without a pause: a send is
// delivered or refused, and no domain ever sees an event on a port that nobody connected.
TEST_F(Events, SendsRaceWithTheDeathOfTheReceiver) {
  std::atomic<bool> stop{false};
  std::thread sender{[&] {
    while (!stop) {
      for (std::uint64_t port = abi::port_first_free; port < abi::port_first_free + 4; port++) {
        const Status s = machine.send(other, port);
        ASSERT_TRUE(s == Status::ok || s == Status::not_found || s == Status::bad_state);
      }
    }
  }};
  avz::Domain* receiver = &me;
  for (int i = 0; i < 200; i++) {
    const auto [port, receiver_port] = connect(other, *receiver);
    const avz::Domain& now = *receiver;
    for (std::uint32_t p = abi::port_first_free; p < abi::events_me; p++) {
      if (p != receiver_port) {
        EXPECT_FALSE(avz::is_pending(*now.shared, p));
      }
    }
    machine.destroy(*receiver);
    receiver = &machine.create_started(256 << 10);
    EXPECT_EQ(machine.call(calls::event_close, other, {port}).status(), Status::ok);
  }
  stop = true;
  sender.join();
}

}  // namespace
