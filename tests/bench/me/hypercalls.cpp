#include "so3/guest/hypercall.hpp"

#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

void measure_hypercalls() {
  make_fp_live();
  measure("null_hypercall", nullptr, 1000, [] { static_cast<void>(hypercall::version()); });
}

void measure_events_in_domcall() {
  const unsigned port = agency_port();
  const auto send = [port] { static_cast<void>(hypercall::event_send(port)); };
  send();  // from here on it is pending
  measure("event_send_pending", nullptr, 1000, send);
}

}  // namespace bench
