#include "tests/bench/agency/partner.hpp"

#include <atomic>
#include <cstdio>

#include "tests/bench/measure.hpp"

namespace bench {

std::unique_ptr<Partner> Partner::find(const Agency& agency, std::uint32_t slot, std::string_view where) {
  unsigned grant = 0, port = 0;
  if (std::sscanf(std::string{where}.c_str(), "%u %u", &grant, &port) != 2) {
    printk(KERN_ERR "bench: the ME published '%s'\n", std::string{where}.c_str());
    return nullptr;
  }
  auto partner = std::unique_ptr<Partner>{new Partner{agency}};
  auto page = agency.grants.map(slot, grant);
  auto channel = guest::EventChannel::bind(slot, port, &signalled, partner.get());
  if (!page || !channel) {
    printk(KERN_ERR "bench: the ME's page or channel cannot be had\n");
    return nullptr;
  }
  partner->slot_ = slot;
  partner->grant_ = grant;
  partner->page_ = std::move(*page);
  partner->channel_ = std::move(*channel);
  return partner;
}

std::uint64_t Partner::begin(Command command) {
  while (done_.try_down()) {  // of earlier commands
  }
  std::atomic_ref{page().done}.store(0, std::memory_order_relaxed);
  std::atomic_ref{page().command}.store(static_cast<std::uint32_t>(command), std::memory_order_release);
  const std::uint64_t before = counter();
  channel_.signal();
  asm volatile("yield");  // the emulator runs one CPU at a time, and goes to the next one here
  return before;
}

void Partner::signalled(void* self) {
  auto& partner = *static_cast<Partner*>(self);
  partner.done_.up();
  partner.bell_.ring();
}

void Partner::block() { done_.down(); }

agency::Task<agency::Done> Partner::end(Command command) {
  while (std::atomic_ref{page().done}.load(std::memory_order_acquire) != static_cast<std::uint32_t>(command))
    co_await bell_;
  co_await agency_.loop.until(agency_.loop.now() + agency::ms);  // its last signal came before it slept
  co_return agency::Done{};
}

}  // namespace bench
