// All MEs of this smart object: made, followed and reaped here.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "so3/agency/bus/bus.hpp"
#include "so3/agency/loop/loop.hpp"
#include "so3/agency/me/me.hpp"
#include "so3/agency/me/report.hpp"

namespace agency {

// What sequences work with.
struct World {
  Loop& loop;
  Doorbells& bells;
  GrantWindow& grants;
  Store& store;
  Bus& bus;
  Report& report;
};

class Residents final : private StoreChannel::Owner {
 public:
  explicit Residents(const World& world) : world_{world} {}
  ~Residents() override = default;

  // A domain in booting, connected to the store, not started.
  [[nodiscard]] hypercall::Result<std::shared_ptr<Me>> create(std::uint64_t ram_bytes, std::uint32_t cpu,
                                                              bool exclusive, std::string name);

  std::shared_ptr<Me> find(std::uint32_t slot) const;
  const std::map<std::uint32_t, std::shared_ptr<Me>>& all() const { return mes_; }

  // avz says that domains changed: sees to those that died, wakes whoever waits for the others.
  void follow_changes();

  // Looks at the domain: tells a new state, and reaps it if it is dead.
  void look(const std::shared_ptr<Me>& me);
  // The sequence that drove it is over, and it may have ended meanwhile.
  void let_go(const std::shared_ptr<Me>& me);
  // Who closes and reaps an ME that terminated itself while no sequence drives it.
  void when_terminated(std::function<void(const std::shared_ptr<Me>&)> close) { terminated_ = std::move(close); }

  // Nothing of it remains: log lines delivered, devices and store cleaned, memory given back. `why` as in
  // "was destroyed on request".
  void reap(const std::shared_ptr<Me>& me, const std::string& why, abi::CrashReason crash = abi::CrashReason::none);

 private:
  void store_served() override { world_.bus.process(); }
  void store_broken(std::uint32_t slot, const char* why) override;
  void take_answer(Me& me);
  void see_to_its_end(const std::shared_ptr<Me>& me);

  World world_;
  std::function<void(const std::shared_ptr<Me>&)> terminated_;
  std::map<std::uint32_t, std::shared_ptr<Me>> mes_;
  std::uint64_t next_instance_ = 1;
};

}  // namespace agency
