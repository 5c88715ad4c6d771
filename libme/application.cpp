#include "libme/application.hpp"

#include <me/me.h>

#include "libme/activation.hpp"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/include/so3/thread.h"

namespace me {
namespace {

int run_application(void*) {
  app_thread_main(nullptr);
  return 0;
}

}  // namespace

void start_application_when_due() {
  static bool started = false;
  if (started || !is_active() || get_ME_state() != ME_state_living) return;
  started = true;
  tcb_t* const thread = kernel_thread(run_application, "app_thread_main", nullptr, THREAD_PRIO_DEFAULT);
  if (thread == nullptr) panic("no memory for app_thread_main: raise domain-size");
  thread_detach(thread);
}

}  // namespace me
