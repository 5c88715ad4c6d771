// One split virtqueue (virtio 1.1, 2.6), each descriptor with a buffer of its own.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "so3/agency/virtio/registers.hpp"

namespace agency::virtio {

// How the device sees memory of the agency.
using DmaAddress = std::uint64_t (*)(const void*);

class Queue {
 public:
  static constexpr std::size_t entries = 16;
  static constexpr std::size_t buffer_bytes = 4096;

  Queue(const Device& device, std::uint32_t index, DmaAddress dma) : device_{device}, index_{index}, dma_{dma} {}
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Before driver_ok. False: the device has no such queue, or a shorter one.
  [[nodiscard]] bool set_up();

  // ---- for a queue the device fills
  void offer_all();
  struct Received {
    std::uint16_t buffer;
    std::span<const std::uint8_t> bytes;
  };
  std::optional<Received> receive();
  void offer(std::uint16_t buffer);

  // ---- for a queue the driver fills
  // At most buffer_bytes; 0: all buffers are on their way.
  std::size_t send(std::span<const std::uint8_t> bytes);
  // Buffers that came back.
  void reclaim();

  void notify();

 private:
  struct Descriptor {
    std::uint64_t address;
    std::uint32_t length;
    std::uint16_t flags, next;
  };
  struct Available {
    std::uint16_t flags, index, ring[entries], used_event;
  };
  struct UsedElement {
    std::uint32_t id, length;
  };
  struct Used {
    std::uint16_t flags, index;
    UsedElement ring[entries];
    std::uint16_t available_event;
  };
  std::optional<UsedElement> next_used();
  void post(std::uint16_t buffer, std::uint32_t length, std::uint16_t flags);

  Device device_;
  std::uint32_t index_;
  DmaAddress dma_;
  std::uint16_t next_available_ = 0, next_used_ = 0;
  std::uint32_t busy_ = 0;  // a bit per buffer, of a queue the driver fills
  alignas(16) Descriptor descriptors_[entries] = {};
  alignas(2) Available available_ = {};
  alignas(4) Used used_ = {};
  alignas(64) std::uint8_t buffers_[entries][buffer_bytes];
};

}  // namespace agency::virtio
