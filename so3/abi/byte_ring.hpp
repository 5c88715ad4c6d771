// A one-way stream of bytes through shared memory, the transport of vbstore and VLOGS.
//
// Two views of the same memory: a Writer and a Reader, each trusting only its own copy of its own index.
// Indices run freely and are masked on access. A peer's index that claims more than the capacity is a
// broken (or hostile) peer: `error()` becomes true, and the ring moves no more bytes until it is set up anew.
// Signalling is the caller's: write() and read() say whether the peer may be asleep.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace abi {

struct ByteRingIndices {
  std::uint32_t produced;         // by the writer
  std::uint32_t reader_waiting;   // set by the reader before it sleeps: writer signals
  std::uint32_t pad0[14];
  std::uint32_t consumed;         // by the reader
  std::uint32_t writer_waiting;   // set by the writer before it sleeps: reader signals
  std::uint32_t pad1[14];
};
static_assert(sizeof(ByteRingIndices) == 128);

template <std::uint32_t Capacity>
struct ByteRing {
  static_assert((Capacity & (Capacity - 1)) == 0, "a power of two, so that free-running indices wrap");
  ByteRingIndices indices;
  std::uint8_t bytes[Capacity];
};

namespace detail {
inline std::atomic_ref<std::uint32_t> shared(std::uint32_t& v) { return std::atomic_ref<std::uint32_t>(v); }
}  // namespace detail

template <std::uint32_t Capacity>
class ByteRingWriter {
 public:
  explicit ByteRingWriter(ByteRing<Capacity>& ring) : ring_{&ring} {}

  // Both sides empty; the peer must not be looking yet.
  void reset() {
    std::memset(&ring_->indices, 0, sizeof ring_->indices);
    produced_ = 0;
    error_ = false;
  }

  std::uint32_t space() {
    const auto consumed = detail::shared(ring_->indices.consumed).load(std::memory_order_acquire);
    const auto used = produced_ - consumed;
    if (used > Capacity) error_ = true;
    return error_ ? 0 : Capacity - used;
  }

  // As many bytes as fit; they become visible with publish().
  std::size_t write(std::span<const std::uint8_t> data) {
    const std::size_t room = space();  // looked at once: the peer may move its index at any moment
    const std::size_t n = data.size() < room ? data.size() : room;
    const std::uint32_t at = produced_ & (Capacity - 1);
    const std::size_t first = n < Capacity - at ? n : Capacity - at;
    std::memcpy(ring_->bytes + at, data.data(), first);
    std::memcpy(ring_->bytes, data.data() + first, n - first);
    produced_ += static_cast<std::uint32_t>(n);
    return n;
  }

  // True: the reader sleeps, signal it.
  [[nodiscard]] bool publish() {
    detail::shared(ring_->indices.produced).store(produced_, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against prepare_wait of the reader
    return detail::shared(ring_->indices.reader_waiting).exchange(0, std::memory_order_acq_rel) != 0;
  }

  // Say that this side will sleep until there is room; false: there is already, do not sleep.
  [[nodiscard]] bool prepare_wait(std::uint32_t wanted) {
    detail::shared(ring_->indices.writer_waiting).store(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return space() < wanted && !error_;
  }

  bool error() const { return error_; }

 private:
  ByteRing<Capacity>* ring_;
  std::uint32_t produced_ = 0;
  bool error_ = false;
};

template <std::uint32_t Capacity>
class ByteRingReader {
 public:
  explicit ByteRingReader(ByteRing<Capacity>& ring) : ring_{&ring} {}

  std::uint32_t available() {
    const auto produced = detail::shared(ring_->indices.produced).load(std::memory_order_acquire);
    const auto n = produced - consumed_;
    if (n > Capacity) error_ = true;
    return error_ ? 0 : n;
  }

  // Copies out as many bytes as there are; a second look at shared memory never happens.
  std::size_t read(std::span<std::uint8_t> data) {
    const std::size_t have = available();
    const std::size_t n = data.size() < have ? data.size() : have;
    const std::uint32_t at = consumed_ & (Capacity - 1);
    const std::size_t first = n < Capacity - at ? n : Capacity - at;
    std::memcpy(data.data(), ring_->bytes + at, first);
    std::memcpy(data.data() + first, ring_->bytes, n - first);
    consumed_ += static_cast<std::uint32_t>(n);
    return n;
  }

  // True: the writer sleeps, signal it.
  [[nodiscard]] bool release() {
    detail::shared(ring_->indices.consumed).store(consumed_, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against prepare_wait of the writer
    return detail::shared(ring_->indices.writer_waiting).exchange(0, std::memory_order_acq_rel) != 0;
  }

  // Say that this side will sleep until there are bytes; false: there are already, do not sleep.
  [[nodiscard]] bool prepare_wait() {
    detail::shared(ring_->indices.reader_waiting).store(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return available() == 0 && !error_;
  }

  bool error() const { return error_; }

 private:
  ByteRing<Capacity>* ring_;
  std::uint32_t consumed_ = 0;
  bool error_ = false;
};

}  // namespace abi
