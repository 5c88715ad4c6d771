#include "engine/link/frame.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace engine::link {

static_assert(std::endian::native == std::endian::little, "the link is little-endian and copied as it is");

namespace {

bool from_agency(std::uint16_t type) {
  return type == static_cast<std::uint16_t>(abi::link::Type::peer) ||
         (type >= static_cast<std::uint16_t>(abi::link::Type::ready) &&
          type <= static_cast<std::uint16_t>(abi::link::Type::trace_records));
}

}  // namespace

void FrameReader::feed(std::span<const std::uint8_t> bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
  start_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Frame>> FrameReader::next() {
  const auto have = std::span(buffer_).subspan(start_);
  if (have.size() < sizeof(abi::link::Frame)) return std::nullopt;
  abi::link::Frame header;
  std::memcpy(&header, have.data(), sizeof header);
  if (header.magic != abi::link::frame_magic)
    return fail(Errc::died,
                fmt::format("a frame begins with {:#010x}, not with {:#010x}", header.magic, abi::link::frame_magic));
  if (!from_agency(header.type))
    return fail(Errc::died, fmt::format("frame type {} is none that an agency sends", header.type));
  if (header.flags != 0) return fail(Errc::died, fmt::format("frame flags are {:#x}, must be 0", header.flags));
  if (header.length > abi::link::length_max)
    return fail(Errc::died, fmt::format("a frame of {} bytes; the limit is {}", header.length, abi::link::length_max));
  if (have.size() < sizeof header + header.length) return std::nullopt;
  const auto payload = have.subspan(sizeof header, header.length);
  start_ += sizeof header + header.length;
  return Frame{static_cast<abi::link::Type>(header.type), header.id, Bytes(payload.begin(), payload.end())};
}

Bytes encode(abi::link::Type type, std::uint32_t id, std::span<const std::uint8_t> payload) {
  const abi::link::Frame header{abi::link::frame_magic, static_cast<std::uint16_t>(type), 0, id,
                                static_cast<std::uint32_t>(payload.size())};
  Bytes out(sizeof header + payload.size());
  std::memcpy(out.data(), &header, sizeof header);
  if (!payload.empty()) std::memcpy(out.data() + sizeof header, payload.data(), payload.size());
  return out;
}

}  // namespace engine::link
