#include "tests/unit/guest/world.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "so3/arch/clock.hpp"
#include "so3/arch/context.hpp"
#include "so3/guest/events.hpp"
#include "so3/guest/store/service.hpp"
#include "so3/kernel/domcall.hpp"
#include "so3/kernel/include/so3/delay.h"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"

namespace {

World* world = nullptr;

void raise() {
  arch::host::pending = true;
  if (!arch::host::masked) arch::host::take_interrupt();
}

void check_timer() {
  namespace host = arch::host;
  if (!host::timer_on || host::counter < host::timer_at) return;
  host::timer_on = false;
  kernel::shared().selector |= abi::selector_timer;
  host::pending = true;
}

}  // namespace

bool run_peers() { return world != nullptr && world->peers(); }

std::string& console() {
  static std::string text;
  return text;
}

void deliver(hypercall::Port port) {
  auto& page = kernel::shared();
  page.pending[port / 64] |= std::uint64_t{1} << port % 64;
  page.selector |= std::uint64_t{1} << port / 64;
  raise();
}

namespace kernel::platform {

namespace host = arch::host;

void console_write(std::string_view text) { console() += text; }

// All threads sleep: the peers have their turn, and when they do nothing either, time goes on to the next timer.
void wait() {
  while (!host::pending && run_peers()) {
  }
  if (host::pending) return;
  if (!host::timer_on) {
    std::fputs("every thread waits and nothing will wake one\n", stderr);
    std::abort();
  }
  if (host::counter < host::timer_at) host::counter = host::timer_at;
  check_timer();
}

void park() { shared().stop_requested = 0; }

void dispatch() {
  host::pending = false;
  guest::events().dispatch(shared());
}
void handle_events() {
  host::pending = false;
  guest::events().handle(shared());
}

void trace_thread(const so3_thread&) {}

void kick() { shared().selector |= abi::selector_timer; }

void crash(abi::CrashReason reason, std::uint64_t, std::uint64_t) {
  std::fputs(console().c_str(), stderr);
  std::fflush(stderr);
  _exit(static_cast<int>(reason));
}

}  // namespace kernel::platform

// Where avz would enter: nobody does.
std::uint64_t kernel::domcall_entry() { return 0; }
std::uint64_t kernel::domcall_stack_top() { return 0; }

World::World() {
  namespace host = arch::host;
  console().clear();
  host::counter = 0;
  host::timer_on = host::pending = false;
  host::masked = true;
  auto& page = kernel::shared();
  page = {};
  page.magic = abi::shared_page_magic;
  page.counter_hz = 1'000'000'000;
  page.ns_mult = 1;
  page.slot = slot;
  kernel::scheduler = {};
  kernel::adopt_boot_thread(nullptr, 0);
  arch::irq_enable();
  world = this;

  const auto ok = [](std::uint64_t x1) { return hypercall::Answer{0, {0, x1}}; };
  avz.on(abi::Call::event_alloc, [this, ok](const auto&) { return ok(next_port++); });
  avz.on(abi::Call::event_bind, [this, ok](const auto&) { return ok(next_port++); });
  avz.on(abi::Call::grant_access, [this, ok](const auto&) { return ok(next_grant++); });
  avz.on(abi::Call::event_send, [this, ok](const auto& x) {
    if (const auto found = on_event.find(static_cast<hypercall::Port>(x[1])); found != on_event.end()) found->second();
    return ok(0);
  });
}

World::~World() {
  while (!threads_.empty()) join(threads_.back());
  world = nullptr;
}

tcb_t* World::start(const char* name, std::function<void()> body, std::uint32_t priority) {
  auto* const owned = new std::function<void()>{std::move(body)};
  const auto run = [](void* arg) {
    auto* const f = static_cast<std::function<void()>*>(arg);
    (*f)();
    delete f;
    return 0;
  };
  threads_.push_back(kernel_thread_sized(run, name, owned, priority, 256 * 1024));
  return threads_.back();
}

void World::join(tcb_t* thread) {
  std::erase(threads_, thread);
  thread_join(thread);
}

StoreWorld::StoreWorld() {
  advertise();
  EXPECT_TRUE(
      guest::events().set(abi::port_store, [](void* c) { static_cast<guest::StoreClient*>(c)->signalled(); }, &client));
  guest::set_store(&client);
  peers = [this] { return serve(); };
  start("vbstore", [this] { client.read_answers(); }, THREAD_PRIO_DEFAULT + 10);
  start(
      "watch",
      [this] {
        while (!ending_) client.watches().deliver_next();
      },
      THREAD_PRIO_DEFAULT + 10);
}

void StoreWorld::advertise() {
  for (const char* top : {"device", "soo/me", "backend/vtest"})
    EXPECT_TRUE(store->mkdir(abi::agency_domain, *agency::StorePath::parse(top)));
}

void StoreWorld::arrive(std::uint32_t at_slot) {
  kernel::shared().slot = at_slot;
  server.reset();
  store = std::make_unique<agency::Store>(1 << 20);
  page = {};
  server = std::make_unique<agency::Connection>(at_slot, page, *store, bell, questions);
  advertise();
}

// A server that claims what cannot be ends the client's threads.
StoreWorld::~StoreWorld() {
  ending_ = true;
  client.watches().missed();
  std::atomic_ref{page.answers.indices.produced}.store(0x8000'0000);
  deliver(abi::port_store);
  settle();
  guest::set_store(nullptr);
  guest::events().clear(abi::port_store);
}

bool StoreWorld::serve() {
  const auto before = store->bytes();
  const auto consumed = page.requests.indices.consumed, produced = page.answers.indices.produced;
  bool more = true;
  while (more) {
    const auto turn = server->serve();
    more = turn.more;
    if (turn.signal) deliver(abi::port_store);
  }
  return store->bytes() != before || page.requests.indices.consumed != consumed ||
         page.answers.indices.produced != produced;
}

void StoreWorld::settle() { sleep_until_ns(arch::counter() + 1'000'000); }

std::string StoreWorld::value(std::string_view path) {
  const auto found = store->read(*agency::StorePath::parse(path));
  return found ? std::string{*found} : "<none>";
}

bool StoreWorld::exists(std::string_view path) { return store->exists(*agency::StorePath::parse(path)); }

void StoreWorld::agency_writes(std::string_view path, std::string_view value) {
  EXPECT_TRUE(store->write(abi::agency_domain, *agency::StorePath::parse(path), value));
}

void StoreWorld::agency_removes(std::string_view path) {
  EXPECT_TRUE(store->rm(abi::agency_domain, *agency::StorePath::parse(path)));
}
