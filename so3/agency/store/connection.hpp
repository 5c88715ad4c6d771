// The server's end of one ME's store page.
#pragma once
#include <cstdint>
#include <string>

#include "so3/abi/vbstore.hpp"
#include "so3/agency/loop/doorbell.hpp"
#include "so3/agency/store/store.hpp"

namespace agency {

// Holds at most one request and one answer at a time, so a client that never reads, or never finishes what it
// began, costs a bounded amount of memory and only its own time.
class Connection final : public Watcher {
 public:
  // Sets the rings up: the ME must not run yet.
  // `bell` is rung when a watch has something to tell.
  Connection(std::uint32_t slot, abi::vbstore::StorePage& page, Store& store, Doorbell& bell);
  ~Connection() override { store_->forget(*this); }

  struct Turn {
    bool signal;  // the ME sleeps and has something to do now
    bool more;    // there is more to do: give others their turn, then come back
  };
  // Serves what can be served without waiting.
  Turn serve();

  // Why this client is no longer served, or nullptr. It broke the protocol and nothing it says can be trusted.
  const char* fault() const { return fault_; }

 private:
  static constexpr int requests_per_turn = 16;

  void event_pending() override { bell_->ring(); }
  bool flush(Turn& turn);
  bool receive(Turn& turn);
  void cut_off(const char* why);

  Store* store_;
  Doorbell* bell_;
  abi::ByteRingReader<abi::vbstore::ring_bytes> requests_;
  abi::ByteRingWriter<abi::vbstore::ring_bytes> answers_;
  abi::vbstore::Header header_{};
  std::size_t received_ = 0;  // of header_, then of payload_
  std::string payload_;
  std::string out_;
  std::size_t sent_ = 0;
  const char* fault_ = nullptr;
};

}  // namespace agency
