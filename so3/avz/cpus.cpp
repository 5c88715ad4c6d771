// The CPUs of the machine: each with its stack, its block at the top of that, and its vectors.
#include "so3/avz/cpus.hpp"

#include <memory>

#include "so3/avz/asm_offsets.h"
#include "so3/avz/console.hpp"
#include "so3/avz/context.hpp"
#include "so3/avz/mmu.hpp"
#include "so3/avz/psci.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/plat/gic/gic.hpp"

extern "C" {
extern const char vectors_gicv2[], vectors_gicv3[], traced_vectors_gicv2[], traced_vectors_gicv3[], secondary_entry[];
void secondary_main(avz::Cpu& self);
}

namespace avz {
namespace {

constinit std::uint32_t count = 0;
constinit std::uint32_t gic_version = 0;

Cpu& init_block(std::uint32_t index, std::uint32_t place, std::uint64_t mpidr) {
  Cpu& block = *std::construct_at(&cpu(index));
  block.index = index;
  block.place = place;
  block.mpidr = mpidr;
  return block;
}

void init_self(Cpu& self) {
  write_register(tpidr_el2, reinterpret_cast<std::uint64_t>(&self));
  set_vectors(false);
  init_virtualization();
  plat::gic::init_cpu(self.place);
  self.online.store(true, std::memory_order_release);
}

}  // namespace

void set_vectors(bool traced) {
  const char* const v3 = traced ? traced_vectors_gicv3 : vectors_gicv3;
  const char* const v2 = traced ? traced_vectors_gicv2 : vectors_gicv2;
  write_register(vbar_el2, reinterpret_cast<std::uint64_t>(gic_version == 3 ? v3 : v2));
}

std::uint32_t cpu_count() { return count; }
Cpu& cpu(std::uint32_t index) { return *reinterpret_cast<Cpu*>(stack_end(index) - CPU_BYTES); }

void init_first_cpu(std::uint32_t version) {
  gic_version = version;
  count = 1;
  Cpu& self = init_block(0, 0, read_register(mpidr_el1) & 0xff'00ff'ffff);
  plat::gic::init_distributor(version);
  init_self(self);
}

void start_other_cpus(std::span<const std::uint64_t> mpidr) {
  for (std::uint32_t place = 0; place < mpidr.size(); place++) {
    const auto id = mpidr[place];
    if (id == cpu(0).mpidr) continue;
    const Cpu& block = init_block(count, place, id);
    const auto result =
        psci::cpu_on(id, reinterpret_cast<std::uint64_t>(secondary_entry), reinterpret_cast<std::uint64_t>(&block));
    if (result != 0) {
      print("avz: CPU ", Hex{id}, " does not start, PSCI says ", static_cast<std::uint64_t>(-result),
            "; going on without it");
      continue;
    }
    while (!block.online.load(std::memory_order_acquire)) arch::yield();
    count++;
  }
}

}  // namespace avz

void secondary_main(avz::Cpu& self) {
  avz::init_self(self);
  avz::schedule(self);
}
