#include "tools/me/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tools/me/output.hpp"

namespace me {
namespace {

// Never destroyed: the thread that waits for signals outlives main().
std::stop_source& source = *new std::stop_source;
std::atomic<bool> in_order = false;

sigset_t interrupts() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, s);
  return set;
}

}  // namespace

void hold_interrupts() {
  const auto set = interrupts();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void watch_interrupts() {
  std::thread([] {
    const auto set = interrupts();
    for (int signal = 0;;) {
      if (::sigwait(&set, &signal) != 0) continue;
      if (in_order && source.request_stop()) continue;
      print_error({Errc::interrupted, "interrupted", {}});
      ::_exit(static_cast<int>(Errc::interrupted));
    }
  }).detach();
}

std::stop_token interrupt_token() {
  in_order = true;
  return source.get_token();
}

}  // namespace me
