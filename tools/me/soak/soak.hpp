// MEs that go round a ring of smart objects: what must be so after each hop.
#pragma once
#include <random>
#include <vector>

#include "engine/capsule/capsule.hpp"
#include "tools/me/output.hpp"
#include "tools/me/soak/place.hpp"
#include "tools/me/soak/traveller.hpp"

namespace me::soak {

struct Plan {
  unsigned hops = 1000, objects = 3, mes = 6;
  bool chaos = false, verbose = false;
  std::uint64_t seed = 1;
};

// What happened, for the summary.
struct Tally {
  unsigned hops = 0, copies = 0, deaths = 0, injected = 0, lost_with_host = 0, survived_death = 0;
};

class Soak {
 public:
  Soak(const Plan& plan, engine::Options options, engine::Capsule traveller, engine::Capsule nomad);

  [[nodiscard]] Result<> run();
  const Tally& tally() const { return tally_; }
  const json& memory() const { return memory_; }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  std::size_t neighbour_of(std::size_t place);

  [[nodiscard]] Result<> begin();
  // So that one can see whether anything grows.
  [[nodiscard]] Result<> tell_progress();
  [[nodiscard]] Result<> inject(std::size_t place);
  [[nodiscard]] Result<> hop();
  [[nodiscard]] Result<> move(Traveller& me, std::size_t to);
  [[nodiscard]] Result<> propagate(Traveller& me, std::size_t to);
  [[nodiscard]] Result<> die(Traveller& me, std::size_t to);
  [[nodiscard]] Result<> revive(std::size_t place);
  [[nodiscard]] Result<> arrived(Traveller& me, std::size_t to, std::uint32_t slot);
  [[nodiscard]] Result<> kill(const Traveller& me);
  // Every ME is where it must be, alive, once; and nobody else is there.
  [[nodiscard]] Result<> census();
  [[nodiscard]] Result<> end();
  [[nodiscard]] Result<std::vector<engine::MeInfo>> settled(std::size_t place);
  std::vector<std::uint64_t> footprint() const;
  void note_peak();
  [[nodiscard]] Result<> judge_footprint(const std::vector<std::uint64_t>& middle);

  Plan plan_;
  engine::Capsule traveller_, nomad_;
  std::vector<Place> places_;
  std::vector<Traveller> mes_;
  std::mt19937_64 random_;
  Tally tally_;
  std::uint64_t qemu_peak_ = 0;
  json memory_ = json::array();
};

}  // namespace me::soak
