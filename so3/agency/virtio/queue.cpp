#include "so3/agency/virtio/queue.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "so3/arch/barrier.hpp"

namespace agency::virtio {
namespace {

constexpr std::uint16_t device_writes = 2;

// Memory that the device changes behind the compiler's back.
template <typename T>
T shared(const T& field) {
  return *const_cast<const volatile T*>(&field);
}

}  // namespace

bool Queue::set_up() {
  device_.write(Register::queue_select, index_);
  if (device_.read(Register::queue_size_max) < entries) return false;
  device_.write(Register::queue_size, entries);
  device_.write64(Register::queue_descriptors, dma_(descriptors_));
  device_.write64(Register::queue_driver, dma_(&available_));
  device_.write64(Register::queue_device, dma_(&used_));
  device_.write(Register::queue_ready, 1);
  return true;
}

void Queue::post(std::uint16_t buffer, std::uint32_t length, std::uint16_t flags) {
  descriptors_[buffer] = {dma_(buffers_[buffer]), length, flags, 0};
  available_.ring[next_available_ % entries] = buffer;
  arch::dsb_sy();  // the entry before the index
  const_cast<volatile std::uint16_t&>(available_.index) = ++next_available_;
}

void Queue::notify() {
  arch::dsb_sy();  // the index before the doorbell
  device_.write(Register::queue_notify, index_);
}

std::optional<Queue::UsedElement> Queue::next_used() {
  if (shared(used_.index) == next_used_) return std::nullopt;
  arch::dsb_sy();  // the index before the entry
  const auto& at = used_.ring[next_used_++ % entries];
  return UsedElement{shared(at.id), shared(at.length)};
}

void Queue::offer_all() {
  for (std::uint16_t i = 0; i < entries; ++i) offer(i);
  notify();
}

void Queue::offer(std::uint16_t buffer) { post(buffer, buffer_bytes, device_writes); }

std::optional<Queue::Received> Queue::receive() {
  const auto used = next_used();
  if (!used || used->id >= entries) return std::nullopt;
  const auto length = std::min<std::size_t>(used->length, buffer_bytes);
  return Received{static_cast<std::uint16_t>(used->id), {buffers_[used->id], length}};
}

std::size_t Queue::send(std::span<const std::uint8_t> bytes) {
  const auto buffer = static_cast<std::uint16_t>(std::countr_one(busy_));
  if (buffer >= entries || bytes.empty()) return 0;
  const auto length = std::min(bytes.size(), buffer_bytes);
  std::memcpy(buffers_[buffer], bytes.data(), length);
  busy_ |= 1u << buffer;
  post(buffer, static_cast<std::uint32_t>(length), 0);
  return length;
}

void Queue::reclaim() {
  while (const auto used = next_used())
    if (used->id < entries) busy_ &= ~(1u << used->id);
}

}  // namespace agency::virtio
