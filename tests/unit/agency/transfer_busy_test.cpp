// What is too much, or twice at once: refused in these words, and every ME lives where it was.
#include "transfer_net.hpp"

namespace agency {
namespace {

using abi::State;
using abi::Status;
using abi::link::Type;

class TransferBusy : public Net {
 protected:
  TransferBusy() { console_text.clear(); }
  void connect(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      add();
      at(i).ask(Type::period, raw(abi::link::Period{0, 0}));
    }
    for (std::size_t i = 1; i < count; ++i) link(0, i);
    slot = at(0).inject(20);
    at(0).willing.insert(slot);
    instance = at(0).avz.domains.at(slot).instance;
  }
  std::uint32_t ask(Type type, std::uint32_t to = 2) { return at(0).ask(type, raw(abi::link::Propagate{slot, to})); }
  std::uint32_t save() { return at(0).ask(Type::save, raw(abi::link::Slot{slot, 0})); }
  void expect(std::uint32_t id, Status status, const std::string& text) {
    ASSERT_TRUE(reply(0, id));
    EXPECT_EQ(reply(0, id)->status, status);
    EXPECT_EQ(reply(0, id)->text, text);
  }
  // Offers of so many MEs that are elsewhere: the neighbour says no more of them than that.
  void offer(std::uint64_t id) {
    const transfer::Offer offer{transfer::Kind::move, abi::version, 1, 1 << 20, at(1).uid, "stranger"};
    at(0).ask(Type::peer, std::string{raw(abi::link::Peer{2, 0})} + encode(transfer::Id{id, 1}, offer));
    at(0).take();
  }
  std::uint32_t slot = 0;
  std::uint64_t instance = 0;
  const std::string driven = "ME 2 (SOO.refso3) is busy with migration: wait, or `me kill 2`";
};

TEST_F(TransferBusy, NoSlotAtTheNeighbour) {
  connect(2);
  at(1).avz.slots = 0;
  const auto move = ask(Type::migrate);
  pass(3'000 * ms);
  expect(move, Status::no_slot,
         "B refused it: no slot left: 0 MEs are here, and there can be no more; stop one first; ME 2 (SOO.refso3) "
         "lives on "
         "here");
  const auto copy = ask(Type::propagate);
  pass(3'000 * ms);
  EXPECT_EQ(reply(0, copy)->text,
            "B refused it: no slot left: 0 MEs are here, and there can be no more; stop one first");
  EXPECT_EQ(at(0).running(instance), 1);
  expect_tidy(0), expect_tidy(1);
}

TEST_F(TransferBusy, OneThatMovesIsNeitherMovedNorCopiedNorSaved) {
  connect(3);
  const auto first = ask(Type::migrate, 2);
  const auto second = ask(Type::migrate, 3), copy = ask(Type::propagate, 3), snapshot = save();
  pass(3'000 * ms);
  EXPECT_EQ(reply(0, first)->status, Status::ok);
  for (const auto id : {second, copy, snapshot}) expect(id, Status::busy, driven);
  EXPECT_EQ(at(1).running(instance), 1);
  EXPECT_TRUE(at(2).avz.domains.empty());
}

// It goes on as soon as it is frozen; its copy takes longer: here the word that it arrived is lost.
TEST_F(TransferBusy, OneWhoseCopyIsUnderWayIsNotCopiedAgain) {
  connect(2);
  const auto clean = ask(Type::propagate);
  pass(3'000 * ms);
  ASSERT_EQ(reply(0, clean)->status, Status::ok);
  break_at(Fault::drop, 2 * messages() - 1);
  const auto copy = ask(Type::propagate);
  pass(1'000 * ms);
  ASSERT_FALSE(reply(0, copy));
  for (const auto id : {ask(Type::migrate), ask(Type::propagate), save()}) {
    pass(0);
    expect(id, Status::busy, "ME 2 (SOO.refso3) is being copied already: wait until that is over");
  }
  EXPECT_EQ(at(0).avz.domains.at(slot).state, State::living);
  pass(10'000 * ms);
  EXPECT_TRUE(reply(0, copy));
}

// While whoever sent it may take it for lost: else it could be alive at three places.
TEST_F(TransferBusy, OneThatHasJustComeMovesOnOnceThatIsConfirmed) {
  connect(2);
  const auto& before = at(0).avz.domains.at(slot);
  const auto spid = before.spid;
  const auto shared = before.now.shared;
  const auto tell_avz = [&](FakeAvz::Domain& me) { me.spid = spid, me.now.shared = shared; };  // as the ME and avz do
  const auto there = ask(Type::migrate);
  pass(3'000 * ms);
  ASSERT_EQ(reply(0, there)->status, Status::ok);
  tell_avz(at(1).avz.domains.at(2));
  break_at(Fault::drop, 2 * messages() - 1);  // `settled`, the last of all
  const auto back = at(1).ask(Type::migrate, raw(abi::link::Propagate{2, 1}));
  pass(500 * ms);
  ASSERT_EQ(reply(1, back)->status, Status::ok) << reply(1, back)->text;
  ASSERT_EQ(at(0).running(instance), 1);
  const auto early = ask(Type::migrate);
  pass(0);
  expect(early, Status::busy,
         "B has not confirmed yet that ME 2 (SOO.refso3) lives here now: it moves on when B can be reached");
  pass(2'000 * ms);
  tell_avz(at(0).avz.domains.at(2));
  const auto later = ask(Type::migrate);
  pass(3'000 * ms);
  EXPECT_EQ(reply(0, later)->status, Status::ok) << reply(0, later)->text;
  EXPECT_EQ(at(1).running(instance), 1);
}

TEST_F(TransferBusy, MoreAtOnceThanOnePeerMaySend) {
  connect(2);
  for (std::uint64_t id = 100; id < 104; ++id) offer(id);
  at(0).outbox.clear();
  offer(104);
  ASSERT_EQ(at(0).outbox.size(), 1u);
  const auto answer = transfer::Message::parse(at(0).outbox.front().second);
  ASSERT_TRUE(answer);
  const auto* const refused = answer->as<transfer::Refuse>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, Status::busy);
  EXPECT_EQ(refused->text, "4 MEs are on their way here from the same place, which are the most: wait");
}

TEST_F(TransferBusy, TheSameInstanceIsOnItsWayOnceOnly) {
  connect(3);
  offer(100);
  at(0).outbox.clear();
  const transfer::Offer again{transfer::Kind::move, abi::version, 1, 1 << 20, at(2).uid, "stranger"};
  at(0).ask(Type::peer, std::string{raw(abi::link::Peer{3, 0})} + encode(transfer::Id{100, 2}, again));
  at(0).take();
  ASSERT_EQ(at(0).outbox.size(), 1u);
  const auto answer = transfer::Message::parse(at(0).outbox.front().second);
  ASSERT_TRUE(answer && answer->as<transfer::Refuse>() != nullptr);
  EXPECT_EQ(answer->as<transfer::Refuse>()->text, "this instance is on its way here from B");
}

}  // namespace
}  // namespace agency
