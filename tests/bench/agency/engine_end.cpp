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

std::uint64_t EngineEnd::reached(std::uint32_t slot, abi::State state) const {
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
    if (change->slot == slot && change->to == state) return change->counter;
  return 0;
}

std::size_t EngineEnd::write(agency::Bytes bytes) {
  in_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (in_.size() >= sizeof(abi::link::Frame)) {
    const auto head = head_of<abi::link::Frame>(in_);
    const std::size_t whole = sizeof head + head.length;
    if (in_.size() < whole) break;
    frame(head, std::string_view{in_}.substr(sizeof head, head.length));
    in_.erase(0, whole);
  }
  return bytes.size();
}

void EngineEnd::close() { printk(KERN_ERR "bench: the agency closed the link\n"); }

void EngineEnd::frame(const abi::link::Frame& head, std::string_view payload) {
  if (static_cast<Type>(head.type) == Type::state) {
    const auto change = head_of<abi::link::StateChange>(payload);
    changes_.push_back({change.slot, static_cast<abi::State>(change.to), counter()});
  } else if (static_cast<Type>(head.type) == Type::reply && head.id == last_id_) {
    const auto reply = head_of<abi::link::Reply>(payload);
    answer_ = Answer{static_cast<abi::Status>(reply.status), reply.value, std::string{payload.substr(sizeof reply)}};
    bell_.ring();
  }
}

}  // namespace bench
