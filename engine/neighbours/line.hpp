// One stream to the engine of a neighbour, in the thread of its io_context. What comes is not trusted.
#pragma once
#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"
#include "engine/neighbours/wire.hpp"

namespace engine::neighbours {

// How a line ended, as far as this side can know.
struct End {
  Leave how;        // ended: the neighbour, with all it had; from this side never
  std::string why;  // a sentence
};

class Line : public std::enable_shared_from_this<Line> {
 public:
  struct Owner {
    virtual ~Owner() = default;
    virtual void greeted(const std::shared_ptr<Line>& line, const Greeting& greeting) = 0;
    // There is no room for what would come now: the line reads no more until go_on().
    virtual bool full() const = 0;
    virtual void message(Line& line, std::span<const std::uint8_t> bytes) = 0;
    virtual void ended(Line& line, const End& end) = 0;  // once, the last of all
  };

  // More than this waiting to be sent: the other side does not read, the line is given up.
  static constexpr std::size_t outbox_max = 64 << 20;

  Line(boost::asio::io_context& io, FileDescriptor socket, Owner& owner);
  void start();
  void greet(const Greeting& own);
  void send(std::span<const std::uint8_t> message);
  void go_on();
  // Says why, and closes when that is sent; ended() is called now.
  void leave(Leave how, std::string_view why);

 private:
  void read();
  void take(std::size_t bytes);
  [[nodiscard]] Result<> take(Type type, std::span<const std::uint8_t> payload);
  void put(Type type, std::span<const std::uint8_t> head, std::span<const std::uint8_t> rest = {});
  void write();
  void end(End how);

  boost::asio::local::stream_protocol::socket socket_;
  Owner* owner_;
  bool greeted_ = false, ended_ = false, leaving_ = false, waiting_ = false;
  std::array<std::uint8_t, 64 * 1024> part_;
  std::vector<std::uint8_t> received_;
  std::deque<std::vector<std::uint8_t>> outbox_;
  std::size_t outbox_bytes_ = 0;  // of what is held, too
  bool has_greeted_ = false;
  // An agency speaks to a neighbour as soon as it has been told of it; the greeting goes first.
  std::vector<std::vector<std::uint8_t>> held_;
};

}  // namespace engine::neighbours
