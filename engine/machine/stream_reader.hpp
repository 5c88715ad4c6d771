// A descriptor that is read to its end, in the thread of its io_context.
#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <string_view>

namespace engine {

// `Stream` is a socket or a descriptor of Boost.Asio. Lives as long as its io_context has work.
template <class Stream>
class StreamReader {
 public:
  explicit StreamReader(boost::asio::io_context& io) : stream_{io} {}

  Stream& stream() { return stream_; }

  // `take` gets the bytes as they come; then, once, `at_end` is called.
  void start(std::function<void(std::string_view)> take, std::function<void()> at_end) {
    take_ = std::move(take);
    at_end_ = std::move(at_end);
    read();
  }

  // Its writer is no more: takes what is still there and ends, even if others hold the writing end open.
  void finish() {
    boost::system::error_code error;
    finishing_ = true;
    stream_.cancel(error);
  }

 private:
  void read() {
    stream_.async_read_some(boost::asio::buffer(bytes_), [this](boost::system::error_code error, std::size_t n) {
      take_({bytes_.data(), n});
      if (!error && !finishing_) return read();
      if (finishing_) take_rest();
      at_end_();
    });
  }

  // Here and not in finish(): a read that was done before has left its bytes in the buffer until its handler ran.
  void take_rest() {
    boost::system::error_code error;
    stream_.non_blocking(true, error);
    for (std::size_t n; (n = stream_.read_some(boost::asio::buffer(bytes_), error)) > 0 && !error;)
      take_({bytes_.data(), n});
  }

  Stream stream_;
  std::array<char, 64 * 1024> bytes_;
  std::function<void(std::string_view)> take_;
  std::function<void()> at_end_;
  bool finishing_ = false;
};

}  // namespace engine
