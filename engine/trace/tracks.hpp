// The records of one smart object, in the order of their time, as slices and instants on its tracks.
#pragma once
#include <map>
#include <optional>
#include <tuple>

#include "engine/trace/timeline.hpp"

namespace engine::trace {

// One side of a transfer, for the arrow to the other.
struct TransferSide {
  std::uint32_t process, track;
  std::uint64_t instance, epoch;
  bool incoming;
  std::string name;
  Timeline::Time begin, end;
  bool arrived;
};

class Tracks {
 public:
  Tracks(Timeline& timeline, std::uint32_t process, std::vector<TransferSide>& transfers)
      : timeline_{timeline}, process_{process}, transfers_{transfers} {}

  void take(const Record& record, Timeline::Time time);
  // What is still open ends here.
  void finish(Timeline::Time end);

 private:
  using Time = Timeline::Time;
  struct Open {
    Time since = 0;
    std::string name;
    Timeline::Arguments arguments;
  };
  struct Me {
    std::string name;
    std::uint32_t track = Timeline::none;
    std::vector<std::pair<std::uint32_t, Open>> callbacks;  // by number; the innermost last
  };
  struct Cpu {
    std::optional<std::uint32_t> slot;
    Time since = 0;
    std::vector<std::pair<std::uint32_t, Open>> domcalls;  // by slot
  };
  struct Thread {
    std::uint32_t id = 0;
    std::string name;
    std::optional<Time> since;  // it has the CPU
  };
  using TransferKey = std::tuple<std::uint64_t, std::uint64_t, std::uint32_t, bool>;  // instance, epoch, peer, incoming

  std::uint32_t track(Timeline::Group group, std::uint32_t slot, std::uint32_t which, const std::string& name);
  Me& me(std::uint32_t slot) { return mes_[{slot, incarnations_[slot]}]; }
  std::string called(std::uint32_t slot);
  std::uint32_t me_track(std::uint32_t slot);
  std::uint32_t cpu_track(std::uint32_t cpu);
  void slice(std::uint32_t track, Open open, Time end);

  void runs(std::uint32_t cpu, std::uint32_t slot, Time time);
  void stops(std::uint32_t cpu, Time time);
  void end_thread(std::uint32_t slot, Time time);
  void call(const Record& r, Time time);
  void end_call(std::uint32_t slot, std::uint32_t cpu, Time time, std::optional<std::uint64_t> status);
  void domcall(const Record& r, Time time);
  void thread(const Record& r, Time time);
  void state(const Record& r, Time time);
  void callback(const Record& r, Time time);
  void transfer(const Record& r, Time time);
  void name(const Record& r);

  Timeline& timeline_;
  std::uint32_t process_;
  std::vector<TransferSide>& transfers_;
  std::map<std::tuple<Timeline::Group, std::uint32_t, std::uint32_t, std::string>, std::uint32_t> tracks_;
  std::map<std::uint32_t, std::uint32_t> incarnations_;  // of a slot
  std::map<std::pair<std::uint32_t, std::uint32_t>, Me> mes_;
  std::map<std::uint32_t, Cpu> cpus_;
  std::map<std::uint32_t, Thread> threads_;  // that runs in a slot
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::uint32_t, Open>> calls_;  // by slot and CPU
  std::map<TransferKey, std::pair<std::uint32_t, Open>> open_transfers_;  // and its lane
};

}  // namespace engine::trace
