#include "engine/host/window.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "so3/abi/layout.hpp"

namespace engine {

Result<std::unique_ptr<Window>> Window::create(std::uint64_t size) {
  const auto refuse = [&](const char* step) {
    return fail(Errc::no_room,
                fmt::format("cannot make a shared window of {} MB: {}: {}", size >> 20, step, std::strerror(errno)),
                "free some memory, or ask for a smaller window");
  };
  FileDescriptor fd(::memfd_create("soo-window", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return refuse("memfd_create");
  if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) return refuse("ftruncate");
  // Nobody may shrink it under the engine's feet.
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) return refuse("sealing");
  void* base = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (base == MAP_FAILED) return refuse("mmap");
  return std::unique_ptr<Window>(new Window(std::move(fd), static_cast<std::uint8_t*>(base), size));
}

Window::~Window() { ::munmap(base_, size_); }

Result<Window::Region> Window::reserve(std::uint64_t size) {
  if (size > size_)
    return fail(Errc::refused, fmt::format("{} bytes do not fit into the shared window of {} bytes", size, size_),
                "start the smart object with a larger window (me up --window MB)");
  size = std::max<std::uint64_t>((size + abi::page_size - 1) / abi::page_size * abi::page_size, abi::page_size);
  const std::lock_guard lock(mutex_);
  std::uint64_t at = 0;
  auto next = used_.begin();
  for (; next != used_.end() && next->offset - at < size; ++next) at = next->offset + next->size;
  if (size_ - at < size)
    return fail(Errc::wrong_state, "the shared window is full of images being injected",
                "try again when they are done");
  used_.insert(next, {at, size});
  return Region(*this, at, size);
}

Window::Region::~Region() {
  if (!window_) return;
  // Give the pages back to the host too: a window costs what is in flight.
  ::madvise(window_->base_ + offset_, size_, MADV_REMOVE);
  const std::lock_guard lock(window_->mutex_);
  std::erase_if(window_->used_, [&](const Extent& e) { return e.offset == offset_; });
}

}  // namespace engine
