// What an agency may send: any bytes, in any portions.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/link/message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace engine::link;
  if (size == 0) return 0;
  const std::span bytes(data + 1, size - 1);
  const std::size_t portion = data[0] + 1U;
  FrameReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += portion) {
    reader.feed(bytes.subspan(at, std::min(portion, bytes.size() - at)));
    for (auto frame = reader.next(); frame && *frame; frame = reader.next()) {
      const auto message = parse(**frame);
      if (!message && message.error().message.empty()) std::abort();
    }
  }
  (void)parse_mes(bytes);
  (void)parse_machine(bytes);
  (void)parse_children(bytes);
  return 0;
}
