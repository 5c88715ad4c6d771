// From the boot loader's jump to the agency's first instruction.
#include "so3/abi/hypercall.hpp"
#include "so3/abi/version.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/cpus.hpp"
#include "so3/avz/fdt.hpp"
#include "so3/avz/machine_reader.hpp"
#include "so3/avz/mmu.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/plat/gic/gic.hpp"

extern "C" {
extern const char image_start[], image_end[];
void avz_main(const std::uint8_t* dtb);
}

namespace avz {
namespace {

constexpr std::uint32_t dtb_max = 2 << 20;  // booting.rst
constinit MachineDescription found;

void find_machine(const std::uint8_t* dtb) {
  const auto size = FdtWalk::total_size(dtb);
  if (size == 0 || size > dtb_max) panic("no device tree where x0 points");
  const auto description = read_machine({dtb, size});
  if (!description) panic(description.error());
  found = *description;

  Machine& m = found.machine;
  m.ram.bytes = m.ram.bytes >> 21 << 21;  // mapped in blocks of 2 MB
  m.image.base = reinterpret_cast<std::uint64_t>(image_start);
  m.image.bytes = reinterpret_cast<std::uint64_t>(image_end) - m.image.base;
  m.dtb = {reinterpret_cast<std::uint64_t>(dtb), size};
  m.gic_version = plat::gic::detect();
  if (m.ram.base != 0x4000'0000 || m.image.end() > m.ram.end()) panic("RAM is not where this board has it");
}

std::span<const std::uint64_t> all_cpus() { return {found.mpidr.data(), found.machine.cpus}; }

void announce() {
  const Machine& m = found.machine;
  print("avz ", std::uint64_t{abi::version_major}, ".", std::uint64_t{abi::version_minor}, ": GICv",
        std::uint64_t{m.gic_version}, ", ", std::uint64_t{cpu_count()}, cpu_count() == 1 ? " CPU, " : " CPUs, ",
        m.ram.bytes >> 20, " MB of RAM, ", m.window.bytes >> 20, " MB shared with the host");
  if (found.cpus_listed > max_cpus)
    print("avz: the machine has ", std::uint64_t{found.cpus_listed}, " CPUs, ", std::uint64_t{max_cpus}, " are used");
}

}  // namespace

const Machine& machine() { return found.machine; }

}  // namespace avz

// The MMU is on, .bss is clear; the CPU goes to enter_domain afterwards.
void avz_main(const std::uint8_t* dtb) {
  using namespace avz;
  find_machine(dtb);
  map_ram(machine().ram);
  init_first_cpu(machine().gic_version);
  start_other_cpus(all_cpus());
  found.machine.cpus = cpu_count();
  announce();
  start(create_agency(machine()));
  schedule(this_cpu());
}
