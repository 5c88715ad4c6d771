// Domain 0, joined together: the store, the devices, the MEs and the link to the engine.
//
// One thread runs all of it: a loop that answers doorbells, resumes what waited, and sleeps. Interrupt handlers ring.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "so3/agency/bus/bus.hpp"
#include "so3/agency/link/link.hpp"
#include "so3/agency/logs.hpp"
#include "so3/agency/loop/loop.hpp"
#include "so3/agency/me/agency_ctl.hpp"
#include "so3/agency/me/domcall.hpp"
#include "so3/agency/me/ending.hpp"
#include "so3/agency/me/injection.hpp"
#include "so3/agency/me/life.hpp"
#include "so3/agency/me/me_id.hpp"
#include "so3/agency/me/residents.hpp"
#include "so3/agency/trace.hpp"
#include "so3/agency/transfer/propagation.hpp"

namespace agency {

// What the logic needs of the machine it runs on.
struct Environment {
  Loop::Clock clock;
  Console console;
  std::byte* grant_window;            // abi::agency_grant_window_pages pages
  std::span<const std::byte> window;  // shared with the engine; untrusted
  image::Sha256 sha256;
  FileRoom file_room;
  Job::Runner aside;                  // for what takes long
  std::uint32_t cpus, gic_version;
  std::size_t store_bytes_max;
  std::size_t (*heap_used)() = [] { return std::size_t{0}; };  // bytes
};

class Agency final : public LinkClient {
 public:
  Agency(const Environment& environment, Doorbells& bells, Port& port);
  Agency(const Agency&) = delete;
  Agency& operator=(const Agency&) = delete;

  // Does all there is to do now. Then sleep until woken, or until the time returned.
  std::optional<std::uint64_t> run();

  void add(Backend& backend) { bus_.add(backend); }
  // A device capability that no backend stands for (abi/devcaps.hpp).
  void add_devcaps(std::uint32_t entry) { bus_.add_devcaps(entry); }
  // Of them: devcaps=0x06000001,0x07000002 adds device capabilities; patience=MS is how long an ME may take for a
  // dc_event (Life::patience). What is none of these is named on the console.
  void boot_arguments(std::string_view arguments);
  Link& link() { return link_; }
  Logs& logs() { return logs_; }
  Loop& loop() { return loop_; }
  GrantWindow& grants() { return grants_; }
  Store& store() { return store_; }
  Report& report() { return report_; }
  Bus& bus() { return bus_; }
  Residents& residents() { return residents_; }
  const MeList& me_list() const { return me_list_; }
  Life& life() { return life_; }
  AgencyCtl& agency_ctl() { return agency_ctl_; }

  void link_opened() override;
  void link_request(const Request& request) override;
  void link_log_room() override;
  void link_closed(std::string_view why) override;
  void link_drained() override { transfers_.link_drained(); }

 private:
  // port_control: a domain changed.
  class Control final : public Doorbell {
   public:
    Control(Doorbells& bells, Residents& residents) : Doorbell{bells}, residents_{&residents} {}
    void answer() override { residents_->follow_changes(); }

   private:
    Residents* residents_;
  };

  void hello(const Request& request);
  void inject(const Request& request);
  void stop(const Request& request);
  void kill(const Request& request);
  void list(std::uint32_t id);
  void list_ids(const Request& request);
  void list_xml(const Request& request);
  void info(std::uint32_t id);
  void store_read(const Request& request);
  void store_list(const Request& request);
  void power_off(std::uint32_t id);
  void trace(const Request& request);
  void sync(const Request& request);
  Task<Done> ending_trace(std::uint32_t session, std::uint32_t id);
  void answer(std::uint32_t session, std::uint32_t id, const Injector::Result& result);
  void answer(std::uint32_t session, std::uint32_t id, const Ending::Result& result);
  Task<Done> injecting(std::uint32_t session, std::uint32_t id, std::span<const std::byte> file);
  Task<Done> stopping(std::uint32_t session, std::uint32_t id, std::uint32_t slot, std::uint64_t grace_ns);
  Task<Done> powering_off();
  // False: it is no request about neighbours.
  bool transfer_request(const Request& request);
  Task<Done> propagating(std::uint32_t session, std::uint32_t id, abi::link::Propagate what);
  Task<Done> migrating(std::uint32_t session, std::uint32_t id, abi::link::Propagate what);
  Task<Done> saving(std::uint32_t session, std::uint32_t id, std::uint32_t slot);

  Environment environment_;
  Place place_;
  Loop loop_;
  Doorbells& bells_;
  GrantWindow grants_;
  Store store_;
  Link link_;
  Logs logs_;
  Tracing trace_;
  Report report_;
  Bus bus_;
  Residents residents_;
  MeList me_list_{residents_, store_};
  AgencyCtl agency_ctl_;
  Domcalls domcalls_;
  Cooperation cooperation_;
  Life life_;
  Injector injector_;
  Ending ending_;
  transfer::Transfers transfers_;
  transfer::Propagation propagation_;
  Control control_;
  std::size_t injecting_now_ = 0;
  bool powering_off_ = false, off_ = false;
};

}  // namespace agency
