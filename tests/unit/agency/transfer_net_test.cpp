// Whole smart objects and what can happen to any one message between them. Enumerated.
#include "transfer_net.hpp"

namespace agency {
namespace {

using abi::State;
using abi::Status;
using abi::link::Type;

constexpr std::size_t pages = 100;

class TransferNet : public Net {
 protected:
  TransferNet() { console_text.clear(); }
  void two() {
    add(), add();
    period_off();
    link(0, 1);
    slot = at(0).inject(pages);
    instance = at(0).avz.domains.at(slot).instance;
    ASSERT_TRUE(at(0).agency.store().write(abi::agency_domain, *StorePath::parse("soo/me/2/own"), "x"));
  }
  void period_off() {
    for (std::size_t i = 0; i < 2; ++i) at(i).ask(Type::period, raw(abi::link::Period{0, 0}));
  }
  std::uint32_t migrate() { return at(0).ask(Type::migrate, raw(abi::link::Propagate{slot, 2})); }
  std::uint32_t propagate(std::uint32_t peer = abi::link::peers_all) {
    at(0).willing.insert(slot);
    return at(0).ask(Type::propagate, raw(abi::link::Propagate{slot, peer}));
  }
  static void expect_same_memory(const FakeAvz::Image& a, const FakeAvz::Image& b) {
    EXPECT_EQ(a.pages, b.pages);
    EXPECT_EQ(std::memcmp(&a.vcpu, &b.vcpu, sizeof a.vcpu), 0);
  }
  std::uint32_t slot = 0;
  std::uint64_t instance = 0;
};

// E: `me migrate` moves: the same instance, a later epoch, every byte of it; nothing stays behind.
TEST_F(TransferNet, AMoveArrivesWhole) {
  two();
  const auto before = at(0).avz.domains.at(slot).now;
  const auto id = migrate();
  pass(3'000 * ms);
  const auto r = reply(0, id);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->status, Status::ok) << r->text;
  EXPECT_EQ(r->value, 2u);
  EXPECT_TRUE(at(0).avz.domains.empty());
  ASSERT_EQ(at(1).running(instance), 1);
  expect_same_memory(before, at(1).avz.domains.at(2).now);
  EXPECT_GT(at(1).avz.domains.at(2).epoch, 0u);
  EXPECT_TRUE(at(1).agency.store().exists(*StorePath::parse("soo/me/2/own")));
  expect_tidy(0), expect_tidy(1);
}

// M61, M62: the resident lives on, and the copy is another instance.
TEST_F(TransferNet, ACopyArrivesWholeAndTheResidentLivesOn) {
  two();
  const auto id = propagate();
  pass(3'000 * ms);
  const auto r = reply(0, id);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->status, Status::ok);
  EXPECT_EQ(r->text, "a copy of ME 2 (SOO.refso3) lives at B in slot 2");
  EXPECT_EQ(at(0).running(instance), 1);
  EXPECT_EQ(at(1).running(instance), 0);
  ASSERT_EQ(at(1).avz.domains.size(), 1u);
  expect_same_memory(at(0).avz.domains.at(2).now, at(1).avz.domains.at(2).now);
  expect_tidy(0), expect_tidy(1);
}

// A traveller that rested: where it comes to, it lives unless it says otherwise.
TEST_F(TransferNet, ADormantOneThatMovesArrivesAsAnyOther) {
  two();
  at(0).here([&] { at(0).avz.set(slot, State::dormant); });
  pass(100 * ms);
  const auto id = migrate();
  pass(3'000 * ms);
  ASSERT_EQ(reply(0, id)->status, Status::ok) << reply(0, id)->text;
  EXPECT_EQ(at(1).running(instance), 1);
  EXPECT_EQ(at(1).avz.trace,
            (std::vector<std::string>{"create 2", "restore 2", "cb_pre_activate 2", "cb_cooperate alone 2", "unpause 2",
                                      "cb_pre_resume 2", "resume 2", "cb_post_activate 2", "ME_state_living 2"}));
  expect_tidy(0), expect_tidy(1);
}

// What it does wrong while it goes on here is its own affair.
TEST_F(TransferNet, AResidentThatCrashesAfterItsSnapshotHasBeenCopied) {
  two();
  auto& avz = at(0).avz;
  const auto answers = avz.on_dc_event;
  avz.on_dc_event = [&](std::uint32_t of, abi::DcEvent event) {
    if (event == abi::DcEvent::pre_resume) avz.crash(of, abi::CrashReason::memory);
    else answers(of, event);
  };
  const auto id = propagate();
  pass(3'000 * ms);
  const auto r = reply(0, id);
  ASSERT_TRUE(r);
  EXPECT_TRUE(avz.domains.empty());
  EXPECT_TRUE(
      console_text.contains("after its snapshot: the ME crashed: access outside its memory during cb_pre_resume"))
      << console_text;
  expect_tidy(0), expect_tidy(1);
}

TEST_F(TransferNet, OneThatSaysNoIsNotSent) {
  two();
  const auto id = at(0).ask(Type::propagate, raw(abi::link::Propagate{slot, 2}));
  pass(1'000 * ms);
  EXPECT_EQ(reply(0, id)->status, Status::denied);
  EXPECT_EQ(messages(), 0);
  expect_tidy(0);
}

TEST_F(TransferNet, WhatCannotBeIsRefusedByName) {
  two();
  const auto text = [&](Type type, std::uint32_t of, std::uint32_t peer) {
    const auto id = at(0).ask(type, raw(abi::link::Propagate{of, peer}));
    pass(100 * ms);
    const auto r = reply(0, id);
    EXPECT_TRUE(r);
    EXPECT_NE(r->status, Status::ok);
    return r ? r->text : "";
  };
  EXPECT_EQ(text(Type::migrate, 9, 2), "slot 9 is empty; `me ps` lists those in use");
  EXPECT_EQ(text(Type::migrate, slot, 7), "no neighbour has the number 7: `me links` lists those that there are");
  EXPECT_EQ(text(Type::propagate, slot, 7), "no neighbour has the number 7: `me links` lists those that there are");
  EXPECT_EQ(text(Type::migrate, slot, abi::link::peer_engine),
            "no neighbour has the number 0: `me links` lists those that there are");
  at(1).avz.free_bytes = 0x10000;
  EXPECT_EQ(text(Type::migrate, slot, 2),
            "B refused it: it needs 1024 KB of memory, and 64 KB are free: stop an ME, or give the smart object more");
  EXPECT_EQ(at(0).running(instance), 1);
  expect_tidy(0), expect_tidy(1);
}

TEST_F(TransferNet, OneThatIsMovedIsBusy) {
  two();
  const auto first = migrate(), second = migrate();
  pass(3'000 * ms);
  EXPECT_EQ(reply(0, first)->status, Status::ok);
  EXPECT_EQ(reply(0, second)->status, Status::busy);
}

// The period: off without a neighbour, then each second; one whose copy is under way is not asked.
TEST_F(TransferNet, PeriodAsksOnceThereIsANeighbour) {
  add(), add();
  slot = at(0).inject(pages);
  at(0).avz.trace.clear();
  pass(5'000 * ms);
  EXPECT_TRUE(at(0).avz.trace.empty());
  link(0, 1);
  pass(2'500 * ms);
  EXPECT_EQ(at(0).avz.trace, (std::vector<std::string>{"cb_pre_propagate 2", "cb_pre_propagate 2"}));
}

TEST_F(TransferNet, ThreeInARingMoveRound) {
  add(), add(), add();
  link(0, 1), link(1, 2), link(2, 0);
  slot = at(0).inject(pages);
  instance = at(0).avz.domains.at(slot).instance;
  for (std::size_t i = 0; i < 3; ++i) at(i).ask(Type::period, raw(abi::link::Period{0, 0}));
  const auto before = at(0).avz.domains.at(slot).now;
  for (std::size_t hop = 0; hop < 6; ++hop) {
    const auto from = hop % 3, to = (hop + 1) % 3;
    const auto id = at(from).ask(Type::migrate, raw(abi::link::Propagate{2, static_cast<std::uint32_t>(to + 1)}));
    pass(3'000 * ms);
    ASSERT_TRUE(reply(from, id));
    ASSERT_EQ(reply(from, id)->status, Status::ok) << reply(from, id)->text;
    ASSERT_EQ(at(to).running(instance), 1);
    EXPECT_EQ(at(to).avz.domains.at(2).epoch, hop + 1);
    // What avz writes into the shared page of an ME.
    at(to).avz.domains.at(2).now.shared = before.shared;
    at(to).avz.domains.at(2).spid = 0x0010000000000001;
  }
  expect_same_memory(before, at(0).avz.domains.at(2).now);
}

TEST_F(TransferNet, OneOfTwoNeighboursHasNoRoom) {
  add(), add(), add();
  link(0, 1), link(0, 2);
  for (std::size_t i = 0; i < 3; ++i) at(i).ask(Type::period, raw(abi::link::Period{0, 0}));
  slot = at(0).inject(pages);
  at(2).avz.free_bytes = 0;
  const auto id = propagate();
  pass(3'000 * ms);
  EXPECT_EQ(reply(0, id)->text,
            "a copy of ME 2 (SOO.refso3) lives at B in slot 2; C refused it: it needs 1024 KB of memory, and 0 KB are "
            "free: stop an ME, or give the smart object more");
  expect_tidy(0), expect_tidy(1), expect_tidy(2);
}

// The table of exit codes in docs/me-command.md leans on these, and they are the same for a copy to one as for a move.
class WhyItFailed : public TransferNet, public ::testing::WithParamInterface<bool> {
 protected:
  // Once: a net lives for one transfer here.
  void fails(Status status, std::string_view words) {
    const auto id = GetParam() ? migrate() : propagate(2);
    pass(90'000 * ms);
    ASSERT_TRUE(reply(0, id));
    EXPECT_EQ(reply(0, id)->status, status) << abi::name(reply(0, id)->status);
    EXPECT_NE(reply(0, id)->text.find(words), std::string::npos) << reply(0, id)->text;
    EXPECT_EQ(at(0).running(instance), 1);
    expect_tidy(0);
  }
  static constexpr int accept = 1;  // the second message: what comes after it is the ME itself
};

TEST_P(WhyItFailed, NoRoomThere) {
  two();
  at(1).avz.free_bytes = 0;
  fails(Status::no_memory, "B refused it: it needs");
}

TEST_P(WhyItFailed, NoAnswerToTheOffer) {
  two();
  break_at(Fault::drop, 0);
  fails(Status::no_answer, "B did not answer for 5 s");
}

TEST_P(WhyItFailed, ItDied) {
  two();
  break_at(Fault::kill_receiver, accept + 1);
  fails(Status::peer_died, "B died");
}

TEST_P(WhyItFailed, ItCannotBeReached) {
  two();
  break_at(Fault::cut, accept + 1);
  fails(Status::not_found, "B cannot be reached any more");
}

TEST_P(WhyItFailed, TheMeSaysNoThere) {
  two();
  at(1).avz.on_domcall = [](std::uint32_t, abi::Domcall which, const hypercall::Payload&) {
    hypercall::DomcallOutcome outcome{};
    if (which == abi::Domcall::pre_activate) outcome.payload[0] = 1;
    return outcome;
  };
  fails(Status::bad_state, "cb_pre_activate");
}

INSTANTIATE_TEST_SUITE_P(CopyAndMove, WhyItFailed, ::testing::Bool());

// Of several neighbours that all fail, the first.
TEST_F(TransferNet, OneStatusStandsForSeveral) {
  add(), add(), add();
  link(0, 1), link(0, 2);
  for (std::size_t i = 0; i < 3; ++i) at(i).ask(Type::period, raw(abi::link::Period{0, 0}));
  slot = at(0).inject(pages);
  at(1).avz.free_bytes = at(2).avz.free_bytes = 0;
  const auto id = propagate();
  pass(3'000 * ms);
  EXPECT_EQ(reply(0, id)->status, Status::no_memory);
  EXPECT_NE(reply(0, id)->text.find("; C refused it"), std::string::npos) << reply(0, id)->text;
}

class EveryMessageOf : public TransferNet, public ::testing::WithParamInterface<std::tuple<bool, Fault>> {};

int messages_of(bool move) {
  struct Whole : TransferNet {
    explicit Whole(bool moves) : move{moves} {}
    void TestBody() override {
      two();
      move ? migrate() : propagate();
      pass(5'000 * ms);
    }
    bool move;
  } whole{move};
  whole.TestBody();
  return whole.messages();
}

// Whatever happens to any one message: the ME that was alive is alive or intact somewhere, never alive twice, both sides
// come to rest, the request is answered, and nothing is left behind.
TEST_P(EveryMessageOf, AWholeTransferIsSurvived) {
  const auto [move, fault] = GetParam();
  const auto whole = messages_of(move);
  ASSERT_GT(whole, 15);
  for (int i = 0; i < whole; ++i) {
    SCOPED_TRACE(i);
    struct One : TransferNet {
      One(bool moves, Fault what, int which) : move{moves}, fault{what}, message{which} {}
      void TestBody() override {
        two();
        bool lost_with_its_place = false;
        before_kill = [&] {
          const bool here = at(0).intact(instance), there = at(1).intact(instance);
          lost_with_its_place = fault == Fault::kill_sender ? here && !there : there && !here;
        };
        check = [&] {
          const int running = at(0).running(instance) + at(1).running(instance);
          EXPECT_LE(running, 1) << "alive twice";
          if (!lost_with_its_place) {
            EXPECT_TRUE(at(0).intact(instance) || at(1).intact(instance)) << "lost";
          }
          if (!move && !dead_sender) {
            EXPECT_TRUE(at(0).intact(instance));
          }
        };
        break_at(fault, message);
        const auto id = move ? migrate() : propagate();
        pass(90'000 * ms);
        const int running = at(0).running(instance) + at(1).running(instance);
        EXPECT_EQ(running, lost_with_its_place ? 0 : 1);
        if (!dead_sender) {
          EXPECT_TRUE(reply(0, id)) << "the request has no answer";
        }
        expect_tidy(0), expect_tidy(1);
      }
      bool move;
      Fault fault;
      int message;
    } one{move, fault, i};
    one.TestBody();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Transfer, EveryMessageOf,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values(Fault::drop, Fault::twice, Fault::late,
                                                              Fault::corrupt_head, Fault::corrupt_body, Fault::cut,
                                                              Fault::kill_sender, Fault::kill_receiver)));

// An engine that keeps one snapshot, with a fault of its own at one of its messages.
class SnapshotFile : public TransferNet {
 protected:
  void one() {
    add();
    at(0).ask(Type::period, raw(abi::link::Period{0, 0}));
    slot = at(0).inject(pages);
    instance = at(0).avz.domains.at(slot).instance;
  }
  // Until nothing happens any more: takes what the agency says to peer 0.
  void serve(std::uint64_t ns) {
    for (const auto end = fake_time + ns; fake_time < end; fake_time += 50 * ms)
      for (bool busy = true; busy;) {
        at(0).run();
        busy = !at(0).outbox.empty();
        for (auto& [to, bytes] : std::exchange(at(0).outbox, {})) hear(bytes);
      }
  }
  void say(const std::string& bytes) {
    auto m = bytes;
    if (said++ == fault_at && fault == Fault::drop) return;
    if (said - 1 == fault_at && fault == Fault::corrupt_body) m.back() = static_cast<char>(m.back() ^ 0x40);
    const auto frame = std::string{raw(abi::link::Peer{0, 0})} + m;
    at(0).ask(Type::peer, frame);
    if (said - 1 == fault_at && fault == Fault::twice) at(0).ask(Type::peer, frame);
  }
  void hear(const std::string& bytes) {
    using namespace transfer;
    const auto m = Message::parse(bytes);
    ASSERT_TRUE(m);
    if (m->as<Offer>() != nullptr) say(encode(m->id(), Accept{UINT64_MAX}));
    if (const auto* data = m->as<Data>(); data != nullptr && m->id() != restoring) {
      if (data->offset == file.size()) file += data->bytes;
      if (whole()) say(encode(m->id(), Arrived{0}));
    }
    if (m->id() == restoring) {
      if (const auto* accept = m->as<Accept>()) limit = accept->up_to;
      if (const auto* credit = m->as<Credit>()) limit = std::max(limit, credit->up_to);
      if (m->as<Arrived>() != nullptr) arrived = true;
      if (m->as<Refuse>() != nullptr || m->as<Cancelled>() != nullptr) refused = true;
      while (!refused && sent < file.size() && sent < limit) {
        const auto n = std::min<std::size_t>({abi::transfer::data_max, limit - sent, file.size() - sent});
        say(encode(restoring, Data{sent, std::string_view{file}.substr(sent, n)}));
        sent += n;
      }
    }
  }
  bool whole() const {
    struct All final : snapshot::Handler {
    } all;
    snapshot::Reader reader{all};
    return reader.take(std::as_bytes(std::span{file})) && reader.complete();
  }
  void restore() {
    transfer::Offer offer{transfer::Kind::restore, abi::version, 0x0010000000000001, 0x100000, 0, "SOO.refso3"};
    say(encode(restoring, offer));
  }
  std::string file;
  transfer::Id restoring{0x7777, 0};
  std::uint64_t limit = 0, sent = 0;
  bool arrived = false, refused = false;
  int said = 0, fault_at = -1;
  Fault fault = Fault::none;
};

// M61: the ME goes on after its snapshot. Restored, it is another instance with the same memory.
TEST_F(SnapshotFile, SavedAndRestored) {
  one();
  const auto id = at(0).ask(Type::save, raw(abi::link::Slot{slot, 0}));
  serve(2'000 * ms);
  ASSERT_TRUE(reply(0, id));
  EXPECT_EQ(reply(0, id)->text, "a snapshot of ME 2 (SOO.refso3) was taken");
  EXPECT_EQ(at(0).running(instance), 1);
  at(0).avz.trace.clear();
  restore();
  serve(2'000 * ms);
  EXPECT_TRUE(arrived);
  ASSERT_EQ(at(0).running(0x7777), 1);
  expect_same_memory(at(0).avz.domains.at(2).now, at(0).avz.domains.at(3).now);
  for (const auto& what : at(0).avz.trace) EXPECT_EQ(what.find("cb_cooperate"), std::string::npos) << what;
  expect_tidy(0);
}

// What comes from a file goes on as it was: it rests, under the name it had, until it wakes itself; then it resumes here.
TEST_F(SnapshotFile, ADormantOneIsRestoredDormantAndWakesHere) {
  one();
  at(0).here([&] { at(0).avz.set(slot, State::dormant); });
  serve(100 * ms);
  at(0).avz.domains.at(slot).cooperates = true;
  for (const char* entry : {"soo/me/2/name", "soo/me/2/own"})
    ASSERT_TRUE(at(0).agency.store().write(abi::agency_domain, *StorePath::parse(entry), "x"));
  const auto id = at(0).ask(Type::save, raw(abi::link::Slot{slot, 0}));
  serve(2'000 * ms);
  ASSERT_EQ(reply(0, id)->status, Status::ok);
  at(0).avz.trace.clear();
  restore();
  serve(2'000 * ms);
  EXPECT_TRUE(arrived);
  auto& it = at(0).avz.domains.at(3);
  EXPECT_EQ(it.state, State::dormant);
  EXPECT_TRUE(it.paused);
  EXPECT_TRUE(it.cooperates);
  EXPECT_EQ(it.spid, 0x0010000000000001u);
  EXPECT_EQ(at(0).avz.trace, (std::vector<std::string>{"create 3", "restore 3", "ME_state_dormant 3"}));
  for (const char* entry : {"soo/me/3/name", "soo/me/3/own"})
    EXPECT_TRUE(at(0).agency.store().exists(*StorePath::parse(entry))) << entry;

  at(0).avz.trace.clear();
  at(0).here([&] { at(0).avz.set(3, State::living); });
  serve(100 * ms);
  EXPECT_EQ(at(0).avz.trace,
            (std::vector<std::string>{"unpause 3", "cb_pre_resume 3", "resume 3", "cb_post_activate 3"}));
  EXPECT_FALSE(it.paused);
  EXPECT_EQ(at(0).agency.residents().find(3)->attached, Attached::activated);
}

// One that rests is saved and restored as often as one likes.
TEST_F(SnapshotFile, ADormantOneThatWasRestoredIsSavedAgain) {
  one();
  at(0).here([&] { at(0).avz.set(slot, State::dormant); });
  serve(100 * ms);
  at(0).ask(Type::save, raw(abi::link::Slot{slot, 0}));
  serve(2'000 * ms);
  restore();
  serve(2'000 * ms);
  ASSERT_TRUE(arrived);
  at(0).avz.domains.at(3).now.shared = at(0).avz.domains.at(2).now.shared;  // as avz does in domain_restore
  const auto first = std::exchange(file, {});
  const auto again = at(0).ask(Type::save, raw(abi::link::Slot{3, 0}));
  serve(2'000 * ms);
  EXPECT_EQ(reply(0, again)->status, Status::ok) << reply(0, again)->text;
  EXPECT_EQ(file.size(), first.size());
  EXPECT_TRUE(whole());
}

class EveryMessageOfARestore : public SnapshotFile, public ::testing::WithParamInterface<Fault> {};

TEST_P(EveryMessageOfARestore, LeavesAnMeOrNothing) {
  for (int i = 0; i < 40; ++i) {
    SCOPED_TRACE(i);
    struct One : SnapshotFile {
      One(Fault what, int which) { fault = what, at_message = which; }
      void TestBody() override {
        one();
        const auto id = at(0).ask(Type::save, raw(abi::link::Slot{slot, 0}));
        serve(2'000 * ms);
        EXPECT_EQ(reply(0, id)->status, Status::ok);
        said = 0, fault_at = at_message;
        restore();
        serve(40'000 * ms);
        EXPECT_EQ(at(0).running(0x7777), arrived ? 1 : 0);
        EXPECT_EQ(at(0).running(instance), 1);
        expect_tidy(0);
      }
      int at_message;
    } one{GetParam(), i};
    one.TestBody();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Transfer, EveryMessageOfARestore,
                         ::testing::Values(Fault::drop, Fault::twice, Fault::corrupt_body));

}  // namespace
}  // namespace agency
