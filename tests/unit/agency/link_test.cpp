#include "agency_fixture.hpp"

namespace agency {
namespace {

using abi::link::Type;

Bytes bytes(std::string_view s) { return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()}; }

TEST(FrameDecoder, TakesFramesInAnyPieces) {
  std::string stream;
  append_frame(stream, Type::store_read, 7, "soo/me");
  append_frame(stream, Type::list, 8, "");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameDecoder decoder;
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < stream.size(); at += piece)
      for (auto rest = bytes(std::string_view{stream}.substr(at, piece)); !rest.empty();) {
        rest = rest.subspan(decoder.take(rest));
        if (const auto r = decoder.request()) seen.push_back(std::to_string(r->id) + std::string{r->payload});
      }
    EXPECT_EQ(seen, (std::vector<std::string>{"7soo/me", "8"})) << "pieces of " << piece;
  }
}

TEST(FrameDecoder, RefusesWhatBreaksARule) {
  const auto fault = [](abi::link::Frame f) {
    FrameDecoder d;
    d.take(bytes(raw(f)));
    EXPECT_EQ(d.take(bytes("more")), d.fault() != nullptr ? 0u : 4u);
    return d.fault();
  };
  constexpr auto magic = abi::link::frame_magic;
  EXPECT_STREQ(fault({1, 3, 0, 1, 0}), "a frame without its magic number");
  EXPECT_STREQ(fault({magic, 3, 1, 1, 0}), "a frame with flags");
  EXPECT_STREQ(fault({magic, 40, 0, 1, abi::link::length_max + 1}), "a frame longer than 64 KB");
  EXPECT_STREQ(fault({magic, 65, 0, 1, 16}), "a frame that only the agency sends");
  EXPECT_STREQ(fault({magic, 2, 0, 1, 15}), "a frame whose length does not fit its type");
  EXPECT_STREQ(fault({magic, 4, 0, 1, 256}), "a frame whose length does not fit its type");
  EXPECT_EQ(fault({magic, 40, 0, 1, 100}), nullptr) << "a type of later is answered, not refused";
}

TEST_F(AgencyTest, CreditHoldsLogLinesBack) {
  EXPECT_EQ(agency.logs().room(), 0u);
  agency.link().add_credit(5000);
  EXPECT_EQ(agency.logs().room(), 5000u);
  agency.logs().write(2, std::string(4000, 'x'));
  EXPECT_EQ(agency.logs().room(), 0u) << "less than a line is no room";
  EXPECT_EQ(frames().at(0).payload.size(), sizeof(abi::link::Log) + 4000);
}

TEST_F(AgencyTest, LastWordsWaitForCreditAndComeFirst) {
  agency.logs().keep(2, "one\ntwo\n");
  EXPECT_TRUE(frames().empty());
  agency.link().add_credit(10'000);
  const auto all = frames();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].payload.substr(sizeof(abi::link::Log)), "one\ntwo\n");
  EXPECT_TRUE(agency.logs().empty());
}

TEST_F(AgencyTest, WithoutAnEngineLinesGoToTheConsole) {
  agency.link().closed();
  console_text.clear();
  EXPECT_GT(agency.logs().room(), 0u);
  agency.logs().write(2, "[ME:2] hello\n");
  EXPECT_EQ(console_text, "[ME:2] hello\n");
}

// The memory of a long queue is given back when the queue is empty.
TEST_F(AgencyTest, WhatABurstTookIsNotKept) {
  port.room = 0;
  for (int i = 0; i < 16; ++i) agency.link().send(Type::peer, 0, std::string(32 * 1024, 'x'));
  EXPECT_GE(agency.link().reserved(), 512u << 10);
  port.room = SIZE_MAX;
  agency.link().flush();
  EXPECT_EQ(agency.link().queued(), 0u);
  EXPECT_LE(agency.link().reserved(), 64u << 10);
}

TEST_F(AgencyTest, EngineThatDoesNotReadIsDropped) {
  port.room = 0;
  for (int i = 0; i < 2000 && !port.closed; ++i) agency.link().send(Type::callback, 0, std::string(1000, 'x'));
  EXPECT_TRUE(port.closed);
  EXPECT_FALSE(agency.link().is_open());
}

}  // namespace
}  // namespace agency
