#include "tests/unit/avz/fake_machine.hpp"

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>

#include "so3/abi/hypercall.hpp"
#include "so3/abi/image.hpp"
#include "so3/abi/version.hpp"
#include "so3/arch/physical.hpp"
#include "so3/arch/stage2.hpp"
#include "so3/avz/changes.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/interrupts.hpp"
#include "so3/avz/scheduler.hpp"

namespace fake {

namespace {
Machine* the_machine = nullptr;
std::mutex console_lock;
}  // namespace

Machine& machine() { return *the_machine; }

Machine::Machine(std::uint64_t ram_bytes) {
  assert(the_machine == nullptr);
  the_machine = this;
  // RAM starts with garbage, at first this and later what the last machine left: whoever needs zeros has to make them.
  static std::vector<std::uint8_t> ram;
  if (ram.size() < ram_bytes + abi::page_size) ram.assign(ram_bytes + abi::page_size, 0xa5);
  auto aligned = reinterpret_cast<std::uintptr_t>(ram.data());
  aligned = (aligned + abi::page_size - 1) / abi::page_size * abi::page_size;
  arch::host_memory = {reinterpret_cast<std::uint8_t*>(aligned), ram_base, ram_bytes};
  avz::host_cpu = &cpu_;

  avz::Machine m;
  m.ram = {ram_base, ram_bytes};
  m.image = {ram_base + (2 << 20), 300 << 10};
  m.initrd = {ram_base + (4 << 20) + 100, 100'000};
  m.dtb = {ram_base + (6 << 20), 5000};
  m.cpus = 4;
  m.gic_version = 3;
  auto* header = arch::physical<std::uint8_t>(m.initrd.base);
  const abi::ImageHeader image{.branch = 0,
                               .abi_version = abi::version,
                               .magic = abi::image_magic,
                               .load_address = abi::ram_ipa,
                               .file_size = m.initrd.bytes,
                               .memory_size = m.initrd.bytes,
                               .threads = 0};
  std::memcpy(header, &image, sizeof image);
  new (&avz::ram_pages) avz::Pages{};
  new (&avz::vmids) avz::Vmids{};
  for (auto& slot : avz::slots) slot.domain = nullptr;
  avz::create_agency(m);
  while (avz::next_change() != 0) {
  }
}

Machine::~Machine() {
  if (rings != nullptr) call(avz::calls::trace_control, agency(), {0});
  arch::host_tlb = {};
  on_notify = on_renew_vttbr = {};
  for (std::uint32_t slot = abi::first_me_slot; slot < avz::slots.size(); slot++)
    if (avz::Domain* me = avz::find_domain(slot)) avz::destroy_me(*me);
  avz::vacate(agency());
  arch::host_memory = {};
  the_machine = nullptr;
}

Registers Machine::call(avz::SlowCall handler, avz::Domain& caller, std::initializer_list<std::uint64_t> arguments) {
  Registers r{};
  std::size_t i = 1;
  for (const auto a : arguments) r.x[i++] = a;
  cpu_.current = &caller.vcpu;
  avz::host_cpu = &cpu_;
  handler(caller.vcpu, r.x);
  return r;
}

abi::Status Machine::send(avz::Domain& sender, std::uint64_t port) {
  avz::Cpu cpu{};
  cpu.current = &sender.vcpu;
  avz::host_cpu = &cpu;
  const auto answer = avz::calls::event_send(0, port, 0, 0, 0);
  avz::host_cpu = &cpu_;
  return answer.status();
}

avz::Domain& Machine::create(std::uint64_t ram_bytes) {
  const auto r = call(avz::calls::domain_create, agency(), {ram_bytes, 1, 0, 77});
  if (r.status() != abi::Status::ok) std::abort();
  return *avz::find_domain(r.x[1]);
}

avz::Domain& Machine::create_started(std::uint64_t ram_bytes) {
  avz::Domain& me = create(ram_bytes);
  const auto r = call(avz::calls::domain_start, agency(), {me.slot, abi::ram_ipa, abi::ram_ipa + 0x1000, 64, 0, 0});
  if (r.status() != abi::Status::ok) std::abort();
  return me;
}

void Machine::destroy(avz::Domain& me) {
  const auto r = call(avz::calls::domain_destroy, agency(), {me.slot});
  if (r.status() != abi::Status::ok) std::abort();
}

}  // namespace fake

// What the rest of avz is to the objects.
namespace avz {

void init(Vcpu& vcpu, Domain& domain, std::uint32_t, abi::SharedPage& shared, std::uint64_t vttbr) {
  std::destroy_at(&vcpu);
  std::construct_at(&vcpu);
  vcpu.domain = &domain;
  vcpu.shared = &shared;
  vcpu.vttbr = vttbr;
}

abi::Status claim_cpu(Vcpu&, std::uint32_t cpu, bool) {
  if (cpu >= 4) return abi::Status::bad_argument;
  fake::machine().claimed_cpus.insert(cpu);
  return abi::Status::ok;
}

void release_cpu(Vcpu& vcpu) {
  auto& cpus = fake::machine().claimed_cpus;
  cpus.erase(cpus.find(vcpu.domain->cpu));
}

void start(Vcpu& vcpu) { fake::machine().running.insert(&vcpu); }
void start_held(Vcpu& vcpu) {
  start(vcpu);
  fake::machine().held.insert(&vcpu);
}
bool stop(Vcpu& vcpu) {
  fake::Machine& machine = fake::machine();
  if (!machine.stops_at_once) return machine.asked.insert(&vcpu), false;
  machine.asked.erase(&vcpu);
  machine.held.insert(&vcpu);
  return true;
}
bool withdraw_stop(Vcpu& vcpu) { return fake::machine().asked.erase(&vcpu) != 0; }
bool overdue(const Vcpu&) { return fake::machine().overdue; }
void with_registers(Vcpu& vcpu, void (*work)(Vcpu&)) { work(vcpu); }
void renew_vttbr(Vcpu& vcpu) {
  if (fake::machine().on_renew_vttbr) fake::machine().on_renew_vttbr(vcpu);
  vcpu.vttbr = vcpu.domain->memory.vttbr();
}
void stall(Vcpu& vcpu) { fake::machine().stalled.insert(&vcpu); }
void unstall(Vcpu& vcpu) { fake::machine().stalled.erase(&vcpu); }
void resume(Vcpu& vcpu) { fake::machine().held.erase(&vcpu); }
void kill(Vcpu& vcpu) {
  fake::machine().running.erase(&vcpu);
  fake::machine().held.erase(&vcpu);
  fake::machine().asked.erase(&vcpu);
  fake::machine().stalled.erase(&vcpu);
}
void ring(Vcpu& vcpu) { notify(vcpu); }
void notify(Vcpu& vcpu) {
  if (fake::machine().on_notify) fake::machine().on_notify(vcpu);
}

// The one CPU of the tests is the agency's.
void switch_tracing(TraceRing* rings) {
  fake::machine().rings = rings;
  this_cpu().trace = rings;
}

std::uint32_t cpu_count() { return 4; }
bool interrupt_exists(std::uint32_t id) { return id < 288; }
void interrupt_enable(std::uint32_t id) { fake::machine().enabled_interrupts.insert(id); }
void interrupt_disable(std::uint32_t id) { fake::machine().enabled_interrupts.erase(id); }

void console_flush(std::uint32_t) {}
Line& Line::operator<<(std::string_view text) {
  for (const char c : text)
    if (length_ < capacity) text_[length_++] = c;
  return *this;
}
Line& Line::operator<<(const char* text) { return *this << std::string_view{text}; }
Line& Line::operator<<(std::uint64_t value) { return *this << std::to_string(value); }
Line& Line::operator<<(Hex value) {
  char text[20];
  std::snprintf(text, sizeof text, "%#llx", static_cast<unsigned long long>(value.value));
  return *this << text;
}
Line::~Line() {
  const std::lock_guard guard{fake::console_lock};
  fake::machine().console.emplace_back(text_, length_);
}
void panic(std::string_view what) {
  std::fprintf(stderr, "panic: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace avz
