// The stream of bytes from the engine: cut anywhere, it gives the same requests, each as long as its type allows;
// after a broken rule nothing more is taken.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "so3/agency/link/frame.hpp"

namespace {

std::string requests(agency::Bytes stream, std::size_t piece) {
  agency::FrameDecoder decoder;
  std::string all;
  while (!stream.empty() && decoder.fault() == nullptr) {
    auto part = stream.first(piece < stream.size() ? piece : stream.size());
    stream = stream.subspan(part.size());
    while (!part.empty()) {
      const auto taken = decoder.take(part);
      if (decoder.fault() != nullptr) break;
      if (taken == 0 || taken > part.size()) std::abort();
      part = part.subspan(taken);
      if (const auto request = decoder.request()) {
        if (request->payload.size() > abi::link::length_max) std::abort();
        all += std::to_string(static_cast<unsigned>(request->type)) + ':' + std::to_string(request->id) + ':';
        all += request->payload;
      }
    }
  }
  if (decoder.fault() != nullptr && (decoder.request() || decoder.take(stream) != 0)) std::abort();
  return all + (decoder.fault() != nullptr ? decoder.fault() : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const agency::Bytes stream{data, size};
  const auto whole = requests(stream, size + 1);
  if (requests(stream, 1) != whole || requests(stream, 7) != whole) std::abort();
  return 0;
}
