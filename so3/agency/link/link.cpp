#include "so3/agency/link/link.hpp"

#include <algorithm>

#include "so3/abi/vbstore.hpp"

namespace agency {
namespace {

// A log line is whole or not there, so room for less than the longest counts as none.
constexpr std::size_t line_max = 2048;

}  // namespace

void Link::open() {
  decoder_.reset();
  out_.clear();
  sent_ = 0;
  credit_ = 0;
  ++session_;
  open_ = true;
  client_->link_opened();
}

// Assigning an empty string would keep the memory.
void Link::forget_queue() {
  std::string{}.swap(out_);
  sent_ = 0;
}

void Link::closed() {
  if (!open_) return;
  open_ = false;
  forget_queue();
  client_->link_closed("the engine closed it");
}

void Link::drop(std::string_view why) {
  open_ = false;
  forget_queue();
  port_->close();
  client_->link_closed(why);
}

void Link::receive(Bytes bytes) {
  while (open_ && !bytes.empty()) {
    bytes = bytes.subspan(decoder_.take(bytes));
    if (decoder_.fault() != nullptr) return drop(decoder_.fault());
    if (const auto request = decoder_.request()) client_->link_request(*request);
  }
}

void Link::flush() {
  while (sent_ < out_.size()) {
    const auto taken = port_->write({reinterpret_cast<const std::uint8_t*>(out_.data()) + sent_, out_.size() - sent_});
    if (taken == 0) break;
    sent_ += taken;
  }
  if (sent_ == out_.size() && sent_ != 0) {
    // What a burst took is not kept for the next: a stream of an ME is one.
    if (out_.capacity() > kept_max) forget_queue();
    else out_.clear();
    sent_ = 0;
    client_->link_drained();
  } else if (sent_ > log_queue_max) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  if (room_wanted_ && room() != 0) {
    room_wanted_ = false;
    client_->link_log_room();
  }
}

void Link::send(abi::link::Type type, std::uint32_t id, std::string_view head, std::string_view tail) {
  if (!open_) return;
  append_frame(out_, type, id, head, tail);
  flush();
  if (out_.size() - sent_ > queue_max) drop("the engine does not read");
}

void Link::reply(std::uint32_t id, abi::Status status, std::uint64_t value, std::string_view tail) {
  const abi::link::Reply reply{static_cast<std::int64_t>(status), value};
  send(abi::link::Type::reply, id, raw(reply), tail.substr(0, abi::link::length_max - sizeof reply));
}

std::size_t Link::room() const {
  if (!open_ || out_.size() - sent_ >= log_queue_max || credit_ < line_max) return 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(credit_, abi::link::length_max - sizeof(abi::link::Log)));
}

std::size_t Link::log_room() {
  const auto bytes = room();
  if (bytes == 0) room_wanted_ = true;
  return bytes;
}

void Link::send_log(std::uint32_t slot, std::string_view lines) {
  credit_ -= std::min<std::uint64_t>(credit_, lines.size());
  const abi::link::Log log{slot, 0};
  send(abi::link::Type::log, 0, raw(log), lines);
}

void Link::add_credit(std::uint64_t bytes) {
  credit_ = bytes > UINT64_MAX - credit_ ? UINT64_MAX : credit_ + bytes;
  flush();
}

}  // namespace agency
