// The memory that the engine and the agency share, for images and other bulk data.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"

namespace engine {

// Anonymous memory passed to QEMU as an open file: no name, so nothing stays behind however the engine ends.
class Window {
 public:
  // A part of the window, given back when its owner goes: not before the agency has answered.
  class Region {
   public:
    Region(Window& window, std::uint64_t offset, std::uint64_t size) : window_{&window}, offset_{offset}, size_{size} {}
    Region(Region&& other) noexcept
        : window_{std::exchange(other.window_, nullptr)}, offset_{other.offset_}, size_{other.size_} {}
    Region& operator=(Region&&) = delete;
    ~Region();

    std::uint64_t offset() const { return offset_; }
    std::span<std::uint8_t> bytes() const { return {window_->base_ + offset_, size_}; }

   private:
    Window* window_;
    std::uint64_t offset_, size_;
  };

  [[nodiscard]] static Result<std::unique_ptr<Window>> create(std::uint64_t size);
  ~Window();

  int fd() const { return fd_.get(); }
  std::uint64_t size() const { return size_; }
  [[nodiscard]] Result<Region> reserve(std::uint64_t size);

 private:
  struct Extent {
    std::uint64_t offset, size;
  };

  Window(FileDescriptor fd, std::uint8_t* base, std::uint64_t size) : fd_{std::move(fd)}, base_{base}, size_{size} {}

  FileDescriptor fd_;
  std::uint8_t* base_;
  std::uint64_t size_;
  std::mutex mutex_;
  std::vector<Extent> used_;  // by offset
};

}  // namespace engine
