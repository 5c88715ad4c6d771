#include "so3/avz/machine_reader.hpp"

#include <optional>

#include "so3/avz/fdt.hpp"

namespace avz {
namespace {

enum class Node : std::uint8_t { root, memory, cpus, cpu, chosen, psci, other };

struct Reader {
  MachineDescription result;
  Node node[4] = {};  // by depth
  std::uint32_t address_cells = 2, size_cells = 1, cpu_address_cells = 1;  // the specification's defaults
  PhysRange memory[2];
  std::uint32_t memories = 0;
  std::uint64_t initrd_start = 0, initrd_end = 0;
  bool psci_smc = false, malformed = false;

  static bool is(std::string_view name, std::string_view base) {
    return name.starts_with(base) && (name.size() == base.size() || name[base.size()] == '@');
  }

  Node classify(std::string_view name, std::uint32_t depth) const {
    if (depth == 0) return Node::root;
    if (depth == 1) {
      if (is(name, "memory")) return Node::memory;
      if (is(name, "cpus")) return Node::cpus;
      if (is(name, "chosen")) return Node::chosen;
      if (is(name, "psci")) return Node::psci;
    }
    if (depth == 2 && node[1] == Node::cpus && is(name, "cpu")) return Node::cpu;
    return Node::other;
  }

  void take_cells(std::uint32_t& into, std::span<const std::uint8_t> value) {
    const auto n = fdt_cells(value, 0, 1);
    if (n && (*n == 1 || *n == 2)) into = static_cast<std::uint32_t>(*n);
    else malformed = true;
  }

  // /memory nodes come in any order; two regions at most are of use.
  void take_memory(std::span<const std::uint8_t> value) {
    const auto base = fdt_cells(value, 0, address_cells), bytes = fdt_cells(value, address_cells, size_cells);
    if (!base || !bytes || *base + *bytes < *base || memories == 2 ||
        value.size() != std::size_t{4} * (address_cells + size_cells)) {
      malformed = true;
      return;
    }
    memory[memories++] = {*base, *bytes};
  }

  void take_cpu(std::span<const std::uint8_t> value) {
    const auto mpidr = fdt_cells(value, 0, cpu_address_cells);
    if (!mpidr) {
      malformed = true;
      return;
    }
    if (result.cpus_listed < max_cpus) result.mpidr[result.cpus_listed] = *mpidr;
    result.cpus_listed++;
  }

  // One or two cells, by the property's length.
  std::uint64_t take_address(std::span<const std::uint8_t> value) {
    const auto address = fdt_cells(value, 0, value.size() == 8 ? 2 : 1);
    if (!address) malformed = true;
    return address.value_or(0);
  }

  void take_bootargs(std::string_view text) {
    auto& to = result.machine.bootargs;
    if (text.size() >= sizeof to) {
      malformed = true;
      return;
    }
    for (std::size_t i = 0; i < text.size(); i++) to[i] = text[i];
  }

  void take_property(std::uint32_t depth, std::string_view name, std::span<const std::uint8_t> value) {
    switch (depth < 3 ? node[depth] : Node::other) {
      case Node::root:
        if (name == "#address-cells") take_cells(address_cells, value);
        if (name == "#size-cells") take_cells(size_cells, value);
        break;
      case Node::cpus:
        if (name == "#address-cells") take_cells(cpu_address_cells, value);
        break;
      case Node::memory:
        if (name == "reg") take_memory(value);
        break;
      case Node::cpu:
        if (name == "reg") take_cpu(value);
        break;
      case Node::psci:
        if (name == "method") psci_smc = fdt_string(value) == "smc";
        break;
      case Node::chosen:
        if (name == "linux,initrd-start") initrd_start = take_address(value);
        if (name == "linux,initrd-end") initrd_end = take_address(value);
        if (name == "bootargs") take_bootargs(fdt_string(value));
        break;
      case Node::other: break;
    }
  }
};

}  // namespace

std::expected<MachineDescription, std::string_view> read_machine(std::span<const std::uint8_t> dtb) {
  auto walk = FdtWalk::over(dtb);
  if (!walk) return std::unexpected("no device tree where x0 points");
  Reader r;
  for (;;) {
    const auto event = walk->next();
    if (event == FdtWalk::Event::end) break;
    if (event == FdtWalk::Event::malformed) return std::unexpected("the device tree is malformed");
    if (event == FdtWalk::Event::node && walk->depth() < 3)
      r.node[walk->depth()] = r.classify(walk->name(), walk->depth());
    if (event == FdtWalk::Event::property) r.take_property(walk->depth(), walk->name(), walk->value());
  }
  if (r.malformed) return std::unexpected("the device tree has memory, CPUs or boot arguments that make no sense");
  if (r.memories == 0) return std::unexpected("the device tree has no memory");
  if (r.result.cpus_listed == 0) return std::unexpected("the device tree has no CPU");
  if (!r.psci_smc) return std::unexpected("no PSCI by SMC: start QEMU with -M virt,virtualization=on");
  if (r.initrd_end <= r.initrd_start) return std::unexpected("no agency image: give it as -initrd");

  Machine& m = r.result.machine;
  const bool swapped = r.memories == 2 && r.memory[1].base < r.memory[0].base;
  m.ram = r.memory[swapped ? 1 : 0];
  if (r.memories == 2) m.window = r.memory[swapped ? 0 : 1];
  m.initrd = {r.initrd_start, r.initrd_end - r.initrd_start};
  m.cpus = r.result.cpus_listed < max_cpus ? r.result.cpus_listed : max_cpus;
  return r.result;
}

}  // namespace avz
