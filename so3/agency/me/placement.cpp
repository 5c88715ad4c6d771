#include "so3/agency/me/placement.hpp"

#include <vector>

#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::Status;

Refusal out_of(Status status, std::uint64_t ram_bytes, std::size_t mes) {
  const auto machine = hypercall::machine_info();
  const auto kb = static_cast<unsigned long long>(ram_bytes / 1024);
  if (status == Status::no_slot)
    return {status, text("no slot left: %zu MEs are here, and there can be no more; stop one first", mes)};
  if (status == Status::no_memory && machine)
    return {status, text("domain-size is %llu KB, and %llu KB are free: make it smaller, stop an ME, or give the smart "
                         "object more memory",
                         kb, static_cast<unsigned long long>(machine->free_pages * abi::page_size / 1024))};
  return {status, text("a domain of %llu KB cannot be made: %.*s", kb, AGENCY_SV(abi::name(status)))};
}

}  // namespace

std::expected<std::uint32_t, std::string> choose_cpu(const Residents& residents, std::uint32_t cpus, bool exclusive) {
  if (cpus < 2)
    return std::unexpected{
        std::string{"the smart object has one CPU, which is the agency's; MEs need at least a second one"}};
  struct Load {
    std::uint32_t mes = 0;
    bool taken = false;
  };
  std::vector<Load> load(cpus);
  for (const auto& [slot, me] : residents.all()) {
    if (me->cpu >= cpus) continue;
    ++load[me->cpu].mes;
    load[me->cpu].taken |= me->exclusive_cpu;
  }
  std::uint32_t best = 0;
  for (std::uint32_t cpu = 1; cpu < cpus; ++cpu) {
    if (load[cpu].taken || (exclusive && load[cpu].mes != 0)) continue;
    if (best == 0 || load[cpu].mes < load[best].mes) best = cpu;
  }
  if (best != 0) return best;
  if (exclusive)
    return std::unexpected{
        text("the ME wants a CPU to itself (exclusive-cpu), and none of the %u for MEs is free: stop "
             "an ME, or give the smart object more CPUs",
             cpus - 1)};
  return std::unexpected{
      text("each of the %u CPUs for MEs belongs to one that has it to itself (exclusive-cpu): stop "
           "one of them, or give the smart object more CPUs",
           cpus - 1)};
}

std::expected<std::shared_ptr<Me>, Refusal> place(Residents& residents, std::uint32_t cpus, Wanted wanted) {
  // Whoever died meanwhile gives its place back first.
  residents.follow_changes();
  const auto cpu = choose_cpu(residents, cpus, wanted.exclusive_cpu);
  if (!cpu) return refuse(Status::bad_state, cpu.error());
  const auto ram_bytes = wanted.ram_bytes;
  auto me = residents.create(std::move(wanted), *cpu);
  if (!me) return std::unexpected{out_of(me.error(), ram_bytes, residents.all().size())};
  return std::move(*me);
}

}  // namespace agency
