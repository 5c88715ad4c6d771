// What the fake avz does with the memory of its domains: loading, snapshots, restore, lent pages.
#include <algorithm>
#include <cstring>

#include "fake_avz.hpp"

namespace agency {
namespace {

using abi::Call;
using abi::page_size;
using abi::State;
using abi::Status;
using hypercall::Answer;

Answer status(Status s) { return {static_cast<std::uint64_t>(s), {}}; }
Answer value(std::uint64_t x1) { return {0, {0, x1}}; }

template <typename T>
T* at(std::uint64_t ipa) {
  return reinterpret_cast<T*>(ipa);
}

void load(FakeAvz::Image& image, std::uint64_t to, const std::uint8_t* from, std::uint64_t bytes) {
  while (bytes != 0) {
    const auto n = std::min(bytes, page_size - to % page_size);
    std::copy_n(from, n, image.pages[to - to % page_size].begin() + static_cast<std::ptrdiff_t>(to % page_size));
    to += n, from += n, bytes -= n;
  }
}

Answer copy_out(std::uint64_t to, std::uint64_t room, const void* from, std::uint64_t bytes) {
  if (bytes > room) return status(Status::too_big);
  if (bytes != 0) std::memcpy(at<void>(to), from, bytes);
  return value(bytes);
}

Answer context(const FakeAvz::Image& image, const hypercall::Arguments& a) {
  using enum abi::snapshot::Part;
  switch (static_cast<abi::snapshot::Part>(a[4])) {
    case vcpu: return copy_out(a[2], a[3], &image.vcpu, sizeof image.vcpu);
    case shared_page: {
      std::array<std::uint8_t, page_size> page{};
      std::memcpy(page.data(), &image.shared, sizeof image.shared);
      return copy_out(a[2], a[3], page.data(), page.size());
    }
    case events: return copy_out(a[2], a[3], image.events.data(), image.events.size() * sizeof image.events[0]);
    case grants: return copy_out(a[2], a[3], image.grants.data(), image.grants.size() * sizeof image.grants[0]);
  }
  return status(Status::bad_argument);
}

Answer pages(FakeAvz::Snapshot& snapshot, const hypercall::Arguments& a) {
  std::uint64_t n = 0;
  const auto room = std::min(a[4], hypercall::snapshot_pages_max);
  for (auto page = snapshot.image.pages.lower_bound(snapshot.copied_up_to);
       page != snapshot.image.pages.end() && n < room; ++page, ++n) {
    std::copy(page->second.begin(), page->second.end(), at<std::uint8_t>(a[2] + n * page_size));
    at<std::uint64_t>(a[3])[n] = page->first;
    snapshot.copied_up_to = page->first + 1;
  }
  return value(n);
}

}  // namespace

Answer FakeAvz::image_call(Call call, const hypercall::Arguments& a, std::uint32_t slot, Domain& d) {
  const auto note = [&](std::string what) { trace.push_back(what + " " + std::to_string(slot)); };
  const bool frozen = d.snapshot && d.snapshot->frozen;
  switch (call) {
    case Call::domain_load: load(d.now, a[2], at<const std::uint8_t>(a[3]), a[4]); return value(0);
    case Call::domain_restore:
      if (d.started || d.state != State::migrating) return status(Status::bad_state);
      std::memcpy(&d.now.vcpu, at<const void>(a[2]), sizeof d.now.vcpu);
      d.started = d.paused = true;
      note("restore");
      return value(0);
    case Call::domain_identity:
      if (d.state != State::migrating) return status(Status::bad_state);
      d.spid = a[2], d.spadcaps = a[3], d.cooperates = a[4] != 0;
      return value(0);
    case Call::snapshot_prepare:
      if (frozen) return status(Status::bad_state);
      d.snapshot.emplace();
      if (busy_prepares != 0) return --busy_prepares, status(Status::busy);
      return value(0);
    case Call::snapshot_freeze:
      if (!d.snapshot || frozen) return status(Status::bad_state);
      if (busy_freezes != 0) return --busy_freezes, status(Status::busy);
      *d.snapshot = {.frozen = true, .image = d.now};
      note("freeze");
      return value(d.now.pages.size());
    case Call::snapshot_context: return frozen ? context(d.snapshot->image, a) : status(Status::bad_state);
    case Call::snapshot_pages: return frozen ? pages(*d.snapshot, a) : status(Status::bad_state);
    case Call::snapshot_end:
      if (!d.snapshot) return status(Status::bad_state);
      d.snapshot.reset();
      note("end of snapshot");
      return value(0);
    case Call::page_lend: {
      const auto borrower = domains.find(static_cast<std::uint32_t>(a[3]));
      if (borrower == domains.end()) return status(Status::not_found);
      if (borrower->second.lent) return status(Status::busy);
      borrower->second.lent.emplace(slot, a[2]);
      note("lend");
      return value(abi::lent_page_ipa);
    }
    case Call::page_return:
      if (!d.lent) return status(Status::not_found);
      d.lent.reset();
      note("return");
      return value(0);
    default: return status(Status::not_supported);
  }
}

}  // namespace agency
