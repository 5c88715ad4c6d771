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
#include "so3/agency/me/refusal.hpp"
#include "so3/agency/me/report.hpp"

namespace agency {

// Somebody else drives it.
Refusal busy(const Me& me);
// Nobody is there.
Refusal empty(std::uint32_t slot);

// What sequences work with.
struct World {
  Loop& loop;
  Doorbells& bells;
  GrantWindow& grants;
  Store& store;
  Bus& bus;
  Report& report;
};

// An ME to be.
struct Wanted {
  std::uint64_t ram_bytes;
  std::string name;
  bool exclusive_cpu = false;
  bool migrating = false;         // it arrives: what it is comes from elsewhere
  std::uint64_t instance_id = 0;  // 0: a new one
  std::uint64_t epoch = 0;
};

class Residents final : private StoreChannel::Owner {
 public:
  explicit Residents(const World& world) : world_{world} {}
  ~Residents() override = default;

  // A domain in booting or migrating, connected to the store, not started.
  [[nodiscard]] hypercall::Result<std::shared_ptr<Me>> create(Wanted wanted, std::uint32_t cpu);

  // Random: this start of this smart object. From here on an instance id is unlike all that any smart object gave.
  void started(std::uint64_t boot_id) { instance_base_ = boot_id; }
  std::uint64_t new_instance();

  std::shared_ptr<Me> find(std::uint32_t slot) const;
  const std::map<std::uint32_t, std::shared_ptr<Me>>& all() const { return mes_; }

  // avz says that domains changed: sees to those that died, wakes whoever waits for the others.
  void follow_changes();

  // Looks at the domain: tells a new state, and reaps it if it is dead.
  void look(const std::shared_ptr<Me>& me);
  // Tells that avz has it in this state.
  void changed_to(Me& me, abi::State state);
  // The sequence that drove it is over, and it may have ended meanwhile.
  void let_go(const std::shared_ptr<Me>& me);
  // Who closes and reaps an ME that terminated itself, and who suspends or resumes one that went to rest or woke, while
  // no sequence drives it.
  using Hook = std::function<void(const std::shared_ptr<Me>&)>;
  void when_terminated(Hook close) { terminated_ = std::move(close); }
  void when_unsettled(Hook settle) { unsettled_ = std::move(settle); }

  // Who serves what threads ask: answers to the ME's store channel, with the same id.
  using Asked = std::function<void(const std::shared_ptr<Me>&, std::uint32_t id, const Connection::Words& words)>;
  void when_asked(Asked serve) { asked_ = std::move(serve); }

  // Nothing of it remains: log lines delivered, devices and store cleaned, memory given back. `why` as in
  // "was destroyed on request".
  void reap(const std::shared_ptr<Me>& me, const std::string& why, abi::CrashReason crash = abi::CrashReason::none);

 private:
  void store_served() override { world_.bus.process(); }
  void store_broken(std::uint32_t slot, const char* why) override;
  void store_asked(std::uint32_t slot, std::uint32_t id, const Connection::Words& words) override;
  bool take_answer(Me& me);
  void see_to(const std::shared_ptr<Me>& me);

  World world_;
  Hook terminated_, unsettled_;
  Asked asked_;
  std::map<std::uint32_t, std::shared_ptr<Me>> mes_;
  std::uint64_t instance_base_ = 0, instances_ = 0;
};

}  // namespace agency
