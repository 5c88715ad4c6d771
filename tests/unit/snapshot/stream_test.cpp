// A snapshot as a stream: what was written is read, and what is damaged is not (M59, M60).
#include <gtest/gtest.h>

#include <random>

#include "so3/avz/grants.hpp"
#include "tests/unit/snapshot/sample.hpp"

namespace snapshot_test {
namespace {

using namespace abi::snapshot;

static_assert(avz::GrantTable::per_page * avz::GrantTable::pages_max <= grants_max);

Contents read(const Stream& stream, std::mt19937& random) {
  Record record;
  auto reader = std::make_unique<snapshot::Reader>(record);
  snapshot::Bytes rest = stream;
  while (!rest.empty()) {
    const auto size = std::min<std::size_t>(rest.size(), random() % (random() % 2 ? 20 : 9000));
    EXPECT_TRUE(reader->take(rest.first(size)));
    rest = rest.subspan(size);
  }
  EXPECT_TRUE(reader->finish());
  EXPECT_EQ(reader->length(), stream.size());
  return record.contents;
}

TEST(Snapshot, ComesBackAsWrittenInPiecesOfAnySize) {
  std::mt19937 random(1);
  const auto contents = sample();
  for (std::size_t pages = 1; pages <= 4; ++pages) {
    const auto stream = contents.write(pages);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(read(stream, random) == contents);
  }
}

TEST(Snapshot, AnyContentsComeBack) {
  std::mt19937 random(2);
  for (int round = 0; round < 100; ++round) {
    auto c = sample();
    c.me.ram_size = (64 + random() % 1000) * abi::page_size;
    c.me.dtb_ipa = abi::ram_ipa;
    c.me.ramfs_ipa = c.me.ramfs_size = 0;
    const auto page = c.pages.begin()->second;
    c.pages.clear();
    for (unsigned i = random() % 40; i > 0; --i) {
      c.pages[abi::ram_ipa + random() % (c.me.ram_size / abi::page_size) * abi::page_size] = page;
    }
    c.me.pages = c.pages.size();
    c.events.resize(random() % 4);
    c.grants.resize(random() % 3);
    c.store.clear();
    for (unsigned i = random() % 20; i > 0; --i) {
      c.store.emplace_back("device/@/" + std::to_string(i), std::string(random() % 1025, static_cast<char>(random())));
    }
    ASSERT_TRUE(read(c.write(1 + random() % 8), random) == c) << round;
  }
}

TEST(Snapshot, PiecesOfTheWriterAreAtMostAPage) {
  auto c = sample();
  c.events.assign(127, {});
  c.grants.assign(4096, {});
  Collect out;
  snapshot::Writer writer(out);
  writer.header(c.header);
  writer.me(c.me);
  writer.vcpu(c.vcpu);
  writer.shared_page(std::span(c.shared_page).first<abi::page_size>());
  writer.events(c.events);
  writer.grants(c.grants);
  EXPECT_EQ(out.largest, abi::page_size);
  EXPECT_EQ(writer.length(), out.bytes.size());
}

TEST(Snapshot, CutAnywhereIsRefused) {
  const auto stream = sample().write();
  ASSERT_EQ(refusal(stream), "");
  for (std::size_t size = 0; size < stream.size(); ++size) {
    ASSERT_NE(refusal(std::span(stream).first(size)).find("cut off at byte " + std::to_string(size)), std::string::npos)
        << size;
  }
}

TEST(Snapshot, EveryFlippedBitIsRefused) {
  auto stream = sample().write();
  for (std::size_t bit = 0; bit < stream.size() * 8; ++bit) {
    stream[bit / 8] ^= std::byte{1} << bit % 8;
    ASSERT_NE(refusal(stream), "") << "bit " << bit % 8 << " of byte " << bit / 8;
    stream[bit / 8] ^= std::byte{1} << bit % 8;
  }
}

TEST(Snapshot, NothingMayFollow) {
  auto stream = sample().write();
  const auto size = std::to_string(stream.size());
  stream.push_back({});
  const auto words = "the snapshot ends at byte " + size + ": bytes after the end are not accepted";
  EXPECT_EQ(refusal(stream), words);
  EXPECT_EQ(refusal(stream, 1), words);
}

TEST(Snapshot, AReceiverMayStopAtAnyDelivery) {
  const auto stream = sample().write();
  for (std::size_t budget = 0; budget <= 15; ++budget) {
    Record record;
    record.budget = budget;
    auto reader = std::make_unique<snapshot::Reader>(record);
    const auto ok = reader->take(stream);
    ASSERT_EQ(!ok, budget < 15) << budget;
    if (!ok) {
      EXPECT_EQ(ok.error().fault, snapshot::Fault::stopped);
      record.budget = 100;
      EXPECT_FALSE(reader->take(stream)) << "it stays stopped";
      EXPECT_FALSE(reader->finish());
      EXPECT_EQ(record.budget, 100);
    }
  }
}

TEST(Snapshot, AnUnorderlyWriterWritesNoEnd) {
  const auto c = sample();
  const auto page = std::span(c.shared_page).first<abi::page_size>();
  const auto ends = [&](auto calls) {
    Collect out;
    snapshot::Writer writer(out);
    calls(writer);
    const bool end = writer.end();
    EXPECT_EQ(end, refusal(out.bytes).empty());
    return end;
  };
  const auto begin = [&](snapshot::Writer& w, std::uint64_t pages) {
    auto me = c.me;
    me.pages = pages;
    w.header(c.header), w.me(me), w.vcpu(c.vcpu), w.shared_page(page);
  };
  EXPECT_TRUE(ends([&](auto& w) { begin(w, 0); }));
  EXPECT_TRUE(ends([&](auto& w) { begin(w, 0), w.pages(0); }));
  EXPECT_FALSE(ends([&](auto& w) { begin(w, 1); })) << "a page is missing";
  EXPECT_FALSE(ends([&](auto& w) { begin(w, 1), w.pages(1); })) << "a page is missing in its section";
  EXPECT_FALSE(ends([&](auto& w) { begin(w, 1), w.page(abi::ram_ipa, page); })) << "a page outside a section";
  EXPECT_FALSE(ends([&](auto& w) { begin(w, 1), w.pages(2), w.page(abi::ram_ipa, page); })) << "more than announced";
  EXPECT_FALSE(ends([&](auto& w) { begin(w, 0), w.grants({}), w.events({}); })) << "order";
  EXPECT_FALSE(ends([&](auto& w) { begin(w, 0), w.header(c.header); })) << "order";
  EXPECT_FALSE(ends([&](auto& w) { w.header(c.header), w.vcpu(c.vcpu); })) << "me is missing";
  EXPECT_FALSE(ends([&](auto&) {})) << "all is missing";
}

}  // namespace
}  // namespace snapshot_test
