#include "agency_fixture.hpp"

namespace agency {
namespace {

using abi::DcEvent;
using abi::State;
using abi::Status;
using Trace = std::vector<std::string>;

struct EndingTest : AgencyTest {
  EndingTest() {
    inject();
    avz.trace.clear();
  }
  void stop(std::uint32_t id, std::uint32_t grace_ms) {
    ask(abi::link::Type::stop, id, raw(abi::link::Stop{2, grace_ms}));
  }
};

// M58: force_terminate, then the frontends close, then it is reaped.
TEST_F(EndingTest, StopOfAnMeThatAgrees) {
  avz.on_dc_event = [&](std::uint32_t slot, DcEvent e) {
    if (e == DcEvent::force_terminate) avz.domains[slot].state = State::terminated;
    avz.answer(slot, e);
  };
  ASSERT_TRUE(agency.store().write(2, *StorePath::parse("soo/me/2/name"), "x"));
  stop(5, 1000);
  const auto r = reply(5);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->status, Status::ok);
  EXPECT_EQ(r->text, "terminated");
  EXPECT_EQ(avz.trace, (Trace{"cb_force_terminate 2", "close 2", "unmap", "destroy 2"}));
  EXPECT_FALSE(agency.store().exists(*StorePath::parse("soo/me/2")));
}

TEST_F(EndingTest, StopOfAnMeThatRefusesWaitsOutTheGrace) {
  stop(5, 1000);
  EXPECT_FALSE(reply(5));
  pass(999 * ms);
  EXPECT_FALSE(reply(5));
  pass(2 * ms);
  EXPECT_EQ(reply(5)->text, "refused to terminate (ME_state_living) and was destroyed");
  EXPECT_TRUE(avz.domains.empty());
}

// While it is driven nobody stops the vCPU of an ME that went to rest, and at rest it cannot end by itself.
TEST_F(EndingTest, StopOfAnMeThatGoesToRestDoesNotWait) {
  avz.on_dc_event = [&](std::uint32_t slot, DcEvent e) {
    avz.domains[slot].state = State::dormant;
    avz.answer(slot, e);
  };
  stop(5, 60'000);
  const auto r = reply(5);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->text, "refused to terminate (ME_state_dormant) and was destroyed");
  EXPECT_EQ(avz.trace, (Trace{"cb_force_terminate 2", "unmap", "destroy 2"}));
}

TEST_F(EndingTest, StopOfAnMeThatDoesNotAnswer) {
  avz.on_dc_event = [](auto...) {};
  stop(5, 100);
  pass(101 * ms);
  EXPECT_EQ(reply(5)->text, "did not answer cb_force_terminate in time and was destroyed");
  EXPECT_TRUE(avz.domains.empty());
}

TEST_F(EndingTest, StopOfAnMeThatClosesForEver) {
  avz.on_dc_event = [&](std::uint32_t slot, DcEvent e) {
    if (e != DcEvent::force_terminate) return;
    avz.domains[slot].state = State::terminated;
    avz.answer(slot, e);
  };
  stop(5, 50);
  pass(151 * ms);
  EXPECT_EQ(reply(5)->text, "terminated, but did not close its frontends in time");
}

TEST_F(EndingTest, DormantMeIsNotAsked) {
  avz.set(2, State::dormant);
  settle();
  avz.trace.clear();
  stop(5, 1000);
  const auto r = reply(5);
  EXPECT_EQ(r->status, Status::ok);
  EXPECT_EQ(r->text, "was destroyed in ME_state_dormant: its vCPU is stopped, and cb_force_terminate cannot be asked");
  EXPECT_EQ(avz.trace, (Trace{"unmap", "destroy 2"}));
}

// The lifecycle: as a cooperation target an ME may terminate itself. It closes in order, too, and is reaped unasked.
TEST_F(EndingTest, OneThatTerminatedItselfIsClosedAndReaped) {
  ASSERT_TRUE(agency.store().write(2, *StorePath::parse("soo/me/2/name"), "x"));
  avz.set(2, State::terminated);
  settle();
  EXPECT_EQ(avz.trace, (Trace{"close 2", "unmap", "destroy 2"}));
  EXPECT_FALSE(agency.store().exists(*StorePath::parse("soo/me/2")));
}

TEST_F(EndingTest, OneThatTerminatedItselfAndDoesNotCloseIsReapedAllTheSame) {
  avz.on_dc_event = [](auto...) {};
  avz.set(2, State::terminated);
  settle();
  stop(5, 1);
  EXPECT_EQ(reply(5)->status, Status::busy) << "it is being seen to";
  pass(1001 * ms);
  EXPECT_TRUE(avz.domains.empty());
}

// design.md: `me kill` = destroy, no callback; also while it is being stopped.
TEST_F(EndingTest, KillIsAtOnce) {
  avz.on_dc_event = [](auto...) {};
  stop(5, 60'000);
  ask(abi::link::Type::stop, 6, raw(abi::link::Stop{2, 1}));
  EXPECT_EQ(reply(6)->status, Status::busy);
  ask(abi::link::Type::kill, 7, raw(abi::link::Slot{2, 0}));
  std::map<std::uint32_t, Status> replies;
  for (const auto& f : frames())
    if (f.type == abi::link::Type::reply) replies[f.id] = static_cast<Status>(f.as<abi::link::Reply>().status);
  EXPECT_EQ(replies, (std::map<std::uint32_t, Status>{{5, Status::ok}, {7, Status::ok}}));
  EXPECT_TRUE(avz.domains.empty());
}

TEST_F(EndingTest, EmptySlotIsNamed) {
  ask(abi::link::Type::kill, 5, raw(abi::link::Slot{9, 0}));
  const auto r = reply(5);
  EXPECT_EQ(r->status, Status::not_found);
  EXPECT_EQ(r->text, "slot 9 is empty; `me ps` lists those in use");
}

TEST_F(EndingTest, CrashIsReportedAndCleaned) {
  ASSERT_TRUE(agency.store().write(2, *StorePath::parse("device/2/vlogs/0/state"), "1"));
  avz.crash(2, abi::CrashReason::memory);
  settle();
  const auto all = frames();
  ASSERT_FALSE(all.empty());
  const auto s = all.back().as<abi::link::StateChange>();
  EXPECT_EQ(static_cast<State>(s.to), State::dead);
  EXPECT_EQ(static_cast<abi::CrashReason>(s.crash), abi::CrashReason::memory);
  EXPECT_FALSE(agency.store().exists(*StorePath::parse("device/2")));
  EXPECT_TRUE(avz.domains.empty());
  EXPECT_EQ(inject(), 2u) << "the slot can be used again";
}

TEST_F(EndingTest, CrashWhileStoppingAnswersTheStop) {
  avz.on_dc_event = [&](std::uint32_t slot, DcEvent) { avz.crash(slot, abi::CrashReason::panic); };
  stop(5, 60'000);
  EXPECT_EQ(reply(5)->text, "crashed: panic");
}

}  // namespace
}  // namespace agency
