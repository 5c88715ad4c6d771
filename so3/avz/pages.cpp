#include "so3/avz/pages.hpp"

#include "so3/arch/physical.hpp"
#include "so3/avz/console.hpp"

namespace avz {

using abi::page_size;

bool Pages::init(PhysRange ram, std::span<const PhysRange> unused) {
  if (unused.size() > max_ranges) return false;
  ram_ = ram;
  const std::uint64_t frames = ram.bytes / page_size;
  const std::uint64_t table = (frames * sizeof(Frame) + page_size - 1) / page_size * page_size;
  std::uint32_t n = 0;
  for (PhysRange range : unused) {
    if (frames_ == nullptr && range.bytes >= table) {
      frames_ = arch::physical<Frame>(range.base);
      for (std::uint64_t at = 0; at < table; at += page_size) arch::clear_page(arch::physical<void>(range.base + at));
      range = {range.base + table, range.bytes - table};
    }
    fresh_[n++] = range;
    free_ += range.bytes / page_size;
  }
  return frames_ != nullptr;
}

std::optional<PhysAddr> Pages::take_contiguous(std::uint64_t bytes, std::uint64_t alignment) {
  const LockGuard guard{lock_};
  for (PhysRange& range : fresh_) {
    const PhysAddr begin = (range.base + alignment - 1) / alignment * alignment;
    const std::uint64_t skipped = begin - range.base;
    if (range.bytes < skipped || range.bytes - skipped < bytes) continue;
    // What is skipped for alignment would need a range of its own: use the largest remaining part, give up the rest
    // only when there is no place to note it.
    const PhysRange before{range.base, skipped};
    range = {begin + bytes, range.bytes - skipped - bytes};
    free_ -= (skipped + bytes) / page_size;
    for (PhysRange& other : fresh_) {
      if (other.bytes != 0) continue;
      other = before;
      free_ += skipped / page_size;
      break;
    }
    return begin;
  }
  return std::nullopt;
}

Pages::Frame& Pages::frame(PhysAddr page) {
  const std::uint64_t offset = page - ram_.base;
  if (offset >= ram_.bytes) panic("a page outside of RAM is counted");
  return frames_[offset / page_size];
}

void Pages::hold(PhysAddr page) {
  const LockGuard guard{lock_};
  Frame& f = frame(page);
  if (f == 0) return;
  if ((f & free_bit) != 0) panic("a free page is held");
  f++;
}

void Pages::drop(PhysAddr page) {
  Frame& f = frame(page);
  if (f == 0) return;
  if ((f & free_bit) != 0) panic("a page is freed twice");
  if (--f == 0) put_free(page);
}

void Pages::put_free(PhysAddr page) {
  frame(page) = first_free_ | free_bit;
  first_free_ = static_cast<Frame>((page - ram_.base) / page_size);
  free_++;
}

bool Pages::promise(std::uint64_t pages) {
  const LockGuard guard{lock_};
  if (pages > free_ - promised_) return false;
  promised_ += pages;
  return true;
}

void Pages::unpromise(std::uint64_t pages) {
  const LockGuard guard{lock_};
  promised_ -= pages;
}

PhysAddr Pages::take_promised() {
  free_--;
  promised_--;
  if (first_free_ != last) {
    const Frame index = first_free_;
    first_free_ = frames_[index] & ~free_bit;
    frames_[index] = 1;
    return ram_.base + index * std::uint64_t{page_size};
  }
  for (PhysRange& range : fresh_) {
    if (range.bytes < page_size) continue;
    const PhysAddr page = range.base;
    range = {range.base + page_size, range.bytes - page_size};
    frame(page) = 1;
    return page;
  }
  panic("a promised page does not exist");
}

Pages::Count Pages::count() {
  const LockGuard guard{lock_};
  return {ram_.bytes / page_size, free_, promised_};
}

bool Reservation::make(Pages& pages, std::uint64_t count) {
  if (!pages.promise(count)) return false;
  pages_ = &pages;
  left_ = count;
  drawn_ = 0;
  return true;
}

bool Reservation::grow() {
  if (!pages_->promise(1)) return false;
  left_++;
  return true;
}

void Reservation::shrink() {
  pages_->unpromise(1);
  left_--;
}

std::optional<PhysAddr> Reservation::draw_dirty() {
  if (pages_ == nullptr) return std::nullopt;
  const LockGuard guard{pages_->lock_};
  if (left_ == 0) return std::nullopt;
  left_--;
  drawn_++;
  return pages_->take_promised();
}

std::optional<PhysAddr> Reservation::draw() {
  const auto page = draw_dirty();
  if (page) arch::clear_page(arch::physical<void>(*page));
  return page;
}

void Reservation::put_back(PhysAddr page) {
  const LockGuard guard{pages_->lock_};
  if (pages_->frame(page) != 1) panic("a page is put back that others hold");
  pages_->put_free(page);
  pages_->promised_++;
  left_++;
  drawn_--;
}

void Reservation::end() {
  if (pages_ != nullptr) pages_->unpromise(left_);
  left_ = 0;
}

}  // namespace avz
