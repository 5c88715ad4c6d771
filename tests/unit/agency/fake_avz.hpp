// A hypervisor for the agency: domains that do what a test says, and a record of what was asked of them, in order.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "so3/abi/shared_page.hpp"
#include "so3/abi/snapshot.hpp"
#include "so3/abi/trace.hpp"
#include "so3/guest/hypercall.hpp"

namespace agency {

class FakeAvz final : public hypercall::Hypervisor {
 public:
  // What a snapshot consists of.
  struct Image {
    abi::snapshot::Vcpu vcpu{};
    abi::SharedPage shared{};
    std::vector<abi::snapshot::Event> events;
    std::vector<abi::snapshot::Grant> grants;
    std::map<std::uint64_t, std::array<std::uint8_t, abi::page_size>> pages;  // what was loaded, by IPA
  };
  struct Snapshot {
    bool frozen = false;
    Image image{};                   // as it was frozen
    std::uint64_t copied_up_to = 0;  // IPA
  };

  struct Domain {
    abi::State state = abi::State::booting;
    abi::CrashReason crash = abi::CrashReason::none;
    std::uint64_t ram = 0, instance = 0, epoch = 0, spid = 0, spadcaps = 0;
    std::uint32_t cpu = 0;
    bool cooperates = false, exclusive = false, started = false, paused = false;
    bool waits_for_reader = false;
    abi::DcEvent posted = abi::DcEvent::none, answered = abi::DcEvent::none;
    std::int32_t result = 0;
    std::uint32_t argument = 0;  // of the dc_event posted last
    Image now{};
    std::optional<Snapshot> snapshot;
    std::optional<std::pair<std::uint32_t, std::uint64_t>> lent;  // to it: owner, page
  };

  FakeAvz();
  ~FakeAvz() override;

  hypercall::Answer call(abi::Call call, const hypercall::Arguments& a) override;

  // ---- what domains do; each has a default that lets an injection succeed
  std::function<void(std::uint32_t slot)> on_start = [this](std::uint32_t slot) { set(slot, abi::State::preparing); };
  // The outcome as avz says it; x2 on = payload.
  std::function<hypercall::DomcallOutcome(std::uint32_t, abi::Domcall, const hypercall::Payload&)> on_domcall =
      [](auto...) { return hypercall::DomcallOutcome{}; };
  std::function<void(std::uint32_t slot, abi::DcEvent)> on_dc_event = [this](std::uint32_t slot, abi::DcEvent e) {
    answer(slot, e);
  };
  std::function<std::optional<abi::Status>(abi::Call)> fail = [](abi::Call) { return std::nullopt; };

  // ---- what a domain or avz does by itself
  void set(std::uint32_t slot, abi::State state);
  void crash(std::uint32_t slot, abi::CrashReason reason);
  void answer(std::uint32_t slot, abi::DcEvent event, std::int32_t result = 0);
  void signal(std::uint32_t local_port);

  // Ports it gives out: several of them share the handlers of one program.
  void first_port(std::uint32_t port) { next_port_ = port; }

  std::map<std::uint32_t, Domain> domains;
  std::vector<std::string> trace;                                           // "pre_activate 2", "living 2", ...
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> mapped;  // domain, reference -> IPA
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> bound;   // domain, its port -> local port
  std::vector<std::uint64_t> loads;                                         // bytes of each domain_load
  std::vector<std::uint32_t> sent;                                          // ports the agency signalled
  std::size_t slots = abi::max_domains;
  std::uint64_t free_bytes = 64 << 20;
  unsigned busy_prepares = 1, busy_freezes = 1;  // so often snapshot_prepare and snapshot_freeze say busy first
  std::optional<std::uint32_t> off;  // machine_off
  std::uint64_t traced = 0;          // what trace_control was told last
  std::deque<abi::trace::Record> records;  // that trace_read gives out
  std::uint64_t records_lost = 0;

 private:
  void changed(std::uint32_t slot);
  hypercall::Answer create(const hypercall::Arguments& a);
  hypercall::Answer read_trace(const hypercall::Arguments& a);
  hypercall::Answer domain_call(abi::Call call, const hypercall::Arguments& a, std::uint32_t slot, Domain& d);
  hypercall::Answer image_call(abi::Call call, const hypercall::Arguments& a, std::uint32_t slot, Domain& d);

  hypercall::Hypervisor* previous_;
  std::deque<std::uint32_t> changes_;
  std::uint32_t next_port_ = abi::port_first_free;
};

}  // namespace agency
