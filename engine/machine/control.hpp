// The control port of a machine: frames to its agency, in order, and frames from it.
#pragma once
#include <boost/asio/local/stream_protocol.hpp>
#include <deque>

#include "engine/host/file_descriptor.hpp"
#include "engine/link/frame.hpp"
#include "engine/machine/stream_reader.hpp"

namespace engine {

class Control {
 public:
  explicit Control(boost::asio::io_context& io) : reader_{io} {}

  // Each frame goes to `take`, until one breaks a rule: of frames, or because `take` says so. Then `broken` gets to
  // know which, and what comes after is thrown away. `at_end`: nothing more will come.
  void start(FileDescriptor socket, std::function<Result<>(const link::Frame&)> take,
             std::function<void(std::string)> broken, std::function<void()> at_end);
  void send(abi::link::Type type, std::uint32_t id, std::span<const std::uint8_t> payload);
  // More than full_at bytes wait for the agency: whoever passes on what strangers send has to wait, and `drained` is
  // called when half of that is gone. What is sent all the same is sent.
  bool full() const { return outbox_bytes_ > full_at; }
  void on_drained(std::function<void()> drained) { drained_ = std::move(drained); }
  static constexpr std::size_t full_at = 4 << 20;
  void finish() { reader_.finish(); }
  void close();

 private:
  void take_bytes(std::string_view bytes);
  void write_next();

  StreamReader<boost::asio::local::stream_protocol::socket> reader_;
  link::FrameReader frames_;
  std::deque<link::Bytes> outbox_;
  std::size_t outbox_bytes_ = 0;
  bool was_full_ = false;
  std::function<void()> drained_;
  std::function<Result<>(const link::Frame&)> take_;
  std::function<void(std::string)> broken_;
  bool believed_ = true;
};

}  // namespace engine
