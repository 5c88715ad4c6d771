// A trace of a real machine: names and order of an injection as avz, the agency and the ME saw it (issue 3, item 10).
#include "engine/trace/timeline.hpp"
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

using engine::trace::Timeline;

class TraceTest : public SmartObjectTest {
 protected:
  static Names steps(const Timeline& timeline) {
    Names names;
    for (const auto& s : timeline.steps)
      if (s.kind != Timeline::Step::Kind::callback_end) names.push_back(s.name);
    return names;
  }
  static bool has_slice(const Timeline& timeline, std::string_view track, std::string_view name) {
    return std::ranges::any_of(timeline.slices,
                               [&](const auto& s) { return timeline.tracks[s.track].name == track && s.name == name; });
  }
};

TEST_P(TraceTest, HasAnInjectionInOrderAndByName) {
  boot();
  ASSERT_TRUE(so_->begin_trace());
  const auto slot = inject(refso3());
  ASSERT_TRUE(so_->kill(slot));
  const auto recording = so_->end_trace();
  ASSERT_TRUE(recording) << recording.error().message;
  const auto timeline = engine::trace::merge(std::span(&*recording, 1));
  EXPECT_EQ(steps(timeline), (Names{"ME_state_booting", "ME_state_preparing", "callbacks_init", "cb_pre_activate",
                                    "cb_cooperate alone", "ME_state_living", "ME_state_dead"}));
  const auto me = fmt::format("ME {} SOO.refso3", slot);
  EXPECT_TRUE(has_slice(timeline, me, "cb_pre_activate"));
  EXPECT_TRUE(has_slice(timeline, "CPU 0", "cb_pre_activate of " + me));
  EXPECT_TRUE(has_slice(timeline, "CPU 1", me));
  EXPECT_TRUE(has_slice(timeline, me + ", hypercalls", "set_state"));
  EXPECT_TRUE(has_slice(timeline, me + ", thread control", "control"));
  EXPECT_TRUE(has_slice(timeline, "agency, hypercalls", "domcall_run"));
  EXPECT_TRUE(has_slice(timeline, "agency, thread agency", "agency"));
}

TEST_P(TraceTest, LeavesTheMachineAsItWas) {
  boot();
  const auto before = so_->info();
  for (int i = 0; i < 3; i++) {
    ASSERT_TRUE(so_->begin_trace());
    ASSERT_TRUE(so_->end_trace());
  }
  const auto after = so_->info();
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->memory_free, after->memory_free);
  EXPECT_EQ(inject(refso3()), 2U);
}

FOR_EACH_GIC(TraceTest);

}  // namespace
}  // namespace emulated
