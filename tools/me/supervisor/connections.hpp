// The verbs that are being served, one thread each.
#pragma once
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/smart_object.hpp"
#include "tools/me/supervisor/channel.hpp"
#include "tools/me/supervisor/links.hpp"

namespace me {

class Connections {
 public:
  static constexpr std::size_t at_once = 64;

  Connections(engine::SmartObject& so, Links& links);
  ~Connections();  // answers what was asked, tells followers the end, and hangs up on all

  void serve(engine::FileDescriptor connection);

  // Readable once the smart object is to end or has ended.
  int ended_fd() const { return ended_.get(); }
  // Why it ended by itself; nothing when a client said `down`.
  std::optional<engine::Error> died();

 private:
  struct Connection {
    Channel channel;
    std::thread thread;
    bool done = false;
  };

  void run(Connection& connection);
  void follow(Channel& channel);
  void trace(Channel& channel, const nlohmann::json& request);
  void hang_up();
  void reap(bool all);

  engine::SmartObject& so_;
  Links& links_;
  engine::FileDescriptor ended_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::list<Connection> connections_;
  std::optional<engine::Error> died_;
  std::thread watcher_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace me
