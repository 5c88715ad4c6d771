// The client's end of the store page (abi/vbstore.hpp): many threads ask, one thread reads what comes back.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "so3/abi/vbstore.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/watches.hpp"
#include "so3/kernel/include/so3/completion.hpp"
#include "so3/kernel/include/so3/mutex.hpp"
#include "so3/kernel/include/so3/semaphore.hpp"
#include "so3/kernel/include/so3/thread.h"

namespace guest {

// The server is another domain: what it sends is checked, and when it makes no sense this client is broken for good
// (said once on the console) and every call, waiting or later, fails with `unavailable`.
class StoreClient {
 public:
  using Type = abi::vbstore::Type;
  using Bytes = std::span<const std::uint8_t>;

  // `signal` tells the server that there is something to look at.
  StoreClient(abi::vbstore::StorePage& page, void (*signal)());

  // Blocks until the answer is there. Payload: path, NUL, value. While the client is suspended a call waits; when it goes
  // on at a new place, what `path` says of the old slot is said of the new one.
  vbstore::Result<vbstore::Value> request(Type type, std::string_view path, std::string_view value = {});
  vbstore::Result<void> commit(Bytes operations);
  // agency_ctl from a thread: the words answered, the first being a Status. Blocks as long as it takes. One that waited
  // while the ME went to a new place fails with `unavailable`: it was about slots of the old one.
  vbstore::Result<hypercall::Payload> agency_ctl(std::uint32_t command, const hypercall::Payload& words);
  // Tells the server of the first entry on its path, which is in the table already.
  vbstore::Result<void> watch(const WatchEntry& entry);

  WatchTable& watches() { return watches_; }

  // Returns when no request is outstanding and nobody touches the rings. From then on calls wait, but not those of this
  // thread, which has to end the waiting: they fail with `unavailable`.
  void suspend();
  bool suspended() const { return holder_ != nullptr; }
  // At the same place, where both ends are as they were. Nothing unless suspended.
  void resume();
  // At a new place, whose server begins with empty rings and knows no watch: the ME was `from` and is `to` now. All
  // watches are registered again, in its own part with the new slot; each is told of once.
  vbstore::Result<void> renew(std::uint32_t from, std::uint32_t to);

  // The server signalled. Interrupt context.
  void signalled();

  // The reading thread: returns when the connection is broken.
  void read_answers();

  bool broken() const { return broken_; }

 private:
  struct Pending;
  vbstore::Result<void> enter(Pending& pending);
  void enlist(Pending& pending);
  void withdraw(Pending& pending);
  void check_drained();
  // Also while the client is suspended.
  vbstore::Result<vbstore::Value> ask_now(Type type, std::string_view path);
  vbstore::Result<vbstore::Value> ask(Pending& pending, Type type, std::string_view path, std::string_view value);
  vbstore::Result<vbstore::Value> exchange(Pending& pending, Type type, std::span<const Bytes> pieces);
  void park();
  void unpark();
  void open();
  bool send(Bytes bytes);
  void receive(Bytes bytes);
  bool begin_message();
  void end_message();
  void answered(const abi::vbstore::Header& header);
  void watch_fired();
  void break_off(const char* why);

  abi::vbstore::StorePage* page_;
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
  std::uint32_t renewed_ = 0;  // times; with pending_lock_
  WatchTable watches_;

  tcb_t* holder_ = nullptr;  // who suspended it; with pending_lock_
  bool draining_ = false;  // and waits for the last answer
  so3::Semaphore drained_;
  so3::Completion open_;
  std::atomic<bool> park_ = false;  // the reading thread shall leave the ring alone
  so3::Semaphore parked_, unparked_;

  // The message being received; the reading thread's own.
  abi::vbstore::Header header_ = {};
  std::size_t received_ = 0;
  std::unique_ptr<char[]> payload_;  // none: nothing to keep, or no memory to keep it in
};

}  // namespace guest
