// A machine for the tests of avz's objects: RAM in an array, vCPUs that run when the test says so, a console that
// is remembered, an agency made from an image as at boot.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "so3/avz/cpu.hpp"
#include "so3/avz/domain.hpp"
#include "so3/avz/domain_build.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/slots.hpp"
#include "so3/avz/trace.hpp"

namespace fake {

inline constexpr std::uint64_t ram_base = 0x4000'0000;

struct Registers {
  std::uint64_t x[8];
  abi::Status status() const { return static_cast<abi::Status>(x[0]); }
};

class Machine {
 public:
  explicit Machine(std::uint64_t ram_bytes = 40 << 20);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  avz::Domain& agency() { return *avz::find_domain(0); }

  // A hypercall as this domain, x1 and on.
  Registers call(avz::SlowCall handler, avz::Domain& caller, std::initializer_list<std::uint64_t> arguments = {});
  abi::Status send(avz::Domain& sender, std::uint64_t port);

  // An ME, created and started with nothing in its RAM.
  avz::Domain& create(std::uint64_t ram_bytes = 1 << 20);
  avz::Domain& create_started(std::uint64_t ram_bytes = 1 << 20);
  void destroy(avz::Domain& me);

  std::uint64_t free_pages() { return avz::ram_pages.count().free; }
  std::uint64_t unpromised() { return avz::ram_pages.count().unpromised(); }

  // What the scheduler, the console and the interrupt controller were asked.
  std::function<void(avz::Vcpu&)> on_notify, on_renew_vttbr;
  bool stops_at_once = true;
  bool overdue = false;  // who was to park had its time for that
  std::set<const avz::Vcpu*> running, held, asked, stalled;
  std::multiset<std::uint32_t> claimed_cpus;
  std::vector<std::string> console;
  std::set<std::uint32_t> enabled_interrupts;
  avz::TraceRing* rings = nullptr;  // that the CPUs were told to trace into

 private:
  avz::Cpu cpu_{};
};

Machine& machine();  // the one there is

}  // namespace fake
