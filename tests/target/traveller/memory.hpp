// What a traveller carries from place to place: words that are a function of how many were written. The host has the same,
// so that it knows what must arrive.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace traveller {

class Memory {
 public:
  static constexpr std::size_t words = 32 * 1024;  // 256 KB
  static constexpr unsigned words_at_once = 32, pause_ms = 5;  // how fast a traveller writes at most
  static constexpr std::uint64_t stride = 4099;  // odd: comes past every word, each time in another page

  std::uint64_t count() const { return count_; }
  // Over all words; kept up to date with each write.
  std::uint64_t checksum() const { return checksum_; }

  // False: the word that is written next is not what it must be.
  [[nodiscard]] bool write() {
    const auto at = count_ * stride % words;
    const auto round = count_ / words;
    const auto old = round == 0 ? 0 : value(at, round - 1);
    if (words_[at] != old) return false;
    words_[at] = value(at, round);
    checksum_ ^= old ^ words_[at];
    ++count_;
    return true;
  }

  // Whether each word is what it must be.
  [[nodiscard]] bool intact() const {
    const auto round = count_ / words, in_round = count_ % words;
    std::uint64_t sum = 0;
    for (std::uint64_t n = 0; n < words; ++n) {
      const auto at = n * stride % words;
      const auto rounds = round + (n < in_round ? 1 : 0);  // so often it was written
      if (words_[at] != (rounds == 0 ? 0 : value(at, rounds - 1))) return false;
      sum ^= words_[at];
    }
    return sum == checksum_;
  }

 private:
  static constexpr std::uint64_t value(std::uint64_t at, std::uint64_t round) {
    auto x = at * 0x9e37'79b9'7f4a'7c15 + round + 1;
    x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
    x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
    return x ^ (x >> 31);
  }

  std::array<std::uint64_t, words> words_{};
  std::uint64_t count_ = 0, checksum_ = 0;
};

}  // namespace traveller
