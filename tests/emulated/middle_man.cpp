#include "tests/emulated/middle_man.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>

namespace emulated {

using engine::FileDescriptor;
using engine::neighbours::Farewell;
using engine::neighbours::Head;
using engine::neighbours::Leave;
using engine::neighbours::Type;

MiddleMan::MiddleMan(Judge judge) : judge_{std::move(judge)}, stop_{::eventfd(0, EFD_CLOEXEC)} {
  for (int i : {0, 1}) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    sides_[i].fd = FileDescriptor(ends[0]);
    far_[i] = FileDescriptor(ends[1]);
  }
  thread_ = std::thread([this] { run(); });
}

MiddleMan::~MiddleMan() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

// When one side hangs up, the other hears just that.
void MiddleMan::run() {
  for (;;) {
    std::array<pollfd, 3> all{
        {{sides_[0].fd.get(), POLLIN, 0}, {sides_[1].fd.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    if (::poll(all.data(), all.size(), -1) < 0 && errno != EINTR) return;
    if (all[2].revents != 0) return;
    for (int i : {0, 1})
      if (all[i].revents != 0 && !take(i)) return sides_ = {}, void();
  }
}

bool MiddleMan::take(int from) {
  auto& side = sides_[from];
  std::array<std::uint8_t, 64 * 1024> part;
  const auto n = ::read(side.fd.get(), part.data(), part.size());
  if (n <= 0) return false;
  side.received.insert(side.received.end(), part.begin(), part.begin() + n);
  Head head;
  while (side.received.size() >= sizeof head) {
    std::memcpy(&head, side.received.data(), sizeof head);
    const auto size = sizeof head + head.length;
    if (side.received.size() < size) break;
    std::vector<std::uint8_t> frame(side.received.begin(), side.received.begin() + static_cast<std::ptrdiff_t>(size));
    side.received.erase(side.received.begin(), side.received.begin() + static_cast<std::ptrdiff_t>(size));
    if (parted_) continue;
    if (head.type == static_cast<std::uint32_t>(Type::message)) message(from, std::move(frame));
    else put(1 - from, frame);
  }
  return true;
}

void MiddleMan::message(int from, std::vector<std::uint8_t> frame) {
  Passing passing{++passed_, from == 0, {}};
  if (frame.size() >= sizeof(Head) + sizeof passing.head)
    std::memcpy(&passing.head, frame.data() + sizeof(Head), sizeof passing.head);
  auto& late = sides_[from].late[passing.head.instance_id];
  const auto before = std::exchange(late, {});
  switch (judge_(passing)) {
    case Fate::pass: put(1 - from, frame); break;
    case Fate::drop: break;
    case Fate::twice:
      put(1 - from, frame);
      put(1 - from, frame);
      break;
    case Fate::corrupt:
      frame.back() ^= 0x10;
      put(1 - from, frame);
      break;
    case Fate::late: late = std::move(frame); break;
    case Fate::cut: return part();
  }
  put(1 - from, before);
}

void MiddleMan::part() {
  constexpr char why[] = "a test cut the link";
  const Head head{static_cast<std::uint32_t>(Type::farewell), sizeof(Farewell) + sizeof why - 1};
  const Farewell farewell{static_cast<std::uint32_t>(Leave::unlinked), 0};
  std::vector<std::uint8_t> bytes(sizeof head + head.length);
  std::memcpy(bytes.data(), &head, sizeof head);
  std::memcpy(bytes.data() + sizeof head, &farewell, sizeof farewell);
  std::memcpy(bytes.data() + sizeof head + sizeof farewell, why, sizeof why - 1);
  for (int to : {0, 1}) put(to, bytes);
  parted_ = true;
}

void MiddleMan::put(int to, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(sides_[to].fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // it is gone; its own end is read next
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace emulated
