// The agency: domain 0, made at boot, never destroyed. Its RAM is one piece, because it hands addresses to devices
// (SharedPage::machine.ram_pa), and is mapped from the start, because a device does not fault.
#include <new>

#include "so3/abi/hypercall.hpp"
#include "so3/abi/image.hpp"
#include "so3/abi/version.hpp"
#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/domain_build.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/place.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"
#include "so3/plat/qemu_virt/agency_devices.hpp"

namespace avz {

using abi::page_size;
using abi::Status;

namespace {

struct AgencyStorage {
  Domain domain;
  std::atomic<std::uint64_t> targets[abi::events_agency], channels[abi::events_agency];
  PhysAddr window_table[GrantWindow::pages_max];
};

constexpr std::uint64_t whole_pages(std::uint64_t bytes) { return (bytes + page_size - 1) / page_size * page_size; }

// An eighth of the machine, within bounds: backends, the store, and a capsule's file on its way in.
constexpr std::uint64_t agency_ram(std::uint64_t machine_ram) {
  constexpr std::uint64_t least = 16 << 20, most = 128 << 20;
  const std::uint64_t share = machine_ram / 8 / block_size * block_size;
  return share < least ? least : share > most ? most : share;
}

// Tables for everything the agency has, and for its grant window as it fills.
constexpr std::uint64_t reserved_pages(std::uint64_t ram_bytes, std::uint64_t window_bytes) {
  constexpr std::uint64_t grants = abi::agency_grant_window_pages * page_size;
  std::uint64_t n = 2;  // root and shared page
  n += Stage2Tree::tables_for(abi::domain_base, abi::ram_ipa + ram_bytes - abi::domain_base);
  n += Stage2Tree::tables_for(abi::agency_grant_window_ipa, grants);
  n += window_bytes == 0 ? 0 : Stage2Tree::tables_for(abi::host_window_ipa, window_bytes);
  for (const auto& device : plat::agency_devices) n += Stage2Tree::tables_for(device.base, device.bytes);
  return n + GrantTable::pages_for(ram_bytes) + GrantWindow::pages_max;
}

// What of RAM holds nothing: not avz, not the agency's image until it is copied, not the device tree being read.
struct Unused {
  PhysRange ranges[Pages::max_ranges];
  std::uint32_t count = 0;

  void add(PhysAddr from, PhysAddr to) {
    if (from < to) ranges[count++] = {from, to - from};
  }
};

Unused unused_ram(const Machine& machine) {
  PhysRange taken[] = {machine.image, machine.initrd, machine.dtb};
  for (PhysRange& t : taken) {
    const PhysAddr begin = t.base / page_size * page_size;
    t = {begin, whole_pages(t.end()) - begin};
  }
  for (std::size_t i = 0; i < std::size(taken); i++)
    for (std::size_t j = i + 1; j < std::size(taken); j++)
      if (taken[j].base < taken[i].base) std::swap(taken[i], taken[j]);
  Unused unused;
  PhysAddr at = machine.ram.base;
  for (const PhysRange& t : taken) {
    if (t.end() <= machine.ram.base || t.base >= machine.ram.end()) continue;
    unused.add(at, t.base);
    at = at > t.end() ? at : t.end();
  }
  unused.add(at, machine.ram.end());
  return unused;
}

void must(Status status, std::string_view what) {
  if (status != Status::ok) panic(what);
}

void fill_shared_page(abi::SharedPage& page, const Domain& agency, const Machine& machine) {
  page = {};
  page.magic = abi::shared_page_magic;
  page.abi_version = abi::version;
  page.slot = agency.slot;
  page.state = static_cast<std::uint32_t>(agency.state);
  page.ram_size = agency.ram_bytes;
  page.machine.ram_pa = agency.ram;
  page.machine.window_pa = machine.window.base;
  page.machine.window_size = machine.window.bytes;
  page.machine.cpus = machine.cpus;
  page.machine.gic_version = machine.gic_version;
  for (std::size_t i = 0; i < sizeof page.machine.bootargs; i++) page.machine.bootargs[i] = machine.bootargs[i];
  publish_time(page, arch::physical_counter_hz());
  publish_place(page, 0);
}

void map_world(Domain& agency, const Machine& machine) {
  const auto map = [&](std::uint64_t ipa, PhysRange range, Access access) {
    return agency.memory.map_at_boot(ipa, range, access, agency.reservation);
  };
  must(map(abi::ram_ipa, {agency.ram, agency.ram_bytes}, Access::ram), "the agency's RAM cannot be mapped");
  for (const auto& device : plat::agency_devices)
    must(map(device.base, {device.base, device.bytes}, Access::device), "the agency's devices cannot be mapped");
  if (!machine.window.empty())
    must(map(abi::host_window_ipa, machine.window, Access::data), "the host's window cannot be mapped");
}

void copy_image(const Domain& agency, PhysRange initrd) {
  abi::ImageHeader header{};
  if (initrd.bytes >= sizeof header) arch::copy_bytes(&header, arch::physical<void>(initrd.base), sizeof header);
  if (header.magic != abi::image_magic || header.load_address != abi::ram_ipa)
    panic("the initrd is not an agency image");
  if (!abi::runs_on(header.abi_version, abi::version)) panic("the agency was built for another version of avz");
  if (header.memory_size > agency.ram_bytes || initrd.bytes > agency.ram_bytes)
    panic("the agency's image is larger than its RAM: give the machine more memory");
  auto* const to = arch::physical<std::uint8_t>(agency.ram);
  arch::copy_bytes(to, arch::physical<std::uint8_t>(initrd.base), initrd.bytes);
  arch::clean_to_memory(to, initrd.bytes);
  arch::forget_instructions();
}

}  // namespace

Vcpu& create_agency(const Machine& machine) {
  const Unused unused = unused_ram(machine);
  if (!ram_pages.init(machine.ram, {unused.ranges, unused.count})) panic("not enough memory for the frame table");
  const std::uint64_t ram_bytes = agency_ram(machine.ram.bytes);
  const auto storage_at = ram_pages.take_contiguous(whole_pages(sizeof(AgencyStorage)), page_size);
  const auto ram = ram_pages.take_contiguous(ram_bytes, block_size);
  if (!storage_at || !ram) panic("not enough memory for the agency: give the machine at least 64 MB");

  auto* storage = new (arch::physical<void>(*storage_at)) AgencyStorage{};
  Domain& agency = storage->domain;
  agency.events.init({storage->targets, storage->channels, abi::events_agency});
  agency.slot = abi::agency_domain;
  agency.incarnation = 1;
  agency.state = abi::State::living;
  agency.started = true;
  agency.ram_bytes = ram_bytes;
  agency.ram = *ram;
  if (!agency.reservation.make(ram_pages, reserved_pages(ram_bytes, machine.window.bytes)))
    panic("not enough memory for the agency's tables");
  agency.grants.init(GrantTable::pages_for(ram_bytes));
  agency.window.init(abi::agency_grant_window_ipa, abi::agency_grant_window_pages, storage->window_table);
  agency.events.set(abi::port_control, Channel::Kind::fixed);

  must(agency.memory.init(vmids, agency.reservation), "the agency has no memory");
  map_world(agency, machine);
  const auto shared = agency.reservation.draw();
  if (!shared) panic("the agency has no shared page");
  must(agency.memory.map(abi::shared_page_ipa, *shared, Access::data, agency.reservation),
       "the agency's shared page cannot be mapped");
  agency.shared = arch::physical<abi::SharedPage>(*shared);
  fill_shared_page(*agency.shared, agency, machine);
  arch::clean_to_memory(agency.shared, page_size);  // it is read before the agency's MMU is on
  copy_image(agency, machine.initrd);

  init(agency.vcpu, agency, agency.slot, *agency.shared, agency.memory.vttbr());
  must(claim_cpu(agency.vcpu, 0, true), "the agency has no CPU");
  agency.vcpu.pc = abi::ram_ipa;
  occupy(agency);
  return agency.vcpu;
}

}  // namespace avz
