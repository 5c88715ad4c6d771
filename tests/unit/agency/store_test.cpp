#include "store_fixture.hpp"

namespace agency {
namespace {

using abi::Status;
using abi::vbstore::Type;

// M8: the four entries of an ME, written by itself, read by anyone.
TEST_F(StoreTest, MeWritesItsIdentity) {
  for (const char* key : {"spid", "spadcaps", "name", "shortdesc"})
    ASSERT_TRUE(store.write(2, path(std::string{"soo/me/2/"} + key), "v"));
  EXPECT_EQ(store.read(path("soo/me/2/name")), "v");
  EXPECT_EQ(store.list(path("soo/me/2")), std::string("name\0shortdesc\0spadcaps\0spid\0", 29));
  EXPECT_EQ(store.keys(2), 5u);
}

// M7, X13: 1,024 bytes pass, one more does not.
TEST_F(StoreTest, ValueLimitIsExact) {
  EXPECT_TRUE(store.write(2, path("soo/me/2/shortdesc"), std::string(1024, 'd')));
  EXPECT_EQ(store.write(2, path("soo/me/2/shortdesc"), std::string(1025, 'd')), std::unexpected{Status::too_big});
  EXPECT_EQ(store.read(path("soo/me/2/shortdesc"))->size(), 1024u);
}

// Decision 8, X11.
TEST_F(StoreTest, MeWritesNothingElse) {
  for (const char* foreign :
       {"device/20/x", "device/3", "soo/me/3/name", "soo/x", "new", "backend/vlogs", "backend/vlogs/3/x"})
    EXPECT_EQ(store.write(2, path(foreign), "v"), std::unexpected{Status::denied}) << foreign;
  EXPECT_EQ(store.mkdir(2, path("device/3")), std::unexpected{Status::denied});
  EXPECT_EQ(store.rm(2, path("device")), std::unexpected{Status::denied});
  EXPECT_EQ(store.rm(0, path("")), std::unexpected{Status::denied});
}

// A backend exists when the agency says so: an ME cannot make backend/<type> by writing below it.
TEST_F(StoreTest, MeCannotMakeParentsThatAreNotItsOwn) {
  EXPECT_EQ(store.write(2, path("backend/vfake/2/0/state"), "1"), std::unexpected{Status::not_found});
  EXPECT_FALSE(store.exists(path("backend/vfake")));
  EXPECT_TRUE(store.write(2, path("backend/vlogs/2/0/state"), "1"));
}

TEST_F(StoreTest, AgencyWritesEverywhere) {
  EXPECT_TRUE(store.write(0, path("device/2/vlogs/0/error"), "no ring"));
  EXPECT_TRUE(store.write(0, path("anything/at/all"), ""));
}

TEST_F(StoreTest, MissingIsNotEmpty) {
  EXPECT_EQ(store.read(path("device/2")), std::unexpected{Status::not_found});
  EXPECT_EQ(store.list(path("device/2")), std::unexpected{Status::not_found});
  EXPECT_EQ(store.rm(2, path("device/2")), std::unexpected{Status::not_found});
  EXPECT_EQ(store.list(path("device")), "");
}

TEST_F(StoreTest, RemovesWithAllBelow) {
  ASSERT_TRUE(store.write(2, path("device/2/vlogs/0/state"), "1"));
  ASSERT_TRUE(store.rm(2, path("device/2/vlogs")));
  EXPECT_FALSE(store.exists(path("device/2/vlogs/0/state")));
  EXPECT_TRUE(store.exists(path("device/2")));
  EXPECT_EQ(store.keys(2), 1u);
}

TEST_F(StoreTest, ShareOfKeysIsPerDomain) {
  ASSERT_TRUE(store.mkdir(2, path("device/2")));
  for (std::size_t i = 1; i < abi::vbstore::keys_per_domain; ++i)
    ASSERT_TRUE(store.write(2, path("device/2/k" + std::to_string(i)), ""));
  EXPECT_EQ(store.write(2, path("device/2/one-more"), ""), std::unexpected{Status::no_memory});
  EXPECT_TRUE(store.write(2, path("device/2/k1"), "an old one still takes a value"));
  EXPECT_TRUE(store.write(3, path("device/3/k"), ""));
  ASSERT_TRUE(store.rm(2, path("device/2/k1")));
  EXPECT_TRUE(store.write(2, path("device/2/one-more"), ""));
}

TEST_F(StoreTest, MemoryIsBounded) {
  Store small{16 * 1024};
  ASSERT_TRUE(small.mkdir(0, path("device")));
  std::size_t written = 0;
  while (small.write(2, path("device/2/k" + std::to_string(written)), std::string(1000, 'v'))) ++written;
  EXPECT_GT(written, 3u);
  EXPECT_LE(small.bytes(), 16u * 1024);
  EXPECT_TRUE(small.write(0, path("device/error"), "the agency is not limited"));
  small.remove_domain(2);
  EXPECT_EQ(small.bytes(), 0u);
}

// Whatever some MEs keep, the next one can be what an ME is: its identity and a connected frontend.
TEST_F(StoreTest, NoneStarvesTheRest) {
  Store busy{8 << 20};
  for (const char* top : {"device", "soo/me", "backend/vlogs"}) ASSERT_TRUE(busy.mkdir(0, path(top)));
  for (std::uint32_t me = 2; me < 40; ++me)
    for (int i = 0; i < 600; ++i)
      static_cast<void>(
          busy.write(me, path("device/" + std::to_string(me) + "/k" + std::to_string(i)), std::string(1024, 'v')));
  RecordingWatcher watcher{40};
  EXPECT_TRUE(busy.write(40, path("soo/me/40/shortdesc"), std::string(1024, 'd')));
  for (const char* key : {"device/40/vlogs/0/ring-ref", "device/40/vlogs/0/ring-evtchn", "device/40/vlogs/0/state",
                          "backend/vlogs/40/0/frontend", "soo/me/40/name", "soo/me/40/spid", "soo/me/40/spadcaps"})
    EXPECT_TRUE(busy.write(40, path(key), "a value")) << key;
  EXPECT_TRUE(busy.watch(watcher, path("backend/vlogs/40/0/state")));
  EXPECT_TRUE(busy.write(0, path("backend/vlogs/40/0/state"), "4"));
  busy.forget(watcher);
}

// An ME that makes the agency answer there, under ever new names, pays for the answers.
TEST_F(StoreTest, WhatTheAgencyWritesForAnMeIsInItsShare) {
  std::size_t written = 0;
  while (written < 10'000 && store.write(0, path("backend/vlogs/2/" + std::to_string(written) + "/state"), "6"))
    ++written;
  EXPECT_LT(written, abi::vbstore::keys_per_domain);
  EXPECT_EQ(store.keys(2), abi::vbstore::keys_per_domain - 1);
  EXPECT_TRUE(store.write(0, path("backend/vlogs/3/0/state"), "6"));
  store.remove_domain(2);
  EXPECT_EQ(store.keys(2), 0u);
}

// A watch has a place in the tree, and events wait in it.
TEST_F(StoreTest, WatchesAreInTheShareOfBytes) {
  Store small{64 * 1024};
  RecordingWatcher watcher{2};
  std::size_t watches = 0;
  while (small.watch(watcher, path("x/" + std::to_string(watches)))) ++watches;
  EXPECT_GT(watches, 2u);
  EXPECT_LT(watches, abi::vbstore::watches_per_domain);
  EXPECT_LE(small.bytes(), 64u * 1024);
  EXPECT_TRUE(small.unwatch(watcher, path("x/0")));
  EXPECT_TRUE(small.watch(watcher, path("x/0")));
  small.forget(watcher);
  EXPECT_EQ(small.bytes(), 0u);
}

TEST_F(StoreTest, TransactionIsAllOrNothing) {
  ASSERT_TRUE(store.write(2, path("device/2/a"), "old"));
  ASSERT_TRUE(store.write(2, path("device/2/dir/deep"), "kept"));
  const auto bytes = store.bytes();
  const Store::Change changes[] = {{Type::write, path("device/2/a"), "new"},
                                   {Type::write, path("device/2/b/c"), "new"},
                                   {Type::rm, path("device/2/dir"), {}},
                                   {Type::mkdir, path("device/2/dir"), {}},
                                   {Type::write, path("device/3/x"), "not mine"}};
  EXPECT_EQ(store.transaction(2, changes), std::unexpected{Status::denied});
  EXPECT_EQ(store.read(path("device/2/a")), "old");
  EXPECT_EQ(store.read(path("device/2/dir/deep")), "kept");
  EXPECT_FALSE(store.exists(path("device/2/b")));
  EXPECT_EQ(store.bytes(), bytes);
  EXPECT_EQ(store.keys(2), 4u);

  EXPECT_TRUE(store.transaction(2, std::span{changes}.first(4)));
  EXPECT_EQ(store.read(path("device/2/a")), "new");
  EXPECT_EQ(store.read(path("device/2/b/c")), "new");
  EXPECT_FALSE(store.exists(path("device/2/dir/deep")));
}

// P10: nothing of a domain stays behind, and nothing of another goes.
TEST_F(StoreTest, RemovingADomainRemovesAllItsParts) {
  ASSERT_TRUE(store.write(2, path("device/2/vlogs/0/state"), "4"));
  ASSERT_TRUE(store.write(0, path("device/2/vlogs/0/error"), "agency's"));
  ASSERT_TRUE(store.write(2, path("backend/vlogs/2/0/state"), "4"));
  ASSERT_TRUE(store.write(2, path("soo/me/2/name"), "n"));
  ASSERT_TRUE(store.write(20, path("device/20/x"), "other"));
  store.remove_domain(2);
  EXPECT_FALSE(store.exists(path("device/2")));
  EXPECT_FALSE(store.exists(path("backend/vlogs/2")));
  EXPECT_FALSE(store.exists(path("soo/me/2")));
  EXPECT_EQ(store.keys(2), 0u);
  EXPECT_TRUE(store.exists(path("device/20/x")));
  EXPECT_TRUE(store.exists(path("backend/vlogs")));
}

}  // namespace
}  // namespace agency
