#include <gtest/gtest.h>

#include "so3/agency/link/frame.hpp"
#include "so3/agency/transfer/message.hpp"

namespace agency::transfer {
namespace {

using abi::Status;

constexpr Id id{0x1234, 7};
const Offer offer{Kind::move, 0x10001, 42, 1 << 20, 99, "refso3"};

Message good(const std::string& bytes) {
  auto m = Message::parse(bytes);
  EXPECT_TRUE(m) << m.error().why;
  return *m;
}

TEST(TransferMessage, ComesBackAsItWasPutTogether) {
  const auto o = good(encode(id, offer));
  EXPECT_EQ(o.id(), id);
  ASSERT_NE(o.as<Offer>(), nullptr);
  EXPECT_EQ(o.as<Offer>()->kind, Kind::move);
  EXPECT_EQ(o.as<Offer>()->ram_size, 1u << 20);
  EXPECT_EQ(o.as<Offer>()->from_uid, 99u);
  EXPECT_EQ(o.as<Offer>()->name, "refso3");
  EXPECT_EQ(good(encode(id, Accept{5})).as<Accept>()->up_to, 5u);
  EXPECT_EQ(good(encode(id, Credit{6})).as<Credit>()->up_to, 6u);
  EXPECT_EQ(good(encode(id, Refuse{Status::no_memory, "full"})).as<Refuse>()->text, "full");
  const auto data = encode(id, Data{3, "abc"});
  EXPECT_EQ(good(data).as<Data>()->offset, 3u);
  EXPECT_EQ(good(data).as<Data>()->bytes, "abc");
  EXPECT_EQ(good(encode(id, Arrived{2})).as<Arrived>()->slot, 2u);
  EXPECT_NE(good(encode(id, Cancel{})).as<Cancel>(), nullptr);
  EXPECT_NE(good(encode(id, Cancelled{})).as<Cancelled>(), nullptr);
  EXPECT_NE(good(encode(id, Settled{})).as<Settled>(), nullptr);
}

TEST(TransferMessage, CutAnywhereIsNoMessage) {
  for (const auto& whole : {encode(id, offer), encode(id, Accept{5}), encode(id, Arrived{2})})
    for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(Message::parse(whole.substr(0, n))) << n;
}

TEST(TransferMessage, ATailIsNoMessage) {
  for (const auto& whole : {encode(id, offer), encode(id, Accept{5}), encode(id, Arrived{2}), encode(id, Cancel{}),
                            encode(id, Cancelled{}), encode(id, Settled{})})
    EXPECT_FALSE(Message::parse(whole + "x"));
}

TEST(TransferMessage, GarbageNamesItsTransferIfItCan) {
  const auto changed = [](std::size_t at, char to, std::string m = encode(id, offer)) {
    m[at] = to;
    auto parsed = Message::parse(m);
    EXPECT_FALSE(parsed) << at;
    return parsed ? Message::Garbage{} : parsed.error();
  };
  EXPECT_EQ(changed(0, 99).id, id);                             // type
  EXPECT_EQ(changed(2, 9).id, std::nullopt);                    // version
  EXPECT_EQ(changed(4, 1).id, id);                              // reserved
  EXPECT_EQ(changed(24, 0).id, id);                             // kind
  EXPECT_EQ(changed(24, 5).id, id);                             // kind
  EXPECT_EQ(changed(40, 1).id, id);                             // memory not in pages
  EXPECT_EQ(changed(47, 1).id, id);                             // too much memory
  EXPECT_EQ(changed(24, 0, encode(id, Refuse{Status::busy, {}})).id, id);
  EXPECT_EQ(changed(24, 1, encode(id, Arrived{2})).id, id);     // slot 1 is no ME's
  EXPECT_EQ(Message::parse(encode({0, 1}, Cancel{})).error().id, std::nullopt);
  EXPECT_FALSE(Message::parse(encode({1, UINT64_MAX}, Cancel{}))) << "the next move would begin at 0";
  EXPECT_TRUE(Message::parse(encode({1, UINT64_MAX - 1}, Cancel{})));
  EXPECT_EQ(Message::parse(encode(id, Data{UINT64_MAX, "a"})).error().id, id);
  EXPECT_FALSE(Message::parse(encode(id, Data{0, std::string(abi::transfer::data_max + 1, 'x')})));
}

TEST(TransferMessage, TextOfAPeerIsPrintable) {
  EXPECT_EQ(good(encode(id, Refuse{Status::busy, "a\33[2Jb\n"})).as<Refuse>()->text, "a?[2Jb?");
  // Of UTF-8 what can be seen: U+009B is an escape sequence's beginning as well.
  EXPECT_EQ(good(encode(id, Refuse{Status::busy,
                                   "\xc2\x9b"
                                   "2J\x9b\xff \xc3\xa9"}))
                .as<Refuse>()
                ->text,
            "?2J?? \xc3\xa9");
}

}  // namespace
}  // namespace agency::transfer
