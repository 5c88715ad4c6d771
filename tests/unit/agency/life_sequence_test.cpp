// The sequences as they run: published order, states, frontends.
#include "life_fixture.hpp"

namespace agency {
namespace {

using abi::DcEvent;
using abi::Domcall;
using abi::State;
using abi::Status;

struct SequenceTest : LifeTest {
  SequenceTest() {
    avz.on_domcall = [](auto...) { return yes(); };
  }
};

// M60
TEST_F(SequenceTest, Injection) {
  inject();
  EXPECT_EQ(steps(), (Trace{"create", "start", "cb_pre_activate", "cb_cooperate", "activate", "ME_state_living"}));
  avz.trace.erase(avz.trace.begin(), avz.trace.begin() + 2);
  EXPECT_EQ(steps(), names(abi::sequence::injection.steps));
}

// M61
TEST_F(SequenceTest, Resident) {
  const auto me = inject_me();
  drive(me, abi::sequence::resident);
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(steps(), (Trace{"cb_pre_propagate", "cb_pre_suspend", "suspend", "snapshot", "cb_pre_resume", "resume",
                            "cb_post_activate", "ME_state_living"}));
  EXPECT_EQ(steps(), names(abi::sequence::resident.steps));
  EXPECT_EQ(me->state, State::living);
  EXPECT_EQ(backend.trace, (Trace{"quiet 2", "quiet 2", "go on 2", "go on 2"}));
  for (const auto& f : frontends) EXPECT_EQ(f.state, abi::vbus::State::connected);
}

TEST_F(SequenceTest, SuspendedIsSaidWhenFrontendsAndStoreAre) {
  const auto me = inject_me();
  callbacks[DcEvent::suspend] = [&](auto) { EXPECT_EQ(backend.trace, (Trace{"quiet 2", "quiet 2"})); };
  drive(me, abi::before_snapshot(abi::sequence::saving));
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(avz.trace, (Trace{"cb_pre_suspend 2", "suspend 2", "ME_state_suspended 2"}));
  EXPECT_EQ(me->attached, Attached::suspended);
}

// M62
TEST_F(SequenceTest, Arrival) {
  const auto me = arrive();
  drive(me, abi::sequence::arrival);
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(steps(), (Trace{"cb_pre_activate", "cb_cooperate", "cb_pre_resume", "resume", "cb_post_activate",
                            "ME_state_living"}));
  EXPECT_EQ(steps(), names(abi::sequence::arrival.steps));
  EXPECT_EQ(avz.trace[2], "unpause 2") << "its threads run from cb_pre_resume on, and not before";
  EXPECT_EQ(avz.domains[2].argument, 0u) << "cb_post_activate has none";
  EXPECT_EQ(backend.trace, (Trace{"connect 2", "connect 2"}));
  EXPECT_EQ(me->state, State::living);
}

TEST_F(SequenceTest, Restore) {
  drive(arrive(), abi::sequence::restore);
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(steps(), names(abi::sequence::restore.steps));
}

TEST_F(SequenceTest, Saving) {
  drive(inject_me(), abi::sequence::saving);
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(steps(), names(abi::sequence::saving.steps));
}

// M48: a sequence is what the table says; a step that is not there is not run.
TEST_F(SequenceTest, TheTableDecides) {
  static constexpr abi::Step odd[] = {abi::Step::post_activate, abi::Step::pre_resume, abi::Step::pre_propagate};
  drive(inject_me(), odd);
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(steps(), names(odd));
}

TEST_F(SequenceTest, SnapshotIsNotRunHere) {
  static constexpr abi::Step odd[] = {abi::Step::snapshot};
  drive(inject_me(), odd);
  EXPECT_EQ(status(), Status::not_supported);
}

TEST_F(SequenceTest, EngineHearsOfEachCallbackAndState) {
  const auto me = inject_me();
  others.clear();
  frames();
  drive(me, abi::sequence::resident);
  std::string heard;
  for (const auto& f : frames()) {
    if (f.type == abi::link::Type::callback) {
      const auto c = f.as<abi::link::Callback>();
      heard += c.kind == 0 ? abi::name(static_cast<Domcall>(c.number)) : abi::name(static_cast<DcEvent>(c.number));
      heard += c.ended ? ". " : " ";
    } else if (f.type == abi::link::Type::state) {
      heard += std::string{abi::name(static_cast<State>(f.as<abi::link::StateChange>().to))} + ", ";
    }
  }
  EXPECT_EQ(heard,
            "cb_pre_propagate cb_pre_propagate. cb_pre_suspend cb_pre_suspend. ME_state_suspended, "
            "cb_pre_resume cb_pre_resume. cb_post_activate cb_post_activate. ME_state_living, ");
}

TEST_F(SequenceTest, OneThatIsDrivenIsBusyForOthers) {
  const auto me = inject_me();
  silent[2] = DcEvent::pre_suspend;
  drive(me, abi::sequence::resident);
  ask(abi::link::Type::stop, 7, raw(abi::link::Stop{2, 100}));
  const auto r = reply(7);
  EXPECT_EQ(r->status, Status::busy);
  EXPECT_EQ(r->text, "ME 2 (SOO.refso3) is busy with cb_pre_suspend: wait, or `me kill 2`");
}

// Design: every instance has an id that no other smart object gives, nor this one after its next start.
TEST_F(SequenceTest, InstancesBeginAtTheBootId) {
  ask(abi::link::Type::hello, 1, raw(abi::link::Hello{0x10000, 0, 0xa9, "so1", 1, {1, 2, 3, 4}, 0xb007'0000}));
  EXPECT_EQ(inject_me()->instance_id, 0xb007'0001u);
  EXPECT_EQ(arrive()->instance_id, 0xb007'0002u);
  const auto moved = place(agency.residents(), 4,
                           {.ram_bytes = 1 << 20, .name = "m", .migrating = true, .instance_id = 77, .epoch = 5});
  ASSERT_TRUE(moved);
  EXPECT_EQ((*moved)->instance_id, 77u);
  EXPECT_EQ(avz.domains[4].epoch, 5u);
  EXPECT_EQ(avz.domains[4].state, State::migrating);
  agency.residents().started(~std::uint64_t{0} - 2);
  EXPECT_NE(agency.residents().new_instance(), 0u) << "0 is none";
}

}  // namespace
}  // namespace agency
