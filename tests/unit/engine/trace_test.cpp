// From records to files: issue 3, item 10.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engine/trace/chrome.hpp"
#include "engine/trace/recorder.hpp"
#include "engine/trace/sequence.hpp"
#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/lifecycle.hpp"
#include "tests/unit/diagram/picture.hpp"

namespace engine::trace {
namespace {

using abi::Call;
using abi::DcEvent;
using abi::Domcall;
using abi::State;
using nlohmann::json;

constexpr std::uint64_t us = 1000;

// Writes records as avz and an agency do.
class Machine {
 public:
  explicit Machine(std::string name, std::int64_t host_minus_machine) : offset_{host_minus_machine} {
    recording.name = std::move(name);
  }
  Machine& at(std::uint64_t time) {
    time_ = time;
    return *this;
  }
  void add(Kind kind, std::uint32_t slot, std::uint32_t number, std::uint64_t v0 = 0, std::uint64_t v1 = 0,
           std::uint8_t cpu = 0) {
    recording.records.push_back(
        {time_, static_cast<std::uint8_t>(kind), cpu, static_cast<std::uint16_t>(slot), number, {v0, v1}});
    time_ += us;
  }
  void state(std::uint32_t slot, State from, State to) {
    add(Kind::state, slot, static_cast<std::uint32_t>(from) | static_cast<std::uint32_t>(to) << 8);
  }
  void callback(std::uint32_t slot, Domcall c, std::uint64_t detail = 0) {
    add(Kind::callback_begin, slot, static_cast<std::uint32_t>(c), detail);
    add(Kind::domcall_begin, slot, static_cast<std::uint32_t>(c));
    add(Kind::domcall_end, slot, 0);
    add(Kind::callback_end, slot, static_cast<std::uint32_t>(c), detail, 0);
  }
  void transfer(bool incoming, std::uint32_t state, std::uint64_t instance, std::uint32_t slot) {
    add(Kind::transfer, slot, 1 << 16 | 2 << 12 | std::uint32_t{incoming} << 8 | state, instance,
        std::uint64_t{1} << 32);
  }
  void text(Kind kind, std::uint32_t slot, std::uint32_t number, std::string_view text, std::uint8_t cpu = 0) {
    std::uint64_t v[2] = {};
    std::memcpy(v, text.data(), std::min(text.size(), sizeof v));
    add(kind, slot, number, v[0], v[1], cpu);
  }
  void sync(std::uint64_t machine, std::int64_t round_trip) {
    const auto host = static_cast<std::int64_t>(machine) + offset_;
    recording.syncs.push_back({host - round_trip / 2, host + round_trip / 2, machine});
  }
  Recording recording;

 private:
  std::uint64_t time_ = 0;
  std::int64_t offset_;
};

// An ME that moves from a to b; the machines' clocks are 5 s apart.
std::vector<Recording> migration() {
  Machine a{"a", 1'000'000'000}, b{"b", -4'000'000'000};
  a.sync(100 * us, 40 * us);
  b.sync(5'000'100 * us, 20 * us);
  a.at(200 * us).add(Kind::vcpu_in, 0, 0);
  a.text(Kind::name, 2, 0, "SOO.<traveller>");
  a.add(Kind::vcpu_in, 2, 0, 0, 0, 1);
  a.text(Kind::thread, 2, 0x10, "main", 1);
  a.add(Kind::call, 2, static_cast<std::uint32_t>(Call::event_send), 8, 0, 1);
  a.add(Kind::call_done, 2, static_cast<std::uint32_t>(Call::event_send), 0, 0, 1);
  a.add(Kind::interrupt, 2, 27, 0, 0, 1);
  a.at(300 * us).add(Kind::callback_begin, 2, 1 << 16 | static_cast<std::uint32_t>(DcEvent::pre_suspend));
  a.add(Kind::callback_end, 2, 1 << 16 | static_cast<std::uint32_t>(DcEvent::pre_suspend), 0, ~std::uint64_t{0});
  a.state(2, State::living, State::suspended);
  a.add(Kind::vcpu_out, 2, 0, 0, 0, 1);
  a.at(400 * us).transfer(false, 0, 0x77, 2);
  b.at(5'000'450 * us).transfer(true, 0, 0x77, 0);
  b.state(3, State::dead, State::migrating);
  b.text(Kind::name, 3, 0, "SOO.<traveller>");
  b.callback(3, Domcall::pre_activate);
  b.callback(3, Domcall::cooperate, 1 | 1 << 8);
  b.state(3, State::migrating, State::living);
  b.transfer(true, 2, 0x77, 3);
  a.at(600 * us).transfer(false, 4, 0x77, 2);
  a.state(2, State::suspended, State::dead);
  a.add(Kind::lost, 0, 0, 3, 4);
  return {a.recording, b.recording};
}

TEST(ClockFit, TakesTheTightestAndItsError) {
  const SyncPoint points[] = {{0, 1000, 50'000}, {2000, 2010, 52'005}, {3000, 3900, 53'000}, {4000, 4400, 54'100}};
  const auto clock = fit(points);
  EXPECT_EQ(clock.to_host(52'005), 2005);
  EXPECT_EQ(clock.to_host(52'105), 2105);
  EXPECT_EQ(clock.to_host(51'905), 1905);
  EXPECT_EQ(clock.error, 5);
}

TEST(ClockFit, FollowsADriftAndNotAJump) {
  constexpr std::int64_t second = 1'000'000'000;
  const SyncPoint drifting[] = {{0, 100, 7}, {second + 100'000, second + 100'200, 7 + std::uint64_t{second}}};
  const auto clock = fit(drifting);
  EXPECT_NEAR(clock.rate, 1.0001, 1e-6);
  EXPECT_NEAR(static_cast<double>(clock.to_host(7 + second / 2)), second / 2 + 50'075, 2);
  EXPECT_EQ(clock.error, 100);
  const SyncPoint jumping[] = {{0, 100, 7}, {3 * second, 3 * second + 50, 7 + std::uint64_t{second}}};
  EXPECT_EQ(fit(jumping).rate, 1);
  EXPECT_EQ(fit(jumping).error, 25);
}

TEST(ClockFit, WithoutSyncPointsIsTheMachinesOwn) { EXPECT_EQ(fit({}).to_host(42), 42); }

TEST(Recorder, KeepsSoManyAndCountsTheRest) {
  Recorder recorder;
  const std::vector<Record> some(records_max / 2 + 1);
  recorder.add(some);  // nobody records
  recorder.begin();
  recorder.add(some);
  recorder.add(some);
  auto recording = recorder.take();
  EXPECT_EQ(recording.records.size(), records_max);
  EXPECT_EQ(recording.dropped, 2U);
  recorder.add(some);
  EXPECT_TRUE(recorder.take().records.empty());
}

const Timeline::Slice* find(const Timeline& t, std::string_view name) {
  for (const auto& s : t.slices)
    if (s.name == name) return &s;
  return nullptr;
}

TEST(Merge, OneTimeLineOfSeveralMachines) {
  const auto t = merge(migration());
  ASSERT_EQ(t.processes.size(), 2U);
  EXPECT_EQ(t.processes[0].lost, 7U);
  EXPECT_EQ(t.processes[0].error, 20'000);
  const auto* leaves = find(t, "move of ME 2 SOO.<traveller> goes");
  const auto* comes = find(t, "move of an ME comes");
  ASSERT_NE(leaves, nullptr);
  ASSERT_NE(comes, nullptr);
  EXPECT_EQ(comes->begin - leaves->begin, 50'000);  // though the clocks are 5 s apart
  ASSERT_EQ(t.flows.size(), 2U);
  EXPECT_EQ(t.flows[0].from, leaves->track);
  EXPECT_EQ(t.flows[0].to, comes->track);
  EXPECT_LE(t.flows[0].left, t.flows[0].came);
  EXPECT_EQ(t.flows[1].name, "arrived");
}

// Of one track, slices are one in another or one after the other: the format has no place for anything else.
TEST(Merge, SlicesOfATrackNest) {
  const auto t = merge(migration());
  std::map<std::uint32_t, std::vector<Timeline::Time>> open;
  for (const auto& s : t.slices) {
    auto& ends = open[s.track];
    while (!ends.empty() && ends.back() <= s.begin) ends.pop_back();
    if (!ends.empty()) {
      EXPECT_LE(s.end, ends.back()) << s.name;
    }
    EXPECT_LE(s.begin, s.end) << s.name;
    ends.push_back(s.end);
  }
}

// Whatever a guest makes avz record: no end before its beginning, no crash, and JSON.
TEST(Merge, NonsenseIsSurvived) {
  Machine m{"m", 0};
  std::uint64_t random = 1;
  for (int i = 0; i < 20'000; i++) {
    const auto next = [&] {
      random = random * 6364136223846793005u + 1442695040888963407u;
      return random >> 33;
    };
    static constexpr Kind kinds[] = {Kind::call,        Kind::call_done, Kind::interrupt, Kind::vcpu_in,
                                     Kind::vcpu_out,    Kind::state,     Kind::thread,    Kind::domcall_begin,
                                     Kind::domcall_end, Kind::transfer,  Kind::name,      Kind::callback_begin,
                                     Kind::callback_end};
    m.add(kinds[next() % std::size(kinds)], static_cast<std::uint32_t>(next() % 4), static_cast<std::uint32_t>(next()),
          next(), next(), static_cast<std::uint8_t>(next() % 3));
  }
  const auto t = merge(std::span(&m.recording, 1));
  std::ostringstream out;
  write_chrome(out, t);
  EXPECT_FALSE(json::parse(out.str(), nullptr, false).is_discarded());
  EXPECT_FALSE(to_svg(sequence_of(t)).empty());
}

// The rules of the Trace Event Format: https://github.com/google/trace-viewer, the phases used here.
TEST(Chrome, KeepsTheRulesOfTheFormat) {
  std::ostringstream out;
  write_chrome(out, merge(migration()));
  const auto all = json::parse(out.str());
  ASSERT_TRUE(all.at("traceEvents").is_array());
  std::set<std::pair<int, int>> named;
  std::map<int, int> flows;
  for (const auto& e : all["traceEvents"]) {
    const auto phase = e.at("ph").get<std::string>();
    ASSERT_TRUE(e.at("pid").is_number_unsigned());
    ASSERT_TRUE(e.at("name").is_string());
    if (phase == "M") {
      if (e["name"] == "thread_name") named.emplace(e.at("pid"), e.at("tid"));
      ASSERT_TRUE(e.at("args").is_object());
      continue;
    }
    EXPECT_TRUE(named.contains({e.at("pid"), e.at("tid")})) << e;
    EXPECT_GE(e.at("ts").get<double>(), 0) << e;
    if (phase == "X") {
      EXPECT_GE(e.at("dur").get<double>(), 0) << e;
    } else if (phase == "i") {
      EXPECT_EQ(e.at("s"), "t");
    } else if (phase == "s") {
      EXPECT_EQ(flows[e.at("id")]++, 0);
    } else {
      ASSERT_EQ(phase, "f") << e;
      EXPECT_EQ(e.at("bp"), "e");
      EXPECT_EQ(flows[e.at("id")]++, 1);
    }
  }
  EXPECT_EQ(flows.size(), 2U);
  for (const auto& [id, ends] : flows) EXPECT_EQ(ends, 2);
}

std::string content(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// GOLDEN_UPDATE=1 writes the files anew.
void expect_golden(const std::string& name, const std::string& now) {
  const auto file = std::string(GOLDEN) + "/" + name;
  if (std::getenv("GOLDEN_UPDATE") != nullptr) std::ofstream(file) << now;
  EXPECT_EQ(content(file), now) << file;
}

TEST(Golden, Chrome) {
  std::ostringstream out;
  write_chrome(out, merge(migration()));
  expect_golden("migration.json", out.str());
}

// A heading stands before the first step that is not before it; a part has its own headings, steps and lifelines only.
TEST(SequenceOf, HasHeadingsAndCanBeAPart) {
  const auto timeline = merge(migration());
  EXPECT_EQ(timeline.origin, 1'000'200'000);  // of the first record, on the host's clock
  const Heading headings[] = {{-5, "begin"}, {150'000, "it moves"}, {260'000, "elsewhere"}};
  const auto names = [&](Part part) {
    std::vector<std::string> all;
    for (const auto& row : sequence_of(timeline, headings, part).rows) all.push_back(row.text);
    return all;
  };
  const auto whole = names({});
  EXPECT_EQ(whole[0], "begin");
  EXPECT_EQ(whole[1], "cb_pre_suspend");
  EXPECT_EQ(std::ranges::find(whole, "it moves") + 1, std::ranges::find(whole, "move"));
  EXPECT_EQ(names({0, 150'000}), (std::vector<std::string>{"cb_pre_suspend", "-1", "suspended"}));
  const auto last = sequence_of(timeline, headings, {390'000, 1'000'000});
  ASSERT_EQ(last.rows.size(), 2U);
  EXPECT_EQ(last.rows[0].text, "arrived");
  EXPECT_EQ(last.lifelines.size(), 3U);  // the agencies, and the ME that is gone
}

TEST(Golden, SequenceDiagram) {
  const auto svg = to_svg(sequence_of(merge(migration())));
  expect_golden("migration.svg", svg);
  EXPECT_EQ(svg.find("SOO.<"), svg.npos);  // names are escaped
  EXPECT_TRUE(Picture(svg).flaws().empty());
}

}  // namespace
}  // namespace engine::trace
