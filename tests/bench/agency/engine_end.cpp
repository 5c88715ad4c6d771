#include "tests/bench/agency/engine_end.hpp"

#include <cstring>
#include <utility>

#include "so3/abi/version.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

using abi::link::Type;

namespace {

template <typename T>
T head_of(std::string_view payload) {
  T value{};
  std::memcpy(&value, payload.data(), payload.size() < sizeof value ? payload.size() : sizeof value);
  return value;
}

agency::Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void EngineEnd::connect(agency::Link& link) {
  link_ = &link;
  link.open();
  std::string out;
  abi::link::Hello hello{};
  hello.abi_version = abi::version;
  hello.agency_uid = 1;
  std::strcpy(hello.name, "bench");
  agency::append_frame(out, Type::hello, 0, agency::raw(hello));
  const abi::link::Credit credit{.bytes = 1 << 30};
  agency::append_frame(out, Type::log_credit, 0, agency::raw(credit));
  link.receive(as_bytes(out));
}

agency::Task<Answer> EngineEnd::request(Type type, std::string payload) {
  std::string out;
  agency::append_frame(out, type, ++last_id_, payload);
  answer_.reset();
  link_->receive(as_bytes(out));
  while (!answer_) co_await bell_;
  co_return std::move(*answer_);
}

void EngineEnd::link_frame(std::string& out, std::uint32_t peer, std::string_view message) {
  agency::append_frame(out, Type::peer, 0, agency::raw(abi::link::Peer{peer, 0}), message);
}

void EngineEnd::hand_over(std::string_view frames) { link_->receive(as_bytes(frames)); }

void EngineEnd::forget() {
  changes_.clear();
  callbacks_.clear();
}

std::uint64_t EngineEnd::called(const abi::link::Callback& wanted) const {
  for (auto one = callbacks_.rbegin(); one != callbacks_.rend(); ++one) {
    const auto& [callback, when] = *one;
    if (callback.slot == wanted.slot && callback.kind == wanted.kind && callback.number == wanted.number &&
        callback.ended == wanted.ended)
      return when;
  }
  return 0;
}

std::uint64_t EngineEnd::begun(std::uint32_t slot, abi::Domcall callback) const {
  return called(
      {.slot = slot, .kind = 0, .number = static_cast<std::uint32_t>(callback), .result = 0, .ended = 0, .detail = 0});
}

std::uint64_t EngineEnd::ended(std::uint32_t slot, abi::DcEvent callback) const {
  return called(
      {.slot = slot, .kind = 1, .number = static_cast<std::uint32_t>(callback), .result = 0, .ended = 1, .detail = 0});
}

std::uint64_t EngineEnd::reached(std::uint32_t slot, abi::State state) const {
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
    if (change->slot == slot && change->to == state) return change->counter;
  return 0;
}

std::size_t EngineEnd::write(agency::Bytes bytes) {
  // What comes is nearly always whole frames: read where they are, so that little of this is counted.
  const std::string_view fresh{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  if (!in_.empty()) in_.append(fresh);
  std::string_view rest = in_.empty() ? fresh : std::string_view{in_};
  while (rest.size() >= sizeof(abi::link::Frame)) {
    const auto head = head_of<abi::link::Frame>(rest);
    const std::size_t whole = sizeof head + head.length;
    if (rest.size() < whole) break;
    frame(head, rest.substr(sizeof head, head.length));
    rest.remove_prefix(whole);
  }
  in_ = std::string{rest};
  return bytes.size();
}

void EngineEnd::close() { printk(KERN_ERR "bench: the agency closed the link\n"); }

void EngineEnd::frame(const abi::link::Frame& head, std::string_view payload) {
  switch (static_cast<Type>(head.type)) {
    case Type::state: {
      const auto change = head_of<abi::link::StateChange>(payload);
      changes_.push_back({change.slot, static_cast<abi::State>(change.to), counter()});
      break;
    }
    case Type::callback: callbacks_.push_back({head_of<abi::link::Callback>(payload), counter()}); break;
    case Type::peer: {
      const auto peer = head_of<abi::link::Peer>(payload);
      if (relay_ != nullptr) relay_->message(peer.peer, payload.substr(sizeof peer));
      break;
    }
    case Type::transfer:
      if (relay_ != nullptr) relay_->changed(head_of<abi::link::TransferChange>(payload));
      break;
    case Type::reply: {
      if (head.id != last_id_) break;
      const auto reply = head_of<abi::link::Reply>(payload);
      answer_ = Answer{static_cast<abi::Status>(reply.status), reply.value, std::string{payload.substr(sizeof reply)}};
      bell_.ring();
      break;
    }
    default: break;
  }
}

}  // namespace bench
