// The server's end of one ME's store page.
#pragma once
#include <cstdint>
#include <deque>
#include <string>

#include "so3/abi/vbstore.hpp"
#include "so3/agency/loop/doorbell.hpp"
#include "so3/agency/store/store.hpp"

namespace agency {

// Holds at most one request and one answer at a time, so a client that never reads, or never finishes what it
// began, costs a bounded amount of memory and only its own time.
class Connection final : public Watcher {
 public:
  // Threads of the ME that wait for an agency_ctl, at most; another one is told that the agency is busy.
  static constexpr std::size_t questions_max = 8;
  using Words = abi::vbstore::AgencyCtlWords;
  class Client {
   public:
    virtual ~Client() = default;
    // An agency_ctl of a thread. Some time, answer(id, ...) follows.
    virtual void asked(std::uint32_t id, const Words& words) = 0;
  };

  // Sets the rings up: the ME must not run yet.
  // `bell` is rung when a watch has something to tell, or an agency_ctl is answered.
  Connection(std::uint32_t slot, abi::vbstore::StorePage& page, Store& store, Doorbell& bell, Client& client);
  ~Connection() override { store_->forget(*this); }

  struct Turn {
    bool signal;  // the ME sleeps and has something to do now
    bool more;    // there is more to do: give others their turn, then come back
  };
  // Serves what can be served without waiting.
  Turn serve();

  void answer(std::uint32_t id, const Words& words);

  // Why this client is no longer served, or nullptr. It broke the protocol and nothing it says can be trusted.
  const char* fault() const { return fault_; }

 private:
  static constexpr int requests_per_turn = 16;

  void event_pending() override { bell_->ring(); }
  bool flush(Turn& turn);
  bool receive(Turn& turn);
  void ask();
  void cut_off(const char* why);

  Store* store_;
  Doorbell* bell_;
  Client* client_;
  abi::ByteRingReader<abi::vbstore::ring_bytes> requests_;
  abi::ByteRingWriter<abi::vbstore::ring_bytes> answers_;
  abi::vbstore::Header header_{};
  std::size_t received_ = 0;  // of header_, then of payload_
  std::string payload_;
  std::string out_;
  std::size_t sent_ = 0;
  std::size_t questions_ = 0;  // not answered yet
  std::deque<std::string> late_;
  const char* fault_ = nullptr;
};

}  // namespace agency
