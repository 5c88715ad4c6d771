#include <cstdlib>

#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {
namespace {

// xorshift32: the same sequence in every run.
class Sequence {
 public:
  std::uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

 private:
  std::uint32_t state_ = 2463534242;
};

constexpr std::uint32_t live_blocks = 64;

// Frees a block chosen by chance and takes another one of 16 to 2,063 bytes for it.
class Mix {
 public:
  ~Mix() {
    for (void* block : blocks_) free(block);
  }
  void step() {
    const std::uint32_t random = sequence_.next();
    void*& block = blocks_[random % live_blocks];
    free(block);
    block = malloc(16 + (random >> 8) % 2048);
  }
  void control() {
    const std::uint32_t random = sequence_.next();
    void*& block = blocks_[random % live_blocks];
    asm volatile("" : : "r"(&block), "r"(16 + (random >> 8) % 2048));
  }

 private:
  Sequence sequence_;
  void* blocks_[live_blocks] = {};
};

void measure_mix() {
  constexpr std::uint32_t steps = 4096;
  Mix mix, control;
  run(steps, [&mix] { mix.step(); });  // until every place is taken and the heap is in pieces
  const std::uint64_t total = run(steps, [&mix] { mix.step(); }) - run(steps, [&control] { control.control(); });
  report("malloc_free_mix", mean(total, steps));
}

}  // namespace

void measure_heap() {
  measure("malloc_free_128", "malloc_free_128_cold", 1000, [] {
    void* block = malloc(128);
    asm volatile("" : "+r"(block));
    free(block);
  });
  measure_mix();
}

}  // namespace bench
