#include "engine/machine/control.hpp"

#include <boost/asio/write.hpp>

namespace engine {

using boost::system::error_code;

void Control::start(FileDescriptor socket, std::function<Result<>(const link::Frame&)> take,
                    std::function<void(std::string)> broken, std::function<void()> at_end) {
  take_ = std::move(take);
  broken_ = std::move(broken);
  error_code error;
  reader_.stream().assign(boost::asio::local::stream_protocol(), socket.release(), error);
  reader_.start([this](std::string_view bytes) { take_bytes(bytes); }, std::move(at_end));
}

void Control::take_bytes(std::string_view bytes) {
  if (!believed_) return;
  frames_.feed({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  while (true) {
    auto frame = frames_.next();
    if (frame && !*frame) return;
    const auto taken = frame ? take_(**frame) : Result<>(std::unexpected(frame.error()));
    if (taken) continue;
    believed_ = false;
    return broken_(taken.error().message);
  }
}

void Control::send(abi::link::Type type, std::uint32_t id, std::span<const std::uint8_t> payload) {
  outbox_.push_back(link::encode(type, id, payload));
  outbox_bytes_ += outbox_.back().size();
  was_full_ |= full();
  if (outbox_.size() == 1) write_next();
}

void Control::write_next() {
  boost::asio::async_write(reader_.stream(), boost::asio::buffer(outbox_.front()),
                           [this](error_code error, std::size_t n) {
                             if (error) return;  // QEMU is gone or going: its end is told by pidfd
                             outbox_bytes_ -= n;
                             outbox_.pop_front();
                             if (!outbox_.empty()) write_next();
                             if (was_full_ && outbox_bytes_ <= full_at / 2) {
                               was_full_ = false;
                               if (drained_) drained_();
                             }
                           });
}

void Control::close() {
  error_code error;
  reader_.stream().close(error);
}

}  // namespace engine
