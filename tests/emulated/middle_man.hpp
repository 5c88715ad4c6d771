// Stands between two smart objects on their link and decides about every message of their agencies.
#pragma once
#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "engine/host/file_descriptor.hpp"
#include "engine/neighbours/wire.hpp"
#include "so3/abi/transfer.hpp"

namespace emulated {

class MiddleMan {
 public:
  // What goes past; numbered from 1, both ways together.
  struct Passing {
    unsigned number;
    bool there;  // from the side that asked for the link
    abi::transfer::Message head;

    abi::transfer::Type type() const { return static_cast<abi::transfer::Type>(head.type); }
  };
  enum class Fate {
    pass,
    drop,
    twice,    // sent two times
    corrupt,  // one bit of its last byte is another
    late,     // after the next one of its transfer that goes the same way
    cut,      // the message is lost, and both sides hear that the link is gone
  };
  using Judge = std::function<Fate(const Passing&)>;

  explicit MiddleMan(Judge judge);
  ~MiddleMan();

  // The ends that the two smart objects get, once.
  engine::FileDescriptor asking() { return std::move(far_[0]); }
  engine::FileDescriptor accepting() { return std::move(far_[1]); }

 private:
  struct Side {
    engine::FileDescriptor fd;
    std::vector<std::uint8_t> received;
    std::map<std::uint64_t, std::vector<std::uint8_t>> late;  // by instance
  };
  void run();
  bool take(int from);
  void message(int from, std::vector<std::uint8_t> frame);
  void put(int to, std::span<const std::uint8_t> bytes);
  void part();

  Judge judge_;
  std::array<Side, 2> sides_;
  std::array<engine::FileDescriptor, 2> far_;
  engine::FileDescriptor stop_;
  unsigned passed_ = 0;
  bool parted_ = false;
  std::thread thread_;
};

}  // namespace emulated
