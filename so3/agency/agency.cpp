#include "so3/agency/agency.hpp"

#include "so3/abi/version.hpp"
#include "so3/agency/text.hpp"
#include "so3/guest/events.hpp"
#include "so3/kernel/coverage.hpp"

namespace agency {

Agency::Agency(const Environment& environment, Doorbells& bells, Port& port)
    : environment_{environment},
      loop_{environment.clock},
      bells_{bells},
      grants_{environment.grant_window},
      store_{environment.store_bytes_max},
      link_{port, *this},
      logs_{link_, environment.console},
      trace_{loop_, link_},
      report_{link_, environment.console, trace_},
      bus_{store_},
      residents_{{loop_, bells_, grants_, store_, bus_, report_}},
      agency_ctl_{loop_, bells_, place_, bus_, cooperation_, report_},
      domcalls_{{loop_, bells_, grants_, store_, bus_, report_}, residents_, agency_ctl_},
      cooperation_{{loop_, bells_, grants_, store_, bus_, report_}, residents_, domcalls_},
      life_{{loop_, bells_, grants_, store_, bus_, report_}, residents_, domcalls_, cooperation_},
      injector_{{loop_, bells_, grants_, store_, bus_, report_}, residents_,        life_,
                {environment.sha256, environment.file_room},     environment.aside, environment.cpus},
      ending_{{loop_, bells_, grants_, store_, bus_, report_}, residents_},
      transfers_{{loop_, bells_, grants_, store_, bus_, report_}, residents_, life_, link_, place_, environment.cpus},
      propagation_{loop_, residents_, transfers_},
      control_{bells_, residents_} {
  bus_.when_moved([this](std::uint32_t slot) { loop_.notify(slot); });
  residents_.when_asked(
      [this](const auto& me, std::uint32_t id, const auto& words) { agency_ctl_.serve_thread(me, id, words); });
  // Tops that MEs write below (abi/vbstore.hpp); they cannot make them.
  for (const char* top : {"device", "backend", "soo/me"})
    static_cast<void>(store_.mkdir(abi::agency_domain, *StorePath::parse(top)));
  if (!guest::events().set(abi::port_control, &Doorbell::ring, static_cast<Doorbell*>(&control_)))
    report_.say("no handler for changes of domains: MEs cannot be followed");
}

std::optional<std::uint64_t> Agency::run() {
  bells_.answer();
  loop_.run();
  bus_.process();
  if (off_) {
    kernel::print_coverage();
    hypercall::machine_off(0);
  }
  if (bells_.any()) return loop_.now();
  return loop_.next_deadline();
}

void Agency::link_opened() {
  const auto machine = hypercall::machine_info();
  const abi::link::Ready ready{abi::version, environment_.cpus, machine ? machine->free_pages * abi::page_size : 0,
                               environment_.window.size()};
  link_.send(abi::link::Type::ready, 0, raw(ready));
  transfers_.link_opened();
}

void Agency::link_log_room() {
  logs_.flush();
  bus_.service();
}

void Agency::link_closed(std::string_view why) {
  trace_.end_at_once();
  report_.say(std::string{"the link to the engine ended: "}.append(why));
  transfers_.link_closed();
  link_log_room();
}

}  // namespace agency
