#include "agency_fixture.hpp"

namespace agency {
namespace {

using abi::Domcall;
using abi::Outcome;
using abi::State;
using abi::Status;
using Trace = std::vector<std::string>;

std::vector<std::pair<State, State>> states(const std::vector<Frame>& frames) {
  std::vector<std::pair<State, State>> all;
  for (const auto& f : frames)
    if (f.type == abi::link::Type::state) {
      const auto s = f.as<abi::link::StateChange>();
      all.emplace_back(static_cast<State>(s.from), static_cast<State>(s.to));
    }
  return all;
}

// M60: pre_activate, cooperate, then living; frontends connect before.
TEST_F(AgencyTest, InjectionRunsThePublishedSequence) {
  EXPECT_EQ(inject(), 2u);
  EXPECT_EQ(avz.trace, (Trace{"create 2", "start 2", "cb_pre_activate 2", "cb_cooperate alone 2", "activate 2",
                              "ME_state_living 2"}));
  EXPECT_EQ(states(others),
            (std::vector<std::pair<State, State>>{
                {State::dead, State::booting}, {State::booting, State::preparing}, {State::preparing, State::living}}));
}

// Its application crashed at its first instruction: it has lived, and the injection has succeeded.
TEST_F(AgencyTest, AnMeThatCrashesAsSoonAsItLivesDidArrive) {
  avz.fail = [&](abi::Call call) -> std::optional<Status> {
    // The next time that the agency looks at it.
    if (call == abi::Call::domain_info && avz.domains.contains(2) && avz.domains[2].state == State::living)
      avz.crash(2, abi::CrashReason::memory);
    return std::nullopt;
  };
  EXPECT_EQ(inject(), 2u);
  const auto seen = states(others);
  ASSERT_GE(seen.size(), 2u);
  EXPECT_EQ(seen[seen.size() - 2], std::pair(State::preparing, State::living));
  EXPECT_EQ(seen.back(), std::pair(State::living, State::dead));
  EXPECT_EQ(others.back().as<abi::link::StateChange>().crash, static_cast<std::uint32_t>(abi::CrashReason::memory));
  EXPECT_FALSE(agency.residents().find(2));
}

TEST_F(AgencyTest, EngineHearsOfEachCallback) {
  inject();
  std::string heard;
  for (const auto& f : others) {
    if (f.type != abi::link::Type::callback) continue;
    const auto c = f.as<abi::link::Callback>();
    heard += (c.kind == 2 ? "callbacks_init" : std::string{abi::name(static_cast<Domcall>(c.number))}) +
             (c.ended ? ". " : " ");
    if (c.number == 3) {
      EXPECT_EQ(c.detail, 1u | 1u << 8) << "initiator, alone";
    }
  }
  EXPECT_EQ(heard, "callbacks_init callbacks_init. cb_pre_activate cb_pre_activate. cb_cooperate cb_cooperate. ");
}

// Design: one call per resident that is willing or of the same species; none else.
TEST_F(AgencyTest, CooperatesWithEligibleResidents) {
  for (int i = 0; i < 3; ++i) inject();
  avz.domains[2].cooperates = true;
  avz.domains[3].spid = 7;
  avz.domains[4].spid = 8;
  std::vector<std::uint64_t> peers;
  avz.on_start = [&](std::uint32_t slot) {
    avz.domains[slot].cooperates = true;
    avz.domains[slot].spid = 7;
    avz.set(slot, State::preparing);
  };
  avz.on_domcall = [&](std::uint32_t, Domcall d, const hypercall::Payload& p) {
    if (d == Domcall::cooperate) {
      EXPECT_EQ(p[0], 1u) << "initiator, not alone";
      peers.push_back(p[1]);
    }
    return hypercall::DomcallOutcome{};
  };
  inject();
  EXPECT_EQ(peers, (std::vector<std::uint64_t>{2 | std::uint64_t{1} << 32, 3}));
}

TEST_F(AgencyTest, UnwillingInitiatorIsCalledAlone) {
  inject();
  avz.domains[2].cooperates = true;
  avz.trace.clear();
  inject();
  EXPECT_NE(std::find(avz.trace.begin(), avz.trace.end(), "cb_cooperate alone 3"), avz.trace.end());
}

// avz copies with interrupts masked, and the loop has others to serve: a large part comes in pieces.
TEST_F(AgencyTest, LargePartsAreLoadedInPieces) {
  constexpr std::size_t large = 600 * 1024;
  const auto tree = image_test::me_tree({.size = [](auto& t) { t.cell("domain-size", 2 << 20); }});
  auto ramfs = image_test::ramfs_image();
  ramfs.data.assign(large, std::byte{1});
  inject(image_test::itb({image_test::kernel_image(image_test::good_header()), image_test::fdt_image(tree), ramfs}));
  ASSERT_EQ(avz.loads.size(), 5u) << "image, tree and three pieces";
  EXPECT_LE(*std::max_element(avz.loads.begin(), avz.loads.end()), 256u * 1024);
  EXPECT_EQ(avz.loads[2] + avz.loads[3] + avz.loads[4], large);
}

// A file may be as large as the window; the agency's memory is for all it does.
TEST_F(AgencyTest, AFileThatWouldTakeAllMemoryIsRefused) {
  file_room = image_test::good_itb().size() - 1;
  request_injection(3);
  const auto r = reply(3);
  EXPECT_EQ(r->status, Status::no_memory);
  EXPECT_NE(r->text.find("inject one at a time, or a smaller one"), std::string::npos) << r->text;
  EXPECT_TRUE(avz.domains.empty());
  file_room++;
  EXPECT_EQ(inject(), 2u);
}

// An ME may ask for what is not served as often as it likes: the console has it a few times.
TEST_F(AgencyTest, RefusalsOfOneMeAreToldEightTimes) {
  int requests = 0;
  avz.on_domcall = [&](std::uint32_t, Domcall d, const hypercall::Payload&) {
    if (d == Domcall::cooperate || ++requests > 1000) return hypercall::DomcallOutcome{};
    return hypercall::DomcallOutcome{Outcome::request, 0x7777, {}};
  };
  inject();
  EXPECT_GT(requests, 1000);
  std::size_t told = 0;
  for (auto at = console_text.find("0x7777"); at != std::string::npos; at = console_text.find("0x7777", at + 1)) ++told;
  EXPECT_EQ(told, 8u);
}

// M41, M51: the ME may decline; nothing of it remains.
TEST_F(AgencyTest, MeThatKillsItselfIsRefusedAndReaped) {
  avz.on_domcall = [&](std::uint32_t slot, Domcall d, const hypercall::Payload&) {
    if (d == Domcall::pre_activate) avz.set(slot, State::killed);
    return hypercall::DomcallOutcome{};
  };
  request_injection(5);
  const auto r = reply(5);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->status, Status::bad_state);
  EXPECT_EQ(r->text, "the ME declined: cb_pre_activate set ME_state_killed");
  EXPECT_TRUE(avz.domains.empty());
  EXPECT_TRUE(avz.mapped.empty());
  EXPECT_EQ(avz.trace.back(), "destroy 2");
  EXPECT_EQ(states(others).back(), (std::pair{State::killed, State::dead}));
}

// Published: pre_activate non-zero means killed.
TEST_F(AgencyTest, NonZeroFromPreActivateIsARefusal) {
  avz.on_domcall = [](auto...) { return hypercall::DomcallOutcome{Outcome::done, 0, {3}}; };
  request_injection(5);
  EXPECT_EQ(reply(5)->text, "the ME declined: cb_pre_activate returned 3");
  EXPECT_TRUE(avz.domains.empty());
}

TEST_F(AgencyTest, MeThatChoosesToRestStays) {
  avz.on_domcall = [&](std::uint32_t slot, Domcall, const hypercall::Payload&) {
    avz.set(slot, State::dormant);
    return hypercall::DomcallOutcome{};
  };
  request_injection(5);
  EXPECT_EQ(reply(5)->status, Status::ok);
  EXPECT_EQ(avz.domains.at(2).state, State::dormant);
  EXPECT_EQ(std::count(avz.trace.begin(), avz.trace.end(), "activate 2"), 0);
}

TEST_F(AgencyTest, CrashWhileBootingIsNamed) {
  avz.on_start = [&](std::uint32_t slot) { avz.crash(slot, abi::CrashReason::exception); };
  request_injection(5);
  const auto r = reply(5);
  ASSERT_TRUE(r);
  EXPECT_NE(r->text.find("unhandled exception"), std::string::npos) << r->text;
  EXPECT_NE(console_text.find("ME 2 (SOO.refso3) crashed: unhandled exception"), std::string::npos) << console_text;
  EXPECT_TRUE(avz.domains.empty());
}

TEST_F(AgencyTest, MeThatNeverPreparesIsGivenUp) {
  avz.on_start = [](std::uint32_t) {};
  request_injection(5);
  EXPECT_FALSE(reply(5));
  pass(9'999 * ms);
  EXPECT_FALSE(reply(5));
  pass(2 * ms);
  EXPECT_NE(reply(5)->text.find("not preparing within 10 s"), std::string::npos);
  EXPECT_TRUE(avz.domains.empty());
}

// One ME that hangs does not keep others from being injected.
TEST_F(AgencyTest, InjectionsDoNotWaitForEachOther) {
  avz.on_start = [&](std::uint32_t slot) {
    if (slot != 2) avz.set(slot, State::preparing);
  };
  request_injection(5);
  request_injection(6);
  EXPECT_EQ(reply(6)->value, 3u);
  pass(11'000 * ms);
  EXPECT_EQ(reply(5)->status, Status::bad_state);
}

TEST_F(AgencyTest, DomcallFaultAndBudgetCostOnlyThatMe) {
  inject();
  avz.on_domcall = [](auto...) { return hypercall::DomcallOutcome{Outcome::budget, 5, {}}; };
  request_injection(5);
  EXPECT_NE(reply(5)->text.find("overran the time of a domcall in cb_pre_activate"), std::string::npos);
  avz.on_domcall = [](auto...) { return hypercall::DomcallOutcome{Outcome::fault, 6, {}}; };
  request_injection(6);
  EXPECT_NE(reply(6)->text.find("blocked in a domcall"), std::string::npos);
  EXPECT_EQ(avz.domains.size(), 1u);
}

TEST_F(AgencyTest, BusyDomcallIsTriedAgainForTwoSeconds) {
  int refused = 0;
  avz.fail = [&](abi::Call c) -> std::optional<Status> {
    if (c == abi::Call::domcall_run && refused < 5) return ++refused, Status::busy;
    return std::nullopt;
  };
  request_injection(5);
  pass(10 * ms);
  EXPECT_EQ(reply(5)->status, Status::ok);
  refused = -1'000'000;
  request_injection(6);
  pass(2'100 * ms);
  EXPECT_NE(reply(6)->text.find("did not stop at a safe point for 2 s"), std::string::npos);
  EXPECT_EQ(std::ranges::count(avz.trace, "unpause 3"), 1) << "it is not asked to stop any more";
  EXPECT_EQ(avz.domains.size(), 1u);
}

TEST_F(AgencyTest, ServesAgencyCtlFromADomcall) {
  ask(abi::link::Type::hello, 0, raw(abi::link::Hello{0x10000, 0, 0xa9, "so1", 1, {1, 2, 3, 4}, 7}));
  std::vector<hypercall::Payload> answers;
  avz.on_domcall = [&](std::uint32_t, Domcall d, const hypercall::Payload& p) {
    if (d == Domcall::resume) answers.push_back(p);
    constexpr std::uint32_t commands[] = {0x20, 0x21, 0x40, 0x12};
    if (d == Domcall::pre_activate || (d == Domcall::resume && answers.size() < 4))
      return hypercall::DomcallOutcome{Outcome::request, commands[answers.size()], {2}};
    return hypercall::DomcallOutcome{};
  };
  inject();
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0], (hypercall::Payload{0, 0xa9}));
  EXPECT_EQ(std::memcmp(&answers[1][1], "so1", 4), 0);
  EXPECT_EQ(answers[2], (hypercall::Payload{0, static_cast<std::uint64_t>(State::preparing)}));
  EXPECT_EQ(answers[3][0], static_cast<std::uint64_t>(Status::bad_argument)) << "an ME ends itself otherwise";
  EXPECT_NE(console_text.find("agency_ctl 0x12"), std::string::npos);
}

TEST_F(AgencyTest, FrontendErrorIsInTheRefusal) {
  avz.on_dc_event = [&](std::uint32_t slot, abi::DcEvent e) {
    const auto error = StorePath::parse("device/2/vlogs/0/error");
    EXPECT_TRUE(agency.store().write(slot, *error, "no \x1b[31mbackend"));
    avz.answer(slot, e, -1);
  };
  request_injection(5);
  EXPECT_EQ(reply(5)->text, "the frontend vlogs/0: no ?[31mbackend");
}

TEST_F(AgencyTest, MeThatNeverConnectsIsGivenUp) {
  avz.on_dc_event = [](auto...) {};
  request_injection(5);
  pass(10'001 * ms);
  EXPECT_NE(reply(5)->text.find("did not connect its frontends within 10000 ms"), std::string::npos);
  EXPECT_TRUE(avz.domains.empty());
}

// X1: no slot, no memory, no CPU: a sentence, and nothing changed.
TEST_F(AgencyTest, NoPlaceIsARefusalWithTheRemedy) {
  avz.slots = 1;
  inject();
  request_injection(5);
  auto r = reply(5);
  EXPECT_EQ(r->status, Status::no_slot);
  EXPECT_NE(r->text.find("no slot left: 1 MEs are here"), std::string::npos) << r->text;
  avz.slots = 10;
  avz.free_bytes = 512 * 1024;
  request_injection(6);
  r = reply(6);
  EXPECT_EQ(r->status, Status::no_memory);
  EXPECT_NE(r->text.find("domain-size is 1024 KB, and 512 KB are free"), std::string::npos) << r->text;
  EXPECT_EQ(avz.domains.size(), 1u);
}

TEST_F(AgencyTest, MesSpreadOverTheCpusButNotTheAgencys) {
  for (int i = 0; i < 6; ++i) inject();
  std::map<std::uint32_t, int> load;
  for (const auto& [slot, d] : avz.domains) ++load[d.cpu];
  EXPECT_EQ(load, (std::map<std::uint32_t, int>{{1, 2}, {2, 2}, {3, 2}}));
}

TEST(Placement, OneCpuIsNotEnough) {
  Loop loop{[] { return std::uint64_t{0}; }};
  Doorbells bells{[] {}};
  GrantWindow grants{nullptr};
  Store store{0};
  FakePort port;
  struct : LinkClient {
    void link_opened() override {}
    void link_request(const Request&) override {}
    void link_log_room() override {}
    void link_closed(std::string_view) override {}
  } client;
  Link link{port, client};
  Tracing tracing{loop, link};
  Report report{link, AgencyTest::say, tracing};
  Bus bus{store};
  const Residents none{{loop, bells, grants, store, bus, report}};
  EXPECT_NE(choose_cpu(none, 1, false).error().find("at least a second one"), std::string::npos);
  EXPECT_EQ(choose_cpu(none, 2, false), 1u);
}

TEST_F(AgencyTest, ExclusiveCpuIsNotShared) {
  image_test::MeProperties alone;
  alone.more = [](image_test::TreeWriter& t) { t.bytes("exclusive-cpu", {}); };
  const auto itb = image_test::itb(
      {image_test::kernel_image(image_test::good_header()), image_test::fdt_image(image_test::me_tree(alone))});
  for (int i = 0; i < 3; ++i) inject(itb);
  request_injection(5, itb);
  EXPECT_NE(reply(5)->text.find("exclusive-cpu"), std::string::npos);
  request_injection(6);
  EXPECT_EQ(reply(6)->status, Status::bad_state) << "all CPUs are taken";
}

// X5: garbage is refused with a reason; the window may change after the copy.
TEST_F(AgencyTest, GarbageIsNotInjected) {
  request_injection(5, image_test::Blob(4096, std::byte{0x5a}));
  const auto r = reply(5);
  EXPECT_EQ(r->status, Status::bad_argument);
  EXPECT_FALSE(r->text.empty());
  ask(abi::link::Type::inject, 6, raw(abi::link::Inject{window_bytes - 8, 16}));
  EXPECT_EQ(reply(6)->status, Status::bad_argument);
  ask(abi::link::Type::inject, 7, raw(abi::link::Inject{8, UINT64_MAX}));
  EXPECT_EQ(reply(7)->status, Status::bad_argument);
  EXPECT_TRUE(avz.trace.empty());
}

}  // namespace
}  // namespace agency
