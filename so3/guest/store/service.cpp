#include "so3/guest/store/service.hpp"

#include <new>

#include "so3/abi/layout.hpp"
#include "so3/guest/events.hpp"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/scheduler.hpp"

namespace guest {
namespace {

StoreClient* client = nullptr;

// More urgent than what an author starts by default: whoever waits for the store waits for these.
constexpr std::uint32_t priority = THREAD_PRIO_DEFAULT + 10;

int read_answers(void*) {
  client->read_answers();
  return 0;
}

int deliver_watches(void*) {
  kernel::current_thread().resumes_devices = true;
  for (;;) client->watches().deliver_next();
}

bool start_thread(int (*function)(void*), const char* name) {
  tcb_t* const thread = kernel_thread(function, name, nullptr, priority);
  if (thread != nullptr) thread_detach(thread);
  return thread != nullptr;
}

}  // namespace

hypercall::Result<void> start_store() {
  auto& page = *reinterpret_cast<abi::vbstore::StorePage*>(abi::store_page_ipa);
  static StoreClient connection{page, [] { static_cast<void>(hypercall::event_send(abi::port_store)); }};
  client = &connection;
  const auto handled =
      events().set(abi::port_store, [](void* self) { static_cast<StoreClient*>(self)->signalled(); }, client);
  if (!handled) return handled;
  if (!start_thread(read_answers, "vbstore") || !start_thread(deliver_watches, "vbstore-watch"))
    return std::unexpected{abi::Status::no_memory};
  return {};
}

StoreClient* store() { return client; }
void set_store(StoreClient* other) { client = other; }

}  // namespace guest
