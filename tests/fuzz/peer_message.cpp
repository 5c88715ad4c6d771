// What another agency may say, to both sides of a transfer: any messages, in any order, at any time.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "so3/agency/transfer/incoming.hpp"
#include "so3/agency/transfer/outgoing.hpp"

namespace {

using namespace agency::transfer;
using agency::Refusal;

void must(bool holds) {
  if (!holds) std::abort();
}

constexpr Id id{1, 1};
constexpr std::size_t stream_bytes = 100'000;

struct Peer final : Wire {
  // Whatever is said keeps the rules.
  void send(std::string_view message) override { must(Message::parse(message).has_value()); }
  bool up() const override { return connected; }
  bool connected = true;
};

struct Hold final : Cargo {
  std::expected<bool, Refusal> take(std::string_view bytes) override {
    must(!dropped && !activating);
    got += bytes.size();
    if (got > stream_bytes) return agency::refuse(abi::Status::bad_argument, "too much");
    return got == stream_bytes;
  }
  void activate() override {
    must(got == stream_bytes && !activating);
    activating = true;
  }
  void drop(const std::string&) override {
    must(!dropped);
    dropped = true;
  }
  std::size_t got = 0;
  bool activating = false, dropped = false;
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_{data}, size_{size} {}
  bool any() const { return size_ != 0; }
  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  std::string_view bytes(std::size_t n) {
    n = std::min(n, size_);
    const std::string_view all{reinterpret_cast<const char*>(data_), n};
    data_ += n, size_ -= n;
    return all;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

// Mostly about the transfer at hand: a stranger's message ends early.
std::string message(Input& in) {
  std::string m{in.bytes(24)};
  m.resize(24);
  m[1] = 0, m[2] = 1;
  std::fill(m.begin() + 3, m.end(), '\0');
  m[8] = m[16] = 1;
  const auto length = in.byte() | (in.byte() & 7) << 8;
  return m.append(in.bytes(static_cast<std::size_t>(length)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in{data, size};
  const auto kind = in.byte() % 2 == 0 ? Kind::move : Kind::copy;
  const Offer offer{kind, 1, 1, 1 << 20, 1, "x"};
  Peer peer;
  Hold hold;
  Time now = 0;
  std::size_t sent = 0;
  Outgoing out{peer, id, offer, now};
  Incoming incoming{peer, hold, id, offer, now};
  while (in.any()) {
    switch (in.byte() % 8) {
      case 0:
      case 1:
      case 2: {
        const auto bytes = message(in);
        const auto parsed = Message::parse(bytes);
        if (!parsed) {
          out.garbage(parsed.error().why, now);
          incoming.garbage(parsed.error().why);
          break;
        }
        static_cast<void>(out.receive(*parsed, now));
        static_cast<void>(incoming.receive(*parsed, now));
        break;
      }
      case 3: {
        const auto n = std::min(out.room(), stream_bytes - sent);
        sent += n;
        if (out.room() != 0) out.send(std::string(n, 'x'), sent == stream_bytes, now);
        break;
      }
      case 4: now += in.byte() * agency::ms * 40; break;
      case 5:
        out.tick(now);
        incoming.tick(now);
        break;
      case 6:
        peer.connected = !peer.connected;
        peer.connected ? out.peer_up(now) : out.peer_down(now);
        peer.connected ? incoming.peer_up(now) : incoming.peer_down();
        break;
      case 7:
        if (hold.activating) incoming.activated(in.byte() % 2 == 0 ? 2 : 3, now);
        break;
    }
    // A move is believed to have arrived only once all of it was sent.
    if (out.done() && out.ended().how == Ended::How::arrived) must(sent == stream_bytes);
    if (incoming.state() == abi::transfer::Receiver::arrived) must(hold.got == stream_bytes && !hold.dropped);
    if (incoming.state() == abi::transfer::Receiver::refused || incoming.state() == abi::transfer::Receiver::cancelled)
      must(hold.dropped);
  }
  return 0;
}
