// Snapshots of MEs on a real smart object, into files and back (M59, M60).
#include <cstdio>
#include <thread>

#include "engine/snapshot/contents.hpp"
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

class SnapshotTest : public SmartObjectTest {
 protected:
  void SetUp() override {
    SmartObjectTest::SetUp();
    fs::create_directories(folder_);
  }
  void TearDown() override {
    SmartObjectTest::TearDown();
    fs::remove_all(folder_);
  }

  engine::SavedSnapshot snapshot(std::uint32_t slot) {
    auto saved = so_->snapshot(slot, file_);
    EXPECT_TRUE(saved) << saved.error().message;
    return saved.value_or(engine::SavedSnapshot{});
  }
  std::uint32_t restore() {
    auto slot = so_->restore(file_);
    EXPECT_TRUE(slot) << slot.error().message;
    return slot.value_or(0);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  // What happens to the ME in `slot` from now on, until it has logged.
  Names until_logged(std::uint32_t slot) {
    Names names;
    const auto deadline = Clock::now() + patience;
    while (const auto event = events_->next(deadline)) {
      note(names, *event, slot);
      if (const auto* log = std::get_if<LogLines>(&*event); log && log->slot == slot) return names;
    }
    ADD_FAILURE() << "it logged nothing";
    return names;
  }

  fs::path folder_ = fs::path(testing::TempDir()) / fmt::format("snapshots-{}", ::getpid());
  fs::path file_ = folder_ / "a.me";
};

// M60: the saving sequence; the ME goes on.
TEST_P(SnapshotTest, TheMeGoesOnWhereItIs) {
  boot();
  const auto slot = inject(refso3());
  happened(slot, "ME_state_living");
  const auto saved = snapshot(slot);
  EXPECT_EQ(saved.name, "SOO.refso3");
  EXPECT_EQ(saved.file_size, fs::file_size(file_));
  EXPECT_LE(saved.file_size, 256U << 10);
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(happened(slot, "ME_state_living"),
            (Names{"cb_pre_suspend", "ME_state_suspended", "cb_pre_resume", "cb_post_activate", "ME_state_living"}));
  EXPECT_EQ(logged(slot, 2).back(), fmt::format("[ME:{}] A in domain {}", slot, slot));
}

TEST_P(SnapshotTest, AnMeComesBackWhenItIsGoneAndTwiceIsTwo) {
  boot();
  const auto slot = inject(refso3());
  happened(slot, "ME_state_living");
  snapshot(slot);
  ASSERT_TRUE(so_->kill(slot));
  happened(slot, "ME_state_dead");
  const auto again = restore();
  const auto names = until_logged(again);
  EXPECT_EQ(names, (Names{"ME_state_migrating", "cb_pre_resume", "cb_post_activate", "ME_state_living"}));
  EXPECT_EQ(store(fmt::format("soo/me/{}/name", again)), "SOO.refso3");
  const auto twin = restore();
  EXPECT_NE(again, twin);
  const auto mes = so_->list();
  ASSERT_TRUE(mes);
  ASSERT_EQ(mes->size(), 2U);
  EXPECT_NE(mes->at(0).instance_id, mes->at(1).instance_id);
  EXPECT_EQ(logged(twin, 1).front(), fmt::format("[ME:{}] A in domain {}", twin, twin));
}

// The number of the step in the next line of a nomad (tests/target/nomad), which says so if anything is not as it was.
struct Step {
  unsigned long long number = 0, trips = 0;
  explicit Step(const std::string& line) {
    const auto at = line.find("step ");
    EXPECT_NE(at, line.npos) << line;
    if (at == line.npos) return;
    EXPECT_EQ(std::sscanf(line.c_str() + at, "step %llu trips %llu", &number, &trips), 2) << line;
  }
};

// E27: memory, registers, threads and time go on where they were, in the original and, whenever that is, in the copy.
TEST_P(SnapshotTest, NothingIsAlteredInEither) {
  boot();
  const auto slot = inject(capsule("tests/target/nomad/nomad.itb"));
  const Step before(logged(slot, 3).back());
  snapshot(slot);
  const auto lines = logged(slot, 20);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(Step(lines[i]).number, before.number + 1 + i);
  EXPECT_EQ(Step(lines.back()).trips, 1U) << "cb_post_activate has run";
  ASSERT_TRUE(so_->kill(slot));
  happened(slot, "ME_state_dead");
  const auto again = restore();
  const auto there = logged(again, 10);
  const Step first(there.front());
  EXPECT_GT(first.number, before.number);
  EXPECT_LE(first.number, before.number + 5) << "it goes on where it was frozen";
  for (std::size_t i = 0; i < there.size(); ++i) EXPECT_EQ(Step(there[i]).number, first.number + i);
}

// Two at once of one ME: one of them is told to wait. Of another ME nobody need wait.
TEST_P(SnapshotTest, OneAtATimeOfEachMe) {
  boot();
  const auto slot = inject(refso3());
  std::vector<engine::Result<engine::SavedSnapshot>> results(4);
  {
    std::vector<std::jthread> askers;
    for (std::size_t i = 0; i < results.size(); ++i)
      askers.emplace_back([&, i] { results[i] = so_->snapshot(slot, folder_ / fmt::format("{}.me", i)); });
  }
  const auto made =
      static_cast<std::size_t>(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }));
  EXPECT_GE(made, 1U);
  EXPECT_EQ(files(), made);
  for (const auto& result : results) {
    if (result) continue;
    EXPECT_EQ(result.error().code, Errc::wrong_state);
    EXPECT_EQ(result.error().message, fmt::format("a snapshot of slot {} is being taken already", slot));
  }
}

// What `me inspect` shows is what there was.
TEST_P(SnapshotTest, AllOfTheMeIsInIt) {
  boot();
  const auto slot = inject(refso3());
  happened(slot, "ME_state_living");
  snapshot(slot);
  const auto read = engine::SnapshotContents::read(file_);
  ASSERT_TRUE(read) << read.error().message;
  const auto& all = **read;
  EXPECT_EQ(std::string(all.it.name), "SOO.refso3");
  EXPECT_EQ(all.it.slot, slot);
  EXPECT_EQ(all.it.ram_size, 16U << 20);
  EXPECT_EQ(all.it.state, static_cast<std::uint32_t>(abi::State::suspended));
  EXPECT_TRUE(all.image());
  const auto threads = all.threads();
  EXPECT_EQ(threads.trouble, "");
  EXPECT_TRUE(std::ranges::any_of(threads.records,
                                  [](const auto& t) { return std::string_view(t.name) == "app_thread_main"; }));
  EXPECT_EQ(all.grants.size(), 2U);
  EXPECT_EQ(all.events.size(), 3U);
  const auto entry = [&](std::string_view path) {
    const auto found = std::ranges::find(all.entries, path, &std::pair<std::string, std::string>::first);
    return found == all.entries.end() ? "(nothing)" : found->second;
  };
  EXPECT_EQ(entry("soo/me/@/name"), "SOO.refso3");
  EXPECT_NE(entry("device/@/vlogs/0/backend"), "(nothing)");
}

TEST_P(SnapshotTest, WhatCannotBeSavedOrRestoredIsRefusedByName) {
  options_.memory_mb = 128;
  boot();
  const auto empty = so_->snapshot(5, file_);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Errc::not_found);
  EXPECT_EQ(files(), 0U) << "nothing stays behind";
  EXPECT_EQ(so_->snapshot(2, folder_ / "no/such/folder").error().code, Errc::not_found);
  const auto slot = inject(refso3());
  snapshot(slot);
  const auto whole = fs::file_size(file_);
  fs::resize_file(file_, whole - 1);
  EXPECT_EQ(so_->restore(file_).error().code, Errc::refused);
  fs::resize_file(file_, 0);
  EXPECT_EQ(so_->restore(file_).error().code, Errc::refused);
  snapshot(slot);  // over what is there
  EXPECT_EQ(so_->list().value().size(), 1U) << "nothing of a damaged one arrived";
  // Until there is no memory, or no slot, for another one.
  auto more = so_->restore(file_);
  for (int i = 0; i < 16 && more; ++i) more = so_->restore(file_);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::no_room) << more.error().message;
  EXPECT_TRUE(more.error().message.contains(file_.string())) << more.error().message;
}

FOR_EACH_GIC(SnapshotTest);

}  // namespace
}  // namespace emulated
