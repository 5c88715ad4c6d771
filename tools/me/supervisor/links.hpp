// The links of a smart object that is up: accepted, asked for, and made again when a neighbour comes back.
#pragma once
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "engine/smart_object.hpp"

namespace me {

class Links {
 public:
  // `listening`: the socket that neighbours connect to.
  Links(engine::SmartObject& so, engine::FileDescriptor listening);
  ~Links();

  int fd() const { return listening_.get(); }
  // fd() is readable: somebody wants to be a neighbour.
  void accept();
  // Returns when the two are linked.
  [[nodiscard]] engine::Result<engine::Neighbour> link(const std::string& name);
  // Also of a neighbour that is away: the link is not made again.
  [[nodiscard]] engine::Result<> unlink(const std::string& name);

 private:
  void keep();
  void follow(const engine::NeighbourChanged& change);
  void make_again();
  bool is_wanted(const std::string& name);

  engine::SmartObject& so_;
  engine::FileDescriptor listening_;
  std::mutex mutex_;
  std::set<std::string> wanted_;  // neighbours that nobody has unlinked, here or away
  std::atomic<bool> stopping_ = false;
  std::thread keeper_;
};

}  // namespace me
