// An agency with MEs that have frontends, all of them puppets.
#pragma once
#include <list>

#include "agency_fixture.hpp"
#include "so3/guest/vbus/machine.hpp"

namespace agency {

inline constexpr std::string_view probe = "probe";

// A backend whose devices tell what is done with them.
class ProbeBackend final : public Backend {
 public:
  struct Probe final : Device {
    Probe(ProbeBackend& b, std::string n) : backend{b}, name{std::move(n)} { note("connect"); }
    ~Probe() override { note("end"); }
    void service() override {}
    bool suspend() override {
      if (!backend.room) return false;
      note("quiet");
      return true;
    }
    void resume() override { note("go on"); }
    void note(const char* what) { backend.trace.push_back(std::string{what} + ' ' + name); }
    ProbeBackend& backend;
    std::string name;
  };

  std::string_view type() const override { return probe; }
  std::expected<std::unique_ptr<Device>, std::string> connect(const FrontendKeys& keys) override {
    if (refuses) return std::unexpected{"not today"};
    return std::make_unique<Probe>(*this, std::to_string(keys.slot()));
  }
  std::vector<std::string> trace;
  bool room = true, refuses = false;
};

struct LifeTest : AgencyTest {
  using Trace = std::vector<std::string>;

  // As in so3/guest/vbus/device.cpp, in as many lines as it takes.
  struct Frontend {
    std::uint32_t slot;
    std::string instance;
    abi::vbus::State state = abi::vbus::State::unknown;
    bool hangs = false;
    std::string path() const { return "device/" + std::to_string(slot) + "/probe/" + instance; }
    std::string backend() const { return "backend/probe/" + std::to_string(slot) + "/" + instance; }
  };

  LifeTest() {
    agency.add(backend);
    avz.on_dc_event = [this](std::uint32_t slot, abi::DcEvent e) { dc_event(slot, e); };
  }
  // ---- MEs
  void dc_event(std::uint32_t slot, abi::DcEvent e) {
    if (const auto silent_in = silent.find(slot); silent_in != silent.end() && silent_in->second == e) return;
    if (const auto does = callbacks.find(e); does != callbacks.end()) does->second(slot);
    if (!avz.domains.contains(slot) || avz.domains[slot].state == abi::State::dead) return;
    if (e == abi::DcEvent::activate)
      for (int i = 0; i < frontends_of_each; ++i) begin(slot, i, abi::vbus::State::initialised);
    if (e == abi::DcEvent::resume && avz.domains[slot].argument == std::uint32_t(abi::ResumeAt::new_place)) {
      for (int i = 0; i < frontends_of_each; ++i) begin(slot, i, abi::vbus::State::suspended);
      return connecting.push_back(slot);
    }
    avz.answer(slot, e, results[e]);
  }
  void begin(std::uint32_t slot, int instance, abi::vbus::State state) {
    frontends.push_back({slot, std::to_string(instance)});
    tell(frontends.back(), state);
  }
  void tell(Frontend& f, abi::vbus::State state) {
    f.state = state;
    EXPECT_TRUE(agency.store().write(f.slot, *StorePath::parse(f.path() + "/state"),
                                     std::to_string(static_cast<std::uint32_t>(state))));
  }
  bool step(Frontend& f) {
    const auto path = f.backend() + "/state";
    const auto text = agency.store().read(*StorePath::parse(path));
    if (!text || f.hangs) return false;
    const auto todo = vbus::step(f.state, static_cast<abi::vbus::State>(std::stoi(std::string{*text})));
    EXPECT_NE(todo.action, vbus::Action::unexpected) << path << ' ' << *text;
    if (todo.next == f.state) return false;
    tell(f, todo.next);
    return true;
  }
  bool step_frontends() {
    bool moved = false;
    std::erase_if(frontends, [&](const Frontend& f) { return !avz.domains.contains(f.slot); });
    for (auto& f : frontends) moved |= step(f);
    std::erase_if(connecting, [&](std::uint32_t slot) {
      if (!avz.domains.contains(slot)) return true;
      const bool all = std::ranges::all_of(
          frontends, [&](const Frontend& f) { return f.slot != slot || f.state == abi::vbus::State::connected; });
      if (all) avz.answer(slot, abi::DcEvent::resume, results[abi::DcEvent::resume]);
      moved |= all;
      return all;
    });
    return moved;
  }
  // Until nothing happens any more by itself.
  void play() {
    do settle();
    while (step_frontends());
  }
  void play(std::uint64_t ns) {
    play();
    for (const auto end = fake_time + ns; fake_time < end; play()) {
      const auto next = agency.run();
      fake_time = next && *next > fake_time && *next < end ? *next : end;
    }
  }
  // What a domcall answers; words as in abi/callbacks.hpp.
  static hypercall::DomcallOutcome yes() { return {abi::Outcome::done, 0, {0, 1}}; }

  std::shared_ptr<Me> inject_me() {
    const auto slot = inject();
    play();
    avz.trace.clear();
    backend.trace.clear();
    others.clear();
    frames();
    return agency.residents().find(slot);
  }
  // Paused in migrating, loaded and restored, as after a transfer.
  std::shared_ptr<Me> arrive() {
    auto me = place(agency.residents(), 4, {.ram_bytes = 1 << 20, .name = "traveller", .migrating = true});
    EXPECT_TRUE(me);
    avz.domains[(*me)->slot].paused = true;
    avz.trace.clear();
    return *me;
  }

  // ---- sequences
  void drive(const std::shared_ptr<Me>& me, std::span<const abi::Step> steps) {
    outcome.reset();
    spawn(driving(me, steps));
    play();
  }
  Task<Done> driving(std::shared_ptr<Me> me, std::span<const abi::Step> steps) {
    me->driven = true;
    outcome.emplace(co_await agency.life().run(me, steps));
    agency.residents().let_go(me);
    co_return Done{};
  }
  // A whole sequence; "snapshot" stands in the trace where it was.
  void drive(const std::shared_ptr<Me>& me, const abi::Sequence& sequence) {
    drive(me, abi::before_snapshot(sequence));
    if (abi::after_snapshot(sequence).empty() || !outcome || !*outcome) return;
    avz.trace.push_back("snapshot " + std::to_string(me->slot));
    drive(me, abi::after_snapshot(sequence));
  }
  bool is_over() const { return outcome.has_value(); }
  bool is_done() const { return outcome && outcome->has_value(); }
  std::string why() const { return !outcome ? "not over" : *outcome ? "done" : outcome->error().text; }
  abi::Status status() const { return outcome && !*outcome ? outcome->error().status : abi::Status::ok; }

  // Steps only, of one ME.
  Trace steps() const {
    Trace all;
    for (const auto& line : avz.trace) {
      const auto name = line.substr(0, line.find(' '));
      const bool is_state = name.starts_with("ME_state_") && name != "ME_state_living";
      if (!is_state && name != "unpause" && name != "unmap") all.push_back(name);
    }
    return all;
  }
  static Trace names(std::span<const abi::Step> steps) {
    Trace all;
    for (const auto s : steps) all.emplace_back(s == abi::Step::living ? abi::name(abi::State::living) : abi::name(s));
    return all;
  }
  bool nothing_remains(std::uint32_t slot) {
    const auto number = std::to_string(slot);
    for (const auto& path : {"device/" + number, "soo/me/" + number, "backend/probe/" + number})
      if (agency.store().exists(*StorePath::parse(path))) return false;
    for (const auto& [what, ipa] : avz.mapped)
      if (what.first == slot) return false;
    return !avz.domains.contains(slot) && !agency.residents().find(slot) && agency.store().keys(slot) == 0;
  }

  ProbeBackend backend;
  std::list<Frontend> frontends;
  std::vector<std::uint32_t> connecting;
  int frontends_of_each = 2;
  std::map<abi::DcEvent, std::int32_t> results;
  std::map<std::uint32_t, abi::DcEvent> silent;                           // who does not answer what
  std::map<abi::DcEvent, std::function<void(std::uint32_t)>> callbacks;  // what else happens in one
  std::optional<Life::Result> outcome;
};

}  // namespace agency
