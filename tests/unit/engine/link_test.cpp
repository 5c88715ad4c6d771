// Frames and payloads from a guest that may send anything.
#include <gtest/gtest.h>

#include <cstring>

#include "engine/link/message.hpp"
#include "so3/abi/version.hpp"

namespace engine::link {
namespace {

namespace wire = abi::link;
using wire::Type;

Bytes frame(Type type, std::uint32_t id, std::span<const std::uint8_t> payload) { return encode(type, id, payload); }

std::span<const std::uint8_t> text(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

TEST(FrameReader, FindsFramesHoweverTheStreamIsCut) {
  const auto one = frame(Type::log, 0, text("abc")), two = frame(Type::reply, 7, text(""));
  Bytes stream(one);
  stream.insert(stream.end(), two.begin(), two.end());
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameReader reader;
    std::vector<Frame> found;
    const auto take = [&](std::span<const std::uint8_t> part) {
      reader.feed(part);
      for (auto next = reader.next(); next && *next; next = reader.next()) found.push_back(std::move(**next));
    };
    take(std::span(stream).first(cut));
    take(std::span(stream).subspan(cut));
    ASSERT_EQ(found.size(), 2U) << "cut at " << cut;
    EXPECT_EQ(found[0].payload, Bytes({'a', 'b', 'c'}));
    EXPECT_EQ(found[1].id, 7U);
  }
}

struct BrokenHeader {
  const char* what;
  wire::Frame header;
};
class BrokenFrame : public testing::TestWithParam<BrokenHeader> {};

TEST_P(BrokenFrame, IsRefused) {
  FrameReader reader;
  reader.feed(bytes_of(GetParam().header));
  EXPECT_FALSE(reader.next());
}

INSTANTIATE_TEST_SUITE_P(Each, BrokenFrame,
                         testing::Values(BrokenHeader{"magic", {0x12345678, 65, 0, 1, 0}},
                                         BrokenHeader{"type 0", {wire::frame_magic, 0, 0, 1, 0}},
                                         BrokenHeader{"request", {wire::frame_magic, 2, 0, 1, 0}},
                                         BrokenHeader{"type 99", {wire::frame_magic, 99, 0, 1, 0}},
                                         BrokenHeader{"flags", {wire::frame_magic, 65, 1, 1, 0}},
                                         BrokenHeader{"length", {wire::frame_magic, 65, 0, 1, wire::length_max + 1}},
                                         BrokenHeader{"huge", {wire::frame_magic, 65, 0, 1, 0xffffffff}}));

// Every payload, shortened and lengthened by any number of bytes: an answer, never a read outside of it.
TEST(Parse, AcceptsExactlyTheSizesOfThePayloads) {
  const auto sizes = [](Type type, std::size_t exact, bool open_ended) {
    for (std::size_t n = 0; n < exact + 24; ++n) {
      const auto message = parse({type, 1, Bytes(n, 0)});
      if (n < exact || (n > exact && !open_ended)) {
        EXPECT_FALSE(message) << static_cast<int>(type) << " of " << n;
      }
    }
  };
  sizes(Type::ready, sizeof(wire::Ready), false);
  sizes(Type::reply, sizeof(wire::Reply), true);
  sizes(Type::log, sizeof(wire::Log), true);
  sizes(Type::state, sizeof(wire::StateChange), false);
  sizes(Type::callback, sizeof(wire::Callback), false);
}

template <class T>
Result<Message> parse_as(Type type, const T& value) {
  const auto bytes = bytes_of(value);
  return parse({type, 0, Bytes(bytes.begin(), bytes.end())});
}

TEST(Parse, NamesCallbacksAsPublished) {
  const auto named = [](std::uint32_t kind, std::uint32_t number, std::uint32_t detail = 0) {
    const auto m = parse_as(Type::callback, wire::Callback{2, kind, number, 0, 0, detail});
    return m ? std::string(std::get<CallbackRan>(*m).name) : m.error().message;
  };
  EXPECT_EQ(named(2, 0), "callbacks_init");
  EXPECT_EQ(named(0, 2), "cb_pre_activate");
  EXPECT_EQ(named(0, 3, 1 | 1 << 8), "cb_cooperate");
  EXPECT_EQ(named(1, 4), "cb_force_terminate");
  EXPECT_EQ(named(0, 99), "unknown domcall 99");
  EXPECT_EQ(named(3, 0), "callback kind 3");
  EXPECT_EQ(named(0, 3, 0), "cooperation role 0");
}

TEST(Parse, RefusesNumbersThatMeanNothing) {
  EXPECT_FALSE(parse_as(Type::state, wire::StateChange{258, 0, 1, 0}));
  EXPECT_FALSE(parse_as(Type::state, wire::StateChange{2, 9, 1, 0}));
  EXPECT_FALSE(parse_as(Type::state, wire::StateChange{2, 0, 9, 0}));
  EXPECT_FALSE(parse_as(Type::state, wire::StateChange{2, 0, 1, 8}));
  EXPECT_FALSE(parse_as(Type::reply, wire::Reply{1, 0}));
  EXPECT_FALSE(parse_as(Type::reply, wire::Reply{-12, 0}));
  EXPECT_FALSE(parse_as(Type::ready, wire::Ready{abi::version + 0x10000, 4, 0, 0}));
  EXPECT_TRUE(parse_as(Type::ready, wire::Ready{abi::version, 4, 0, 0}));
}

TEST(ParseMes, WantsWholeEntriesAndNamesThatEnd) {
  wire::Me me{};
  me.slot = 2;
  std::memset(me.name, 'x', sizeof me.name);
  EXPECT_FALSE(parse_mes(bytes_of(me)));
  me.name[39] = '\0';
  const auto good = parse_mes(bytes_of(me));
  ASSERT_TRUE(good);
  EXPECT_EQ(good->front().name.size(), 39U);
  EXPECT_FALSE(parse_mes(bytes_of(me).first(95)));
  me.state = 9;
  EXPECT_FALSE(parse_mes(bytes_of(me)));
}

TEST(ParseIds, WantsTextsThatEndAndStatesThatExist) {
  wire::MeId id{};
  id.slot = 2;
  std::memset(id.shortdesc, 'x', sizeof id.shortdesc);
  EXPECT_FALSE(parse_ids(bytes_of(id)));
  id.shortdesc[1024] = '\0';
  const auto good = parse_ids(bytes_of(id));
  ASSERT_TRUE(good);
  EXPECT_EQ(std::string(good->front().shortdesc).size(), 1024U);
  EXPECT_FALSE(parse_ids(bytes_of(id).first(95)));
  id.state = 9;
  EXPECT_FALSE(parse_ids(bytes_of(id)));
  id.state = 2;
  std::memset(id.name, 'x', sizeof id.name);
  EXPECT_FALSE(parse_ids(bytes_of(id)));
}

TEST(ParseChildren, WantsEveryNameToEnd) {
  EXPECT_EQ(parse_children(text({"a\0bc\0", 5})).value(), (std::vector<std::string>{"a", "bc"}));
  EXPECT_TRUE(parse_children({}).value().empty());
  EXPECT_FALSE(parse_children(text({"a\0bc", 4})));
}

}  // namespace
}  // namespace engine::link
