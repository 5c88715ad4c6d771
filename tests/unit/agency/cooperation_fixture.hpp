// MEs that play parts: what each does in each callback, request by request, nested as it comes.
#pragma once
#include <deque>
#include <map>

#include "agency_fixture.hpp"
#include "so3/abi/agency_ctl.hpp"

namespace agency {

struct CooperationTest : AgencyTest {
  using Outcome = hypercall::DomcallOutcome;
  using Payload = hypercall::Payload;
  // One stretch of a callback: from its entry, or from an answer, to a request or its end.
  using Stretch = std::function<Outcome(const Payload&)>;
  using Part = std::deque<Stretch>;

  CooperationTest() {
    avz.on_domcall = [this](std::uint32_t slot, abi::Domcall d, const Payload& p) {
      auto& under_way = stacks[slot];
      if (d != abi::Domcall::resume) {
        under_way.push_back(parts[{slot, d}]);
        if (!again) parts.erase({slot, d});
      }
      Part& part = under_way.back();
      if (part.empty()) {
        under_way.pop_back();
        return Outcome{};
      }
      const auto stretch = part.front();
      part.pop_front();
      const auto outcome = stretch(p);
      if (outcome.outcome != abi::Outcome::request) stacks[slot].pop_back();
      return outcome;
    };
    avz.on_start = [this](std::uint32_t slot) {
      avz.domains[slot].cooperates = willing;
      avz.domains[slot].spid = spid;
      avz.set(slot, abi::State::preparing);
    };
  }

  static Outcome done(std::int32_t value = 0) {
    return {abi::Outcome::done, 0, {static_cast<std::uint64_t>(std::int64_t{value})}};
  }
  static Outcome request(abi::AgencyCtl command, const Payload& words) {
    return {abi::Outcome::request, static_cast<std::uint32_t>(command), words};
  }
  static Stretch ask(abi::AgencyCtl command, Payload words) {
    return [=](const Payload&) { return request(command, words); };
  }
  // Keeps the status that a request was answered with, then ends the callback.
  Stretch end() {
    return [this](const Payload& answer) {
      answers.push_back(static_cast<abi::Status>(answer[0]));
      return done();
    };
  }
  Stretch becomes(std::uint32_t slot, abi::State state, std::int32_t value = 0) {
    return [=, this](const Payload&) {
      avz.set(slot, state);
      return done(value);
    };
  }
  static Stretch ends_with(abi::Outcome outcome, abi::CrashReason reason) {
    return [=](const Payload&) { return Outcome{outcome, static_cast<std::uint32_t>(reason), {}}; };
  }

  std::uint32_t resident(bool is_willing = true, std::uint64_t species = 7) {
    willing = is_willing;
    spid = species;
    const auto slot = inject();
    avz.trace.clear();
    others.clear();
    return slot;
  }
  // An ME that comes: injected, in the next free slot, with the parts it has there.
  Reply arrive(bool is_willing = true, std::uint64_t species = 7) {
    willing = is_willing;
    spid = species;
    request_injection(50);
    pass(5'000 * ms);
    const auto r = reply(50);
    EXPECT_TRUE(r);
    return r.value_or(Reply{});
  }
  // What was called, without what else avz was asked.
  std::vector<std::string> calls() const {
    std::vector<std::string> all;
    for (const auto& t : avz.trace)
      if (t.starts_with("cb_") || t.starts_with("resume") || t.starts_with("destroy") || t.starts_with("lend") ||
          t.starts_with("return") || t.starts_with("close"))
        all.push_back(t);
    return all;
  }

  bool again = false;  // each part is played at every call, not at the first
  bool willing = true;
  std::uint64_t spid = 7;
  std::map<std::pair<std::uint32_t, abi::Domcall>, Part> parts;
  std::map<std::uint32_t, std::vector<Part>> stacks;
  std::vector<abi::Status> answers;
};

}  // namespace agency
