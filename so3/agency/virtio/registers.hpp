// virtio over MMIO (virtio 1.1, 4.2): the registers, and where `virt` has its 32 devices.
#pragma once
#include <cstdint>

namespace agency::virtio {

// QEMU virt: device i at base + i * stride, on SPI 16 + i.
inline constexpr std::uint64_t mmio_base = 0x0a00'0000, mmio_stride = 0x200;
inline constexpr std::uint32_t mmio_devices = 32;
inline constexpr std::uint32_t first_interrupt = 32 + 16;

inline constexpr std::uint32_t magic = 0x7472'6976;  // "virt"
inline constexpr std::uint32_t modern = 2;

enum class Register : std::uint32_t {
  magic_value = 0x000,
  version = 0x004,
  device_id = 0x008,
  device_features = 0x010,
  device_features_select = 0x014,
  driver_features = 0x020,
  driver_features_select = 0x024,
  queue_select = 0x030,
  queue_size_max = 0x034,
  queue_size = 0x038,
  queue_ready = 0x044,
  queue_notify = 0x050,
  interrupt_status = 0x060,
  interrupt_acknowledge = 0x064,
  status = 0x070,
  queue_descriptors = 0x080,  // low, then high
  queue_driver = 0x090,
  queue_device = 0x0a0,
};

enum Status : std::uint32_t { acknowledge = 1, driver = 2, driver_ok = 4, features_ok = 8, failed = 128 };

inline constexpr std::uint32_t feature_version_1_high = 1u << 0;  // bit 32

class Device {
 public:
  explicit Device(volatile void* base) : base_{static_cast<volatile std::uint32_t*>(base)} {}
  std::uint32_t read(Register r) const { return base_[static_cast<std::uint32_t>(r) / 4]; }
  void write(Register r, std::uint32_t value) const { base_[static_cast<std::uint32_t>(r) / 4] = value; }
  void write64(Register r, std::uint64_t value) const {
    base_[static_cast<std::uint32_t>(r) / 4] = static_cast<std::uint32_t>(value);
    base_[static_cast<std::uint32_t>(r) / 4 + 1] = static_cast<std::uint32_t>(value >> 32);
  }

 private:
  volatile std::uint32_t* base_;
};

}  // namespace agency::virtio
