// An ME's dc_events from the first activation to another smart object and to its end (M9, M59, M60, M61, M62).
#include "libme/application.hpp"
#include "libme/calls.hpp"
#include "libme/identity.hpp"

#include <me/me.hpp>

#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/kernel/shared.hpp"
#include "tests/unit/guest/world.hpp"
#include "tests/unit/libme/me_node.hpp"

namespace {

int applications = 0;

using abi::DcEvent;

struct JourneyTest : StoreWorld {
  JourneyTest() {
    blob.publish();
    me::read_identity();
  }
  ~JourneyTest() override { EXPECT_EQ(event(DcEvent::close), 0); }
  static std::int32_t event(DcEvent which, abi::ResumeAt at = abi::ResumeAt::same_place) {
    return me::run_dc_event(which, static_cast<std::uint32_t>(at));
  }
  MeTreeBlob blob{MeNode{}};
};

TEST_F(JourneyTest, M60_ResidentGoesOnWhereItWas) {
  ASSERT_EQ(event(DcEvent::activate), 0);
  const auto name = value("soo/me/2/name");
  EXPECT_EQ(event(DcEvent::pre_suspend), 0);
  EXPECT_EQ(event(DcEvent::suspend), 0);
  EXPECT_EQ(vbstore::read("soo/me/2/name").error(), vbstore::Error::unavailable);
  EXPECT_EQ(event(DcEvent::pre_resume), 0);
  EXPECT_EQ(event(DcEvent::resume), 0);
  EXPECT_EQ(event(DcEvent::post_activate), 0);
  EXPECT_EQ(vbstore::read("soo/me/2/name")->view(), name);
}

TEST_F(JourneyTest, M62_ArrivesWithAllThatIsItsOwn) {
  ASSERT_EQ(event(DcEvent::activate), 0);
  EXPECT_EQ(event(DcEvent::suspend), 0);
  const auto told = avz.count(abi::Call::identity);
  arrive(6);
  EXPECT_EQ(event(DcEvent::pre_resume), 0);
  ASSERT_EQ(event(DcEvent::resume, abi::ResumeAt::new_place), 0);
  for (const char* key : {"spid", "spadcaps", "name", "shortdesc"})
    EXPECT_TRUE(exists(std::string{"soo/me/6/"} + key)) << key;
  EXPECT_FALSE(exists("soo/me/2"));
  EXPECT_EQ(avz.count(abi::Call::identity), told + 1);
  EXPECT_EQ(me::slot(), 6u);
  EXPECT_EQ(event(DcEvent::close), 0);
  EXPECT_FALSE(exists("soo/me/6"));
}

// It was dormant from its injection on, and left so.
TEST_F(JourneyTest, M62_WhatWasNeverActiveIsActivatedWhereItArrives) {
  kernel::shared().slot = 2;
  ASSERT_EQ(event(DcEvent::resume, abi::ResumeAt::new_place), 0);
  EXPECT_TRUE(exists("soo/me/2/spid"));
}

// M36: one that went to rest in cb_pre_activate, and woke, lives before it is activated: its threads find it complete.
TEST_F(JourneyTest, TheApplicationStartsWhenItLivesAndIsActive) {
  const auto started = [] {
    me::start_application_when_due();
    thread_yield();
    return applications;
  };
  kernel::shared().state = static_cast<std::uint32_t>(abi::State::living);
  EXPECT_EQ(started(), 0);
  ASSERT_EQ(event(DcEvent::activate), 0);
  kernel::shared().state = static_cast<std::uint32_t>(abi::State::dormant);
  EXPECT_EQ(started(), 0);
  kernel::shared().state = static_cast<std::uint32_t>(abi::State::living);
  EXPECT_EQ(started(), 1);
  EXPECT_EQ(started(), 1) << "once";
}

// A cooperation at its arrival ended it: nothing here is its own yet, and the store would never answer.
TEST_F(JourneyTest, EndsBeforeItWasResumed) {
  ASSERT_EQ(event(DcEvent::activate), 0);
  EXPECT_EQ(event(DcEvent::suspend), 0);
  EXPECT_EQ(event(DcEvent::close), 0);
  EXPECT_EQ(event(DcEvent::resume), 0);
}

// M51: avz asks nobody who it is; on arrival it has to be told before others cooperate with it.
TEST_F(JourneyTest, M61_TellsAvzWhoItIsBeforeAnythingElse) {
  const auto told = avz.count(abi::Call::identity);
  EXPECT_EQ(me::run_domcall(abi::Domcall::pre_activate, {}).value, 0);
  EXPECT_EQ(avz.count(abi::Call::identity), told + 1);
}

TEST_F(JourneyTest, UnknownPlacesAreRefused) {
  EXPECT_EQ(me::run_dc_event(DcEvent::resume, 2), ME_ENOTSUP);
  EXPECT_NE(console().find("dc_event 3 (resume), argument 2"), std::string::npos);
}

}  // namespace

extern "C" void* app_thread_main(void*) {
  ++applications;
  return nullptr;
}
