// The client's end of the store page (abi/vbstore.hpp): many threads ask, one thread reads what comes back.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "so3/abi/vbstore.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/watches.hpp"
#include "so3/kernel/include/so3/completion.hpp"
#include "so3/kernel/include/so3/mutex.hpp"
#include "so3/kernel/include/so3/semaphore.hpp"

namespace guest {

// The server is another domain: what it sends is checked, and when it makes no sense this client is broken for good
// (said once on the console) and every call, waiting or later, fails with `unavailable`.
class StoreClient {
 public:
  using Type = abi::vbstore::Type;
  using Bytes = std::span<const std::uint8_t>;

  // `signal` tells the server that there is something to look at.
  StoreClient(abi::vbstore::StorePage& page, void (*signal)());

  // Blocks until the answer is there. Payload: path, NUL, value.
  vbstore::Result<vbstore::Value> request(Type type, std::string_view path, std::string_view value = {});
  vbstore::Result<void> commit(Bytes operations);

  WatchTable& watches() { return watches_; }

  // The server signalled. Interrupt context.
  void signalled();

  // The reading thread: returns when the connection is broken.
  void read_answers();

  bool broken() const { return broken_; }

 private:
  struct Pending;
  vbstore::Result<vbstore::Value> exchange(Type type, std::span<const Bytes> pieces);
  bool send(Bytes bytes);
  void receive(Bytes bytes);
  bool begin_message();
  void end_message();
  void answered(const abi::vbstore::Header& header);
  void watch_fired();
  void break_off(const char* why);

  abi::ByteRingWriter<abi::vbstore::ring_bytes> requests_;
  abi::ByteRingReader<abi::vbstore::ring_bytes> answers_;
  void (*signal_)();
  std::atomic<bool> broken_ = false;
  std::atomic<bool> wants_space_ = false;
  so3::Semaphore space_, arrived_;
  so3::Mutex sending_;  // one message after the other
  so3::Mutex pending_lock_;
  Pending* pending_ = nullptr;
  std::uint32_t last_id_ = 0;
  WatchTable watches_;

  // The message being received; the reading thread's own.
  abi::vbstore::Header header_ = {};
  std::size_t received_ = 0;
  std::unique_ptr<char[]> payload_;  // none: nothing to keep, or no memory to keep it in
};

}  // namespace guest
