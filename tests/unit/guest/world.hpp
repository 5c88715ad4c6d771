// One ME on the host: its kernel runs on contexts of this thread (so3/arch/host), avz is scripted, the vbstore server is
// the agency's own. Peers have their turn when every thread of the ME sleeps, as they would on another CPU.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "so3/abi/shared_page.hpp"
#include "so3/abi/vbstore.hpp"
#include "so3/agency/store/connection.hpp"
#include "so3/agency/store/store.hpp"
#include "so3/guest/host/recorder.hpp"
#include "so3/guest/store/client.hpp"
#include "so3/kernel/include/so3/thread.h"

// With the machine: what the ME printed, and its reason when it ended (death tests: exit code = CrashReason).
std::string& console();

// Makes `port` pending, as avz does when a peer signals.
void deliver(hypercall::Port port);

class World : public testing::Test {
 protected:
  static constexpr std::uint32_t slot = 2;

  World();
  ~World() override;

  // A thread of the ME, on a stack that the sanitizers can live with. Joined at the end of the test at the latest.
  tcb_t* start(const char* name, std::function<void()> body, std::uint32_t priority = THREAD_PRIO_DEFAULT);
  void join(tcb_t* thread);

  // What peers do when the ME sleeps. True: something happened.
  std::function<bool()> peers = [] { return false; };

  hypercall::Recorder avz;
  hypercall::Port next_port = abi::port_first_free;
  hypercall::GrantRef next_grant = 1;
  std::map<hypercall::Port, std::function<void()>> on_event;  // a peer is signalled

 private:
  friend bool run_peers();
  std::vector<tcb_t*> threads_;
};

// The same with a vbstore server and a client whose threads run.
class StoreWorld : public World {
 protected:
  StoreWorld();
  ~StoreWorld() override;

  // As the agency: directly in the store.
  std::string value(std::string_view path);
  bool exists(std::string_view path);
  void agency_writes(std::string_view path, std::string_view value);
  void agency_removes(std::string_view path);
  // Until no message is under way.
  void settle();
  // Another smart object, where nothing is of this ME: its store is empty, its end of the store page new.
  void arrive(std::uint32_t at_slot);

  std::unique_ptr<agency::Store> store = std::make_unique<agency::Store>(1 << 20);
  abi::vbstore::StorePage page{};
  struct Bell final : agency::Doorbell {
    using Doorbell::Doorbell;
    void answer() override {}
  };
  agency::Doorbells bells{[] {}};
  Bell bell{bells};
  // What threads ask of the agency; answered by `agency_answers`, or not yet when it says nothing.
  struct Questions final : agency::Connection::Client {
    explicit Questions(StoreWorld& w) : world{&w} {}
    void asked(std::uint32_t id, const agency::Connection::Words& words) override {
      if (auto answer = world->agency_answers(words)) world->server->answer(id, *answer);
    }
    StoreWorld* world;
  };
  std::function<std::optional<agency::Connection::Words>(agency::Connection::Words)> agency_answers = [](auto) {
    return std::nullopt;
  };
  Questions questions{*this};
  std::unique_ptr<agency::Connection> server =
      std::make_unique<agency::Connection>(slot, page, *store, bell, questions);
  guest::StoreClient client{page, [] { static_cast<void>(hypercall::event_send(abi::port_store)); }};

 private:
  bool serve();
  void advertise();
  bool ending_ = false;
};
