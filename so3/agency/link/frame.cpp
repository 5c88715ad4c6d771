#include "so3/agency/link/frame.hpp"

#include <algorithm>

#include "so3/abi/vbstore.hpp"

namespace agency {
namespace {

using abi::link::Frame;
using abi::link::Type;

struct Lengths {
  std::size_t min, max;
};

// A type this version does not know may have any length: it is answered with not_supported.
Lengths lengths(Type type) {
  const auto exactly = [](std::size_t n) { return Lengths{n, n}; };
  switch (type) {
    case Type::hello: return exactly(sizeof(abi::link::Hello));
    case Type::inject: return exactly(sizeof(abi::link::Inject));
    case Type::stop: return exactly(sizeof(abi::link::Stop));
    case Type::kill: return exactly(sizeof(abi::link::Slot));
    case Type::log_credit: return exactly(sizeof(abi::link::Credit));
    case Type::propagate:
    case Type::migrate: return exactly(sizeof(abi::link::Propagate));
    case Type::save: return exactly(sizeof(abi::link::Slot));
    case Type::period: return exactly(sizeof(abi::link::Period));
    case Type::peer_up: return exactly(sizeof(abi::link::PeerUp));
    case Type::peer_down: return exactly(sizeof(abi::link::PeerDown));
    case Type::list_ids:
    case Type::list_xml: return exactly(sizeof(abi::link::From));
    case Type::trace: return exactly(sizeof(abi::link::Trace));
    case Type::sync: return exactly(sizeof(abi::link::Sync));
    case Type::peer: return {sizeof(abi::link::Peer), abi::link::length_max};
    case Type::list:
    case Type::info:
    case Type::power_off: return exactly(0);
    case Type::store_read:
    case Type::store_list: return {0, abi::vbstore::path_max};
    default: return {0, abi::link::length_max};
  }
}

}  // namespace

std::size_t FrameDecoder::take(Bytes bytes) {
  if (fault_ != nullptr) return 0;
  if (request()) {
    received_ = 0;
    payload_.clear();
  }
  std::size_t taken = 0;
  if (received_ < sizeof header_) {
    taken = std::min(bytes.size(), sizeof header_ - received_);
    std::memcpy(reinterpret_cast<char*>(&header_) + received_, bytes.data(), taken);
    received_ += taken;
    if (received_ < sizeof header_) return taken;
    fault_ = check();
    if (fault_ != nullptr) return taken;
  }
  const auto more = std::min(bytes.size() - taken, header_.length - payload_.size());
  payload_.append(reinterpret_cast<const char*>(bytes.data()) + taken, more);
  return taken + more;
}

std::optional<Request> FrameDecoder::request() const {
  if (fault_ != nullptr || received_ < sizeof header_ || payload_.size() < header_.length) return std::nullopt;
  return Request{static_cast<Type>(header_.type), header_.id, payload_};
}

void FrameDecoder::reset() {
  received_ = 0;
  payload_.clear();
  fault_ = nullptr;
}

const char* FrameDecoder::check() const {
  if (header_.magic != abi::link::frame_magic) return "a frame without its magic number";
  if (header_.flags != 0) return "a frame with flags";
  if (header_.length > abi::link::length_max) return "a frame longer than 64 KB";
  if (header_.type >= static_cast<std::uint16_t>(Type::ready)) return "a frame that only the agency sends";
  const auto [min, max] = lengths(static_cast<Type>(header_.type));
  if (header_.length < min || header_.length > max) return "a frame whose length does not fit its type";
  return nullptr;
}

void append_frame(std::string& out, Type type, std::uint32_t id, std::string_view head, std::string_view tail) {
  const Frame frame{abi::link::frame_magic, static_cast<std::uint16_t>(type), 0, id,
                    static_cast<std::uint32_t>(head.size() + tail.size())};
  out.append(raw(frame)).append(head).append(tail);
}

}  // namespace agency
