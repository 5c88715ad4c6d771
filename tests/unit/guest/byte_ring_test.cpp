// The transport of vbstore and VLOGS against a peer that moves its index at any moment.
#include "so3/abi/byte_ring.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace {

constexpr std::uint32_t capacity = 1024;
using Ring = abi::ByteRing<capacity>;

// Whatever the peer's index does between two looks at it, no more than was given goes into the ring: what lies behind
// `data` in the writer's memory is nobody else's.
TEST(ByteRing, ARestlessReaderIsGivenNoMoreThanWasWritten) {
  const auto ring = std::make_unique<Ring>();
  abi::ByteRingWriter<capacity> writer{*ring};
  writer.reset();
  const std::vector<std::uint8_t> fill(capacity, 1);
  const std::vector<std::uint8_t> data(100, 2);
  ASSERT_EQ(writer.write(fill), capacity);

  std::atomic<bool> stop = false;
  std::thread reader{[&] {
    std::atomic_ref<std::uint32_t> consumed{ring->indices.consumed};
    for (std::uint32_t at = 0; !stop; at ^= 1) consumed = at != 0 ? capacity : 50;  // 50 bytes free, or all
  }};
  std::size_t most = 0;
  for (int i = 0; i < 200'000; ++i) {
    abi::ByteRingWriter<capacity> again = writer;  // full, whatever an earlier round has written
    const auto n = again.write(data);
    most = n > most ? n : most;
  }
  stop = true;
  reader.join();
  EXPECT_LE(most, data.size());
}

// An index that claims more than the ring holds moves no byte any more.
TEST(ByteRing, AnImpossibleIndexEndsTheStream) {
  const auto ring = std::make_unique<Ring>();
  abi::ByteRingWriter<capacity> writer{*ring};
  writer.reset();
  ring->indices.consumed = 1;
  const std::uint8_t byte = 0;
  EXPECT_EQ(writer.write({&byte, 1}), 0u);
  EXPECT_TRUE(writer.error());
  ring->indices.consumed = 0;
  EXPECT_EQ(writer.write({&byte, 1}), 0u) << "and it stays so";
}

}  // namespace
