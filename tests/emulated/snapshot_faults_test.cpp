// What goes wrong with a snapshot on a real machine: it dies at each change of the transfer, the file is none, has no room or
// changes while it is read. There is a whole file or none, a whole ME or none, and the ME that was there lives.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <future>

#include "engine/snapshot/contents.hpp"
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;

class SnapshotFaultsTest : public SmartObjectTest {
 protected:
  void SetUp() override {
    SmartObjectTest::SetUp();
    fs::create_directories(folder_);
  }
  void TearDown() override {
    SmartObjectTest::TearDown();
    fs::remove_all(folder_);
  }
  // Much of it does not compress: a snapshot is longer than all that is under way at once.
  std::uint32_t inject_traveller() {
    const auto slot = inject(capsule("tests/target/traveller/traveller.itb"));
    logged(slot, 1);
    return slot;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename());
    return names;
  }
  // Runs `work` in another thread and `act` at change number n of the transfer. False: there were fewer.
  template <class Work>
  bool at_change(unsigned n, Work work, const std::function<void()>& act) {
    const auto events = so_->subscribe();
    std::atomic<bool> over = false;
    auto working = std::async(std::launch::async, [&] {
      work();
      over = true;
    });
    unsigned seen = 0;
    while (seen < n) {
      const auto event = events->next(Clock::now() + (over ? 0ms : 1ms));
      if (event && std::holds_alternative<engine::TransferChanged>(*event)) ++seen;
      if (!event && over) break;
    }
    if (seen == n) act();
    working.get();
    return seen == n;
  }
  void kill_and_wait() {
    ::kill(so_->qemu_pid(), SIGKILL);
    EXPECT_EQ(so_->list().error().code, Errc::died);
  }
  // It is as it was, alone.
  void expect_one_living() {
    const auto mes = so_->list();
    ASSERT_TRUE(mes);
    ASSERT_EQ(mes->size(), 1U);
    EXPECT_EQ(mes->front().state, abi::State::living);
  }

  fs::path folder_ = fs::path(testing::TempDir()) / fmt::format("snapshot-faults-{}", ::getpid());
  fs::path file_ = folder_ / "a.me";
};

// M59
TEST_P(SnapshotFaultsTest, TheMachineDiesWhileASnapshotIsTaken) {
  boot();
  for (unsigned n = 1; !HasFailure(); ++n) {
    const auto slot = inject_traveller();
    engine::Result<engine::SavedSnapshot> saved;
    const bool died = at_change(n, [&] { saved = so_->snapshot(slot, file_); }, [this] { kill_and_wait(); });
    EXPECT_EQ(files(), saved ? std::vector<std::string>{"a.me"} : std::vector<std::string>{}) << "change " << n;
    if (saved) {
      EXPECT_TRUE(engine::SnapshotContents::read(file_)) << "change " << n;
    } else {
      EXPECT_EQ(saved.error().code, Errc::died) << saved.error().message;
    }
    fs::remove(file_);
    if (!died) {
      EXPECT_GE(n, 4U) << "offered, sending, sent, done";
      break;
    }
    so_.reset();
    boot();
  }
}

TEST_P(SnapshotFaultsTest, TheMachineDiesWhileOneIsRestored) {
  boot();
  ASSERT_TRUE(so_->snapshot(inject_traveller(), file_));
  const auto bytes = fs::file_size(file_);
  for (unsigned n = 1; !HasFailure(); ++n) {
    engine::Result<std::uint32_t> slot;
    const bool died = at_change(n, [&] { slot = so_->restore(file_); }, [this] { kill_and_wait(); });
    if (!died) {
      ASSERT_TRUE(slot) << slot.error().message;
      EXPECT_GE(n, 3U) << "receiving, activating, arrived";
      break;
    }
    if (!slot) {
      EXPECT_EQ(slot.error().code, Errc::died) << slot.error().message;
    }
    EXPECT_EQ(fs::file_size(file_), bytes);
    so_.reset();
    boot();
  }
}

// E32: it is checked to its end before it is used, and again while it is.
TEST_P(SnapshotFaultsTest, TheFileChangesWhileItIsRestored) {
  boot();
  const auto slot = inject_traveller();
  ASSERT_TRUE(so_->snapshot(slot, file_));
  const auto whole = fs::file_size(file_);
  const auto kept = folder_ / "kept";
  fs::copy(file_, kept);
  ASSERT_TRUE(so_->kill(slot));
  const std::function<void()> changes[] = {
      [&] { fs::resize_file(file_, 0); },
      [&] { fs::resize_file(file_, whole / 2); },
      [&] { fs::resize_file(file_, whole - 1); },
      [&] { std::ofstream(file_, std::ios::app) << "more"; },
      [&] { fs::remove(file_); },  // what is open is all there
  };
  for (const auto& change : changes)
    for (unsigned n = 1; n <= 3 && !HasFailure(); ++n) {
      engine::Result<std::uint32_t> there;
      at_change(n, [&] { there = so_->restore(file_); }, change);
      const auto mes = so_->list();
      ASSERT_TRUE(mes);
      EXPECT_EQ(mes->size(), there ? 1U : 0U) << "change " << n << (there ? "" : there.error().message);
      if (there) {
        EXPECT_EQ(mes->front().state, abi::State::living);
        EXPECT_TRUE(so_->kill(*there));
      } else {
        EXPECT_TRUE(there.error().message.contains(file_.string())) << there.error().message;
      }
      fs::copy(kept, file_, fs::copy_options::overwrite_existing);
    }
}

TEST_P(SnapshotFaultsTest, WhatIsNoFileIsRefusedAndNobodyWaits) {
  boot();
  const auto slot = inject_traveller();
  const auto fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const struct {
    fs::path path;
    Errc save;
    std::string save_says;
    Errc restore;
    std::string restore_says;
  } cases[] = {
      {"/dev/full", Errc::refused, "/dev/full: not a file", Errc::refused, "/dev/full: not a file"},
      {"/dev/zero", Errc::refused, "/dev/zero: not a file", Errc::refused, "/dev/zero: not a file"},
      {fifo, Errc::refused, fifo.string() + ": not a file", Errc::refused, fifo.string() + ": not a file"},
      {folder_, Errc::refused, folder_.string() + ": not a file", Errc::refused, folder_.string() + ": not a file"},
      {folder_ / "none/a", Errc::not_found,
       (folder_ / "none/a").string() + ": no file can be made there: No such file or directory", Errc::not_found,
       (folder_ / "none/a").string() + ": No such file or directory"},
      {fifo / "a", Errc::not_found, (fifo / "a").string() + ": no file can be made there: Not a directory",
       Errc::refused, (fifo / "a").string() + ": Not a directory"},
  };
  for (const auto& c : cases) {
    const auto saved = so_->snapshot(slot, c.path);
    ASSERT_FALSE(saved) << c.path;
    EXPECT_EQ(saved.error().message, c.save_says);
    EXPECT_EQ(saved.error().code, c.save) << c.path;
    const auto restored = so_->restore(c.path);
    ASSERT_FALSE(restored) << c.path;
    EXPECT_EQ(restored.error().message, c.restore_says);
    EXPECT_EQ(restored.error().code, c.restore) << c.path;
  }
  expect_one_living();
  EXPECT_EQ(files(), std::vector<std::string>{"fifo"});
}

// A disk that is full after so many bytes.
TEST_P(SnapshotFaultsTest, WithoutRoomNoFileIsMadeAndTheMeGoesOn) {
  boot();
  const auto slot = inject_traveller();
  ASSERT_TRUE(so_->snapshot(slot, file_));
  const auto whole = fs::file_size(file_);
  fs::remove(file_);
  const auto handled = ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  for (const auto room : {std::uintmax_t{1}, whole / 4, whole / 2}) {
    const rlimit limit{room, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    const auto saved = so_->snapshot(slot, file_);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, Errc::no_room) << saved.error().message;
    EXPECT_TRUE(saved.error().message.contains("the file was not made")) << saved.error().message;
    EXPECT_TRUE(files().empty());
    expect_one_living();
  }
  ::signal(SIGXFSZ, handled);
  EXPECT_TRUE(so_->snapshot(slot, file_));
}

INSTANTIATE_TEST_SUITE_P(Gic, SnapshotFaultsTest, testing::Values(3U), [](const auto&) { return "v3"; });

}  // namespace
}  // namespace emulated
