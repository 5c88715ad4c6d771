#include "engine/neighbours/line.hpp"

#include <fmt/format.h>

#include <boost/asio/write.hpp>
#include <cstring>

#include "engine/link/frame.hpp"

namespace engine::neighbours {

using boost::system::error_code;
using link::bytes_of;

namespace {

std::unexpected<Error> broken(std::string rule) { return fail(Errc::refused, std::move(rule)); }

}  // namespace

Line::Line(boost::asio::io_context& io, FileDescriptor socket, Owner& owner) : socket_{io}, owner_{&owner} {
  error_code error;
  socket_.assign(boost::asio::local::stream_protocol(), socket.release(), error);
}

void Line::start() { read(); }

void Line::greet(const Greeting& own) {
  if (ended_) return;
  put(Type::greeting, bytes_of(own));
  has_greeted_ = true;
  for (const auto& message : std::exchange(held_, {})) {
    outbox_bytes_ -= message.size();
    put(Type::message, message);
  }
}

void Line::send(std::span<const std::uint8_t> message) {
  if (ended_) return;
  if (outbox_bytes_ > outbox_max) return leave(Leave::refused, "it does not read what is sent to it");
  if (has_greeted_) return put(Type::message, message);
  outbox_bytes_ += message.size();
  held_.emplace_back(message.begin(), message.end());
}

void Line::leave(Leave how, std::string_view why) {
  if (ended_) return;
  const Farewell farewell{static_cast<std::uint32_t>(how), 0};
  leaving_ = true;
  put(Type::farewell, bytes_of(farewell), {reinterpret_cast<const std::uint8_t*>(why.data()), why.size()});
  end({how == Leave::ended ? Leave::unlinked : how, std::string(why)});
}

void Line::go_on() {
  if (std::exchange(waiting_, false) && !ended_) read();
}

void Line::read() {
  if (owner_->full()) {
    waiting_ = true;
    return;
  }
  socket_.async_read_some(boost::asio::buffer(part_), [self = shared_from_this()](error_code error, std::size_t n) {
    if (self->ended_) return;
    self->take(n);
    // A neighbour that says nothing before it goes was killed, and the kernel has ended its machine with it.
    if (error) return self->end({Leave::ended, "it ended without a word"});
    if (!self->ended_) self->read();
  });
}

void Line::take(std::size_t bytes) {
  received_.insert(received_.end(), part_.begin(), part_.begin() + static_cast<std::ptrdiff_t>(bytes));
  std::size_t at = 0;
  while (!ended_ && received_.size() - at >= sizeof(Head)) {
    Head head;
    std::memcpy(&head, received_.data() + at, sizeof head);
    if (head.length > length_max)
      return leave(Leave::refused, fmt::format("a message of {} bytes, the limit is {}", head.length, length_max));
    if (received_.size() - at - sizeof head < head.length) break;
    const auto payload = std::span(received_).subspan(at + sizeof head, head.length);
    at += sizeof head + head.length;
    if (const auto taken = take(static_cast<Type>(head.type), payload); !taken)
      return leave(Leave::refused, taken.error().message);
  }
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(at));
}

Result<> Line::take(Type type, std::span<const std::uint8_t> payload) {
  if (!greeted_ && type != Type::greeting && type != Type::farewell) return broken("no greeting came first");
  switch (type) {
    case Type::greeting: {
      Greeting g;
      if (greeted_) return broken("a second greeting");
      if (payload.size() != sizeof g) return broken(fmt::format("a greeting of {} bytes", payload.size()));
      std::memcpy(&g, payload.data(), sizeof g);
      if (g.magic != greeting_magic) return broken("what answers is no smart object");
      if (g.version != wire_version)
        return broken(fmt::format("it speaks version {} of the protocol of engines, this one {}: use one release",
                                  g.version, wire_version));
      if (g.agency_uid == 0 || g.asked > 1 || g.reserved != 0 || g.name[sizeof g.name - 1] != '\0')
        return broken("a greeting with impossible values");
      greeted_ = true;
      owner_->greeted(shared_from_this(), g);
      return {};
    }
    case Type::message: owner_->message(*this, payload); return {};
    case Type::farewell: {
      Farewell f;
      if (payload.size() < sizeof f) return broken("a farewell cut short");
      std::memcpy(&f, payload.data(), sizeof f);
      if (f.leave < 1 || f.leave > 3) return broken("a farewell without a reason");
      end({static_cast<Leave>(f.leave), std::string(payload.begin() + sizeof f, payload.end())});
      return {};
    }
  }
  return broken(fmt::format("a message of type {}", static_cast<std::uint32_t>(type)));
}

void Line::put(Type type, std::span<const std::uint8_t> head, std::span<const std::uint8_t> rest) {
  const Head h{static_cast<std::uint32_t>(type), static_cast<std::uint32_t>(head.size() + rest.size())};
  std::vector<std::uint8_t> bytes(sizeof h + h.length);
  std::memcpy(bytes.data(), &h, sizeof h);
  if (!head.empty()) std::memcpy(bytes.data() + sizeof h, head.data(), head.size());
  if (!rest.empty()) std::memcpy(bytes.data() + sizeof h + head.size(), rest.data(), rest.size());
  outbox_bytes_ += bytes.size();
  outbox_.push_back(std::move(bytes));
  if (outbox_.size() == 1) write();
}

void Line::write() {
  boost::asio::async_write(socket_, boost::asio::buffer(outbox_.front()),
                           [self = shared_from_this()](error_code error, std::size_t n) {
                             if (error) return;  // the reader sees the end
                             self->outbox_bytes_ -= n;
                             self->outbox_.pop_front();
                             if (!self->outbox_.empty()) return self->write();
                             error_code ignored;
                             if (self->leaving_) self->socket_.close(ignored);
                           });
}

void Line::end(End how) {
  if (std::exchange(ended_, true)) return;
  error_code ignored;
  if (!leaving_) socket_.close(ignored);
  owner_->ended(*this, how);
}

}  // namespace engine::neighbours
