#include "so3/agency/me/placement.hpp"

#include <vector>

#include "so3/agency/text.hpp"

namespace agency {

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

}  // namespace agency
